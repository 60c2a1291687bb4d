"""What an invented experiment says that it cost, and manifests of its samples. All made up."""

import json
from datetime import timedelta
from typing import Any

from rlvf.artifact.v1 import artifact_pb2
from rlvf.cost.v1 import cost_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.rollouts.rollout_set import (
    GraderIdentity,
    RolloutSet,
    StoredArtifact,
    dump_rollout_set,
)
from rlvf_common.rollouts.sampling import SamplingParameters
from rlvf_common.storage.artifacts import DIRECTORY

GPU = cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_GPU, name="fixture GPU", count=2)
CORES = cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_CPU, count=4)
SOMEBODY_ELSES = cost_pb2.Devices()


def cost(
    *,
    tokens: int = 0,
    graded: int = 0,
    engine: tuple[cost_pb2.Devices, float] | None = None,
    grading: float = 0.0,
    job: tuple[cost_pb2.Devices, float] | None = None,
) -> cost_pb2.Cost:
    """A cost; times in seconds."""
    found = cost_pb2.Cost(tokens=tokens, samples_graded=graded)
    one_core = cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_CPU, count=1)
    for part, said in (
        (found.sampling, engine),
        (found.grading, (one_core, grading) if grading else None),
        (found.training, job),
    ):
        if said is not None:
            part.devices.CopyFrom(said[0])
            part.time.FromTimedelta(timedelta(seconds=said[1]))
    return found


def add_cost(
    experiment: Any,
    stage: reporter_pb2.Stage.ValueType,
    spent: cost_pb2.Cost,
    *,
    name: str = "operation",
    model: str = "model",
    training: str = "",
) -> None:
    """Let an operation of the experiment say what it cost."""
    experiment.request.costs.add(stage=stage, name=name, cost=spent, model=model, training=training)


def add_costs(experiment: Any, engine: cost_pb2.Devices = GPU) -> None:
    """Every operation says its cost: sampling one hour of `engine` and 1,000,000 tokens, each
    training half an hour of four cores, each evaluation a tenth of the sampling."""
    request = experiment.request
    models = {condition.training: condition.model for condition in request.conditions}
    for model in dict.fromkeys(models.values()):
        sampled = cost(tokens=1_000_000, graded=8_000, engine=(engine, 3600), grading=1800)
        add_cost(experiment, reporter_pb2.STAGE_SAMPLING, sampled, model=model)
    for training in request.training:
        add_cost(
            experiment,
            reporter_pb2.STAGE_TRAINING,
            cost(job=(CORES, 1800)),
            model=models[training.name],
            training=training.name,
        )
    for condition in request.conditions:
        evaluated = cost(tokens=100_000, graded=800, engine=(engine, 360), grading=180)
        add_cost(experiment, reporter_pb2.STAGE_EVALUATING, evaluated, model=condition.model)


def set_prices(experiment: Any, **prices: float) -> None:
    """Prices in a currency of nowhere."""
    experiment.request.prices.CopyFrom(reporter_pb2.Prices(currency="XTS", **prices))


def manifest(
    experiment: Any, name: str, *, problems: int, samples: int
) -> artifact_pb2.ArtifactRef:
    """The manifest of graded samples."""
    rollouts = RolloutSet(
        samples=StoredArtifact.of(experiment.put(f"samples of {name}\n".encode())),
        problems=StoredArtifact.of(experiment.put(f"problems of {name}\n".encode())),
        model="model",
        adapter_sha256="",
        endpoint="",
        sampling=SamplingParameters(8, 0.8, 1.0, 96, 0),
        round_size=8,
        temperatures=(0.8,),
        enough_of_each=4,
        template="completion",
        template_sha256="0" * 64,
        grader=GraderIdentity("1" * 64, "namespaces", "3.11"),
        problems_given=problems,
        duplicates=(),
        excluded=(),
        problems_with_both=1,
        samples_drawn=samples,
        passed=1,
    )
    ref: artifact_pb2.ArtifactRef = experiment.put(dump_rollout_set(rollouts))
    return ref


def set_directory(experiment: Any, adapter: artifact_pb2.ArtifactRef, **sizes: int) -> None:
    """Make an adapter a directory of files with these sizes."""
    files = {name: {"sha256": "2" * 64, "size_bytes": size} for name, size in sizes.items()}
    adapter.CopyFrom(experiment.put(json.dumps({"files": files}).encode()))
    adapter.media_type = DIRECTORY
