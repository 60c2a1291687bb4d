"""The executor as the server holds it: its slots, its capabilities, and its self-test."""

import asyncio
import logging
import secrets
from collections.abc import Sequence

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_common.rpc.context import caller
from rlvf_common.rpc.telemetry import fields
from rlvf_executor.contract import policy
from rlvf_executor.contract.link import Message
from rlvf_executor.contract.slots import (
    LANDLOCK,
    NAMESPACES,
    PYTHON,
    SlotReady,
    find_nsjail,
    interpreter,
)
from rlvf_executor.server import canaries, digest, environments, jobs, tiers
from rlvf_executor.server.pool import Pool
from rlvf_executor.server.settings import ExecutorSettings
from rlvf_executor.server.slot import Slot, SlotDied

log = logging.getLogger(__name__)

_TIERS = {NAMESPACES: executor_pb2.TIER_NAMESPACES, LANDLOCK: executor_pb2.TIER_LANDLOCK}


class Executor:
    """Starts the slots, tests their isolation, runs jobs."""

    def __init__(self, settings: ExecutorSettings) -> None:
        self._settings = settings
        self._pool: Pool | None = None
        self._sound = False
        self._environments = [PYTHON]
        self._identity: executor_pb2.ExecutorIdentity | None = None
        self.slots = settings.slots
        self.capabilities: executor_pb2.GetCapabilitiesResponse | None = None

    async def start(self) -> None:
        """Starts the slots and tries to break out of them.

        Returns only if every attempt was stopped. Otherwise it logs them and never returns, so that
        health stays NOT_SERVING and an operator can read the capabilities.

        Raises:
            FailedPrecondition: no isolation works here, or an environment cannot be offered.
            Unavailable: a slot cannot be started, or the slots differ.
        """
        installed = await asyncio.to_thread(environments.find, self._settings.executor_environments)
        with_packages = tuple(one.environment for one in installed)
        self._environments += [one.name for one in with_packages]
        found = await tiers.find(self._settings, with_packages)
        rest = [
            Slot(tiers.config(self._settings, found.tier, number, with_packages))
            for number in range(1, self.slots)
        ]
        slots = [found.first_slot, *rest]
        self._pool = Pool(slots, queue=self._settings.executor_queue)
        try:
            await asyncio.gather(*(slot.start() for slot in rest))
        except SlotDied as error:
            raise Unavailable(f"a slot cannot be started: {error}") from None
        ready = found.first_slot.ready
        for slot in rest:
            if slot.ready != ready:
                raise Unavailable(f"the slots differ: {slot.ready} and {ready}")
        tried = await canaries.try_all(found.first_slot, found.tier)
        self.capabilities = executor_pb2.GetCapabilitiesResponse(
            tier=_TIERS[found.tier],
            protections=ready.protections,
            missing_protections=[*found.refused, *ready.missing_protections],
            slots=self.slots,
            python_version=ready.python_version,
            default_limits=jobs.limits_message(policy.DEFAULT_LIMITS),
            maximum_limits=jobs.limits_message(policy.MAXIMUM_LIMITS),
            policy_sha256=await asyncio.to_thread(_policy_sha256, found.tier, ready, installed),
            canaries=tried,
            environments=[
                executor_pb2.Environment(name=PYTHON),
                *(
                    executor_pb2.Environment(
                        name=one.environment.name,
                        packages=one.packages,
                        packages_sha256=one.sha256,
                    )
                    for one in installed
                ),
            ],
        )
        self._identity = executor_pb2.ExecutorIdentity(
            instance=secrets.token_hex(16),
            slots=self.slots,
            policy_sha256=self.capabilities.policy_sha256,
            tier=self.capabilities.tier,
        )
        missing = list(self.capabilities.missing_protections)
        log.info("isolation", extra=fields(tier=found.tier, missing=missing))
        loose = [canary for canary in tried if not canary.stopped]
        for canary in loose:
            log.error(
                "a canary was not stopped", extra=fields(name_=canary.name, seen=canary.detail)
            )
        if loose:
            await asyncio.Event().wait()
        self._sound = True

    def identity(self) -> executor_pb2.ExecutorIdentity:
        """The identity that goes with each answer.

        Raises:
            Unavailable: it is starting, or its isolation does not hold.
        """
        if self._identity is None or not self._sound:
            raise Unavailable("the executor is starting, or its isolation does not hold")
        return self._identity

    async def run(self, message: Message, *, patient: bool = False) -> Message:
        """Runs one job for the caller being served.

        Raises:
            FailedPrecondition: it names an environment that is not offered here.
            ResourceExhausted, DeadlineExceeded, Unavailable: it was not run.
        """
        if self._pool is None or not self._sound:
            raise Unavailable("the executor is starting, or its isolation does not hold")
        if (name := message.values.get("environment", PYTHON)) not in self._environments:
            raise FailedPrecondition(
                f"this executor has no environment {name!r:.80}; it offers "
                + ", ".join(self._environments)
            )
        return await self._pool.run(message, caller=caller.get(), patient=patient)

    async def close(self) -> None:
        """Stops all slots."""
        if self._pool is not None:
            await self._pool.close()


def _policy_sha256(tier: str, ready: SlotReady, installed: Sequence[environments.Installed]) -> str:
    nsjail = find_nsjail() if tier == NAMESPACES else None
    return digest.policy_sha256(
        (
            ready.python_version,
            *digest.interpreter_parts(interpreter()),
            *digest.nsjail_parts(nsjail),
            tier,
            *ready.protections,
            *(part for one in installed for part in (one.environment.name, one.sha256)),
        )
    )
