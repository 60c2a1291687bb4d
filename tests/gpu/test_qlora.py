"""QLoRA DPO on a GPU in the shapes of StarCoder2-3B and -15B, with random weights: does it fit a
card of 24 GB, and how fast is it beside TRL's defaults?

    make test-gpu
"""

import gc
import math
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import pytest

from rlvf_common.storage.artifacts import ArtifactStore

if TYPE_CHECKING:
    from rlvf_trainer.job.model import Base

torch = pytest.importorskip("torch")

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]

CARD_BYTES = 24e9
# Bytes of text, which are tokens here; the answer's last token is the end of the sequence.
PROMPT, ANSWER = 512, 511
PAIRS = {"3b": 32, "15b": 16}
LADDER = (500, 1000, 2052)


class Measured(NamedTuple):
    """A run of some pairs."""

    seconds_per_pair: float
    peak_bytes: int
    losses: list[float]


@pytest.mark.parametrize("size", ["3b", "15b"])
def test_nf4_dpo_fits_a_24_gb_card_and_is_faster_than_trl(
    size: str, store: ArtifactStore, tmp_path: Path
) -> None:
    from transformers import TrainerCallback

    from rlvf_api.hyperparameters import Hyperparameters, Precision
    from rlvf_trainer.job.encoding import encode_pairs
    from rlvf_trainer.job.model import Base, encoder, load_base
    from rlvf_trainer.job.pairs import Pair
    from rlvf_trainer.job.preference_trainer import make_trainer
    from rlvf_trainer.job.training import prepare

    from ..integration.trainer.trl_defaults import curve, trl_trainer
    from .shapes import STARCODER2, write_starcoder2

    folder = tmp_path / size
    write_starcoder2(folder, **STARCODER2[size])
    generator = torch.Generator().manual_seed(0)

    def text(count: int) -> str:
        letters = torch.randint(ord("a"), ord("z") + 1, (count,), generator=generator)
        return "".join(map(chr, letters.tolist()))

    pairs = [Pair(text(PROMPT), text(ANSWER), text(ANSWER)) for _ in range(PAIRS[size])]
    hyper = Hyperparameters(precision=Precision.NF4, batch_size=8, micro_batch_size=2)

    def ours(base: Base) -> list[float]:
        encoded, _ = encode_pairs(encoder(base), pairs, hyper.max_length)
        assert len(encoded[0].prompt_ids) + len(encoded[0].chosen_ids) == PROMPT + ANSWER + 1
        scorer, references, warnings = prepare(base, encoded, hyper.precision, store)
        assert warnings == []
        trainer = make_trainer(
            base, encoded, references, scorer, hyper, TrainerCallback(), tmp_path / "ours"
        )
        trainer.train()
        assert curve(trainer, "preference_loss")[0] == pytest.approx(math.log(2), abs=2e-3)
        return curve(trainer)

    def trl(base: Base) -> list[float]:
        trainer = trl_trainer(base, pairs, hyper, tmp_path / "trl")
        trainer.train()
        return curve(trainer)

    print(f"\nStarCoder2-{size} on {torch.cuda.get_device_name()}, {len(pairs)} pairs measured:")
    results = {}
    for name, train in (("ours", ours), ("TRL's defaults", trl)):
        result = results[name] = measured(
            lambda: load_base(str(folder), hyper.precision), train, len(pairs)
        )
        tokens = 2 * (PROMPT + ANSWER + 1)
        times = ", ".join(
            f"{rung:,} pairs {rung * result.seconds_per_pair / 60:.0f} min" for rung in LADDER
        )
        print(
            f"  {name}: {tokens / result.seconds_per_pair:,.0f} tokens/s, peak "
            f"{result.peak_bytes / 1e9:.1f} GB, {times}"
        )
    assert results["ours"].peak_bytes < CARD_BYTES
    assert results["ours"].losses == pytest.approx(results["TRL's defaults"].losses, rel=0.02)
    assert results["ours"].seconds_per_pair < results["TRL's defaults"].seconds_per_pair


def measured(
    load: Callable[[], "Base"], train: Callable[["Base"], list[float]], pairs: int
) -> Measured:
    """All of a run counts, with the reference; loading the model counts for its memory only."""
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    base = load()
    began = monotonic()
    losses = train(base)
    torch.cuda.synchronize()
    return Measured((monotonic() - began) / pairs, torch.cuda.max_memory_allocated(), losses)
