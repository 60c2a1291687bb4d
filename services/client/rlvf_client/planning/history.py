"""Reads earlier operations and their costs, from which a plan derives its rates."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from google.protobuf import any_pb2
from google.protobuf.message import Message

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.stored_operations import State, operation_names, read_operation

__all__ = ["History", "Past"]

_CONNECTIONS = 8
_KINDS: dict[str, dict[type[Message], type[Message]]] = {
    "pair-generator": {
        pair_generator_pb2.GenerateRolloutsRequest: pair_generator_pb2.GenerateRolloutsResponse,
        pair_generator_pb2.SelectAnswersRequest: pair_generator_pb2.SelectAnswersResponse,
        pair_generator_pb2.SelectPairsRequest: pair_generator_pb2.SelectPairsResponse,
    },
    "trainer": {trainer_pb2.RunTrainingRequest: trainer_pb2.RunTrainingResponse},
    "evaluator": {evaluator_pb2.EvaluateRequest: evaluator_pb2.EvaluateResponse},
}


@dataclass(frozen=True, slots=True)
class Past:
    """An operation that is done."""

    request: Any
    response: Any
    began: float
    """When its last attempt began, in seconds since the epoch; 0: not known."""


class History:
    """Operations that are done, by the kind of their request, the newest first."""

    def __init__(self, past: Sequence[Past] = ()) -> None:
        self._past = sorted(past, key=lambda one: -one.began)

    @classmethod
    def read(cls, store: ArtifactStore) -> "History":
        """All operations that storage has. Blocks. Raises Unavailable."""
        names = operation_names(
            key for service in _KINDS for key in store.list_documents(f"operations/{service}/")
        )
        with ThreadPoolExecutor(_CONNECTIONS) as threads:
            found = threads.map(lambda name: _past(store, name), sorted(names))
            return cls([past for past in found if past is not None])

    def of(self, *kinds: type[Message]) -> list[Past]:
        """Those with a request of one of these kinds."""
        return [one for one in self._past if isinstance(one.request, kinds)]


def _past(store: ArtifactStore, name: str) -> Past | None:
    operation = read_operation(store, name)
    if operation is None or not operation.state.succeeded:
        return None
    asked = any_pb2.Any.FromString(operation.request)
    answer = any_pb2.Any.FromString(operation.state.response)
    # The record of an attempt's end does not say when it began.
    begun = store.read_document(f"{name}/attempts/{operation.state.attempt}/state")
    for request_kind, response_kind in _KINDS[name.split("/")[1]].items():
        request, response = request_kind(), response_kind()
        if asked.Unpack(request) and answer.Unpack(response):
            return Past(request, response, State.parse(begun).began if begun else 0.0)
    return None
