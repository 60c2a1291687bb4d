"""Virtual environments with the real packages of trainers, made by pip at their first use.

Each borrows from the tests' own environment what is large or the same, such as torch, and has of
its own what that lacks: the trainer, and what its code imports. They are kept in pytest's cache.
"""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

REQUIREMENTS = {
    "verl": [
        "verl==0.9.1",
        "antlr4-python3-runtime==4.9.3",
        "codetiming==1.4.0",
        "hydra-core==1.3.8",
        "msgpack==1.2.4",
        "omegaconf==2.4.0",
        "orjson==3.13.0",
        "pyvers==0.2.3",
        "ray==2.60.0",
        "tensordict==0.10.0",
    ],
    "verifiers": [
        "verifiers==0.4.0",
        "aiofiles==25.1.0",
        "antlr4-python3-runtime==4.13.2",
        "connectrpc==0.11.1",
        "gepa==0.1.4",
        "latex2sympy2-extended==1.11.0",
        "math-verify==0.9.0",
        "mcp==2.0.0",
        "msgpack==1.2.4",
        "prime-pydantic-config==0.4.3",
        "prime-runs==0.1.4",
        "prime-sandboxes==0.5.1",
        "prime-tunnel==0.1.15",
        "protobuf-py==0.1.1",
        "protobuf-py-ext==0.1.1",
        "pyqwest==0.12.0",
        "renderers==0.1.12",
        "tomli-w==1.2.0",
    ],
    "inspect": [
        "inspect-ai==0.3.285",
        "agent-client-protocol==0.12.1",
        "beautifulsoup4==4.15.0",
        "botocore==1.44.8",
        "jsonlines==4.0.0",
        "jsonpatch==1.48",
        "jsonpath-ng==1.16.0",
        "jsonpointer==3.12",
        "jsonref==1.1.0",
        "mmh3==5.3.1",
        "nest-asyncio2==1.7.4",
        "platformdirs==4.14.9",
        "semver==3.1.2",
        "shortuuid==1.0.13",
        "soupsieve==4.1.3",
        "textual==8.2.8",
        "universal-pathlib==0.3.10",
        "pathlib-abc==0.5.2",
        "zipfile-zstd==0.0.4",
        "zstandard==0.25.0",
    ],
}
"""Requirements by name of the environment, without dependencies."""


def environment(name: str, cache: pytest.Cache) -> Path:
    """The Python of an environment; skips the test with the reason where it cannot be made."""
    folder = cache.mkdir(f"rewards-{name}")
    python, made = folder / "bin" / "python", folder / "requirements.json"
    requirements = REQUIREMENTS[name]
    if made.exists() and json.loads(made.read_text()) == requirements:
        return python
    venv.create(folder, clear=True)
    own = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    lenders = [path for path in sys.path if path.endswith("site-packages")]
    lines = (f"import site; site.addsitedir({path!r})\n" for path in lenders)
    (own / "borrowed.pth").write_text("".join(lines))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "install", "-q", "--no-deps", *requirements], capture_output=True, text=True
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        pytest.skip(f"{requirements[0]} cannot be installed: {' '.join(last)}")
    made.write_text(json.dumps(requirements))
    return python


def run(python: Path, program: str, *arguments: object) -> list[object]:
    """Run a program in an environment; return what it prints, each line as JSON."""
    done = subprocess.run(
        [python, "-c", program, *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith(("{", "["))]
