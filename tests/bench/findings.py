"""How often each rule of the report's findings claims something: power and false positives.

    make bench-findings      # or: python -m tests.bench.findings --reports N

Experiments with planted effects, and with none, are simulated and reported by the reporter's own
code (`tests.simulator`). The table, in Markdown, is that of the reporter's README.
"""

import argparse
import os
import sys
import time

from rlvf_common.statistics.comparison import ALPHA
from tests.simulator.rates import Rate, rates
from tests.simulator.scenarios import SCENARIOS


def row(rate: Rate) -> str:
    """One line of the table."""
    low, high = rate.ci95
    cells = (
        rate.scenario,
        rate.question.rule,
        rate.question.planted or "nothing",
        f"{rate.share:.1%}",
        f"{low:.1%} to {high:.1%}",
        str(rate.reports),
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=400, help="of each scenario")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="scenarios whose name has this")
    options = parser.parse_args()
    start = time.monotonic()
    print(
        f"{options.reports} reports of each scenario; claims are made at {ALPHA:g} in a family.\n"
    )
    print("| experiments | question | planted | claimed | 95% interval | reports |")
    print("|---|---|---|---|---|---|")
    for scenario in SCENARIOS:
        if options.only in scenario.name:
            for rate in rates(scenario, options.reports, processes=options.processes):
                print(row(rate), flush=True)
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
