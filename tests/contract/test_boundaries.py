"""What may import what: between services, between the rooms of one service, and torch only where
models run."""

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
LIGHT = [
    "executor", "pair_generator", "trainer", "evaluator", "reporter", "http_gateway", "client",
    "common",
]  # fmt: skip
HEAVY = ("torch", "transformers", "trl", "peft", "vllm", "bitsandbytes", "verl", "verifiers")
LARGEST_FOLDER = 25

GRPC = ("grpc", "google", "rlvf", "rlvf_api", "grpc_status")
# Besides itself and the standard library, what each room may import.
ROOMS: dict[str, tuple[str, ...]] = {
    "rlvf_executor.contract": (),
    "rlvf_executor.native": ("rlvf_executor.contract",),
    "rlvf_executor.tuning": ("rlvf_executor.contract", "rlvf_executor.native"),
    "rlvf_executor.jail": (
        "rlvf_executor.contract",
        "rlvf_executor.native",
        "rlvf_executor.tuning",
    ),
    "rlvf_executor.judge": (
        "rlvf_executor.contract",
        "rlvf_executor.native",
        "rlvf_executor.tuning",
        "rlvf_executor.jail",
    ),
    "rlvf_executor.supervisor": (
        "rlvf_executor.contract",
        "rlvf_executor.native",
        "rlvf_executor.tuning",
    ),
    "rlvf_executor.server": (
        *GRPC,
        "rlvf_executor.contract",
        "rlvf_common.rpc",
        "prometheus_client",
        "pydantic",
    ),
    "rlvf_common.rpc": (
        *GRPC,
        "grpc_health",
        "grpc_reflection",
        "opentelemetry",
        "prometheus_client",
        "pydantic",
        "pydantic_settings",
        "tenacity",
        "yaml",
        "anyio",
    ),
    "rlvf_common.storage": (*GRPC, "rlvf_common.rpc", "minio", "urllib3", "prometheus_client"),
    "rlvf_common.problems": (
        "rlvf",
        "rlvf_api",
        "rlvf_common.rpc",
        "pydantic",
        "datasets",
        "huggingface_hub",
    ),
    "rlvf_common.weights": ("huggingface_hub",),
    "rlvf_common.rollouts": (
        *GRPC,
        "rlvf_common.rpc",
        "rlvf_common.storage",
        "rlvf_common.problems",
        "httpx",
        "pydantic",
    ),
    "rlvf_common.statistics": (
        "rlvf",
        "rlvf_api",
        "rlvf_common.rpc",
        "rlvf_common.problems",
        "pydantic",
    ),
    "rlvf_common.starter": ("rlvf_common.problems",),
    # pandas where a caller asks for a table.
    "rlvf_client.sdk": ("grpc", "google", "rlvf", "rlvf_api", "pandas"),
    # Trainers are imported when they are used: they have imported this.
    "rlvf_client.rewards": ("rlvf", "rlvf_client.sdk", "inspect_ai", "verifiers"),
    "rlvf_client.local_stack": (
        *GRPC,
        "grpc_health",
        "rlvf_common",
        "httpx",
        "huggingface_hub",
        "psutil",
        "trustme",
    ),
    "rlvf_client.keeping": (
        *GRPC,
        "rlvf_client.local_stack",
        "rlvf_common",
        "huggingface_hub",
        "jinja2",
        "pydantic",
        "yaml",
    ),
    "rlvf_client.progress": ("rlvf", "rlvf_api", "rlvf_client.local_stack", "rlvf_common", "rich"),
    "rlvf_client.experiment": (
        *GRPC,
        "rlvf_client.sdk",
        "rlvf_client.keeping",
        "rlvf_client.local_stack",
        "rlvf_client.progress",
        "rlvf_common",
        "huggingface_hub",
        "pydantic",
        "yaml",
    ),
    "rlvf_client.harnesses": ("rlvf_common",),
    "rlvf_client.planning": (
        *GRPC,
        "rlvf_client.experiment",
        "rlvf_client.keeping",
        "rlvf_client.local_stack",
        "rlvf_client.progress",
        "rlvf_common",
    ),
    "rlvf_client.cli": (
        *GRPC,
        "rlvf_client.sdk",
        "rlvf_client.experiment",
        "rlvf_client.keeping",
        "rlvf_client.planning",
        "rlvf_client.progress",
        "rlvf_client.local_stack",
        "rlvf_client.harnesses",
        "rlvf_common",
        "click",
        "psutil",
    ),
}


API = Path(__file__).parents[2] / "proto" / "rlvf_api"


def imports(folder: Path) -> Iterator[tuple[Path, str]]:
    """Everything that is imported below a folder, with the file that imports it.

    A name that is imported from a package counts as a module of it.
    """
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from ((file, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield from ((file, f"{node.module}.{alias.name}") for alias in node.names)


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    """Whether a module is one of some packages, or below one of them."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_a_service_imports_no_other_service(name: str) -> None:
    others = tuple(PACKAGES.keys() - {name, "rlvf_common"})
    foreign = {
        f"{file.relative_to(SERVICES)} imports {imported}"
        for file, imported in imports(PACKAGES[name])
        if is_within(imported, others)
    }
    assert foreign == set()


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_what_it_may(room: str) -> None:
    package, _, folder = room.partition(".")
    allowed = (room, *ROOMS[room])
    foreign = {
        f"{file.relative_to(SERVICES)} imports {imported}"
        for file, imported in imports(PACKAGES[package] / folder)
        if imported.partition(".")[0] not in sys.stdlib_module_names
        and not is_within(imported, allowed)
    }
    assert foreign == set()


def test_the_contract_needs_grpcio_and_protobuf() -> None:
    allowed = ("grpc", "google", "rlvf", "rlvf_api")
    foreign = {
        f"{file.name} imports {imported}"
        for file, imported in imports(API)
        if imported.partition(".")[0] not in sys.stdlib_module_names
        and not is_within(imported, allowed)
    }
    assert foreign == set()


def test_the_http_gateway_only_forwards() -> None:
    """It has no way to grade, to store or to decide."""
    ours = {
        imported
        for _, imported in imports(PACKAGES["rlvf_http_gateway"])
        if imported.startswith("rlvf")
    }
    allowed = ("rlvf_http_gateway", "rlvf", "rlvf_api", "rlvf_common.rpc")
    assert {imported for imported in ours if not is_within(imported, allowed)} == set()


def test_every_room_has_a_rule() -> None:
    for package in {room.partition(".")[0] for room in ROOMS}:
        folders = {
            f"{package}.{path.parent.name}" for path in PACKAGES[package].glob("*/__init__.py")
        }
        assert folders == {room for room in ROOMS if room.startswith(f"{package}.")}


def test_a_room_can_be_taken_in() -> None:
    crowded = {
        str(folder.relative_to(SERVICES)): len(files)
        for package in PACKAGES.values()
        for folder in (package, *(path for path in package.rglob("*") if path.is_dir()))
        if len(files := list(folder.glob("*.py"))) > LARGEST_FOLDER
    }
    assert crowded == {}


def modules_loaded_by(module: str) -> set[str]:
    """Everything that a new process has loaded when it has imported a module of the executor.

    As in a jail: without site-packages.
    """
    root = PACKAGES["rlvf_executor"].parent
    program = f"import sys; sys.path.insert(0, {str(root)!r}); import {module}; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-P", "-s", "-S", "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    ("process", "rooms"),
    [
        ("jail.zygote", {"contract", "native", "tuning", "jail"}),
        ("judge.worker", {"contract", "native", "jail", "judge"}),
        ("supervisor.supervisor", {"contract", "native", "tuning", "supervisor"}),
    ],
)
def test_a_process_holds_no_code_of_others(process: str, rooms: set[str]) -> None:
    loaded = modules_loaded_by(f"rlvf_executor.{process}")
    ours = {name.split(".")[1] for name in loaded if name.startswith("rlvf_executor.")}
    assert ours <= rooms
    roots = {name.partition(".")[0] for name in loaded}
    assert roots - set(sys.stdlib_module_names) <= {"__main__", "rlvf_executor"}


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


def test_services_build_syntax_trees_by_one_thread_at_a_time() -> None:
    """CPython's own entry points may fail when two threads use them (see `build_tree`)."""
    builder = SERVICES / "common/rlvf_common/problems/answers/python_source.py"
    found = {
        path.relative_to(SERVICES).as_posix()
        for name, package in PACKAGES.items()
        # Programs are read in processes of one thread there.
        if name != "rlvf_executor"
        for path in package.rglob("*.py")
        if path != builder and "ast.parse(" in path.read_text()
    }
    assert found == set()
