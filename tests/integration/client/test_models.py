"""The embedded model is unpacked by a process that does not outlive its owner."""

import subprocess
import sys
import time
from pathlib import Path

import psutil

CODE = (
    "import asyncio, sys, pathlib; from rlvf_client.local_stack import models; "
    "asyncio.run(models.resolve(models.EMBEDDED, pathlib.Path(sys.argv[1])))"
)


def test_a_killed_driver_leaves_no_process_that_unpacks(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", CODE, str(tmp_path)])
    below: list[psutil.Process] = []
    give_up_at = time.monotonic() + 60
    while not any("rlvf_inference.checkpoint" in one.cmdline() for one in below[-1:]):
        assert owner.poll() is None
        assert time.monotonic() < give_up_at
        below = psutil.Process(owner.pid).children(recursive=True)
    owner.kill()
    owner.wait()
    _, alive = psutil.wait_procs(below, timeout=40)
    assert alive == []
    assert not (tmp_path / "models" / "smollm2-135m-instruct").exists()
