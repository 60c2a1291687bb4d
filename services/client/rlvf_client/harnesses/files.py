"""Recognises result files, our own and other harnesses', by their content, and reads them."""

import codecs
import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from rlvf_client.harnesses import evalplus, human_eval, lm_eval
from rlvf_client.harnesses.records import ForeignFile, NotThis
from rlvf_common.statistics.results import EvaluationResult, parse_result

__all__ = ["read_foreign", "read_results", "write_answers"]

_GZIP = b"\x1f\x8b"
_BEGINNING = 64 << 10
"""Bytes that show whether a file may have verdicts; files of samples alone can be very large."""
_MARKS = (b'"eval"', b'"passed"', b'"doc_id"', b'"results"', b'"config"')


def read_results(path: Path) -> tuple[EvaluationResult, ...]:
    """The results in a file, of ours or of another harness; several where it has verdicts of
    several benchmarks, the stricter first.

    Raises:
        ValueError: it cannot be read, or is not a result file; one line with file and place.
    """
    data = _read(path)
    foreign = _foreign(data, path)
    return foreign.results if foreign else (parse_result(data, where=str(path)),)


def read_foreign(path: Path) -> ForeignFile | None:
    """A result file of another harness; None where the file is missing or something else.

    Raises:
        ValueError: it is one, but something in it is wrong; one line with file and place.
    """
    if not path.is_file() or not _may_have_verdicts(path):
        return None
    return _foreign(_read(path), path)


def write_answers(file: ForeignFile, path: Path) -> None:
    """Write the answers of a file as samples, JSON Lines in the formats of human-eval and
    EvalPlus."""
    with path.open("w", encoding="utf-8") as samples:
        for answer in file.answers:
            text = {"solution" if answer.is_solution else "completion": answer.text}
            samples.write(json.dumps({"task_id": answer.task_id, **text}) + "\n")


def _may_have_verdicts(path: Path) -> bool:
    """Whether the beginning shows that the whole file is worth reading; False where it cannot be
    read."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
        with gzip.open(path) if packed else path.open("rb") as file:
            start = file.read(_BEGINNING)
    except (EOFError, OSError, zlib.error):
        return False
    return any(mark in start for mark in _MARKS)


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP) else data
    except (EOFError, zlib.error) as error:
        raise ValueError(f"{path}: cannot be unpacked: {error}") from None
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from None


def _foreign(data: bytes, path: Path) -> ForeignFile | None:
    where = str(path)
    try:
        document = json.loads(data.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError):
        return _of_lines(data, where)
    _refuse_bigcode(document, where)
    for read in (evalplus.read, _totals):
        try:
            return read(document, where)
        except NotThis:
            continue
    # JSON Lines with a single line are a document, too.
    return _of_lines(data, where)


def _totals(document: object, where: str) -> ForeignFile:
    return lm_eval.read_totals(document, where, _samples)


def _samples(path: Path) -> ForeignFile:
    found = _of_lines(_read(path), str(path))
    if found is None:
        raise ValueError(f"{path}: is not a file of samples of lm-evaluation-harness")
    return found


def _of_lines(data: bytes, where: str) -> ForeignFile | None:
    numbered = [
        (number, line)
        for number, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1)
        if line.strip()
    ]
    read = _reader_of(numbered[0][1]) if numbered else None
    return (
        read([_parsed(line, f"{where}, line {at}") for at, line in numbered], where)
        if read
        else None
    )


def _reader_of(first: bytes) -> Callable[[Sequence[object], str], ForeignFile] | None:
    try:
        line = json.loads(first)
    except (ValueError, RecursionError):
        return None
    if human_eval.is_line(line):
        return human_eval.read
    return lm_eval.read_samples if lm_eval.is_line(line) else None


def _parsed(line: bytes, place: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{place}: is not JSON: {error}") from None


def _refuse_bigcode(document: object, where: str) -> None:
    """Refuse files of bigcode-evaluation-harness: it writes totals and generations, but no verdicts
    of tasks.

    Source: github.com/bigcode-project/bigcode-evaluation-harness, main.py and
    bigcode_eval/evaluator.py (`save_json_files`).

    Raises ValueError for either of its files.
    """
    harness = "bigcode-evaluation-harness, which writes no verdict of a task"
    if isinstance(document, dict) and isinstance(document.get("config"), dict):
        totals = [value for name, value in document.items() if name != "config"]
        if totals and all(
            isinstance(total, dict) and any(name.startswith("pass@") for name in total)
            for total in totals
        ):
            raise ValueError(f"{where}: has totals of {harness}: tasks cannot be compared")
    if (
        isinstance(document, list)
        and document
        and all(isinstance(one, list) and all(isinstance(t, str) for t in one) for one in document)
    ):
        raise ValueError(
            f"{where}: has generations of {harness}: grade them with `rlvf score`, as lines with "
            "task_id and solution"
        )
