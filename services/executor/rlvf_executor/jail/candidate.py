"""The candidate's process, in the jail: runs a program's source, then answers the judge's requests.

It gets the source and the arguments of each call: no test, no expected value. The judge treats its
answers as data only, so nothing here has to be safe from the program that it runs.
"""

from itertools import islice

from rlvf_executor.contract import frames, messages, policy, raised, wire
from rlvf_executor.contract.control import Socket
from rlvf_executor.contract.wire import Reference


def serve(source: str, entry_point: str, channel: Socket) -> None:
    """Runs `source`, then answers requests until the judge closes the channel.

    `entry_point` may be empty: then the judge asks for globals by name.
    """
    namespace: dict[str, object] = {}
    broken = _load(source, entry_point, namespace)
    try:
        frames.send(channel, broken or messages.READY)
        if broken:
            return
        objects = Objects(namespace.get(entry_point))
        reader = frames.Reader(channel)
        while True:
            request = reader.receive(messages.MAX_MESSAGE_BYTES)
            frames.send(channel, _answer(namespace, objects, request))
    except frames.ChannelClosed:
        return


class Objects:
    """The objects that the judge has references to, numbered and kept until the process ends."""

    def __init__(self, entry_point: object) -> None:
        self._kept = [entry_point]  # Number 0, `messages.ENTRY_POINT`.
        self._numbers = {id(entry_point): 0}
        self._raised: dict[int, BaseException] = {}

    def refer(self, value: object) -> Reference:
        """The reference of an object; the same object always has the same number."""
        return self.refer_as(value, wire.describe(value))

    def refer_as(self, value: object, text: str) -> Reference:
        """The same, with another text."""
        number = self._numbers.setdefault(id(value), len(self._kept))
        if number == len(self._kept):
            self._kept.append(value)
        return Reference(number, text, wire.is_iterator(value))

    def resolve(self, reference: Reference) -> object:
        """The object of a reference."""
        return self._kept[reference.number]

    def take(self, number: int, count: object) -> list[object]:
        """The next `count` items of an iterator, fewer at its end. If it raises after some items,
        the next call raises that."""
        if number in self._raised:
            raise self._raised.pop(number)
        items: list[object] = []
        try:
            items.extend(islice(self._kept[number], count))  # type: ignore[call-overload]
        except BaseException as error:
            if not items:
                raise
            self._raised[number] = error
        return items

    def __getitem__(self, number: int) -> object:
        return self._kept[number]


def _load(source: str, entry_point: str, namespace: dict[str, object]) -> bytes:
    """Runs the source; returns a message that says why it cannot be called, or b"" if it can."""
    try:
        code = compile(source, "<candidate>", "exec", dont_inherit=True)
    except BaseException as error:
        return _broken(f"the program does not compile: {raised.describe(error)}")
    try:
        exec(code, namespace)
    except MemoryError:
        return messages.NO_MEMORY
    except BaseException as error:
        return _broken(f"the program raised while it was loaded: {raised.describe(error)}")
    if entry_point and entry_point not in namespace:
        return _find(namespace, entry_point)
    if entry_point and not callable(namespace[entry_point]):
        return _broken(f"{entry_point} is not callable")
    return b""


def _find(namespace: dict[str, object], entry_point: str) -> bytes:
    """Finds an entry point such as `total Solution`: a function `total`, or the method of this name
    of an instance of the class `Solution`.

    If found, puts it into the namespace under `entry_point`. Returns as `_load`.
    """
    name, _, owner = entry_point.partition(" ")
    found = namespace.get(name)
    if name not in namespace and owner in namespace:
        try:
            found = getattr(namespace[owner](), name, None)  # type: ignore[operator]
        except MemoryError:
            return messages.NO_MEMORY
        except BaseException as error:
            return _broken(f"{owner}() raised {raised.describe(error)}")
    if found is None:
        instead = f", nor a class {owner} that has it" if owner else ""
        return _broken(f"the program does not define {name}{instead}")
    if not callable(found):
        return _broken(f"{name} is not callable")
    namespace[entry_point] = found
    return b""


def _answer(namespace: dict[str, object], objects: Objects, request: bytes) -> bytes:
    try:
        kind, payload = request[:1], request[1:]
        if kind == messages.GET:
            name = wire.decode_from_judge(payload, resolve=objects.resolve)
            if name not in namespace:
                return _broken(f"the program does not define {name}")
            result = namespace[name]
        else:
            (number,) = messages.NUMBER.unpack_from(payload)
            asked = wire.decode_from_judge(payload[messages.NUMBER.size :], resolve=objects.resolve)
            if kind == messages.NEXT:
                result = objects.take(number, asked)
            else:
                result = _do(kind, objects[number], asked)
    except MemoryError:
        return messages.NO_MEMORY
    except BaseException as error:
        return messages.RAISED + raised.encode(error)
    return _value(objects, result)


def _do(kind: bytes, target: object, asked: object) -> object:
    if kind == messages.READ:
        return getattr(target, asked)  # type: ignore[call-overload]
    assert isinstance(asked, tuple)
    first, second = asked
    if kind == messages.WRITE:
        setattr(target, first, second)
        return None
    return target(*first, **second)  # type: ignore[operator]


def _value(objects: Objects, result: object) -> bytes:
    try:
        return messages.VALUE + wire.encode(result, refer=objects.refer)
    except MemoryError:
        return messages.NO_MEMORY
    except BaseException as error:
        # NotPlainData has a message for people; other exceptions mean that encoding failed.
        reason = str(error) if type(error) is wire.NotPlainData else "it cannot be read"
    try:
        # Plain but too large or too deep: it stays here, and is an error only if the test uses it.
        return messages.VALUE + wire.encode_reference(objects.refer_as(result, reason))
    except BaseException:
        return messages.NOT_DATA + wire.encode(f"returned a value that is not plain data: {reason}")


def _broken(sentence: str) -> bytes:
    return messages.BROKEN + wire.encode(sentence[: policy.MAX_DETAIL_CHARACTERS])
