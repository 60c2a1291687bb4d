"""The record of a run folder."""

import json
from pathlib import Path

import pytest

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_client.keeping.known_runs import known_runs, remember_run
from rlvf_client.keeping.run_record import RECORD_FILE, RunRecord, read_record, working_on

REQUEST = reporter_pb2.RenderReportRequest(experiment="learning", settings="name: learning\n")


def test_a_run_that_is_killed_leaves_what_it_used(tmp_path: Path) -> None:
    RunRecord(tmp_path).use("operations/trainer/one")
    found = read_record(tmp_path)
    assert found.finished is None
    assert found.operations == {"operations/trainer/one"}


def test_a_run_that_goes_on_keeps_what_earlier_ones_used_until_it_has_its_report(
    tmp_path: Path,
) -> None:
    RunRecord(tmp_path).use("operations/trainer/before")
    going_on = read_record(tmp_path)
    going_on.use("operations/trainer/after")
    assert read_record(tmp_path).operations == {
        "operations/trainer/before",
        "operations/trainer/after",
    }
    going_on.finish(REQUEST, {})
    done = read_record(tmp_path)
    assert done.finished is not None
    assert done.finished.request == REQUEST
    assert done.operations == {"operations/trainer/after"}


def test_the_report_is_kept_while_a_later_run_is_under_way(tmp_path: Path) -> None:
    record = RunRecord(tmp_path)
    record.use("operations/trainer/one")
    record.finish(REQUEST, {})
    later = read_record(tmp_path)
    later.use("operations/trainer/two")
    found = read_record(tmp_path)
    assert found.finished is not None
    assert found.operations == {"operations/trainer/one", "operations/trainer/two"}


def test_a_step_that_was_used_before_and_is_used_again_is_of_the_new_report(tmp_path: Path) -> None:
    RunRecord(tmp_path).use("operations/trainer/one")
    again = read_record(tmp_path)
    again.use("operations/trainer/one")
    again.finish(REQUEST, {})
    assert read_record(tmp_path).operations == {"operations/trainer/one"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"format": "rlvf.run.v1"}', "[" * 100_000]
)
def test_a_file_that_is_no_record_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD_FILE).write_text(text)
    with pytest.raises(FailedPrecondition, match="is not a record of a run"):
        read_record(tmp_path)


def test_a_record_of_a_newer_format_is_told(tmp_path: Path) -> None:
    (tmp_path / RECORD_FILE).write_text(json.dumps({"format": "rlvf.run.v2"}))
    with pytest.raises(FailedPrecondition, match=r"rlvf\.run\.v2"):
        read_record(tmp_path)


def test_a_home_knows_its_runs_also_those_that_are_gone(tmp_path: Path) -> None:
    home, here, gone = tmp_path / "home", tmp_path / "here", tmp_path / "gone"
    here.mkdir()
    for folder in (here, gone, here):
        remember_run(home, folder, "learning-dpo")
    found = known_runs(home)
    assert {(run.experiment, run.folder, run.exists) for run in found} == {
        ("learning-dpo", here, True),
        ("learning-dpo", gone, False),
    }
    assert known_runs(tmp_path / "nothing") == []


def test_one_process_at_a_time_works_on_a_run_folder(tmp_path: Path) -> None:
    with (
        working_on(tmp_path, Path("/home-a")),
        pytest.raises(FailedPrecondition, match=r"process \d+ of .*RLVF_HOME=/home-a, works on"),
        working_on(tmp_path, Path("/home-b")),
    ):
        pass
    with working_on(tmp_path, Path("/home-b")):
        pass
    assert [path.read_text() for path in tmp_path.iterdir()] == [""]
