"""The page in a real browser, without a network."""

import json
import re
import shutil
import subprocess
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rlvf_common.statistics.distribution import DistributionRecord
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_reporter.assemble import assemble
from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.render_html import render_html
from rlvf_reporter.service import render_report

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_FRAME = """<!doctype html>
<meta charset="utf-8">
<iframe style="width: WIDTHpx; height: 900px; border: 0" srcdoc="PAGE"></iframe>
<pre id="measured"></pre>
<script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {
  const root = frame.contentDocument.documentElement;
  const figures = [...root.querySelectorAll("svg[role=img]")].map(svg => {
    const box = svg.getBoundingClientRect();
    const shapes = svg.querySelectorAll("path, circle, line").length;
    return {width: box.width, height: box.height, shapes};
  });
  document.querySelector("#measured").textContent = JSON.stringify({
    figures, inner: root.clientWidth, content: root.scrollWidth, height: root.scrollHeight,
  });
});
</script>
"""


class Browser:
    """Headless Chromium; a fresh profile each time."""

    def __init__(self, binary: str, home: Path) -> None:
        self._binary = binary
        self._home = home
        self._profiles = 0

    def open(self, page: Path, *flags: str) -> subprocess.CompletedProcess[str]:
        self._profiles += 1
        profile = self._home / f"profile-{self._profiles}"
        return subprocess.run(
            [self._binary, *_FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    return Browser(found, tmp_path)


@pytest.fixture
def page(store: ArtifactStore, published: Any, tmp_path: Path) -> Path:
    """The rendered page, as a file."""
    path = tmp_path / "report.html"
    store.get_file(render_report(published.request, store).html, path)
    return path


def measure(browser: Browser, page: Path, width: int) -> dict[str, Any]:
    """What the browser makes of the page in a frame of the given width; CSS pixels."""
    # The page forbids scripts, and it would forbid the one that measures it.
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text())
    frame = page.with_name(f"frame-{width}.html")
    frame.write_text(_FRAME.replace("WIDTH", str(width)).replace("PAGE", escape(html, quote=True)))
    dom = browser.open(frame, "--window-size=1600,1000", "--dump-dom").stdout
    found = re.search(r'<pre id="measured">(.+?)</pre>', dom)
    assert found is not None
    measured: dict[str, Any] = json.loads(found.group(1))
    return measured


def test_the_page_loads_offline_without_a_complaint(browser: Browser, page: Path) -> None:
    opened = browser.open(page, "--dump-dom")
    assert "CONSOLE" not in opened.stderr
    assert "Fixture: the prior experiment, corrected" in opened.stdout


@pytest.mark.parametrize("width", [360, 400, 768, 1280])
def test_every_figure_has_size_and_nothing_overflows(
    browser: Browser, page: Path, width: int
) -> None:
    measured = measure(browser, page, width)
    # On each of two benchmarks one for each of two models and the differences; seven curves a run.
    assert len(measured["figures"]) == 2 * 3 + 5 * 7
    for figure in measured["figures"]:
        assert 250 <= figure["width"] <= measured["inner"]
        assert figure["height"] > 100
        assert figure["shapes"] > 5
    assert measured["content"] <= measured["inner"]
    assert measured["height"] > 3000


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
    evidence = load_evidence(experiment.request, experiment.read)
    page = tmp_path / "arms.html"
    page.write_bytes(render_html(assemble(experiment.request, evidence)))
    measured = measure(browser, page, width)
    assert measured["content"] <= measured["inner"]
    assert measured["height"] > 3000


def test_the_page_prints_every_task_that_flipped(browser: Browser, page: Path) -> None:
    """What is folded on the screen is unfolded on paper."""
    unfolded = page.with_name("print.html")
    html = page.read_text()
    unfolded.write_text(html.replace("@media print", "@media screen"))
    folded = measure(browser, page, 1280)["height"]
    assert measure(browser, unfolded, 1280)["height"] > folded + 500
