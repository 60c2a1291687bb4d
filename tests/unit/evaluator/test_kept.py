"""Kept verdicts: in chunks, by version, found again; and what `Score` makes of them."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from rlvf.evaluator.v1.evaluator_pb2 import Sample, ScoreRequest, TaskResult
from rlvf_api.errors import Aborted, AlreadyExists, InvalidArgument, Unavailable
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.grading import Grade
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_evaluator import scoring
from rlvf_evaluator.answers import LARGEST_LOOKED_AT
from rlvf_evaluator.benchmarks import find_named_benchmark
from rlvf_evaluator.kept import (
    CHUNK_SECONDS,
    CHUNK_VERDICTS,
    KeptVerdicts,
    RequestShelf,
    version_of,
)
from rlvf_evaluator.tally import Answer, Tally

from ..doubles import StoreInMemory

score_samples = partial(scoring.score_samples, at_once=lambda: 32)
_HUMANEVAL = find_named_benchmark("humaneval")


class ShelfDouble:
    """A double of object storage."""

    def __init__(self) -> None:
        self.chunks: dict[str, bytes] = {}
        self.failure: Exception | None = None

    async def save_checkpoint(self, name: str, data: bytes) -> None:
        if self.failure:
            raise self.failure
        assert name not in self.chunks, "written twice"
        self.chunks[name] = data

    async def load_checkpoint(self, name: str) -> bytes | None:
        return self.chunks[name]

    async def list_checkpoints(self) -> list[str]:
        return sorted(self.chunks)

    @property
    def stored(self) -> int:
        return sum(len(chunk.splitlines()) for chunk in self.chunks.values())


def result(number: int, verdict: str = "passed") -> TaskResult:
    return TaskResult(
        task_id="HumanEval/0", sample=number, verdict=verdict, detail="é\n", cpu_ms=1.5
    )


async def again(shelf: ShelfDouble, version: str = "v") -> KeptVerdicts:
    kept = KeptVerdicts(shelf, version)
    await kept.load()
    return kept


async def test_what_was_stored_is_found_by_a_later_call_and_marked() -> None:
    shelf = ShelfDouble()
    kept = KeptVerdicts(shelf, "v")
    kept.add(result(0), "a" * 64)
    assert not shelf.chunks
    [stored] = await kept.flush()
    assert stored == result(0)
    found = (await again(shelf)).find("HumanEval/0", 0, "a" * 64)
    expected = result(0)
    expected.kept = True
    assert found == expected
    assert (await again(shelf)).find("HumanEval/0", 1) is None


async def test_another_version_of_benchmark_or_executor_finds_nothing() -> None:
    shelf = ShelfDouble()
    kept = KeptVerdicts(shelf, "v")
    kept.add(result(0), "a" * 64)
    await kept.flush()
    assert (await again(shelf, "w")).find("HumanEval/0", 0) is None
    records = [
        CalibrationRecord(164, 164, 0, 0, 0, True, "", benchmark, policy)
        for benchmark, policy in (("a", "b"), ("c", "b"), ("a", "d"), ("a", "b"))
    ]
    versions = [version_of(record) for record in records]
    assert len(set(versions)) == 3
    assert versions[0] == versions[3]


async def test_another_solution_under_the_same_number_is_refused() -> None:
    shelf = ShelfDouble()
    kept = KeptVerdicts(shelf, "v")
    kept.add(result(0), "a" * 64)
    await kept.flush()
    with pytest.raises(AlreadyExists, match="sample 0 of HumanEval/0 differs from"):
        (await again(shelf)).find("HumanEval/0", 0, "b" * 64)


async def begin(store: StoreInMemory, request_id: str = "x") -> KeptVerdicts:
    """A call with a request id that has read what there is."""
    kept = KeptVerdicts(await open_shelf(store, request_id), "v")
    await kept.load()
    return kept


async def open_shelf(store: StoreInMemory, request_id: str = "x") -> RequestShelf:
    return await RequestShelf.open(
        store,
        caller="team",
        request_id=request_id,
        benchmark="humaneval",
    )


async def answer(kept: KeptVerdicts, verdict: str) -> None:
    """A call answers a sample; Aborted when it may not."""
    kept.add(result(0, verdict), "a" * 64)
    await kept.flush()


def found(kept: KeptVerdicts) -> str | None:
    """The verdict on the sample that an earlier call kept."""
    one = kept.find("HumanEval/0", 0)
    return None if one is None else one.verdict


async def test_of_two_calls_that_overlap_the_verdict_that_was_answered_stays() -> None:
    store = StoreInMemory()
    # Many ids: nothing may hang on the order of random names.
    for request_id in map(str, range(20)):
        earlier, later = await begin(store, request_id), await begin(store, request_id)
        await answer(later, "passed")
        with pytest.raises(Aborted):
            await answer(earlier, "timeout")
        assert found(await begin(store, request_id)) == "passed"
        assert found(await begin(store, request_id)) == "passed"


async def test_of_three_calls_that_overlap_the_verdict_that_was_answered_stays() -> None:
    store = StoreInMemory()
    first, second = await begin(store), await begin(store)
    with pytest.raises(Aborted):
        await answer(first, "timeout")
    third = await begin(store)
    with pytest.raises(Aborted):
        await answer(second, "memory")
    assert found(third) is None
    await answer(third, "passed")
    assert found(await begin(store)) == "passed"


async def test_a_call_that_is_taken_over_before_it_has_read_answers_nothing() -> None:
    store = StoreInMemory()
    await answer(await begin(store), "passed")
    earlier = KeptVerdicts(await open_shelf(store), "v")
    later = await begin(store)
    with pytest.raises(Aborted):
        await earlier.load()
    assert found(later) == "passed"


async def test_a_call_that_ended_before_it_had_read_hides_nothing() -> None:
    store = StoreInMemory()
    await answer(await begin(store), "passed")
    await open_shelf(store)
    assert found(await begin(store)) == "passed"


@pytest.mark.parametrize("expired", [("000001", "000002"), ("000001", "000002", "000003")])
async def test_calls_that_expired_are_in_nobodys_way(expired: tuple[str, ...]) -> None:
    store = StoreInMemory()
    for _ in range(2):
        await begin(store)
    await answer(await begin(store), "passed")
    for number in expired:
        del store.documents[f"scores/team/x/attempts/{number}"]
    alone = await begin(store)
    assert found(alone) == "passed"
    alone.add(result(1), "a" * 64)
    assert len(await alone.flush()) == 1
    assert found(await begin(store)) == "passed"


async def test_a_chunk_is_due_when_it_is_full_or_old() -> None:
    now = 100.0
    kept = KeptVerdicts(ShelfDouble(), "v", clock=lambda: now)
    assert kept.due_in() is None
    kept.add(result(0), "a")
    assert kept.due_in() == CHUNK_SECONDS
    now += CHUNK_SECONDS / 2
    kept.add(result(1), "a")
    assert kept.due_in() == CHUNK_SECONDS / 2
    now += CHUNK_SECONDS
    assert kept.due_in() == 0
    await kept.flush()
    assert kept.due_in() is None
    for number in range(CHUNK_VERDICTS):
        assert kept.due_in() != 0
        kept.add(result(number), "a")
    assert kept.due_in() == 0


def requests(number: int) -> list[ScoreRequest]:
    tasks = list(_HUMANEVAL.problems)
    return [
        ScoreRequest(
            sample=Sample(task_id=tasks[index % 164], sample=index // 164, completion=str(index))
        )
        for index in range(number)
    ]


async def stream(given: list[ScoreRequest]) -> AsyncIterator[ScoreRequest]:
    for one in given:
        yield one


class GraderDouble:
    """A double of the executor that counts."""

    def __init__(self, broken_at: int | None = None) -> None:
        self.graded = 0
        self._broken_at = broken_at

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        if self.graded == self._broken_at:
            raise Unavailable("the executor is away")
        self.graded += 1
        return Grade("failed", "wrong", 1.0)


async def test_nothing_is_answered_before_it_is_stored() -> None:
    shelf, grader = ShelfDouble(), GraderDouble()
    results = score_samples(
        stream(requests(1_200)), Tally(_HUMANEVAL), grader.grade, await again(shelf)
    )
    answered = 0
    async for one in results:
        answered += 1
        assert isinstance(one, TaskResult)
        assert not one.kept
        assert answered <= shelf.stored
    assert answered == shelf.stored == grader.graded == 1_200


async def test_a_call_that_fails_keeps_what_was_graded_and_the_next_one_repeats_nothing() -> None:
    shelf, broken, well = ShelfDouble(), GraderDouble(broken_at=700), GraderDouble()
    given = requests(1_000)
    answered: list[Answer] = []

    async def call() -> None:
        kept = await again(shelf)
        async for one in score_samples(stream(given), Tally(_HUMANEVAL), broken.grade, kept):
            answered.append(one)

    with pytest.raises(Unavailable):
        await call()
    assert len(answered) <= shelf.stored == 700
    tally = Tally(_HUMANEVAL)
    results = [
        one async for one in score_samples(stream(given), tally, well.grade, await again(shelf))
    ]
    assert len({(one.task_id, one.sample) for one in results}) == len(results) == 1_000
    assert sum(isinstance(one, TaskResult) and one.kept for one in results) == 700
    assert well.graded == 300


async def test_a_call_that_is_left_keeps_what_was_graded() -> None:
    shelf, grader = ShelfDouble(), GraderDouble()
    results = score_samples(
        stream(requests(600)), Tally(_HUMANEVAL), grader.grade, await again(shelf)
    )
    await anext(results)
    await results.aclose()
    assert shelf.stored == grader.graded
    assert 0 < grader.graded < 600


async def test_a_call_that_was_taken_over_answers_nothing_more() -> None:
    shelf = ShelfDouble()
    shelf.failure = Aborted("another call")
    with pytest.raises(Aborted):
        await anext(
            score_samples(
                stream(requests(3)), Tally(_HUMANEVAL), GraderDouble().grade, await again(shelf)
            )
        )


def sound() -> CalibrationRecord:
    return CalibrationRecord(164, 164, 0, 0, 0, True, "", "a" * 64, "b" * 64)


async def test_another_number_of_samples_than_was_said_is_a_stream_cut_short() -> None:
    tally = Tally(_HUMANEVAL)
    async for _ in score_samples(stream(requests(3)), tally, GraderDouble().grade):
        pass
    assert tally.summary(sound(), expected=3).samples == 3
    assert tally.summary(sound()).samples == 3
    with pytest.raises(InvalidArgument, match="said 4, but 3 samples came"):
        tally.summary(sound(), expected=4)


async def test_pass_at_k_is_given_where_every_task_has_k_samples() -> None:
    async def every_fifth(problem: Problem, solution: str) -> Grade:
        return Grade("passed" if solution.endswith("5") else "failed", "", 1.0)

    tally = Tally(_HUMANEVAL)
    given = [
        ScoreRequest(
            sample=Sample(task_id=f"HumanEval/{task}", sample=sample, completion=str(sample))
        )
        for task in (0, 1)
        for sample in range(10 + task)
    ]
    async for _ in score_samples(stream(given), tally, every_fifth):
        pass
    found = {one.k: one.value for one in tally.summary(sound()).pass_at_k}
    # One of ten and one of eleven is right: ten of eleven miss the right one once in eleven.
    assert found == pytest.approx(
        {1: (1 / 10 + 1 / 11) / 2, 5: (1 / 2 + 5 / 11) / 2, 10: (1 + 10 / 11) / 2}
    )


async def test_what_is_wrong_with_answers_is_counted_whether_they_were_kept_or_not() -> None:
    answers = [
        Sample(task_id="HumanEval/53", sample=0, completion="    # nothing\n"),
        Sample(task_id="HumanEval/53", sample=1, completion="    return (\n"),
        Sample(task_id="HumanEval/53", sample=2, solution="def sub(x, y): return x - y\n"),
        Sample(task_id="HumanEval/53", sample=3, solution="def add(x, y): return x + y\n"),
        # Too large to be looked at here.
        Sample(task_id="HumanEval/53", sample=4, solution="(" * LARGEST_LOOKED_AT + "\n"),
    ]
    shelf = ShelfDouble()
    for _ in range(2):
        tally = Tally(_HUMANEVAL)
        given = stream([ScoreRequest(sample=sample) for sample in answers])
        async for _ in score_samples(given, tally, GraderDouble().grade, await again(shelf)):
            pass
        found = tally.summary(sound()).answers
        assert found.empty_percent == 25
        assert found.unparseable_percent == 25
        assert found.missing_entry_point_percent == 25
        assert not found.HasField("truncated_percent")
