"""Experiments as YAML: what a person writes, checked before anything starts."""

import difflib
import re
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api import hyperparameters
from rlvf_api.errors import InvalidArgument
from rlvf_api.hyperparameters import SETTINGS, Setting

PRESETS = files("rlvf_client") / "presets"

# The bounds are those of the services, or else of the protos' numbers: what a service would refuse,
# hours later perhaps, is refused here.
_MOST = 2**31 - 1

NonNegative = Annotated[int, Field(ge=0, le=_MOST)]
Positive = Annotated[int, Field(ge=1, le=_MOST)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
_SEED_BOUNDS: dict[str, Any] = dict(SETTINGS["seed"].bounds)
TrainingSeed = Annotated[int, Field(**_SEED_BOUNDS)]
_DECIMAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def _as_number(value: object) -> object:
    """A decimal number that YAML 1.1 reads as a string, as `5e-6` and `1.0e5`; else `value`."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return float(value)
    return value


Float = Annotated[float, BeforeValidator(_as_number)]
Share = Annotated[Float, Field(ge=0, le=1)]
SectionT = TypeVar("SectionT", bound=BaseModel)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Source(_Section):
    """Training problems of one source."""

    source: str = Field("starter", description="a named source, or the path of a JSON Lines file")
    split: str = Field("train", description="part of a named source; a file has none")
    file: str = Field(
        "", description="a named source's own records, as published; empty: from the hub"
    )
    revision: str = Field("", description="of the hub's data set; empty: the newest")
    weight: Float | None = Field(
        None, gt=0, description="share of the mixture, beside those of the other sources"
    )
    limit: NonNegative = Field(0, description="use only the first so many; 0: all")


class Sampling(_Section):
    """How completions are drawn."""

    samples_per_problem: int = Field(1, ge=1, le=1_000)
    temperature: Float = Field(0.0, ge=0, le=2, validate_default=True)
    top_p: Float = Field(1.0, gt=0, le=1)
    max_tokens: int = Field(512, ge=1, le=32_768)
    seed: Seed = 0

    @field_validator("temperature")
    @classmethod
    def _several_answers(cls, value: float, info: ValidationInfo) -> float:
        if value == 0 and (samples := info.data.get("samples_per_problem", 1)) > 1:
            raise ValueError(
                f"must be above 0 where samples_per_problem is {samples}: greedy decoding has one "
                "answer"
            )
        return value


class Rounds(_Section):
    """How the samples of a problem are spread over rounds and temperatures."""

    size: NonNegative = Field(
        0, description="samples of a round; only problems of mixed outcome go on; 0: one round"
    )
    temperatures: list[Float] = Field([], description="of each round's samples; empty: sampling's")
    enough_of_each: Positive = Field(
        4, description="passing and failing samples after which a problem does not go on"
    )


class Selection(_Section):
    """Which answers make pairs. The pair generator's README says what each rule is for."""

    max_pairs_per_problem: Positive = 4
    max_length_ratio: Float = Field(2.0, ge=1)
    min_pass_rate: Share = 0.0
    max_pass_rate: Share = 1.0
    rejected: Literal["wrong_result", "or_exception", "any"] = Field(
        "wrong_result", description="how a rejected answer may fail"
    )
    min_edit_distance: Share = 0.05
    max_edit_distance: Share = 0.9
    max_length_imbalance: Float = Field(0.05, ge=0, le=0.5)
    keep_share: Float = Field(1.0, gt=0, le=1, description="share kept, of the highest quality")
    keep_best: NonNegative = Field(0, description="most pairs, of the highest quality; 0: all")
    seed: Seed = 0


class ShortcutAudit(_Section):
    """What to do about pairs whose sides a trivial classifier tells apart."""

    max_auc: Float = Field(0.6, ge=0.5, le=1)
    on_shortcut: Literal["rebalance", "refuse", "record"] = "rebalance"


class Sampler(_Section):
    """Who answers. Anything but the model that is trained, at its own endpoint, is off-policy."""

    model: str = Field("", description="name that inference serves; empty: the experiment's base")
    endpoint: str = Field("", description="a name in RLVF_ENDPOINTS; empty: the stack's inference")


class Pairs(_Section):
    """How pairs are made."""

    sampler: Sampler = Sampler()
    sampling: Sampling = Sampling(samples_per_problem=8, temperature=0.8)
    rounds: Rounds = Rounds()
    selection: Selection = Selection()
    audit: ShortcutAudit = ShortcutAudit()
    curriculum: bool = Field(
        False, description="train on each set a second time, easy problems first"
    )


def _key(setting: Setting) -> tuple[Any, Any]:
    """Type and default of the key of a hyperparameter."""
    if issubclass(setting.kind, StrEnum):
        return Literal[tuple(map(str, setting.kind))], str(setting.default)
    bounds: dict[str, Any] = dict(setting.bounds)
    kind: Any = Float if setting.kind is float else setting.kind
    if setting.kind is int:
        bounds.setdefault("le", _MOST)
    if setting.by_loss:
        return kind | None, Field(None, description="null: what suits the loss", **bounds)
    return kind, Field(setting.default, **bounds)


# An experiment has several seeds, and both orders where `pairs.curriculum` says so.
_BY_TRAINING = ("seed", "keep_order")
_KEYS: dict[str, Any] = {
    name: _key(setting) for name, setting in SETTINGS.items() if name not in _BY_TRAINING
}
_Hyperparameters: Any = create_model("_Hyperparameters", __base__=_Section, **_KEYS)


class Training(_Hyperparameters):
    """How adapters are trained. The other keys are those of `rlvf_api.hyperparameters`."""

    ladder: list[Positive] = Field([], description="sizes of the nested sets; empty: train nothing")
    seeds: list[TrainingSeed] = Field(
        [0], min_length=1, description="a run with each; the runs of a rung are compared together"
    )

    def request(self, *, seed: int, keep_order: bool) -> trainer_pb2.Hyperparameters:
        """The hyperparameters of one run."""
        keys = self.model_dump(exclude={"ladder", "seeds"})
        return hyperparameters.message({**keys, "seed": seed, "keep_order": keep_order})

    @model_validator(mode="after")
    def _suits_the_trainer(self) -> Self:
        hyperparameters.resolve(self.request(seed=0, keep_order=False))
        return self

    @field_validator("ladder")
    @classmethod
    def _ascending(cls, ladder: list[int]) -> list[int]:
        if sorted(set(ladder)) != ladder:
            raise ValueError("must be ascending, without repetition")
        return ladder

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, seeds: list[int]) -> list[int]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("must not name a seed twice: the run would count twice")
        return seeds


class Benchmark(_Section):
    """A benchmark, and how it is sampled."""

    name: str
    sampling: Sampling | None = Field(None, description="null: the evaluation's")


class Evaluation(_Section):
    """What adapters and base are measured on."""

    benchmarks: list[Benchmark] = Field(
        [Benchmark(name="humaneval")],
        min_length=1,
        description="names, or a mapping where one is sampled in its own way",
    )
    sampling: Sampling = Sampling()
    prompt_style: Literal["completion", "chat"] = Field(
        "completion", description="chat: through the model's own chat template"
    )
    base_again: bool = Field(True, description="evaluate the base twice, to show the noise floor")

    @field_validator("benchmarks", mode="before")
    @classmethod
    def _named(cls, benchmarks: object) -> object:
        if not isinstance(benchmarks, list):
            return benchmarks
        return [{"name": entry} if isinstance(entry, str) else entry for entry in benchmarks]

    @field_validator("benchmarks")
    @classmethod
    def _once(cls, benchmarks: list[Benchmark]) -> list[Benchmark]:
        names = [benchmark.name for benchmark in benchmarks]
        if len(set(names)) < len(names):
            raise ValueError("must not name a benchmark twice")
        return benchmarks

    def sampling_on(self, benchmark: str) -> Sampling:
        """How `benchmark` is sampled."""
        own = {entry.name: entry.sampling for entry in self.benchmarks}
        return own.get(benchmark) or self.sampling


class Experiment(_Section):
    """One experiment."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    description: str = ""
    model: str = Field(
        description="`smollm2-135m-instruct`, a Hugging Face id, or a checkpoint directory"
    )
    problems: list[Source] = Field(
        [Source()], min_length=1, description="sources; a single one may stand without a list"
    )
    pairs: Pairs = Pairs()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()

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


def presets() -> list[str]:
    """Names of the presets, sorted."""
    return sorted(Path(str(file)).stem for file in PRESETS.iterdir() if file.name.endswith(".yaml"))


def load_experiment(name_or_path: str) -> Experiment:
    """Read a preset by its name, or a YAML file by its path.

    Raises:
        InvalidArgument: there is no such preset or file, it is not YAML, or a key or value in it
            is wrong; the message names the place, and the nearest name where one was mistyped.
    """
    if name_or_path.endswith((".yaml", ".yml")) or "/" in name_or_path:
        path = Path(name_or_path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidArgument(str(path), error.strerror or str(error)) from None
        except UnicodeDecodeError as error:
            raise InvalidArgument(str(path), f"is not UTF-8 text: {error}") from None
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
    except RecursionError:
        raise InvalidArgument(where, "is nested too deeply") from None
    # A date or a number that cannot be is a bare ValueError.
    except (yaml.YAMLError, ValueError) as error:
        place = " ".join(str(error).split())
        raise InvalidArgument(where, f"is not YAML: {place}") from None
    if not isinstance(record, dict):
        raise InvalidArgument(where, "must be a mapping of settings, as `name: my-experiment`")
    return check(Experiment, record, where=where)


def check(section: type[SectionT], record: object, *, where: str) -> SectionT:
    """What `record` says, which stands at `where`; errors as `load_experiment`."""
    try:
        return section.model_validate(record)
    except InvalidArgument as error:
        place = error.field.replace("hyperparameters.", "training.")
        raise InvalidArgument(f"{where}, {place}", error.message) from None
    except ValidationError as error:
        problem = error.errors()[0]
        path = [part for part in problem["loc"] if isinstance(part, str | int)]
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            known = _keys(section, path[:-1])
            message = f"there is no such key{_nearest(str(path[-1]), known)}"
        elif problem["type"] != "missing":
            message = f"{message} (got {problem['input']!r})"
        raise InvalidArgument(f"{where}, {'.'.join(map(str, path))}", message) from None


def dump_experiment(experiment: Experiment) -> str:
    """The experiment as YAML, with all defaults."""
    text: str = yaml.safe_dump(experiment.model_dump(), sort_keys=False, width=100)
    return text


def _keys(section: type[BaseModel], path: list[str | int]) -> list[str]:
    for part in path:
        if isinstance(part, int):
            continue
        annotation = section.model_fields[part].annotation
        # Of a list, what it is a list of.
        annotation = next(iter(get_args(annotation)), annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            section = annotation
    return list(section.model_fields)


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
