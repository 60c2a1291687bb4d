"""Training on problems, with the real engine, the real jail and real storage."""

import asyncio
from collections.abc import Iterator
from statistics import fmean

import pytest

from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import InvalidArgument, NotFound
from rlvf_common.problems.kinds_of_test import Cases
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_trainer.metrics import PolicyStep, parse_metrics
from rlvf_trainer.policy_health import FIRST_LOG_RATIO
from rlvf_trainer.runs import Run
from rlvf_trainer.supervision import run_id

from ...conftest import StackThread
from .test_resuming import assert_same_run, checkpoint
from .trainer_testing import TrainerProcess

# Warnings of the training stack are its own affair.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

STEPS = 20
PROBLEMS = [
    Problem(
        task_id=f"toy/{name}",
        prompt=f"def {name}(a, b):\n    return",
        entry_point=name,
        test=Cases(inputs=("(2, 3)", "(5, 7)", "(0, 4)"), expected=("6", "35", "0")),
        canonical_solution=" a * b\n",
    )
    for name in ("combine", "merge", "apply", "calculate")
]
"""Nothing in a prompt says what is wanted, the product, so the model guesses it sometimes; the best
policy always writes it, and its reward is 1."""


@pytest.fixture(scope="module")
def online_trainer(
    stack: StackThread,
    storage_settings: StorageSettings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TrainerProcess]:
    stack.ensure("storage", "executor", "inference")
    settings = {
        "RLVF_EXECUTOR_ADDRESS": stack.address("executor"),
        "RLVF_INFERENCE_URL": f"http://{stack.address('inference')}",
    }
    folder = tmp_path_factory.mktemp("online") / "work"
    process = TrainerProcess(storage_settings, folder, settings=settings)
    yield process
    process.stop()


def online_request(
    stack: StackThread, store: ArtifactStore, request_id: str
) -> trainer_pb2.RunTrainingRequest:
    return trainer_pb2.RunTrainingRequest(
        request_id=request_id,
        base_model=str(stack.model.source),
        problems=store.put_bytes(dump_problems(PROBLEMS), JSONL),
        hyperparameters=trainer_pb2.Hyperparameters(
            learning_rate=5e-4,
            epochs=STEPS,
            batch_size=32,
            micro_batch_size=8,
            group_size=8,
            warmup_ratio=0.0,
            checkpoint_steps=5,
            staleness=1,
            resamples=1,
            kl_weight=0.01,
        ),
        sampling=trainer_pb2.OnlineSampling(
            served_model=stack.model.name,
            sampling=sampling_pb2.Sampling(temperature=1.0, max_tokens=12, seed=3),
        ),
    )


async def test_the_reward_rises_to_its_optimum_and_a_killed_run_is_the_same(
    online_trainer: TrainerProcess, stack: StackThread, store: ArtifactStore
) -> None:
    request = online_request(stack, store, "online-killed")
    run = Run(store, run_id("online-killed", request))
    operation = await online_trainer.call(request)
    await checkpoint(run, 5)
    for job in online_trainer.jobs():
        job.kill()
    killed = await online_trainer.finish(operation)
    assert await asyncio.to_thread(run.attempt) > 1

    steps = parse_metrics(await asyncio.to_thread(store.get_bytes, killed.metrics))
    policies = [step for step in steps if isinstance(step, PolicyStep)]
    assert [step.step for step in policies] == list(range(1, STEPS + 1))
    first, last = (fmean(one.reward for one in part) for part in (policies[:4], policies[-4:]))
    print(f"mean reward: {first:.3f} over the first 4 steps, {last:.3f} over the last 4")
    print(f"adapter sync: {killed.summary.sync_time.ToTimedelta().total_seconds():.2f} s")
    print(f"log ratio to the engine, step 1: {policies[0].log_ratio:.4f} nats a token")
    # Some 128 answers each: three standard errors are 0.18 at most.
    assert last > first + 0.2
    assert last > 0.9
    assert policies[0].log_ratio < next(iter(FIRST_LOG_RATIO.values()))
    assert {step.staleness for step in policies[2:]} == {1.0}
    summary = killed.summary
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    assert summary.samples_graded == sum(step.samples for step in policies)
    # What the killed job drew for a step that it did not finish was drawn twice.
    assert killed.cost.samples_graded >= summary.samples_graded
    assert killed.cost.tokens >= sum(step.tokens for step in policies)

    # Nothing happens to this one. It trains on the same answers, which it finds by all that the
    # killed one's were drawn for, its adapters among it.
    undisturbed = await online_trainer.train(online_request(stack, store, "online-undisturbed"))
    killed.summary.ClearField("sync_time")
    undisturbed.summary.ClearField("sync_time")
    assert_same_run(killed, undisturbed)
    assert undisturbed.cost.samples_graded == 0


async def test_what_cannot_be_sampled_is_refused_before_it_costs_anything(
    online_trainer: TrainerProcess, stack: StackThread, store: ArtifactStore
) -> None:
    def changed(**sampling: float) -> trainer_pb2.RunTrainingRequest:
        request = online_request(stack, store, "refused")
        for name, value in sampling.items():
            setattr(request.sampling.sampling, name, value)
        return request

    for request, why in (
        (changed(temperature=0.0), "must be above 0"),
        (changed(top_p=0.9), "must be 1 or 0"),
        (changed(samples_per_problem=8), "hyperparameters.group_size says it"),
    ):
        with pytest.raises(InvalidArgument, match=why):
            await online_trainer.call(request)
    unknown = online_request(stack, store, "unknown-model")
    unknown.sampling.served_model = "nobody"
    with pytest.raises(NotFound, match="does not serve `nobody`"):
        await online_trainer.train(unknown)
