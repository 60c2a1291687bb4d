"""Tasks and answers on the page: filters, search, diffs and keys, in a real browser."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from rlvf_client.cli.viewing import ReportServer
from rlvf_reporter.assemble import assemble
from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.page.drill_down import drill_down_of
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.page.site import render_site

from ...unit.reporter.fixture_large import large, replace_answers
from .browser import PHONE, Opened, chromium, opened

_SCRIPT = "window.hostile = true"
HOSTILE = (
    f"<script>{_SCRIPT}</script>",
    f"</script><script>{_SCRIPT}</script>",
    f"</code></pre></td></tr></table><script>{_SCRIPT}</script>",
    f"<!--<script>{_SCRIPT}//-->",
    f"<![CDATA[<script>{_SCRIPT}</script>]]>",
    f"<img src=x onerror='{_SCRIPT}'>",
    f"<svg onload='{_SCRIPT}'><animate onbegin='{_SCRIPT}' attributeName=x dur=1s></svg>",
    f"<details open ontoggle='{_SCRIPT}'>",
    f"<input autofocus onfocus='{_SCRIPT}'>",
    f'" autofocus onfocus="{_SCRIPT}" x="',
    f"<iframe srcdoc='<script>parent.{_SCRIPT}</script>'></iframe>",
    f"<a href='javascript:{_SCRIPT}' id=tasks name=tasks>click</a>",
    f"<object data='data:text/html,<script>{_SCRIPT}</script>'></object>",
    "<link rel=stylesheet href=http://example.com/x.css><img src=http://example.com/x.png>",
    "<meta http-equiv=refresh content='0;url=http://example.com/'><base href=http://example.com/>",
    "<style>* { display: none !important }</style>",
    "</div></td></tr></table></section></main></body></html>",
    "<form id=tasks><input name=elements><input name=textContent>",
    "\u202etxet fo noitcerid eht segnahc\u2066\u2069\u200b\ufeff",
    "\x00\x1b[31mred\x07\u2028\u2029{{ 7 * 7 }}{% raw %}${alert(1)}",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def rendered(experiment: Any, folder: Path) -> Path:
    """report.html and report.zip of an experiment."""
    evidence = load_evidence(experiment.request, experiment.read)
    report = assemble(experiment.request, evidence)
    behind = drill_down_of(report, evidence)
    folder.mkdir(exist_ok=True)
    (folder / "report.html").write_bytes(render_html(report, behind))
    (folder / "report.zip").write_bytes(render_site(report, behind))
    return folder / "report.html"


@pytest.fixture(scope="module")
def large_page(folder: Path) -> Path:
    """Ten conditions, 500 tasks."""
    return rendered(large(10, 500), folder / "large")


@pytest.fixture
def shown(browser: Browser, large_page: Path) -> Iterator[Opened]:
    with opened(browser, large_page) as shown:
        yield shown
        assert (shown.complaints, shown.requests) == ([], [])


def choose(shown: Opened, name: str, label: str) -> None:
    """Choose in one of the selects."""
    shown.page.locator(f"select[name={name}]").select_option(label=label)


def changes(shown: Opened) -> set[str]:
    """What the listed tasks say of the comparison."""
    return {text.strip() for text in shown.page.locator("td.outcome").all_inner_texts()}


def test_a_large_experiment_is_all_there(shown: Opened) -> None:
    assert shown.count() == "500 of 500 tasks"
    assert len(shown.rows()) == 100
    shown.page.get_by_role("button", name="Show 100 more").click()
    assert len(set(shown.rows())) == 200


def test_flips_come_first(shown: Opened) -> None:
    changed = [text.strip() for text in shown.page.locator("td.outcome").all_inner_texts()]
    flips = [text for text in changed if text in ("▲ improved", "▼ regressed")]
    assert flips == changed[: len(flips)]
    assert {*flips} == {"▲ improved", "▼ regressed"}


def test_tasks_are_filtered_by_change_verdict_and_condition(shown: Opened) -> None:
    choose(shown, "change", "regressed")
    assert changes(shown) == {"▼ regressed"}
    regressed = shown.count()
    choose(shown, "verdict", "error")
    choose(shown, "column", "dpo-100-pairs")
    # Columns: the task, the change, the base.
    marks = shown.page.locator("table.tasks > tbody > tr > td:nth-child(4)").all_inner_texts()
    assert marks
    assert {*marks} == {"E"}
    assert shown.count() != regressed
    choose(shown, "contrast", "dpo-900-pairs against base")
    choose(shown, "change", "passed by no condition")
    choose(shown, "verdict", "passed")
    assert shown.count() == "0 of 500 tasks"


def test_search_looks_in_names_prompts_failures_and_answers(shown: Opened) -> None:
    data = json.loads(shown.page.locator("#page-data").text_content() or "")
    tasks = data["benchmarks"][0]["tasks"]
    number, failure = next(
        (number, answer[4])
        for number, task in enumerate(tasks)
        for answer in task["answers"]
        if answer[4]
    )
    line = tasks[number]["answers"][0][5].split("\n")[2]
    for text in (f"solve_{number}([2, 3])", line, failure.upper()):
        shown.page.locator("input[name=text]").fill(f"{text} Large/{number}")
        assert f"Large/{number}" in shown.rows()
        assert len(shown.rows()) < len(tasks)


def test_everything_works_by_keyboard(shown: Opened) -> None:
    keys = shown.page.keyboard
    keys.press("/")
    keys.type("nameerror")
    expect(shown.page.locator("input[name=text]")).to_have_value("nameerror")
    found = shown.rows()
    assert 0 < len(found) < 500
    # The region can be scrolled by keys, and so is a stop on the way.
    keys.press("Tab")
    keys.press("Tab")
    keys.press("ArrowDown")
    expect(shown.page.locator("button.task").nth(1)).to_be_focused()
    keys.press("Enter")
    expect(shown.page.locator("tr.opened table.diff")).to_be_visible()
    keys.press("Escape")
    expect(shown.page.locator("tr.opened")).to_have_count(0)
    expect(shown.page.locator("button.task").nth(1)).to_be_focused()
    keys.press("Home")
    keys.press("ArrowUp")
    expect(shown.page.locator("button.task").first).to_be_focused()
    keys.press("End")
    expect(shown.page.locator("button.task").last).to_be_focused()


def test_a_flip_is_shown_with_prompt_verdict_failure_and_diff(shown: Opened) -> None:
    choose(shown, "change", "improved")
    name = shown.rows()[0]
    shown.page.locator("button.task").first.click()
    data = json.loads(shown.page.locator("#page-data").text_content() or "")
    [task] = [task for task in data["benchmarks"][0]["tasks"] if task["id"] == name]
    before, after = task["answers"][0], task["answers"][1]
    place = shown.page.locator(".answers")
    expect(place.locator("details[open] pre").first).to_have_text(task["prompt"])
    heads = place.locator("table.diff th")
    expect(heads.nth(0)).to_contain_text("base, answer 1")
    expect(heads.nth(0)).to_contain_text(f"{data['verdicts'][before[3]]}: {before[4]}")
    expect(heads.nth(1)).to_contain_text("passed")
    old, new = before[5].split("\n"), after[5].split("\n")
    same = place.locator("table.diff tr.same td:first-child").all_inner_texts()
    assert [line.strip() for line in same] == [line.strip() for line in old if line in new]
    assert len(place.locator("table.diff del").all()) == len(old) - len(same)
    assert len(place.locator("table.diff ins").all()) == len(new) - len(same)
    # Every other condition's answer is there too.
    assert len(place.locator("details > pre").all()) == 1 + 10


def test_a_bar_of_a_picture_opens_its_task(shown: Opened) -> None:
    data = json.loads(shown.page.locator("#page-data").text_content() or "")
    benchmark = data["benchmarks"][0]
    picture = shown.page.locator(".strips svg").nth(3)
    box = picture.bounding_box()
    assert box is not None
    picture.click(position={"x": box["width"] * 450.5 / 500, "y": 5})
    focused = shown.page.evaluate("document.activeElement.textContent")
    assert focused == benchmark["tasks"][benchmark["ease"][450]]["id"]
    expect(shown.page.locator("tr.opened")).to_be_in_viewport()


def test_hostile_answers_do_nothing(browser: Browser, folder: Path) -> None:
    experiment = large(2, len(HOSTILE))
    for index in range(2):
        lines = [
            {"task_id": f"Large/{number}", "sample": 0, "completion": f"# {index}\n{hostile}"}
            for number, hostile in enumerate(HOSTILE)
        ]
        replace_answers(experiment, index, lines)
    page = rendered(experiment, folder / "hostile")
    with opened(browser, page) as shown:
        active = "document.querySelectorAll('script, style, link, meta, base').length"
        before = shown.page.evaluate(active)
        for button in shown.page.locator("button.task").all():
            button.click()
        for summary in shown.page.locator(".answers summary").all():
            summary.click()
        assert shown.page.evaluate("window.hostile") is None
        assert (shown.complaints, shown.requests) == ([], [])
        assert len(shown.rows()) == len(HOSTILE)
        inside = "img, svg, iframe, object, input, form, a, style, script, link, meta, base"
        assert shown.page.locator(f".answers :is({inside})").count() == 0
        assert shown.page.evaluate(active) == before
        text = shown.page.locator("table.tasks").inner_text()
        assert "<script>window.hostile = true</script>" in text
        assert "\\u202etxet fo noitcerid eht segnahc\\u2066\\u2069\\u200b\\ufeff" in text
        assert not set(text) & set("\u202e\u2066\u2069\u200b\ufeff\x00\x1b\x07\u2028\u2029")
        assert shown.overflow() == 0


def test_the_served_report_has_every_answer(browser: Browser, folder: Path) -> None:
    experiment = large(3, 20, samples=6)
    page = rendered(experiment, folder / "served")
    with opened(browser, page) as alone:
        alone.page.locator("button.task").first.click()
        expect(alone.page.locator(".answers")).to_contain_text("rlvf view RUN_FOLDER")
    server = ReportServer(page.parent)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        with opened(browser, server.url) as shown:
            shown.page.locator("button.task").nth(2).click()
            place = shown.page.locator(".answers")
            # The prompt, and of three conditions six answers each.
            expect(place.locator("details > pre")).to_have_count(1 + 3 * 6)
            expect(place).not_to_contain_text("rlvf view")
            assert shown.complaints == []
            [asked] = shown.requests
            assert asked.startswith(f"{server.url}tasks/0/")
            server.stop()
            thread.join()
            shown.page.locator("button.task").nth(3).click()
            expect(shown.page.locator(".answers .bad")).to_contain_text(
                "Does `rlvf view` still run?"
            )
    finally:
        server.stop()
        thread.join()


def test_the_benchmark_can_be_chosen_and_a_task_has_an_address(
    browser: Browser, fixtures: ModuleType, folder: Path
) -> None:
    with opened(browser, rendered(fixtures.build(), folder / "two")) as shown:
        assert shown.count() == "164 of 164 tasks"
        choose(shown, "benchmark", "fixture-easy")
        assert shown.count() == "120 of 120 tasks"
        assert shown.rows()[0].startswith("fixture-easy/")
        expect(shown.page.locator(".strips:visible caption")).to_have_text(
            "fixture-easy, 120 tasks"
        )


def test_a_condition_alone_has_tasks_and_answers(
    browser: Browser, fixtures: ModuleType, folder: Path
) -> None:
    with opened(browser, rendered(fixtures.small({1}, {}, tasks=3), folder / "alone")) as shown:
        assert shown.rows() == [f"HumanEval/{number}" for number in range(3)]
        assert not shown.page.locator("select[name=contrast]").is_visible()
        choose(shown, "verdict", "passed")
        shown.page.locator("button.task").click()
        shown.page.locator(".answers summary").click()
        expect(shown.page.locator(".answers pre")).to_contain_text("return 'base'")
        assert shown.complaints == []


def test_records_are_shown_as_the_trainer_reads_them(
    browser: Browser, fixtures: ModuleType, folder: Path
) -> None:
    experiment = fixtures.build()
    fixtures.add_answers(experiment, "rft", passed=303)
    with opened(browser, rendered(experiment, folder / "records"), viewport=PHONE) as shown:
        pairs, answers = shown.page.locator(".examples").all()
        pairs.locator(":scope > summary").click()
        expect(pairs.locator("details")).to_have_count(12)
        pairs.locator("details > summary").nth(1).click()
        expect(pairs.locator("details[open] pre")).to_have_text("def f46(x):\n")
        expect(pairs.locator("details[open] del")).to_have_text("    return y - 186")
        expect(pairs.locator("details[open] ins")).to_have_text("    return y + 186")
        answers.locator(":scope > summary").click()
        answers.locator("details > summary").first.click()
        expect(answers.locator("details[open] pre").first).to_have_text("[user]\nWrite f0.")
        expect(answers.locator("details[open] pre").last).to_have_text(
            "[assistant]\nHere is rft 0."
        )
        lost = shown.page.locator(".losses").first
        expect(lost.locator("h3")).to_have_text("428 problems gave no pairs, and why")
        reasons = lost.locator("summary")
        expect(reasons.first).to_have_text("No answer passes: 200 problems")
        reasons.last.click()
        expect(lost.locator("details[open] li").first).to_have_text("fixture/852 1 of 8 pass")
        assert (shown.complaints, shown.requests, shown.overflow()) == ([], [], 0)
