"""What is kept of each step, and the summary of a run."""

import json
import math
from dataclasses import replace

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import Hyperparameters, Loss
from rlvf_trainer.metrics import (
    LikelihoodStep,
    Measured,
    PreferenceStep,
    dump_metrics,
    parse_metrics,
)
from rlvf_trainer.preference_health import LN2
from rlvf_trainer.summary import diverged, first_step_problem, summarize

STEP = PreferenceStep(
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
    token_logp_chosen=-2.0,
    token_logp_rejected=-2.5,
    kl=0.0,
)
LIKELIHOOD = LikelihoodStep(step=1, loss=0.5, logps=-20.0, grad_norm=1.0, learning_rate=0.0)
RFT = Hyperparameters(loss=Loss.NLL)


def steps(*losses: float) -> list[PreferenceStep]:
    """With margins that no rule minds."""
    return [
        replace(STEP, step=number, preference_loss=loss, margin=3 * (LN2 - loss))
        for number, loss in enumerate(losses, start=1)
    ]


def test_metrics_survive_writing_and_reading() -> None:
    written = steps(LN2, 0.6, 0.5)
    assert parse_metrics(dump_metrics(written)) == written


def test_a_number_that_is_none_is_written_as_json_knows_it() -> None:
    line = dump_metrics(steps(math.nan)).decode()
    assert json.loads(line, parse_constant=pytest.fail)["preference_loss"] is None
    [step] = parse_metrics(line.encode())
    assert isinstance(step, PreferenceStep)
    assert math.isnan(step.preference_loss)


def test_the_summary_tells_first_last_and_mean_loss_apart() -> None:
    summary = summarize(
        steps(LN2, 0.6, 0.5), records=48, hyper=Hyperparameters(), seconds=7.5, warnings=[]
    )
    assert summary.pairs == 48
    assert summary.steps == 3
    assert summary.first_loss == LN2
    assert summary.last_loss == 0.5
    assert summary.mean_loss == pytest.approx((LN2 + 1.1) / 3)
    assert summary.last_margin == pytest.approx(3 * (LN2 - 0.5))
    assert summary.duration.ToTimedelta().total_seconds() == 7.5
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    assert summary.detail == ""


def test_the_summary_of_a_diverged_run_says_so() -> None:
    summary = summarize(
        steps(LN2, math.nan), records=4, hyper=Hyperparameters(), seconds=1, warnings=["careful"]
    )
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_DIVERGED
    assert summary.detail == "the loss of step 2 is not a number; careful"


def test_metrics_of_a_run_before_there_were_values_for_a_token_are_read() -> None:
    old = json.loads(dump_metrics([STEP]))
    for name in ("token_logp_chosen", "token_logp_rejected", "kl"):
        del old[name]
    [step] = parse_metrics(json.dumps(old).encode())
    assert isinstance(step, PreferenceStep)
    assert step.preference_loss == LN2
    assert math.isnan(step.kl)


def test_a_displaced_run_is_flagged_with_the_loss_of_an_answer_and_of_a_token() -> None:
    displaced = [replace(step, reward_chosen=-0.8) for step in steps(LN2, 0.6, 0.5)]
    summary = summarize(displaced, records=4, hyper=Hyperparameters(), seconds=1, warnings=[])
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    # Answers of 40 tokens.
    assert "likelihood displacement" in summary.detail
    assert "by 8.0 nats an answer, 0.200 a token" in summary.detail


def test_a_run_with_ipo_is_judged_by_the_constant_of_ipo() -> None:
    hyper = Hyperparameters(loss=Loss.IPO)
    summary = summarize(steps(25.0, 24.9), records=4, hyper=hyper, seconds=1, warnings=[])
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    diverged = summarize(steps(25.0, 101.0), records=4, hyper=hyper, seconds=1, warnings=[])
    assert diverged.stopped_because == trainer_pb2.STOPPED_BECAUSE_DIVERGED
    assert "101.00, where 25 is indifference" in diverged.detail


def likelihood_steps(*losses: float) -> list[LikelihoodStep]:
    return [
        replace(LIKELIHOOD, step=number, loss=loss) for number, loss in enumerate(losses, start=1)
    ]


def test_metrics_of_answers_survive_writing_and_reading_and_have_no_margin() -> None:
    written = likelihood_steps(0.5, 0.4, 0.3)
    assert parse_metrics(dump_metrics(written)) == written
    assert "margin" not in json.loads(dump_metrics(written).splitlines()[0])


def test_the_summary_of_a_run_on_answers_has_its_losses_and_no_margin_and_no_indifference() -> None:
    summary = summarize(
        likelihood_steps(0.5, 0.4, 0.3), records=9, hyper=RFT, seconds=1, warnings=[]
    )
    assert (summary.pairs, summary.steps) == (9, 3)
    assert (summary.first_loss, summary.last_loss) == (0.5, 0.3)
    assert summary.mean_loss == pytest.approx(0.4)
    assert (summary.last_margin, summary.indifference_loss) == (0, 0)
    assert summary.loss == trainer_pb2.LOSS_NLL
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    assert summary.detail == ""


def test_a_run_on_answers_that_rises_is_said_to_diverge() -> None:
    summary = summarize(likelihood_steps(0.5, 4.0), records=9, hyper=RFT, seconds=1, warnings=[])
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_DIVERGED
    assert summary.detail == "the loss of step 2 is 4.00, and it began at 0.50"


def test_a_run_on_answers_that_are_not_the_model_s_own_is_flagged() -> None:
    summary = summarize(likelihood_steps(5.0, 3.0), records=9, hyper=RFT, seconds=1, warnings=[])
    assert "the first step is 5.00 nats a token" in summary.detail


def test_only_a_preference_loss_has_a_constant_to_begin_at() -> None:
    assert first_step_problem([LIKELIHOOD], RFT) is None
    wrong = replace(STEP, preference_loss=0.5)
    assert "not ln 2" in (first_step_problem([wrong], Hyperparameters()) or "")
    # Later it may differ.
    assert first_step_problem([STEP, wrong], Hyperparameters()) is None


def test_before_the_first_step_nothing_has_diverged() -> None:
    assert diverged([], Hyperparameters()) is None
    assert diverged([], RFT) is None


def test_a_run_on_pairs_that_ends_where_it_began_is_flagged_unless_it_diverged() -> None:
    still = [replace(step, margin=0.02) for step in steps(LN2, 0.69, 0.69)]
    hyper = Hyperparameters(learning_rate=2e-5)
    summary = summarize(still, records=4, hyper=hyper, seconds=1, warnings=[])
    assert "the policy ends nearly where it began: the chosen answers gained" in summary.detail
    assert "(it is 2e-05;" in summary.detail
    diverged = summarize([*still, replace(still[0], preference_loss=math.nan)], records=4,
                         hyper=hyper, seconds=1, warnings=[])  # fmt: skip
    assert diverged.detail == "the loss of step 4 is not a number"


@pytest.mark.parametrize(("gain", "flagged"), [(0.2, True), (6.0, False)])
def test_a_run_on_answers_is_flagged_by_what_they_gained(gain: float, flagged: bool) -> None:
    summary = summarize(
        likelihood_steps(0.5, 0.4),
        records=4,
        hyper=RFT,
        seconds=1,
        warnings=[],
        before=Measured(logps=-20.0, entropy=0.5),
        after=Measured(logps=-20.0 + gain, entropy=0.4),
    )
    assert (summary.first_entropy, summary.last_entropy) == (0.5, 0.4)
    assert ("the answers gained likelihood by 0.2 nats" in summary.detail) is flagged


def test_a_run_that_went_on_is_judged_by_its_reference() -> None:
    began = replace(STEP, preference_loss=0.5, reference_loss=LN2)
    assert first_step_problem([began], Hyperparameters()) is None
    wrong = replace(began, reference_loss=0.8)
    assert "0.8000, not ln 2" in (first_step_problem([wrong], Hyperparameters()) or "")
    summary = summarize(
        [began], records=4, hyper=Hyperparameters(), seconds=1, warnings=[], went_on=True
    )
    assert summary.went_on
