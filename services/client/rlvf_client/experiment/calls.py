"""Calls to the services of an experiment: channels, and operations that are looked up or carried
out."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Self, TypeVar

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.reporter.v1 import reporter_pb2
from rlvf.version.v1 import version_pb2
from rlvf_api.errors import NotFound, Unavailable, from_rpc_error
from rlvf_client.experiment.artifacts import ServedArtifacts
from rlvf_client.experiment.endpoints import Endpoints
from rlvf_client.experiment.versions import identity_of
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.progress.console import Reporter, Stage
from rlvf_common.rpc.channels import CALL_TIMEOUT_SECONDS, open_channel, wait_operation
from rlvf_common.rpc.retry import retried
from rlvf_common.storage.artifacts import ArtifactAccess

SLOW_CALL_SECONDS = 600.0
"""Calibrating a large benchmark, or rendering a report, takes longer than other calls."""

# How often an operation is called in all where it fails because a service is unavailable.
_ATTEMPTS = 5
# An attempt waits 10 s for a service behind the one that is asked: four minutes in all.
_VERSION_ATTEMPTS = 20
_VERSION_PAUSE = timedelta(seconds=2)

AnswerT = TypeVar("AnswerT")
ResponseT = TypeVar("ResponseT", bound=Message)
Show = Callable[[Stage, any_pb2.Any], None]
"""Updates a stage from an operation's metadata."""


def counting(kind: type[Message], done: str, total: str, unit: str) -> Show:
    """A `Show` that reads two fields of metadata of the message `kind`: `done` has the number of
    units that are done, `total` that of all; `unit` names them."""

    def show(stage: Stage, metadata: any_pb2.Any) -> None:
        progress = kind()
        metadata.Unpack(progress)
        amount = getattr(progress, total)
        stage.update(getattr(progress, done), amount, unit if amount else "")

    return show


def channel_to(endpoints: Endpoints, service: str) -> grpc.aio.Channel:
    """A new channel to a service, with the token and TLS of `endpoints`."""
    transport = endpoints.transport()
    return open_channel(
        endpoints.address(service), token=transport.auth_token, tls_ca=transport.tls_ca
    )


class Calls:
    """The services of one experiment. Ids of operations begin with its name, `experiment`.

    The id of an operation is derived from its request, from the code that carries it out, as the
    services report it, and from what the names in the request stand for. Methods take the last as
    `versions`: digests of the model and of the benchmark.
    """

    def __init__(
        self,
        experiment: str,
        endpoints: Endpoints,
        reporter: Reporter,
        on_operation: Callable[[str], None] = lambda name: None,
        artifacts: ArtifactAccess | None = None,
    ) -> None:
        """`on_operation` is called with the name of every operation before it is needed. Artifacts
        are read through the evaluator unless `artifacts` is given."""
        self.experiment = experiment
        self._artifacts = artifacts
        self._on_operation = on_operation
        self._endpoints = endpoints
        self._reporter = reporter
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._versions: dict[tuple[str, bool], version_pb2.Version] = {}
        self._costs: dict[str, reporter_pb2.OperationCost] = {}
        self._required: set[str] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all channels."""
        if isinstance(self._artifacts, ServedArtifacts):
            self._artifacts.close()
        for channel in self._channels.values():
            await channel.close()

    @property
    def artifacts(self) -> ArtifactAccess:
        """What the operations read and write. Its methods block."""
        if self._artifacts is None:
            self._artifacts = ServedArtifacts(self._endpoints)
        return self._artifacts

    async def models(self) -> list[version_pb2.ServedModel]:
        """The base models that the evaluator samples, sorted by name.

        Raises RlvfError.
        """
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self.channel("evaluator"))
        request = evaluator_pb2.ListModelsRequest()
        response = await self._patiently(
            lambda: call(stub.ListModels(request, timeout=CALL_TIMEOUT_SECONDS))
        )
        return list(response.models)

    def channel(self, service: str) -> grpc.aio.Channel:
        """The channel to a service."""
        if service not in self._channels:
            self._channels[service] = channel_to(self._endpoints, service)
        return self._channels[service]

    async def version(
        self, service: str, *, with_dependencies: bool = False
    ) -> version_pb2.Version:
        """The version of a service, and with `with_dependencies` of those behind it; asked once.

        Raises RlvfError.
        """
        key = service, with_dependencies
        if key not in self._versions:
            self._versions[key] = await self._patiently(
                lambda: self._endpoints.version(service, with_dependencies=with_dependencies)
            )
        return self._versions[key]

    async def _patiently(self, ask: Callable[[], Awaitable[AnswerT]]) -> AnswerT:
        """Ask for something that inference knows only when it has read its weights; retry
        meanwhile."""
        return await retried(
            ask,
            on=(Unavailable,),
            attempts=_VERSION_ATTEMPTS,
            shortest_pause=_VERSION_PAUSE,
            longest_pause=_VERSION_PAUSE,
            before_retry=self._say_again,
        )

    def versions(self) -> list[version_pb2.Version]:
        """The versions that were asked for so far."""
        return list(self._versions.values())

    def costs(self) -> list[reporter_pb2.OperationCost]:
        """What the operations so far have cost, whenever they were carried out; each once."""
        return list(self._costs.values())

    async def serve(self, model: ServedModel) -> None:
        """Have inference serve this model from now on; it starts when an operation needs it."""
        await self._endpoints.serve(model)
        self._required.discard("inference")

    async def start(
        self,
        service: str,
        method: Any,  # a grpc.aio multi-callable; the stubs give no common type for them
        request: Any,
        versions: Mapping[str, str],
        *,
        needs: Sequence[str] = (),
    ) -> None:
        """Start an operation unless it is done, and do not wait for it.

        `needs` are the services to start for it. If there are any, the result and the id depend on
        the services behind `service`. Raises RlvfError.
        """
        name = await self._identify(service, request, versions, with_dependencies=bool(needs))
        operation = await self._find(service, name)
        if operation is None or not operation.done:
            await self._require(needs)
            await call(method(request, timeout=CALL_TIMEOUT_SECONDS, wait_for_ready=True))

    async def operate(
        self,
        title: str,
        service: str,
        method: Any,  # as for `start`
        request: Any,
        response: ResponseT,
        show: Show,
        versions: Mapping[str, str],
        *,
        needs: Sequence[str] = (),
        cost_of: reporter_pb2.OperationCost | None = None,
    ) -> ResponseT:
        """Carry out an operation, or find that it is done; `response` is filled and returned.
        `show` updates the stage `title`, and `needs` is as for `start`. `cost_of` says what its
        cost is for; None: its response has no cost.

        Raises RlvfError.
        """
        name = await self._identify(service, request, versions, with_dependencies=bool(needs))
        operation = await self._find(service, name)
        if operation is None or not operation.done or operation.HasField("error"):
            await self._require(needs)
            with self._reporter.stage(title) as shown:
                self._reporter.operation = title
                operation = await self._finish(
                    service, method, request, lambda metadata: show(shown, metadata)
                )
                self._reporter.operation = ""
        else:
            # A team's own operation has another name than the one that its id gives.
            self._on_operation(operation.name)
            self._reporter.say(f"{title}: already done")
        operation.response.Unpack(response)
        if cost_of is not None:
            told: Any = response  # each response of an operation with a cost has the field
            cost_of.name = title
            cost_of.cost.CopyFrom(told.cost)
            self._costs[name] = cost_of
        return response

    async def _require(self, names: Sequence[str]) -> None:
        """Have these services started; a stage of its own, because inference takes minutes."""
        if self._required.issuperset(names):
            await self._endpoints.ensure(*names)
            return
        with self._reporter.stage(f"wait for {', '.join(names)}"):
            await self._endpoints.ensure(*names)
        self._required.update(names)

    async def _identify(
        self, service: str, request: Any, versions: Mapping[str, str], *, with_dependencies: bool
    ) -> str:
        """The name of the request's operation; sets `request.request_id`."""
        code = identity_of(await self.version(service, with_dependencies=with_dependencies))
        body = request.SerializeToString(deterministic=True)
        named = json.dumps(dict(versions), sort_keys=True)
        digest = hashlib.sha256(code.encode() + named.encode() + body).hexdigest()
        request.request_id = f"{self.experiment}-{digest[:32]}"
        name = f"operations/{service}/{request.request_id}"
        self._on_operation(name)
        return name

    async def _find(self, service: str, name: str) -> operations_pb2.Operation | None:
        stub = operations_pb2_grpc.OperationsStub(self.channel(service))
        request = operations_pb2.GetOperationRequest(name=name)
        try:
            return await call(stub.GetOperation(request, timeout=CALL_TIMEOUT_SECONDS))
        except NotFound:
            return None

    async def _finish(
        self, service: str, method: Any, request: Message, on_progress: Any
    ) -> operations_pb2.Operation:
        async def attempt() -> operations_pb2.Operation:
            operation = await method(request, timeout=CALL_TIMEOUT_SECONDS, wait_for_ready=True)
            self._on_operation(operation.name)
            return await wait_operation(self.channel(service), operation, on_progress=on_progress)

        return await retried(
            attempt, on=(Unavailable,), attempts=_ATTEMPTS, before_retry=self._say_again
        )

    def _say_again(self, error: BaseException) -> None:
        self._reporter.say(f"trying again: {error}")


async def call(call: Any) -> Any:
    """Await a call. Raises RlvfError for its failure."""
    try:
        return await call
    except grpc.RpcError as error:
        raise from_rpc_error(error) from None
