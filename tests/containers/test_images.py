"""The images of the executor and the evaluator, together: they score HumanEval as they must.

Run `make images` first. Without a Docker engine, or without the images, the tests skip. Containers
are on the host's network, since an engine that was started by hand may have no other.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_client.local_stack.ports import free_port
from rlvf_common.problems.problem import Problem
from rlvf_common.rpc.settings import StorageSettings
from rlvf_evaluator.benchmarks import find_named_benchmark

REPOSITORY = Path(__file__).parents[2]
# What deploy/compose.yaml confines every service with.
CONFINED = (
    *("--network", "host", "--read-only", "--tmpfs", "/tmp:size=2g,mode=1777", "--init"),
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--memory", "4g", "--pids-limit", "2048"),
)
SECCOMP_PROFILE = "k8s/components/executor-namespaces/seccomp-executor.json"
# What it adds so that the executor's jail can build namespaces.
JAIL = (
    *("--security-opt", f"seccomp={REPOSITORY / SECCOMP_PROFILE}"),
    *("--security-opt", "apparmor=unconfined"),
)
READY_SECONDS = 120.0
SCORE_SECONDS = 300.0
HEAVY_MODULES = ("torch", "vllm", "transformers")


def docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a docker command."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=120)


def image(service: str) -> str:
    """Name of a service's image; skips the test where there is no engine or no such image."""
    if shutil.which("docker") is None:
        pytest.skip("no docker command here")
    answer = docker("version")
    if answer.returncode != 0:
        pytest.skip(f"no Docker engine answers: {answer.stderr.strip()}")
    kustomization = (REPOSITORY / "k8s" / "base" / "kustomization.yaml").read_text()
    (version,) = set(re.findall(r"newTag: (\S+)", kustomization))
    name = f"rlvf/{service}:{version}"
    if docker("image", "inspect", name).returncode != 0:
        pytest.skip(f"{name} is not built; run `make images`")
    return name


class Container(NamedTuple):
    """A container that was started."""

    identity: str
    address: str

    def ended(self) -> bool:
        """Whether its process is gone."""
        return docker("inspect", "--format", "{{.State.Running}}", self.identity).stdout != "true\n"

    def log(self) -> str:
        """What it wrote."""
        answer = docker("logs", self.identity)
        return answer.stdout + answer.stderr

    def serves(self) -> bool:
        """Wait until it is ready; False when it ends before, or is not ready in time."""
        with grpc.insecure_channel(self.address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            give_up_at = monotonic() + READY_SECONDS
            while monotonic() < give_up_at and not self.ended():
                try:
                    # Looks again from time to time whether the container is still there.
                    for answer in stub.Watch(
                        health_pb2.HealthCheckRequest(), timeout=3, wait_for_ready=True
                    ):
                        if answer.status == health_pb2.HealthCheckResponse.SERVING:
                            return True
                except grpc.RpcError:
                    continue
        return False


@contextmanager
def started(service: str, environment: dict[str, str], *options: str) -> Iterator[Container]:
    """A service's container, confined; removed at the end."""
    name = image(service)
    address = f"127.0.0.1:{free_port()}"
    environment = {**environment, "RLVF_LISTEN": address}
    variables = [part for pair in environment.items() for part in ("--env", "=".join(pair))]
    answer = docker("run", "--detach", *CONFINED, *options, *variables, name)
    assert answer.returncode == 0, answer.stderr
    container = Container(answer.stdout.strip(), address)
    try:
        yield container
    finally:
        docker("rm", "--force", "--volumes", container.identity)


class Pair(NamedTuple):
    """An executor and an evaluator that uses it."""

    profile: str
    executor: Container
    evaluator: Container


PROFILES = {SECCOMP_PROFILE: JAIL, "Docker's default profile": ()}
TIERS = {
    SECCOMP_PROFILE: executor_pb2.TIER_NAMESPACES,
    "Docker's default profile": executor_pb2.TIER_LANDLOCK,
}


@pytest.fixture(scope="module", params=PROFILES, ids=["namespaces", "default-profile"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Both services, ready, with object storage on this machine."""
    image("executor")
    image("evaluator")
    storage: StorageSettings = request.getfixturevalue("storage_settings")
    with ExitStack() as stack:
        executor = stack.enter_context(started("executor", {}, *PROFILES[request.param]))
        serves = executor.serves()
        if not serves and not PROFILES[request.param] and "no isolation works" in executor.log():
            pytest.skip(f"the executor refuses to serve: {executor.log().splitlines()[-1]}")
        assert serves, executor.log()
        environment = {
            "RLVF_EXECUTOR_ADDRESS": executor.address,
            "RLVF_S3_ENDPOINT": storage.s3_endpoint,
            "RLVF_S3_ACCESS_KEY": storage.s3_access_key,
            "RLVF_S3_SECRET_KEY": storage.s3_secret_key,
            "RLVF_S3_BUCKET": storage.s3_bucket,
        }
        evaluator = stack.enter_context(started("evaluator", environment))
        assert evaluator.serves(), evaluator.log()
        yield Pair(request.param, executor, evaluator)


def capabilities(executor: Container) -> executor_pb2.GetCapabilitiesResponse:
    """What an executor says of itself."""
    with grpc.insecure_channel(executor.address) as channel:
        stub = executor_pb2_grpc.ExecutorServiceStub(channel)
        return stub.GetCapabilities(executor_pb2.GetCapabilitiesRequest(), timeout=30)


def describe(profile: str, answer: executor_pb2.GetCapabilitiesResponse) -> str:
    """One line for people."""
    return (
        f"executor in Docker, {profile}: {executor_pb2.Tier.Name(answer.tier)}, "
        f"{answer.slots} slots, Python {answer.python_version}; "
        f"protections: {', '.join(answer.protections)}; "
        f"missing: {', '.join(answer.missing_protections) or 'none'}"
    )


def score(
    evaluator: Container, completion: Callable[[Problem], str]
) -> tuple[list[evaluator_pb2.TaskResult], evaluator_pb2.ScoreSummary]:
    """Verdicts on one completion per task of HumanEval, and their summary."""

    def requests() -> Iterator[evaluator_pb2.ScoreRequest]:
        header = evaluator_pb2.ScoreHeader(benchmark="humaneval")
        yield evaluator_pb2.ScoreRequest(header=header)
        for problem in find_named_benchmark("humaneval").problems.values():
            sample = evaluator_pb2.Sample(task_id=problem.task_id, completion=completion(problem))
            yield evaluator_pb2.ScoreRequest(sample=sample)

    with grpc.insecure_channel(evaluator.address) as channel:
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(channel)
        responses = list(stub.Score(requests(), timeout=SCORE_SECONDS))
    assert responses[-1].WhichOneof("message") == "summary"
    return [response.result for response in responses[:-1]], responses[-1].summary


def test_reference_solutions_score_164_of_164(pair: Pair) -> None:
    results, summary = score(pair.evaluator, lambda problem: problem.canonical_solution)
    assert [one for one in results if one.verdict != "passed"] == []
    assert (summary.passed, summary.samples, summary.tasks) == (164, 164, 164)
    assert summary.calibration.sound
    print(f"\nHumanEval reference solutions: {summary.passed}/{summary.tasks}")


def test_empty_completions_score_0_of_164(pair: Pair) -> None:
    results, summary = score(pair.evaluator, lambda problem: "")
    assert len({one.task_id for one in results}) == 164
    assert (summary.passed, summary.samples) == (0, 164)
    print(f"\nHumanEval empty completions: {summary.passed}/{summary.tasks}")


def test_the_executor_says_which_tier_it_offers_and_no_attack_gets_through(pair: Pair) -> None:
    answer = capabilities(pair.executor)
    print(f"\n{describe(pair.profile, answer)}")
    assert answer.tier == TIERS[pair.profile]
    assert answer.canaries
    assert [canary for canary in answer.canaries if not canary.stopped] == []


@pytest.mark.parametrize("service", ["executor", "evaluator"])
def test_a_container_runs_as_nobody_and_cannot_write_its_image(service: str, pair: Pair) -> None:
    container: Container = getattr(pair, service)
    user = docker("exec", container.identity, "python", "-c", "import os; print(os.getuid())")
    assert user.stdout == "1000\n"
    for path in ("/opt/venv/x", "/opt/x", "/etc/x", "/var/tmp/x", "/home/x"):
        write = docker("exec", container.identity, "python", "-c", f"open('{path}', 'w')")
        assert write.returncode != 0, path


@pytest.mark.parametrize("service", ["executor", "evaluator"])
def test_an_image_holds_only_what_its_service_needs(service: str) -> None:
    name = image(service)
    others = {"executor", "evaluator", "pair_generator", "trainer", "inference", "reporter"}
    modules = [*HEAVY_MODULES, "pip", *(f"rlvf_{one}" for one in sorted(others - {service}))]
    program = f"import importlib.util as u; print([m for m in {modules} if u.find_spec(m)])"
    answer = docker(
        "run", "--rm", "--network", "none", "--entrypoint", "python", name, "-c", program
    )
    assert answer.stdout == "[]\n", answer.stderr


def test_the_executors_image_has_no_client_of_storage_or_inference() -> None:
    program = "import importlib.util as u; print([m for m in ('minio', 'httpx') if u.find_spec(m)])"
    answer = docker(
        *("run", "--rm", "--network", "none", "--entrypoint", "python"),
        *(image("executor"), "-c", program),
    )
    assert answer.stdout == "[]\n", answer.stderr


def test_the_health_check_of_an_image_follows_its_server(pair: Pair) -> None:
    for container in (pair.executor, pair.evaluator):
        probe = docker("exec", container.identity, "python", "/opt/healthcheck.py")
        assert probe.returncode == 0, probe.stderr
        closed = f"127.0.0.1:{free_port()}"
        options = ("exec", "--env", f"RLVF_LISTEN={closed}", container.identity)
        probe = docker(*options, "python", "/opt/healthcheck.py")
        assert probe.returncode == 1
        assert probe.stderr.startswith("no answer on port")
