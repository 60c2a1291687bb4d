"""What the callback of a training refuses to go on from, and what it can do without."""

from pathlib import Path
from typing import Any

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_api.hyperparameters import Hyperparameters
from rlvf_trainer.metrics import LikelihoodStep, dump_metrics
from rlvf_trainer.runs import Run, divided_sha256

from ..doubles import StoreInMemory

pytestmark = pytest.mark.filterwarnings("ignore")

REQUEST = trainer_pb2.RunTrainingRequest(base_model="m")


class AwayStorage(StoreInMemory):
    """Cannot be reached."""

    def write_document(self, key: str, data: bytes) -> None:
        raise Unavailable("storage is away")


def test_progress_that_cannot_be_stored_does_not_end_the_job() -> None:
    from transformers import TrainerControl, TrainerState

    from rlvf_trainer.job.recorder import Recorder

    run = Run(AwayStorage(), "run")
    run.begin(1)
    recorder = Recorder(run, Hyperparameters(), REQUEST)
    arguments: Any = None
    state, control = TrainerState(), TrainerControl()
    recorder.on_train_begin(arguments, state, control)
    logs = {"nll": 1.0, "logps": -9.0, "grad_norm": 1.0, "learning_rate": 1e-4}
    # The last step is reported whenever it comes.
    control.should_training_stop = True
    recorder.on_log(arguments, state, control, logs)
    assert len(recorder.metrics) == 1


@pytest.mark.parametrize(("stop_after", "refused"), [(0, False), (2, True), (3, False), (4, False)])
def test_a_run_does_not_end_before_its_checkpoint(
    stop_after: int, refused: bool, tmp_path: Path
) -> None:
    from rlvf_trainer.job.recorder import Recorder

    steps = [LikelihoodStep(n, 1.0, -9.0, 1.0, 1e-4) for n in (1, 2, 3)]
    (tmp_path / "metrics.jsonl").write_bytes(dump_metrics(steps))
    (tmp_path / "seconds").write_text("1.0")
    (tmp_path / "request.sha256").write_text(divided_sha256(REQUEST))
    request = trainer_pb2.RunTrainingRequest(base_model="m", stop_after=stop_after)
    recorder = Recorder(Run(StoreInMemory(), "run"), Hyperparameters(), request)
    if refused:
        with pytest.raises(FailedPrecondition, match=r"it is of step 3, .* after step 2"):
            recorder.restore(tmp_path)
        return
    recorder.restore(tmp_path)
    assert recorder.metrics == steps
