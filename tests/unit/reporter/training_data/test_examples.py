"""A sample of what was trained on, and the problems that gave nothing."""

import json
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_reporter.training_data.examples import SHOWN, Examples, load_examples


def pairs_of(fixtures: ModuleType, data: bytes | None = None) -> tuple[Any, Any]:
    """An experiment with a set of pairs, in place of which there may be other bytes."""
    experiment = fixtures.Experiment()
    fixtures.add_pairs(experiment)
    [found] = experiment.request.data
    if data is not None:
        found.pairs.pairs.CopyFrom(experiment.put(data))
    return experiment, found


def loaded(experiment: Any, data: reporter_pb2.TrainingData) -> Examples:
    return load_examples(data, experiment.read, "data[0]")


def test_records_are_evenly_spread_from_the_first_to_the_last(fixtures: ModuleType) -> None:
    found = loaded(*pairs_of(fixtures))
    assert (found.name, found.kind, found.total, len(found.shown)) == ("dpo", "pairs", 2052, SHOWN)
    places = [each.place for each in found.shown]
    assert (places[0], places[-1]) == (1, 2052)
    gaps = [after - before for before, after in pairwise(places)]
    assert max(gaps) - min(gaps) <= 1


def test_a_pair_has_its_prompt_and_both_sides(fixtures: ModuleType) -> None:
    first = loaded(*pairs_of(fixtures)).shown[0]
    assert (first.task_id, first.prompt, first.passes, first.samples) == (
        "fixture/0",
        "def f0(x):\n",
        3,
        8,
    )
    assert [(side.role, side.verdict, side.sample) for side in first.sides] == [
        ("rejected", "failed", 1),
        ("chosen", "passed", 0),
    ]
    assert first.sides[1].text == "    y = x\n    return y + 0\n"


def test_few_records_are_all_shown(fixtures: ModuleType) -> None:
    found = loaded(*pairs_of(fixtures, fixtures.pair_records(3)))
    assert [each.place for each in found.shown] == [1, 2, 3]


def test_a_conversation_is_shown_message_by_message(fixtures: ModuleType) -> None:
    experiment = fixtures.Experiment()
    fixtures.add_answers(experiment, "rft")
    first = loaded(experiment, experiment.request.data[0]).shown[0]
    assert first.prompt == "[user]\nWrite f0."
    [side] = first.sides
    assert (side.role, side.text) == ("completion", "[assistant]\nHere is rft 0.")


def test_lost_problems_are_grouped_by_the_reason_in_words(fixtures: ModuleType) -> None:
    found = loaded(*pairs_of(fixtures))
    assert [(reason, len(problems)) for reason, problems in found.reasons] == [
        ("no answer passes", 200),
        ("every answer passes", 139),
        ("rule “length ratio”", 49),
        ("no passing answer that can be trained on", 40),
    ]
    assert found.reasons[2][1][0].passed == 4


def test_a_problem_lost_at_the_credit_gap_is_not_said_to_lack_an_outcome(
    fixtures: ModuleType,
) -> None:
    experiment, data = pairs_of(fixtures)
    data.pairs.problem_yields.CopyFrom(
        experiment.put(fixtures.problem_yields().replace(b"both outcomes", b"credit gap"))
    )
    assert loaded(experiment, data).reasons[0][0] == "rule “credit gap”"


def test_a_selection_that_does_not_say_has_no_lost_problems(fixtures: ModuleType) -> None:
    experiment, data = pairs_of(fixtures)
    data.pairs.ClearField("problem_yields")
    assert loaded(experiment, data).lost is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"not JSON", "line 1: Invalid JSON"),
        (json.dumps({"task_id": "t", "prompt": "p"}).encode(), "line 1: passes: Field required"),
    ],
)
def test_what_is_no_record_is_refused_with_its_line(
    fixtures: ModuleType, line: bytes, message: str
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        loaded(*pairs_of(fixtures, line + b"\n"))
    assert refused.value.field == "data[0].pairs.pairs"
    assert refused.value.message.startswith(message)


def test_what_is_no_yield_is_refused_with_its_line(fixtures: ModuleType) -> None:
    experiment, data = pairs_of(fixtures)
    lines = experiment.read(data.pairs.problem_yields).splitlines()
    data.pairs.problem_yields.CopyFrom(experiment.put(lines[0] + b"\n{}\n"))
    with pytest.raises(InvalidArgument, match="line 2: task_id: Field required") as refused:
        loaded(experiment, data)
    assert refused.value.field == "data[0].pairs.problem_yields"
