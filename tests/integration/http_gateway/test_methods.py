"""Methods of the contracts over HTTP: answers, errors, deadlines, cancellation."""

import asyncio
import base64
import json
import urllib.error
import urllib.request

import grpc
import httpx
import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from tests.processes.executor import ExecutorProcess
from tests.processes.http_gateway import HttpGatewayProcess

from ...conftest import StackThread

_EVALUATOR = "/rlvf.evaluator.v1.EvaluatorService"
_EXECUTOR = "/rlvf.executor.v1.ExecutorService"
_FOR_EVER = {"source": "while True: pass", "limits": {"cpuTime": "300s"}}


def test_an_answer_is_that_of_grpc(client: httpx.Client, channels: dict[str, grpc.Channel]) -> None:
    answer = client.post(f"{_EXECUTOR}/GetCapabilities", json={})
    assert answer.status_code == 200
    found = json_format.Parse(answer.text, executor_pb2.GetCapabilitiesResponse())
    stub = executor_pb2_grpc.ExecutorServiceStub(channels["executor"])
    assert found == stub.GetCapabilities(executor_pb2.GetCapabilitiesRequest(), timeout=30)


def test_a_message_may_be_protobufs_bytes(client: httpx.Client) -> None:
    answer = client.post(
        f"{_EXECUTOR}/Execute",
        content=executor_pb2.ExecuteRequest(source="print(3)").SerializeToString(),
        headers={"content-type": "application/proto"},
    )
    assert executor_pb2.ExecuteResponse.FromString(answer.content).stdout == b"3\n"


def test_names_may_be_written_as_in_the_protos(client: httpx.Client) -> None:
    limits = {"cpu_time": "1s", "output_bytes": 2}
    answer = client.post(f"{_EXECUTOR}/Execute", json={"source": "print('abc')", "limits": limits})
    found = answer.json()
    assert (base64.b64decode(found["stdout"]), found["stdoutTruncated"]) == (b"ab", True)
    # What has its default value is there too.
    assert found["stderrTruncated"] is False


def test_bad_input_is_named_as_by_grpc(client: httpx.Client) -> None:
    answer = client.post(f"{_EXECUTOR}/Execute", json={"limits": {"cpuTime": "100000s"}})
    error = answer.json()
    assert (answer.status_code, error["code"]) == (400, "invalid_argument")
    assert error["message"].startswith("limits.cpu_time: must be between")
    (detail,) = error["details"]
    assert detail["type"] == "google.rpc.BadRequest"
    data = base64.b64decode(detail["value"] + "===")
    (violation,) = error_details_pb2.BadRequest.FromString(data).field_violations
    assert violation.field == "limits.cpu_time"


def test_an_operation_that_is_not_there_is_not_found(client: httpx.Client) -> None:
    answer = client.post(
        "/google.longrunning.Operations/GetOperation", json={"name": "operations/evaluator/x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_many_programs_are_graded_in_one_request(client: httpx.Client) -> None:
    test = {"source": "def check(candidate):\n    assert candidate(2) == 4\n"}
    items = [
        {
            "id": str(number),
            "request": {
                "candidateSource": f"def f(x):\n    return x + {number % 3}\n",
                "entryPoint": "f",
                "checkFunction": test,
            },
        }
        for number in range(250)
    ]
    items.append({"id": "broken", "request": {"entryPoint": "f"}})
    answer = client.post("/v1/grade", json={"items": items}).json()
    found = {one["id"]: one for one in answer["items"]}
    assert "test: is required" in found.pop("broken")["error"]["message"]
    passed = {name for name, one in found.items() if one["response"]["verdict"] == "VERDICT_PASSED"}
    assert len(found) == 250
    assert passed == {str(number) for number in range(250) if number % 3 == 2}
    assert answer["executor"]["tier"].startswith("TIER_")


def test_many_programs_are_run_in_one_request(client: httpx.Client) -> None:
    items = [{"id": word, "request": {"source": f"print('{word}')"}} for word in ("a", "b")]
    answer = client.post("/v1/execute", json={"items": items}).json()
    found = {one["id"]: base64.b64decode(one["response"]["stdout"]) for one in answer["items"]}
    assert found == {"a": b"a\n", "b": b"b\n"}


def test_a_refused_stream_keeps_its_status(client: httpx.Client) -> None:
    """The evaluator refuses the header while samples are still written."""
    sample = {"taskId": "HumanEval/0", "completion": "    return 1\n" * 100}
    body = json.dumps({"header": {"benchmark": "no-such"}, "samples": [sample] * 3_000})
    headers = {"content-type": "application/json"}
    answers = [client.post("/v1/score", content=body, headers=headers) for _ in range(10)]
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "not_found")}
    assert "humaneval" in answers[0].json()["message"]


def test_a_sample_that_cannot_be_graded_is_told(client: httpx.Client) -> None:
    samples = [
        {"taskId": "HumanEval/53", "completion": "    return x + y\n"},
        {"taskId": "HumanEval/999", "completion": ""},
    ]
    answer = client.post(
        "/v1/score", json={"header": {"benchmark": "humaneval"}, "samples": samples}
    )
    found = answer.json()
    assert [one["verdict"] for one in found["results"]] == ["passed"]
    assert [(one["index"], one["field"]) for one in found["invalid"]] == [("1", "sample.task_id")]
    assert (found["summary"]["passed"], found["summary"]["invalid"]) == (1, 1)


def test_what_cannot_be_answered_says_what_to_do(client: httpx.Client) -> None:
    path = f"{_EXECUTOR}/Execute"
    form = {"content-type": "application/x-www-form-urlencoded"}
    packed = {"content-type": "application/json", "content-encoding": "gzip"}
    for answer, status, said in (
        (client.post("/nowhere"), 404, "/openapi.json lists the paths"),
        (client.post(f"{_EVALUATOR}/Score", json={}), 404, "/v1/score"),
        (client.get(path), 405, "takes POST"),
        (
            client.post(path, content="{}", headers=form),
            415,
            "send `Content-Type: application/json`",
        ),
        (client.post(path, content="{}", headers=packed), 415, "send the body as it is"),
        (client.post(path, json={"sorce": "1"}), 400, 'no field named "sorce"'),
        (client.post("/run_code", json={"code": 1}), 400, "code: Input should be a valid string"),
    ):
        assert (answer.status_code, said in answer.json()["message"]) == (status, True), answer.text


def test_the_document_is_served(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/score", "/run_code", f"{_EXECUTOR}/Grade"} <= paths.keys()


def test_a_deadline_ends_the_program(stack: StackThread) -> None:
    with (
        ExecutorProcess(executor_slots="1") as executor,
        HttpGatewayProcess(executor_address=executor.address) as gateway,
        httpx.Client(base_url=gateway.url, timeout=60, trust_env=False) as client,
    ):
        late = {"connect-timeout-ms": "1000"}
        answer = client.post(f"{_EXECUTOR}/Execute", json=_FOR_EVER, headers=late)
        assert (answer.status_code, answer.json()["code"]) == (504, "deadline_exceeded")
        # The only slot is free again.
        answer = client.post(f"{_EXECUTOR}/Execute", json={"source": "print(1)"})
        assert answer.json()["stdout"] == "MQo="


@pytest.mark.parametrize("path", [f"{_EXECUTOR}/Execute", "/v1/execute"])
async def test_a_caller_that_goes_frees_what_it_used(path: str) -> None:
    program = _FOR_EVER if path != "/v1/execute" else {"items": [{"id": "", "request": _FOR_EVER}]}
    with (
        ExecutorProcess(executor_slots="1", metrics_listen="127.0.0.1:0") as executor,
        HttpGatewayProcess(executor_address=executor.address) as gateway,
    ):
        async with httpx.AsyncClient(base_url=gateway.url, timeout=60, trust_env=False) as client:
            gone = asyncio.create_task(client.post(path, json=program))
            async with asyncio.timeout(60):
                while not await asyncio.to_thread(_is_busy, executor):
                    pass
            gone.cancel()
            answer = await client.post(f"{_EXECUTOR}/Execute", json={"source": "print(1)"})
            assert answer.json()["stdout"] == "MQo="


def _is_busy(executor: ExecutorProcess) -> bool:
    return executor.metrics().get("rlvf_executor_slots_busy", 0) > 0


def test_the_gateway_ends_well_and_counts(stack: StackThread) -> None:
    executor = stack.address("executor")
    with HttpGatewayProcess(executor_address=executor, metrics_listen="127.0.0.1:0") as gateway:
        call = {"x-request-id": "call-1", "content-type": "application/json"}
        request = urllib.request.Request(f"{gateway.url}/v1/grade", data=b"[]", headers=call)
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(request, timeout=30)
        assert raised.value.headers["x-request-id"] == "call-1"
        raised.value.close()
        counted = gateway.metrics()
        assert counted['rlvf_http_requests_total{path="/v1/grade",status="400"}'] == 1
        assert gateway.terminate() == 0
        calls = [event for event in gateway.events if event["event"] == "call"]
        assert [(one["request_id"], one["code"]) for one in calls] == [("call-1", 400)]
