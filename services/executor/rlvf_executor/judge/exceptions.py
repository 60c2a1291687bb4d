"""Rebuilds a candidate's exception in the judge, from the record that was sent (`raised.py`).

A record is names and plain data. The classes are the judge's own: Python's, a few of the standard
library, and those that the problem's prompt defines. For a class of the candidate, the judge makes
a new class of the same name that derives from the nearest of these, so that `except ValueError`
catches the program's `NegativeError(ValueError)`; `str`, `args` and plain attributes are kept.

Exceptions that Python itself acts on are not rebuilt: one that is not an `Exception` (`SystemExit`)
ends the program, and one that would end a loop of the test (`StopIteration`) becomes an
`Exception`.
"""

import builtins
import contextlib
import sys
from collections.abc import Mapping
from typing import NamedTuple

from rlvf_executor.contract import raised

_ENDS_LOOPS = (StopIteration, StopAsyncIteration)
# Those of the standard library that a test has a reason to catch. Not all: a test framework handles
# some itself (`unittest.SkipTest`).
_STANDARD = frozenset((
    "_csv.Error", "_queue.Empty", "binascii.Error", "dataclasses.FrozenInstanceError",
    "decimal.DivisionByZero", "decimal.InvalidOperation", "decimal.Overflow",
    "graphlib.CycleError", "json.decoder.JSONDecodeError", "queue.Full", "re.error",
    "statistics.StatisticsError", "struct.error", "zlib.error",
))  # fmt: skip
_CODEC_ERRORS = (UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError)
_LAST_PLACE = 100_000  # The maximum line or column of a syntax error.
_MAX_RECORDS = 1000
_MAX_ATTRIBUTES = 1000


class NotARecord(Exception):
    """The candidate did not send a record of an exception."""


class EndsProgram(Exception):
    """The exception ends a program; the message is the name of its class."""


class _Record(NamedTuple):
    name: str
    message: str
    kinds: tuple[str, ...]
    args: tuple[object, ...] | None
    attributes: dict[str, object]
    cause: object
    members: tuple[object, ...]


def rebuild(sent: object, known: Mapping[str, type[Exception]]) -> Exception:
    """The exception of a record. `known` are the test's own exception classes, by name.

    Raises NotARecord, EndsProgram.
    """
    return _Rebuilding(known).exception(sent)


class _Rebuilding:
    def __init__(self, known: Mapping[str, type[Exception]]) -> None:
        self._known = known
        self._records = 0

    def exception(self, sent: object) -> Exception:
        self._records += 1
        record = _checked(sent)
        if record is None or self._records > _MAX_RECORDS:
            raise NotARecord
        if "builtins.Exception" not in record.kinds:
            raise EndsProgram(record.name)
        error = self._made(record)
        if record.cause is not None:
            with contextlib.suppress(EndsProgram):  # Only the exception itself ends a program.
                error.__cause__ = self.exception(record.cause)
        return error

    def _made(self, record: _Record) -> Exception:
        kinds = [kind for name in record.kinds if (kind := self._kind(name)) is not None]
        members = [self.exception(one) for one in record.members]
        args = record.args or ()
        if members:
            args = (*args[:1], members)
        own = "." not in record.kinds[0] or self._kind(record.kinds[0]) is None
        if not own and _bears(kinds[0], args):
            try:
                error = kinds[0](*args)
                if str(error).startswith(record.message):  # The message may have been cut.
                    return error
            except Exception:  # Its constructor needs other arguments than `args`.
                pass
        return _new(record, kinds, args)

    def _kind(self, name: str) -> type[Exception] | None:
        """The judge's own class of this name; None if there is none."""
        module, _, bare = name.rpartition(".")
        found: object = None
        if module == "builtins":
            found = getattr(builtins, bare, None)
        elif not module:
            found = self._known.get(name)
        elif name in _STANDARD:
            found = getattr(sys.modules.get(module), bare, None)
        if not (isinstance(found, type) and issubclass(found, Exception)):
            return None
        return None if issubclass(found, _ENDS_LOOPS) else found


def _new(record: _Record, kinds: list[type[Exception]], args: tuple[object, ...]) -> Exception:
    """An exception of a new class that derives from the nearest of `kinds`."""
    nearest = [
        kind
        for place, kind in enumerate(kinds)
        if not any(issubclass(one, kind) for one in kinds[:place])
    ]
    try:
        return _of_class(record, tuple(nearest), args)
    except Exception:  # The classes cannot be combined, or need other arguments.
        return _of_class(record, (Exception,), args)


def _of_class(
    record: _Record, bases: tuple[type[Exception], ...], args: tuple[object, ...]
) -> Exception:
    name = record.name
    kind: type[Exception] = type(
        name if name.isidentifier() and name.isascii() else "CandidateError",
        bases,
        {"__module__": "__main__", "__str__": lambda _: record.message},
    )
    # No `__init__`, which may need other arguments.
    error = kind.__new__(kind, *args)
    vars(error).update(record.attributes)
    return error


def _bears(kind: type[Exception], args: tuple[object, ...]) -> bool:
    """Whether Python can safely make and format an exception of its own with these arguments.

    Python does not check them for some classes: it reads memory beyond the end of a text, writes as
    many marks below a line as the numbers say, and makes an integer of a `Decimal` of a billion
    digits.
    """
    if kind.__module__ != "builtins":
        return all(type(one) in (str, bytes, int, type(None)) for one in args)
    if issubclass(kind, _CODEC_ERRORS):
        match args[-4:]:
            case (str() | bytes() as text, int(start), int(end), str()):
                return 0 <= start < end <= len(text)
        return False
    if issubclass(kind, SyntaxError) and len(args) == 2:
        place = args[1]
        return type(place) is tuple and all(
            one is None or type(one) is str or (type(one) is int and abs(one) <= _LAST_PLACE)
            for one in place
        )
    return True


def _checked(sent: object) -> _Record | None:
    if type(sent) is not tuple or len(sent) != len(_Record._fields):
        return None
    record = _Record(*sent)
    names = [record.name, record.message, *record.kinds] if type(record.kinds) is tuple else [None]
    right = (
        all(type(one) is str for one in names)
        and (record.args is None or type(record.args) is tuple)
        and type(record.attributes) is dict
        and all(type(one) is str and not one.startswith("__") for one in record.attributes)
        and type(record.members) is tuple
        and 0 < len(record.kinds) <= raised.MAX_KINDS
        and len(record.attributes) <= _MAX_ATTRIBUTES
    )
    return record if right else None
