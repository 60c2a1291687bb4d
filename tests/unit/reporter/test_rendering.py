"""The three forms: complete, the same every time, and safe whatever a name holds."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest

from rlvf_common.statistics.distribution import DistributionRecord
from rlvf_common.statistics.results import AnswerShares
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Report

ReportOf = Callable[[Any], Report]
RENDERERS = [render_json, render_markdown, render_html]
VOID = {"meta", "link", "br", "circle", "line", "path", "rect"}
HOSTILE = "<script>alert(1)</script> | \"'&`*[x](javascript:y)\n# head"


class Page(HTMLParser):
    """What a page consists of; raises when its elements are not nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def hostile(fixtures: ModuleType) -> Any:
    """An experiment in which every name is an attack."""
    experiment = fixtures.small(range(30), {20: range(31)}, again=range(29))
    request = experiment.request
    request.experiment = request.settings = HOSTILE
    request.versions[HOSTILE] = HOSTILE
    fixtures.set_result(experiment, 0, distribution=DistributionRecord(90.0, 30.0, 1.0, 1.0))
    fixtures.add_answers(experiment, f"answers of {HOSTILE}")
    pairs = fixtures.add_pairs(experiment, HOSTILE)
    pairs.off_policy, pairs.sampler = True, HOSTILE
    pairs.excluded[0].task_id = pairs.steps[0].name = HOSTILE
    pairs.duplicates[0].task_id = pairs.duplicates[0].duplicate_of = HOSTILE
    request.training[0].run.summary.detail = HOSTILE
    request.training[0].name = HOSTILE
    for condition in request.conditions:
        condition.model = HOSTILE
        if condition.name == "dpo-20":
            condition.name = condition.training = HOSTILE
    for comparison in request.head_to_head:
        if comparison.treatment == "dpo-20":
            comparison.treatment = HOSTILE
            request.primary.CopyFrom(comparison)
    request.data[1].trainings.append(HOSTILE)
    return experiment


@pytest.mark.parametrize("render", RENDERERS)
def test_the_same_request_gives_the_same_bytes(
    fixtures: ModuleType, report_of: ReportOf, render: Callable[[Report], bytes]
) -> None:
    first, second = fixtures.build(), fixtures.build()
    # A map has no order on the wire.
    versions = dict(sorted(second.request.versions.items(), reverse=True))
    second.request.versions.clear()
    second.request.versions.update(versions)
    assert render(report_of(first)) == render(report_of(second))


@pytest.mark.parametrize("render", RENDERERS)
def test_every_problem_that_was_kept_out_is_listed(
    fixtures: ModuleType, report_of: ReportOf, render: Callable[[Report], bytes]
) -> None:
    text = render(report_of(fixtures.build())).decode()
    for task_id in ("fixture/32", "fixture/974", "fixture/12"):
        assert task_id in text


def test_report_json_has_what_programs_rely_on(fixtures: ModuleType, report_of: ReportOf) -> None:
    document = json.loads(render_json(report_of(fixtures.build())))
    assert {
        "experiment", "conditions", "training", "head_to_head", "pairs", "versions", "findings",
        "calibration", "settings",
    } <= document.keys()  # fmt: skip
    for condition in document["conditions"]:
        assert {
            "name", "benchmark", "model", "pairs", "passed", "tasks", "pass_at_1", "ci95", "delta",
            "p_value",
        } <= condition.keys()  # fmt: skip
        low, high = condition["ci95"]
        assert low <= condition["pass_at_1"] <= high
    for run in document["training"]:
        assert {
            "name", "steps", "first_loss", "last_loss", "mean_loss", "seconds", "stopped_because",
        } <= run.keys()  # fmt: skip
    for comparison in document["head_to_head"]:
        assert {
            "benchmark", "baseline", "treatment", "improved", "regressed", "both_pass", "both_fail",
        } <= comparison.keys()  # fmt: skip
        for name in ("delta", "ci95", "p_value", "p_value_adjusted", "smallest_detectable"):
            assert name in comparison
        told = len(comparison["improved"]) + len(comparison["regressed"])
        told += comparison["both_pass"] + comparison["both_fail"]
        assert told == {"humaneval": 164, "fixture-easy": 120}[comparison["benchmark"]]
    assert document["pairs"]["audit_before"]["paired_auc"] == 0.69
    assert document["pairs"]["audit_after"]["features"][0]["name"] == "mean_line"
    assert document["pairs"]["steps"][-1] == {
        "name": "at most 4 of a problem", "unit": "pairs", "before": 27230, "after": 2052,
    }  # fmt: skip
    assert document["calibration"]["humaneval"]["reference_passed"] == 164
    by_name = {run["name"]: run["stopped_because"] for run in document["training"]}
    assert by_name["dpo-2052-3b"] == "diverged"
    assert by_name["dpo-500-15b"] == "completed"


@pytest.mark.parametrize("render", [render_markdown, render_html])
def test_the_shortcut_audit_is_shown_before_and_after(
    fixtures: ModuleType, report_of: ReportOf, render: Callable[[Report], bytes]
) -> None:
    text = re.sub(r"<[^>]+>|[|\s]+", " ", render(report_of(fixtures.build())).decode())
    text = re.sub(r" +", " ", text)
    assert "selected 2,310 602 0.58 0.69 0.64 to 0.74 0.003" in text
    assert "after the audit 2,052 590 0.53 0.57 0.52 to 0.62 0.010" in text


def test_numbers_in_report_json_are_not_rounded(fixtures: ModuleType, report_of: ReportOf) -> None:
    document = json.loads(render_json(report_of(fixtures.build())))
    assert document["conditions"][0]["pass_at_1"] == 3 / 164


def test_what_is_not_a_number_is_null_in_json_and_named_in_words(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.build())

    def fail(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    document = json.loads(render_json(report), parse_constant=fail)
    diverged = next(run for run in document["training"] if run["name"] == "dpo-2052-3b")
    assert diverged["last_margin"] is None
    page = render_html(report).decode()
    assert "not a number" in page
    assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"', page)


def test_truncation_that_is_not_known_is_no_count(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    answers = AnswerShares(empty=71, unparseable=9, truncated=None, missing_entry_point=0)
    report = report_of(fixtures.small(range(12), {20: range(13)}, answers=answers))
    found = report.conditions[0].answers
    assert found is not None
    assert (found.empty, found.truncated) == (71, None)
    assert ">unknown<" in render_html(report).decode()
    assert json.loads(render_json(report))["conditions"][0]["answers"]["truncated"] is None


@pytest.mark.parametrize("render", RENDERERS)
def test_lists_of_tasks_are_never_cut(
    fixtures: ModuleType, report_of: ReportOf, render: Callable[[Report], bytes]
) -> None:
    regressed = {task for task in range(164) if task % 7}
    report = report_of(fixtures.small(range(164), {20: set(range(164)) - regressed}, tasks=164))
    text = render(report).decode()
    for task in regressed:
        assert re.search(rf"HumanEval/{task}\b", text)


def test_the_page_asks_the_network_for_nothing(fixtures: ModuleType, report_of: ReportOf) -> None:
    html = render_html(report_of(fixtures.build())).decode()
    page = Page(html)
    assert not re.search(r"https?:|url\(|@import|//[a-z]", html)
    assert page.all("script") == []
    for tag in ("img", "iframe", "object", "embed", "use", "image", "base"):
        assert page.all(tag) == []
    assert [link["href"] for link in page.all("link")] == ["data:,"]
    assert all((anchor["href"] or "").startswith("#") for anchor in page.all("a"))


def test_the_page_can_be_heard_as_well_as_seen(fixtures: ModuleType, report_of: ReportOf) -> None:
    html = render_html(report_of(fixtures.build())).decode()
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert len(page.all("caption")) == len(page.all("table")) >= 7
    assert all(header.get("scope") in ("col", "row") for header in page.all("th"))
    figures = [svg for svg in page.all("svg") if svg.get("aria-hidden") != "true"]
    # Two benchmarks with two models and the differences, five runs with seven curves.
    assert len(figures) == len(page.all("figure")) == 2 * 3 + 5 * 7
    for figure in figures:
        assert figure["role"] == "img"
        assert set((figure["aria-labelledby"] or "").split()) <= set(ids)
    for anchor in page.all("a"):
        assert (anchor["href"] or "")[1:] in ids


def test_a_hostile_name_is_text_in_the_page(hostile: Any, report_of: ReportOf) -> None:
    html = render_html(report_of(hostile)).decode()
    page = Page(html)
    assert page.all("script") == []
    assert "<script" not in html
    assert not [name for _, attributes in page.elements for name in attributes if "alert" in name]
    assert page.text.count("<script>alert(1)</script>") >= 10


def test_a_hostile_name_is_text_in_markdown(hostile: Any, report_of: ReportOf) -> None:
    text = render_markdown(report_of(hostile)).decode()
    body, _, settings = text.partition("```")
    assert "\\<script\\>" in body
    assert not re.search(r"(?<!\\)<script", body)
    assert "\n# head" not in body
    # The settings stand as they are, in a fence.
    assert HOSTILE in settings
    rows = [line for line in body.split("\n") if line.startswith("|")]
    for row, following in pairwise(rows):
        if re.fullmatch(r"[|\-: ]+", following):
            columns = len(re.findall(r"(?<!\\)\|", following))
            assert len(re.findall(r"(?<!\\)\|", row)) == columns


def test_markdown_tables_line_up(fixtures: ModuleType, report_of: ReportOf) -> None:
    lines = render_markdown(report_of(fixtures.build())).decode().split("\n")
    tables = "\n".join(line if line.startswith("|") else "" for line in lines).split("\n\n")
    for table in filter(None, (part.strip() for part in tables)):
        assert len({len(line) for line in table.split("\n")}) == 1


@pytest.mark.parametrize("render", RENDERERS)
def test_an_evaluation_alone_makes_a_report(
    fixtures: ModuleType, report_of: ReportOf, render: Callable[[Report], bytes]
) -> None:
    experiment = fixtures.small(range(30), {})
    text = render(report_of(experiment)).decode()
    assert "Nothing was compared, so nothing is claimed." in text
    if render is render_html:
        Page(text)


@pytest.mark.parametrize("steps", [1, 2])
def test_a_run_of_a_step_or_two_is_drawn(
    fixtures: ModuleType, report_of: ReportOf, steps: int
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    experiment.request.training[0].CopyFrom(fixtures.training(experiment, "dpo-20", 20, steps, 0.0))
    page = Page(render_html(report_of(experiment)).decode())
    ends = [c for c in page.all("circle") if "curve-end" in (c.get("class") or "")]
    assert len(ends) == 9


def test_a_run_of_an_older_trainer_is_drawn_without_what_it_did_not_record(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    run = experiment.request.training[0].run
    lines = [json.loads(line) for line in experiment.read(run.metrics).splitlines()]
    for line in lines:
        for name in ("token_logp_chosen", "token_logp_rejected", "kl"):
            del line[name]
    run.metrics.CopyFrom(
        experiment.put("".join(json.dumps(line) + "\n" for line in lines).encode())
    )
    text = render_html(report_of(experiment)).decode()
    assert "Gradient norm" in text
    assert "Log-probability of a token" not in text
    assert "KL from the reference" not in text


def test_tasks_without_a_reference_are_told_where_the_calibration_is(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    graded = replace(
        fixtures.calibration("humaneval", 100), reference_passed=60, without_reference=40
    )
    for index in range(len(experiment.request.conditions)):
        fixtures.set_result(experiment, index, calibration=graded)
    report = report_of(experiment)
    assert "60; 40 tasks have none" in render_markdown(report).decode()
    page = Page(render_html(report).decode()).text
    assert "60 of 60 reference solutions pass, and for 40 tasks without one nothing shows" in page
    assert "60; 40 tasks have none" in page
    assert json.loads(render_json(report))["calibration"]["humaneval"]["without_reference"] == 40
    graded = replace(graded, reference_passed=99, without_reference=1)
    for index in range(len(experiment.request.conditions)):
        fixtures.set_result(experiment, index, calibration=graded)
    assert "99; 1 task has none" in render_markdown(report_of(experiment)).decode()
