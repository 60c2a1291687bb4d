"""How results were made, and how they differ in that: for comparisons and reports."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TypeVar

from rlvf_common.rpc.version import names_commit
from rlvf_common.statistics.results import EvaluationResult

__all__ = ["by_value", "differences", "settings_of"]

_NOT_SAID = "not said"

WhoT = TypeVar("WhoT")


def differences(*sides: Sequence[EvaluationResult]) -> list[str]:
    """One line for each property that differs between the sides, or between the runs of one, such
    as `prompt style: completion and chat`, with the value of each side in order.

    Without the adapter, which is what is compared, and the number of a repetition. A property that
    only some results state is a difference.
    """
    made = [(side, _making(run)) for side, runs in enumerate(sides) for run in runs]
    lines = []
    for name, values in by_value(made).items():
        if len(values) > 1:
            found = [[v for v, who in values.items() if side in who] for side in range(len(sides))]
            lines.append(f"{name}: {' and '.join(' or '.join(each) for each in found)}")
    return lines


def by_value(
    stated: Iterable[tuple[WhoT, Mapping[str, str]]],
) -> dict[str, dict[str, list[WhoT]]]:
    """For every name that some of them state: each value, with those who state it. Those who do not
    state the name have the value `not said`."""
    stated = list(stated)
    names = dict.fromkeys(name for _, said in stated for name in said)
    found: dict[str, dict[str, list[WhoT]]] = {name: {} for name in names}
    for who, said in stated:
        for name, values in found.items():
            same = values.setdefault(said.get(name, _NOT_SAID), [])
            if who not in same:
                same.append(who)
    return found


def settings_of(result: EvaluationResult) -> dict[str, str]:
    """How a result was drawn and graded, in words by name: sampling, prompt, executor, limits.

    Without the seed: repeated runs have other seeds on purpose. Digests are cut to their first
    digits, enough to see that two differ.
    """
    return {name: value for name, value in _settings(result) if name != "seed"}


def _making(result: EvaluationResult) -> dict[str, str]:
    """Everything that made a result: model, settings, versions."""
    made = {"verdicts": f"of {result.source}" if result.source else "ours"}
    if result.model:
        for name, value in asdict(result.model).items():
            if not name.startswith("adapter"):
                made.update(_named(f"model {name}", value))
    made.update(_settings(result))
    for name, version in sorted(result.versions.items()):
        if not names_commit(name):
            made[f"version of {name}"] = version
    return made


def _settings(result: EvaluationResult) -> Iterator[tuple[str, str]]:
    if result.sampling:
        for name, value in asdict(result.sampling).items():
            if name != "repetition":
                yield from _named(name, value)
    if result.prompt_template:
        template = result.prompt_template
        yield "prompt template", f"{template.name} {_short(template.sha256)}"
    if result.sampling:
        yield "stop strings", repr(list(result.stop))
    yield "program", "extracted from the answer" if result.extracted else "as answered"
    yield "samples that could not be graded", str(len(result.invalid))
    if result.executor:
        for name, value in asdict(result.executor).items():
            yield from _named(f"executor {name}", value)
    if result.calibration:
        yield "benchmark", _short(result.calibration.benchmark_sha256)
        yield "calibrated executor policy", _short(result.calibration.executor_policy_sha256)
    for name, limit in sorted(result.limits.items()):
        yield f"limit {name.replace('_', ' ')}", f"{limit:,.10g}"


def _named(name: str, value: object) -> Iterator[tuple[str, str]]:
    """A value under its name in words; nothing if it is empty."""
    if value not in ("", None):
        text = str(value)
        yield (
            name.replace("_sha256", "").replace("_", " "),
            _short(text) if name.endswith("_sha256") else text,
        )


def _short(digest: str) -> str:
    return digest[:12]
