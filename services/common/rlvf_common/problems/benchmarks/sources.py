"""Reads the records of a data set from a given file or the hub."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import IO, Any

from rlvf_api.errors import FailedPrecondition, RlvfError
from rlvf_common.problems.benchmarks import Content, Omission, Record, Records
from rlvf_common.problems.problem import Problem, check_problem, json_object, parse_problem

__all__ = [
    "SUFFIXES",
    "Convert",
    "HubData",
    "apps_hub",
    "big_code_bench_hub",
    "code_contests_hub",
    "dump_omissions",
    "live_code_bench_hub",
    "mbpp_hub",
    "omissions_path",
    "read_file",
    "read_hub",
    "read_problem_file",
    "read_records",
]

SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".json.gz")
"""Suffixes of files with records: JSON Lines, or one JSON list."""

Convert = Callable[[Records], Content]


@dataclass(frozen=True, slots=True)
class HubData:
    """A data set of the Hugging Face hub."""

    repository: str
    split: str
    config: str | None = None
    file: str = ""
    """The files to read, a pattern, for data sets whose loader is a script, which `datasets` no
    longer runs."""


def apps_hub(split: str) -> HubData:
    """APPS; splits `train` and `test`."""
    return HubData("codeparrot/apps", split, file=f"{split}.jsonl")


def big_code_bench_hub() -> HubData:
    """BigCodeBench; its splits are versions, of which this is the newest."""
    return HubData("bigcode/bigcodebench", "v0.1.4")


def code_contests_hub(split: str) -> HubData:
    """CodeContests; splits `train`, `valid` and `test`."""
    return HubData("deepmind/code_contests", split)


def live_code_bench_hub(split: str) -> HubData:
    """LiveCodeBench, all releases up to the revision; its only split is `test`."""
    return HubData("livecodebench/code_generation_lite", split, file="test*.jsonl")


def mbpp_hub(split: str, config: str = "full") -> HubData:
    """MBPP; splits `train`, `validation`, `test` and `prompt`, of `full` or `sanitized`."""
    return HubData("google-research-datasets/mbpp", split, config)


def read_file(path: Path, convert: Convert) -> Content:
    """A file with the data set's own records, or with problem records.

    Raises:
        FailedPrecondition: it cannot be read, or has other content; the message names the place.
    """
    origin = f"file: {path.name}"
    place = path.name

    def read() -> Iterator[Record]:
        nonlocal place
        for at, record in read_records(path):
            place = at
            yield record

    with _complaining(path.name):
        records = read()
        first = next(records, None)
        if first is None:
            raise ValueError(f"{path.name} has no records")
        if {"source", "split", "prompt", "test"} <= first.keys():
            return _checked(path.name, Content(_problems(path), _omissions(path)), origin)
        try:
            content = convert(chain([first], records))
        except RlvfError:
            raise
        except Exception as error:  # converters assume records of their data set
            reason = f"no field {error}" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"{place}: not a record of this data set: {reason}") from None
        return _converted(path.name, content, origin)


def read_problem_file(path: Path) -> Content:
    """A file of problem records, as the evaluator's README describes them. Raises the errors of
    `read_file`."""
    origin = f"file: {path.name}"
    with _complaining(path.name):
        return _checked(path.name, Content(_problems(path), _omissions(path)), origin)


def omissions_path(path: Path) -> Path:
    """The file with the omissions of a problem file: `apps.omissions.json` for `apps.jsonl`."""
    return path.with_name(f"{path.name.partition('.')[0]}.omissions.json")


def dump_omissions(omissions: Iterable[Omission]) -> bytes:
    """Omissions as a JSON object of reasons by task id."""
    return (json.dumps({one.task_id: one.reason for one in omissions}, indent=1) + "\n").encode()


def read_hub(name: str, data: HubData, revision: str, convert: Convert) -> Content:
    """The records of the hub at `revision`; if that is empty, at the newest one, which is recorded.

    Raises:
        FailedPrecondition: `datasets` is not installed, or the hub or the data cannot be read.
    """
    try:
        from datasets import load_dataset  # heavy, and needed only here
        from huggingface_hub import HfApi
    except ImportError:
        raise FailedPrecondition(
            f"{name} is read from the hub, which needs the package `datasets`, not installed here; "
            "install it, or give a file"
        ) from None
    try:
        sha = str(HfApi().dataset_info(data.repository, revision=revision or None).sha)
        if data.file:
            url = f"hf://datasets/{data.repository}@{sha}/{data.file}"
            rows = load_dataset("json", data_files={data.split: url}, split=data.split)
        else:
            rows = load_dataset(data.repository, data.config, split=data.split, revision=sha)
        content = convert(rows)
    except Exception as error:  # the hub's libraries raise exceptions of many kinds
        reason = " ".join(str(error).split())[:300]
        raise FailedPrecondition(
            f"{name} cannot be read from the hub's {data.repository} "
            f"({type(error).__name__}: {reason}); give a file instead"
        ) from None
    with _complaining(data.repository):
        return _converted(data.repository, content, f"hub: {data.repository}, revision {sha}")


@contextmanager
def _complaining(name: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FailedPrecondition(f"{name} cannot be read: {reason}") from None


def _problems(path: Path) -> tuple[Problem, ...]:
    with _opened(path) as file:
        return tuple(
            parse_problem(line, where=f"{path.name}, line {number}")
            for number, line in enumerate(file, start=1)
            if line.strip()
        )


def _omissions(path: Path) -> tuple[Omission, ...]:
    listed = omissions_path(path)
    if not listed.exists():
        return ()
    try:
        reasons = json.loads(listed.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{listed.name}: not JSON ({error})") from None
    if not isinstance(reasons, dict) or not all(isinstance(one, str) for one in reasons.values()):
        raise ValueError(f"{listed.name}: expected an object of reasons by task id")
    return tuple(Omission(task_id, reason) for task_id, reason in reasons.items())


def read_records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of a file with their places, such as `tasks.jsonl, line 3`, read lazily.

    Raises:
        FailedPrecondition: as in `read_file`.
    """
    with _complaining(path.name), _opened(path) as file:
        if ".jsonl" in path.suffixes:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    place = f"{path.name}, line {number}"
                    yield place, json_object(line, where=place)
            return
        try:
            records = json.load(file)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path.name}: not JSON ({error})") from None
        if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
            raise ValueError(f"{path.name}: expected a list of objects")
        for number, record in enumerate(records, start=1):
            yield f"{path.name}, record {number}", record


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _converted(name: str, content: Content, origin: str) -> Content:
    """As `_checked`, for content converted from a data set's own records."""
    for problem in content.problems:
        check_problem(problem, where=f"{name}, task `{problem.task_id}`")
    return _checked(name, content, origin)


def _checked(name: str, content: Content, origin: str) -> Content:
    """The content with its origin; raises ValueError if it cannot be a benchmark."""
    if not content.problems:
        raise ValueError(f"{name} has no problems that can be graded")
    seen: set[str] = set()
    for problem in content.problems:
        if problem.task_id in seen:
            raise ValueError(f"{name}: task id `{problem.task_id}` occurs twice")
        seen.add(problem.task_id)
    try:
        "".join(one.task_id + one.reason for one in content.omissions).encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name}: reasons of omissions must be valid text") from None
    return replace(content, origin=origin)
