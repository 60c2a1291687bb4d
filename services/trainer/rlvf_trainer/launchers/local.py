"""Runs jobs as processes of the trainer's machine."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import psutil

from rlvf_api.errors import ResourceExhausted, Unavailable
from rlvf_trainer.launchers.launcher import OnWaiting
from rlvf_trainer.runs import FAILURE_RECORDED
from rlvf_trainer.settings import TrainerSettings

_TERMINATION_SECONDS = 3.0


class LocalLauncher:
    """Runs jobs as child processes. They end with this process, so that no two ever work on one
    run."""

    def __init__(self, settings: TrainerSettings) -> None:
        self._work_dir = settings.trainer_work_dir
        self._slots = asyncio.Semaphore(settings.trainer_parallel_jobs)
        self._environment = os.environ | {
            **settings.job_environment(),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "PYTHONUNBUFFERED": "1",
            # A thread that spins while it waits takes the core from the thread that it waits for if
            # other processes need cores too: five times slower on a shared machine.
            "OMP_WAIT_POLICY": "PASSIVE",
        }

    async def run(self, run_id: str, attempt: int, on_waiting: OnWaiting) -> str | None:
        """See `Launcher.run`."""
        if self._slots.locked():
            on_waiting("other training jobs run here, as many as RLVF_TRAINER_PARALLEL_JOBS allows")
        async with self._slots:
            on_waiting("")
            # By the process id in the name a later trainer finds directories without an owner.
            scratch = self._work_dir / f"{run_id}.{os.getpid()}"
            log = self._work_dir / f"{run_id}.log"
            try:
                self._work_dir.mkdir(parents=True, exist_ok=True)
                _remove_orphans(self._work_dir)
                scratch.mkdir(exist_ok=True)
                with log.open("ab") as output:
                    process = await asyncio.create_subprocess_exec(
                        *(sys.executable, "-m", "rlvf_trainer.job"),
                        *("--run", run_id, "--attempt", str(attempt)),
                        *("--parent", str(os.getpid()), "--scratch", str(scratch)),
                        env=self._environment,
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=output,
                        stderr=output,
                        # Ctrl-C in a terminal is for the trainer, which ends the job in good order.
                        start_new_session=True,
                    )
            except OSError as error:
                raise _launch_error(error, self._work_dir) from None
            try:
                status = await process.wait()
            finally:
                await _end(process)
                shutil.rmtree(scratch, ignore_errors=True)
        if status in (0, FAILURE_RECORDED):
            return None
        how = f"was killed by signal {-status}" if status < 0 else f"exited with status {status}"
        return f"{how} (log: {log}; last line: {_last_line(log)})"

    async def end(self, run_id: str, attempt: int) -> None:
        """Do nothing: the process ends when `run` is cancelled."""


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _TERMINATION_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _remove_orphans(work_dir: Path) -> None:
    """Remove scratch directories of trainers that were killed."""
    for directory in work_dir.iterdir():
        owner = re.fullmatch(r".+\.(\d+)", directory.name)
        if owner and directory.is_dir() and not psutil.pid_exists(int(owner[1])):
            shutil.rmtree(directory, ignore_errors=True)


def _launch_error(error: OSError, work_dir: Path) -> ResourceExhausted | Unavailable:
    if isinstance(error, FileNotFoundError | PermissionError):
        return Unavailable(f"cannot use {work_dir}: {error}; set RLVF_TRAINER_WORK_DIR")
    return ResourceExhausted(f"cannot start the training job: {error}")


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "none"
