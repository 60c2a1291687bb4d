"""What differs in how results were made, besides what is compared in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from rlvf_common.rpc.version import names_commit
from rlvf_common.statistics.results import EvaluationResult

__all__ = ["differences"]

_NOT_SAID = "not said"


def differences(*sides: Sequence[EvaluationResult]) -> list[str]:
    """One line for each thing that differs between the sides, or between the runs of one, as
    `prompt style: completion and chat`: what each side has, in their order.

    The adapter is what is compared, and the number of a repetition tells runs apart: neither is
    among them. What one result says and another does not is a difference.
    """
    made = [[dict(_making(run)) for run in runs] for runs in sides]
    names = dict.fromkeys(name for runs in made for run in runs for name in run)
    lines = []
    for name in names:
        found = [list(dict.fromkeys(run.get(name, _NOT_SAID) for run in runs)) for runs in made]
        if len({value for values in found for value in values}) > 1:
            lines.append(f"{name}: {' and '.join(' or '.join(values) for values in found)}")
    return lines


def _making(result: EvaluationResult) -> Iterator[tuple[str, str]]:
    """What made a result, by name, in words. What a digest stands for is told by its first digits:
    enough to see that two are not the same."""
    if result.model:
        for name, value in asdict(result.model).items():
            if not name.startswith("adapter"):
                yield from _named(f"model {name}", value)
    if result.sampling:
        for name, value in asdict(result.sampling).items():
            if name != "repetition":
                yield from _named(name, value)
    if result.prompt_template:
        template = result.prompt_template
        yield "prompt template", f"{template.name} {_short(template.sha256)}"
    if result.sampling:
        yield "stop strings", repr(list(result.stop))
    yield "program", "read out of the answer" if result.extracted else "as answered"
    if result.executor:
        for name, value in asdict(result.executor).items():
            yield from _named(f"executor {name}", value)
    if result.calibration:
        yield "benchmark", _short(result.calibration.benchmark_sha256)
        yield "calibrated executor policy", _short(result.calibration.executor_policy_sha256)
    yield from _each("limit", result.limits)
    versions = {name: value for name, value in result.versions.items() if not names_commit(name)}
    yield from _each("version of", versions)


def _named(name: str, value: object) -> Iterator[tuple[str, str]]:
    """A value under its name in words; nothing where it is empty."""
    if value not in ("", None):
        text = str(value)
        yield (
            name.replace("_sha256", "").replace("_", " "),
            _short(text) if name.endswith("_sha256") else text,
        )


def _each(what: str, values: Mapping[str, float] | Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(values.items()):
        text = f"{value:,.10g}" if isinstance(value, float) else str(value)
        yield f"{what} {name.replace('_', ' ')}" if what == "limit" else f"{what} {name}", text


def _short(digest: str) -> str:
    return digest[:12]
