"""A run whose first answers came from another policy, and the same request afterwards."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf.cost.v1 import cost_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_api.hyperparameters import resolve_run
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.grading import Grade
from rlvf_common.rollouts.sampling import Completion, Trace
from rlvf_trainer.runs import Run
from rlvf_trainer.settings import JobSettings

from ...unit.doubles import StoreInMemory

# Warnings of the training stack are its own affair.
pytestmark = pytest.mark.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

PROBLEMS = [
    Problem(f"t/{n}", f"def f{n}(x):\n    return", f"f{n}", CheckFunction(""), " x\n")
    for n in range(4)
]


class Engine:
    """Samples with the base's probabilities, and reports them wrong by `off` nats a token."""

    def __init__(self, base: Any, off: float) -> None:
        self._base = base
        self._off = off

    async def complete(
        self, model: object, problem: Problem, sampling: sampling_pb2.Sampling, **_: object
    ) -> list[Completion]:
        import torch

        from rlvf_trainer.job.online.policy_trainer import EncodedGroup
        from rlvf_trainer.job.scoring import Scorer

        encode = self._base.tokenizer.encode
        texts = [f" x + {n}\n" for n in range(sampling.samples_per_problem)]
        record = EncodedGroup(encode(problem.prompt), tuple(encode(text) for text in texts))
        with torch.no_grad():
            logps = Scorer(shared=True)(self._base.model, record)
        return [
            Completion(
                text,
                "stop",
                len(ids),
                Trace(record.prompt_ids, ids, [value - self._off for value in values.tolist()]),
            )
            for text, ids, values in zip(texts, record.answers, logps, strict=True)
        ]

    def devices(self) -> cost_pb2.Devices:
        return cost_pb2.Devices()

    async def close(self) -> None:
        pass


class OddGrader:
    """Passes ` x + 1`, and no other answer."""

    async def capabilities(self) -> Any:
        return SimpleNamespace(policy_sha256="p")

    def of(self, policy_sha256: str) -> "OddGrader":
        return self

    async def grade(self, problem: Problem, solution: str, *, credit: bool) -> Grade:
        return Grade("passed" if "x + 1" in solution else "failed", "", 1.0)


def test_the_same_request_trains_once_inference_is_repaired(
    tiny_model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    import torch

    from rlvf_trainer.job.model import load_base
    from rlvf_trainer.job.online import online_run
    from rlvf_trainer.job.recorder import Recorder
    from rlvf_trainer.metrics import PolicyStep

    # Both steps sample with the base: the second is drawn while the first is trained.
    request = trainer_pb2.RunTrainingRequest(
        base_model=tiny_model,
        problems=artifact_pb2.ArtifactRef(uri="s3://b/p", sha256="0" * 64),
        hyperparameters=trainer_pb2.Hyperparameters(
            precision=trainer_pb2.PRECISION_FP32,
            learning_rate=1e-5,
            batch_size=4,
            micro_batch_size=2,
            group_size=2,
            staleness=1,
        ),
        sampling=trainer_pb2.OnlineSampling(
            served_model="tiny", sampling=sampling_pb2.Sampling(temperature=1.0, max_tokens=16)
        ),
    )
    hyper = resolve_run(request)
    store = StoreInMemory()
    torch.set_num_threads(1)

    def train(off: float) -> list[Any]:
        engine = Engine(load_base(tiny_model, hyper.precision), off)
        monkeypatch.setattr(online_run, "_inference", lambda _: engine)
        monkeypatch.setattr(online_run, "Grader", lambda _: OddGrader())
        run = Run(store, "run")
        run.begin(run.attempt())
        recorder = Recorder(run, hyper, request)
        with online_run.online_run(
            load_base(tiny_model, hyper.precision),
            PROBLEMS,
            hyper,
            request,
            recorder,
            run,
            JobSettings(),
            nullcontext,
            tmp_path,
        ) as online:
            # A checkpoint needs a storage of files.
            online.trainer.args.save_strategy = "no"
            online.trainer.train()
        return recorder.metrics

    with pytest.raises(FailedPrecondition, match=r"differ by 1\.000 nats a token"):
        train(off=1.0)
    assert store.list_documents("training/rollouts/") == []
    steps = train(off=0.0)
    assert [type(step) for step in steps] == [PolicyStep, PolicyStep]
    assert max(step.log_ratio for step in steps) < 0.01
    assert len(store.list_documents("training/rollouts/")) == len(steps)
