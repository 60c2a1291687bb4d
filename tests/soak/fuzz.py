"""Random requests to all services of a local stack for at most five minutes.

    python -m tests.soak.fuzz [--seed N] [--requests N] [--seconds N]

Prints the statuses, the memory of each service after a tenth of the requests, after half of them
and at the end, and what must not happen: a defect, an answer after the deadline, a traceback. Exits
with 1 if there is any of it, or if in the second half the memory of a service has grown by more
than a tenth. The first half warms up: a service gets some one in seven requests, and the executor's
memory stops growing after about 3,000 of its own.
"""

import argparse
import asyncio
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from rlvf_client.local_stack.stack import GRPC_SERVICES, LocalStack

from ..fuzz.caller import defects, fuzz

_MAX_GROWTH = 1.10


def _resident_bytes(stack: LocalStack, name: str) -> int:
    """Memory of a service's own process."""
    guardian = stack.pid(name)
    assert guardian is not None
    [process] = psutil.Process(guardian).children()
    found: int = process.memory_info().rss
    return found


async def _run(home: Path, seed: int, requests: int, seconds: float) -> bool:
    started = time.monotonic()
    async with LocalStack(home) as stack:
        # Without inference: what asks it waits for it, and is cancelled.
        await stack.ensure("storage", *GRPC_SERVICES)
        addresses = {name: stack.address(name) for name in GRPC_SERVICES}
        until = started + seconds
        parts, memory = [], []
        for first, last in pairwise((0, requests // 10, requests // 2, requests)):
            numbers = range(first, last)
            parts.append(await asyncio.to_thread(fuzz, addresses, seed, numbers, until=until))
            memory.append({name: _resident_bytes(stack, name) for name in GRPC_SERVICES})
        found = [line for part in parts for line in part.defects]
        found += [line for name in GRPC_SERVICES for line in defects(stack.log(name))]
    statuses = sum((part.statuses for part in parts), Counter[str]())
    print(f"{statuses.total():,} requests in {time.monotonic() - started:.0f} s, seed {seed}")
    for status, count in statuses.most_common():
        print(f"  {status:20} {count:7,}")
    print(f"  operations started   {sum(len(part.operations) for part in parts):7,}")
    grown = False
    for name in GRPC_SERVICES:
        growth = memory[2][name] / memory[1][name]
        grown |= growth > _MAX_GROWTH
        sizes = " -> ".join(f"{one[name] >> 20:5} MiB" for one in memory)
        print(f"  {name:15} {sizes}, second half {growth:.2f}")
    print(f"defects: {len(found)}")
    for line in found[:50]:
        print(f"  {line}")
    return not found and not grown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=300.0)
    given = parser.parse_args()
    with TemporaryDirectory() as home:
        fine = asyncio.run(_run(Path(home), given.seed, given.requests, given.seconds))
    raise SystemExit(0 if fine else 1)


if __name__ == "__main__":
    main()
