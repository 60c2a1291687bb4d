"""QLoRA DPO in the shape of StarCoder2-3B, with random weights: does it fit, and how fast is it?"""

import math
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

torch = pytest.importorskip("torch")

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]

MAX_LENGTH = 1024
PAIRS = 32
CARD_BYTES = 24 << 30


@pytest.fixture(scope="module")
def starcoder2_3b(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A checkpoint with the published configuration of bigcode/starcoder2-3b."""
    from transformers import Starcoder2Config, Starcoder2ForCausalLM

    folder = tmp_path_factory.mktemp("starcoder2-3b")
    # For its tokenizer, whose vocabulary is smaller than the model's.
    script = Path(__file__).parents[1] / "integration" / "trainer" / "make_tiny_model.py"
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True)
    config = Starcoder2Config(
        vocab_size=49152,
        hidden_size=3072,
        intermediate_size=12288,
        num_hidden_layers=30,
        num_attention_heads=24,
        num_key_value_heads=2,
        max_position_embeddings=16384,
        sliding_window=4096,
        initializer_range=0.018042,
        attention_dropout=0.1,
        residual_dropout=0.1,
        embedding_dropout=0.1,
        bos_token_id=0,
        eos_token_id=0,
        dtype=torch.bfloat16,
    )
    with torch.device("cuda"):
        Starcoder2ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    torch.cuda.empty_cache()
    return str(folder)


def test_nf4_dpo_of_3b_fits_a_24_gb_card(starcoder2_3b: str, tmp_path: Path) -> None:
    from transformers import TrainerCallback

    from rlvf_trainer.hyperparameters import Hyperparameters, Precision
    from rlvf_trainer.job.encoding import EncodedPair
    from rlvf_trainer.job.model import load_base
    from rlvf_trainer.job.trainer import make_trainer

    generator = torch.Generator().manual_seed(0)

    def ids(count: int) -> list[int]:
        return torch.randint(1, 49152, (count,), generator=generator).tolist()

    pairs = [
        EncodedPair(ids(MAX_LENGTH // 2), ids(MAX_LENGTH // 2), ids(MAX_LENGTH // 2))
        for _ in range(PAIRS)
    ]
    torch.cuda.reset_peak_memory_stats()
    base = load_base(starcoder2_3b, Precision.NF4)
    trainer = make_trainer(
        base, pairs, Hyperparameters(precision=Precision.NF4), TrainerCallback(), tmp_path
    )
    started = monotonic()
    trainer.train()
    seconds = monotonic() - started

    first = trainer.state.log_history[0]
    assert first["preference_loss"] == pytest.approx(math.log(2), abs=2e-3)
    peak_bytes = torch.cuda.max_memory_allocated()
    tokens = PAIRS * 2 * MAX_LENGTH
    print(
        f"\n{torch.cuda.get_device_name()}: peak {peak_bytes / 2**30:.1f} GiB, "
        f"{tokens / seconds:.0f} tokens/s, {PAIRS / seconds:.2f} pairs/s"
    )
    assert peak_bytes < CARD_BYTES
