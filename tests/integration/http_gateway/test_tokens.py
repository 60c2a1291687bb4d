"""Tokens, scopes and quotas are those of the services: the gateway has none of its own."""

import base64
import hashlib
import json
import uuid
from collections.abc import Iterator

import httpx
import pytest

from rlvf_common.rpc.settings import StorageSettings
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.http_gateway import HttpGatewayProcess

from ...conftest import StackThread

_TEAM, _LIMITED, _OPERATOR = "team-token", "limited-token", "operator-token"
_SAMPLE = {"taskId": "HumanEval/53", "completion": "    return x + y\n"}
_QUOTA = "/rlvf.evaluator.v1.EvaluatorService/GetQuota"
_EVALUATE = "/rlvf.evaluator.v1.EvaluatorService/Evaluate"


@pytest.fixture(scope="module")
def team() -> str:
    """A name of this run's own: quotas outlive it."""
    return f"team-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def client(
    stack: StackThread,
    storage_settings: StorageSettings,
    team: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[httpx.Client]:
    """A client of a gateway whose evaluator asks for tokens."""
    tokens = tmp_path_factory.mktemp("tokens") / "tokens.json"
    callers = [
        {"name": team, "sha256": hashlib.sha256(_TEAM.encode()).hexdigest(), "scopes": ["score"]},
        {
            "name": f"{team}-2",
            "sha256": hashlib.sha256(_LIMITED.encode()).hexdigest(),
            "samples_per_day": 3,
        },
    ]
    tokens.write_text(json.dumps({"callers": callers}))
    settings = storage_settings.model_copy(update={"s3_bucket": "http-gateway"})
    with (
        EvaluatorProcess(
            **settings.model_dump(),
            executor_address=stack.address("executor"),
            auth_token=_OPERATOR,
            tokens_file=tokens,
        ) as evaluator,
        HttpGatewayProcess(evaluator_address=evaluator.address) as gateway,
        httpx.Client(base_url=gateway.url, timeout=300, trust_env=False) as client,
    ):
        yield client


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"authorization": b"Bearer another"},
        {b"authorization": _TEAM.encode()},
        {b"authorization": b"Basic !"},
        {b"authorization": b"Bearer \xe9"},
    ],
)
def test_a_call_without_a_known_token_is_refused(
    client: httpx.Client, headers: dict[bytes, bytes]
) -> None:
    for path, body in ((_QUOTA, {}), ("/v1/score", {"header": {"benchmark": "humaneval"}})):
        answer = client.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert "authorization: Bearer TOKEN" in answer.json()["message"]


def test_a_token_names_its_team(client: httpx.Client, team: str) -> None:
    password = base64.b64encode(f"any:{_TEAM}".encode()).decode()
    for headers in (_bearer(_TEAM), {"authorization": f"Basic {password}"}):
        answer = client.post(_QUOTA, json={}, headers={**headers, "x-rlvf-caller": "another"})
        assert answer.json()["caller"] == team
    assert client.post(_QUOTA, json={}, headers=_bearer(_OPERATOR)).json()["caller"] == "operator"


def test_a_token_needs_the_scope_of_the_method(client: httpx.Client) -> None:
    answer = client.post(_EVALUATE, json={}, headers=_bearer(_TEAM))
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert "lacks the scope `evaluate`" in answer.json()["message"]


def test_a_quota_counts_and_ends(client: httpx.Client) -> None:
    def score(count: int) -> httpx.Response:
        samples = [{**_SAMPLE, "sample": number} for number in range(count)]
        body = {"header": {"benchmark": "humaneval"}, "samples": samples}
        return client.post("/v1/score", json=body, headers=_bearer(_LIMITED))

    assert score(2).json()["summary"]["passed"] == 2
    answer = score(2)
    assert (answer.status_code, answer.json()["code"]) == (429, "resource_exhausted")
    assert "samples" in answer.json()["message"]
    assert 0 < int(answer.headers["retry-after"]) <= 24 * 3600
    submitted = client.post(
        "/submit",
        json={"dataset": "humaneval_python", "id": 53, "completion": "", "config": {}},
        headers=_bearer(_LIMITED),
    )
    # What was left of it was taken by the refused request or by this one; both are the quota's.
    assert submitted.status_code in (200, 429)
