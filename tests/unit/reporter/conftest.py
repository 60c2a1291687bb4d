import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rlvf_reporter.assemble import assemble
from rlvf_reporter.consistency import check_consistency
from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.report import Report
from rlvf_reporter.validation import validate


@pytest.fixture(scope="session")
def fixtures() -> ModuleType:
    """The module `fixture_experiment`, which the integration tests load too."""
    path = Path(__file__).with_name("fixture_experiment.py")
    spec = importlib.util.spec_from_file_location("fixture_experiment", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def report_of() -> Callable[[Any], Report]:
    """What the service does with a request, between reading it and rendering."""

    def report_of(experiment: Any) -> Report:
        validate(experiment.request)
        evidence = load_evidence(experiment.request, experiment.read)
        check_consistency(experiment.request, evidence)
        return assemble(experiment.request, evidence)

    return report_of
