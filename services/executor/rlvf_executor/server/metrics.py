"""The server's metrics; the README lists their names.

Callers' names are no labels, because their number is unlimited.
"""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)

EXECUTIONS = Counter(
    "rlvf_executor_executions",
    "Requests by kind (`execute`, or the kind of test) and result: an outcome, a verdict, "
    "or the code of the status that was sent instead",
    ["kind", "result"],
)
QUEUE_SECONDS = Histogram(
    "rlvf_executor_queue_seconds", "Time that a request waited for a slot", buckets=_SECONDS
)
SLOT_SECONDS = Histogram(
    "rlvf_executor_slot_seconds", "Time that a request held a slot", buckets=_SECONDS
)
CPU_SECONDS = Histogram(
    "rlvf_executor_cpu_seconds", "CPU time of a program", ["kind"], buckets=_SECONDS
)
SLOT_RESTARTS = Counter("rlvf_executor_slot_restarts", "Slots that died and were replaced")
REFUSED = Counter(
    "rlvf_executor_refused", "Requests that were refused, or lost their place, in a full queue"
)
SLOTS = Gauge("rlvf_executor_slots", "Programs that can run at one time")
SLOTS_BUSY = Gauge("rlvf_executor_slots_busy", "Slots that run something now")
QUEUE_LENGTH = Gauge("rlvf_executor_queue_length", "Requests that wait for a slot now")
CALLERS_WAITING = Gauge("rlvf_executor_callers_waiting", "Callers whose requests wait now")
