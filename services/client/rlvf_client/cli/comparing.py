"""`rlvf compare` and `rlvf trend`: compare result files without any service."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from operator import itemgetter
from pathlib import Path
from statistics import fmean

from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_client.cli.group import Answer
from rlvf_client.harnesses.files import read_results
from rlvf_common.statistics.comparison import Comparison, compare
from rlvf_common.statistics.formatting import count, percent, plural, signed_points
from rlvf_common.statistics.results import EvaluationResult
from rlvf_common.statistics.trend import Rung, Trend, find_trend

__all__ = ["compare_files", "find_trend_of_files"]

_RUNG = re.compile(r"(?P<size>[^=]+)=(?P<file>.+)")


def compare_files(
    baseline: Path,
    treatment: Path,
    more_baselines: Sequence[Path],
    more_treatments: Sequence[Path],
    *,
    common: bool = False,
) -> Answer:
    """A sentence on the comparison, and the tasks that flipped.

    The files may be of other harnesses (`rlvf_client.harnesses`). With `common`, only the tasks
    that all of them have are compared.

    Raises:
        FailedPrecondition: a file is not a result, or they cannot be compared.
    """
    paths = [baseline, *more_baselines, treatment, *more_treatments]
    try:
        results, remarks = _read_all(paths, common=common)
        before, after = results[: 1 + len(more_baselines)], results[1 + len(more_baselines) :]
        found = compare(
            before[0],
            after[0],
            more_baselines=before[1:],
            more_treatments=after[1:],
            baseline_name=str(baseline),
            treatment_name=str(treatment),
        )
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    at_k = _pass_at_k(before), _pass_at_k(after)
    text = "\n".join([_comparison_text(found, at_k), *remarks.lines])
    sides = dict(zip(("baseline", "treatment"), at_k, strict=True))
    return Answer(text, _record(found, remarks) | {"pass_at_k": sides})


@dataclass(frozen=True, slots=True)
class _Remarks:
    """What must be known of the files in addition to what is found."""

    unverified: Mapping[str, str]
    """By path: the harness whose verdicts a file has."""
    left_out: Mapping[str, int]
    """By path: the number of tasks that not all files have."""

    @property
    def lines(self) -> list[str]:
        """For people."""
        return [
            *(
                f"not verified: {path} has the verdicts of {harness}; "
                f"`rlvf score --samples {path}` grades its answers here"
                for path, harness in self.unverified.items()
            ),
            *(
                f"left out: {plural(tasks, 'task')} of {path} that not all files have"
                for path, tasks in self.left_out.items()
            ),
        ]


def _read_all(paths: Sequence[Path], *, common: bool) -> tuple[list[EvaluationResult], _Remarks]:
    """The results of files on one benchmark that they have in common, and remarks on them. Raises
    ValueError where one cannot be read."""
    files = [read_results(path) for path in paths]
    shared = [
        one.benchmark
        for one in files[0]
        if all(one.benchmark in {other.benchmark for other in file} for file in files)
    ]
    results = [
        next(one for one in file if not shared or one.benchmark == shared[0]) for file in files
    ]
    names = [str(path) for path in paths]
    unverified = {name: r.source for name, r in zip(names, results, strict=True) if r.source}
    tasks = [result.rates().keys() for result in results]
    in_all = set(tasks[0]).intersection(*tasks)
    if not common or not in_all:
        return results, _Remarks(unverified, {})
    left_out = {
        name: len(own) - len(in_all)
        for name, own in zip(names, tasks, strict=True)
        if len(own) > len(in_all)
    }
    restricted = [
        replace(result, results=tuple(one for one in result.results if one.task_id in in_all))
        for result in results
    ]
    return restricted, _Remarks(unverified, left_out)


def _pass_at_k(runs: Sequence[EvaluationResult]) -> dict[int, float]:
    """pass@k as a mean over the runs, for each k for which every run has enough samples."""
    shares = [run.pass_at_k for run in runs]
    return {k: fmean(one[k] for one in shares) for k in shares[0] if all(k in s for s in shares)}


def _comparison_text(found: Comparison, at_k: Sequence[Mapping[int, float]]) -> str:
    lines = [found.sentence]
    before, after = at_k
    shown = [k for k in before if k in after]
    if shown[1:]:
        each = ", ".join(f"pass@{k} {before[k]:.1%} and {after[k]:.1%}" for k in shown)
        lines.append(f"baseline and treatment: {each}")
    for title, tasks in (("improved", found.improved), ("regressed", found.regressed)):
        lines.append(f"{title} ({len(tasks)}): {', '.join(tasks) or 'none'}")
    lines.append(f"both pass: {found.both_pass}, both fail: {found.both_fail}")
    if found.run_deltas:
        deltas = ", ".join(signed_points(delta) for delta in found.run_deltas)
        lines.append(f"runs of the treatment: {deltas} pp")
    lines.append(
        "smallest detectable difference with a power of 0.8: "
        f"{found.smallest_detectable * 100:.1f} pp"
    )
    return "\n".join([*lines, *_told(found.differences)])


def _told(found: Sequence[str]) -> list[str]:
    """Differences in how results were made, for people: they may explain differences of scores."""
    return [f"made differently: {difference}" for difference in found]


def find_trend_of_files(rungs: Sequence[str], *, common: bool = False) -> Answer:
    """A sentence on the trend, and the rungs. `rungs` are `SIZE=FILE`; files of one size are runs
    of one rung. The files and `common` are as in `compare_files`.

    Raises:
        InvalidArgument: a rung is not of that form.
        FailedPrecondition: a file is not a result, or they are not a ladder.
    """
    parsed = sorted((_parse_rung(text) for text in rungs), key=itemgetter(0))
    try:
        results, remarks = _read_all([path for _, path in parsed], common=common)
        runs: dict[float, list[EvaluationResult]] = {}
        for (size, _), result in zip(parsed, results, strict=True):
            runs.setdefault(size, []).append(result)
        found = find_trend([Rung(size, tuple(members)) for size, members in runs.items()])
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    text = "\n".join([_trend_text(found), *remarks.lines])
    return Answer(text, _record(found, remarks))


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
    lines = [found.sentence, *(f"{count(size)}: {percent(share)}" for size, share in rungs)]
    return "\n".join([*lines, *_told(found.differences)])


def _record(found: Comparison | Trend, remarks: _Remarks) -> dict[str, object]:
    """Everything except the sentence."""
    told = {name: value for name, value in asdict(found).items() if name != "sentence"}
    return {**told, **asdict(remarks)}
