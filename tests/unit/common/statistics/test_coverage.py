"""How often intervals cover the truth and tests reject a true null. Exact where the outcomes can be
enumerated, else simulated with fixed seeds.

The scenarios are those of code models: 164 tasks (HumanEval), or 378 (MBPP+); rates between
SmolLM2's 7% and Qwen2.5-Coder-7B's 88%; tasks of very different difficulty, so that a task's rates
under two models are strongly correlated.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from rlvf_common.statistics.bootstrap import bootstrap_difference_interval
from rlvf_common.statistics.intervals import (
    Interval,
    holm,
    mcnemar_exact,
    paired_difference_interval,
    pass_rate_interval,
    wilson_interval,
)
from rlvf_common.statistics.runs import contrast_of_runs, pass_rate_of_runs

Floats = npt.NDArray[np.float64]


def _binomial(n: int, share: float) -> list[float]:
    return [
        math.exp(
            math.lgamma(n + 1)
            - math.lgamma(k + 1)
            - math.lgamma(n - k + 1)
            + k * math.log(share)
            + (n - k) * math.log(1 - share)
        )
        for k in range(n + 1)
    ]


@pytest.mark.parametrize("n", [164, 378])
def test_wilson_covers_95_percent_of_the_time(n: int) -> None:
    """Exact. The coverage of any interval of a count jumps with the rate, for this one by up to 1.5
    points at a single rate; so it is averaged over five points of rates."""
    intervals = [wilson_interval(passed, n) for passed in range(n + 1)]

    def coverage(share: float) -> float:
        chances = zip(_binomial(n, share), intervals, strict=True)
        return sum(chance for chance, (low, high) in chances if low <= share <= high)

    for centre in (0.07, 0.317, 0.463, 0.616, 0.884):
        around = [coverage(centre + step / 1000) for step in range(-25, 26)]
        assert 0.94 <= sum(around) / len(around) <= 0.96
        assert min(around) >= 0.935


@pytest.mark.parametrize(
    ("mean", "agreement"), [(0.07, 0.5), (0.317, 0.5), (0.317, 3.0), (0.616, 1.0), (0.884, 1.0)]
)
def test_pass_rate_interval_covers_95_percent_of_the_time(mean: float, agreement: float) -> None:
    """164 tasks, 8 samples each, their rates drawn from a beta distribution: `agreement` is the sum
    of its parameters, 0.5 makes nearly all tasks easy or hopeless."""
    generator = np.random.default_rng(1)
    shape = (4000, 164)
    passed = generator.binomial(8, generator.beta(mean * agreement, (1 - mean) * agreement, shape))
    covered = 0
    for rates in (passed / 8).tolist():
        low, high = pass_rate_interval(rates, 8 * 164)
        covered += low <= mean <= high
    assert 0.94 <= covered / 4000 <= 0.96


_FLIPS = [(0.02, 0.02), (0.04, 0.04), (0.1, 0.1), (0.2, 0.2)]
_DIFFERENCES = [(0.01, 0.05), (0.02, 0.08), (0.08, 0.12), (0.05, 0.15), (0.15, 0.05)]


def _chances(n: int, improve: float, regress: float) -> dict[tuple[int, int], float]:
    """The chance of every number of improved and regressed tasks that is worth counting."""
    stay = math.log(1 - improve - regress)
    found = {}
    for improved in range(n + 1):
        for regressed in range(n + 1 - improved):
            logarithm = (
                math.lgamma(n + 1)
                - math.lgamma(improved + 1)
                - math.lgamma(regressed + 1)
                - math.lgamma(n - improved - regressed + 1)
                + improved * math.log(improve)
                + regressed * math.log(regress)
                + (n - improved - regressed) * stay
            )
            if logarithm > -20:
                found[improved, regressed] = math.exp(logarithm)
    assert sum(found.values()) == pytest.approx(1, abs=1e-5)
    return found


_tango = cache(paired_difference_interval)
_mcnemar = cache(mcnemar_exact)


@pytest.mark.parametrize(("improve", "regress"), _FLIPS + _DIFFERENCES)
def test_paired_interval_covers_95_percent_of_the_time(improve: float, regress: float) -> None:
    """Exact, 164 tasks."""
    covered = 0.0
    for (improved, regressed), chance in _chances(164, improve, regress).items():
        low, high = _tango(improved, regressed, 164)
        covered += chance * (low <= improve - regress <= high)
    assert 0.94 <= covered <= 0.96


@pytest.mark.parametrize(("improve", "regress"), _FLIPS)
def test_mcnemar_rejects_a_true_null_in_at_most_5_percent(improve: float, regress: float) -> None:
    """Exact, 164 tasks. An exact test is cautious: 1.4% with 7 flips on average, 3.8% with 66."""
    rejected = sum(
        chance
        for (improved, regressed), chance in _chances(164, improve, regress).items()
        if _mcnemar(improved, regressed) < 0.05
    )
    assert 0.01 < rejected <= 0.05


def _logistic(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-values))


def _pairs(
    generator: np.random.Generator,
    shape: tuple[int, int],
    mean: float,
    agreement: float,
    shift: float,
) -> tuple[Floats, Floats]:
    """Rates of each task under two models. The second differs by `shift` on the logit scale, and
    by a normal deviation of 0.7 of each task's own."""
    before = np.clip(
        generator.beta(mean * agreement, (1 - mean) * agreement, shape), 1e-6, 1 - 1e-6
    )
    logits = np.log(before / (1 - before)) + generator.normal(shift, 0.7, shape)
    return before, _logistic(logits)


def _true_difference(
    generator: np.random.Generator, mean: float, agreement: float, shift: float
) -> float:
    before, after = _pairs(generator, (1, 1_000_000), mean, agreement, shift)
    return float((after - before).mean())


def _symmetric_reach(differences: Floats, weights: Floats, confidence: float) -> Floats:
    """The bootstrap-t reach of many data sets at once, in standard errors: the definition in
    `bootstrap_difference_interval`, with resamples given by the weights that they give to tasks."""
    n = differences.shape[1]
    centred = differences - differences.mean(1, keepdims=True)
    means = weights @ centred.T
    variances = weights @ (centred**2).T - means**2
    with np.errstate(divide="ignore", invalid="ignore"):
        distances = np.where(variances > 1e-12, np.abs(means) / np.sqrt(variances / n), np.inf)
    reach: Floats = np.quantile(distances, confidence, axis=0, method="higher")
    return reach


def _weights(generator: np.random.Generator, resamples: int, n: int) -> Floats:
    weights: Floats = generator.multinomial(n, [1 / n] * n, size=resamples) / n
    return weights


def test_the_simulated_bootstrap_is_the_one_that_is_used() -> None:
    generator = np.random.default_rng(2)
    before, after = _pairs(generator, (3, 164), 0.317, 0.5, 0.3)
    differences = (generator.binomial(8, after) - generator.binomial(8, before)) / 8
    reaches = _symmetric_reach(differences, _weights(generator, 4000, 164), 0.95)
    errors = differences.std(1) / math.sqrt(164)
    for row, reach, error in zip(differences, reaches, errors, strict=True):
        low, high = bootstrap_difference_interval(row.tolist())
        assert (high - low) / 2 == pytest.approx(reach * error, rel=0.05)


_PAIRED = [
    # mean, agreement, shift, and the coverage to expect
    (0.317, 0.5, 0.0, 0.94, 0.96),
    (0.317, 0.5, 0.32, 0.94, 0.96),
    (0.317, 2.0, 0.32, 0.94, 0.96),
    (0.7, 0.5, 0.32, 0.94, 0.96),
    (0.07, 2.0, 0.32, 0.94, 0.965),
    # Nine in ten tasks hopeless: few tasks move, and the interval is cautious.
    (0.07, 0.5, 0.0, 0.94, 0.98),
]


@pytest.mark.parametrize(("mean", "agreement", "shift", "least", "most"), _PAIRED)
def test_bootstrap_interval_covers_95_percent_of_the_time(
    mean: float, agreement: float, shift: float, least: float, most: float
) -> None:
    """164 tasks, 8 samples a side."""
    generator = np.random.default_rng(3)
    truth = float(
        np.subtract(*_pairs(generator, (1, 1_000_000), mean, agreement, shift)[::-1]).mean()
    )
    before, after = _pairs(generator, (3000, 164), mean, agreement, shift)
    differences = (generator.binomial(8, after) - generator.binomial(8, before)) / 8
    reaches = _symmetric_reach(differences, _weights(generator, 999, 164), 0.95)
    reached = reaches * differences.std(1) / math.sqrt(164)
    covered = float((np.abs(differences.mean(1) - truth) <= reached).mean())
    assert least <= covered <= most


def test_a_percentile_bootstrap_would_cover_too_little() -> None:
    """Why it is not used: the same data, 164 tasks of which most do not move."""
    generator = np.random.default_rng(3)
    before, after = _pairs(generator, (3000, 164), 0.07, 0.5, 0.32)
    truth = _true_difference(generator, 0.07, 0.5, 0.32)
    differences = (generator.binomial(8, after) - generator.binomial(8, before)) / 8
    low, high = np.quantile(_weights(generator, 999, 164) @ differences.T, [0.025, 0.975], axis=0)
    assert ((low <= truth) & (truth <= high)).mean() < 0.94


def _runs(
    generator: np.random.Generator,
    experiments: int,
    runs: int,
    spread: float,
    shift: float,
    tasks: Floats,
) -> Floats:
    """Rates of 164 tasks in several runs of one condition, 8 samples each: shape (experiments,
    runs, 164). `spread` is the deviation of whole runs on the logit scale; every task has one of
    0.5 of its own in every run."""
    logits = (
        tasks[:, None, :]
        + shift
        + generator.normal(0, spread, (experiments, runs, 1))
        + generator.normal(0, 0.5, (experiments, runs, tasks.shape[1]))
    )
    rates: Floats = generator.binomial(8, _logistic(logits)) / 8
    return rates


def _covered_by_runs(
    runs: tuple[int, int], spread: float, interval: Callable[[Floats, Floats], Interval]
) -> float:
    """How often an interval covers a true difference of zero; both conditions are the same but for
    their runs. A run's pass@1 deviates by about 13 points times `spread`."""
    generator = np.random.default_rng(4)
    tasks = generator.normal(-0.85, 2.5, (1000, 164))
    before = _runs(generator, 1000, runs[0], spread, 0.0, tasks)
    after = _runs(generator, 1000, runs[1], spread, 0.0, tasks)
    covered = 0
    for one, other in zip(before, after, strict=True):
        low, high = interval(one, other)
        covered += low <= 0 <= high
    return covered / 1000


def _over_tasks_and_runs(before: Floats, after: Floats) -> Interval:
    return contrast_of_runs([before.tolist(), after.tolist()], (-1, 1)).interval()


@pytest.mark.parametrize("runs", [(2, 2), (3, 3), (5, 5)])
@pytest.mark.parametrize("spread", [0.0, 0.1, 0.2])
def test_interval_over_tasks_and_runs_covers_at_least_95_percent(
    runs: tuple[int, int], spread: float
) -> None:
    """Cautious by construction: where runs do not differ, a variance above 0 is still estimated.
    The same figure is the test's share of false rejections: both are one inversion."""
    assert 0.94 <= _covered_by_runs(runs, spread, _over_tasks_and_runs) <= 0.985


@pytest.mark.parametrize("runs", [2, 3, 5])
@pytest.mark.parametrize("spread", [0.0, 0.2])
@pytest.mark.parametrize("difficulty", [0.85, 4.0])
def test_interval_of_a_score_over_runs_covers_at_least_95_percent(
    runs: int, spread: float, difficulty: float
) -> None:
    """Of pass rates of about 40 and 10%."""
    generator = np.random.default_rng(6)
    many = generator.normal(-difficulty, 2.5, 200_000)
    noise = generator.normal(0, math.hypot(spread, 0.5), 200_000)
    truth = float(_logistic(many + noise).mean())
    tasks = generator.normal(-difficulty, 2.5, (1000, 164))
    covered = 0
    for rates in _runs(generator, 1000, runs, spread, 0.0, tasks):
        low, high = pass_rate_of_runs(rates.tolist(), rates.size * 8)
        covered += low <= truth <= high
    assert 0.935 <= covered / 1000 <= 0.985


def test_an_interval_over_tasks_alone_would_cover_too_little() -> None:
    """Three seeds a side that differ by 1.3 points: what an interval that resamples only tasks
    calls a difference is luck of the seeds in one of seven cases."""

    def over_tasks(before: Floats, after: Floats) -> Interval:
        differences = after.mean(0) - before.mean(0)
        reach = 1.96 * float(differences.std(ddof=1)) / math.sqrt(164)
        return Interval(float(differences.mean()) - reach, float(differences.mean()) + reach)

    assert _covered_by_runs((3, 3), 0.1, over_tasks) < 0.9


@pytest.mark.parametrize("correlation", [-0.3, 0.0, 0.5, 0.95])
@pytest.mark.parametrize("false_nulls", [0, 1, 2])
def test_holm_holds_the_family_at_5_percent(correlation: float, false_nulls: int) -> None:
    """Four z tests with equal correlations: independent, with a common baseline (0.5), nearly the
    same test four times, and against each other. False nulls are far from true, which is the worst
    case: they let the others be tested at a milder level."""
    generator = np.random.default_rng(5)
    covariance = np.full((4, 4), correlation) + (1 - correlation) * np.eye(4)
    scores = generator.multivariate_normal(np.zeros(4), covariance, 20_000)
    tails = np.vectorize(math.erfc)(np.abs(scores) / math.sqrt(2))
    tails[:, :false_nulls] = 1e-9
    families = sum(min(holm(row)[false_nulls:]) <= 0.05 for row in tails.tolist())
    # Three standard errors of 20,000 families.
    assert families / 20_000 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 20_000)


def test_holm_over_mcnemar_tests_against_one_baseline_holds_the_family() -> None:
    """Four adapters that change nothing but noise, each against the same base evaluation."""
    generator = np.random.default_rng(6)
    rates = generator.beta(0.15, 0.35, (4000, 164))
    base = generator.random((4000, 164)) < rates
    adapters = [generator.random((4000, 164)) < rates for _ in range(4)]
    counts = [((adapter & ~base).sum(1), (base & ~adapter).sum(1)) for adapter in adapters]
    wrong = 0
    for at in range(4000):
        p_values = [_mcnemar(int(up[at]), int(down[at])) for up, down in counts]
        wrong += min(holm(p_values)) <= 0.05
    assert 0.005 < wrong / 4000 <= 0.05
