"""Hyperparameters of a run: defaults, ranges, and what follows from them."""

import math
from dataclasses import dataclass
from enum import StrEnum

from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.rpc.validation import require


class Precision(StrEnum):
    """Number format of the frozen base weights."""

    NF4 = "nf4"
    BF16 = "bf16"
    FP32 = "fp32"


class Loss(StrEnum):
    """The preference loss, by TRL's names; formulas and sources in trainer.proto."""

    SIGMOID = "sigmoid"
    IPO = "ipo"
    ROBUST = "robust"
    SIGMOID_NORM = "sigmoid_norm"


_PRECISIONS = {
    trainer_pb2.PRECISION_UNSPECIFIED: Precision.BF16,
    trainer_pb2.PRECISION_NF4: Precision.NF4,
    trainer_pb2.PRECISION_BF16: Precision.BF16,
    trainer_pb2.PRECISION_FP32: Precision.FP32,
}

_LOSSES = {
    trainer_pb2.LOSS_UNSPECIFIED: Loss.SIGMOID,
    trainer_pb2.LOSS_SIGMOID: Loss.SIGMOID,
    trainer_pb2.LOSS_IPO: Loss.IPO,
    trainer_pb2.LOSS_ROBUST: Loss.ROBUST,
    trainer_pb2.LOSS_SIGMOID_NORM: Loss.SIGMOID_NORM,
}

_BETAS = {Loss.SIGMOID_NORM: 5.0}
"""Default beta where it is not 0.1: Lambert et al. 2024 (https://arxiv.org/abs/2411.15124)."""

_LABEL_SMOOTHING = 0.1
"""Default with the robust loss; the value that TRL's documentation takes from its paper."""


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """How to train, with nothing left to default. Fields as in `rlvf.trainer.v1.Hyperparameters`.

    The defaults: learning rate 5e-6 is the lower end of what published DPO recipes with LoRA use
    (5e-6 to 1e-5); beta 0.1 is that of Rafailov et al. 2023; weight 1 of the likelihood term is
    that of Pang et al. 2024 (iterative reasoning preference optimisation,
    https://arxiv.org/abs/2404.19733); rank 16 with scale 32 and batch 16 are those of the prior
    experiment, so that runs compare.
    """

    precision: Precision = Precision.BF16
    learning_rate: float = 5e-6
    beta: float = 0.1
    sft_weight: float = 1.0
    epochs: float = 1.0
    batch_size: int = 16
    micro_batch_size: int = 2
    max_length: int = 1024
    lora_rank: int = 16
    lora_alpha: int = 32
    lora_dropout: float = 0.0
    warmup_ratio: float = 0.1
    seed: int = 0
    checkpoint_steps: int = 10
    loss: Loss = Loss.SIGMOID
    label_smoothing: float = 0.0
    keep_order: bool = False

    @property
    def indifference(self) -> float:
        """Preference loss of a policy that is still its reference."""
        return 1 / (2 * self.beta) ** 2 if self.loss is Loss.IPO else math.log(2)

    def total_steps(self, pairs: int) -> int:
        """Optimizer steps in all: a last, smaller batch of an epoch is a step as well."""
        micro_batches = math.ceil(pairs / self.micro_batch_size)
        per_epoch = math.ceil(micro_batches * self.micro_batch_size / self.batch_size)
        return max(1, math.ceil(self.epochs * per_epoch))


_DEFAULTS = Hyperparameters()
_FIELD = "hyperparameters"


def resolve(message: trainer_pb2.Hyperparameters) -> Hyperparameters:
    """Put defaults where the message is silent, and check ranges.

    Raises:
        InvalidArgument: a value is out of range; names the field.
    """
    require(message.precision in _PRECISIONS, f"{_FIELD}.precision", "is not a known precision")
    require(message.loss in _LOSSES, f"{_FIELD}.loss", "is not a known loss")
    loss = _LOSSES[message.loss]
    values = Hyperparameters(
        precision=_PRECISIONS[message.precision],
        learning_rate=message.learning_rate or _DEFAULTS.learning_rate,
        beta=message.beta or _BETAS.get(loss, _DEFAULTS.beta),
        sft_weight=(message.sft_weight if message.HasField("sft_weight") else _DEFAULTS.sft_weight),
        epochs=message.epochs or _DEFAULTS.epochs,
        batch_size=message.batch_size or _DEFAULTS.batch_size,
        micro_batch_size=message.micro_batch_size or _DEFAULTS.micro_batch_size,
        max_length=message.max_length or _DEFAULTS.max_length,
        lora_rank=message.lora_rank or _DEFAULTS.lora_rank,
        lora_alpha=message.lora_alpha or _DEFAULTS.lora_alpha,
        lora_dropout=message.lora_dropout,
        warmup_ratio=(
            message.warmup_ratio if message.HasField("warmup_ratio") else _DEFAULTS.warmup_ratio
        ),
        seed=message.seed,
        checkpoint_steps=message.checkpoint_steps or _DEFAULTS.checkpoint_steps,
        loss=loss,
        label_smoothing=_label_smoothing(message, loss),
        keep_order=message.keep_order,
    )
    _check(values)
    return values


def _label_smoothing(message: trainer_pb2.Hyperparameters, loss: Loss) -> float:
    if not message.HasField("label_smoothing"):
        return _LABEL_SMOOTHING if loss is Loss.ROBUST else 0.0
    field = f"{_FIELD}.label_smoothing"
    require(loss is Loss.ROBUST, field, f"belongs to LOSS_ROBUST; the loss is {loss}")
    value = message.label_smoothing
    require(0 <= value < 0.5, field, f"must be in [0, 0.5), is {value}")
    return value


def _check(values: Hyperparameters) -> None:
    for name in ("learning_rate", "beta", "epochs"):
        value = getattr(values, name)
        require(
            math.isfinite(value) and value > 0, f"{_FIELD}.{name}", f"must be positive, is {value}"
        )
    for name in (
        "batch_size", "micro_batch_size", "lora_rank", "lora_alpha", "checkpoint_steps",
    ):  # fmt: skip
        value = getattr(values, name)
        require(value > 0, f"{_FIELD}.{name}", f"must be positive, is {value}")
    require(
        math.isfinite(values.sft_weight) and values.sft_weight >= 0,
        f"{_FIELD}.sft_weight",
        f"must not be negative, is {values.sft_weight}",
    )
    require(
        values.batch_size % values.micro_batch_size == 0,
        f"{_FIELD}.micro_batch_size",
        f"must divide batch_size, but {values.micro_batch_size} does not divide "
        f"{values.batch_size}",
    )
    require(
        values.max_length >= 2,
        f"{_FIELD}.max_length",
        f"must leave room for a prompt and an answer, is {values.max_length}",
    )
    require(
        0 <= values.lora_dropout < 1,
        f"{_FIELD}.lora_dropout",
        f"must be in [0, 1), is {values.lora_dropout}",
    )
    require(
        0 <= values.warmup_ratio <= 1,
        f"{_FIELD}.warmup_ratio",
        f"must be in [0, 1], is {values.warmup_ratio}",
    )
    require(
        0 <= values.seed < 2**32,  # the range of NumPy's seeds
        f"{_FIELD}.seed",
        f"must be in [0, 2^32), is {values.seed}",
    )
