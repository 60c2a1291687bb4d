"""The local stack leaves nothing outside of its home."""

import asyncio
from pathlib import Path

from rlvf_client.experiment.versions import identity_of
from rlvf_client.local_stack.stack import LocalStack
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.version import ask_version, code_sha256


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
