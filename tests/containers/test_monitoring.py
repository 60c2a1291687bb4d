"""Alerts and dashboard: that they name metrics that exist."""

import importlib
import importlib.util
import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

from tests.containers.overlays import K8S, Overlay

MONITORING = K8S / "components" / "monitoring"
# Where metrics are declared; an import registers them.
MODULES = (
    "rlvf_common.storage.metrics",
    "rlvf_evaluator.metrics",
    "rlvf_executor.server.metrics",
    "rlvf_trainer.supervision",
)
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
# Labels that Prometheus adds, or that an expression makes.
ADDED = {"namespace", "pod", "le"}


def _expressions() -> list[str]:
    alerts = yaml.safe_load((MONITORING / "alerts.yaml").read_text())
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    return [
        *(rule["expr"] for group in alerts["spec"]["groups"] for rule in group["rules"]),
        *(target["expr"] for panel in dashboard["panels"] for target in panel["targets"]),
    ]


def _declared() -> dict[str, set[str]]:
    """Labels of each of our time series."""
    for module in MODULES:
        importlib.import_module(module)
    labels: dict[str, set[str]] = {}
    for collector in list(REGISTRY._collector_to_names):
        for metric in collector.describe() if hasattr(collector, "describe") else ():
            for suffix in SUFFIXES.get(metric.type, ()):
                labels[metric.name + suffix] = set(getattr(collector, "_labelnames", ()))
    return labels


@pytest.mark.parametrize("expression", _expressions())
def test_an_expression_names_metrics_and_labels_that_exist(expression: str) -> None:
    declared = _declared()
    ours = set(re.findall(r"\brlvf_\w+", expression))
    assert ours <= declared.keys()
    named = set(re.findall(r"(\w+)=~?\"", expression))
    for grouped in re.findall(r"by \(([\w, ]+)\)", expression):
        named |= {label.strip() for label in grouped.split(",")}
    assert named <= ADDED.union(*(declared[metric] for metric in ours))
    assert expression.count("(") == expression.count(")")
    assert ours or "vllm:" in expression


def test_vllms_metrics_are_those_of_the_installed_vllm() -> None:
    found = importlib.util.find_spec("vllm")
    if found is None or found.origin is None:
        pytest.skip("vllm is not installed")
    source = (Path(found.origin).parent / "v1" / "metrics" / "loggers.py").read_text()
    named = {name for one in _expressions() for name in re.findall(r"vllm:\w+", one)}
    assert {name for name in named if f'"{name.removesuffix("_total")}"' not in source} == set()


def test_every_pod_with_metrics_is_scraped(overlay: Overlay) -> None:
    if "monitoring" not in overlay.components:
        return
    monitors = overlay.of_kind("PodMonitor")
    scraped = monitors["rlvf"]["spec"]["namespaceSelector"]["matchNames"]
    assert set(scraped) == {overlay.services, overlay.executors}
    part_of = monitors["rlvf"]["spec"]["selector"]["matchLabels"].items()
    for pod in overlay.servers():
        assert part_of <= pod.labels.items(), pod.name
        assert "metrics" in pod.ports(), pod.name
    (endpoint,) = monitors["inference"]["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] in overlay.pod("inference").ports()
