"""What may import what: service → common → proto, and torch only where models run."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
PACKAGES = {
    path.name: path for path in SERVICES.glob("*/rlvf_*") if path.is_dir() and path.suffix == ""
}
# The command line starts inference's checkpoint maker as a process; nothing else of a service is
# imported.
LIGHT = ["executor", "pair_generator", "trainer", "evaluator", "reporter", "client", "common"]
HEAVY = ("torch", "transformers", "trl", "peft", "vllm", "bitsandbytes")


def imports(package: Path) -> Iterator[tuple[Path, str]]:
    """Every imported top-level package, with the file that imports it."""
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from ((file, alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield file, node.module.split(".")[0]


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_a_service_imports_no_other_service(name: str) -> None:
    allowed = {name, "rlvf_common"}
    foreign = {
        f"{file.relative_to(SERVICES)} imports {imported}"
        for file, imported in imports(PACKAGES[name])
        if imported in PACKAGES and imported not in allowed
    }
    assert foreign == set()


@pytest.mark.parametrize("name", LIGHT)
def test_no_model_library_is_loaded_where_no_model_runs(name: str) -> None:
    package = PACKAGES[f"rlvf_{name}"]
    modules = [
        ".".join(file.relative_to(package.parent).with_suffix("").parts)
        for file in sorted(package.rglob("*.py"))
        if not file.name.startswith("__") and "job" not in file.relative_to(package).parts
    ]
    assert modules
    program = (
        "import importlib, sys\n"
        f"for module in {modules!r}: importlib.import_module(module)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
