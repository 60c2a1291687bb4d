"""The SDK against a fake evaluator on a real connection: wrong addresses and TLS, and failures in
the middle of a call."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import trustme

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.evaluator.v1.evaluator_pb2 import Sample
from rlvf_client import (
    AsyncEvaluator,
    Evaluator,
    PartialScoreWarning,
    PlaintextTokenWarning,
)
from rlvf_client.sdk import errors

_SAMPLES = [{"task_id": f"t/{number}", "completion": ""} for number in range(4)]


class FakeEvaluator(evaluator_pb2_grpc.EvaluatorServiceServicer):
    """Passes everything, of a benchmark of six tasks."""

    def __init__(self) -> None:
        self.request_ids: list[str] = []
        self.breaks_after = 0
        """Verdicts after which the first call breaks."""
        self.aborts = 0
        """Number of first calls that another call with the same id replaces."""
        self.refuses_after = 0
        """Samples after which a call is refused; 0: none is."""
        self.too_late = ""
        """What calls end with, if anything, as after a deadline."""
        self.silent = threading.Event()
        """When set, a call waits for its end before it reads a sample."""
        self.cancelled = threading.Event()
        self.deleted: list[str] = []

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
        if self.too_late:
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, self.too_late)
        if self.silent.is_set():
            ended = threading.Event()
            context.add_callback(ended.set)
            ended.wait()
            self.cancelled.set()
        samples = 0
        for request in request_iterator:
            if 0 < self.refuses_after == samples:
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "the quota is used up")
            if not request.sample.task_id.startswith("t/"):
                yield evaluator_pb2.ScoreResponse(
                    invalid=evaluator_pb2.InvalidSample(
                        index=samples,
                        task_id=request.sample.task_id[:100],
                        sample=request.sample.sample,
                        problem="unknown here",
                    )
                )
                continue
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

    def ListResults(
        self, request: evaluator_pb2.ListResultsRequest, context: grpc.ServicerContext
    ) -> evaluator_pb2.ListResultsResponse:
        """Two pages of one result."""
        name, following = ("b", "") if request.page_token else ("a", "a")
        stored = evaluator_pb2.StoredResult(name=name, kind="score", benchmark="x")
        return evaluator_pb2.ListResultsResponse(results=[stored], next_page_token=following)

    def DeleteResult(
        self, request: evaluator_pb2.DeleteResultRequest, context: grpc.ServicerContext
    ) -> evaluator_pb2.DeleteResultResponse:
        self.deleted.append(request.name)
        return evaluator_pb2.DeleteResultResponse()


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
        # An id that the caller chose is not replaced.
        fake.aborts = 1
        with pytest.raises(errors.Aborted):
            evaluator.score("b", _SAMPLES, request_id="mine")


def test_samples_that_only_the_service_finds_invalid_are_placed(
    ports: Mapping[str, int], tmp_path: Path
) -> None:
    file = tmp_path / "s.jsonl"
    given = [*_SAMPLES, {"task_id": "other/" + "1" * 120, "completion": ""}]
    file.write_text("".join(f"{json.dumps(one)}\n" for one in given))
    with (
        Evaluator(f"localhost:{ports['plain']}") as evaluator,
        pytest.warns(PartialScoreWarning, match="1 of the 5 samples are invalid"),
    ):
        score = evaluator.score("b", file)
    assert (score.samples, score.invalid, score.is_partial) == (4, 1, True)
    [invalid] = score.invalid_samples
    assert (invalid.place, invalid.problem) == (f"{file}, line 5", "unknown here")


def test_a_timeout_is_for_all_attempts_together(
    fake: FakeEvaluator, ports: Mapping[str, int]
) -> None:
    fake.silent.set()
    with Evaluator(f"localhost:{ports['plain']}") as evaluator:
        with pytest.raises(errors.DeadlineExceeded, match="within its `timeout`; repeat it"):
            evaluator.score("b", _SAMPLES, timeout=timedelta(seconds=0.5))
        assert len(fake.request_ids) == 1
        with pytest.raises(errors.DeadlineExceeded, match="within its `timeout`"):
            evaluator.benchmarks(timeout=timedelta())


def test_all_pages_of_results_are_listed_and_one_is_deleted(
    fake: FakeEvaluator, ports: Mapping[str, int]
) -> None:
    with Evaluator(f"localhost:{ports['plain']}") as evaluator:
        first, second = evaluator.results()
        assert (first.name, second.name, second.result) == ("a", "b", None)
        evaluator.delete(second.name)
    assert fake.deleted == ["b"]


async def test_the_asynchronous_client_scores_with_progress_on_the_event_loop(
    ports: Mapping[str, int],
) -> None:
    seen: list[tuple[int, int, int]] = []
    verdicts: list[str] = []

    def note(done: int, total: int) -> None:
        seen.append((done, total, threading.get_ident()))

    async with AsyncEvaluator(f"localhost:{ports['plain']}") as evaluator:
        score = await evaluator.score("b", _SAMPLES, progress=note, on_verdict=verdicts.append)
        messages = [Sample(task_id="t/1", completion="")]
        kinds = [one.WhichOneof("message") async for one in evaluator.stream("b", messages)]
    assert score.passed == 4
    assert seen == [(done, 4, threading.get_ident()) for done in (1, 2, 3, 4)]
    assert verdicts == ["passed"] * 4
    assert kinds == ["result", "summary"]


async def test_a_refused_stream_keeps_its_status(
    fake: FakeEvaluator, ports: Mapping[str, int]
) -> None:
    """With grpc.aio it would be INTERNAL half of the time."""
    fake.refuses_after = 5
    samples = [{"task_id": f"t/{number}", "completion": ""} for number in range(1_000)]
    async with AsyncEvaluator(f"localhost:{ports['plain']}") as evaluator:
        for _ in range(10):
            with pytest.raises(errors.ResourceExhausted, match="the quota is used up"):
                await evaluator.score("b", samples)


async def test_a_cancelled_call_ends_at_the_service(
    fake: FakeEvaluator, ports: Mapping[str, int]
) -> None:
    fake.silent.set()
    async with AsyncEvaluator(f"localhost:{ports['plain']}") as evaluator:
        scoring = asyncio.create_task(evaluator.score("b", _SAMPLES))
        while not fake.request_ids:
            await asyncio.sleep(0)
        scoring.cancel()
        with pytest.raises(asyncio.CancelledError):
            await scoring
        assert await asyncio.to_thread(fake.cancelled.wait, 60)


def test_the_asynchronous_client_has_every_method() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(AsyncEvaluator) - {"in_thread"} == public(Evaluator)


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
    for ca in (pem, "Főtanúsítvány\n".encode() + pem, file, str(file)):
        with Evaluator(f"localhost:{ports['tls']}", ca=ca, token=" secret\n") as evaluator:
            assert evaluator.score("b", _SAMPLES).passed == 4


_NO_ONES_PATIENCE = timedelta(days=1)


def test_an_error_that_retries_cannot_avoid_is_reported_at_once(ports: Mapping[str, int]) -> None:
    other = trustme.CA().cert_pem.bytes()
    for address, ca, complaint in (
        (f"localhost:{ports['tls']}", other, "not of the authority `ca`"),
        (f"https://localhost:{ports['tls']}", None, "does not trust its certificate; give .* `ca`"),
        (f"localhost:{ports['plain']}", other, "does not use TLS"),
        (
            f"localhost:{ports['tls']}",
            None,
            "uses TLS; give `ca` .RLVF_TLS_CA for .*, or an address with",
        ),
        ("no-such-host.invalid:1", None, "no such host"),
    ):
        with (
            Evaluator(address, ca=ca, patience=_NO_ONES_PATIENCE) as evaluator,
            pytest.raises(errors.FailedPrecondition, match=complaint) as raised,
        ):
            evaluator.score("b", _SAMPLES)
        assert f"the evaluator at {address} cannot be used" in raised.value.message


def test_an_expired_certificate_is_told_from_one_of_another_authority(
    fake: FakeEvaluator, authority: trustme.CA
) -> None:
    expired = authority.issue_cert("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    chain = b"".join(one.bytes() for one in expired.cert_chain_pems)
    credentials = grpc.ssl_server_credentials([(expired.private_key_pem.bytes(), chain)])
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_secure_port("localhost:0", credentials)
    server.start()
    ca = authority.cert_pem.bytes()
    with (
        Evaluator(f"localhost:{port}", ca=ca, patience=_NO_ONES_PATIENCE) as evaluator,
        pytest.raises(errors.FailedPrecondition, match="its certificate has expired"),
    ):
        evaluator.quota()
    server.stop(None)


def test_a_service_that_does_not_run_is_told_with_its_address_and_before_the_first_pause(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        Evaluator("127.0.0.1:1", patience=timedelta(seconds=0.3)) as evaluator,
        pytest.raises(errors.Unavailable, match=r"check that it runs at 127\.0\.0\.1:1") as raised,
    ):
        evaluator.score("b", _SAMPLES)
    assert isinstance(raised.value.__cause__, grpc.RpcError)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("127.0.0.1:1: ")
    assert "trying again" in caplog.messages[0]


@pytest.mark.parametrize(
    ("details", "raised"),
    [
        ("Deadline Exceeded", "repeat it with a longer one"),
        ("Stream removed (Deadline Exceeded)", "repeat it with a longer one"),
        ("no message came in 30 s", "no message came in 30 s"),
    ],
)
def test_grpcs_own_words_for_a_deadline_are_replaced_and_a_services_are_kept(
    fake: FakeEvaluator, ports: Mapping[str, int], details: str, raised: str
) -> None:
    fake.too_late = details
    with (
        Evaluator(f"localhost:{ports['plain']}") as evaluator,
        pytest.raises(errors.DeadlineExceeded, match=raised),
    ):
        evaluator.score("b", _SAMPLES, timeout=timedelta(minutes=1))


def test_times_that_are_no_timedelta_are_refused() -> None:
    seconds: Any = 5
    with pytest.raises(errors.InvalidArgument, match="patience: must be a timedelta"):
        Evaluator("localhost:1", patience=seconds)
    with (
        Evaluator("localhost:1") as evaluator,
        pytest.raises(errors.InvalidArgument, match="timeout: must be a timedelta"),
    ):
        evaluator.benchmarks(timeout=seconds)


@pytest.mark.parametrize(
    "content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"]
)
def test_a_file_without_certificates_is_refused_with_its_name(
    content: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(content)
    with pytest.raises(errors.InvalidArgument, match=f"ca: {file}: has no valid PEM certificate"):
        Evaluator("localhost:1", ca=file)


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


def test_http_and_an_authority_contradict_each_other() -> None:
    with pytest.raises(errors.InvalidArgument, match="http:// is without TLS, and `ca` asks"):
        Evaluator("http://localhost:1", ca=b"pem")


@pytest.mark.parametrize("address", ["localhost", "ftp://localhost:1", "http://a:1/path", ""])
def test_an_invalid_address_is_reported_at_once(address: str) -> None:
    with pytest.raises(errors.InvalidArgument) as refused:
        Evaluator(address)
    assert refused.value.field == "address"


def test_a_token_that_is_sent_without_tls_gives_a_warning() -> None:
    with pytest.warns(PlaintextTokenWarning), Evaluator("evaluator.example:1", token="secret"):
        pass
    with pytest.raises(errors.InvalidArgument, match="characters"):
        Evaluator("localhost:1", token="two\nlines")
