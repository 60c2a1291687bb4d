"""Debian's Chromium, driven by Playwright, without a network."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; the test is skipped where there is none."""
    binary = next(filter(None, map(shutil.which, _NAMES)), None)
    if binary is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=binary,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page, and what it did besides being shown."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings on the console, exceptions, dialogs."""
    requests: list[str] = field(default_factory=list)
    """Addresses that were asked for, the page itself left out."""

    def rows(self) -> list[str]:
        """Names of the tasks that are listed."""
        return self.page.locator("button.task").all_inner_texts()

    def count(self) -> str:
        """What is said of how many there are."""
        return self.page.locator("output[name=count]").inner_text()

    def overflow(self) -> int:
        """CSS pixels by which the page is wider than its window."""
        wider: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider


@contextmanager
def opened(browser: Browser, target: Path | str, **options: object) -> Iterator[Opened]:
    """A page in a window of its own; `options` are those of Playwright's `new_page`."""
    url = target.as_uri() if isinstance(target, Path) else target
    options = {"viewport": DESK, "reduced_motion": "reduce"} | options
    page = browser.new_page(**options)  # type: ignore[arg-type]
    found = Opened(page)
    page.on(
        "console",
        lambda message: (
            found.complaints.append(f"{message.type}: {message.text}")
            if message.type in ("error", "warning")
            else None
        ),
    )
    page.on("pageerror", lambda error: found.complaints.append(str(error)))

    def dismissed(dialog: object) -> None:
        found.complaints.append("a dialog")
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", dismissed)
    page.on(
        "request",
        lambda request: (
            found.requests.append(request.url)
            if request.url != url and not request.url.startswith("data:")
            else None
        ),
    )
    page.goto(url)
    yield found
    page.close()
