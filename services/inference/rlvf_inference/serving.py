"""Runs vLLM's OpenAI server in this process, with an exit status that a supervisor can use.

vLLM's own launcher exits with status 0 when its engine has died, as if it had been stopped.
"""

import os
import signal
import sys
from argparse import Namespace
from asyncio import Runner
from collections.abc import Callable
from threading import Timer
from types import FrameType
from typing import TypeVarTuple

import uvloop
from vllm.entrypoints.launchers.api_server.entry import build_and_serve, build_async_engine_client
from vllm.entrypoints.launchers.launcher import setup_server

__all__ = ["serve"]

_FAILED = 1
# How long open requests are awaited when the engine has died; then the process exits.
_LAST_WORDS_SECONDS = 15.0

Arguments = TypeVarTuple("Arguments")


class _Loop(uvloop.Loop):
    """An event loop that remembers whether a signal asked it to stop, which vLLM does not
    report."""

    asked_to_stop = False

    def add_signal_handler(
        self,
        sig: int,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
    ) -> None:
        def noting(*arguments: *Arguments) -> None:
            self.asked_to_stop = True
            callback(*arguments)

        super().add_signal_handler(sig, noting, *args)


def serve(arguments: Namespace, loaded: Callable[[], None]) -> int:
    """Serve until a signal (returns 0) or the end of the engine (returns 1). `loaded` is called
    when the engine has loaded the model, before the first request."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # Needed until the server handles signals itself, so that the engine's process is not left
    # behind.
    signal.signal(signal.SIGTERM, interrupt)
    loop = _Loop()
    try:
        with Runner(loop_factory=lambda: loop) as runner:
            runner.run(_serve(arguments, loop, loaded))
    except KeyboardInterrupt:
        return 0
    except RuntimeError as error:
        # The engine could not start; its own log, above, has the cause.
        print(f"inference cannot serve {arguments.model}: {error}", file=sys.stderr)
        return _FAILED
    if loop.asked_to_stop:
        return 0
    print("the engine died; a supervisor must restart inference", file=sys.stderr)
    return _FAILED


async def _serve(arguments: Namespace, loop: _Loop, loaded: Callable[[], None]) -> None:
    address, listener = setup_server(arguments, reuse_port=False)
    with listener:
        async with build_async_engine_client(arguments) as engine:
            loaded()
            shutdown = await build_and_serve(engine, address, listener, arguments)
            if not loop.asked_to_stop:
                # The remaining requests may wait for the dead engine for ever.
                last = Timer(_LAST_WORDS_SECONDS, os._exit, [_FAILED])
                last.daemon = True
                last.start()
        await shutdown
