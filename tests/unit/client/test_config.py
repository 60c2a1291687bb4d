"""Experiments as people write them."""

import pytest

from rlvf_client.config import dump_experiment, load_experiment, parse_experiment, presets
from rlvf_common.errors import InvalidArgument


def rejection(text: str) -> str:
    with pytest.raises(InvalidArgument) as raised:
        parse_experiment(text, where="mine.yaml")
    return str(raised.value)


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_a_valid_experiment_of_its_name(name: str) -> None:
    assert load_experiment(name).name == name


def test_the_required_presets_are_there() -> None:
    assert {"smoke", "demo", "scaling-starcoder2"} <= set(presets())


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(InvalidArgument, match="did you mean 'demo'"):
        load_experiment("dmo")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InvalidArgument, match=r"absent\.yaml: No such file"):
        load_experiment("absent.yaml")


def test_an_unknown_key_names_the_nearest_of_its_own_section() -> None:
    message = rejection("name: x\nmodel: m\ntraining: {learning_rat: 0.1}")
    assert (
        message
        == "mine.yaml, training.learning_rat: there is no such key; did you mean 'learning_rate'?"
    )


def test_an_unknown_key_in_a_nested_section_names_the_nearest() -> None:
    message = rejection("name: x\nmodel: m\npairs: {sampling: {temprature: 1.0}}")
    assert "pairs.sampling.temprature" in message
    assert "'temperature'" in message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name: x\nmodel: m\ntraining: {beta: high}", "training.beta"),
        ("name: x\nmodel: m\ntraining: {ladder: [2, 1]}", "training.ladder"),
        ("name: x\nmodel: m\ntraining: {precision: int8}", "training.precision"),
        ("name: x\nmodel: m\ntraining: {loss: hinge}", "training.loss"),
        ("name: x\nmodel: m\ntraining: {label_smoothing: 0.1}", "training.label_smoothing"),
        ("name: x\nmodel: m\ntraining: {seeds: [1, 1]}", "training.seeds"),
        ("name: x\nmodel: m\ntraining: {batch_size: 2.5}", "training.batch_size"),
        ("name: x\nmodel: m\nevaluation: {benchmarks: []}", "evaluation.benchmarks"),
        ("name: x\nmodel: m\nevaluation: {benchmarks: [a, {name: a}]}", "evaluation.benchmarks"),
        ("name: x\nmodel: m\nevaluation: {benchmarks: a}", "evaluation.benchmarks"),
        ("name: Not A Name\nmodel: m", "name"),
        ("name: x", "model"),
    ],
)
def test_a_wrong_value_is_placed(text: str, place: str) -> None:
    assert rejection(text).startswith(f"mine.yaml, {place}: ")


@pytest.mark.parametrize("text", ["", "- a list", "name: [unclosed"])
def test_what_is_not_a_mapping_is_refused(text: str) -> None:
    assert rejection(text).startswith("mine.yaml: ")


def test_a_benchmark_is_sampled_in_its_own_way_where_it_has_one() -> None:
    text = """
name: x
model: m
evaluation:
  benchmarks: [humaneval, {name: starter, sampling: {samples_per_problem: 8}}]
  sampling: {max_tokens: 99}
"""
    evaluation = parse_experiment(text, where="mine.yaml").evaluation
    assert evaluation.sampling_on("humaneval").max_tokens == 99
    assert evaluation.sampling_on("starter").samples_per_problem == 8


def test_a_mistyped_key_of_a_benchmark_names_the_nearest() -> None:
    message = rejection("name: x\nmodel: m\nevaluation: {benchmarks: [{name: a, samplin: {}}]}")
    assert message.endswith(
        "evaluation.benchmarks.0.samplin: there is no such key; did you mean 'sampling'?"
    )


def test_a_dumped_experiment_reads_as_itself() -> None:
    experiment = load_experiment("demo")
    assert parse_experiment(dump_experiment(experiment), where="dump") == experiment
