"""What each piece of tuning of the executor gives, side by side in one run.

    make bench-tuning                  # or: python -m tests.bench.tuning --rounds N

One executor runs as it is, and one from a copy of its code without each piece. Each round has all
of them grade HumanEval's reference solutions, in turn. For each piece it prints the CPU time of a
verdict without it, divided by that of the executor as it is: the median of the rounds, and the
quartiles. 1.05 means that a verdict costs 5% more without that piece.
"""

import argparse
import asyncio
import os
import shutil
import statistics
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rlvf_common.rollouts.grading import Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_executor.server.digest import PACKAGE
from tests.bench.accounting import per_verdict, spent
from tests.bench.executor import PROBLEMS, by_grader
from tests.processes.executor import ExecutorProcess

ROUNDS = 12
_TIMES = 8
"""How often a round grades all problems: the kernel counts CPU time in ticks of 10 ms."""


class Piece(NamedTuple):
    """A piece of tuning: the text that is it, and what is there without it."""

    name: str
    file: str
    text: str
    without: str


PIECES = (
    Piece("all of tuning", "server/tiers.py", 'settings.executor_tuning == "on"', "False"),
    Piece("warm-up", "jail/zygote.py", "        forks.warm_up(candidate.serve)\n", ""),
    Piece("hot pages", "tuning/rehearsal.py", "        if pages:\n", "        if False:\n"),
    Piece("large pages", "tuning/forks.py", "    _native.use_large_pages()\n", "    pass\n"),
    Piece(
        "turns", "contract/turns.py", "    with contextlib.suppress(OSError):\n", "    if False:\n"
    ),
    Piece(
        "calls ahead",
        "judge/judging.py",
        "NOTHING if self.budgets_calls else",
        "NOTHING if True else",
    ),
    Piece("worker", "supervisor/grading.py", "if digest not in self._open_tests:", "if False:"),
)


def without(piece: Piece, folder: Path) -> str:
    """A copy of the executor's package without a piece; where Python finds it."""
    copy = folder / piece.name / PACKAGE.name
    shutil.copytree(PACKAGE, copy)
    file = copy / piece.file
    source = file.read_text()
    if piece.text not in source:
        raise SystemExit(f"{piece.file} has no {piece.text!r} any more; mend tests/bench/tuning.py")
    file.write_text(source.replace(piece.text, piece.without))
    return str(copy.parent)


def started(stack: ExitStack, path: str) -> ExecutorProcess:
    """An executor whose code is found at `path` first."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (path, before)))
    try:
        return stack.enter_context(ExecutorProcess())
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


async def cost(grader: Grader, server: int) -> float:
    """CPU milliseconds of a verdict."""
    before = spent(server)
    await by_grader(grader, "references", _TIMES)
    return sum(per_verdict(before, spent(server), _TIMES * len(PROBLEMS)).values())


async def main(rounds: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        paths = {"as it is": ""} | {piece.name: without(piece, folder) for piece in PIECES}
        servers = {name: started(stack, path) for name, path in paths.items()}
        channels = {name: open_channel(server.address) for name, server in servers.items()}
        graders = {name: Grader(channel) for name, channel in channels.items()}
        for grader in graders.values():
            await by_grader(grader, "references", 1)
        costs: dict[str, list[float]] = {name: [] for name in servers}
        for number in range(1, rounds + 1):
            for name, server in servers.items():
                costs[name].append(await cost(graders[name], server.pid))
            last = {name: round(values[-1], 2) for name, values in costs.items()}
            print(f"round {number}: {last}", flush=True)
        for channel in channels.values():
            await channel.close()
    base = costs.pop("as it is")
    for name, values in costs.items():
        ratios = [one / other for one, other in zip(values, base, strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        print(f"without {name}: {middle:.3f} ({low:.3f} to {high:.3f})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asyncio.run(main(parser.parse_args().rounds))
