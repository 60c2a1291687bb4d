"""Who holds which secret in the Kubernetes manifests: keys of storage, tokens, certificates."""

import json
from pathlib import Path

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.version.v1 import version_pb2
from tests.containers.overlays import K8S, Overlay

OF_TEAMS = (
    (evaluator_pb2, "EvaluatorService"),
    (artifact_pb2, "ArtifactService"),
    (version_pb2, "VersionService"),
)
POLICIES = sorted((K8S / "components" / "minio-users" / "policies").glob("*.json"))


def test_storage_keys_and_the_right_to_reach_storage_go_together(overlay: Overlay) -> None:
    for pod, container in overlay.containers():
        secrets = {
            source["secretRef"]["name"]
            for source in container.get("envFrom", [])
            if "secretRef" in source
        }
        has_keys = any(name.startswith("rlvf-storage") for name in secrets)
        may_reach = pod.labels.get("access.rlvf.dev/storage") == "true"
        assert has_keys == may_reach, pod.name


def test_the_executor_holds_no_secret_but_its_callers_token(overlay: Overlay) -> None:
    executor = overlay.pod("executor")
    (container,) = executor.spec["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": "executor-settings"}}]
    secrets = [
        one["valueFrom"]["secretKeyRef"]
        for one in executor.environment().values()
        if "secretKeyRef" in one.get("valueFrom", {})
    ]
    assert secrets == [{"name": "rlvf-auth", "key": "RLVF_AUTH_TOKEN"}]
    # Beside its key for TLS, and the digests of teams' tokens.
    assert {volume["name"] for volume in executor.spec["volumes"]} <= {"tmp", "tls", "tokens"}


def test_every_account_pulls_images_with_the_login_of_the_registry(overlay: Overlay) -> None:
    login = [{"name": "registry-login"}] if "registry-login" in overlay.components else None
    accounts = overlay.everywhere("ServiceAccount")
    assert accounts
    for account in accounts:
        assert account.get("imagePullSecrets") == login, account["metadata"]["name"]


def test_no_service_runs_without_a_token(overlay: Overlay) -> None:
    for pod in overlay.servers():
        source = pod.environment()["RLVF_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"]
        assert source == {"name": "rlvf-auth", "key": "RLVF_AUTH_TOKEN"}, pod.name


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_storage_key_opens_what_its_service_needs(path: Path) -> None:
    bucket = "arn:aws:s3:::rlvf"
    rights: dict[str, set[str]] = {}
    for statement in json.loads(path.read_text())["Statement"]:
        for resource in statement["Resource"]:
            rights[resource.removeprefix(bucket).strip("/*")] = set(statement["Action"])
    assert rights.pop("") == {"s3:ListBucket", "s3:GetBucketLocation"}
    blobs = {"s3:GetObject"} if path.stem == "inference" else {"s3:GetObject", "s3:PutObject"}
    assert rights.pop("blobs") == blobs
    own = {
        "evaluator": {"calibrations", "scores"},
        "trainer": {"training"},
        "trainer-job": {"training"},
    }.get(path.stem, set[str]())
    if path.stem in ("evaluator", "pair-generator", "trainer"):
        own |= {f"operations/{path.stem}", f"operations-pending/{path.stem}", "quotas"}
    assert rights.keys() == own


def test_certificates_have_the_names_that_callers_use(overlay: Overlay) -> None:
    if "tls" not in overlay.components:
        return
    names = {
        one["metadata"]["name"]: one["spec"]["dnsNames"]
        for one in overlay.everywhere("Certificate")
    }
    executor = overlay.settings()["RLVF_EXECUTOR_ADDRESS"].partition(":")[0]
    assert names.pop("executor") == [executor]
    servers = {pod.name for pod in overlay.servers() if pod.namespace == overlay.services}
    assert names == {
        name: [f"{name}.{overlay.services}.svc", name] for name in servers | {"http-gateway"}
    }
    (policy,) = overlay.everywhere("BackendTLSPolicy")
    assert policy["spec"]["validation"]["hostname"] in names["evaluator"]


def test_with_tls_every_server_has_the_key_of_its_own_certificate(overlay: Overlay) -> None:
    for pod in overlay.servers():
        secrets = {one["secret"]["secretName"] for one in pod.spec["volumes"] if "secret" in one}
        with_tls = "tls" in overlay.components
        assert (f"{pod.name}-tls" in secrets) == with_tls, pod.name
        service = overlay.of_kind("Service", pod.namespace)[pod.name]
        (port,) = service["spec"]["ports"]
        assert port["appProtocol"] == ("https" if with_tls else "kubernetes.io/h2c"), pod.name
        if with_tls:
            (mount,) = [
                one for one in pod.spec["containers"][0]["volumeMounts"] if one["name"] == "tls"
            ]
            environment = pod.environment()
            for variable in ("RLVF_TLS_CERTIFICATE", "RLVF_TLS_KEY", "RLVF_TLS_CA"):
                folder, _, _ = environment[variable]["value"].rpartition("/")
                assert folder == mount["mountPath"], pod.name
            assert environment["RLVF_ALLOW_NO_TLS"]["value"] == "false", pod.name


def test_with_tls_training_jobs_trust_the_authority_and_hold_no_key(overlay: Overlay) -> None:
    if "trainer-job" not in overlay.of_kind("CronJob"):
        return
    job = overlay.pod("trainer-job")
    (container,) = job.spec["containers"]
    variable = job.environment().get("RLVF_TLS_CA")
    assert (variable is not None) == ("tls" in overlay.components)
    if variable is None:
        return
    folder, _, file = variable["value"].rpartition("/")
    (name,) = [one["name"] for one in container["volumeMounts"] if one["mountPath"] == folder]
    (volume,) = [one for one in job.spec["volumes"] if one["name"] == name]
    assert volume["secret"]["items"] == [{"key": "ca.crt", "path": file}]
    issued = {one["spec"]["secretName"] for one in overlay.everywhere("Certificate")}
    assert volume["secret"]["secretName"] in issued


def test_what_calls_storage_or_the_hub_trusts_the_bundle(overlay: Overlay) -> None:
    for pod, container in overlay.containers():
        callers = {"access.rlvf.dev/storage", "access.rlvf.dev/model-hub"}
        # MinIO's own client speaks to MinIO in the cluster only.
        calls = bool(callers & pod.labels.keys()) and pod.name != "minio-users"
        trusts = pod.environment().get("SSL_CERT_FILE") == {
            "name": "SSL_CERT_FILE",
            "value": "/etc/trusted-ca/ca.crt",
        }
        assert trusts == (calls and "trusted-ca" in overlay.components), pod.name
        if trusts:
            mounts = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
            volumes = {one["name"]: one for one in pod.spec["volumes"]}
            assert volumes[mounts["/etc/trusted-ca"]]["configMap"] == {"name": "trusted-ca"}


def test_with_storage_keys_every_pod_has_a_key_of_its_own(overlay: Overlay) -> None:
    if "storage-keys" not in overlay.components:
        return
    for pod, container in overlay.containers():
        for source in container.get("envFrom", []):
            name = source.get("secretRef", {}).get("name", "")
            # MinIO's own key, which makes the users.
            if name.startswith("rlvf-storage") and pod.name != "minio-users":
                assert name == f"rlvf-storage-{pod.name}"


def test_the_gateway_routes_to_what_the_evaluator_serves(overlay: Overlay) -> None:
    for route in overlay.everywhere("GRPCRoute"):
        (rule,) = route["spec"]["rules"]
        (backend,) = rule["backendRefs"]
        evaluator = overlay.of_kind("Service")[backend["name"]]
        assert backend["port"] in {port["port"] for port in evaluator["spec"]["ports"]}
        routed = {match["method"]["service"] for match in rule["matches"]}
        # What teams call; the rest of the repository's services are not the evaluator's.
        assert routed == {
            *(module.DESCRIPTOR.services_by_name[name].full_name for module, name in OF_TEAMS),
            "google.longrunning.Operations",
            "grpc.health.v1.Health",
        }


def test_every_service_that_teams_may_use_knows_their_tokens(overlay: Overlay) -> None:
    if "team-tokens" not in overlay.components:
        return
    for pod in overlay.servers():
        environment = pod.environment()
        folder, _, file = environment["RLVF_TOKENS_FILE"]["value"].rpartition("/")
        (container,) = pod.spec["containers"]
        volumes = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
        (volume,) = [one for one in pod.spec["volumes"] if one["name"] == volumes[folder]]
        assert volume["secret"] == {"secretName": "rlvf-tokens"}, pod.name
        assert file == "tokens.yaml"
        # A mount inside another one, read-only as they are, cannot be made.
        assert not [one for one in volumes if one != folder and folder.startswith(f"{one}/")]
