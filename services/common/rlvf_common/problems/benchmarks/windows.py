"""Windows of release dates: parts of a data set, such as `livecodebench-from-2024-08-01`.

A model cannot have been trained on a problem that is newer than its training data. The window is a
part of the name, so whatever names a benchmark (a result, a report, a comparison) tells its window.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from rlvf_common.problems.benchmarks import Content

__all__ = ["Window", "split_name"]

_DATE = r"\d{4}-\d{2}-\d{2}"
_NAME = re.compile(rf"(.+?)(?:-from-({_DATE}))?(?:-to-({_DATE}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """Dates from `first` to `last`, both included; None means no limit."""

    first: date | None = None
    last: date | None = None

    def __str__(self) -> str:
        since = f"from {self.first}" if self.first else ""
        return f"{since} to {self.last}".strip() if self.last else since

    def __contains__(self, released: str) -> bool:
        """Whether a date in the form of `Problem.released` is in the window; an empty one is
        not."""
        if not released:
            return False
        day = date.fromisoformat(released)
        return (self.first or day) <= day <= (self.last or day)

    def of(self, content: Content) -> Content:
        """The problems that were released in the window. Omissions are those of the whole set.

        Raises:
            ValueError: there is none; the message gives the range of dates.
        """
        kept = tuple(problem for problem in content.problems if problem.released in self)
        if kept:
            return replace(content, problems=kept)
        dates = sorted(problem.released for problem in content.problems if problem.released)
        there = f"their dates are {dates[0]} to {dates[-1]}" if dates else "none has a date"
        count = len(content.problems)
        raise ValueError(f"none of the {count} problems was released {self}: {there}")


def split_name(name: str) -> tuple[str, Window | None]:
    """The name of a data set and the window that it names; None if it names no valid one."""
    match = _NAME.fullmatch(name)
    if match is None or match[2] is match[3] is None:
        return name, None
    try:
        first, last = (date.fromisoformat(one) if one else None for one in match.group(2, 3))
    except ValueError:
        return name, None
    return match[1], Window(first, last)
