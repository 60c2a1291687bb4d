"""The Dockerfiles, the compose files and the settings that all deployment files name."""

import importlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from rlvf_client.experiment.profiles import PROFILE_VARIABLE
from rlvf_common.rpc.version import REVISION_VARIABLE

REPOSITORY = Path(__file__).parents[2]
DOCKERFILES = sorted(REPOSITORY.glob("services/*/Dockerfile"))
SERVICES = {
    "executor", "inference", "pair-generator", "trainer", "evaluator", "reporter", "http-gateway",
}  # fmt: skip

Compose = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> Compose:
    """The services of compose.yaml."""
    document = yaml.safe_load((REPOSITORY / "deploy" / "compose.yaml").read_text())
    services: Compose = document["services"]
    return services


def test_every_service_has_a_dockerfile() -> None:
    assert {path.parent.name for path in DOCKERFILES} == {*SERVICES, "client"}


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_a_dockerfile_keeps_the_rules(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    commands = re.findall(r"^(?:    )?(CMD|ENTRYPOINT) (.*)$", text, flags=re.MULTILINE)
    assert commands
    assert all(json.loads(arguments) for _, arguments in commands), "a shell-form command"
    assert re.findall(r"^USER (.*)$", text, flags=re.MULTILINE) == ["1000:1000"]
    serves = dockerfile.parent.name in SERVICES
    assert bool(re.search(r"^HEALTHCHECK --", text, flags=re.MULTILINE)) is serves
    assert bool(re.search(r"^EXPOSE \d+$", text, flags=re.MULTILINE)) is serves
    assert "org.opencontainers.image.title" in text
    # What Docker's classic builder has not.
    assert "--mount" not in text
    assert "<<" not in text
    copied = re.findall(r"^COPY (\S+) ", text, flags=re.MULTILINE)
    own = f"services/{dockerfile.parent.name}"
    common = {"requirements.lock", "proto", "services/common", "deploy/healthcheck.py"}
    assert set(copied) <= {*common, own, *_stages(text)}


# vLLM for a GPU asks for versions of its own.
@pytest.mark.parametrize("service", sorted({*SERVICES, "client"} - {"inference"}))
def test_an_image_has_the_versions_that_tests_use(service: str) -> None:
    text = (REPOSITORY / "services" / service / "Dockerfile").read_text()
    installed = re.findall(r"pip install ([^&]*\./proto)", text)
    assert installed
    assert all("--constraint requirements.lock" in one for one in installed)


def _stages(text: str) -> set[str]:
    return set(re.findall(r"^COPY (--from=\S+)", text, flags=re.MULTILINE))


def test_all_images_have_the_same_pinned_base() -> None:
    bases = {
        base
        for path in DOCKERFILES
        for base in re.findall(r"^ARG BASE_IMAGE=(.*)$", path.read_text(), flags=re.MULTILINE)
    }
    (base,) = bases
    assert re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", base)


def test_every_container_is_confined(compose: Compose) -> None:
    assert set(compose) == SERVICES | {"storage"}
    for name, service in compose.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert {"mem_limit", "cpus", "pids_limit"} <= service.keys(), name
        assert not {"privileged", "cap_add", "devices", "network_mode"} & service.keys(), name
        assert name == "storage" or service["user"] == "1000:1000", name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_the_executor_has_no_way_out(compose: Compose) -> None:
    document = yaml.safe_load((REPOSITORY / "deploy" / "compose.yaml").read_text())
    (network,) = compose["executor"]["networks"]
    assert document["networks"][network] == {"internal": True}
    others = {name for name, service in compose.items() if network in service["networks"]}
    # The trainer of online runs, whose jobs have their answers graded.
    assert others == {"executor", "pair-generator", "evaluator", "http-gateway", "trainer"}
    assert not {"ports", "volumes", "env_file"} & compose["executor"].keys()
    assert not [name for name in compose["executor"]["environment"] if name.startswith("RLVF_S3")]


def test_no_image_floats(compose: Compose) -> None:
    for name, service in compose.items():
        tag = service["image"].rpartition(":")[2]
        assert tag != "latest", name
        assert "@sha256:" in service["image"] or service["image"].startswith("rlvf/"), name


def test_compose_and_kubernetes_deploy_the_same_version(compose: Compose) -> None:
    base = yaml.safe_load((REPOSITORY / "k8s" / "base" / "kustomization.yaml").read_text())
    (version,) = {image["newTag"] for image in base["images"]}
    tags = {one["image"].partition(":")[2] for one in compose.values() if "build" in one}
    assert tags == {f"${{VERSION:-{version}}}"}


def test_no_secret_has_a_value_in_the_files() -> None:
    example = (REPOSITORY / "deploy" / "example.env").read_text()
    for name in ("RLVF_S3_SECRET_KEY", "RLVF_AUTH_TOKEN", "HF_TOKEN"):
        assert re.search(rf"^{name}=$", example, flags=re.MULTILINE), name


def test_the_seccomp_profile_withholds_what_reaches_beyond_a_namespace(compose: Compose) -> None:
    (path,) = [
        value
        for kind, _, value in (one.partition(":") for one in compose["executor"]["security_opt"])
        if kind == "seccomp"
    ]
    profile = json.loads((REPOSITORY / "deploy" / path).read_text())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    allowed = {name for rule in profile["syscalls"] for name in rule["names"]}
    # What the jail is built from.
    assert {"unshare", "clone3", "mount", "pivot_root", "umount2", "seccomp"} <= allowed
    # What no service needs, and kernel exploits begin with.
    refused = """
        add_key bpf delete_module finit_module init_module io_uring_enter io_uring_setup
        io_uring_register kcmp kexec_file_load kexec_load keyctl lookup_dcookie
        name_to_handle_at open_by_handle_at perf_event_open process_vm_readv process_vm_writev
        ptrace reboot request_key settimeofday swapon syslog userfaultfd
    """
    assert not allowed & set(refused.split())


def _settings() -> set[str]:
    """Names of all environment variables that a service reads by its settings."""
    names: set[str] = set()
    services = REPOSITORY / "services"
    for path in services.glob("*/rlvf_*/**/settings.py"):
        module = ".".join(path.relative_to(services).with_suffix("").parts[1:])
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, type) and issubclass(value, BaseSettings):
                names |= {f"RLVF_{field.upper()}" for field in value.model_fields}
    return names


def test_deployment_files_name_only_settings_that_exist() -> None:
    files = [
        *REPOSITORY.glob("k8s/**/*.yaml"),
        *REPOSITORY.glob("deploy/*.yaml"),
        *REPOSITORY.glob("deploy/*.env"),
        *DOCKERFILES,
    ]
    known = _settings() | {REVISION_VARIABLE, PROFILE_VARIABLE}
    for path in files:
        named = set(re.findall(r"\bRLVF_[A-Z0-9_]+\b", path.read_text()))
        assert named <= known, path


def test_what_is_pushed_is_printed_as_the_images_of_an_overlay(tmp_path: Path) -> None:
    digest = f"sha256:{'0' * 64}"
    docker = tmp_path / "docker"
    docker.write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
case "$1 $2" in
  "image inspect") echo other.example.com/x@sha256:1; echo "${{5%:*}}@{digest}" ;;
esac
"""
    )
    docker.chmod(0o755)
    done = subprocess.run(
        [REPOSITORY / "deploy" / "push-images.sh", "r.example.com/t", "trainer-job", "executor"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "VERSION": "7"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert yaml.safe_load(done.stdout) == {
        "images": [
            {
                "name": f"rlvf/{name}",
                "newName": f"r.example.com/t/rlvf/{name}",
                "digest": digest,
            }
            for name in ("trainer-job", "executor")
        ]
    }
    calls = (tmp_path / "calls").read_text().splitlines()
    assert "push --quiet r.example.com/t/rlvf/executor:7" in calls
