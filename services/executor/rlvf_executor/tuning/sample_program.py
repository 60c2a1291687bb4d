"""A program of our own that has a little of what most programs have: what it costs, they do."""

from rlvf_executor.contract import messages, wire

ENTRY_POINT = "f"
SOURCE = '''
import math
from collections import defaultdict
from typing import List


class Box:
    def __init__(self, value: int = 0) -> None:
        self.value = value


def f(items: List[int], text: str, number: float, *more: object, **named: object) -> object:
    """Does a little of everything."""
    seen, counts = set(), {}
    for index, item in enumerate(items):
        if item not in seen and index >= 0:
            seen.add(item)
            counts[item] = counts.get(item, 0) + 1
    groups = defaultdict(list)
    for word in text.lower().split(" "):
        groups[len(word)].append(word[::-1])
    try:
        whole = int(number) // len(items) % 7 - max(items) * 2
    except ZeroDivisionError:
        whole = 0
    while whole > 3 or not items:
        whole -= 1
    pairs = sorted(zip(items, range(len(items))), key=lambda pair: (-pair[1], pair[0]))
    letters = "".join(letter for letter in text if letter.isalpha())
    label = f"{number:.2f} " + str(whole) + letters.replace("a", "b")
    total = sum(x * x for x in items) + math.sqrt(abs(number)) + Box(3).value
    return [items[:-1], label, round(total, 3), pairs, list(counts), dict(groups), named]
'''
CALL = (
    messages.CALL
    + messages.NUMBER.pack(messages.ENTRY_POINT)
    + wire.encode_for_candidate((([1, -2], "a b", 1.5, ()), {"c": {1: (True, None)}}))
)
