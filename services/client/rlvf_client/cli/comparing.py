"""`rlvf compare` and `rlvf trend`: compare result files without any service."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_common.statistics.comparison import Comparison, compare
from rlvf_common.statistics.comparison import points as _points
from rlvf_common.statistics.results import read_result
from rlvf_common.statistics.trend import Rung, Trend, find_trend

__all__ = ["compare_files", "find_trend_of_files"]

_RUNG = re.compile(r"(?P<size>[^=]+)=(?P<file>.+)")


def compare_files(
    baseline: Path,
    treatment: Path,
    more_baselines: Sequence[Path],
    more_treatments: Sequence[Path],
    *,
    as_json: bool,
) -> str:
    """A sentence and the flips, or a line of JSON."""
    try:
        found = compare(
            read_result(baseline),
            read_result(treatment),
            more_baselines=[read_result(path) for path in more_baselines],
            more_treatments=[read_result(path) for path in more_treatments],
            baseline_name=str(baseline),
            treatment_name=str(treatment),
        )
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    return _json(found) if as_json else _comparison_text(found)


def _comparison_text(found: Comparison) -> str:
    lines = [found.sentence]
    for title, tasks in (("improved", found.improved), ("regressed", found.regressed)):
        lines.append(f"{title} ({len(tasks)}): {', '.join(tasks) or 'none'}")
    lines.append(f"both pass: {found.both_pass}, both fail: {found.both_fail}")
    if found.run_deltas:
        deltas = ", ".join(_points(delta) for delta in found.run_deltas)
        lines.append(f"runs of the treatment: {deltas} pp")
    lines.append(
        "smallest detectable difference with a power of 0.8: "
        f"{found.smallest_detectable * 100:.1f} pp"
    )
    return "\n".join([*lines, *_told(found.differences)])


def _told(found: Sequence[str]) -> list[str]:
    """Differences in how results were made, for people: they may explain those of scores."""
    return [f"made differently: {difference}" for difference in found]


def find_trend_of_files(rungs: Sequence[str], *, as_json: bool) -> str:
    """A sentence and the rungs, or a line of JSON. `rungs` are `SIZE=FILE`; files of one size are
    runs of one rung.

    Raises:
        InvalidArgument: a rung is not of that form.
        FailedPrecondition: a file is not a result, or they are not a ladder.
    """
    files: dict[float, list[Path]] = {}
    for text in rungs:
        size, path = _parse_rung(text)
        files.setdefault(size, []).append(path)
    try:
        found = find_trend(
            [Rung(size, tuple(read_result(path) for path in files[size])) for size in sorted(files)]
        )
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    return _json(found) if as_json else _trend_text(found)


def _parse_rung(text: str) -> tuple[float, Path]:
    match = _RUNG.fullmatch(text)
    try:
        size = float(match["size"]) if match else -1.0
    except ValueError:
        size = -1.0
    if match is None or not 0 <= size < float("inf"):
        raise InvalidArgument("--rung", f"must be SIZE=FILE with a size of at least 0, is `{text}`")
    return size, Path(match["file"])


def _trend_text(found: Trend) -> str:
    rungs = zip(found.sizes, found.pass_at_1, strict=True)
    lines = [found.sentence, *(f"{size:,g}: {share:.1%}" for size, share in rungs)]
    return "\n".join([*lines, *_told(found.differences)])


def _json(found: Comparison | Trend) -> str:
    """Everything except the sentence."""
    return json.dumps({name: value for name, value in asdict(found).items() if name != "sentence"})
