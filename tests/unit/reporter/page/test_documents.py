"""What the page carries for its script, and the documents of single tasks."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.page.documents import dump, page_document, task_document
from rlvf_reporter.page.drill_down import DrillDown, drill_down_of
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.report import Report

from ..fixture_large import large, replace_answers

ReportOf = Callable[[Any], Report]
HOSTILE = (
    "</script><script>alert(1)</script>",
    "</code></pre><img src=x onerror=alert(1)>",
    "<!--<script>",
    "\u202e)1(trela\u2066",
    "\x00\x1b[31m\u200b\u2028",
    "{{ 7 * 7 }}{% raw %}",
)


def behind(experiment: Any, report: Report) -> DrillDown:
    return drill_down_of(report, load_evidence(experiment.request, experiment.read))


def page_of(experiment: Any, report_of: ReportOf, room: int = 10**9) -> Any:
    found = page_document(behind(experiment, report_of(experiment)), room=room)
    return json.loads(dump(found))


def test_a_task_has_its_verdicts_changes_and_answers(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    document = page_of(fixtures.small({0}, {20: {1}}, tasks=3), report_of)
    [benchmark] = document["benchmarks"]
    assert benchmark["columns"] == ["base", "dpo-20"]
    assert benchmark["contrasts"] == [{"before": 0, "after": 1, "role": "claim"}]
    first = benchmark["tasks"][0]
    assert first["id"] == "HumanEval/0"
    assert first["changes"] == "-"
    passed, failed = (document["verdicts"].index(name) for name in ("passed", "failed"))
    assert first["cells"] == [[1, 1, [passed]], [0, 1, [failed]]]
    assert first["answers"] == [
        [0, "base", 0, passed, "", "    x = 1\n    return 'base'  # 0"],
        [1, "dpo-20", 0, failed, "", "    x = 1\n    return 'dpo-20'  # 0"],
    ]
    assert first["diffs"] == [[0, 1, [[0, 0, 1]]]]


def test_texts_of_flips_have_room_before_others(report_of: ReportOf) -> None:
    experiment = large(3, 40)
    whole = page_of(experiment, report_of)["benchmarks"][0]["tasks"]
    texts = [answer[5] for task in whole for answer in task["answers"]]
    assert None not in texts
    some = page_of(experiment, report_of, room=30_000)["benchmarks"][0]["tasks"]
    known = [task for task in some if any(answer[5] is not None for answer in task["answers"])]
    assert 0 < len(known) < len(some)
    assert all("+" in task["changes"] or "-" in task["changes"] for task in known)
    # Numbers have no part in the room.
    assert len(dump(some)) < 30_000 + 300 * len(some)


def test_the_page_carries_of_each_cell_an_answer_of_each_outcome(report_of: ReportOf) -> None:
    experiment = large(2, 30, samples=5)
    for task in page_of(experiment, report_of)["benchmarks"][0]["tasks"]:
        for column, (passed, answers, _) in enumerate(task["cells"]):
            shown = [answer for answer in task["answers"] if answer[0] == column]
            assert len(shown) == (2 if 0 < passed < answers else 1)


def test_ten_conditions_on_500_tasks_are_a_page_below_five_megabytes(report_of: ReportOf) -> None:
    experiment = large(10, 500)
    report = report_of(experiment)
    assert len(render_html(report, behind(experiment, report))) < 5_000_000


def test_the_document_of_a_task_has_all_answers_and_prompts_whole(report_of: ReportOf) -> None:
    experiment = large(2, 3, samples=5)
    condition = experiment.request.conditions[1]
    lines = [json.loads(line) for line in experiment.read(condition.completions).splitlines()]
    lines[4]["completion"] = long = "x = 1\n" * 5_000
    replace_answers(experiment, 1, lines)
    [grid] = behind(experiment, report_of(experiment)).grids
    document: Any = task_document(grid, grid.tasks[0])
    assert len(document["answers"]) == 10
    assert document["answers"][9][:3] == [1, "dpo-100-pairs", 4]
    assert document["answers"][9][5] == long
    assert document["prompt"].startswith("def solve_0(items):")
    assert len(document["diffs"]) == 1


def test_a_long_answer_is_cut_on_the_page_and_says_so(report_of: ReportOf) -> None:
    experiment = large(2, 1)
    condition = experiment.request.conditions[1]
    [line] = [json.loads(line) for line in experiment.read(condition.completions).splitlines()]
    replace_answers(experiment, 1, [{**line, "completion": "x = 1\n" * 5_000}])
    [task] = page_of(experiment, report_of)["benchmarks"][0]["tasks"]
    text = task["answers"][1][5]
    assert len(text) < 1_000
    assert text.endswith("x = 1\n[... cut here]")


def test_an_unknown_answer_is_not_an_empty_one(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = fixtures.small({0}, {20: {1}}, tasks=2)
    experiment.request.conditions[0].ClearField("completions")
    [first, _] = page_of(experiment, report_of)["benchmarks"][0]["tasks"]
    assert [answer[5] is None for answer in first["answers"]] == [True, False]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_text_is_carried_as_text(
    fixtures: ModuleType, report_of: ReportOf, hostile: str
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    condition = experiment.request.conditions[1]
    lines = [json.loads(line) for line in experiment.read(condition.completions).splitlines()]
    replace_answers(experiment, 1, [{**line, "completion": hostile} for line in lines])
    report = report_of(experiment)
    page = render_html(report, behind(experiment, report)).decode()
    # The data and our own script, nothing else.
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img" not in page
    assert "<!--" not in page
    assert not set(page) & set("\u202e\u2066\u200b\u2028\x00\x1b")
    assert ">49<" not in page
