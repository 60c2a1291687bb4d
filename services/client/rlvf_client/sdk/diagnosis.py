"""What is wrong where a service cannot be used or reached, in words for its caller."""

import re
import socket
import ssl
from dataclasses import dataclass

__all__ = ["ADDRESS", "Diagnosis"]

ADDRESS = re.compile(
    r"(?:https?://)?(?P<target>(?P<host>[^/\s:]+|\[[0-9a-fA-F:.]+\]):(?P<port>\d+))/?"
)
"""The form of an address without a scheme of gRPC."""
_HANDSHAKE_SECONDS = 2.0
# Messages of gRPC.
_NOT_CONNECTED = re.compile(
    r"(?:failed to connect to all addresses|connections to all backends failing); last error: "
    r"(?P<reason>.*)"
)
_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED: (?P<reason>[^:]*)")


@dataclass(frozen=True)
class Diagnosis:
    """Explains gRPC's messages about the service at `address`, as the caller gave it. `has_ca` says
    whether the caller gave the authorities to trust."""

    address: str
    has_ca: bool

    def cannot_be_used(self, message: str) -> str | None:
        """The explanation of an error that a retry cannot avoid; None for another error. Asks the
        server whether it uses TLS."""
        why = self._why(message)
        return why and f"the evaluator at {self.address} cannot be used: {why}"

    def cannot_be_reached(self, message: str) -> str | None:
        """The explanation of an error of connecting; None for another error."""
        found = _NOT_CONNECTED.fullmatch(message)
        return found and (
            f"the evaluator cannot be reached: {found['reason']}; check that it runs at "
            f"{self.address}"
        )

    def _why(self, message: str) -> str | None:
        if found := _CERTIFICATE.search(message):
            if found["reason"].startswith("certificate "):  # It has expired, or is not yet valid.
                return f"its {found['reason']}; tell its operator"
            if self.has_ca:
                return "its certificate is not of the authority `ca`; ask its operator for that"
            return "this system does not trust its certificate; give its authority as `ca`"
        if "Hostname Verification Check failed" in message:
            return "its certificate is of another host; use the host name of the certificate"
        if "WRONG_VERSION_NUMBER" in message:
            return "it does not use TLS, which `ca` or https:// asks for"
        if "Domain name not found" in message:
            return "there is no such host"
        has_tls = self.has_ca or self.address.strip().startswith("https://")
        if not has_tls and _NOT_CONNECTED.fullmatch(message) and self._offers_tls():
            return "it uses TLS; give `ca` (RLVF_TLS_CA for `rlvf`), or an address with https://"
        return None

    def _offers_tls(self) -> bool:
        """Whether a handshake succeeds. Nothing else is sent, so no certificate is checked."""
        found = ADDRESS.fullmatch(self.address.strip())
        if found is None:
            return False
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        target = (found["host"].strip("[]"), int(found["port"]))
        try:
            with (
                socket.create_connection(target, _HANDSHAKE_SECONDS) as plain,
                context.wrap_socket(plain, server_hostname=target[0]),
            ):
                return True
        except (OSError, OverflowError, ValueError):
            return False
