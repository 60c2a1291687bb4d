"""A wrong setting is one line."""

import pytest
from pydantic import Field, SecretStr

from rlvf_common.rpc.settings import ServerSettings, load


class _Settings(ServerSettings):
    secrets: dict[str, SecretStr] = Field(default={})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('{"mine": "abc', "RLVF_SECRETS: not JSON: Unterminated string"),
        ("abc", "RLVF_SECRETS: not JSON: Expecting value"),
        ("[]", "RLVF_SECRETS: Input should be a valid dictionary"),
    ],
)
def test_a_setting_that_is_not_its_json_is_one_line_without_the_value(
    value: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RLVF_SECRETS", value)
    with pytest.raises(SystemExit) as ended:
        load(_Settings)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(message)
    assert "abc" not in line
