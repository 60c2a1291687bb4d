"""The LoRA kernels, against one multiplication after the other."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from torch import Tensor

torch = pytest.importorskip("torch")
cpu_lora = pytest.importorskip("rlvf_inference.cpu_lora", reason="vLLM is not installed")

SLOTS, RANK, IN, OUT = 3, 4, 6, 5


def batch(indices: list[int]) -> "tuple[Tensor, Tensor, Tensor, Tensor]":
    torch.manual_seed(0)
    a = torch.randn(SLOTS, 1, RANK, IN)
    b = torch.randn(SLOTS, 1, OUT, RANK)
    return torch.randn(len(indices), IN), a, b, torch.tensor(indices)


@pytest.mark.parametrize("indices", [[0, 0, 0], [2], [-1, -1], [0, 2, -1, 1, 0, -1]])
def test_each_token_gets_its_own_adapter_and_no_other(indices: list[int]) -> None:
    inputs, a, b, slots = batch(indices)
    low = torch.full((len(indices), RANK), torch.nan)
    cpu_lora.shrink(inputs, a, low, slots, 0.5)
    output = torch.ones(len(indices), OUT)
    cpu_lora.expand(low, b, output, slots)
    for token, slot in enumerate(indices):
        change = 0.5 * b[slot, 0] @ (a[slot, 0] @ inputs[token]) if slot >= 0 else torch.zeros(OUT)
        torch.testing.assert_close(output[token], 1 + change)


def test_only_the_slice_is_written() -> None:
    inputs, _, b, slots = batch([1, -1])
    low = inputs[:, :RANK]
    output = torch.zeros(2, OUT + 4)
    cpu_lora.expand_slice(low, b, output, slots, 3, OUT, add_inputs=False)
    torch.testing.assert_close(output[0, 3 : 3 + OUT], b[1, 0] @ low[0])
    assert output[0, :3].abs().sum() == output[0, 3 + OUT :].abs().sum() == 0
    assert output[1].abs().sum() == 0


def test_vllm_uses_these_kernels_once_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cpu_lora.kernels, cpu_lora.wrapper):
        for name in ("bgmv_shrink", "bgmv_expand", "bgmv_expand_slice"):
            monkeypatch.setattr(module, name, getattr(module, name))
    cpu_lora.install()
    assert cpu_lora.wrapper.bgmv_shrink is cpu_lora.shrink
    assert cpu_lora.kernels.bgmv_expand_slice is cpu_lora.expand_slice
