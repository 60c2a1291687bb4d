"""The rules by which a run is refused, stopped, or marked."""

import math
import random

import pytest

from rlvf_api.hyperparameters import Precision
from rlvf_trainer.preference_health import (
    LN2,
    displacement,
    divergence,
    first_loss_problem,
    gain_of_chosen,
    standstill,
)


@pytest.mark.parametrize("precision", Precision)
def test_a_first_loss_of_ln_2_is_sound(precision: Precision) -> None:
    assert first_loss_problem(LN2 + 1e-4, precision) is None


@pytest.mark.parametrize("precision", Precision)
@pytest.mark.parametrize("loss", [0.70, 0.68, 1.12, math.nan, math.inf])
def test_another_first_loss_is_refused_with_its_number(loss: float, precision: Precision) -> None:
    problem = first_loss_problem(loss, precision)
    assert problem is not None
    assert f"{loss:.4f}" in problem


def test_the_first_loss_is_held_against_the_constant_of_its_own_loss() -> None:
    assert first_loss_problem(25.0, Precision.FP32, indifference=25.0) is None
    problem = first_loss_problem(25.1, Precision.FP32, indifference=25.0)
    assert problem is not None
    assert "not 25 (within 0.036)" in problem


# Run means and steps of the prior experiment, whose training nobody watched.
@pytest.mark.parametrize(
    ("mean", "steps"), [(1.1244, 32), (0.9411, 63), (0.8044, 129), (18.1990, 129)]
)
def test_every_run_of_the_prior_experiment_is_stopped(mean: float, steps: int) -> None:
    noise = random.Random(steps)
    # Steps of 16 pairs scatter by some 0.15.
    losses = [LN2, *(mean + noise.gauss(0, 0.15) for _ in range(steps - 1))]
    assert any(divergence(losses[: step + 1]) for step in range(steps))


def test_one_absurd_step_is_enough() -> None:
    assert "18.20" in (divergence([LN2, 18.2]) or "")


@pytest.mark.parametrize("last", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_the_run(last: float) -> None:
    assert divergence([LN2, 0.6, last]) == "the loss of step 3 is not a number"


def test_a_gradient_that_is_no_number_stops_the_run() -> None:
    assert divergence([LN2], [math.nan]) == "the gradient of step 1 is not a number"


def test_noise_around_ln_2_rarely_stops_a_run() -> None:
    # Margins of single pairs scatter by 0.5; eight pairs a step; nothing is learnt.
    def run(seed: int) -> list[float]:
        noise = random.Random(seed)
        margins = ((noise.gauss(0, 0.5) for _ in range(8)) for _ in range(60))
        return [sum(math.log1p(math.exp(-margin)) for margin in step) / 8 for step in margins]

    runs = [run(seed) for seed in range(100)]
    stopped = sum(any(divergence(run[: step + 1]) for step in range(60)) for run in runs)
    assert stopped <= 3


def test_a_run_that_learns_is_sound_in_spite_of_one_bad_batch() -> None:
    losses = [LN2 - 0.01 * step for step in range(20)]
    losses[12] = 1.5
    assert not any(divergence(losses[: step + 1]) for step in range(20))


def test_a_run_that_turns_late_is_stopped_soon() -> None:
    losses = [0.5] * 100 + [1.2] * 16
    stopped = next(step for step in range(116) if divergence(losses[: step + 1]))
    assert stopped < 116


def test_chosen_answers_that_lose_likelihood_while_margins_rise_are_marked() -> None:
    warning = displacement([0.0, -0.3, -0.6], [0.0, 0.2, 0.4], beta=0.1)
    assert warning is not None
    assert "3.0 nats" in warning


def test_chosen_answers_that_gain_are_not_marked() -> None:
    assert displacement([0.0, 0.1, 0.2], [0.0, 0.2, 0.4], beta=0.1) is None


def test_the_gain_is_that_of_the_last_quarter_over_the_first_step_in_nats() -> None:
    assert gain_of_chosen([0.0, 0.1, 0.2, 0.4], beta=0.1) == pytest.approx(4.0)
    # A policy that goes on has its margin already.
    assert gain_of_chosen([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.8], beta=0.1) == pytest.approx(2.0)
    assert gain_of_chosen([0.0, *[1.0] * 60, *[0.2] * 16], beta=0.1) == pytest.approx(2.0)


# Measured: 15 steps at 2e-5 reached a margin of 0.04; 0.5 to 2 is one that moves.
@pytest.mark.parametrize(("margin", "flagged"), [(0.04, True), (-0.04, True), (0.5, False)])
def test_a_run_that_ends_nearly_where_it_began_says_what_to_change(
    margin: float, flagged: bool
) -> None:
    gain = gain_of_chosen([0.0] * 7 + [margin] * 8, beta=0.1)
    warning = standstill(gain, "the chosen answers gained", steps=15, learning_rate=2e-5)
    assert (warning is not None) is flagged
    if warning is not None:
        assert f"the chosen answers gained by {margin * 10:.2g} nats an answer" in warning
        assert "learning rate (it is 2e-05;" in warning
        assert "steps (there are 15;" in warning


def test_a_gain_that_is_not_a_number_is_not_called_a_standstill() -> None:
    assert standstill(math.nan, "the answers", steps=1, learning_rate=1e-4) is None
