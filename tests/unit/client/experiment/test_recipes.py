"""What an experiment trains, and which comparisons and trends it declares."""

import re

import pytest

from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.claims import Claims, claims_of, trends_by_records
from rlvf_client.experiment.config import parse_experiment
from rlvf_client.experiment.recipes import Recipe, recipes_of


def parsed(text: str) -> tuple[list[Recipe], Claims]:
    experiment = parse_experiment(f"name: x\n{text}", where="mine.yaml")
    recipes = recipes_of(experiment)
    return recipes, claims_of(experiment, recipes)


def rejection(text: str) -> str:
    with pytest.raises(InvalidArgument) as raised:
        parse_experiment(f"name: x\n{text}", where="mine.yaml")
    return re.sub(r"line \d+, ", "", str(raised.value), count=1)


def sides(claims: Claims) -> list[tuple[str, str, str]]:
    return [(one.benchmark, one.treatment, one.baseline) for one in claims.head_to_head]


ARMS = """
model: m
evaluation: {benchmarks: [humaneval, mbpp]}
data: {sampling: {temperature: 0.5, samples_per_problem: 4}, selection: {seed: 3}}
training: {learning_rate: 1e-4, beta: 0.3, seeds: [0, 7]}
arms:
  - {name: dpo-8, size: 8}
  - name: rft
    method: rft
    control: rft-unverified
    data: {sampling: {samples_per_problem: 16}}
    training: {learning_rate: 3e-4, epochs: 2}
  - name: rft-unverified
    method: rft
    verdicts: ignored
    data: {sampling: {samples_per_problem: 16}}
    training: {learning_rate: 3e-4, epochs: 2, seeds: [1]}
"""


def test_an_arm_says_what_differs_from_the_experiment() -> None:
    (dpo, rft, control), _ = parsed(ARMS)
    assert [one.name for one in (dpo, rft, control)] == ["dpo-8", "rft", "rft-unverified"]
    assert (dpo.data.sampling.samples_per_problem, dpo.data.sampling.temperature) == (4, 0.5)
    assert (rft.data.sampling.samples_per_problem, rft.data.sampling.temperature) == (16, 0.5)
    assert rft.data.selection.seed == 3
    request = rft.training.request("rft", seed=7)
    assert (request.learning_rate, request.epochs, request.seed) == (3e-4, 2, 7)
    assert dpo.training.request("dpo", seed=0).beta == 0.3
    assert dpo.runs() == [("dpo-8-seed-0", 0), ("dpo-8-seed-7", 7)]
    assert control.runs() == [("rft-unverified", 1)]


def test_rft_has_no_settings_of_preference_losses() -> None:
    (_, rft, _), _ = parsed(ARMS)
    request = rft.training.request("rft", seed=0)
    assert request.beta == 0
    assert not request.HasField("sft_weight")
    message = rejection("model: m\narms: [{name: a, method: rft, training: {beta: 0.2}}]")
    assert message == "mine.yaml, arms.0.training.beta: does not belong to rft"


ONLINE = """
model: m
data: {sampling: {temperature: 0.8}}
training: {loss: ipo, beta: 0.3}
arms:
  - {name: dpo}
  - {name: grpo, method: grpo, control: grpo-shuffled, training: {loss: dr_grpo, group_size: 4}}
  - name: grpo-shuffled
    method: grpo
    verdicts: shuffled
    training: {loss: dr_grpo, group_size: 4}
"""


def test_grpo_has_the_settings_of_policy_losses_and_a_control_with_exchanged_rewards() -> None:
    (dpo, grpo, control), claims = parsed(ONLINE)
    assert dpo.training.request("dpo", seed=0).loss == trainer_pb2.LOSS_IPO
    request = grpo.training.request("grpo", seed=3)
    assert (request.loss, request.group_size, request.seed) == (trainer_pb2.LOSS_DR_GRPO, 4, 3)
    assert (request.beta, request.shuffle_rewards) == (0, False)
    shuffled = control.training.request("grpo", seed=0, shuffled=True)
    assert (shuffled.loss, shuffled.shuffle_rewards) == (trainer_pb2.LOSS_DR_GRPO, True)
    (_, *others), _ = parsed(ONLINE.replace("loss: dr_grpo, ", ""))
    # The experiment's loss is for its other arms.
    assert {one.training.request("grpo", seed=0).loss for one in others} == {trainer_pb2.LOSS_DAPO}
    assert ("humaneval", "grpo", "grpo-shuffled") in sides(claims)


@pytest.mark.parametrize(
    ("arm", "message"),
    [
        ("training: {beta: 0.2}", "arms.0.training.beta: does not belong to grpo"),
        ("training: {loss: ipo}", "arms.0.training.loss: does not belong to grpo"),
        ("size: 8", "`size` is for records"),
        ("verdicts: ignored", "`verdicts: ignored` is for rft"),
        ("data: {sampling: {temperature: 1, top_p: 0.9}}", "arms.0.data.sampling.top_p: must be 1"),
        ("data: {sampler: {model: other}}", "the policy samples by itself"),
    ],
)
def test_settings_that_online_training_cannot_have_are_refused(arm: str, message: str) -> None:
    text = f"model: m\narms:\n  - {{name: a, method: grpo, {arm}}}"
    with pytest.raises(InvalidArgument) as raised:
        parsed(text)
    assert message in str(raised.value)


def test_every_arm_is_compared_with_the_base_and_with_its_control_on_each_benchmark() -> None:
    _, claims = parsed(ARMS)
    assert sides(claims) == [
        (benchmark, *pair)
        for benchmark in ("humaneval", "mbpp")
        for pair in (
            ("base-again", "base"),
            ("dpo-8", "base"),
            ("rft", "base"),
            ("rft-unverified", "base"),
            ("rft", "rft-unverified"),
        )
    ]
    assert [(one.benchmark, one.treatment, one.baseline) for one in claims.controls] == [
        ("humaneval", "rft", "rft-unverified"),
        ("mbpp", "rft", "rft-unverified"),
    ]
    assert claims.primary is None


def test_the_primary_outcome_is_one_of_the_comparisons() -> None:
    primary = "primary: {treatment: rft, baseline: rft-unverified, benchmark: mbpp}\n"
    _, claims = parsed(primary + ARMS)
    assert claims.primary == reporter_pb2.HeadToHead(
        benchmark="mbpp", baseline="rft-unverified", treatment="rft"
    )
    assert sides(claims).count(("mbpp", "rft", "rft-unverified")) == 1
    _, claims = parsed("primary: {treatment: rft, baseline: dpo-8, benchmark: mbpp}\n" + ARMS)
    assert sides(claims)[-1] == ("mbpp", "rft", "dpo-8")


def test_declared_comparisons_are_the_family() -> None:
    declared = "comparisons: [{treatment: rft, baseline: dpo-8}]\n"
    _, claims = parsed(declared + ARMS.replace("control: rft-unverified", ""))
    assert sides(claims) == [
        (benchmark, *pair)
        for benchmark in ("humaneval", "mbpp")
        for pair in (("base-again", "base"), ("rft", "dpo-8"))
    ]


@pytest.mark.parametrize(
    ("method", "arm", "control", "message"),
    [
        ("dpo", "", "", "`b` is trained on true verdicts; its `verdicts` must be `shuffled`"),
        ("grpo", "", "", "`b` is trained on true verdicts; its `verdicts` must be `shuffled`"),
        ("rft", "", "", "`b` is trained on true verdicts; its `verdicts` must be `shuffled` or"),
        ("dpo", "control: base", "", "there is no arm 'base'"),
        ("dpo", "control: a", "", "`a` is trained on true verdicts"),
        ("dpo", "verdicts: shuffled", "verdicts: shuffled", "is for an arm of true verdicts"),
        ("dpo", "", "verdicts: shuffled, method: rft", "differs in method"),
        ("dpo", "size: 8", "verdicts: shuffled", "differs in size"),
        ("dpo", "", "verdicts: shuffled, problems: {source: mbpp}", "differs in problems"),
        (
            "rft",
            "data: {answers: {max_pass_rate: 0.5}}",
            "verdicts: ignored, training: {epochs: 2}",
            "`b` must be the same training, but differs in data.answers.max_pass_rate, "
            "training.epochs",
        ),
        ("dpo", "models: [x]", "verdicts: shuffled, models: [y]", "none of the arm's models"),
    ],
)
def test_a_control_is_the_same_training_without_verification(
    method: str, arm: str, control: str, message: str
) -> None:
    named = arm if "control" in arm else f"control: b, {arm}"
    text = (
        "models: {x: a/x, y: a/y}\narms:\n"
        f"  - {{name: a, {named.rstrip(', ')}, method: {method}}}\n"
        f"  - {{name: b{f', {control}' if control else ''}"
        f"{'' if 'method' in control else f', method: {method}'}}}"
    )
    found = rejection(text)
    assert found.startswith("mine.yaml, arms.0.control: ")
    assert message in found


@pytest.mark.parametrize(
    ("method", "verdicts"), [("rft", "ignored"), ("rft", "shuffled"), ("dpo", "shuffled")]
)
def test_a_control_may_have_other_seeds_and_fewer_models(method: str, verdicts: str) -> None:
    _, claims = parsed(
        "models: {x: a/x, y: a/y}\narms:\n"
        f"  - {{name: a, method: {method}, control: b}}\n"
        f"  - {{name: b, method: {method}, verdicts: {verdicts}, models: [y], "
        "training: {seeds: [1, 2]}}"
    )
    assert [(one.treatment, one.baseline) for one in claims.controls] == [("y-a", "y-b")]


MODELS = """
models: {small: a/b, large: c/d}
training: {ladder: [8, 16]}
arms: [{name: only-large, models: [large]}]
"""


def test_arms_are_trained_on_each_model() -> None:
    recipes, claims = parsed(MODELS)
    assert [(one.model, one.name) for one in recipes] == [
        ("small", "small-dpo-8"),
        ("small", "small-dpo-16"),
        ("large", "large-dpo-8"),
        ("large", "large-dpo-16"),
        ("large", "large-only-large"),
    ]
    assert ("humaneval", "large-dpo-8", "large-base") in sides(claims)
    assert ("humaneval", "small-base-again", "small-base") in sides(claims)
    assert ("humaneval", "large-dpo-8", "small-base") not in sides(claims)


def test_an_arm_is_named_on_all_models_or_on_one() -> None:
    text = "comparisons: [{treatment: dpo-16, baseline: dpo-8}]\n"
    _, claims = parsed(text + MODELS)
    assert ("humaneval", "small-dpo-16", "small-dpo-8") in sides(claims)
    assert ("humaneval", "large-dpo-16", "large-dpo-8") in sides(claims)
    across = "primary: {treatment: large-dpo-8, baseline: small-dpo-8, benchmark: humaneval}\n"
    _, claims = parsed(across + MODELS)
    assert claims.primary is not None
    assert (claims.primary.treatment, claims.primary.baseline) == ("large-dpo-8", "small-dpo-8")
    several = "primary: {treatment: dpo-8, benchmark: humaneval}\n"
    assert "must be of one model" in rejection(several + MODELS)


def test_a_ladder_of_three_rungs_is_a_trend_for_each_model_and_one_of_two_is_not() -> None:
    _, claims = parsed(MODELS)
    assert [[(rung.size, rung.condition) for rung in trend.rungs] for trend in claims.trends] == [
        [(0, f"{model}-base"), (8, f"{model}-dpo-8"), (16, f"{model}-dpo-16")]
        for model in ("small", "large")
    ]
    _, claims = parsed("model: m\ntraining: {ladder: [8]}")
    assert claims.trends == []


def test_arms_that_differ_in_more_than_their_size_are_no_ladder() -> None:
    _, claims = parsed(
        "model: m\narms: [{name: a, size: 4}, {name: b, size: 8, training: {epochs: 2}}, "
        "{name: c, size: 16, verdicts: shuffled}]"
    )
    assert claims.trends == []


def ladder(*sizes: int) -> list[reporter_pb2.Trend]:
    """The trend of a base and arms of these sizes."""
    arms = ", ".join(f"{{name: rft-{size}, method: rft, size: {size}}}" for size in sizes)
    _, claims = parsed(f"model: m\narms: [{arms}]")
    return claims.trends


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        # As many as asked for.
        ({100: [100], 500: [500]}, [(0, "base"), (100, "rft-100"), (500, "rft-500")]),
        # There were 300 answers.
        ({100: [100], 500: [300]}, [(0, "base"), (100, "rft-100"), (300, "rft-500")]),
        # In further rounds every run has its own.
        ({100: [100, 90], 500: [300, 301]}, [(0, "base"), (95, "rft-100"), (300.5, "rft-500")]),
        (
            {100: [100], 500: [300], 1000: [300]},
            [(0, "base"), (100, "rft-100"), (300, "rft-500")],
        ),
        ({500: [300], 1000: [300]}, None),
    ],
)
def test_a_rung_is_as_large_as_its_training_set(
    records: dict[int, list[int]], expected: list[tuple[float, str]] | None
) -> None:
    found, remarks = trends_by_records(
        ladder(*records), {f"rft-{size}": runs for size, runs in records.items()}
    )
    sizes = [[(rung.size, rung.condition) for rung in trend.rungs] for trend in found]
    assert sizes == ([] if expected is None else [expected])
    same = [
        "rft-1000 was trained on 300 records, as many as rft-500: it is no rung of its own in a "
        "trend"
    ]
    none = ["no trend over base, rft-500, rft-1000: they have 2 sizes, and a trend needs 3"]
    assert remarks == same * (1000 in records) + none * (expected is None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model: m\narms: [{name: a}, {name: a}]", "arms: several arms have the name 'a'"),
        ("model: m\ntraining: {ladder: [8]}\narms: [{name: dpo-8}]", "arms: several arms"),
        ("model: m\narms: [{name: base}]", "arms.0.name: is reserved for the untrained model"),
        ("model: m\narms: [{name: a, verdicts: ignored}]", "arms.0: `verdicts: ignored` is for"),
        ("model: m\narms: [{name: a, models: [b]}]", "arms.0.models: 'b' is not one of `models`"),
        ("model: m\narms: [{name: a, data: {sampling: {top_k: 1}}}]", "arms.0.data.sampling.top_k"),
        (
            "model: m\narms: [{name: a, training: {batch_size: 6, micro_batch_size: 4}}]",
            "arms.0.training.micro_batch_size: must divide batch_size",
        ),
        (
            "model: m\narms: [{name: a, data: {selection: {min_gab: 1}}}]",
            "arms.0.data.selection.min_gab: there is no such key; did you mean 'min_gap'?",
        ),
        ("model: m\narms: [{name: a, training: {ladder: [1]}}]", "arms.0.training.ladder: does"),
        ("model: m\narms: [{name: a, control: b}]", "arms.0.control: there is no arm 'b'"),
        ("model: m\ncomparisons: [{treatment: q}]", "comparisons.0.treatment: there is no arm"),
        (
            "model: m\narms: [{name: a}]\ncomparisons: [{treatment: a, baseline: a}]",
            "comparisons.0.baseline: is the treatment itself",
        ),
        (
            "model: m\narms: [{name: a}]\nprimary: {treatment: base, benchmark: humaneval}",
            "primary.baseline: is the treatment itself",
        ),
        (
            "models: {x: a/x, y: a/y}\narms: [{name: a, models: [x]}, {name: b, models: [y]}]\n"
            "comparisons: [{treatment: a, baseline: b}]",
            "comparisons.0: no model has both 'a' and 'b'; name two arms of one model",
        ),
        (
            "models: {x: a/x, y: a/y}\narms: [{name: a}, {name: b}]\n"
            "comparisons: [{treatment: x-a, baseline: b}]",
            "comparisons.0: no model has both 'x-a' and 'b'",
        ),
        (
            "model: m\ntraining: {seeds: [0, 1]}\narms: [{name: a}, {name: a-seed-1}]",
            "arms: two conditions would have the name 'a-seed-1'",
        ),
        (
            "models: {x: a/x, x-y: a/y}\narms: [{name: a}, {name: y-a}]",
            "arms: two conditions would have the name 'x-y-a'",
        ),
        (
            "model: m\narms: [{name: a}]\nprimary: {treatment: a, benchmark: mbpp}",
            "primary.benchmark: is not one of those of `evaluation`: humaneval",
        ),
        ("model: m\nmodels: {a: b}", "model: is required: either"),
    ],
)
def test_what_is_wrong_with_an_arm_is_told_with_its_place(text: str, message: str) -> None:
    assert rejection(text).startswith(f"mine.yaml, {message}")
