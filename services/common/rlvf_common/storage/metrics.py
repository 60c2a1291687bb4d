"""Metrics of storage and operations in every service that uses them; k8s/README.md lists them."""

from prometheus_client import Counter, Gauge

STORAGE_ERRORS = Counter(
    "rlvf_storage_errors",
    "Requests to object storage that failed: `denied`, `full`, `unreachable` or `failed`",
    ["reason"],
)
OPERATIONS_ENDED = Counter(
    "rlvf_operations_ended",
    "Attempts of operations that ended here, by the code of their status",
    ["service", "code"],
)
OPERATION_REPORTED = Gauge(
    "rlvf_operation_reported_timestamp_seconds",
    "Unix time of the last news of an operation that runs here: its start, or a change of progress",
    ["service", "operation"],
)
