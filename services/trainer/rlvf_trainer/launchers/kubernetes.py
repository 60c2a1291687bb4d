"""Runs jobs as Kubernetes Jobs, through the API server and the service account of the trainer's
pod.

The Job is read at intervals instead of watched: nothing is missed when the API server, the trainer
or their connection ends, and two seconds do not matter in a run of hours.
"""

import asyncio
import copy
import logging
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from rlvf_api.errors import FailedPrecondition, ResourceExhausted, Unavailable
from rlvf_common.rpc.telemetry import fields
from rlvf_trainer.launchers import pods
from rlvf_trainer.launchers.launcher import OnWaiting, answered, job_name

log = logging.getLogger(__name__)

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_POLL_SECONDS = 2.0
_REQUEST_SECONDS = 10.0
# Status codes of an API server that is overloaded, or about to be replaced.
_SILENCE = frozenset({429, 500, 502, 503, 504})


class KubernetesLauncher:
    """Runs one Job for each attempt. It outlives the trainer, and is found again by its name."""

    def __init__(
        self,
        api: httpx.AsyncClient,
        namespace: str,
        template: str,
        *,
        start_seconds: float,
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        """`template` names a suspended CronJob of `namespace`, of which Jobs are made.

        `start_seconds` is how long a Job's pod may take to start, unless the Job is queued.
        """
        self._api = api
        self._cron_job = f"/apis/batch/v1/namespaces/{namespace}/cronjobs/{template}"
        self._jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
        self._pods = f"/api/v1/namespaces/{namespace}/pods"
        self._events = f"/api/v1/namespaces/{namespace}/events"
        self._start_seconds = start_seconds
        self._poll_seconds = poll_seconds

    @classmethod
    def in_cluster(cls, template: str, *, start_seconds: float) -> "KubernetesLauncher":
        """A launcher for the namespace that this pod is in.

        Raises:
            FailedPrecondition: this is no pod with a service account.
        """
        try:
            namespace = (_ACCOUNT / "namespace").read_text().strip()
            certificates = httpx.create_ssl_context(verify=str(_ACCOUNT / "ca.crt"))
        except OSError as error:
            raise FailedPrecondition(
                f"RLVF_TRAINER_LAUNCHER=kubernetes needs a pod with a service account: {error}"
            ) from None
        api = httpx.AsyncClient(
            base_url="https://kubernetes.default.svc",
            verify=certificates,
            auth=_AccountToken(_ACCOUNT / "token"),
            timeout=_REQUEST_SECONDS,
        )
        return cls(api, namespace, template, start_seconds=start_seconds)

    async def run(self, run_id: str, attempt: int, on_waiting: OnWaiting) -> str | None:
        """See `Launcher.run`."""
        manifest = job_manifest(await self._template(), run_id, attempt)
        name = str(manifest["metadata"]["name"])
        await self._create(name, manifest, on_waiting)
        while True:
            await self._wait_for_start(name, on_waiting)
            on_waiting("")
            job = await self._wait_while_it_runs(name)
            if job is None or _is_deleted(job):
                return f"{name} was deleted"
            if (end := _end_of(job)) is not None:
                return None if end["type"] == "Complete" else await self._death(name, end)

    async def end(self, run_id: str, attempt: int) -> None:
        """See `Launcher.end`."""
        await self._delete(job_name(run_id, attempt))

    async def _template(self) -> dict[str, Any]:
        """As it is now: a change needs no restart of the trainer. Raises FailedPrecondition."""
        response = await self._ask("GET", self._cron_job)
        if response.status_code != 200:
            raise FailedPrecondition(f"RLVF_TRAINER_JOB_TEMPLATE: {_message(response)}")
        return job_template(_body(response))

    async def _create(self, name: str, manifest: dict[str, Any], on_waiting: OnWaiting) -> None:
        until = monotonic() + self._start_seconds
        while True:
            response = await self._ask("POST", self._jobs, body=manifest)
            if response.status_code == 201:
                return
            if response.status_code == 409:
                job = await self._read(name)
                if job is not None and not _is_deleted(job):
                    return  # An earlier trainer made it, or this one did and got no answer.
                on_waiting(f"{name} of an earlier call is being deleted")
                if monotonic() > until:
                    raise Unavailable(
                        f"{name} of an earlier call was not deleted within "
                        f"{self._start_seconds:.0f} s (RLVF_TRAINER_START_SECONDS): its pod does "
                        f"not end, see kubectl describe pods -l job-name={name}"
                    )
                await asyncio.sleep(self._poll_seconds)
                continue
            reason = (
                f"Kubernetes refuses the training job ({response.status_code}): "
                f"{_message(response)}"
            )
            if response.status_code == 403 and "exceeded quota" in reason:
                raise ResourceExhausted(reason)
            raise FailedPrecondition(reason)

    async def _wait_for_start(self, name: str, on_waiting: OnWaiting) -> None:
        until = monotonic() + self._start_seconds
        while True:
            job = await self._read(name)
            if job is None or _is_deleted(job) or _end_of(job) is not None:
                return
            if pods.is_queued(job):
                on_waiting("the Job is suspended; a queue, such as Kueue's, has not admitted it")
                until = monotonic() + self._start_seconds
            else:
                # Pods that a queue has stopped stay until they have ended.
                found = [
                    pod
                    for pod in await self._list(self._pods, labelSelector=f"job-name={name}")
                    if not _is_deleted(pod)
                ]
                if pods.has_started(found):
                    return
                kind, reason = pods.hindrance(found, await self._events_about(name, found)) or (
                    Unavailable,
                    "its pod starts",
                )
                on_waiting(reason)
                if monotonic() > until:
                    await self._delete(name)
                    raise kind(
                        f"{name} did not start within {self._start_seconds:.0f} s "
                        f"(RLVF_TRAINER_START_SECONDS): {reason}"
                    )
            await asyncio.sleep(self._poll_seconds)

    async def _wait_while_it_runs(self, name: str) -> dict[str, Any] | None:
        """The Job once it has ended, is deleted, or is suspended again by its queue."""
        while True:
            job = await self._read(name)
            if job is None or _is_deleted(job) or _end_of(job) is not None or pods.is_queued(job):
                return job
            await asyncio.sleep(self._poll_seconds)

    async def _death(self, name: str, end: Mapping[str, Any]) -> str:
        found = await self._list(self._pods, labelSelector=f"job-name={name}")
        why = pods.death(found) or f"{end.get('reason')}: {end.get('message')}"
        return f"{name} failed ({why}; log: kubectl logs job/{name})"

    async def _delete(self, name: str) -> None:
        """Delete the Job, which exists until its pod is gone, so that no two pods work on a run."""
        response = await self._ask(
            "DELETE",
            f"{self._jobs}/{name}",
            parameters={"propagationPolicy": "Foreground"},
        )
        if response.status_code not in (200, 202, 404):
            log.warning("cannot delete job", extra=fields(job=name, reason=_message(response)))

    async def _read(self, name: str) -> dict[str, Any] | None:
        """The Job, or None if there is none."""
        response = await self._ask("GET", f"{self._jobs}/{name}")
        if response.status_code == 404:
            return None
        return _body(response)

    async def _list(self, collection: str, **parameters: str) -> list[dict[str, Any]]:
        items = _body(await self._ask("GET", collection, parameters=parameters)).get("items", [])
        assert isinstance(items, list)
        return items

    async def _events_about(self, name: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        about = [name, *(pod["metadata"]["name"] for pod in found)]
        return [
            event
            for one in about
            for event in await self._list(self._events, fieldSelector=f"involvedObject.name={one}")
        ]

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer of the API server, which may be unreachable for a minute.

        Raises:
            Unavailable: the API server does not answer.
        """

        async def ask() -> httpx.Response:
            try:
                response = await self._api.request(method, path, params=parameters, json=body)
            except httpx.TransportError as error:
                raise Unavailable(str(error) or type(error).__name__) from None
            # A conflict of a deletion is one with another change of the Job.
            conflicts = method == "DELETE" and response.status_code == 409
            if conflicts or response.status_code in _SILENCE:
                raise Unavailable(f"{response.status_code}: {_message(response)}")
            return response

        return await answered("the Kubernetes API", ask, pause_seconds=self._poll_seconds)


class _AccountToken(httpx.Auth):
    """The service account's token, read anew for each request because it is rotated."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        request.headers["Authorization"] = f"Bearer {self._path.read_text().strip()}"
        yield request


def job_template(cron_job: Mapping[str, Any]) -> dict[str, Any]:
    """The `jobTemplate` of a batch/v1 CronJob, which has everything except what to train.

    Raises:
        FailedPrecondition: the CronJob is not suspended, or its pod has several containers.
    """
    spec = cron_job["spec"]
    template = spec["jobTemplate"]
    name = cron_job["metadata"]["name"]
    if not spec.get("suspend"):
        raise FailedPrecondition(
            f"RLVF_TRAINER_JOB_TEMPLATE: the CronJob {name} is not suspended: it would run by its "
            "schedule"
        )
    if len(template["spec"]["template"]["spec"]["containers"]) != 1:
        raise FailedPrecondition(
            f"RLVF_TRAINER_JOB_TEMPLATE: the CronJob {name} has more than one container"
        )
    assert isinstance(template, dict)
    return template


def job_manifest(template: dict[str, Any], run_id: str, attempt: int) -> dict[str, Any]:
    """The Job of one attempt at a run, from the result of `job_template`. Its name depends only on
    run and attempt, so that it can be found again.
    """
    manifest = {"apiVersion": "batch/v1", "kind": "Job", **copy.deepcopy(template)}
    metadata = manifest.setdefault("metadata", {})
    metadata["name"] = job_name(run_id, attempt)
    metadata.setdefault("labels", {})["rlvf.dev/run"] = run_id[:63].strip("-")
    spec = manifest["spec"]
    # The control plane decides about attempts: it knows whether there was progress.
    spec["backoffLimit"] = 0
    pod = spec["template"]["spec"]
    pod["restartPolicy"] = "Never"
    pod["containers"][0]["args"] = ["--run", run_id, "--attempt", str(attempt)]
    return manifest


def _is_deleted(one: Mapping[str, Any]) -> bool:
    """Whether an object is to vanish, once what it waits for is gone."""
    return "deletionTimestamp" in one["metadata"]


def _end_of(job: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The condition that says that the Job has ended."""
    for condition in job.get("status", {}).get("conditions", []):
        if condition["status"] == "True" and condition["type"] in ("Complete", "Failed"):
            assert isinstance(condition, dict)
            return condition
    return None


def _body(response: httpx.Response) -> dict[str, Any]:
    if response.status_code != 200:
        raise FailedPrecondition(
            f"Kubernetes refuses to read the training job ({response.status_code}): "
            f"{_message(response)}"
        )
    body = response.json()
    assert isinstance(body, dict)
    return body


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return response.text[:200]
