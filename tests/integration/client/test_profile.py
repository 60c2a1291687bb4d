"""An experiment on services elsewhere, from a machine that knows no more than a profile: no key of
object storage, no address of executor and inference.

The services are real, listen with TLS, and ask for a token. Only inference is a stand-in, whose
answers pass by their seed; what is trained is a tiny random model.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rlvf_client.local_stack.ports import free_port
from rlvf_common.weights.checkpoints import checkpoint_sha256

from ...conftest import REPOSITORY, StackThread
from ...unit.common.rollouts.conftest import FakeInference

pytestmark = pytest.mark.slow

SERVICES = ("evaluator", "pair-generator", "trainer", "reporter")
TOKEN = "of-the-team"
MODEL = "org/tiny-coder"
TINY = f"""
name: elsewhere
model: {MODEL}
prompt_style: completion
min_usable: 0
problems: {{source: mine.jsonl}}
data:
  sampling: {{samples_per_problem: 6, temperature: 0.8, max_tokens: 64}}
  selection: {{rejected: any, max_length_ratio: 9, max_length_imbalance: 0.5}}
  audit: {{on_shortcut: record}}
training:
  ladder: [2]
  precision: bf16
  batch_size: 2
  micro_batch_size: 2
  max_length: 384
  warmup_ratio: 0.0
evaluation:
  benchmarks: [few]
  sampling: {{max_tokens: 16}}
  base_again: false
"""


def problems(name: str, amount: int) -> str:
    """Records of problems, each of which every other seed solves."""
    records = (
        {
            "task_id": f"{name}/{number}",
            "prompt": f'def {name}_{number}():\n    """Some number like {number} in {name}."""\n',
            "entry_point": f"{name}_{number}",
            "test": f"def check(candidate):\n    assert candidate() % 2 == {number % 2}\n",
            "canonical_solution": f"    return {number}\n",
        }
        for number in range(amount)
    )
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture(scope="module")
def inference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeInference]:
    """A fake inference server that reports a model which training can read."""
    model = tmp_path_factory.mktemp("model") / "tiny"
    maker = REPOSITORY / "tests" / "integration" / "trainer" / "make_tiny_model.py"
    subprocess.run([sys.executable, str(maker), str(model)], check=True)
    fake = FakeInference()
    fake.base = MODEL
    served = {"name": MODEL, "source": str(model), "weightsSha256": checkpoint_sha256(model)}
    fake.version = {"service": "inference", "codeSha256": "c" * 64, "model": served}
    yield fake
    fake.close()


@pytest.fixture(scope="module")
def profile(
    stack: StackThread, inference: FakeInference, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The `rlvf.yaml` that a person gets: services in processes of their own, their ports and a
    token."""
    stack.ensure("storage", "executor")
    folder = tmp_path_factory.mktemp("services")
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks" / "few.jsonl").write_text(problems("few", 8))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    for pem in issued.cert_chain_pems:
        pem.write_to_path(str(folder / "certificate.pem"), append=True)
    team = {
        "name": "team",
        "sha256": hashlib.sha256(TOKEN.encode()).hexdigest(),
        "scopes": ["score", "evaluate", "train"],
    }
    (folder / "tokens.json").write_text(json.dumps({"callers": [team]}))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RLVF_")}
    ports = {name: free_port() for name in SERVICES}
    with ExitStack() as running:
        for name, port in ports.items():
            health = f"127.0.0.1:{free_port()}"
            log = running.enter_context((folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(
                [sys.executable, "-m", f"rlvf_{name.replace('-', '_')}"],
                env={
                    **inherited,
                    **stack.stack.environment(),
                    "RLVF_INFERENCE_URL": inference.url,
                    "RLVF_LISTEN": f"127.0.0.1:{port}",
                    "RLVF_HEALTH_LISTEN": health,
                    "RLVF_TOKENS_FILE": str(folder / "tokens.json"),
                    "RLVF_TLS_CERTIFICATE": str(folder / "certificate.pem"),
                    "RLVF_TLS_KEY": str(folder / "key.pem"),
                    "RLVF_BENCHMARKS": str(folder / "benchmarks"),
                    "RLVF_TRAINER_WORK_DIR": str(folder / "training"),
                },
                stderr=log,
            )
            running.callback(process.wait)
            running.callback(process.terminate)
            wait_until_it_serves(health)
        addresses = "".join(f"    {name}: 127.0.0.1:{port}\n" for name, port in ports.items())
        yield (
            f"profiles:\n  cluster:\n{addresses}"
            f"    token: {{env: TEAM_TOKEN}}\n    ca: {folder / 'ca.pem'}\n"
        )


def wait_until_it_serves(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest()
        for answer in stub.Watch(request, timeout=120, wait_for_ready=True):
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                return


class Laptop:
    """A folder with an experiment, and commands in it."""

    def __init__(self, folder: Path, profile: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        (folder / "rlvf.yaml").write_text(profile)
        (folder / "tiny.yaml").write_text(TINY)
        (folder / "mine.jsonl").write_text(problems("mine", 12))

    def rlvf(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        own = {name: value for name, value in os.environ.items() if not name.startswith("RLVF_")}
        return subprocess.run(
            [sys.executable, "-m", "rlvf_client", *arguments, "--profile", "cluster"],
            env={**own, "TEAM_TOKEN": TOKEN},
            cwd=self.folder,
            capture_output=True,
            text=True,
        )

    def output(self, *arguments: str) -> str:
        done = self.rlvf(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def complaint(self, *arguments: str) -> str:
        done = self.rlvf(*arguments)
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr.splitlines()[-1]


@pytest.fixture
def laptop(profile: str, tmp_path: Path) -> Laptop:
    return Laptop(tmp_path / "laptop", profile)


def report_digest(stderr: str) -> str:
    return next(line for line in stderr.splitlines() if line.startswith("report digest: "))


def test_the_services_say_what_they_are_and_what_the_token_may_do(laptop: Laptop) -> None:
    record: dict[str, Any] = json.loads(laptop.output("doctor", "--json"))
    text = "\n".join(check["text"] for check in record["checks"])
    assert record["good"]
    for name in SERVICES:
        assert f"{name} at 127.0.0.1:" in text
    assert text.count("the token of team may evaluate, score, train") == len(SERVICES)
    (model,) = json.loads(laptop.output("models", "--json"))["models"]
    assert model["name"] == MODEL
    assert len(model["weights_sha256"]) == 64


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("./mine", "./mine is a path on this machine"),
        ("some/other", "`some/other` is not served; the services serve `org/tiny-coder`"),
    ],
)
def test_a_model_that_they_do_not_serve_is_refused_before_anything_starts(
    laptop: Laptop, model: str, message: str
) -> None:
    tiny = laptop.folder / "tiny.yaml"
    tiny.write_text(TINY.replace(MODEL, model))
    assert message in laptop.complaint("run", "tiny.yaml")


def test_a_run_reaches_its_report_and_is_found_done_from_anywhere(
    laptop: Laptop, profile: str, tmp_path: Path
) -> None:
    first = laptop.rlvf("run", "tiny.yaml")
    assert first.returncode == 0, first.stderr
    folder = laptop.folder / "runs" / "elsewhere"
    report = json.loads((folder / "report.json").read_text())
    assert [row["name"] for row in report["conditions"]] == ["base", "dpo-2"]
    assert report["training"][0]["steps"] == 1
    # The weights are those that the services say, and training had the same.
    weights = report["versions"]["model sha256"]
    assert {row["weights_sha256"] for row in report["conditions"]} == {weights}

    other = Laptop(tmp_path / "another", profile)
    again = other.rlvf("run", "tiny.yaml")
    assert again.returncode == 0, again.stderr
    assert report_digest(again.stderr) == report_digest(first.stderr)
    # The probe, samples, pairs, a training and two evaluations.
    assert again.stderr.count("already done") == 6

    stored = next(line for line in first.stderr.splitlines() if "report stored: " in line)
    digest = stored.partition("rlvf download ")[2].split()[0]
    other.output("download", digest, "report.html")
    page = (folder / "report.html").read_bytes()
    assert (other.folder / "report.html").read_bytes() == page
    # The bucket itself needs a key.
    assert "reads the bucket itself" in laptop.complaint("export", "elsewhere", "--out", "copy")
    assert "names services elsewhere" in laptop.complaint("gc", "--yes")
