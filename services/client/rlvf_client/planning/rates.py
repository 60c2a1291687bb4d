"""Rates for the estimates of a plan: from the last operations of the same model and kind, else from
stated defaults."""

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
"""Maximum number of operations, the newest ones, that are averaged."""
_MAX_TOKENS = 512
"""The services' default of `max_tokens`."""

Kind = Literal["pairs", "answers", "problems"]

Rollouts = pair_generator_pb2.GenerateRolloutsRequest
Evaluate = evaluator_pb2.EvaluateRequest


@dataclass(frozen=True, slots=True)
class SamplingRates:
    """How fast a model writes, and how fast its answers are graded; `basis` says where the rates
    come from."""

    device: Device
    tokens_a_sample: float
    token_seconds: float
    grading_seconds: float
    basis: str

    def work(self, samples: float) -> Work:
        """What `samples` samples take."""
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
    """How long training takes: a job apart from its steps, and a record in one epoch."""

    device: Device
    job_seconds: float
    record_seconds: float
    basis: str


class Rates:
    """Rates from the operations in a history, and defaults for `device`."""

    def __init__(
        self, history: History, device: Device, gigabytes: Mapping[str, float | None]
    ) -> None:
        """`gigabytes` has the size of each model's weights in 10^9 bytes, by its name at inference
        and by its source; None where it is not known, and 1 is assumed."""
        self._history = history
        self._device = device
        self._gigabytes = gigabytes

    def sampling(
        self, kind: type[Any], model: str, sampling: sampling_pb2.Sampling, benchmark: str = ""
    ) -> SamplingRates:
        """The rates of sampling a model, for operations with a request of `kind`; an evaluation is
        on `benchmark`."""
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
            # The length of answers is assumed to be proportional to their limit.
            limit * tokens / limits,
            sum(work.seconds for work in works) / tokens,
            sum(work.grading_seconds for work in works) / samples,
            _measured(found),
        )

    def drawn_share(self, request: Rollouts) -> float:
        """The share of the maximum number of samples that is drawn, where there are rounds."""
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
        """How many answers selection leaves per problem."""
        rules = request.selection
        for past in self._history.of(pair_generator_pb2.SelectAnswersRequest):
            same = past.request.trained_model == request.trained_model
            # A selection that was cut at `keep` does not show how many there were.
            if same and past.response.problems and not past.request.selection.keep:
                return float(past.response.count / past.response.problems)
        return defaults.answers_a_problem(rules.max_answers_per_problem)

    def pairs_a_problem(self, request: pair_generator_pb2.SelectPairsRequest) -> float:
        """How many pairs selection leaves per problem."""
        for past in self._history.of(pair_generator_pb2.SelectPairsRequest):
            same = past.request.trained_model == request.trained_model
            if same and past.response.problems and past.response.steps:
                return float(past.response.steps[-1].after / past.response.problems)
        return min(defaults.PAIRS_A_PROBLEM, float(request.selection.max_pairs_per_problem))

    def training(self, request: trainer_pb2.RunTrainingRequest) -> TrainingRates:
        """The rates of training the request's model on records of its kind. For problems, measured
        rates include sampling and grading; default rates are per answer."""
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
            # The duration of a run that continues from a checkpoint is that of all its parts.
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
            # A job takes no step while it samples, which takes time in proportion to its problems.
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
    """The newest of the most similar operations."""
    most = max(map(likeness, past), default=0)
    return [one for one in past if likeness(one) == most][:_MOST]


def _measured(found: Sequence[Past]) -> str:
    return f"as measured in {len(found)} earlier operation{'s' * (len(found) > 1)}"


def _style(sampling: sampling_pb2.Sampling) -> int:
    return sampling.prompt_style or sampling_pb2.PROMPT_STYLE_COMPLETION


def _samples(past: Past) -> int:
    """Number of samples in its result."""
    if isinstance(past.request, Evaluate):
        return int(past.response.summary.samples)
    return int(past.response.samples_drawn)


def _epochs(past: Past) -> float:
    """Epochs that a run trained, which may have ended early."""
    hyper = resolve_run(past.request)
    summary = past.response.summary
    return float(hyper.epochs * summary.steps / hyper.total_steps(summary.pairs))
