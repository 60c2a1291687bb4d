"""Hyperparameters of a training run: the one declaration of their defaults and ranges.

`trainer.proto` says what each means. The trainer service checks requests against this declaration,
the training job gets its values from it, and the keys of an experiment's YAML are derived from it.
"""

import math
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import InvalidArgument

__all__ = [
    "DEFAULT_LOSSES",
    "LOSSES",
    "POLICY_LOSSES",
    "PREFERENCE_LOSSES",
    "SETTINGS",
    "AdvantageScale",
    "DataKind",
    "Hyperparameters",
    "Loss",
    "Precision",
    "Reward",
    "Setting",
    "message",
    "resolve",
    "resolve_run",
]


class Precision(StrEnum):
    """Number format of the frozen base weights."""

    NF4 = "nf4"
    BF16 = "bf16"
    FP32 = "fp32"


class Loss(StrEnum):
    """The loss, by TRL's names; formulas and sources in trainer.proto."""

    SIGMOID = "sigmoid"
    IPO = "ipo"
    ROBUST = "robust"
    SIGMOID_NORM = "sigmoid_norm"
    NLL = "nll"
    DAPO = "dapo"
    GRPO = "grpo"
    DR_GRPO = "dr_grpo"


class AdvantageScale(StrEnum):
    """What the advantages of a group are divided by."""

    GROUP = "group"
    NONE = "none"


class Reward(StrEnum):
    """What an answer is rewarded for."""

    VERDICT = "verdict"
    CREDIT = "credit"


POLICY_LOSSES = frozenset({Loss.DAPO, Loss.GRPO, Loss.DR_GRPO})
"""The losses for problems, by online reinforcement learning."""

PREFERENCE_LOSSES = frozenset(Loss) - {Loss.NLL} - POLICY_LOSSES
"""The losses for pairs; NLL is for answers."""

DataKind = Literal["pairs", "answers", "problems"]
"""What a run trains on."""

LOSSES: Mapping[DataKind, frozenset[Loss]] = {
    "pairs": PREFERENCE_LOSSES,
    "answers": frozenset({Loss.NLL}),
    "problems": POLICY_LOSSES,
}
"""The losses of each kind of data."""

DEFAULT_LOSSES: Mapping[DataKind, Loss] = {
    "pairs": Loss.SIGMOID,
    "answers": Loss.NLL,
    "problems": Loss.DAPO,
}
"""The loss that is used if a request names none."""


_BOUNDS: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    "gt": ("above", operator.gt),
    "ge": ("at least", operator.ge),
    "lt": ("below", operator.lt),
    "le": ("at most", operator.le),
}
"""Kinds of bounds: each in words, and whether a number satisfies it."""


def _number(
    about: str,
    default: float,
    *,
    by_loss: Mapping[Loss, float] | None = None,
    only_with: Collection[Loss] = (),
    **bounds: float,
) -> Any:
    declared = {"bounds": bounds, "by_loss": by_loss or {}, "only_with": frozenset(only_with)}
    return field(default=default, metadata={"about": about, **declared})


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """How to train, with all defaults filled in. Fields as in `rlvf.trainer.v1.Hyperparameters`.

    The defaults: the learning rates are for short runs with LoRA, some 30 to 150 steps, and are ten
    times or more those of full fine-tuning (Schulman et al. 2025, "LoRA without regret",
    https://thinkingmachines.ai/blog/lora/). 2e-4 for likelihood is that of QLoRA
    (https://arxiv.org/abs/2305.14314, table 9), and 36 steps at it moved a 0.5B model from 24.8% to
    32.3% of MBPP's problems. 5e-5 for logistic preference losses is the middle of 2e-5 to 1e-4: the
    5e-6 of published DPO recipes is for thousands of steps, and 15 steps at 2e-5 moved the same
    model's margin by 0.04 and its score not at all. IPO keeps 5e-6: it was not measured.
    Beta 0.1 is that of Rafailov et al. 2023, 5 with the length-normalised loss that of Lambert et
    al. 2024 (https://arxiv.org/abs/2411.15124); label smoothing 0.1 with the robust loss is the
    value that TRL's documentation takes from its paper; weight 1 of the likelihood term is that of
    Pang et al. 2024 (iterative reasoning preference optimisation,
    https://arxiv.org/abs/2404.19733); rank 16 with scale 32 and batch 16 are those of the prior
    experiment, so that runs compare.

    With policy losses: 1e-4 follows "LoRA without regret" too, by which LoRA needs ten times the
    rate of full fine-tuning in reinforcement learning; 8 groups of 8 are the fewest that usually
    include a few of mixed outcome; clips of 0.2 and 0.28, replacing groups of one outcome, and no
    divergence term are those of DAPO (Yu et al. 2025, https://arxiv.org/abs/2503.14476).
    """

    precision: Precision = field(
        default=Precision.BF16, metadata={"about": "number format of the frozen base weights"}
    )
    learning_rate: float = _number(
        "highest learning rate, after the warm-up",
        5e-5,
        gt=0,
        by_loss={Loss.IPO: 5e-6, Loss.NLL: 2e-4, **dict.fromkeys(sorted(POLICY_LOSSES), 1e-4)},
    )
    beta: float = _number(
        "how closely the policy stays to its reference",
        0.1,
        gt=0,
        by_loss={Loss.SIGMOID_NORM: 5.0},
        only_with=PREFERENCE_LOSSES,
    )
    sft_weight: float = _number(
        "weight of the likelihood of the chosen answer in the loss",
        1.0,
        ge=0,
        by_loss={Loss.NLL: 0.0, **dict.fromkeys(sorted(POLICY_LOSSES), 0.0)},
        only_with=PREFERENCE_LOSSES,
    )
    epochs: float = _number("passes over the records", 1.0, gt=0, le=1_000)
    batch_size: int = _number(
        "records of an optimizer step; answers, of `grpo`",
        16,
        ge=1,
        by_loss=dict.fromkeys(sorted(POLICY_LOSSES), 64),
    )
    micro_batch_size: int = _number("records in memory at once; divides batch_size", 2, ge=1)
    # Room for a prompt and an answer.
    max_length: int = _number(
        "tokens of prompt and answer; answers are cut to it",
        1024,
        ge=2,
        only_with=frozenset(Loss) - POLICY_LOSSES,
    )
    lora_rank: int = _number("rank of the adapter's matrices", 16, ge=1)
    lora_alpha: int = _number("scale of the adapter, divided by its rank", 32, ge=1)
    lora_dropout: float = _number("dropout of the adapter's inputs", 0.0, ge=0, lt=1)
    warmup_ratio: float = _number(
        "share of the steps in which the learning rate rises", 0.1, ge=0, le=1
    )
    # The range of NumPy's seeds.
    seed: int = _number("of the adapter's first weights and the order", 0, ge=0, lt=2**32)
    checkpoint_steps: int = _number("optimizer steps from checkpoint to checkpoint", 10, ge=1)
    loss: Loss = field(
        default=Loss.SIGMOID,
        metadata={"about": "loss of pairs; nll is that of answers; dapo, grpo, dr_grpo of `grpo`"},
    )
    label_smoothing: float = _number(
        "probability that a pair's labels are wrong",
        0.0,
        ge=0,
        lt=0.5,
        by_loss={Loss.ROBUST: 0.1},
        only_with={Loss.ROBUST},
    )
    keep_order: bool = field(default=False, metadata={"about": "train in the order of the records"})
    group_size: int = _number(
        "answers to a problem in a step; divides batch_size", 8, ge=2, le=1_000,
        only_with=POLICY_LOSSES,
    )  # fmt: skip
    kl_weight: float = _number(
        "weight of the policy's divergence from the base", 0.0, ge=0, only_with=POLICY_LOSSES
    )
    clip_low: float = _number(
        "how far below 1 a ratio of probabilities has a gradient", 0.2, gt=0, lt=1,
        only_with=POLICY_LOSSES,
    )  # fmt: skip
    clip_high: float = _number("how far above 1", 0.28, gt=0, only_with=POLICY_LOSSES)
    advantage_scale: AdvantageScale = field(
        default=AdvantageScale.GROUP,
        metadata={
            "about": "what advantages are divided by: deviation of the group's rewards, or none",
            "by_loss": {Loss.DR_GRPO: AdvantageScale.NONE},
            "only_with": POLICY_LOSSES,
        },
    )
    reward: Reward = field(
        default=Reward.VERDICT,
        metadata={
            "about": "what is rewarded: that an answer passes, or the share of cases it passes",
            "only_with": POLICY_LOSSES,
        },
    )
    resamples: int = _number(
        "how often groups of one outcome are replaced before they are left out", 2, ge=0, le=16,
        only_with=POLICY_LOSSES,
    )  # fmt: skip
    sync_steps: int = _number(
        "optimizer steps from one sampling adapter to the next", 1, ge=1, only_with=POLICY_LOSSES
    )
    staleness: int = _number(
        "steps that sampling may run ahead of training, 0 or 1", 0, ge=0, le=1,
        only_with=POLICY_LOSSES,
    )  # fmt: skip
    shuffle_rewards: bool = field(
        default=False,
        metadata={
            "about": "exchange rewards within each group: a control",
            "only_with": POLICY_LOSSES,
        },
    )

    @property
    def indifference(self) -> float:
        """Preference loss of a policy that is still its reference; 0 with others, which know
        none."""
        if self.loss not in PREFERENCE_LOSSES:
            return 0.0
        return 1 / (2 * self.beta) ** 2 if self.loss is Loss.IPO else math.log(2)

    @property
    def problems_per_step(self) -> int:
        """Groups of a step; of policy losses."""
        return self.batch_size // self.group_size

    def total_steps(self, records: int) -> int:
        """Optimizer steps in all, over so many pairs, answers or problems: a last, smaller batch of
        an epoch is a step as well."""
        if self.loss in POLICY_LOSSES:
            return max(1, math.ceil(self.epochs * records / self.problems_per_step))
        micro_batches = math.ceil(records / self.micro_batch_size)
        per_epoch = math.ceil(micro_batches * self.micro_batch_size / self.batch_size)
        return max(1, math.ceil(self.epochs * per_epoch))


@dataclass(frozen=True, slots=True)
class Setting:
    """What is declared of one hyperparameter."""

    name: str
    about: str
    """What it is, in a few words."""
    kind: type
    """bool, int, float, or a StrEnum."""
    default: Any
    """Its default with all losses but those of `by_loss`."""
    bounds: Mapping[str, float]
    """`gt`, `ge`, `lt` and `le`, those that a number has."""
    by_loss: Mapping[Loss, Any]
    """Its defaults with some losses."""
    only_with: frozenset[Loss]
    """The only losses that it may be given with; none: with all."""

    @property
    def descriptor(self) -> FieldDescriptor:
        """Its field in the contract."""
        return trainer_pb2.Hyperparameters.DESCRIPTOR.fields_by_name[self.name]

    def read(self, request: Message) -> Any:
        """The value that a request gives; None if it leaves it to the default."""
        value = getattr(request, self.name)
        if self.descriptor.has_presence:
            return value if request.HasField(self.name) else None
        if not value:
            return None
        if not issubclass(self.kind, StrEnum):
            return value
        for member in self.kind:
            if self.write(member) == value:
                return member
        raise self._error(f"is not a known {self.name}")

    def write(self, value: Any) -> Any:
        """As a request says a value: members of an enumeration are numbers there."""
        if not issubclass(self.kind, StrEnum):
            return value
        enum = self.descriptor.enum_type
        assert enum is not None
        prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
        return enum.values_by_name[f"{prefix}{self.kind(value).name}"].number

    def check(self, value: Any) -> None:
        """Raise InvalidArgument where a value is out of range."""
        if self.kind not in (int, float):
            return
        if not math.isfinite(value):
            raise self._error(f"must be finite, is {value}")
        if not all(_BOUNDS[kind][1](value, bound) for kind, bound in self.bounds.items()):
            said = (f"{_BOUNDS[kind][0]} {bound:,}" for kind, bound in self.bounds.items())
            raise self._error(f"must be {' and '.join(said)}, is {value:,}")

    def check_suits(self, loss: Loss) -> None:
        """Raise InvalidArgument if the setting must not be given with a loss."""
        if self.only_with and loss not in self.only_with:
            losses = ", ".join(f"`{one}`" for one in Loss if one in self.only_with)
            kind = "loss" if len(self.only_with) == 1 else "losses"
            raise self._error(f"belongs to the {kind} {losses}; the loss is `{loss}`")

    def _error(self, problem: str) -> InvalidArgument:
        return InvalidArgument(f"hyperparameters.{self.name}", problem)


SETTINGS: Mapping[str, Setting] = {
    one.name: Setting(
        name=one.name,
        about=one.metadata["about"],
        kind=type(one.default),
        default=one.default,
        bounds=one.metadata.get("bounds", {}),
        by_loss=one.metadata.get("by_loss", {}),
        only_with=one.metadata.get("only_with", frozenset()),
    )
    for one in fields(Hyperparameters)
}
"""All of them, by name."""


def resolve(
    request: trainer_pb2.Hyperparameters, default_loss: Loss = Loss.SIGMOID
) -> Hyperparameters:
    """Put defaults where the request is silent, and check ranges.

    Raises:
        InvalidArgument: a value is out of range, or does not suit another; names the field.
    """
    read = {name: setting.read(request) for name, setting in SETTINGS.items()}
    given = {name: value for name, value in read.items() if value is not None}
    loss = given.setdefault("loss", default_loss)
    values = {
        name: given.get(name, setting.by_loss.get(loss, setting.default))
        for name, setting in SETTINGS.items()
    }
    for name, value in values.items():
        SETTINGS[name].check(value)
    for name in given:
        SETTINGS[name].check_suits(loss)
    resolved = Hyperparameters(**values)
    if resolved.batch_size % resolved.micro_batch_size:
        raise InvalidArgument(
            "hyperparameters.micro_batch_size",
            f"must divide batch_size, but {resolved.micro_batch_size} does not divide "
            f"{resolved.batch_size}",
        )
    if loss in POLICY_LOSSES and resolved.batch_size % resolved.group_size:
        raise InvalidArgument(
            "hyperparameters.group_size",
            f"must divide batch_size, but {resolved.group_size} does not divide "
            f"{resolved.batch_size}",
        )
    return resolved


def resolve_run(request: trainer_pb2.RunTrainingRequest) -> Hyperparameters:
    """The hyperparameters of a run, as they suit what it trains on.

    Raises:
        InvalidArgument: as `resolve`, or it does not train on exactly one of pairs, answers and
            problems, or its loss, reference or sampling is for another of them.
    """
    fields_set = {one.name for one, _ in request.ListFields()}
    given = [kind for kind in LOSSES if kind in fields_set]
    if len(given) != 1:
        raise InvalidArgument(
            "pairs", "exactly one of `pairs`, `answers` and `problems` is required"
        )
    (kind,) = given
    resolved = resolve(request.hyperparameters, DEFAULT_LOSSES[kind])
    if resolved.loss not in LOSSES[kind]:
        suits = ", ".join(f"`{one}`" for one in Loss if one in LOSSES[kind])
        raise InvalidArgument(
            "hyperparameters.loss", f"with `{kind}` must be one of {suits}, is `{resolved.loss}`"
        )
    if kind != "pairs" and request.reference:
        raise InvalidArgument("reference", "belongs to preference losses, and so to `pairs`")
    if (kind == "problems") != request.HasField("sampling"):
        raise InvalidArgument("sampling", "belongs to `problems`, which need it")
    if request.reference not in trainer_pb2.Reference.values():
        raise InvalidArgument("reference", "is not a known reference")
    if request.stop_after < 0:
        raise InvalidArgument("stop_after", f"must not be negative, is {request.stop_after}")
    return resolved


def message(values: Mapping[str, Any]) -> trainer_pb2.Hyperparameters:
    """The request that gives these values, by name; what is None is left to its default."""
    given = {
        name: SETTINGS[name].write(value) for name, value in values.items() if value is not None
    }
    return trainer_pb2.Hyperparameters(**given)
