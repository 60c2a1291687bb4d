"""Which comparisons and trends the report is to make, derived from the settings of an
experiment."""

from collections.abc import Sequence
from dataclasses import dataclass

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.contrasts import find_contrasts
from rlvf_client.experiment.recipes import Recipe, condition_name
from rlvf_client.experiment.schema import BASE, BASE_AGAIN, Comparison, Experiment
from rlvf_common.statistics.trend import MIN_RUNGS

__all__ = ["Claims", "claims_of"]


@dataclass(frozen=True, slots=True)
class Claims:
    """The comparisons and trends that the report is asked for."""

    head_to_head: list[reporter_pb2.HeadToHead]
    trends: list[reporter_pb2.Trend]
    primary: reporter_pb2.HeadToHead | None
    controls: list[reporter_pb2.HeadToHead]
    contrasts: list[reporter_pb2.Contrast]


def claims_of(experiment: Experiment, recipes: Sequence[Recipe]) -> Claims:
    """Which comparisons the report makes: every arm with its control, the primary one, and those
    that the experiment declares, or else every arm with its base and with those that it differs
    from in one thing. Raises InvalidArgument for an arm or a benchmark that is not there."""
    benchmarks = [benchmark.name for benchmark in experiment.evaluation.benchmarks]

    def on_all(pairs: Sequence[tuple[str, str]]) -> list[reporter_pb2.HeadToHead]:
        return [
            reporter_pb2.HeadToHead(benchmark=benchmark, baseline=baseline, treatment=treatment)
            for benchmark in benchmarks
            for treatment, baseline in pairs
        ]

    again = [
        (condition_name(model, BASE_AGAIN), condition_name(model, BASE))
        for model in experiment.named_models
        if experiment.evaluation.base_again
    ]
    controls = [
        pair
        for number, arm in enumerate(experiment.arms)
        if arm.control
        for pair in _named(
            experiment,
            Comparison(treatment=arm.name, baseline=arm.control),
            recipes,
            f"arms.{number}.control",
        )
    ]
    declared = [
        pair
        for number, comparison in enumerate(experiment.comparisons)
        for pair in _named(experiment, comparison, recipes, f"comparisons.{number}")
    ]
    contrasts = find_contrasts(recipes)
    if not declared:
        declared = [(recipe.name, condition_name(recipe.model, BASE)) for recipe in recipes]
        declared += [(contrast.treatment, contrast.baseline) for contrast in contrasts]
    head_to_head = on_all(list(dict.fromkeys([*again, *declared, *controls])))
    primary = None
    if experiment.primary is not None:
        found = _named(experiment, experiment.primary, recipes, "primary")
        if len(found) != 1:
            raise InvalidArgument(
                "primary", "must be of one model: name the arm as `MODEL-ARM`, and so its baseline"
            )
        if experiment.primary.benchmark not in benchmarks:
            raise InvalidArgument(
                "primary.benchmark", f"is not one of those of `evaluation`: {', '.join(benchmarks)}"
            )
        ((treatment, baseline),) = found
        primary = reporter_pb2.HeadToHead(
            benchmark=experiment.primary.benchmark, baseline=baseline, treatment=treatment
        )
        if primary not in head_to_head:
            head_to_head.append(primary)
    return Claims(
        head_to_head,
        _trends(benchmarks, recipes),
        primary,
        on_all(controls),
        [
            reporter_pb2.Contrast(
                comparison=comparison,
                factor=contrast.factor,
                baseline_value=contrast.baseline_value,
                treatment_value=contrast.treatment_value,
            )
            for contrast in contrasts
            for comparison in on_all([(contrast.treatment, contrast.baseline)])
            if comparison in head_to_head
        ],
    )


def _named(
    experiment: Experiment, comparison: Comparison, recipes: Sequence[Recipe], place: str
) -> list[tuple[str, str]]:
    """Treatment and baseline by the names of conditions; where the comparison names arms, on every
    model that has both."""
    models = list(experiment.named_models)
    bases = {condition_name(model, BASE) for model in models}
    known = {recipe.name for recipe in recipes} | bases
    if comparison.treatment in known and comparison.baseline in known:
        return [(comparison.treatment, comparison.baseline)]
    arms = {recipe.arm.name for recipe in recipes} | {BASE}
    for name, key in ((comparison.treatment, "treatment"), (comparison.baseline, "baseline")):
        if name not in arms | known:
            raise InvalidArgument(
                f"{place}.{key}", f"there is no arm {name!r}; there are: {', '.join(sorted(arms))}"
            )
    pairs = [
        (condition_name(model, comparison.treatment), condition_name(model, comparison.baseline))
        for model in models
    ]
    return [pair for pair in pairs if set(pair) <= known]


def _trends(benchmarks: Sequence[str], recipes: Sequence[Recipe]) -> list[reporter_pb2.Trend]:
    """The trend along every ladder that is long enough, on each benchmark. A ladder consists of the
    base and of recipes that differ in nothing but their size. Two rungs are a comparison, which is
    made already."""
    ladders: dict[str, dict[int, str]] = {}
    for recipe in recipes:
        if recipe.arm.size:
            same = (recipe.model, recipe.arm.method, recipe.arm.verdicts, recipe.problems)
            settings = (recipe.data.model_dump(), recipe.training.model_dump())
            ladder = ladders.setdefault(
                repr((same, settings)), {0: condition_name(recipe.model, BASE)}
            )
            ladder[recipe.arm.size] = recipe.name
    return [
        reporter_pb2.Trend(
            benchmark=benchmark,
            rungs=[
                reporter_pb2.TrendRung(size=size, condition=name)
                for size, name in sorted(ladder.items())
            ],
        )
        for benchmark in benchmarks
        for ladder in ladders.values()
        if len(ladder) >= MIN_RUNGS
    ]
