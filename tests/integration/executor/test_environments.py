"""Programs with packages: each environment has what it says, and the same verdicts."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf_common.problems.benchmarks import read_humaneval
from rlvf_common.problems.benchmarks.sources import read_file
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading import grade_request
from rlvf_executor.contract.slots import PYTHON
from tests.processes.executor import SCIENTIFIC, Client, ExecutorProcess

Request = executor_pb2.GradeRequest


@pytest.fixture(scope="module", params=["namespaces", "landlock"])
def executor(request: pytest.FixtureRequest) -> Iterator[ExecutorProcess]:
    """An executor of each tier."""
    with ExecutorProcess(executor_slots="1", executor_tier=request.param) as process:
        yield process


@pytest.fixture
def client(executor: ExecutorProcess) -> Iterator[Client]:
    with grpc.insecure_channel(executor.address) as channel:
        yield Client(channel, SCIENTIFIC)


def verdict(client: Client, request: Request) -> str:
    request.environment = client.environment
    request.entry_point = "f"
    response = client.stub.Grade(request, timeout=120)
    return executor_pb2.Verdict.Name(response.verdict).removeprefix("VERDICT_").lower()


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nprint(np.linalg.inv(2 * np.eye(2)).sum())",
        "import pandas as pd\nprint(pd.Series([0.25, 0.75]).sum())",
        "from scipy import stats\nprint(2 * stats.norm.cdf(0))",
        "import sympy\nprint(float(sympy.sqrt(1)))",
        "import networkx as nx\nprint(float(len(nx.path_graph(2).edges)))",
    ],
    ids=["numpy", "pandas", "scipy", "sympy", "networkx"],
)
def test_programs_can_import_the_packages(client: Client, source: str) -> None:
    response = client.execute(source)
    assert (response.stdout, response.stderr.decode()) == (b"1.0\n", "")


@pytest.mark.parametrize("also", ["", "import pandas\n"], ids=["few", "all"])
def test_random_numbers_are_the_same_in_every_program(client: Client, also: str) -> None:
    source = f"{also}import random, numpy as np\nprint(random.random(), np.random.rand())"
    shown = {client.execute(source).stdout for _ in range(3)}
    assert shown == {b"0.8444218515250481 0.5488135039273248\n"}


def test_programs_that_name_a_package_start_with_it_imported(client: Client) -> None:
    loaded = "import sys\nprint('pandas' in sys.modules, 'numpy' in sys.modules)"
    named = client.execute(loaded).stdout
    unnamed = client.execute(loaded.replace("'pandas'", "'pan' + 'das'")).stdout
    assert (named, unnamed) == (b"True True\n", b"False True\n")


def test_programs_of_the_default_environment_have_no_packages(executor: ExecutorProcess) -> None:
    for environment in ("", PYTHON):
        with grpc.insecure_channel(executor.address) as channel:
            response = Client(channel, environment).execute("import numpy")
        assert b"ModuleNotFoundError: No module named 'numpy'" in response.stderr


def test_an_environment_that_is_not_offered_is_told(executor: ExecutorProcess) -> None:
    with grpc.insecure_channel(executor.address) as channel, pytest.raises(grpc.RpcError) as raised:
        Client(channel, "none").execute("")
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "it offers python, python-scientific" in str(raised.value.details())


def test_capabilities_name_the_packages_and_the_policy_covers_them(
    client: Client, tmp_path: Path
) -> None:
    request = executor_pb2.GetCapabilitiesRequest()
    found = client.stub.GetCapabilities(request, timeout=60)
    python, scientific = found.environments
    assert (python.name, dict(python.packages), python.packages_sha256) == (PYTHON, {}, "")
    assert scientific.name == SCIENTIFIC
    shown = client.execute("import numpy\nprint(numpy.__version__)").stdout.decode().strip()
    assert scientific.packages["numpy"] == shown
    tier = executor_pb2.Tier.Name(found.tier).removeprefix("TIER_").lower()
    with (
        ExecutorProcess(
            executor_slots="1", executor_tier=tier, executor_environments=str(tmp_path)
        ) as without,
        grpc.insecure_channel(without.address) as channel,
    ):
        other = Client(channel).stub.GetCapabilities(request, timeout=60)
    assert [one.name for one in other.environments] == [PYTHON]
    assert other.policy_sha256 != found.policy_sha256


CHECK = """
import numpy as np
def check(candidate):
    given = np.array([[1.5, 2], [3, 4]])
    assert np.array_equal(candidate(given), [[3, 4], [6, 8]])
    assert given[0, 0] == 1.5
    assert candidate(np.int64(2)) == 4
"""


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ("return x * 2", "passed"),
        ("return x * 3", "failed"),
        ("x *= 2\n    return x", "passed"),
        ("import sympy\n    return sympy.Matrix(numpy.atleast_2d(x)) * 2", "error"),
    ],
    ids=["right", "wrong", "changes its own copy", "not plain data"],
)
def test_arrays_go_to_a_candidate_and_come_back(client: Client, body: str, right: str) -> None:
    request = Request(
        candidate_source=f"import numpy\ndef f(x):\n    {body}",
        check_function=executor_pb2.CheckFunction(source=CHECK),
    )
    assert verdict(client, request) == right


@pytest.mark.parametrize(
    ("returned", "right"),
    [
        ("numpy.cumsum(x)", "passed"),
        ("numpy.cumsum(x) + 1e-12", "passed"),
        ("numpy.cumsum(x) + 1", "failed"),
        ("list(numpy.cumsum(x))", "failed"),
    ],
)
@pytest.mark.parametrize("items", [3, 100_000])
def test_a_reference_computes_arrays(client: Client, returned: str, right: str, items: int) -> None:
    test = executor_pb2.Cases(
        inputs=[f"([1.5] * {items},)".replace("[1.5] * 3", "[1.5, 2, 4]")]
        if items == 3
        else [repr(([1.0] * items,))],
        reference_source="import numpy\ndef f(x): return numpy.cumsum(x)",
    )
    if items == 3:
        test.tolerance.absolute = 1e-6
    elif "1e-12" in returned:
        # Large values are compared by their digests, without tolerance.
        right = "failed"
    source = f"import numpy\ndef f(x): return {returned}"
    assert verdict(client, Request(candidate_source=source, cases=test)) == right


FRAMES = """
import pandas as pd
def check(candidate):
    given = pd.DataFrame({"a": [3, 1], "b": ["x", None]}, index=pd.date_range("2026", periods=2))
    found = candidate(given)
    assert isinstance(found, pd.DataFrame) and len(found) == 2
    assert found["a"].tolist() == [1, 3] and found.loc["2026-01-01", "b"] == "x"
    assert found.equals(given.sort_values("a"))
    pd.testing.assert_frame_equal(found, given.sort_values("a"))
    assert given["a"].tolist() == [3, 1]
"""
EQUALS = """
import pandas as pd
def check(candidate):
    given = pd.DataFrame({"a": [3, 1]})
    assert candidate(given).equals(given.sort_values("a"))
"""
LIE = """class Lie(pandas.DataFrame):
        __eq__ = equals = lambda self, other: True
    return Lie(frame.sort_values("a"))"""


@pytest.mark.parametrize(
    ("check", "body", "right"),
    [
        (FRAMES, 'return frame.sort_values("a")', "passed"),
        (FRAMES, 'frame.sort_values("a", inplace=True)\n    return frame', "passed"),
        (FRAMES, "return frame", "failed"),
        (FRAMES, 'return frame.sort_values("a").reset_index(drop=True)', "failed"),
        (FRAMES, 'return frame.sort_values("a").astype({"a": float})', "failed"),
        (FRAMES, LIE, "failed"),
        (EQUALS, 'return frame.sort_values("a")', "passed"),
        (EQUALS, "return frame", "failed"),
        (EQUALS, LIE, "error"),
        (EQUALS, 'return frame.sort_values("a").to_dict()', "failed"),
    ],
)
def test_frames_go_to_a_candidate_and_come_back(
    client: Client, check: str, body: str, right: str
) -> None:
    request = Request(
        candidate_source=f"import pandas\ndef f(frame):\n    {body}",
        check_function=executor_pb2.CheckFunction(source=check),
    )
    assert verdict(client, request) == right


def test_a_worker_s_random_numbers_begin_anew_with_each_grading(client: Client) -> None:
    source = "import pandas\ndef f(): return pandas.Series(range(1000))"
    test = "def check(candidate):\n    assert list(candidate().sample(3)) == [993, 859, 298]"
    request = Request(
        candidate_source=source, check_function=executor_pb2.CheckFunction(source=test)
    )
    assert [verdict(client, request) for _ in range(3)] == ["passed"] * 3


def test_answers_that_cannot_be_compared_are_wrong(client: Client) -> None:
    test = executor_pb2.Cases(
        inputs=["(2,)"],
        reference_source="import pandas\ndef f(x): return {1: x}.items()",
    )
    for returned in ("{1: numpy.array([2, 2])}.items()", "{1: pandas.NA}.items()"):
        source = f"import numpy, pandas\ndef f(x): return {returned}"
        assert verdict(client, Request(candidate_source=source, cases=test)) == "failed"


HIDDEN = "frames = __import__('pan' + 'das')"


def test_a_frame_of_a_program_that_begins_without_pandas_is_an_object(client: Client) -> None:
    def graded(source: str, test: str) -> str:
        check = executor_pb2.CheckFunction(source=f"def check(candidate):\n    {test}")
        return verdict(client, Request(candidate_source=source, check_function=check))

    frame = f"{HIDDEN}\ndef f(): return frames.DataFrame({{'a': [1, 2]}})"
    methods = "assert candidate().to_dict('list') == {'a': [1, 2]}"
    length = "assert len(candidate()) == 2"
    # A test that begins without pandas can use its methods; one that names it has the frame.
    assert [graded(frame, methods), graded(frame, length)] == ["passed", "error"]
    assert graded(frame, f"import pandas\n    {length}") == "passed"
    # A test has a frame that it cannot send: the test is at fault, not the program.
    with pytest.raises(grpc.RpcError) as raised:
        graded("def f(x): return x", f"{HIDDEN}\n    candidate(frames.DataFrame())")
    assert "cannot be sent" in str(raised.value.details())


@pytest.mark.parametrize(
    ("source", "right"),
    [
        ("def f(x): return pandas.DataFrame({'a': x, 'b': ['u'] * len(x)})", "passed"),
        ("def f(x): return pandas.DataFrame({'b': 'u', 'a': x})[['a', 'b']]", "passed"),
        ("def f(x): return pandas.DataFrame({'a': x, 'b': ['v'] * len(x)})", "failed"),
        ("def f(x): return {'a': x, 'b': ['u'] * len(x)}", "failed"),
        (
            "class Lie(pandas.DataFrame):\n    __eq__ = lambda *_: True\ndef f(x): return Lie()",
            "error",
        ),
    ],
)
@pytest.mark.parametrize("items", [3, 50_000])
def test_a_reference_computes_frames(client: Client, source: str, right: str, items: int) -> None:
    reference = "import pandas\ndef f(x): return pandas.DataFrame({'a': x, 'b': ['u'] * len(x)})"
    test = executor_pb2.Cases(inputs=[f"({[1.5] * items},)"], reference_source=reference)
    if items > 3 and right == "error":
        right = "failed"  # A digest of what is no plain data is none.
    request = Request(candidate_source=f"import pandas\n{source}", cases=test)
    assert verdict(client, request) == right


@pytest.mark.parametrize(
    ("returned", "right"),
    [("[x]", "failed"), ("__import__('datetime').date(2026, 1, 2)", "failed")],
)
def test_a_program_without_pandas_is_compared_with_frames(
    client: Client, returned: str, right: str
) -> None:
    test = executor_pb2.Cases(
        inputs=["(1,)"],
        reference_source="import pandas\ndef f(x): return [pandas.Timestamp('2026-01-01')]",
    )
    source = f"def f(x): return {returned}"
    assert verdict(client, Request(candidate_source=source, cases=test)) == right


@pytest.mark.parametrize(
    ("day", "right"), [("2026, 1, 2", "passed"), ("2026, 1, 3", "failed"), ("26, 1, 2", "failed")]
)
def test_dates_go_to_a_candidate_and_come_back_in_every_environment(
    executor: ExecutorProcess, day: str, right: str
) -> None:
    check = (
        "import datetime\ndef check(candidate):\n"
        "    assert candidate(datetime.timedelta(1)) == datetime.datetime(2026, 1, 3)\n"
    )
    source = f"import datetime\ndef f(step): return datetime.datetime({day}) + step"
    request = Request(
        candidate_source=source, check_function=executor_pb2.CheckFunction(source=check)
    )
    for environment in (PYTHON, SCIENTIFIC):
        with grpc.insecure_channel(executor.address) as channel:
            assert verdict(Client(channel, environment), request) == right


def test_verdicts_of_humaneval_are_those_of_the_default_environment(
    client: Client, test_data: Path
) -> None:
    seen: dict[str, list[int]] = {PYTHON: [], SCIENTIFIC: []}
    for problem in read_file(test_data / "HumanEval.jsonl.gz", read_humaneval).problems:
        for completion in (problem.canonical_solution, ""):
            request = grade_request(problem, program(problem, completion))
            for name, verdicts in seen.items():
                request.environment = name
                verdicts.append(client.stub.Grade(request, timeout=120).verdict)
    assert seen[SCIENTIFIC] == seen[PYTHON]
    assert seen[SCIENTIFIC][::2] == [executor_pb2.VERDICT_PASSED] * 164
    assert executor_pb2.VERDICT_PASSED not in seen[SCIENTIFIC][1::2]
