"""The schema of an experiment: models, problems, arms, evaluation and claims."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.checking import NAME
from rlvf_client.experiment.sections import (
    MIN_USABLE,
    Data,
    Evaluation,
    Method,
    NonNegative,
    Prices,
    Section,
    Share,
    Source,
    Training,
)

BASE = "base"
"""Name of the condition that is the model as it is."""
BASE_AGAIN = "base-again"

ArmName = Annotated[str, Field(pattern=NAME)]


class Arm(Section):
    """One way of training, on every model of the experiment.

    `problems`, `data` and `training` say what differs from the experiment's own.
    """

    name: ArmName = Field(description="a-z, 0-9 and -")
    method: Method = Field(
        "dpo",
        description="dpo: pairs; rft: answers that pass; grpo: rewards of its own answers, online",
    )
    models: list[str] = Field([], description="names in `models`; empty: all")
    size: NonNegative = Field(0, description="maximum records to train on; 0: all there are")
    verdicts: Literal["true", "ignored", "shuffled"] = Field(
        "true",
        description="ignored: as many answers as pass, whatever their verdicts; shuffled: verdicts "
        "exchanged at random among the answers to each problem (of a step, in grpo). Either makes "
        "a control",
    )
    control: str = Field(
        "", description="the arm that is the same but for its `verdicts` (and seeds)"
    )
    problems: list[Source] | None = Field(None, description="null: the experiment's")
    data: dict[str, Any] = Field({}, description="what differs from the experiment's `data`")
    training: dict[str, Any] = Field({}, description="what differs from its `training`")

    @field_validator("verdicts", mode="before")
    @classmethod
    def _named(cls, verdicts: object) -> object:
        return "true" if verdicts is True else verdicts  # YAML's own `true`

    @field_validator("problems", mode="before")
    @classmethod
    def _listed(cls, problems: object) -> object:
        return [problems] if isinstance(problems, dict) else problems

    @field_validator("name")
    @classmethod
    def _not_the_base(cls, name: str) -> str:
        if name in (BASE, BASE_AGAIN):
            raise ValueError("is reserved for the untrained model")
        return name

    @model_validator(mode="after")
    def _pairs_need_verdicts(self) -> Self:
        if self.method != "rft" and self.verdicts == "ignored":
            raise ValueError("`verdicts: ignored` is for rft: others need two outcomes")
        if self.method == "grpo" and self.size:
            raise ValueError("`size` is for records, and grpo has none; its length is `epochs`")
        return self


class Comparison(Section):
    """Two arms, or an arm and `base`, to be compared."""

    treatment: str = Field(description="name of an arm")
    baseline: str = Field(BASE, description="name of an arm, or `base`: the model as it is")


class Primary(Comparison):
    """The outcome that is declared before the run."""

    benchmark: str = Field(description="one of those of `evaluation`")


class Experiment(Section):
    """One experiment."""

    name: str = Field(pattern=NAME, description="a-z, 0-9 and -")
    description: str = Field("", description="for people")
    model: str = Field(
        "", description="`smollm2-135m-instruct`, a Hugging Face id, or a checkpoint directory"
    )
    models: dict[ArmName, str] = Field(
        {}, description="several of them by short names, instead of `model`"
    )
    prompt_style: Literal["auto", "completion", "chat"] = Field(
        "auto",
        description="how the model is asked: as the beginning of a program, or through its chat "
        "template; auto: whichever gives more usable answers to training problems",
    )
    min_usable: Share = Field(
        MIN_USABLE,
        description="share of usable answers in the probe under which the run stops; 0: it goes on",
    )
    problems: list[Source] = Field(
        [Source()], min_length=1, description="sources; a single one may stand without a list"
    )
    data: Data = Field(Data(), description="how training data is made of problems")
    training: Training = Field(Training(), description="how adapters are trained")
    arms: list[Arm] = Field(
        [],
        description="ways of training, in addition to training.ladder, such as "
        "[{name: rft, method: rft, control: unverified}, "
        "{name: unverified, method: rft, verdicts: ignored}]; `rlvf init` without a preset writes "
        "one with all keys",
    )
    evaluation: Evaluation = Field(
        Evaluation(), description="what adapters and base are measured on"
    )
    prices: Prices | None = Field(None, description="of devices; null: nothing is said of money")
    primary: Primary | None = Field(
        None, description="the outcome that is declared before the run, and reported first"
    )
    comparisons: list[Comparison] = Field(
        [], description="the claims, one family; empty: every arm with its base"
    )

    @field_validator("problems", mode="before")
    @classmethod
    def _listed(cls, problems: object) -> object:
        return [problems] if isinstance(problems, dict) else problems

    @field_validator("problems")
    @classmethod
    def _all_weighted_or_none(cls, problems: list[Source]) -> list[Source]:
        if len({source.weight is None for source in problems}) > 1:
            raise ValueError("either every source has a weight, or none")
        return problems

    @model_validator(mode="after")
    def _one_model_or_several(self) -> Self:
        if bool(self.model) == bool(self.models):
            raise InvalidArgument("model", "is required: either `model`, or several in `models`")
        return self

    @property
    def named_models(self) -> dict[str, str]:
        """The models by their short names; a single one has none."""
        return self.models or {"": self.model}

    @property
    def all_arms(self) -> list[Arm]:
        """The arms of the ladder, then the others."""
        ladder = [Arm(name=f"dpo-{size}", size=size) for size in self.training.ladder]
        return [*ladder, *self.arms]
