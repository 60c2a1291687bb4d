"""Problems and records that a benchmark also has are found."""

import json
from dataclasses import replace

import pytest

from rlvf_common.problems.contamination import (
    BenchmarkIndex,
    Match,
    Overlap,
    TrainingRecord,
    find_overlaps,
    parse_record,
)
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem

TEN_WORDS = "one two three four five six seven eight nine ten"


def problem(task_id: str, entry_point: str, text: str) -> Problem:
    return Problem(
        task_id, f'def {entry_point}():\n    """{text}"""\n', entry_point, CheckFunction(""), ""
    )


BENCHMARK = [problem("H/1", "has_close", f"Begin {TEN_WORDS} end."), problem("H/2", "g", "Short.")]


def test_a_problem_that_shares_nothing_stays() -> None:
    assert find_overlaps([problem("t/1", "f", "Something else.")], BENCHMARK) == []


def test_the_same_task_id_overlaps() -> None:
    found = find_overlaps([problem("H/2", "f", "Something else.")], BENCHMARK)
    assert found == [Overlap("H/2", "H/2", "task id")]


def test_the_same_entry_point_overlaps() -> None:
    found = find_overlaps([problem("t/1", "has_close", "Something else.")], BENCHMARK)
    assert found == [Overlap("t/1", "H/1", "entry point")]


def test_ten_words_in_common_overlap_whatever_their_case_and_punctuation() -> None:
    text = "Other: " + TEN_WORDS.upper().replace(" ", ",\n")
    assert find_overlaps([problem("t/1", "f", text)], BENCHMARK) == [
        Overlap("t/1", "H/1", "10-gram")
    ]


def test_nine_words_in_common_do_not_overlap() -> None:
    text = "Other " + TEN_WORDS.rpartition(" ")[0] + " eleven"
    assert find_overlaps([problem("t/1", "f", text)], BENCHMARK) == []


def test_equal_prompts_of_fewer_than_ten_words_overlap() -> None:
    twin = replace(BENCHMARK[1], task_id="t/1", entry_point="other")
    assert find_overlaps([twin], BENCHMARK) == [Overlap("t/1", "H/2", "10-gram")]


def test_a_problem_is_listed_once() -> None:
    assert len(find_overlaps([replace(BENCHMARK[0])], BENCHMARK * 2)) == 1


def test_what_three_tasks_of_a_benchmark_share_is_boilerplate() -> None:
    text = f"{TEN_WORDS} {{}}"
    two = [problem(f"H/{n}", f"f{n}", text.format(n)) for n in range(2)]
    three = [*two, problem("H/2", "f2", text.format(2))]
    mine = problem("t/1", "mine", TEN_WORDS)
    assert [overlap.benchmark_task_id for overlap in find_overlaps([mine], two)] == ["H/0"]
    assert find_overlaps([mine], three) == []


def copies(text: str, *endings: str) -> list[Problem]:
    """The same problem several times."""
    return [problem(f"H/{n}", f"f{n}", text + ending) for n, ending in enumerate(endings)]


def test_a_problem_that_a_benchmark_has_three_times_is_found_in_all_of_them() -> None:
    benchmark = copies(f"Begin {TEN_WORDS} end.", "", "", "")
    index = BenchmarkIndex([replace(each, canonical_solution=SOLUTION) for each in benchmark])
    for text, reason in ((TEN_WORDS, "10-gram"), (f"def mine():\n{SOLUTION}", "solution")):
        assert index.matches(TrainingRecord("", (), (text,))) == [
            Match(f"H/{number}", reason) for number in range(3)
        ]


def test_copies_with_examples_of_their_own_are_found_too() -> None:
    text = "Return what is left of the items when every third of them is taken away from the end."
    benchmark = copies(text, " For 1 it is 2.", " For 3 it is 4.", " For 5 it is 6.")
    [overlap] = find_overlaps([problem("t/1", "mine", text)], benchmark)
    assert overlap.benchmark_task_id == "H/0"


def test_boilerplate_of_many_different_tasks_is_none_of_a_copied_one() -> None:
    """A copied task counts once beside two others with the same beginning."""
    others = copies(f"{TEN_WORDS} ", "alpha beta gamma delta", "epsilon zeta eta theta")
    benchmark = [*others, *[problem(f"C/{n}", f"c{n}", f"{TEN_WORDS} iota") for n in range(3)]]
    assert find_overlaps([problem("t/1", "mine", TEN_WORDS)], benchmark) == []


SEVEN_WORDS = "Sum of the even numbers in between."


def test_a_short_prompt_of_a_benchmark_is_found_in_a_longer_text() -> None:
    index = BenchmarkIndex([replace(BENCHMARK[1], task_id="H/3", prompt=SEVEN_WORDS)])
    longer = f"Read two numbers; the {SEVEN_WORDS.lower()} That is the answer to be printed."
    assert index.matches(TrainingRecord("", (), (longer,))) == [Match("H/3", "10-gram")]
    assert index.matches(TrainingRecord("", (), (longer.replace("even", "odd"),))) == []


def test_a_short_text_of_a_record_is_found_in_a_longer_prompt() -> None:
    index = BenchmarkIndex(BENCHMARK)
    short = TrainingRecord("", (), ("Three four five six seven eight?",))
    assert index.matches(short) == [Match("H/1", "10-gram")]
    for text in ("Three four five six eight seven?", "Three four five six seven"):
        assert index.matches(TrainingRecord("", (), (text,))) == []


def test_the_same_task_id_with_another_prompt_is_looked_at_too() -> None:
    index = BenchmarkIndex([BENCHMARK[1], replace(BENCHMARK[0], task_id="H/2")])
    assert index.matches(TrainingRecord("", (), (TEN_WORDS,))) == [Match("H/2", "10-gram")]


def test_problems_without_an_entry_point_do_not_overlap_for_that() -> None:
    programs = [
        replace(problem(f"P/{n}", "f", ""), entry_point="", prompt=f"Task {n}") for n in (1, 2)
    ]
    assert find_overlaps(programs[:1], programs[1:]) == []


SOLUTION = (
    "    total = 0\n    for left in rows:\n        total += left.width * left.height - left.gap\n"
)
SOLUTION += "    if total > limit:\n        return limit - 1\n    return total // factor + rest\n"


def test_twenty_words_of_a_solution_overlap_and_fewer_do_not() -> None:
    index = BenchmarkIndex([replace(BENCHMARK[0], canonical_solution=SOLUTION)])
    whole = TrainingRecord("", (), ("def renamed(rows):\n" + SOLUTION,))
    assert index.matches(whole) == [Match("H/1", "solution")]
    part = TrainingRecord("", (), ("\n".join(SOLUTION.splitlines()[:3]),))
    assert index.matches(part) == []


def test_a_function_under_another_name_is_found_where_every_example_has_its_name() -> None:
    text = "Doubled.\n>>> twice({}) 1 2 3\n>>> twice(4) 5 6 7\n>>> twice(8) 9"
    index = BenchmarkIndex([problem("H/1", "twice", text)])
    renamed = problem("t/1", "Mystery", text.replace("twice", "Mystery"))
    record = TrainingRecord("", ("Mystery",), (renamed.prompt,))
    assert index.matches(record) == [Match("H/1", "10-gram")]


def test_a_record_is_looked_up_in_all_its_texts_and_matches_each_task_once() -> None:
    index = BenchmarkIndex(BENCHMARK)
    for texts in ((TEN_WORDS, ""), ("", TEN_WORDS), (TEN_WORDS, TEN_WORDS)):
        assert index.matches(TrainingRecord("", (), texts)) == [Match("H/1", "10-gram")]
    assert index.matches(TrainingRecord("H/2", ("has_close", "g"), (TEN_WORDS,))) == [
        Match("H/2", "task id"),
        Match("H/1", "entry point"),
    ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"prompt": "def a():\n  x\ndef b():\n", "chosen": "  1\ndef c(): 0", "rejected": "  2"},
            TrainingRecord("", ("b",), ("def a():\n  x\ndef b():\n", "  1\ndef c(): 0", "  2")),
        ),
        (
            {"task_id": "t/1", "prompt": "Write f.", "entry_point": "f", "test": "def check(): 0"},
            TrainingRecord("t/1", ("f",), ("Write f.",)),
        ),
        (
            {
                "prompt": [{"role": "user", "content": "Write f."}],
                "chosen": [{"role": "assistant", "content": "def f(): 0"}],
            },
            TrainingRecord("", ("f",), ("Write f.", "def f(): 0")),
        ),
        (
            {"text": "import os\n\nasync def f(): 0\nclass C:\n  def g(self): 0\ndef h(): 0"},
            TrainingRecord(
                "",
                ("f", "h"),
                ("import os\n\nasync def f(): 0\nclass C:\n  def g(self): 0\ndef h(): 0",),
            ),
        ),
        ({"task_id": 11, "text": "x"}, TrainingRecord("", (), ("x",))),
    ],
)
def test_records_of_every_kind_are_read(
    record: dict[str, object], expected: TrainingRecord
) -> None:
    assert parse_record(json.dumps(record), "line 1") == expected


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 7: not JSON"),
        ("[1]", "line 7: expected an object"),
        ('{"prompt": "", "chosen": 3}', "line 7: has no text; expected `prompt`"),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(line: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_record(line, "line 7")
