"""Carries a training operation through: attempts, progress, restarts."""

import asyncio
import hashlib
import logging

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import Unavailable
from rlvf_common.rpc.telemetry import fields
from rlvf_common.storage.operations import OperationContext
from rlvf_trainer.launchers import Launcher
from rlvf_trainer.runs import Run

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_FRUITLESS_ATTEMPTS = 3


async def train(
    request: trainer_pb2.RunTrainingRequest, context: OperationContext, launcher: Launcher
) -> trainer_pb2.RunTrainingResponse:
    """Run jobs until one brings a response. A job that dies is followed by another, from the last
    checkpoint.

    Raises:
        RlvfError: what the job reported.
        Unavailable: three jobs in a row died without a new checkpoint.
    """
    run = Run(context.store, run_id(context.id, request))
    await asyncio.to_thread(run.write_request, request)
    fruitless = 0
    while (response := await asyncio.to_thread(run.response)) is None:
        attempt = await asyncio.to_thread(run.attempt)
        before = await _checkpoint_step(run)
        death = await _attempt(run, attempt, context, launcher)
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
    await context.report(await asyncio.to_thread(run.progress))
    return response


def run_id(operation_id: str, request: trainer_pb2.RunTrainingRequest) -> str:
    """Id of the run that an operation stands for.

    It holds the request's digest besides: an operation's id may be used for another request once
    the operation was deleted, and its run must not pass for that one's.
    """
    digest = hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()
    return f"{operation_id[:64]}-{digest[:12]}"


async def _attempt(
    run: Run, attempt: int, context: OperationContext, launcher: Launcher
) -> str | None:
    """One attempt, with its progress reported; what `Launcher.run` returns."""
    job = asyncio.create_task(launcher.run(run.id, attempt))
    try:
        while not job.done():
            await asyncio.wait({job}, timeout=_POLL_SECONDS)
            try:
                await context.report(await asyncio.to_thread(run.progress))
            except Unavailable as error:
                # The job notices for itself; it may need storage only when this is over.
                log.warning("cannot read progress", extra=fields(run=run.id, reason=str(error)))
        return job.result()
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def _checkpoint_step(run: Run) -> int:
    checkpoint = await asyncio.to_thread(run.latest_checkpoint)
    return checkpoint.step if checkpoint else 0
