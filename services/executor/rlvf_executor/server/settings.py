"""Settings of the executor's server, from the environment (prefix `RLVF_`)."""

import os
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field

from rlvf_common.rpc.settings import ServerSettings


class ExecutorSettings(ServerSettings):
    """How this executor isolates programs, and how many it runs and queues."""

    executor_tier: Literal["auto", "namespaces", "landlock"] = Field(
        "auto", description="tier of isolation; `auto`: the strongest that works here"
    )
    executor_slots: int = Field(
        0, ge=0, le=1024, description="programs that run at one time; 0: one per core"
    )
    executor_queue: int = Field(
        1024,
        ge=0,
        description="maximum of waiting requests, of all callers; more get RESOURCE_EXHAUSTED",
    )
    executor_cgroup: Literal["auto", "off"] = Field(
        "auto", description="`off`: make no cgroups, even where that is possible"
    )
    executor_tuning: Literal["on", "off"] = Field(
        "on", description="`off`: zygotes are plain Python; forks cost more, verdicts are the same"
    )

    executor_environments: str = Field(
        str(Path(sys.prefix) / "environments"),
        description="folder with the packages of an environment in each subfolder, of its name",
    )

    @property
    def slots(self) -> int:
        """Programs that run at one time."""
        return self.executor_slots or len(os.sched_getaffinity(0))

    def core(self, slot: int) -> int | None:
        """The core that a slot is bound to.

        None unless there is one slot for each core: otherwise the kernel knows better which core is
        free.
        """
        cores = sorted(os.sched_getaffinity(0))
        return cores[slot] if self.slots == len(cores) else None
