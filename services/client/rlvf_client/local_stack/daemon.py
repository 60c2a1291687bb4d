"""`rlvf up`, `down` and `status`: a local stack in a background process.

`python -m rlvf_client.local_stack.daemon HOME MODEL [SERVICE ...]` is that process; it holds the
stack until SIGTERM.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rlvf_api.errors import FailedPrecondition, RlvfError, Unavailable
from rlvf_client.local_stack.models import require_obtainable, resolve
from rlvf_client.local_stack.readiness import answers
from rlvf_client.local_stack.sharing import connection
from rlvf_client.local_stack.stack import GRPC_SERVICES, LocalStack, holder, log_of
from rlvf_common.rpc.settings import storage_of

_START_SECONDS = 900.0
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.2


def _state_file(home: Path) -> Path:
    return home / "stack.json"


@dataclass(frozen=True, slots=True)
class StackState:
    """The content of the state file of a stack in the background."""

    pid: int
    environment: dict[str, str]
    """Settings of clients."""


Condition = Literal["serves", "does not answer", "not started", "not restarted"]


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """A service of a stack."""

    name: str
    address: str
    """`host:port`."""
    condition: Condition
    """`not restarted`: it died repeatedly."""
    log: str
    """Path of its log."""


@dataclass(frozen=True, slots=True)
class StackStatus:
    """A stack that runs."""

    pid: int
    """The process that holds it: that of `rlvf up`, or of the command that began first."""
    model: str
    """Name of the model that inference serves; empty: none."""
    services: list[ServiceStatus]


def running_stack(home: Path) -> StackState | None:
    """The stack that `up` started in `home`; None if none runs."""
    try:
        state = StackState(**json.loads(_state_file(home).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return state if state.pid == holder(home) else None


def _write_state(home: Path, state: StackState) -> None:
    partial = _state_file(home).with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(asdict(state)))
    partial.rename(_state_file(home))


def up(home: Path, model: str, also: Sequence[str] = ()) -> dict[str, str]:
    """Start a stack in the background, with all services and the services `also` of `ON_REQUEST`;
    return the environment variables for its clients.

    Raises:
        FailedPrecondition: a stack runs already, or the new one ended; the message says why.
        Unavailable: it is not ready in time.
    """
    if running_stack(home) is not None:
        raise FailedPrecondition(f"a stack already runs in {home}; see `rlvf status`")
    _state_file(home).unlink(missing_ok=True)
    log = log_of(home, "stack")
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "rlvf_client.local_stack.daemon", str(home), model, *also]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    end = time.monotonic() + _START_SECONDS
    while (state := running_stack(home)) is None and time.monotonic() < end:
        if process.poll() is not None:
            raise FailedPrecondition(log.read_text().strip() or f"the stack ended; see {log}")
        time.sleep(_POLL_SECONDS)
    if state is None:
        process.terminate()
        raise Unavailable(f"the stack was not ready after {_START_SECONDS:.0f} s; see {log}")
    return state.environment


def down(home: Path) -> bool:
    """Stop the stack that `up` started, and wait for its end; False if there is none.

    Raises:
        Unavailable: it does not end in time.
    """
    state = running_stack(home)
    if state is None:
        return False
    os.kill(state.pid, signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    # It holds its home until all of its processes have ended.
    while holder(home) == state.pid and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)
    if holder(home) == state.pid:
        raise Unavailable(f"process {state.pid} does not end; see {home / 'logs'}")
    return True


async def status(home: Path) -> StackStatus | None:
    """The stack in `home`, of `up` or of another command; None if there is none or it is ending."""
    if holder(home) is None:
        return None
    async with connection(home) as ask:
        try:
            known = None if ask is None else await ask({})
        except Unavailable:
            known = None
    if known is None:
        return None
    storage = storage_of(known.environment)

    async def condition(name: str) -> Condition:
        if name in known.ended:
            return "not restarted"
        if name not in known.started:
            return "not started"
        is_there = await answers(name, known.addresses[name], storage)
        return "serves" if is_there else "does not answer"

    conditions = await asyncio.gather(*map(condition, known.addresses))
    services = [
        ServiceStatus(name, address, found, str(log_of(home, name)))
        for (name, address), found in zip(known.addresses.items(), conditions, strict=True)
    ]
    return StackStatus(known.pid, known.model, services)


async def _hold(home: Path, model_name: str, also: Sequence[str]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    model = await resolve(model_name, home)
    await asyncio.to_thread(require_obtainable, model)
    async with LocalStack(home, model=model) as stack:
        stack.waits_for_others = False
        await stack.ensure("storage", "inference", *GRPC_SERVICES, *also)
        _write_state(home, StackState(os.getpid(), stack.environment()))
        try:
            await stop.wait()
        finally:
            _state_file(home).unlink(missing_ok=True)


def main() -> None:
    """Run a stack until SIGTERM."""
    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(_hold(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
        except RlvfError as error:
            raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
