"""Carries out one training run in the job, from request to response."""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import torch
import transformers
from peft import PeftModel

from rlvf.artifact.v1 import artifact_pb2
from rlvf.cost.v1 import cost_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import Hyperparameters, Precision, resolve_run
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.inputs import load_problems
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_common.weights.checkpoints import checkpoint_directory, checkpoint_sha256
from rlvf_trainer.job.adapter import start_from, store_adapter, without_dropout
from rlvf_trainer.job.answers import Answer
from rlvf_trainer.job.encoding import Encoded, EncodedPair, encode_answers, encode_pairs
from rlvf_trainer.job.model import Base, encoder, load_base
from rlvf_trainer.job.pairs import Pair
from rlvf_trainer.job.preference_trainer import PreferenceTrainer, make_trainer
from rlvf_trainer.job.processes import is_first, world
from rlvf_trainer.job.recorder import Recorder
from rlvf_trainer.job.references import Reference, reference_logps
from rlvf_trainer.job.sample import measure
from rlvf_trainer.job.scoring import Scorer, sharing_problem
from rlvf_trainer.job.supervised import SupervisedTrainer, make_supervised_trainer
from rlvf_trainer.job.tracking import track
from rlvf_trainer.metrics import Measured, dump_metrics
from rlvf_trainer.runs import Run
from rlvf_trainer.settings import JobSettings
from rlvf_trainer.summary import diverged, summarize
from rlvf_trainer.versions import job_versions

if TYPE_CHECKING:
    from rlvf_trainer.job.online.online_run import OnlineRun
    from rlvf_trainer.job.online.policy_trainer import PolicyTrainer

log = logging.getLogger(__name__)


def train(
    request: trainer_pb2.RunTrainingRequest,
    records: Sequence[Pair] | Sequence[Answer] | Sequence[Problem],
    run: Run,
    scratch: Path,
    settings: JobSettings,
) -> trainer_pb2.RunTrainingResponse | None:
    """Train from the last checkpoint, or from the beginning, to the end. Of several processes the
    first returns the response, the others None.

    Raises:
        FailedPrecondition: the model cannot be loaded, no record can be used, the first preference
            loss is not that of indifference, the first answers were sampled by another policy, or
            the checkpoint to go on from is of another run.
        ResourceExhausted: out of memory.
        Unavailable: inference or the executor was unreachable for longer than their clients wait.
    """
    hyper = resolve_run(request)
    threads = settings.trainer_threads or len(os.sched_getaffinity(0))
    torch.set_num_threads(max(1, threads // world()))
    # On a CPU a repeated run ends in the same bits.
    torch.use_deterministic_algorithms(not torch.cuda.is_available(), warn_only=True)
    transformers.logging.disable_progress_bar()

    base = load_base(request.base_model, hyper.precision)
    base_weights = checkpoint_sha256(checkpoint_directory(request.base_model))
    start = None
    if request.HasField("adapter"):
        start = Start(scratch / "start", base_weights, request.reference)
        run.store.get_directory(request.adapter, start.directory)
    recorder = Recorder(run, hyper, request)
    with ExitStack() as stack:
        trainer, total_steps, measured, warnings, online = (
            _prepared_online(
                stack, base, records, hyper, request, start, recorder, run, settings, scratch
            )
            if request.HasField("problems")
            else _prepared(base, records, hyper, start, recorder, run.store, scratch)
        )
        track(trainer, request.tracking, settings.trainer_tracking_dir)
        before = measured()
        last_step = min(request.stop_after or total_steps, total_steps)
        resume_from = _resumed(request, run, recorder, scratch)
        if len(recorder.metrics) >= last_step:
            # `train` of transformers would continue to the end of the epoch.
            trainer.model.load_adapter(str(resume_from), "default", is_trainable=True)
        elif diverged(recorder.metrics, hyper) is None:
            trainer.train(resume_from_checkpoint=str(resume_from) if resume_from else None)

        after = measured()
        if not is_first():
            return None
        adapter = store_adapter(trainer.model, base_weights, run.store, scratch)
        is_divided = last_step < total_steps and diverged(recorder.metrics, hyper) is None
        cost = _cost(run, base.model)
        summary = summarize(
            recorder.metrics,
            records=len(records),
            went_on=start is not None,
            hyper=hyper,
            seconds=recorder.seconds,
            warnings=warnings,
            before=before,
            after=after,
            is_divided=is_divided,
        )
        if online is not None:
            online.add_cost(cost)
            if (sync_time := online.publishing.sync_time) is not None:
                summary.sync_time.FromTimedelta(sync_time)
    return trainer_pb2.RunTrainingResponse(
        adapter=adapter,
        metrics=run.store.put_bytes(dump_metrics(recorder.metrics), JSONL),
        summary=summary,
        versions=job_versions(),
        base_weights_sha256=base_weights,
        checkpoint=_last_checkpoint(request, run) if is_divided else None,
        cost=cost,
    )


def _cost(run: Run, model: torch.nn.Module) -> cost_pb2.Cost:
    """What the run has cost until now."""
    run.write_time()
    device = next(model.parameters()).device
    cost = cost_pb2.Cost()
    cost.training.devices.CopyFrom(
        cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_CPU, count=torch.get_num_threads() * world())
        if device.type == "cpu"
        else cost_pb2.Devices(
            kind=cost_pb2.DEVICE_KIND_GPU, name=torch.cuda.get_device_name(device), count=world()
        )
    )
    cost.training.time.FromTimedelta(timedelta(seconds=run.seconds()))
    return cost


def _last_checkpoint(
    request: trainer_pb2.RunTrainingRequest, run: Run
) -> artifact_pb2.ArtifactRef | None:
    """This run's last checkpoint, else the one that the request names."""
    checkpoint = run.latest_checkpoint()
    if checkpoint is not None:
        return checkpoint.directory
    return request.checkpoint if request.HasField("checkpoint") else None


def _resumed(
    request: trainer_pb2.RunTrainingRequest, run: Run, recorder: Recorder, scratch: Path
) -> Path | None:
    """The directory of the checkpoint to continue from, or None; `recorder` is restored from it."""
    checkpoint = _last_checkpoint(request, run)
    if checkpoint is None:
        return None
    directory = scratch / "resumed"
    run.store.get_directory(checkpoint, directory)
    recorder.restore(directory)
    return directory


class Prepared(NamedTuple):
    """A trainer that is ready to train, its number of optimizer steps, a function that measures its
    policy, and warnings."""

    trainer: "PreferenceTrainer | SupervisedTrainer | PolicyTrainer"
    total_steps: int
    measured: Callable[[], Measured | None]
    warnings: list[str]
    online: "OnlineRun | None" = None


class Start(NamedTuple):
    """The adapter to start from, the digest of the base that it must be of, and which model is the
    reference of a preference loss."""

    directory: Path
    base_weights_sha256: str
    reference: trainer_pb2.Reference.ValueType


def _prepared_online(
    stack: ExitStack,
    base: Base,
    records: Sequence[Pair] | Sequence[Answer] | Sequence[Problem],
    hyper: Hyperparameters,
    request: trainer_pb2.RunTrainingRequest,
    start: Start | None,
    recorder: Recorder,
    run: Run,
    settings: JobSettings,
    scratch: Path,
) -> Prepared:
    """Prepare a run on problems, whose connections are open until `stack` is left."""
    # Imported only here: it takes seconds, and other runs do not need it.
    from rlvf_trainer.job.online.online_run import online_run

    problems = [record for record in records if isinstance(record, Problem)]
    autocast = _autocast(base.model, hyper.precision)
    online = stack.enter_context(
        online_run(base, problems, hyper, request, recorder, run, settings, autocast, scratch)
    )
    if start is not None:
        start_from(online.trainer.model, start.directory, start.base_weights_sha256)
    given = len(load_problems(run.store, request.problems, "problems"))
    left_out = (
        f"{given - len(problems)} of {given} problems left out: they overlap a benchmark or repeat "
        "others"
    )
    # Nothing is measured before and after: the steps have the entropies.
    return Prepared(
        online.trainer,
        hyper.total_steps(len(problems)),
        lambda: None,
        [*([left_out] if len(problems) < given else []), *online.warnings],
        online,
    )


def _prepared(
    base: Base,
    records: Sequence[Pair] | Sequence[Answer] | Sequence[Problem],
    hyper: Hyperparameters,
    start: Start | None,
    recorder: Recorder,
    store: ArtifactStore,
    scratch: Path,
) -> Prepared:
    """Prepare a run on pairs or answers."""
    trainer, encoded, warnings = _trainer(base, records, hyper, start, recorder, store, scratch)
    recorder.tokens_per_epoch = sum(
        len(one.prompt_ids) + sum(map(len, one.answers)) for one in encoded
    )
    measured = partial(
        measure, trainer.model, trainer.scorer, encoded, _autocast(base.model, hyper.precision)
    )
    return Prepared(trainer, hyper.total_steps(len(encoded)), measured, warnings)


class OnRecords(NamedTuple):
    """A trainer that is ready to train, the records that it trains on, and warnings."""

    trainer: PreferenceTrainer | SupervisedTrainer
    records: Sequence[Encoded]
    warnings: list[str]


def _trainer(
    base: Base,
    records: Sequence[Pair] | Sequence[Answer] | Sequence[Problem],
    hyper: Hyperparameters,
    start: Start | None,
    recorder: Recorder,
    store: ArtifactStore,
    scratch: Path,
) -> OnRecords:
    """The trainer that suits the records."""
    pairs = [record for record in records if isinstance(record, Pair)]
    if pairs:
        return _preference_trainer(base, pairs, hyper, start, recorder, store, scratch)
    answers = [record for record in records if isinstance(record, Answer)]
    encoded, cut = encode_answers(encoder(base), answers, hyper.max_length)
    trainer = make_supervised_trainer(base, encoded, hyper, recorder, scratch)
    if start is not None:
        start_from(trainer.model, start.directory, start.base_weights_sha256)
    return OnRecords(trainer, encoded, cut)


def _preference_trainer(
    base: Base,
    pairs: Sequence[Pair],
    hyper: Hyperparameters,
    start: Start | None,
    recorder: Recorder,
    store: ArtifactStore,
    scratch: Path,
) -> OnRecords:
    encoded, cut = encode_pairs(encoder(base), pairs, hyper.max_length)
    began = monotonic()
    of_start = start is not None and start.reference == trainer_pb2.REFERENCE_START
    scorer, references, warnings = prepare(
        base, encoded, hyper.precision, None if of_start else store
    )
    trainer = make_trainer(base, encoded, references, scorer, hyper, recorder, scratch)
    if start is not None:
        start_from(trainer.model, start.directory, start.base_weights_sha256)
        trainer.as_reference = without_dropout if of_start else PeftModel.disable_adapter
    if of_start:
        with without_dropout(trainer.model):
            trainer.references = reference_logps(
                trainer.model,
                encoded,
                scorer,
                store,
                hyper.precision,
                _autocast(base.model, hyper.precision),
            )
    recorder.seconds += monotonic() - began
    return OnRecords(trainer, encoded, [*warnings, *cut])


class Scoring(NamedTuple):
    """How log-probabilities are computed, those of the base for each pair, and warnings."""

    scorer: Scorer
    references: list[Reference]
    warnings: list[str]


def prepare(
    base: Base, pairs: Sequence[EncodedPair], precision: Precision, store: ArtifactStore | None
) -> Scoring:
    """Find out whether answers can share their prompt, and, if a store is given, compute the
    reference of each pair, which is the base. `base` has no adapter yet.

    Raises:
        ResourceExhausted: out of memory.
    """
    autocast = _autocast(base.model, precision)
    problem = sharing_problem(base.model, pairs, precision, autocast)
    scorer = Scorer(shared=problem is None)
    references = (
        []
        if store is None
        else reference_logps(base.model, pairs, scorer, store, precision, autocast)
    )
    if problem is None:
        return Scoring(scorer, references, [])
    warning = f"each prompt is computed twice, which takes longer: with this model {problem}"
    log.warning(warning)
    return Scoring(scorer, references, [warning])


def _autocast(
    model: torch.nn.Module, precision: Precision
) -> Callable[[], AbstractContextManager[object]]:
    device = next(model.parameters()).device.type
    return partial(torch.autocast, device, torch.bfloat16, enabled=precision is not Precision.FP32)
