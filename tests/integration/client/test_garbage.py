"""What `rlvf gc` removes and keeps, in real object storage."""

import json
import shutil
import uuid
from pathlib import Path

import pytest

from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, Unavailable, to_status
from rlvf_client.keeping.garbage import find_garbage, remove_garbage
from rlvf_client.keeping.known_runs import known_runs, remember_run
from rlvf_client.keeping.run_record import RECORD_FILE, RunRecord
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import ARTIFACTS, JSON, JSONL, ArtifactRef, ArtifactStore
from rlvf_common.storage.stored_operations import Owner, State, read_operation, restore_operation

from .finished_run import operation_name, packed, succeeded

DONE, FAILED, RUNNING, REPLACED, OTHERS, GONE = range(6)


@pytest.fixture
def storage(storage_settings: StorageSettings) -> ArtifactStore:
    """Storage of a home of its own."""
    bucket = f"garbage-{uuid.uuid4().hex}"
    return ArtifactStore.connect(storage_settings.model_copy(update={"s3_bucket": bucket}))


class Home:
    """A home with a run folder, and one training for each state that it can be in."""

    def __init__(self, storage: ArtifactStore, folder: Path) -> None:
        self.store = storage
        self.home = folder / "home"
        self.run = folder / "runs" / "learning"
        self.names = {
            number: operation_name("trainer", number, experiment)
            for number, experiment in enumerate(
                ["learning", "learning", "learning", "learning", "evaluate", "removed"]
            )
        }
        self.made: dict[int, dict[str, ArtifactRef]] = {}
        for number in self.names:
            self._train(number)
        record = RunRecord(self.run)
        record.use(self.names[DONE])
        record.finish(reporter_pb2.RenderReportRequest(experiment="learning"), {})
        record.use(self.names[FAILED])
        remember_run(self.home, self.run, "learning")
        gone = folder / "runs" / "removed"
        gone.mkdir()
        remember_run(self.home, gone, "removed")
        gone.rmdir()

    def _train(self, number: int) -> None:
        name, store = self.names[number], self.store
        text = f"{number} of {name}".encode()
        # What is needed only through what it is needed for: a manifest, and a record in it.
        samples = store.put_bytes(b"samples " + text, JSONL)
        pairs = store.put_bytes(json.dumps({"samples": samples.sha256}).encode() + text, JSONL)
        checkpoint = store.put_bytes(b"checkpoint " + text, JSON)
        adapter = store.put_bytes(b"adapter " + text, JSON)
        self.made[number] = {"samples": samples, "pairs": pairs, "checkpoint": checkpoint}
        training = f"training/{name.rpartition('/')[2][:64]}-{number:012x}"
        store.write_document(f"{training}/checkpoints/1", checkpoint.SerializeToString())
        store.write_document(f"{name}/checkpoints/chunk", b"a chunk")
        request = trainer_pb2.RunTrainingRequest(base_model="model", pairs=pairs)
        if number in (DONE, REPLACED, OTHERS, GONE):
            self.made[number]["adapter"] = adapter
            response = trainer_pb2.RunTrainingResponse(adapter=adapter)
            restore_operation(store, succeeded(name, request, response))
            return
        store.create_document(f"{name}/owner", Owner().dump())
        store.create_document(f"{name}/request", packed(request))
        if number == FAILED:
            error = to_status(Unavailable("the job died")).SerializeToString()
            store.create_document(f"{name}/attempts/1/end", State(1, done=True, error=error).dump())
        else:
            store.create_document(f"{name}/attempts/1/state", State(1, heartbeat=1.0).dump())

    def has(self, number: int) -> set[str]:
        """Which of the artifacts of a training are still there."""
        return {kind for kind, ref in self.made[number].items() if self.store.find(ref.sha256)}

    def collect(self, *keep: str) -> None:
        remove_garbage(find_garbage(self.home, self.store, keep), self.store)


@pytest.fixture
def home(storage: ArtifactStore, tmp_path: Path) -> Home:
    return Home(storage, tmp_path)


def test_what_a_run_folder_needs_and_unfinished_work_is_kept(home: Home) -> None:
    home.collect()
    assert home.has(DONE) == {"samples", "pairs", "adapter"}
    # The same request goes on from its checkpoint.
    assert home.has(FAILED) == home.has(RUNNING) == {"samples", "pairs", "checkpoint"}
    # Nobody here knows whose it is.
    assert home.has(OTHERS) == {"samples", "pairs", "adapter"}
    for number in (DONE, FAILED, RUNNING, OTHERS):
        assert read_operation(home.store, home.names[number]) is not None


def test_replaced_steps_and_those_of_removed_folders_are_removed(home: Home) -> None:
    home.collect()
    for number in (REPLACED, GONE):
        assert home.has(number) == set()
        assert home.store.list_documents(home.names[number]) == []
    assert [run.experiment for run in known_runs(home.home)] == ["learning"]


def test_a_second_removal_finds_nothing(home: Home) -> None:
    home.collect()
    assert find_garbage(home.home, home.store).size_bytes == 0


def test_the_reported_bytes_are_the_removed_bytes(home: Home) -> None:
    before = home.store.sizes()
    garbage = find_garbage(home.home, home.store)
    assert home.store.sizes() == before, "looking removes nothing"
    assert dict(garbage.steps) == {"learning": 1, "removed": 1}
    remove_garbage(garbage, home.store)
    after = home.store.sizes()
    assert sum(before.values()) - sum(after.values()) == garbage.size_bytes > 0


def test_a_run_whose_folder_is_gone_can_be_kept(home: Home) -> None:
    home.collect("removed")
    assert home.has(GONE) == {"samples", "pairs", "adapter"}


def test_an_experiment_keeps_all_while_a_run_of_it_has_no_report(
    home: Home, tmp_path: Path
) -> None:
    """Nothing records yet which steps that run will find done."""
    RunRecord(tmp_path / "runs" / "second").use(home.names[DONE])
    remember_run(home.home, tmp_path / "runs" / "second", "learning")
    home.collect()
    assert home.has(REPLACED) == {"samples", "pairs", "adapter"}
    assert home.has(GONE) == set()


def test_checkpoints_of_a_step_that_is_done_go(home: Home) -> None:
    home.collect()
    left = home.store.list_documents("")
    assert f"{home.names[DONE]}/checkpoints/chunk" not in left
    assert f"{home.names[RUNNING]}/checkpoints/chunk" in left
    trainings = [key for key in left if key.startswith("training/")]
    assert len(trainings) == 2, "of those that go on"


def test_what_the_report_was_made_of_is_kept_without_its_steps(home: Home) -> None:
    """A report's request names its artifacts too."""
    result = home.store.put_bytes(b"a result", JSON)
    request = reporter_pb2.RenderReportRequest(experiment="learning")
    request.conditions.add(name="base", model="model", result=result)
    record = RunRecord(home.run)
    record.use(home.names[DONE])
    record.finish(request, {})
    home.collect()
    assert home.store.find(result.sha256) is not None


def test_adapters_that_inference_fetched_go_with_their_artifacts(home: Home) -> None:
    copies = {
        number: home.home / "adapters" / home.made[number]["adapter"].sha256
        for number in (DONE, REPLACED)
    }
    for copy in copies.values():
        copy.mkdir(parents=True)
        (copy / "adapter_model.safetensors").write_bytes(b"weights")
    (home.home / "adapters" / "weights.json").write_text("{}")
    garbage = find_garbage(home.home, home.store)
    assert garbage.size_bytes < garbage.stored_bytes
    home.collect()
    assert (home.home / "adapters" / "weights.json").exists()
    assert copies[DONE].is_dir()
    assert not copies[REPLACED].exists()


def test_documents_of_no_operation_are_kept(home: Home) -> None:
    home.store.write_document("calibrations/x/y/z", b"{}")
    home.store.write_document("quotas/team/2026-11-30/8/000000", b"")
    home.collect()
    assert home.store.read_document("calibrations/x/y/z") == b"{}"
    assert home.store.read_document("quotas/team/2026-11-30/8/000000") == b""


def test_a_record_that_cannot_be_read_stops_it(home: Home) -> None:
    (home.run / RECORD_FILE).write_text('{"format": "rlvf.run.v9"}')
    with pytest.raises(FailedPrecondition, match="is of the format"):
        find_garbage(home.home, home.store)


def test_an_interrupted_removal_leaves_no_finished_step_without_its_artifacts(home: Home) -> None:
    garbage = find_garbage(home.home, home.store)
    stopped_at = max(key for key in garbage.documents if key.endswith("/request"))
    shutil.rmtree(home.run)

    class Interrupted(Exception):
        pass

    class StoreThatStops:
        def delete_document(self, key: str) -> None:
            if key == stopped_at:
                raise Interrupted
            home.store.delete_document(key)

    with pytest.raises(Interrupted):
        remove_garbage(garbage, StoreThatStops())  # type: ignore[arg-type]
    operation = read_operation(home.store, stopped_at.removesuffix("/request"))
    assert operation is not None
    assert not operation.state.done
    assert any(key.startswith(ARTIFACTS) for key in home.store.sizes())
