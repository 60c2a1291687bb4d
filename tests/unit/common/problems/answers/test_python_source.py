"""Syntax trees, built from many threads."""

import ast
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rlvf_common.problems.answers.python_source import build_tree, syntax_tree

_SOURCE = "\n".join(f"def f{n}(x):\n    return [y * {n} for y in x if y > {n}]" for n in range(60))


class _Cycle:
    """Garbage whose end lets another thread run, in the middle of whatever allocated."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_that_build_trees_at_the_same_time_do_not_disturb_each_other() -> None:
    expected = ast.dump(build_tree(_SOURCE))

    def build(_: int) -> bool:
        garbage = [_Cycle() for _ in range(5)]
        del garbage
        tree = syntax_tree(_SOURCE)
        return tree is not None and ast.dump(tree) == expected

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(build, range(200)))


def test_a_tree_says_which_file_has_no_syntax() -> None:
    with pytest.raises(SyntaxError) as raised:
        build_tree("def f(:", "some/file.py")
    assert raised.value.filename == "some/file.py"
