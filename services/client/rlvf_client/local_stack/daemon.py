"""`rlvf up`: a local stack in the background."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rlvf_api.errors import FailedPrecondition, RlvfError, Unavailable
from rlvf_client.local_stack.models import require_obtainable, resolve
from rlvf_client.local_stack.readiness import answers
from rlvf_client.local_stack.stack import GRPC_SERVICES, SERVICES, LocalStack, holder, log_of
from rlvf_common.rpc.settings import storage_of

_START_SECONDS = 900.0
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.2


def _state_file(home: Path) -> Path:
    return home / "stack.json"


@dataclass(frozen=True, slots=True)
class StackState:
    """What the state file of a stack in the background says."""

    pid: int
    model: str
    """Name of the model that inference serves."""
    addresses: dict[str, str]
    """`host:port` by service."""
    environment: dict[str, str]
    """Settings of clients."""
    ended: list[str]
    """Services that died again and again and are not restarted."""


def running_stack(home: Path) -> StackState | None:
    """The stack that `up` has started in `home`; None if none runs."""
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


def up(home: Path, model: str) -> str:
    """Start a stack with all services in the background; return the settings to use it, as shell
    exports.

    Raises:
        FailedPrecondition: one runs already.
        Unavailable: it does not start.
    """
    if running_stack(home) is not None:
        raise FailedPrecondition(f"a stack already runs in {home}; see `rlvf status`")
    _state_file(home).unlink(missing_ok=True)
    (home / "logs").mkdir(parents=True, exist_ok=True)
    log = home / "logs" / "stack.log"
    command = [sys.executable, "-m", "rlvf_client.local_stack.daemon", str(home), model]
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
            raise Unavailable(log.read_text().strip() or f"the stack ended; see {log}")
        time.sleep(_POLL_SECONDS)
    if state is None:
        process.terminate()
        raise Unavailable(f"the stack was not ready after {_START_SECONDS:.0f} s; see {log}")
    exports = sorted(state.environment.items())
    return "\n".join(f"export {name}={value}" for name, value in exports)


def down(home: Path) -> str:
    """Stop the stack that `up` started, and wait for its end."""
    state = running_stack(home)
    if state is None:
        return f"no stack runs in {home}"
    os.kill(state.pid, signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    # It holds its home until all of its processes have ended.
    while holder(home) == state.pid and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)
    if holder(home) == state.pid:
        raise Unavailable(f"process {state.pid} does not end; see {home / 'logs'}")
    return "stopped"


async def status(home: Path) -> str:
    """The stack's services, their addresses, and whether each answers."""
    state = running_stack(home)
    if state is None:
        return f"no stack runs in {home}"
    storage = storage_of(state.environment)

    async def line(name: str) -> str:
        address = state.addresses[name]
        if name in state.ended:
            said = f"died again and again, and is not restarted: see {log_of(home, name)}"
        elif await answers(name, address, storage):
            said = "serves"
        else:
            said = f"does not answer: see {log_of(home, name)}"
        return f"{name:15} {address:21} {said}"

    lines = await asyncio.gather(*map(line, state.addresses))
    return "\n".join([f"process {state.pid} serves {state.model}", *lines])


async def _hold(home: Path, model_name: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    model = await resolve(model_name, home)
    await asyncio.to_thread(require_obtainable, model)
    async with LocalStack(home, model=model) as stack:
        stack.waits_for_others = False
        await stack.ensure("storage", "inference", *GRPC_SERVICES)
        state = StackState(
            pid=os.getpid(),
            model=model.name,
            addresses={name: stack.address(name) for name in SERVICES},
            environment=stack.environment(),
            ended=[],
        )

        def has_ended(name: str) -> None:
            state.ended.append(name)
            _write_state(home, state)

        stack.on_end = has_ended
        _write_state(home, state)
        try:
            await stop.wait()
        finally:
            _state_file(home).unlink(missing_ok=True)


def main() -> None:
    """Run a stack until SIGTERM."""
    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(_hold(Path(sys.argv[1]), sys.argv[2]))
        except RlvfError as error:
            raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
