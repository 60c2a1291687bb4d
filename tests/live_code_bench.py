"""A small data set of ours in the form of LiveCodeBench's files, with solutions apart."""

import base64
import json
import pickle
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Pairs = Sequence[tuple[str, str]]


def packed(tests: object, protocol: int = 4) -> str:
    """Private tests as the lite set packs them."""
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests), protocol))).decode()


def listed(pairs: Pairs, kind: str) -> list[dict[str, str]]:
    return [{"input": given, "output": wanted, "testtype": kind} for given, wanted in pairs]


def record(
    number: str, public: Pairs, private: Pairs, *, method: str = "", **changes: object
) -> dict[str, Any]:
    """A record; one of a function if it has a method's first line."""
    kind = "functional" if method else "stdin"
    name = method.partition("(")[0]
    made = {
        "question_title": "Ours",
        "question_content": f"Do what {number} says.\n\nSample Input\n...",
        "platform": "leetcode" if method else "atcoder",
        "question_id": number,
        "contest_id": "ours",
        "contest_date": "2024-08-10T00:00:00",
        "starter_code": f"class Solution:\n    def {method}:\n        " if method else "",
        "difficulty": "easy",
        "public_test_cases": json.dumps(listed(public, kind)),
        "private_test_cases": packed(listed(private, kind)),
        "metadata": json.dumps({"func_name": name} if name else {}),
    }
    return {**made, **changes}


@dataclass(frozen=True, slots=True)
class Task:
    """A record, a right program, and wrong ones that look right."""

    record: dict[str, Any]
    solution: str
    wrong: tuple[str, ...]


TASKS = (
    Task(
        record("abc001_a", [("1 2\n", "3\n")], [("4 5\n", "9"), ("0 0\n", "0\n")]),
        # White space around the output and the lines, and numbers of another form, are right.
        "a, b = map(int, input().split())\nprint(f'\\n  {a + b}.0 \\n')\n",
        ("a, b = map(int, input().split())\nprint(a + b, a + b)\n",),
    ),
    Task(
        record(
            "abc002_b",
            [("2\nab\nc\n", "BA\nC\n")],
            [("1\nxyz\n", "ZYX\n"), ("0\n", "none")],
            contest_date="2024-11-02T00:00:00",
        ),
        # The imports that the harness has before every answer are there: `reduce`, `stdin`.
        "lines = [line.strip() for line in stdin][1:]\n"
        "back = lambda text: reduce(lambda done, one: one + done, text, '')\n"
        "print('\\n'.join(back(line).upper() for line in lines) or 'none')\n",
        (
            "print(*[line.strip()[::-1].upper() for line in open(0)][1:] or ['none'])\n",
            "print(*[line.strip()[::-1] for line in open(0)][1:] or ['none'], sep='\\n')\n",
        ),
    ),
    Task(
        record(
            "3001",
            [("[1, 2, 3]\n2", "[2, 4, 6]")],
            [("[]\n7", "[]"), ("[0.5]\n3", "[1.5]")],
            method="scale(self, nums: List[int], by: int) -> List[int]",
            contest_date="2025-01-04T00:00:00",
        ),
        # A tuple counts as a list.
        "class Solution:\n"
        "    def scale(self, nums: List[int], by: int) -> List[int]:\n"
        "        return tuple(by * one for one in nums)\n",
        (
            "class Solution:\n    def scale(self, nums, by):\n        return nums * by\n",
            "class Solution:\n    def scale(self, nums, by):\n        return str(nums)\n",
        ),
    ),
    Task(
        record(
            "3002",
            [('"ab"\n{"a": 1}', '{"ok": true, "left": null}')],
            [('"c"\n{}', '{"ok": false, "left": "c"}'), ('"c\\n"\n{}', '{"ok": false, "left": 1}')],
            method="find(self, text: str, known: dict) -> dict",
            contest_date="2025-02-15T00:00:00",
        ),
        "class Solution:\n"
        "    def find(self, text, known):\n"
        "        if text == 'c\\n':\n"
        "            return {'ok': False, 'left': 1}\n"
        "        ok = text[0] in known\n"
        "        return {'ok': ok, 'left': None if ok else text}\n",
        ("class Solution:\n    def find(self, text, known):\n        return {'ok': True}\n",),
    ),
)
"""Two programs and two methods, released from August 2024 to February 2025."""

EXPECTED_IN_VIEW = (
    "import os\n"
    "for root in ('.', '/tmp', '/work', '/proc/self'):\n"
    "    for folder, _, names in os.walk(root):\n"
    "        for name in names[:50]:\n"
    "            try:\n"
    "                print(open(os.path.join(folder, name), errors='replace').read(1 << 16))\n"
    "            except OSError:\n"
    "                pass\n"
)
"""A program that prints every file that it may read, in case one has the expected output."""


def lines(tasks: Sequence[Task] = TASKS) -> str:
    """A file of the records, JSON Lines."""
    return "".join(json.dumps(task.record) + "\n" for task in tasks)
