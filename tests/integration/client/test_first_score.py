"""Another team's first score, from the README alone, and ten mistakes on the way: each is told in
one line that says what to do, by the SDK in a bare environment and by the command.

With `pytest -s` the seconds of each are printed.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from rlvf_client.cli.group import Exit
from rlvf_common.rpc.settings import StorageSettings
from tests.processes.evaluator import EvaluatorProcess

from ...conftest import StackThread
from .conftest import Bare

_PROGRAM = """
import sys
from rlvf_client import Evaluator

address, ca, token, benchmark, samples = sys.argv[1:]
with Evaluator(address, ca=ca, token=token) as evaluator:
    score = evaluator.score(benchmark, samples)
print(f"{score.passed} of {score.samples} passed")
"""
_RIGHT = {"task_id": "HumanEval/53", "completion": "    return x + y\n"}


@dataclass(frozen=True)
class Given:
    """What a person gives."""

    address: str
    ca: Path
    token: str
    benchmark: str
    samples: Path


@pytest.fixture(scope="module")
def given(
    stack: StackThread,
    storage_settings: StorageSettings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Given]:
    """What is right: an evaluator with TLS and two teams, of which `spent` has a quota of one."""
    stack.ensure("storage", "executor")
    folder = tmp_path_factory.mktemp("team")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    for pem in issued.cert_chain_pems:
        pem.write_to_path(str(folder / "certificate.pem"), append=True)
    callers = [
        {
            "name": f"first-{name}",
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "samples_per_day": quota,
        }
        for name, quota in (("team", 0), ("spent", 1))
    ]
    (folder / "tokens.json").write_text(json.dumps({"callers": callers}))
    (folder / "samples.jsonl").write_text(json.dumps(_RIGHT) + "\n")
    with EvaluatorProcess(
        **storage_settings.model_dump() | {"s3_bucket": "first-score"},
        executor_address=stack.address("executor"),
        tokens_file=folder / "tokens.json",
        tls_certificate=folder / "certificate.pem",
        tls_key=folder / "key.pem",
    ) as process:
        yield Given(
            process.address, folder / "ca.pem", "team", "humaneval", folder / "samples.jsonl"
        )


def mistaken(given: Given, mistake: str, folder: Path) -> Given:
    """What is given with one mistake."""
    port = given.address.rpartition(":")[2]
    file = folder / "s.jsonl"
    other = {**_RIGHT, "sample": 1}
    contents = {
        "another kind of file": "task,answer\n53,return x + y\n",
        "an empty file": "",
        "unknown tasks": json.dumps({"task_id": "Mbpp/2", "completion": ""}),
        "no answer": json.dumps({"task_id": "HumanEval/53", "text": "    return x + y"}),
        "a used-up quota": f"{json.dumps(_RIGHT)}\n{json.dumps(other)}\n",
    }
    if mistake in contents:
        file.write_text(contents[mistake])
        return replace(
            given, samples=file, token="spent" if mistake == "a used-up quota" else given.token
        )
    if mistake == "another CA":
        trustme.CA().cert_pem.write_to_path(str(folder / "other.pem"))
        return replace(given, ca=folder / "other.pem")
    return {
        "a wrong token": replace(given, token="wrong"),
        "a wrong host": replace(given, address=f"no-such-host.invalid:{port}"),
        "http://": replace(given, address=f"http://{given.address}"),
        "another benchmark": replace(given, benchmark="humanevil"),
    }[mistake]


_MISTAKES = {
    "another CA": " cannot be used: its certificate is not of the authority `ca`",
    "a wrong token": "a bearer token is required, and this one is not known",
    "a wrong host": " cannot be used: there is no such host",
    "http://": "address: http:// is without TLS, and `ca` asks for it; use https://",
    "another kind of file": "line 1: is not JSON: Expecting value (column 1)",
    "an empty file": "line 1: the file ends here and has no sample",
    "another benchmark": "no benchmark `humanevil`; there are: ",
    "unknown tasks": "line 1: `Mbpp/2` is not a task of humaneval",
    "no answer": "line 1: must have either a string `completion` or a string `solution`",
    "a used-up quota": "the quota of first-spent is used up: 1 of 1 samples a day",
}


def test_the_first_score_of_a_bare_environment(given: Given, bare: Bare) -> None:
    done = bare.run(bare.python, "-c", _PROGRAM, *vars(given).values())
    assert (done.returncode, done.stdout) == (0, "1 of 1 passed\n"), done.stderr


@pytest.mark.parametrize("mistake", _MISTAKES)
def test_a_mistake_is_told_by_the_sdk(
    given: Given, bare: Bare, tmp_path: Path, mistake: str
) -> None:
    started = time.monotonic()
    wrong = mistaken(given, mistake, tmp_path)
    done = bare.run(bare.python, "-c", _PROGRAM, *vars(wrong).values())
    last = done.stderr.splitlines()[-1]
    print(f"\n{mistake}, SDK, {time.monotonic() - started:.1f} s: {last}")
    assert done.returncode == 1
    assert last.startswith("rlvf_api.errors.")
    assert _MISTAKES[mistake] in last


@pytest.mark.parametrize("mistake", _MISTAKES)
def test_a_mistake_is_told_by_the_command(given: Given, tmp_path: Path, mistake: str) -> None:
    started = time.monotonic()
    wrong = mistaken(given, mistake, tmp_path)
    environment = {
        **os.environ,
        "RLVF_EVALUATOR_ADDRESS": wrong.address,
        "RLVF_AUTH_TOKEN": wrong.token,
        "RLVF_TLS_CA": str(wrong.ca),
    }
    out = tmp_path / "R.json"
    done = Bare(Path(sys.executable), environment).run(
        *(sys.executable, "-m", "rlvf_client", "score", "--benchmark", wrong.benchmark),
        *("--samples", wrong.samples, "--out", out),
    )
    last = done.stderr.splitlines()[-1]
    print(f"\n{mistake}, command, {time.monotonic() - started:.1f} s: {last}")
    # A quota is renewed: the same command may succeed later.
    assert done.returncode == (Exit.UNAVAILABLE if mistake == "a used-up quota" else Exit.ERROR)
    assert "Traceback" not in done.stderr
    assert last.startswith("rlvf: ")
    assert _MISTAKES[mistake] in last
    assert not out.exists()
