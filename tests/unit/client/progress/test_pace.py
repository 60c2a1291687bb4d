"""Estimates of long work, and how they are written."""

import pytest

from rlvf_client.progress.pace import Pace, StageState


def test_the_rest_takes_as_long_as_what_was_done_since_the_stage_began() -> None:
    pace = Pace()
    # 60 were done by an earlier attempt, and took this one no time.
    assert pace.seconds_left(100.0, 60, 100) is None
    assert pace.seconds_left(110.0, 70, 100) == pytest.approx(30.0)
    assert pace.seconds_left(140.0, 80, 100) == pytest.approx(40.0)
    assert pace.seconds_left(150.0, 100, 100) == 0.0


def test_without_a_total_or_progress_the_time_left_is_unknown() -> None:
    pace = Pace()
    assert pace.seconds_left(0.0, 5, 0) is None
    assert pace.seconds_left(1.0, 5, 10) is None
    # The service has begun anew.
    assert pace.seconds_left(2.0, 3, 10) is None


def test_the_speed_is_that_of_the_last_minute() -> None:
    pace = Pace()
    assert pace.tokens_per_second(0.0, 5_000) is None
    assert pace.tokens_per_second(10.0, 6_000) == pytest.approx(100.0)
    for second in range(20, 200, 10):
        speed = pace.tokens_per_second(float(second), 6_000 + 10 * (second - 10))
    assert speed == pytest.approx(10.0)


def test_a_stage_without_tokens_has_no_speed() -> None:
    pace = Pace()
    assert [pace.tokens_per_second(float(second), 0) for second in range(3)] == [None] * 3


def test_a_stage_is_told_with_all_that_is_known() -> None:
    stage = StageState("evaluate", 40, 164, "tasks, 25% pass", 310.4, 6 << 30, 130.0)
    assert str(stage) == "evaluate: 40/164 tasks, 25% pass, 310 tokens/s, 6.0 GiB, 2 min left"
    assert (stage.amount, stage.left) == ("40/164", "2 min left")
    assert StageState("model").counts == StageState("model").left == ""
