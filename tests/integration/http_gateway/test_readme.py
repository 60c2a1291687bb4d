"""The examples of the README, as they are written there, against the real services."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

_README = Path(__file__).parents[3] / "services" / "http-gateway" / "README.md"


def test_the_readmes_examples_answer(url: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    examples = re.findall(r"```bash\n(.*?)```", _README.read_text(), flags=re.DOTALL)
    answers = [
        json.loads(
            subprocess.run(
                ["bash", "-c", example],
                env={"PATH": os.environ["PATH"], "URL": url},
                capture_output=True,
                check=True,
            ).stdout
        )
        for example in examples
    ]
    score, grade, run = answers
    assert score["summary"]["passed"] == 1
    assert grade["verdict"] == "VERDICT_PASSED"
    assert run["run_result"]["stdout"] == "42\n"
