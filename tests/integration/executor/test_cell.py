"""A cell whose zygote is not what it should be."""

import pytest

from rlvf_executor.contract import policy, slots
from rlvf_executor.supervisor import inmates
from rlvf_executor.supervisor.cell import Cell, CellDied, Setting
from rlvf_executor.tuning import rehearsal


def cell_of_programs(*, tuned: bool) -> Cell:
    return Cell(
        Setting("jail.zygote", slots.LANDLOCK, 0, None, None, None, policy.PREIMPORTED, "", tuned)
    )


def test_a_zygote_whose_rehearsal_failed_is_not_left_to_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise rehearsal.RehearsalFailed("it did not answer")

    monkeypatch.setattr(rehearsal, "pin_hot_pages", fail)
    cell = cell_of_programs(tuned=True)
    cell.launch()
    try:
        with pytest.raises(inmates.JailError, match="the first program does not run: it did not"):
            cell.wait_ready()
        assert cell._inmate is not None
        assert cell._inmate.process.returncode is not None
        with pytest.raises(CellDied):
            cell.submit(b"C", policy.DEFAULT_LIMITS, [])
    finally:
        cell.stop()


def test_without_tuning_a_zygote_is_not_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise rehearsal.RehearsalFailed("it is not to be asked")

    monkeypatch.setattr(rehearsal, "pin_hot_pages", fail)
    cell = cell_of_programs(tuned=False)
    cell.launch()
    try:
        cell.wait_ready()
    finally:
        cell.stop()
