"""Lists every file that a request names, with one line of Python that loads it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rlvf.artifact.v1 import artifact_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.rollouts.rollout_set import RolloutSet
from rlvf_reporter import formatting as fmt
from rlvf_reporter.evidence import Evidence
from rlvf_reporter.files.records import DataFile
from rlvf_reporter.training_data.records import AnswerSet, PairSet

__all__ = ["data_files"]

_FETCH = "from rlvf_client.files import fetch"
_ROWS = (
    f"from datasets import load_dataset; {_FETCH}; "
    'rows = load_dataset("json", data_files=fetch("{sha256}"), split="train")'
)
_JSON = (
    f"import json, pathlib; {_FETCH}; "
    'record = json.loads(pathlib.Path(fetch("{sha256}")).read_text())'
)
_ADAPTER = (
    f"from peft import AutoPeftModelForCausalLM; {_FETCH}; "
    'model = AutoPeftModelForCausalLM.from_pretrained(fetch("{sha256}"))'
)


class _Found(NamedTuple):
    kind: str
    name: str
    ref: artifact_pb2.ArtifactRef
    rows: int | None = None
    line: str = _ROWS


def data_files(
    request: reporter_pb2.RenderReportRequest,
    evidence: Evidence,
    data: Sequence[PairSet | AnswerSet],
) -> Iterator[DataFile]:
    """Every file that the request names, once, under its first name."""
    seen: set[str] = set()
    for found in _all(request, evidence, data):
        if found.ref.sha256 not in seen:
            seen.add(found.ref.sha256)
            size: int | None = found.ref.size_bytes
            if found.line == _ADAPTER:
                size = evidence.adapter_bytes.get(found.ref.sha256)
            yield DataFile(
                kind=found.kind,
                name=found.name,
                sha256=found.ref.sha256,
                rows=found.rows,
                size_bytes=size,
                load=found.line.format(sha256=found.ref.sha256),
            )


def _all(
    request: reporter_pb2.RenderReportRequest,
    evidence: Evidence,
    data: Sequence[PairSet | AnswerSet],
) -> Iterator[_Found]:
    for benchmark, ref in sorted(request.problems.items()):
        yield _Found("problems", benchmark, ref, len(evidence.prompts[benchmark]))
    for message, record in zip(request.data, data, strict=True):
        yield from _trained_on(message, record, evidence)
    for training in request.training:
        name = training.name
        yield _Found("adapter", name, training.run.adapter, None, _ADAPTER)
        yield _Found("metrics", name, training.run.metrics, training.run.summary.steps)
        for checkpoint in training.validation:
            if checkpoint.HasField("rollouts"):
                yield from _sampled(
                    evidence.rollout_sets[checkpoint.rollouts.sha256],
                    f"{name} after step {checkpoint.step}, validation",
                    "held-out problems",
                )
    for condition, result, greedy in zip(
        request.conditions, evidence.results, evidence.greedy, strict=True
    ):
        place = f"{condition.name} on {result.benchmark}"
        yield _Found("result", place, condition.result, len(result.results), _JSON)
        if condition.HasField("completions"):
            yield _Found("completions", place, condition.completions, len(result.results))
        if greedy is not None:
            name = f"{place}, greedy"
            yield _Found("result", name, condition.greedy, len(greedy.results), _JSON)


def _trained_on(
    message: reporter_pb2.TrainingData, record: PairSet | AnswerSet, evidence: Evidence
) -> Iterator[_Found]:
    name = message.name
    selected = message.pairs if message.HasField("pairs") else message.answers
    rollouts = evidence.rollout_sets.get(selected.rollouts.sha256)
    if rollouts is None:
        yield _Found("graded samples", name, selected.samples)
    else:
        yield from _sampled(rollouts, name, "training problems")
    if message.HasField("answers"):
        yield _Found("answers", name, message.answers.answers, record.records)
        return
    yield _Found("pairs", name, message.pairs.pairs, record.records)
    for rung in message.pairs.ladder:
        yield _Found("pairs", f"{name}, the first {fmt.count(rung.size)}", rung.pairs, rung.size)
        if rung.HasField("curriculum"):
            title = f"{name}, the first {fmt.count(rung.size)}, easy first"
            yield _Found("pairs", title, rung.curriculum, rung.size)


def _sampled(rollouts: RolloutSet, name: str, kind: str) -> Iterator[_Found]:
    yield _Found(kind, name, rollouts.problems.ref, rollouts.problems_sampled)
    yield _Found("graded samples", name, rollouts.samples.ref, rollouts.samples_drawn)
