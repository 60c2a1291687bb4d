"""Shows that each protection is needed: takes one away at a time and runs the attacks.

    python -m tests.security.protections

Each is taken out of a copy of the executor; the security tests are then run with that copy, and at
least one of them must fail. The last line is JSON: the tests that failed, by protection.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "services" / "executor" / "rlvf_executor"


class Protection(NamedTuple):
    """A protection, the text that is one, what is there without it, and the tests to run."""

    name: str
    file: str
    text: str
    without: str
    tests: str


PROTECTIONS = (
    Protection(
        "the system call filter",
        "jail/confinement.py",
        "            kernel.add_filter(calls, self._filter)\n",
        "            pass\n",
        "test_isolation.py -k dangerous_system_calls",
    ),
    Protection(
        "the network namespace",
        "supervisor/inmates.py",
        '"--iface_no_lo", ',
        '"--disable_clone_newnet", ',
        "test_isolation.py -k 'tcp or unix'",
    ),
    Protection(
        "a PID namespace for each program",
        "jail/zygote.py",
        "self.own_pidfd if self.namespaces else -1,",
        "-1,",
        "test_isolation.py -k 'signals or candidate_leaves'",
    ),
    Protection(
        "an empty scratch directory for each program",
        "jail/zygote.py",
        "if self._size == size_bytes and self._state == self._look():",
        "if self._size == size_bytes:",
        "test_isolation.py -k 'leaves_behind or scratch'",
    ),
    Protection(
        "closed descriptors",
        "jail/zygote.py",
        "return control.FIRST_DESCRIPTOR + (0 if kind == control.PROGRAM else count - 1)",
        "return policy.OPEN_FILES",
        "test_isolation.py -k descriptor",
    ),
    Protection(
        "no capabilities",
        "native/kernel.py",
        '    calls.add("capset", _CAPABILITY_HEADER, _NO_CAPABILITIES)\n',
        "",
        "test_isolation.py -k privileges",
    ),
    Protection(
        "the memory limit of the cgroup",
        "supervisor/cgroups.py",
        "        total = memory_bytes + self._baseline_bytes\n",
        "        total = 1 << 40\n",
        "test_resources.py -k 'together or allocates'",
    ),
    Protection(
        "the CPU limit",
        "supervisor/cell.py",
        "elif cpu_seconds >= self._limits.cpu_seconds:",
        "elif cpu_seconds < 0:",
        "test_resources.py -k computes_for_ever",
    ),
    Protection(
        "Landlock",
        "jail/confinement.py",
        "        kernel.landlock(self._around.read_only, policy.DEVICES)\n",
        "",
        "test_isolation.py -k 'host and landlock'",
    ),
    Protection(
        "plain data only, of exact types",
        "contract/wire.py",
        "kind = type(value)",
        "kind = next((one for one in type(value).__mro__ if one in (int, str, list)), type(value))",
        "test_verdicts.py test_robustness.py -k 'forged or plain or broken'",
    ),
)


def failures_without(protection: Protection) -> list[str]:
    """The security tests that fail when the protection is taken away."""
    with TemporaryDirectory() as directory:
        copy = Path(directory) / PACKAGE.name
        shutil.copytree(PACKAGE, copy)
        file = copy / protection.file
        source = file.read_text()
        if protection.text not in source:
            raise SystemExit(f"{protection.file} has no {protection.text!r} any more; mend this")
        file.write_text(source.replace(protection.text, protection.without))
        paths = os.pathsep.join(filter(None, (directory, os.environ.get("PYTHONPATH"))))
        files, _, expression = protection.tests.partition(" -k ")
        tests = [f"tests/security/{one}" for one in files.split()]
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rfE", *tests, "-k", expression.strip("'")],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
        )
    return sorted(set(re.findall(r"^(?:FAILED|ERROR) tests/security/(\S+)", result.stdout, re.M)))


def main() -> None:
    """Runs all, or those whose names contain an argument."""
    wanted = sys.argv[1:] or [""]
    found = {}
    for protection in PROTECTIONS:
        if any(word in protection.name for word in wanted):
            found[protection.name] = failures_without(protection)
            failed = found[protection.name]
            example = failed[0] if failed else "NOTHING NOTICED"
            print(f"without {protection.name}: {len(failed)} fail, {example}", flush=True)
    print(json.dumps(found))
    sys.exit(any(not failed for failed in found.values()))


if __name__ == "__main__":
    main()
