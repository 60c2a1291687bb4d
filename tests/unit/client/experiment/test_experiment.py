"""What the driver makes of an experiment, and that it keeps several evaluations at work."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition, RlvfError, to_status
from rlvf_client.experiment.config import (
    Evaluation,
    Experiment,
    Pairs,
    Sampler,
    Selection,
    Training,
)
from rlvf_client.experiment.driver import Condition, Driver
from rlvf_client.experiment.driver import Training as Run
from rlvf_client.experiment.progress import Reporter
from rlvf_client.local_stack.models import ServedModel
from rlvf_common.rollouts.checkpoints import checkpoint_sha256
from rlvf_common.rpc.settings import StorageSettings, TransportSettings
from rlvf_common.rpc.version import service_version

from ...doubles import StoreInMemory

CONDITIONS = [
    Condition(f"c{number}", f"c{number}", sampling_pb2.Model(base=f"m{number}"))
    for number in range(6)
]


class FakeEvaluator(
    evaluator_pb2_grpc.EvaluatorServiceServicer, operations_pb2_grpc.OperationsServicer
):
    """Each time that a running operation is asked for, the one begun last is done."""

    def __init__(self) -> None:
        self.running: dict[str, evaluator_pb2.EvaluateRequest] = {}
        self.done: dict[str, operations_pb2.Operation] = {}
        self.most_at_once = 0
        self.calls: dict[str, int] = {}
        self.benchmark_sha256 = ""
        """Of what it evaluates on."""
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
    """One service, which is there."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.code = "c" * 64
        """Digest of the code of all services."""
        self.policy = "p" * 64
        """The executor's, which is behind each of them."""
        self.weights = ""
        """What inference behind each of them says that it serves."""
        self.started: list[str] = []

    def address(self, name: str) -> str:
        return self._address

    def storage_settings(self) -> StorageSettings:
        raise AssertionError("object storage is not asked for by address")

    def transport(self) -> TransportSettings:
        return TransportSettings(auth_token="", tls_ca=None)

    async def ensure(self, *names: str) -> None:
        self.started += names

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        if not with_dependencies:
            return version_pb2.Version(service=name, code_sha256=self.code)
        executor = version_pb2.Version(service="executor", policy_sha256=self.policy)
        inference = version_pb2.Version(service="inference")
        inference.model.weights_sha256 = self.weights
        return version_pb2.Version(
            service=name, code_sha256=self.code, dependencies=[executor, inference]
        )


EXPERIMENT = Experiment(name="x", model="m", evaluation=Evaluation(prompt_style="chat"))


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


def driver_of(model: Path, endpoints: FixedEndpoints) -> Driver:
    return Driver(EXPERIMENT, ServedModel("m", str(model)), endpoints, Reporter())


@pytest.fixture
async def fake(
    served: tuple[FakeEvaluator, FixedEndpoints], tmp_path: Path
) -> AsyncIterator[tuple[FakeEvaluator, Driver]]:
    servicer, endpoints = served
    async with driver_of(tmp_path, endpoints) as driver:
        yield servicer, driver


def humaneval(sha256: str = "") -> evaluator_pb2.Benchmark:
    return evaluator_pb2.Benchmark(
        name="humaneval", problems=artifact_pb2.ArtifactRef(sha256=sha256)
    )


async def evaluate_all(driver: Driver) -> dict[tuple[str, str], evaluator_pb2.EvaluateResponse]:
    async with asyncio.timeout(timedelta(minutes=1).total_seconds()):
        return await driver._evaluate_all([(humaneval(), one) for one in CONDITIONS])


async def test_four_evaluations_are_at_work_and_every_answer_is_that_of_its_condition(
    fake: tuple[FakeEvaluator, Driver],
) -> None:
    servicer, driver = fake
    evaluations = await evaluate_all(driver)
    assert {key: one.summary.benchmark for key, one in evaluations.items()} == {
        ("humaneval", f"c{number}"): f"m{number}" for number in range(6)
    }
    assert servicer.most_at_once == 4


async def test_an_evaluation_that_fails_ends_the_experiment_with_its_reason(
    fake: tuple[FakeEvaluator, Driver],
) -> None:
    servicer, driver = fake
    servicer.bad = "m2"
    with pytest.raises(RlvfError, match="no such adapter"):
        await evaluate_all(driver)


async def test_an_evaluation_that_is_refused_ahead_of_its_turn_is_told_in_it(
    fake: tuple[FakeEvaluator, Driver],
) -> None:
    servicer, driver = fake
    servicer.refused = "m3"
    with pytest.raises(RlvfError, match="refused"):
        await evaluate_all(driver)
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
        async with driver_of(tmp_path, endpoints) as driver:
            response = await driver.evaluate(humaneval(benchmark_sha256), CONDITIONS[0])
            versions = await driver._versions({("humaneval", "c0"): response})
        assert versions["benchmark humaneval"] == benchmark_sha256
        assert versions["model sha256"]
        assert versions["evaluator code"] == endpoints.code
        assert versions["executor policy"] == endpoints.policy
        assert versions["client code"] == service_version("client").code_sha256
        assert "does not say" in versions["inference code"]
        return len(servicer.done) - before

    assert await evaluations_begun(b"one", "a") == 1
    assert await evaluations_begun(b"one", "a") == 0
    assert await evaluations_begun(b"two", "a") == 1
    assert await evaluations_begun(b"two", "b") == 1
    assert await evaluations_begun(b"one", "a") == 0


@pytest.mark.parametrize("what", ["code", "policy", "weights"])
async def test_what_is_done_is_made_anew_where_a_service_says_that_it_is_another(
    what: str, served: tuple[FakeEvaluator, FixedEndpoints], tmp_path: Path
) -> None:
    servicer, endpoints = served

    async def evaluations_begun() -> int:
        before = len(servicer.done)
        async with driver_of(tmp_path, endpoints) as driver:
            await driver.evaluate(humaneval(), CONDITIONS[0])
        return len(servicer.done) - before

    assert await evaluations_begun() == 1
    assert await evaluations_begun() == 0
    setattr(endpoints, what, "f" * 64)
    assert await evaluations_begun() == 1
    assert await evaluations_begun() == 0


async def test_an_evaluation_ahead_of_its_turn_is_the_one_of_its_turn(
    fake: tuple[FakeEvaluator, Driver],
) -> None:
    servicer, driver = fake
    await evaluate_all(driver)
    assert len(servicer.done) == len(CONDITIONS)


async def test_a_number_of_another_version_of_the_benchmark_is_refused(
    fake: tuple[FakeEvaluator, Driver],
) -> None:
    servicer, driver = fake
    servicer.benchmark_sha256 = "new"
    with pytest.raises(FailedPrecondition, match="another version of humaneval"):
        await driver.evaluate(humaneval("old"), CONDITIONS[0])


async def test_chats_are_asked_for_where_the_experiment_says_so(
    fake: tuple[FakeEvaluator, Driver],
) -> None:
    _, driver = fake
    request = driver._evaluation("humaneval", CONDITIONS[0])
    assert request.sampling.prompt_style == sampling_pb2.PROMPT_STYLE_CHAT


async def test_inference_is_told_which_weights_are_meant(
    served: tuple[FakeEvaluator, FixedEndpoints], tmp_path: Path
) -> None:
    _, endpoints = served
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    weights = checkpoint_sha256(tmp_path)
    adapter = ref("s3://b/k")
    async with driver_of(tmp_path, endpoints) as driver:
        for model in (sampling_pb2.Model(base="m"), sampling_pb2.Model(base="m", adapter=adapter)):
            asked = driver._evaluation("humaneval", Condition("c", "c", model)).model
            assert asked == sampling_pb2.Model(
                base="m",
                adapter=model.adapter if model.HasField("adapter") else None,
                weights_sha256=weights,
            )
        other = Condition("c", "c", sampling_pb2.Model(base="somebody's"))
        assert driver._evaluation("humaneval", other).model == other.model


@pytest.mark.parametrize(
    ("sampler", "known"),
    [
        (Sampler(), True),
        (Sampler(model="m"), True),
        (Sampler(model="other"), False),
        (Sampler(endpoint="hosted"), False),
    ],
)
async def test_only_the_experiments_own_model_is_pinned_when_problems_are_answered(
    sampler: Sampler, known: bool, tmp_path: Path
) -> None:
    sampled = Experiment(name="x", model="m", pairs=Pairs(sampler=sampler))
    async with Driver(
        sampled, ServedModel("m", str(tmp_path)), FixedEndpoints(""), Reporter()
    ) as driver:
        assert bool(driver._sampler().weights_sha256) is known


async def test_a_training_on_other_weights_than_are_here_is_told(
    served: tuple[FakeEvaluator, FixedEndpoints],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, endpoints = served
    weights = checkpoint_sha256(tmp_path)
    response = trainer_pb2.RunTrainingResponse(base_weights_sha256=weights)
    training = Run("dpo-8", "dpo-8", ref("p"), trainer_pb2.Hyperparameters())

    async def operate(*arguments: object) -> trainer_pb2.RunTrainingResponse:
        return response

    async with driver_of(tmp_path, endpoints) as driver:
        monkeypatch.setattr(driver._calls, "operate", operate)
        assert await driver._train(training) == response
        response.base_weights_sha256 = "0" * 64
        with pytest.raises(FailedPrecondition, match=f"{'0' * 64}, those here {weights}"):
            await driver._train(training)


def ref(name: str) -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(uri=name)


def test_every_seed_of_every_rung_and_order_is_a_run_of_a_recipe() -> None:
    experiment = Experiment(
        name="x",
        model="m",
        pairs=Pairs(curriculum=True),
        training=Training(ladder=[8, 16], seeds=[0, 7]),
    )
    driver = Driver(experiment, ServedModel("m", "m"), FixedEndpoints(""), Reporter())
    rungs = [
        pair_generator_pb2.Rung(size=n, pairs=ref(f"drawn-{n}"), curriculum=ref(f"easy-{n}"))
        for n in (8, 16)
    ]
    trainings = driver._trainings(pair_generator_pb2.SelectPairsResponse(ladder=rungs))
    assert [
        (
            one.name,
            one.recipe,
            one.pairs.uri,
            one.hyperparameters.seed,
            one.hyperparameters.keep_order,
        )
        for one in trainings
    ] == [
        ("dpo-8-seed-0", "dpo-8", "drawn-8", 0, False),
        ("dpo-8-seed-7", "dpo-8", "drawn-8", 7, False),
        ("dpo-16-seed-0", "dpo-16", "drawn-16", 0, False),
        ("dpo-16-seed-7", "dpo-16", "drawn-16", 7, False),
        ("dpo-8-curriculum-seed-0", "dpo-8-curriculum", "easy-8", 0, True),
        ("dpo-8-curriculum-seed-7", "dpo-8-curriculum", "easy-8", 7, True),
        ("dpo-16-curriculum-seed-0", "dpo-16-curriculum", "easy-16", 0, True),
        ("dpo-16-curriculum-seed-7", "dpo-16-curriculum", "easy-16", 7, True),
    ]
    runs = {
        one.name: trainer_pb2.RunTrainingResponse(
            summary=trainer_pb2.TrainingSummary(pairs=8 if "-8-" in one.name else 16)
        )
        for one in trainings
    }
    assert driver._ladders(trainings, runs) == [
        {"base": 0, "dpo-8": 8, "dpo-16": 16},
        {"base": 0, "dpo-8-curriculum": 8, "dpo-16-curriculum": 16},
    ]


def test_one_seed_needs_no_name() -> None:
    experiment = Experiment(name="x", model="m", training=Training(ladder=[8]))
    driver = Driver(experiment, ServedModel("m", "m"), FixedEndpoints(""), Reporter())
    rungs = [pair_generator_pb2.Rung(size=8, pairs=ref("drawn"))]
    (training,) = driver._trainings(pair_generator_pb2.SelectPairsResponse(ladder=rungs))
    assert (training.name, training.recipe) == ("dpo-8", "dpo-8")


class FakePairGenerator(
    pair_generator_pb2_grpc.PairGeneratorServiceServicer, operations_pb2_grpc.OperationsServicer
):
    """Its operations are done when they are started."""

    def __init__(self) -> None:
        self.done: dict[str, operations_pb2.Operation] = {}

    def _finished(self, request_id: str, response: Message) -> operations_pb2.Operation:
        operation = operations_pb2.Operation(
            name=f"operations/pair-generator/{request_id}", done=True
        )
        operation.response.Pack(response)
        return self.done.setdefault(operation.name, operation)

    async def GenerateRollouts(self, request, context):  # type: ignore[no-untyped-def]
        response = pair_generator_pb2.GenerateRolloutsResponse(rollouts=ref("manifest"))
        return self._finished(request.request_id, response)

    async def SelectPairs(self, request, context):  # type: ignore[no-untyped-def]
        response = pair_generator_pb2.SelectPairsResponse(rollouts=request.rollouts)
        return self._finished(request.request_id, response)

    async def GetOperation(self, request, context):  # type: ignore[no-untyped-def]
        if request.name not in self.done:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such operation")
        return self.done[request.name]


async def test_sampling_starts_inference_and_selecting_again_neither_samples_nor_starts_it(
    tmp_path: Path,
) -> None:
    servicer = FakePairGenerator()
    server = grpc.aio.server()
    pair_generator_pb2_grpc.add_PairGeneratorServiceServicer_to_server(servicer, server)
    operations_pb2_grpc.add_OperationsServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()

    async def run(selection: Selection) -> tuple[list[str], int]:
        """What is started, and how many operations are done anew."""
        endpoints = FixedEndpoints(f"127.0.0.1:{port}")
        experiment = Experiment(name="x", model="m", pairs=Pairs(selection=selection))
        before = len(servicer.done)
        served = ServedModel("m", str(tmp_path))
        async with Driver(experiment, served, endpoints, Reporter()) as driver:
            driver._store = StoreInMemory()
            response = await driver._select_pairs(await driver._generate_rollouts({}))
        assert response.rollouts == ref("manifest")
        return endpoints.started, len(servicer.done) - before

    assert await run(Selection()) == (["inference"], 2)
    assert await run(Selection()) == ([], 0)
    assert await run(Selection(max_pairs_per_problem=1)) == ([], 1)
    await server.stop(None)
