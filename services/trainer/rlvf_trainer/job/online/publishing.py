"""Publishes the adapter of a step to inference: stores it, and has inference load it by its
digest."""

import logging
from collections.abc import Callable
from datetime import timedelta
from statistics import fmean
from time import monotonic

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from rlvf.artifact.v1 import artifact_pb2
from rlvf_trainer.job.online.schedule import Schedule
from rlvf_trainer.job.processes import is_first

__all__ = ["Publishing"]

log = logging.getLogger(__name__)


class Publishing(TrainerCallback):
    """Publishes the adapter after each step whose adapter a later step samples with.

    References of published adapters are part of a checkpoint: a resumed run may sample with an
    adapter from before it.
    """

    def __init__(
        self,
        schedule: Schedule,
        start: artifact_pb2.ArtifactRef | None,
        store: Callable[[], artifact_pb2.ArtifactRef],
        warm: Callable[[artifact_pb2.ArtifactRef], None],
        keep: Callable[[int, artifact_pb2.ArtifactRef], None],
    ) -> None:
        """`start` is the adapter with which the run begins. `store` stores the adapter as it is
        now; `warm` returns when inference has answered with it; `keep` records, by its step, that
        the run needs it."""
        self._schedule = schedule
        self._store = store
        self._warm = warm
        self._keep = keep
        self._published: dict[int, artifact_pb2.ArtifactRef | None] = {0: start}
        self._seconds: list[float] = []

    @property
    def sync_time(self) -> timedelta | None:
        """Mean time from the end of a step until inference answered with its adapter, or None."""
        return timedelta(seconds=fmean(self._seconds)) if self._seconds else None

    def after(self, step: int) -> artifact_pb2.ArtifactRef | None:
        """The adapter after that step, which was published; None: the base."""
        return self._published[step]

    def dump(self) -> bytes:
        """What was published, for a checkpoint."""
        lines = (f"{step} {ref.SerializeToString().hex()}\n"
                 for step, ref in self._published.items() if ref is not None)  # fmt: skip
        return "".join(lines).encode()

    def restore(self, data: bytes) -> None:
        """Go on from what `dump` wrote."""
        for line in data.decode().splitlines():
            step, _, message = line.partition(" ")
            ref = artifact_pb2.ArtifactRef.FromString(bytes.fromhex(message))
            self._published[int(step)] = ref
            # The checkpoint may be of another run; this one needs its adapters too.
            self._keep(int(step), ref)

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: object,
    ) -> None:
        """Publish the adapter, where a later step needs it."""
        step = state.global_step
        if not (is_first() and self._schedule.is_published(step)):
            return
        began = monotonic()
        ref = self._published[step] = self._store()
        self._keep(step, ref)
        stored = monotonic()
        self._warm(ref)
        self._seconds.append(monotonic() - began)
        log.info(
            "the adapter of step %d: stored in %.2f s, at inference %.2f s later",
            step, stored - began, monotonic() - stored,
        )  # fmt: skip
