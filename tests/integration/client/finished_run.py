"""Makes a finished run without running it: invented results and a real, random adapter; real
object storage, the reporter's real report, a record as the driver writes it.

Every number in it is made up.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import any_pb2
from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_client.keeping.run_record import RunRecord
from rlvf_common.storage.artifacts import BINARY, JSONL, ArtifactStore
from rlvf_common.storage.stored_operations import State, StoredOperation, restore_operation
from rlvf_reporter.service import render_report

from ...unit.reporter import fixture_experiment

EXPERIMENT = "invented"
WEIGHTS = "5" * 64
RUNS = ("rft-seed-0", "rft-seed-1", "rft-unverified-seed-0", "rft-unverified-seed-1")


@dataclass(frozen=True)
class Invented:
    """A run folder with the artifacts of its run in storage."""

    folder: Path
    request: reporter_pb2.RenderReportRequest
    operations: Sequence[str]
    adapter: artifact_pb2.ArtifactRef


def answers(name: str) -> bytes:
    """Records of answers, as the pair generator stores them."""
    records = (
        {
            "prompt": f'def add_{number}(x):\n    """Add {number}."""\n',
            "completion": f"    return x + {number}\n",
            "task_id": f"starter/{number}",
            "source": "starter",
            "split": "train",
            "sample": 0,
            "sample_temperature": 0.8,
            "verdict": "passed" if name == "rft" else "failed",
            "pass_rate": 0.5,
            "passes": 2,
            "samples": 4,
        }
        for number in range(6)
    )
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def operation_name(service: str, number: int, experiment: str = EXPERIMENT) -> str:
    """The name of an operation in the form of the client's."""
    return f"operations/{service}/{experiment}-{number:032x}"


def packed(message: Message) -> bytes:
    """A message in an `Any`."""
    box = any_pb2.Any()
    box.Pack(message)
    return box.SerializeToString()


def succeeded(name: str, request: Message, response: Message) -> StoredOperation:
    """A stored operation that succeeded."""
    return StoredOperation(name, packed(request), State(1, done=True, response=packed(response)))


def invent(store: ArtifactStore, bucket: str, adapter_folder: Path, folder: Path) -> Invented:
    """A run of two arms with two seeds each, one the control of the other; all trained the adapter
    in `adapter_folder`."""
    experiment = fixture_experiment.controlled(
        0.3, {"rft": 0.42, "rft-unverified": 0.31}, {"rft": "rft-unverified"}, seeds=2,
        tasks=60, primary=("rft-unverified", "rft"),
    )  # fmt: skip
    experiment.bucket = bucket
    request = experiment.request
    request.experiment = EXPERIMENT
    request.settings = f"name: {EXPERIMENT}\nmodel: model\n"
    adapter = store.put_directory(adapter_folder)
    trained_on: dict[str, artifact_pb2.ArtifactRef] = {}
    for arm, verdicts in (
        ("rft", pair_generator_pb2.VERDICTS_TRUE),
        ("rft-unverified", pair_generator_pb2.VERDICTS_IGNORED),
    ):
        trainings = [run for run in RUNS if run.startswith(f"{arm}-seed")]
        data = fixture_experiment.add_answers(experiment, arm, trainings, verdicts=verdicts)
        trained_on[arm] = store.put_bytes(answers(arm), JSONL)
        data.answers.CopyFrom(trained_on[arm])
    for training in request.training:
        training.run.adapter.CopyFrom(adapter)
        training.run.base_weights_sha256 = WEIGHTS
    # By default references to results and metrics name another bucket.
    for data_bytes in experiment.artifacts.values():
        store.put_bytes(data_bytes, BINARY)
    _rename(request, bucket)
    operations = []
    for number, training in enumerate(request.training):
        arm = training.name.rpartition("-seed")[0]
        operation = succeeded(
            operation_name("trainer", number),
            trainer_pb2.RunTrainingRequest(
                base_model="model",
                answers=trained_on[arm],
                hyperparameters=trainer_pb2.Hyperparameters(seed=number % 2),
            ),
            training.run,
        )
        restore_operation(store, operation)
        operations.append(operation.name)
    rendered = render_report(request, store)
    files = {"report.json": rendered.json, "report.md": rendered.markdown,
             "report.html": rendered.html}  # fmt: skip
    for name, ref in files.items():
        store.get_file(ref, folder / name)
    record = RunRecord(folder)
    for name in operations:
        record.use(name)
    record.finish(request, {name: ref.sha256 for name, ref in files.items()})
    return Invented(folder, request, operations, adapter)


def _rename(message: Message, bucket: str) -> None:
    """Make all references name artifacts of the bucket."""
    if isinstance(message, artifact_pb2.ArtifactRef):
        if message.sha256:
            message.uri = f"s3://{bucket}/blobs/sha256/{message.sha256}"
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            continue
        for part in value if field.is_repeated else [value]:
            _rename(part, bucket)
