import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import BINARY, ArtifactStore

_UNIT_TESTS = Path(__file__).parents[2] / "unit" / "reporter"


@pytest.fixture(scope="session")
def fixtures() -> ModuleType:
    """The module `fixture_experiment` of the unit tests."""
    spec = importlib.util.spec_from_file_location(
        "fixture_experiment", _UNIT_TESTS / "fixture_experiment.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def published(fixtures: ModuleType, store: ArtifactStore, storage_settings: StorageSettings) -> Any:
    """The invented experiment, its artifacts in a real S3 server."""
    experiment = fixtures.build(bucket=storage_settings.s3_bucket)
    for data in experiment.artifacts.values():
        store.put_bytes(data, BINARY)
    return experiment
