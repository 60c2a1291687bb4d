"""A fake of the Kubernetes API that keeps state: Jobs, their pods, and events about them.

The test decides what becomes of a Job; the fake does what the API server and the Job controller do:
names are unique, a Job deleted in the foreground stays until its pods are gone, lists are selected
by label and field.
"""

import json
from collections.abc import Callable
from typing import Any

import httpx

NAMESPACE = "rlvf"


class FakeCluster:
    """One namespace."""

    def __init__(self) -> None:
        self.cron_jobs: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.pods: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.created: list[str] = []
        """Names of all Jobs that ever were."""
        self.refusal: httpx.Response | None = None
        """The answer to what would create a Job."""
        self.answers: list[Callable[[], httpx.Response | None]] = []
        """What is called before the next requests, one each; where it gives no answer, the API
        does."""
        self.turns: list[Callable[[], None]] = []
        """What happens in the cluster, one thing before each time that the Job is read."""

    def client(self) -> httpx.AsyncClient:
        """A client of it."""
        return httpx.AsyncClient(base_url="https://api", transport=httpx.MockTransport(self))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers.pop(0)() if self.answers else None
        return answer if answer is not None else self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        group, _, rest = request.url.path.partition(f"/namespaces/{NAMESPACE}/")
        kind, _, name = rest.partition("/")
        query = request.url.params
        if (group, kind) == ("/api/v1", "pods"):
            label, _, value = query["labelSelector"].partition("=")
            return _listed(
                pod for pod in self.pods.values() if pod["metadata"]["labels"].get(label) == value
            )
        if (group, kind) == ("/api/v1", "events"):
            _, _, about = query["fieldSelector"].partition("=")
            return _listed(
                event for event in self.events if event["involvedObject"]["name"] == about
            )
        assert group == "/apis/batch/v1"
        if kind == "cronjobs":
            assert request.method == "GET"
            if name not in self.cron_jobs:
                message = f'cronjobs.batch "{name}" not found'
                return httpx.Response(404, json={"message": message})
            return httpx.Response(200, json=self.cron_jobs[name])
        assert kind == "jobs"
        if request.method == "POST":
            return self._create(json.loads(request.content))
        if request.method == "GET" and self.turns:
            self.turns.pop(0)()
        if name not in self.jobs:
            return httpx.Response(404, json={"message": f'jobs.batch "{name}" not found'})
        if request.method == "DELETE":
            assert query["propagationPolicy"] == "Foreground"
            self.jobs[name]["metadata"]["deletionTimestamp"] = "2026-11-30T00:00:00Z"
            if not self.pods:
                del self.jobs[name]
            return httpx.Response(200, json={})
        return httpx.Response(200, json=self.jobs[name])

    def _create(self, job: dict[str, Any]) -> httpx.Response:
        if self.refusal is not None:
            return self.refusal
        name = job["metadata"]["name"]
        if name in self.jobs:
            return httpx.Response(409, json={"message": f'jobs.batch "{name}" already exists'})
        self.jobs[name] = job
        self.created.append(name)
        return httpx.Response(201, json=job)

    # What happens in the cluster

    @property
    def name(self) -> str:
        """The name of the Job that there is."""
        (name,) = self.jobs
        return name

    def pod(self, **status: Any) -> None:
        """The Job's pod is, and has this status."""
        self.pods[f"{self.name}-x7k2p"] = {
            "metadata": {"name": f"{self.name}-x7k2p", "labels": {"job-name": self.name}},
            "status": status,
        }

    def pod_runs(self) -> None:
        """The Job's pod runs."""
        self.pod(phase="Running", containerStatuses=[{"state": {"running": {}}}])

    def pod_waits(self, reason: str, message: str = "") -> None:
        """The Job's container is not started."""
        waiting = {"reason": reason, "message": message}
        self.pod(phase="Pending", containerStatuses=[{"state": {"waiting": waiting}}])

    def event(
        self, about: str, reason: str, message: str, time: str = "2026-11-30T00:00:01Z"
    ) -> None:
        """Something is told of the Job or its pod."""
        self.events.append(
            {
                "involvedObject": {"name": about},
                "reason": reason,
                "message": message,
                "lastTimestamp": time,
            }
        )

    def end(self, kind: str, **more: str) -> None:
        """The Job is complete or has failed."""
        conditions = [{"type": kind, "status": "True", **more}]
        self.jobs[self.name]["status"] = {"conditions": conditions}

    def pods_are_gone(self) -> None:
        """What was deleted in the foreground is deleted with its pods."""
        self.pods.clear()
        for name in [
            one for one, job in self.jobs.items() if "deletionTimestamp" in job["metadata"]
        ]:
            del self.jobs[name]


def _listed(items: Any) -> httpx.Response:
    return httpx.Response(200, json={"items": list(items)})
