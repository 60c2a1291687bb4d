"""A place where an end-to-end test runs an experiment: with its own home, settings and report."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile


@dataclass(frozen=True)
class Place:
    """A folder with a home and settings, in which `rlvf` runs an experiment."""

    home: Path
    settings: Path
    out: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _started: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def command(self, *arguments: str | Path) -> str:
        """Run another command in this home, which must succeed; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "rlvf_client", *map(str, arguments)],
            env={**os.environ, "RLVF_HOME": str(self.home), **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + self.logs()
        return done.stdout

    def start(self) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "rlvf_client",
                "run",
                str(self.settings),
                "--out",
                str(self.out),
            ],
            env={
                **os.environ,
                "RLVF_HOME": str(self.home),
                "RLVF_BENCHMARKS": str(self.settings.parent / "benchmarks"),
                **self.environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell that runs these tests in the background ignores Ctrl-C, and children inherit
            # that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self._started.append(process)
        return process

    def stop(self) -> None:
        """End processes that a failed test left running, and close their pipes."""
        for process in self._started:
            with process:
                process.kill()

    def run(self) -> str:
        """Run the experiment to the end; return its stderr."""
        process = self.start()
        stdout, stderr = process.communicate()
        assert process.returncode == 0, stderr + self.logs()
        assert stdout.splitlines()[-1] == f"report: {self.out / 'report.html'}"
        assert "index.html" in ZipFile(self.out / "report.zip").namelist()
        return stderr

    def logs(self) -> str:
        tails = (
            f"\n--- {log.name}\n" + log.read_text(errors="replace")[-2000:]
            for log in sorted((self.home / "logs").glob("*.log"))
        )
        return "".join(tails)

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.out / "report.json").read_text())
        return report
