"""The SDK where the service is another one than it should be, or fails in the middle: against a
fake evaluator, on a real connection."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import trustme

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_client import Evaluator, PartialScoreWarning, PlaintextTokenWarning
from rlvf_client.sdk import errors

_SAMPLES = [{"task_id": f"t/{number}", "completion": ""} for number in range(4)]


class FakeEvaluator(evaluator_pb2_grpc.EvaluatorServiceServicer):
    """Passes everything, of a benchmark of six tasks."""

    def __init__(self) -> None:
        self.request_ids: list[str] = []
        self.breaks_after = 0
        """Verdicts after which the first call breaks."""
        self.aborts = 0
        """Calls that are replaced by another one, before all others."""

    def ListBenchmarks(
        self, request: evaluator_pb2.ListBenchmarksRequest, context: grpc.ServicerContext
    ) -> evaluator_pb2.ListBenchmarksResponse:
        return evaluator_pb2.ListBenchmarksResponse()

    def Score(
        self,
        request_iterator: Iterator[evaluator_pb2.ScoreRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[evaluator_pb2.ScoreResponse]:
        header = next(request_iterator).header
        self.request_ids.append(header.request_id)
        if self.aborts:
            self.aborts -= 1
            context.abort(grpc.StatusCode.ABORTED, "another call has begun")
        samples = 0
        for request in request_iterator:
            if len(self.request_ids) == 1 and 0 < self.breaks_after == samples:
                context.abort(grpc.StatusCode.UNAVAILABLE, "broken")
            samples += 1
            yield evaluator_pb2.ScoreResponse(
                result=evaluator_pb2.TaskResult(
                    task_id=request.sample.task_id, sample=request.sample.sample, verdict="passed"
                )
            )
        summary = evaluator_pb2.ScoreSummary(
            benchmark=header.benchmark, tasks=samples, samples=samples, passed=samples
        )
        summary.calibration.tasks = 6
        yield evaluator_pb2.ScoreResponse(summary=summary)


@pytest.fixture
def fake() -> FakeEvaluator:
    return FakeEvaluator()  # type: ignore[abstract]


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ports(fake: FakeEvaluator, authority: trustme.CA) -> Iterator[Mapping[str, int]]:
    """The ports of the fake: with TLS as `localhost`, and without."""
    server = grpc.server(ThreadPoolExecutor(4))
    evaluator_pb2_grpc.add_EvaluatorServiceServicer_to_server(fake, server)
    issued = authority.issue_cert("localhost")
    chain = b"".join(one.bytes() for one in issued.cert_chain_pems)
    credentials = grpc.ssl_server_credentials([(issued.private_key_pem.bytes(), chain)])
    found = {
        "tls": server.add_secure_port("localhost:0", credentials),
        "plain": server.add_insecure_port("localhost:0"),
    }
    server.start()
    yield found
    server.stop(None)


def test_a_broken_stream_continues_and_every_verdict_comes_once(
    fake: FakeEvaluator, ports: Mapping[str, int]
) -> None:
    fake.breaks_after = 2
    seen: list[tuple[int, int]] = []
    with Evaluator(f"localhost:{ports['plain']}") as evaluator:
        score = evaluator.score("b", _SAMPLES, progress=lambda *done: seen.append(done))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert fake.request_ids[0] == fake.request_ids[1]
    assert score.records() == [
        {"task_id": f"t/{number}", "sample": 0, "verdict": "passed", "detail": ""}
        for number in range(4)
    ]
    json.dumps(score.records())


def test_a_score_of_a_part_warns(ports: Mapping[str, int]) -> None:
    with (
        Evaluator(f"localhost:{ports['plain']}") as evaluator,
        pytest.warns(PartialScoreWarning, match="only 4 of the 6 tasks of b"),
    ):
        score = evaluator.score("b", _SAMPLES)
    assert (score.tasks, score.benchmark_tasks, score.is_partial) == (4, 6, True)


def test_equal_calls_at_the_same_time_both_get_a_score(
    fake: FakeEvaluator, ports: Mapping[str, int]
) -> None:
    fake.aborts = 1
    with Evaluator(f"localhost:{ports['plain']}") as evaluator:
        assert evaluator.score("b", _SAMPLES).passed == 4
        replaced, own = fake.request_ids
        assert own.startswith(f"{replaced}-")
        # An id of the caller's is the caller's to choose.
        fake.aborts = 1
        with pytest.raises(errors.Aborted):
            evaluator.score("b", _SAMPLES, request_id="mine")


class _Frame:
    """A fake DataFrame."""

    columns = ("task_id", "sample", "completion")

    def to_dict(self, orient: str) -> list[dict[str, object]]:
        assert orient == "records"
        return [{"task_id": "t/1", "sample": np.int64(3), "completion": ""}]


def test_a_data_frame_with_numbers_of_numpy_is_scored(ports: Mapping[str, int]) -> None:
    with Evaluator(f"localhost:{ports['plain']}") as evaluator:
        frame: Any = _Frame()
        assert set(evaluator.score("b", frame).verdicts) == {("t/1", 3)}
        single: Any = _SAMPLES[0]
        with pytest.raises(errors.InvalidArgument, match="put it into a list"):
            evaluator.score("b", single)


def test_an_authority_is_given_as_bytes_or_as_a_path(
    ports: Mapping[str, int], authority: trustme.CA, tmp_path: Path
) -> None:
    pem = authority.cert_pem.bytes()
    file = tmp_path / "ca.pem"
    file.write_bytes(pem)
    for ca in (pem, file, str(file)):
        with Evaluator(f"localhost:{ports['tls']}", ca=ca, token=" secret\n") as evaluator:
            assert evaluator.score("b", _SAMPLES).passed == 4


_NO_ONES_PATIENCE = timedelta(days=1)


def test_what_patience_cannot_help_is_told_at_once(ports: Mapping[str, int]) -> None:
    other = trustme.CA().cert_pem.bytes()
    for address, ca, complaint in (
        (f"localhost:{ports['tls']}", other, "not of the authority"),
        (f"https://localhost:{ports['tls']}", None, "not of the authority"),
        (f"localhost:{ports['plain']}", other, "does not use TLS"),
        ("no-such-host.invalid:1", None, "no such host"),
    ):
        with (
            Evaluator(address, ca=ca, patience=_NO_ONES_PATIENCE) as evaluator,
            pytest.raises(errors.FailedPrecondition, match=complaint),
        ):
            evaluator.score("b", _SAMPLES)


def test_a_certificate_of_another_host_is_told_at_once(
    ports: Mapping[str, int], authority: trustme.CA
) -> None:
    with (
        Evaluator(
            f"127.0.0.1:{ports['tls']}",
            ca=authority.cert_pem.bytes(),
            patience=_NO_ONES_PATIENCE,
        ) as evaluator,
        pytest.raises(errors.FailedPrecondition, match="another host"),
    ):
        evaluator.score("b", _SAMPLES)


@pytest.mark.parametrize("address", ["localhost", "ftp://localhost:1", "http://a:1/path", ""])
def test_what_is_no_address_is_told_at_once(address: str) -> None:
    with pytest.raises(errors.InvalidArgument) as refused:
        Evaluator(address)
    assert refused.value.field == "address"


def test_a_token_is_not_sent_in_the_open_without_a_word() -> None:
    with pytest.warns(PlaintextTokenWarning), Evaluator("evaluator.example:1", token="secret"):
        pass
    with pytest.raises(errors.InvalidArgument, match="characters"):
        Evaluator("localhost:1", token="two\nlines")
