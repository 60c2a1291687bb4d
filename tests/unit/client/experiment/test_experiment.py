"""What the driver makes of an experiment, and that it keeps several evaluations at work."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2
from rlvf.cost.v1 import cost_pb2
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf.reporter.v1 import reporter_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition, RlvfError, to_status
from rlvf_client.experiment.calls import Calls
from rlvf_client.experiment.data_making import DataMaking
from rlvf_client.experiment.evaluations import Condition, Evaluations
from rlvf_client.experiment.recipes import Recipe, recipes_of
from rlvf_client.experiment.schema import Experiment
from rlvf_client.experiment.sections import Evaluation
from rlvf_client.experiment.subject import Subject
from rlvf_client.experiment.trainings import Trainings
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.progress.console import Reporter
from rlvf_common import starter
from rlvf_common.problems.problem import parse_problems
from rlvf_common.rpc.settings import StorageSettings, TransportSettings
from rlvf_common.weights.checkpoints import checkpoint_sha256

from ...doubles import StoreInMemory

SUBJECT = Subject("", ServedModel("m", "m"), {}, "chat")
CONDITIONS = [
    Condition(f"c{number}", f"c{number}", SUBJECT, sampling_pb2.Model(base=f"m{number}"))
    for number in range(6)
]


class FakeEvaluator(
    evaluator_pb2_grpc.EvaluatorServiceServicer, operations_pb2_grpc.OperationsServicer
):
    """Runs operations; each time that one is polled, the one that started last is done."""

    def __init__(self) -> None:
        self.running: dict[str, evaluator_pb2.EvaluateRequest] = {}
        self.done: dict[str, operations_pb2.Operation] = {}
        self.most_at_once = 0
        self.calls: dict[str, int] = {}
        self.benchmark_sha256 = ""
        """Version of what it evaluates on."""
        self.bad = ""
        self.refused = ""

    async def Evaluate(self, request, context):  # type: ignore[no-untyped-def]
        name = f"operations/evaluator/{request.request_id}"
        self.calls[request.model.base] = self.calls.get(request.model.base, 0) + 1
        if request.model.base == self.refused:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "refused")
        if name not in self.done:
            self.running[name] = request
        self.most_at_once = max(self.most_at_once, len(self.running))
        return self.done.get(name, operations_pb2.Operation(name=name))

    async def GetOperation(self, request, context):  # type: ignore[no-untyped-def]
        if request.name in self.running:
            # In any order but that of the driver: the last one first.
            name = list(self.running)[-1]
            self.done[name] = self._finished(name, self.running.pop(name))
        elif request.name not in self.done:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such operation")
        return self.done.get(request.name, operations_pb2.Operation(name=request.name))

    def _finished(
        self, name: str, request: evaluator_pb2.EvaluateRequest
    ) -> operations_pb2.Operation:
        operation = operations_pb2.Operation(name=name, done=True)
        if request.model.base == self.bad:
            operation.error.CopyFrom(to_status(FailedPrecondition("no such adapter")))
            return operation
        response = evaluator_pb2.EvaluateResponse()
        response.summary.benchmark = request.model.base
        response.summary.calibration.benchmark_sha256 = self.benchmark_sha256
        operation.response.Pack(response)
        return operation


class FixedEndpoints:
    """Endpoints of one service, which is already running."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.code = "c" * 64
        """Digest of the code of all services."""
        self.policy = "p" * 64
        """Digest of the policy of the executor behind each of them."""
        self.weights = ""
        """Digest of the weights that inference behind each of them reports."""
        self.started: list[str] = []

    def address(self, name: str) -> str:
        return self._address

    def storage_settings(self) -> StorageSettings:
        raise AssertionError("object storage is not asked for by address")

    def transport(self) -> TransportSettings:
        return TransportSettings(auth_token="", tls_ca=None)

    async def ensure(self, *names: str) -> None:
        self.started += names

    async def serve(self, model: ServedModel) -> None:
        self.started.append(f"serve {model.name}")

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        if not with_dependencies:
            return version_pb2.Version(service=name, code_sha256=self.code)
        executor = version_pb2.Version(service="executor", policy_sha256=self.policy)
        inference = version_pb2.Version(service="inference")
        inference.model.weights_sha256 = self.weights
        return version_pb2.Version(
            service=name, code_sha256=self.code, dependencies=[executor, inference]
        )


@pytest.fixture
async def served() -> AsyncIterator[tuple[FakeEvaluator, FixedEndpoints]]:
    servicer = FakeEvaluator()
    server = grpc.aio.server()
    evaluator_pb2_grpc.add_EvaluatorServiceServicer_to_server(servicer, server)
    operations_pb2_grpc.add_OperationsServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield servicer, FixedEndpoints(f"127.0.0.1:{port}")
    await server.stop(None)


def evaluations_of(endpoints: FixedEndpoints) -> Evaluations:
    return Evaluations(Evaluation(), Calls("x", endpoints, Reporter()), Reporter())


@pytest.fixture
def fake(
    served: tuple[FakeEvaluator, FixedEndpoints],
) -> tuple[FakeEvaluator, Evaluations]:
    servicer, endpoints = served
    return servicer, evaluations_of(endpoints)


def humaneval(sha256: str = "", *, tasks: int = 164) -> evaluator_pb2.Benchmark:
    return evaluator_pb2.Benchmark(
        name="humaneval", tasks=tasks, problems=artifact_pb2.ArtifactRef(sha256=sha256)
    )


async def evaluate_all(evaluations: Evaluations, *, tasks: int = 164) -> dict[str, str]:
    """Evaluate all conditions; return what the fake answers for each."""
    benchmark = humaneval(tasks=tasks)
    async with asyncio.timeout(timedelta(minutes=1).total_seconds()):
        done = await evaluations.evaluate_all([(benchmark, one) for one in CONDITIONS])
    return {name: one.summary.benchmark for (_, name, _), one in done.items()}


@pytest.mark.parametrize(("tasks", "at_once"), [(164, 2), (2_000, 1)])
async def test_small_evaluations_overlap_and_every_answer_is_that_of_its_condition(
    tasks: int, at_once: int, fake: tuple[FakeEvaluator, Evaluations]
) -> None:
    servicer, evaluations = fake
    done = await evaluate_all(evaluations, tasks=tasks)
    assert done == {f"c{number}": f"m{number}" for number in range(6)}
    assert servicer.most_at_once == at_once


async def test_an_evaluation_that_fails_ends_the_experiment_with_its_reason(
    fake: tuple[FakeEvaluator, Evaluations],
) -> None:
    servicer, evaluations = fake
    servicer.bad = "m2"
    with pytest.raises(RlvfError, match="no such adapter"):
        await evaluate_all(evaluations)


async def test_an_evaluation_that_is_refused_ahead_of_its_turn_is_told_in_it(
    fake: tuple[FakeEvaluator, Evaluations],
) -> None:
    servicer, evaluations = fake
    servicer.refused = "m3"
    with pytest.raises(RlvfError, match="refused"):
        await evaluate_all(evaluations)
    assert servicer.calls["m3"] > 1


async def test_what_is_done_is_found_again_while_model_and_benchmark_are_the_same(
    served: tuple[FakeEvaluator, FixedEndpoints], tmp_path: Path
) -> None:
    servicer, endpoints = served
    weights = tmp_path / "model.safetensors"

    async def evaluations_begun(weights_bytes: bytes, benchmark_sha256: str) -> int:
        weights.write_bytes(weights_bytes)
        servicer.benchmark_sha256 = benchmark_sha256
        before = len(servicer.done)
        subject = Subject.of("", ServedModel("m", str(tmp_path)))
        assert subject.version["model sha256"]
        condition = Condition("c0", "c0", subject, subject.message())
        await evaluations_of(endpoints).evaluate(humaneval(benchmark_sha256), condition)
        return len(servicer.done) - before

    assert await evaluations_begun(b"one", "a") == 1
    assert await evaluations_begun(b"one", "a") == 0
    assert await evaluations_begun(b"two", "a") == 1
    assert await evaluations_begun(b"two", "b") == 1
    assert await evaluations_begun(b"one", "a") == 0


@pytest.mark.parametrize("what", ["code", "policy", "weights"])
async def test_what_is_done_is_made_anew_where_a_service_says_that_it_is_another(
    what: str, served: tuple[FakeEvaluator, FixedEndpoints]
) -> None:
    servicer, endpoints = served

    async def evaluations_begun() -> int:
        before = len(servicer.done)
        await evaluations_of(endpoints).evaluate(humaneval(), CONDITIONS[0])
        return len(servicer.done) - before

    assert await evaluations_begun() == 1
    assert await evaluations_begun() == 0
    setattr(endpoints, what, "f" * 64)
    assert await evaluations_begun() == 1
    assert await evaluations_begun() == 0


async def test_an_evaluation_ahead_of_its_turn_is_the_one_of_its_turn(
    fake: tuple[FakeEvaluator, Evaluations],
) -> None:
    servicer, evaluations = fake
    await evaluate_all(evaluations)
    assert len(servicer.done) == len(CONDITIONS)


async def test_a_number_of_another_version_of_the_benchmark_is_refused(
    fake: tuple[FakeEvaluator, Evaluations],
) -> None:
    servicer, evaluations = fake
    servicer.benchmark_sha256 = "new"
    with pytest.raises(FailedPrecondition, match="another version of humaneval"):
        await evaluations.evaluate(humaneval("old"), CONDITIONS[0])


def test_a_condition_is_asked_as_its_model_is_and_greedily_where_it_says_so(
    fake: tuple[FakeEvaluator, Evaluations],
) -> None:
    _, evaluations = fake
    condition = CONDITIONS[0]
    request = evaluations.request("humaneval", condition)
    assert request.sampling.prompt_style == sampling_pb2.PROMPT_STYLE_CHAT
    sampled = Evaluation.model_validate(
        {"sampling": {"temperature": 0.8, "samples_per_problem": 8, "max_tokens": 99}}
    )
    evaluations = Evaluations(sampled, Calls("x", FixedEndpoints(""), Reporter()), Reporter())
    for greedy, expected in ((False, (0.8, 8, 99)), (True, (0.0, 1, 99))):
        asked = evaluations.request("humaneval", replace(condition, greedy=greedy)).sampling
        assert (asked.temperature, asked.samples_per_problem, asked.max_tokens) == expected


def test_requests_tell_inference_which_weights_are_meant(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    subject = Subject.of("", ServedModel("m", str(tmp_path)))
    for adapter in (None, ref("s3://b/k")):
        assert subject.message(adapter) == sampling_pb2.Model(
            base="m", adapter=adapter, weights_sha256=checkpoint_sha256(tmp_path)
        )


def test_a_training_on_other_weights_than_are_here_is_told(tmp_path: Path) -> None:
    weights = checkpoint_sha256(tmp_path)
    subject = Subject.of("", ServedModel("m", str(tmp_path)))
    subject.check_trained("dpo-8", weights)
    subject.check_trained("dpo-8", "")
    with pytest.raises(FailedPrecondition, match=f"{'0' * 64}, those that are sampled {weights}"):
        subject.check_trained("dpo-8", "0" * 64)


def ref(name: str) -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(uri=name)


class FakeServices(
    pair_generator_pb2_grpc.PairGeneratorServiceServicer,
    trainer_pb2_grpc.TrainerServiceServicer,
    operations_pb2_grpc.OperationsServicer,
):
    """Pair generator and trainer whose operations are done when they start. Artifacts are named
    after what they are made of."""

    def __init__(self) -> None:
        self.done: dict[str, operations_pb2.Operation] = {}
        self.trained: list[trainer_pb2.RunTrainingRequest] = []
        self.pass_rates: dict[str, int] = {}
        """How many of ten validation samples of an adapter pass, by its name."""
        self.steps = 0
        """Number of steps of a whole run."""
        self.sampling: pair_generator_pb2.GenerateRolloutsMetadata | None = None
        """What a sampling tells before it is done."""
        self.answers = 0
        """Number of answers of a selection."""
        self.all_answers_pass = False
        """Whether a selection that ignores verdicts makes the same file."""

    def _finished(
        self, service: str, request_id: str, response: Message
    ) -> operations_pb2.Operation:
        operation = operations_pb2.Operation(name=f"operations/{service}/{request_id}", done=True)
        operation.response.Pack(response)
        return self.done.setdefault(operation.name, operation)

    async def GenerateRollouts(self, request, context):  # type: ignore[no-untyped-def]
        by = request.model.adapter.uri or request.model.base
        response = pair_generator_pb2.GenerateRolloutsResponse(
            rollouts=ref(f"samples of {by}"),
            cost=cost_pb2.Cost(tokens=7),
            samples_drawn=10,
            passed=self.pass_rates.get(by, 0),
        )
        operation = self._finished("pair-generator", request.request_id, response)
        if self.sampling is None:
            return operation
        operation.metadata.Pack(self.sampling)
        return operations_pb2.Operation(name=operation.name)

    async def SelectPairs(self, request, context):  # type: ignore[no-untyped-def]
        made = f"pairs of {request.rollouts.uri}"
        response = pair_generator_pb2.SelectPairsResponse(
            rollouts=request.rollouts,
            pairs=ref(made),
            ladder=[
                pair_generator_pb2.Rung(
                    size=size, pairs=ref(f"{size} {made}"), curriculum=ref(f"{size} easy {made}")
                )
                for size in request.ladder
            ],
        )
        return self._finished("pair-generator", request.request_id, response)

    async def SelectAnswers(self, request, context):  # type: ignore[no-untyped-def]
        verdicts = pair_generator_pb2.Verdicts.Name(request.selection.verdicts)
        by = "" if self.all_answers_pass else f" by {verdicts}"
        response = pair_generator_pb2.SelectAnswersResponse(
            answers=ref(f"answers of {request.rollouts.uri}{by}"),
            verdicts=request.selection.verdicts,
            count=self.answers,
        )
        return self._finished("pair-generator", request.request_id, response)

    async def RunTraining(self, request, context):  # type: ignore[no-untyped-def]
        self.trained.append(request)
        data = request.pairs.uri or request.answers.uri
        response = trainer_pb2.RunTrainingResponse(
            adapter=ref(f"adapter of {data}, seed {request.hyperparameters.seed}")
        )
        if request.stop_after:
            step = min(request.stop_after, self.steps)
            response.adapter.uri = f"step {step} after {request.checkpoint.uri or 'none'}"
            response.summary.steps = step
            if step < self.steps:
                response.checkpoint.uri = f"state {step}"
        return self._finished("trainer", request.request_id, response)

    async def GetOperation(self, request, context):  # type: ignore[no-untyped-def]
        if request.name not in self.done:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such operation")
        return self.done[request.name]


@pytest.fixture
async def services() -> AsyncIterator[tuple[FakeServices, FixedEndpoints]]:
    servicer = FakeServices()
    server = grpc.aio.server()
    pair_generator_pb2_grpc.add_PairGeneratorServiceServicer_to_server(servicer, server)
    trainer_pb2_grpc.add_TrainerServiceServicer_to_server(servicer, server)
    operations_pb2_grpc.add_OperationsServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield servicer, FixedEndpoints(f"127.0.0.1:{port}")
    await server.stop(None)


def recipes(*arms: dict[str, object], **settings: object) -> list[Recipe]:
    return recipes_of(
        Experiment.model_validate({"name": "x", "model": "m", "arms": list(arms), **settings})
    )


def trainings_of(endpoints: FixedEndpoints) -> Trainings:
    calls = Calls("x", endpoints, Reporter(), artifacts=StoreInMemory())
    return Trainings(calls, DataMaking(calls, Reporter(), []))


async def test_a_wait_for_inference_is_shown_once_for_each_model(
    services: tuple[FakeServices, FixedEndpoints], capsys: pytest.CaptureFixture[str]
) -> None:
    _, endpoints = services
    one, other = recipes({"name": "a"}, {"name": "b", "data": {"sampling": {"seed": 1}}})
    calls = Calls("x", endpoints, Reporter(), artifacts=StoreInMemory())
    making = DataMaking(calls, Reporter(), [])
    for recipe in (one, other):
        await making.rollouts(recipe, SUBJECT, SUBJECT.message())
    assert capsys.readouterr().err.count("wait for inference ...") == 1
    await calls.serve(ServedModel("other", "other"))
    (third,) = recipes({"name": "c"}, data={"sampling": {"seed": 2}})
    await making.rollouts(third, SUBJECT, SUBJECT.message())
    assert capsys.readouterr().err.count("wait for inference ...") == 1
    assert endpoints.started == ["inference", "inference", "serve other", "inference"]


async def test_sampling_starts_inference_and_selecting_again_neither_samples_nor_starts_it(
    services: tuple[FakeServices, FixedEndpoints],
) -> None:
    servicer, endpoints = services

    async def run(selection: dict[str, int]) -> tuple[list[str], int]:
        """Select pairs; return the services that were started, and the number of new operations."""
        endpoints.started.clear()
        before = len(servicer.done)
        (recipe,) = recipes({"name": "a"}, data={"selection": selection})
        calls = Calls("x", endpoints, Reporter(), artifacts=StoreInMemory())
        making = DataMaking(calls, Reporter(), [])
        rollouts = await making.rollouts(recipe, SUBJECT, SUBJECT.message())
        await making.pairs(recipe, SUBJECT.message(), rollouts, [])
        return list(endpoints.started), len(servicer.done) - before

    assert await run({}) == (["inference"], 2)
    assert await run({}) == ([], 0)
    assert await run({"max_pairs_per_problem": 1}) == ([], 1)


@pytest.mark.parametrize(("selection", "is_told"), [({}, True), ({"min_gap": 0.5}, False)])
async def test_a_shortage_of_pairs_is_told_unless_failing_answers_may_be_chosen(
    services: tuple[FakeServices, FixedEndpoints],
    capsys: pytest.CaptureFixture[str],
    selection: dict[str, float],
    is_told: bool,
) -> None:
    servicer, endpoints = services
    servicer.sampling = pair_generator_pb2.GenerateRolloutsMetadata(
        problems_done=50, problems_total=100, samples_done=400, problems_with_both=0
    )
    (recipe,) = recipes({"name": "a", "size": 8, "data": {"selection": selection}})
    await trainings_of(endpoints).train(recipe, SUBJECT, [8])
    assert ("make at most 0 pairs, and 8 are asked for" in capsys.readouterr().err) is is_told


async def test_every_seed_of_an_arm_is_a_run_on_its_set_in_its_order(
    services: tuple[FakeServices, FixedEndpoints],
) -> None:
    servicer, endpoints = services
    trainings = trainings_of(endpoints)
    for recipe in recipes(
        {"name": "some", "size": 8},
        {"name": "easy", "size": 8, "training": {"curriculum": True}},
        {"name": "all", "training": {"seeds": [3]}},
        training={"seeds": [0, 7]},
    ):
        runs = await trainings.train(recipe, SUBJECT, [8])
        assert {run.recipe for run in runs} == {recipe.name}
    assert [
        (one.pairs.uri, one.hyperparameters.seed, one.hyperparameters.keep_order)
        for one in servicer.trained
    ] == [
        ("8 pairs of samples of m", 0, False),
        ("8 pairs of samples of m", 7, False),
        ("8 easy pairs of samples of m", 0, True),
        ("8 easy pairs of samples of m", 7, True),
        ("pairs of samples of m", 3, False),
    ]
    (data,) = trainings.data
    assert list(data.trainings) == [
        "some-seed-0",
        "some-seed-7",
        "easy-seed-0",
        "easy-seed-7",
        "all",
    ]
    assert list(data.sources) == ["starter"]


async def test_operations_tell_once_what_they_cost_also_where_they_are_found_done(
    services: tuple[FakeServices, FixedEndpoints],
) -> None:
    servicer, endpoints = services
    servicer.steps = 20
    (recipe,) = recipes(
        {"name": "a", "training": {"seeds": [0, 1], "validation": {"problems": 5}}},
    )

    async def told() -> list[tuple[int, str, str, int]]:
        calls = Calls("x", endpoints, Reporter(), artifacts=StoreInMemory())
        making = DataMaking(calls, Reporter(), [])
        await Trainings(calls, making).train(recipe, SUBJECT, [])
        assert {one.model for one in calls.costs()} == {"m"}
        return [(one.stage, one.name, one.training, one.cost.tokens) for one in calls.costs()]

    train, validate = reporter_pb2.STAGE_TRAINING, reporter_pb2.STAGE_VALIDATING
    # The checkpoints of both seeds have one name here: they are one operation.
    expected = [
        (reporter_pb2.STAGE_SAMPLING, "rollouts", "", 7),
        (train, "train a-seed-0", "a-seed-0", 0),
        (validate, "validation", "a-seed-0", 7),
        (train, "train a-seed-0", "a-seed-0", 0),
        (validate, "validation", "a-seed-0", 7),
        (train, "train a-seed-1", "a-seed-1", 0),
        (train, "train a-seed-1", "a-seed-1", 0),
    ]
    assert await told() == expected
    begun = len(servicer.done)
    assert await told() == expected
    assert len(servicer.done) == begun


async def test_a_control_is_trained_on_answers_of_the_same_samples(
    services: tuple[FakeServices, FixedEndpoints],
) -> None:
    servicer, endpoints = services
    trainings = trainings_of(endpoints)
    for recipe in recipes(
        {"name": "rft", "method": "rft"},
        {"name": "control", "method": "rft", "verdicts": "ignored"},
    ):
        await trainings.train(recipe, SUBJECT, [])
    assert [one.answers.uri for one in servicer.trained] == [
        "answers of samples of m by VERDICTS_TRUE",
        "answers of samples of m by VERDICTS_IGNORED",
    ]
    assert not any(one.HasField("pairs") for one in servicer.trained)
    assert [one.name for one in trainings.data] == ["rft", "control"]


async def test_an_arm_and_its_control_are_two_sets_of_data_even_where_their_bytes_are_the_same(
    services: tuple[FakeServices, FixedEndpoints],
) -> None:
    servicer, endpoints = services
    servicer.all_answers_pass = True
    trainings = trainings_of(endpoints)
    for recipe in recipes(
        {"name": "rft", "method": "rft"},
        {"name": "control", "method": "rft", "verdicts": "ignored"},
    ):
        await trainings.train(recipe, SUBJECT, [])
    assert [(one.name, list(one.trainings)) for one in trainings.data] == [
        ("rft", ["rft"]),
        ("control", ["control"]),
    ]


async def test_fewer_answers_than_an_arms_size_are_told(
    services: tuple[FakeServices, FixedEndpoints], capsys: pytest.CaptureFixture[str]
) -> None:
    servicer, endpoints = services
    servicer.answers = 300
    trainings = trainings_of(endpoints)
    for recipe in recipes(
        {"name": "rft-300", "method": "rft", "size": 300},
        {"name": "rft-500", "method": "rft", "size": 500},
    ):
        await trainings.train(recipe, SUBJECT, [])
    told = capsys.readouterr()
    lines = [line for line in (told.out + told.err).splitlines() if "answers for" in line]
    assert ["fewer than its size" in line for line in lines] == [False, True]
    assert lines[1].endswith("; fewer than its size, 500")


async def test_in_a_further_round_the_adapter_samples_and_is_trained_further(
    services: tuple[FakeServices, FixedEndpoints],
) -> None:
    servicer, endpoints = services
    (recipe,) = recipes({"name": "a", "training": {"rounds": 2, "reference": "start"}})
    trainings = trainings_of(endpoints)
    (run,) = await trainings.train(recipe, SUBJECT, [])
    first, second = servicer.trained
    adapter = "adapter of pairs of samples of m, seed 0"
    assert not first.HasField("adapter")
    assert second.adapter.uri == adapter
    assert second.pairs.uri == f"pairs of samples of {adapter}"
    assert second.reference == trainer_pb2.REFERENCE_START
    assert run.response.adapter.uri == f"adapter of {second.pairs.uri}, seed 0"
    assert [(one.name, list(one.trainings)) for one in trainings.data] == [
        ("a", ["a"]),
        ("a round 2", ["a"]),
    ]


async def test_a_further_round_needs_no_more_than_its_own_size(
    services: tuple[FakeServices, FixedEndpoints],
) -> None:
    _, endpoints = services
    (recipe,) = recipes({"name": "a", "size": 4, "training": {"rounds": 2}})
    trainings = trainings_of(endpoints)
    await trainings.train(recipe, SUBJECT, [4, 100])
    first, second = trainings.data
    assert [rung.size for rung in first.pairs.ladder] == [4, 100]
    assert [rung.size for rung in second.pairs.ladder] == [4]


@pytest.mark.parametrize(
    ("rates", "best", "seen"),
    [
        ([1, 4, 2, 9], 20, [10, 20, 30]),
        ([1, 3, 3, 5], 35, [10, 20, 30, 35]),
        ([5, 5, 5, 5], 10, [10, 20, 30, 35]),
    ],
)
async def test_a_run_goes_on_until_fewer_validation_samples_pass_and_is_its_best_checkpoint(
    services: tuple[FakeServices, FixedEndpoints],
    rates: list[int],
    best: int,
    seen: list[int],
) -> None:
    servicer, endpoints = services
    servicer.steps = 35
    names = [
        "step 10 after none",
        "step 20 after state 10",
        "step 30 after state 20",
        "step 35 after state 30",
    ]
    servicer.pass_rates = dict(zip(names, rates, strict=True))
    (recipe,) = recipes({"name": "a", "training": {"validation": {"problems": 5}}})
    (run,) = await trainings_of(endpoints).train(recipe, SUBJECT, [])
    assert run.response.summary.steps == best
    assert [one.step for one in run.validation] == seen
    assert [one.passed for one in run.validation] == rates[: len(seen)]


async def test_validation_problems_are_no_training_problems(
    services: tuple[FakeServices, FixedEndpoints],
) -> None:
    _, endpoints = services
    (recipe,) = recipes({"name": "a", "training": {"validation": {"problems": 5}}})
    store = StoreInMemory()
    calls = Calls("x", endpoints, Reporter(), artifacts=store)
    making = DataMaking(calls, Reporter(), [])
    training, held_out = (
        {problem.task_id for problem in parse_problems(store.get_bytes(part), where="x")}
        for part in (making._problems(recipe), making._problems(recipe, held_out=True))
    )
    assert len(held_out) == 5
    assert not held_out & training
    assert held_out | training == {problem.task_id for problem in starter.load("train")}


async def test_another_sampler_answers_in_every_round(
    services: tuple[FakeServices, FixedEndpoints],
) -> None:
    servicer, endpoints = services
    (recipe,) = recipes(
        {"name": "a", "training": {"rounds": 2}}, data={"sampler": {"model": "teacher"}}
    )
    await trainings_of(endpoints).train(recipe, SUBJECT, [])
    assert {one.pairs.uri for one in servicer.trained} == {"pairs of samples of teacher"}
