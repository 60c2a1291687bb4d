"""The comparison of two conditions."""

import math
from fractions import Fraction

import pytest

from rlvf_common.statistics.comparison import ALPHA, compare
from rlvf_common.statistics.intervals import smallest_detectable_difference
from rlvf_common.statistics.results import EvaluationResult, TaskResult

from .invented import calibration_of, result_of


def test_comparison_counts_flips_and_says_what_they_show() -> None:
    before = result_of({"a": [True], "b": [True], "c": [False], "d": [False]})
    after = result_of({"d": [False], "c": [True], "b": [False], "a": [True]})
    found = compare(before, after, baseline_name="A", treatment_name="B")
    assert (found.improved, found.regressed, found.both_pass, found.both_fail) == (
        ["c"],
        ["b"],
        1,
        1,
    )
    assert (found.delta, found.p_value) == (0.0, 1.0)
    assert found.sentence == (
        "B and A have the same pass@1 on humaneval (95% CI −60.4 to +60.4 pp, exact McNemar "
        "p = 1.00, n = 4 tasks): not distinguishable."
    )


def test_difference_is_not_rounded_before_subtraction() -> None:
    """1/3 and 2/3 of three tasks differ by a third, not by 66.7 - 33.3 points."""
    before = result_of({"a": [True], "b": [False], "c": [False]})
    after = result_of({"a": [True], "b": [True], "c": [False]})
    assert compare(before, after).delta == float(Fraction(1, 3))


def test_several_samples_a_task_count_by_majority_and_test_by_rate() -> None:
    tasks = [f"t{k:02}" for k in range(12)]
    before = result_of({task: [True, False, False, False] for task in tasks})
    after = result_of({task: [True, True, True, False] for task in tasks})
    found = compare(before, after)
    assert found.improved == tasks
    assert found.delta == 0.5
    assert found.p_value == 2 / 2**12
    assert found.p_value < ALPHA
    assert "sign-flip" in found.sentence


def test_a_rate_of_just_a_half_counts_alike_in_both_directions() -> None:
    """Two runs of a recipe that lose and gain the same number of tasks have done neither."""
    base = {"a": [True], "b": [True], "c": [False], "d": [False]}
    one = result_of({**base, "a": [False], "c": [True]})
    other = result_of({**base, "b": [False], "d": [True]})
    found = compare(result_of(base), one, more_treatments=[other])
    assert found.delta == 0
    assert (found.improved, found.regressed) == (["c", "d"], ["a", "b"])
    back = compare(one, result_of(base), more_baselines=[other])
    assert (back.improved, back.regressed) == (["a", "b"], ["c", "d"])
    still = compare(one, other, more_baselines=[other], more_treatments=[one])
    assert (still.improved, still.regressed, still.both_fail) == ([], [], 4)


def test_results_of_different_benchmarks_are_not_compared() -> None:
    with pytest.raises(ValueError, match=r"B\.json is of starter, A\.json of humaneval"):
        compare(
            result_of({"a": [True]}),
            result_of({"a": [True]}, "starter"),
            baseline_name="A.json",
            treatment_name="B.json",
        )


def test_results_of_different_tasks_are_not_compared() -> None:
    five = result_of({task: [True] for task in "abcde"})
    with pytest.raises(
        ValueError, match=r"B\.json lacks 4 of the tasks of the other \(b, c, d, \.\.\.\)"
    ):
        compare(five, result_of({"a": [True]}), treatment_name="B.json")
    with pytest.raises(ValueError, match=r"A\.json lacks 4 of the tasks"):
        compare(result_of({"a": [True]}), five, baseline_name="A.json")


def test_results_of_different_versions_of_a_benchmark_are_not_compared() -> None:
    def of(digest: str) -> EvaluationResult:
        return EvaluationResult(
            "humaneval", (TaskResult("a", 0, "passed"),), calibration=calibration_of(digest)
        )

    with pytest.raises(ValueError, match="different versions of humaneval"):
        compare(of("a" * 64), of("f" * 64))


@pytest.mark.parametrize(
    ("treatment", "baseline", "counts", "p_value"),
    [
        ("dpo-120-3b", "base-3b", (7, 4, 143, 10), "p = 0.55"),
        ("dpo-500-15b", "base-15b", (2, 5, 133, 24), "p = 0.45"),
        ("dpo-1k-15b", "base-15b", (2, 8, 130, 24), "p = 0.11"),
        ("dpo-2k-15b", "base-15b", (4, 14, 124, 22), "p = 0.031"),
        ("dpo-2k-3b", "base-3b-again", (4, 26, 123, 11), "p = 5.9e−5"),
    ],
)
def test_prior_experiments_head_to_heads_follow_from_its_flags(
    reported_flags: dict[str, dict[str, bool]],
    treatment: str,
    baseline: str,
    counts: tuple[int, int, int, int],
    p_value: str,
) -> None:
    def reported(condition: str) -> EvaluationResult:
        return result_of({task: [flag] for task, flag in reported_flags[condition].items()})

    found = compare(reported(baseline), reported(treatment))
    assert (
        len(found.improved),
        len(found.regressed),
        found.both_pass,
        found.both_fail,
    ) == counts
    assert found.improved == sorted(found.improved)
    assert p_value in found.sentence
    assert found.tasks == 164
    assert found.sentence.endswith(
        ": distinguishable." if len(found.regressed) > 10 else ": not distinguishable."
    )


def _run(flips: set[int], passing: int = 60) -> EvaluationResult:
    """A run on 164 tasks that passes the first `passing`, but for `flips`."""
    return result_of({f"t{task:03}": [(task < passing) != (task in flips)] for task in range(164)})


def test_runs_of_a_condition_are_put_together_task_by_task() -> None:
    base = _run(set())
    found = compare(
        base,
        _run({0, 1, 2, 100}),
        more_treatments=[_run({0, 1, 50}), _run({0, 3, 51, 52})],
        baseline_name="A",
        treatment_name="B",
    )
    # Task 0 fails in three runs of three, task 1 in two, the others in one.
    assert found.regressed == ["t000", "t001"]
    assert found.improved == []
    assert (found.both_pass, found.both_fail, found.tasks) == (58, 104, 164)
    assert found.run_deltas == pytest.approx([-2 / 164, -3 / 164, -4 / 164])
    assert found.delta == pytest.approx(-3 / 164)
    assert "t test over tasks and runs" in found.sentence
    assert "n = 164 tasks, 1 and 3 runs" in found.sentence


def test_interval_over_runs_is_wider_when_runs_disagree() -> None:
    base = _run(set())
    alike = compare(
        base, _run({0, 1, 2, 3}), more_treatments=[_run({4, 5, 6, 7}), _run({8, 9, 10, 11})]
    )
    apart = compare(base, _run(set()), more_treatments=[_run({90}), _run(set(range(13)))])
    assert apart.delta == alike.delta
    assert apart.ci95.high - apart.ci95.low > 2 * (alike.ci95.high - alike.ci95.low)
    assert alike.p_value < 0.05 < apart.p_value


def test_p_value_of_runs_is_where_their_interval_reaches_zero() -> None:
    before = [_run(set()), _run({1, 2}), _run({3, 90})]
    for lost in (1, 5, 7, 9, 13):
        after = [_run(set(range(lost))), _run(set(range(lost + 1))), _run({20})]
        found = compare(before[0], after[0], more_baselines=before[1:], more_treatments=after[1:])
        assert (found.p_value < 0.05) == (not found.ci95.low <= 0 <= found.ci95.high)


def test_two_runs_are_said_to_be_few() -> None:
    base = _run(set())
    two = compare(base, _run({0}), more_treatments=[_run({1})])
    assert two.sentence.endswith("two runs hardly show how runs differ.")
    three = compare(base, _run({0}), more_treatments=[_run({1}), _run({2})])
    assert "hardly" not in three.sentence


def test_a_run_counts_once() -> None:
    with pytest.raises(ValueError, match=r"B: run 3 is the same result as run 1"):
        compare(
            _run(set()),
            _run({0}),
            more_treatments=[_run({1}), _run({0})],
            treatment_name="B",
        )


def test_a_run_of_other_tasks_is_named() -> None:
    short = EvaluationResult("humaneval", _run({0}).results[:-1])
    with pytest.raises(ValueError, match=r"B, run 2, lacks 1 of the tasks of the other \(t163\)"):
        compare(_run(set()), _run({1}), more_treatments=[short], treatment_name="B")


def test_smallest_detectable_difference_is_told_for_every_kind_of_comparison() -> None:
    """Of one sample a task by Connor's formula; of more by the width of the interval."""
    one = compare(_run(set()), _run({0, 1, 2, 70, 71}))
    assert one.smallest_detectable == smallest_detectable_difference(164, 5 / 164)
    tasks = [f"t{k:03}" for k in range(164)]
    before = result_of({task: [k % 3 == 0, k % 2 == 0] for k, task in enumerate(tasks)})
    after = result_of({task: [k % 5 == 0, k % 2 == 0] for k, task in enumerate(tasks)})
    several = compare(before, after)
    width = several.ci95.high - several.ci95.low
    assert several.smallest_detectable == pytest.approx(width / 2 * 2.8016 / 1.96, rel=1e-3)
    assert math.isclose(compare(before, before).smallest_detectable, 0.0327, abs_tol=1e-3)
