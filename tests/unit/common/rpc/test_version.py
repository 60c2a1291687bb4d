"""What a service says of itself, and how a checkpoint is told from another."""

import json
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_common.rpc import version
from rlvf_common.rpc.context import OPERATOR, Principal, enter
from rlvf_common.rpc.scopes import Scope
from rlvf_common.rpc.version import VersionServicer, code_revision, code_sha256, version_items
from rlvf_common.weights.checkpoints import checkpoint_sha256, deciding_files


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable package `rlvf_toy`."""
    folder = tmp_path / "rlvf_toy"
    (folder / "inner").mkdir(parents=True)
    for name in ("__init__.py", "inner/code.py", "inner/_native.so", "templates.j2"):
        (folder / name).write_text("one")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("RLVF_REVISION", raising=False)
    return folder


@pytest.mark.parametrize(
    "name", ["__init__.py", "inner/code.py", "inner/_native.so", "templates.j2"]
)
def test_every_file_of_a_package_is_in_its_digest(package: Path, name: str) -> None:
    before = code_sha256("rlvf_toy")
    (package / name).write_text("two")
    assert code_sha256("rlvf_toy") != before
    (package / name).write_text("one")
    assert code_sha256("rlvf_toy") == before
    (package / "more.txt").write_text("")
    assert code_sha256("rlvf_toy") != before


def test_what_python_compiles_does_not_count(package: Path) -> None:
    before = code_sha256("rlvf_toy")
    (package / "inner" / "__pycache__").mkdir()
    (package / "inner" / "__pycache__" / "code.pyc").write_text("compiled")
    assert code_sha256("rlvf_toy") == before


def test_a_package_that_is_not_installed_is_told_and_not_left_out() -> None:
    with pytest.raises(FailedPrecondition, match="rlvf_absent is not installed"):
        code_sha256("rlvf_common", "rlvf_absent")


def test_the_revision_is_that_of_the_image_or_of_the_checkout_of_the_package(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b")
        command = ["git", "-C", str(package.parent), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert code_revision("rlvf_toy") == ""
    git("init", "--quiet")
    (package.parent / "mine").write_text("")
    git("add", "mine")
    git("commit", "--quiet", "-m", "somebody's own")
    # Installed into somebody's checkout, it is no part of that.
    assert code_revision("rlvf_toy") == ""
    git("add", ".")
    git("commit", "--quiet", "-m", "the package")
    assert code_revision("rlvf_toy") == git("rev-parse", "HEAD")
    (package / "templates.j2").write_text("two")
    assert code_revision("rlvf_toy") == git("rev-parse", "HEAD") + ", with changes"
    monkeypatch.setenv("RLVF_REVISION", "unknown")
    assert code_revision("rlvf_toy").endswith(", with changes")
    monkeypatch.setenv("RLVF_REVISION", "c0ffee")
    assert code_revision("rlvf_toy") == "c0ffee"


def servicer(ask: Callable[[], Awaitable[version_pb2.Version]]) -> VersionServicer:
    made = VersionServicer(version_pb2.Version(service="evaluator"), {"executor": ask})
    made.ready = True
    return made


async def test_those_behind_a_service_are_asked_only_where_that_is_wanted() -> None:
    async def executor() -> version_pb2.Version:
        return version_pb2.Version(service="executor", policy_sha256="p")

    for wanted in (False, True):
        request = version_pb2.GetVersionRequest(with_dependencies=wanted)
        answer = await servicer(executor).GetVersion(request, None)  # type: ignore[arg-type]
        assert [one.policy_sha256 for one in answer.version.dependencies] == ["p"] * wanted


async def test_a_service_says_whose_token_it_was_and_what_that_permits() -> None:
    ready = VersionServicer(version_pb2.Version(service="executor"), {})
    ready.ready = True
    request = version_pb2.GetVersionRequest()
    for who, scopes in (
        (Principal("team", scopes=frozenset({Scope.TRAIN, Scope.SCORE})), ["score", "train"]),
        (OPERATOR, ["admin", "evaluate", "score", "train"]),
    ):
        enter("id", "somebody", who)
        answer = await ready.GetVersion(request, None)  # type: ignore[arg-type]
        assert (answer.caller, list(answer.scopes)) == (who.name, scopes)


async def test_a_service_behind_it_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(version, "_DEPENDENCY_SECONDS", 0.01)

    async def silent() -> version_pb2.Version:
        raise TimeoutError

    request = version_pb2.GetVersionRequest(with_dependencies=True)
    with pytest.raises(Unavailable, match="asked executor for its version"):
        await servicer(silent).GetVersion(request, None)  # type: ignore[arg-type]


async def test_a_service_that_is_starting_does_not_tell_half_of_its_version() -> None:
    starting = VersionServicer(version_pb2.Version(service="executor"), {})
    with pytest.raises(Unavailable, match="executor is starting"):
        await starting.GetVersion(version_pb2.GetVersionRequest(), None)  # type: ignore[arg-type]


def test_a_server_of_somebody_else_has_no_versions() -> None:
    assert version_items(version_pb2.Version(service="inference")) == {}
    told = version_pb2.Version(service="inference", code_sha256="c", packages={"vllm": "1"})
    assert version_items(told) == {"inference code": "c", "inference vllm": "1"}


# Checkpoints


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (tmp_path / name).write_text("{}")
    weights = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weights}))
    for name in weights.values():
        (tmp_path / name).write_bytes(b"one")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer.json", "chat_template.jinja", "model-2.safetensors"]
)
def test_what_decides_the_output_is_in_a_checkpoints_digest(checkpoint: Path, name: str) -> None:
    before = checkpoint_sha256(checkpoint)
    (checkpoint / name).write_bytes(b"two")
    assert checkpoint_sha256(checkpoint) != before


def test_a_chat_template_that_is_gone_makes_another_checkpoint(checkpoint: Path) -> None:
    before = checkpoint_sha256(checkpoint)
    (checkpoint / "chat_template.jinja").unlink()
    assert checkpoint_sha256(checkpoint) != before


def test_a_whole_clone_is_the_same_checkpoint_as_what_the_libraries_fetch(checkpoint: Path) -> None:
    before = checkpoint_sha256(checkpoint)
    for name in ("README.md", "pytorch_model.bin", "consolidated.safetensors"):
        (checkpoint / name).write_text("in the clone only")
    (checkpoint / ".git").mkdir()
    assert checkpoint_sha256(checkpoint) == before


def test_the_weights_are_those_in_the_form_that_is_loaded(tmp_path: Path) -> None:
    def weights() -> list[str]:
        return [file.name for file in deciding_files(tmp_path)]

    (tmp_path / "model.gguf").touch()
    assert weights() == ["model.gguf"]
    (tmp_path / "pytorch_model.bin").touch()
    assert weights() == ["pytorch_model.bin"]
    (tmp_path / "model.safetensors").touch()
    assert weights() == ["model.safetensors"]


def test_an_index_that_names_a_file_which_is_not_there_is_an_error(checkpoint: Path) -> None:
    (checkpoint / "model-2.safetensors").unlink()
    with pytest.raises(OSError, match=r"model-2\.safetensors"):
        checkpoint_sha256(checkpoint)
    (checkpoint / "model.safetensors.index.json").write_text("[]")
    with pytest.raises(OSError, match="is not an index of weights"):
        checkpoint_sha256(checkpoint)
