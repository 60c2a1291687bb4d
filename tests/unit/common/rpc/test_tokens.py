"""Tokens with names: who is let in, and what a broken file does."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from rlvf_api.errors import FailedPrecondition, Unauthenticated
from rlvf_common.rpc.context import ANONYMOUS, OPERATOR, Principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.rpc.scopes import Scope
from rlvf_common.rpc.tokens import Tokens, parse_tokens


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def write(path: Path, *callers: dict[str, object]) -> Path:
    """Replaces the file as a Kubernetes Secret is: all at once."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"callers": callers}))
    os.replace(new, path)
    return path


TEAM = {"name": "team-a", "sha256": digest("secret-a"), "samples_per_day": 500}


def test_without_tokens_everybody_is_let_in() -> None:
    assert Tokens().identify("") is ANONYMOUS
    assert Tokens().identify("Bearer anything") is ANONYMOUS


def test_the_operators_token_and_a_teams_are_told_apart(tmp_path: Path) -> None:
    tokens = Tokens("operator-secret", write(tmp_path / "tokens", TEAM))
    assert tokens.identify("Bearer operator-secret") == OPERATOR
    assert not tokens.identify("Bearer operator-secret").is_team
    # RFC 9110, section 11.1: the name of a scheme is case-insensitive.
    assert tokens.identify("bearer secret-a\n") == tokens.identify("Bearer  secret-a")
    team = tokens.identify("Bearer secret-a")
    assert team == Principal("team-a", {Resource.SAMPLES: 500})
    assert team.is_team


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer wrong", "secret-a", "Basic secret-a", "Bearer secret -a"],
)
def test_everything_else_is_refused(tmp_path: Path, authorization: str) -> None:
    tokens = Tokens("operator-secret", write(tmp_path / "tokens", TEAM))
    problem = "this one is not known" if authorization else "there was none"
    advice = "ask the operator for one, and send the metadata `authorization: Bearer TOKEN`"
    with pytest.raises(Unauthenticated, match=f"{problem}; {advice}"):
        tokens.identify(authorization)


def test_a_file_alone_asks_for_a_token(tmp_path: Path) -> None:
    tokens = Tokens(file=write(tmp_path / "tokens", TEAM))
    with pytest.raises(Unauthenticated):
        tokens.identify("Bearer ")


def test_a_digest_is_no_token(tmp_path: Path) -> None:
    """Who has read the file cannot come in with what is in it."""
    tokens = Tokens(file=write(tmp_path / "tokens", TEAM))
    with pytest.raises(Unauthenticated):
        tokens.identify(f"Bearer {digest('secret-a')}")


def test_a_token_is_changed_without_a_gap(tmp_path: Path) -> None:
    both = {**TEAM, "sha256": [digest("old"), digest("new")]}
    tokens = Tokens(file=write(tmp_path / "tokens", both))
    assert tokens.identify("Bearer old") == tokens.identify("Bearer new")


def test_a_changed_file_counts_at_once_and_a_broken_one_does_not(tmp_path: Path) -> None:
    file = write(tmp_path / "tokens", TEAM)
    tokens = Tokens(file=file)
    write(file, {"name": "team-b", "sha256": digest("secret-b")})
    assert tokens.identify("Bearer secret-b").name == "team-b"
    with pytest.raises(Unauthenticated):
        tokens.identify("Bearer secret-a")
    with pytest.raises(Unauthenticated, match="team-a is no longer"):
        tokens.named("team-a")
    write(file, {"name": "team-c"})
    assert tokens.identify("Bearer secret-b").name == "team-b"
    file.unlink()
    assert tokens.identify("Bearer secret-b").name == "team-b"


def test_yaml_is_read_too() -> None:
    text = f"callers:\n  - name: team-a\n    sha256: {digest('secret-a')}\n"
    assert list(parse_tokens(text.encode(), where="f").values()) == [Principal("team-a")]


@pytest.mark.parametrize(
    ("scopes", "permitted"),
    [
        (None, {"score", "evaluate"}),
        (["train"], {"train"}),
        (["admin"], {"score", "evaluate", "train", "admin"}),
    ],
)
def test_a_token_permits_its_scopes(
    tmp_path: Path, scopes: list[str] | None, permitted: set[str]
) -> None:
    team = {**TEAM, **({} if scopes is None else {"scopes": scopes})}
    who = Tokens(file=write(tmp_path / "tokens", team)).identify("Bearer secret-a")
    assert {str(scope) for scope in Scope if who.may(scope)} == permitted
    assert all(OPERATOR.may(scope) and ANONYMOUS.may(scope) for scope in Scope)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the file"),
        ("{", "neither YAML nor JSON"),
        ("callers: {}", "callers: "),
        ("callers: [{name: a}]", "callers.0.sha256"),
        ("callers: [{name: a, sha256: secret-token}]", "callers.0.sha256.0"),
        ("callers: [{name: A, sha256: %s}]", "callers.0.name"),
        ("callers: [{name: operator, sha256: %s}]", "the name operator is already in use"),
        ("callers: [{name: a, sha256: %s, samples_per_day: -1}]", "samples_per_day"),
        ("callers: [{name: a, sha256: %s, quota: 3}]", "callers.0.quota"),
        ("callers: [{name: a, sha256: %s, scopes: []}]", "callers.0.scopes"),
        ("callers: [{name: a, sha256: %s, scopes: [root]}]", "callers.0.scopes.0"),
        ("callers: [{name: a, sha256: %s}, {name: b, sha256: %s}]", "b has the token of another"),
        ("callers: [{name: a, sha256: %s}, {name: a, sha256: %s}]", "the name a is already in use"),
    ],
)
def test_a_wrong_file_is_named_with_its_place_and_no_secret(content: str, problem: str) -> None:
    with pytest.raises(FailedPrecondition) as raised:
        parse_tokens(content.replace("%s", digest("x")).encode(), where="tokens.yaml")
    assert str(raised.value).startswith("tokens.yaml: ")
    assert problem in str(raised.value)
    assert digest("x") not in str(raised.value)
    assert "secret-token" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match="No such file"):
        Tokens(file=tmp_path / "absent")


def test_every_resource_can_be_limited() -> None:
    limits = "".join(f", {resource}_per_day: {number}" for number, resource in enumerate(Resource))
    text = f"callers: [{{name: a, sha256: {digest('a')}{limits}}}]"
    [who] = parse_tokens(text.encode(), where="f").values()
    # 0 is no limit.
    assert list(who.quotas.items()) == list(zip(Resource, range(4), strict=True))[1:]
