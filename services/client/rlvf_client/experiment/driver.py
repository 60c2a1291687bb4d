"""Drives one experiment: samples, pairs, trainings, evaluations, a report.

The driver has no state of its own. Every step is an operation whose id follows from its request,
from the versions of the model and of the benchmark that the request names, and from the code that
carries it out, and operations are durable: running the same experiment again finds what is done,
and goes on with what is not.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from google.protobuf import any_pb2

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf.reporter.v1 import reporter_pb2, reporter_pb2_grpc
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import FailedPrecondition, InvalidArgument, RlvfError
from rlvf_client.experiment import config
from rlvf_client.experiment.analysis import compare_with_base, trends_along
from rlvf_client.experiment.calls import SLOW_CALL_SECONDS, Calls, call
from rlvf_client.experiment.endpoints import Endpoints
from rlvf_client.experiment.pair_requests import rollouts_request, selection_request
from rlvf_client.experiment.progress import Reporter, Stage
from rlvf_client.experiment.provenance import WEIGHTS, model_version
from rlvf_client.experiment.sources import load_problems
from rlvf_client.experiment.versions import reported_versions
from rlvf_client.local_stack.models import ServedModel
from rlvf_common.problems.problem import dump_problems
from rlvf_common.rpc.channels import CALL_TIMEOUT_SECONDS
from rlvf_common.rpc.version import service_version
from rlvf_common.storage.artifacts import JSONL, ArtifactStore

BASE = "base"
BASE_AGAIN = "base-again"

# No more adapters than inference keeps loaded by default (`rlvf_inference.settings`).
_EVALUATIONS_AT_ONCE = 4

_STYLES = {
    "completion": sampling_pb2.PROMPT_STYLE_UNSPECIFIED,
    "chat": sampling_pb2.PROMPT_STYLE_CHAT,
}


@dataclass(frozen=True, slots=True)
class Training:
    """One run of a recipe, to be carried out."""

    name: str
    recipe: str
    pairs: artifact_pb2.ArtifactRef
    hyperparameters: trainer_pb2.Hyperparameters


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is evaluated: a base model, or an adapter."""

    name: str
    recipe: str
    """What it is a run of; its own name where it is the only one."""
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
        self._calls = Calls(experiment.name, endpoints, reporter)
        self._model_version: dict[str, str] = {}

    async def __aenter__(self) -> "Driver":
        # Once for all operations: the files may be gigabytes.
        with self._reporter.stage("version of the model"):
            self._model_version = await asyncio.to_thread(model_version, self._model.source)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._calls.close()

    @property
    def versions_of_model(self) -> Mapping[str, str]:
        """What the model's name stands for, as `model_version` says it."""
        return self._model_version

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
        benchmarks = await self.benchmarks()
        pairs = None
        if training:
            pairs = await self._select_pairs(await self._generate_rollouts(benchmarks))
        trainings = self._trainings(pairs) if pairs is not None else []
        runs = {training.name: await self._train(training) for training in trainings}
        conditions = self._conditions(trainings, runs)
        evaluations = await self._evaluate_all(
            [(one, condition) for one in benchmarks.values() for condition in conditions]
        )
        recipes = list(dict.fromkeys(condition.recipe for condition in conditions))
        request = reporter_pb2.RenderReportRequest(
            experiment=self._experiment.name,
            conditions=[
                reporter_pb2.Condition(
                    name=condition.name,
                    model=self._model.name,
                    training=condition.name if condition.name in runs else "",
                    result=evaluations[benchmark, condition.name].result,
                    run_of=condition.recipe,
                )
                for benchmark in benchmarks
                for condition in conditions
            ],
            training=[reporter_pb2.Training(name=name, run=run) for name, run in runs.items()],
            pairs=pairs,
            head_to_head=compare_with_base(benchmarks, recipes, BASE),
            trends=trends_along(benchmarks, self._ladders(trainings, runs)),
            versions=await self._versions(evaluations),
            settings=config.dump_experiment(self._experiment),
        )
        return await self._report(request, out)

    # Steps

    async def benchmarks(self) -> dict[str, evaluator_pb2.Benchmark]:
        """The experiment's benchmarks by name, as the evaluator has them now.

        Raises:
            InvalidArgument: it does not know one of them.
            FailedPrecondition: it cannot run one of them.
        """
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._calls.channel("evaluator"))
        listed = await call(
            stub.ListBenchmarks(evaluator_pb2.ListBenchmarksRequest(), timeout=CALL_TIMEOUT_SECONDS)
        )
        known = {benchmark.name: benchmark for benchmark in listed.benchmarks}
        wanted = [benchmark.name for benchmark in self._experiment.evaluation.benchmarks]
        for name in wanted:
            if name not in known:
                raise InvalidArgument(
                    "evaluation.benchmarks",
                    f"there is no benchmark {name!r}; there are: {', '.join(sorted(known))}",
                )
            if known[name].unavailable:
                raise FailedPrecondition(known[name].unavailable)
        return {name: known[name] for name in wanted}

    async def _generate_rollouts(
        self, benchmarks: dict[str, evaluator_pb2.Benchmark]
    ) -> pair_generator_pb2.GenerateRolloutsResponse:
        problems = load_problems(
            self._experiment.problems, seed=self._experiment.pairs.sampling.seed
        )
        request = rollouts_request(
            self._experiment,
            self._sampler(),
            self._store.put_bytes(dump_problems(problems), JSONL),
            [benchmark.problems for benchmark in benchmarks.values()],
        )

        def show(stage: Stage, metadata: any_pb2.Any) -> None:
            progress = pair_generator_pb2.GenerateRolloutsMetadata()
            metadata.Unpack(progress)
            stage.update(progress.problems_done, progress.problems_total, "problems")

        channel = self._calls.channel("pair-generator")
        response = await self._calls.operate(
            "rollouts",
            "pair-generator",
            pair_generator_pb2_grpc.PairGeneratorServiceStub(channel).GenerateRollouts,
            request,
            pair_generator_pb2.GenerateRolloutsResponse(),
            show,
            # What another model writes does not depend on the one that is trained.
            self._model_version if self._samples_itself() else {},
            needs=["inference"],
        )
        self._reporter.say(
            f"rollouts: {response.samples_drawn} samples of {response.problems} problems, of which "
            f"{response.problems_with_both} have both outcomes"
        )
        if response.duplicates:
            self._reporter.say(
                f"rollouts: left out {len(response.duplicates)} duplicates, problems with the "
                f"prompt of an earlier one, as {response.duplicates[0].task_id} of "
                f"{response.duplicates[0].duplicate_of}"
            )
        return response

    async def _select_pairs(
        self, rollouts: pair_generator_pb2.GenerateRolloutsResponse
    ) -> pair_generator_pb2.SelectPairsResponse:
        request = selection_request(self._experiment, self._model.name, rollouts.rollouts)

        def show(stage: Stage, metadata: any_pb2.Any) -> None:
            progress = pair_generator_pb2.SelectPairsMetadata()
            metadata.Unpack(progress)
            stage.update(progress.problems_done, progress.problems_total, "problems")

        channel = self._calls.channel("pair-generator")
        response = await self._calls.operate(
            "pairs",
            "pair-generator",
            pair_generator_pb2_grpc.PairGeneratorServiceStub(channel).SelectPairs,
            request,
            pair_generator_pb2.SelectPairsResponse(),
            show,
            # The manifest has all versions that samples depend on.
            {},
        )
        last = response.steps[-1].after if response.steps else 0
        self._reporter.say(
            f"pairs: {last} from {response.problems} problems, of which "
            f"{response.problems_with_both} have both outcomes"
        )
        if response.HasField("audit_after"):
            before, after = response.audit_before, response.audit_after
            self._reporter.say(
                f"shortcut audit: AUC {max(before.auc, before.paired_auc):.2f} before, "
                f"{max(after.auc, after.paired_auc):.2f} after "
                f"(95% CI {after.low:.2f} to {after.high:.2f})"
            )
        else:
            self._reporter.say("shortcut audit: too few problems to tell")
        return response

    def _trainings(self, pairs: pair_generator_pb2.SelectPairsResponse) -> list[Training]:
        """Every rung, in every order, with every seed."""
        settings = self._experiment.training
        orders = {"": False}
        if self._experiment.pairs.curriculum:
            orders["-curriculum"] = True
        several = len(settings.seeds) > 1
        return [
            Training(
                name=f"dpo-{rung.size}{order}" + (f"-seed-{seed}" if several else ""),
                recipe=f"dpo-{rung.size}{order}",
                pairs=rung.curriculum if easy_first else rung.pairs,
                hyperparameters=settings.request(seed=seed, keep_order=easy_first),
            )
            for order, easy_first in orders.items()
            for rung in pairs.ladder
            for seed in settings.seeds
        ]

    async def _train(self, training: Training) -> trainer_pb2.RunTrainingResponse:
        def show(stage: Stage, metadata: any_pb2.Any) -> None:
            progress = trainer_pb2.RunTrainingMetadata()
            metadata.Unpack(progress)
            note = f"steps, margin {progress.margin:+.4f}" if progress.step else "steps"
            stage.update(progress.step, progress.total_steps, note)

        stub = trainer_pb2_grpc.TrainerServiceStub(self._calls.channel("trainer"))
        response = await self._calls.operate(
            f"train {training.name}",
            "trainer",
            stub.RunTraining,
            trainer_pb2.RunTrainingRequest(
                base_model=self._model.source,
                pairs=training.pairs,
                hyperparameters=training.hyperparameters,
            ),
            trainer_pb2.RunTrainingResponse(),
            show,
            self._model_version,
        )
        known = self._model_version.get(WEIGHTS)
        if known and response.base_weights_sha256 not in ("", known):
            raise FailedPrecondition(
                f"{training.name} was trained on another {self._model.source} than is here: the "
                f"trainer's weights have the digest {response.base_weights_sha256}, those here "
                f"{known}"
            )
        return response

    def _with_weights(self, model: sampling_pb2.Model) -> sampling_pb2.Model:
        """`model` with the digest of its weights, where it is the experiment's and they are here:
        inference refuses to sample from others."""
        weights = self._model_version.get(WEIGHTS, "") if model.base == self._model.name else ""
        return sampling_pb2.Model(
            base=model.base,
            adapter=model.adapter if model.HasField("adapter") else None,
            weights_sha256=weights,
        )

    def _samples_itself(self) -> bool:
        """Whether the model that is trained answers the problems, at the stack's own inference."""
        sampler = self._experiment.pairs.sampler
        return not sampler.endpoint and sampler.model in ("", self._model.name)

    def _sampler(self) -> sampling_pb2.Model:
        """The model that answers the problems. Of another one the weights are not known here."""
        name = self._experiment.pairs.sampler.model or self._model.name
        model = sampling_pb2.Model(base=name)
        return self._with_weights(model) if self._samples_itself() else model

    def _conditions(
        self, trainings: Sequence[Training], runs: Mapping[str, trainer_pb2.RunTrainingResponse]
    ) -> list[Condition]:
        base = sampling_pb2.Model(base=self._model.name)
        conditions = [Condition(BASE, BASE, base)]
        if self._experiment.evaluation.base_again:
            conditions.append(Condition(BASE_AGAIN, BASE_AGAIN, base, repetition=1))
        for training in trainings:
            adapter = runs[training.name].adapter
            adapted = sampling_pb2.Model(base=self._model.name, adapter=adapter)
            conditions.append(Condition(training.name, training.recipe, adapted))
        return conditions

    def _ladders(
        self, trainings: Sequence[Training], runs: Mapping[str, trainer_pb2.RunTrainingResponse]
    ) -> list[dict[str, int]]:
        """From the base up: recipes and their sizes, for each order of training."""
        ladders: dict[bool, dict[str, int]] = {}
        for training in trainings:
            ladder = ladders.setdefault(training.hyperparameters.keep_order, {BASE: 0})
            ladder[training.recipe] = runs[training.name].summary.pairs
        return list(ladders.values())

    async def _evaluate_all(
        self, wanted: Sequence[tuple[evaluator_pb2.Benchmark, Condition]]
    ) -> dict[tuple[str, str], evaluator_pb2.EvaluateResponse]:
        """Evaluate conditions on benchmarks, several at a time: together they keep the engine
        full, where one alone leaves it idle while its last completions are written."""
        evaluations: dict[tuple[str, str], evaluator_pb2.EvaluateResponse] = {}
        ahead = iter(wanted[1:])
        for benchmark, condition in wanted:
            # At first as many as may be at work, then one for each that is done.
            for following in islice(ahead, 1 if evaluations else _EVALUATIONS_AT_ONCE - 1):
                await self._start_evaluation(*following)
            evaluation = await self.evaluate(benchmark, condition)
            evaluations[benchmark.name, condition.name] = evaluation
        return evaluations

    async def _start_evaluation(
        self, benchmark: evaluator_pb2.Benchmark, condition: Condition
    ) -> None:
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._calls.channel("evaluator"))
        request = self._evaluation(benchmark.name, condition)
        # It is called again in its turn, so that one that fails is told there.
        with suppress(RlvfError):
            await self._calls.start(
                "evaluator",
                stub.Evaluate,
                request,
                self._versions_in(benchmark),
                needs=["inference"],
            )

    def _evaluation(self, benchmark: str, condition: Condition) -> evaluator_pb2.EvaluateRequest:
        evaluation = self._experiment.evaluation
        return evaluator_pb2.EvaluateRequest(
            benchmark=benchmark,
            model=self._with_weights(condition.model),
            sampling=sampling_pb2.Sampling(
                prompt_style=_STYLES[evaluation.prompt_style],
                **evaluation.sampling_on(benchmark).model_dump(),
            ),
            repetition=condition.repetition,
        )

    def _versions_in(self, benchmark: evaluator_pb2.Benchmark) -> dict[str, str]:
        """Of what an evaluation names."""
        return {**self._model_version, "benchmark": benchmark.problems.sha256}

    async def evaluate(
        self, benchmark: evaluator_pb2.Benchmark, condition: Condition
    ) -> evaluator_pb2.EvaluateResponse:
        """Evaluate one condition on one of `benchmarks`, or find that it is done.

        Raises:
            FailedPrecondition: it was done on another version of the benchmark.
            RlvfError: it failed, or a service cannot be reached.
        """
        request = self._evaluation(benchmark.name, condition)

        def show(stage: Stage, metadata: any_pb2.Any) -> None:
            progress = evaluator_pb2.EvaluateMetadata()
            metadata.Unpack(progress)
            stage.update(progress.tasks_done, progress.tasks_total, "tasks")

        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._calls.channel("evaluator"))
        response = await self._calls.operate(
            f"evaluate {condition.name} on {benchmark.name}",
            "evaluator",
            stub.Evaluate,
            request,
            evaluator_pb2.EvaluateResponse(),
            show,
            self._versions_in(benchmark),
            needs=["inference"],
        )
        summary = response.summary
        if summary.calibration.benchmark_sha256 != benchmark.problems.sha256:
            raise FailedPrecondition(
                f"{condition.name} was evaluated on another version of {benchmark.name} than the "
                "evaluator listed before; run again when all its replicas have the same one"
            )
        self._reporter.say(
            f"{condition.name} on {benchmark.name}: {summary.passed}/{summary.samples} passed, "
            f"pass@1 {summary.pass_at_1:.1%} "
            f"(95% CI {summary.ci95.low:.1%} to {summary.ci95.high:.1%})"
        )
        return response

    async def _report(self, request: reporter_pb2.RenderReportRequest, out: Path) -> Path:
        stub = reporter_pb2_grpc.ReporterServiceStub(self._calls.channel("reporter"))
        with self._reporter.stage("report"):
            rendered = await call(stub.RenderReport(request, timeout=SLOW_CALL_SECONDS))
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

    async def _versions(
        self, evaluations: Mapping[tuple[str, str], evaluator_pb2.EvaluateResponse]
    ) -> dict[str, str]:
        await self._calls.version("reporter")
        services = [service_version("client"), *self._calls.versions()]
        return {
            "model": self._model.name,
            **self._model_version,
            **reported_versions(services),
            **{
                f"benchmark {name}": one.summary.calibration.benchmark_sha256
                for (name, _), one in evaluations.items()
            },
        }


def _digest(*refs: artifact_pb2.ArtifactRef) -> str:
    return hashlib.sha256("".join(ref.sha256 for ref in refs).encode()).hexdigest()
