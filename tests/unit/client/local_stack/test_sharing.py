"""What a command that shares a stack does when its holder is silent."""

import asyncio
from pathlib import Path

import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_client.local_stack import sharing
from rlvf_client.local_stack.sharing import Host, Known, connection


async def test_a_holder_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "_STATE_SECONDS", 0.0)
    (tmp_path / "lock").write_text("4711")

    async def never(request: object) -> Known:
        await asyncio.Event().wait()
        raise AssertionError

    host = Host(tmp_path, never)
    await host.start()
    async with connection(tmp_path) as ask:
        assert ask is not None
        with pytest.raises(FailedPrecondition, match=r"^process 4711, .* does not answer"):
            await ask({})
    await host.close(wait=False)
