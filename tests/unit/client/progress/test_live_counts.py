"""What a person hears while a sampling goes on."""

import pytest

from rlvf.evaluator.v1.evaluator_pb2 import EvaluateMetadata
from rlvf.pair_generator.v1.pair_generator_pb2 import GenerateRolloutsMetadata as Progress
from rlvf_client.progress.live_counts import evaluation_note, sampling_note, shortage


def progress(done: int, total: int, with_both: int) -> Progress:
    return Progress(
        problems_done=done,
        problems_total=total,
        samples_done=8 * done,
        passed=2 * done,
        failed=6 * done,
        unparseable=done,
        problems_with_both=with_both,
    )


def test_the_counts_are_told_in_percent_of_the_samples() -> None:
    assert sampling_note(progress(50, 100, 7)) == (
        "problems; 400 samples: 25% pass, 12% do not parse, 0% cut off; "
        "7 problems with both outcomes"
    )
    assert sampling_note(Progress(problems_total=100)) == "problems"


def test_an_evaluation_tells_how_many_samples_pass() -> None:
    counts = EvaluateMetadata(tasks_done=4, samples_done=40, passed=10, truncated=2)
    assert evaluation_note(counts) == "tasks; 40 samples: 25% pass, 5% cut off"
    assert evaluation_note(EvaluateMetadata(tasks_total=4)) == "tasks"


def test_too_few_problems_of_both_outcomes_for_the_pairs_are_told() -> None:
    said = shortage(progress(50, 200, 4), pairs=65, max_per_problem=4)
    assert said.startswith(
        "4 of 50 problems have both a passing and a failing answer; at this rate"
    )
    assert "all 200 make at most 64 pairs, and 65 are asked for" in said
    assert "25% of the answers pass" in said


@pytest.mark.parametrize(
    ("so_far", "pairs"),
    [
        # Just enough.
        (progress(50, 200, 4), 64),
        # Too little is done to tell: fewer than 20 problems, less than a tenth of all.
        (progress(19, 100, 0), 64),
        (progress(50, 1_000, 0), 64),
    ],
)
def test_a_sampling_that_may_be_enough_gives_no_warning(so_far: Progress, pairs: int) -> None:
    assert shortage(so_far, pairs=pairs, max_per_problem=4) == ""
