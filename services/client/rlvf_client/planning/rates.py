"""Rates by which a plan estimates: of the last operations of the same model and kind, else stated
defaults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import resolve_run
from rlvf_client.planning import defaults
from rlvf_client.planning.history import History, Past
from rlvf_client.planning.records import Device, Work

__all__ = ["Rates", "SamplingRates", "TrainingRates"]

_MOST = 8
"""So many of the newest operations are averaged."""
_MAX_TOKENS = 512
"""What services take for `max_tokens` where none is given."""

Kind = Literal["pairs", "answers", "problems"]

Rollouts = pair_generator_pb2.GenerateRolloutsRequest
Evaluate = evaluator_pb2.EvaluateRequest


@dataclass(frozen=True, slots=True)
class SamplingRates:
    """How a model writes, and how its answers are graded. `basis` says where that comes from."""

    device: Device
    tokens_a_sample: float
    token_seconds: float
    grading_seconds: float
    basis: str

    def work(self, samples: float) -> Work:
        """What so many samples take."""
        tokens = samples * self.tokens_a_sample
        return Work(
            tokens,
            samples,
            self.device,
            tokens * self.token_seconds,
            samples * self.grading_seconds,
        )


@dataclass(frozen=True, slots=True)
class TrainingRates:
    """How long training takes: a job beside its steps, and a record in one epoch."""

    device: Device
    job_seconds: float
    record_seconds: float
    basis: str


class Rates:
    """Rates of the operations in a history, and defaults for `device`."""

    def __init__(
        self, history: History, device: Device, gigabytes: Mapping[str, float | None]
    ) -> None:
        """`gigabytes` of the weights of each model, by its name at inference and by its source;
        None where they are not known, which are taken for one."""
        self._history = history
        self._device = device
        self._gigabytes = gigabytes

    def sampling(
        self, kind: type[Any], model: str, sampling: sampling_pb2.Sampling, benchmark: str = ""
    ) -> SamplingRates:
        """Of a model, for operations with a request of that kind; for evaluations on a
        benchmark."""
        limit = sampling.max_tokens or _MAX_TOKENS

        def likeness(past: Past) -> int:
            other = past.request.sampling
            evaluated = past.request.benchmark if isinstance(past.request, Evaluate) else ""
            return (
                8 * isinstance(past.request, kind)
                + 4 * (evaluated == benchmark)
                + 2 * (_style(other) == _style(sampling))
                + ((other.max_tokens or _MAX_TOKENS) == limit)
            )

        found = _likest(
            [
                past
                for past in self._history.of(Rollouts, Evaluate)
                if past.request.model.base == model and past.response.cost.tokens
            ],
            likeness,
        )
        if not found:
            gigabytes = self._gigabytes_of(model)
            return SamplingRates(
                self._device,
                defaults.TOKEN_SHARE * limit,
                defaults.token_seconds(self._device, gigabytes),
                defaults.GRADING_SECONDS,
                defaults.SOURCE,
            )
        works = [Work.of(past.response.cost) for past in found]
        samples = sum(map(_samples, found))
        tokens = sum(work.tokens for work in works)
        limits = sum(
            _samples(past) * (past.request.sampling.max_tokens or _MAX_TOKENS) for past in found
        )
        return SamplingRates(
            works[0].device,
            # Answers are taken to be as long in proportion to what they may have.
            limit * tokens / limits,
            sum(work.seconds for work in works) / tokens,
            sum(work.grading_seconds for work in works) / samples,
            _measured(found),
        )

    def drawn_share(self, request: Rollouts) -> float:
        """Which share of the samples that problems may have is drawn, where there are rounds."""
        most = request.sampling.samples_per_problem
        if not request.rounds.size:
            return 1.0
        found = [
            past
            for past in self._history.of(Rollouts)
            if past.request.model.base == request.model.base
            and past.request.rounds == request.rounds
            and past.request.sampling.samples_per_problem == most
            and past.response.problems
        ]
        if found:
            last = found[0].response
            return float(last.samples_drawn / (last.problems * most))
        first = request.rounds.size / most
        return first + defaults.DRAWN_IN_ROUNDS * (1 - first)

    def answers_a_problem(self, request: pair_generator_pb2.SelectAnswersRequest) -> float:
        """How many answers selection leaves a problem."""
        rules = request.selection
        for past in self._history.of(pair_generator_pb2.SelectAnswersRequest):
            same = past.request.trained_model == request.trained_model
            # One that was cut at `keep` does not say how many there were.
            if same and past.response.problems and not past.request.selection.keep:
                return float(past.response.count / past.response.problems)
        return defaults.answers_a_problem(rules.max_answers_per_problem)

    def pairs_a_problem(self, request: pair_generator_pb2.SelectPairsRequest) -> float:
        """How many pairs selection leaves a problem."""
        for past in self._history.of(pair_generator_pb2.SelectPairsRequest):
            same = past.request.trained_model == request.trained_model
            if same and past.response.problems and past.response.steps:
                return float(past.response.steps[-1].after / past.response.problems)
        return min(defaults.PAIRS_A_PROBLEM, float(request.selection.max_pairs_per_problem))

    def training(self, request: trainer_pb2.RunTrainingRequest) -> TrainingRates:
        """Of the request's model, on records of its kind. Of problems it has what sampling and
        grading take too, where it was measured; else `answers` are what is trained on."""
        kind: Kind = (
            "answers"
            if request.HasField("answers")
            else "problems"
            if request.HasField("problems")
            else "pairs"
        )
        found = [
            past
            for past in self._history.of(trainer_pb2.RunTrainingRequest)
            if past.request.base_model == request.base_model
            and past.request.HasField(kind)
            # One that goes on from a checkpoint has a duration of all its parts.
            and not past.request.HasField("checkpoint")
            and past.response.cost.HasField("training")
        ][:_MOST]
        if not found:
            return TrainingRates(
                self._device,
                defaults.JOB_SECONDS,
                defaults.record_seconds(
                    self._device,
                    self._gigabytes_of(request.base_model),
                    "pairs" if kind == "pairs" else "answers",
                ),
                defaults.SOURCE,
            )
        jobs = [Work.of(past.response.cost) for past in found]
        steps = [past.response.summary.duration.ToTimedelta().total_seconds() for past in found]
        records = sum(past.response.summary.pairs * _epochs(past) for past in found)
        if kind == "problems":
            # While it samples it takes no step, and that is as long as its problems are many.
            seconds = sum(job.seconds for job in jobs)
            return TrainingRates(jobs[0].device, 0.0, seconds / records, _measured(found))
        return TrainingRates(
            jobs[0].device,
            max(0.0, sum(job.seconds for job in jobs) - sum(steps)) / len(found),
            sum(steps) / records,
            _measured(found),
        )

    def _gigabytes_of(self, model: str) -> float:
        known = self._gigabytes.get(model)
        return 1.0 if known is None else known


def _likest(past: Sequence[Past], likeness: Callable[[Past], int]) -> list[Past]:
    """The newest of those that are most alike."""
    most = max(map(likeness, past), default=0)
    return [one for one in past if likeness(one) == most][:_MOST]


def _measured(found: Sequence[Past]) -> str:
    return f"as measured in {len(found)} earlier operation{'s' * (len(found) > 1)}"


def _style(sampling: sampling_pb2.Sampling) -> int:
    return sampling.prompt_style or sampling_pb2.PROMPT_STYLE_COMPLETION


def _samples(past: Past) -> int:
    """Samples of its result."""
    if isinstance(past.request, Evaluate):
        return int(past.response.summary.samples)
    return int(past.response.samples_drawn)


def _epochs(past: Past) -> float:
    """Of a run that went to its end."""
    hyper = resolve_run(past.request)
    summary = past.response.summary
    return float(hyper.epochs * summary.steps / hyper.total_steps(summary.pairs))
