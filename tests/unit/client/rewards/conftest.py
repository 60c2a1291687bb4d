"""A fake evaluator, on a real connection."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import grpc
import pytest

from rlvf.artifact.v1 import artifact_pb2, artifact_pb2_grpc
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_client.rewards import Rewarder

TASKS = ("t/0", "t/1")
_VERDICTS = ("passed", "failed", "error", "timeout", "memory")


class FakeEvaluator(evaluator_pb2_grpc.EvaluatorServiceServicer):
    """Knows two tasks. The first word of an answer is its verdict; `2/5` is a failed one with
    credit, and `huge` one that is not graded. Verdicts come in reverse order."""

    def __init__(self) -> None:
        self.address = ""
        self.headers: list[evaluator_pb2.ScoreHeader] = []
        self.sent: list[list[str]] = []
        """The answers of each call."""
        self.tokens: list[object] = []
        self.breaks: list[tuple[grpc.StatusCode, int]] = []
        """The status with which each of the next calls breaks, and the number of verdicts before
        that."""
        self.never_answers = False
        self.cancelled: list[bool] = []
        self.problems: list[bytes] = []
        """Stored sets."""

    def Score(
        self,
        request_iterator: Iterator[evaluator_pb2.ScoreRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[evaluator_pb2.ScoreResponse]:
        self.headers.append(next(request_iterator).header)
        self.tokens.append(dict(context.invocation_metadata()).get("authorization"))
        samples = [request.sample for request in request_iterator]
        self.sent.append([sample.completion for sample in samples])
        if self.never_answers:
            ended = threading.Event()
            context.add_callback(ended.set)
            ended.wait()
            self.cancelled.append(True)
            return
        breaks = self.breaks.pop(0) if self.breaks else None
        valid = 0
        for answered, index in enumerate(reversed(range(len(samples)))):
            if breaks is not None and answered == breaks[1]:
                context.abort(breaks[0], "broken")
            response = self._answer(index, samples[index])
            valid += response.HasField("result")
            yield response
        if breaks is not None:
            context.abort(breaks[0], "broken")
        if not valid:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "none of the samples could be graded")
        summary = evaluator_pb2.ScoreSummary(samples=valid)
        summary.answers.unparseable_percent = (
            100 * sum(sample.completion.startswith("error") for sample in samples) / len(samples)
        )
        yield evaluator_pb2.ScoreResponse(summary=summary)

    def _answer(self, index: int, sample: evaluator_pb2.Sample) -> evaluator_pb2.ScoreResponse:
        invalid = evaluator_pb2.InvalidSample(
            index=index, task_id=sample.task_id, sample=sample.sample
        )
        if sample.task_id not in TASKS:
            invalid.field, invalid.problem = "sample.task_id", "is not a task"
            return evaluator_pb2.ScoreResponse(invalid=invalid)
        word = sample.completion.split()[0]
        if word == "huge":
            invalid.field, invalid.problem = "sample.completion", "is too long"
            return evaluator_pb2.ScoreResponse(invalid=invalid)
        # A service may know a task by another name than its caller.
        result = evaluator_pb2.TaskResult(
            task_id=f"canonical/{sample.task_id}", sample=sample.sample, verdict="failed"
        )
        if word in _VERDICTS:
            result.verdict = word
        else:
            passed, total = word.split("/")
            result.cases_passed, result.cases_total = int(passed), int(total)
        return evaluator_pb2.ScoreResponse(result=result)


class FakeArtifacts(artifact_pb2_grpc.ArtifactServiceServicer):
    """Takes uploads; the digest is their number."""

    def __init__(self, evaluator: FakeEvaluator) -> None:
        self._evaluator = evaluator

    def UploadArtifact(
        self,
        request_iterator: Iterator[artifact_pb2.UploadArtifactRequest],
        context: grpc.ServicerContext,
    ) -> artifact_pb2.UploadArtifactResponse:
        self._evaluator.problems.append(b"".join(one.chunk for one in request_iterator))
        return artifact_pb2.UploadArtifactResponse(
            artifact=artifact_pb2.ArtifactRef(sha256=str(len(self._evaluator.problems)))
        )


@pytest.fixture
def fake() -> Iterator[FakeEvaluator]:
    """Serving at its `address`."""
    server = grpc.server(ThreadPoolExecutor(8))
    evaluator = FakeEvaluator()  # type: ignore[abstract]
    evaluator_pb2_grpc.add_EvaluatorServiceServicer_to_server(evaluator, server)
    artifacts = FakeArtifacts(evaluator)  # type: ignore[abstract]
    artifact_pb2_grpc.add_ArtifactServiceServicer_to_server(artifacts, server)
    evaluator.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield evaluator
    server.stop(grace=None).wait()


@pytest.fixture
def rewarder(fake: FakeEvaluator) -> Iterator[Rewarder]:
    """One without patience."""
    with Rewarder(fake.address, "b", patience=timedelta()) as found:
        yield found
