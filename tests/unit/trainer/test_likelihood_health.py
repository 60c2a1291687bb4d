"""The rules by which a run on answers is stopped or marked."""

import math
import random

import pytest

from rlvf_trainer.likelihood_health import divergence, strange_answers


def ever_stopped(losses: list[float]) -> str | None:
    reasons = (divergence(losses[: step + 1]) for step in range(len(losses)))
    return next(filter(None, reasons), None)


@pytest.mark.parametrize("last", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_the_run(last: float) -> None:
    assert divergence([last]) == "the loss of step 1 is not a number"
    assert divergence([0.5, last]) == "the loss of step 2 is not a number"


def test_a_gradient_that_is_no_number_stops_the_run() -> None:
    assert divergence([0.5], [math.nan]) == "the gradient of step 1 is not a number"


def test_one_absurd_step_is_enough() -> None:
    assert divergence([0.5, 0.4, 3.4]) is None
    assert divergence([0.5, 0.4, 3.5]) == "the loss of step 3 is 3.50, and it began at 0.45"


def test_a_run_that_rises_is_stopped_by_its_mean() -> None:
    noise = random.Random(0)
    losses = [0.3 + noise.gauss(0, 0.03) for _ in range(8)]
    losses += [0.7 + noise.gauss(0, 0.03) for _ in range(16)]
    reason = ever_stopped(losses)
    assert reason is not None
    assert "the mean loss of steps 9 to 16 is 0.698, and it began at 0.291" in reason
    assert "lower the learning rate" in reason


def test_a_run_that_turns_late_is_stopped() -> None:
    noise = random.Random(1)
    losses = [max(0.1, 0.4 - 0.01 * step) + noise.gauss(0, 0.02) for step in range(60)]
    assert ever_stopped(losses) is None
    assert ever_stopped(losses + [0.9 + noise.gauss(0, 0.05) for _ in range(16)]) is not None


def test_a_curriculum_towards_answers_that_are_harder_to_foretell_is_sound() -> None:
    noise = random.Random(2)
    losses = [0.25 + 0.004 * step + noise.gauss(0, 0.02) for step in range(50)]
    assert ever_stopped(losses) is None


def test_noise_rarely_stops_a_run_that_learns_nothing() -> None:
    # Steps of four short answers.
    def run(seed: int) -> list[float]:
        noise = random.Random(seed)
        return [max(0.01, noise.gauss(0.3, 0.1)) for _ in range(60)]

    assert sum(ever_stopped(run(seed)) is not None for seed in range(200)) <= 2


def test_answers_that_the_model_can_hardly_foretell_are_marked() -> None:
    assert strange_answers(0.9) is None
    assert "5.50 nats a token" in (strange_answers(5.5) or "")
