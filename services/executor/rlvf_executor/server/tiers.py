"""Finds the strongest isolation that works here, by trying; in the server. Fails closed."""

from typing import NamedTuple

from rlvf_api.errors import FailedPrecondition
from rlvf_executor.contract.slots import TIERS, Environment, SlotConfig, find_nsjail
from rlvf_executor.server.settings import ExecutorSettings
from rlvf_executor.server.slot import Slot, SlotDied


class Found(NamedTuple):
    """The tier that was found, and its first slot, already started."""

    tier: str
    first_slot: Slot
    refused: tuple[str, ...]
    """Why each stronger tier does not work."""


def config(
    settings: ExecutorSettings, tier: str, slot: int, environments: tuple[Environment, ...] = ()
) -> SlotConfig:
    """The configuration of one slot."""
    cgroup = settings.executor_cgroup == "auto"
    tuned = settings.executor_tuning == "on"
    core = settings.core(slot)
    return SlotConfig(tier, slot, find_nsjail(), cgroup, core, tuned, environments)


async def find(settings: ExecutorSettings, environments: tuple[Environment, ...]) -> Found:
    """Tries the tiers from the strongest down.

    Raises:
        FailedPrecondition: none works, or the requested one does not.
    """
    wanted = settings.executor_tier
    refused: list[str] = []
    for tier in TIERS if wanted == "auto" else (wanted,):
        slot = Slot(config(settings, tier, 0, environments))
        try:
            await slot.start()
        except (SlotDied, OSError) as error:
            refused.append(f"{tier}: {error}")
        else:
            return Found(tier, slot, tuple(refused))
    raise FailedPrecondition(
        "no isolation works here, so nothing can be run: "
        + "; ".join(refused)
        + ". Allow user namespaces, or run on a kernel with Landlock"
    )
