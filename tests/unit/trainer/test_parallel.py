"""How processes divide the micro-batches of a step."""

from datetime import timedelta
from itertools import zip_longest
from typing import Any

import pytest
from torch import distributed
from torch.utils.data import BatchSampler, SequentialSampler

from rlvf_trainer.job.parallel import _Share, joined
from rlvf_trainer.job.processes import wanted_processes


def _in_parts(batches: list[list[int]], size: int) -> list[list[list[int]]]:
    return [batches[at : at + size] for at in range(0, len(batches), size)]


@pytest.mark.parametrize("processes", [2, 3, 4])
@pytest.mark.parametrize("records", [1, 2, 7, 24, 25, 47])
def test_together_they_have_each_step_of_one_process(
    records: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    per_process = 2
    in_step = per_process * processes
    whole = BatchSampler(SequentialSampler(range(records)), batch_size=2, drop_last=False)
    shares = []
    for rank in range(processes):
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setenv("WORLD_SIZE", str(processes))
        share = _Share(whole, in_step)
        batches = list(share)
        assert len(share) == len(batches)
        shares.append(
            [batches[at : at + per_process] for at in range(0, len(batches), per_process)]
        )
    steps = [list(whole)[at : at + in_step] for at in range(0, len(whole), in_step)]
    # All processes have a part of every step.
    assert {len(share) for share in shares} == {len(steps)}
    for step, *parts in zip(steps, *shares, strict=True):
        assert all(parts)
        in_turn = [one for turn in zip_longest(*parts) for one in turn if one is not None]
        assert in_turn[: len(step)] == step
        # What is there twice is the step's first, in a process that has none of its own.
        assert all(one == step[0] for one in in_turn[len(step) :])


@pytest.mark.parametrize(("setting", "number"), [(0, 1), (1, 1), (2, 2)])
def test_a_job_has_the_processes_that_are_asked_for(
    setting: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glob.glob", lambda _: [])
    assert wanted_processes(setting) == number


def test_by_default_a_job_has_a_process_for_each_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glob.glob", lambda _: ["/dev/nvidia0", "/dev/nvidia1"])
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert wanted_processes(0) == 2
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert wanted_processes(0) == 1


@pytest.mark.parametrize(
    ("visible", "number"),
    [
        ("1", 1),
        ("0,1", 2),
        ("", 1),
        ("-1", 1),
        ("0,-1,1", 1),
        ("0,,1", 1),
        ("GPU-1a, GPU-2b", 2),
        ("0,1,2", 2),
    ],
)
def test_a_job_has_a_process_for_each_gpu_that_is_visible(
    visible: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glob.glob", lambda _: ["/dev/nvidia0", "/dev/nvidia1"])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert wanted_processes(0) == number
    # Who sets the number means it.
    assert wanted_processes(3) == 3


def test_processes_wait_for_the_one_that_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(distributed, "init_process_group", lambda _, **more: given.update(more))
    monkeypatch.setattr(distributed, "destroy_process_group", lambda: None)
    with joined():
        assert given["timeout"] >= timedelta(hours=12)
