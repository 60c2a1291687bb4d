"""Has the evaluator evaluate models and adapters on benchmarks."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest

from google.protobuf import any_pb2

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.reporter.v1 import reporter_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument, RlvfError
from rlvf_client.experiment.calls import Calls, call
from rlvf_client.experiment.checking import nearest
from rlvf_client.experiment.sections import Evaluation, Sampling
from rlvf_client.experiment.subject import Subject
from rlvf_client.progress.console import Reporter, Stage
from rlvf_client.progress.live_counts import evaluation_note
from rlvf_common.rollouts.sampling import STYLE_NUMBERS
from rlvf_common.rpc.channels import CALL_TIMEOUT_SECONDS

__all__ = ["Condition", "Evaluations"]

# While the last completions of an evaluation are written, the engine is partly idle. In an
# evaluation of fewer answers than this the next one is worth starting beside it. In a larger one
# the second adapter in each batch costs more: on two cores 233 instead of 287 tokens a second.
_SMALL_EVALUATION_ANSWERS = 1_000

Responses = Mapping[tuple[str, str, bool], evaluator_pb2.EvaluateResponse]
"""By benchmark, name of the condition, and whether this is its additional greedy evaluation."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is evaluated: a base model, or an adapter."""

    name: str
    recipe: str
    """The recipe that it is a run of; its own name where it is the only run."""
    subject: Subject
    model: sampling_pb2.Model
    repetition: int = 0
    greedy: bool = False
    """Whether it is sampled greedily instead of as the section says."""

    @property
    def title(self) -> str:
        """Its name, for people."""
        return f"{self.name}, greedy," if self.greedy else self.name


class Evaluations:
    """Evaluates conditions as the section `evaluation` says."""

    def __init__(self, evaluation: Evaluation, calls: Calls, reporter: Reporter) -> None:
        self._settings = evaluation
        self._calls = calls
        self._reporter = reporter

    async def benchmarks(self) -> dict[str, evaluator_pb2.Benchmark]:
        """The section's benchmarks by name, as the evaluator has them now.

        Raises:
            InvalidArgument: the evaluator does not know one of them.
            FailedPrecondition: the evaluator cannot run one of them.
        """
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._calls.channel("evaluator"))
        listed = await call(
            stub.ListBenchmarks(evaluator_pb2.ListBenchmarksRequest(), timeout=CALL_TIMEOUT_SECONDS)
        )
        known = {benchmark.name: benchmark for benchmark in listed.benchmarks}
        wanted = [benchmark.name for benchmark in self._settings.benchmarks]
        for name in wanted:
            if name not in known:
                raise InvalidArgument(
                    "evaluation.benchmarks",
                    f"there is no benchmark {name!r}; there are: {', '.join(sorted(known))}"
                    f"{nearest(name, list(known))}",
                )
            if known[name].unavailable:
                raise FailedPrecondition(known[name].unavailable)
        return {name: known[name] for name in wanted}

    def is_greedy(self, benchmark: str) -> bool:
        """Whether the section samples a benchmark greedily."""
        return self._settings.sampling_on(benchmark).temperature == 0.0

    async def evaluate_all(
        self, wanted: Sequence[tuple[evaluator_pb2.Benchmark, Condition]]
    ) -> Responses:
        """Evaluate conditions on benchmarks in the given order; while a small evaluation runs, the
        next one is started, to keep the engine full.

        Raises the RlvfError of the first evaluation, in the given order, that fails.
        """
        evaluations: dict[tuple[str, str, bool], evaluator_pb2.EvaluateResponse] = {}
        for (benchmark, condition), following in zip_longest(wanted, wanted[1:]):
            if following and self._is_small(benchmark, condition):
                await self._start(*following)
            evaluation = await self.evaluate(benchmark, condition)
            evaluations[benchmark.name, condition.name, condition.greedy] = evaluation
        return evaluations

    def _is_small(self, benchmark: evaluator_pb2.Benchmark, condition: Condition) -> bool:
        sampling = self.request(benchmark.name, condition).sampling
        return benchmark.tasks * sampling.samples_per_problem < _SMALL_EVALUATION_ANSWERS

    async def _start(self, benchmark: evaluator_pb2.Benchmark, condition: Condition) -> None:
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._calls.channel("evaluator"))
        # `evaluate` calls it again in its turn, and reports a failure there.
        with suppress(RlvfError):
            await self._calls.start(
                "evaluator",
                stub.Evaluate,
                self.request(benchmark.name, condition),
                _versions(benchmark, condition),
                needs=["inference"],
            )

    def request(self, benchmark: str, condition: Condition) -> evaluator_pb2.EvaluateRequest:
        """The request to evaluate a condition on a benchmark."""
        sampling = self._settings.sampling_on(benchmark)
        if condition.greedy:
            sampling = Sampling(max_tokens=sampling.max_tokens)
        return evaluator_pb2.EvaluateRequest(
            benchmark=benchmark,
            model=condition.model,
            sampling=sampling_pb2.Sampling(
                prompt_style=STYLE_NUMBERS[condition.subject.style], **sampling.model_dump()
            ),
            repetition=condition.repetition,
        )

    async def evaluate(
        self, benchmark: evaluator_pb2.Benchmark, condition: Condition
    ) -> evaluator_pb2.EvaluateResponse:
        """Evaluate one condition on one of `benchmarks`, or find that it is done.

        Raises:
            FailedPrecondition: it was done on another version of the benchmark.
            RlvfError: it failed, or a service cannot be reached.
        """
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._calls.channel("evaluator"))
        response = await self._calls.operate(
            f"evaluate {condition.title} on {benchmark.name}",
            "evaluator",
            stub.Evaluate,
            self.request(benchmark.name, condition),
            evaluator_pb2.EvaluateResponse(),
            _show,
            _versions(benchmark, condition),
            needs=["inference"],
            cost_of=reporter_pb2.OperationCost(
                stage=reporter_pb2.STAGE_EVALUATING, model=condition.subject.served.name
            ),
        )
        summary = response.summary
        if summary.calibration.benchmark_sha256 != benchmark.problems.sha256:
            raise FailedPrecondition(
                f"{condition.name} was evaluated on another version of {benchmark.name} than the "
                "evaluator listed before; run again when all its replicas have the same one"
            )
        self._reporter.say(
            f"{condition.title} on {benchmark.name}: {summary.passed}/{summary.samples} passed, "
            f"pass@1 {summary.pass_at_1:.1%} "
            f"(95% CI {summary.ci95.low:.1%} to {summary.ci95.high:.1%})"
        )
        return response


def _show(stage: Stage, metadata: any_pb2.Any) -> None:
    """Update a stage from the metadata of an evaluation."""
    progress = evaluator_pb2.EvaluateMetadata()
    metadata.Unpack(progress)
    stage.update(
        progress.tasks_done,
        progress.tasks_total,
        evaluation_note(progress),
        tokens=progress.tokens,
    )


def _versions(benchmark: evaluator_pb2.Benchmark, condition: Condition) -> dict[str, str]:
    """The versions of what an evaluation names: the model and the benchmark."""
    return {**condition.subject.version, "benchmark": benchmark.problems.sha256}
