"""What an experiment trains and claims, worked out of its settings.

A *recipe* is an arm on one of the models, with all its settings. Its runs differ in their seed; a
recipe with one run bears that run's name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_api.hyperparameters import SETTINGS, Loss
from rlvf_client.experiment.checking import check
from rlvf_client.experiment.schema import BASE, BASE_AGAIN, Arm, Comparison, Experiment
from rlvf_client.experiment.sections import Data, Source, Training, suiting_settings
from rlvf_common.statistics.trend import MIN_RUNGS

__all__ = ["Claims", "Recipe", "claims_of", "condition_name", "recipes_of"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """An arm on one model."""

    name: str
    model: str
    """Short name of the model; empty where there is one."""
    arm: Arm
    problems: tuple[Source, ...]
    data: Data
    training: Training

    def runs(self) -> list[tuple[str, int]]:
        """Name and seed of each run."""
        seeds = self.training.seeds
        if len(seeds) == 1:
            return [(self.name, seeds[0])]
        return [(f"{self.name}-seed-{seed}", seed) for seed in seeds]


@dataclass(frozen=True, slots=True)
class Claims:
    """What the report is asked for."""

    head_to_head: list[reporter_pb2.HeadToHead]
    trends: list[reporter_pb2.Trend]
    primary: reporter_pb2.HeadToHead | None
    controls: list[reporter_pb2.HeadToHead]


def condition_name(model: str, name: str) -> str:
    """Name of an arm, or of the base, on a model."""
    return f"{model}-{name}" if model else name


def recipes_of(experiment: Experiment) -> list[Recipe]:
    """Every arm on each of its models, model by model.

    Raises:
        InvalidArgument: two arms have one name; an arm names a model that is not there, or has a
            setting that is not one, or that its method has not.
    """
    arms = experiment.all_arms
    names = [arm.name for arm in arms]
    for name in names:
        if names.count(name) > 1:
            raise InvalidArgument("arms", f"there are several of the name {name!r}")
    experiment.training.check("dpo")
    first = len(arms) - len(experiment.arms)
    resolved = [_resolved(experiment, arm, f"arms.{n - first}") for n, arm in enumerate(arms)]
    return [
        Recipe(condition_name(model, arm.name), model, arm, problems, data, training)
        for model in experiment.named_models
        for arm, (problems, data, training) in zip(arms, resolved, strict=True)
        if not arm.models or model in arm.models
    ]


def _resolved(
    experiment: Experiment, arm: Arm, place: str
) -> tuple[tuple[Source, ...], Data, Training]:
    for model in arm.models:
        if model not in experiment.models:
            known = ", ".join(experiment.models) or "none"
            raise InvalidArgument(f"{place}.models", f"{model!r} is not one of `models`: {known}")
    loss = Loss.NLL if arm.method == "rft" else None
    suiting = SETTINGS if loss is None else suiting_settings(loss)
    for name in arm.training:
        if name == "ladder" or (name in SETTINGS and name not in suiting):
            raise InvalidArgument(f"{place}.training.{name}", f"does not belong to {arm.method}")
    data = check(Data, _merged(_given(experiment.data), arm.data), before=f"{place}.data.")
    training = check(
        Training, _merged(_given(experiment.training), arm.training), before=f"{place}.training."
    )
    try:
        training.check(arm.method)
    except InvalidArgument as error:
        where = error.field.replace("hyperparameters", f"{place}.training")
        raise InvalidArgument(where, error.message) from None
    return tuple(arm.problems or experiment.problems), data, training


def _given(section: BaseModel) -> dict[str, Any]:
    """What a person wrote of a section, without its defaults."""
    return section.model_dump(exclude_unset=True)


def _merged(given: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(given)
    for name, value in changes.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            value = _merged(before, value)
        merged[name] = value
    return merged


def claims_of(experiment: Experiment, recipes: Sequence[Recipe]) -> Claims:
    """Which comparisons the report makes: every arm with its control, the primary one, and those
    that the experiment declares, or else every arm with its base. Raises InvalidArgument for an
    arm or a benchmark that is not there."""
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
    ] or [(recipe.name, condition_name(recipe.model, BASE)) for recipe in recipes]
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
    return Claims(head_to_head, _trends(benchmarks, recipes), primary, on_all(controls))


def _named(
    experiment: Experiment, comparison: Comparison, recipes: Sequence[Recipe], place: str
) -> list[tuple[str, str]]:
    """Treatment and baseline, as conditions are named: on every model that has both, where the
    comparison names arms and not conditions."""
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
    """The trend along every ladder that is long enough, on each benchmark: of recipes that differ
    in nothing but their size, from the base up. Two rungs are a comparison, which there is
    already."""
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
