"""What made the numbers, beyond the request: what results and trainings say of code, packages and
weights; and where two conditions differ in it."""

from collections.abc import Iterable, Iterator, Mapping

from rlvf_common.rpc.version import names_commit
from rlvf_reporter.report import Condition, Finding, Level, Report, Training

__all__ = ["maker_findings", "stated_versions"]

_NOT_SAID = "not said"
_DIGITS = 12
"""Of a digest so many are shown in a sentence."""


def stated_versions(
    conditions: Iterable[Condition], trainings: Iterable[Training]
) -> dict[str, str]:
    """Versions by name, as results and trainings state them; where they differ, each version with
    those that state it."""
    return {
        name: next(iter(by_value))
        if len(by_value) == 1
        else "; ".join(f"{value} ({', '.join(names)})" for value, names in by_value.items())
        for name, by_value in _stated(conditions, trainings)
    }


def maker_findings(report: Report) -> Iterator[Finding]:
    """Each version in which conditions or trainings differ, once; and what a server wrote whose
    weights nobody knows."""
    for name, by_value in _stated(report.conditions, report.training):
        if len(by_value) > 1 and not names_commit(name):
            stated = "; ".join(
                f"{_short(value)} for {', '.join(names)}" for value, names in by_value.items()
            )
            yield Finding(
                Level.WARNING,
                f"Not all was made with one version of {name}: {stated}. Differences between them "
                "may come from it.",
            )
    unknown = dict.fromkeys(c.name for c in report.conditions if c.weights_sha256 == "")
    if unknown:
        yield Finding(
            Level.NOTE,
            f"The inference server does not say which weights it served to {', '.join(unknown)}; "
            "their name is all that is known of them.",
        )


_ByValue = dict[str, list[str]]
"""Versions of one thing, each with those that were made with it."""


def _stated(
    conditions: Iterable[Condition], trainings: Iterable[Training]
) -> Iterator[tuple[str, _ByValue]]:
    conditions = list(conditions)
    yield from _by_value([(c.name, c.versions) for c in conditions])
    for model in dict.fromkeys(c.model for c in conditions):
        weights = [
            (c.name, {f"weights of {model}": c.weights_sha256})
            for c in conditions
            if c.model == model and c.weights_sha256
        ]
        yield from _by_value(weights)
    yield from _by_value(
        [(t.name, {f"training {name}": v for name, v in t.versions.items()}) for t in trainings]
    )


def _by_value(group: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[tuple[str, _ByValue]]:
    """By name of a version: who was made with which. Those who state nothing do not count."""
    stated = [(who, said) for who, said in group if said]
    for name in sorted({name for _, said in stated for name in said}):
        by_value: dict[str, dict[str, None]] = {}
        for who, said in stated:
            by_value.setdefault(said.get(name, _NOT_SAID), {})[who] = None
        yield name, {value: list(names) for value, names in by_value.items()}


def _short(value: str) -> str:
    is_digest = len(value) >= 40 and set(value) <= set("0123456789abcdef")
    return value[:_DIGITS] if is_digest else value
