"""Reads training problems from their sources, mixes them, and holds some out."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_client.experiment.recipes import Recipe
from rlvf_client.experiment.schema import Experiment
from rlvf_client.experiment.sections import Source
from rlvf_common import starter
from rlvf_common.problems.benchmarks import Content
from rlvf_common.problems.benchmarks.apps import read_apps
from rlvf_common.problems.benchmarks.code_contests import read_code_contests
from rlvf_common.problems.benchmarks.live_code_bench import read_live_code_bench
from rlvf_common.problems.benchmarks.mbpp import read_mbpp
from rlvf_common.problems.benchmarks.sources import (
    HubData,
    apps_hub,
    code_contests_hub,
    live_code_bench_hub,
    mbpp_hub,
    read_file,
    read_hub,
)
from rlvf_common.problems.benchmarks.windows import split_name
from rlvf_common.problems.problem import Problem, parse_problems

__all__ = ["chance", "check_files", "hold_out", "load_problems", "mix"]

SplitT = TypeVar("SplitT", bound=str)


class _DataSet(NamedTuple):
    """A published data set: how its records become problems, where the hub has it, and its
    splits."""

    convert: Callable[..., Content]
    hub: Callable[[str], HubData]
    splits: tuple[str, ...]


_DATA_SETS: Mapping[str, _DataSet] = {
    "mbpp": _DataSet(read_mbpp, mbpp_hub, ("train", "validation")),
    "apps": _DataSet(read_apps, apps_hub, ("train",)),
    "codecontests": _DataSet(read_code_contests, code_contests_hub, ("train", "valid")),
    "livecodebench": _DataSet(read_live_code_bench, live_code_bench_hub, ("test",)),
}
"""Sources of training problems. Their test splits are benchmarks, not sources. LiveCodeBench has
only a test split, which windows of dates divide."""


def load_problems(sources: Sequence[Source], *, seed: int) -> list[Problem]:
    """The problems of all sources, mixed as `mix` says.

    Raises:
        InvalidArgument: a source cannot be read; names the setting.
    """
    pools = [_read(source, f"problems.{number}") for number, source in enumerate(sources)]
    weights = [source.weight for source in sources]
    return mix(pools, [weight for weight in weights if weight is not None], seed=seed)


def check_files(experiment: Experiment, recipes: Sequence[Recipe]) -> None:
    """Read the problem files that an experiment names.

    Raises:
        InvalidArgument: as `load_problems` and `hold_out`.
    """
    named = [("problems", experiment.problems)]
    named += [(f"arms.{n}.problems", arm.problems or []) for n, arm in enumerate(experiment.arms)]
    for place, sources in named:
        for number, source in enumerate(sources):
            if _is_here(source):
                _read(source, f"{place}.{number}")
    for recipe in recipes:
        count, seed = recipe.training.validation.problems, recipe.data.sampling.seed
        if count and all(map(_is_here, recipe.problems)):
            hold_out(load_problems(recipe.problems, seed=seed), count, seed=seed)


def _is_here(source: Source) -> bool:
    """Whether a source needs no network."""
    return bool(source.file) or split_name(source.source)[0] not in _DATA_SETS


def hold_out(
    problems: Sequence[Problem], count: int, *, seed: int
) -> tuple[list[Problem], list[Problem]]:
    """Divide problems into those to train on and `count` that are held out, both in their order.
    The division depends on `seed` and the ids alone.

    Raises:
        InvalidArgument: none would be left; names the setting.
    """
    if count and count >= len(problems):
        raise InvalidArgument(
            "training.validation.problems",
            f"would hold out {count} of {len(problems)} training problems; leave some to train on",
        )
    drawn = sorted(problems, key=lambda problem: chance(seed, f"hold out {problem.task_id}"))
    held_out = {problem.task_id for problem in drawn[:count]}
    return (
        [problem for problem in problems if problem.task_id not in held_out],
        [problem for problem in problems if problem.task_id in held_out],
    )


def mix(
    pools: Sequence[Sequence[Problem]], weights: Sequence[float], *, seed: int
) -> list[Problem]:
    """The largest number of problems that keeps the shares `weights`, none twice; without weights
    all problems.

    The choice from a pool depends on `seed` and the ids alone, and a larger share includes a
    smaller one. Problems stay in their order.
    """
    if not weights:
        return [problem for pool in pools for problem in pool]
    # The pool that runs out first bounds the whole.
    total = min(len(pool) / weight for pool, weight in zip(pools, weights, strict=True))
    mixed: list[Problem] = []
    for pool, weight in zip(pools, weights, strict=True):
        # Rounded down; the product of floats may be slightly too small.
        amount = min(len(pool), int(total * weight + 1e-9))
        drawn = sorted(pool, key=lambda problem: chance(seed, problem.task_id))[:amount]
        taken = {problem.task_id for problem in drawn}
        mixed += [problem for problem in pool if problem.task_id in taken]
    return mixed


def _read(source: Source, place: str) -> list[Problem]:
    if source.source == "starter":
        problems = starter.load(_checked_split(source, ("train", "held_out"), place))
    elif split_name(source.source)[0] in _DATA_SETS:
        problems = _read_data_set(source, place)
    else:
        problems = _read_file(source.source, place)
    return problems[: source.limit or None]


def _read_data_set(source: Source, place: str) -> list[Problem]:
    name, window = split_name(source.source)
    data = _DATA_SETS[name]
    split = _checked_split(source, data.splits, place)
    convert = partial(data.convert, split=split)
    try:
        if source.file:
            content = read_file(Path(source.file).expanduser(), convert)
        else:
            content = read_hub(name, data.hub(split), source.revision, convert)
    except FailedPrecondition as error:
        raise InvalidArgument(
            f"{place}.{'file' if source.file else 'source'}", str(error)
        ) from None
    try:
        return list((window.of(content) if window else content).problems)
    except ValueError as error:
        raise InvalidArgument(f"{place}.source", str(error)) from None


def _checked_split(source: Source, known: Sequence[SplitT], place: str) -> SplitT:
    for split in known:
        if source.split == split:
            return split
    raise InvalidArgument(
        f"{place}.split", f"there is no split {source.split!r}; there are: {', '.join(known)}"
    )


def _read_file(name: str, place: str) -> list[Problem]:
    path = Path(name).expanduser()
    try:
        return list(parse_problems(path.read_bytes(), where=str(path)))
    except FileNotFoundError:
        known = ", ".join(["starter", *_DATA_SETS])
        raise InvalidArgument(
            f"{place}.source", f"{path}: no such file, nor a named source ({known})"
        ) from None
    except OSError as error:
        raise InvalidArgument(f"{place}.source", f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise InvalidArgument(f"{place}.source", str(error)) from None


def chance(seed: int, task_id: str) -> bytes:
    """The key by which problems are sorted to draw some at random."""
    return hashlib.sha256(repr((seed, task_id)).encode()).digest()
