"""Drives one experiment: pairs, a ladder of trainings, evaluations, comparisons, a report.

The driver has no state of its own. Every step is an operation whose id follows from its request
and from the code that carries it out, and operations are durable: running the same experiment
again finds what is done, and goes on with what is not.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf.reporter.v1 import reporter_pb2, reporter_pb2_grpc
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_client import config
from rlvf_client.endpoints import Endpoints
from rlvf_client.models import ServedModel
from rlvf_client.progress import Reporter, Stage
from rlvf_client.provenance import (
    code_digest,
    code_revision,
    directory_digest,
    package_versions,
)
from rlvf_common import starter
from rlvf_common.artifacts import JSONL, ArtifactStore
from rlvf_common.channels import CALL_TIMEOUT_SECONDS, open_channel, wait_operation
from rlvf_common.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    RlvfError,
    Unavailable,
    from_rpc_error,
)
from rlvf_common.problems import Problem, dump_problems, parse_problems

BASE = "base"
BASE_AGAIN = "base-again"

# A calibration of a large benchmark, or the drawing of a report, takes longer than other calls.
_SLOW_CALL_SECONDS = 600.0
# An operation that failed because a service was away is called again so often.
_ATTEMPTS = 5

# No more adapters than inference keeps loaded by default (`rlvf_inference.settings`).
_EVALUATIONS_AT_ONCE = 4

_CODE = {
    "pair-generator": ("rlvf_pair_generator", "rlvf_executor", "rlvf_inference"),
    "trainer": ("rlvf_trainer",),
    "evaluator": ("rlvf_evaluator", "rlvf_executor", "rlvf_inference"),
}

_PRECISIONS = {
    "nf4": trainer_pb2.PRECISION_NF4,
    "bf16": trainer_pb2.PRECISION_BF16,
    "fp32": trainer_pb2.PRECISION_FP32,
}

_STYLES = {
    "completion": sampling_pb2.PROMPT_STYLE_UNSPECIFIED,
    "chat": sampling_pb2.PROMPT_STYLE_CHAT,
}

ResponseT = TypeVar("ResponseT", bound=Message)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is evaluated: a base model, or an adapter trained on `pairs` pairs."""

    name: str
    pairs: int
    model: sampling_pb2.Model
    repetition: int = 0


class Driver:
    """Runs one experiment against services that `endpoints` knows, telling `reporter` what
    happens."""

    def __init__(
        self,
        experiment: config.Experiment,
        model: ServedModel,
        endpoints: Endpoints,
        reporter: Reporter,
    ) -> None:
        self._experiment = experiment
        self._model = model
        self._endpoints = endpoints
        self._reporter = reporter
        self._channels: dict[str, grpc.aio.Channel] = {}

    async def __aenter__(self) -> "Driver":
        return self

    async def __aexit__(self, *_: object) -> None:
        for channel in self._channels.values():
            await channel.close()

    async def run(self, out: Path) -> Path:
        """Run or resume the experiment; write the report below `out`, and return the path of its
        page.

        Raises:
            RlvfError: a step failed, or a service cannot be reached.
        """
        training = bool(self._experiment.training.ladder)
        with self._reporter.stage("services"):
            names = ["storage", "executor", "evaluator", "reporter"]
            await self._endpoints.ensure(
                *names, *(["pair-generator", "trainer"] if training else [])
            )
            self._store = ArtifactStore.connect(self._endpoints.storage_settings())
        benchmarks = await self._benchmarks()
        pairs = await self._generate_pairs(benchmarks) if training else None
        runs = await self._train(pairs) if pairs is not None else {}
        conditions = self._conditions(runs)
        evaluations = await self._evaluate_all(
            [(benchmark, condition) for benchmark in benchmarks for condition in conditions]
        )
        request = reporter_pb2.RenderReportRequest(
            experiment=self._experiment.name,
            conditions=[
                reporter_pb2.Condition(
                    name=condition.name,
                    model=self._model.name,
                    pairs=condition.pairs,
                    evaluation=evaluations[benchmark, condition.name],
                )
                for benchmark in benchmarks
                for condition in conditions
            ],
            training=[reporter_pb2.Training(name=name, run=run) for name, run in runs.items()],
            pairs=pairs,
            head_to_head=[
                await self._compare(benchmark, condition.name, evaluations)
                for benchmark in benchmarks
                for condition in conditions
                if condition.name != BASE
            ],
            versions=self._versions(benchmarks),
            settings=config.dump_experiment(self._experiment),
        )
        return await self._report(request, out)

    # Steps

    async def _benchmarks(self) -> dict[str, evaluator_pb2.Benchmark]:
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._channel("evaluator"))
        listed = await call(
            stub.ListBenchmarks(evaluator_pb2.ListBenchmarksRequest(), timeout=CALL_TIMEOUT_SECONDS)
        )
        known = {benchmark.name: benchmark for benchmark in listed.benchmarks}
        for name in self._experiment.evaluation.benchmarks:
            if name not in known:
                raise InvalidArgument(
                    "evaluation.benchmarks",
                    f"there is no benchmark {name!r}; there are: {', '.join(sorted(known))}",
                )
            if known[name].unavailable:
                raise FailedPrecondition(known[name].unavailable)
        return {name: known[name] for name in self._experiment.evaluation.benchmarks}

    async def _generate_pairs(
        self, benchmarks: dict[str, evaluator_pb2.Benchmark]
    ) -> pair_generator_pb2.GeneratePairsResponse:
        pairs = self._experiment.pairs
        request = pair_generator_pb2.GeneratePairsRequest(
            problems=self._store.put_bytes(dump_problems(self._problems()), JSONL),
            model=sampling_pb2.Model(base=self._model.name),
            sampling=sampling_pb2.Sampling(**pairs.sampling.model_dump()),
            selection=pair_generator_pb2.Selection(**pairs.selection.model_dump()),
            benchmarks=[benchmark.problems for benchmark in benchmarks.values()],
            ladder=self._experiment.training.ladder,
        )

        def show(stage: Stage, metadata: any_pb2.Any) -> None:
            progress = pair_generator_pb2.GeneratePairsMetadata()
            metadata.Unpack(progress)
            stage.update(progress.problems_done, progress.problems_total, "problems")

        stub = pair_generator_pb2_grpc.PairGeneratorServiceStub(self._channel("pair-generator"))
        response = await self._operate(
            "pairs",
            "pair-generator",
            stub.GeneratePairs,
            request,
            pair_generator_pb2.GeneratePairsResponse(),
            show,
        )
        last = response.steps[-1].after if response.steps else 0
        self._reporter.say(
            f"pairs: {last} from {response.problems} problems, of which "
            f"{response.problems_with_both} have both outcomes"
        )
        return response

    def _problems(self) -> list[Problem]:
        source = self._experiment.problems
        if source.source == "starter":
            problems = starter.load(source.split)
        else:
            path = Path(source.source).expanduser()
            try:
                problems = list(parse_problems(path.read_bytes(), where=str(path)))
            except OSError as error:
                reason = f"{path}: {error.strerror}"
                raise InvalidArgument("problems.source", reason) from None
            except ValueError as error:
                raise InvalidArgument("problems.source", str(error)) from None
        return problems[: source.limit or None]

    async def _train(
        self, pairs: pair_generator_pb2.GeneratePairsResponse
    ) -> dict[str, trainer_pb2.RunTrainingResponse]:
        stub = trainer_pb2_grpc.TrainerServiceStub(self._channel("trainer"))
        settings = self._experiment.training.model_dump(exclude={"ladder", "precision"})
        hyperparameters = trainer_pb2.Hyperparameters(
            precision=_PRECISIONS[self._experiment.training.precision], **settings
        )

        def show(stage: Stage, metadata: any_pb2.Any) -> None:
            progress = trainer_pb2.RunTrainingMetadata()
            metadata.Unpack(progress)
            note = f"steps, margin {progress.margin:+.4f}" if progress.step else "steps"
            stage.update(progress.step, progress.total_steps, note)

        return {
            f"dpo-{rung.size}": await self._operate(
                f"train dpo-{rung.size}",
                "trainer",
                stub.RunTraining,
                trainer_pb2.RunTrainingRequest(
                    base_model=self._model.source,
                    pairs=rung.pairs,
                    hyperparameters=hyperparameters,
                ),
                trainer_pb2.RunTrainingResponse(),
                show,
            )
            for rung in pairs.ladder
        }

    def _conditions(self, runs: dict[str, trainer_pb2.RunTrainingResponse]) -> list[Condition]:
        base = sampling_pb2.Model(base=self._model.name)
        conditions = [Condition(BASE, 0, base)]
        if self._experiment.evaluation.base_again:
            conditions.append(Condition(BASE_AGAIN, 0, base, repetition=1))
        for name, run in runs.items():
            adapted = sampling_pb2.Model(base=self._model.name, adapter=run.adapter)
            conditions.append(Condition(name, run.summary.pairs, adapted))
        return conditions

    async def _evaluate_all(
        self, wanted: Sequence[tuple[str, Condition]]
    ) -> dict[tuple[str, str], evaluator_pb2.EvaluateResponse]:
        """Evaluate conditions on benchmarks, several at a time: together they keep the engine
        full, where one alone leaves it idle while its last completions are written."""
        evaluations = {}
        for index, (benchmark, condition) in enumerate(wanted):
            for ahead in wanted[index + 1 : index + _EVALUATIONS_AT_ONCE]:
                # It is called again in its turn, so that one that fails is told there.
                with suppress(RlvfError):
                    await self._start_evaluation(*ahead)
            evaluations[benchmark, condition.name] = await self.evaluate(benchmark, condition)
        return evaluations

    async def _start_evaluation(self, benchmark: str, condition: Condition) -> None:
        request = self._evaluation(benchmark, condition)
        operation = await self._find("evaluator", self._identify("evaluator", request))
        if operation is None or not operation.done:
            await self._endpoints.ensure("inference")
            stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._channel("evaluator"))
            await call(stub.Evaluate(request, timeout=CALL_TIMEOUT_SECONDS, wait_for_ready=True))

    def _evaluation(self, benchmark: str, condition: Condition) -> evaluator_pb2.EvaluateRequest:
        evaluation = self._experiment.evaluation
        return evaluator_pb2.EvaluateRequest(
            benchmark=benchmark,
            model=condition.model,
            sampling=sampling_pb2.Sampling(
                prompt_style=_STYLES[evaluation.prompt_style], **evaluation.sampling.model_dump()
            ),
            repetition=condition.repetition,
        )

    async def evaluate(
        self, benchmark: str, condition: Condition
    ) -> evaluator_pb2.EvaluateResponse:
        """Evaluate one condition on one benchmark, or find that it is done."""
        request = self._evaluation(benchmark, condition)

        def show(stage: Stage, metadata: any_pb2.Any) -> None:
            progress = evaluator_pb2.EvaluateMetadata()
            metadata.Unpack(progress)
            stage.update(progress.tasks_done, progress.tasks_total, "tasks")

        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._channel("evaluator"))
        response = await self._operate(
            f"evaluate {condition.name} on {benchmark}",
            "evaluator",
            stub.Evaluate,
            request,
            evaluator_pb2.EvaluateResponse(),
            show,
        )
        summary = response.summary
        self._reporter.say(
            f"{condition.name} on {benchmark}: {summary.passed}/{summary.samples} passed, pass@1 "
            f"{summary.pass_at_1:.1%} (95% CI {summary.ci95.low:.1%} to {summary.ci95.high:.1%})"
        )
        return response

    async def _compare(
        self,
        benchmark: str,
        treatment: str,
        evaluations: dict[tuple[str, str], evaluator_pb2.EvaluateResponse],
    ) -> reporter_pb2.HeadToHead:
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._channel("evaluator"))
        request = evaluator_pb2.CompareRequest(
            baseline=evaluations[benchmark, BASE].result,
            treatment=evaluations[benchmark, treatment].result,
        )
        response = await call(stub.Compare(request, timeout=_SLOW_CALL_SECONDS))
        return reporter_pb2.HeadToHead(
            benchmark=benchmark,
            baseline=BASE,
            treatment=treatment,
            comparison=response.comparison,
        )

    async def _report(self, request: reporter_pb2.RenderReportRequest, out: Path) -> Path:
        stub = reporter_pb2_grpc.ReporterServiceStub(self._channel("reporter"))
        with self._reporter.stage("report"):
            rendered = await call(stub.RenderReport(request, timeout=_SLOW_CALL_SECONDS))
            files = {
                "report.json": rendered.json,
                "report.md": rendered.markdown,
                "report.html": rendered.html,
            }
            for name, ref in files.items():
                self._store.get_file(ref, out / name)
        self._reporter.say(
            f"report digest: {_digest(rendered.json, rendered.markdown, rendered.html)}"
        )
        return out / "report.html"

    def _versions(self, benchmarks: dict[str, evaluator_pb2.Benchmark]) -> dict[str, str]:
        versions = {
            "code revision": code_revision(),
            "model": self._model.name,
            **package_versions(),
            **{f"benchmark {name}": one.problems.sha256 for name, one in benchmarks.items()},
        }
        if (directory := Path(self._model.source)).is_dir():
            versions["model sha256"] = directory_digest(directory)
        return versions

    # Calls

    def _channel(self, service: str) -> grpc.aio.Channel:
        if service not in self._channels:
            transport = self._endpoints.transport()
            self._channels[service] = open_channel(
                self._endpoints.address(service),
                token=transport.auth_token,
                tls_ca=transport.tls_ca,
            )
        return self._channels[service]

    async def _operate(
        self,
        title: str,
        service: str,
        method: Any,  # a grpc.aio multi-callable; the stubs give no common type for them
        request: Any,
        response: ResponseT,
        show: Any,
    ) -> ResponseT:
        """Carry out an operation, or find that it is done; `response` is filled and returned."""
        operation = await self._find(service, self._identify(service, request))
        if operation is None or not operation.done or operation.HasField("error"):
            if service != "trainer":
                await self._endpoints.ensure("inference")
            with self._reporter.stage(title) as stage:
                operation = await self._finish(
                    service, method, request, lambda metadata: show(stage, metadata)
                )
        else:
            self._reporter.say(f"{title}: already done")
        operation.response.Unpack(response)
        return response

    def _identify(self, service: str, request: Any) -> str:
        """The name of the request's operation; `request` gets its id."""
        code = code_digest("rlvf", "rlvf_common", *_CODE[service])
        body = request.SerializeToString(deterministic=True)
        digest = hashlib.sha256(code.encode() + body).hexdigest()
        request.request_id = f"{self._experiment.name}-{digest[:32]}"
        return f"operations/{service}/{request.request_id}"

    async def _find(self, service: str, name: str) -> operations_pb2.Operation | None:
        stub = operations_pb2_grpc.OperationsStub(self._channel(service))
        request = operations_pb2.GetOperationRequest(name=name)
        try:
            return await call(stub.GetOperation(request, timeout=CALL_TIMEOUT_SECONDS))
        except NotFound:
            return None

    async def _finish(
        self, service: str, method: Any, request: Message, on_progress: Any
    ) -> operations_pb2.Operation:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                operation = await call(
                    method(request, timeout=CALL_TIMEOUT_SECONDS, wait_for_ready=True)
                )
                return await wait_operation(
                    self._channel(service), operation, on_progress=on_progress
                )
            except Unavailable as error:
                if attempt == _ATTEMPTS:
                    raise
                self._reporter.say(f"trying again: {error}")
        raise AssertionError("unreachable")


async def call(call: Any) -> Any:
    """Await a call; its failure is an RlvfError."""
    try:
        return await call
    except grpc.RpcError as error:
        raise from_rpc_error(error) from None


def _digest(*refs: artifact_pb2.ArtifactRef) -> str:
    return hashlib.sha256("".join(ref.sha256 for ref in refs).encode()).hexdigest()
