"""The supervisor's process, one per slot: starts jails, runs one job at a time.

Only a supervisor decides how a program ended. It is small (standard library, one thread, no gRPC)
and holds no secrets: its environment is empty, and one socket connects it to the server.

An environment has three jails (`environment.py`): one runs programs and candidates, one forks
judges, and one holds a worker, which judges without a fork (`grading.py`). Those of an environment
with packages are started by the first job that names it.
"""

import contextlib
import json
import signal
import socket
import sys

from rlvf_executor.contract import control, link, policy, suites
from rlvf_executor.contract.memory_files import memory_file
from rlvf_executor.contract.outcomes import last_line
from rlvf_executor.contract.report import BadTest
from rlvf_executor.contract.slots import PYTHON, Environment, SlotConfig, SlotReady
from rlvf_executor.contract.turns import Turns
from rlvf_executor.supervisor import inmates, protections, streams, verdicts
from rlvf_executor.supervisor.cell import Cell, CellDied, Starved
from rlvf_executor.supervisor.environment import EnvironmentCells, mentions_packages
from rlvf_executor.supervisor.grading import answer_of, usage_of
from rlvf_executor.supervisor.inbox import Inbox
from rlvf_executor.supervisor.output import Output
from rlvf_executor.supervisor.verdicts import Measured
from rlvf_executor.supervisor.watch import Cancelled, Watch

# A job whose jail dies is tried up to this many times before it is answered as UNAVAILABLE.
_ATTEMPTS = 3


class Supervisor:
    """Runs the jobs of one slot."""

    def __init__(self, server: socket.socket, config: SlotConfig) -> None:
        self.server = server
        self.inbox = Inbox(server)
        self.tier = config.tier
        self.turns = Turns(config.core)
        self.watch = Watch(server, self.inbox, self.turns)
        self.protections = protections.find(config)
        self.config = config
        self.environments = {
            one.name: one for one in (Environment(PYTHON, ""), *config.environments)
        }
        self.started: dict[tuple[str, bool], EnvironmentCells] = {}

    def serve(self) -> None:
        """Serves jobs until the server closes the socket."""
        try:
            try:
                inmates.require_kernel(self.tier)
                python = self._started(PYTHON)
            except (inmates.JailError, OSError) as error:
                self._send(link.Message(link.UNAVAILABLE, {"reason": str(error)}))
                return
            ready = SlotReady(
                python.programs.python_version, self.protections.given, self.protections.missing
            )
            self._send(link.Message(link.READY, ready._asdict()))
            while (message := self.inbox.next_job()) is not None:
                self.turns.take()
                self._send(self._answer(message))
        finally:
            for environment in self.started.values():
                environment.stop()

    def _send(self, message: link.Message) -> None:
        self.server.sendall(link.pack(message))

    def _answer(self, message: link.Message) -> link.Message:
        if self.inbox.cancelled:  # While it waited.
            return link.Message(link.CANCELLED, {})
        limits = policy.Limits(*message.values["limits"])  # type: ignore[misc]
        name = str(message.values.get("environment", PYTHON))
        with_all = name != PYTHON and (
            "needs_all_packages" in message.values or mentions_packages(message.blobs)
        )
        credit = "credit" in message.values
        reason = ""
        for _ in range(_ATTEMPTS):
            try:
                environment = self._started(name, with_all=with_all)
                if message.kind == link.EXECUTE:
                    return self._execute(environment, limits, *message.blobs)
                if message.kind == link.GRADE_STREAMS:
                    return self._grade_streams(environment, limits, *message.blobs, credit=credit)
                return environment.grading.grade(limits, *message.blobs, credit=credit)
            except CellDied as error:
                reason = self._restart(name, with_all=with_all) or str(error)
            except Starved as error:
                reason = str(error)
            except Cancelled:
                return link.Message(link.CANCELLED, {})
            except BadTest as error:
                return link.Message(link.BAD_TEST, {"field": error.field, "problem": error.problem})
            except verdicts.TestMisbehaved as error:
                return link.Message(link.TEST_MISBEHAVED, {"problem": str(error)})
            except (inmates.JailError, OSError) as error:
                # Out of descriptors or memory: an error of the sandbox, not of the program.
                reason = str(error)
        return link.Message(
            link.UNAVAILABLE, {"reason": f"the sandbox failed {_ATTEMPTS} times: {reason}"}
        )

    def _started(self, name: str, *, with_all: bool = False) -> EnvironmentCells:
        """An environment whose jails run. Raises JailError, OSError when they do not start."""
        if (name, with_all) not in self.started:
            environment = EnvironmentCells(
                self.environments[name],
                self.config,
                self.protections.cgroup,
                self.watch,
                with_all=with_all,
            )
            try:
                environment.start()
            except BaseException:
                environment.stop()
                raise
            self.started[name, with_all] = environment
        return self.started[name, with_all]

    def _restart(self, name: str, *, with_all: bool) -> str:
        try:
            self.started[name, with_all].restart()
        except (inmates.JailError, OSError) as error:
            return str(error)
        return ""

    def _execute(
        self, environment: EnvironmentCells, limits: policy.Limits, source: bytes, stdin: bytes
    ) -> link.Message:
        measured, out, err = self._run_program(environment.programs, limits, source, stdin)
        values: dict[str, object] = {
            "outcome": verdicts.outcome_of(measured, limits),
            "status": measured.status,
            "truncated": [out.truncated, err.truncated],
            "usage": usage_of(measured),
        }
        return link.Message(link.EXECUTED, values, (bytes(out.data), bytes(err.data)))

    def _grade_streams(
        self,
        environment: EnvironmentCells,
        limits: policy.Limits,
        source: bytes,
        payload: bytes,
        *,
        credit: bool,
    ) -> link.Message:
        def run(limits: policy.Limits, stdin: bytes) -> streams.Execution:
            measured, out, err = self._run_program(environment.programs, limits, source, stdin)
            last_words = last_line(err.tail)
            return streams.Execution(measured, bytes(out.data), out.truncated, last_words)

        suite = suites.decode(payload)
        check = environment.output_check.check
        return answer_of(*streams.grade(suite, limits, run, check, credit=credit))

    def _run_program(
        self, programs: Cell, limits: policy.Limits, source: bytes, stdin: bytes
    ) -> tuple[Measured, Output, Output]:
        with contextlib.ExitStack() as stack:
            out, err = Output(limits.output_bytes, stack), Output(limits.output_bytes, stack)
            descriptors = [
                memory_file(stdin, stack, for_program=True),
                out.write_end,
                err.write_end,
                memory_file(source, stack),
            ]
            try:
                programs.submit(control.PROGRAM, limits, descriptors)
                out.close_write_end()
                err.close_write_end()
                self.watch.until_done(
                    {
                        out.read_end: out.read,
                        err.read_end: err.read,
                        programs.control.fileno(): programs.collect,
                    },
                    (programs,),
                )
            except BaseException:
                programs.end_quietly()
                raise
        return programs.result(), out, err


def main() -> None:
    """Runs a supervisor; argv has the server's socket, and the `SlotConfig` as JSON."""
    # No death signal: it exits when the socket is closed, and so cleans up even when the server was
    # killed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The server handles a Ctrl-C in a terminal.
    server = socket.socket(fileno=int(sys.argv[1]))
    config = SlotConfig.read(json.loads(sys.argv[2]))
    Supervisor(server, config).serve()
