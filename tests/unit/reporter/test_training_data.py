"""Where the records came from that runs were trained on: pairs and answers, and several sets."""

import json
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Level, Report

ReportOf = Callable[[Any], Report]


@pytest.fixture
def experiment(fixtures: ModuleType) -> Any:
    """Three sets of the same samples: pairs, verified answers, and a control of them."""
    experiment = fixtures.small(range(30), {20: range(31), 40: range(32), 80: range(33)})
    pairs = fixtures.add_pairs(experiment, "dpo", ["dpo-20"])
    pairs.verdicts = pair_generator_pb2.VERDICTS_SHUFFLED
    fixtures.add_answers(experiment, "rft", ["dpo-40"])
    fixtures.add_answers(
        experiment,
        "rft-unverified",
        ["dpo-80"],
        passed=90,
        verdicts=pair_generator_pb2.VERDICTS_IGNORED,
    )
    return experiment


def _words(form: bytes) -> str:
    """What a form says, without its markup."""
    text = re.sub(r"<[^>]+>|[|\s]+", " ", form.decode())
    return re.sub(r" +", " ", text)


def test_every_training_set_is_a_record_of_report_json(
    experiment: Any, report_of: ReportOf
) -> None:
    document = json.loads(render_json(report_of(experiment)))
    pairs, answers, control = document["data"]
    assert [(d["name"], d["kind"], d["trainings"]) for d in document["data"]] == [
        ("dpo", "pairs", ["dpo-20"]),
        ("rft", "answers", ["dpo-40"]),
        ("rft-unverified", "answers", ["dpo-80"]),
    ]
    # Where programs looked for it before there were several.
    assert document["pairs"] == pairs
    assert pairs["ladder"] == [120, 500, 1000, 2052]
    assert (answers["count"], answers["passed"], answers["problems_answered"]) == (303, 303, 144)
    assert [data["verdicts"] for data in document["data"]] == ["shuffled", "true", "ignored"]
    assert control["passed"] == 90
    assert answers["steps"] == [
        {"name": "per problem", "unit": "samples", "before": 900, "after": 303}
    ]
    sets = experiment.request.data
    assert answers["answers_sha256"] == sets[1].answers.answers.sha256
    assert pairs["samples_sha256"] == control["samples_sha256"] == sets[0].pairs.samples.sha256


@pytest.mark.parametrize("render", [render_markdown, render_html])
def test_every_training_set_has_a_section(
    experiment: Any, report_of: ReportOf, render: Callable[[Report], bytes]
) -> None:
    words = _words(render(report_of(experiment)))
    for heading in (
        "Where the pairs came from: dpo",
        "Where the answers came from: rft",
        "Where the answers came from: rft-unverified",
    ):
        assert heading in words
    assert "303 answers to 144 problems, selected by their verdicts; 303 (100.0%) truly" in words
    assert (
        "303 answers to 144 problems, a control selected without looking at verdicts; "
        "90 (29.7%) truly pass." in words
    )
    assert "Trained on it: dpo-80." in words
    # What was kept out of the samples that they share is told once.
    assert words.count("fixture/32") == 1
    assert words.count("Of the same samples as dpo.") == 2


def test_the_page_names_the_answers_of_every_set_among_its_files(
    experiment: Any, report_of: ReportOf
) -> None:
    words = _words(render_html(report_of(experiment)))
    for data in experiment.request.data[1:]:
        assert f"answers {data.name} 303" in words
        assert data.answers.answers.sha256 in words
    assert words.count("graded samples dpo") == 1
    assert "graded samples rft" not in words


def test_the_axis_of_sizes_says_that_some_are_of_answers(
    fixtures: ModuleType, experiment: Any, report_of: ReportOf
) -> None:
    fixtures.set_likelihood(experiment, [0.5, 0.4])
    assert "answers or pairs (log" in render_html(report_of(experiment)).decode()
    of_pairs = fixtures.small(range(30), {20: range(31)})
    fixtures.add_pairs(of_pairs)
    page = render_html(report_of(of_pairs)).decode()
    assert ">pairs (log" in page
    assert "against training pairs, model" in page
    fixtures.set_rewards(of_pairs, [0.25, 0.75])
    assert ">problems (log" in render_html(report_of(of_pairs)).decode()


def test_which_problems_make_pairs_depends_on_whether_failing_answers_may_be_chosen(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    pairs = fixtures.add_pairs(experiment)

    def said() -> str:
        [text] = [one.text for one in report_of(experiment).findings if "602 of 941" in one.text]
        return text

    assert "had both passing and failing answers; only these make pairs" in said()
    pairs.steps.add(name="credit gap", unit="problems", before=941, after=900)
    assert "only these" not in said()
    assert "a failing answer may be chosen over one with less credit" in said()


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ([120, 500, 2052], "Training sets are nested, of 120, 500 and 2,052 pairs."),
        ([1], "Training sets are nested, of 1 pair."),
    ],
)
def test_the_sizes_of_nested_sets_are_told(
    fixtures: ModuleType, report_of: ReportOf, sizes: list[int], sentence: str
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    pairs = fixtures.add_pairs(experiment)
    first = pairs.ladder[0].pairs
    del pairs.ladder[:]
    for size in sizes:
        pairs.ladder.add(size=size, pairs=first)
    report = report_of(experiment)
    assert sentence in _words(render_markdown(report))
    assert sentence in _words(render_html(report))


def test_findings_tell_the_sets_apart(experiment: Any, report_of: ReportOf) -> None:
    answers = experiment.request.data[2].answers
    answers.off_policy, answers.sampler = True, "another-model"
    pairs = experiment.request.data[0].pairs
    pairs.audit_after.CopyFrom(pairs.audit_before)
    findings = report_of(experiment).findings
    warnings = [f.text for f in findings if f.level is Level.WARNING]
    assert any(
        text.startswith("The answers of rft-unverified are off-policy: another-model wrote")
        for text in warnings
    )
    assert any(text.startswith("In the pairs of dpo length and format tell") for text in warnings)
    notes = [f.text for f in findings if f.level is Level.NOTE]
    assert (
        "rft-unverified has 303 answers to 144 problems, a control selected without looking at "
        "verdicts; 90 of them (29.7%) truly pass." in notes
    )
    # Of samples that they share, it is said once how many problems had both outcomes.
    assert sum("had both passing and failing answers" in text for text in notes) == 1


def test_no_training_set_makes_no_section(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.small(range(30), {20: range(31)}))
    document = json.loads(render_json(report))
    assert (document["data"], document["pairs"]) == ([], None)
    for form in (render_markdown(report), render_html(report)):
        assert "came from" not in form.decode()


def _set(path: str, value: object) -> Callable[[Any], None]:
    """Sets `1.answers.count`; None clears the field."""

    def change(experiment: Any) -> None:
        index, *parents, last = path.split(".")
        message = experiment.request.data[int(index)]
        for part in parents:
            message = getattr(message, part)
        if value is None:
            message.ClearField(last)
        else:
            setattr(message, last, value)

    return change


def _unknown_training(experiment: Any) -> None:
    experiment.request.data[1].trainings.append("rft-99")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_set("1.name", " "), "data[1].name"),
        (_set("2.name", "rft"), "data[2].name"),
        (_unknown_training, "data[1].trainings[1]"),
        (_set("0.pairs", None), "data[0].selected"),
        (_set("0.pairs.pairs", None), "data[0].pairs.pairs.uri"),
        (_set("0.pairs.problems_with_both", 942), "data[0].pairs.problems_with_both"),
        (_set("1.answers.answers", None), "data[1].answers.answers.uri"),
        (_set("1.answers.samples", None), "data[1].answers.samples.uri"),
        (_set("1.answers.count", 0), "data[1].answers.count"),
        (_set("2.answers.passed", 304), "data[2].answers.passed"),
        # Verified answers pass, all of them.
        (_set("1.answers.passed", 302), "data[1].answers.passed"),
        (_set("1.answers.problems_answered", 304), "data[1].answers.problems_answered"),
        (_set("1.answers.problems_answered", 0), "data[1].answers.problems_answered"),
        (_set("1.answers.verdicts", 9), "data[1].answers.verdicts"),
    ],
)
def test_a_wrong_training_set_is_refused_by_the_name_of_its_field(
    experiment: Any, report_of: ReportOf, change: Callable[[Any], None], field: str
) -> None:
    change(experiment)
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == field


@pytest.fixture
def probed(experiment: Any) -> Any:
    """An experiment whose model was asked in a chat, after a probe of both styles."""
    probe = experiment.request.probes.add(
        model="m", style=sampling_pb2.PROMPT_STYLE_CHAT, probe=pair_generator_pb2.ProbeResponse()
    )
    probe.probe.readings.add(
        style=sampling_pb2.PROMPT_STYLE_COMPLETION, samples=16, usable=3, passed=1
    )
    probe.probe.readings.add(style=sampling_pb2.PROMPT_STYLE_CHAT, samples=16, usable=16, passed=4)
    return experiment


def test_a_report_says_in_which_style_a_model_was_asked_and_by_how_much_it_is_better(
    probed: Any, report_of: ReportOf
) -> None:
    report = report_of(probed)
    (finding,) = (one for one in report.findings if "prompt style" in one.text)
    assert finding.level is Level.NOTE
    assert "m was asked in the prompt style chat" in finding.text
    assert "18.8% of 16 in completion, 100.0% of 16 in chat" in finding.text
    (record,) = json.loads(render_json(report))["probes"]
    assert (record["model"], record["style"]) == ("m", "chat")
    assert [(one["style"], one["usable"]) for one in record["readings"]] == [
        ("completion", 3),
        ("chat", 16),
    ]


def test_a_style_that_a_model_does_not_have_is_said_to_be_missing(
    probed: Any, report_of: ReportOf
) -> None:
    reading = probed.request.probes[0].probe.readings[1]
    reading.Clear()
    reading.style = sampling_pb2.PROMPT_STYLE_CHAT
    reading.unavailable = "no chat template"
    text = next(one.text for one in report_of(probed).findings if "prompt style" in one.text)
    assert "chat not available" in text


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda r: r.probes[0].ClearField("model"), r"probes\[0\].model"),
        (lambda r: r.probes[0].ClearField("style"), r"probes\[0\].style"),
        (lambda r: r.probes[0].ClearField("probe"), r"probes\[0\].probe"),
        (lambda r: r.probes.add().CopyFrom(r.probes[0]), r"probes\[1\].model"),
    ],
)
def test_a_probe_that_says_too_little_is_refused(
    probed: Any, report_of: ReportOf, spoil: Callable[[Any], None], field: str
) -> None:
    spoil(probed.request)
    with pytest.raises(InvalidArgument, match=field):
        report_of(probed)
