"""Pairs and answers per second of the trainer beside TRL's own, in one run, interleaved.

    make bench-trainer        # or: python -m tests.bench.trainer --rounds N --precision fp32

Both train the same adapter from the same seed on the same pairs in the same steps: SmolLM2-135M
Instruct, the starter problems' references against defects of them, sigmoid loss with likelihood
term, batches of 8 (TRL's default). Each round runs every contestant, in turn; the figures are the
medians of the rounds. All that a contestant does with a loaded model is in its time: encoding, the
set-up, the reference model, training.

 * `ours`: the trainer as a job runs it. It finds nothing stored: the check that prompts can be
   shared, the digest of the model, the reference of every pair and its storing are in its time.
 * `ours_again`: the same pairs with another seed, as a further seed of a condition, or a larger
   rung; its references are in storage.
 * `trl`: TRL's `DPOTrainer` with its defaults, the reference being the base at every step. One of
   the defaults is gradient checkpointing, which costs a forward pass that a CPU need not pay.
 * `trl_plain`: the same with gradient checkpointing off.
 * `rft`: the trainer on the chosen answers of the pairs, at the default rate; nothing of it is
   stored.
 * `rft_trl`, `rft_trl_plain`: TRL's `SFTTrainer` on them, its loss on the answers only, with its
   defaults and with gradient checkpointing off.

The last line is JSON. `ratio` is ours to trl, `ratio_plain` ours to trl_plain, `ratio_again`
ours_again to trl, `rft_ratio` rft to rft_trl, `rft_ratio_plain` rft to rft_trl_plain; those in
`_cpu` are in CPU time instead of time on the clock, for machines that do other work besides.
`max_loss_difference` is the largest difference of a step's loss between ours and trl, and
`rft_max_loss_difference` that between rft and rft_trl.
"""

import argparse
import asyncio
import json
import logging
import statistics
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic, process_time
from typing import TYPE_CHECKING, NamedTuple

from rlvf_api.hyperparameters import Hyperparameters, Loss, Precision, message, resolve
from rlvf_client.local_stack import models
from rlvf_client.local_stack.stack import LocalStack
from rlvf_common import starter
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_trainer.job.answers import Answer
from rlvf_trainer.job.pairs import Pair

if TYPE_CHECKING:
    from trl import DPOTrainer, SFTTrainer

    from rlvf_trainer.job.model import Base

# Of each solution the first of these that changes it: near misses, of the same format and length.
_DEFECTS = (
    (" + ", " - "),
    (" < ", " <= "),
    (" > ", " >= "),
    (" == ", " != "),
    (" * ", " + "),
    ("[0]", "[1]"),
    (" and ", " or "),
    ("1", "2"),
    ("0", "1"),
    ("return ", "return not "),
    ("print(", "print(1, "),
)

# Rounding moves a step's loss by less than this, in nats.
_TOLERANCE = {Precision.FP32: 1e-3, Precision.BF16: 0.05}


def starter_pairs(count: int) -> list[Pair]:
    """Starter problems as the pair generator sends and stores them: without the last newline."""
    problems = starter.load("train")
    every = len(problems) // count
    return [
        Pair(
            prompt=problem.prompt.rstrip("\n"),
            chosen=f"\n{problem.canonical_solution.rstrip()}",
            rejected=f"\n{_with_defect(problem.canonical_solution.rstrip())}",
        )
        for problem in problems[:: every or 1][:count]
    ]


def _with_defect(solution: str) -> str:
    right, wrong = next(defect for defect in _DEFECTS if defect[0] in solution)
    return solution.replace(right, wrong, 1)


class Outcome(NamedTuple):
    """Of one contestant in one round: time on the clock, CPU time, and the loss of every step."""

    seconds: float
    cpu_seconds: float
    losses: list[float]


class Contest:
    """Trains with any contestant."""

    def __init__(
        self, model: str, pairs: Sequence[Pair], hyper: Hyperparameters, threads: int
    ) -> None:
        # Deferred: torch and TRL take seconds to import.
        import datasets
        import torch
        import transformers

        datasets.disable_progress_bars()
        transformers.logging.disable_progress_bar()
        torch.use_deterministic_algorithms(True, warn_only=True)
        if threads:
            torch.set_num_threads(threads)
        self._pairs = pairs
        self._hyper = hyper
        # At the default rate of its loss, in the same batches.
        self._rft_hyper = replace(
            hyper,
            loss=Loss.NLL,
            learning_rate=resolve(message({"loss": "nll"})).learning_rate,
            sft_weight=0.0,
        )
        self._answers = [Answer(pair.prompt, pair.chosen) for pair in pairs]
        self._model = model

    def _load(self) -> "Base":
        from rlvf_trainer.job.model import load_base

        return load_base(self._model, self._hyper.precision)

    def ours(self, store: ArtifactStore, seed: int = 0) -> Outcome:
        """As `rlvf_trainer.job.training.train` does it."""
        from transformers import TrainerCallback

        from rlvf_trainer.job.encoding import encode_pairs
        from rlvf_trainer.job.model import encoder
        from rlvf_trainer.job.preference_trainer import make_trainer
        from rlvf_trainer.job.training import prepare

        base = self._load()
        hyper = replace(self._hyper, seed=seed)
        with tempfile.TemporaryDirectory() as scratch:
            began = (monotonic(), process_time())
            encoded, _ = encode_pairs(encoder(base), self._pairs, hyper.max_length)
            scorer, references, problems = prepare(base, encoded, hyper.precision, store)
            assert problems == []
            trainer = make_trainer(
                base, encoded, references, scorer, hyper, TrainerCallback(), Path(scratch)
            )
            return _trained(trainer, began)

    def trl(self, **changes: object) -> Outcome:
        """TRL's trainer."""
        from tests.integration.trainer.trl_defaults import trl_trainer

        base = self._load()
        with tempfile.TemporaryDirectory() as scratch:
            began = (monotonic(), process_time())
            trainer = trl_trainer(base, self._pairs, self._hyper, Path(scratch), **changes)
            return _trained(trainer, began)

    def rft(self) -> Outcome:
        """As `rlvf_trainer.job.training.train` does it."""
        from transformers import TrainerCallback

        from rlvf_trainer.job.encoding import encode_answers
        from rlvf_trainer.job.model import encoder
        from rlvf_trainer.job.supervised import make_supervised_trainer

        base = self._load()
        with tempfile.TemporaryDirectory() as scratch:
            began = (monotonic(), process_time())
            encoded, _ = encode_answers(encoder(base), self._answers, self._rft_hyper.max_length)
            trainer = make_supervised_trainer(
                base, encoded, self._rft_hyper, TrainerCallback(), Path(scratch)
            )
            return _trained(trainer, began)

    def rft_trl(self, **changes: object) -> Outcome:
        """TRL's supervised trainer."""
        from tests.integration.trainer.trl_defaults import trl_sft_trainer

        base = self._load()
        with tempfile.TemporaryDirectory() as scratch:
            began = (monotonic(), process_time())
            trainer = trl_sft_trainer(
                base, self._answers, self._rft_hyper, Path(scratch), **changes
            )
            return _trained(trainer, began)


def _trained(trainer: "DPOTrainer | SFTTrainer", began: tuple[float, float]) -> Outcome:
    from transformers import PrinterCallback

    from tests.integration.trainer.trl_defaults import curve

    # It prints every step.
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    return Outcome(monotonic() - began[0], process_time() - began[1], curve(trainer))


def _difference(ours: Outcome, trl: Outcome) -> float:
    steps = zip(ours.losses, trl.losses, strict=True)
    return max(abs(our - their) for our, their in steps)


def run(model: str, storage: StorageSettings, arguments: argparse.Namespace) -> bool:
    """Print the figures; whether the curves agree."""
    precision = Precision(arguments.precision)
    pairs = starter_pairs(arguments.pairs)
    hyper = Hyperparameters(
        precision=precision, learning_rate=1e-4, batch_size=8, micro_batch_size=8, warmup_ratio=0
    )
    contest = Contest(model, pairs, hyper, arguments.threads)
    outcomes: dict[str, list[Outcome]] = {}
    difference = rft_difference = 0.0
    for number in range(arguments.rounds):
        fresh = ArtifactStore.connect(storage.model_copy(update={"s3_bucket": f"round-{number}"}))
        contestants: dict[str, Callable[[], Outcome]] = {
            "ours": partial(contest.ours, fresh),
            "trl": contest.trl,
            "ours_again": partial(contest.ours, fresh, seed=1),
            "trl_plain": partial(contest.trl, gradient_checkpointing=False),
            "rft": contest.rft,
            "rft_trl": contest.rft_trl,
            "rft_trl_plain": partial(contest.rft_trl, gradient_checkpointing=False),
        }
        for name, train in contestants.items():
            outcome = train()
            outcomes.setdefault(name, []).append(outcome)
            losses = " ".join(f"{loss:.4f}" for loss in outcome.losses)
            print(
                f"round {number + 1}, {name}: {outcome.seconds:.1f} s, CPU "
                f"{outcome.cpu_seconds:.1f} s, losses {losses}",
                flush=True,
            )
        last = {name: rounds[-1] for name, rounds in outcomes.items()}
        difference = max(difference, _difference(last["ours"], last["trl"]))
        rft_difference = max(rft_difference, _difference(last["rft"], last["rft_trl"]))
    rates = {
        name: len(pairs) / statistics.median(one.seconds for one in rounds)
        for name, rounds in outcomes.items()
    }
    cpu = {
        name: statistics.median(one.cpu_seconds for one in rounds)
        for name, rounds in outcomes.items()
    }
    print(
        json.dumps(
            {
                f"{name}_{'answers' if name.startswith('rft') else 'pairs'}_per_s": round(rate, 3)
                for name, rate in rates.items()
            }
            | {
                "ratio": round(rates["ours"] / rates["trl"], 2),
                "ratio_plain": round(rates["ours"] / rates["trl_plain"], 2),
                "ratio_again": round(rates["ours_again"] / rates["trl"], 2),
                "ratio_cpu": round(cpu["trl"] / cpu["ours"], 2),
                "ratio_plain_cpu": round(cpu["trl_plain"] / cpu["ours"], 2),
                "max_loss_difference": float(f"{difference:.2g}"),
                "rft_ratio": round(rates["rft"] / rates["rft_trl"], 2),
                "rft_ratio_plain": round(rates["rft"] / rates["rft_trl_plain"], 2),
                "rft_ratio_cpu": round(cpu["rft_trl"] / cpu["rft"], 2),
                "rft_ratio_plain_cpu": round(cpu["rft_trl_plain"] / cpu["rft"], 2),
                "rft_max_loss_difference": float(f"{rft_difference:.2g}"),
                "precision": str(precision),
            }
        )
    )
    return max(difference, rft_difference) <= _TOLERANCE[precision]


async def main() -> int:
    """Start storage, run, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.trainer")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=24)
    parser.add_argument("--precision", choices=[*map(str, _TOLERANCE)], default="bf16")
    parser.add_argument("--threads", type=int, default=0, help="0: as many as there are cores")
    parser.add_argument("--home", type=Path, default=Path(".rlvf"))
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    model = await models.resolve(models.EMBEDDED, arguments.home)
    with tempfile.TemporaryDirectory() as home:
        async with LocalStack(Path(home), model=model) as stack:
            await stack.ensure("storage")
            agree = await asyncio.to_thread(run, model.source, stack.storage_settings(), arguments)
    return 0 if agree else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
