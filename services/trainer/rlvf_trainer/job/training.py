"""One training run, from request to response."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import torch
import transformers

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import Hyperparameters, Precision, resolve_run
from rlvf_common.rollouts.checkpoints import checkpoint_directory, checkpoint_sha256
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_trainer.job.adapter import store_adapter
from rlvf_trainer.job.answers import Answer
from rlvf_trainer.job.encoding import EncodedPair, encode_answers, encode_pairs
from rlvf_trainer.job.model import Base, encoder, load_base
from rlvf_trainer.job.pairs import Pair
from rlvf_trainer.job.recorder import Recorder
from rlvf_trainer.job.references import Reference, reference_logps
from rlvf_trainer.job.scoring import Scorer, sharing_problem
from rlvf_trainer.job.supervised import SupervisedTrainer, make_supervised_trainer
from rlvf_trainer.job.trainer import PreferenceTrainer, make_trainer
from rlvf_trainer.metrics import dump_metrics
from rlvf_trainer.runs import Run
from rlvf_trainer.summary import diverged, summarize
from rlvf_trainer.versions import job_versions

log = logging.getLogger(__name__)


def train(
    request: trainer_pb2.RunTrainingRequest,
    records: Sequence[Pair] | Sequence[Answer],
    run: Run,
    scratch: Path,
    threads: int,
) -> trainer_pb2.RunTrainingResponse:
    """Train from the last checkpoint, or from the beginning, to the end.

    Raises:
        FailedPrecondition: the model cannot be loaded, no record can be used, or the first
            preference loss is not that of indifference. ResourceExhausted: out of memory.
    """
    hyper = resolve_run(request)
    torch.set_num_threads(threads)
    # On a CPU a run can be repeated bit by bit, and is.
    torch.use_deterministic_algorithms(not torch.cuda.is_available(), warn_only=True)
    transformers.logging.disable_progress_bar()

    base = load_base(request.base_model, hyper.precision)
    base_weights = checkpoint_sha256(checkpoint_directory(request.base_model))
    recorder = Recorder(run, hyper)
    trainer, warnings = _trainer(base, records, hyper, recorder, run.store, scratch)
    total_steps = hyper.total_steps(len(trainer.train_dataset))

    checkpoint = run.latest_checkpoint()
    resume_from = None
    if checkpoint is not None:
        resume_from = scratch / f"resumed-{checkpoint.step}"
        run.store.get_directory(checkpoint.directory, resume_from)
        recorder.restore(resume_from)
    if checkpoint is not None and checkpoint.step >= total_steps:
        # Transformers would go on to the end of the epoch.
        trainer.model.load_adapter(str(resume_from), "default", is_trainable=True)
    elif diverged(recorder.metrics, hyper) is None:
        trainer.train(resume_from_checkpoint=str(resume_from) if resume_from else None)

    return trainer_pb2.RunTrainingResponse(
        adapter=store_adapter(trainer.model, base_weights, run.store, scratch),
        metrics=run.store.put_bytes(dump_metrics(recorder.metrics), JSONL),
        summary=summarize(
            recorder.metrics,
            records=len(records),
            hyper=hyper,
            seconds=recorder.seconds,
            warnings=warnings,
        ),
        versions=job_versions(),
        base_weights_sha256=base_weights,
    )


def _trainer(
    base: Base,
    records: Sequence[Pair] | Sequence[Answer],
    hyper: Hyperparameters,
    recorder: Recorder,
    store: ArtifactStore,
    scratch: Path,
) -> tuple[PreferenceTrainer | SupervisedTrainer, list[str]]:
    """The trainer that suits the records, and warnings."""
    pairs = [record for record in records if isinstance(record, Pair)]
    if not pairs:
        answers = [record for record in records if isinstance(record, Answer)]
        supervised, cut = encode_answers(encoder(base), answers, hyper.max_length)
        return make_supervised_trainer(base, supervised, hyper, recorder, scratch), cut
    encoded, cut = encode_pairs(encoder(base), pairs, hyper.max_length)
    began = monotonic()
    scorer, references, warnings = prepare(base, encoded, hyper.precision, store)
    recorder.seconds += monotonic() - began
    trainer = make_trainer(base, encoded, references, scorer, hyper, recorder, scratch)
    return trainer, [*warnings, *cut]


class Scoring(NamedTuple):
    """How log-probabilities are computed, and those of the reference model."""

    scorer: Scorer
    references: list[Reference]
    warnings: list[str]


def prepare(
    base: Base, pairs: Sequence[EncodedPair], precision: Precision, store: ArtifactStore
) -> Scoring:
    """Find out whether prompts can be shared, and the reference of each pair. `base` has no adapter
    yet."""
    device = next(base.model.parameters()).device.type
    autocast = partial(
        torch.autocast, device, torch.bfloat16, enabled=precision is not Precision.FP32
    )
    # As the policy will be: for evaluation bitsandbytes repacks 4-bit weights in a way that has no
    # gradient. Nothing in the base is random.
    base.model.train()
    problem = sharing_problem(base.model, pairs, precision, autocast)
    scorer = Scorer(shared=problem is None)
    references = reference_logps(base.model, pairs, scorer, store, precision, autocast)
    if problem is None:
        return Scoring(scorer, references, [])
    warning = f"each prompt is computed twice, which takes longer: with this model {problem}"
    log.warning(warning)
    return Scoring(scorer, references, [warning])
