"""Compares the settings, code, packages and weights that results and trainings state."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rlvf_common.rpc.version import names_commit
from rlvf_common.statistics.differences import by_value
from rlvf_reporter.report import Condition, Finding, Level, Report, Training, Weight

__all__ = ["maker_findings", "stated_versions"]

_DIGITS = 12
"""Number of digits of a digest that are shown in a sentence."""


def stated_versions(
    conditions: Iterable[Condition], trainings: Iterable[Training]
) -> dict[str, str]:
    """Versions by name, as results and trainings state them; where they differ, each version with
    the conditions or trainings that state it."""
    return {
        name: next(iter(values))
        if len(values) == 1
        else "; ".join(f"{value} ({', '.join(names)})" for value, names in values.items())
        for name, values in _versions(conditions, trainings)
    }


def maker_findings(report: Report) -> Iterator[Finding]:
    """Warnings about each version in which conditions or trainings differ, and about each setting
    in which the conditions on one benchmark differ; a note on a server that did not state its
    weights."""
    for name, values in _versions(report.conditions, report.training):
        if not names_commit(name):
            yield from _not_one(f"version of {name}", values)
    for benchmark in report.benchmarks:
        settings = by_value([(c.name, c.settings) for c in report.on(benchmark)])
        for name, values in settings.items():
            yield from _not_one(name, values, f" on {benchmark}")
    unknown = dict.fromkeys(c.name for c in report.conditions if c.weights_sha256 == "")
    if unknown:
        yield Finding(
            Level.NOTE,
            f"The inference server did not state which weights it served to {', '.join(unknown)}; "
            "only their name is known.",
        )


_Values = Mapping[str, list[str]]
"""Versions of a component, or values of a setting, each with the names of what was made with it."""


def _not_one(name: str, values: _Values, where: str = "") -> Iterator[Finding]:
    if len(values) > 1:
        stated = "; ".join(f"{_short(value)} for {', '.join(who)}" for value, who in values.items())
        yield Finding(
            Level.WARNING,
            f"Not all{where} was made with the same {name}: {stated}. This may cause differences "
            "between them.",
            Weight.INVALID,
        )


def _versions(
    conditions: Iterable[Condition], trainings: Iterable[Training]
) -> Iterator[tuple[str, _Values]]:
    """For each name of a version: the versions, each with what was made with it. What states no
    versions is ignored."""
    conditions = list(conditions)
    groups: list[Sequence[tuple[str, Mapping[str, str]]]] = [
        [(c.name, c.versions) for c in conditions],
        *(
            [
                (c.name, {f"weights of {model}": c.weights_sha256})
                for c in conditions
                if c.model == model and c.weights_sha256
            ]
            for model in dict.fromkeys(c.model for c in conditions)
        ),
        [(t.name, {f"training {name}": v for name, v in t.versions.items()}) for t in trainings],
    ]
    for group in groups:
        yield from sorted(by_value((who, said) for who, said in group if said).items())


def _short(value: str) -> str:
    is_digest = len(value) >= 40 and set(value) <= set("0123456789abcdef")
    return value[:_DIGITS] if is_digest else value
