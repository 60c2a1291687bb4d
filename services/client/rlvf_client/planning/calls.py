"""The calls of an experiment that is only planned: operations are looked up, or foreseen."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from google.longrunning import operations_pb2

from rlvf.reporter.v1 import reporter_pb2
from rlvf.version.v1 import version_pb2
from rlvf_client.experiment.calls import Calls, ResponseT, Show
from rlvf_client.experiment.endpoints import Endpoints
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.planning.foreseen import Foresight
from rlvf_client.planning.records import Step, Work
from rlvf_client.progress.console import Reporter
from rlvf_common.rpc.settings import StorageSettings, TransportSettings
from rlvf_common.storage.artifacts import ArtifactAccess, ArtifactStore
from rlvf_common.storage.stored_operations import last_state

__all__ = ["LOOKING", "LookingEndpoints", "PlanningCalls"]

LOOKING = ("storage", "executor", "evaluator")
"""Services that a plan needs: the executor reports the policy of verdicts, the evaluator the
benchmarks."""


class LookingEndpoints:
    """Endpoints that start only the services of `LOOKING`."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    def address(self, name: str) -> str:
        """As of the endpoints."""
        return self._endpoints.address(name)

    def storage_settings(self) -> StorageSettings:
        """As of the endpoints."""
        return self._endpoints.storage_settings()

    async def ensure(self, *names: str) -> None:
        """Start those of these services that are in `LOOKING`."""
        await self._endpoints.ensure(*(name for name in names if name in LOOKING))

    async def serve(self, model: ServedModel) -> None:
        """Nothing: nothing is sampled."""

    def transport(self) -> TransportSettings:
        """As of the endpoints."""
        return self._endpoints.transport()

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        """As of the endpoints."""
        return await self._endpoints.version(name, with_dependencies=with_dependencies)


class PlanningCalls(Calls):
    """Calls that execute nothing. `steps` are the operations that were requested."""

    def __init__(
        self,
        experiment: str,
        endpoints: Endpoints,
        reporter: Reporter,
        foresight: Foresight,
        artifacts: ArtifactAccess,
        store: ArtifactStore | None,
    ) -> None:
        """Operations are looked up in `store`, so that their services need not run; None: the
        services run, and are asked."""
        super().__init__(experiment, endpoints, reporter, artifacts=artifacts)
        self._foresight = foresight
        self._store = store
        self._steps: dict[str, Step] = {}

    @property
    def steps(self) -> tuple[Step, ...]:
        """The operations so far, each once."""
        return tuple(self._steps.values())

    async def start(
        self,
        service: str,
        method: Any,
        request: Any,
        versions: Mapping[str, str],
        *,
        needs: Sequence[str] = (),
    ) -> None:
        """Nothing: `operate` is called for the same operation later."""

    async def operate(
        self,
        title: str,
        service: str,
        method: Any,
        request: Any,
        response: ResponseT,
        show: Show,
        versions: Mapping[str, str],
        *,
        needs: Sequence[str] = (),
        cost_of: reporter_pb2.OperationCost | None = None,
    ) -> ResponseT:
        """Find that an operation is done, or foresee its response."""
        name = await self._identify(service, request, versions, with_dependencies=bool(needs))
        operation = await self._find(service, name)
        if operation is not None and operation.done and not operation.HasField("error"):
            operation.response.Unpack(response)
            told: Any = response
            work = Work() if cost_of is None else Work.of(told.cost)
            self._steps[name] = Step(title, True, work)
            return response
        foreseen = self._foresight.foresee(request, versions.get("benchmark", ""))
        response.MergeFrom(foreseen.response)  # type: ignore[arg-type]
        self._steps[name] = Step(title, False, foreseen.work, foreseen.basis)
        return response

    async def _find(self, service: str, name: str) -> operations_pb2.Operation | None:
        if self._store is None:
            return await super()._find(service, name)
        state = await asyncio.to_thread(last_state, self._store, name)
        if state is None or not state.succeeded:
            return None
        operation = operations_pb2.Operation(name=name, done=True)
        operation.response.MergeFromString(state.response)
        return operation
