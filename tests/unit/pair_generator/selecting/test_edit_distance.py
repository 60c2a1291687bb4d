"""The distance is Levenshtein's."""

from hypothesis import given
from hypothesis import strategies as st

from rlvf_pair_generator.selecting.edit_distance import edit_distance, normalised_edit_distance

TOKENS = st.lists(st.sampled_from("abcd"), max_size=80)


def by_the_table(a: list[str], b: list[str]) -> int:
    """The textbook's dynamic programme."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]


@given(TOKENS, TOKENS)
def test_it_is_what_the_table_gives(a: list[str], b: list[str]) -> None:
    assert edit_distance(a, b) == by_the_table(a, b)


def test_normalised_it_is_0_for_equal_and_1_for_wholly_different_sequences() -> None:
    assert normalised_edit_distance("abc", "abc") == 0.0
    assert normalised_edit_distance("abc", "xyzw") == 1.0
    assert normalised_edit_distance("", "") == 0.0
    assert normalised_edit_distance(["return", "x"], ["return", "y", "+", "1"]) == 0.75
