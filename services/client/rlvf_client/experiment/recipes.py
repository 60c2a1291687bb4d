"""Derives what an experiment trains from its settings.

A *recipe* is an arm on one of the models, with all its settings. Its runs differ in their seed; the
only run of a recipe has the recipe's name.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from rlvf_api.errors import InvalidArgument
from rlvf_api.hyperparameters import LOSSES, SETTINGS
from rlvf_client.experiment.checking import check
from rlvf_client.experiment.schema import BASE, BASE_AGAIN, Arm, Experiment
from rlvf_client.experiment.sections import (
    TRAINS_ON,
    Data,
    Method,
    Source,
    Training,
    suiting_settings,
)

__all__ = ["Recipe", "condition_name", "recipes_of"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """An arm on one model."""

    name: str
    model: str
    """Short name of the model; empty where the experiment has one model."""
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


def condition_name(model: str, name: str) -> str:
    """Name of an arm, or of the base, on a model."""
    return f"{model}-{name}" if model else name


def recipes_of(experiment: Experiment) -> list[Recipe]:
    """Every arm on each of its models, model by model.

    Raises:
        InvalidArgument: two arms, or two of what is evaluated, have one name; an arm names an
            unknown model, or has a setting that does not exist or that its method does not have.
    """
    arms = experiment.all_arms
    names = [arm.name for arm in arms]
    for name in names:
        if names.count(name) > 1:
            raise InvalidArgument("arms", f"several arms have the name {name!r}")
    _check_loss(experiment, {arm.method for arm in arms})
    experiment.training.check("dpo")
    first = len(arms) - len(experiment.arms)
    resolved = [_resolved(experiment, arm, f"arms.{n - first}") for n, arm in enumerate(arms)]
    recipes = [
        Recipe(condition_name(model, arm.name), model, arm, problems, data, training)
        for model in experiment.named_models
        for arm, (problems, data, training) in zip(arms, resolved, strict=True)
        if not arm.models or model in arm.models
    ]
    _check_names(experiment, recipes)
    return recipes


def _check_names(experiment: Experiment, recipes: Sequence[Recipe]) -> None:
    """Raise InvalidArgument where a condition would have the name of another."""
    taken = {
        condition_name(model, base)
        for model in experiment.named_models
        for base in (BASE, BASE_AGAIN)
    }
    for recipe in recipes:
        names = {recipe.name, *(name for name, _ in recipe.runs())}
        if both := sorted(names & taken):
            raise InvalidArgument(
                "arms", f"two conditions would have the name {both[0]!r}; rename an arm or a model"
            )
        taken |= names


def _check_loss(experiment: Experiment, methods: Set[Method]) -> None:
    """Raise InvalidArgument where the experiment's loss belongs to the method of no arm."""
    given = experiment.training.model_dump()["loss"]
    # The default loss is one of `dpo`.
    known: set[Method] = {"dpo", *methods}
    if not any(given in LOSSES[TRAINS_ON[method]] for method in known):
        raise InvalidArgument("training.loss", f"no arm has a method with the loss `{given}`")


def _resolved(
    experiment: Experiment, arm: Arm, place: str
) -> tuple[tuple[Source, ...], Data, Training]:
    for model in arm.models:
        if model not in experiment.models:
            known = ", ".join(experiment.models) or "none"
            raise InvalidArgument(f"{place}.models", f"{model!r} is not one of `models`: {known}")
    suiting = suiting_settings(arm.method)
    for name, value in arm.training.items():
        if (
            name == "ladder"
            or (name in SETTINGS and name not in suiting)
            or (name == "loss" and value not in LOSSES[TRAINS_ON[arm.method]])
        ):
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
    if arm.method == "grpo":
        _check_online(data, place)
    return tuple(arm.problems or experiment.problems), data, training


def _check_online(data: Data, place: str) -> None:
    """Raise InvalidArgument unless the trained policy itself samples, from all of its
    probabilities."""
    if data.sampler.model or data.sampler.endpoint:
        raise InvalidArgument(
            f"{place}.data.sampler", "does not belong to grpo: the policy samples by itself"
        )
    if data.sampling.temperature == 0:
        raise InvalidArgument(
            f"{place}.data.sampling.temperature", "must be above 0: greedy answers are all the same"
        )
    if data.sampling.top_p < 1:
        raise InvalidArgument(
            f"{place}.data.sampling.top_p",
            "must be 1: a policy that samples from a part of its probabilities is not the one that "
            "is trained",
        )


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
