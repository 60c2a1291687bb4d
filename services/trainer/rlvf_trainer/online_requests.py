"""Checks requests to train on problems (`grpo`), and derives how their answers are sampled."""

from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import Hyperparameters
from rlvf_common.rollouts.sampling import SamplingParameters
from rlvf_common.rpc.validation import require

__all__ = ["check_sampling", "with_group_size"]


def check_sampling(request: trainer_pb2.RunTrainingRequest, hyper: Hyperparameters) -> None:
    """Check how a request that trains on problems wants its answers sampled.

    Raises:
        InvalidArgument: a field is missing or out of range, or the policy that samples would not be
            the one that is trained.
    """
    require(
        bool(request.sampling.served_model),
        "sampling.served_model",
        "is required: the name under which inference serves the base model",
    )
    sampling, where = request.sampling.sampling, "sampling.sampling"
    require(
        not sampling.samples_per_problem,
        f"{where}.samples_per_problem",
        "must be 0: hyperparameters.group_size says it",
    )
    require(
        sampling.temperature > 0,
        f"{where}.temperature",
        "must be above 0: greedy answers to a problem are all the same",
    )
    require(
        sampling.top_p in (0.0, 1.0),
        f"{where}.top_p",
        "must be 1 or 0: a policy that samples from a part of its probabilities is not the one "
        "that is trained",
    )
    SamplingParameters.checked(with_group_size(request, hyper), where)


def with_group_size(
    request: trainer_pb2.RunTrainingRequest, hyper: Hyperparameters
) -> sampling_pb2.Sampling:
    """How the answers of a group are sampled: as the request says, `group_size` of them."""
    sampling = sampling_pb2.Sampling()
    sampling.CopyFrom(request.sampling.sampling)
    sampling.samples_per_problem = hyper.group_size
    return sampling
