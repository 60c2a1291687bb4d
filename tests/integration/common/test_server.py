"""What every served call gets, against a real server."""

import platform
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import Internal, InvalidArgument, Unauthenticated, from_rpc_error
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.version import ask_version, code_sha256

Start = Callable[..., Any]
SELF_SIGNED = [
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
    *("-nodes", "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=DNS:localhost"),
]


async def failure(
    address: str, request: trainer_pb2.RunTrainingRequest, *, token: str = "", timeout: float | None
) -> Exception:
    async with open_channel(address, token=token) as channel:
        stub = trainer_pb2_grpc.TrainerServiceStub(channel)
        with pytest.raises(grpc.RpcError) as raised:
            await stub.RunTraining(request, timeout=timeout)
        return from_rpc_error(raised.value)


async def test_a_call_without_a_deadline_is_refused(start_server: Start) -> None:
    request = trainer_pb2.RunTrainingRequest(base_model="m")
    error = await failure(start_server().address, request, timeout=None)
    assert isinstance(error, InvalidArgument)
    assert error.field == "deadline"


async def test_a_bad_field_is_named(start_server: Start) -> None:
    error = await failure(start_server().address, trainer_pb2.RunTrainingRequest(), timeout=10)
    assert isinstance(error, InvalidArgument)
    assert error.field == "base_model"


async def test_a_defect_does_not_tell_its_secret(start_server: Start) -> None:
    server = start_server()
    request = trainer_pb2.RunTrainingRequest(base_model="defect")
    error = await failure(server.address, request, timeout=10)
    assert isinstance(error, Internal)
    assert "secret" not in str(error)
    logged = server.wait_for("defect")
    assert "secret of the implementation" in str(logged["traceback"])
    assert str(logged["request_id"]) in str(error)


async def test_a_wrong_token_is_refused_and_the_right_one_accepted(start_server: Start) -> None:
    server = start_server(auth_token="right")
    request = trainer_pb2.RunTrainingRequest()
    for token in ("", "wrong"):
        error = await failure(server.address, request, token=token, timeout=10)
        assert isinstance(error, Unauthenticated)
    error = await failure(server.address, request, token="right", timeout=10)
    assert isinstance(error, InvalidArgument)


async def test_the_version_is_told_to_those_with_a_token(start_server: Start) -> None:
    server = start_server(auth_token="secret")
    async with open_channel(server.address, token="wrong") as channel:
        with pytest.raises(Unauthenticated):
            await ask_version(channel)
    async with open_channel(server.address, token="secret") as channel:
        version = await ask_version(channel, with_dependencies=True)
    assert version.service == "trainer"
    assert version.code_sha256 == code_sha256("rlvf_trainer", "rlvf", "rlvf_api", "rlvf_common")
    assert version.python_version == platform.python_version()
    assert not version.dependencies


async def test_health_and_reflection_answer(start_server: Start) -> None:
    server = start_server(auth_token="secret")
    async with open_channel(server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for service in ("", "rlvf.trainer.v1.TrainerService"):
            answer = await health.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        async for response in stub.ServerReflectionInfo(iter([request])):
            names = {service.name for service in response.list_services_response.service}
            assert {"rlvf.trainer.v1.TrainerService", "google.longrunning.Operations"} <= names


async def _health(channel: grpc.aio.Channel) -> int:
    async with channel:
        request = health_pb2.HealthCheckRequest()
        response = await health_pb2_grpc.HealthStub(channel).Check(request, timeout=10)
        return int(response.status)


def _write_certificate(folder: Path) -> Path:
    """A certificate for `localhost` that is its own authority; its key is beside it."""
    certificate = folder / "tls.crt"
    subprocess.run(
        [*SELF_SIGNED, "-keyout", folder / "tls.key", "-out", certificate],
        check=True,
        capture_output=True,
    )
    return certificate


async def test_a_probe_without_tls_learns_health_and_nothing_else(
    start_server: Start, tmp_path: Path
) -> None:
    certificate = _write_certificate(tmp_path)
    server = start_server(
        tls_certificate=certificate, tls_key=tmp_path / "tls.key", health_listen="127.0.0.1:0"
    )
    (probes,) = [str(one["address"]) for one in server.events if one["event"] == "health"]
    serving = health_pb2.HealthCheckResponse.SERVING
    assert await _health(open_channel(probes)) == serving
    async with grpc.aio.insecure_channel(probes) as channel:
        stub = trainer_pb2_grpc.TrainerServiceStub(channel)
        with pytest.raises(grpc.RpcError) as raised:
            await stub.RunTraining(trainer_pb2.RunTrainingRequest(), timeout=10)
        assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
    # Where calls are served, nothing is told without TLS.
    with pytest.raises(grpc.RpcError):
        await _health(grpc.aio.insecure_channel(server.address))


async def test_a_renewed_certificate_is_used_without_a_restart(
    start_server: Start, tmp_path: Path
) -> None:
    certificate = _write_certificate(tmp_path)
    server = start_server(tls_certificate=certificate, tls_key=tmp_path / "tls.key")
    address = f"localhost:{server.address.rpartition(':')[2]}"
    serving = health_pb2.HealthCheckResponse.SERVING
    assert await _health(open_channel(address, tls_ca=certificate)) == serving
    _write_certificate(tmp_path)
    assert await _health(open_channel(address, tls_ca=certificate)) == serving


def test_a_taken_port_is_one_clear_line(
    start_server: Start, run_to_its_end: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    server = start_server()
    result = run_to_its_end(listen=server.address)
    assert result.returncode == 2
    assert f"cannot listen on {server.address}" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, "RLVF_AUTH_TOKEN"),
        ({"allow_no_tls": "true"}, "RLVF_AUTH_TOKEN"),
        ({"auth_token": "secret"}, "RLVF_TLS_CERTIFICATE"),
        ({"allow_no_token": "true"}, "RLVF_TLS_CERTIFICATE"),
    ],
)
def test_what_other_machines_reach_is_not_served_open_by_accident(
    settings: dict[str, str],
    missing: str,
    run_to_its_end: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    result = run_to_its_end(listen="0.0.0.0:0", **settings)
    assert result.returncode == 2
    assert result.stderr.startswith("RLVF_LISTEN: other machines reach 0.0.0.0:0")
    assert missing in result.stderr
    assert "Traceback" not in result.stderr


async def test_what_is_meant_to_be_open_is_served_and_said(start_server: Start) -> None:
    server = start_server(listen="0.0.0.0:0", allow_no_tls="true", allow_no_token="true")
    assert any(str(one["event"]).startswith("open: no token") for one in server.events)
    port = server.address.rpartition(":")[2]
    request = trainer_pb2.RunTrainingRequest()
    error = await failure(f"127.0.0.1:{port}", request, timeout=10)
    assert isinstance(error, InvalidArgument)
