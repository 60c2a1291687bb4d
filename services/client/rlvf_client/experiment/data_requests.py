"""Builds the requests of an experiment to the pair generator.

Sampling and selecting have separate requests, so that samples do not depend on settings of the
selection: they stay the same when the selection, the audit, a size or the model to train changes.
"""

from collections.abc import Iterable, Sequence

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_client.experiment.recipes import Recipe
from rlvf_client.experiment.sections import Data
from rlvf_common.problems.prompts import PromptStyle
from rlvf_common.rollouts.sampling import STYLE_NUMBERS

__all__ = ["answers_request", "pairs_request", "rollouts_request", "validation_request"]

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
_VERDICTS = {
    "true": pair_generator_pb2.VERDICTS_TRUE,
    "ignored": pair_generator_pb2.VERDICTS_IGNORED,
    "shuffled": pair_generator_pb2.VERDICTS_SHUFFLED,
}


def rollouts_request(
    data: Data,
    style: PromptStyle,
    sampler: sampling_pb2.Model,
    problems: artifact_pb2.ArtifactRef,
    benchmarks: Iterable[artifact_pb2.ArtifactRef],
    *,
    credit: bool = False,
) -> pair_generator_pb2.GenerateRolloutsRequest:
    """What to sample. `sampler` is the model that answers; the problems must not overlap
    `benchmarks`; `credit`: whether failing answers are given credit."""
    return pair_generator_pb2.GenerateRolloutsRequest(
        problems=problems,
        model=sampler,
        endpoint=data.sampler.endpoint,
        sampling=sampling_pb2.Sampling(
            prompt_style=STYLE_NUMBERS[style], **data.sampling.model_dump()
        ),
        rounds=pair_generator_pb2.Rounds(**data.rounds.model_dump()),
        credit=credit,
        benchmarks=benchmarks,
    )


def validation_request(
    recipe: Recipe,
    style: PromptStyle,
    adapter: sampling_pb2.Model,
    problems: artifact_pb2.ArtifactRef,
    benchmarks: Iterable[artifact_pb2.ArtifactRef],
) -> pair_generator_pb2.GenerateRolloutsRequest:
    """What to sample of an adapter to validate it, as the recipe's training data is sampled."""
    samples = recipe.training.validation.samples_per_problem
    sampling = recipe.data.sampling.model_copy(update={"samples_per_problem": samples})
    return rollouts_request(Data(sampling=sampling), style, adapter, problems, benchmarks)


def pairs_request(
    recipe: Recipe,
    trained: sampling_pb2.Model,
    rollouts: artifact_pb2.ArtifactRef,
    ladder: Sequence[int],
) -> pair_generator_pb2.SelectPairsRequest:
    """Which pairs to select among `rollouts`, to train the model `trained`."""
    data = recipe.data
    return pair_generator_pb2.SelectPairsRequest(
        rollouts=rollouts,
        trained_model=trained.base,
        trained_adapter_sha256=trained.adapter.sha256,
        selection=pair_generator_pb2.Selection(
            rejected=_REJECTED[data.selection.rejected],
            verdicts=_VERDICTS[recipe.arm.verdicts],
            **data.selection.model_dump(exclude={"rejected"}),
        ),
        shortcut_audit=pair_generator_pb2.ShortcutAudit(
            max_auc=data.audit.max_auc, on_shortcut=_ON_SHORTCUT[data.audit.on_shortcut]
        ),
        ladder=ladder,
    )


def answers_request(
    recipe: Recipe, trained: sampling_pb2.Model, rollouts: artifact_pb2.ArtifactRef
) -> pair_generator_pb2.SelectAnswersRequest:
    """Which answers to select among `rollouts`, to train the model `trained`."""
    return pair_generator_pb2.SelectAnswersRequest(
        rollouts=rollouts,
        trained_model=trained.base,
        trained_adapter_sha256=trained.adapter.sha256,
        selection=pair_generator_pb2.AnswerSelection(
            keep=recipe.arm.size,
            verdicts=_VERDICTS[recipe.arm.verdicts],
            **recipe.data.answers.model_dump(),
        ),
    )
