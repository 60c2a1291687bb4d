"""Lists and deletes the stored results of a caller: kept verdicts, `scores/REQUEST_ID`, and
operations.

Their artifacts are never deleted here: equal content of several teams is one artifact, and
references to it exist outside of the system too, so nobody can know that it is no longer needed.
The operator lets artifacts expire by their age.
"""

import asyncio

from google.protobuf import any_pb2

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import NotFound
from rlvf_common.rpc.context import principal
from rlvf_common.rpc.validation import require
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationRunner
from rlvf_common.storage.stored_operations import REQUEST_ID
from rlvf_evaluator.kept import scores_prefix

__all__ = ["StoredResults"]

_PAGE = 100
_SCORES = "scores/"


class StoredResults:
    """The results of the current caller."""

    def __init__(self, store: ArtifactStore, runner: OperationRunner) -> None:
        self._store = store
        self._runner = runner

    async def page(self, after: str) -> evaluator_pb2.ListResultsResponse:
        """The results with names after `after`, at most 100."""
        folder = scores_prefix(principal.get().name)
        ids = await asyncio.to_thread(self._store.list_folders, folder)
        names = sorted([*(_SCORES + one for one in ids), *await self._runner.names()])
        names = [name for name in names if name > after]
        found = await asyncio.gather(*map(self._result, names[:_PAGE]))
        return evaluator_pb2.ListResultsResponse(
            results=[one for one in found if one is not None],
            next_page_token=names[_PAGE - 1] if len(names) > _PAGE else "",
        )

    async def delete(self, name: str) -> None:
        """Delete a result. A call that still runs with the request id may store verdicts again.

        Raises:
            InvalidArgument: the name is malformed, or the operation is still running.
            NotFound: the caller has no such result.
        """
        if not name.startswith(_SCORES):
            await self._runner.remove(name)
            return
        request_id = name.removeprefix(_SCORES)
        require(
            REQUEST_ID.fullmatch(request_id) is not None,
            "name",
            f"must be `{_SCORES}REQUEST_ID`, or the name of an operation",
        )
        prefix = scores_prefix(principal.get().name) + f"{request_id}/"
        keys = await asyncio.to_thread(self._store.list_documents, prefix)
        if not keys:
            raise NotFound(f"there is no result {name}")
        # The benchmark is deleted last, so that a partly deleted result is still listed.
        for key in sorted(keys, key=f"{prefix}benchmark".__eq__):
            await asyncio.to_thread(self._store.delete_document, key)

    async def _result(self, name: str) -> evaluator_pb2.StoredResult | None:
        """A result; None if it has just been deleted."""
        if name.startswith(_SCORES):
            key = scores_prefix(principal.get().name) + f"{name.removeprefix(_SCORES)}/benchmark"
            benchmark = await asyncio.to_thread(self._store.read_document, key)
            if benchmark is None:
                return None
            return evaluator_pb2.StoredResult(name=name, kind="score", benchmark=benchmark.decode())
        try:
            request, operation = await self._runner.find(name)
        except NotFound:
            return None
        result = _of_operation(request, operation.response)
        result.name, result.running = name, not operation.done
        return result


def _of_operation(request: any_pb2.Any, response: any_pb2.Any) -> evaluator_pb2.StoredResult:
    """Kind, benchmark and result file of an operation, whose `response` is empty until its end."""
    evaluate, evaluated = evaluator_pb2.EvaluateRequest(), evaluator_pb2.EvaluateResponse()
    score, scored = evaluator_pb2.ScoreArtifactRequest(), evaluator_pb2.ScoreArtifactResponse()
    # Of each pair only one has the type and is filled; the other stays empty.
    response.Unpack(evaluated)
    response.Unpack(scored)
    is_evaluation = request.Unpack(evaluate)
    request.Unpack(score)
    result = evaluator_pb2.StoredResult(
        kind="evaluate" if is_evaluation else "score_artifact",
        benchmark=evaluate.benchmark or score.benchmark,
    )
    for done in (evaluated, scored):
        if done.HasField("result"):
            result.result.CopyFrom(done.result)
    return result
