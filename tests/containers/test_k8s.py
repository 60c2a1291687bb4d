"""The Kubernetes manifests: that they build, are valid, and keep their promises.

Keys, tokens and certificates are in test_k8s_secrets.py, network policies in test_reachability.py,
what watches the services in test_monitoring.py, what the README says in test_k8s_readme.py.
"""

import json
from functools import cache
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from rlvf.version.v1 import version_pb2
from rlvf_client.cli.group import Exit
from rlvf_client.experiment.config import load_experiment
from rlvf_client.experiment.profiles import profile_in_force
from rlvf_client.local_stack.models import served_elsewhere
from rlvf_common.rpc.workers import MEMORY_BYTES
from rlvf_common.storage.artifact_service import MAX_UPLOAD_BYTES, MAX_UPLOADS_OF_A_CALLER
from rlvf_trainer.launchers.kubernetes import job_manifest, job_template
from tests.containers.overlays import K8S, MINORS, Manifest, Overlay, Pod, load_overlay
from tests.containers.reachability import selects

# Made by hand, see k8s/README.md.
SECRETS = {"rlvf-storage", "rlvf-auth", "model-hub", "rlvf-tokens"} | {
    f"rlvf-storage-{service}"
    for service in (
        "evaluator",
        "pair-generator",
        "trainer",
        "reporter",
        "inference",
        "trainer-job",
    )
}
CLUSTER_WIDE = {"Namespace", "RuntimeClass"}
# Writes a file of the node; the rest of it is as of the others.
INSTALLER = "seccomp-installer"


def _is_built_in(one: Manifest) -> bool:
    """Whether Kubernetes itself has a schema of it; those of operators are not at hand."""
    group, _, _ = one["apiVersion"].rpartition("/")
    return group in {"", "apps", "batch", "autoscaling", "policy"} or group in {
        f"{name}.k8s.io" for name in ("networking", "rbac.authorization", "node")
    }


@pytest.mark.parametrize("minor", MINORS)
def test_every_object_is_strictly_valid(overlay: Overlay, minor: str) -> None:
    for one in filter(_is_built_in, overlay.objects):
        _validate(json.dumps(one), minor)


@cache
def _validate(document: str, minor: str) -> None:
    """Most objects are those of other variants too, and a validation takes long."""
    kubernetes_validate.validate(json.loads(document), minor, strict=True)


@pytest.mark.parametrize("minor", MINORS)
def test_validation_finds_a_misspelt_field(minor: str) -> None:
    broken = yaml.safe_load((K8S / "executor" / "namespace.yaml").read_text())
    broken["metadata"]["label"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="label"):
        kubernetes_validate.validate(broken, minor, strict=True)


def test_three_minors_are_validated_against() -> None:
    assert len({minor.rpartition(".")[0] for minor in MINORS}) == 3


def test_the_executors_have_a_namespace_of_their_own(overlay: Overlay) -> None:
    assert overlay.services != overlay.executors
    for one in overlay.objects:
        if one["kind"] not in CLUSTER_WIDE:
            assert one["metadata"]["namespace"] in {overlay.services, overlay.executors}, one
    assert {pod.name for pod in overlay.pods() if pod.namespace == overlay.executors} == {
        "executor",
        *({INSTALLER} if "executor-namespaces" in overlay.components else ()),
    }


def test_the_trainers_token_creates_pods_only_where_none_is_privileged(overlay: Overlay) -> None:
    labels = overlay.namespace_labels(overlay.services)
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    (binding,) = overlay.everywhere("RoleBinding")
    assert binding["metadata"]["namespace"] == overlay.services
    (subject,) = binding["subjects"]
    assert (subject["name"], subject["namespace"]) == ("trainer", overlay.services)
    (role,) = overlay.everywhere("Role")
    assert role["metadata"] == {**role["metadata"], "name": binding["roleRef"]["name"]}
    assert role["rules"] == [
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get", "delete"]},
        {
            "apiGroups": ["batch"],
            "resources": ["cronjobs"],
            "resourceNames": ["trainer-job"],
            "verbs": ["get"],
        },
        {"apiGroups": [""], "resources": ["pods", "events"], "verbs": ["list"]},
    ]
    for pod in overlay.pods():
        accounts = overlay.of_kind("ServiceAccount", pod.namespace)
        assert pod.spec["serviceAccountName"] in accounts, pod.name
        starts_jobs = pod.name == "trainer" and overlay.name != "cpu"
        assert pod.spec["automountServiceAccountToken"] is starts_jobs, pod.name


def test_the_executors_namespace_is_privileged_only_for_their_namespace_tier(
    overlay: Overlay,
) -> None:
    labels = overlay.namespace_labels(overlay.executors)
    lowered = "executor-namespaces" in overlay.components
    expected = "privileged" if lowered else "restricted"
    assert labels["pod-security.kubernetes.io/enforce"] == expected


def test_addresses_follow_the_namespaces(overlay: Overlay) -> None:
    settings = overlay.settings()
    addresses = [settings["RLVF_EXECUTOR_ADDRESS"], settings["RLVF_INFERENCE_URL"]]
    if "minio" in overlay.components:
        addresses.append(settings["RLVF_S3_ENDPOINT"])
    for address in addresses:
        host, port = address.removeprefix("http://").split(":")
        name, _, rest = host.partition(".")
        namespace = rest.removesuffix(".svc") or overlay.services
        service = overlay.of_kind("Service", namespace)[name]
        assert int(port) in {one["port"] for one in service["spec"]["ports"]}, address


def test_callers_are_more_patient_than_inference_takes_to_start(overlay: Overlay) -> None:
    (container,) = overlay.pod("inference").spec["containers"]
    probe = container["startupProbe"]
    start = probe["periodSeconds"] * probe["failureThreshold"]
    assert float(overlay.settings()["RLVF_INFERENCE_PATIENCE_SECONDS"]) > start


def test_no_rollout_is_given_up_while_a_pod_may_still_start(overlay: Overlay) -> None:
    for pod in overlay.pods():
        if pod.kind != "Deployment":
            continue
        (container,) = pod.spec["containers"]
        probe = container["startupProbe"]
        start = probe["periodSeconds"] * probe["failureThreshold"]
        spec = overlay.of_kind("Deployment", pod.namespace)[pod.name]["spec"]
        # Kubernetes' default; the difference is for images that are pulled.
        assert spec.get("progressDeadlineSeconds", 600) >= start + 300, pod.name


def test_the_evaluator_has_room_for_what_it_bounds(overlay: Overlay) -> None:
    pod = overlay.pod("evaluator")
    (container,) = pod.spec["containers"]
    limits = container["resources"]["limits"]
    workers = pod.environment()["RLVF_EVALUATOR_WORKERS"]["valueFrom"]["resourceFieldRef"]
    assert workers == {"resource": "limits.cpu"}
    assert _gibibytes(limits["memory"]) > int(limits["cpu"]) * MEMORY_BYTES / 2**30
    (folder,) = [one["emptyDir"] for one in pod.spec["volumes"] if one["name"] == "tmp"]
    # Two teams at one time, each as much as one may.
    uploads = 2 * MAX_UPLOADS_OF_A_CALLER * MAX_UPLOAD_BYTES / 2**30
    assert uploads < _gibibytes(folder["sizeLimit"]) < _gibibytes(limits["ephemeral-storage"])


def _gibibytes(quantity: str) -> int:
    assert quantity.endswith("Gi")
    return int(quantity.removesuffix("Gi"))


def test_every_container_is_unprivileged(overlay: Overlay) -> None:
    for pod, container in overlay.containers():
        of_pod, own = pod.spec["securityContext"], container["securityContext"]
        merged = {**of_pod, **own}
        if container["name"] != "install":
            assert merged["runAsNonRoot"] is True, pod.name
            assert merged["runAsUser"] > 0, pod.name
        assert of_pod["seccompProfile"]["type"] in {"RuntimeDefault", "Localhost"}, pod.name
        assert own["readOnlyRootFilesystem"] is True, pod.name
        assert own["allowPrivilegeEscalation"] is False, pod.name
        assert own["capabilities"] == {"drop": ["ALL"]}, pod.name
        assert "privileged" not in own, pod.name
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            assert field not in pod.spec, pod.name
        of_node = [volume["hostPath"] for volume in pod.spec["volumes"] if "hostPath" in volume]
        assert bool(of_node) == (pod.name == INSTALLER), pod.name


def test_every_container_is_limited(overlay: Overlay) -> None:
    for pod, container in overlay.containers():
        for part in ("requests", "limits"):
            stated = container["resources"][part]
            assert {"cpu", "memory", "ephemeral-storage"} <= stated.keys(), (pod.name, part)
        for volume in pod.spec["volumes"]:
            assert "emptyDir" not in volume or "sizeLimit" in volume["emptyDir"], pod.name


def test_every_server_is_probed_where_it_answers_without_tls(overlay: Overlay) -> None:
    for pod in overlay.pods():
        if not pod.is_server:
            continue
        (container,) = pod.spec["containers"]
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            if "grpc" not in pod.ports():
                asked = container[name]["httpGet"]
                assert asked["port"] in pod.ports(), (pod.name, name)
                with_tls = "RLVF_TLS_CERTIFICATE" in pod.environment()
                assert asked.get("scheme", "HTTP") == ("HTTPS" if with_tls else "HTTP"), pod.name
                continue
            health = pod.environment()["RLVF_HEALTH_LISTEN"]["value"]
            assert health == f"0.0.0.0:{container[name]['grpc']['port']}", (pod.name, name)


def test_every_server_listens_where_its_ports_say(overlay: Overlay) -> None:
    for pod in overlay.servers():
        environment, ports = pod.environment(), pod.ports()
        for variable, name in (
            ("RLVF_LISTEN", "grpc"),
            ("RLVF_METRICS_LISTEN", "metrics"),
            ("RLVF_HEALTH_LISTEN", "health"),
        ):
            assert environment[variable]["value"] == f"0.0.0.0:{ports[name]}", pod.name


def test_the_http_gateway_finds_evaluator_and_executor(overlay: Overlay) -> None:
    if "http-gateway" not in overlay.components:
        return
    pod = overlay.pod("http-gateway")
    environment, ports = pod.environment(), pod.ports()
    assert environment["RLVF_LISTEN"]["value"] == f"0.0.0.0:{ports['http']}"
    assert environment["RLVF_METRICS_LISTEN"]["value"] == f"0.0.0.0:{ports['metrics']}"
    name, _, port = environment["RLVF_EVALUATOR_ADDRESS"]["value"].partition(":")
    service = overlay.of_kind("Service")[name]
    assert int(port) in {one["port"] for one in service["spec"]["ports"]}
    # It checks no token, so it has none that somebody could take from it.
    secrets = [one for one in environment.values() if "valueFrom" in one]
    (container,) = pod.spec["containers"]
    assert not secrets
    assert container["envFrom"] == [{"configMapRef": {"name": "rlvf-settings"}}]


def test_images_are_pinned_and_of_one_version(overlay: Overlay) -> None:
    versions = {
        image["newTag"]
        for path in K8S.rglob("kustomization.yaml")
        for image in yaml.safe_load(path.read_text()).get("images", [])
        if image["name"].startswith("rlvf/") and "newTag" in image
    }
    assert len(versions) == 1
    for pod, container in overlay.containers():
        name, _, tag = container["image"].partition(":")
        assert tag.split("@")[0] not in {"", "latest"}, pod.name
        if name.startswith("rlvf/") or "/rlvf/" in name:
            assert tag in versions, pod.name
        else:
            assert "@sha256:" in tag, f"{pod.name}: an image of others is pinned by digest"


def test_the_executors_tier_is_pinned(overlay: Overlay) -> None:
    (tier,) = {one for one in overlay.components if one.startswith("executor-")} or {"landlock"}
    expected = {"landlock": "landlock", "executor-namespaces": "namespaces"}.get(tier, "namespaces")
    executor = overlay.pod("executor")
    assert executor.environment()["RLVF_EXECUTOR_TIER"]["value"] == expected
    assert executor.spec.get("runtimeClassName") == (
        "gvisor" if tier == "executor-gvisor" else None
    )


def test_the_seccomp_profile_is_installed_where_the_executor_looks_for_it() -> None:
    overlay = load_overlay("gpu")
    profile = overlay.pod("executor").spec["securityContext"]["seccompProfile"]
    installer = overlay.pod(INSTALLER)
    (install,) = installer.spec["initContainers"]
    source, target = install["command"][-2:]
    mounts = {mount["mountPath"]: mount["name"] for mount in install["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in installer.spec["volumes"]}
    name = volumes[mounts["/profile"]]["configMap"]["name"]
    assert source == "/profile/executor.json"
    assert "executor.json" in overlay.of_kind("ConfigMap", overlay.executors)[name]["data"]
    root = volumes[mounts["/seccomp"]]["hostPath"]["path"]
    assert root == "/var/lib/kubelet/seccomp"
    assert target == f"/seccomp/{profile['localhostProfile']}"


def test_every_service_is_headless_and_finds_its_pods(overlay: Overlay) -> None:
    for pod in overlay.pods():
        if pod.is_server:
            spec = overlay.of_kind("Service", pod.namespace)[pod.name]["spec"]
            assert spec["clusterIP"] == "None", pod.name
            assert selects({"matchLabels": spec["selector"]}, pod.labels), pod.name
            named = pod.ports().keys() - {"metrics", "health"}
            assert {port["targetPort"] for port in spec["ports"]} == named, pod.name


def test_every_server_has_a_disruption_budget_that_lets_nodes_drain(overlay: Overlay) -> None:
    for pod in overlay.pods():
        if pod.is_server:
            spec = overlay.of_kind("PodDisruptionBudget", pod.namespace)[pod.name]["spec"]
            assert spec["maxUnavailable"] == 1, pod.name
            assert selects(spec["selector"], pod.labels), pod.name


def test_the_executor_scales_by_cpu(overlay: Overlay) -> None:
    spec = overlay.of_kind("HorizontalPodAutoscaler", overlay.executors)["executor"]["spec"]
    assert spec["scaleTargetRef"]["name"] == "executor"
    assert spec["metrics"][0]["resource"]["name"] == "cpu"
    # The two would fight over it.
    deployment = overlay.of_kind("Deployment", overlay.executors)["executor"]
    assert "replicas" not in deployment["spec"]


def test_every_reference_is_to_something_that_exists(overlay: Overlay) -> None:
    issued = {one["spec"]["secretName"] for one in overlay.everywhere("Certificate")}
    for pod, container in overlay.containers():
        config_maps = {*overlay.of_kind("ConfigMap", pod.namespace), "trusted-ca"}
        claims = overlay.of_kind("PersistentVolumeClaim", pod.namespace)
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                assert source["configMapRef"]["name"] in config_maps, pod.name
            else:
                assert source["secretRef"]["name"] in SECRETS, pod.name
        volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
        own = overlay.of_kind("StatefulSet").get(pod.name, {}).get("spec", {})
        claimed = {one["metadata"]["name"] for one in own.get("volumeClaimTemplates", [])}
        mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
        assert mounted <= volumes.keys() | claimed, pod.name
        for volume in volumes.values():
            if "secret" in volume:
                assert volume["secret"]["secretName"] in SECRETS | issued, pod.name
            if "configMap" in volume and not volume["configMap"].get("optional"):
                assert volume["configMap"]["name"] in config_maps, pod.name
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims, pod.name


def test_the_trainer_may_read_the_template_that_it_names(overlay: Overlay) -> None:
    environment = overlay.pod("trainer").environment()
    if environment["RLVF_TRAINER_LAUNCHER"]["value"] != "kubernetes":
        assert not overlay.of_kind("CronJob")
        return
    name = environment["RLVF_TRAINER_JOB_TEMPLATE"]["value"]
    assert name in overlay.of_kind("CronJob")
    (readable,) = [
        rule["resourceNames"]
        for rule in overlay.of_kind("Role")["trainer"]["rules"]
        if "cronjobs" in rule["resources"]
    ]
    assert name in readable


@pytest.mark.parametrize("minor", MINORS)
def test_the_trainer_starts_valid_jobs_from_its_template(minor: str) -> None:
    template = job_template(load_overlay("gpu").of_kind("CronJob")["trainer-job"])
    job = job_manifest(template, "demo-40-pairs", 2)
    kubernetes_validate.validate(job, minor, strict=True)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    # The image's entry point is the job; what it is given must not replace it.
    assert "command" not in container
    assert container["args"] == ["--run", "demo-40-pairs", "--attempt", "2"]


def test_the_driver_finds_the_services_by_a_profile(overlay: Overlay, tmp_path: Path) -> None:
    if "driver" not in overlay.components:
        return
    pod = overlay.pod("driver")
    environment = pod.environment()
    name, folder = environment["RLVF_PROFILE"]["value"], environment["XDG_CONFIG_HOME"]["value"]
    (container,) = pod.spec["containers"]
    mounts = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
    volumes = {one["name"]: one for one in pod.spec["volumes"]}
    files = overlay.of_kind("ConfigMap")[volumes[mounts[f"{folder}/rlvf"]]["configMap"]["name"]]
    # As the pod sees it: the authority is there with TLS only.
    text = files["data"]["rlvf.yaml"]
    for place, volume in mounts.items():
        for item in volumes[volume].get("secret", {}).get("items", []):
            text = text.replace(f"{place}/{item['path']}", str(tmp_path / item["path"]))
            (tmp_path / item["path"]).touch()
    (tmp_path / "rlvf").mkdir()
    (tmp_path / "rlvf" / "rlvf.yaml").write_text(text)
    found = profile_in_force(
        {"RLVF_PROFILE": name, "XDG_CONFIG_HOME": str(tmp_path), "RLVF_AUTH_TOKEN": "t"}
    )
    assert found is not None
    assert found.transport.auth_token == "t"
    assert (found.transport.tls_ca is not None) == ("tls" in overlay.components)
    for service, address in found.addresses.items():
        host, _, port = address.partition(":")
        assert host == service
        (listed,) = overlay.of_kind("Service")[host]["spec"]["ports"]
        assert str(listed["port"]) == port
    assert found.addresses.keys() == {"evaluator", "pair-generator", "trainer", "reporter"}


def test_a_driver_goes_on_unless_a_person_has_to_correct_something() -> None:
    (_, job) = yaml.safe_load_all((K8S / "components" / "driver" / "driver.yaml").read_text())
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert job["spec"]["backoffLimit"] > 0
    fatal, *_ = job["spec"]["podFailurePolicy"]["rules"]
    assert fatal["action"] == "FailJob"
    assert fatal["onExitCodes"]["values"] == [Exit.ERROR, Exit.USAGE]


@pytest.mark.parametrize(
    ("overlay_name", "names"), [("cpu", ["demo", "smoke"]), ("gpu", ["starcoder2-3b"])]
)
def test_presets_name_models_that_overlays_serve(overlay_name: str, names: list[str]) -> None:
    environment = load_overlay(overlay_name).pod("inference").environment()
    served = [version_pb2.ServedModel(name=environment["RLVF_MODEL"]["value"])]
    for name in names:
        for model in load_experiment(name).named_models.values():
            assert served_elsewhere(model, served).source == served[0].name


def _gpus(pod: Pod) -> set[str]:
    return {
        part.get("nvidia.com/gpu", "0")
        for container in pod.spec["containers"]
        for part in container["resources"].values()
    }


def test_the_gpu_overlay_gives_a_gpu_to_inference_and_to_each_training_job() -> None:
    for pod in load_overlay("gpu").pods():
        wants_one = pod.name in {"inference", "trainer-job"}
        assert _gpus(pod) == {"1" if wants_one else "0"}, pod.name
        tolerated = {one.get("key") for one in pod.spec.get("tolerations", [])}
        assert ("nvidia.com/gpu" in tolerated) == wants_one, pod.name


def test_the_cpu_overlay_asks_for_no_gpu() -> None:
    assert all(_gpus(pod) == {"0"} for pod in load_overlay("cpu").pods())
