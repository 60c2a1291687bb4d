"""The kernels, against one multiplication after the other and vLLM's own RMSNorm."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from torch import Tensor

    from rlvf_inference.cpu_kernels import AdapterWise

torch = pytest.importorskip("torch")
cpu_kernels = pytest.importorskip("rlvf_inference.cpu_kernels", reason="vLLM is not installed")

SLOTS, RANK, IN, SLICES = 3, 4, 6, (5, 2)
BATCHES = [[0, 0, 0], [2], [-1, -1], [0, 2, -1, 1, 0, -1]]


def wrapper(indices: list[int]) -> "AdapterWise":
    made: AdapterWise = cpu_kernels.AdapterWise(64, 64, "cpu")
    made._tokens = made._sampled = cpu_kernels.by_adapter(torch.tensor(indices))
    return made


def adapter(size: int) -> "tuple[Tensor, Tensor]":
    return torch.randn(SLOTS, 1, RANK, IN), torch.randn(SLOTS, 1, size, RANK)


@pytest.mark.parametrize("indices", BATCHES)
def test_each_token_gets_its_own_adapter_and_no_other(indices: list[int]) -> None:
    torch.manual_seed(0)
    x = torch.randn(len(indices), IN)
    a, b = zip(*map(adapter, SLICES), strict=True)
    y = torch.ones(len(indices), sum(SLICES))
    wrapper(indices).add_lora_linear(y, x, a, b, 0.5, SLICES)
    for token, slot in enumerate(indices):
        change = torch.cat(
            [0.5 * b_[slot, 0] @ (a_[slot, 0] @ x[token]) for a_, b_ in zip(a, b, strict=True)]
        )
        torch.testing.assert_close(y[token], 1 + change * (slot >= 0))


@pytest.mark.parametrize("indices", BATCHES)
def test_logits_and_embeddings_too(indices: list[int]) -> None:
    torch.manual_seed(0)
    x = torch.randn(len(indices), IN)
    a, b = adapter(5)
    logits, embeddings = torch.ones(len(indices), 5), torch.ones(len(indices), 5)
    wrapper(indices).add_lora_logits(logits, x, a, b, 2.0)
    wrapper(indices).add_lora_embedding(embeddings, x[:, :RANK], b, add_inputs=False)
    for token, slot in enumerate(indices):
        has = slot >= 0
        change = 2.0 * b[slot, 0] @ (a[slot, 0] @ x[token])
        torch.testing.assert_close(logits[token], 1 + change * has)
        torch.testing.assert_close(embeddings[token], b[slot, 0] @ x[token, :RANK] * has)


def test_vllm_uses_these_kernels_once_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from vllm.lora.punica_wrapper.punica_selector import get_punica_wrapper

    platform = cpu_kernels.CpuPlatform
    monkeypatch.setattr(platform, "get_punica_wrapper", platform.get_punica_wrapper)
    cpu_kernels.install()
    cpu_kernels.install()
    made = get_punica_wrapper(64, max_batches=64, device="cpu", max_loras=1)
    assert isinstance(made, cpu_kernels.AdapterWise)


@pytest.mark.parametrize("op", ["rms_norm", "fused_add_rms_norm"])
def test_normalization_is_that_of_vllm(op: str, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = cpu_kernels.CpuPlatform
    monkeypatch.setattr(platform, "get_punica_wrapper", platform.get_punica_wrapper)
    cpu_kernels.install()
    both = getattr(cpu_kernels.ir.ops, op).impls
    ours = both[cpu_kernels.CPU_NORMALIZATION]
    torch.manual_seed(0)
    x, residual = torch.randn(7, 576).bfloat16(), torch.randn(7, 576).bfloat16()
    weight = torch.randn(576).bfloat16()
    inputs = (x, weight, 1e-6) if op == "rms_norm" else (x, residual, weight, 1e-6)
    assert ours.supports_args(*inputs)
    assert not ours.supports_args(x.T, *inputs[1:])
    expected = both["native"].impl_fn(*inputs)
    torch.testing.assert_close(ours.impl_fn(*inputs), expected, atol=0.03, rtol=0.02)
