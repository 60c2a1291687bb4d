"""Training problems: read from their sources, and mixed."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rlvf_client.config import Source
from rlvf_common import starter
from rlvf_common.errors import InvalidArgument
from rlvf_common.problems import Problem, parse_problems

__all__ = ["READERS", "load_problems", "mix"]


def _starter(split: str) -> list[Problem]:
    match split:
        case "train" | "held_out":
            return starter.load(split)
    raise ValueError(f"there is no split {split!r}; there are: train, held_out")


READERS: Mapping[str, Callable[[str], list[Problem]]] = {"starter": _starter}
"""Named sources: each reads a split, or raises ValueError that says what is wrong with it."""


def load_problems(sources: Sequence[Source], *, seed: int) -> list[Problem]:
    """The problems of all sources, mixed as `mix` says.

    Raises:
        InvalidArgument: a source cannot be read; names the setting.
    """
    pools = [_read(source, number) for number, source in enumerate(sources)]
    weights = [source.weight for source in sources]
    return mix(pools, [weight for weight in weights if weight is not None], seed=seed)


def mix(
    pools: Sequence[Sequence[Problem]], weights: Sequence[float], *, seed: int
) -> list[Problem]:
    """As many problems as keep the shares that `weights` ask for, none twice; without weights all
    of them.

    Which problems of a pool are taken depends on `seed` and their ids alone, and a larger share
    takes the same ones and more. They stay in their order.
    """
    if not weights:
        return [problem for pool in pools for problem in pool]
    # The pool that runs out first bounds the whole.
    total = min(len(pool) / weight for pool, weight in zip(pools, weights, strict=True))
    mixed: list[Problem] = []
    for pool, weight in zip(pools, weights, strict=True):
        # Less than a whole problem is none; a product of floats may lack a little.
        amount = min(len(pool), int(total * weight + 1e-9))
        drawn = sorted(pool, key=lambda problem: _chance(seed, problem.task_id))[:amount]
        taken = {problem.task_id for problem in drawn}
        mixed += [problem for problem in pool if problem.task_id in taken]
    return mixed


def _read(source: Source, number: int) -> list[Problem]:
    place = f"problems[{number}]"
    reader = READERS.get(source.source)
    if reader is not None:
        try:
            problems = reader(source.split)
        except ValueError as error:
            raise InvalidArgument(f"{place}.split", str(error)) from None
    else:
        problems = _read_file(source.source, place)
    return problems[: source.limit or None]


def _read_file(name: str, place: str) -> list[Problem]:
    path = Path(name).expanduser()
    try:
        return list(parse_problems(path.read_bytes(), where=str(path)))
    except FileNotFoundError:
        known = ", ".join(sorted(READERS))
        raise InvalidArgument(
            f"{place}.source", f"{path}: no such file, nor a named source ({known})"
        ) from None
    except OSError as error:
        raise InvalidArgument(f"{place}.source", f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise InvalidArgument(f"{place}.source", str(error)) from None


def _chance(seed: int, task_id: str) -> bytes:
    return hashlib.sha256(repr((seed, task_id)).encode()).digest()
