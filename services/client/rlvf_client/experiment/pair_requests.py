"""What an experiment asks the pair generator for.

Two requests, so that what is drawn depends on nothing that only selects: a change of the selection,
of the audit, of the ladder or of the model to train leaves the first as it is.
"""

from collections.abc import Iterable

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_client.experiment.config import Experiment

__all__ = ["rollouts_request", "selection_request"]

_REJECTED = {
    "wrong_result": pair_generator_pb2.REJECTED_WRONG_RESULT,
    "or_exception": pair_generator_pb2.REJECTED_OR_EXCEPTION,
    "any": pair_generator_pb2.REJECTED_ANY,
}
_ON_SHORTCUT = {
    "rebalance": pair_generator_pb2.ON_SHORTCUT_REBALANCE,
    "refuse": pair_generator_pb2.ON_SHORTCUT_REFUSE,
    "record": pair_generator_pb2.ON_SHORTCUT_RECORD,
}


def rollouts_request(
    experiment: Experiment,
    sampler: sampling_pb2.Model,
    problems: artifact_pb2.ArtifactRef,
    benchmarks: Iterable[artifact_pb2.ArtifactRef],
) -> pair_generator_pb2.GenerateRolloutsRequest:
    """What to sample. `sampler` is the model that answers; `benchmarks` are what the problems must
    not overlap."""
    pairs = experiment.pairs
    return pair_generator_pb2.GenerateRolloutsRequest(
        problems=problems,
        model=sampler,
        endpoint=pairs.sampler.endpoint,
        sampling=sampling_pb2.Sampling(**pairs.sampling.model_dump()),
        rounds=pair_generator_pb2.Rounds(**pairs.rounds.model_dump()),
        benchmarks=benchmarks,
    )


def selection_request(
    experiment: Experiment, model: str, rollouts: artifact_pb2.ArtifactRef
) -> pair_generator_pb2.SelectPairsRequest:
    """What to select among `rollouts`, to train the model that is served as `model`."""
    pairs = experiment.pairs
    return pair_generator_pb2.SelectPairsRequest(
        rollouts=rollouts,
        trained_model=model,
        selection=pair_generator_pb2.Selection(
            rejected=_REJECTED[pairs.selection.rejected],
            **pairs.selection.model_dump(exclude={"rejected"}),
        ),
        shortcut_audit=pair_generator_pb2.ShortcutAudit(
            max_auc=pairs.audit.max_auc, on_shortcut=_ON_SHORTCUT[pairs.audit.on_shortcut]
        ),
        ladder=experiment.training.ladder,
    )
