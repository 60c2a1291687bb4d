"""Asks the server of this container whether it serves, by `grpc.health.v1`; exits 0 when it does.

Kubernetes asks by itself (a `grpc` probe); this is for Docker's HEALTHCHECK. A server with TLS is
asked no more than whether it takes connections: which names its certificate carries, and whether it
wants one from its callers, is not known here.
"""

import os
import socket
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

TIMEOUT_SECONDS = 4.0


def serves(port: int, *, tls: bool) -> bool:
    """True when the server on this machine's loopback answers that it is ready."""
    if tls:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS):
            return True
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        request = health_pb2.HealthCheckRequest()
        response = health_pb2_grpc.HealthStub(channel).Check(request, timeout=TIMEOUT_SECONDS)
    return bool(response.status == health_pb2.HealthCheckResponse.SERVING)


def main() -> int:
    """Exit status: 0 ready, 1 not."""
    port = int(os.environ["RLVF_LISTEN"].rpartition(":")[2])
    try:
        return 0 if serves(port, tls=bool(os.environ.get("RLVF_TLS_CERTIFICATE"))) else 1
    except (OSError, grpc.RpcError) as error:
        print(f"no answer on port {port}: {error.__class__.__name__}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
