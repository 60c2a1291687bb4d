"""Dates, times and durations as plain data."""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvf_executor.contract import wire
from rlvf_executor.contract.rules import Comparison, Rule
from rlvf_executor.judge.comparison import agrees
from rlvf_executor.judge.value_digests import digest_of

_ZONES = st.sampled_from([None, UTC])
_DATES = (
    st.datetimes(timezones=_ZONES)
    | st.dates()
    | st.times(timezones=_ZONES)
    | st.timedeltas()
    | st.just(datetime(2026, 10, 25, 2, 30, fold=1))
)


@given(_DATES)
def test_a_date_arrives_as_it_was(value: object) -> None:
    for decoded in (
        wire.decode(wire.encode(value)),
        wire.decode_from_judge(wire.encode_for_candidate(value)),
    ):
        assert type(decoded) is type(value)
        assert repr(decoded) == repr(value)


class _Day(date):
    pass


@pytest.mark.parametrize(
    "value",
    [
        _Day(2026, 1, 1),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")),
        time(1, tzinfo=timezone(timedelta(hours=1))),
    ],
    ids=["a subclass", "a fixed zone", "a named zone", "a time with a zone"],
)
def test_other_types_and_zones_are_not_plain_data(value: object) -> None:
    with pytest.raises(wire.NotPlainData):
        wire.encode(value)


@pytest.mark.parametrize(
    "parts",
    [
        ["date", [2026, 13, 1], False],
        ["date", [2026, 1, 1], True],
        ["date", [2026, 1], False],
        ["date", [True, 1, 1], False],
        ["datetime", [2026, 1, 1, 0, 0, 0, 0, 2], False],
        ["datetime", [10**20, 1, 1, 0, 0, 0, 0, 0], False],
        ["datetime", [2026, 1, 1, 0, 0, 0, 0, 0], "UTC"],
        ["time", [0, 0, 0, -1, 0], False],
        ["timedelta", [10**9, 0, 0], False],
        ["timedelta", [0.5, 0, 0], False],
        ["timezone", [0, 0, 0], False],
        ["sys", [], False],
        [],
    ],
    ids=str,
)
def test_parts_that_do_not_fit_are_refused(parts: list[object]) -> None:
    with pytest.raises(wire.NotPlainData):
        wire.decode(b"x" + wire.encode(parts)[1:])


def test_nothing_is_imported_before_there_is_a_date() -> None:
    code = (
        "import sys\n"
        "from rlvf_executor.contract import wire\n"
        "try: wire.encode(object())\n"
        "except wire.NotPlainData: print('datetime' in sys.modules)\n"
        f"print(wire.decode({wire.encode(date(2026, 1, 2))!r}))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("False\n2026-01-02\n", "")


@given(_DATES, _DATES)
def test_dates_agree_and_have_one_digest_if_they_are_equal(one: object, other: object) -> None:
    rule = Rule(Comparison.EQUAL, None, None, False)
    for value in (one, other):
        assert agrees([value], [one], rule) is (value == one)
        assert (digest_of(value) == digest_of(one)) is (value == one)
