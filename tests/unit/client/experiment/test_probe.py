"""The probe: its choice of problems, its choice of a style, and its messages."""

import pytest

from rlvf.pair_generator.v1.pair_generator_pb2 import ProbedAnswer, ProbeResponse, StyleReading
from rlvf.sampling.v1.sampling_pb2 import PROMPT_STYLE_CHAT as CHAT
from rlvf.sampling.v1.sampling_pb2 import PROMPT_STYLE_COMPLETION as COMPLETION
from rlvf_api.errors import FailedPrecondition
from rlvf_client.experiment.probe import choose_problems, choose_style, readings_table
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem

GOOD = StyleReading(
    style=CHAT, samples=16, parseable=16, with_entry_point=16, truncated=1, usable=15, passed=6
)
POOR = StyleReading(
    style=COMPLETION,
    samples=16,
    parseable=9,
    with_entry_point=7,
    truncated=2,
    empty=1,
    usable=6,
    passed=1,
    examples=[
        ProbedAnswer(
            task_id="p/1",
            prompt='"""Write\nf."""',
            answer="#def f():\n" + "    x = 1\n" * 20,
            verdict="error",
            flaw="does not parse",
        ),
        ProbedAnswer(task_id="p/2", answer="y" * 300, verdict="failed"),
    ],
)
NO_TEMPLATE = StyleReading(style=CHAT, unavailable="the model has no chat template")


def problems(source: str, amount: int) -> list[Problem]:
    return [
        Problem(f"{source}/{number}", "", "f", CheckFunction(""), "", source)
        for number in range(amount)
    ]


def test_problems_are_spread_over_the_sources_by_the_seed() -> None:
    pools = problems("mbpp", 300) + problems("starter", 100) + problems("mine", 3)
    chosen = choose_problems(pools, seed=1)
    counts = {source: sum(one.source == source for one in chosen) for source in ("mbpp", "starter")}
    assert len(chosen) == 16
    assert sum(one.source == "mine" for one in chosen) == 3
    assert abs(counts["mbpp"] - counts["starter"]) <= 1
    assert choose_problems(list(reversed(pools)), seed=1) == chosen
    assert choose_problems(pools, seed=2) != chosen
    assert len({one.task_id for one in chosen}) == 16


def test_fewer_problems_are_all_taken() -> None:
    pool = problems("mine", 5)
    assert sorted(choose_problems(pool, seed=0), key=lambda one: one.task_id) == pool


def test_auto_takes_the_best_style() -> None:
    choice = choose_style(ProbeResponse(readings=[POOR, GOOD], best=CHAT), max_tokens=512)
    assert (choice.style, choice.usable, choice.remark) == ("chat", 15 / 16, "")
    assert choice.table == readings_table(ProbeResponse(readings=[POOR, GOOD]))


def test_the_table_has_a_line_for_each_style_in_percent() -> None:
    header, poor, good = readings_table(ProbeResponse(readings=[POOR, GOOD])).splitlines()
    assert " ".join(header.split()) == (
        "prompt style parses entry point cut off empty usable passes"
    )
    assert poor.split() == ["completion", "56%", "44%", "12%", "6%", "38%", "6%"]
    assert good.split() == ["chat", "100%", "100%", "6%", "0%", "94%", "38%"]
    assert len({len(line) for line in (header, poor, good)}) == 1
    refused = readings_table(ProbeResponse(readings=[NO_TEMPLATE]))
    assert refused.endswith("chat             not available: the model has no chat template")


def test_if_even_the_best_style_is_below_one_half_the_run_stops_and_shows_why() -> None:
    probed = ProbeResponse(readings=[POOR, NO_TEMPLATE], best=COMPLETION)
    with pytest.raises(FailedPrecondition) as stop:
        choose_style(probed, max_tokens=512)
    message = str(stop.value)
    assert message.startswith("only 6 of 16 answers in the style `completion` are usable")
    assert readings_table(probed) in message
    assert 'p/1 (does not parse):\n    f."""#def f():\n        x = 1\n' in message
    assert "    ... (13 more lines)" in message
    assert f"p/2 (failed):\n    {'y' * 100}...\n" in message
    assert "this one cannot be asked in a chat" in message
    assert "another model" in message
    # Only what can help is suggested.
    assert "max_tokens" not in message
    assert "prompt_style" not in message


def test_a_style_with_one_half_usable_answers_is_taken() -> None:
    half = StyleReading(style=COMPLETION, samples=16, usable=8)
    probed = ProbeResponse(readings=[half], best=COMPLETION)
    assert choose_style(probed, max_tokens=512).usable == 0.5


def test_a_style_that_was_asked_for_is_taken_and_a_much_better_one_named() -> None:
    fair = StyleReading(style=COMPLETION, samples=16, usable=10)
    choice = choose_style(
        ProbeResponse(readings=[fair, GOOD], best=CHAT), "completion", max_tokens=9
    )
    assert choice.style == "completion"
    assert "`chat` 94% of the answers are usable and 62% in `completion`" in choice.remark
    nearly = StyleReading(style=COMPLETION, samples=16, usable=13)
    probed = ProbeResponse(readings=[nearly, GOOD], best=CHAT)
    assert choose_style(probed, "completion", max_tokens=9).remark == ""


def test_a_style_that_was_asked_for_and_does_not_work_stops_with_the_one_that_does() -> None:
    probed = ProbeResponse(readings=[POOR, GOOD], best=CHAT)
    with pytest.raises(FailedPrecondition) as stop:
        choose_style(probed, "completion", max_tokens=512)
    assert "prompt_style: chat (or auto), in which 94% of the answers are usable" in str(stop.value)


def test_a_style_that_was_asked_for_and_is_not_available_stops_with_the_reason() -> None:
    probed = ProbeResponse(readings=[POOR, NO_TEMPLATE], best=COMPLETION)
    with pytest.raises(
        FailedPrecondition, match="cannot be asked in the style `chat`: the model has no chat"
    ):
        choose_style(probed, "chat", max_tokens=512)


def test_answers_that_were_cut_off_want_more_tokens() -> None:
    cut = StyleReading(style=CHAT, samples=16, parseable=16, with_entry_point=16, truncated=12)
    with pytest.raises(
        FailedPrecondition, match="larger max_tokens than 96: 12 of 16 answers were cut off"
    ):
        choose_style(ProbeResponse(readings=[cut], best=CHAT), max_tokens=96)


def test_answers_that_define_another_function_want_prompts_that_name_it() -> None:
    other = StyleReading(style=CHAT, samples=16, parseable=16, with_entry_point=4, usable=4)
    with pytest.raises(
        FailedPrecondition, match="names the function that the test calls: 12 of 16 answers"
    ):
        choose_style(ProbeResponse(readings=[other], best=CHAT), max_tokens=512)
