"""What is kept of each step, and the summary of a run."""

import json
import math
from dataclasses import replace

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_trainer.health import LN2
from rlvf_trainer.metrics import StepMetrics, dump_metrics, parse_metrics, summarize

STEP = StepMetrics(
    step=1,
    loss=1.9,
    preference_loss=LN2,
    sft_loss=1.2,
    margin=0.0,
    accuracy=0.0,
    logps_chosen=-80.0,
    logps_rejected=-90.0,
    reward_chosen=0.0,
    reward_rejected=0.0,
    grad_norm=1.0,
    learning_rate=0.0,
)


def steps(*losses: float) -> list[StepMetrics]:
    return [
        replace(STEP, step=number, preference_loss=loss, margin=LN2 - loss)
        for number, loss in enumerate(losses, start=1)
    ]


def test_metrics_survive_writing_and_reading() -> None:
    written = steps(LN2, 0.6, 0.5)
    assert parse_metrics(dump_metrics(written)) == written


def test_a_number_that_is_none_is_written_as_json_knows_it() -> None:
    line = dump_metrics(steps(math.nan)).decode()
    assert json.loads(line, parse_constant=pytest.fail)["preference_loss"] is None
    assert math.isnan(parse_metrics(line.encode())[0].preference_loss)


def test_the_summary_tells_first_last_and_mean_loss_apart() -> None:
    summary = summarize(steps(LN2, 0.6, 0.5), pairs=48, beta=0.1, seconds=7.5, warnings=[])
    assert summary.pairs == 48
    assert summary.steps == 3
    assert summary.first_loss == LN2
    assert summary.last_loss == 0.5
    assert summary.mean_loss == pytest.approx((LN2 + 1.1) / 3)
    assert summary.last_margin == pytest.approx(LN2 - 0.5)
    assert summary.duration.ToTimedelta().total_seconds() == 7.5
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    assert summary.detail == ""


def test_the_summary_of_a_diverged_run_says_so() -> None:
    summary = summarize(steps(LN2, math.nan), pairs=4, beta=0.1, seconds=1, warnings=["careful"])
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_DIVERGED
    assert summary.detail == "the loss of step 2 is not a number; careful"
