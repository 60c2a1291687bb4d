"""The process of a program that is executed, not graded, in the jail.

Runs it as `__main__`, like `python main.py`.
"""

import atexit
import builtins
import linecache
import os
import sys
import traceback
import types

from rlvf_executor.contract.outcomes import OUT_OF_MEMORY_SIGNAL

FILE_NAME = "main.py"


def run(source: str) -> None:
    """Runs `source` and ends the process; does not return."""
    _add_interactive_names()
    module = types.ModuleType("__main__")
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    sys.argv = [FILE_NAME]
    linecache.cache[FILE_NAME] = (len(source), None, source.splitlines(keepends=True), FILE_NAME)
    status = _status_of(source, module)
    # The steps of the interpreter's own shutdown, without freeing everything, which is slow.
    try:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            status = status or 120  # Python's own exit status when it cannot flush.
    os._exit(status)


def _status_of(source: str, module: types.ModuleType) -> int:
    try:
        exec(compile(source, FILE_NAME, "exec", dont_inherit=True), module.__dict__)
    except SystemExit as error:
        return _exit_code(error.code)
    except MemoryError as error:
        _print(error)
        os.kill(os.getpid(), OUT_OF_MEMORY_SIGNAL)
        return 1
    except BaseException as error:
        _print(error)
        return 1
    return 0


def _print(error: BaseException) -> None:
    # Without this module's own frame, as if Python had run the program directly.
    trace = error.__traceback__.tb_next if error.__traceback__ else None
    try:
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        sys.stderr.flush()
    except BaseException:  # The program may have replaced or closed anything.
        return


def _print_exception(
    kind: type[BaseException], error: BaseException, trace: types.TracebackType | None
) -> None:
    # The built-in hook looks for the source on disk; this one takes it from the line cache.
    traceback.print_exception(kind, error, trace)


def _exit_code(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _add_interactive_names() -> None:
    sys.excepthook = _print_exception

    def leave(code: object = None) -> None:
        raise SystemExit(code)

    for name in ("exit", "quit"):
        if not hasattr(builtins, name):
            setattr(builtins, name, leave)
