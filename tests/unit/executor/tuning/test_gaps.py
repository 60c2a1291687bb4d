"""Where a zygote's children put their objects."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from itertools import pairwise
from rlvf_executor.tuning import gaps
places = range(8)
rows = [([None] * 8, size) for size in range(48, 513, 16)]
kept = [bytes(size) for size in range(500) for _ in range(100)]
del kept[::3]
if sys.argv[1] == "filled":
    gaps.fill()
for row, size in rows:
    for place in places:
        row[place] = bytes(size - 33)
print(sum(all(b - a == size for a, b in pairwise(map(id, row))) for row, size in rows))
"""


@pytest.mark.parametrize(("state", "beside"), [("filled", 30), ("as it was", 0)])
def test_objects_lie_next_to_each_other_once_gaps_are_filled(state: str, beside: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, state], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == beside
