"""Checks requests, and fills in their defaults."""

import math
from collections.abc import Collection
from itertools import pairwise

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_common.problems.prompts import PromptStyle
from rlvf_common.rollouts.sampling import STYLE_NUMBERS, SamplingParameters, check_model
from rlvf_common.rpc.validation import require, require_artifact
from rlvf_pair_generator.schedule import Schedule
from rlvf_pair_generator.selecting.rules import AnswerRules, AuditRules, OnShortcut, Rules, Verdicts

__all__ = [
    "checked_answer_rules",
    "checked_rules",
    "checked_schedule",
    "checked_styles",
    "validate_answer_selection",
    "validate_probe",
    "validate_rollouts",
    "validate_selection",
]

_MOST_TEMPERATURES = 16
_ENOUGH_OF_EACH = 4

_REJECTED = {
    pair_generator_pb2.REJECTED_UNSPECIFIED: frozenset({"failed"}),
    pair_generator_pb2.REJECTED_WRONG_RESULT: frozenset({"failed"}),
    pair_generator_pb2.REJECTED_OR_EXCEPTION: frozenset({"failed", "error"}),
    pair_generator_pb2.REJECTED_ANY: frozenset({"failed", "error", "timeout", "memory"}),
}
_VERDICTS: dict[int, Verdicts] = {
    pair_generator_pb2.VERDICTS_UNSPECIFIED: "true",
    pair_generator_pb2.VERDICTS_TRUE: "true",
    pair_generator_pb2.VERDICTS_IGNORED: "ignored",
    pair_generator_pb2.VERDICTS_SHUFFLED: "shuffled",
}
_ON_SHORTCUT: dict[int, OnShortcut] = {
    pair_generator_pb2.ON_SHORTCUT_UNSPECIFIED: "rebalance",
    pair_generator_pb2.ON_SHORTCUT_REBALANCE: "rebalance",
    pair_generator_pb2.ON_SHORTCUT_REFUSE: "refuse",
    pair_generator_pb2.ON_SHORTCUT_RECORD: "record",
}


def validate_rollouts(
    request: pair_generator_pb2.GenerateRolloutsRequest, endpoints: Collection[str] = ()
) -> None:
    """Raise InvalidArgument for the first field that is missing or out of range. `endpoints`: the
    names that `endpoint` may have."""
    _require_sampled(request, endpoints)
    checked_schedule(request)


def validate_probe(
    request: pair_generator_pb2.ProbeRequest, endpoints: Collection[str] = ()
) -> None:
    """Raise InvalidArgument for the first field that is missing or out of range. `endpoints`: the
    names that `endpoint` may have."""
    _require_sampled(request, endpoints)
    sampling = sampling_pb2.Sampling()
    sampling.CopyFrom(request.sampling)
    sampling.ClearField("prompt_style")
    SamplingParameters.checked(sampling)
    checked_styles(request)


def _require_sampled(
    request: pair_generator_pb2.GenerateRolloutsRequest | pair_generator_pb2.ProbeRequest,
    endpoints: Collection[str],
) -> None:
    """Check the fields that say what is sampled: problems, benchmarks, model, endpoint."""
    require(request.HasField("problems"), "problems", "is required")
    require_artifact(request.problems, "problems")
    require(request.HasField("model"), "model", "is required")
    check_model(request.model)
    require(request.HasField("sampling"), "sampling", "is required")
    require(
        request.endpoint == "" or request.endpoint in endpoints,
        "endpoint",
        f"`{request.endpoint}` is not an endpoint of this service; it has: "
        f"{', '.join(sorted(endpoints)) or 'only its own'} (RLVF_ENDPOINTS)",
    )
    for number, benchmark in enumerate(request.benchmarks):
        require_artifact(benchmark, f"benchmarks[{number}]")


def checked_styles(request: pair_generator_pb2.ProbeRequest) -> list[PromptStyle]:
    """The styles to probe, in the order of the request. Raises InvalidArgument."""
    names: dict[int, PromptStyle] = {number: name for name, number in STYLE_NUMBERS.items()}
    for style in request.styles:
        require(
            style in names,
            "styles",
            f"has {style}, which cannot be probed; COMPLETION and CHAT can",
        )
    require(
        len(set(request.styles)) == len(request.styles), "styles", "must not name a style twice"
    )
    return [names[style] for style in request.styles or names]


def validate_selection(request: pair_generator_pb2.SelectPairsRequest) -> None:
    """Raise InvalidArgument for the first field that is missing or out of range."""
    require(request.HasField("rollouts"), "rollouts", "is required")
    require_artifact(request.rollouts, "rollouts")
    checked_rules(request)
    sizes = list(request.ladder)
    require(all(size > 0 for size in sizes), "ladder", f"sizes must be positive, got {sizes}")
    require(
        all(small < large for small, large in pairwise(sizes)),
        "ladder",
        f"sizes must ascend, got {sizes}",
    )


def validate_answer_selection(request: pair_generator_pb2.SelectAnswersRequest) -> None:
    """Raise InvalidArgument for the first field that is missing or out of range."""
    require(request.HasField("rollouts"), "rollouts", "is required")
    require_artifact(request.rollouts, "rollouts")
    checked_answer_rules(request)


def checked_schedule(request: pair_generator_pb2.GenerateRolloutsRequest) -> Schedule:
    """The request's schedule of samples, with defaults. Raises InvalidArgument."""
    sampling = SamplingParameters.checked(request.sampling)
    temperatures = tuple(request.rounds.temperatures) or (sampling.temperature,)
    field = "rounds.temperatures" if request.rounds.temperatures else "sampling.temperature"
    require(
        all(0.0 < temperature <= 2.0 for temperature in temperatures),
        field,
        "must be above 0 and at most 2: pairs need answers that differ",
    )
    require(
        sampling.samples_per_problem >= 2,
        "sampling.samples_per_problem",
        f"must be at least 2, got {sampling.samples_per_problem}",
    )
    size = request.rounds.size or sampling.samples_per_problem
    require(
        2 <= size <= sampling.samples_per_problem,
        "rounds.size",
        f"must be from 2 to samples_per_problem, {sampling.samples_per_problem}; got {size}",
    )
    require(
        len(temperatures) <= min(_MOST_TEMPERATURES, size),
        "rounds.temperatures",
        f"a round of {size} samples takes at most {min(_MOST_TEMPERATURES, size)}, got "
        f"{len(temperatures)}",
    )
    enough = request.rounds.enough_of_each or _ENOUGH_OF_EACH
    require(enough > 0, "rounds.enough_of_each", f"must be positive, got {enough}")
    return Schedule(sampling, size, temperatures, enough)


def checked_rules(
    request: pair_generator_pb2.SelectPairsRequest, *, measured_samples: int = 0
) -> Rules:
    """The request's rules, with defaults; `measured_samples` as in `Rules`. Raises
    InvalidArgument."""
    selection, defaults = request.selection, Rules()
    require(
        selection.rejected in _REJECTED,
        "selection.rejected",
        f"{selection.rejected} is not a value of it",
    )
    # These fields are optional, so that 0 can be told from the default.
    given = {
        name: getattr(selection, name) if selection.HasField(name) else getattr(defaults, name)
        for name in ("min_edit_distance", "max_edit_distance", "max_length_imbalance")
    }
    rules = Rules(
        max_pairs_per_problem=selection.max_pairs_per_problem or defaults.max_pairs_per_problem,
        max_length_ratio=selection.max_length_ratio or defaults.max_length_ratio,
        min_pass_rate=selection.min_pass_rate,
        max_pass_rate=selection.max_pass_rate or defaults.max_pass_rate,
        seed=selection.seed,
        rejected=_REJECTED[selection.rejected],
        keep_share=selection.keep_share or defaults.keep_share,
        keep_best=selection.keep_best,
        measured_samples=measured_samples,
        audit=_checked_audit(request.shortcut_audit),
        verdicts=_checked_verdicts(selection.verdicts),
        min_gap=selection.min_gap,
        **given,
    )
    require(rules.max_pairs_per_problem > 0, "selection.max_pairs_per_problem", "must be positive")
    require(
        rules.verdicts != "ignored",
        "selection.verdicts",
        "must be TRUE or SHUFFLED: pairs need answers that pass and answers that fail",
    )
    require(
        math.isfinite(rules.max_length_ratio) and rules.max_length_ratio >= 1.0,
        "selection.max_length_ratio",
        f"must be at least 1, got {rules.max_length_ratio}",
    )
    for name, least, most, words in (
        ("min_pass_rate", 0.0, 1.0, "0 to 1"),
        ("max_pass_rate", rules.min_pass_rate, 1.0, "min_pass_rate to 1"),
        ("min_edit_distance", 0.0, 1.0, "0 to 1"),
        ("max_edit_distance", rules.min_edit_distance, 1.0, "min_edit_distance to 1"),
        ("max_length_imbalance", 0.0, 0.5, "0 to 0.5"),
        ("keep_share", 0.0, 1.0, "0 to 1"),
        ("min_gap", 0.0, 1.0, "0 to 1"),
    ):
        value = getattr(rules, name)
        require(least <= value <= most, f"selection.{name}", f"must be from {words}, got {value}")
    require(rules.keep_best >= 0, "selection.keep_best", "must not be negative")
    return rules


def checked_answer_rules(
    request: pair_generator_pb2.SelectAnswersRequest, *, measured_samples: int = 0
) -> AnswerRules:
    """The request's rules, with defaults; `measured_samples` as in `Rules`. Raises
    InvalidArgument."""
    selection, defaults = request.selection, AnswerRules()
    rules = AnswerRules(
        max_answers_per_problem=(
            selection.max_answers_per_problem or defaults.max_answers_per_problem
        ),
        max_pass_rate=(
            selection.max_pass_rate
            if selection.HasField("max_pass_rate")
            else defaults.max_pass_rate
        ),
        keep=selection.keep,
        verdicts=_checked_verdicts(selection.verdicts),
        seed=selection.seed,
        measured_samples=measured_samples,
    )
    amount = rules.max_answers_per_problem
    require(amount > 0, "selection.max_answers_per_problem", f"must be positive, got {amount}")
    require(
        0.0 <= rules.max_pass_rate <= 1.0,
        "selection.max_pass_rate",
        f"must be from 0 to 1, got {rules.max_pass_rate}",
    )
    require(rules.keep >= 0, "selection.keep", f"must not be negative, got {rules.keep}")
    return rules


def _checked_verdicts(value: int) -> Verdicts:
    require(value in _VERDICTS, "selection.verdicts", f"{value} is not a value of it")
    return _VERDICTS[value]


def _checked_audit(message: pair_generator_pb2.ShortcutAudit) -> AuditRules:
    """The settings of the audit, with defaults. Raises InvalidArgument."""
    require(
        message.on_shortcut in _ON_SHORTCUT,
        "shortcut_audit.on_shortcut",
        f"{message.on_shortcut} is not a value of it",
    )
    max_auc = message.max_auc or AuditRules().max_auc
    require(
        0.5 <= max_auc <= 1.0, "shortcut_audit.max_auc", f"must be from 0.5 to 1, got {max_auc}"
    )
    return AuditRules(max_auc, _ON_SHORTCUT[message.on_shortcut])
