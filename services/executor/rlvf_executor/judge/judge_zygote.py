"""The process that forks judges. Candidates have their own zygote, which is smaller and faster."""

import json
import os

from rlvf_executor.contract import control
from rlvf_executor.contract.report import Report
from rlvf_executor.jail import confinement
from rlvf_executor.jail.zygote import Zygote
from rlvf_executor.judge import judging
from rlvf_executor.tuning import forks


def _run(kind: bytes, payload: bytes) -> None:
    def send(sent: Report) -> None:
        os.write(control.FIRST_DESCRIPTOR + 1, json.dumps(sent).encode() + b"\n")

    judging.run(payload, control.channel_at(control.FIRST_DESCRIPTOR), send)


def main() -> None:
    """Runs a zygote for judges; `inmates.py` starts it."""
    supervisor, surroundings = confinement.enter()
    zygote = Zygote(supervisor, surroundings, _run)
    if surroundings.tuned:
        forks.use_large_pages()
    confinement.say_ready(zygote.supervisor)
    zygote.run()
