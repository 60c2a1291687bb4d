"""A bad request names its field."""

from collections.abc import Callable

import pytest

from rlvf.artifact.v1.artifact_pb2 import ArtifactRef
from rlvf.pair_generator.v1.pair_generator_pb2 import (
    REJECTED_ANY,
    GenerateRolloutsRequest,
    ProbeRequest,
    Rounds,
    Selection,
    SelectPairsRequest,
    ShortcutAudit,
)
from rlvf.sampling.v1.sampling_pb2 import (
    PROMPT_STYLE_CHAT,
    PROMPT_STYLE_COMPLETION,
    PROMPT_STYLE_UNSPECIFIED,
    Model,
    PromptStyle,
    Sampling,
)
from rlvf_api.errors import InvalidArgument
from rlvf_pair_generator.selecting.rules import AuditRules, Rules
from rlvf_pair_generator.validation import (
    checked_rules,
    checked_schedule,
    checked_styles,
    validate_probe,
    validate_rollouts,
    validate_selection,
)

REF = ArtifactRef(uri=f"s3://rlvf/blobs/sha256/{'a' * 64}", sha256="a" * 64, size_bytes=1)


def rollouts_request() -> GenerateRolloutsRequest:
    return GenerateRolloutsRequest(
        problems=REF,
        model=Model(base="m"),
        sampling=Sampling(samples_per_problem=8, temperature=0.8),
        benchmarks=[REF],
    )


def probe_request() -> ProbeRequest:
    return ProbeRequest(problems=REF, model=Model(base="m"), sampling=Sampling())


def selection_request() -> SelectPairsRequest:
    return SelectPairsRequest(rollouts=REF, ladder=[1, 2, 5])


def test_good_requests_pass() -> None:
    validate_probe(probe_request())
    validate_rollouts(rollouts_request())
    validate_selection(selection_request())


def test_an_endpoint_may_be_any_of_those_that_the_service_has() -> None:
    wanted = rollouts_request()
    wanted.endpoint = "hosted"
    validate_rollouts(wanted, endpoints=["hosted"])
    with pytest.raises(InvalidArgument, match="it has: elsewhere"):
        validate_rollouts(wanted, endpoints=["elsewhere"])


def test_defaults_of_the_selection() -> None:
    assert checked_rules(SelectPairsRequest()) == Rules()
    assert Rules().audit == AuditRules(max_auc=0.6, on_shortcut="rebalance")


def test_a_zero_that_is_set_is_not_a_default() -> None:
    selection = Selection(min_edit_distance=0.0, max_edit_distance=0.0, max_length_imbalance=0.0)
    rules = checked_rules(SelectPairsRequest(selection=selection))
    assert (rules.min_edit_distance, rules.max_edit_distance) == (0.0, 0.0)
    assert rules.max_length_imbalance == 0.0


def test_the_pass_rate_is_measured_on_the_first_round() -> None:
    wanted = SelectPairsRequest(selection=Selection(rejected=REJECTED_ANY))
    rules = checked_rules(wanted, measured_samples=4)
    assert rules.measured_samples == 4
    assert rules.rejected == {"failed", "error", "timeout", "memory"}


def test_the_schedule_of_a_request() -> None:
    wanted = rollouts_request()
    assert checked_schedule(wanted).size == 8
    assert checked_schedule(wanted).enough == 4
    assert checked_schedule(wanted).temperatures == (0.8,)
    wanted.rounds.MergeFrom(Rounds(size=4, temperatures=[0.4, 1.0], enough_of_each=6))
    assert checked_schedule(wanted).size == 4
    assert checked_schedule(wanted).temperatures == (0.4, 1.0)
    assert checked_schedule(wanted).enough == 6


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda r: r.ClearField("problems"), "problems"),
        (lambda r: r.problems.ClearField("sha256"), "problems.sha256"),
        (lambda r: r.ClearField("model"), "model"),
        (lambda r: r.model.ClearField("base"), "model.base"),
        (lambda r: r.ClearField("sampling"), "sampling"),
        (lambda r: r.sampling.MergeFrom(Sampling(temperature=3)), "sampling.temperature"),
        (lambda r: r.sampling.CopyFrom(Sampling(samples_per_problem=1)), "sampling.temperature"),
        (
            lambda r: r.sampling.MergeFrom(Sampling(samples_per_problem=1)),
            "sampling.samples_per_problem",
        ),
        (lambda r: setattr(r.sampling, "prompt_style", 9), "sampling.prompt_style"),
        (lambda r: r.rounds.MergeFrom(Rounds(size=1)), "rounds.size"),
        (lambda r: r.rounds.MergeFrom(Rounds(size=9)), "rounds.size"),
        (lambda r: r.rounds.MergeFrom(Rounds(enough_of_each=-1)), "rounds.enough_of_each"),
        (lambda r: r.rounds.MergeFrom(Rounds(temperatures=[0.0])), "rounds.temperatures"),
        (lambda r: r.rounds.MergeFrom(Rounds(temperatures=[0.5] * 9)), "rounds.temperatures"),
        (lambda r: setattr(r, "endpoint", "elsewhere"), "endpoint"),
        (lambda r: r.benchmarks[0].ClearField("uri"), "benchmarks[0].uri"),
    ],
)
def test_a_bad_field_of_the_sampling_is_named(
    spoil: Callable[[GenerateRolloutsRequest], None], field: str
) -> None:
    bad = rollouts_request()
    spoil(bad)
    with pytest.raises(InvalidArgument) as error:
        validate_rollouts(bad)
    assert error.value.field == field


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda r: r.ClearField("rollouts"), "rollouts"),
        (lambda r: r.rollouts.ClearField("sha256"), "rollouts.sha256"),
        (
            lambda r: r.selection.MergeFrom(Selection(max_pairs_per_problem=-1)),
            "selection.max_pairs_per_problem",
        ),
        (
            lambda r: r.selection.MergeFrom(Selection(max_length_ratio=0.5)),
            "selection.max_length_ratio",
        ),
        (
            lambda r: r.selection.MergeFrom(Selection(max_length_ratio=float("nan"))),
            "selection.max_length_ratio",
        ),
        (lambda r: r.selection.MergeFrom(Selection(min_pass_rate=-0.1)), "selection.min_pass_rate"),
        (
            lambda r: r.selection.MergeFrom(Selection(min_pass_rate=0.5, max_pass_rate=0.4)),
            "selection.max_pass_rate",
        ),
        (lambda r: r.selection.MergeFrom(Selection(max_pass_rate=1.1)), "selection.max_pass_rate"),
        *(
            (lambda r, n=name, v=value: setattr(r.selection, n, v), f"selection.{name}")
            for name, value in (
                ("min_edit_distance", -0.1),
                ("max_edit_distance", 0.01),
                ("max_edit_distance", 1.1),
                ("max_length_imbalance", 0.6),
                ("keep_share", 1.1),
                ("keep_best", -1),
                ("rejected", 9),
            )
        ),
        (
            lambda r: r.shortcut_audit.MergeFrom(ShortcutAudit(max_auc=0.4)),
            "shortcut_audit.max_auc",
        ),
        (
            lambda r: setattr(r.shortcut_audit, "on_shortcut", 9),
            "shortcut_audit.on_shortcut",
        ),
        (lambda r: r.ladder.append(5), "ladder"),
        (lambda r: r.ladder.insert(0, 0), "ladder"),
    ],
)
def test_a_bad_field_of_the_selection_is_named(
    spoil: Callable[[SelectPairsRequest], None], field: str
) -> None:
    bad = selection_request()
    spoil(bad)
    with pytest.raises(InvalidArgument) as error:
        validate_selection(bad)
    assert error.value.field == field


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (ProbeRequest(model=Model(base="m"), sampling=Sampling()), "problems"),
        (ProbeRequest(problems=REF, model=Model(), sampling=Sampling()), "model.base"),
        (ProbeRequest(problems=REF, model=Model(base="m")), "sampling"),
    ],
)
def test_a_probe_needs_problems_a_model_and_a_sampling(wrong: ProbeRequest, field: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        validate_probe(wrong)
    assert refusal.value.field == field


def test_a_probe_is_refused_what_a_sampling_is() -> None:
    wanted = probe_request()
    wanted.sampling.temperature = 3.0
    with pytest.raises(InvalidArgument, match=r"sampling\.temperature: must be from 0 to 2"):
        validate_probe(wanted)
    wanted = probe_request()
    wanted.endpoint = "far"
    with pytest.raises(InvalidArgument, match="`far` is not an endpoint"):
        validate_probe(wanted)


@pytest.mark.parametrize(
    "styles", [[PROMPT_STYLE_UNSPECIFIED], [PROMPT_STYLE_CHAT, PROMPT_STYLE_CHAT]]
)
def test_a_style_that_cannot_be_probed_or_is_named_twice_is_refused(
    styles: list[PromptStyle.ValueType],
) -> None:
    wanted = probe_request()
    wanted.styles.extend(styles)
    with pytest.raises(InvalidArgument, match=r"^styles: "):
        validate_probe(wanted)


def test_a_probe_tries_both_styles_unless_it_is_told_which() -> None:
    wanted = probe_request()
    # Of the sampling's own style nothing depends.
    wanted.sampling.prompt_style = PROMPT_STYLE_CHAT
    validate_probe(wanted)
    assert checked_styles(wanted) == ["completion", "chat"]
    wanted.styles.extend([PROMPT_STYLE_CHAT, PROMPT_STYLE_COMPLETION])
    assert checked_styles(wanted) == ["chat", "completion"]
