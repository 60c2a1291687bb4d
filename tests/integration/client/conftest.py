"""The command as a person uses it, sent to the session's stack."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ...conftest import StackThread


class Command:
    """Runs `rlvf` with the given environment."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """What the command printed, and how it ended."""
        command = [sys.executable, "-m", "rlvf_client", *map(str, arguments)]
        return subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def output(self, *arguments: str | Path) -> list[str]:
        """The lines on standard output of a command that succeeds."""
        result = self.run(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout.splitlines()

    def complaint(self, *arguments: str | Path) -> str:
        """What a command says that fails: one line, no traceback."""
        result = self.run(*arguments)
        assert result.returncode == 1, result.stderr
        assert "Traceback" not in result.stderr
        last = result.stderr.splitlines()[-1]
        assert last.startswith("rlvf: ")
        return last


@pytest.fixture(scope="session")
def command(stack: StackThread) -> Command:
    """The command with services."""
    stack.ensure("storage", "executor", "evaluator")
    return Command({**os.environ, **stack.stack.environment()})


@pytest.fixture(scope="session")
def lone_command() -> Command:
    """The command where no services are named, for what needs none."""
    return Command(dict(os.environ))
