"""`rlvf up`: a local stack in the background."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rlvf_api.errors import FailedPrecondition, RlvfError, Unavailable
from rlvf_client.local_stack.models import require_obtainable, resolve
from rlvf_client.local_stack.readiness import answers
from rlvf_client.local_stack.stack import GRPC_SERVICES, SERVICES, LocalStack, holder, log_of
from rlvf_common.rpc.settings import StorageSettings

_START_SECONDS = 900.0
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.2


def _state_file(home: Path) -> Path:
    return home / "stack.json"


def _read_state(home: Path) -> dict[str, object] | None:
    """The state file of the running stack; None if none runs."""
    try:
        state: dict[str, object] = json.loads(_state_file(home).read_text())
        return state if state["pid"] == holder(home) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_state(home: Path, state: dict[str, object]) -> None:
    partial = _state_file(home).with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(state))
    partial.rename(_state_file(home))


def up(home: Path, model: str) -> str:
    """Start a stack with all services in the background; return the settings to use it, as shell
    exports.

    Raises:
        FailedPrecondition: one runs already.
        Unavailable: it does not start.
    """
    if _read_state(home) is not None:
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
    while (state := _read_state(home)) is None and time.monotonic() < end:
        if process.poll() is not None:
            raise Unavailable(log.read_text().strip() or f"the stack ended; see {log}")
        time.sleep(_POLL_SECONDS)
    if state is None:
        process.terminate()
        raise Unavailable(f"the stack was not ready after {_START_SECONDS:.0f} s; see {log}")
    environment = state["environment"]
    assert isinstance(environment, dict)
    return "\n".join(f"export {name}={value}" for name, value in sorted(environment.items()))


def down(home: Path) -> str:
    """Stop the stack that `up` started, and wait for its end."""
    state = _read_state(home)
    if state is None:
        return f"no stack runs in {home}"
    pid = int(str(state["pid"]))
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    # It holds its home until all of its processes have ended.
    while holder(home) == pid and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)
    if holder(home) == pid:
        raise Unavailable(f"process {pid} does not end; see {home / 'logs'}")
    return "stopped"


async def status(home: Path) -> str:
    """The stack's services, their addresses, and whether each answers."""
    state = _read_state(home)
    if state is None:
        return f"no stack runs in {home}"
    addresses, environment, ended = state["addresses"], state["environment"], state["ended"]
    assert isinstance(addresses, dict)
    assert isinstance(environment, dict)
    assert isinstance(ended, list)
    storage = StorageSettings(
        **{name: environment[f"RLVF_{name.upper()}"] for name in StorageSettings.model_fields}
    )

    async def line(name: str) -> str:
        if name in ended:
            said = f"died again and again, and is not restarted: see {log_of(home, name)}"
        elif await answers(name, addresses[name], storage):
            said = "serves"
        else:
            said = f"does not answer: see {log_of(home, name)}"
        return f"{name:15} {addresses[name]:21} {said}"

    lines = await asyncio.gather(*map(line, addresses))
    return "\n".join([f"process {state['pid']} serves {state['model']}", *lines])


async def _hold(home: Path, model_name: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    model = await resolve(model_name, home)
    await asyncio.to_thread(require_obtainable, model)
    async with LocalStack(home, model=model) as stack:
        await stack.ensure("storage", "inference", *GRPC_SERVICES)
        state = {
            "pid": os.getpid(),
            "model": model.name,
            "addresses": {name: stack.address(name) for name in SERVICES},
            "environment": stack.environment(),
            "ended": (ended := []),
        }

        def has_ended(name: str) -> None:
            ended.append(name)
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
