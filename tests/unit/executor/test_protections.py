"""`make test-protections` takes away what is there."""

import pytest

from tests.security.protections import PACKAGE, PROTECTIONS, Protection


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda one: one.name)
def test_what_is_taken_away_is_in_the_executor(protection: Protection) -> None:
    assert protection.text in (PACKAGE / protection.file).read_text()
