"""The OpenAPI document of the HTTP gateway: valid, current, and of all that is served."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from rlvf.executor.v1 import executor_pb2
from rlvf_common.rpc.channels import open_blocking_channel, open_channel
from rlvf_http_gateway.endpoints import Backends, endpoints
from rlvf_http_gateway.openapi import document
from rlvf_http_gateway.whole_streams import WholeStreams

_FILE = (
    Path(__file__).parents[2] / "services" / "http-gateway" / "rlvf_http_gateway" / "openapi.json"
)

Document = dict[str, Any]


@pytest.fixture(scope="module")
def committed() -> Document:
    """The document in the repository."""
    found: Document = json.loads(_FILE.read_text())
    return found


def test_it_is_current(committed: Document, image: Path) -> None:
    fresh = document(FileDescriptorSet.FromString(image.read_bytes()))
    assert committed == json.loads(json.dumps(fresh)), "run `make proto` and commit what it writes"


def test_it_is_valid(committed: Document) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(committed).iter_errors()] == []


def test_an_invalid_one_is_found(committed: Document) -> None:
    broken = {**committed, "paths": {"/x": {"post": {"responses": {"200": {}}}}}}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


async def test_it_has_what_is_served_and_nothing_else(committed: Document) -> None:
    nowhere = "127.0.0.1:9"
    async with open_channel(nowhere) as one, open_channel(nowhere) as other:
        blocking = open_blocking_channel(nowhere)
        table = endpoints(Backends(one, other), WholeStreams(blocking, blocking))
        blocking.close()
    assert committed["paths"].keys() == table.keys()


def test_operations_are_named_once_and_explained(committed: Document) -> None:
    operations = [path["post"] for path in committed["paths"].values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation["summary"] for operation in operations)


def test_messages_in_json_fit_their_schemas(committed: Document) -> None:
    response = executor_pb2.ExecuteResponse(
        outcome=executor_pb2.OUTCOME_EXITED, exit_code=0, stdout=b"\xff", stdout_truncated=True
    )
    response.usage.cpu_time.FromMilliseconds(1500)
    response.usage.peak_memory_bytes = 1 << 40
    schema = {
        "$ref": "#/components/schemas/rlvf.executor.v1.ExecuteResponse",
        "components": committed["components"],
    }
    validator = Draft202012Validator(schema)
    message = json_format.MessageToDict(response, always_print_fields_with_no_presence=True)
    assert list(validator.iter_errors(message)) == []
    assert list(validator.iter_errors({**message, "outcome": "GOOD"}))
    assert list(validator.iter_errors({**message, "another": 1}))
