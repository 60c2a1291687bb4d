"""Defaults and ranges of a run's hyperparameters."""

import math

import pytest

from rlvf.artifact.v1.artifact_pb2 import ArtifactRef
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_api.hyperparameters import (
    SETTINGS,
    AdvantageScale,
    Hyperparameters,
    Loss,
    Precision,
    message,
    resolve,
    resolve_run,
)

from ...messages import with_fields


def test_an_empty_message_means_the_documented_defaults() -> None:
    assert resolve(trainer_pb2.Hyperparameters()) == Hyperparameters(
        precision=Precision.BF16,
        learning_rate=5e-5,
        beta=0.1,
        sft_weight=1.0,
        epochs=1.0,
        batch_size=16,
        micro_batch_size=2,
        max_length=1024,
        lora_rank=16,
        lora_alpha=32,
        lora_dropout=0.0,
        warmup_ratio=0.1,
        seed=0,
        checkpoint_steps=10,
        loss=Loss.SIGMOID,
        label_smoothing=0.0,
    )


def test_an_explicit_zero_turns_the_likelihood_term_and_the_warm_up_off() -> None:
    values = resolve(trainer_pb2.Hyperparameters(sft_weight=0, warmup_ratio=0))
    assert values.sft_weight == 0
    assert values.warmup_ratio == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("learning_rate", -1e-6),
        ("learning_rate", float("nan")),
        ("beta", float("inf")),
        ("sft_weight", -0.1),
        ("sft_weight", float("nan")),
        ("epochs", -1),
        ("batch_size", -16),
        ("micro_batch_size", 3),
        ("micro_batch_size", 32),
        ("max_length", 1),
        ("lora_rank", -1),
        ("lora_alpha", -1),
        ("lora_dropout", 1.0),
        ("warmup_ratio", 1.1),
        ("seed", -1),
        ("seed", 2**32),
        ("checkpoint_steps", -1),
        ("precision", 9),
        ("loss", 9),
        ("label_smoothing", 0.1),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(InvalidArgument) as caught:
        resolve(with_fields(trainer_pb2.Hyperparameters(), {field: value}))
    assert caught.value.field == f"hyperparameters.{field}"


@pytest.mark.parametrize(
    ("loss", "rate", "beta", "smoothing", "first_loss"),
    [
        (trainer_pb2.LOSS_SIGMOID, 5e-5, 0.1, 0.0, math.log(2)),
        (trainer_pb2.LOSS_IPO, 5e-6, 0.1, 0.0, 25.0),
        (trainer_pb2.LOSS_ROBUST, 5e-5, 0.1, 0.1, math.log(2)),
        (trainer_pb2.LOSS_SIGMOID_NORM, 5e-5, 5.0, 0.0, math.log(2)),
        (trainer_pb2.LOSS_NLL, 2e-4, 0.1, 0.0, 0.0),
    ],
)
def test_each_loss_has_its_own_defaults_and_first_loss(
    loss: "trainer_pb2.Loss.ValueType",
    rate: float,
    beta: float,
    smoothing: float,
    first_loss: float,
) -> None:
    values = resolve(trainer_pb2.Hyperparameters(loss=loss))
    assert values.learning_rate == rate
    assert (values.beta, values.label_smoothing) == (beta, smoothing)
    assert values.indifference == pytest.approx(first_loss)


def test_the_first_loss_of_ipo_follows_beta() -> None:
    request = trainer_pb2.Hyperparameters(loss=trainer_pb2.LOSS_IPO, beta=0.5)
    assert resolve(request).indifference == 1.0


@pytest.mark.parametrize("smoothing", [-0.1, 0.5, float("nan")])
def test_more_wrong_labels_than_right_ones_are_refused(smoothing: float) -> None:
    request = trainer_pb2.Hyperparameters(loss=trainer_pb2.LOSS_ROBUST, label_smoothing=smoothing)
    with pytest.raises(InvalidArgument) as caught:
        resolve(request)
    assert caught.value.field == "hyperparameters.label_smoothing"


@pytest.mark.parametrize(
    ("pairs", "epochs", "steps"),
    [(500, 1, 32), (2052, 1, 129), (1, 1, 1), (33, 2, 6), (16, 0.5, 1)],
)
def test_steps_are_counted_as_the_prior_experiment_counted_them(
    pairs: int, epochs: float, steps: int
) -> None:
    assert resolve(trainer_pb2.Hyperparameters(epochs=epochs)).total_steps(pairs) == steps


def test_every_field_of_the_contract_is_declared() -> None:
    assert set(SETTINGS) == set(trainer_pb2.Hyperparameters.DESCRIPTOR.fields_by_name)


@pytest.mark.parametrize(("kind", "name"), [(Loss, "loss"), (Precision, "precision")])
def test_every_member_of_an_enumeration_survives_a_request(kind: type[Loss], name: str) -> None:
    numbers = {int(getattr(message({name: member}), name)) for member in kind}
    enum = SETTINGS[name].descriptor.enum_type
    assert enum is not None
    assert numbers == set(enum.values_by_number) - {0}
    for member in kind:
        assert getattr(resolve(message({name: member})), name) is member


def test_values_survive_a_request() -> None:
    values = {"loss": "robust", "label_smoothing": 0.0, "sft_weight": 0.0, "seed": 7, "beta": None}
    resolved = resolve(message(values))
    assert (resolved.loss, resolved.label_smoothing) == (Loss.ROBUST, 0.0)
    assert (resolved.sft_weight, resolved.seed, resolved.beta) == (0.0, 7, 0.1)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("learning_rate", -1.0, "must be above 0, is -1.0"),
        ("lora_dropout", 1.0, "must be at least 0 and below 1, is 1.0"),
        ("seed", 2**32, "must be at least 0 and below 4,294,967,296, is 4,294,967,296"),
        ("label_smoothing", 0.1, "belongs to the loss `robust`; the loss is `sigmoid`"),
    ],
)
def test_the_range_is_told(field: str, value: float, problem: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        resolve(with_fields(trainer_pb2.Hyperparameters(), {field: value}))
    assert caught.value.message == problem


@pytest.mark.parametrize(
    ("field", "value"), [("beta", 0.1), ("sft_weight", 1.0), ("sft_weight", 0.0)]
)
def test_what_belongs_to_preferences_is_refused_with_likelihood(field: str, value: float) -> None:
    with pytest.raises(InvalidArgument) as caught:
        resolve(message({"loss": "nll", field: value}))
    assert caught.value.field == f"hyperparameters.{field}"
    assert caught.value.message == (
        "belongs to the losses `sigmoid`, `ipo`, `robust`, `sigmoid_norm`; the loss is `nll`"
    )


PAIRS, ANSWERS = ArtifactRef(uri="s3://b/pairs"), ArtifactRef(uri="s3://b/answers")


def test_a_run_on_answers_maximises_likelihood_unless_told_and_one_on_pairs_prefers() -> None:
    on_answers = trainer_pb2.RunTrainingRequest(answers=ANSWERS)
    assert resolve_run(on_answers) == Hyperparameters(
        loss=Loss.NLL, learning_rate=2e-4, sft_weight=0.0
    )
    assert resolve_run(trainer_pb2.RunTrainingRequest(pairs=PAIRS)) == Hyperparameters()


@pytest.mark.parametrize(
    ("request_", "field", "problem"),
    [
        (
            trainer_pb2.RunTrainingRequest(),
            "pairs",
            "exactly one of `pairs`, `answers` and `problems` is required",
        ),
        (
            trainer_pb2.RunTrainingRequest(pairs=PAIRS, answers=ANSWERS),
            "pairs",
            "exactly one of `pairs`, `answers` and `problems` is required",
        ),
        (
            trainer_pb2.RunTrainingRequest(pairs=PAIRS, hyperparameters=message({"loss": "nll"})),
            "hyperparameters.loss",
            "with `pairs` must be one of `sigmoid`, `ipo`, `robust`, `sigmoid_norm`, is `nll`",
        ),
        (
            trainer_pb2.RunTrainingRequest(
                answers=ANSWERS, hyperparameters=message({"loss": "ipo"})
            ),
            "hyperparameters.loss",
            "with `answers` must be one of `nll`, is `ipo`",
        ),
        (
            trainer_pb2.RunTrainingRequest(
                problems=PAIRS,
                sampling=trainer_pb2.OnlineSampling(),
                hyperparameters=message({"loss": "sigmoid"}),
            ),
            "hyperparameters.loss",
            "with `problems` must be one of `dapo`, `grpo`, `dr_grpo`, is `sigmoid`",
        ),
        (
            trainer_pb2.RunTrainingRequest(problems=PAIRS),
            "sampling",
            "belongs to `problems`, which need it",
        ),
        (
            trainer_pb2.RunTrainingRequest(
                problems=PAIRS,
                sampling=trainer_pb2.OnlineSampling(),
                hyperparameters=message({"group_size": 7}),
            ),
            "hyperparameters.group_size",
            "must divide batch_size, but 7 does not divide 64",
        ),
        (
            trainer_pb2.RunTrainingRequest(
                pairs=PAIRS, hyperparameters=message({"loss": "ipo", "resamples": 0})
            ),
            "hyperparameters.resamples",
            "belongs to the losses `dapo`, `grpo`, `dr_grpo`; the loss is `ipo`",
        ),
    ],
)
def test_a_loss_that_does_not_suit_the_records_is_refused(
    request_: trainer_pb2.RunTrainingRequest, field: str, problem: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        resolve_run(request_)
    assert (caught.value.field, caught.value.message) == (field, problem)


def test_policy_losses_have_defaults_of_their_own_and_steps_of_groups() -> None:
    online = trainer_pb2.OnlineSampling()
    dapo = resolve_run(trainer_pb2.RunTrainingRequest(problems=PAIRS, sampling=online))
    assert (dapo.loss, dapo.learning_rate, dapo.batch_size) == (Loss.DAPO, 1e-4, 64)
    assert (dapo.kl_weight, dapo.resamples, dapo.advantage_scale) == (0, 2, AdvantageScale.GROUP)
    assert dapo.indifference == 0
    # 64 answers are 8 groups of 8.
    assert [dapo.total_steps(problems) for problems in (4, 8, 9, 80)] == [1, 1, 2, 10]
    none = message({"loss": "dr_grpo", "resamples": 0})
    plain = resolve_run(
        trainer_pb2.RunTrainingRequest(problems=PAIRS, sampling=online, hyperparameters=none)
    )
    assert (plain.resamples, plain.advantage_scale) == (0, AdvantageScale.NONE)
