"""What stops a run on graded answers, and what it is warned of."""

import math
from dataclasses import replace

import pytest

from rlvf_api.hyperparameters import Hyperparameters, Loss, Precision
from rlvf_trainer.metrics import PolicyStep, dump_metrics, parse_metrics
from rlvf_trainer.policy_health import divergence, first_ratio_problem, warnings
from rlvf_trainer.summary import diverged, first_step_problem, summarize

STEP = PolicyStep(
    step=1,
    loss=0.01,
    reward=0.5,
    passed=0.5,
    samples=64,
    tokens=640,
    truncated=0.0,
    one_outcome=0.25,
    groups=6,
    trained_tokens=900,
    staleness=0,
    ratio=1.0,
    log_ratio=0.01,
    far_ratio=0.0,
    clip_low=0.0,
    clip_high=0.0,
    entropy=1.0,
    kl=math.nan,
    grad_norm=0.3,
    learning_rate=1e-4,
)
HYPER = Hyperparameters(loss=Loss.DAPO)


def steps(*rewards: float) -> list[PolicyStep]:
    return [replace(STEP, step=n, reward=reward) for n, reward in enumerate(rewards, start=1)]


def test_a_policy_that_did_not_sample_its_first_answers_is_refused() -> None:
    assert first_ratio_problem([STEP], Precision.BF16) is None
    wrong = replace(STEP, log_ratio=0.4)
    problem = first_ratio_problem([wrong], Precision.BF16)
    assert problem is not None
    assert "0.400 nats a token" in problem
    assert first_step_problem([wrong], HYPER) == problem
    # The first step that trains on anything is the one that shows it.
    empty = replace(STEP, groups=0, log_ratio=math.nan)
    assert first_ratio_problem([empty], Precision.BF16) is None
    assert first_ratio_problem([empty, wrong], Precision.BF16) == problem
    # Later the policy has moved, and nf4 samples from another base.
    assert first_ratio_problem([STEP, wrong], Precision.BF16) is None
    assert first_ratio_problem([wrong], Precision.NF4) is None


def test_a_run_stops_when_its_numbers_are_none_or_its_reward_is_lost() -> None:
    assert divergence([]) is None
    assert divergence(steps(*[0.5] * 30)) is None
    assert divergence([replace(STEP, grad_norm=math.nan)]) is not None
    assert divergence([replace(STEP, kl=11.0)]) is not None
    lost = steps(*[0.5, 0.52] * 4, *[0.1, 0.12] * 4)
    assert divergence(lost[:-1]) is None
    reason = divergence(lost)
    assert reason is not None
    assert "steps 9 to 16 is 0.110, and it began at 0.510" in reason
    assert diverged(lost, HYPER) == reason
    # Noise is no fall.
    assert divergence(steps(*[0.1, 0.0] * 4, *[0.0, 0.02] * 4)) is None


def test_a_policy_that_tries_nothing_new_and_idle_sampling_are_told() -> None:
    assert warnings(steps(*[0.5] * 8)) == []
    collapsed = [*steps(*[0.5] * 8), *(replace(STEP, step=n, entropy=0.01) for n in range(9, 17))]
    assert any("hardly tries anything new" in one for one in warnings(collapsed))
    idle = [replace(one, one_outcome=0.9, groups=0, entropy=math.nan) for one in steps(1, 1)]
    assert [one.split()[0] for one in warnings(idle)] == ["90%", "2"]
    stale = [replace(STEP, clip_low=0.2, clip_high=0.1)]
    assert any("30% of the tokens" in one for one in warnings(stale))


def test_the_summary_has_rewards_and_entropies_of_the_steps() -> None:
    run = [replace(one, entropy=1 / one.step) for one in steps(*[0.2] * 8, *[0.8] * 8)]
    summary = summarize(run, records=4, hyper=HYPER, seconds=1.0, warnings=[])
    assert (summary.first_reward, summary.last_reward) == pytest.approx((0.2, 0.8))
    assert (summary.first_entropy, summary.last_entropy) == pytest.approx((1, 1 / 16))
    assert summary.samples_graded == 16 * 64
    assert (summary.last_margin, summary.indifference_loss) == (0, 0)


def test_metrics_are_read_as_they_were() -> None:
    (read,) = parse_metrics(dump_metrics([STEP]))
    assert isinstance(read, PolicyStep)
    assert math.isnan(read.kl)
    assert replace(read, kl=0.0) == replace(STEP, kl=0.0)
