"""Two processes that train on graded answers are as one, also where groups are left out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Warnings of the training stack are its own affair.
pytestmark = pytest.mark.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

TOLERANCE = 1e-6
"""Of the adapter: sums of floats in another order. A step moves it by 1e-3."""


@pytest.mark.slow
def test_two_processes_have_the_adapter_of_one_where_groups_are_left_out(
    tiny_model: str, tmp_path: Path
) -> None:
    import torch

    from . import policy_steps

    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    script = Path(__file__).with_name("policy_steps.py")
    subprocess.run([sys.executable, *launch, script, tiny_model, tmp_path], check=True)

    torch.set_num_threads(1)
    for case in policy_steps.CASES:
        first, second = (torch.load(tmp_path / f"{case}-{rank}.pt") for rank in (0, 1))
        assert torch.equal(first, second), case
        alone = policy_steps.train(case, tiny_model, tmp_path / case)
        torch.testing.assert_close(first, policy_steps.adapter(alone), rtol=0, atol=TOLERANCE)
