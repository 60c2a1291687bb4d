"""The local stack leaves nothing outside of its home."""

from pathlib import Path

from rlvf_client.stack import LocalStack


async def test_storage_leaves_no_socket(tmp_path: Path) -> None:
    async with LocalStack(tmp_path) as stack:
        await stack.ensure("storage")
        sockets = stack._services["storage"].leavings
        assert len([path for path in sockets if path.is_socket()]) == 3
    assert not [path for path in sockets if path.exists()]
