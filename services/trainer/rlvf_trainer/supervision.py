"""Supervises the jobs of a training operation, in the service: attempts, progress, quotas,
restarts."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from time import monotonic

from prometheus_client import Counter

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import ResourceExhausted, RlvfError, Unavailable
from rlvf_common.rollouts.cost import Spent
from rlvf_common.rpc.context import principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.rpc.telemetry import fields
from rlvf_common.storage.operations import OperationContext
from rlvf_common.storage.quotas import Quotas
from rlvf_trainer.launchers.launcher import Launcher
from rlvf_trainer.runs import Run

log = logging.getLogger(__name__)

TRAININGS = Counter(
    "rlvf_trainings",
    "Trainings that ended with an adapter, by why: `completed`, `diverged`, `asked`",
    ["stopped_because"],
)
_POLL_SECONDS = 0.5
_DRAWING = (Resource.TOKENS, Resource.SAMPLES, Resource.CPU_SECONDS)
_FRUITLESS_ATTEMPTS = 3


async def train(
    request: trainer_pb2.RunTrainingRequest,
    context: OperationContext,
    launcher: Launcher,
    quotas: Quotas,
) -> trainer_pb2.RunTrainingResponse:
    """Run jobs until one writes a response. A job that dies is followed by another one, which
    starts from the last checkpoint.

    Raises:
        ResourceExhausted: the caller's quota of training seconds is used up, or with `problems` one
            of those of sampling and grading; the job was ended, and the same request continues from
            its last checkpoint.
        RlvfError: what the job reported.
        Unavailable: three jobs in a row died without a new checkpoint.
    """
    run = Run(context.store, run_id(context.id, request))
    drawing = _DRAWING if request.HasField("problems") else ()
    try:
        await asyncio.to_thread(run.write_request, request)
        response = await _response(run, context, launcher, quotas, drawing)
    finally:
        if drawing:
            await _charge_drawn(run, quotas)
    await context.report(await asyncio.to_thread(run.progress))
    why = trainer_pb2.StoppedBecause.Name(response.summary.stopped_because)
    TRAININGS.labels(why.removeprefix("STOPPED_BECAUSE_").lower()).inc()
    return response


async def _response(
    run: Run,
    context: OperationContext,
    launcher: Launcher,
    quotas: Quotas,
    drawing: Sequence[Resource],
) -> trainer_pb2.RunTrainingResponse:
    """The response of the run, after as many attempts as it takes. Raises as `train`."""
    fruitless = 0
    while (response := await asyncio.to_thread(run.response)) is None:
        attempt = await asyncio.to_thread(run.attempt)
        before = await _checkpoint_step(run)
        try:
            death = await _attempt(run, attempt, context, launcher, quotas, drawing)
        except RlvfError:
            # A job that is done counts, whatever keeps its launcher from saying so.
            if await asyncio.to_thread(run.response) is None:
                raise
            continue
        if await asyncio.to_thread(run.response) is not None:
            continue
        failure = await asyncio.to_thread(run.failure, attempt)
        if failure is not None:
            raise failure
        after = await _checkpoint_step(run)
        reason = f"the training job {death or 'ended without a result'}"
        log.warning(
            "job died", extra=fields(run=run.id, attempt=attempt, step=after, reason=reason)
        )
        await asyncio.to_thread(run.record_failure, attempt, Unavailable(reason))
        fruitless = 1 if after > before else fruitless + 1
        if fruitless == _FRUITLESS_ATTEMPTS:
            raise Unavailable(
                f"{reason}; {fruitless} attempts in a row brought no new checkpoint after step "
                f"{after}; a kill by signal 9 is often the system's answer to too little memory; "
                "the same request tries again"
            )
    return response


def run_id(operation_id: str, request: trainer_pb2.RunTrainingRequest) -> str:
    """Id of the run that an operation stands for.

    It also has the request's digest: an operation's id may be used for another request once the
    operation was deleted, and the old run must not be taken for the new one's.
    """
    digest = hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()
    return f"{operation_id[:64]}-{digest[:12]}"


async def _charge_drawn(run: Run, quotas: Quotas) -> None:
    """Charge what the run's jobs recorded of their drawing and grading and no trainer has charged
    yet. Storage that cannot be used leaves it to the next call."""
    who = principal.get()

    async def charge(name: str) -> None:
        data = await asyncio.to_thread(run.read_spent, name)
        spent = Spent.load(data or b"{}")
        # Marked first: a trainer that dies here charges too little, never twice.
        if await asyncio.to_thread(run.mark_charged, name):
            quotas.charge_today(who, Resource.TOKENS, spent.tokens)
            quotas.charge_today(who, Resource.SAMPLES, spent.samples_graded)
            quotas.charge_today(who, Resource.CPU_SECONDS, spent.grading_seconds)

    try:
        names = await asyncio.to_thread(run.uncharged)
        for name in names:
            # A cancellation must not come between the mark and the charge.
            await asyncio.shield(charge(name))
        for resource in _DRAWING if names else ():
            with suppress(ResourceExhausted):
                await quotas.admit(who, resource)
    except RlvfError as error:
        log.warning("cannot charge", extra=fields(run=run.id, reason=str(error)))


async def _attempt(
    run: Run,
    attempt: int,
    context: OperationContext,
    launcher: Launcher,
    quotas: Quotas,
    drawing: Sequence[Resource],
) -> str | None:
    """Run one attempt, report its progress and charge it. The attempt ends if the quota of training
    seconds, or one of the quotas `drawing`, is used up. Returns what `Launcher.run` returns."""
    who = principal.get()
    waiting = ""
    runs = False
    seen: bytes | None = None

    async def admitted() -> date:
        try:
            for resource in drawing:
                await quotas.admit(who, resource)
            return await quotas.admit(who, Resource.TRAINING_SECONDS)
        except ResourceExhausted:
            # The job may run already, started by an earlier trainer.
            await launcher.end(run.id, attempt)
            raise

    def on_waiting(reason: str) -> None:
        nonlocal waiting, runs
        if reason not in ("", waiting):
            log.info("job waits", extra=fields(run=run.id, attempt=attempt, reason=reason))
        waiting, runs = reason, not reason

    day = await admitted()
    charged_until = monotonic()
    job = asyncio.create_task(launcher.run(run.id, attempt, on_waiting))
    try:
        while not job.done():
            await asyncio.wait({job}, timeout=_POLL_SECONDS)
            try:
                progress = await asyncio.to_thread(run.progress)
                seconds, charged_until = monotonic() - charged_until, monotonic()
                # Before its first report a job may wait without its launcher seeing it.
                if progress.ByteSize() and runs:
                    seconds *= max(1, progress.processes)
                    quotas.charge(who, Resource.TRAINING_SECONDS, day, seconds)
                if drawing and (said := progress.SerializeToString()) != seen:
                    seen = said
                    await _charge_drawn(run, quotas)
                progress.waiting = waiting
                await context.report(progress)
                if not job.done():
                    day = await admitted()
            except Unavailable as error:
                # Storage cannot be reached. The job goes on: it may not need storage until later.
                log.warning("cannot read progress", extra=fields(run=run.id, reason=str(error)))
        return job.result()
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        if context.cancelled:
            await launcher.end(run.id, attempt)


async def _checkpoint_step(run: Run) -> int:
    checkpoint = await asyncio.to_thread(run.latest_checkpoint)
    return checkpoint.step if checkpoint else 0
