"""Finds in the objects that Kubernetes returns why a Job's pod has not started, or how it died.
Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rlvf_api.errors import FailedPrecondition, ResourceExhausted, RlvfError, Unavailable

# Reasons of the kubelet for which a container waits until somebody repairs something.
_UNUSABLE = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
    }
)
# Reasons of events about what keeps a pod from starting.
_HINDRANCES = frozenset(
    {
        "FailedAttachVolume",
        "FailedCreate",
        "FailedCreatePodSandBox",
        "FailedMount",
        "FailedScheduling",
    }
)

Objects = Sequence[Mapping[str, Any]]


def has_started(pods: Objects) -> bool:
    """Whether a container of the Job has run."""
    return any(
        "running" in status.get("state", {}) or "terminated" in status.get("state", {})
        for status in _container_statuses(pods)
    )


def is_queued(job: Mapping[str, Any]) -> bool:
    """Whether the Job is suspended, which is how Kueue and the like keep it in a queue."""
    return bool(job.get("spec", {}).get("suspend"))


def hindrance(pods: Objects, events: Objects) -> tuple[type[RlvfError], str] | None:
    """What keeps a Job's pod from starting: the kind of error with which the run ends if it
    persists, and the reason in Kubernetes' words. None if nothing is known.

    `events` are those about the Job and its pods.
    """
    for pod in pods:
        for condition in pod.get("status", {}).get("conditions", []):
            if condition["type"] == "PodScheduled" and condition["status"] == "False":
                return ResourceExhausted, _said(condition)
    for status in _container_statuses(pods):
        waiting = status.get("state", {}).get("waiting", {})
        if waiting.get("reason") in _UNUSABLE:
            return FailedPrecondition, _said(waiting)
    told = [event for event in events if event.get("reason") in _HINDRANCES]
    if not told:
        return None
    last = max(told, key=_time)
    is_about_room = last["reason"] == "FailedScheduling" or "exceeded quota" in last["message"]
    if last["reason"] == "FailedCreate" and not is_about_room:
        return FailedPrecondition, _said(last)
    return (ResourceExhausted if is_about_room else Unavailable), _said(last)


def death(pods: Objects) -> str:
    """How the pod of a failed Job ended, or the empty string."""
    for pod in pods:
        status = pod.get("status", {})
        if status.get("reason"):
            return _said(status)
        for condition in status.get("conditions", []):
            if condition["type"] == "DisruptionTarget" and condition["status"] == "True":
                return _said(condition)
    for container in _container_statuses(pods):
        terminated = container.get("state", {}).get("terminated", {})
        if terminated.get("exitCode"):
            return f"{terminated.get('reason', 'Error')}, exit status {terminated['exitCode']}"
    return ""


def _container_statuses(pods: Objects) -> Iterable[Mapping[str, Any]]:
    for pod in pods:
        yield from pod.get("status", {}).get("containerStatuses", [])


def _said(about: Mapping[str, Any]) -> str:
    message = " ".join(about.get("message", "").split())
    return f"{about.get('reason', '')}: {message}".strip(": ")


def _time(event: Mapping[str, Any]) -> str:
    """RFC 3339 in UTC sorts as text."""
    return str(event.get("lastTimestamp") or event.get("eventTime") or "")
