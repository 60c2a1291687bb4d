"""Files of samples, as people and their tools write them."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from rlvf_api import samples
from rlvf_api.errors import InvalidArgument
from rlvf_api.samples import SampleRecord, Tasks, read, read_file

_TWO = [{"task_id": "a", "completion": "x"}, {"task_id": "b", "solution": "y\n"}]
_LINES = "".join(json.dumps(one) + "\n" for one in _TWO)


def read_bytes(folder: Path, data: bytes, tasks: Tasks | None = None) -> list[SampleRecord]:
    path = folder / "samples"
    path.write_bytes(data)
    return list(read_file(path, tasks, where="FILE"))


def complaint(folder: Path, data: bytes, tasks: Tasks | None = None) -> str:
    with pytest.raises(InvalidArgument) as raised:
        read_bytes(folder, data, tasks)
    return str(raised.value)


@pytest.mark.parametrize(
    "data",
    [
        _LINES.encode(),
        _LINES.removesuffix("\n").encode(),
        _LINES.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + _LINES.encode(),
        b"\xef\xbb\xbf" + _LINES.replace("\n", "\r\n").encode(),
        ("\n \n" + _LINES + "\n\n").encode(),
        gzip.compress(_LINES.encode(), mtime=0),
        b"".join(gzip.compress(f"{line}\n".encode(), mtime=0) for line in _LINES.splitlines()),
        gzip.compress(b"\xef\xbb\xbf" + _LINES.encode(), mtime=0),
        json.dumps(_TWO).encode(),
        json.dumps(_TWO, indent=2).replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf\n " + json.dumps(_TWO).encode(),
        gzip.compress(json.dumps(_TWO, indent=1).encode(), mtime=0),
        json.dumps([{**one, "_identifier": 1, "run": None} for one in _TWO]).encode(),
    ],
    ids=[
        "lines", "no last newline", "crlf", "mark", "mark and crlf", "blank lines", "gzip",
        "gzip members", "gzip and mark", "list", "indented crlf list", "mark and list",
        "gzip list", "further fields",
    ],
)  # fmt: skip
def test_every_way_to_write_a_file_gives_the_same_samples(tmp_path: Path, data: bytes) -> None:
    first, second = read_bytes(tmp_path, data)
    assert (first.sample.task_id, first.sample.completion) == ("a", "x")
    assert (second.sample.task_id, second.sample.solution) == ("b", "y\n")
    assert not first.unreadable
    assert second.place.startswith("FILE, ")


@pytest.mark.parametrize(
    ("answer", "read_as"),
    [
        (b"caf\xe9", "caf\ufffd"),
        (b"\\udc80x", "\ufffdx"),
        (b"\\ud83dx", "\ufffdx"),
        (b"\xed\xa0\x80", "\ufffd" * 3),
        (b"\xff", "\ufffd"),
    ],
)
def test_an_answer_that_is_no_text_is_replaced_and_the_others_are_not(
    tmp_path: Path, answer: bytes, read_as: str
) -> None:
    bad = b'{"task_id": "c", "completion": "' + answer + b'"}\n'
    found = read_bytes(tmp_path, _LINES.encode() + bad)
    assert [one.unreadable for one in found] == [False, False, True]
    assert found[2].sample.completion == read_as
    assert found[2].place == "FILE, line 3"


@pytest.mark.parametrize("text", ["\U0001f600", "é", "\x00", "\ufffd", "\u2028"])
@pytest.mark.parametrize("escaped", [True, False])
def test_text_of_every_kind_is_left_as_it_is(tmp_path: Path, text: str, escaped: bool) -> None:
    record = {"task_id": "a", "completion": text}
    [found] = read_bytes(tmp_path, json.dumps(record, ensure_ascii=escaped).encode())
    assert (found.sample.completion, found.unreadable) == (text, False)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "FILE, line 1: the file ends here and has no sample"),
        (b"\n\n", "FILE, line 1: the file ends here and has no sample"),
        (b"[]", "FILE, line 1: the file ends here and has no sample"),
        (gzip.compress(b"", mtime=0), "FILE, line 1: the file ends here and has no sample"),
        (_LINES.encode("utf-16"), "FILE, line 1: is not JSON: the file is UTF-16"),
        (b"task_id,completion\na,x\n", "FILE, line 1: is not JSON: Expecting value (column 1)"),
        (b'{"task_id": 1\r\n{}', "FILE, line 1: is not JSON: Expecting ',' delimiter (column 14)"),
        (b"PK\x03\x04", "FILE, line 1: is not JSON"),
        (_LINES.encode() + b'{"task_id": "c', "FILE, line 3: is not JSON: Unterminated string"),
        (_LINES.encode() + b"3", "FILE, line 3: must be an object"),
        (_LINES.encode() + b"null", "FILE, line 3: must be an object"),
        (_LINES.encode() + b"[]", "FILE, line 3: must be an object"),
        (_LINES.encode() + b"[" * 100_000, "FILE, line 3: is not JSON: maximum recursion depth"),
        (b'[{"task_id": "a", "completion": ""},\n3]', "FILE, record 2: must be an object"),
        (b'[\n{"task_id": "a", "completion": ""}\n{', "FILE, line 3: is not JSON"),
        (b"\n[\n{]", "FILE, line 3: is not JSON"),
        (b'{"task_id": "a"}', "either a string `completion` or a string `solution`"),
        (b'{"task_id": "a", "completion": null}', "either a string `completion`"),
        (b'{"task_id": "a", "completion": ["x"]}', "either a string `completion`"),
        (b'{"task_id": "\\udc80", "completion": ""}', "`task_id` has bytes or characters"),
        (b'{"task_id": "a", "completion": "", "sample": 100000}', "from 0 to 99,999"),
        (b'{"task_id": "a", "completion": "", "sample": true}', "from 0 to 99,999"),
        (_LINES.encode() * 2 + b'{"task_id": "a", "completion": "", "sample": 1}',
         "FILE, line 5: sample 1 of a was there before"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in complaint(tmp_path, data)


def test_a_line_and_a_list_have_most_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "_LONGEST_LINE", 100)
    monkeypatch.setattr(samples, "_LARGEST_LIST", 200)
    long = json.dumps({"task_id": "c", "completion": "x" * 100}).encode()
    assert complaint(tmp_path, _LINES.encode() + long) == "FILE, line 3: has more than 100 bytes"
    listed = json.dumps(_TWO * 4, indent=1).encode()
    assert "FILE, line 1: is a JSON list of more than 200 bytes" in complaint(tmp_path, listed)


@pytest.mark.parametrize("given", [11, "11", "Mbpp/11"])
def test_a_task_may_be_given_by_its_number(given: object) -> None:
    tasks = Tasks("mbpp", ["Mbpp/11", "Mbpp/12"])
    [found] = read([{"task_id": given, "completion": ""}], tasks)
    assert found.sample.task_id == "Mbpp/11"


@pytest.mark.parametrize(
    ("ids", "given"),
    [
        (["Mbpp/11"], 12),
        (["Mbpp/11"], "Mbpp/12"),
        (["Mbpp/11"], "011"),
        (["Mbpp/11"], True),
        (["a/1", "b/1"], 1),
        (["own/add"], "add"),
    ],
)
def test_a_task_that_is_not_meant_for_sure_is_refused(ids: Sequence[str], given: object) -> None:
    with pytest.raises(InvalidArgument) as raised:
        list(read([{"task_id": given, "completion": ""}], Tasks("mine", ids)))
    assert raised.value.field == "samples[0]"


def test_an_id_that_is_a_number_stays_what_it_is() -> None:
    tasks = Tasks("mine", ["7", "own/7"])
    assert tasks.find("7") == "7"
