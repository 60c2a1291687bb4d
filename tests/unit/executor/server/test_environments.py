"""Which environments an executor finds, and their digests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_executor.server import environments


def install(folder: Path, name: str, content: str, *, recorded: str = "") -> None:
    """A package of one module, as pip leaves it; `recorded` is the digest in its record."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(content)
    information = folder / f"{name}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "RECORD").write_text(f"{name}.py,{recorded},9\n{name}-1.0.dist-info/RECORD,,\n")


def sha256(folder: Path) -> str:
    (found,) = environments.find(str(folder))
    return found.sha256


def test_each_subfolder_is_an_environment_of_its_name(tmp_path: Path) -> None:
    install(tmp_path / "one", "beta", "")
    install(tmp_path / "one", "Alpha", "")
    install(tmp_path / "another", "gamma", "")
    (tmp_path / "file").write_text("")
    another, one = environments.find(str(tmp_path))
    assert (another.environment.name, another.packages) == ("another", {"gamma": "1.0"})
    assert list(one.packages.items()) == [("alpha", "1.0"), ("beta", "1.0")]


def test_there_are_none_where_there_is_no_folder(tmp_path: Path) -> None:
    assert environments.find(str(tmp_path / "none")) == ()
    assert environments.find("") == ()


def _change(folder: Path) -> None:
    (folder / "alpha.py").write_text("other")


def _add(folder: Path) -> None:
    (folder / "added").mkdir()
    (folder / "added" / "module.py").write_text("")


def _remove(folder: Path) -> None:
    (folder / "alpha.py").unlink()


@pytest.mark.parametrize("change", [_change, _add, _remove])
def test_the_digest_changes_with_every_file(tmp_path: Path, change: Callable[[Path], None]) -> None:
    install(tmp_path / "one", "alpha", "code")
    before = sha256(tmp_path)
    change(tmp_path / "one")
    assert sha256(tmp_path) != before


def test_the_digest_is_that_of_the_record_and_the_same_in_every_folder(tmp_path: Path) -> None:
    install(tmp_path / "a" / "one", "alpha", "code", recorded="sha256=x")
    install(tmp_path / "b" / "one", "alpha", "code", recorded="sha256=x")
    install(tmp_path / "c" / "one", "alpha", "code", recorded="sha256=y")
    (tmp_path / "b" / "one" / "__pycache__").mkdir()
    (tmp_path / "b" / "one" / "__pycache__" / "alpha.pyc").write_text("compiled")
    assert sha256(tmp_path / "a") == sha256(tmp_path / "b") != sha256(tmp_path / "c")


@pytest.mark.parametrize("name", ["python", "Upper", "under_score", "9th", "a b"])
def test_a_name_that_no_request_could_give_is_refused(tmp_path: Path, name: str) -> None:
    install(tmp_path / name, "alpha", "")
    with pytest.raises(FailedPrecondition, match="an environment's name"):
        environments.find(str(tmp_path))


def test_an_empty_environment_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    with pytest.raises(FailedPrecondition, match="has no packages"):
        environments.find(str(tmp_path))
