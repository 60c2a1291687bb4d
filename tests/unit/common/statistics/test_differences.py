"""What is said of how results were made."""

from dataclasses import replace

import pytest

from rlvf_common.statistics.comparison import compare
from rlvf_common.statistics.differences import by_value, differences
from rlvf_common.statistics.results import (
    CalibrationRecord,
    EvaluationResult,
    ExecutorRecord,
    ModelRecord,
    SamplingRecord,
    TaskResult,
    TemplateRecord,
)

_SAMPLING = SamplingRecord(1, 0.0, 1.0, 512, 0)
_TEMPLATE = TemplateRecord("completion", "c" * 64)
_EXECUTOR = ExecutorRecord("TIER_NAMESPACES", "3.11.7", "e" * 64)
_CALIBRATION = CalibrationRecord(2, 2, 0, 0, 0, True, "", "b" * 64, "e" * 64, "3.11.7")
_RESULT = EvaluationResult(
    "mine",
    (TaskResult("a", 0, "passed"), TaskResult("b", 0, "failed")),
    calibration=_CALIBRATION,
    model=ModelRecord("org/base"),
    sampling=_SAMPLING,
    prompt_template=_TEMPLATE,
    stop=("\n\n",),
    limits={"cpu_seconds": 3.0, "memory_bytes": 536870912.0},
    executor=_EXECUTOR,
    versions={"rlvf-evaluator": "0.1.0", "python": "3.11.7"},
)


@pytest.mark.parametrize(
    ("other", "line"),
    [
        (replace(_RESULT, sampling=replace(_SAMPLING, prompt_style="chat")),
         "prompt style: completion and chat"),
        (replace(_RESULT, sampling=replace(_SAMPLING, temperature=0.8)),
         "temperature: 0.0 and 0.8"),
        (replace(_RESULT, sampling=replace(_SAMPLING, samples_per_problem=5)),
         "samples per problem: 1 and 5"),
        (replace(_RESULT, sampling=replace(_SAMPLING, max_tokens=64)), "max tokens: 512 and 64"),
        (replace(_RESULT, sampling=replace(_SAMPLING, top_p=0.5)), "top p: 1.0 and 0.5"),
        (replace(_RESULT, sampling=replace(_SAMPLING, seed=7)), "seed: 0 and 7"),
        (replace(_RESULT, prompt_template=TemplateRecord("chat", "d" * 64)),
         f"prompt template: completion {'c' * 12} and chat {'d' * 12}"),
        (replace(_RESULT, stop=()), "stop strings: ['\\n\\n'] and []"),
        (replace(_RESULT, extracted=True), "program: as answered and extracted from the answer"),
        (replace(_RESULT, model=ModelRecord("org/other")), "model base: org/base and org/other"),
        (replace(_RESULT, executor=replace(_EXECUTOR, tier="TIER_LANDLOCK")),
         "executor tier: TIER_NAMESPACES and TIER_LANDLOCK"),
        (replace(_RESULT, executor=replace(_EXECUTOR, policy_sha256="f" * 64)),
         f"executor policy: {'e' * 12} and {'f' * 12}"),
        (replace(_RESULT, executor=replace(_EXECUTOR, python_version="3.12.1")),
         "executor python version: 3.11.7 and 3.12.1"),
        (replace(_RESULT, limits={**_RESULT.limits, "memory_bytes": 1e9}),
         "limit memory bytes: 536,870,912 and 1,000,000,000"),
        (replace(_RESULT, versions={**_RESULT.versions, "rlvf-evaluator": "0.2.0"}),
         "version of rlvf-evaluator: 0.1.0 and 0.2.0"),
        (replace(_RESULT, versions={"python": "3.11.7"}),
         "version of rlvf-evaluator: 0.1.0 and not said"),
        (replace(_RESULT, calibration=None), f"benchmark: {'b' * 12} and not said"),
    ],
)  # fmt: skip
def test_what_made_two_results_is_told_where_it_differs(other: EvaluationResult, line: str) -> None:
    assert line in differences([_RESULT], [other])
    assert line in compare(_RESULT, other).differences


@pytest.mark.parametrize(
    "other",
    [
        _RESULT,
        replace(_RESULT, model=ModelRecord("org/base", "a" * 64)),
        replace(_RESULT, sampling=replace(_SAMPLING, repetition=1)),
        replace(_RESULT, results=(TaskResult("b", 0, "passed"), TaskResult("a", 0, "failed"))),
    ],
)
def test_what_is_compared_is_no_difference_in_making(other: EvaluationResult) -> None:
    assert differences([_RESULT], [other]) == []


def test_results_that_say_nothing_do_not_differ() -> None:
    bare = EvaluationResult("mine", _RESULT.results)
    assert differences([bare], [bare]) == []


def test_who_states_which_value_is_told_in_order() -> None:
    stated = [("a", {"torch": "2.8"}), ("b", {"torch": "2.9", "trl": "1"}), ("a", {"torch": "2.8"})]
    assert by_value(stated) == {
        "torch": {"2.8": ["a"], "2.9": ["b"]},
        "trl": {"not said": ["a"], "1": ["b"]},
    }


def test_a_difference_between_the_runs_of_a_side_is_told() -> None:
    chat = replace(_RESULT, sampling=replace(_SAMPLING, prompt_style="chat"))
    found = differences([_RESULT, chat], [_RESULT])
    assert found == ["prompt style: completion or chat and completion"]
