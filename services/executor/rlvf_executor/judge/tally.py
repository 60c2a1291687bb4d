"""How many cases of a test a candidate has passed, while its test runs."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Kept by each kind of test for itself; `judging.py` reports it."""

    wanted: bool = False
    """Whether a test that is judged, not counted, has to say how far it came."""
    passed: int = 0
    """Cases that were found right."""
    at_case: bool = False
    """Whether what went wrong is in a case, so that the ones after it can be run without it."""
    unknown: bool = False
    """Whether it cannot be told which cases were found right."""
