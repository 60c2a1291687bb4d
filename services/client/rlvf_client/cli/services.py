"""The services that a command uses: those of the profile in force, or a local stack."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_client.experiment.calls import Calls
from rlvf_client.experiment.endpoints import Endpoints, RemoteEndpoints, SharedStack
from rlvf_client.experiment.profiles import profile_in_force
from rlvf_client.local_stack.memory import Memory
from rlvf_client.local_stack.models import (
    ServedModel,
    require_obtainable,
    resolve,
    served_elsewhere,
)
from rlvf_client.local_stack.sharing import Ask, Known, connection
from rlvf_client.local_stack.stack import LocalStack, holder
from rlvf_client.progress.console import Reporter

__all__ = ["endpoints", "find_models"]

# The services of a stack have 25 s to end.
_HOME_SECONDS = 40.0
_HOME_PAUSE_SECONDS = 0.1


@asynccontextmanager
async def endpoints(
    home: Path, reporter: Reporter, *models: ServedModel
) -> AsyncIterator[Endpoints]:
    """The services that a command uses: of the profile in force; or else of the stack that holds
    `home`, which must serve all of the models; or else of a new local stack, which other commands
    then share, and which serves the first of the models until `serve` is called with another
    one."""
    profile = profile_in_force()
    if profile is not None:
        with _said_when_interrupted(reporter, lambda: "in its service"):
            yield RemoteEndpoints(profile)
        return
    home.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as entered:
        stack = await _stack_in(home, reporter, models, entered)
        pid = stack.pid if isinstance(stack, SharedStack) else None

        def where() -> str:
            if isinstance(stack, SharedStack):
                return f"in the stack of process {stack.pid}, until that ends"
            return "while the stack stays" if stack.guests else ""

        with Memory(pid) as reporter.memory, _said_when_interrupted(reporter, where):
            yield stack


async def find_models(
    names: Mapping[str, str], home: Path, reporter: Reporter, *services: str
) -> dict[str, ServedModel]:
    """The models by their short names: as the profile in force serves them, or as they are on this
    machine.

    Raises:
        InvalidArgument: the profile has no address of one of `services`, which will be called.
        FailedPrecondition: a model is not served there, or cannot be found here.
    """
    profile = profile_in_force()
    if profile is None:
        return {short: await resolve(name, home) for short, name in names.items()}
    remote = RemoteEndpoints(profile)
    await remote.ensure(*services)
    async with Calls("", remote, reporter) as calls:
        served = await calls.models()
    return {short: served_elsewhere(name, served) for short, name in names.items()}


@contextmanager
def _said_when_interrupted(reporter: Reporter, where: Callable[[], str]) -> Iterator[None]:
    """Say on Ctrl-C whether the operation at work goes on; `where` is empty for services that end
    with this command."""
    try:
        yield
    except asyncio.CancelledError:
        place = where()
        if not place:
            reporter.say("the services that this command started end with it")
        elif reporter.operation:
            reporter.say(f"`{reporter.operation}` goes on {place}")
        raise


async def _stack_in(
    home: Path, reporter: Reporter, models: Sequence[ServedModel], entered: AsyncExitStack
) -> SharedStack | LocalStack:
    """The stack that holds `home`, or a new one there, until `entered` is closed."""
    for model in models:
        await asyncio.to_thread(require_obtainable, model)
    until = time.monotonic() + _HOME_SECONDS
    while True:
        ask = await entered.enter_async_context(connection(home))
        if ask is not None and (known := await _known(ask)) is not None:
            reporter.say(f"shares the stack of process {known.pid}")
            shared = SharedStack(known, ask)
            for model in models:
                await shared.serve(model)
            return shared
        stack = LocalStack(home, model=next(iter(models), None))
        _tell(stack, reporter)
        try:
            return await entered.enter_async_context(stack)
        except FailedPrecondition:
            # Its holder has just begun, or is about to end.
            if holder(home) is None or time.monotonic() > until:
                raise
            await asyncio.sleep(_HOME_PAUSE_SECONDS)


async def _known(ask: Ask) -> Known | None:
    """What the holder says of its stack; None if that is about to end."""
    try:
        return await ask({})
    except Unavailable:
        return None


def _tell(stack: LocalStack, reporter: Reporter) -> None:
    """Report what happens to the stack's services."""
    stack.on_restart = lambda name: reporter.say(f"{name} died and is restarted")
    stack.on_end = lambda name: reporter.say(
        f"warning: {name} died repeatedly, and is not restarted: see {stack.log(name)}"
    )
    stack.on_wait = lambda others: reporter.say(
        f"the stack stays for {others} other command{'s' * (others > 1)}; Ctrl-C ends it"
    )
