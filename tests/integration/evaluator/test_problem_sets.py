"""Own problems, sent with the call."""

import gzip
import hashlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rlvf_client import Evaluator
from rlvf_client.sdk import errors
from tests.processes.evaluator import EvaluatorProcess

from .conftest import StartReplica

_COUNT = 50


def _problem(number: int) -> dict[str, Any]:
    """A problem that no server has seen, with two cases."""
    return {
        "task_id": f"own/{number}",
        "prompt": f'def shift_{number}(value):\n    """The value plus {number}."""\n',
        "entry_point": f"shift_{number}",
        "canonical_solution": f"    return value + {number}\n",
        "test": {
            "kind": "cases",
            "inputs": ["(0,)", "(7,)"],
            "expected": [str(number), str(number + 7)],
        },
    }


_PROBLEMS = [_problem(number) for number in range(1, _COUNT + 1)]


@pytest.fixture
def replica(start_replica: StartReplica) -> EvaluatorProcess:
    return start_replica()


@pytest.fixture
def client(replica: EvaluatorProcess) -> Iterator[Evaluator]:
    with Evaluator(replica.address) as evaluator:
        yield evaluator


def test_problems_never_seen_are_calibrated_and_scored_in_one_call(client: Evaluator) -> None:
    samples = [
        {"task_id": one["task_id"], "completion": completion}
        for one in _PROBLEMS
        for completion in (one["canonical_solution"], "    return value\n")
    ]
    score = client.score(_PROBLEMS, samples)
    assert (score.tasks, score.benchmark_tasks, score.samples) == (_COUNT, _COUNT, 2 * _COUNT)
    assert score.passed == _COUNT
    assert {score.verdicts[one["task_id"], 1] for one in _PROBLEMS} == {"failed"}
    assert score.summary.calibration.reference_passed == _COUNT
    assert score.summary.calibration.forged_passed == 0
    name = client.store_problems(_PROBLEMS)
    assert score.benchmark == name
    assert name not in {one.name for one in client.benchmarks()}
    assert client.score(name, samples).kept == 2 * _COUNT


def test_the_share_of_cases_is_told_beside_the_same_verdicts(client: Evaluator) -> None:
    problem = _problem(3)
    samples = [
        {"task_id": "own/3", "completion": completion}
        for completion in (
            "    return value + 3\n",
            "    return 3\n",
            "    return 4\n",
            "    return 10\n",
        )
    ]
    plain = client.score([problem], samples)
    assert plain.credits == {}
    score = client.score([problem], samples, credit=True)
    assert score.verdicts == plain.verdicts
    assert score.kept == 0, "verdicts without credit were kept before"
    assert [score.credits["own/3", number] for number in range(4)] == [1.0, 0.5, 0.0, 0.5]
    again = client.score([problem], samples, credit=True)
    assert (again.kept, again.credits) == (4, score.credits)
    assert list(score.to_pandas()["credit"]) == [1.0, 0.5, 0.0, 0.5]


def test_a_wrong_reference_is_refused_with_its_name(client: Evaluator) -> None:
    wrong = {**_problem(7), "canonical_solution": "    return value - 7\n"}
    problems = [*_PROBLEMS[:6], wrong, *_PROBLEMS[7:]]
    samples = [{"task_id": "own/1", "completion": "    return value + 1\n"}]
    with pytest.raises(errors.FailedPrecondition, match=r"1 of 50 reference .*own/7: failed"):
        client.score(problems, samples)


_WITH_NUMPY = {
    "task_id": "own/numpy",
    "prompt": "import numpy as np\ndef scaled(values):\n",
    "entry_point": "scaled",
    "canonical_solution": "    return np.array(values) / np.max(values)\n",
    "test": {"kind": "cases", "inputs": ["([1, 4],)", "([[2.0], [1.0]],)"]},
    "environment": "python-scientific",
}


def test_a_problem_is_graded_in_the_environment_that_it_names(client: Evaluator) -> None:
    completions = (
        "    return np.array(values) / np.array(values).max()\n",
        "    return np.array(values)\n",
        "    return [value / max(values) for value in values]\n",
    )
    samples = [{"task_id": "own/numpy", "completion": one} for one in completions]
    score = client.score([_WITH_NUMPY], samples)
    assert list(score.verdicts.values()) == ["passed", "failed", "failed"]


def test_an_environment_that_no_executor_has_is_told(client: Evaluator) -> None:
    samples = [{"task_id": "own/numpy", "completion": ""}]
    with pytest.raises(errors.FailedPrecondition, match="no environment 'other'; it offers python"):
        client.score([{**_WITH_NUMPY, "environment": "other"}], samples)


def test_a_malformed_problem_is_refused_with_its_line(client: Evaluator, tmp_path: Path) -> None:
    broken = {name: value for name, value in _problem(2).items() if name != "test"}
    lines = "".join(json.dumps(one) + "\n" for one in (_problem(1), broken)).encode()
    path = tmp_path / "problems.jsonl.gz"
    path.write_bytes(gzip.compress(lines))
    samples = [{"task_id": "own/1", "completion": "    return value + 1\n"}]
    with pytest.raises(errors.FailedPrecondition, match=r"line 2: `test` is missing"):
        client.score(path, samples)


def test_a_set_that_is_not_stored_says_what_to_do(client: Evaluator) -> None:
    samples = [{"task_id": "own/1", "completion": ""}]
    with pytest.raises(errors.FailedPrecondition, match="store its records again"):
        client.score(f"sha256-{'0' * 64}", samples)


def test_calibration_of_own_problems_is_charged_to_the_caller(
    start_replica: StartReplica, tmp_path: Path
) -> None:
    token = uuid.uuid4().hex
    caller = {
        "name": f"team-{token[:8]}",
        "sha256": hashlib.sha256(token.encode()).hexdigest(),
        # One answer needs one; its calibration a reference, an empty answer, a stub, forgeries.
        "samples_per_day": 3,
    }
    tokens_file = tmp_path / "tokens.json"
    tokens_file.write_text(json.dumps({"callers": [caller]}))
    replica = start_replica(tokens_file=tokens_file, auth_token="operators")
    samples = [{"task_id": "own/1000", "completion": "    return value\n"}]
    with (
        Evaluator(replica.address, token=token) as client,
        pytest.raises(errors.ResourceExhausted, match="quota"),
    ):
        client.score([_problem(1_000)], samples)
