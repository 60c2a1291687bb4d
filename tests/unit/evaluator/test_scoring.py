"""Score: what is refused, how it flows, what it sums up."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from rlvf.evaluator.v1.evaluator_pb2 import (
    InvalidSample,
    Sample,
    ScoreHeader,
    ScoreRequest,
    TaskResult,
)
from rlvf_api.errors import InvalidArgument, Unavailable
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.grading import Grade
from rlvf_common.statistics.intervals import wilson_interval
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_evaluator.benchmarks import find_named_benchmark
from rlvf_evaluator.scoring import MAX_BYTES_AT_ONCE, score_samples
from rlvf_evaluator.tally import (
    LARGEST_EXTRACTED,
    LARGEST_PROGRAM_BYTES,
    Answer,
    Tally,
    check_ks,
)

from ...messages import with_fields

_HUMANEVAL = find_named_benchmark("humaneval")
_AT_ONCE = 32
_SOUND = CalibrationRecord(164, 164, 0, 0, 0, True, "", "a" * 64, "b" * 64)


def _sample(task: int = 0, sample: int = 0, completion: str = "") -> Sample:
    return Sample(task_id=f"HumanEval/{task}", sample=sample, completion=completion)


async def _requests(*samples: Sample) -> AsyncIterator[ScoreRequest]:
    for sample in samples:
        yield ScoreRequest(sample=sample)


def _at_once() -> int:
    """A double of the grader's capacity."""
    return _AT_ONCE


async def _right_if_it_says_so(problem: Problem, solution: str) -> Grade:
    """A double of the executor."""
    passed = solution.endswith("# right\n")
    return Grade("passed" if passed else "failed", "" if passed else "wrong", 2.0)


async def _score(*samples: Sample) -> tuple[list[Answer], Tally]:
    tally = Tally(_HUMANEVAL)
    answers = score_samples(_requests(*samples), tally, _right_if_it_says_so, at_once=_at_once)
    return [answer async for answer in answers], tally


@pytest.mark.parametrize(
    ("sample", "field", "problem"),
    [
        (Sample(completion=""), "sample.task_id", "is required"),
        (
            Sample(task_id="HumanEval/164", completion=""),
            "sample.task_id",
            "`HumanEval/164` is not a task of humaneval",
        ),
        (_sample(sample=-1), "sample.sample", "must be from 0 to 99,999"),
        (_sample(sample=100_000), "sample.sample", "must be from 0 to 99,999"),
        (Sample(task_id="HumanEval/3"), "sample.answer", "set `completion` or `solution`"),
        (
            _sample(completion="#" * LARGEST_PROGRAM_BYTES),
            "sample.completion",
            "has more than 1,048,576 bytes",
        ),
        (
            Sample(task_id="HumanEval/3", solution="é" * (LARGEST_PROGRAM_BYTES // 2 + 1)),
            "sample.solution",
            "has more than 1,048,576 bytes",
        ),
    ],
)
async def test_an_invalid_sample_is_answered_with_what_is_wrong_and_the_others_are_graded(
    sample: Sample, field: str, problem: str
) -> None:
    answers, tally = await _score(_sample(9), sample, _sample(10, completion="# right\n"))
    [invalid] = [one for one in answers if isinstance(one, InvalidSample)]
    assert (invalid.index, invalid.task_id, invalid.sample) == (1, sample.task_id, sample.sample)
    assert invalid.field == field
    assert problem in invalid.problem
    summary = tally.summary(_SOUND, expected=3)
    assert (summary.samples, summary.passed, summary.tasks, summary.invalid) == (2, 1, 2, 1)
    assert summary.pass_at_1 == 0.5


async def test_sample_that_was_sent_before_is_invalid_and_not_counted_twice() -> None:
    answers, tally = await _score(_sample(3, 0), _sample(3, 1), _sample(4, 1), _sample(3, 1))
    [invalid] = [one for one in answers if isinstance(one, InvalidSample)]
    assert (invalid.index, invalid.field) == (3, "sample.sample")
    assert "sample 1 of HumanEval/3 was sent before" in invalid.problem
    assert tally.summary(_SOUND).samples == 3


async def test_a_program_that_the_executor_does_not_take_is_an_invalid_sample() -> None:
    async def grade(problem: Problem, solution: str) -> Grade:
        if problem.task_id == "HumanEval/1":
            raise InvalidArgument("test", "has too many bytes")
        return Grade("passed", "", 0.0)

    tally = Tally(_HUMANEVAL)
    messages = _requests(*map(_sample, range(3)))
    answers = [one async for one in score_samples(messages, tally, grade, at_once=_at_once)]
    [invalid] = [one for one in answers if isinstance(one, InvalidSample)]
    assert (invalid.index, invalid.task_id, invalid.problem) == (
        1,
        "HumanEval/1",
        "has too many bytes",
    )
    assert tally.summary(_SOUND).passed == 2


async def test_a_call_of_which_no_sample_is_valid_has_no_score() -> None:
    answers, tally = await _score(Sample(task_id="Mbpp/2", completion=""), Sample())
    assert [type(one) for one in answers] == [InvalidSample] * 2
    with pytest.raises(InvalidArgument, match="none of the 2 samples could be graded"):
        tally.summary(_SOUND)


async def test_a_call_of_invalid_samples_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlvf_evaluator.tally.MAX_INVALID", 2)
    await _score(Sample(), _sample(), Sample())
    with pytest.raises(InvalidArgument, match="is required; more than 2 samples are invalid"):
        await _score(Sample(), _sample(), Sample(), Sample())


async def test_of_an_invalid_task_id_a_part_is_told() -> None:
    answers, _ = await _score(_sample(), Sample(task_id="x" * 5_000))
    [invalid] = [one for one in answers if isinstance(one, InvalidSample)]
    assert len(invalid.task_id) == 100
    assert len(invalid.problem) < 200


async def test_second_header_is_refused() -> None:
    async def messages() -> AsyncIterator[ScoreRequest]:
        yield ScoreRequest(header=ScoreHeader(benchmark="humaneval"))

    with pytest.raises(InvalidArgument, match="only samples may follow the header"):
        await anext(
            score_samples(messages(), Tally(_HUMANEVAL), _right_if_it_says_so, at_once=_at_once)
        )


async def test_call_without_samples_has_no_score() -> None:
    _, tally = await _score()
    with pytest.raises(InvalidArgument, match="at least one sample"):
        tally.summary(_SOUND)


async def test_completion_continues_the_prompt_and_a_solution_stands_alone() -> None:
    seen: dict[int, str] = {}

    async def grade(problem: Problem, solution: str) -> Grade:
        seen[len(seen)] = solution
        return Grade("failed", "", 0.0)

    whole = Sample(task_id="HumanEval/1", solution="x = 1\n")
    results = score_samples(
        _requests(_sample(0, completion="    return 1\n"), whole),
        Tally(_HUMANEVAL),
        grade,
        at_once=_at_once,
    )
    assert len([result async for result in results]) == 2
    prompt = _HUMANEVAL.problems["HumanEval/0"].prompt
    assert sorted(seen.values()) == sorted([f"{prompt}    return 1\n", "x = 1\n"])


async def test_summary_is_the_mean_over_tasks_with_its_interval() -> None:
    right = "    # right\n"
    results, tally = await _score(
        _sample(0, 0, right), _sample(0, 1), _sample(1, 0, right), _sample(2, 0), _sample(2, 99_999)
    )
    assert len(results) == 5
    summary = tally.summary(_SOUND)
    assert (summary.tasks, summary.samples, summary.passed) == (3, 5, 2)
    assert summary.pass_at_1 == 0.5
    assert summary.ci95.low < 0.5 < summary.ci95.high
    assert summary.calibration.sound

    _, one_each = await _score(_sample(0, 0, right), _sample(1), _sample(2))
    expected = wilson_interval(1, 3)
    interval = one_each.summary(_SOUND).ci95
    assert (interval.low, interval.high) == pytest.approx(expected)


async def test_slow_reader_is_read_slowly() -> None:
    """Memory is flat: no more is taken from the caller than is in work."""
    taken = 0

    async def endless() -> AsyncIterator[ScoreRequest]:
        nonlocal taken
        while True:
            yield ScoreRequest(sample=_sample(taken % 164, taken // 164))
            taken += 1

    results = score_samples(endless(), Tally(_HUMANEVAL), _right_if_it_says_so, at_once=_at_once)
    for received in range(1, 200):
        await anext(results)
        for _ in range(5):
            await asyncio.sleep(0)
        assert taken <= received + _AT_ONCE + 1
    await results.aclose()


async def test_as_many_are_in_work_as_the_grader_takes_at_that_time() -> None:
    capacity = 3
    grading = 0
    release = asyncio.Semaphore(0)

    async def grade(problem: Problem, solution: str) -> Grade:
        nonlocal grading
        grading += 1
        await release.acquire()
        return Grade("passed", "", 0.0)

    async def settle() -> int:
        for _ in range(200):  # It gets as far as it can.
            await asyncio.sleep(0)
        return grading

    samples = [_sample(task) for task in range(40)]
    tally = Tally(_HUMANEVAL)
    results = score_samples(_requests(*samples), tally, grade, at_once=lambda: capacity)
    first = asyncio.ensure_future(anext(results))
    assert await settle() == 3
    capacity = 20
    release.release()
    await first
    second = asyncio.ensure_future(anext(results))
    assert await settle() == 1 + 20
    for _ in samples:
        release.release()
    await second
    assert len([result async for result in results]) == 38


async def test_large_programs_are_few_at_a_time() -> None:
    size = LARGEST_PROGRAM_BYTES - 10_000
    grading = most = 0

    async def grade(problem: Problem, solution: str) -> Grade:
        nonlocal grading, most
        grading += len(solution)
        most = max(most, grading)
        for _ in range(5):
            await asyncio.sleep(0)
        grading -= len(solution)
        return Grade("passed", "", 0.0)

    samples = [Sample(task_id=f"HumanEval/{task}", solution="#" * size) for task in range(90)]
    results = score_samples(_requests(*samples), Tally(_HUMANEVAL), grade, at_once=lambda: 1_000)
    assert len([result async for result in results]) == 90
    assert most <= MAX_BYTES_AT_ONCE + size


async def test_caller_that_leaves_stops_the_work() -> None:
    started = asyncio.Event()
    cancelled = asyncio.Event()

    async def grade(problem: Problem, solution: str) -> Grade:
        if problem.task_id == "HumanEval/0":
            return Grade("passed", "", 0.0)
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    async def messages() -> AsyncIterator[ScoreRequest]:
        yield ScoreRequest(sample=_sample(1))
        await started.wait()
        yield ScoreRequest(sample=_sample(0))
        await asyncio.Event().wait()

    results = score_samples(messages(), Tally(_HUMANEVAL), grade, at_once=_at_once)
    assert (await anext(results)).task_id == "HumanEval/0"
    await results.aclose()
    assert cancelled.is_set()


async def test_sample_that_cannot_be_graded_ends_the_call_and_is_no_verdict() -> None:
    async def grade(problem: Problem, solution: str) -> Grade:
        raise Unavailable("the sandbox failed")

    with pytest.raises(Unavailable):
        await anext(score_samples(_requests(_sample()), Tally(_HUMANEVAL), grade, at_once=_at_once))


async def test_pass_at_k_is_given_for_the_k_that_are_asked_for() -> None:
    tally = Tally(_HUMANEVAL, ks=(2, 3))
    samples = [_sample(0, number, "# right\n" if number else "") for number in range(3)]
    async for _ in score_samples(
        _requests(*samples), tally, _right_if_it_says_so, at_once=_at_once
    ):
        pass
    assert {one.k: one.value for one in tally.summary(_SOUND).pass_at_k} == {2: 1.0, 3: 1.0}


async def test_a_k_that_a_task_has_too_few_samples_for_is_refused() -> None:
    tally = Tally(_HUMANEVAL, ks=(1, 2))
    async for _ in score_samples(
        _requests(_sample(0), _sample(0, 1), _sample(7)),
        tally,
        _right_if_it_says_so,
        at_once=_at_once,
    ):
        pass
    with pytest.raises(InvalidArgument, match=r"pass@2 needs 2 samples .* HumanEval/7 has 1"):
        tally.summary(_SOUND)


@pytest.mark.parametrize("ks", [[0], [-1], [100_001], list(range(1, 102))])
def test_a_k_that_cannot_be_is_refused(ks: list[int]) -> None:
    with pytest.raises(InvalidArgument, match=r"header\.k: "):
        check_ks(ks, "header.k")


@pytest.mark.parametrize("kind", ["completion", "solution"])
def test_the_program_is_read_out_of_an_answer_where_that_is_asked_for(kind: str) -> None:
    answer = "Sure!\n```python\ndef add(x: int, y: int):\n    return x + y\n```\nDone."
    sample = with_fields(Sample(task_id="HumanEval/53"), {kind: answer})
    namespace: dict[str, Callable[[int, int], int]] = {}
    exec(Tally(_HUMANEVAL, extract=True).submit(sample).solution, namespace)
    assert namespace["add"](2, 3) == 5
    assert "Sure!" in Tally(_HUMANEVAL).submit(sample).solution


async def test_reading_programs_out_is_told_in_the_summary() -> None:
    tally = Tally(_HUMANEVAL, extract=True)
    async for _ in score_samples(
        _requests(_sample()), tally, _right_if_it_says_so, at_once=_at_once
    ):
        pass
    assert tally.summary(_SOUND).extracted


def test_an_answer_too_long_to_read_a_program_out_of_is_refused() -> None:
    sample = _sample(completion="x" * (LARGEST_EXTRACTED + 1))
    with pytest.raises(InvalidArgument, match=r"sample\.completion: .* than 262,144"):
        Tally(_HUMANEVAL, extract=True).submit(sample)
    Tally(_HUMANEVAL).submit(sample)


async def test_a_task_may_be_given_by_its_number_and_is_told_by_its_id() -> None:
    [result], tally = await _score(Sample(task_id="3", completion="# right\n"))
    assert isinstance(result, TaskResult)
    assert result.task_id == "HumanEval/3"
    with pytest.raises(InvalidArgument, match="was sent before"):
        tally.submit(_sample(3))
