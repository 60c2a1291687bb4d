"""Settings of the executor, from the environment (prefix `RLVF_`)."""

from typing import Literal

from pydantic import Field

from rlvf_common.settings import ServerSettings


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
