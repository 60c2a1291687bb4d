"""Writes the cards of an export, of its adapters and data sets: the hub's metadata, and a text.

Every number is from `report.json`, with its n, its interval, and the condition that it was compared
with.

Metadata: https://github.com/huggingface/hub-docs, `modelcard.md` and `datasetcard.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from huggingface_hub import CardData, DatasetCardData, EvalResult, ModelCardData
from jinja2 import Environment, PackageLoader, StrictUndefined

from rlvf_api.hyperparameters import SETTINGS, Hyperparameters
from rlvf_client.keeping.hub_names import base_licence, base_on_hub, data_set_on_hub
from rlvf_client.keeping.report_file import Condition, Report, TrainedOn
from rlvf_common.statistics import formatting

__all__ = ["ExportedAdapter", "ExportedData", "data_card", "export_card", "model_card"]

_TAGS = ("code", "rlvf")
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)


@dataclass(frozen=True, slots=True)
class ExportedData:
    """A data set of an export."""

    name: str
    kind: str
    """`pairs`, or `answers`."""
    file: str
    """Name of the file in the folder of data sets."""
    records: int
    sources: tuple[str, ...]
    """Names of the sources of the problems."""
    selected: TrainedOn
    """What the report says of it, or of the set that it is part of."""
    verified: bool
    """Whether it was selected by true verdicts."""


@dataclass(frozen=True, slots=True)
class ExportedAdapter:
    """An adapter of an export, by the training run that made it."""

    name: str
    sha256: str
    model: str
    """Name of its base at inference."""
    base_weights_sha256: str
    hyperparameters: Hyperparameters
    data: ExportedData | None
    """None: it learned online."""
    problems_sha256: str
    """Digest of the problems that it learned on online; empty: it did not."""
    is_control: bool
    """Whether it was trained without verification, for comparison."""
    steps: int
    stopped: str
    """Why its training ended early; empty: it ran to its last step."""

    @property
    def method(self) -> str:
        """The training method in words."""
        if self.data is None:
            return "online reinforcement learning (GRPO) on rewards of its own answers"
        if self.data.kind == "pairs":
            return "direct preference optimisation (DPO) on pairs of answers"
        kind = "verified answers" if self.data.verified else "answers"
        return f"supervised training on {kind}"

    @property
    def tag(self) -> str:
        """The method as the hub's tag."""
        if self.data is None:
            return "grpo"
        return "dpo" if self.data.kind == "pairs" else "sft"


_TEMPLATES = Environment(
    loader=PackageLoader("rlvf_client.keeping"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # Markdown
)
_TEMPLATES.filters |= {
    "percent": formatting.percent,
    "percent_interval": formatting.percent_interval,
    "points": formatting.points,
    "points_interval": formatting.points_interval,
    "p_value": formatting.p_value,
}


def model_card(adapter: ExportedAdapter, report: Report, licence: str | None) -> str:
    """The README.md of an adapter's folder. `licence` as the hub writes it; None: the base's."""
    conditions = report.conditions_of(adapter.name)
    base = base_on_hub(adapter.model)
    metadata = ModelCardData(
        base_model=base,
        base_model_relation="adapter" if base else None,
        library_name="peft",
        license=licence or base_licence(adapter.model),
        pipeline_tag="text-generation",
        tags=[
            *_TAGS,
            "lora",
            "trl",
            adapter.tag,
            *([f"base_model:adapter:{base}"] if base else []),
        ],
        datasets=(_on_hub(adapter.data.sources) or None) if adapter.data else None,
        model_name=f"{report.experiment}-{adapter.name}",
        eval_results=[_eval_result(condition) for condition in conditions] or None,
    )
    return _card(
        "model_card.md.j2",
        metadata,
        adapter=adapter,
        base=base,
        report=report,
        results=[
            (condition, report.base_of(condition), report.comparisons_of(condition))
            for condition in conditions
        ],
        hyperparameters=_settings(adapter.hyperparameters),
    )


def data_card(sets: Sequence[ExportedData], report: Report, licence: str | None) -> str:
    """The README.md of the folder of data sets."""
    sources = sorted({source for one in sets for source in one.sources})
    metadata = DatasetCardData(
        license=licence or "unknown",
        annotations_creators="machine-generated",
        language_creators="machine-generated",
        pretty_name=f"{report.experiment}: training data",
        size_categories=_size_category(sum(one.records for one in sets)),
        source_datasets=_on_hub(sources) or None,
        task_categories=["text-generation"],
        tags=[*_TAGS, "trl", *sorted({_tag(one) for one in sets})],
        configs=_configs(sets),
    )
    return _card("data_card.md.j2", metadata, sets=sets, sources=sources, report=report)


def export_card(
    adapters: Sequence[ExportedAdapter],
    sets: Sequence[ExportedData],
    report: Report,
    licence: str | None,
) -> str:
    """The README.md of the whole folder; `datasets` also loads the sets from there."""
    metadata = CardData(
        license=licence or "unknown",
        tags=[*_TAGS],
        configs=_configs(sets, below="data/"),
    )
    return _card("export_card.md.j2", metadata, adapters=adapters, sets=sets, report=report)


def _card(template: str, metadata: CardData, **values: object) -> str:
    text = _TEMPLATES.get_template(template).render(**values)
    return f"---\n{metadata.to_yaml()}\n---\n\n{text}"


def _eval_result(condition: Condition) -> EvalResult:
    per_task = condition.samples // condition.tasks
    return EvalResult(
        task_type="text-generation",
        task_name="Code generation",
        dataset_type=data_set_on_hub(condition.benchmark) or condition.benchmark,
        dataset_name=condition.benchmark,
        metric_type="pass@1",
        metric_name=f"pass@1, 95% interval {formatting.percent_interval(condition.ci95)}",
        metric_value=condition.pass_at_1,
        metric_args={
            "tasks": condition.tasks,
            "samples_per_task": per_task,
            "ci95": list(condition.ci95),
            **{
                key.replace(" ", "_"): condition.settings[key]
                for key in ("temperature", "top p", "max tokens", "prompt style")
                if key in condition.settings
            },
        },
    )


def _settings(hyperparameters: Hyperparameters) -> dict[str, object]:
    """The hyperparameters that its loss has."""
    return {
        name: value
        for name, value in asdict(hyperparameters).items()
        if not SETTINGS[name].only_with or hyperparameters.loss in SETTINGS[name].only_with
    }


def _on_hub(sources: Sequence[str]) -> list[str]:
    return [name for name in map(data_set_on_hub, sources) if name is not None]


def _tag(data: ExportedData) -> str:
    return "preference" if data.kind == "pairs" else "sft"


def _configs(sets: Sequence[ExportedData], below: str = "") -> list[Mapping[str, object]]:
    """The sets as configurations of `datasets`, each with a split `train`."""
    return [
        {
            "config_name": one.name,
            "data_files": [{"split": "train", "path": f"{below}{one.file}"}],
            **({"default": True} if one is sets[0] else {}),
        }
        for one in sets
    ]


def _size_category(records: int) -> str:
    return next((name for limit, name in _SIZES if records < limit), "n>10M")
