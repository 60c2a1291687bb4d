"""Attacks that the server tries on its own slots before it serves: each must be stopped.

They are few and fast; the full set is in tests/security. Their targets are real: a file that
exists, a port that listens, a process that handles the signal.
"""

import asyncio
import secrets
import signal
import socket
import tempfile
from collections.abc import Callable
from typing import NamedTuple

from rlvf.executor.v1 import executor_pb2
from rlvf_executor.contract import link, policy, test_payload
from rlvf_executor.contract.link import Message
from rlvf_executor.contract.outcomes import Outcome, Verdict
from rlvf_executor.contract.slots import NAMESPACES
from rlvf_executor.server.slot import Slot, SlotDied

_LIMITS = policy.DEFAULT_LIMITS._replace(
    cpu_seconds=1.0, wall_seconds=10.0, memory_bytes=128 * policy.MIB, processes=8
)
_TEST = "def check(candidate):\n    assert candidate(5) == 7\n"
_MARK = "canary-" + secrets.token_hex(8)


class _Attack(NamedTuple):
    name: str
    message: Message
    stopped: Callable[[Message], bool]


def _program(
    name: str, source: str, stopped: Callable[[Message], bool], **limits: float
) -> _Attack:
    values: dict[str, object] = {"limits": _LIMITS._replace(**limits)}  # type: ignore[arg-type]
    return _Attack(name, Message(link.EXECUTE, values, (source.encode(), b"")), stopped)


def _candidate(
    name: str, source: str, *verdicts: Verdict, cpu_seconds: float = _LIMITS.cpu_seconds
) -> _Attack:
    test = test_payload.encode("check_function", entry_point="f", source=_TEST, support_source="")
    values: dict[str, object] = {"limits": _LIMITS._replace(cpu_seconds=cpu_seconds)}
    message = Message(link.GRADE, values, (b"f\n" + source.encode(), test))
    return _Attack(
        name, message, lambda answer: answer.values.get("verdict") in [str(one) for one in verdicts]
    )


def _quiet(answer: Message) -> bool:
    """Whether the program ran to its end and did not reach its target."""
    if answer.kind != link.EXECUTED or answer.values["outcome"] != Outcome.EXITED:
        return False
    return b"ran" in answer.blobs[0] and _MARK.encode() not in answer.blobs[0]


def _ends_as(*outcomes: Outcome) -> Callable[[Message], bool]:
    return lambda answer: answer.values.get("outcome") in [str(one) for one in outcomes]


def _attempt(body: str) -> str:
    """A program that tries `body`, ignores exceptions, and prints that it ran."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"try:\n{lines}\nexcept BaseException:\n    pass\nprint('ran')\n"


_BELOW_ZERO = (Verdict.FAILED, Verdict.ERROR)

_CANDIDATES = (
    _candidate("a right answer passes", "def f(x): return x + 2", Verdict.PASSED),
    _candidate("a wrong answer fails", "def f(x): return x + 3", Verdict.FAILED),
    _candidate("no answer fails", "", Verdict.ERROR),
    _candidate(
        "an object that equals everything",
        "class Any(int):\n    def __eq__(self, other): return True\ndef f(x): return Any()",
        Verdict.ERROR,
    ),
    _candidate("exit status 0 in the call", "import os\ndef f(x): os._exit(0)", Verdict.ERROR),
    _candidate(
        "a verdict written to every descriptor",
        "import os\ndef f(x):\n"
        "    for fd in range(64):\n"
        '        try: os.write(fd, b\'["passed", ""]\\n\')\n'
        "        except OSError: pass\n"
        "    os._exit(0)",
        *_BELOW_ZERO,
    ),
    _candidate(
        "a loop without end", "def f(x):\n    while True: pass", Verdict.TIMEOUT, cpu_seconds=0.2
    ),
)


def _programs(secret_file: str, port: int) -> tuple[_Attack, ...]:
    return (
        _program(
            "a file of the host",
            _attempt(f"print('{_MARK}' if open({secret_file!r}).read() else '')"),
            _quiet,
        ),
        _program(
            "writing to the system", _attempt(f"open('/usr/x', 'w')\nprint('{_MARK}')"), _quiet
        ),
        _program(
            "the network",
            _attempt(
                f"import socket\n"
                f"socket.create_connection(('127.0.0.1', {port}), 1)\nprint('{_MARK}')"
            ),
            _quiet,
        ),
        _program(
            "signals to others",
            # Processes ignore SIGURG by default.
            "import os\nfor pid in (-1, *range(2, 40000)):\n    if pid != os.getpid():\n"
            "        try: os.kill(pid, 23)\n        except OSError: pass\nprint('ran')",
            _quiet,
        ),
        _program("another namespace", _attempt(_NAMESPACE), _quiet),
        _program(
            "too much memory",
            f"x = bytearray({2 * _LIMITS.memory_bytes})",
            _ends_as(Outcome.MEMORY_EXCEEDED),
        ),
    )


# unshare(CLONE_NEWUSER) through libc, because Python 3.11 has no function for it.
_NAMESPACE = f"""\
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x10000000) == 0 or libc.ptrace(0, 0, 0, 0) == 0:
    print('{_MARK}')"""

_LEAVE = _attempt(f"open('/tmp/left', 'w').write('{_MARK}')")
_FIND = _attempt(
    "import os\nfor place in ('/tmp', '/dev/shm', '/var/tmp'):\n    print(*os.listdir(place))"
)
_FORK = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"


async def try_all(slot: Slot, tier: str) -> list[executor_pb2.Canary]:
    """Tries every attack on one slot and reports each."""
    canaries: list[executor_pb2.Canary] = []
    signalled: list[bool] = []
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGURG, lambda: signalled.append(True))
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        with tempfile.NamedTemporaryFile("w") as secret:
            secret.write(_MARK)
            secret.flush()
            attacks = [*_CANDIDATES, *_programs(secret.name, listener.getsockname()[1])]
            if tier == NAMESPACES:
                attacks += [
                    _program("leaving something behind", _LEAVE, _quiet),
                    _program(
                        "finding what was left",
                        _FIND,
                        lambda answer: answer.blobs == (b"\n\n\nran\n", b""),
                    ),
                    _program("a fork bomb", _FORK, _ends_as(Outcome.PROCESSES_EXCEEDED)),
                ]
            for attack in attacks:
                canaries.append(await _try(slot, attack))
    finally:
        listener.close()
        loop.remove_signal_handler(signal.SIGURG)
    if signalled:
        canaries.append(
            executor_pb2.Canary(name="signals to others", stopped=False, detail="a signal arrived")
        )
    return canaries


async def _try(slot: Slot, attack: _Attack) -> executor_pb2.Canary:
    try:
        answer = await slot.run(attack.message)
    except SlotDied as error:
        return executor_pb2.Canary(name=attack.name, stopped=False, detail=str(error))
    seen = {key: value for key, value in answer.values.items() if key != "usage"}
    blobs = " ".join(blob.decode(errors="replace")[-300:] for blob in answer.blobs)
    return executor_pb2.Canary(
        name=attack.name,
        stopped=attack.stopped(answer),
        detail=f"{answer.kind} {seen} {blobs}".strip()[:500],
    )
