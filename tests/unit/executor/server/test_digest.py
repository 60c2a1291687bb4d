"""The digest of an executor changes with everything that can reach a verdict."""

import shutil
import sys
from pathlib import Path

import pytest

from rlvf_executor.server.digest import PACKAGE, interpreter_parts, nsjail_parts, policy_sha256


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the executor's package."""
    ignore = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PACKAGE, tmp_path / "package", ignore=ignore))


def test_one_changed_byte_in_any_file_changes_the_digest(package: Path) -> None:
    before = policy_sha256((), package=package)
    seen = {before}
    files = [path for path in sorted(package.rglob("*")) if path.is_file()]
    names = {path.name.partition(".")[0] for path in files}
    assert {"grading", "supervisor", "inmates", "memory_files", "policy", "_native"} <= names
    for path in files:
        content = path.read_bytes()
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:] if content else b"x")
        seen.add(policy_sha256((), package=package))
        path.write_bytes(content)
    assert len(seen) == 1 + len(files)
    assert policy_sha256((), package=package) == before


def test_an_added_file_and_a_renamed_one_change_the_digest(package: Path) -> None:
    before = policy_sha256((), package=package)
    (package / "contract" / "wire.py").rename(package / "jail" / "wire.py")
    renamed = policy_sha256((), package=package)
    (package / "jail" / "wire.py").rename(package / "contract" / "wire.py")
    (package / "added.py").write_bytes(b"")
    assert len({before, renamed, policy_sha256((), package=package)}) == 3


def test_what_python_makes_of_the_files_does_not_count(package: Path) -> None:
    before = policy_sha256((), package=package)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "zygote.cpython-311.pyc").write_bytes(b"compiled")
    assert policy_sha256((), package=package) == before


def test_tier_python_and_their_borders_count() -> None:
    parts = [("3.11.7", "landlock"), ("3.11.7", "namespaces"), ("3.11", ".7landlock"), ("3.11.7",)]
    assert len({policy_sha256(one) for one in parts}) == len(parts)


def test_another_interpreter_and_another_nsjail_are_told_apart(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    for parts in (interpreter_parts, nsjail_parts):
        binary.write_bytes(b"one")
        before = parts(str(binary))
        binary.write_bytes(b"two")
        assert parts(str(binary)) != before
    assert nsjail_parts(None) == ()
    assert interpreter_parts(sys.executable) == interpreter_parts(sys.executable)
