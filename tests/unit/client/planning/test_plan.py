"""What a plan finds done, what it foresees, and that it starts nothing else."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2
from google.protobuf.message import Message

from rlvf.cost.v1 import cost_pb2
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf.version.v1 import version_pb2
from rlvf_client.experiment.driver import Driver
from rlvf_client.experiment.schema import Experiment
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.planning import defaults, make
from rlvf_client.planning.calls import PlanningCalls
from rlvf_client.planning.history import History
from rlvf_client.planning.make import plan, weight_gigabytes
from rlvf_client.planning.rates import Evaluate, Rates, Rollouts
from rlvf_client.planning.records import Device, Plan, Step
from rlvf_client.planning.words import plan_record, plan_text
from rlvf_common import starter
from rlvf_common.problems.problem import dump_problems
from rlvf_common.rpc.settings import StorageSettings, TransportSettings
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_common.storage.stored_operations import State

from ...doubles import TWO_CORES, StoreInMemory

MODELS = {"": ServedModel("m", "m-135m")}
TASKS = 66
CORES = Device("cpu", 2)


class ListingEvaluator(evaluator_pb2_grpc.EvaluatorServiceServicer):
    """An evaluator with one benchmark, which answers nothing else."""

    def __init__(self, benchmark: evaluator_pb2.Benchmark) -> None:
        self._benchmark = benchmark

    async def ListBenchmarks(self, request, context):  # type: ignore[no-untyped-def]
        return evaluator_pb2.ListBenchmarksResponse(benchmarks=[self._benchmark])


class LocalEndpoints:
    """A stack of this machine that records which services were started."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.started: set[str] = set()

    def address(self, name: str) -> str:
        return self._address

    def storage_settings(self) -> StorageSettings:
        return StorageSettings()

    def transport(self) -> TransportSettings:
        return TransportSettings(auth_token="", tls_ca=None)

    async def ensure(self, *names: str) -> None:
        self.started |= set(names)

    async def serve(self, model: ServedModel) -> None:
        raise AssertionError("nothing is sampled")

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        return version_pb2.Version(service=name, code_sha256="c" * 64)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> StoreInMemory:
    store = StoreInMemory()
    monkeypatch.setattr(ArtifactStore, "connect", lambda settings: store)
    monkeypatch.setattr(make, "local_device", lambda: CORES)
    return store


@pytest.fixture
async def endpoints(store: StoreInMemory) -> AsyncIterator[LocalEndpoints]:
    problems = dump_problems(starter.load("held_out")[:TASKS])
    benchmark = evaluator_pb2.Benchmark(
        name="starter", tasks=TASKS, problems=store.put_bytes(problems, JSONL)
    )
    server = grpc.aio.server()
    evaluator = ListingEvaluator(benchmark)  # type: ignore[abstract]
    evaluator_pb2_grpc.add_EvaluatorServiceServicer_to_server(evaluator, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield LocalEndpoints(f"127.0.0.1:{port}")
    await server.stop(None)


def experiment(**settings: Any) -> Experiment:
    return Experiment.model_validate(
        {
            "name": "x",
            "model": "m",
            "problems": {"source": "starter", "limit": 20},
            "data": {"sampling": {"samples_per_problem": 4, "temperature": 0.8, "max_tokens": 100}},
            "training": {"ladder": [8, 16], "batch_size": 4},
            "evaluation": {"benchmarks": ["starter"], "sampling": {"max_tokens": 50}},
            **settings,
        }
    )


def finish(
    store: StoreInMemory, name: str, request: Message, response: Message, began: float = 1.0
) -> None:
    """Put a finished operation into storage."""
    asked, answer = any_pb2.Any(), any_pb2.Any()
    asked.Pack(request)
    answer.Pack(response)
    begun = State(1, began, began=began)
    end = State(1, done=True, response=answer.SerializeToString())
    for document, data in (
        ("request", asked.SerializeToString()),
        ("attempts/1/state", begun.dump()),
        ("attempts/1/end", end.dump()),
    ):
        store.write_document(f"{name}/{document}", data)


def cost(
    tokens: int = 0, seconds: float = 0.0, graded: int = 0, grading: float = 0.0, job: float = 0.0
) -> cost_pb2.Cost:
    found = cost_pb2.Cost(tokens=tokens, samples_graded=graded)
    for part, took in ((found.sampling, seconds), (found.training, job)):
        if took:
            part.devices.CopyFrom(TWO_CORES)
            part.time.FromTimedelta(timedelta(seconds=took))
    found.grading.devices.CopyFrom(cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_CPU, count=1))
    found.grading.time.FromTimedelta(timedelta(seconds=grading))
    return found


def by_title(found: Plan) -> Mapping[str, Step]:
    return {step.title: step for step in found.steps}


async def test_everything_is_to_do_where_nothing_is_and_only_what_looks_is_started(
    endpoints: LocalEndpoints, store: StoreInMemory
) -> None:
    found = await plan(experiment(), MODELS, endpoints)
    steps = by_title(found)
    assert list(steps) == [
        "probe",
        "rollouts",
        "pairs",
        "train dpo-8",
        "train dpo-16",
        "evaluate base on starter",
        "evaluate base-again on starter",
        "evaluate dpo-8 on starter",
        "evaluate dpo-16 on starter",
    ]
    assert found.to_do == found.steps
    assert endpoints.started == {"storage", "executor", "evaluator"}
    assert steps["probe"].work.samples == 2 * 16
    assert steps["rollouts"].work.samples == 4 * 20
    assert steps["evaluate base on starter"].work.samples == TASKS
    assert {step.basis for step in found.steps if step.work.seconds} == {defaults.SOURCE}
    assert not any(key.startswith("operations/") for key in store.documents)


@pytest.mark.parametrize(
    ("sizes", "trends"),
    [((4, 8), [[(0, "base"), (4, "rft-4"), (8, "rft-8")]]), ((500, 1000), [])],
)
async def test_the_rungs_of_a_trend_are_as_large_as_what_was_trained_on(
    sizes: Sequence[int],
    trends: list[list[tuple[float, str]]],
    endpoints: LocalEndpoints,
    store: StoreInMemory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """20 problems have fewer than 500 answers, so that two larger arms are the same."""
    requests = []
    carry_out = Driver.carry_out

    async def recording(driver: Driver) -> reporter_pb2.RenderReportRequest:
        requests.append(await carry_out(driver))
        return requests[-1]

    monkeypatch.setattr(Driver, "carry_out", recording)
    arms = [{"name": f"rft-{size}", "method": "rft", "size": size} for size in sizes]
    await plan(experiment(training={"batch_size": 4}, arms=arms), MODELS, endpoints)
    (request,) = requests
    found = [[(rung.size, rung.condition) for rung in trend.rungs] for trend in request.trends]
    assert found == trends


async def test_what_is_done_is_found_with_what_it_cost(
    endpoints: LocalEndpoints, store: StoreInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: dict[str, tuple[str, Message]] = {}
    operate = PlanningCalls.operate

    async def recording(calls, title, service, method, request, *rest, **named):  # type: ignore[no-untyped-def]
        response = await operate(calls, title, service, method, request, *rest, **named)
        requests[title] = (f"operations/{service}/{request.request_id}", request)
        return response

    monkeypatch.setattr(PlanningCalls, "operate", recording)
    await plan(experiment(), MODELS, endpoints)
    name, request = requests["evaluate base on starter"]
    assert isinstance(request, evaluator_pb2.EvaluateRequest)
    response = evaluator_pb2.EvaluateResponse(cost=cost(tokens=1_320, seconds=66, graded=66))
    response.summary.samples = TASKS
    benchmark = next(iter(store.artifacts))
    response.summary.calibration.benchmark_sha256 = benchmark
    finish(store, name, request, response)
    found = await plan(experiment(), MODELS, endpoints)
    steps = by_title(found)
    done = steps["evaluate base on starter"]
    assert (done.is_done, done.work.tokens, done.work.seconds) == (True, 1_320, 66)
    assert len(found.to_do) == len(found.steps) - 1
    # The other estimates use its rates: 20 tokens per answer, 20 tokens a second.
    other = steps["evaluate dpo-8 on starter"]
    assert not other.is_done
    assert other.work.seconds == pytest.approx(66)
    assert other.basis == "as measured in 1 earlier operation"
    assert found.seconds_to_do == pytest.approx(
        found.start_seconds + sum(step.work.seconds for step in found.to_do)
    )


async def test_a_validated_run_and_further_rounds_are_foreseen_to_their_end(
    endpoints: LocalEndpoints,
) -> None:
    arm = {"name": "arm", "method": "rft", "size": 8, "training": {"rounds": 2}}
    settings = {
        "arms": [arm],
        "training": {"batch_size": 4, "validation": {"problems": 4, "every_steps": 1}},
    }
    found = await plan(experiment(**settings), MODELS, endpoints)
    titles = [step.title for step in found.steps]
    # Eight answers are two steps; a checkpoint after each, in each of two rounds.
    assert titles.count("train arm round 1") == 2
    assert titles.count("validation") == 4
    assert titles.count("rollouts") == 2


async def test_online_training_is_foreseen_with_what_it_draws_and_grades(
    endpoints: LocalEndpoints,
) -> None:
    training = {"batch_size": 8, "group_size": 4, "epochs": 2, "resamples": 0}
    arms = [
        {"name": "online", "method": "grpo", "training": training},
        {"name": "replacing", "method": "grpo", "training": {**training, "resamples": 1}},
    ]
    steps = by_title(await plan(experiment(arms=arms, training={}), MODELS, endpoints))
    assert "rollouts" not in steps
    # Twenty problems, four answers to each, twice.
    work = steps["train online"].work
    assert work.samples == 160
    assert work.tokens == pytest.approx(160 * 100 * defaults.TOKEN_SHARE)
    assert work.seconds > defaults.JOB_SECONDS
    assert steps["train replacing"].work.samples == 160 * defaults.REPLACED


def test_measured_rates_of_the_same_model_and_kind_replace_defaults() -> None:
    store = StoreInMemory()
    sampling = sampling_pb2.Sampling(samples_per_problem=4, max_tokens=100, temperature=0.8)
    for number, (model, tokens, seconds) in enumerate((("m", 8_000, 40.0), ("other", 1, 1_000.0))):
        request = Rollouts(model=sampling_pb2.Model(base=model), sampling=sampling)
        response = pair_generator_pb2.GenerateRolloutsResponse(
            samples_drawn=400, problems=100, cost=cost(tokens, seconds, 400, 4.0)
        )
        finish(store, f"operations/pair-generator/{number}", request, response)
    rates = Rates(History.read(store), CORES, {})
    found = rates.sampling(Rollouts, "m", sampling)
    assert found.basis == "as measured in 1 earlier operation"
    assert found.tokens_a_sample == pytest.approx(20)
    work = found.work(100)
    assert (work.tokens, work.seconds) == pytest.approx((2_000, 10.0))
    assert work.grading_seconds == pytest.approx(1.0)
    # Answers with twice the limit are assumed to be twice as long.
    longer = sampling_pb2.Sampling(max_tokens=200)
    assert rates.sampling(Evaluate, "m", longer).tokens_a_sample == pytest.approx(40)
    assert rates.sampling(Rollouts, "unknown", sampling).basis == defaults.SOURCE


def test_an_evaluation_is_estimated_from_evaluations_on_the_same_benchmark() -> None:
    store = StoreInMemory()
    sampling = sampling_pb2.Sampling(max_tokens=100)
    for benchmark, tokens, began in (("short", 100, 1.0), ("long", 900, 2.0)):
        request = Evaluate(model=sampling_pb2.Model(base="m"), benchmark=benchmark)
        request.sampling.CopyFrom(sampling)
        response = evaluator_pb2.EvaluateResponse(cost=cost(tokens, 10.0, 10, 1.0))
        response.summary.samples = 10
        finish(store, f"operations/evaluator/{benchmark}", request, response, began)
    rates = Rates(History.read(store), CORES, {})
    assert rates.sampling(Evaluate, "m", sampling, "short").tokens_a_sample == pytest.approx(10)
    assert rates.sampling(Evaluate, "m", sampling, "long").tokens_a_sample == pytest.approx(90)


def test_a_training_is_estimated_by_its_records_and_the_time_of_a_job_beside() -> None:
    store = StoreInMemory()
    request = trainer_pb2.RunTrainingRequest(base_model="m")
    request.pairs.sha256 = "a" * 64
    response = trainer_pb2.RunTrainingResponse(cost=cost(job=50.0))
    response.summary.pairs, response.summary.steps = 160, 10
    response.summary.duration.FromTimedelta(timedelta(seconds=32))
    finish(store, "operations/trainer/1", request, response)
    rates = Rates(History.read(store), CORES, {})
    found = rates.training(request)
    assert (found.job_seconds, found.record_seconds) == pytest.approx((18.0, 0.2))
    answers = trainer_pb2.RunTrainingRequest(base_model="m")
    answers.answers.sha256 = "a" * 64
    assert rates.training(answers).basis == defaults.SOURCE


@pytest.mark.parametrize(
    ("source", "gigabytes"),
    [
        ("bigcode/starcoder2-15b", 30.0),
        ("Qwen/Qwen2.5-Coder-0.5B-Instruct", 1.0),
        ("smollm2-135m-instruct", 0.27),
        ("org/some-model", None),
        ("org/8bit-model", None),
    ],
)
def test_the_size_of_a_model_is_read_in_its_name(source: str, gigabytes: float | None) -> None:
    assert weight_gigabytes(source) == (None if gigabytes is None else pytest.approx(gigabytes))


async def test_a_plan_says_the_same_to_people_and_to_programs(endpoints: LocalEndpoints) -> None:
    prices = {"cpu_hour": 1.0, "currency": "XTS"}
    found = await plan(experiment(prices=prices), MODELS, endpoints)
    record = plan_record(found)
    text = plan_text(found)
    assert "0 of 9 operations are done" in text
    assert "By stated defaults: probe, rollouts" in text
    assert record["to_do"]["operations"] == 9
    assert record["to_do"]["tokens"] == pytest.approx(
        sum(step["tokens"] for step in record["operations"]), abs=9
    )
    assert record["to_do"]["money"] == pytest.approx(record["to_do"]["cpu_hours"])
    assert f"{record['to_do']['money']:.4f}" in text
    assert record["currency"] == "XTS"
    assert record["to_do"]["seconds"] == found.seconds_to_do > found.start_seconds
