"""Which services a command uses, and errors in `rlvf.yaml`."""

from pathlib import Path

import pytest

from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_client.experiment.profiles import declared, profile_in_force

CLUSTER = """
profiles:
  cluster:
    evaluator: evaluator.example.com:443
    pair-generator: pairs.example.com:443
    token: {env: CLUSTER_TOKEN}
    ca: ca.pem
"""
TOKEN = {"CLUSTER_TOKEN": "of-the-cluster"}


class Places:
    """The working folder, and the user's folder of configuration."""

    def __init__(self, folder: Path) -> None:
        self.here, self.own = folder / "here", folder / "own" / "rlvf"
        for place in (self.here, self.own):
            place.mkdir(parents=True)
            (place / "ca.pem").write_text("authority")
        self.environment = {"XDG_CONFIG_HOME": str(self.own.parent), **TOKEN}

    def named(self, name: str) -> dict[str, str]:
        """Variables where a profile is named."""
        return {**self.environment, "RLVF_PROFILE": name}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    found = Places(tmp_path)
    monkeypatch.chdir(found.here)
    return found


def test_a_profile_has_addresses_token_and_authority(places: Places) -> None:
    (places.here / "rlvf.yaml").write_text(CLUSTER)
    found = profile_in_force(places.named("cluster"))
    assert found is not None
    assert found.addresses == {
        "evaluator": "evaluator.example.com:443",
        "pair-generator": "pairs.example.com:443",
    }
    assert found.transport.auth_token == "of-the-cluster"
    assert found.transport.tls_ca is not None
    assert found.transport.tls_ca.read_text() == "authority"
    assert found.storage is None


def test_the_order_is_a_name_then_addresses_then_the_default_then_the_local_stack(
    places: Places,
) -> None:
    assert profile_in_force(places.environment) is None
    (places.own / "rlvf.yaml").write_text("default: cluster" + CLUSTER)
    default = profile_in_force(places.environment)
    assert default is not None
    assert default.title.startswith("profile cluster of ")
    addresses = {**places.environment, "RLVF_EVALUATOR_ADDRESS": "other:1"}
    given = profile_in_force(addresses)
    assert given is not None
    assert given.addresses == {"evaluator": "other:1"}
    named = profile_in_force({**addresses, "RLVF_PROFILE": "cluster"})
    assert named is not None
    assert named.addresses == default.addresses
    assert profile_in_force({**addresses, "RLVF_PROFILE": "local"}) is None


def test_a_token_goes_only_to_the_services_that_it_was_written_beside(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    (places.here / "rlvf.yaml").write_text("profiles: {open: {evaluator: 'e:1'}}")
    for name, value in (("AUTH_TOKEN", "of-another"), ("S3_ACCESS_KEY", "key"), ("TLS_CA", "x")):
        monkeypatch.setenv(f"RLVF_{name}", value)
    found = profile_in_force(places.named("open"))
    assert found is not None
    assert (found.transport.auth_token, found.transport.tls_ca) == ("", None)
    assert found.storage is None


def test_a_key_of_storage_is_all_of_it(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLVF_S3_BUCKET", "of-another")
    (places.here / "secret").write_text("hidden\n")
    (places.here / "rlvf.yaml").write_text(
        "profiles: {a: {evaluator: 'e:1', storage: {endpoint: 's3:443', access_key: me, "
        "secret_key: {file: secret}}}}"
    )
    found = profile_in_force(places.named("a"))
    assert found is not None
    storage = found.storage_settings()
    assert (storage.s3_endpoint, storage.s3_access_key) == ("s3:443", "me")
    assert (storage.s3_secret_key, storage.s3_bucket) == ("hidden", "rlvf")
    assert storage.s3_secure


def test_the_nearer_file_counts_and_its_default_does_not(places: Places) -> None:
    (places.own / "rlvf.yaml").write_text("profiles: {a: {evaluator: 'own:1'}, b: {}}")
    (places.here / "rlvf.yaml").write_text("default: a\nprofiles: {a: {evaluator: 'here:1'}}")
    # It may have come with somebody's folder.
    assert profile_in_force(places.environment) is None
    found = profile_in_force(places.named("a"))
    assert found is not None
    assert found.addresses == {"evaluator": "here:1"}
    assert [(one.name, one.file.is_absolute()) for one in declared(places.environment)] == [
        ("a", False),
        ("b", True),
    ]


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("profiles: [a]", "rlvf.yaml", "must have `profiles`"),
        ("profile: {a: {}}", "rlvf.yaml", "must have `profiles`"),
        ("a: [", "rlvf.yaml, line 1", "is not YAML"),
        ("profiles:\n  a:\n    evaluatr: 'e:1'", "line 3, profiles.a.evaluatr", "mean 'evaluator'"),
        ("profiles:\n  a: {trainer: 'https://t:1'}", "line 2, profiles.a.trainer", "host:port"),
        ("profiles:\n  a: {trainer: t}", "line 2, profiles.a.trainer", "must be host:port"),
        ("profiles:\n  local: {}", "line 2, profiles.local", "the name of the local stack"),
        ("profiles:\n  a: {token: [1, 2]}", "line 2, profiles.a.token", "text in quotes"),
        ("profiles:\n  a: {token: {en: X}}", "line 2, profiles.a.token", "{env: VARIABLE}"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(
    places: Places, text: str, field: str, message: str
) -> None:
    (places.here / "rlvf.yaml").write_text(text)
    with pytest.raises(InvalidArgument) as refused:
        profile_in_force(places.named("a"))
    assert field in refused.value.field
    assert message in refused.value.message


def test_no_error_shows_what_may_be_a_secret(places: Places) -> None:
    (places.here / "rlvf.yaml").write_text("profiles: {a: {token: 1234567}}")
    with pytest.raises(InvalidArgument) as refused:
        profile_in_force(places.named("a"))
    assert "1234567" not in str(refused.value)


def test_an_unknown_profile_is_told_with_those_that_there_are(places: Places) -> None:
    (places.here / "rlvf.yaml").write_text(CLUSTER)
    with pytest.raises(
        InvalidArgument, match=r"did you mean 'cluster'.* cluster, local"
    ) as refused:
        profile_in_force(places.named("clustr"))
    assert str(places.own / "rlvf.yaml") in refused.value.message


def test_a_secret_that_is_not_where_it_should_be_is_told(places: Places) -> None:
    (places.here / "rlvf.yaml").write_text(CLUSTER)
    environment = places.named("cluster")
    del environment["CLUSTER_TOKEN"]
    with pytest.raises(FailedPrecondition, match=r"line 6, profiles.cluster.token: CLUSTER_TOKEN"):
        profile_in_force(environment)
    # Those that are not used need none.
    assert [one.name for one in declared(environment)] == ["cluster"]
    (places.here / "ca.pem").unlink()
    with pytest.raises(FailedPrecondition, match=r"there is no file ca\.pem"):
        profile_in_force(places.named("cluster"))
