"""Converts the standard library's dates, times and durations to plain data and back; for all
processes.

The only zone is UTC (`datetime.UTC`): another could be an object of a program's own class. Nothing
here imports `datetime` before there is a value of it.
"""

import sys
from typing import Any


def take_apart(value: object) -> list[object] | None:
    """The name of the type, the numbers of a value, and whether it is in UTC; None for other
    values."""
    module: Any = sys.modules.get("datetime")
    kind: Any = type(value)
    it: Any = value
    if module is None:
        return None
    if kind is module.datetime or kind is module.time:
        if it.tzinfo is not None and it.tzinfo is not module.UTC:
            return None
        in_utc = it.tzinfo is not None
        clock = [it.hour, it.minute, it.second, it.microsecond, it.fold]
        if kind is module.time:
            return ["time", clock, in_utc]
        return ["datetime", [it.year, it.month, it.day, *clock], in_utc]
    if kind is module.date:
        return ["date", [it.year, it.month, it.day], False]
    if kind is module.timedelta:
        return ["timedelta", [it.days, it.seconds, it.microseconds], False]
    return None


def put_together(parts: list[object]) -> object:
    """The value of these parts, which may be forged. Raises ValueError or OverflowError if they are
    not those of one."""
    import datetime

    match parts:
        case [str(kind), list(found), bool(in_utc)]:
            numbers = [one for one in found if type(one) is int]
            if len(numbers) == len(found) == _COUNTS.get(kind):
                zone: Any = datetime.UTC if in_utc else None
                made: Any = getattr(datetime, kind)
                if kind in ("datetime", "time"):
                    return made(*numbers[:-1], zone, fold=numbers[-1])
                if not in_utc:
                    return made(*numbers)
    raise ValueError("a date whose parts do not fit together")


_COUNTS = {"datetime": 8, "date": 3, "time": 5, "timedelta": 3}
