"""The worker's process, in a jail: judges one grading after another without a fork for each.

It runs only tests without lasting effects (`closed_tests.py`) and our own comparisons, refuses
other tests, and caches compiled tests. When anything unusual happens, the supervisor discards the
worker and repeats the grading in a process that is forked for it alone. So a worker gives the same
answer as such a process, or none.

Protocol, on a SOCK_SEQPACKET socket to the supervisor:

* in: the digest of a test; where cases are to be counted, behind it the number of the first in
  decimal digits. With it descriptors: the channel to the candidate and, unless the test is cached,
  the test;
* out: for each test a report as JSON, after any number of `CALL_ENDED`; `NOT_CLOSED`: nothing was
  done.
"""

import contextlib
import json
import os
import resource
from typing import NamedTuple

from rlvf_executor.contract import control, policy
from rlvf_executor.contract.cache import Cache
from rlvf_executor.contract.control import Socket
from rlvf_executor.contract.report import ASKED, NOT_CLOSED, Report
from rlvf_executor.jail import confinement
from rlvf_executor.judge import judging
from rlvf_executor.judge.calls_ahead import Forecast
from rlvf_executor.native import kernel

_DIGEST_BYTES = 32


class _Closed(NamedTuple):
    """A closed test, and the calls that are sent ahead."""

    prepared: judging.Prepared
    calls_ahead: Forecast


class Worker:
    """Judges until the supervisor closes the socket or its memory has grown too much."""

    def __init__(self, supervisor: Socket) -> None:
        self._supervisor = supervisor
        self._max_memory_bytes = _peak_memory_bytes() + policy.WORKER_MEMORY_BYTES
        # None stands for a test that is not closed.
        self._known: Cache[_Closed | None] = Cache(policy.WORKER_CACHE_BYTES)

    def run(self) -> None:
        """Serves tests until it should exit."""
        while _peak_memory_bytes() < self._max_memory_bytes:
            asked, descriptors = control.receive(self._supervisor)
            if not asked:
                return
            digest, first = asked[:_DIGEST_BYTES], asked[_DIGEST_BYTES:]
            channel, *file = descriptors
            test = self._test(digest, *file)
            with contextlib.closing(control.channel_at(channel)) as candidate:
                if test is None:
                    self._send(Report(NOT_CLOSED))
                else:
                    # As in a new process (`confinement.enter`).
                    confinement.seed_random()
                    if first:
                        test.prepared.count(candidate, self._send, int(first))
                    else:
                        test.prepared.judge(candidate, self._send, test.calls_ahead)

    def _test(self, digest: bytes, file: int | None = None) -> _Closed | None:
        if file is None:  # The supervisor knows what is cached here.
            return self._known[digest]
        payload = control.read_file(file)
        os.close(file)
        prepared = judging.prepare(payload)
        test = _Closed(prepared, prepared.calls_ahead()) if prepared.is_closed() else None
        self._known.keep(digest, test, len(payload))
        return test

    def _send(self, report: Report) -> None:
        # `ASKED` changes nothing: a worker that does not end is replaced in any case.
        if report.kind != ASKED:
            self._supervisor.send(json.dumps(report).encode())


def _peak_memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Runs a worker; `inmates.py` starts it."""
    supervisor, surroundings = confinement.enter()
    limits = policy.JUDGE_LIMITS
    calls = kernel.Calls()
    kernel.add_limits(calls, disk_bytes=limits.disk_bytes, memory_bytes=limits.memory_bytes)
    rest = confinement.Confinement(surroundings)
    rest.add_to(calls)
    calls.make()
    rest.finish()
    confinement.say_ready(supervisor)
    Worker(supervisor).run()
