"""Draws the answers of a step and has them graded.

A step's graded answers are stored under the digest of everything that determines them except
chance: the request, the step, the adapter, the code that draws and reads answers, the executor's
policy. An engine does not draw the same answers twice, since the last bit of a probability depends
on what else is in its batch. Only with the stored answers can a run be repeated, after its job was
killed or in another run.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Sequence
from threading import Lock

from rlvf.artifact.v1 import artifact_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.hyperparameters import Hyperparameters, Reward
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rollouts.rollout import graded_rollouts
from rlvf_common.rollouts.sampling import InferenceClient, SamplingParameters, derived_seed
from rlvf_common.rpc.concurrency import for_each
from rlvf_common.rpc.version import code_sha256
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_trainer.job.online.samples import Group, Sample, dump_groups, exchanged, parse_groups
from rlvf_trainer.job.online.schedule import Schedule

__all__ = ["Drawing"]

log = logging.getLogger(__name__)

_PREFIX = "training/rollouts"
# Their code determines which problems are drawn, how, and with which rewards.
_CODE = ("rlvf_api", "rlvf_common", "rlvf_trainer")


class Drawing:
    """Draws the answers of the steps of one run. All calls are made on one event loop."""

    def __init__(
        self,
        problems: Sequence[Problem],
        hyper: Hyperparameters,
        sampling: sampling_pb2.Sampling,
        model: sampling_pb2.Model,
        *,
        inference: InferenceClient,
        grader: Grader,
        store: ArtifactStore,
        meter: Meter,
        run_sha256: str,
    ) -> None:
        """`model` is the base, with the digest of the weights that it must have; `run_sha256` is
        the digest of the run's request (`divided_sha256`)."""
        self._problems = problems
        self._hyper = hyper
        self._sampling = sampling
        self._model = model
        self._inference = inference
        self._grader = grader
        self._store = store
        self._meter = meter
        self._run_sha256 = run_sha256
        self._schedule = Schedule(len(problems), hyper)
        self._style = SamplingParameters.checked(sampling).prompt_style
        self._policy_sha256 = ""
        self._keys: set[str] = set()
        self._storing = Lock()
        self._is_forgotten = False

    async def step(self, step: int, adapter: artifact_pb2.ArtifactRef | None) -> list[Group]:
        """All groups that are drawn for a step with an adapter, or with the base if it is None.
        They are read from storage if they were drawn before.

        Raises:
            Unavailable: inference or the executor was unreachable, or failed, for longer than their
                clients wait. No verdict is derived from such a failure.
            NotFound, FailedPrecondition, InvalidArgument: as in `InferenceClient.complete` and
                `Grader.grade`.
        """
        if not self._policy_sha256:
            self._policy_sha256 = (await self._grader.capabilities()).policy_sha256
            # All verdicts of a run must come from graders with the same policy.
            self._grader = self._grader.of(self._policy_sha256)
        key = f"{_PREFIX}/{await asyncio.to_thread(self._digest, step, adapter)}"
        self._keys.add(key)
        stored = await asyncio.to_thread(self._store.read_document, key)
        if stored is not None:
            log.info("the answers of step %d are there already", step)
            return parse_groups(stored)
        model = sampling_pb2.Model()
        model.CopyFrom(self._model)
        if adapter is not None:
            model.adapter.CopyFrom(adapter)
        groups = await self._drawn(step, model)
        # The cost is saved first: it could not be recovered once the groups are stored.
        await self._meter.save()
        return await asyncio.to_thread(self._stored, key, groups)

    def forget(self) -> None:
        """Delete the stored answers of all steps that `step` was called for; also store none that
        are still being drawn. For answers that must not be found again. Blocks."""
        with self._storing:
            self._is_forgotten = True
            for key in sorted(self._keys):
                self._store.delete_document(key)

    def _stored(self, key: str, groups: list[Group]) -> list[Group]:
        """The groups, which are now stored; those of another job of this run if it was earlier."""
        with self._storing:
            if self._is_forgotten or self._store.create_document(key, dump_groups(groups)):
                return groups
            return parse_groups(self._store.read_document(key) or b"")

    async def _drawn(self, step: int, model: sampling_pb2.Model) -> list[Group]:
        places = self._schedule.problems_of(step)
        replacements = self._schedule.replacements_of(step)
        groups: list[Group] = []
        for _ in range(1 + self._hyper.resamples):
            turns = list(enumerate(places, start=len(groups)))
            groups += await for_each(
                turns, lambda turn: self._group(step, *turn, model), at_once=len(turns)
            )
            learnable = sum(not group.has_one_outcome for group in groups)
            missing = self._hyper.problems_per_step - learnable
            if missing <= 0:
                break
            places = [next(replacements) for _ in range(missing)]
        return groups

    async def _group(self, step: int, turn: int, place: int, model: sampling_pb2.Model) -> Group:
        """The graded answers to one problem; `turn` is the group's number in the step."""
        problem = self._problems[place]
        sampling = sampling_pb2.Sampling()
        sampling.CopyFrom(self._sampling)
        # A problem can be drawn several times, also in one step.
        seed = derived_seed(self._sampling.seed, f"{self._hyper.seed} step {step}", turn)
        sampling.seed = seed
        completions = await self._inference.complete(
            model, problem, sampling, meter=self._meter, traced=True
        )
        rollouts = await graded_rollouts(
            problem,
            completions,
            self._style,
            self._grader,
            credit=self._hyper.reward is Reward.CREDIT,
        )
        samples = []
        for completion, rollout in zip(completions, rollouts, strict=True):
            self._meter.count_graded(rollout.cpu_ms)
            assert completion.trace is not None
            samples.append(Sample.of(completion.trace, rollout, self._hyper.reward))
        group = Group(problem.task_id, samples)
        return exchanged(group, seed, step) if self._hyper.shuffle_rewards else group

    def _digest(self, step: int, adapter: artifact_pb2.ArtifactRef | None) -> str:
        parts = [
            self._run_sha256,
            self._model.weights_sha256,
            code_sha256(*_CODE),
            self._policy_sha256,
            step,
            adapter.sha256 if adapter is not None else "",
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
