"""What an experiment is: models, problems, arms, what they are measured on, and what is claimed."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.sections import (
    MIN_USABLE,
    Data,
    Evaluation,
    Method,
    NonNegative,
    Section,
    Share,
    Source,
    Training,
)

BASE = "base"
"""Name of the condition that is the model as it is."""
BASE_AGAIN = "base-again"

ArmName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Arm(Section):
    """One way of training, on every model of the experiment.

    `problems`, `data` and `training` say what differs from the experiment's own.
    """

    name: ArmName
    method: Method = "dpo"
    models: list[str] = Field([], description="names in `models`; empty: all")
    size: NonNegative = Field(0, description="maximum records to train on; 0: all there are")
    verdicts: Literal["true", "ignored", "shuffled"] = Field(
        "true",
        description="ignored: as many answers as pass, whatever their verdicts; shuffled: verdicts "
        "exchanged at random among the answers to each problem. Either makes a control",
    )
    control: str = Field("", description="the arm that does the same without verification")
    problems: list[Source] | None = None
    data: dict[str, Any] = Field({})
    training: dict[str, Any] = Field({})

    @field_validator("problems", mode="before")
    @classmethod
    def _listed(cls, problems: object) -> object:
        return [problems] if isinstance(problems, dict) else problems

    @field_validator("name")
    @classmethod
    def _not_the_base(cls, name: str) -> str:
        if name in (BASE, BASE_AGAIN):
            raise ValueError("is the name of the model as it is")
        return name

    @model_validator(mode="after")
    def _pairs_need_verdicts(self) -> Self:
        if self.method == "dpo" and self.verdicts == "ignored":
            raise ValueError("`verdicts: ignored` is for rft: pairs need two outcomes")
        return self


class Comparison(Section):
    """Two arms, or an arm and `base`, to be compared."""

    treatment: str
    baseline: str = BASE


class Primary(Comparison):
    """The outcome that is declared before the run."""

    benchmark: str


class Experiment(Section):
    """One experiment."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    description: str = ""
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
    data: Data = Data()
    training: Training = Training()
    arms: list[Arm] = Field([], description="ways of training; besides those of training.ladder")
    evaluation: Evaluation = Evaluation()
    primary: Primary | None = None
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
