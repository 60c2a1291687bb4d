"""Pairs, and a trainer server as a process of its own, so that it can be killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import grpc
import psutil
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import any_pb2

from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import from_rpc_error, from_status
from rlvf_common.rpc.channels import open_channel, wait_operation
from rlvf_common.rpc.settings import StorageSettings

OPERATION_SECONDS = 600
PAIRS = 24
STEPS = 12

MakeRequest = Callable[..., trainer_pb2.RunTrainingRequest]


class Undisturbed(NamedTuple):
    """A run that nothing happens to."""

    request: trainer_pb2.RunTrainingRequest
    response: trainer_pb2.RunTrainingResponse
    progress: list[trainer_pb2.RunTrainingMetadata]


def pairs_jsonl(count: int = PAIRS) -> bytes:
    """Pairs in the base model's format: the answer begins with the line break."""
    records = (
        {
            "prompt": f'def add_{number}(x):\n    """Add {number}."""',
            "chosen": f"\n    return x + {number}",
            "rejected": f"\n    return x - {number * 7}",
            "task_id": f"add/{number}",
        }
        for number in range(count)
    )
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def answers_jsonl(count: int = PAIRS) -> bytes:
    """The chosen answers of `pairs_jsonl`."""
    pairs = [json.loads(line) for line in pairs_jsonl(count).splitlines()]
    records = ({"prompt": pair["prompt"], "completion": pair["chosen"]} for pair in pairs)
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def as_conversations(records: bytes) -> bytes:
    """Plain records as conversational ones; white space at the start of a text is left out."""
    roles = {"prompt": "user", "chosen": "assistant", "rejected": "assistant",
             "completion": "assistant"}  # fmt: skip
    lines = (json.loads(line) for line in records.splitlines())
    chats = (
        {
            name: [{"role": roles[name], "content": value.lstrip()}] if name in roles else value
            for name, value in line.items()
        }
        for line in lines
    )
    return "".join(json.dumps(chat) + "\n" for chat in chats).encode()


class TrainerProcess:
    """`python -m rlvf_trainer` on a free port; `within` is a command that runs it, `settings` are
    further variables."""

    def __init__(
        self,
        storage: StorageSettings,
        work_dir: Path,
        within: Sequence[str] = (),
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.tracking_dir = work_dir.parent / f"{work_dir.name}-tracking"
        self._command = [*within, sys.executable, "-m", "rlvf_trainer"]
        self._environment = os.environ | {
            "RLVF_LISTEN": "127.0.0.1:0",
            "RLVF_S3_ENDPOINT": storage.s3_endpoint,
            "RLVF_S3_ACCESS_KEY": storage.s3_access_key,
            "RLVF_S3_SECRET_KEY": storage.s3_secret_key,
            "RLVF_S3_BUCKET": storage.s3_bucket,
            "RLVF_TRAINER_WORK_DIR": str(work_dir),
            "RLVF_TRAINER_TRACKING_DIR": str(self.tracking_dir),
            "RLVF_DRAIN_SECONDS": "1",
            # The model is tiny: a second thread would only wait for the first.
            "RLVF_TRAINER_THREADS": "1",
            **settings,
        }
        self._log = work_dir.parent / f"{work_dir.name}.log"
        self.start()

    def start(self) -> None:
        """Start it, and return when it is ready."""
        with self._log.open("w") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stderr=log)
        process = psutil.Process(self._process.pid)
        while not (ready := self._event("ready")):
            assert process.status() != psutil.STATUS_ZOMBIE, self._log.read_text()
            self._process.poll()
        self.address = str(ready["address"])

    def _event(self, name: str) -> dict[str, object] | None:
        lines = [
            json.loads(line)
            for line in self._log.read_text().splitlines(keepends=True)
            if line.endswith("\n") and line.startswith("{")
        ]
        return next((line for line in lines if line.get("event") == name), None)

    def jobs(self) -> list[psutil.Process]:
        """The training jobs that it runs."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in good order."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()

    async def call(self, request: trainer_pb2.RunTrainingRequest) -> operations_pb2.Operation:
        """Start an operation; raises what the call was refused with."""
        async with open_channel(self.address) as channel:
            stub = trainer_pb2_grpc.TrainerServiceStub(channel)
            try:
                operation: operations_pb2.Operation = await stub.RunTraining(request, timeout=30)
            except grpc.RpcError as error:
                raise from_rpc_error(error) from None
            return operation

    async def finish(
        self,
        operation: operations_pb2.Operation,
        on_progress: Callable[[trainer_pb2.RunTrainingMetadata], None] = lambda _: None,
    ) -> trainer_pb2.RunTrainingResponse:
        """Wait for the end; raises what the operation failed with."""

        def unpacked(any_metadata: any_pb2.Any) -> None:
            metadata = trainer_pb2.RunTrainingMetadata()
            any_metadata.Unpack(metadata)
            on_progress(metadata)

        async with asyncio.timeout(OPERATION_SECONDS), open_channel(self.address) as channel:
            done = await wait_operation(channel, operation, on_progress=unpacked)
        if done.HasField("error"):
            raise from_status(done.error)
        response = trainer_pb2.RunTrainingResponse()
        done.response.Unpack(response)
        return response

    async def train(
        self, request: trainer_pb2.RunTrainingRequest
    ) -> trainer_pb2.RunTrainingResponse:
        """`call` and `finish`."""
        return await self.finish(await self.call(request))

    async def cancel(self, operation: operations_pb2.Operation) -> None:
        """Ask the operation to end."""
        async with open_channel(self.address) as channel:
            stub = operations_pb2_grpc.OperationsStub(channel)
            request = operations_pb2.CancelOperationRequest(name=operation.name)
            await stub.CancelOperation(request, timeout=30)
