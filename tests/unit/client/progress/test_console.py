"""What a command tells while it works."""

import io

import pytest
from rich.console import Console

from rlvf_client.progress import console as progress
from rlvf_client.progress.console import Reporter, Stage, _Bar
from rlvf_client.progress.pace import StageState


def test_without_a_terminal_a_stage_is_a_line_at_each_quarter(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reporter = Reporter()
    with reporter.stage("evaluate base") as stage:
        for done in range(0, 101, 5):
            stage.update(done, 100, "tasks")
    out, err = capsys.readouterr()
    begin, *quarters, end = err.splitlines()
    assert begin == "evaluate base ..."
    assert [line.split(" tasks")[0] for line in quarters] == [
        f"evaluate base: {done}/100" for done in (25, 50, 75)
    ]
    assert all(line.endswith(" left") for line in quarters)
    assert end.startswith("evaluate base: done in ")
    assert out == ""


def test_a_slow_stage_is_told_every_minute(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
    with Reporter().stage("rollouts") as stage:
        for done in (1, 2, 3):
            stage.update(done, 1_000, "problems")
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()[1:4]] == [
        f"rollouts: {done}/1000 problems" for done in (1, 2, 3)
    ]


def test_why_a_stage_waits_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter().stage("train rft") as stage:
        for reason in ("", "waits to start: no GPU is free", "waits to start: no GPU is free"):
            stage.update(0, 0, reason)
        stage.update(0, 8, "steps")
    begin, waits, end = capsys.readouterr().err.splitlines()
    assert (begin, waits) == ("train rft ...", "train rft: waits to start: no GPU is free")
    assert end.startswith("train rft: done in ")


def test_a_stage_that_fails_is_not_said_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    stages: list[Stage] = []

    def fail() -> None:
        with Reporter().stage("rollouts") as stage:
            stages.append(stage)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    # A thread that goes on is not heard any more.
    stages[0].update(50, 100, "problems")
    assert capsys.readouterr().err == "rollouts ...\n"


def test_on_a_terminal_a_stage_is_a_bar_with_all_that_is_known() -> None:
    written = io.StringIO()
    bar = _Bar(Console(file=written, force_terminal=True, width=80))
    bar.show(StageState("evaluate base", 40, 164, "tasks, 25% pass", 310.0, 6 << 30, 130.0))
    bar.say("a line [bold]as it is[/bold]")
    bar.show(None)
    text = written.getvalue()
    assert "evaluate base" in text
    assert "40/164" in text
    assert "2 min left" in text
    assert "  tasks, 25% pass, 310 tokens/s, 6.0 GiB" in text
    assert "a line [bold]as it is[/bold]" in text
