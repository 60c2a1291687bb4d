"""The example of the README, as it is written there, against a real executor."""

import subprocess
import sys
from pathlib import Path

from tests.processes.executor import ExecutorProcess

_README = Path(__file__).parents[3] / "services" / "executor" / "README.md"


def test_the_readmes_example_prints_that_the_program_passed(executor: ExecutorProcess) -> None:
    code = _README.read_text().split("```python\n", 1)[1].split("```", 1)[0]
    assert "localhost:50051" in code
    done = subprocess.run(
        [sys.executable, "-c", code.replace("localhost:50051", executor.address)],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
