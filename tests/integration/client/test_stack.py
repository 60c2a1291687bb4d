"""The local stack leaves nothing outside of its home, and knows which code its services run."""

import asyncio
from pathlib import Path

import pytest

from rlvf.version.v1 import version_pb2
from rlvf_client.cli.services import endpoints
from rlvf_client.experiment.versions import identity_of
from rlvf_client.local_stack import stack as local_stack
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.local_stack.stack import LocalStack
from rlvf_client.progress.console import Reporter
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.version import ask_version, code_sha256

from .inference_stand_in import WEIGHTS, command_of, replace_inference


async def test_storage_leaves_no_socket(tmp_path: Path) -> None:
    async with LocalStack(tmp_path) as stack:
        await stack.ensure("storage")
        sockets = stack._services["storage"].leaves
        assert sockets
        # They are where the stack looks for them; the last comes after the first answer.
        async with asyncio.timeout(60):
            while not all(path.is_socket() for path in sockets):
                await asyncio.sleep(0.01)
    assert not [path for path in sockets if path.exists()]


async def test_a_service_is_told_from_its_package_until_it_runs_and_then_by_itself(
    tmp_path: Path,
) -> None:
    async with LocalStack(tmp_path) as stack:
        before = await stack.version("evaluator")
        assert stack.running() == ["executor"]
        await stack.ensure("storage", "evaluator")
        after = await stack.version("evaluator")
        async with open_channel(stack.address("evaluator")) as channel:
            by_itself = await ask_version(channel)
    assert before.code_sha256 == after.code_sha256 == by_itself.code_sha256
    assert identity_of(before) == identity_of(after)
    # What only the service knows it says itself.
    assert not before.packages
    assert after.packages == by_itself.packages != {}
    executor, inference = after.dependencies
    assert executor.policy_sha256
    assert inference.code_sha256 == code_sha256("rlvf_inference", "rlvf", "rlvf_api", "rlvf_common")


async def test_ids_are_the_same_for_the_holder_of_a_stack_and_its_guests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def identities() -> list[str]:
        return [
            identity_of(await one.version(name))
            for one in (stack, guest)
            for name in ("evaluator", "pair-generator", "trainer")
        ]

    async with (
        LocalStack(tmp_path, model=ServedModel("m", "m")) as stack,
        endpoints(tmp_path, Reporter()) as guest,
    ):
        replace_inference(monkeypatch, stack, command_of(stack))
        await guest.ensure("storage", "evaluator")
        # Nobody waits for inference, which has not been started.
        before = await identities()
        assert before[:3] == before[3:]
        assert len(set(before)) == 3
        assert "inference" not in stack.running()

        await guest.ensure("inference")
        async with open_channel(stack.address("evaluator")) as channel:
            by_itself = await ask_version(channel, with_dependencies=True)
        assert WEIGHTS in [one.model.weights_sha256 for one in by_itself.dependencies]
        assert await identities() == before

        # What runs is the code of the time at which it was started.
        changed = version_pb2.Version(service="inference", code_sha256="c" * 64)
        monkeypatch.setattr(local_stack, "service_version", lambda name: changed)
        _, inference = (await guest.version("evaluator")).dependencies
        assert inference.code_sha256 == code_sha256(
            "rlvf_inference", "rlvf", "rlvf_api", "rlvf_common"
        )
