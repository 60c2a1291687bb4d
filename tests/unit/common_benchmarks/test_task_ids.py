"""Which task a sample means."""

import pytest

from rlvf_common.benchmarks import canonical_task_id

MBPP = ["Mbpp/11", "Mbpp/1", "Mbpp/111"]


@pytest.mark.parametrize(
    ("given", "task_ids", "meant"),
    [
        (11, MBPP, "Mbpp/11"),
        ("11", MBPP, "Mbpp/11"),
        (" 11 ", MBPP, "Mbpp/11"),
        ("Mbpp/11", MBPP, "Mbpp/11"),
        ("MBPP/11", MBPP, "Mbpp/11"),
        (1, MBPP, "Mbpp/1"),
        (0, ["HumanEval/0"], "HumanEval/0"),
        ("11", ["11", "Mbpp/11"], "11"),
        ("own", ["own"], "own"),
        (2, MBPP, None),
        ("", MBPP, None),
        ("Mbpp/", MBPP, None),
        ("HumanEval/11", MBPP, None),
        ("011", MBPP, None),
        (11.0, MBPP, None),
        (True, MBPP, None),
        (None, MBPP, None),
        (11, ["a/11", "b/11"], None),
        ("a/11", ["a/11", "b/11"], "a/11"),
    ],
)
def test_a_number_means_the_task_of_that_number(
    given: object, task_ids: list[str], meant: str | None
) -> None:
    assert canonical_task_id(given, task_ids) == meant
