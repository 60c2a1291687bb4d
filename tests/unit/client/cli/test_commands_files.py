"""Commands with wrong files fail with one line, before anything starts, and without a traceback."""

import gzip
import json
import os
import random
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rlvf_api.errors import FailedPrecondition
from rlvf_client.__main__ import main as entry_point
from rlvf_client.cli import commands
from rlvf_client.cli.main import main
from rlvf_client.keeping.run_record import working_on
from rlvf_client.local_stack.models import resolve
from rlvf_client.local_stack.stack import LocalStack
from rlvf_client.sdk import errors

_SAMPLE = json.dumps({"task_id": "HumanEval/0", "completion": ""}) + "\n"
_RESULT = json.dumps(
    {"benchmark": "b", "results": [{"task_id": "a", "sample": 0, "verdict": "passed"}]}
)


class Started(Exception):
    """A command reached the point where it needs services."""


@pytest.fixture(autouse=True)
def no_services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    @asynccontextmanager
    async def start(*arguments: object) -> AsyncIterator[None]:
        raise Started
        yield

    monkeypatch.setattr(commands, "endpoints", start)
    monkeypatch.setenv("RLVF_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def rlvf(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def complaint(*arguments: str | Path, status: int = 1) -> str:
    """Run a command that fails before anything starts; return its one line."""
    result = rlvf(*arguments)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == status
    [line] = result.stderr.splitlines()
    assert line.startswith("rlvf: ")
    return line


def starts(*arguments: str | Path) -> bool:
    return isinstance(rlvf(*arguments).exception, Started)


def score(samples: Path | str, out: Path | str, *options: str | Path) -> tuple[str | Path, ...]:
    return ("score", "--benchmark", "humaneval", "--samples", samples, "--out", out, *options)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.jsonl"
    file.write_text(_SAMPLE)
    return file


def test_good_files_start(good: Path, tmp_path: Path) -> None:
    assert starts(*score(good, tmp_path / "new" / "folder" / "R.json"))
    assert (tmp_path / "new" / "folder").is_dir()
    (tmp_path / "old.json").write_text("kept until there is a result")
    assert starts(*score(good, tmp_path / "old.json"))
    assert (tmp_path / "old.json").read_text() == "kept until there is a result"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder, "is a folder; name a file in it"),
        (lambda folder: folder / "good.jsonl" / "R.json", "there is a file of that name"),
        (lambda folder: "/proc/none/R.json", "cannot write to /proc/none"),
        (lambda folder: "/proc/R.json", "cannot write to /proc"),
        (lambda folder: folder / ("x" * 300) / "R.json", "name too long"),
    ],
)
@pytest.mark.parametrize("command", ["score", "evaluate"])
def test_where_a_result_cannot_be_written_is_told_first(
    good: Path, tmp_path: Path, make: Callable[[Path], Path | str], said: str, command: str
) -> None:
    out = make(tmp_path)
    evaluate = ("evaluate", "--benchmark", "b", "--model", "org/name", "--out", out)
    line = complaint(*(evaluate if command == "evaluate" else score(good, out)))
    assert "--out" in line
    assert said.lower() in line.lower()


def test_a_result_is_not_written_over_the_samples(good: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.jsonl"
    link.symlink_to(good)
    for out in (good, link):
        assert "is read by this command; name another" in complaint(*score(good, out))


def test_an_experiments_folder_that_cannot_be_made_is_told_first(good: Path) -> None:
    assert "there is a file of that name" in complaint("run", "smoke", "--out", good)
    assert "cannot write to /proc/none" in complaint("run", "smoke", "--out", "/proc/none")


def test_a_run_folder_that_another_home_works_on_is_told_first(tmp_path: Path) -> None:
    with working_on(tmp_path, tmp_path / "other-home"):
        assert f"other-home, works on {tmp_path}" in complaint("run", "smoke", "--out", tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        (b"", "line 1: the file ends here and has no sample"),
        (b"{", "line 1: is not JSON"),
        (b"{}\n{}", "line 1: must be an object with a string `task_id`"),
        (b"{}\n{}", "none of the 2 records is a sample"),
        (b'{"task_id": "a"}', "line 1: must have either"),
        (gzip.compress(_SAMPLE.encode(), mtime=0)[:-9], "the gzip data is broken"),
        (b"\x1f\x8b", "line 1: the gzip data is broken"),
        (_SAMPLE.encode("utf-16"), "the file is UTF-16"),
        (b"task_id,completion\n", "line 1: is not JSON"),
        (random.Random(0).randbytes(64).replace(b"\n", b"x"), "line 1: "),
    ],
)
def test_a_wrong_sample_file_is_told_first(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    file = tmp_path / "s.jsonl"
    if content is not None:
        file.write_bytes(content)
    line = complaint(*score(file, tmp_path / "R.json"))
    assert str(file) in line
    assert said in line


def test_samples_that_are_a_folder_or_an_odd_path_are_told_first(tmp_path: Path) -> None:
    assert "Is a directory" in complaint(*score(tmp_path, tmp_path / "R.json"))
    odd = r"C:\samples\s.jsonl"
    assert odd in complaint(*score(odd, tmp_path / "R.json"))
    undecodable = os.fsdecode(b"caf\xe9.jsonl")
    assert "No such file" in complaint(*score(undecodable, tmp_path / "R.json"))


@pytest.mark.parametrize("ks", ["0", "a", "1,,2", "-1", "1.5", ""])
def test_an_invalid_k_is_wrong_usage(good: Path, tmp_path: Path, ks: str) -> None:
    result = rlvf(*score(good, tmp_path / "R.json", "--k", ks))
    assert result.exit_code == 2
    assert "must be integers from 1, such as 1,5" in result.stderr


def test_a_k_with_too_few_samples_is_told_first(good: Path, tmp_path: Path) -> None:
    assert "pass@5 needs 5 samples" in complaint(*score(good, tmp_path / "R.json", "--k", "1,5"))
    assert starts(*score(good, tmp_path / "R.json", "--k", "1"))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"a": 1}'])
def test_wrong_flags_are_reported_first(good: Path, tmp_path: Path, content: bytes) -> None:
    flags = tmp_path / "flags.json"
    flags.write_bytes(content)
    assert str(flags) in complaint(*score(good, tmp_path / "R.json", "--reported", flags))
    assert "is read by this command" in complaint(*score(good, flags, "--reported", flags))


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, gzip.compress(b"{}", mtime=0)],
)
@pytest.mark.parametrize("command", ["compare", "trend"])
def test_a_wrong_result_file_is_one_line(
    tmp_path: Path, content: bytes | None, command: str
) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(_RESULT)
    if content is not None:
        bad.write_bytes(content)
    if command == "compare":
        assert str(bad) in complaint("compare", good, bad)
        assert str(bad) in complaint("compare", good, good, "--more-baseline", bad)
    else:
        rungs = ("--rung", f"0={good}", "--rung", f"1={good}", "--rung", f"2={bad}")
        assert str(bad) in complaint("trend", *rungs)


def test_results_with_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    marked = tmp_path / "marked.json"
    marked.write_bytes(b"\xef\xbb\xbf" + _RESULT.replace(",", ",\r\n").encode())
    assert rlvf("compare", marked, marked).exit_code == 0


def test_a_path_that_is_no_text_is_printed(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.json")
    odd.write_text(_RESULT)
    result = rlvf("compare", odd, odd)
    assert result.exit_code == 0, result.exception


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("none.py",), 1, "No such file"),
        ((".",), 1, "Is a directory"),
        (("latin.py",), 1, "is not UTF-8"),
        (("good.py", "--stdin", "none"), 1, "No such file"),
        (("good.py", "--cpu-seconds", "nan"), 1, "--cpu-seconds"),
        (("good.py", "--cpu-seconds", "inf"), 2, "--cpu-seconds"),
        (("good.py", "--cpu-seconds", "1e300"), 2, "--cpu-seconds"),
        (("good.py", "--cpu-seconds", "0"), 2, "--cpu-seconds"),
        (("good.py", "--memory-mb", "0"), 2, "--memory-mb"),
        (("good.py", "--memory-mb", str(2**60)), 2, "--memory-mb"),
        (("good.py", "--output-kb", "-1"), 2, "--output-kb"),
    ],
)
def test_what_cannot_be_executed_is_told_first(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "good.py").write_text("print(1)")
    (tmp_path / "latin.py").write_bytes(b"print('caf\xe9')")
    result = rlvf("exec", *arguments)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code
    assert said in result.stderr


def test_a_training_set_that_cannot_be_read_is_told_first(tmp_path: Path) -> None:
    assert "No such file" in complaint("contamination", tmp_path / "none.jsonl")
    assert "Is a directory" in complaint("contamination", tmp_path)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "line 1: the file has no records"),
        (b'{"text": "x"}\n\n{}', "line 3"),
        (b'{"text": "x"}\n{', "line 2"),
        (b"prompt,chosen\n", "line 1"),
        (b"\xff\xfe{", "line 1"),
        (gzip.compress(b'{"text": "x"}', mtime=0), "line 1"),
    ],
)
def test_a_wrong_training_set_is_told_first(tmp_path: Path, content: bytes, place: str) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_bytes(content)
    line = complaint("contamination", file)
    assert line.startswith(f"rlvf: {file}: {place}")


def test_a_training_set_of_text_starts(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"text": "x"}\r\n\r\n{"prompt": "a", "chosen": "b", "rejected": ""}'
    )
    assert starts("contamination", file)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"name: [", b"name: x", b"- a", b"\0"])
def test_a_wrong_experiment_is_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    assert str(file) in complaint("run", file)


def test_an_experiment_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    assert "No such file" in complaint("run", tmp_path / "mine.yaml")
    assert "Is a directory" in complaint("run", f"{tmp_path}/")
    assert complaint("run", "smok").endswith("starcoder2-3b; did you mean 'smoke'?")


async def test_a_model_that_is_not_there_is_not_taken_for_one_without_a_configuration(
    tmp_path: Path,
) -> None:
    with pytest.raises(FailedPrecondition, match="nowhere does not exist"):
        await resolve(str(tmp_path / "nowhere"), tmp_path)
    with pytest.raises(FailedPrecondition, match=r"has no config\.json"):
        await resolve(str(tmp_path), tmp_path)


@pytest.mark.parametrize("missing", ["click", "rlvf_common"])
def test_where_only_the_sdk_is_installed_the_command_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in list(sys.modules):
        if name == missing or name.startswith((f"{missing}.", "rlvf_client.")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SystemExit) as raised:
        entry_point()
    assert isinstance(raised.value.code, str)
    assert f"needs the Python package `{missing}`" in raised.value.code
    assert "install `rlvf-client[cli]`" in raised.value.code


def test_an_evaluator_that_stays_away_is_one_line(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*arguments: object, **options: object) -> str:
        raise errors.Unavailable("the evaluator is away")

    monkeypatch.setattr(commands, "score", away)
    line = complaint(*score(good, tmp_path / "R.json"), status=4)
    assert line == "rlvf: the evaluator is away"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "3"])
def test_a_damaged_home_is_one_line(tmp_path: Path, content: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "stack.json").write_text(content)
    (home / "credentials.json").write_text(content)
    assert "no stack runs" in rlvf("status").output
    assert "no stack runs" in rlvf("down").output
    with pytest.raises(FailedPrecondition, match=r"credentials\.json lacks the secret key"):
        LocalStack(home)._credentials()
