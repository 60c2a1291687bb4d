"""The page in a real browser, without a network."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser

from rlvf_common.statistics.distribution import DistributionRecord
from rlvf_reporter.assemble import assemble
from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.page.drill_down import drill_down_of
from rlvf_reporter.page.render_html import render_html

from .browser import PHONE, chromium, opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def written(experiment: Any, path: Path) -> Path:
    """The page of an experiment, as a file."""
    evidence = load_evidence(experiment.request, experiment.read)
    report = assemble(experiment.request, evidence)
    path.write_bytes(render_html(report, drill_down_of(report, evidence)))
    return path


@pytest.fixture(scope="module")
def page(fixtures: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the invented experiment: two benchmarks, eight conditions."""
    return written(fixtures.build(), tmp_path_factory.mktemp("page") / "report.html")


def test_the_page_loads_offline_without_a_complaint(browser: Browser, page: Path) -> None:
    with opened(browser, page) as shown:
        assert "Fixture: the prior experiment, corrected" in shown.page.content()
        assert (shown.complaints, shown.requests) == ([], [])


@pytest.mark.parametrize("width", [360, 400, 768, 1280])
def test_every_figure_has_size_and_nothing_overflows(
    browser: Browser, page: Path, width: int
) -> None:
    with opened(browser, page, viewport={"width": width, "height": 900}) as shown:
        figures = [figure.bounding_box() for figure in shown.page.locator("svg[role=img]").all()]
        # On each of two benchmarks one for each of two models and the differences; seven curves a
        # run.
        assert len(figures) == 2 * 3 + 5 * 7
        for box in figures:
            assert box is not None
            assert 250 <= box["width"] <= width
            assert box["height"] > 100
        pictures = shown.page.locator(".strips[data-benchmark='0'] svg").all()
        assert len(pictures) == 8
        for picture in pictures:
            box = picture.bounding_box()
            assert box is not None
            assert box["width"] > 200
            assert box["height"] > 15
        shown.page.locator("button.task").first.click()
        assert shown.page.locator(".answers").is_visible()
        assert shown.overflow() == 0


@pytest.mark.parametrize("width", [360, 768])
def test_arms_controls_and_distributions_overflow_nothing(
    browser: Browser, fixtures: ModuleType, tmp_path: Path, width: int
) -> None:
    arms = {"rft-on-all-problems": 0.5, "rft-on-all-problems-unverified": 0.4}
    control = {"rft-on-all-problems": "rft-on-all-problems-unverified"}
    primary = ("rft-on-all-problems-unverified", "rft-on-all-problems")
    experiment = fixtures.controlled(0.3, arms, control, tasks=20, seeds=2, primary=primary)
    fixtures.add_answers(experiment, "rft-on-all-problems")
    for index in range(len(experiment.request.conditions)):
        record = DistributionRecord(1234.0, 567.0, 0.875, 3.5)
        fixtures.set_result(experiment, index, distribution=record)
    page = written(experiment, tmp_path / "arms.html")
    with opened(browser, page, viewport={"width": width, "height": 900}) as shown:
        assert shown.overflow() == 0


def test_the_page_prints_every_task_that_flipped_and_what_is_open(
    browser: Browser, page: Path
) -> None:
    """What is folded on the screen is unfolded on paper, and what only a screen can do is gone."""
    with opened(browser, page) as shown:
        shown.page.locator("button.task").first.click()
        names = shown.page.locator("#head-to-head details li").last
        assert not names.is_visible()
        shown.page.emulate_media(media="print")
        assert names.is_visible()
        assert shown.page.locator(".answers table.diff").is_visible()
        assert not shown.page.locator("form.filters").is_visible()
        assert shown.page.pdf().startswith(b"%PDF")


def test_without_scripts_the_page_says_what_is_missing(browser: Browser, page: Path) -> None:
    with opened(browser, page, java_script_enabled=False) as shown:
        assert shown.page.get_by_text("needs JavaScript").is_visible()
        assert not shown.page.locator("form.filters").is_visible()
        assert shown.page.locator(".strips svg").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_colour_schemes(browser: Browser, page: Path, scheme: str) -> None:
    """At least 4.5 to 1 (Web Content Accessibility Guidelines 2.2, 1.4.3)."""
    with opened(browser, page, viewport=PHONE, color_scheme=scheme) as shown:
        shown.page.locator("button.task").first.click()
        found = shown.page.evaluate(_CONTRASTS)
        assert len(found) > 50
        assert [one for one in found if one["contrast"] < 4.5] == []


# Contrast of the colour of every text in the section of tasks with what is behind it.
_CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = color => {
    const [r, g, b] = color.map(one => one / 255)
      .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    const color = rgba(getComputedStyle(element).backgroundColor);
    return color[3] || !element.parentElement ? color : behind(element.parentElement);
  };
  return [...document.querySelectorAll("#tasks *")]
    .filter(element => element.checkVisibility() && !element.closest("svg, option, script")
      && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(element => {
      const [high, low] = [rgba(getComputedStyle(element).color), behind(element)]
        .map(light).sort((a, b) => b - a);
      return {text: element.textContent.slice(0, 40), contrast: (high + 0.05) / (low + 0.05)};
    });
}"""
