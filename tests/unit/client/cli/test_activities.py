"""`rlvf ls` and `rlvf logs`: what a second terminal shows."""

import json
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from rlvf_client.cli.activities import new_lines
from rlvf_client.cli.main import main
from rlvf_client.progress.activity import Activity, Recorder, activities, recorded
from rlvf_client.progress.pace import StageState


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RLVF_HOME", str(tmp_path))
    return tmp_path


def rlvf(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def _record(home: Path, name: str) -> Activity:
    """An activity that is done."""
    with recorded(home, "run", name, f"rlvf run {name}", home / name) as recorder:
        recorder.say("model ...")
        recorder.result = f"report: runs/{name}/report.html"
    return next(one for one in activities(home) if one.name == name)


def _at_work(home: Path, name: str) -> Recorder:
    """An activity that this process has at work."""
    activity = replace(_record(home, name), status="running", message="")
    recorder = Recorder(activity)
    recorder.say("evaluate base ...")
    recorder.stage(StageState("evaluate base", 40, 160, "tasks", None, 0, 7200.0))
    return recorder


def test_a_home_without_activities_says_so(home: Path) -> None:
    assert rlvf("ls").stdout == f"nothing was run in {home}\n"
    assert json.loads(rlvf("ls", "--json").stdout) == {"activities": []}


def test_an_activity_under_way_shows_stage_progress_and_the_time_left(home: Path) -> None:
    _record(home, "smoke")
    running = _at_work(home, "demo").activity
    heading, *lines = rlvf("ls").stdout.splitlines()
    assert heading.split() == ["NAME", "COMMAND", "STATUS", "BEGAN", "STAGE", "PROGRESS"]
    assert any(
        line.startswith("demo ") and "running" in line and "40/160, 2 h 0 min left" in line
        for line in lines
    )
    assert f"    log: {running.log}" in lines
    assert "    report: runs/smoke/report.html" in lines
    listed = json.loads(rlvf("ls", "--json").stdout)["activities"]
    demo = next(one for one in listed if one["name"] == "demo")
    assert (demo["status"], demo["stage"]["done"], demo["pid"]) == ("running", 40, os.getpid())
    assert 7000 < demo["seconds_left"] <= 7200
    status = json.loads(rlvf("status", "--json").stdout)
    assert status["stack"] is None
    assert [one["name"] for one in status["activities"]] == ["demo"]


def test_the_time_left_gets_shorter_while_nothing_is_heard(home: Path) -> None:
    activity = _at_work(home, "demo").activity
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    replace(activity, updated=an_hour_ago.isoformat()).write()
    [demo] = json.loads(rlvf("ls", "--json").stdout)["activities"]
    assert 3400 < demo["seconds_left"] <= 3600


def test_an_estimate_that_has_run_out_is_not_shown(home: Path) -> None:
    activity = _at_work(home, "demo").activity
    replace(activity, updated=(datetime.now(UTC) - timedelta(hours=3)).isoformat()).write()
    [demo] = json.loads(rlvf("ls", "--json").stdout)["activities"]
    assert demo["seconds_left"] is None
    assert rlvf("ls").stdout.splitlines()[1].endswith("40/160")


def test_what_was_interrupted_shows_how_to_continue(home: Path) -> None:
    activity = _at_work(home, "demo").activity
    replace(activity, pid=2**22, process_start=1).write()
    lines = rlvf("ls").stdout.splitlines()
    assert "interrupted" in lines[1]
    assert f"    to continue, in {Path.cwd()}: rlvf run demo" in lines


def test_the_last_ten_are_listed_or_all(home: Path) -> None:
    for number in range(12):
        _record(home, f"run-{number}")
    assert len(json.loads(rlvf("ls", "--json").stdout)["activities"]) == 10
    assert len(json.loads(rlvf("ls", "--all", "--json").stdout)["activities"]) == 12


def test_a_log_is_that_of_an_activity_or_of_a_service(home: Path) -> None:
    _record(home, "demo")
    (home / "logs").mkdir()
    (home / "logs" / "executor.log").write_text("one\ntwo\nthree\n")
    assert rlvf("logs", "executor", "-n", "2").stdout == "two\nthree\n"
    assert (
        rlvf("logs", "demo").stdout.splitlines()[-1].endswith("done: report: runs/demo/report.html")
    )
    shown = json.loads(rlvf("logs", "demo", "--json").stdout)
    assert (shown["name"], shown["activity"]["status"]) == ("demo", "done")
    assert shown["lines"][0].endswith("--- rlvf run demo")


def test_a_log_that_is_not_there_names_those_that_are(home: Path) -> None:
    _record(home, "demo")
    result = rlvf("logs", "dmo")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no log of 'dmo'" in result.stderr
    assert "there are: demo, stack, storage" in result.stderr
    assert "was never started" in rlvf("logs", "trainer").stderr


@pytest.mark.parametrize(("status", "exit_status"), [("done", 0), ("failed", 1)])
def test_following_a_log_shows_every_line_until_the_end(
    home: Path, status: str, exit_status: int
) -> None:
    recorder = _at_work(home, "demo")

    def work() -> None:
        for number in range(20):
            recorder.say(f"line {number}")
        recorder.end("done" if status == "done" else "failed", "the end")

    thread = threading.Thread(target=work)
    thread.start()
    result = rlvf("logs", "demo", "--follow", "-n", "100")
    thread.join()
    told = [line[20:] for line in result.stdout.splitlines()]
    assert told[-21:] == [*(f"line {number}" for number in range(20)), f"{status}: the end"]
    assert result.exit_code == exit_status


def test_a_line_is_followed_when_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\nbegun")
    steps = iter([" and ended\nnext", "\nlast\n"])

    def is_over() -> bool:
        with log.open("a") as file:
            file.write(next(steps, ""))
        return log.read_text().endswith("last\n")

    assert list(new_lines(log, 7, is_over=is_over)) == ["begun and ended", "next", "last"]


@pytest.mark.parametrize(
    ("words", "begun", "names"),
    [
        (["run"], "sm", {"smoke"}),
        (["init", "--preset"], "", {"demo", "smoke", "scaling-starcoder2", "starcoder2-3b"}),
        (["logs"], "de", {"demo"}),
        (["logs"], "ex", {"executor"}),
        ([], "presets", {"presets"}),
    ],
)
def test_names_are_completed(home: Path, words: list[str], begun: str, names: set[str]) -> None:
    _record(home, "demo")
    complete = ShellComplete(main, {}, "rlvf", "_RLVF_COMPLETE")
    found = complete.get_completions(words, begun)
    assert {item.value for item in found if item.type == "plain"} == names
