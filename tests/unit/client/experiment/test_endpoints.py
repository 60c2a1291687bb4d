"""Services that somebody else runs."""

from pathlib import Path

import pytest

from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_client.experiment.endpoints import RemoteEndpoints, SharedStack
from rlvf_client.experiment.profiles import Profile
from rlvf_client.experiment.subject import Subject
from rlvf_client.local_stack.models import EMBEDDED, EMBEDDED_ON_HUB, served_elsewhere
from rlvf_client.local_stack.sharing import Known
from rlvf_common.rpc.settings import StorageSettings, TransportSettings

PROFILE = Profile(
    "profile lab of rlvf.yaml",
    {"evaluator": "e:1"},
    TransportSettings(auth_token="t", tls_ca=Path("ca.pem")),
    settings="rlvf.yaml, line 2, profiles.lab",
)


async def test_only_services_that_the_client_calls_need_an_address() -> None:
    """An executor in a cluster is reached by its evaluator alone."""
    endpoints = RemoteEndpoints(Profile.of_environment({"RLVF_EVALUATOR_ADDRESS": "e:1"}))
    await endpoints.ensure("storage", "executor", "inference", "evaluator")
    with pytest.raises(InvalidArgument, match="RLVF_REPORTER_ADDRESS"):
        await endpoints.ensure("evaluator", "reporter")
    with pytest.raises(InvalidArgument, match="RLVF_EXECUTOR_ADDRESS"):
        endpoints.address("executor")


async def test_a_missing_address_is_told_with_the_place_where_it_belongs() -> None:
    with pytest.raises(InvalidArgument) as refused:
        await RemoteEndpoints(PROFILE).ensure("reporter")
    assert refused.value.field == "rlvf.yaml, line 2, profiles.lab.reporter"


def test_without_a_key_of_storage_the_bucket_is_not_read() -> None:
    with pytest.raises(
        FailedPrecondition, match=r"reads the bucket itself.*`storage` of rlvf.yaml"
    ):
        RemoteEndpoints(PROFILE).storage_settings()


SERVED = [
    version_pb2.ServedModel(name="org/coder", source="/weights/coder", weights_sha256="a" * 64),
    version_pb2.ServedModel(name=EMBEDDED_ON_HUB),
]


def test_a_model_elsewhere_is_what_is_served_there() -> None:
    served = served_elsewhere("org/coder", SERVED)
    # Training reads what inference reads.
    assert (served.name, served.source) == ("org/coder", "/weights/coder")
    subject = Subject.of("", served)
    assert subject.message().weights_sha256 == "a" * 64
    with pytest.raises(FailedPrecondition, match="was trained on another"):
        subject.check_trained("dpo-8", "b" * 64)


def test_nothing_is_known_of_a_model_whose_weights_are_not_reported() -> None:
    """What this machine has under the same name may be another version."""
    served = served_elsewhere(EMBEDDED, SERVED)
    assert (served.name, served.source) == (EMBEDDED_ON_HUB, EMBEDDED_ON_HUB)
    assert Subject.of("", served).version == {}


def test_a_model_that_is_not_served_is_told_with_those_that_are() -> None:
    with pytest.raises(FailedPrecondition, match=r"`org/other` is not served.*`org/coder`"):
        served_elsewhere("org/other", SERVED)


@pytest.mark.parametrize("name", ["./coder", "~/coder", "coder"])
def test_a_path_of_this_machine_is_refused_with_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "coder").mkdir()
    with pytest.raises(FailedPrecondition, match=r"is a path on this machine.*put it on the hub"):
        served_elsewhere(name, SERVED)


async def test_a_holder_that_tells_no_versions_is_named() -> None:
    storage = StorageSettings(s3_access_key="a", s3_secret_key="b").model_dump()
    settings = {f"RLVF_{name.upper()}": str(value) for name, value in storage.items()}
    known = Known(4711, {}, settings, model="", started=[], ended=[], guests=1)

    async def ask(request: dict[str, object]) -> Known:
        return known

    with pytest.raises(FailedPrecondition, match=r"process 4711.*is of an older release"):
        await SharedStack(known, ask).version("evaluator")
