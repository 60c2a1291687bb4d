"""The candidate's process: runs a program's source, then answers calls of its entry point.

It is given the source, and for each call the arguments: no test, no expected value. What it sends
back is only ever treated as data by the judge, so nothing here has to be safe from the program it
runs.
"""

import socket
from collections.abc import Callable

from rlvf_executor import frames, messages, wire


def serve(source: str, entry_point: str, channel: socket.socket) -> None:
    """Runs `source`, then answers calls until the judge hangs up."""
    reply = _load(source, entry_point)
    if isinstance(reply, bytes):
        frames.send(channel, reply)
        return
    function = reply
    frames.send(channel, messages.READY)
    while True:
        try:
            request = frames.receive(channel, max_bytes=messages.MAX_MESSAGE_BYTES)
        except frames.ChannelClosed:
            return
        frames.send(channel, _answer(function, request))


def _load(source: str, entry_point: str) -> Callable[..., object] | bytes:
    namespace: dict[str, object] = {}
    try:
        code = compile(source, "<candidate>", "exec", dont_inherit=True)
    except BaseException as error:
        return _broken(f"the program does not compile: {_describe(error)}")
    try:
        exec(code, namespace)
    except MemoryError:
        return messages.NO_MEMORY
    except BaseException as error:
        return _broken(f"the program raised while it was loaded: {_describe(error)}")
    function = namespace.get(entry_point)
    if entry_point not in namespace:
        return _broken(f"the program does not define {entry_point}")
    if not callable(function):
        return _broken(f"{entry_point} is not callable")
    return function


def _answer(function: Callable[..., object], request: bytes) -> bytes:
    try:
        arguments = wire.decode(request[1:])
        assert isinstance(arguments, tuple)
        positional, keywords = arguments
        result = function(*positional, **keywords)
    except MemoryError:
        return messages.NO_MEMORY
    except BaseException as error:
        return _raised(error)
    try:
        return messages.VALUE + wire.encode(result)
    except MemoryError:
        return messages.NO_MEMORY
    except BaseException as error:
        # NotPlainData says what is wrong; anything else is a value that broke the encoder.
        reason = str(error) if type(error) is wire.NotPlainData else "it cannot be read"
        return messages.NOT_DATA + wire.encode(f"returned a value that is not plain data: {reason}")


def _raised(error: BaseException) -> bytes:
    return messages.RAISED + wire.encode((_class_name(error), _message(error)))


def _broken(sentence: str) -> bytes:
    return messages.BROKEN + wire.encode(sentence)


def _class_name(error: BaseException) -> str:
    # type.__name__ itself, because a metaclass may define a property of that name.
    name = type.__dict__["__name__"].__get__(type(error))
    return name[:200] if type(name) is str else "Exception"


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:  # The program's own __str__ may do anything.
        return "(its message cannot be read)"
    return text[:1000] if type(text) is str else ""


def _describe(error: BaseException) -> str:
    message = _message(error)
    return f"{_class_name(error)}: {message}" if message else _class_name(error)
