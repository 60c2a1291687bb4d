"""The connection to a service: its address, TLS and token, and calls with retries."""

import json
import re
import secrets
import ssl
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from rlvf_client.sdk.attempts import Attempts
from rlvf_client.sdk.diagnosis import ADDRESS, Diagnosis
from rlvf_client.sdk.errors import InvalidArgument

__all__ = ["Connection", "PlaintextTokenWarning"]

_CALL_SECONDS = 60.0
_SCHEMES = ("dns:", "ipv4:", "ipv6:", "unix:")
_LOOPBACK = re.compile(r"(?:unix:.*)|(?:dns:///|ipv[46]:)(?:localhost|127\.[\d.]+|\[::1\]):\d+")
_OPTIONS: tuple[tuple[str, int | str], ...] = (
    # A headless Kubernetes service resolves to all replicas; the default would use only one.
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)

ResponseT = TypeVar("ResponseT")


class PlaintextTokenWarning(UserWarning):
    """A token that is sent without TLS to another host."""


class Connection:
    """A channel with a token. The arguments and errors are those of `Evaluator`."""

    def __init__(
        self,
        address: str,
        token: str,
        ca: bytes | str | PathLike[str] | None,
        patience: timedelta,
    ) -> None:
        target, authorities = _target(address), _authorities(address, ca)
        token = token.strip()
        if not token.isascii() or not token.isprintable():
            raise InvalidArgument("token", "has characters that a token cannot have")
        if authorities is None:
            if token and not _LOOPBACK.fullmatch(target):
                warnings.warn(
                    "the token can be read in transit: give `ca`, or an address with https://",
                    PlaintextTokenWarning,
                    stacklevel=3,
                )
            self.channel = grpc.insecure_channel(target, options=_OPTIONS)
        else:
            credentials = grpc.ssl_channel_credentials(authorities)
            self.channel = grpc.secure_channel(target, credentials, options=_OPTIONS)
        self.request_id = secrets.token_hex(16)
        """The id of all its calls in the logs and traces of services."""
        self.metadata = (
            ("x-request-id", self.request_id),
            *((("authorization", f"Bearer {token}"),) if token else ()),
        )
        self._patience = patience
        self._diagnosis = Diagnosis(address, ca is not None)
        self.attempts(timeout=None)  # Checks `patience`.

    def attempts(self, timeout: timedelta | None) -> Attempts:
        """New attempts, for one call of a method."""
        return Attempts(self._patience, timeout, self._diagnosis)

    def call(
        self,
        method: "grpc.UnaryUnaryMultiCallable[Any, ResponseT] | "
        "grpc.StreamUnaryMultiCallable[Any, ResponseT]",
        request: Message | Callable[[], Iterator[Message]],
        attempts: Attempts,
        most_seconds: float = _CALL_SECONDS,
    ) -> ResponseT:
        """The response to a call, with retries. For a stream, `request` makes the requests of each
        attempt."""
        while True:
            seconds = attempts.seconds(most_seconds)
            given: Any = request if isinstance(request, Message) else request()
            call = method.future(given, timeout=seconds, metadata=self.metadata)
            attempts.stop.watch(call)
            try:
                return call.result()
            except grpc.RpcError as error:
                attempts.pause_or_raise_rpc(error)


def _target(address: str) -> str:
    """gRPC's form of an address. Raises InvalidArgument."""
    if address.startswith(_SCHEMES):
        return address
    found = ADDRESS.fullmatch(address.strip())
    if found is None:
        raise InvalidArgument("address", f"must be `host:port` or `https://host:port`: {address}")
    return f"dns:///{found['target']}"


def _authorities(address: str, ca: bytes | str | PathLike[str] | None) -> bytes | None:
    """The authorities to trust, PEM; None for a connection without TLS."""
    if ca is not None and address.strip().startswith("http://"):
        raise InvalidArgument(
            "address", "http:// is without TLS, and `ca` asks for it; use https://"
        )
    if ca is not None:
        given = ca if isinstance(ca, bytes) else Path(ca).read_bytes()
        try:
            text = given.decode("ascii", "ignore")
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
        except (ssl.SSLError, ValueError) as error:
            where = "" if isinstance(ca, bytes) else f"{ca}: "
            raise InvalidArgument("ca", f"{where}has no valid PEM certificate: {error}") from None
        return given
    if not address.strip().startswith("https://"):
        return None
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not found:
        raise InvalidArgument("address", "this system has no certificate authorities; give `ca`")
    return "".join(map(ssl.DER_cert_to_PEM_cert, found)).encode()
