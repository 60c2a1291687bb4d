"""Services that somebody else runs."""

import pytest

from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.endpoints import RemoteEndpoints


async def test_only_services_that_the_client_calls_need_an_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An executor in a cluster is reached by its evaluator alone."""
    for name in ("EXECUTOR", "EVALUATOR", "REPORTER"):
        monkeypatch.delenv(f"RLVF_{name}_ADDRESS", raising=False)
    monkeypatch.setenv("RLVF_EVALUATOR_ADDRESS", "e:1")
    endpoints = RemoteEndpoints()
    await endpoints.ensure("storage", "executor", "inference", "evaluator")
    with pytest.raises(InvalidArgument, match="RLVF_REPORTER_ADDRESS"):
        await endpoints.ensure("evaluator", "reporter")
    with pytest.raises(InvalidArgument, match="RLVF_EXECUTOR_ADDRESS"):
        endpoints.address("executor")
