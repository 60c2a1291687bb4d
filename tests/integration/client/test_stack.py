"""The local stack leaves nothing outside of its home."""

import asyncio
from pathlib import Path

from rlvf_client.stack import LocalStack


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
