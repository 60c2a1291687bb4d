"""Experiments as YAML: what a person writes, checked before anything starts."""

import difflib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rlvf_common.errors import InvalidArgument

PRESETS = files("rlvf_client") / "presets"

NonNegative = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Problems(_Section):
    """Where the training problems come from: the starter set, or a file of problem records."""

    source: str = Field("starter", description="`starter`, or the path of a JSON Lines file")
    split: Literal["train", "held_out"] = "train"
    limit: NonNegative = Field(0, description="use only the first so many; 0: all")


class Sampling(_Section):
    """How completions are drawn."""

    samples_per_problem: Positive = 1
    temperature: float = Field(0.0, ge=0, le=2)
    top_p: float = Field(1.0, gt=0, le=1)
    max_tokens: Positive = 512
    seed: NonNegative = 0


class Selection(_Section):
    """Which answers make pairs."""

    max_pairs_per_problem: Positive = 4
    max_length_ratio: float = Field(3.0, ge=1)
    min_pass_rate: Share = 0.0
    max_pass_rate: Share = 1.0
    seed: NonNegative = 0


class Pairs(_Section):
    """How pairs are made."""

    sampling: Sampling = Sampling(samples_per_problem=8, temperature=0.8)
    selection: Selection = Selection()


class Training(_Section):
    """How adapters are trained."""

    ladder: list[Positive] = Field([], description="sizes of the nested sets; empty: train nothing")
    precision: Literal["nf4", "bf16", "fp32"] = "bf16"
    learning_rate: float = Field(5e-6, gt=0)
    beta: float = Field(0.1, gt=0)
    sft_weight: float = Field(1.0, ge=0)
    epochs: float = Field(1.0, gt=0)
    batch_size: Positive = 16
    micro_batch_size: Positive = 2
    max_length: Positive = 1024
    lora_rank: Positive = 16
    lora_alpha: Positive = 32
    lora_dropout: float = Field(0.0, ge=0, lt=1)
    warmup_ratio: Share = 0.1
    seed: NonNegative = 0
    checkpoint_steps: Positive = 10

    @field_validator("ladder")
    @classmethod
    def _ascending(cls, ladder: list[int]) -> list[int]:
        if sorted(set(ladder)) != ladder:
            raise ValueError("must be ascending, without repetition")
        return ladder


class Evaluation(_Section):
    """What adapters and base are measured on."""

    benchmarks: list[str] = Field(["humaneval"], min_length=1)
    sampling: Sampling = Sampling()
    prompt_style: Literal["completion", "chat"] = Field(
        "completion", description="chat: through the model's own chat template"
    )
    base_again: bool = Field(True, description="evaluate the base twice, to show the noise floor")


class Experiment(_Section):
    """One experiment."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    description: str = ""
    model: str = Field(
        description="`smollm2-135m-instruct`, a Hugging Face id, or a checkpoint directory"
    )
    problems: Problems = Problems()
    pairs: Pairs = Pairs()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()


def presets() -> list[str]:
    """Names of the presets, sorted."""
    return sorted(Path(str(file)).stem for file in PRESETS.iterdir() if file.name.endswith(".yaml"))


def load_experiment(name_or_path: str) -> Experiment:
    """Read a preset by its name, or a YAML file by its path.

    Raises:
        InvalidArgument: there is no such preset or file, it is not YAML, or a key or value in it
        is wrong;
            the message names the place, and the nearest name where one was mistyped.
    """
    if name_or_path.endswith((".yaml", ".yml")) or "/" in name_or_path:
        path = Path(name_or_path)
        try:
            text = path.read_text()
        except OSError as error:
            raise InvalidArgument(str(path), error.strerror or str(error)) from None
        return parse_experiment(text, where=str(path))
    if name_or_path not in presets():
        raise InvalidArgument(
            "preset",
            f"there is no preset {name_or_path!r}{_nearest(name_or_path, presets())}; "
            f"there are: {', '.join(presets())}",
        )
    text = (PRESETS / f"{name_or_path}.yaml").read_text()
    return parse_experiment(text, where=f"preset {name_or_path}")


def parse_experiment(text: str, *, where: str) -> Experiment:
    """Read the YAML of an experiment; errors as `load_experiment`."""
    try:
        record = yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = " ".join(str(error).split())
        raise InvalidArgument(where, f"is not YAML: {place}") from None
    if not isinstance(record, dict):
        raise InvalidArgument(where, "must be a mapping of settings, as `name: my-experiment`")
    try:
        return Experiment.model_validate(record)
    except ValidationError as error:
        problem = error.errors()[0]
        path = [part for part in problem["loc"] if isinstance(part, str | int)]
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            known = _keys(path[:-1])
            message = f"there is no such key{_nearest(str(path[-1]), known)}"
        elif problem["type"] != "missing":
            message = f"{message} (got {problem['input']!r})"
        raise InvalidArgument(f"{where}, {'.'.join(map(str, path))}", message) from None


def dump_experiment(experiment: Experiment) -> str:
    """The experiment as YAML, with all defaults."""
    text: str = yaml.safe_dump(experiment.model_dump(), sort_keys=False, width=100)
    return text


def _keys(path: list[str | int]) -> list[str]:
    section: type[BaseModel] = Experiment
    for part in path:
        annotation = section.model_fields[str(part)].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            section = annotation
    return list(section.model_fields)


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
