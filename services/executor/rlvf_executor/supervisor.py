"""The process beside each slot: starts its two jails, runs one job at a time, states outcomes.

It is the only one that says how a program ended. It is slim (standard library, one thread, no gRPC)
and holds nothing secret: its environment is empty, and its only way to the server is one socket.

A slot has two jails. The candidate's jail runs programs, and candidates of gradings; the judge's
jail runs tests. For a grading the two children are joined by a socket pair, and the candidate's
never sees the test.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import sys
from typing import NamedTuple

from rlvf_executor import cgroups, jail, judge, link, outcomes, policy, streams, zygote
from rlvf_executor.cell import Cell, CellDied, Setting
from rlvf_executor.outcomes import Judgement, Measured, Verdict

# A job whose jail dies is run again so many times before it is given back as not runnable.
_ATTEMPTS = 3
_ALL_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class Config(NamedTuple):
    """What the server tells a supervisor at its start."""

    tier: str
    slot: int
    nsjail: str | None
    cgroup: bool


class _Cancelled(Exception):
    """The server does not want the answer any more."""


class Supervisor:
    """Runs the jobs of one slot."""

    def __init__(self, server: socket.socket, config: Config) -> None:
        self.server = server
        group: str | None = None
        if config.cgroup:
            cgroups.remove_stale()
            group = f"{cgroups.PREFIX}{os.getpid()}"
        common = (config.tier, config.slot, config.nsjail)
        self.programs = Cell(Setting(*common, group, policy.PREIMPORTED))
        # The test is the caller's own; rlimits are enough for it.
        self.judges = Cell(Setting(*common, None, policy.PREIMPORTED_FOR_TESTS))

    def serve(self) -> None:
        """Serves jobs until the server hangs up."""
        cells = (self.programs, self.judges)
        try:
            try:
                for cell in cells:
                    cell.launch()
                for cell in cells:
                    cell.wait_ready()
            except (jail.JailError, OSError) as error:
                self._send(link.Message(link.UNAVAILABLE, {"reason": str(error)}))
                return
            self._send(link.Message(link.READY, {"python_version": self.programs.python_version}))
            while (message := link.receive(self.server)) is not None:
                if message.kind != link.CANCEL:  # Of a job that had ended already.
                    self._send(self._answer(message))
        finally:
            for cell in cells:
                cell.stop()

    def _send(self, message: link.Message) -> None:
        self.server.sendall(link.pack(message))

    def _answer(self, message: link.Message) -> link.Message:
        limits = policy.Limits(*message.values["limits"])  # type: ignore[misc]
        reason = ""
        for _ in range(_ATTEMPTS):
            try:
                if message.kind == link.EXECUTE:
                    return self._execute(limits, *message.blobs)
                if message.kind == link.GRADE_STREAMS:
                    return self._grade_streams(limits, *message.blobs)
                return self._grade(limits, *message.blobs)
            except CellDied as error:
                reason = str(error)
                failure = self._restart()
                if failure:
                    reason = failure
            except _Cancelled:
                return link.Message(link.CANCELLED, {})
            except outcomes.BadTest as error:
                return link.Message(link.BAD_TEST, {"field": error.field, "problem": error.problem})
            except outcomes.TestMisbehaved as error:
                return link.Message(link.TEST_MISBEHAVED, {"problem": str(error)})
            except (
                OSError
            ) as error:  # Out of descriptors or memory: ours to report, not the program's fate.
                reason = str(error)
        return link.Message(
            link.UNAVAILABLE, {"reason": f"the sandbox failed {_ATTEMPTS} times: {reason}"}
        )

    def _restart(self) -> str:
        for cell in (self.programs, self.judges):
            try:
                cell.restart()
            except (jail.JailError, OSError) as error:
                return str(error)
        return ""

    def _execute(self, limits: policy.Limits, source: bytes, stdin: bytes) -> link.Message:
        measured, out, err = self._run_program(limits, source, stdin)
        values: dict[str, object] = {
            "outcome": outcomes.outcome_of(measured, limits),
            "status": measured.status,
            "truncated": [out.truncated, err.truncated],
            "usage": _usage(measured),
        }
        return link.Message(link.EXECUTED, values, (bytes(out.data), bytes(err.data)))

    def _grade_streams(self, limits: policy.Limits, source: bytes, payload: bytes) -> link.Message:
        """Runs the program once for each case, with what is left of the suite's time."""
        suite = streams.decode(payload)
        cpu_seconds = wall_seconds = 0.0
        peak_memory_bytes = 0
        verdict = Judgement(Verdict.PASSED, "")
        for index, case in enumerate(suite.cases):
            left = streams.limits_left(limits, cpu_seconds, wall_seconds)
            measured, out, _ = self._run_program(left, source, case.stdin)
            cpu_seconds += measured.cpu_seconds
            wall_seconds += measured.wall_seconds
            peak_memory_bytes = max(peak_memory_bytes, measured.peak_memory_bytes)
            outcome = outcomes.outcome_of(measured, left)
            limit = outcomes.limit_reached(outcome, limits)
            execution = streams.Execution(
                outcome,
                measured.status,
                bytes(out.data),
                out.truncated,
                limit.detail if limit is not None else "",
            )
            found = streams.verdict_of(index, case, execution, suite.rule)
            if found is not None:
                verdict = found
                break
        values: dict[str, object] = {
            "verdict": verdict.verdict,
            "detail": verdict.detail[: policy.MAX_DETAIL_CHARACTERS],
            "usage": [cpu_seconds, wall_seconds, float(peak_memory_bytes)],
        }
        return link.Message(link.GRADED, values)

    def _run_program(
        self, limits: policy.Limits, source: bytes, stdin: bytes
    ) -> tuple[Measured, "_Output", "_Output"]:
        with contextlib.ExitStack() as stack:
            out, err = _Output(limits.output_bytes, stack), _Output(limits.output_bytes, stack)
            descriptors = [
                _memory_file(source, stack),
                _memory_file(stdin, stack, for_program=True),
                out.write_end,
                err.write_end,
            ]
            self.programs.submit(zygote.PROGRAM, limits, descriptors)
            out.close_write_end()
            err.close_write_end()
            self._wait([self.programs], [out, err])
            return _measured(self.programs), out, err

    def _grade(self, limits: policy.Limits, candidate: bytes, test: bytes) -> link.Message:
        with contextlib.ExitStack() as stack:
            ours, theirs = socket.socketpair()
            stack.callback(ours.close)
            stack.callback(theirs.close)
            report = _Output(policy.MAX_TEST_BYTES, stack)
            self.programs.submit(
                zygote.CANDIDATE, limits, [_memory_file(candidate, stack), theirs.fileno()]
            )
            judge_limits = policy.JUDGE_LIMITS._replace(
                cpu_seconds=max(policy.JUDGE_CPU_AT_LEAST_SECONDS, limits.cpu_seconds)
            )
            files = [_memory_file(test, stack), ours.fileno(), report.write_end]
            self.judges.submit(zygote.JUDGE, judge_limits, files)
            # Both children must see the other's end, so no third copy may stay open here.
            ours.close()
            theirs.close()
            report.close_write_end()
            self._wait([self.programs, self.judges], [report])
            measured = _measured(self.programs)
            judge_measured = _measured(self.judges)
        said = _reports(bytes(report.data))
        verdict = outcomes.judge_verdict(
            measured,
            limits,
            next((one for one in said if one.kind != judge.ANSWERED), None),
            outcomes.outcome_of(judge_measured, judge_limits),
            answered=any(one.kind == judge.ANSWERED for one in said),
        )
        values: dict[str, object] = {
            "verdict": verdict.verdict,
            "detail": verdict.detail[: policy.MAX_DETAIL_CHARACTERS],
            "usage": _usage(measured),
        }
        return link.Message(link.GRADED, values)

    def _wait(self, cells: list[Cell], outputs: list["_Output"]) -> None:
        """Waits until every child has ended and every output is at its end, enforcing limits on the
        way."""
        try:
            self._wait_for_all(cells, outputs)
        except BaseException:
            for cell in cells:
                _end_quietly(cell)
            raise

    def _wait_for_all(self, cells: list[Cell], outputs: list["_Output"]) -> None:
        poll = select.poll()
        poll.register(self.server, select.POLLIN)
        readers = {output.read_end: output for output in outputs}
        waiting = {cell.control.fileno(): cell for cell in cells}
        for descriptor in (*readers, *waiting):
            poll.register(descriptor, select.POLLIN)
        while readers or waiting:
            running = list(waiting.values())
            timeout = min((cell.seconds_to_look() for cell in running), default=1.0)
            for descriptor, _ in poll.poll(timeout * 1000 + 1):
                if descriptor in readers:
                    if not readers[descriptor].read():
                        poll.unregister(descriptor)
                        del readers[descriptor]
                elif descriptor in waiting:
                    cell = waiting.pop(descriptor)
                    poll.unregister(descriptor)
                    cell.collect()
                    if cell is self.judges:
                        # Nobody calls the candidate any more.
                        self.programs.kill(None)
                elif descriptor == self.server.fileno():
                    if link.receive(self.server) is None:
                        raise SystemExit(0)
                    raise _Cancelled
            for cell in waiting.values():
                cell.look()


def _end_quietly(cell: Cell) -> None:
    """Kills a cell's child and waits for its end; a cell that does not obey is replaced."""
    try:
        cell.kill(None)
        if cell.running:
            cell.control.settimeout(policy.KILL_SECONDS)
            cell.collect()
            cell.control.settimeout(None)
    except (CellDied, OSError, jail.JailError):
        with contextlib.suppress(jail.JailError, OSError):
            cell.restart()


class _Output:
    """A pipe that keeps the first bytes and drops the rest, so that its writer never waits."""

    def __init__(self, keep_bytes: int, stack: contextlib.ExitStack) -> None:
        self.read_end, self.write_end = os.pipe2(os.O_CLOEXEC)
        stack.callback(os.close, self.read_end)
        stack.callback(self.close_write_end)
        self.data = bytearray()
        self.truncated = False
        self._keep_bytes = keep_bytes

    def close_write_end(self) -> None:
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def read(self) -> bool:
        """Reads once; False at the end."""
        data = os.read(self.read_end, 1 << 16)
        room = self._keep_bytes - len(self.data)
        self.data += data[:room]
        self.truncated = self.truncated or len(data) > room
        return bool(data)


def _memory_file(data: bytes, stack: contextlib.ExitStack, *, for_program: bool = False) -> int:
    """A file without a name that holds `data`, sealed where an untrusted program will hold it."""
    descriptor = os.memfd_create("rlvf", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    stack.callback(os.close, descriptor)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    if for_program:
        os.lseek(descriptor, 0, os.SEEK_SET)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _ALL_SEALS)
    return descriptor


def _measured(cell: Cell) -> Measured:
    if cell.setup_error:
        raise CellDied(cell.setup_error)
    assert cell.measured is not None
    return cell.measured


def _reports(data: bytes) -> list[judge.Report]:
    lines = data.splitlines()
    return [judge.Report(*json.loads(line)) for line in lines]


def _usage(measured: Measured) -> list[float]:
    return [measured.cpu_seconds, measured.wall_seconds, float(measured.peak_memory_bytes)]


def main() -> None:
    """Runs a supervisor: the server's socket and the `Config` as JSON in argv."""
    # No death signal: the end of the socket ends it, and then it cleans up behind itself even when
    # the server was killed.
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # A Ctrl-C in a terminal is the server's to handle.
    server = socket.socket(fileno=int(sys.argv[1]))
    config = Config(*json.loads(sys.argv[2]))
    Supervisor(server, config).serve()
