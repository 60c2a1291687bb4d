"""The answers that flipped."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf_api.errors import InvalidArgument
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.flips import MAX_SHOWN, FlippedTasks, flipped_tasks
from rlvf_reporter.render_html import render_html
from rlvf_reporter.report import Report

ReportOf = Callable[[Any], Report]


def flips_of(experiment: Any, report: Report) -> list[FlippedTasks]:
    evidence = load_evidence(experiment.request, experiment.read)
    return list(flipped_tasks(experiment.request, evidence, report.head_to_head))


def test_a_flip_has_an_answer_of_each_outcome_and_their_diff(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.Experiment()
    request = experiment.request
    request.experiment = "Fixture: three samples"
    before = fixtures.result("humaneval", 4, lambda t, s: t == 1 or (t == 0 and s == 1), samples=3)
    after = fixtures.result("humaneval", 4, lambda t, s: t == 0 and s > 0, samples=3)
    request.conditions.append(fixtures.condition(experiment, "base", "m", before))
    request.conditions.append(fixtures.condition(experiment, "other", "n", after))
    request.head_to_head.append(fixtures.head_to_head("base", "other"))
    [found] = flips_of(experiment, report_of(experiment))
    improved, regressed = found.shown
    assert (improved.task_id, improved.improved) == ("HumanEval/0", True)
    assert (improved.before.verdict, improved.before.sample) == ("failed", 0)
    assert (improved.before.passed, improved.before.samples) == (1, 3)
    assert (improved.after.verdict, improved.after.sample) == ("passed", 1)
    assert (regressed.task_id, regressed.improved) == ("HumanEval/1", False)
    assert (regressed.before.verdict, regressed.after.passed) == ("passed", 0)
    same, changed = improved.lines
    assert (same.kind, same.before, same.after) == ("same", "    x = 1", "    x = 1")
    assert changed.before == "    return 'base'  # 0"
    assert changed.after == "    return 'other'  # 1"


def test_both_ways_are_shown_and_what_is_left_out_is_counted(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(60), {20: range(50, 120)}, tasks=164)
    [found] = flips_of(experiment, report_of(experiment))
    assert len(found.shown) == MAX_SHOWN
    assert found.left_out == 60 + 50 - MAX_SHOWN
    assert sum(flip.improved for flip in found.shown) == MAX_SHOWN // 2


def _page(experiment: Any, report: Report) -> str:
    return render_html(report, flips_of(experiment, report)).decode()


def test_prompts_are_shown_where_the_problems_are_known(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    report = report_of(experiment)
    assert "Prompt of" not in _page(experiment, report)
    problem = Problem(
        task_id="HumanEval/30",
        prompt="def f(x):\n    # the thirtieth\n",
        entry_point="f",
        canonical_solution="    return x\n",
        test=CheckFunction("def check(candidate):\n    assert candidate(1) == 1\n"),
    )
    experiment.request.problems["humaneval"].CopyFrom(experiment.put(dump_problems([problem])))
    assert "# the thirtieth" in _page(experiment, report)


@pytest.mark.parametrize(
    "hostile",
    [
        "</code></pre><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '" autofocus onfocus=alert(1) x="',
        "\u202e)1(trela\u2066",
        "\x00\x1b[31m\u200b",
        "{{ 7 * 7 }}{% raw %}",
    ],
)
def test_a_hostile_answer_does_nothing(
    fixtures: ModuleType, report_of: ReportOf, hostile: str
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    condition = experiment.request.conditions[1]
    lines = [json.loads(line) for line in experiment.read(condition.completions).splitlines()]
    completions = experiment.put(
        "".join(json.dumps({**line, "completion": hostile}) + "\n" for line in lines).encode()
    )
    fixtures.set_result(experiment, 1, completions=completions.sha256)
    experiment.request.conditions[1].completions.CopyFrom(completions)
    page = _page(experiment, report_of(experiment))
    assert "<script" not in page
    assert "<img" not in page
    assert "onfocus=alert(1) x=&#34;" in page or "onfocus" not in page
    assert not set(page) & set("\u202e\u2066\u200b\x00\x1b")
    assert ">49<" not in page


def test_answers_of_another_evaluation_are_refused(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    first, second = experiment.request.conditions
    second.completions.CopyFrom(first.completions)
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == "conditions[1].completions"
