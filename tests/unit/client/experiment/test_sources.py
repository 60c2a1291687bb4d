"""Training problems from several sources."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.config import parse_experiment
from rlvf_client.experiment.sections import Source
from rlvf_client.experiment.sources import load_problems, mix
from rlvf_common import starter
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem, dump_problems

from ....live_code_bench import lines


def pool(name: str, size: int) -> list[Problem]:
    return [
        Problem(f"{name}/{number}", "def f():\n", "f", CheckFunction(""), "", name, "train")
        for number in range(size)
    ]


def counts(problems: list[Problem]) -> dict[str, int]:
    return {
        name: sum(problem.source == name for problem in problems)
        for name in dict.fromkeys(problem.source for problem in problems)
    }


def test_without_weights_all_problems_are_taken_in_order() -> None:
    assert mix([pool("a", 2), pool("b", 3)], [], seed=0) == [*pool("a", 2), *pool("b", 3)]


def test_weights_are_shares_and_the_scarcest_source_is_used_whole() -> None:
    assert counts(mix([pool("a", 30), pool("b", 100)], [1.0, 2.0], seed=0)) == {"a": 30, "b": 60}
    assert counts(mix([pool("a", 30), pool("b", 10)], [1.0, 1.0], seed=0)) == {"a": 10, "b": 10}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.floats(0.1, 10.0)), min_size=1, max_size=4),
    st.integers(0, 3),
)
def test_no_problem_is_taken_twice_and_shares_are_kept(
    sources: list[tuple[int, float]], seed: int
) -> None:
    pools = [pool(str(number), size) for number, (size, _) in enumerate(sources)]
    weights = [weight for _, weight in sources]
    mixed = mix(pools, weights, seed=seed)
    assert len({problem.task_id for problem in mixed}) == len(mixed)
    total = min(size / weight for size, weight in sources)
    taken = counts(mixed)
    for number, weight in enumerate(weights):
        assert abs(taken.get(str(number), 0) - total * weight) < 1.0
    assert mix(pools, weights, seed=seed) == mixed


def test_which_problems_are_taken_depends_on_the_seed_and_a_larger_share_takes_more() -> None:
    few, more, other = (
        {problem.task_id for problem in mix([pool("a", 40), pool("b", 4)], weights, seed=seed)}
        for weights, seed in (([1.0, 1.0], 0), ([3.0, 1.0], 0), ([1.0, 1.0], 1))
    )
    assert few < more
    assert few != other


def test_files_and_named_sources_are_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_bytes(dump_problems(pool("mine", 5)))
    sources = [Source(source=str(file), limit=2), Source(split="held_out", limit=3)]
    problems = load_problems(sources, seed=0)
    assert problems == [*pool("mine", 2), *starter.load("held_out")[:3]]


def test_the_train_split_of_mbpp_is_read_from_its_published_file(test_data: Path) -> None:
    problems = load_problems([Source(source="mbpp", file=str(test_data / "mbpp.jsonl"))], seed=0)
    assert [problem.task_id for problem in problems] == [f"Mbpp/{n}" for n in range(601, 975)]
    assert {problem.split for problem in problems} == {"train"}


def test_published_records_of_programs_are_read_from_a_file(tmp_path: Path) -> None:
    record = {
        "problem_id": 7,
        "question": "Print the sum of two numbers.",
        "solutions": json.dumps(["a, b = map(int, input().split())\nprint(a + b)\n"]),
        "input_output": json.dumps({"inputs": ["1 2\n"], "outputs": ["3\n"]}),
        "starter_code": "",
        "difficulty": "introductory",
    }
    file = tmp_path / "train.jsonl"
    file.write_text(json.dumps(record))
    (problem,) = load_problems([Source(source="apps", file=str(file))], seed=0)
    assert (problem.source, problem.split) == ("apps", "train")


def test_window_of_a_data_set_is_a_source(tmp_path: Path) -> None:
    file = tmp_path / "test6.jsonl"
    file.write_text(lines())
    before = Source(source="livecodebench-to-2024-12-31", split="test", file=str(file))
    assert [one.task_id for one in load_problems([before], seed=0)] == [
        "livecodebench/abc001_a",
        "livecodebench/abc002_b",
    ]
    empty = Source(source="livecodebench-to-2020-12-31", split="test", file=str(file))
    with pytest.raises(InvalidArgument, match=r"problems\.0\.source: none of the 4 problems was"):
        load_problems([empty], seed=0)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            Source(source="starer"),
            r"problems\.1.source: starer: no such file, nor a named source",
        ),
        (Source(split="test"), r"problems\.1.split: there is no split 'test'; there are: train"),
        (Source(source="."), r"problems\.1.source: .: Is a directory"),
        (Source(source="mbpp", split="test"), r"problems\.1.split: .* there are: train, valid"),
        (
            Source(source="livecodebench-to-2024-07-31", file="x.jsonl"),
            r"problems\.1.split: there is no split 'train'; there are: test",
        ),
        (Source(source="apps", file="x.jsonl"), r"problems\.1.file: x.jsonl cannot be read"),
    ],
)
def test_a_source_that_cannot_be_read_is_named(source: Source, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        load_problems([Source(), source], seed=0)


def experiment(problems: str) -> list[Source]:
    text = f"name: x\nmodel: m\nproblems: {problems}"
    return parse_experiment(text, where="mine.yaml").problems


def test_a_single_source_may_stand_without_a_list() -> None:
    assert experiment("{source: starter, limit: 4}") == [Source(limit=4)]
    assert experiment("[{limit: 4}, {source: a.jsonl}]") == [
        Source(limit=4),
        Source(source="a.jsonl"),
    ]


@pytest.mark.parametrize(
    ("problems", "message"),
    [
        (
            "[{weight: 1.0}, {source: a.jsonl}]",
            "problems: either every source has a weight, or none",
        ),
        ("[{weight: 0.0}]", "problems.0.weight: "),
        ("[]", "problems: "),
        ("[{sorce: a}]", "problems.0.sorce: there is no such key; did you mean 'source'"),
    ],
)
def test_a_wrong_list_of_sources_is_placed(problems: str, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        experiment(problems)
