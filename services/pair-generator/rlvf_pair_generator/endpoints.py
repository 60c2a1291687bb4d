"""Finds the client of the endpoint that an operation samples from."""

from collections.abc import Mapping

from rlvf_api.errors import FailedPrecondition
from rlvf_common.rollouts.sampling import InferenceClient

__all__ = ["endpoint_client"]


def endpoint_client(inference: Mapping[str, InferenceClient], endpoint: str) -> InferenceClient:
    """The client of an endpoint.

    Raises:
        FailedPrecondition: this replica has no such endpoint. Another replica, which accepted the
            request, may have it.
    """
    if endpoint not in inference:
        raise FailedPrecondition(
            f"the operation needs the endpoint `{endpoint}`, which this replica was not started "
            "with (RLVF_ENDPOINTS)"
        )
    return inference[endpoint]
