"""`--profile` and `rlvf profiles`: which services a command uses, told to a person."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rlvf_client.cli.main import main
from rlvf_client.local_stack.stack import GRPC_SERVICES
from rlvf_common.rpc.settings import address_variable

PROFILES = """
profiles:
  cluster:
    evaluator: e:1
    token: {env: CLUSTER_TOKEN}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # The flag sets it; empty is unset, and is restored.
    monkeypatch.setenv("RLVF_PROFILE", "")
    for name in GRPC_SERVICES:
        monkeypatch.delenv(address_variable(name), raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("CLUSTER_TOKEN", "secret")
    monkeypatch.setenv("RLVF_HOME", str(tmp_path / "home"))
    (tmp_path / "rlvf.yaml").write_text(PROFILES)


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_what_is_in_force_is_told_without_the_token() -> None:
    assert printed("profiles").startswith("in force: the local stack\n")
    text = printed("profiles", "--profile", "cluster")
    assert "in force: profile cluster of rlvf.yaml" in text
    assert "e:1" in text
    assert "secret" not in text
    record = json.loads(printed("profiles", "--json", "--profile", "cluster"))
    assert record["in_force"]["addresses"] == {"evaluator": "e:1"}


def test_the_flag_goes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLVF_PROFILE", "cluster")
    assert printed("profiles", "--profile", "local").startswith("in force: the local stack\n")


def test_a_run_names_every_service_that_it_lacks_before_anything_starts() -> None:
    done = CliRunner().invoke(main, ["run", "smoke", "--profile", "cluster"])
    assert done.exit_code == 1
    assert "line 3, profiles.cluster.reporter: is missing" in done.stderr


def test_an_unknown_profile_is_one_line() -> None:
    done = CliRunner().invoke(main, ["doctor", "--profile", "clustr"])
    assert done.exit_code == 1
    assert "did you mean 'cluster'" in done.stderr
