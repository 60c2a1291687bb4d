"""A candidate's exception as it is sent to its judge: names and plain data, no class.

A record is the tuple (name, message, kinds, args, attributes, cause, members). `kinds` names the
class and its bases in the order of the MRO, the last `MAX_KINDS` of them: a built-in class as
`builtins.ValueError`, another library class with its module (`json.decoder.JSONDecodeError`), a
class of the program by its bare name. `args` is None where they are not plain data; `attributes`
has those that are plain data. `cause` is the record of `__cause__`, or None; `members` are the
records of the exceptions in a group. `exceptions.py` reads records.
"""

import builtins

from rlvf_executor.contract import policy, wire

_BUILT_IN = frozenset(
    kind
    for kind in vars(builtins).values()
    if isinstance(kind, type) and issubclass(kind, BaseException)
)
MAX_KINDS = 100
_MAX_BYTES = 64 * policy.KIB
_MAX_DEPTH = 8
_NAME_CHARACTERS = 200
_MESSAGE_CHARACTERS = 1000


def encode(error: BaseException) -> bytes:
    """Encodes an exception; of one that is too large, only its names and message."""
    try:
        return wire.encode(_record(error, _MAX_DEPTH), max_bytes=_MAX_BYTES)
    except BaseException:  # The program's own classes may do anything when they are read.
        return wire.encode((class_name(error), message(error), _kinds(error), None, {}, None, ()))


def class_name(error: BaseException) -> str:
    """The name of an exception's class."""
    # type.__name__ itself, because a metaclass may define a property of that name.
    name = type.__dict__["__name__"].__get__(type(error))
    return name[:_NAME_CHARACTERS] if type(name) is str else "Exception"


def message(error: BaseException) -> str:
    """`str` of an exception, cut to `_MESSAGE_CHARACTERS`."""
    try:
        text = str(error)
    except BaseException:  # The program's own __str__ may do anything.
        return "(its message cannot be read)"
    return text[:_MESSAGE_CHARACTERS] if type(text) is str else ""


def describe(error: BaseException) -> str:
    """An exception in one line."""
    text = message(error)
    return f"{class_name(error)}: {text}" if text else class_name(error)


def _record(error: BaseException, depth: int) -> tuple[object, ...]:
    cause, args = error.__cause__, error.args
    members: tuple[BaseException, ...] = ()
    if isinstance(error, BaseExceptionGroup) and depth:
        args, members = (error.message,), error.exceptions
    return (
        class_name(error),
        message(error),
        _kinds(error),
        args if _is_plain(args) else None,
        {name: value for name, value in vars(error).items() if _is_attribute(name, value)},
        None if cause is None or not depth else _record(cause, depth - 1),
        tuple(_record(one, depth - 1) for one in members),
    )


def _kinds(error: BaseException) -> tuple[str, ...]:
    # A class with a metaclass may do anything when it is hashed or asked for its name.
    order: tuple[type, ...] = type.__dict__["__mro__"].__get__(type(error))
    names = [_kind_name(one) for one in order if type(one) is type and one is not object]
    return tuple(names[-MAX_KINDS:])  # Python's own are last.


def _kind_name(kind: type) -> str:
    if kind in _BUILT_IN:
        return f"builtins.{kind.__name__}"
    # A program's own classes have no module; Python then says `builtins`.
    module = kind.__dict__.get("__module__")
    own = type(module) is not str or module in ("builtins", "__main__")
    return kind.__name__ if own else f"{module}.{kind.__name__}"


def _is_attribute(name: object, value: object) -> bool:
    return type(name) is str and not name.startswith("__") and _is_plain(value)


def _is_plain(value: object) -> bool:
    try:
        wire.encode(value, max_bytes=_MAX_BYTES)
    except wire.NotPlainData:
        return False
    return True
