"""Foresees operations that are not done: the parts of their responses that later requests need, and
what the operations are expected to take.

References in the responses are to artifacts that do not exist, so no operation on them is found
done.
"""

import hashlib
from dataclasses import replace
from typing import Any, NamedTuple

from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import POLICY_LOSSES, resolve_run
from rlvf_client.planning.defaults import REPLACED, SOURCE
from rlvf_client.planning.rates import Evaluate, Rates, Rollouts, TrainingRates
from rlvf_client.planning.records import Work
from rlvf_common.rollouts.rollout_set import parse_rollout_set
from rlvf_common.storage.artifacts import ArtifactAccess

__all__ = ["Foreseen", "Foresight"]

Probe = pair_generator_pb2.ProbeRequest
Pairs = pair_generator_pb2.SelectPairsRequest
Answers = pair_generator_pb2.SelectAnswersRequest
Training = trainer_pb2.RunTrainingRequest
_STYLES = (sampling_pb2.PROMPT_STYLE_COMPLETION, sampling_pb2.PROMPT_STYLE_CHAT)


class Foreseen(NamedTuple):
    """The expected response and work of an operation, and the basis of the estimate."""

    response: Message
    work: Work
    basis: str


class Foresight:
    """Foresees operations, one after the other as an experiment asks for them. Blocks."""

    def __init__(self, rates: Rates, artifacts: ArtifactAccess) -> None:
        self._rates = rates
        self._artifacts = artifacts
        self._rows: dict[str, int] = {}
        """Numbers of records in files, by digest."""

    def foresee(self, request: Message, benchmark_sha256: str = "") -> Foreseen:
        """Foresee the operation of a request of an experiment; an evaluation is on the benchmark
        with that digest."""
        match request:
            case Probe():
                return self._probe(request)
            case Rollouts():
                return self._rollouts(request)
            case Pairs():
                return self._pairs(request)
            case Answers():
                return self._answers(request)
            case Training():
                return self._training(request)
            case Evaluate():
                return self._evaluation(request, benchmark_sha256)
        raise TypeError(f"no experiment makes a {type(request).__name__}")

    def _probe(self, request: Any) -> Foreseen:
        styles = request.styles or _STYLES
        rates = self._rates.sampling(Rollouts, request.model.base, request.sampling)
        readings = [
            pair_generator_pb2.StyleReading(style=style, samples=1, usable=1) for style in styles
        ]
        response = pair_generator_pb2.ProbeResponse(readings=readings, best=styles[0])
        samples = self._count(request.problems) * len(styles)
        return Foreseen(response, rates.work(samples), rates.basis)

    def _rollouts(self, request: Any) -> Foreseen:
        problems = self._count(request.problems)
        most = request.sampling.samples_per_problem or 1
        samples = round(problems * most * self._rates.drawn_share(request))
        response = pair_generator_pb2.GenerateRolloutsResponse(
            rollouts=self._nothing(request, "rollouts", rows=problems),
            problems=problems,
            problems_with_both=problems,
            samples_drawn=max(1, samples),
        )
        rates = self._rates.sampling(Rollouts, request.model.base, request.sampling)
        return Foreseen(response, rates.work(samples), rates.basis)

    def _pairs(self, request: Any) -> Foreseen:
        problems = self._problems_of(request.rollouts)
        count = max(1, round(problems * self._rates.pairs_a_problem(request)))
        response = pair_generator_pb2.SelectPairsResponse(
            rollouts=request.rollouts,
            pairs=self._nothing(request, "pairs", rows=max([count, *request.ladder])),
            problems=problems,
        )
        for size in request.ladder:
            response.ladder.add(
                size=size,
                pairs=self._nothing(request, f"first {size}", rows=size),
                curriculum=self._nothing(request, f"first {size}, easy first", rows=size),
            )
        return Foreseen(response, Work(), "")

    def _answers(self, request: Any) -> Foreseen:
        problems = self._problems_of(request.rollouts)
        count = max(1, round(problems * self._rates.answers_a_problem(request)))
        count = min(count, request.selection.keep or count)
        response = pair_generator_pb2.SelectAnswersResponse(
            rollouts=request.rollouts,
            answers=self._nothing(request, "answers", rows=count),
            count=count,
            problems=problems,
        )
        return Foreseen(response, Work(), "")

    def _training(self, request: Any) -> Foreseen:
        hyper = resolve_run(request)
        (source,) = (
            ref
            for name, ref in (
                ("answers", request.answers),
                ("pairs", request.pairs),
                ("problems", request.problems),
            )
            if request.HasField(name)
        )
        records = self._count(source)
        total = hyper.total_steps(records)
        last = min(request.stop_after or total, total)
        # The rows of a file that stands for a checkpoint are the steps that were done.
        before = self._rows.get(request.checkpoint.sha256, 0)
        rates = self._rates.training(request)
        response = trainer_pb2.RunTrainingResponse(
            adapter=self._nothing(request, "adapter"),
            metrics=self._nothing(request, "metrics"),
            summary=trainer_pb2.TrainingSummary(pairs=records, steps=last),
        )
        if last < total:
            response.checkpoint.CopyFrom(self._nothing(request, "checkpoint", rows=last))
        share = max(0, last - before) / total
        trained = records * hyper.epochs * share
        if hyper.loss not in POLICY_LOSSES:
            seconds = rates.job_seconds + rates.record_seconds * trained
            return Foreseen(response, Work(device=rates.device, seconds=seconds), rates.basis)
        return Foreseen(response, self._online(request, trained, rates), rates.basis)

    def _online(self, request: Any, problems: float, rates: TrainingRates) -> Work:
        """What drawing, grading and learning from the answers to `problems` problems takes."""
        hyper = resolve_run(request)
        answers = problems * hyper.group_size
        drawn = answers * (REPLACED if hyper.resamples else 1.0)
        sampling = self._rates.sampling(
            Rollouts, request.sampling.served_model, request.sampling.sampling
        ).work(drawn)
        if rates.basis != SOURCE:
            # Drawing and training were measured together.
            return replace(sampling, device=rates.device, seconds=rates.record_seconds * problems)
        trained = rates.job_seconds + rates.record_seconds * answers
        return replace(sampling, seconds=sampling.seconds + trained)

    def _evaluation(self, request: Any, benchmark_sha256: str) -> Foreseen:
        benchmark = self._artifacts.find(benchmark_sha256)
        tasks = 0 if benchmark is None else self._count(benchmark)
        samples = tasks * (request.sampling.samples_per_problem or 1)
        rates = self._rates.sampling(
            Evaluate, request.model.base, request.sampling, request.benchmark
        )
        response = evaluator_pb2.EvaluateResponse(result=self._nothing(request, "result"))
        response.summary.calibration.benchmark_sha256 = benchmark_sha256
        return Foreseen(response, rates.work(samples), rates.basis)

    def _nothing(self, request: Message, what: str, *, rows: int = 0) -> artifact_pb2.ArtifactRef:
        """A reference to an artifact that the request would make, with `rows` records."""
        made = f"{what} of {request.SerializeToString(deterministic=True).hex()}"
        sha256 = hashlib.sha256(f"not made yet: {made}".encode()).hexdigest()
        self._rows[sha256] = rows
        return artifact_pb2.ArtifactRef(uri=f"planned:{sha256}", sha256=sha256)

    def _count(self, ref: artifact_pb2.ArtifactRef) -> int:
        """Records of a file, planned or existing."""
        if ref.sha256 not in self._rows:
            self._rows[ref.sha256] = sum(
                bool(line.strip()) for line in self._artifacts.get_bytes(ref).split(b"\n")
            )
        return self._rows[ref.sha256]

    def _problems_of(self, rollouts: artifact_pb2.ArtifactRef) -> int:
        """Problems of a set of samples, planned or existing."""
        if rollouts.sha256 not in self._rows:
            manifest = parse_rollout_set(self._artifacts.get_bytes(rollouts), where=rollouts.uri)
            self._rows[rollouts.sha256] = manifest.problems_sampled
        return self._rows[rollouts.sha256]
