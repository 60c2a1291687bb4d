"""Connects the parts of a run on problems: clients, drawing, publishing and the trainer."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import grpc
from torch import distributed

from rlvf.artifact.v1 import artifact_pb2
from rlvf.cost.v1 import cost_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import Hyperparameters
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rollouts.sampling import InferenceClient, SamplingParameters
from rlvf_common.rpc.channels import open_channel
from rlvf_common.weights.checkpoints import checkpoint_directory, checkpoint_sha256
from rlvf_trainer.job.adapter import store_adapter
from rlvf_trainer.job.model import Base
from rlvf_trainer.job.online.drawing import Drawing
from rlvf_trainer.job.online.policy_trainer import EncodedGroup, PolicyTrainer, make_policy_trainer
from rlvf_trainer.job.online.publishing import Publishing
from rlvf_trainer.job.online.rollouts import Loop, Rollouts
from rlvf_trainer.job.online.samples import Group
from rlvf_trainer.job.online.schedule import Schedule
from rlvf_trainer.job.processes import is_first, world
from rlvf_trainer.job.recorder import Recorder
from rlvf_trainer.job.scoring import Scorer, attention_window, sharing_problem
from rlvf_trainer.online_requests import with_group_size
from rlvf_trainer.runs import Run, divided_sha256
from rlvf_trainer.settings import JobSettings

__all__ = ["OnlineRun", "online_run"]

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class OnlineRun:
    """A trainer that is ready to train, and what the run reports at its end."""

    trainer: PolicyTrainer
    warnings: list[str]
    publishing: Publishing
    add_cost: Callable[[cost_pb2.Cost], None]
    """Adds to a cost what sampling and grading cost in all attempts."""


@contextmanager
def online_run(
    base: Base,
    problems: Sequence[Problem],
    hyper: Hyperparameters,
    request: trainer_pb2.RunTrainingRequest,
    recorder: Recorder,
    run: Run,
    settings: JobSettings,
    autocast: Callable[[], AbstractContextManager[object]],
    scratch: Path,
) -> Iterator[OnlineRun]:
    """A run on problems, with its connections open.

    Raises:
        FailedPrecondition: inference does not serve the model, or serves it with other weights.
        Unavailable: inference or the executor cannot be reached.
    """
    schedule = Schedule(len(problems), hyper)
    sampling = SamplingParameters.checked(with_group_size(request, hyper))
    base_weights_sha256 = checkpoint_sha256(checkpoint_directory(request.base_model))
    start = request.adapter if request.HasField("adapter") else None
    with Loop() as loop:
        channel = loop.run(_call(partial(_channel, settings)))
        inference = loop.run(_call(partial(_inference, settings)))
        meter = loop.run(Meter.of(_Kept(run)))
        drawing = Drawing(
            problems,
            hyper,
            with_group_size(request, hyper),
            sampling_pb2.Model(
                base=request.sampling.served_model, weights_sha256=base_weights_sha256
            ),
            inference=inference,
            grader=loop.run(_call(lambda: Grader(channel))),
            store=run.store,
            meter=meter,
            run_sha256=divided_sha256(request),
        )

        def warm(adapter: artifact_pb2.ArtifactRef) -> None:
            model = sampling_pb2.Model(base=request.sampling.served_model, adapter=adapter)
            loop.run(inference.warm(model))

        publishing = Publishing(
            schedule,
            start,
            lambda: store_adapter(trainer.model, base_weights_sha256, run.store, scratch),
            warm,
            run.keep_adapter,
        )
        rollouts = Rollouts(drawing, schedule, publishing.after, loop, ahead=hyper.staleness > 0)
        # Checked before the model has an adapter, whose layers may not accept every mask.
        warnings: list[str] = []
        shared = True
        if (problem := _sharing_problem(base, rollouts, hyper, autocast)) is not None:
            warnings = [f"each prompt is computed once an answer: with this model {problem}"]
            log.warning(warnings[0])
            shared = False
        trainer = make_policy_trainer(
            base,
            schedule,
            hyper,
            max_tokens=sampling.max_tokens,
            scorer=Scorer(shared=shared, temperature=sampling.temperature),
            take=rollouts.take,
            callbacks=[recorder, publishing],
            scratch=scratch,
        )
        recorder.kept = publishing
        recorder.forget = drawing.forget

        def add_cost(cost: cost_pb2.Cost) -> None:
            loop.run(meter.save())
            cost.MergeFrom(meter.cost(inference.devices()))

        yield OnlineRun(trainer, warnings, publishing, add_cost)
        loop.run(inference.close())
        loop.run(channel.close())


def _sharing_problem(
    base: Base,
    rollouts: Rollouts,
    hyper: Hyperparameters,
    autocast: Callable[[], AbstractContextManager[object]],
) -> str | None:
    """Why the answers to a prompt must not share its computation, or None. It is judged by the
    first step's longest answers, so that a resumed run decides the same."""
    if (window := attention_window(base.model.config)) is not None:
        return f"attention sees {window} tokens, and answers may be longer"
    found: list[str | None] = [None]
    if is_first():
        longest = max(rollouts.first(), key=_length)
        record = EncodedGroup.of(longest.samples[: hyper.micro_batch_size])
        found = [sharing_problem(base.model, [record], hyper.precision, autocast)]
    if world() > 1:
        distributed.broadcast_object_list(found)
    return found[0]


def _length(group: Group) -> int:
    return max(len(one.prompt_ids) + len(one.token_ids) for one in group.samples)


def _channel(settings: JobSettings) -> grpc.aio.Channel:
    return open_channel(
        settings.executor_address, token=settings.auth_token, tls_ca=settings.tls_ca
    )


def _inference(settings: JobSettings) -> InferenceClient:
    return InferenceClient(
        settings.inference_url,
        max_in_flight=settings.max_in_flight,
        patience=timedelta(seconds=settings.inference_patience_seconds),
    )


async def _call(make: Callable[[], ResultT]) -> ResultT:
    """Calls `make` on the event loop, where clients must be created."""
    return make()


class _Kept:
    """Saves a meter's checkpoints with the run's other state."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def save_checkpoint(self, name: str, data: bytes) -> None:
        """Create or replace a checkpoint."""
        await asyncio.to_thread(self._run.write_spent, name, data)

    async def load_checkpoint(self, name: str) -> bytes | None:
        """The checkpoint with this name, or None."""
        return await asyncio.to_thread(self._run.read_spent, name)

    async def list_checkpoints(self) -> list[str]:
        """The names of all checkpoints."""
        return await asyncio.to_thread(self._run.list_spent)
