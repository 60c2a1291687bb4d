"""The files of an experiment: all of them, each once, with rows, bytes and a line that loads it."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_reporter.files.records import DataFile
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Report

from .fixture_costs import manifest, set_directory

ReportOf = Callable[[Any], Report]


@pytest.fixture
def experiment(fixtures: ModuleType) -> Any:
    """A base and an adapter of a folder, trained on answers among 240 samples of 30 problems."""
    experiment = fixtures.small(range(30), {20: range(31)})
    answers = fixtures.add_answers(experiment, "rft", ["dpo-20"])
    answers.rollouts.CopyFrom(manifest(experiment, "rft", problems=30, samples=240))
    set_directory(experiment, experiment.request.training[0].run.adapter, config=300, model=4_000)
    return experiment


def files_of(report: Report) -> dict[tuple[str, str], DataFile]:
    return {(file.kind, file.name): file for file in report.files}


def test_every_file_is_there_with_its_rows_and_bytes(experiment: Any, report_of: ReportOf) -> None:
    files = files_of(report_of(experiment))
    assert {place: (file.rows, file.size_bytes) for place, file in files.items()} == {
        ("training problems", "rft"): (30, len(b"problems of rft\n")),
        ("graded samples", "rft"): (240, len(b"samples of rft\n")),
        ("answers", "rft"): (303, experiment.request.data[0].answers.answers.size_bytes),
        ("adapter", "dpo-20"): (None, 4_300),
        ("metrics", "dpo-20"): (12, experiment.request.training[0].run.metrics.size_bytes),
        **{
            place: (100, size)
            for condition in experiment.request.conditions
            for place, size in (
                (("result", f"{condition.name} on humaneval"), condition.result.size_bytes),
                (
                    ("completions", f"{condition.name} on humaneval"),
                    condition.completions.size_bytes,
                ),
            )
        },
    }


def test_rows_are_those_of_the_bytes(experiment: Any, report_of: ReportOf) -> None:
    for file in report_of(experiment).files:
        if file.kind in ("metrics", "completions"):
            assert experiment.artifacts[file.sha256].count(b"\n") == file.rows


def test_a_file_that_two_have_in_common_is_there_once(
    fixtures: ModuleType, experiment: Any, report_of: ReportOf
) -> None:
    control = fixtures.add_answers(experiment, "control", ["dpo-20"])
    control.rollouts.CopyFrom(experiment.request.data[0].answers.rollouts)
    files = report_of(experiment).files
    assert [file.name for file in files if file.kind == "graded samples"] == ["rft"]
    assert len({file.sha256 for file in files}) == len(files)


def test_nested_sets_of_pairs_and_validation_samples_are_files(
    fixtures: ModuleType, experiment: Any, report_of: ReportOf
) -> None:
    pairs = fixtures.add_pairs(experiment, "dpo")
    for rung in pairs.ladder:
        rung.pairs.CopyFrom(experiment.put(b"pairs\n" * rung.size))
    pairs.ladder[0].curriculum.CopyFrom(experiment.put(b"easy\n" * 120))
    training = experiment.request.training[0]
    checkpoint = training.validation.add(step=training.run.summary.steps, passed=1, samples=8)
    checkpoint.rollouts.CopyFrom(manifest(experiment, "validation", problems=2, samples=8))
    files = files_of(report_of(experiment))
    assert files["pairs", "dpo"].rows == 2_052
    assert files["pairs", "dpo, the first 500"].rows == 500
    assert files["pairs", "dpo, the first 120, easy first"].rows == 120
    assert files["held-out problems", "dpo-20 after step 12, validation"].rows == 2
    assert files["graded samples", "dpo-20 after step 12, validation"].rows == 8


def test_all_forms_have_the_line_that_loads_each_file(experiment: Any, report_of: ReportOf) -> None:
    report = report_of(experiment)
    document = json.loads(render_json(report))
    words = render_markdown(report).decode()
    page = render_html(report).decode().replace("&#34;", '"')
    assert [file["sha256"] for file in document["files"]] == [f.sha256 for f in report.files]
    for file in report.files:
        assert f'fetch("{file.sha256}")' in file.load
        for form in (words, page):
            assert file.load in form


def test_what_is_no_manifest_and_no_folder_is_refused(experiment: Any, report_of: ReportOf) -> None:
    answers = experiment.request.data[0].answers
    good = artifact_pb2.ArtifactRef()
    good.CopyFrom(answers.rollouts)
    answers.rollouts.CopyFrom(experiment.put(b"{}"))
    with pytest.raises(InvalidArgument, match=r"data\[0\].answers.rollouts"):
        report_of(experiment)
    answers.rollouts.CopyFrom(good)
    adapter = experiment.request.training[0].run.adapter
    media_type = adapter.media_type
    adapter.CopyFrom(experiment.put(b'{"files": [1]}'))
    adapter.media_type = media_type
    for condition in experiment.request.conditions[1:]:
        condition.ClearField("training")
    with pytest.raises(InvalidArgument, match=r"training\[0\].run.adapter: is not a directory"):
        report_of(experiment)
