"""Serves the reporter: `python -m rlvf_reporter`."""

import asyncio
import sys

from rlvf.reporter.v1 import reporter_pb2, reporter_pb2_grpc
from rlvf_api.errors import RlvfError
from rlvf_common.rpc.server import serve
from rlvf_common.rpc.settings import load
from rlvf_common.rpc.version import service_version
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_reporter.service import ReporterServicer
from rlvf_reporter.settings import ReporterSettings


async def _main(settings: ReporterSettings) -> None:
    store = await asyncio.to_thread(ArtifactStore.connect, settings)
    servicer = ReporterServicer(store)
    await serve(
        settings,
        version=service_version("reporter", ("jinja2",)),
        service_names=[reporter_pb2.DESCRIPTOR.services_by_name["ReporterService"].full_name],
        register=lambda server: reporter_pb2_grpc.add_ReporterServiceServicer_to_server(
            servicer, server
        ),
    )


def main() -> None:
    """Serve until SIGTERM."""
    try:
        asyncio.run(_main(load(ReporterSettings)))
    except RlvfError as error:
        print(f"rlvf-reporter: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
