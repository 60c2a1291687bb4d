"""How the gateway is served: TLS, its probe, what it refuses to start with."""

import os
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import trustme

from tests.processes.http_gateway import HttpGatewayProcess


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Of the certificates below."""
    return trustme.CA()


@pytest.fixture
def certificate(authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    """The settings for TLS."""
    issued = authority.issue_cert("localhost", "127.0.0.1")
    paths = {"tls_certificate": tmp_path / "certificate.pem", "tls_key": tmp_path / "key.pem"}
    issued.cert_chain_pems[0].write_to_path(str(paths["tls_certificate"]))
    issued.private_key_pem.write_to_path(str(paths["tls_key"]))
    return {name: str(path) for name, path in paths.items()}


def _run(module: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {f"RLVF_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", module],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_it_speaks_tls(authority: trustme.CA, certificate: dict[str, str]) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with HttpGatewayProcess(**certificate) as gateway:
        url = f"https://{gateway.address}/health"
        answer = httpx.get(url, verify=context, trust_env=False)
        assert (answer.status_code, answer.json()) == (200, {"status": "SERVING"})
        with pytest.raises(httpx.HTTPError):
            httpx.get(url.replace("https", "http"), trust_env=False)
        probe = _run("rlvf_http_gateway.probe", listen=gateway.address, **certificate)
        assert (probe.returncode, probe.stderr) == (0, "")
    probe = _run("rlvf_http_gateway.probe", listen=gateway.address, **certificate)
    assert probe.returncode == 1
    assert "no answer of https://" in probe.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"listen": "0.0.0.0:0"}, "set RLVF_TLS_CERTIFICATE and RLVF_TLS_KEY"),
        ({"listen": "127.0.0.1:x"}, "RLVF_LISTEN: cannot listen on 127.0.0.1:x"),
        ({"listen": "127.0.0.1:0", "http_max_body_bytes": "0"}, "RLVF_HTTP_MAX_BODY_BYTES: "),
        (
            {"listen": "127.0.0.1:0", "tls_certificate": "/nowhere", "tls_key": "/nowhere"},
            "RLVF_TLS_CERTIFICATE, RLVF_TLS_KEY: cannot be used",
        ),
        ({"listen": "127.0.0.1:0", "metrics_listen": "x"}, "RLVF_METRICS_LISTEN: cannot listen"),
    ],
)
def test_it_does_not_start_with_wrong_settings(settings: dict[str, str], said: str) -> None:
    done = _run("rlvf_http_gateway", **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
