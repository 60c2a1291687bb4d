"""The script tests/soak/score.py, which `make soak-score` runs in full, with smaller numbers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).parents[3]


@pytest.mark.slow
def test_completions_stream_through_an_evaluator_that_is_killed_in_flat_memory() -> None:
    command = [sys.executable, "-m", "tests.soak.score"]
    done = subprocess.run(
        [*command, "--samples", "1500", "--artifact-samples", "300"],
        cwd=_REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.stdout, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["faults"] == []
    assert 0 < figures["answered_before_the_kill"] <= figures["kept_by_then"] < 1_500
    assert done.returncode == 0
