"""Tries the known attacks on graders, and writes the table of `docs/trust.md`.

    python -m tests.trust [NAME ...]      # or: make trust

NAME is a column, such as `evalplus` or `ours`; the default is all. The graders are installed first,
each in a folder of its own below RLVF_TRUST_PACKAGES (default: .rlvf/trust). Before it is attacked
a grader must pass the right program and refuse a wrong one.

In graders without isolation the attacks run with this user's rights. None of them does harm here;
harmful ones (fork bombs, endless memory or disk, signals to all processes) are left out.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import grpc

from tests.processes.executor import ExecutorProcess
from tests.trust import harnesses
from tests.trust.attacks import ATTACKS, Attack, program
from tests.trust.harnesses import HARNESSES, REPOSITORY
from tests.trust.ours import Ours
from tests.trust.peers import SECRET, Outcome
from tests.trust.problem import SOLUTION, WRONG

OURS = "ours"
_WORDS = {
    "passed": "passed",
    "crashed": "crashed",
    "hung": "hung",
    "file": "wrote outside",
    "secret": "took a secret",
    "process": "left a process",
    "code": "ran code in the grader",
}
NOT_TRIED = "not tried"
REFUSED = "–"


def cell(outcomes: Sequence[Outcome]) -> str:
    """An attack's cell of the table: all effects of its programs."""
    seen = {kind for outcome in outcomes for kind in (outcome.verdict, *outcome.harm)}
    found = [words for kind, words in _WORDS.items() if kind in seen]
    return f"**{', '.join(found)}**" if found else REFUSED


def tried(attack: Attack, seconds: float) -> bool:
    """Whether an attack is tried on a grader; `seconds` is `Harness.seconds`."""
    return seconds > 0 or not attack.slow


def peer_cells(name: str, outside: Path) -> dict[str, str]:
    """A grader's column, by attack."""
    seconds = HARNESSES[name].seconds
    attacks = [attack for attack in ATTACKS if tried(attack, seconds)]
    sources = [
        program(source, seconds=seconds, outside=str(outside))
        for attack in attacks
        for source in attack.programs
    ]
    answers = outside.parent / "answers"
    subprocess.run(
        [sys.executable, "-m", "tests.trust.peers", name, str(outside), str(answers)],
        input=json.dumps([SOLUTION, WRONG, *sources]),
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("RLVF_TRUST_VERBOSE") else subprocess.DEVNULL,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    right, wrong, *rest = (
        Outcome(verdict, tuple(harm)) for verdict, harm in json.loads(answers.read_text())
    )
    if (right.verdict, wrong.verdict) != ("passed", "refused"):
        raise RuntimeError(f"{name} does not grade: right {right.verdict}, wrong {wrong.verdict}")
    outcomes = iter(rest)
    return {attack.name: cell([next(outcomes) for _ in attack.programs]) for attack in attacks}


def our_cells(outside: Path) -> dict[str, str]:
    """Our column, by attack."""
    os.environ["TRUST_SECRET"] = SECRET
    with (
        ExecutorProcess(executor_slots="1") as executor,
        grpc.insecure_channel(executor.address) as channel,
    ):
        ours = Ours(executor, channel, outside)
        if set(ours.verdicts(SOLUTION).values()) != {"passed"}:
            raise RuntimeError(f"the right program: {ours.verdicts(SOLUTION)}")
        if "passed" in ours.verdicts(WRONG).values():
            raise RuntimeError(f"a wrong program: {ours.verdicts(WRONG)}")
        return {
            attack.name: cell([ours.outcome(attack, source) for source in attack.programs])
            for attack in ATTACKS
        }


def table(columns: dict[str, dict[str, str]]) -> str:
    """The table in Markdown. `columns` has for each grader its cells by attack."""
    titles = [HARNESSES[name].title if name in HARNESSES else "ours" for name in columns]
    rows = [["attack", *titles], ["---"] * (1 + len(titles))]
    family = ""
    for attack in ATTACKS:
        if attack.family != family:
            family = attack.family
            rows.append([f"*{family}*", *[""] * len(titles)])
        rows.append(
            [attack.name, *(cells.get(attack.name, NOT_TRIED) for cells in columns.values())]
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def summary(columns: dict[str, dict[str, str]]) -> str:
    """A line for each column: how many attacks passed, and how many had any effect."""
    lines = []
    for name, cells in columns.items():
        passed = sum("passed" in one for one in cells.values())
        anything = sum(one != REFUSED for one in cells.values())
        lines.append(f"{name}: {passed} passed, {anything} with any effect, of {len(cells)} tried")
    return "\n".join(lines)


def main() -> None:
    """Run the attacks, and print table and summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *HARNESSES, OURS], metavar="NAME")
    names = parser.parse_args().names or [*HARNESSES, OURS]
    columns = {}
    for name in names:
        print(f"{name} ...", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="rlvf-trust-") as folder:
            outside = Path(folder, "outside")
            outside.mkdir(mode=0o777)
            if name == OURS:
                columns[name] = our_cells(outside)
            else:
                harnesses.install(name)
                columns[name] = peer_cells(name, outside)
    print(table(columns))
    print(summary(columns))


if __name__ == "__main__":
    main()
