"""What is stored of a pair."""

import json

from rlvf.pair_generator.v1.pair_generator_pb2 import GeneratePairsRequest, Rounds
from rlvf.sampling.v1.sampling_pb2 import Model, Sampling
from rlvf_common.problems import Problem
from rlvf_common.prompts import TEMPLATE, program
from rlvf_common.rollouts import Rollout
from rlvf_pair_generator.records import Provenance, dump_pairs
from rlvf_pair_generator.rules import Rules
from rlvf_pair_generator.selection import select_pairs

PROBLEM = Problem("t/0", 'def f(x):\n    """Add."""\n', "f", "", "", "unit", "train")
RIGHT = Rollout("t/0", 0, "    return x + 1\n", "stop", 9, "passed", "", 1.0)
WRONG = Rollout("t/0", 3, "    return x - 1\n", "stop", 9, "failed", "", 1.0)
REQUEST = GeneratePairsRequest(
    model=Model(base="m"),
    sampling=Sampling(samples_per_problem=8, temperature=0.8, max_tokens=256, seed=7),
    rounds=Rounds(size=4, temperatures=[0.4, 1.0]),
)


def record(request: GeneratePairsRequest) -> dict[str, object]:
    selected = select_pairs([PROBLEM], [RIGHT, WRONG], Rules(measured_samples=4))
    (line,) = dump_pairs(selected.pairs, Provenance(request, "b" * 64, selected.audit)).splitlines()
    return json.loads(line)  # type: ignore[no-any-return]


def test_records_hold_the_text_that_the_model_wrote() -> None:
    found = record(REQUEST)
    assert f"{found['prompt']}{found['chosen']}" == program(PROBLEM, RIGHT.completion)
    assert f"{found['prompt']}{found['rejected']}" == program(PROBLEM, WRONG.completion)
    assert str(found["chosen"]).startswith("\n    return")


def test_records_say_where_a_pair_comes_from() -> None:
    found = record(REQUEST)
    assert (found["chosen_verdict"], found["rejected_verdict"]) == ("passed", "failed")
    assert (found["chosen_sample"], found["rejected_sample"]) == (0, 3)
    assert (found["chosen_temperature"], found["rejected_temperature"]) == (0.4, 1.0)
    assert (found["pass_rate"], found["passes"], found["samples"]) == (0.5, 1, 2)
    assert (found["quality"], found["length_ratio"]) == (1.0, 1.0)
    assert 0.0 < float(str(found["edit_distance"])) < 0.5
    assert found["template_sha256"] == TEMPLATE.sha256
    assert found["samples_sha256"] == "b" * 64
    assert (found["audit_before"], found["audit_after"]) == (None, None)


def test_pairs_of_another_model_are_marked() -> None:
    assert record(REQUEST)["off_policy"] is False
    other = GeneratePairsRequest(trained_model="n", endpoint="hosted")
    other.MergeFrom(REQUEST)
    found = record(other)
    assert (found["off_policy"], found["model"], found["endpoint"]) == (True, "m", "hosted")
