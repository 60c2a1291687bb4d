"""Limits how many things, such as calls or uploads, each caller has at one time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rlvf_api.errors import ResourceExhausted

__all__ = ["InFlight"]


class InFlight:
    """Counts things of one kind, `what` in the plural, by caller."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._counts: Counter[str] = Counter()

    @contextmanager
    def counted(self, who: str, at_most: int | None) -> Iterator[None]:
        """Count one of `who` while the block lasts.

        Raises:
            ResourceExhausted: there are `at_most` already; None is no limit.
        """
        if at_most is not None and self._counts[who] >= at_most:
            raise ResourceExhausted(
                f"{who} has {at_most} {self._what} at one time, the maximum; end one first"
            )
        self._counts[who] += 1
        try:
            yield
        finally:
            self._counts[who] -= 1
            if not self._counts[who]:
                del self._counts[who]
