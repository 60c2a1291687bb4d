"""The command as a person uses it, sent to the session's stack."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from ...conftest import REPOSITORY, StackThread


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


class Bare:
    """An environment with the SDK only, made as the README says."""

    def __init__(self, python: Path, environment: dict[str, str]) -> None:
        self.python = python
        self._environment = environment

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """What its Python, or another command, prints, and how it ends."""
        return subprocess.run(
            list(map(str, arguments)),
            cwd=self.python.parent,
            env=self._environment,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """From the sources, without extras."""
    folder = tmp_path_factory.mktemp("bare")
    packages = [folder / name for name in ("proto", "services/client")]
    for package in packages:
        shutil.copytree(
            REPOSITORY / package.relative_to(folder),
            package,
            ignore=shutil.ignore_patterns("*.egg-info", "build", "__pycache__"),
        )
    venv.create(folder / "venv", with_pip=True)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "PYTHONHOME")
    }
    found = Bare(folder / "venv" / "bin" / "python", environment)
    pip = (found.python, "-m", "pip", "install", "-q", "--disable-pip-version-check")
    installed = found.run(*pip, *packages)
    if "NewConnectionError" in installed.stderr or "ConnectTimeout" in installed.stderr:
        pytest.skip(f"no package index: {installed.stderr.splitlines()[-1]}")
    assert installed.returncode == 0, installed.stderr
    return found
