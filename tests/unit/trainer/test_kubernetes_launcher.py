"""Kubernetes Jobs, against a fake of the Kubernetes API that keeps state."""

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rlvf_api.errors import FailedPrecondition, ResourceExhausted, RlvfError, Unavailable
from rlvf_trainer.launchers.kubernetes import KubernetesLauncher, job_manifest
from tests.unit.trainer.fake_cluster import NAMESPACE, FakeCluster

TEMPLATE: dict[str, Any] = {
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
CRON_JOB: dict[str, Any] = {
    "metadata": {"name": "trainer-job"},
    "spec": {"suspend": True, "jobTemplate": TEMPLATE},
}


class Trainer:
    """A launcher, and what it says of a job that waits."""

    def __init__(self, cluster: FakeCluster, *, start_seconds: float = 60.0) -> None:
        self.launcher = KubernetesLauncher(
            cluster.client(), NAMESPACE, "trainer-job", start_seconds=start_seconds, poll_seconds=0
        )
        self.waiting: list[str] = []

    async def run(self) -> str | None:
        async with asyncio.timeout(20):
            return await self.launcher.run("run", 1, self.waiting.append)


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.cron_jobs["trainer-job"] = CRON_JOB
    return cluster


@pytest.fixture
def trainer(cluster: FakeCluster) -> Trainer:
    return Trainer(cluster)


def away(times: int, answer: httpx.Response | None = None) -> list[Callable[[], httpx.Response]]:
    """The API is away, or answers that it cannot, so many times."""

    def fail() -> httpx.Response:
        if answer is None:
            raise httpx.ConnectError("connection refused")
        return answer

    return [fail] * times


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
    cluster: FakeCluster, trainer: Trainer
) -> None:
    cluster.turns = [cluster.pod_runs, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    assert trainer.waiting[-1] == ""


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (
            {"reason": "Evicted", "message": "The node was low on resource: memory."},
            "Evicted: The node was low on resource: memory.",
        ),
        (
            {
                "conditions": [
                    {
                        "type": "DisruptionTarget",
                        "status": "True",
                        "reason": "DeletionByTaintManager",
                        "message": "Taint manager: deleting due to NoExecute taint",
                    }
                ]
            },
            "DeletionByTaintManager: Taint manager",
        ),
        (
            {
                "containerStatuses": [
                    {"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}
                ]
            },
            "OOMKilled, exit status 137",
        ),
        ({}, "BackoffLimitExceeded: limit"),
    ],
)
async def test_a_job_that_fails_is_reported_with_how_its_pod_died(
    status: dict[str, Any], why: str, cluster: FakeCluster, trainer: Trainer
) -> None:
    def fail() -> None:
        cluster.pod(phase="Failed", **status)
        cluster.end("Failed", reason="BackoffLimitExceeded", message="limit")

    cluster.turns = [cluster.pod_runs, fail]
    assert why in (await trainer.run() or "")


async def test_a_job_whose_node_is_lost_with_its_pod_is_reported(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    def lose() -> None:
        cluster.pods.clear()
        cluster.end("Failed", reason="BackoffLimitExceeded", message="limit")

    cluster.turns = [cluster.pod_runs, lose]
    assert "BackoffLimitExceeded" in (await trainer.run() or "")


async def test_a_trainer_that_ends_leaves_its_job_and_the_next_one_finds_it(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    running = asyncio.create_task(trainer.run())
    while "" not in trainer.waiting:
        if cluster.jobs:
            cluster.pod_runs()
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(cluster.jobs) == 1
    cluster.turns = [lambda: None, lambda: cluster.end("Complete")]
    assert await Trainer(cluster).run() is None
    assert len(cluster.created) == 1


async def test_a_cancelled_attempt_is_deleted_and_made_anew_only_when_its_pod_is_gone(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    cluster.turns = [cluster.pod_runs, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    await trainer.launcher.end("run", 1)
    assert "deletionTimestamp" in cluster.jobs[cluster.name]["metadata"]
    cluster.turns = [
        lambda: None,
        cluster.pods_are_gone,
        cluster.pod_runs,
        lambda: cluster.end("Complete"),
    ]
    assert await trainer.run() is None
    assert len(cluster.created) == 2
    assert f"{cluster.name} of an earlier call is being deleted" in trainer.waiting


async def test_an_earlier_job_whose_pod_does_not_end_is_told_and_given_up_at_the_deadline(
    cluster: FakeCluster,
) -> None:
    trainer = Trainer(cluster, start_seconds=0.0)
    cluster.turns = [cluster.pod_runs, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    await trainer.launcher.end("run", 1)
    trainer.waiting.clear()
    with pytest.raises(Unavailable, match="not deleted within 0 s"):
        await trainer.run()
    assert set(trainer.waiting) == {f"{cluster.name} of an earlier call is being deleted"}
    assert len(cluster.created) == 1


async def test_a_deletion_that_conflicts_with_another_change_is_repeated(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    cluster.turns = [cluster.pod_runs, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    conflict = httpx.Response(409, json={"message": "the object has been modified"})
    cluster.answers = [*away(2, conflict)]
    await trainer.launcher.end("run", 1)
    cluster.pods_are_gone()
    assert cluster.jobs == {}


async def test_to_end_an_attempt_that_has_no_job_is_no_error(trainer: Trainer) -> None:
    await trainer.launcher.end("run", 1)


@pytest.mark.parametrize("code", [None, 429, 503])
async def test_an_api_that_is_away_for_a_while_is_asked_again(
    code: int | None, cluster: FakeCluster, trainer: Trainer
) -> None:
    answer = None if code is None else httpx.Response(code, json={"message": "busy"})
    cluster.answers = [*away(3, answer), lambda: None, *away(5, answer)]
    cluster.turns = [cluster.pod_runs, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    assert len(cluster.created) == 1


async def test_a_job_whose_creation_was_not_acknowledged_is_not_made_twice(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    def create_and_break_off() -> httpx.Response:
        cluster._create(job_manifest(TEMPLATE, "run", 1))
        raise httpx.ReadError("connection reset")

    cluster.answers = [lambda: None, create_and_break_off]
    cluster.turns = [lambda: None, cluster.pod_runs, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    assert len(cluster.created) == 1


async def test_an_api_that_stays_away_is_told_and_the_job_stays(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    cluster.turns = [cluster.pod_runs]
    cluster.answers = [*[lambda: None] * 4, *away(30)]
    with pytest.raises(Unavailable, match="connection refused"):
        await trainer.run()
    assert len(cluster.jobs) == 1


async def test_a_job_that_somebody_deletes_is_told(cluster: FakeCluster, trainer: Trainer) -> None:
    cluster.turns = [cluster.pod_runs, cluster.jobs.clear]
    assert "was deleted" in (await trainer.run() or "")


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, "exceeded quota: gpus", ResourceExhausted),
        (403, "serviceaccount may not create jobs", FailedPrecondition),
        (422, "spec.template: invalid", FailedPrecondition),
    ],
)
async def test_a_refused_job_says_why(
    cluster: FakeCluster,
    trainer: Trainer,
    status: int,
    message: str,
    kind: type[Exception],
) -> None:
    cluster.refusal = httpx.Response(status, json={"message": message})
    with pytest.raises(kind, match=message):
        await trainer.run()


async def test_rights_that_are_missing_to_read_pods_are_told(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    forbidden = httpx.Response(403, json={"message": "pods is forbidden"})
    cluster.answers = [*[lambda: None] * 3, lambda: forbidden]
    with pytest.raises(FailedPrecondition, match="pods is forbidden"):
        await trainer.run()


def unschedulable(cluster: FakeCluster) -> None:
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/3 nodes are available:\n3 Insufficient nvidia.com/gpu",
    }
    cluster.pod(phase="Pending", conditions=[condition])


HINDRANCES: list[tuple[Callable[[FakeCluster], None], str, type[RlvfError]]] = [
    (unschedulable, "0/3 nodes are available: 3 Insufficient nvidia.com/gpu", ResourceExhausted),
    (
        lambda cluster: cluster.pod_waits("ImagePullBackOff", "Back-off pulling image"),
        "ImagePullBackOff: Back-off pulling image",
        FailedPrecondition,
    ),
    (
        lambda cluster: cluster.pod_waits("CreateContainerConfigError", 'secret "s" not found'),
        'secret "s" not found',
        FailedPrecondition,
    ),
    (
        lambda cluster: cluster.event(
            cluster.name, "FailedCreate", "pods is forbidden: exceeded quota: gpus"
        ),
        "exceeded quota: gpus",
        ResourceExhausted,
    ),
    (
        lambda cluster: cluster.event(cluster.name, "FailedCreate", "violates PodSecurity"),
        "violates PodSecurity",
        FailedPrecondition,
    ),
]


@pytest.mark.parametrize(("hinder", "why", "kind"), HINDRANCES)
async def test_a_pod_that_cannot_start_is_told_and_given_up_at_the_deadline(
    hinder: Callable[[FakeCluster], None], why: str, kind: type[RlvfError], cluster: FakeCluster
) -> None:
    trainer = Trainer(cluster, start_seconds=0.0)
    cluster.turns = [lambda: hinder(cluster)]
    with pytest.raises(kind, match="RLVF_TRAINER_START_SECONDS") as raised:
        await trainer.run()
    assert why in trainer.waiting[0]
    assert why in str(raised.value)
    cluster.pods_are_gone()
    assert cluster.jobs == {}


async def test_a_mount_that_fails_is_told_by_its_last_event(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    def hinder() -> None:
        cluster.pod_waits("ContainerCreating")
        pod = next(iter(cluster.pods))
        cluster.event(pod, "FailedMount", "no such claim", time="2026-11-30T00:00:09Z")
        cluster.event(pod, "FailedScheduling", "no node", time="2026-11-30T00:00:02Z")

    cluster.turns = [hinder, cluster.pod_runs, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    assert trainer.waiting == ["FailedMount: no such claim", ""]


async def test_a_job_in_a_queue_waits_past_the_deadline(cluster: FakeCluster) -> None:
    trainer = Trainer(cluster, start_seconds=0.0)

    def suspend() -> None:
        cluster.jobs[cluster.name]["spec"]["suspend"] = True

    def admit() -> None:
        cluster.jobs[cluster.name]["spec"]["suspend"] = False
        cluster.pod_runs()

    cluster.turns = [suspend, *[lambda: None] * 5, admit, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    assert "queue" in trainer.waiting[0]


async def test_a_job_that_its_queue_suspends_while_it_runs_waits_again(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    def suspend() -> None:
        cluster.jobs[cluster.name]["spec"]["suspend"] = True
        for pod in cluster.pods.values():
            pod["metadata"]["deletionTimestamp"] = "2026-11-30T00:00:00Z"

    def admit() -> None:
        # The pod that was stopped has not ended yet.
        cluster.jobs[cluster.name]["spec"]["suspend"] = False

    cluster.turns = [cluster.pod_runs, suspend, lambda: None, admit]
    cluster.turns += [cluster.pod_runs, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    assert [reason.split(";")[0] for reason in trainer.waiting] == [
        "",
        "the Job is suspended",
        "its pod starts",
        "",
    ]


async def test_a_job_that_is_deleted_before_it_starts_is_told_at_once(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    def delete() -> None:
        cluster.pod_waits("ContainerCreating")
        cluster.jobs[cluster.name]["metadata"]["deletionTimestamp"] = "2026-11-30T00:00:00Z"

    cluster.turns = [delete]
    assert "was deleted" in (await trainer.run() or "")


async def test_a_job_is_started_from_the_template_as_it_is_then(
    cluster: FakeCluster, trainer: Trainer
) -> None:
    changed = copy.deepcopy(CRON_JOB)
    changed["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["image"] = "new"
    cluster.cron_jobs["trainer-job"] = changed
    cluster.turns = [cluster.pod_runs, lambda: cluster.end("Complete")]
    assert await trainer.run() is None
    job = cluster.jobs[cluster.name]
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == "new"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda cron_jobs: cron_jobs.clear(), 'cronjobs.batch "trainer-job" not found'),
        (lambda cron_jobs: cron_jobs["trainer-job"]["spec"].pop("suspend"), "not suspended"),
        (
            lambda cron_jobs: cron_jobs["trainer-job"]["spec"]["jobTemplate"]["spec"]["template"][
                "spec"
            ]["containers"].append({"name": "other"}),
            "more than one container",
        ),
    ],
)
async def test_a_template_that_cannot_be_used_is_told_and_starts_nothing(
    change: Callable[[dict[str, Any]], object], why: str, cluster: FakeCluster, trainer: Trainer
) -> None:
    cluster.cron_jobs = copy.deepcopy(cluster.cron_jobs)
    change(cluster.cron_jobs)
    with pytest.raises(FailedPrecondition, match=f"RLVF_TRAINER_JOB_TEMPLATE: .*{why}"):
        await trainer.run()
    assert cluster.created == []
