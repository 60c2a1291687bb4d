"""The whole report as a web site."""

import json
from collections.abc import Callable
from html import unescape
from io import BytesIO
from types import ModuleType
from typing import Any
from zipfile import ZipFile

from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.page.drill_down import drill_down_of
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.page.site import render_site
from rlvf_reporter.report import Report

ReportOf = Callable[[Any], Report]


def test_the_site_has_a_document_for_each_task(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = fixtures.build()
    report = report_of(experiment)
    behind = drill_down_of(report, load_evidence(experiment.request, experiment.read))
    data = render_site(report, behind)
    site = ZipFile(BytesIO(data))
    assert len(site.namelist()) == 1 + 164 + 120
    found = json.loads(site.read("tasks/1/119.json"))
    assert found["id"] == "fixture-easy/119"
    assert len(found["answers"]) == 8
    assert render_site(report, behind) == data


def test_only_the_page_of_the_site_may_ask_for_more(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(3), {20: range(4)}, tasks=5)
    report = report_of(experiment)
    behind = drill_down_of(report, load_evidence(experiment.request, experiment.read))
    alone = unescape(render_html(report, behind).decode())
    served = unescape(ZipFile(BytesIO(render_site(report, behind))).read("index.html").decode())
    assert "connect-src 'none'" in alone
    assert 'data-tasks=""' in alone
    assert "connect-src 'self'" in served
    assert 'data-tasks="tasks"' in served
