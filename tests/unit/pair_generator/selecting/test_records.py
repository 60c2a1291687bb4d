"""What is stored of a pair."""

import json
from dataclasses import replace

import pytest

from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import TEMPLATES, chat_message, program
from rlvf_common.rollouts.rollout import Rollout
from rlvf_common.rollouts.rollout_set import GraderIdentity, RolloutSet, StoredArtifact
from rlvf_common.rollouts.sampling import SamplingParameters
from rlvf_pair_generator.selecting.pair_selection import select_pairs
from rlvf_pair_generator.selecting.records import Provenance, dump_pairs
from rlvf_pair_generator.selecting.rules import Rules

TEMPLATE = TEMPLATES["completion"]
PROBLEM = Problem("t/0", 'def f(x):\n    """Add."""\n', "f", CheckFunction(""), "", "unit", "train")
RIGHT = Rollout("t/0", 0, "    return x + 1\n", "stop", 9, "passed", "", 1.0)
WRONG = Rollout("t/0", 3, "    return x - 1\n", "stop", 9, "failed", "", 1.0)
ROLLOUTS = RolloutSet(
    samples=StoredArtifact("s3://b/s", "b" * 64, 1, "application/jsonl"),
    problems=StoredArtifact("s3://b/p", "c" * 64, 1, "application/jsonl"),
    model="m",
    adapter_sha256="",
    endpoint="",
    sampling=SamplingParameters(8, 0.8, 1.0, 256, 7),
    round_size=4,
    temperatures=(0.4, 1.0),
    enough_of_each=4,
    template=TEMPLATE.name,
    template_sha256=TEMPLATE.sha256,
    grader=GraderIdentity("d" * 64, "namespaces", "3.11.7"),
    problems_given=1,
    duplicates=(),
    excluded=(),
    problems_with_both=1,
    samples_drawn=2,
    passed=1,
)


def record(
    rollouts: RolloutSet = ROLLOUTS,
    trained_model: str = "",
    trained_adapter: str = "",
    samples: tuple[Rollout, Rollout] = (RIGHT, WRONG),
) -> dict[str, object]:
    selected = select_pairs([PROBLEM], samples, Rules(measured_samples=4))
    provenance = Provenance(rollouts, "e" * 64, trained_model, trained_adapter)
    (line,) = dump_pairs(selected.pairs, provenance, selected.audit).splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_records_hold_the_text_that_the_model_wrote() -> None:
    found = record()
    assert f"{found['prompt']}{found['chosen']}" == program(PROBLEM, RIGHT.completion)
    assert f"{found['prompt']}{found['rejected']}" == program(PROBLEM, WRONG.completion)
    assert str(found["chosen"]).startswith("\n    return")


def test_records_of_a_chat_are_conversations_with_the_answers_as_they_were_written() -> None:
    right = replace(RIGHT, answer="```python\ndef f(x):\n    return x + 1\n```")
    wrong = replace(WRONG, answer="```python\ndef f(x):\n    return x - 1\n```")
    found = record(samples=(right, wrong))
    assert found["prompt"] == [{"role": "user", "content": chat_message(PROBLEM)}]
    assert found["chosen"] == [{"role": "assistant", "content": right.answer}]
    assert found["rejected"] == [{"role": "assistant", "content": wrong.answer}]


def test_records_say_where_a_pair_comes_from() -> None:
    found = record()
    assert (found["chosen_verdict"], found["rejected_verdict"]) == ("passed", "failed")
    assert (found["chosen_sample"], found["rejected_sample"]) == (0, 3)
    assert (found["chosen_temperature"], found["rejected_temperature"]) == (0.4, 1.0)
    assert (found["pass_rate"], found["passes"], found["samples"]) == (0.5, 1, 2)
    assert (found["quality"], found["length_ratio"]) == (1.0, 1.0)
    assert 0.0 < float(str(found["edit_distance"])) < 0.5
    assert found["template_sha256"] == TEMPLATE.sha256
    assert (found["samples_sha256"], found["rollouts_sha256"]) == ("b" * 64, "e" * 64)
    assert (found["grader_policy_sha256"], found["grader_tier"]) == ("d" * 64, "namespaces")
    assert (found["audit_before"], found["audit_after"]) == (None, None)


@pytest.mark.parametrize(
    ("changes", "trained_model", "trained_adapter", "off_policy"),
    [
        ({}, "", "", False),
        ({}, "m", "", False),
        ({}, "other", "", True),
        ({"endpoint": "hosted"}, "m", "", True),
        ({"adapter_sha256": "f" * 64}, "m", "", True),
        ({"adapter_sha256": "f" * 64}, "m", "f" * 64, False),
        ({}, "m", "f" * 64, True),
    ],
)
def test_pairs_of_anything_but_the_model_to_train_are_off_policy(
    changes: dict[str, str], trained_model: str, trained_adapter: str, off_policy: bool
) -> None:
    rollouts = replace(
        ROLLOUTS,
        endpoint=changes.get("endpoint", ROLLOUTS.endpoint),
        adapter_sha256=changes.get("adapter_sha256", ROLLOUTS.adapter_sha256),
    )
    found = record(rollouts, trained_model, trained_adapter)
    assert found["off_policy"] is off_policy
    assert {name: found[name] for name in changes} == changes
