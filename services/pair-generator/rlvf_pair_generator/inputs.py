"""The endpoint that operations sample from."""

from collections.abc import Mapping

from rlvf_api.errors import FailedPrecondition
from rlvf_common.rollouts.sampling import InferenceClient

__all__ = ["endpoint_client"]


def endpoint_client(inference: Mapping[str, InferenceClient], endpoint: str) -> InferenceClient:
    """The client of an endpoint. A request that another replica took may name one that this replica
    does not have; then FailedPrecondition is raised."""
    if endpoint not in inference:
        raise FailedPrecondition(
            f"the operation needs the endpoint `{endpoint}`, which this replica was not started "
            "with (RLVF_ENDPOINTS)"
        )
    return inference[endpoint]
