"""The prior experiment's own pass flags, reported by us: its counts, and what they can tell.

The flags measure how often a model said nothing, not what it can do; they are data of a real size
and shape, whose published table had rounding errors and lists cut at ten.
"""

import json
from collections.abc import Callable
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest

from rlvf_reporter.formatting import points
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Outcome, Report, Rule

Flags = dict[str, dict[str, bool]]
ReportOf = Callable[[Any], Report]

PASSED = {
    "base-3b": 147,
    "dpo-120-3b": 150,
    "base-15b": 138,
    "dpo-500-15b": 135,
    "dpo-1k-15b": 132,
    "dpo-2k-15b": 128,
    "base-3b-again": 149,
    "dpo-2k-3b": 127,
}
PAIRS = {
    "dpo-120-3b": 120,
    "dpo-500-15b": 500,
    "dpo-1k-15b": 1000,
    "dpo-2k-15b": 2052,
    "dpo-2k-3b": 2052,
}
# Baseline and treatment: improved, regressed, both pass, both fail.
CLAIMS = {
    ("base-3b", "dpo-120-3b"): (7, 4, 143, 10),
    ("base-15b", "dpo-500-15b"): (2, 5, 133, 24),
    ("base-15b", "dpo-1k-15b"): (2, 8, 130, 24),
    ("base-15b", "dpo-2k-15b"): (4, 14, 124, 22),
    ("base-3b-again", "dpo-2k-3b"): (4, 26, 123, 11),
}
LADDER = {0: "base-15b", 500: "dpo-500-15b", 1000: "dpo-1k-15b", 2052: "dpo-2k-15b"}


@pytest.fixture(scope="module")
def report(reported_flags: Flags, fixtures: ModuleType, report_of: ReportOf) -> Report:
    """The report on the eight conditions, the published claims and the ladder of 15B."""
    experiment = fixtures.Experiment()
    request = experiment.request
    request.experiment = "the prior experiment"
    for name in PASSED:
        flags = reported_flags[name]
        evaluation = fixtures.result("humaneval", 164, lambda t, s, f=flags: f[f"HumanEval/{t}"])
        model = name.rpartition("-")[2] if "again" not in name else "3b"
        trained = name if name in PAIRS else ""
        request.conditions.append(fixtures.condition(experiment, name, model, evaluation, trained))
        if trained:
            request.training.append(fixtures.training(experiment, name, PAIRS[name], 32, 0.6))
    again = fixtures.head_to_head("base-3b", "base-3b-again")
    request.head_to_head.append(again)
    request.head_to_head.extend(fixtures.head_to_head(*pair) for pair in CLAIMS)
    trend = request.trends.add(benchmark="humaneval")
    for size, name in LADDER.items():
        trend.rungs.add(size=size, condition=name)
    return report_of(experiment)


def test_counts_are_those_that_were_reported(report: Report) -> None:
    assert {c.name: c.passed for c in report.conditions} == PASSED
    assert {(c.tasks, c.samples) for c in report.conditions} == {(164, 164)}


def test_head_to_heads_are_those_that_were_reported_and_their_lists_complete(
    report: Report, reported_flags: Flags
) -> None:
    document = json.loads(render_json(report))
    markdown = render_markdown(report)
    shown = markdown if isinstance(markdown, str) else markdown.decode()
    found = {(h["baseline"], h["treatment"]): h for h in document["head_to_head"]}
    for (baseline, treatment), counts in CLAIMS.items():
        before, after = reported_flags[baseline], reported_flags[treatment]
        h = found[baseline, treatment]
        improved = {task for task in before if after[task] and not before[task]}
        regressed = {task for task in before if before[task] and not after[task]}
        assert (set(h["improved"]), set(h["regressed"])) == (improved, regressed)
        assert (
            len(h["improved"]),
            len(h["regressed"]),
            h["both_pass"],
            h["both_fail"],
        ) == counts
        for title, tasks in (("improved", h["improved"]), ("regressed", h["regressed"])):
            [line] = [
                line
                for line in shown.split(f"{treatment} against {baseline} on humaneval, all tasks")[
                    1
                ].splitlines()[:5]
                if line.startswith(f"- {title}")
            ]
            assert line.removeprefix(f"- {title} ({len(tasks)}): ").split(", ") == tasks


def test_differences_are_rounded_once_after_they_are_taken(report: Report) -> None:
    """Published were differences of rounded shares, such as a base that is 0.1% better than
    itself."""
    for h in report.head_to_head:
        exact = Fraction(PASSED[h.treatment] - PASSED[h.baseline], 164)
        assert h.found.delta == float(exact)
        sign = "−" if exact < 0 else "+"
        assert points(h.found.delta) == f"{sign}{abs(round(float(100 * exact), 1)):.1f} pp"
    bases = [c for c in report.conditions if not c.training and c.name != "base-3b-again"]
    assert [report.comparison_of(base) for base in bases] == [None, None]


def test_what_can_be_told_from_noise(report: Report) -> None:
    """Taken alone, the two largest of five differences. Corrected for being five, the largest."""
    claims = [h for h in report.head_to_head if not h.noise_floor]
    alone = [h.treatment for h in claims if h.found.p_value < 0.05]
    assert alone == ["dpo-2k-15b", "dpo-2k-3b"]
    assert sorted(claims, key=lambda h: h.found.delta)[:2] == [claims[4], claims[3]]
    p_values = {h.treatment: (h.found.p_value, h.p_value_adjusted) for h in claims}
    assert p_values["dpo-2k-3b"] == pytest.approx((5.95e-5, 2.97e-4), rel=0.01)
    assert p_values["dpo-2k-15b"] == pytest.approx((0.0309, 0.1235), rel=0.01)
    told = [h.treatment for h in claims if h.outcome is not Outcome.NOT_DISTINGUISHABLE]
    assert told == ["dpo-2k-3b"]
    findings = " ".join(finding.text for finding in report.findings)
    assert "dpo-2k-3b is worse than base-3b-again on humaneval: −13.4 pp" in findings
    assert "Taken alone, dpo-2k-15b against base-15b (p = 0.031) would count" in findings


def test_its_other_findings(report: Report) -> None:
    """`Negative scaling at 15B` is true of its flags, as a trend. That a lower training loss does
    not predict the score cannot be said of two and three arms."""
    [trend] = [finding for finding in report.findings if finding.rule is Rule.TREND]
    assert not trend.nothing_said
    assert trend.text.startswith("pass@1 on humaneval falls by 2.0 pp a rung from 0 to 2,052 pairs")
    [loss] = [finding for finding in report.findings if finding.rule is Rule.LOSS]
    assert loss.nothing_said
    assert "(2 of 3b on humaneval; 3 of 15b on humaneval)" in loss.text
    [floor] = [one.text for one in report.findings if one.text.startswith("Noise floor")]
    assert "flips 8 of 164 tasks" in floor
