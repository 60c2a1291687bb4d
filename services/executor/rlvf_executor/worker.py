"""The process that judges one grading after another, without a fork for each.

It runs only tests that leave nothing behind (`closed.py`), and our own comparisons. It keeps the
compiled tests it has met, and refuses all others. Whenever something unusual happens to it, its
supervisor throws it away and has the grading done again by a process that is forked for it alone;
so a worker's answer is the answer that such a process would have given, or there is none.

Protocol, on a SOCK_SEQPACKET socket to the supervisor:

 * in: the digest of a test, with descriptors of the test and of the channel to the candidate;
 * out: a report as JSON for each (`MUCH_DATA` may come before it); `NOT_CLOSED`: it did nothing.
"""

import json
import os
import resource
import socket
from collections import OrderedDict

from rlvf_executor import confine, confinement, control, judge, policy

NOT_CLOSED = "not_closed"


class Worker:
    """Judges gradings until it is not worth keeping."""

    def __init__(self, supervisor: socket.socket) -> None:
        self._supervisor = supervisor
        self._known: OrderedDict[bytes, judge.Prepared] = OrderedDict()
        self._known_bytes = 0

    def run(self) -> None:
        """Serves until the supervisor hangs up, or the memory has grown."""
        while _peak_memory_bytes() < policy.WORKER_MEMORY_BYTES:
            digest, descriptors = control.receive(self._supervisor)
            if not digest:
                return
            test, channel = descriptors
            try:
                prepared = self._prepared(digest, test)
            finally:
                os.close(test)
            with socket.socket(fileno=channel) as candidate:
                if prepared.closed:
                    prepared.judge(candidate, self._send)
                else:
                    self._send(judge.Report(NOT_CLOSED))

    def _prepared(self, digest: bytes, test: int) -> judge.Prepared:
        known = self._known.get(digest)
        if known is not None:
            self._known.move_to_end(digest)
            return known
        payload = control.read_file(test)
        prepared = judge.prepare(payload)
        self._known[digest] = prepared
        self._known_bytes += prepared.size_bytes
        while self._known_bytes > policy.WORKER_CACHE_BYTES:
            _, oldest = self._known.popitem(last=False)
            self._known_bytes -= oldest.size_bytes
        return prepared

    def _send(self, report: judge.Report) -> None:
        self._supervisor.send(json.dumps(report).encode())


def _peak_memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Runs a worker, started by `jail.py`."""
    supervisor, surroundings = confinement.enter()
    limits = policy.JUDGE_LIMITS
    confine.set_limits(disk_bytes=limits.disk_bytes, memory_bytes=limits.memory_bytes)
    confinement.Confinement(surroundings).apply()
    # The change of user took this away.
    confine.die_with_parent()
    confinement.say_ready(supervisor)
    Worker(supervisor).run()
