"""Problems that a benchmark also has are found."""

from dataclasses import replace

from rlvf_common.contamination import Overlap, find_overlaps
from rlvf_common.problems import Problem

TEN_WORDS = "one two three four five six seven eight nine ten"


def problem(task_id: str, entry_point: str, text: str) -> Problem:
    return Problem(
        task_id, f'def {entry_point}():\n    """{text}"""\n', entry_point, "", "", "", ""
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
