"""The real HTTP gateway, with the real evaluator and executor behind it."""

from collections.abc import Iterator

import grpc
import httpx
import pytest

from ...conftest import StackThread

CONTENT = {"content-type": "application/json"}


@pytest.fixture(scope="session")
def url(stack: StackThread) -> str:
    """Of the stack's HTTP gateway."""
    stack.ensure("storage", "executor", "evaluator")
    return f"http://{stack.address('http-gateway')}"


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=url, timeout=300, trust_env=False) as client:
        yield client


@pytest.fixture
def channels(stack: StackThread) -> Iterator[dict[str, grpc.Channel]]:
    """Channels to the services behind it."""
    names = ("evaluator", "executor")
    channels = {name: grpc.insecure_channel(stack.address(name)) for name in names}
    yield channels
    for channel in channels.values():
        channel.close()
