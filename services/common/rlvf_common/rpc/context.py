"""Of the call that is being served, or the operation that is being run: on whose behalf it is done,
until when, and under which id. It follows the work through the process, into its logs and on to
other services; `enter` sets it where a call comes in and where an operation is taken up."""

from contextvars import ContextVar
from dataclasses import dataclass

__all__ = [
    "ANONYMOUS",
    "MAX_CALLER_CHARACTERS",
    "OPERATOR",
    "Principal",
    "caller",
    "deadline",
    "enter",
    "principal",
    "request_id",
]

MAX_CALLER_CHARACTERS = 64
"""Of a caller's name; the rest of it is cut."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls."""

    name: str
    """Empty where no token is asked for."""
    samples_per_day: int = 0
    """Samples that may be graded in a day; 0: no limit."""

    @property
    def is_team(self) -> bool:
        """Whether the name comes from the file of tokens, and so is proven to be the caller's."""
        return self.name not in (ANONYMOUS.name, OPERATOR.name)


ANONYMOUS = Principal("")
OPERATOR = Principal("operator")
"""Whoever has `RLVF_AUTH_TOKEN`: the operator, and the other services."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id that the logs of all services have in common; empty outside a call."""

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""Deadline of the call, by `time.monotonic`; None outside a call."""

caller: ContextVar[str] = ContextVar("caller", default="")
"""On whose behalf the call was made; empty outside a call.

It is the name that belongs to its token, where that is one of the file of tokens; else what the
call says in `x-rlvf-caller`, else the host that it came from. It is passed on, so that the callers
of a service share fairly in what is behind it. Only the first of the three is proven: nothing but a
share of a queue may hang on it, and what else belongs to a caller hangs on `principal`.
"""

principal: ContextVar[Principal] = ContextVar("principal", default=ANONYMOUS)
"""Who made the call, or started the operation."""


def enter(
    call_id: str, called_by: str, proven: Principal = ANONYMOUS, until: float | None = None
) -> None:
    """Set all of it, for the task that this runs in and for those that it starts.

    An operation has no deadline: it outlives the call that started it.
    """
    request_id.set(call_id)
    caller.set(called_by[:MAX_CALLER_CHARACTERS])
    principal.set(proven)
    deadline.set(until)
