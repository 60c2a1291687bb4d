"""Experiments as people write them."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_api.hyperparameters import SETTINGS, Hyperparameters, resolve
from rlvf_client.experiment import sections
from rlvf_client.experiment.checking import check
from rlvf_client.experiment.config import (
    dump_experiment,
    load_experiment,
    parse_experiment,
    presets,
)
from rlvf_client.experiment.sections import Sampling, Training


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
    assert message == (
        "mine.yaml, line 3, training.learning_rat: there is no such key; did you mean "
        "'learning_rate'?"
    )


def test_an_unknown_key_in_a_nested_section_names_the_nearest() -> None:
    message = rejection("name: x\nmodel: m\ndata: {sampling: {temprature: 1.0}}")
    assert "data.sampling.temprature" in message
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
        ("name: x\nmodel: m\ntraining: {seeds: [4294967296]}", "training.seeds.0"),
        ("name: x\nmodel: m\ntraining: {ladder: [3000000000]}", "training.ladder.0"),
        ("name: x\nmodel: m\ntraining: {lora_rank: 4000000000}", "training.lora_rank"),
        ("name: x\nmodel: m\ntraining: {max_length: 1}", "training.max_length"),
        ("name: x\nmodel: m\ntraining: {learning_rate: .inf}", "training.learning_rate"),
        (
            "name: x\nmodel: m\ntraining: {batch_size: 6, micro_batch_size: 4}",
            "training.micro_batch_size",
        ),
        ("name: x\nmodel: m\ntraining: {batch_size: 1}", "training.micro_batch_size"),
        (
            "name: x\nmodel: m\ndata: {sampling: {max_tokens: 3000000000}}",
            "data.sampling.max_tokens",
        ),
        (
            "name: x\nmodel: m\nevaluation: {sampling: {samples_per_problem: 1001}}",
            "evaluation.sampling.samples_per_problem",
        ),
        (
            "name: x\nmodel: m\nevaluation: {sampling: {seed: 9223372036854775808}}",
            "evaluation.sampling.seed",
        ),
        (
            "name: x\nmodel: m\nevaluation: {sampling: {samples_per_problem: 4}}",
            "evaluation.sampling.temperature",
        ),
        (
            "name: x\nmodel: m\n"
            "evaluation: {benchmarks: [a, {name: b, sampling: {samples_per_problem: 4}}]}",
            "evaluation.benchmarks.1.sampling.temperature",
        ),
        ("name: Not A Name\nmodel: m", "name"),
        ("name: x", "model"),
    ],
)
def test_a_wrong_value_is_placed(text: str, place: str) -> None:
    assert re.match(rf"mine\.yaml, (line \d+, )?{re.escape(place)}: ", rejection(text))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\narms:\n  - name: a\n  -\n    name: b\n    siz: 1", "line 8, arms.1.siz"),
        ("arms: [\n{name: a},\n{method: rft}]", "line 5, arms.1.name"),
        ("problems:\n  source: starter\n  split: tset", "line 5, problems.0.split"),
        ("problems:\n  source: none.jsonl", "line 4, problems.0.source"),
        (
            "arms:\n- name: a\n  problems:\n  - source: no",
            "line 6, arms.0.problems.0.source",
        ),
        ("training: {seeds: [\n0,\n-1]}", "line 5, training.seeds.1"),
        ("arms:\n- {name: a, control: b}", "line 4, arms.0.control"),
        (
            "training:\n  ladder: [2]\n  validation: {problems: 9999}",
            "line 5, training.validation.problems",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_line(text: str, place: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        parse_experiment(f"name: x\nmodel: m\n{text}", where="mine.yaml", with_files=True)
    assert str(raised.value).startswith(f"mine.yaml, {place}: ")


def test_a_file_is_read_only_where_it_is_asked_for() -> None:
    parse_experiment("name: x\nmodel: m\nproblems: {source: none.jsonl}", where="mine.yaml")


def test_a_damaged_line_is_told() -> None:
    assert rejection("name: x\nmodel: m\ntraining: {\n").startswith(
        "mine.yaml, line 4: is not YAML"
    )
    assert rejection("name: x\nmodel: m\n\tx: 1").startswith("mine.yaml, line 3: is not YAML")


def test_a_key_that_is_there_twice_is_told_with_both_lines() -> None:
    text = "name: x\nmodel: m\ntraining:\n  epochs: 1\n  seeds: [0]\n  epochs: 2"
    assert rejection(text) == (
        "mine.yaml, line 6: `epochs` was already set in line 4; leave one out"
    )


@pytest.mark.parametrize(
    "text", ["name: My_Run 2\nmodel: m", "name: x\nmodel: m\narms: [{name: My_Run 2}]"]
)
def test_a_name_with_capital_letters_is_told_with_the_rule_and_a_name_that_works(text: str) -> None:
    told = rejection(text)
    assert "must be 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit" in told
    assert told.endswith("such as 'my-run-2' (got 'My_Run 2')")


@pytest.mark.parametrize(
    "text",
    ["", "- a list", "name: [unclosed", "name: " + "[" * 5000, "name: 2026-99-99", "name: \0"],
)
def test_yaml_that_is_not_a_mapping_is_refused(text: str) -> None:
    assert rejection(text).startswith(("mine.yaml: ", "mine.yaml, line 1: "))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xff\xfe\x00name: x")
    with pytest.raises(InvalidArgument, match=r"mine\.yaml: is not UTF-8 text"):
        load_experiment(str(path))


def test_options_of_a_command_are_checked_as_an_experiment_is() -> None:
    with pytest.raises(InvalidArgument, match="evaluate, temperature: must be above 0"):
        check(Sampling, {"samples_per_problem": 4, "temperature": 0.0}, before="evaluate, ")


def test_the_largest_values_fit_into_the_requests() -> None:
    text = f"""
name: x
model: m
data:
  sampling: {{samples_per_problem: 1000, temperature: 2, max_tokens: 32768, seed: {2**63 - 1}}}
  selection: {{max_pairs_per_problem: {2**31 - 1}, keep_best: {2**31 - 1}, seed: {2**63 - 1}}}
  rounds: {{size: {2**31 - 1}, enough_of_each: {2**31 - 1}}}
training: {{lora_rank: {2**31 - 1}, max_length: {2**31 - 1}, ladder: [{2**31 - 1}]}}
"""
    experiment = parse_experiment(text, where="mine.yaml")
    data, training = experiment.data, experiment.training
    sampling_pb2.Sampling(**data.sampling.model_dump())
    pair_generator_pb2.Selection(**data.selection.model_dump(exclude={"rejected"}))
    pair_generator_pb2.Rounds(**data.rounds.model_dump())
    pair_generator_pb2.SelectPairsRequest(ladder=training.ladder)
    request = training.request("dpo", seed=2**32 - 1)
    assert (request.lora_rank, request.max_length) == (2**31 - 1, 2**31 - 1)


def test_a_benchmark_is_sampled_in_its_own_way_where_it_has_one() -> None:
    text = """
name: x
model: m
evaluation:
  benchmarks: [humaneval, {name: starter, sampling: {samples_per_problem: 8, temperature: 0.6}}]
  sampling: {max_tokens: 99}
"""
    evaluation = parse_experiment(text, where="mine.yaml").evaluation
    assert evaluation.sampling_on("humaneval").max_tokens == 99
    assert evaluation.sampling_on("starter").samples_per_problem == 8


def test_a_part_of_the_sampling_of_training_data_leaves_the_rest_as_it_is() -> None:
    experiment = parse_experiment(
        "name: x\nmodel: m\ndata: {sampling: {max_tokens: 320}}", where=""
    )
    sampling = experiment.data.sampling
    assert (sampling.samples_per_problem, sampling.temperature) == (8, 0.8)
    assert sampling.max_tokens == 320


def test_true_verdicts_need_no_quotes() -> None:
    text = "name: x\nmodel: m\narms: [{name: rft, method: rft, verdicts: true}]"
    assert parse_experiment(text, where="").arms[0].verdicts == "true"


def test_a_mistyped_key_of_a_benchmark_names_the_nearest() -> None:
    message = rejection("name: x\nmodel: m\nevaluation: {benchmarks: [{name: a, samplin: {}}]}")
    assert message.endswith(
        "evaluation.benchmarks.0.samplin: there is no such key; did you mean 'sampling'?"
    )


def test_a_dumped_experiment_reads_as_itself() -> None:
    experiment = load_experiment("demo")
    assert parse_experiment(dump_experiment(experiment), where="dump") == experiment


def _float_settings() -> list[tuple[type[BaseModel], str]]:
    """Every setting that takes a number with a fraction, alone or in a list."""
    kinds = [kind for kind in vars(sections).values() if isinstance(kind, type)]
    return [
        (section, name)
        for section in kinds
        if issubclass(section, BaseModel)
        for name, field in section.model_fields.items()
        if "float" in str(field.annotation)
    ]


@pytest.mark.parametrize(("section", "name"), _float_settings())
def test_every_float_setting_takes_the_numbers_that_yaml_reads_as_strings(
    section: type[BaseModel], name: str
) -> None:
    field = section.model_fields[name]
    several = "list[" in str(field.annotation)
    value = field.default if isinstance(field.default, float) and field.default else 0.25
    others = {"name": "x", "model": "m", "loss": "robust"}
    record = {key: value for key, value in others.items() if key in section.model_fields}
    for text in (f"{value:e}", f"{value:E}", f"+{value:.9f}e+0", f"{value * 10:.9f}e-1"):
        given = [text] if several else text
        read = getattr(section.model_validate({**record, name: given}), name)
        assert read == pytest.approx([value] if several else value)
    for text in ("abc", "5e", "1e5x", "0x1p3", "nan", "1_0", ""):
        with pytest.raises(ValidationError, match="valid number"):
            section.model_validate({**record, name: [text] if several else text})


def test_a_learning_rate_may_be_written_as_papers_do() -> None:
    text = "name: x\nmodel: m\ntraining: {learning_rate: 5e-6, beta: 1e-1}"
    training = parse_experiment(text, where="mine.yaml").training
    request = training.request("dpo", seed=0)
    assert (request.learning_rate, request.beta) == (5e-6, 0.1)


def test_text_that_looks_like_a_number_stays_text() -> None:
    text = "name: 5e6\nmodel: m\nproblems: {source: mbpp, revision: 12e45678}"
    experiment = parse_experiment(text, where="mine.yaml")
    assert (experiment.name, experiment.problems[0].revision) == ("5e6", "12e45678")


def test_the_bound_of_a_number_that_yaml_reads_as_a_string_is_kept() -> None:
    complaint = rejection("name: x\nmodel: m\ntraining: {warmup_ratio: 2e0}")
    assert complaint.startswith("mine.yaml, line 3, training.warmup_ratio: ")
    assert "less than or equal to 1" in complaint
    assert "training.learning_rate" in rejection(
        "name: x\nmodel: m\ntraining: {learning_rate: 1e999}"
    )


def test_every_hyperparameter_of_the_trainer_is_a_key() -> None:
    given = Training(curriculum=True).request("dpo", seed=3)
    assert (given.seed, given.keep_order) == (3, True)
    assert resolve(given) == Hyperparameters(seed=3, keep_order=True)
    own = {"ladder", "seeds", "rounds", "reference", "curriculum", "validation", "trackers"}
    of_arms = {"seed", "keep_order", "shuffle_rewards"}
    assert set(SETTINGS) - of_arms == set(Training.model_fields) - own


def test_what_the_trainer_refuses_is_refused_in_its_words() -> None:
    complaint = rejection("name: x\nmodel: m\ntraining: {batch_size: 6, micro_batch_size: 4}")
    assert complaint.endswith("must divide batch_size, but 4 does not divide 6")


def test_prices_are_part_of_an_experiment_and_change_nothing_else() -> None:
    text = "name: x\nmodel: m\n"
    priced = parse_experiment(f"{text}prices: {{gpu_hour: 2, currency: EUR}}\n", where="it")
    assert priced.prices is not None
    assert (priced.prices.gpu_hour, priced.prices.cpu_hour) == (2.0, None)
    assert priced.model_copy(update={"prices": None}) == parse_experiment(text, where="it")
    with pytest.raises(InvalidArgument, match=r"prices\.gpu_hour"):
        parse_experiment(f"{text}prices: {{gpu_hour: -1}}\n", where="it")
