"""Kubernetes Jobs, against a fake of the Kubernetes API."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from rlvf_api.errors import FailedPrecondition, ResourceExhausted, Unavailable
from rlvf_trainer.kubernetes import KubernetesLauncher, job_manifest, read_template

TEMPLATE: dict[str, Any] = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"labels": {"app": "trainer-job"}},
    "spec": {
        "template": {
            "spec": {
                "containers": [
                    {"name": "job", "resources": {"limits": {"nvidia.com/gpu": 1}}},
                ]
            }
        }
    },
}


class FakeKubernetes:
    """The part of the API that is used, for Jobs whose fate the test decides."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, object]] = {}
        self.fate: dict[str, object] = {}
        self.refusal: httpx.Response | None = None
        self.reads = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        collection, _, name = request.url.path.partition("/jobs")
        assert collection == "/apis/batch/v1/namespaces/rlvf"
        name = name.strip("/")
        if request.method == "POST":
            if self.refusal is not None:
                return self.refusal
            job = json.loads(request.content)
            known = job["metadata"]["name"] in self.jobs
            self.jobs.setdefault(job["metadata"]["name"], job)
            return httpx.Response(409 if known else 201, json={})
        if name not in self.jobs:
            return httpx.Response(404, json={"message": "not found"})
        if request.method == "DELETE":
            del self.jobs[name]
            return httpx.Response(200, json={})
        self.reads += 1
        return httpx.Response(200, json=self.jobs[name] | {"status": self.fate})

    def end(self, kind: str, **more: str) -> None:
        self.fate = {"conditions": [{"type": kind, "status": "True", **more}]}


@pytest.fixture
def kubernetes() -> FakeKubernetes:
    return FakeKubernetes()


@pytest.fixture
def launcher(kubernetes: FakeKubernetes) -> KubernetesLauncher:
    api = httpx.AsyncClient(base_url="https://api", transport=httpx.MockTransport(kubernetes))
    return KubernetesLauncher(api, "rlvf", TEMPLATE, poll_seconds=0)


def test_a_job_is_the_template_with_the_run_as_arguments() -> None:
    manifest = job_manifest(TEMPLATE, "Demo_run-1", 2)
    assert manifest["metadata"]["labels"]["app"] == "trainer-job"
    pod = manifest["spec"]["template"]["spec"]
    assert pod["containers"][0]["args"] == ["--run", "Demo_run-1", "--attempt", "2"]
    assert pod["containers"][0]["resources"]["limits"] == {"nvidia.com/gpu": 1}
    assert manifest["spec"]["backoffLimit"] == 0
    assert pod["restartPolicy"] == "Never"
    assert "args" not in TEMPLATE["spec"]["template"]["spec"]["containers"][0]


def test_names_of_jobs_differ_by_run_and_attempt_and_fit() -> None:
    names = {
        job_manifest(TEMPLATE, run, attempt)["metadata"]["name"]
        for run in ("a" * 80 + "1", "a" * 80 + "2")
        for attempt in (1, 2)
    }
    assert len(names) == 4
    assert all(len(name) <= 63 for name in names)


async def test_a_job_that_completes_said_what_came_of_it(
    kubernetes: FakeKubernetes, launcher: KubernetesLauncher
) -> None:
    kubernetes.end("Complete")
    assert await launcher.run("run", 1) is None


async def test_a_job_that_fails_is_reported_with_the_reason(
    kubernetes: FakeKubernetes, launcher: KubernetesLauncher
) -> None:
    kubernetes.end("Failed", reason="BackoffLimitExceeded", message="limit")
    assert "BackoffLimitExceeded" in (await launcher.run("run", 1) or "")


async def test_a_job_of_an_earlier_trainer_is_adopted(
    kubernetes: FakeKubernetes, launcher: KubernetesLauncher
) -> None:
    manifest = job_manifest(TEMPLATE, "run", 1)
    kubernetes.jobs[manifest["metadata"]["name"]] = manifest
    kubernetes.end("Complete")
    assert await launcher.run("run", 1) is None
    assert len(kubernetes.jobs) == 1


async def test_a_cancelled_run_deletes_its_job(
    kubernetes: FakeKubernetes, launcher: KubernetesLauncher
) -> None:
    running = asyncio.create_task(launcher.run("run", 1))
    while not kubernetes.reads:
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert kubernetes.jobs == {}


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, "exceeded quota: gpus", ResourceExhausted),
        (403, "serviceaccount may not create jobs", FailedPrecondition),
        (422, "spec.template: invalid", FailedPrecondition),
        (503, "etcd is away", Unavailable),
    ],
)
async def test_a_refused_job_says_why(
    kubernetes: FakeKubernetes,
    launcher: KubernetesLauncher,
    status: int,
    message: str,
    kind: type[Exception],
) -> None:
    kubernetes.refusal = httpx.Response(status, json={"message": message})
    with pytest.raises(kind, match=message):
        await launcher.run("run", 1)


@pytest.mark.parametrize("text", ["kind: Pod", "[", "kind: Job\nspec: {}"])
def test_a_template_that_is_no_job_is_refused_by_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(text)
    with pytest.raises(FailedPrecondition, match=r"RLVF_TRAINER_JOB_TEMPLATE: .*job\.yaml"):
        read_template(path)
