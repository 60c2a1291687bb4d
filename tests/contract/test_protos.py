"""The contracts: documented, linted, and their generated code current."""

import subprocess
from importlib import import_module
from pathlib import Path

from rlvf_common.rpc.scopes import needed_scope

from .conftest import PROTO, generate


def test_generated_code_is_current(tmp_path: Path) -> None:
    generate("python", str(tmp_path))
    fresh = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*_pb2*")}
    committed = {
        path.relative_to(PROTO): path.read_text()
        for path in PROTO.rglob("*_pb2*")
        if path.suffix in (".py", ".pyi")
    }
    assert fresh, "the generator wrote nothing"
    assert committed == fresh, "run `make proto` and commit what it writes"


def test_all_code_beside_the_protos_is_generated() -> None:
    code = {path.name for path in (PROTO / "rlvf").rglob("*.py")}
    assert code
    assert {name for name in code if not name.endswith(("_pb2.py", "_pb2_grpc.py"))} == set()


def test_buf_finds_nothing(image: Path) -> None:
    command = ["buf", "lint", str(image), "--config", str(PROTO / "buf.yaml")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_message_field_and_rpc_is_documented(image: Path) -> None:
    from google.protobuf import descriptor_pb2

    files = descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes()).file
    undocumented = []
    for file in files:
        if not file.name.startswith("rlvf/"):
            continue
        # Paths of messages, enums and services, and of what stands directly in them.
        kinds = {4: "message", 5: "enum", 6: "service"}
        documented = {
            tuple(location.path)
            for location in file.source_code_info.location
            if location.leading_comments.strip()
        }
        for location in file.source_code_info.location:
            path = tuple(location.path)
            named = len(path) == 2 and path[0] in kinds
            # 4.i.2.j: field j of message i; 5.i.2.j: value j of enum i; 6.i.2.j: RPC j of service
            # i.
            member = len(path) == 4 and path[0] in kinds and path[2] == 2
            if (named or member) and path not in documented:
                undocumented.append(f"{file.name}:{location.span[0] + 1}")
    assert undocumented == []


def test_every_method_of_ours_needs_a_scope() -> None:
    """A method that was forgotten could be called with any token. Versions are for all."""
    services = {
        f"{module.DESCRIPTOR.package}.{name}": service
        for path in sorted(PROTO.glob("rlvf/*/v1/*_pb2.py"))
        for module in [import_module(".".join(path.relative_to(PROTO).with_suffix("").parts))]
        for name, service in module.DESCRIPTOR.services_by_name.items()
    }
    open_to_all = {
        f"/{name}/{method.name}"
        for name, service in services.items()
        for method in service.methods
        if needed_scope(f"/{name}/{method.name}") is None
    }
    assert open_to_all == {"/rlvf.version.v1.VersionService/GetVersion"}
