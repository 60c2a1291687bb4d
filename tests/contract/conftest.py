"""The descriptor set of the protos, generated anew."""

import os
import subprocess
from pathlib import Path

import pytest

PROTO = Path(__file__).parents[2] / "proto"
_GENERATOR = PROTO.parent / ".venv-proto" / "bin"


def generate(*arguments: str) -> None:
    """Run `proto/generate.py` in its environment."""
    environment = {**os.environ, "PATH": f"{_GENERATOR}{os.pathsep}{os.environ['PATH']}"}
    command = [str(_GENERATOR / "python"), str(PROTO / "generate.py"), *arguments]
    subprocess.run(command, check=True, env=environment, capture_output=True)


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the comments."""
    file = tmp_path_factory.mktemp("image") / "image.binpb"
    generate("image", str(file))
    return file
