"""What another terminal can see of a long command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_client.progress.activity import Activity, Recorder, activities, recorded
from rlvf_client.progress.console import Reporter
from rlvf_client.progress.pace import StageState


def _begun(home: Path, name: str = "demo") -> Activity:
    """What a run that is under way has written."""
    with recorded(home, "run", name, f"rlvf run {name}", home / "out") as recorder:
        recorder.say("model ...")
        return next(one for one in activities(home) if one.name == name)


def test_a_run_under_way_is_seen_with_its_stage(tmp_path: Path) -> None:
    with recorded(tmp_path, "run", "demo", "rlvf run demo", tmp_path / "out") as recorder:
        reporter = Reporter(recorder)
        with reporter.stage("model"):
            pass
        with reporter.stage("evaluate base") as stage:
            stage.update(0, 164, "tasks")
            stage.update(164, 164, "tasks")
            [seen] = activities(tmp_path)
            assert (seen.name, seen.kind, seen.status) == ("demo", "run", "running")
            assert (seen.pid, seen.stages_done) == (os.getpid(), 1)
            assert seen.stage is not None
            assert seen.stage.name == "evaluate base"
        recorder.result = "report: out/report.html"
    [seen] = activities(tmp_path)
    assert (seen.status, seen.message, seen.stages_done) == ("done", "report: out/report.html", 2)
    assert seen.stage is not None
    assert (seen.stage.name, seen.stage.done, seen.stage.note) == ("evaluate base", 164, "tasks")
    log = Path(seen.log).read_text()
    assert [line[20:] for line in log.splitlines()][:2] == ["--- rlvf run demo", "model ..."]
    assert log.endswith("done: report: out/report.html\n")


def test_a_command_that_fails_at_its_files_leaves_no_activity(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidArgument),
        recorded(tmp_path, "score", "R", "rlvf score", tmp_path / "R.json"),
    ):
        raise InvalidArgument("s.jsonl", "line 1: is not JSON")
    assert activities(tmp_path) == []


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (FailedPrecondition("too few pairs"), "failed", "too few pairs"),
        (KeyboardInterrupt(), "interrupted", "by Ctrl-C"),
    ],
)
def test_why_a_run_ended_is_kept(
    tmp_path: Path, error: BaseException, status: str, message: str
) -> None:
    def fail() -> None:
        with recorded(tmp_path, "run", "demo", "rlvf run demo", tmp_path / "out") as recorder:
            recorder.say("model ...")
            raise error

    with pytest.raises(type(error)):
        fail()
    [seen] = activities(tmp_path)
    assert (seen.status, seen.message) == (status, message)


def test_a_process_that_died_was_interrupted(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from rlvf_client.progress.activity import recorded\n"
        "home = Path(sys.argv[1])\n"
        "with recorded(home, 'run', 'demo', 'rlvf run demo', home / 'out') as recorder:\n"
        "    recorder.say('model ...'); os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    [seen] = activities(tmp_path)
    assert (seen.status, seen.message) == ("interrupted", "its process has died")


def test_another_process_of_the_same_number_is_not_the_run(tmp_path: Path) -> None:
    running = _begun(tmp_path)
    assert running.status == "running"
    record = json.loads(running.path.read_text()) | {"status": "running"}
    running.path.write_text(json.dumps(record))
    assert [one.status for one in activities(tmp_path)] == ["running"]
    running.path.write_text(json.dumps(record | {"process_start": record["process_start"] - 1}))
    assert [one.status for one in activities(tmp_path)] == ["interrupted"]


def test_the_same_work_does_not_run_twice_at_once(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with recorded(tmp_path, "run", "demo", "rlvf run demo", out) as recorder:
        recorder.say("model ...")
        with (
            pytest.raises(FailedPrecondition, match="rlvf logs demo --follow"),
            recorded(tmp_path, "run", "demo", "rlvf run demo", out),
        ):
            pass
        # Another output is another activity.
        with recorded(tmp_path, "run", "demo", "rlvf run demo", tmp_path / "other"):
            pass
    # When it has ended, it can be done again.
    with recorded(tmp_path, "run", "demo", "rlvf run demo", out):
        pass


def test_the_latest_comes_first_and_a_damaged_file_is_left_out(tmp_path: Path) -> None:
    older = _begun(tmp_path, "older")
    record = json.loads(older.path.read_text()) | {"started": "2020-01-01T00:00:00+00:00"}
    older.path.write_text(json.dumps(record))
    _begun(tmp_path, "newer")
    for number, content in enumerate(["", "{", "[]", '{"stage": null}', "\0"]):
        (older.path.parent / f"bad-{number}.json").write_text(content)
    assert [one.name for one in activities(tmp_path)] == ["newer", "older"]


def test_a_home_that_cannot_be_written_ends_no_work() -> None:
    home = Path("/proc/none")
    with recorded(home, "run", "demo", "rlvf run demo", Path("out")) as recorder:
        recorder.say("model ...")
        recorder.stage(StageState("model"))
    assert activities(home) == []


def test_thousands_of_updates_are_few_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Activity] = []
    recorder = Recorder(_begun(tmp_path))
    monkeypatch.setattr(Activity, "write", lambda self: written.append(self))
    for done in range(1_000):
        recorder.stage(StageState("score", done, 1_000))
    recorder.stage(StageState("score", 1_000, 1_000), is_done=True)
    assert written[-1].stage == StageState("score", 1_000, 1_000)
    assert 2 <= len(written) < 100
