"""A slot as the server holds it: one supervisor process and the socket to it."""

import asyncio
import json
import socket
import subprocess
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from rlvf_executor.contract import link, policy
from rlvf_executor.contract.link import Message
from rlvf_executor.contract.slots import SlotConfig, SlotReady, interpreter


class SlotDied(Exception):
    """The supervisor has gone, or does not answer as it should."""


class _SupervisorSocket(asyncio.Protocol):
    """The socket to a supervisor: its messages are the expected answers, in order.

    Not asyncio's streams, which would cost three waits and a task for each message.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._expected: deque[asyncio.Future[Message]] = deque()
        self._transport: asyncio.Transport | None = None
        self._lost = False
        loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.ready: asyncio.Future[Message] = loop.create_future()
        self.expect(self.ready)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (parsed := link.parse(self._data)) is not None:
            message, size = parsed
            del self._data[:size]
            if not self._expected:  # It would be taken for the answer to the next job.
                self.close()
                return
            answer = self._expected.popleft()
            if not answer.done():  # Else nobody waits for it.
                answer.set_result(message)

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = True
        while self._expected:
            _fail(self._expected.popleft())
        if not self.closed.done():
            self.closed.set_result(None)

    def expect(self, answer: "asyncio.Future[Message]") -> None:
        """Sets `answer` to the message after those already expected, or to SlotDied."""
        if self._lost:
            _fail(answer)
        else:
            self._expected.append(answer)

    def replace(self, answer: "asyncio.Future[Message]", other: "asyncio.Future[Message]") -> bool:
        """Expects `other` in place of `answer`; False if that has arrived already."""
        if answer not in self._expected:
            return False
        self._expected[self._expected.index(answer)] = other
        return True

    def send(self, message: Message) -> None:
        """Sends a message without waiting: jobs are few, so little accumulates in the buffer."""
        assert self._transport is not None
        self._transport.write(link.pack(message))

    def close(self) -> None:
        """Closes the connection at once, even when the supervisor does not read."""
        assert self._transport is not None
        self._transport.abort()


def _fail(answer: "asyncio.Future[Message]") -> None:
    if not answer.done():
        answer.set_exception(SlotDied("the supervisor died"))
        # Marks it as retrieved, so that asyncio does not log it when nobody waits.
        answer.exception()


@dataclass(slots=True, frozen=True)
class SentJob:
    """A job that was sent to a slot. `answer` raises SlotDied, and may be cancelled."""

    number: int
    answer: asyncio.Future[Message]


class Slot:
    """Runs jobs one after another, in the order in which they were sent.

    Usable after `start`, and after `SlotDied` only after another `start`.
    """

    def __init__(self, config: SlotConfig) -> None:
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: _SupervisorSocket | None = None
        self._sent = 0
        self.ready = SlotReady("", (), ())
        """The supervisor's first message."""

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Starts the supervisor and its jails. Raises SlotDied with the reason when it cannot."""
        ours, theirs = socket.socketpair()
        root = str(Path(__file__).resolve().parents[2])
        code = (
            f"import sys; sys.path.insert(0, {root!r});"
            " from rlvf_executor.supervisor import supervisor; supervisor.main()"
        )
        # Popen uses vfork and exec, so nothing of this process's state is copied. The environment,
        # with its secrets, is not passed on.
        self._process = subprocess.Popen(
            [
                interpreter(),
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
        self._sent = 0
        _, self._socket = await asyncio.get_running_loop().create_connection(
            _SupervisorSocket, sock=ours
        )
        try:
            message = await asyncio.wait_for(self._socket.ready, policy.START_SECONDS * 2)
        except TimeoutError:
            await self.stop()
            raise SlotDied("the supervisor does not answer") from None
        if message.kind != link.READY:
            await self.stop()
            raise SlotDied(str(message.values.get("reason", message.kind)))
        self.ready = SlotReady.read(message.values)

    async def stop(self) -> None:
        """Ends the supervisor and all processes that it started."""
        if self._socket is not None:
            own, self._socket = self._socket, None
            own.close()
            await own.closed
        if self._process is not None:
            process, self._process = self._process, None
            try:
                await asyncio.to_thread(process.wait, policy.KILL_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)

    def send(self, message: Message, answer: "asyncio.Future[Message]") -> SentJob:
        """Sends a job, which begins when those before it have ended."""
        assert self._socket is not None
        self._sent += 1
        self._socket.expect(answer)
        self._socket.send(message)
        return SentJob(self._sent, answer)

    async def run(self, message: Message) -> Message:
        """Runs one job to its answer. Raises SlotDied."""
        return await self.send(message, asyncio.get_running_loop().create_future()).answer

    def withdraw(self, job: SentJob) -> "asyncio.Future[Message] | None":
        """Has a job killed, or not begun; returns None when it has ended already.

        The supervisor's answer then goes to the returned future; `job.answer` gets none.
        """
        ended: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        if self._socket is None or not self._socket.replace(job.answer, ended):
            return None
        self._socket.send(Message(link.CANCEL, {"job": job.number}))
        return ended

    async def cancel(self, job: SentJob) -> None:
        """Kills the job that runs, and waits for its end. Raises SlotDied."""
        ended = self.withdraw(job)
        if ended is None:
            return
        try:
            await asyncio.wait_for(ended, policy.KILL_SECONDS * 2)
        except TimeoutError:
            raise SlotDied("the supervisor does not answer the cancellation of a job") from None
