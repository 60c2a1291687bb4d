"""The preset `scaling-starcoder2` from one end to the other, on tiny random models of that
architecture. What they would answer is nothing to train on, so the embedded model answers.
"""

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rlvf_client.experiment.config import PRESETS
from rlvf_common.problems.benchmarks.mbpp import read_mbpp
from rlvf_common.problems.benchmarks.sources import read_file
from rlvf_common.problems.problem import dump_problems

from ..conftest import StackThread
from .places import Place

pytestmark = pytest.mark.slow

_TINY = Path(__file__).parents[1] / "integration" / "trainer" / "make_tiny_model.py"
_SIZES = {120: 2, 500: 4, 1000: 6, 2052: 8}
_TASKS = 30


def shrunk(preset: dict[str, Any], models: dict[str, str], test_data: Path) -> dict[str, Any]:
    """The preset with other models and small numbers."""
    easy = {"source": "starter", "limit": 32}
    mbpp = {"source": "mbpp", "file": str(test_data / "mbpp.jsonl"), "limit": 16}
    preset |= {"models": models, "min_usable": 0, "problems": [easy]}
    preset["data"]["sampling"] |= {"samples_per_problem": 16, "max_tokens": 96}
    preset["data"]["rounds"] |= {"size": 8, "enough_of_each": 6}
    preset["data"]["selection"] |= {
        "rejected": "any",
        "max_length_ratio": 9,
        "max_length_imbalance": 0.5,
    }
    preset["data"] |= {
        "sampler": {"model": "smollm2-135m-instruct", "endpoint": "elsewhere"},
        "audit": {"on_shortcut": "record"},
    }
    preset["training"] |= {"batch_size": 2, "max_length": 2048}
    for arm in preset["arms"]:
        arm["size"] = _SIZES[arm["size"]]
        selection = arm.get("data", {}).get("selection", {})
        if "keep_best" in selection:
            selection["keep_best"] = _SIZES[selection["keep_best"]]
        if "problems" in arm:
            arm["problems"] = [easy | {"weight": 2}, mbpp | {"weight": 1}]
    preset["evaluation"]["sampling"]["max_tokens"] = 8
    preset["evaluation"]["benchmarks"][1]["sampling"] |= {"samples_per_problem": 2, "max_tokens": 8}
    return preset


@pytest.fixture(scope="module")
def report(
    tmp_path_factory: pytest.TempPathFactory, stack: StackThread, test_data: Path
) -> Iterator[dict[str, Any]]:
    """The report of the small experiment."""
    folder = tmp_path_factory.mktemp("scaling")
    models = {}
    for name in ("3b", "15b"):
        models[name] = str(folder / name)
        subprocess.run([sys.executable, str(_TINY), models[name], "served"], check=True)
    (folder / "benchmarks").mkdir()
    mbpp = read_file(test_data / "mbpp.jsonl", read_mbpp).problems[:_TASKS]
    (folder / "benchmarks" / "mbpp.jsonl").write_bytes(dump_problems(mbpp))
    preset = yaml.safe_load((PRESETS / "scaling-starcoder2.yaml").read_text())
    settings = folder / "scaling.yaml"
    settings.write_text(yaml.safe_dump(shrunk(preset, models, test_data)))
    elsewhere = {"elsewhere": f"http://{stack.address('inference')}"}
    place = Place(
        folder / "home", settings, folder / "out", {"RLVF_ENDPOINTS": json.dumps(elsewhere)}
    )
    try:
        place.run()
        yield place.report()
    finally:
        place.stop()


def test_every_arm_is_trained_and_evaluated_on_its_model(report: dict[str, Any]) -> None:
    of_3b = ["3b-base", "3b-base-again", "3b-quality-120", "3b-dpo-2052"]
    of_15b = [
        "base",
        "base-again",
        "dpo-500",
        "dpo-1000",
        "dpo-2052",
        "shuffled-500",
        "diverse-500",
        "high-delta-500",
        "curriculum-500",
        "bf16-500",
    ]
    names = of_3b + [f"15b-{name}" for name in of_15b]
    for benchmark in ("humaneval", "mbpp"):
        rows = [row for row in report["conditions"] if row["benchmark"] == benchmark]
        assert sorted(row["name"] for row in rows) == sorted(names)
    trained = {row["name"]: row for row in report["training"]}
    assert set(trained) == {name for name in names if "base" not in name}
    for row in trained.values():
        assert row["first_loss"] == pytest.approx(math.log(2), abs=0.02)
        assert row["stopped_because"] == "completed"
    sizes = {name: row["pairs"] for name, row in trained.items()}
    assert sizes["15b-dpo-500"] < sizes["15b-dpo-1000"] < sizes["15b-dpo-2052"]
    assert sizes["3b-quality-120"] == 2


def test_it_says_what_the_prior_experiment_said_and_what_it_left_out(
    report: dict[str, Any],
) -> None:
    pairs = {(h["treatment"], h["baseline"]) for h in report["head_to_head"]}
    assert ("15b-dpo-2052", "15b-base") in pairs
    assert ("3b-base-again", "3b-base") in pairs
    assert report["primary"]["arm"] == "15b-dpo-500"
    assert report["primary"]["baseline"] == "15b-shuffled-500"
    controls = {(c["arm"], c["control"], c["benchmark"]) for c in report["controls"]}
    assert ("15b-dpo-500", "15b-shuffled-500", "mbpp") in controls
    assert report["findings"]
    assert any("15b-dpo-2052" in finding["text"] for finding in report["findings"])
