"""Export and import of a run, with real storage, a real report, and real PEFT and `datasets`. The
experiment is invented."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huggingface_hub import DatasetCard, ModelCard

from rlvf_api.errors import FailedPrecondition
from rlvf_client.keeping.export_folder import (
    MANIFEST_FILE,
    Manifest,
    describe_file,
    read_manifest,
    write_manifest,
)
from rlvf_client.keeping.exporting import export_run
from rlvf_client.keeping.importing import import_folder
from rlvf_client.keeping.run_record import read_record
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.stored_operations import read_operation

from ...conftest import StackThread
from ...loading import load_elsewhere
from .finished_run import RUNS, WEIGHTS, Invented, invent

_MAKE_MODEL = Path(__file__).parents[1] / "trainer" / "make_tiny_model.py"
_MAKE_ADAPTER = Path(__file__).with_name("make_adapter.py")


@pytest.fixture(scope="session")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model."""
    folder = tmp_path_factory.mktemp("base") / "model"
    subprocess.run([sys.executable, _MAKE_MODEL, folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def invented(
    store: ArtifactStore,
    storage_settings: StorageSettings,
    base_model: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Invented:
    """A finished run in the session's storage."""
    adapter = tmp_path_factory.mktemp("adapter") / "adapter"
    subprocess.run(
        [sys.executable, _MAKE_ADAPTER, base_model, adapter, WEIGHTS],
        check=True,
        capture_output=True,
    )
    folder = tmp_path_factory.mktemp("runs") / "invented"
    return invent(store, storage_settings.s3_bucket, adapter, folder)


@pytest.fixture(scope="session")
def exported(
    invented: Invented, store: ArtifactStore, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """That run as a folder."""
    folder = tmp_path_factory.mktemp("exports") / "folder"
    done = export_run(invented.folder, store, folder, licence=None)
    assert (done.adapters, done.data_sets) == (4, 2)
    return folder


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    folder = tmp_path / "copy"
    subprocess.run(["cp", "-r", exported, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def other_home(
    model_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ArtifactStore]:
    """The storage of another home."""
    thread = StackThread(tmp_path_factory.mktemp("other-home"), model_home)
    thread.ensure("storage")
    yield ArtifactStore.connect(thread.stack.storage_settings())
    thread.close()


@pytest.fixture
def elsewhere(storage_settings: StorageSettings) -> ArtifactStore:
    """A storage whose bucket has another name."""
    bucket = f"elsewhere-{uuid.uuid4().hex}"
    return ArtifactStore.connect(storage_settings.model_copy(update={"s3_bucket": bucket}))


def test_peft_and_datasets_load_it_where_nothing_of_ours_is_installed(
    exported: Path, base_model: Path
) -> None:
    found = load_elsewhere(exported, base_model, RUNS[0], "rft", "rft-unverified")
    assert found["ours"] == []
    assert found["adapter"] == 2
    assert found["changed"] > 0
    assert found["rows"] == {"rft": 6, "rft-unverified": 6}
    first = found["first"]["rft"]
    assert first["completion"] == "    return x + 0\n"
    assert first["prompt"].startswith("def add_0")


def test_a_model_card_says_what_the_report_says(exported: Path, invented: Invented) -> None:
    report = json.loads((invented.folder / "report.json").read_text())
    card = ModelCard.load(exported / "adapters" / RUNS[0] / "README.md")
    measured = next(row for row in report["conditions"] if row["name"] == RUNS[0])
    (result,) = card.data.eval_results
    assert (result.dataset_type, result.metric_type) == ("openai/openai_humaneval", "pass@1")
    assert result.metric_value == measured["pass_at_1"]
    assert result.metric_args["ci95"] == measured["ci95"]
    assert (result.metric_args["tasks"], result.metric_args["samples_per_task"]) == (60, 4)
    assert (card.data.library_name, card.data.license) == ("peft", "unknown")
    assert "sft" in card.data.tags
    primary = report["primary"]
    assert f"rft against its control rft-unverified: {100 * primary['delta']:+.1f} pp" in card.text
    assert f"**{primary['outcome']}**" in card.text
    for finding in report["findings"]:
        if finding["nothing_said"] or finding["level"] == "warning":
            assert finding["text"] in card.text
    assert report["headline"] in card.text
    # Settings that its loss does not have would say that they did something.
    assert "| learning_rate | 0.0002 |" in card.text
    assert "| beta |" not in card.text
    assert f"`{invented.adapter.sha256}`" in card.text


def test_a_control_says_that_it_is_one(exported: Path) -> None:
    control = ModelCard.load(exported / "adapters" / RUNS[2] / "README.md")
    assert "**This is a control**" in control.text
    arm = ModelCard.load(exported / "adapters" / RUNS[0] / "README.md")
    assert "**This is a control**" not in arm.text


def test_a_dataset_card_names_its_sets_and_how_they_were_selected(exported: Path) -> None:
    card = DatasetCard.load(exported / "data" / "README.md")
    assert [one["config_name"] for one in card.data.configs] == ["rft", "rft-unverified"]
    assert card.data.size_categories == "n<1K"
    assert "| `rft` | 6 | `prompt`, `completion` | verdicts |" in card.text
    assert "no true verdicts: a control" in card.text
    assert "Problems are from: starter" in card.text


def test_another_home_has_the_run_the_adapters_and_the_steps(
    exported: Path, invented: Invented, other_home: ArtifactStore, tmp_path: Path
) -> None:
    done = import_folder(exported, other_home, tmp_path / "run")
    assert done.adapters == dict.fromkeys(RUNS, invented.adapter.sha256)
    assert (done.operations, done.known) == (4, 0)
    found = other_home.find(invented.adapter.sha256)
    assert found is not None
    other_home.get_directory(found, tmp_path / "adapter")
    assert (tmp_path / "adapter" / "adapter_model.safetensors").is_file()
    for name in invented.operations:
        operation = read_operation(other_home, name)
        assert operation is not None
        assert operation.state.final
    record = read_record(tmp_path / "run")
    assert record.finished is not None
    assert record.finished.request == invented.request
    # It is a run like any other one: it can be exported from there.
    export_run(tmp_path / "run", other_home, tmp_path / "again", licence=None)
    first, second = (json.loads((one / MANIFEST_FILE).read_text())
                     for one in (exported, tmp_path / "again"))  # fmt: skip
    assert first["files"].keys() == second["files"].keys()
    again = import_folder(exported, other_home, tmp_path / "second")
    assert again.known == 4


def test_a_bucket_of_another_name_gets_the_artifacts_alone(
    exported: Path, invented: Invented, elsewhere: ArtifactStore, tmp_path: Path
) -> None:
    """Steps name their artifacts with the bucket: in another bucket they would be done, but lack
    their artifacts."""
    done = import_folder(exported, elsewhere, tmp_path / "run")
    assert done.operations is None
    assert elsewhere.find(invented.adapter.sha256) is not None
    assert elsewhere.list_documents("operations/") == []
    assert not (tmp_path / "run").exists()


def _spoil_bytes(folder: Path) -> None:
    path = next(folder.glob("adapters/*/adapter_model.safetensors"))
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def _leave_out(folder: Path) -> None:
    (folder / "experiment.yaml").unlink()


def _link(folder: Path) -> None:
    path = folder / "experiment.yaml"
    path.rename(folder.parent / "outside.yaml")
    path.symlink_to(folder.parent / "outside.yaml")


def _link_folder(folder: Path) -> None:
    (folder / "data").rename(folder.parent / "data")
    (folder / "data").symlink_to(folder.parent / "data")


def _named(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        manifest = json.loads((folder / MANIFEST_FILE).read_text())
        (folder.parent / "outside").write_text("a secret")
        manifest["files"][name] = {"sha256": "0" * 64, "size_bytes": 8, "media_type": "text/plain"}
        (folder / MANIFEST_FILE).write_text(json.dumps(manifest))

    return spoil


def _number_changed(folder: Path) -> None:
    """Put a better number into the report, and correct all digests of the manifest."""
    path = folder / "report" / "report.json"
    path.write_text(path.read_text().replace('"pass_at_1": 0.', '"pass_at_1": 0.9'))
    _mend(folder, "report/report.json")


def _failed_step(folder: Path) -> None:
    path = folder / "operations.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[0]["name"] = "operations/trainer/../../calibrations/x"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    _mend(folder, "operations.jsonl")


def _mend(folder: Path, name: str) -> None:
    """Update the digest of a file in the manifest."""
    manifest = read_manifest(folder)
    mended = {**manifest.files, name: describe_file(folder / name, manifest.files[name].media_type)}
    write_manifest(folder, Manifest(manifest.experiment, mended))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_spoil_bytes, "does not match its digest"),
        (_leave_out, "is missing"),
        (_link, "is a link"),
        (_link_folder, "is a link, or below one"),
        (_named("../outside"), "outside the folder"),
        (_named("data/../../outside"), "outside the folder"),
        (_named("/etc/hostname"), "outside the folder"),
        (_number_changed, "was changed after its run"),
        (_failed_step, "line 1: is not a finished step"),
    ],
)
def test_a_folder_that_is_not_as_it_was_written_is_refused_as_a_whole(
    copy: Path,
    elsewhere: ArtifactStore,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    message: str,
) -> None:
    spoil(copy)
    with pytest.raises(FailedPrecondition, match=message):
        import_folder(copy, elsewhere, tmp_path / "run")
    assert elsewhere.sizes() == {}
    assert not (tmp_path / "run").exists()


def test_a_report_that_was_edited_is_not_exported(
    invented: Invented, store: ArtifactStore, tmp_path: Path
) -> None:
    subprocess.run(["cp", "-r", invented.folder, tmp_path / "run"], check=True)
    report = tmp_path / "run" / "report.json"
    report.write_text(report.read_text().replace("not distinguishable", "better"))
    with pytest.raises(FailedPrecondition, match="was changed after its run"):
        export_run(tmp_path / "run", store, tmp_path / "out", licence=None)
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_finished_run_is_told(store: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match="has no finished run"):
        export_run(tmp_path, store, tmp_path / "out", licence=None)


def test_what_is_missing_in_storage_is_told(
    invented: Invented, elsewhere: ArtifactStore, tmp_path: Path
) -> None:
    with pytest.raises(FailedPrecondition):
        export_run(invented.folder, elsewhere, tmp_path / "out", licence=None)
    assert list(tmp_path.iterdir()) == []
