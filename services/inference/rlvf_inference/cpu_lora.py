"""LoRA on the CPU, computed per adapter instead of per token.

vLLM 0.32's CPU kernels (vllm/lora/ops/torch_ops/lora_ops.py) copy an adapter's weights once for
every token of a batch, which makes a prompt of an adapter an order of magnitude slower than one of
the base. For a token *without* an adapter they use the index -1, which is the last slot: once every
slot holds an adapter, tokens of the base model get that of the last slot. These kernels multiply
once for each adapter in the batch, and skip tokens without an adapter.
"""

import torch
import vllm.lora.ops.torch_ops.lora_ops as kernels
import vllm.lora.punica_wrapper.punica_cpu as wrapper

__all__ = ["expand", "expand_slice", "install", "shrink"]


def install() -> None:
    """Replace vLLM's kernels, in the module that defines them and in the one that imported them.

    For eager execution: the loop over adapters cannot be compiled.
    """
    for module in (kernels, wrapper):
        module.bgmv_shrink = shrink
        module.bgmv_expand = expand
        module.bgmv_expand_slice = expand_slice


def shrink(
    inputs: torch.Tensor,
    weights: torch.Tensor,
    output: torch.Tensor,
    indices: torch.Tensor,
    scaling: float = 1.0,
) -> None:
    """output[t] = scaling * A[indices[t]] @ inputs[t]; zero where the index is -1.

    Shapes: inputs (tokens, in), weights (slots, 1, rank, in), output (tokens, rank), indices
    (tokens).
    """
    products = _products(inputs, weights, indices, output.dtype)
    output[:, : products.shape[1]] = scaling * products


def expand(
    inputs: torch.Tensor,
    weights: torch.Tensor,
    output: torch.Tensor,
    indices: torch.Tensor,
    add_inputs: bool = True,
) -> None:
    """output[t] += B[indices[t]] @ inputs[t], or = without `add_inputs`.

    Shapes: inputs (tokens, rank), weights (slots, 1, out, rank), output (tokens, at least out).
    """
    size = min(weights.shape[-2], output.shape[1])
    expand_slice(inputs, weights[..., :size, :], output, indices, 0, size, add_inputs)


def expand_slice(
    inputs: torch.Tensor,
    weights: torch.Tensor,
    output: torch.Tensor,
    indices: torch.Tensor,
    slice_offset: int,
    slice_size: int,
    add_inputs: bool = True,
) -> None:
    """As `expand`, into columns `slice_offset` to `slice_offset + slice_size` of the output."""
    products = _products(inputs, weights, indices, output.dtype)
    columns = output[:, slice_offset : slice_offset + slice_size]
    if add_inputs:
        columns += products
    else:
        columns.copy_(products)


def _products(
    inputs: torch.Tensor, weights: torch.Tensor, indices: torch.Tensor, dtype: torch.dtype
) -> torch.Tensor:
    """weights[indices[t]] @ inputs[t] for every token; zero where the index is -1."""
    inputs = inputs.to(dtype)
    slots = torch.unique(indices).tolist()
    if len(slots) == 1 and slots[0] >= 0:
        return inputs @ _slot(weights, slots[0], dtype).T
    products = inputs.new_zeros(len(inputs), weights.shape[-2])
    for slot in slots:
        if slot >= 0:
            tokens = indices == slot
            products[tokens] = inputs[tokens] @ _slot(weights, slot, dtype).T
    return products


def _slot(weights: torch.Tensor, slot: int, dtype: torch.dtype) -> torch.Tensor:
    matrix = weights[slot].to(dtype)
    return matrix.squeeze(0) if matrix.ndim == 3 else matrix
