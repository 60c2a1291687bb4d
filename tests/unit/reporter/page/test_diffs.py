"""The lines that two answers have in common."""

from rlvf_reporter.page.diffs import MAX_CHARACTERS, MAX_LINES, beginning, common_blocks


def test_blocks_are_the_equal_lines_of_both() -> None:
    before = "a\nb\nc\nd"
    after = "a\nx\ny\nc\nd\ne"
    assert common_blocks(before, after) == [(0, 0, 1), (2, 3, 2)]


def test_answers_that_have_nothing_in_common_have_no_block() -> None:
    assert common_blocks("a", "b") == []


def test_a_short_answer_is_its_own_beginning() -> None:
    assert beginning("a\nb\n") == "a\nb\n"
    assert beginning("") == ""


def test_a_long_answer_begins_with_whole_lines() -> None:
    assert beginning("x\n" * 1_000) == "\n".join("x" * MAX_LINES)
    line = "y" * 999
    assert beginning("\n".join([line] * 10)) == "\n".join([line] * 4)
    assert beginning("z" * 10_000) == "z" * MAX_CHARACTERS


def test_a_long_line_first_leaves_the_part_of_it_that_fits() -> None:
    assert beginning("z" * 10_000 + "\nshort") == "z" * MAX_CHARACTERS
