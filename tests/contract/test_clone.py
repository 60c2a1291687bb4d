"""What a clone brings along: nothing that stands only on the machine of its author."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def git(*arguments: str) -> list[str]:
    result = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return result.stdout.splitlines()


@pytest.fixture(autouse=True)
def a_clone() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is an export of the tree, not a clone")


def test_no_link_is_committed() -> None:
    """A link to a folder that only its author has stops `make setup` of everybody else."""
    links = [line for line in git("ls-files", "--stage") if line.startswith("120000")]
    assert links == []


def test_nothing_ignored_is_committed() -> None:
    assert git("ls-files", "--cached", "--ignored", "--exclude-standard") == []
