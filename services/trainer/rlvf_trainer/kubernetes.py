"""Jobs as Kubernetes Jobs, through the API server and the service account of the trainer's pod."""

import asyncio
import copy
import hashlib
import logging
import re
from pathlib import Path
from typing import Any

import httpx
import yaml

from rlvf_api.errors import FailedPrecondition, ResourceExhausted, Unavailable
from rlvf_common.rpc.telemetry import fields

log = logging.getLogger(__name__)

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_POLL_SECONDS = 2.0
_SILENT_POLLS = 30
_REQUEST_SECONDS = 10.0


class KubernetesLauncher:
    """One Job an attempt. It outlives a trainer that is killed, and is found again by its name."""

    def __init__(
        self,
        api: httpx.AsyncClient,
        namespace: str,
        template: dict[str, Any],
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        self._api = api
        self._jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
        self._template = template
        self._poll_seconds = poll_seconds

    @classmethod
    def in_cluster(cls, template: Path) -> "KubernetesLauncher":
        """A launcher for the namespace that this pod is in.

        Raises:
            FailedPrecondition: this is no pod with a service account, or `template` cannot be used.
        """
        manifest = read_template(template)
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
        return cls(api, namespace, manifest)

    async def run(self, run_id: str, attempt: int) -> str | None:
        """See `Launcher.run`."""
        manifest = job_manifest(self._template, run_id, attempt)
        name = str(manifest["metadata"]["name"])
        await self._create(manifest)
        try:
            return await self._wait(name)
        except asyncio.CancelledError:
            await self._delete(name)
            raise

    async def _create(self, manifest: dict[str, Any]) -> None:
        try:
            response = await self._api.post(self._jobs, json=manifest)
        except httpx.TransportError as error:
            raise Unavailable(f"the Kubernetes API cannot be reached: {error}") from None
        # 409: an earlier trainer made it, and it is waited for.
        if response.status_code in (201, 409):
            return
        reason = (
            f"Kubernetes refuses the training job ({response.status_code}): {_message(response)}"
        )
        if response.status_code == 403 and "exceeded quota" in reason:
            raise ResourceExhausted(reason)
        if response.status_code in (429, 500, 503, 504):
            raise Unavailable(reason)
        raise FailedPrecondition(reason)

    async def _wait(self, name: str) -> str | None:
        silent = 0
        while silent < _SILENT_POLLS:
            await asyncio.sleep(self._poll_seconds)
            try:
                response = await self._api.get(f"{self._jobs}/{name}")
            except httpx.TransportError as error:
                silent += 1
                log.warning("cannot read job", extra=fields(job=name, reason=str(error)))
                continue
            if response.status_code == 404:
                return f"{name} was deleted"
            if response.status_code != 200:
                silent += 1
                log.warning("cannot read job", extra=fields(job=name, reason=_message(response)))
                continue
            silent = 0
            conditions = response.json().get("status", {}).get("conditions", [])
            for condition in conditions:
                if condition["status"] != "True":
                    continue
                if condition["type"] == "Complete":
                    return None
                if condition["type"] == "Failed":
                    why = f"{condition.get('reason', '')}: {condition.get('message', '')}"
                    return f"{name} failed ({why}; log: kubectl logs job/{name})"
        raise Unavailable(f"the Kubernetes API did not answer about {name} {silent} times in a row")

    async def _delete(self, name: str) -> None:
        try:
            await self._api.delete(
                f"{self._jobs}/{name}", params={"propagationPolicy": "Background"}
            )
        except httpx.TransportError as error:
            log.warning("cannot delete job", extra=fields(job=name, reason=str(error)))


class _AccountToken(httpx.Auth):
    """The service account's token, read anew for each request because it is rotated."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        request.headers["Authorization"] = f"Bearer {self._path.read_text().strip()}"
        yield request


def read_template(path: Path) -> dict[str, Any]:
    """The manifest of a batch/v1 Job with one container, which says all but what is to be trained.

    Raises:
        FailedPrecondition: it cannot be read, or is not that.
    """
    try:
        manifest = yaml.safe_load(path.read_text())
        if (
            manifest["kind"] != "Job"
            or len(manifest["spec"]["template"]["spec"]["containers"]) != 1
        ):
            raise ValueError("expected a batch/v1 Job with one container")
    except (OSError, yaml.YAMLError, ValueError, KeyError, TypeError) as error:
        raise FailedPrecondition(f"RLVF_TRAINER_JOB_TEMPLATE: {path}: {error}") from None
    assert isinstance(manifest, dict)
    return manifest


def job_manifest(template: dict[str, Any], run_id: str, attempt: int) -> dict[str, Any]:
    """The Job of one attempt at a run. Its name depends on these alone, so that it can be found
    again.
    """
    manifest = copy.deepcopy(template)
    readable = re.sub(r"[^a-z0-9-]", "-", run_id[:24]).strip("-")
    digest = hashlib.sha256(run_id.encode()).hexdigest()[:12]
    metadata = manifest.setdefault("metadata", {})
    metadata["name"] = f"train-{readable}-{digest}-{attempt}"
    metadata.setdefault("labels", {})["rlvf.dev/run"] = run_id[:63].strip("-")
    spec = manifest["spec"]
    # The control plane decides about attempts: it knows whether there was progress.
    spec["backoffLimit"] = 0
    pod = spec["template"]["spec"]
    pod["restartPolicy"] = "Never"
    pod["containers"][0]["args"] = ["--run", run_id, "--attempt", str(attempt)]
    return manifest


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return response.text[:200]
