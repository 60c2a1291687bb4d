"""The sections of an experiment's YAML, with their defaults and ranges."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
)

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api import hyperparameters
from rlvf_api.hyperparameters import (
    DEFAULT_LOSSES,
    LOSSES,
    SETTINGS,
    DataKind,
    Setting,
)
from rlvf_api.trackers import TRACKERS

# The bounds are those of the services, or else of the protos' numbers, so that a setting that a
# service would refuse hours later is refused here.
_MAX_INT32 = 2**31 - 1

NonNegative = Annotated[int, Field(ge=0, le=_MAX_INT32)]
Positive = Annotated[int, Field(ge=1, le=_MAX_INT32)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
_SEED_BOUNDS: dict[str, Any] = dict(SETTINGS["seed"].bounds)
TrainingSeed = Annotated[int, Field(**_SEED_BOUNDS)]
_DECIMAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def _as_number(value: object) -> object:
    """The number where YAML 1.1 reads it as a string, such as `5e-6` and `1.0e5`; else `value`."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return float(value)
    return value


Float = Annotated[float, BeforeValidator(_as_number)]
MIN_USABLE = 0.5
"""With a smaller share of usable answers most of the sampling would be wasted."""
Share = Annotated[Float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A mapping of known keys; the base of all sections."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Source(Section):
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
    limit: NonNegative = Field(0, description="use only the first ones, at most this many; 0: all")


class Sampling(Section):
    """How completions are drawn."""

    samples_per_problem: int = Field(1, ge=1, le=1_000, description="answers to each problem")
    temperature: Float = Field(
        0.0, ge=0, le=2, validate_default=True, description="0: the likeliest token"
    )
    top_p: Float = Field(1.0, gt=0, le=1, description="probability mass that is sampled from")
    max_tokens: int = Field(512, ge=1, le=32_768, description="of an answer, which is cut there")
    seed: Seed = Field(0, description="of the draws")

    @field_validator("temperature")
    @classmethod
    def _several_answers(cls, value: float, info: ValidationInfo) -> float:
        if value == 0 and (samples := info.data.get("samples_per_problem", 1)) > 1:
            raise ValueError(
                f"must be above 0 where samples_per_problem is {samples}: greedy decoding has one "
                "answer"
            )
        return value


class DataSampling(Sampling):
    """How answers for training data are drawn."""

    samples_per_problem: int = Field(8, ge=1, le=1_000, description="answers to each problem")
    temperature: Float = Field(
        0.8, ge=0, le=2, validate_default=True, description="0: the likeliest token"
    )


class Rounds(Section):
    """How the samples of a problem are spread over rounds and temperatures."""

    size: NonNegative = Field(
        0, description="samples of a round; only problems of mixed outcome go on; 0: one round"
    )
    temperatures: list[Float] = Field([], description="of each round's samples; empty: sampling's")
    enough_of_each: Positive = Field(
        4, description="passing and failing samples after which a problem does not go on"
    )


class Selection(Section):
    """Which answers make pairs. The pair generator's README explains each rule."""

    max_pairs_per_problem: Positive = Field(4, description="so that no problem dominates")
    max_length_ratio: Float = Field(2.0, ge=1, description="of the longer side to the shorter")
    min_pass_rate: Share = Field(0.0, description="of a problem's answers; below: left out")
    max_pass_rate: Share = Field(1.0, description="of a problem's answers; above: left out")
    rejected: Literal["wrong_result", "or_exception", "any"] = Field(
        "wrong_result", description="how a rejected answer may fail"
    )
    min_edit_distance: Share = Field(0.05, description="of a pair's sides, relative to length")
    max_edit_distance: Share = Field(0.9, description="as above")
    max_length_imbalance: Float = Field(
        0.05, ge=0, le=0.5, description="share by which chosen answers may be longer, or shorter"
    )
    keep_share: Float = Field(1.0, gt=0, le=1, description="share kept, of the highest quality")
    keep_best: NonNegative = Field(0, description="maximum pairs, of the highest quality; 0: all")
    min_gap: Share = Field(
        0.0,
        description="minimum difference of the shares of cases that the sides pass; then an answer "
        "that fails may be chosen over a worse one; 0: chosen answers pass",
    )
    seed: Seed = Field(0, description="of the choice among answers")


class ShortcutAudit(Section):
    """What to do where a trivial classifier tells the sides of pairs apart."""

    max_auc: Float = Field(0.6, ge=0.5, le=1, description="of the classifier; above: a shortcut")
    on_shortcut: Literal["rebalance", "refuse", "record"] = Field(
        "rebalance", description="leave out pairs until it cannot, stop, or only record it"
    )


class Sampler(Section):
    """The model that answers. Any other than the one that is trained is off-policy."""

    model: str = Field("", description="name that inference serves; empty: the experiment's base")
    endpoint: str = Field("", description="a name in RLVF_ENDPOINTS; empty: the stack's inference")


class Answers(Section):
    """Which answers make supervised training data."""

    max_answers_per_problem: Positive = Field(4, description="so that no problem dominates")
    max_pass_rate: Share = Field(
        0.9, description="problems that the model solves more often than this are left out"
    )
    seed: Seed = Field(0, description="of the choice among answers")


class Data(Section):
    """How training data is made of problems."""

    sampler: Sampler = Field(Sampler(), description="the model that answers")
    sampling: DataSampling = Field(DataSampling(), description="of its answers")
    rounds: Rounds = Field(Rounds(), description="of sampling a problem")
    selection: Selection = Field(Selection(), description="of pairs, for `dpo`")
    audit: ShortcutAudit = Field(ShortcutAudit(), description="of pairs")
    answers: Answers = Field(Answers(), description="selection of answers, for `rft`")


def _key(setting: Setting) -> tuple[Any, Any]:
    """Type and field of the key of a hyperparameter."""
    bounds: dict[str, Any] = dict(setting.bounds)
    kind: Any = Float if setting.kind is float else setting.kind
    default = setting.default
    if issubclass(setting.kind, StrEnum):
        kind, default = Literal[tuple(map(str, setting.kind))], str(default)
    if setting.kind is int:
        bounds.setdefault("le", _MAX_INT32)
    if setting.by_loss:
        about = f"{setting.about}; null: what suits the loss"
        return kind | None, Field(None, description=about, **bounds)
    return kind, Field(default, description=setting.about, **bounds)


Method = Literal["dpo", "rft", "grpo"]
"""Ways to train: preference pairs, supervised on answers that pass (rejection sampling
fine-tuning), or online on rewards of answers to problems."""

TRAINS_ON: Mapping[Method, DataKind] = {"dpo": "pairs", "rft": "answers", "grpo": "problems"}

# Hyperparameters that follow from other keys of an arm: seeds, curriculum, verdicts.
_BY_TRAINING = ("seed", "keep_order", "shuffle_rewards")
_KEYS: dict[str, Any] = {
    name: _key(setting) for name, setting in SETTINGS.items() if name not in _BY_TRAINING
}
_Hyperparameters: Any = create_model("_Hyperparameters", __base__=Section, **_KEYS)


def suiting_settings(method: Method) -> list[str]:
    """Names of the hyperparameters that a method has."""
    return [
        name
        for name, setting in SETTINGS.items()
        if not setting.only_with or LOSSES[TRAINS_ON[method]] & setting.only_with
    ]


class Validation(Section):
    """How the checkpoint that becomes a run's adapter is chosen: its answers to held-out training
    problems pass most often. Training stops when fewer pass than before."""

    problems: NonNegative = Field(
        0, description="training problems that are held out; 0: the last step is the adapter"
    )
    samples_per_problem: int = Field(4, ge=1, le=1_000, description="answers to each of them")
    every_steps: Positive = Field(10, description="optimizer steps from checkpoint to checkpoint")


def _known_tracker(name: str) -> str:
    if name not in TRACKERS:
        raise ValueError(f"must be one of {', '.join(TRACKERS)}")
    return name


Tracker = Annotated[str, AfterValidator(_known_tracker)]


class Training(_Hyperparameters):
    """How adapters are trained. The other keys are those of `rlvf_api.hyperparameters`."""

    ladder: list[Positive] = Field(
        [], description="sizes of nested sets of pairs: an arm `dpo-SIZE` for each"
    )
    seeds: list[TrainingSeed] = Field(
        [0], min_length=1, description="a run with each; the runs of an arm are compared together"
    )
    rounds: int = Field(
        1, ge=1, le=16, description="each further one trains the adapter on new samples of its own"
    )
    reference: Literal["base", "start"] = Field(
        "base",
        description="of `dpo` in a further round: the base, or what it starts from",
    )
    curriculum: bool = Field(False, description="`dpo` takes pairs of easy problems first")
    validation: Validation = Field(Validation(), description="which checkpoint is the adapter")
    trackers: list[Tracker] = Field(
        [], description="of experiments, which are told every step of a training; offline"
    )

    def request(
        self, method: Method, *, seed: int, shuffled: bool = False
    ) -> trainer_pb2.Hyperparameters:
        """The hyperparameters of one run, without those that only other methods have. `shuffled`
        makes `grpo` a control."""
        given = {name: getattr(self, name) for name in suiting_settings(method) if name in _KEYS}
        kind = TRAINS_ON[method]
        if given["loss"] not in LOSSES[kind]:
            # The loss is that of the experiment's other arms; `recipes` refuses one that an arm
            # sets itself.
            given["loss"] = DEFAULT_LOSSES[kind]
        if shuffled and method == "grpo":
            given["shuffle_rewards"] = True
        keep_order = self.curriculum and method == "dpo"
        return hyperparameters.message({**given, "seed": seed, "keep_order": keep_order})

    def check(self, method: Method) -> None:
        """Raise InvalidArgument unless the trainer takes these settings with the method."""
        hyperparameters.resolve(self.request(method, seed=0))

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


class Prices(Section):
    """Prices of an hour of a device, for the report and the plan; they change nothing else."""

    cpu_hour: Float | None = Field(None, ge=0, description="of a core; null: not known")
    gpu_hour: Float | None = Field(None, ge=0, description="of a GPU; null: not known")
    million_tokens: Float | None = Field(
        None, ge=0, description="written by a server that does not say on what it runs"
    )
    currency: str = Field("USD", pattern=r"^\S{1,8}$", description="of all of them")


class Benchmark(Section):
    """A benchmark, and how it is sampled."""

    name: str = Field(description="such as humaneval")
    sampling: Sampling | None = Field(None, description="null: the evaluation's")


class Evaluation(Section):
    """What adapters and base are measured on."""

    benchmarks: list[Benchmark] = Field(
        [Benchmark(name="humaneval")],
        min_length=1,
        description="names, or a mapping where one is sampled in its own way; humaneval (164 "
        "tasks), starter (293) and starter-lines (108) need no file",
    )
    sampling: Sampling = Field(Sampling(), description="of answers to a benchmark")
    base_again: bool = Field(True, description="evaluate the base twice, to show the noise floor")
    greedy: bool = Field(
        False, description="also evaluate by greedy decoding, where sampling is not greedy"
    )

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
