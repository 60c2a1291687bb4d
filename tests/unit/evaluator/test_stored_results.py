"""Stored results: a caller lists and deletes its own, and nobody else's."""

import pytest

from rlvf.artifact.v1.artifact_pb2 import ArtifactRef
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.evaluator.v1.evaluator_pb2 import ScoreArtifactRequest, ScoreArtifactResponse
from rlvf_api.errors import InvalidArgument, NotFound
from rlvf_common.rpc.context import Principal, principal
from rlvf_common.storage.operations import OperationContext, OperationRunner
from rlvf_evaluator.kept import RequestShelf
from rlvf_evaluator.stored_results import StoredResults

from ..doubles import StoreInMemory

_RESULT = ArtifactRef(uri="s3://b/r", sha256="a" * 64)


class Service:
    """The results of one evaluator, whose operations end at once."""

    def __init__(self) -> None:
        self.store = StoreInMemory()

        async def run(
            request: ScoreArtifactRequest, context: OperationContext
        ) -> ScoreArtifactResponse:
            return ScoreArtifactResponse(result=_RESULT)

        self.runner = OperationRunner(self.store, "evaluator", {ScoreArtifactRequest: run})
        self.results = StoredResults(self.store, self.runner)

    async def keep(self, caller: str, request_id: str) -> None:
        """Verdicts under an id."""
        shelf = await RequestShelf.open(
            self.store, caller=caller, request_id=request_id, benchmark="humaneval"
        )
        await shelf.save_checkpoint("chunk", b"")

    async def operate(self, request_id: str) -> str:
        """An operation of the current caller that is done; its name."""
        request = ScoreArtifactRequest(benchmark="mbpp")
        operation = await self.runner.start(request, request_id)
        for running in list(self.runner._running.values()):
            await running.keeping
        return str(operation.name)

    async def names(self, caller: str) -> list[str]:
        principal.set(Principal(caller))
        return [one.name for one in (await self.results.page("")).results]


async def test_a_caller_sees_its_own_results_and_no_others() -> None:
    service = Service()
    principal.set(Principal("a"))
    await service.keep("a", "mine")
    name = await service.operate("work")
    await service.keep("b", "theirs")
    page = await service.results.page("")
    operation, kept = page.results
    assert (operation.name, operation.kind, operation.benchmark) == (name, "score_artifact", "mbpp")
    assert (operation.running, operation.result) == (False, _RESULT)
    assert (kept.name, kept.kind, kept.benchmark) == ("scores/mine", "score", "humaneval")
    assert await service.names("b") == ["scores/theirs"]
    assert await service.names("") == []


async def test_what_is_deleted_is_gone_and_what_others_have_stays() -> None:
    service = Service()
    principal.set(Principal("a"))
    await service.keep("b", "same")
    of_b = dict(service.store.documents)
    await service.keep("a", "same")
    for name in ("scores/same", await service.operate("work")):
        await service.results.delete(name)
    assert service.store.documents == of_b


@pytest.mark.parametrize("name", ["scores/theirs", "operations/evaluator/none"])
async def test_what_a_caller_does_not_have_is_not_found(name: str) -> None:
    service = Service()
    await service.keep("b", "theirs")
    principal.set(Principal("a"))
    with pytest.raises(NotFound):
        await service.results.delete(name)
    assert await service.names("b") == ["scores/theirs"]


@pytest.mark.parametrize("name", ["", "scores/", "scores/../b", "blobs/sha256/x"])
async def test_a_malformed_name_deletes_nothing(name: str) -> None:
    service = Service()
    await service.keep("", "mine")
    principal.set(Principal(""))
    with pytest.raises(InvalidArgument):
        await service.results.delete(name)
    assert await service.names("") == ["scores/mine"]


async def test_pages_follow_each_other() -> None:
    service = Service()
    principal.set(Principal("a"))
    for number in range(101):
        await service.keep("a", f"{number:03d}")
    first = await service.results.page("")
    assert (len(first.results), first.next_page_token) == (100, "scores/099")
    last = await service.results.page(first.next_page_token)
    assert [one.name for one in last.results] == ["scores/100"]
    assert last == evaluator_pb2.ListResultsResponse(results=last.results)
