"""The health check of the image, `python -m rlvf_http_gateway.probe`: exit status 0 if the gateway
in this container serves."""

import ssl
import sys
import urllib.request

from rlvf_common.rpc.settings import load
from rlvf_http_gateway.settings import HttpGatewaySettings

_SECONDS = 4.0


def main() -> None:
    """Ask the gateway for its health over the loopback."""
    settings = load(HttpGatewaySettings)
    scheme = "https" if settings.tls_certificate else "http"
    url = f"{scheme}://127.0.0.1:{settings.listen.rpartition(':')[2]}/health"
    # Nothing secret is sent, and the certificate is of another name.
    context = ssl._create_unverified_context()
    try:
        urllib.request.urlopen(url, timeout=_SECONDS, context=context).close()
    except OSError as error:
        print(f"no answer of {url}: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
