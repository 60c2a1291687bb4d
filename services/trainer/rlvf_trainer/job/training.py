"""One training run, from request to response."""

from pathlib import Path

import torch
import transformers

from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.artifacts import JSONL
from rlvf_trainer.hyperparameters import resolve
from rlvf_trainer.job.adapter import store_adapter
from rlvf_trainer.job.encoding import encode_pairs
from rlvf_trainer.job.model import load_base
from rlvf_trainer.job.pairs import Pair
from rlvf_trainer.job.recorder import Recorder
from rlvf_trainer.job.trainer import make_trainer
from rlvf_trainer.metrics import diverged, dump_metrics, summarize
from rlvf_trainer.runs import Run


def train(
    request: trainer_pb2.RunTrainingRequest,
    pairs: list[Pair],
    run: Run,
    scratch: Path,
    threads: int,
) -> trainer_pb2.RunTrainingResponse:
    """Train from the last checkpoint, or from the beginning, to the end.

    Raises:
        FailedPrecondition: the model cannot be loaded, no pair can be used, or the first loss is
            not ln 2. ResourceExhausted: out of memory.
    """
    hyper = resolve(request.hyperparameters)
    torch.set_num_threads(threads)
    # On a CPU a run can be repeated bit by bit, and is.
    torch.use_deterministic_algorithms(not torch.cuda.is_available(), warn_only=True)
    transformers.logging.disable_progress_bar()

    base = load_base(request.base_model, hyper.precision)
    encoded = encode_pairs(base.tokenizer, pairs, hyper.max_length)
    recorder = Recorder(run, hyper)
    trainer = make_trainer(base, encoded, hyper, recorder, scratch)

    checkpoint = run.latest_checkpoint()
    resume_from = None
    if checkpoint is not None:
        resume_from = scratch / f"resumed-{checkpoint.step}"
        run.store.get_directory(checkpoint.directory, resume_from)
        recorder.restore(resume_from)
    if diverged(recorder.metrics) is None:
        trainer.train(resume_from_checkpoint=str(resume_from) if resume_from else None)

    unused = len(pairs) - len(encoded)
    warnings = (
        [f"{unused} of {len(pairs)} pairs left out: their prompts fill max_length"]
        if unused
        else []
    )
    return trainer_pb2.RunTrainingResponse(
        adapter=store_adapter(trainer.model, run.store, scratch),
        metrics=run.store.put_bytes(dump_metrics(recorder.metrics), JSONL),
        summary=summarize(
            recorder.metrics,
            pairs=len(pairs),
            beta=hyper.beta,
            seconds=recorder.seconds,
            warnings=warnings,
        ),
    )
