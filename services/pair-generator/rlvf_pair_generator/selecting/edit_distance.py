"""Levenshtein distance between sequences of tokens."""

from collections.abc import Hashable, Sequence

__all__ = ["edit_distance", "normalised_edit_distance"]


def edit_distance(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """The smallest number of insertions, deletions and substitutions that turn `a` into `b`.

    The bit-parallel algorithm of Myers (Journal of the ACM 46(3), 1999) in the form of Hyyro (2003,
    "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", figure 8): one
    column of the table is two integers, so that a step needs a few operations for any length of
    `a`.
    """
    if not a or not b:
        return max(len(a), len(b))
    mask = (1 << len(a)) - 1
    last = 1 << (len(a) - 1)
    positions: dict[Hashable, int] = {}
    for place, token in enumerate(a):
        positions[token] = positions.get(token, 0) | 1 << place
    higher, lower, distance = mask, 0, len(a)
    for token in b:
        equal = positions.get(token, 0)
        diagonal = (((equal & higher) + higher) ^ higher) | equal | lower
        up = lower | ~(diagonal | higher) & mask
        down = diagonal & higher
        distance += bool(up & last) - bool(down & last)
        up = (up << 1 | 1) & mask
        down = (down << 1) & mask
        higher = down | ~(diagonal | up) & mask
        lower = up & diagonal
    return distance


def normalised_edit_distance(a: Sequence[Hashable], b: Sequence[Hashable]) -> float:
    """`edit_distance` over the length of the longer sequence, in [0, 1]; 0 for two empty ones."""
    return edit_distance(a, b) / max(len(a), len(b), 1)
