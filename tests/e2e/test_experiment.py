"""A whole experiment, as a person runs it: once undisturbed, again, and with everything killed in
turn.

All components are real: vLLM, nsjail, S3, training. The experiment is tiny, and its numbers mean
nothing.
"""

import contextlib
import json
import math
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest

from rlvf_client.local_stack.stack import LocalStack
from rlvf_client.progress.activity import activities
from rlvf_common import starter
from rlvf_common.problems.problem import dump_problems
from rlvf_common.rpc.version import code_sha256, package_of
from rlvf_common.storage.artifacts import ArtifactStore

from ..loading import load_elsewhere
from .places import Place

pytestmark = pytest.mark.slow

_TASKS = 40

TINY = """
name: tiny
model: smollm2-135m-instruct
prompt_style: completion
min_usable: 0
problems: {source: starter, split: train, limit: 20}
data:
  sampling: {samples_per_problem: 8, temperature: 0.8, max_tokens: 96}
  selection: {rejected: any, max_length_ratio: 9, max_length_imbalance: 0.5}
  audit: {on_shortcut: record}
training:
  ladder: [2, 6]
  precision: bf16
  batch_size: 2
  micro_batch_size: 2
  max_length: 384
  warmup_ratio: 0.0
  checkpoint_steps: 1
arms:
  - {name: rounds, size: 4, training: {rounds: 2, reference: start}}
evaluation:
  benchmarks: [few]
  sampling: {max_tokens: 24}
"""


@pytest.fixture(scope="module")
def make_place(
    tmp_path_factory: pytest.TempPathFactory, model_home: Path
) -> Iterator[Callable[[], Place]]:
    places = []

    def make() -> Place:
        folder = tmp_path_factory.mktemp("experiment")
        home = folder / "home"
        home.mkdir()
        (home / "models").symlink_to(model_home)
        (folder / "tiny.yaml").write_text(TINY)
        (folder / "benchmarks").mkdir()
        few = dump_problems(starter.load("held_out")[:_TASKS])
        (folder / "benchmarks" / "few.jsonl").write_bytes(few)
        places.append(Place(home, folder / "tiny.yaml", folder / "out"))
        return places[-1]

    yield make
    for place in places:
        place.stop()


@pytest.fixture(scope="module")
def undisturbed(make_place: Callable[[], Place]) -> Place:
    place = make_place()
    place.run()
    return place


def digest(stderr: str) -> str:
    return next(line for line in stderr.splitlines() if line.startswith("report digest: "))


def descendants(process: "subprocess.Popen[str]", *words: str) -> Iterator[psutil.Process]:
    """Descendants of `process` whose command line has all these words."""
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            command = " ".join(child.cmdline())
        except psutil.Error:
            continue
        if all(word in command for word in words):
            yield child


def wait_for_line(place: Place, process: "subprocess.Popen[str]", start: str) -> None:
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        if line.startswith(start):
            return
        told.append(line)
    raise AssertionError(f"no line starts with {start!r}:\n{''.join(told)}{place.logs()}")


def kill_job_of(place: Place, process: "subprocess.Popen[str]", rung: str) -> None:
    """Kill the job that trains `rung` as soon as it exists. Progress reports cannot be awaited:
    they have the latest step, not every step."""
    wait_for_line(place, process, f"train {rung} ...")
    while not (jobs := list(descendants(process, "rlvf_trainer.job"))):
        assert process.poll() is None
    jobs[0].kill()


def test_a_run_is_listed_with_what_came_of_it(undisturbed: Place) -> None:
    [activity] = activities(undisturbed.home)
    assert (activity.name, activity.kind, activity.status) == ("tiny", "run", "done")
    assert activity.message == f"report: {undisturbed.out / 'report.html'}"
    log = Path(activity.log).read_text()
    for stage in ("rollouts", "train dpo-6", "evaluate base on few"):
        assert f" {stage} ...\n" in log
        assert f" {stage}: done in " in log


def test_the_report_holds_what_was_asked_for(undisturbed: Place) -> None:
    report = undisturbed.report()
    conditions = report["conditions"]
    assert [row["name"] for row in conditions] == [
        "base",
        "base-again",
        "dpo-2",
        "dpo-6",
        "rounds",
    ]
    for row in conditions:
        assert row["tasks"] == _TASKS
        assert 0 <= row["ci95"][0] <= row["pass_at_1"] <= row["ci95"][1] <= 1
    training = report["training"]
    assert [row["steps"] for row in training] == [1, 3, 2]
    for row in training:
        assert row["first_loss"] == pytest.approx(math.log(2), abs=2e-3)
        assert row["stopped_because"] == "completed"
    assert len(report["head_to_head"]) == 4
    stages = {row["stage"]: row for row in report["cost"]["stages"]}
    assert {name: row["operations"] for name, row in stages.items()} == {
        "sampling": 3,
        "grading": 3,
        "training": 4,
        "evaluating": 5,
        "total": 12,
    }
    assert all(row["amount"]["cpu_hours"] > 0 for row in stages.values())
    assert stages["evaluating"]["amount"]["samples_graded"] == 5 * _TASKS
    assert stages["sampling"]["amount"]["tokens"] > 0
    kinds = {file["kind"] for file in report["files"]}
    assert {"training problems", "graded samples", "pairs", "adapter", "completions"} <= kinds
    assert all(file["rows"] for file in report["files"] if file["kind"] != "adapter")
    versions = report["versions"]
    weights = versions["model sha256"]
    assert {row["weights_sha256"] for row in conditions} == {weights}
    assert versions["weights of smollm2-135m-instruct"] == weights
    for service in ("client", "evaluator", "executor", "inference", "pair-generator", "reporter"):
        assert versions[f"{service} code"] == code_sha256(
            package_of(service), "rlvf", "rlvf_api", "rlvf_common"
        )
    assert versions["trainer code"] == versions["training code"]
    assert versions["training torch"] == versions["inference torch"] == version("torch")
    assert versions["executor policy"]
    # One version of each, as all run on one machine.
    assert "version of" not in json.dumps(report["findings"])


def test_the_same_command_again_computes_nothing(undisturbed: Place) -> None:
    inference_log = undisturbed.home / "logs" / "inference.log"
    written = inference_log.stat().st_size
    first = undisturbed.run()
    again = undisturbed.run()
    assert digest(first) == digest(again)
    # The probe, five evaluations; the samples, the pairs and the trainings of two arms, and of the
    # two rounds of a third one, whose first has the samples of the others.
    assert again.count("already done") == 14
    assert inference_log.stat().st_size == written, "inference was started for nothing"


def test_a_ladder_that_is_too_long_is_told_without_sampling_again(undisturbed: Place) -> None:
    inference_log = undisturbed.home / "logs" / "inference.log"
    written = inference_log.stat().st_size
    longer = undisturbed.settings.with_name("longer.yaml")
    longer.write_text(TINY.replace("ladder: [2, 6]", "ladder: [2, 5000]"))
    process = replace(undisturbed, settings=longer, out=undisturbed.out / "longer").start()
    _, stderr = process.communicate()
    assert process.returncode == 1, stderr + undisturbed.logs()
    assert "rollouts: already done" in stderr
    last = stderr.splitlines()[-1]
    assert "5000 are needed" in last
    assert "shorten the ladder, which samples nothing again" in last
    assert inference_log.stat().st_size == written, "inference was started for nothing"


def test_a_killed_run_leaves_no_process_and_goes_on(
    undisturbed: Place, make_place: Callable[[], Place]
) -> None:
    place = make_place()
    process = place.start()
    wait_for_line(place, process, "rollouts ...")
    running = psutil.Process(process.pid).children(recursive=True)
    assert any(True for _ in descendants(process, "rlvf_pair_generator"))
    process.kill()
    process.communicate()
    assert psutil.wait_procs(running, timeout=60)[1] == []

    process = place.start()
    kill_job_of(place, process, "dpo-6")
    wait_for_line(place, process, "evaluate base on few ...")
    for words in (("rlvf_executor",), ("rlvf_inference",)):
        for victim in descendants(process, *words):
            with contextlib.suppress(psutil.NoSuchProcess):  # It ended with the one before it.
                if "guardian" not in " ".join(victim.cmdline()):
                    victim.kill()
    _, stderr = process.communicate()
    assert process.returncode == 0, stderr + place.logs()
    report = place.report()
    for row in report["training"]:
        assert row["stopped_because"] == "completed"
        assert row["steps"] == row["pairs"] / 2


def test_ctrl_c_says_how_to_continue_and_leaves_nothing(make_place: Callable[[], Place]) -> None:
    place = make_place()
    process = place.start()
    wait_for_line(place, process, "services: done")
    running = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()
    assert process.returncode == 130
    *_, ends, last = stderr.splitlines()
    assert ends == "the services that this command started end with it"
    assert last.startswith("rlvf: interrupted; what is finished is kept, to continue: rlvf run ")
    assert "Traceback" not in stderr
    assert psutil.wait_procs(running, timeout=60)[1] == []


def test_a_run_survives_the_loss_of_its_storage_in_an_export(
    undisturbed: Place, model_home: Path
) -> None:
    """`datasets` and PEFT read the export without RLVF; with an empty storage the run continues
    from it and computes nothing."""
    exported, lost = undisturbed.out.parent / "exported", undisturbed.home / "storage-lost"
    undisturbed.command("export", undisturbed.out, "--out", exported)
    found = load_elsewhere(
        exported, model_home / "smollm2-135m-instruct", "dpo-6", "dpo-6", "rounds-round-2"
    )
    assert found["ours"] == []
    assert found["changed"] > 0
    assert found["rows"]["dpo-6"] == 6
    assert {"prompt", "chosen", "rejected"} <= found["first"]["dpo-6"].keys()
    first = undisturbed.run()
    (undisturbed.home / "storage").rename(lost)
    try:
        place = replace(undisturbed, out=undisturbed.out.parent / "imported")
        place.command("import", exported, "--out", place.out)
        again = place.run()
        assert again.count("already done") == 14
        assert digest(again) == digest(first)
    finally:
        shutil.rmtree(undisturbed.home / "storage")
        lost.rename(undisturbed.home / "storage")


def test_gc_keeps_all_that_the_run_needs(undisturbed: Place) -> None:
    first = undisturbed.run()
    undisturbed.command("gc", "--yes")
    again = undisturbed.run()
    assert again.count("already done") == 14
    assert digest(again) == digest(first)


async def test_training_after_a_kill_gives_the_undisturbed_adapter(undisturbed: Place) -> None:
    """With the same pairs, a training whose job is killed ends in the same adapter, byte for
    byte."""
    before = undisturbed.report()["training"]
    async with LocalStack(undisturbed.home) as stack:
        await stack.ensure("storage")
        store = ArtifactStore.connect(stack.storage_settings())
        for prefix in ("operations/trainer/", "training/"):
            for key in store.list_documents(prefix):
                store.delete_document(key)
    process = undisturbed.start()
    kill_job_of(undisturbed, process, "dpo-6")
    kill_job_of(undisturbed, process, "rounds round 2")
    _, stderr = process.communicate()
    assert process.returncode == 0, stderr + undisturbed.logs()
    # The id of an evaluation depends on the adapter's digest.
    assert "evaluate dpo-6 on few: already done" in stderr
    assert "evaluate rounds on few: already done" in stderr
    after = undisturbed.report()["training"]
    losses = ("first_loss", "last_loss", "mean_loss")
    for one, other in zip(before, after, strict=True):
        assert [one[name] for name in losses] == [other[name] for name in losses]
