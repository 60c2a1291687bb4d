"""The interface of launchers. A launcher runs one attempt at a run; the attempt's outcome is in
`Run`."""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol, TypeVar

from rlvf_api.errors import Unavailable
from rlvf_common.rpc.retry import retried
from rlvf_common.rpc.telemetry import fields

log = logging.getLogger(__name__)

_ATTEMPTS = 30

ResultT = TypeVar("ResultT")

OnWaiting = Callable[[str], None]
"""Called with the reason why a job does not run yet, or no longer, and with the empty string once
it runs: from then on its time is charged."""


class Launcher(Protocol):
    """Runs attempts."""

    async def run(self, run_id: str, attempt: int, on_waiting: OnWaiting) -> str | None:
        """Run one attempt to its end, or wait for the end of the one that runs already.

        Returns why the job died without recording an outcome, or None if it recorded one.
        When this coroutine is cancelled, a job that can outlive the trainer goes on, and the next
        trainer that runs the attempt finds it; a local one ends.

        Raises:
            ResourceExhausted: there is no room for the job.
            FailedPrecondition: its template, image or rights do not let it start.
            Unavailable: the job cannot be started, or the engine that runs it does not answer.
        """

    async def end(self, run_id: str, attempt: int) -> None:
        """End the attempt's job, if there is one; called when its operation was cancelled or a
        quota is used up.

        Raises:
            Unavailable: the engine that runs it does not answer.
        """


def job_name(run_id: str, attempt: int) -> str:
    """Name of the container or Kubernetes Job of an attempt: at most 63 characters, the limit of
    DNS labels. It depends on run and attempt alone, so that the job can be found again.
    """
    readable = re.sub(r"[^a-z0-9-]", "-", run_id[:24]).strip("-")
    digest = hashlib.sha256(run_id.encode()).hexdigest()[:12]
    return f"train-{readable}-{digest}-{attempt}"


async def answered(
    who: str, call: Callable[[], Awaitable[ResultT]], *, pause_seconds: float
) -> ResultT:
    """The result of `call`, which is repeated while it raises Unavailable: `who`, named in errors,
    may be unreachable for a minute.

    Raises:
        Unavailable: it did not answer in `_ATTEMPTS` attempts.
    """
    pause = timedelta(seconds=pause_seconds)

    def tell(error: BaseException) -> None:
        log.warning("no answer", extra=fields(of=who, reason=str(error)))

    try:
        return await retried(
            call,
            on=(Unavailable,),
            attempts=_ATTEMPTS,
            shortest_pause=pause,
            longest_pause=pause,
            before_retry=tell,
        )
    except Unavailable as error:
        raise Unavailable(f"{who} did not answer {_ATTEMPTS} times in a row: {error}") from None
