"""Fixtures that run the command as a person does, with the session's stack."""

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
        """Run the command; return what it printed and its exit status."""
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
        """Run a command that succeeds; return the lines on its standard output."""
        result = self.run(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout.splitlines()

    def complaint(self, *arguments: str | Path) -> str:
        """Run a command that fails; return its message, which is one line without a traceback."""
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
    """The command without services, for commands that need none."""
    return Command(dict(os.environ))


class Bare:
    """A virtual environment with the SDK only, made as the README says."""

    def __init__(self, python: Path, environment: dict[str, str]) -> None:
        self.python = python
        self._environment = environment

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run its Python, or another command; return what it prints and its exit status."""
        return subprocess.run(
            list(map(str, arguments)),
            cwd=self.python.parent,
            env=self._environment,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """An environment with the client from the sources, without extras."""
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
