"""The context of the call being served or the operation being run: caller, deadline, request id.

It follows the work through the process, into logs and calls of other services. `enter` sets it when
a call arrives and when an operation begins to run.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from rlvf_common.rpc.resources import Resource
from rlvf_common.rpc.scopes import DEFAULT_SCOPES, Scope

__all__ = [
    "ANONYMOUS",
    "MAX_CALLER_CHARACTERS",
    "MAX_REQUEST_ID_CHARACTERS",
    "OPERATOR",
    "Principal",
    "caller",
    "deadline",
    "enter",
    "principal",
    "request_id",
]

MAX_CALLER_CHARACTERS = 64
"""Maximum length of a caller's name; the rest is cut."""
MAX_REQUEST_ID_CHARACTERS = 64
"""The same of a request's id."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls."""

    name: str
    """Empty if no token is required."""
    quotas: Mapping[Resource, int] = field(default_factory=dict, hash=False)
    """How much it may use in a day; a resource that is not in it has no limit."""
    scopes: frozenset[Scope] = DEFAULT_SCOPES
    """What its token permits; only for teams."""

    @property
    def is_team(self) -> bool:
        """Whether the name comes from the file of tokens, and so is verified."""
        return self.name not in (ANONYMOUS.name, OPERATOR.name)

    def may(self, scope: Scope) -> bool:
        """Whether it may do work of a scope."""
        return not self.is_team or scope in self.scopes or Scope.ADMIN in self.scopes


ANONYMOUS = Principal("")
OPERATOR = Principal("operator")
"""The holder of `RLVF_AUTH_TOKEN`: the operator, or another service."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request in the logs and traces of all services: the metadata `x-request-id`, else a
random one; of an operation, that of the call which started it. Empty outside of both."""

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""Deadline of the call, by `time.monotonic`; None outside a call."""

caller: ContextVar[str] = ContextVar("caller", default="")
"""On whose behalf the call was made; empty outside a call.

It is the name of its token in the file of tokens, else the metadata `x-rlvf-caller`, else the host
of the call. It is passed on to other services, so that callers share them fairly. Only a token's
name is verified: use `caller` for shares of a queue, and `principal` for everything else.
"""

principal: ContextVar[Principal] = ContextVar("principal", default=ANONYMOUS)
"""Who made the call, or started the operation."""


def enter(
    call_id: str, called_by: str, proven: Principal = ANONYMOUS, until: float | None = None
) -> None:
    """Set the context for the current task and those that it starts.

    An operation has no deadline: it outlives the call that started it.
    """
    request_id.set(call_id)
    caller.set(called_by[:MAX_CALLER_CHARACTERS])
    principal.set(proven)
    deadline.set(until)
