"""Which comparisons and trends the report is to make, derived from the settings of an
experiment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.contrasts import find_contrasts, settings_of
from rlvf_client.experiment.recipes import Recipe, condition_name
from rlvf_client.experiment.schema import BASE, BASE_AGAIN, Comparison, Experiment
from rlvf_common.statistics.formatting import plural
from rlvf_common.statistics.trend import MIN_RUNGS

__all__ = ["Claims", "claims_of", "trends_by_records"]

_MAY_DIFFER = ("training.seeds", "training.trackers")
"""Settings in which a control may differ from its arm: how often it is trained, and who is told."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The comparisons and trends that the report is asked for."""

    head_to_head: list[reporter_pb2.HeadToHead]
    trends: list[reporter_pb2.Trend]
    """With the arms' settings of `size`, which `trends_by_records` replaces."""
    primary: reporter_pb2.HeadToHead | None
    controls: list[reporter_pb2.HeadToHead]
    contrasts: list[reporter_pb2.Contrast]


def claims_of(experiment: Experiment, recipes: Sequence[Recipe]) -> Claims:
    """Which comparisons the report makes: every arm with its control, the primary one, and those
    that the experiment declares, or else every arm with its base and with those that it differs
    from in one thing.

    Raises:
        InvalidArgument: an arm or a benchmark is not there; two arms that are to be compared are
            one, or of different models; or a control is not the same training without verification.
    """
    benchmarks = [benchmark.name for benchmark in experiment.evaluation.benchmarks]

    def on_all(pairs: Sequence[tuple[str, str]]) -> list[reporter_pb2.HeadToHead]:
        return [
            reporter_pb2.HeadToHead(benchmark=benchmark, baseline=baseline, treatment=treatment)
            for benchmark in benchmarks
            for treatment, baseline in pairs
        ]

    again = [
        (condition_name(model, BASE_AGAIN), condition_name(model, BASE))
        for model in experiment.named_models
        if experiment.evaluation.base_again
    ]
    controls = list(_controls(experiment, recipes))
    declared = [
        pair
        for number, comparison in enumerate(experiment.comparisons)
        for pair in _named(experiment, comparison, recipes, f"comparisons.{number}")
    ]
    contrasts = find_contrasts(recipes)
    if not declared:
        declared = [(recipe.name, condition_name(recipe.model, BASE)) for recipe in recipes]
        declared += [(contrast.treatment, contrast.baseline) for contrast in contrasts]
    head_to_head = on_all(list(dict.fromkeys([*again, *declared, *controls])))
    primary = None
    if experiment.primary is not None:
        found = _named(experiment, experiment.primary, recipes, "primary")
        if len(found) != 1:
            raise InvalidArgument(
                "primary", "must be of one model: name the arm as `MODEL-ARM`, and so its baseline"
            )
        if experiment.primary.benchmark not in benchmarks:
            raise InvalidArgument(
                "primary.benchmark", f"is not one of those of `evaluation`: {', '.join(benchmarks)}"
            )
        ((treatment, baseline),) = found
        primary = reporter_pb2.HeadToHead(
            benchmark=experiment.primary.benchmark, baseline=baseline, treatment=treatment
        )
        if primary not in head_to_head:
            head_to_head.append(primary)
    return Claims(
        head_to_head,
        _trends(benchmarks, recipes),
        primary,
        on_all(controls),
        [
            reporter_pb2.Contrast(
                comparison=comparison,
                factor=contrast.factor,
                baseline_value=contrast.baseline_value,
                treatment_value=contrast.treatment_value,
            )
            for contrast in contrasts
            for comparison in on_all([(contrast.treatment, contrast.baseline)])
            if comparison in head_to_head
        ],
    )


def _controls(experiment: Experiment, recipes: Sequence[Recipe]) -> Iterator[tuple[str, str]]:
    """Every arm with its control, on each model that has both. Raises InvalidArgument."""
    on_models: dict[str, dict[str, Recipe]] = {}
    for recipe in recipes:
        on_models.setdefault(recipe.arm.name, {})[recipe.model] = recipe
    for number, arm in enumerate(experiment.arms):
        if not arm.control:
            continue
        place = f"arms.{number}.control"
        if arm.control not in on_models:
            raise InvalidArgument(
                place, f"there is no arm {arm.control!r}; there are: {', '.join(sorted(on_models))}"
            )
        treatments, controls = on_models[arm.name], on_models[arm.control]
        shared = [model for model in treatments if model in controls]
        if not shared:
            raise InvalidArgument(place, f"`{arm.control}` is trained on none of the arm's models")
        _check_control(treatments[shared[0]], controls[shared[0]], place)
        for model in shared:
            yield treatments[model].name, controls[model].name


def _check_control(treatment: Recipe, control: Recipe, place: str) -> None:
    """Raise InvalidArgument unless the recipes differ in verification alone."""
    name = control.arm.name
    if treatment.arm.verdicts != "true":
        raise InvalidArgument(place, "is for an arm of true verdicts, and this one has none")
    if control.arm.verdicts == "true":
        ways = "`shuffled` or `ignored`" if control.arm.method == "rft" else "`shuffled`"
        raise InvalidArgument(
            place, f"`{name}` is trained on true verdicts; its `verdicts` must be {ways}"
        )
    of_treatment, of_control = settings_of(treatment), settings_of(control)
    differing = [
        path
        for path, value in of_treatment.items()
        if path not in _MAY_DIFFER and of_control[path] != value
    ]
    if differing:
        raise InvalidArgument(
            place, f"`{name}` must be the same training, but differs in {', '.join(differing)}"
        )


def _named(
    experiment: Experiment, comparison: Comparison, recipes: Sequence[Recipe], place: str
) -> list[tuple[str, str]]:
    """Treatment and baseline by the names of conditions, at least one pair; where the comparison
    names arms, on every model that has both. Raises InvalidArgument."""
    if comparison.treatment == comparison.baseline:
        raise InvalidArgument(f"{place}.baseline", "is the treatment itself")
    models = list(experiment.named_models)
    bases = {condition_name(model, BASE) for model in models}
    known = {recipe.name for recipe in recipes} | bases
    if comparison.treatment in known and comparison.baseline in known:
        return [(comparison.treatment, comparison.baseline)]
    arms = {recipe.arm.name for recipe in recipes} | {BASE}
    for name, key in ((comparison.treatment, "treatment"), (comparison.baseline, "baseline")):
        if name not in arms | known:
            raise InvalidArgument(
                f"{place}.{key}", f"there is no arm {name!r}; there are: {', '.join(sorted(arms))}"
            )
    pairs = [
        (condition_name(model, comparison.treatment), condition_name(model, comparison.baseline))
        for model in models
    ]
    found = [pair for pair in pairs if set(pair) <= known]
    if not found:
        raise InvalidArgument(
            place,
            f"no model has both {comparison.treatment!r} and {comparison.baseline!r}; name two "
            "arms of one model, or both as `MODEL-ARM`",
        )
    return found


def _trends(benchmarks: Sequence[str], recipes: Sequence[Recipe]) -> list[reporter_pb2.Trend]:
    """The trend along every ladder that is long enough, on each benchmark. A ladder consists of the
    base and of recipes that differ in nothing but their size. Two rungs are a comparison, which is
    made already."""
    ladders: dict[str, dict[int, str]] = {}
    for recipe in recipes:
        if recipe.arm.size:
            same = (recipe.model, recipe.arm.method, recipe.arm.verdicts, recipe.problems)
            settings = (recipe.data.model_dump(), recipe.training.model_dump())
            ladder = ladders.setdefault(
                repr((same, settings)), {0: condition_name(recipe.model, BASE)}
            )
            ladder[recipe.arm.size] = recipe.name
    return [
        reporter_pb2.Trend(
            benchmark=benchmark,
            rungs=[
                reporter_pb2.TrendRung(size=size, condition=name)
                for size, name in sorted(ladder.items())
            ],
        )
        for benchmark in benchmarks
        for ladder in ladders.values()
        if len(ladder) >= MIN_RUNGS
    ]


def trends_by_records(
    trends: Sequence[reporter_pb2.Trend], records: Mapping[str, Sequence[int]]
) -> tuple[list[reporter_pb2.Trend], list[str]]:
    """The trends with the sizes that the training sets have, and what is to be told of those that
    `size` does not describe.

    `records` are the numbers of records of the runs of each arm. An arm is as large as they are in
    the mean: in further rounds each run has samples of its own. Arms of one size are one rung, and
    a trend with fewer than `MIN_RUNGS` is left out.
    """
    found: list[reporter_pb2.Trend] = []
    remarks: list[str] = []
    for trend in trends:
        rungs: dict[float, str] = {}
        for rung in trend.rungs:
            size = fmean(records.get(rung.condition, [0]))
            name = rungs.setdefault(size, rung.condition)
            if name != rung.condition:
                remarks.append(
                    f"{rung.condition} was trained on {plural(size, 'record')}, as many as "
                    f"{name}: it is no rung of its own in a trend"
                )
        if len(rungs) >= MIN_RUNGS:
            sizes = [
                reporter_pb2.TrendRung(size=size, condition=name)
                for size, name in sorted(rungs.items())
            ]
            found.append(reporter_pb2.Trend(benchmark=trend.benchmark, rungs=sizes))
        else:
            names = ", ".join(rung.condition for rung in trend.rungs)
            remarks.append(
                f"no trend over {names}: they have {len(rungs)} sizes, and a trend needs "
                f"{MIN_RUNGS}"
            )
    return found, list(dict.fromkeys(remarks))
