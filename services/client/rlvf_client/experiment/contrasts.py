"""Finds arms that differ in one factor alone, so that their comparison shows its effect."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.hyperparameters import Precision
from rlvf_client.experiment.recipes import Recipe
from rlvf_client.experiment.sections import Selection, Source
from rlvf_common.problems.benchmarks.windows import split_name

__all__ = ["Contrast", "find_contrasts", "settings_of", "source_names"]

_QUALITY = ("keep_share", "keep_best", "min_gap")
"""The rules of selection that keep pairs of high quality."""
_BITS = {Precision.NF4: 4, Precision.BF16: 16, Precision.FP32: 32}


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two recipes by name, the factor in which they differ, and its value in each, in words."""

    baseline: str
    treatment: str
    factor: reporter_pb2.Factor.ValueType
    baseline_value: str
    treatment_value: str


def source_names(sources: Sequence[Source]) -> list[str]:
    """Names of sources; that of a file is its name without its ending."""
    return sorted({Path(source.source).stem for source in sources})


@dataclass(frozen=True, slots=True)
class _Factor:
    """A factor in which recipes may differ."""

    number: reporter_pb2.Factor.ValueType
    settings: tuple[str, ...]
    """Paths of the settings that make up this factor."""
    degree: Callable[[Recipe], float]
    """The treatment is the recipe with the higher degree. Two recipes of the same degree, such as
    two sources each, are no contrast."""
    value: Callable[[Recipe], str]


_FACTORS = (
    _Factor(
        reporter_pb2.FACTOR_QUALITY,
        ("size", *(f"data.selection.{name}" for name in _QUALITY)),
        lambda recipe: bool(_filters(recipe)),
        lambda recipe: _filters(recipe) or "unfiltered",
    ),
    _Factor(
        reporter_pb2.FACTOR_DIVERSITY,
        ("problems",),
        # Two windows of dates of one data set are one source.
        lambda recipe: len({split_name(name)[0] for name in source_names(recipe.problems)}),
        lambda recipe: ", ".join(source_names(recipe.problems)),
    ),
    _Factor(
        reporter_pb2.FACTOR_CURRICULUM,
        ("training.curriculum",),
        lambda recipe: recipe.training.curriculum,
        lambda recipe: "easy problems first" if recipe.training.curriculum else "random order",
    ),
    _Factor(
        reporter_pb2.FACTOR_PRECISION,
        ("training.precision",),
        lambda recipe: _BITS[recipe.training.model_dump()["precision"]],
        lambda recipe: str(recipe.training.model_dump()["precision"]),
    ),
    _Factor(
        reporter_pb2.FACTOR_ROUNDS,
        ("training.rounds",),
        lambda recipe: recipe.training.rounds,
        lambda recipe: (
            "1 round" if recipe.training.rounds == 1 else f"{recipe.training.rounds} rounds"
        ),
    ),
)


def find_contrasts(recipes: Sequence[Recipe]) -> list[Contrast]:
    """Every two recipes that select by true verdicts and differ in one factor alone.

    A recipe of high quality is compared with the unfiltered ones of its own size and of the largest
    size, and never with smaller ones.
    """
    return [contrast for factor in _FACTORS for contrast in _contrasts(factor, recipes)]


def _contrasts(factor: _Factor, recipes: Sequence[Recipe]) -> Iterator[Contrast]:
    verified = [recipe for recipe in recipes if recipe.arm.verdicts == "true"]
    for treatment in verified:
        baselines = [
            recipe
            for recipe in verified
            if _rest(recipe, factor) == _rest(treatment, factor)
            and factor.degree(recipe) < factor.degree(treatment)
        ]
        if factor.number == reporter_pb2.FACTOR_QUALITY:
            baselines = _of_quality(treatment, baselines)
        for baseline in baselines:
            yield Contrast(
                baseline.name,
                treatment.name,
                factor.number,
                factor.value(baseline),
                factor.value(treatment),
            )


def _of_quality(treatment: Recipe, baselines: Sequence[Recipe]) -> list[Recipe]:
    sizes = {_size(recipe) for recipe in baselines if _size(recipe) >= _size(treatment)}
    wanted = {_size(treatment), max(sizes, default=0.0)} & sizes
    return [recipe for recipe in baselines if _size(recipe) in wanted]


def _size(recipe: Recipe) -> float:
    return recipe.arm.size or float("inf")


def _filters(recipe: Recipe) -> str:
    """The rules of high quality that a recipe has, in words."""
    selection, default = recipe.data.selection, Selection()
    kept = {name: getattr(selection, name) for name in _QUALITY}
    return ", ".join(
        f"{name} {value:g}" for name, value in kept.items() if value != getattr(default, name)
    )


def settings_of(recipe: Recipe) -> dict[str, Any]:
    """All settings of a recipe but its verdicts, by path, such as `data.sampling.seed`."""
    return dict(
        _paths(
            {
                "model": recipe.model,
                "method": recipe.arm.method,
                "size": recipe.arm.size,
                "problems": recipe.problems,
                "data": recipe.data.model_dump(),
                "training": recipe.training.model_dump(),
            }
        )
    )


def _rest(recipe: Recipe, factor: _Factor) -> dict[str, Any]:
    """All settings of a recipe but those of the factor."""
    settings = settings_of(recipe)
    return {path: value for path, value in settings.items() if path not in factor.settings}


def _paths(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _paths(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
