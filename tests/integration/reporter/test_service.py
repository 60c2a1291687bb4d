"""RenderReport as its callers see it: a real server, real S3."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import grpc
import pytest

from rlvf.reporter.v1 import reporter_pb2, reporter_pb2_grpc
from rlvf_api.errors import FailedPrecondition, InvalidArgument, from_rpc_error
from rlvf_common.rpc.channels import open_channel
from rlvf_common.storage.artifacts import JSON, ArtifactStore
from rlvf_reporter.service import render_report

from ...messages import point_nowhere


async def render(
    stack: Any, request: reporter_pb2.RenderReportRequest
) -> reporter_pb2.RenderReportResponse:
    async with open_channel(stack.address("reporter")) as channel:
        return await reporter_pb2_grpc.ReporterServiceStub(channel).RenderReport(
            request, timeout=60
        )


async def refusal(stack: Any, request: reporter_pb2.RenderReportRequest) -> Exception:
    with pytest.raises(grpc.RpcError) as raised:
        await render(stack, request)
    return from_rpc_error(raised.value)


async def test_a_report_is_rendered_in_four_forms(
    stack: Any, store: ArtifactStore, published: Any
) -> None:
    response = await render(stack, published.request)
    document = json.loads(store.get_bytes(response.json))
    assert document["experiment"] == published.request.experiment
    assert len(document["conditions"]) == len(published.request.conditions)
    assert store.get_bytes(response.markdown).startswith(b"# Fixture")
    assert store.get_bytes(response.html).startswith(b"<!doctype html>")
    assert response.html.media_type == "text/html; charset=utf-8"
    assert response.site.media_type == "application/zip"
    site = ZipFile(BytesIO(store.get_bytes(response.site)))
    assert site.read("index.html").startswith(b"<!doctype html>")


async def test_another_process_renders_the_same_bytes(
    stack: Any, store: ArtifactStore, published: Any
) -> None:
    # Sets and hashes are seeded anew in every process.
    assert await render(stack, published.request) == render_report(published.request, store)


async def test_a_missing_artifact_is_a_failed_precondition(stack: Any, published: Any) -> None:
    gone = published.request.conditions[3].result
    point_nowhere(gone)
    error = await refusal(stack, published.request)
    assert isinstance(error, FailedPrecondition)
    assert gone.uri in str(error)


async def test_an_artifact_that_is_not_what_its_digest_says_is_a_failed_precondition(
    stack: Any, published: Any
) -> None:
    metrics = published.request.training[0].run.metrics
    metrics.size_bytes += 1
    error = await refusal(stack, published.request)
    assert isinstance(error, FailedPrecondition)
    assert "does not match its reference" in str(error)


async def test_an_uncalibrated_score_is_refused(
    stack: Any, store: ArtifactStore, published: Any
) -> None:
    ref = published.request.conditions[2].result
    found = json.loads(store.get_bytes(ref))
    found["calibration"]["empty_passed"] = 164
    ref.CopyFrom(store.put_bytes(json.dumps(found).encode(), JSON))
    error = await refusal(stack, published.request)
    assert isinstance(error, InvalidArgument)
    assert error.field == "conditions[2].result"
    assert "164 empty answers" in error.message


async def test_results_of_different_tasks_are_not_compared(
    stack: Any, store: ArtifactStore, published: Any
) -> None:
    ref = published.request.conditions[2].result
    found = json.loads(store.get_bytes(ref))
    del found["results"][0]
    ref.CopyFrom(store.put_bytes(json.dumps(found).encode(), JSON))
    error = await refusal(stack, published.request)
    assert isinstance(error, InvalidArgument)
    assert error.field == "head_to_head[1]"
    assert "`dpo-120-3b` lacks 1 of the tasks of the other (HumanEval/0)" in error.message
