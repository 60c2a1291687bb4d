"""Which adapters are handed to inference, and what a checkpoint has of them."""

from typing import Any

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.hyperparameters import Hyperparameters, Loss
from rlvf_trainer.job.online.schedule import Schedule

pytestmark = pytest.mark.filterwarnings("ignore")


def ref(step: int) -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(uri=f"s3://{step}", sha256=f"{step:064x}")


def test_what_a_later_step_needs_is_published_kept_and_restored() -> None:
    from transformers import TrainerControl, TrainerState

    from rlvf_trainer.job.online.publishing import Publishing

    hyper = Hyperparameters(
        loss=Loss.DAPO, batch_size=4, group_size=2, sync_steps=2, staleness=1, epochs=3
    )
    schedule = Schedule(4, hyper)
    warmed: list[artifact_pb2.ArtifactRef] = []
    kept: dict[int, artifact_pb2.ArtifactRef] = {}
    state = TrainerState()

    def publishing() -> Publishing:
        return Publishing(
            schedule, None, lambda: ref(state.global_step), warmed.append, kept.__setitem__
        )

    first = publishing()
    for step in range(1, schedule.total_steps + 1):
        state.global_step = step
        arguments: Any = None
        first.on_step_end(arguments, state, TrainerControl())
    # Six steps: the fifth and the sixth sample with the second's and the fourth's.
    assert warmed == [ref(2), ref(4)]
    assert kept == {2: ref(2), 4: ref(4)}
    assert first.sync_time is not None
    kept.clear()
    second = publishing()
    second.restore(first.dump())
    assert [second.after(step) for step in (0, 2, 4)] == [None, ref(2), ref(4)]
    assert kept == {2: ref(2), 4: ref(4)}
