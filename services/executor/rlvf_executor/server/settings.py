"""Settings of the executor, from the environment (prefix `RLVF_`)."""

import os
from typing import Literal

from pydantic import Field

from rlvf_common.rpc.settings import ServerSettings


class ExecutorSettings(ServerSettings):
    """How this executor isolates, and how much it takes on."""

    executor_tier: Literal["auto", "namespaces", "landlock"] = Field(
        "auto", description="tier of isolation; `auto` is the strongest that works here"
    )
    executor_slots: int = Field(
        0, ge=0, le=1024, description="programs at one time; 0: one per core"
    )
    executor_queue: int = Field(
        1024,
        ge=0,
        description="requests that may wait, of all callers; more are RESOURCE_EXHAUSTED",
    )
    executor_cgroup: Literal["auto", "off"] = Field(
        "auto", description="`off`: do not make cgroups even where they can be made"
    )
    executor_tuning: Literal["on", "off"] = Field(
        "on", description="`off`: zygotes are plain Python; forks cost more, verdicts are the same"
    )

    @property
    def slots(self) -> int:
        """Programs at one time."""
        return self.executor_slots or len(os.sched_getaffinity(0))

    def core(self, slot: int) -> int | None:
        """The core that a slot keeps to.

        None where there is not one slot for each core: of the cores that others share with this
        executor, the kernel knows better which is free.
        """
        cores = sorted(os.sched_getaffinity(0))
        return cores[slot] if self.slots == len(cores) else None
