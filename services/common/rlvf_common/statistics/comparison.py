"""Paired comparison, task by task, of two conditions on one benchmark.

A *run* is one result. A *condition* has one run or several, such as one training recipe with
several seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rlvf_common.statistics import formatting as fmt
from rlvf_common.statistics.bootstrap import bootstrap_difference_interval
from rlvf_common.statistics.differences import differences
from rlvf_common.statistics.intervals import (
    ALPHA,
    Interval,
    mcnemar_exact,
    paired_difference_interval,
    smallest_detectable_by_interval,
    smallest_detectable_difference,
)
from rlvf_common.statistics.permutation import sign_flip_exact
from rlvf_common.statistics.results import EvaluationResult
from rlvf_common.statistics.runs import FEW_RUNS, contrast_of_runs

__all__ = [
    "ALPHA",
    "EXACT_MCNEMAR",
    "SIGN_FLIP",
    "T_TEST",
    "Comparison",
    "compare",
    "require_same_tasks",
    "task_rates",
    "verdict",
]

EXACT_MCNEMAR = "exact McNemar"
SIGN_FLIP = "sign-flip test"
T_TEST = "t test over tasks and runs"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired comparison of treatment and baseline.

    With one run per side and one sample per task, `ci95` is Tango's score interval and `p_value`
    the exact McNemar test on the tasks that flipped. With more samples, the lists have the tasks
    whose pass rate reached or crossed one half; `delta`, `ci95` (bootstrap over tasks) and
    `p_value` (sign-flip permutation over tasks) use the pass rates, and so every sample. With
    several runs of a side, a task's rate is its mean over the runs, and `ci95` and `p_value` are
    about other tasks and other runs (`rlvf_common.statistics.runs`).
    """

    delta: float
    """Difference of pass@1 as a share, treatment minus baseline."""
    ci95: Interval
    test: str
    """Name of the test: `EXACT_MCNEMAR`, `SIGN_FLIP` or `T_TEST`."""
    p_value: float
    improved: list[str]
    """All tasks that only the treatment passes, sorted. With more samples: whose rate rose to one
    half, from it, or across it."""
    regressed: list[str]
    """All tasks that only the baseline passes, sorted. With more samples: whose rate fell to one
    half, from it, or across it."""
    both_pass: int
    both_fail: int
    tasks: int
    smallest_detectable: float
    """The smallest true difference that would have been found with a power of 0.8, at the level
    that `compare` was given."""
    run_deltas: list[float]
    """The difference of each run of the treatment to the whole baseline; empty with one run per
    side."""
    sentence: str
    """Difference, interval, p-value, n, distinguishable or not."""
    differences: list[str]
    """What differs in how the results were made, see `rlvf_common.statistics.differences`."""


@dataclass(frozen=True, slots=True)
class _Test:
    """The result of a test of a difference."""

    name: str
    p_value: float
    ci95: Interval
    smallest_detectable: float


def compare(
    baseline: EvaluationResult,
    treatment: EvaluationResult,
    *,
    more_baselines: Sequence[EvaluationResult] = (),
    more_treatments: Sequence[EvaluationResult] = (),
    alpha: float = ALPHA,
    baseline_name: str = "the baseline",
    treatment_name: str = "The treatment",
) -> Comparison:
    """Compare two conditions task by task. The names are used in the sentence and in errors.

    `alpha` is the level of `smallest_detectable`: of one comparison among n, `ALPHA / n`.

    Raises:
        ValueError: the results are of different benchmarks, of different versions of one, or of
            different tasks; or one run is given twice.
    """
    sides = (
        (baseline_name, (baseline, *more_baselines)),
        (treatment_name, (treatment, *more_treatments)),
    )
    require_same_tasks(
        [
            (_run_name(name, number, len(runs)), run)
            for name, runs in sides
            for number, run in enumerate(runs, start=1)
        ]
    )
    for name, runs in sides:
        _require_distinct(name, runs)
    (_, before_runs), (_, after_runs) = sides
    before, after = task_rates(before_runs), task_rates(after_runs)
    tasks = sorted(before)
    changes = [after[task] - before[task] for task in tasks]
    half = Fraction(1, 2)
    # Symmetric, also for a rate of exactly one half, which is common with two runs.
    moved = [task for task in tasks if before[task] != after[task]]
    improved = [task for task in moved if before[task] <= half <= after[task]]
    regressed = [task for task in moved if before[task] >= half >= after[task]]
    both_pass = sum(before[task] > half and after[task] > half for task in tasks)
    several_runs = len(before_runs) > 1 or len(after_runs) > 1
    if several_runs:
        test = _test_of_runs(before_runs, after_runs, tasks, alpha)
    elif len(baseline.results) == len(treatment.results) == len(tasks):
        test = _test_of_flips(len(improved), len(regressed), len(tasks), alpha)
    else:
        test = _test_of_rates(changes, alpha)
    delta = float(sum(changes, Fraction()) / len(tasks))
    counted = f", {len(before_runs)} and {len(after_runs)} runs" if several_runs else ""
    sentence = (
        f"{_relation(delta, treatment_name, baseline_name)} on {baseline.benchmark} (95% CI "
        f"{fmt.points_interval(test.ci95)}, {test.name} p = "
        f"{fmt.p_value(test.p_value)}, n = {fmt.plural(len(tasks), 'task')}{counted}): "
        f"{verdict(test.p_value)}{_few_runs(before_runs, after_runs)}."
    )
    return Comparison(
        delta=delta,
        ci95=test.ci95,
        test=test.name,
        p_value=test.p_value,
        improved=improved,
        regressed=regressed,
        both_pass=both_pass,
        both_fail=len(tasks) - both_pass - len(improved) - len(regressed),
        tasks=len(tasks),
        smallest_detectable=test.smallest_detectable,
        run_deltas=_run_deltas(before, after_runs) if several_runs else [],
        sentence=sentence,
        differences=differences(before_runs, after_runs),
    )


def task_rates(runs: Sequence[EvaluationResult]) -> dict[str, Fraction]:
    """Exact rate of each task, the mean over the runs. All runs have the same tasks."""
    rates = [run.rates() for run in runs]
    return {task: sum((rate[task] for rate in rates), Fraction()) / len(rates) for task in rates[0]}


def _test_of_flips(improved: int, regressed: int, tasks: int, alpha: float) -> _Test:
    return _Test(
        EXACT_MCNEMAR,
        mcnemar_exact(improved, regressed),
        paired_difference_interval(improved, regressed, tasks),
        smallest_detectable_difference(tasks, (improved + regressed) / tasks, alpha=alpha),
    )


def _test_of_rates(differences: Sequence[Fraction], alpha: float) -> _Test:
    ci95 = bootstrap_difference_interval([float(difference) for difference in differences])
    p_value = sign_flip_exact(differences)
    detectable = smallest_detectable_by_interval(*ci95, alpha=alpha)
    return _Test(SIGN_FLIP, p_value, ci95, detectable)


def _test_of_runs(
    before: Sequence[EvaluationResult],
    after: Sequence[EvaluationResult],
    tasks: Sequence[str],
    alpha: float,
) -> _Test:
    conditions = [
        [[float(rates[task]) for task in tasks] for rates in (run.rates() for run in runs)]
        for runs in (before, after)
    ]
    found = contrast_of_runs(conditions, (-1, 1))
    ci95 = found.interval()
    detectable = smallest_detectable_by_interval(*ci95, alpha=alpha)
    return _Test(T_TEST, found.p_value, ci95, detectable)


def _run_deltas(before: dict[str, Fraction], after_runs: Sequence[EvaluationResult]) -> list[float]:
    baseline = sum(before.values(), Fraction()) / len(before)
    return [
        float(sum(run.rates().values(), Fraction()) / len(before) - baseline) for run in after_runs
    ]


def _run_name(name: str, number: int, runs: int) -> str:
    return name if runs == 1 else f"{name}, run {number},"


def _require_distinct(name: str, runs: Sequence[EvaluationResult]) -> None:
    for number, run in enumerate(runs, start=1):
        if run in runs[: number - 1]:
            raise ValueError(
                f"{name}: run {number} is the same result as run {runs.index(run) + 1}; "
                "a run that counts twice makes runs look alike"
            )


def require_same_tasks(results: Sequence[tuple[str, EvaluationResult]]) -> None:
    """Raise ValueError unless all named results are of the same tasks of the same benchmark."""
    first_name, first = results[0]
    expected = set(first.rates())
    for name, result in results[1:]:
        if result.benchmark != first.benchmark:
            raise ValueError(
                f"{name} is of {result.benchmark}, {first_name} of {first.benchmark}: "
                "only results of one benchmark can be compared"
            )
        digests = {one.calibration.benchmark_sha256 for one in (first, result) if one.calibration}
        if len(digests) > 1:
            raise ValueError(
                f"{name} and {first_name} are of different versions of {first.benchmark} (SHA-256 "
                f"{' and '.join(sorted(digest[:12] for digest in digests))}): "
                "score one of them again"
            )
        found = set(result.rates())
        for who, missing in ((name, expected - found), (first_name, found - expected)):
            if missing:
                shown = ", ".join(sorted(missing)[:3]) + (", ..." if len(missing) > 3 else "")
                raise ValueError(
                    f"{who} lacks {len(missing)} of the tasks of the other ({shown}): "
                    "only results of the same tasks can be compared"
                )


def _relation(delta: float, treatment: str, baseline: str) -> str:
    if delta == 0:
        return f"{treatment} and {baseline} have the same pass@1"
    direction = "higher" if delta > 0 else "lower"
    return f"{treatment} is {abs(delta) * 100:.1f} pp {direction} than {baseline}"


def _few_runs(*sides: Sequence[EvaluationResult]) -> str:
    """A warning if a side has too few runs to estimate how they differ."""
    if any(1 < len(runs) < FEW_RUNS for runs in sides):
        return "; two runs hardly show how runs differ"
    return ""


def verdict(p_value: float) -> str:
    """The words for a p-value in all sentences."""
    return "distinguishable" if p_value < ALPHA else "not distinguishable"
