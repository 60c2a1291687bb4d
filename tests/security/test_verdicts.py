# ruff: noqa: E501 -- programs in one string each read better than wrapped.
"""Nothing that a candidate does turns wrong into passed."""

import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf_executor.contract import frames, messages, wire
from tests.processes.executor import Client, limits

TEST = """
SECRET_EXPECTATION = 7
def check(candidate):
    assert candidate(5) == SECRET_EXPECTATION
    assert candidate([1, 2]) == [2, 1]
    assert candidate("a") == "b"
"""
SHORT = limits(cpu_seconds=1, wall_seconds=5)

FORGERIES = {
    "exit in the call": "import os\ndef f(x): os._exit(0)",
    "exit by SystemExit": "import sys\ndef f(x): sys.exit(0)",
    "exit at import": "import sys\nsys.exit(0)",
    "hard exit at import": "import os\nos._exit(0)",
    "exit in atexit": "import atexit, os\natexit.register(lambda: os._exit(0))\ndef f(x): pass",
    "equals everything": "class E:\n    def __eq__(s, o): return True\n    __hash__ = None\ndef f(x): return E()",
    "int that lies": "class E(int):\n    def __eq__(s, o): return True\ndef f(x): return E()",
    "float that lies": "class E(float):\n    def __eq__(s, o): return True\n    def __sub__(s, o): return 0.0\ndef f(x): return E()",
    "str that lies": "class E(str):\n    def __eq__(s, o): return True\ndef f(x): return E()",
    "list that lies": "class E(list):\n    def __eq__(s, o): return True\n    def __len__(s): return 2\ndef f(x): return E()",
    "dict that lies": "class E(dict):\n    def __eq__(s, o): return True\ndef f(x): return E()",
    "tuple that lies": "class E(tuple):\n    def __eq__(s, o): return True\ndef f(x): return E()",
    "liar in a list": "class E(int):\n    def __eq__(s, o): return True\ndef f(x): return [E(), E()]",
    "liar as a key": "class E(int):\n    def __eq__(s, o): return True\n    def __hash__(s): return 0\ndef f(x): return {E(): 1}",
    "class that lies about itself": "class E:\n    __class__ = int\n    def __eq__(s, o): return True\ndef f(x): return E()",
    "walks frames": "import sys\ndef f(x):\n    frame = sys._getframe()\n    while frame:\n        for v in list(frame.f_locals.values()):\n            if isinstance(v, list): v.append('passed')\n        for k, v in {**frame.f_locals, **frame.f_globals}.items():\n            if 'EXPECT' in k: return v\n        frame = frame.f_back",
    "searches the collector": "import gc\ndef f(x):\n    for o in gc.get_objects():\n        try:\n            if isinstance(o, dict) and 'SECRET_EXPECTATION' in o: return o['SECRET_EXPECTATION']\n        except Exception: pass",
    "traces": "import sys\nsys.settrace(lambda *a: (_ for _ in ()).throw(SystemExit(0)))\ndef f(x): return None",
    "patches builtins": "import builtins\nbuiltins.AssertionError = Exception\nbuiltins.compile = lambda *a, **k: None\nbuiltins.exec = lambda *a, **k: None\ndef f(x): return None",
    "patches equality": "import operator, json, math, unittest\noperator.eq = lambda a, b: True\njson.loads = lambda s: True\nmath.isclose = lambda *a, **k: True\nunittest.TestCase.assertEqual = lambda *a: None\ndef f(x): return None",
    "patches the codec": "import sys\nfor m in list(sys.modules.values()):\n    for n in list(getattr(m, '__dict__', {})):\n        if n in ('encode', '_raised', '_broken'): setattr(m, n, lambda *a, **k: b'T')\ndef f(x): return object()",
    "writes to every descriptor": "import os\ndef f(x):\n    for n in range(256):\n        for line in (b'[\"passed\", \"\"]\\n', b'passed', b'\\0\\0\\0\\1R'):\n            try: os.write(n, line)\n            except OSError: pass\n    os._exit(0)",
    "answers in advance": "import os, struct\ndef f(x):\n    for n in range(3, 64):\n        try: os.write(n, struct.pack('>I', 2) + b'VT')\n        except OSError: pass",
    "prints success": "print('[\"passed\", \"\"]')\nprint('PASSED')\nprint('All tests passed')\ndef f(x): print('[\"passed\", \"\"]')",
    "defines check": "def check(c): return True\ndef f(x): return None",
    "replaces the entry point late": "import threading\ndef f(x):\n    globals()['f'] = lambda x: 7\n    return None",
    "patches from a thread": "import threading, builtins\ndef patch():\n    while True: builtins.AssertionError = Exception\nthreading.Thread(target=patch, daemon=True).start()\ndef f(x): return None",
    "swallows everything": "def f(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
    "raises AssertionError": "def f(x): raise AssertionError",
    "raises StopIteration": "def f(x): raise StopIteration",
    "returns NotImplemented": "def f(x): return NotImplemented",
    "returns a function": "def f(x): return f",
    "returns a module": "import sys\ndef f(x): return sys",
    "returns a generator": "def f(x): yield 7",
    "a metaclass": "class M(type):\n    def __call__(c, *a): return M('int', (int,), {})\n    __name__ = 'int'\nclass f(metaclass=M): pass",
    "exception that lies": "class E(Exception):\n    def __str__(s): raise SystemExit(0)\n    def __reduce__(s): return (print, ('x',))\ndef f(x): raise E()",
    "forks and answers twice": "import os\ndef f(x):\n    os.fork()\n    return None",
    "closes its channel": "import os\ndef f(x): os.closerange(3, 64)",
    "kills itself": "import os\ndef f(x): os.kill(os.getpid(), 9); os._exit(0)",
    "segmentation fault": "import ctypes\ndef f(x): ctypes.string_at(0)",
    "changes its arguments": "def f(x):\n    if isinstance(x, list): x.reverse()\n    return x",
    "empty": "",
    "pass": "def f(x): pass",
}  # fmt: skip


@pytest.mark.parametrize("source", FORGERIES.values(), ids=FORGERIES)
def test_forged_pass_is_rejected(client: Client, source: str) -> None:
    assert client.verdict(source, TEST, SHORT) in {"failed", "error", "timeout", "memory"}


def test_the_test_is_nowhere_in_the_candidate_s_memory(client: Client) -> None:
    # The test's expectation is in the judge; the candidate looks through all of its own memory.
    needle = "EXPECTED_VALUE_1234"
    source = """
import gc, sys
def f(x):
    wanted = "".join(reversed("4321_EULAV_DETCEPXE"))
    for o in gc.get_objects():
        if isinstance(o, (list, tuple, dict)) and wanted in str(o)[:100000]: return wanted
    return ""
"""
    test = (
        f"def check(candidate):\n    expected = {needle!r}\n    assert candidate(1) == expected\n"
    )
    for _ in range(2):
        assert client.verdict(source, test) == "failed"


def test_an_earlier_candidate_s_source_is_not_in_memory(client: Client) -> None:
    # The raw memory of the process, which the interpreter's own tools would not show.
    good = "def f(x):\n    'MARKER_" + "OF_THE_RIGHT_ANSWER'\n    return x + 2\n"
    test = "def check(candidate): assert candidate(5) == 7"
    assert client.verdict(good, test) == "passed"
    search = """
import ctypes, os, gc
def f(x):
    wanted = ("MARKER_" + "OF_THE_" + "RIGHT_ANSWER").encode()
    libc = ctypes.CDLL(None, use_errno=True)
    reader, writer = os.pipe()
    found = 0
    end = libc.sbrk
    end.restype = ctypes.c_void_p
    top = end(0)
    size = 64 << 20
    start = top - size
    page = 4096
    for at in range(start - start % page, top, page):
        # write() fails with EFAULT where nothing is mapped.
        if libc.write(writer, ctypes.c_void_p(at), page) == page:
            if wanted in os.read(reader, page): found += 1
    return 7 if found else 0
"""
    assert client.verdict(search, test, limits(cpu_seconds=5)) == "failed"


def test_candidate_output_does_not_reach_the_verdict(client: Client) -> None:
    noisy = "import sys\ndef f(x):\n    print('passed' * 100000); sys.stderr.write('x' * 1000000)\n    return x + 2"
    assert client.verdict(noisy, "def check(c): assert c(5) == 7") == "passed"
    assert client.verdict(noisy, "def check(c): assert c(5) == 8") == "failed"


@pytest.mark.slow
def test_a_candidate_cannot_make_the_judge_do_endless_work_unpunished(client: Client) -> None:
    # Integers that all have the same hash make a set quadratic to build.
    source = "def f(x): return [i * (2**61 - 1) for i in range(1, 200_000)]"
    test = "def check(candidate): assert set(candidate(1)) == {1}"
    assert client.verdict(source, test, limits(cpu_seconds=4)) in {"timeout", "failed"}


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("def f(x): return 10**15", "def check(c):\n    for n in range(c(5)): pass"),
        pytest.param(
            "def f(x): return 10**15", "def check(c): assert 10 ** c(5) == 7", marks=pytest.mark.slow
        ),
        ("def f(x): return 10**10", "def check(c): assert len([0] * c(5)) == 7"),
        ("def f(x): raise KeyError", "def check(c):\n    while True:\n        try: c(5)\n        except KeyError: pass"),
        ("def f(x): return 1", "import os\ndef check(c):\n    if c(5) != 7: os._exit(1)"),
    ],
    ids=["range", "power", "memory", "exceptions", "exit"],
)  # fmt: skip
def test_an_answer_that_the_test_cannot_bear_is_the_candidate_s_fault(
    client: Client, source: str, test: str
) -> None:
    # Two processes in turn: on a busy machine they wait long for a core.
    patient = limits(cpu_seconds=0.3, wall_seconds=60)
    assert client.verdict(source, test, patient) in {"failed", "error", "timeout", "memory"}


STOP_LOOPS = """
def check(candidate):
    for got, want in zip(map(candidate, [1, 2]), [3, 4]):
        assert got == want
"""


@pytest.mark.parametrize("name", ["StopIteration", "StopAsyncIteration", "GeneratorExit"])
def test_an_exception_does_not_end_the_test_s_loop_early(client: Client, name: str) -> None:
    assert client.verdict(f"def f(x): raise {name}", STOP_LOOPS, SHORT) == "error"


ITERATES = "def check(candidate):\n    assert tuple(candidate(5)) == (7,)\n    assert list(candidate(6)) == [8]\n"
ITERATORS = {
    "gives liars": "class E(int):\n    def __eq__(s, o): return True\ndef f(x): yield E()",
    "gives itself": "def f(x):\n    g = (g for _ in (1,))\n    return g",
    "has no items": "def f(x): return iter(())",
    "stops in disguise": "def f(x):\n    raise StopIteration\n    yield 7",
    "leaves before its item": "import os\ndef f(x):\n    os._exit(0)\n    yield 7",
    "ends by SystemExit": "def f(x):\n    raise SystemExit(0)\n    yield 7",
    "never ends": "def f(x):\n    while True: yield 7",
    "never gives an item": "def f(x):\n    while True: pass\n    yield 7",
    "an own class": "class I:\n    def __iter__(s): return s\n    def __next__(s): return 7\ndef f(x): return I()",
    "a class that says it is a generator": "class generator:\n    __module__ = 'builtins'\n    def __iter__(s): return iter((7,))\n    __next__ = None\n    def __eq__(s, o): return True\ndef f(x): return generator()",
    "an iterator over liars": "class L(list):\n    def __iter__(s): return iter((7,))\ndef f(x): return iter(L())",
    "keys that lie": "class K(int):\n    def __eq__(s, o): return True\n    def __hash__(s): return 7\ndef f(x): return {K(): 1}.keys()",
    "gives the test's frame": "import sys\ndef f(x):\n    frame = sys._getframe()\n    while frame.f_back: frame = frame.f_back\n    yield from frame.f_globals.values()",
    "ends its channel": "import os\ndef f(x):\n    os.closerange(3, 64)\n    yield 7",
    "answers for its items in advance": "import os, struct\ndef f(x):\n    for n in range(3, 64):\n        try: os.write(n, (struct.pack('>I', 10) + b'Vi' + struct.pack('>q', 7) + struct.pack('>I', 1) + b'D') * 9)\n        except OSError: pass\n    yield 9",
}  # fmt: skip


@pytest.mark.parametrize("ending", ["", "import sys\n"], ids=["worker", "judge"])
@pytest.mark.parametrize("source", ITERATORS.values(), ids=ITERATORS)
def test_a_forged_iterator_is_rejected(client: Client, source: str, ending: str) -> None:
    right = "def f(x): return (one for one in [x + 2])"
    assert client.verdict(right, ITERATES + ending, SHORT) == "passed"
    assert client.verdict(source, ITERATES + ending, SHORT) != "passed"


CATCHES = """
def check(candidate):
    caught = 0
    for argument in (5, "a"):
        try:
            candidate(argument)
        except ValueError as error:
            caught += len(str(error)) > 0
    assert caught == 2
    assert candidate(7) == 9
"""
EXCEPTIONS = {
    "SystemExit": "def f(x): raise SystemExit('0')",
    "a group of exits": "def f(x): raise BaseExceptionGroup('g', [SystemExit(), ValueError('v')])",
    "an exit that is a ValueError": "class E(SystemExit, ValueError): pass\ndef f(x): raise E('x')",
    "the end of the judge": "class Stop(BaseException): pass\nStop.__module__ = 'rlvf_executor.judge.remote'\ndef f(x): raise Stop('x')",
    "only its name": "class ValueError(Exception): pass\ndef f(x): raise ValueError('x')",
    "its module too": "class ValueError(Exception): __module__ = 'builtins.builtins'\ndef f(x): raise ValueError('x')",
    "a metaclass": "class M(type):\n    def mro(c): return [c, *type.mro(c)[1:]]\n    __mro__ = (ValueError,)\n    __name__ = 'ValueError'\nclass E(Exception, metaclass=M): pass\ndef f(x): raise E('x')",
    "the right exceptions, and no answer": "def f(x): raise ValueError('x')",
    "a message that lies": "class T(str):\n    def __eq__(s, o): return True\n    def __len__(s): return 1\nclass E(ValueError):\n    def __str__(s): return T()\ndef f(x):\n    if x != 7: raise E()\n    return T()",
}  # fmt: skip


@pytest.mark.parametrize("ending", ["", "import sys\n"], ids=["worker", "judge"])
@pytest.mark.parametrize("source", EXCEPTIONS.values(), ids=EXCEPTIONS)
def test_a_forged_exception_is_rejected(client: Client, source: str, ending: str) -> None:
    right = "class E(ValueError): pass\ndef f(x):\n    if x != 7: raise E('no')\n    return 9"
    assert client.verdict(right, CATCHES + ending, SHORT) == "passed"
    assert client.verdict(source, CATCHES + ending, SHORT) != "passed"


def raised(kind: str, *args: object) -> bytes:
    """A frame that says that the program raised an exception of Python's own."""
    kinds = (f"builtins.{kind}", "builtins.Exception", "builtins.BaseException")
    return frames.pack(messages.RAISED + wire.encode((kind, "", kinds, args, {}, None, ())))


READY = frames.pack(messages.READY)
FRAMES = {
    "an exception": raised("ValueError"),
    "an answer": frames.pack(messages.VALUE + wire.encode(2)),
    "a sentence without an end": b"\0\xff\xff\xff" + messages.BROKEN,
    "a syntax error that cannot be written": raised("SyntaxError", "m", ("f", 1, 1, "t", 1, 10**13)),
    "it once it is loaded": READY + raised("SyntaxError", "m", ("f", 1, 1, "t", 1, 10**13)),
    "a position in other memory": READY + raised("UnicodeDecodeError", "a", b"x", -(2**40), 1 - 2**40, "r"),
}  # fmt: skip
KINDS = {
    "check": executor_pb2.GradeRequest(check_function=executor_pb2.CheckFunction(source="def check(c): assert c(1) == 2")),
    "asserts": executor_pb2.GradeRequest(assert_list=executor_pb2.AssertList(assertions=["assert f(1) == 2"])),
    "set-up": executor_pb2.GradeRequest(assert_list=executor_pb2.AssertList(setup_source="x = f(1)", assertions=["assert x == 2"])),
    "cases": executor_pb2.GradeRequest(cases=executor_pb2.Cases(inputs=["(1,)"], expected=["2"])),
}  # fmt: skip


@pytest.mark.parametrize("test", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("sent", FRAMES.values(), ids=FRAMES)
def test_what_a_program_writes_to_its_channel_is_its_own_fault(
    client: Client, sent: bytes, test: executor_pb2.GradeRequest
) -> None:
    source = f"""
import os, stat
for n in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(n).st_mode): os.write(n, {sent!r})
    except OSError: pass
def f(x): return 3
"""
    request = executor_pb2.GradeRequest(candidate_source=source, entry_point="f", limits=SHORT)
    request.environment = client.environment
    request.MergeFrom(test)
    # An error of the call would be put down to the test, or to the machine.
    response = client.stub.Grade(request, timeout=60)
    assert response.verdict in (executor_pb2.VERDICT_ERROR, executor_pb2.VERDICT_FAILED)
