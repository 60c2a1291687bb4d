"""How the supervisor waits for the processes of its slot, their limits and the server at once."""

import math
import select
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from rlvf_executor.contract.turns import Turns
from rlvf_executor.supervisor.inbox import Inbox

Handler = Callable[[], bool]
"""Called when a descriptor is readable; returns whether to go on watching it."""


class Cancelled(Exception):
    """The server has cancelled the job."""


class Limited(Protocol):
    """Something that must be looked at from time to time."""

    def seconds_to_look(self) -> float:
        """Seconds until `look` is due; infinity when there is nothing to look at."""

    def look(self) -> None:
        """Enforces the limits that were reached."""


class Watch:
    """The one place where a supervisor waits."""

    def __init__(self, server: socket.socket, inbox: Inbox, turns: Turns) -> None:
        self._inbox = inbox
        self._turns = turns
        self._poll = select.poll()
        self._poll.register(server, select.POLLIN)

    def until_done(self, handlers: Mapping[int, Handler], limited: Iterable[Limited]) -> None:
        """Returns when no descriptor is left to watch.

        Raises:
            Cancelled: the server has cancelled the job.
            SystemExit: the server has closed the socket.
            Exceptions of handlers and of `look` pass through.
        """
        self._heed_cancellation()
        watched = dict(handlers)
        limited = tuple(limited)
        for descriptor in watched:
            self._poll.register(descriptor, select.POLLIN)
        try:
            while watched:
                seconds = min(one.seconds_to_look() for one in limited)
                timeout = None if seconds == math.inf else seconds * 1000 + 1
                ready = self._poll.poll(timeout)
                if not ready:
                    self._turns.be_on_time()
                for descriptor, _ in ready:
                    handler = watched.get(descriptor)
                    if handler is None:
                        self._heed_server()
                    elif not handler():
                        del watched[descriptor]
                        self._poll.unregister(descriptor)
                for one in limited:
                    one.look()
        finally:
            for descriptor in watched:
                self._poll.unregister(descriptor)

    def _heed_server(self) -> None:
        if not self._inbox.take_in():
            raise SystemExit(0)
        self._heed_cancellation()

    def _heed_cancellation(self) -> None:
        if self._inbox.cancelled:
            raise Cancelled
