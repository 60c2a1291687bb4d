"""The reporter's gRPC service: validates a request, reads artifacts, renders reports, stores
them."""

import asyncio

import grpc

from rlvf.reporter.v1 import reporter_pb2, reporter_pb2_grpc
from rlvf_common.storage.artifacts import JSON, ArtifactStore
from rlvf_reporter.assemble import assemble
from rlvf_reporter.consistency import check_consistency
from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.page.drill_down import drill_down_of
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.page.site import render_site
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.validation import validate

MARKDOWN = "text/markdown; charset=utf-8"
HTML = "text/html; charset=utf-8"
ZIP = "application/zip"

Request = reporter_pb2.RenderReportRequest
Response = reporter_pb2.RenderReportResponse


class ReporterServicer(reporter_pb2_grpc.ReporterServiceServicer):
    """Renders reports from artifacts in one store."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store

    async def RenderReport(
        self,
        request: Request,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> Response:
        """See the contract, rlvf/reporter/v1/reporter.proto."""
        validate(request)
        return await asyncio.to_thread(render_report, request, self._store)


def render_report(request: Request, store: ArtifactStore) -> Response:
    """Render and store the report on a valid request. Blocks.

    Raises:
        InvalidArgument: an artifact contradicts the request, or is not what a field requires.
        FailedPrecondition: an artifact is missing.
        Unavailable: storage cannot be reached.
    """
    evidence = load_evidence(request, store.get_bytes)
    check_consistency(request, evidence)
    report = assemble(request, evidence)
    drill_down = drill_down_of(report, evidence)
    return Response(
        json=store.put_bytes(render_json(report), JSON),
        markdown=store.put_bytes(render_markdown(report), MARKDOWN),
        html=store.put_bytes(render_html(report, drill_down), HTML),
        site=store.put_bytes(render_site(report, drill_down), ZIP),
    )
