"""Starts and stops the jails of an environment in a slot (for programs, judges and a worker), in
the supervisor."""

import os
import re
from collections.abc import Iterable

from rlvf_executor.contract import policy
from rlvf_executor.contract.slots import Environment, SlotConfig
from rlvf_executor.supervisor.cell import BaseCell, Cell, Setting
from rlvf_executor.supervisor.grading import Grading
from rlvf_executor.supervisor.output_check import OutputCheck
from rlvf_executor.supervisor.watch import Watch
from rlvf_executor.supervisor.worker_cell import WorkerCell


def _top(module: str) -> str:
    return module.partition(".")[0]


def _there(environment: Environment, modules: tuple[str, ...]) -> tuple[str, ...]:
    """The modules that the environment has."""
    return tuple(
        module
        for module in modules
        if environment.folder and os.path.isdir(f"{environment.folder}/{_top(module)}")
    )


_MENTION = re.compile(
    rb"\b(?:"
    + b"|".join(re.escape(_top(name)).encode() for name in policy.PREIMPORTED_ON_MENTION)
    + rb")\b"
)


def mentions_packages(texts: Iterable[bytes]) -> bool:
    """Whether the text of a program or a test names a package that takes long to import."""
    return any(_MENTION.search(text) is not None for text in texts)


class EnvironmentCells:
    """The three jails of an environment; usable after `start`."""

    def __init__(
        self,
        environment: Environment,
        config: SlotConfig,
        cgroup: str | None,
        watch: Watch,
        *,
        with_all: bool = False,
    ) -> None:
        """`cgroup` is the prefix of the names of the programs' cgroups; None if they have none.
        With `with_all` programs and tests start with the packages that take long to import."""
        group = None if cgroup is None else f"{cgroup}-{environment.name}-{int(with_all)}"
        common = (config.tier, config.slot, config.nsjail, config.core)
        rest = (environment.folder, config.tuned)
        few = _there(environment, policy.PREIMPORTED_PACKAGES)
        packages = few + _there(environment, policy.PREIMPORTED_ON_MENTION) if with_all else few
        for_programs = (*policy.PREIMPORTED, *packages)
        self.programs = Cell(Setting("jail.zygote", *common, group, for_programs, *rest))
        # Without a cgroup: the test is the caller's own, and rlimits are enough for it.
        for_tests = (*policy.PREIMPORTED_FOR_TESTS, *packages)
        judges = Cell(Setting("judge.judge_zygote", *common, None, for_tests, *rest))
        # A worker needs the packages of values that it compares; its tests import nothing.
        sent = _there(environment, policy.PREIMPORTED_FOR_VALUES) if with_all else ()
        for_worker = (*policy.PREIMPORTED_FOR_TESTS, *few, *sent)
        worker = WorkerCell(Setting("judge.worker", *common, None, for_worker, *rest))
        self._cells: tuple[BaseCell, ...] = (self.programs, judges, worker)
        self.grading = Grading(self.programs, judges, worker, watch)
        self.output_check = OutputCheck(judges, watch)

    def start(self) -> None:
        """Starts the three jails at the same time. Raises JailError, OSError."""
        for cell in self._cells:
            cell.launch()
        for cell in self._cells:
            cell.wait_ready()

    def restart(self) -> None:
        """Replaces the three jails. Raises JailError, OSError."""
        for cell in self._cells:
            cell.restart()

    def stop(self) -> None:
        """Ends the three jails."""
        for cell in self._cells:
            cell.stop()
