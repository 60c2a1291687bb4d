"""Plans an experiment, for `rlvf plan`: goes through it as a run does, but executes nothing."""

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path

from rlvf.cost.v1 import cost_pb2
from rlvf_client.experiment.artifacts import ServedArtifacts
from rlvf_client.experiment.driver import Driver
from rlvf_client.experiment.endpoints import Endpoints, RemoteEndpoints, SharedStack
from rlvf_client.experiment.schema import Experiment
from rlvf_client.keeping.run_record import RunRecord
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.planning import defaults
from rlvf_client.planning.calls import LOOKING, LookingEndpoints, PlanningCalls
from rlvf_client.planning.foreseen import Foresight
from rlvf_client.planning.history import History
from rlvf_client.planning.rates import Rates
from rlvf_client.planning.records import Device, Plan
from rlvf_client.progress.console import Quiet
from rlvf_common.storage.artifacts import ArtifactAccess, ArtifactStore

__all__ = ["plan", "weight_gigabytes"]

_GPUS = Path("/dev")


async def plan(
    experiment: Experiment, models: Mapping[str, ServedModel], endpoints: Endpoints
) -> Plan:
    """The plan of an experiment; `models` by their short names in it.

    Starts only storage, executor and evaluator. Raises RlvfError.
    """
    looking = LookingEndpoints(endpoints)
    await looking.ensure(*LOOKING)
    is_remote = isinstance(endpoints, RemoteEndpoints) and not isinstance(endpoints, SharedStack)
    device = await _remote_device(endpoints) if is_remote else local_device()
    gigabytes = {
        name: weight_gigabytes(model.source)
        for model in models.values()
        for name in (model.name, model.source)
    }
    store = None
    if not isinstance(endpoints, RemoteEndpoints) or endpoints.profile.storage is not None:
        store = await asyncio.to_thread(ArtifactStore.connect, looking.storage_settings())
    history = History() if store is None else await asyncio.to_thread(History.read, store)
    artifacts: ArtifactAccess = store or ServedArtifacts(looking)
    foresight = Foresight(Rates(history, device, gigabytes), artifacts)
    reporter = Quiet()
    calls = PlanningCalls(
        experiment.name, looking, reporter, foresight, artifacts, None if is_remote else store
    )
    # The record is never written, as nothing is executed.
    record = RunRecord(Path())
    async with Driver(experiment, models, looking, reporter, record, calls) as driver:
        await driver.carry_out()
    unknown = [name for name, size in gigabytes.items() if size is None]
    return Plan(
        experiment.name,
        calls.steps,
        0.0 if is_remote else defaults.START_SECONDS,
        experiment.prices,
        (
            *(
                f"the size of {name} is not known here; where its rates were not measured, it is "
                "taken to have 1 GB of weights"
                for name in unknown
            ),
            *(
                ["what earlier operations took is not known without a key of object storage"]
                if store is None
                else []
            ),
        ),
    )


async def _remote_device(endpoints: Endpoints) -> Device:
    version = await endpoints.version("evaluator", with_dependencies=True)
    for one in version.dependencies:
        if one.model.devices.kind:
            return Device.of(one.model.devices)
    return Device.of(cost_pb2.Devices())


def local_device() -> Device:
    """The device on which a local stack would run: a GPU where there is one, else all cores."""
    if any(re.fullmatch(r"nvidia\d+", path.name) for path in _GPUS.glob("nvidia*")):
        return Device("gpu", 1)
    return Device("cpu", len(os.sched_getaffinity(0)))


def weight_gigabytes(source: str) -> float | None:
    """Size of a model's weights in 10^9 bytes: of its directory, or from the number of parameters
    in its name, in bfloat16; None where neither is known."""
    if (directory := Path(source)).is_dir():
        return sum(file.stat().st_size for file in directory.glob("*.safetensors")) / 1e9 or None
    named = re.search(r"(?<![\d.])(\d+(?:\.\d+)?)([bm])(?![a-z0-9])", source.lower())
    if named is None:
        return None
    return 2 * float(named[1]) * (1.0 if named[2] == "b" else 1e-3)
