"""A slot as the server holds it: one supervisor process, and the socket to it."""

import asyncio
import contextlib
import json
import socket
import subprocess
from pathlib import Path

from rlvf_executor import jail, link, policy, supervisor
from rlvf_executor.link import Message


class SlotDied(Exception):
    """The supervisor is gone, or does not do what it should."""


class Slot:
    """Runs one job at a time.

    Not usable before `start`, nor after `SlotDied` before another `start`.
    """

    def __init__(self, config: supervisor.Config) -> None:
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        # Reads the running job's answer. Whoever waits for it may be cancelled in the middle of it:
        # then the rest, which the program wrote, must not be read as the next message.
        self._answer: asyncio.Task[Message] | None = None
        self.python_version = ""

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Starts the supervisor and its jails. Raises SlotDied with the reason when it cannot."""
        ours, theirs = socket.socketpair()
        root = str(Path(__file__).resolve().parent.parent)
        code = (
            f"import sys; sys.path.insert(0, {root!r});"
            " from rlvf_executor import supervisor; supervisor.main()"
        )
        # There is no fork of this process's state: Popen uses vfork and exec. The environment, with
        # its secrets, stays here.
        self._process = subprocess.Popen(
            [
                jail.interpreter(),
                "-P",
                "-s",
                "-S",
                "-c",
                code,
                str(theirs.fileno()),
                json.dumps(self._config),
            ],
            pass_fds=[theirs.fileno()],
            env={},
            cwd="/",
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        try:
            message = await asyncio.wait_for(self._receive(), policy.START_SECONDS * 2)
        except TimeoutError:
            await self.stop()
            raise SlotDied("the supervisor does not answer") from None
        if message.kind != link.READY:
            await self.stop()
            raise SlotDied(str(message.values.get("reason", message.kind)))
        self.python_version = str(message.values["python_version"])

    async def stop(self) -> None:
        """Ends the supervisor, and all that it started."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
            self._writer = self._reader = None
        if self._process is not None:
            process, self._process = self._process, None
            try:
                await asyncio.to_thread(process.wait, policy.KILL_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)

    async def run(self, message: Message) -> Message:
        """Runs one job to its answer. Raises SlotDied."""
        assert self._writer is not None
        self._answer = asyncio.create_task(self._receive())
        try:
            self._writer.write(link.pack(message))
            await self._writer.drain()
        except OSError as error:
            self._answer.cancel()
            raise SlotDied(str(error)) from None
        return await asyncio.shield(self._answer)

    async def cancel(self) -> None:
        """Kills the running job and takes its answer off the socket. Raises SlotDied."""
        assert self._writer is not None
        assert self._answer is not None
        try:
            self._writer.write(link.pack(Message(link.CANCEL, {})))
            await self._writer.drain()
            await asyncio.wait_for(self._answer, policy.KILL_SECONDS * 2)
        except (OSError, TimeoutError) as error:
            raise SlotDied(f"a job cannot be cancelled: {error}") from None

    async def _receive(self) -> Message:
        assert self._reader is not None
        try:
            size = link.header_size(await self._reader.readexactly(4))
            kind, values, sizes = link.parse_header(await self._reader.readexactly(size))
            blobs = [await self._reader.readexactly(size) for size in sizes]
        except (asyncio.IncompleteReadError, OSError):
            raise SlotDied("the supervisor died") from None
        return Message(kind, values, tuple(blobs))
