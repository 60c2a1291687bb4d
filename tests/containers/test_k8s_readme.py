"""What k8s/README.md says and shows: that it is so, and builds."""

import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from rlvf_trainer.launchers.kubernetes import job_manifest, job_template
from tests.containers.overlays import K8S, MINORS, Manifest, Overlay, build, load_overlay


def test_the_readme_names_every_component_and_overlay() -> None:
    readme = (K8S / "README.md").read_text()
    for folder in [*K8S.glob("components/*"), *K8S.glob("overlays/*")]:
        assert re.search(rf"[`/]{folder.name}\b", readme), folder.name


_UNITS = {"": 1.0, "m": 1e-3, "Mi": 2**20, "Gi": 2**30}


def _requests(overlay: Overlay, names: set[str]) -> list[float]:
    """CPUs, GiB of memory, GiB of disk and GPUs that the pods of these names request."""
    sums = [0.0] * 4
    for pod in overlay.pods():
        if pod.name not in names:
            continue
        (container,) = pod.spec["containers"]
        replicas = 1
        if pod.name == "executor":
            scaler = overlay.of_kind("HorizontalPodAutoscaler", overlay.executors)["executor"]
            replicas = scaler["spec"]["minReplicas"]
        elif pod.kind == "Deployment":
            replicas = overlay.of_kind("Deployment")[pod.name]["spec"]["replicas"]
        for index, name in enumerate(("cpu", "memory", "ephemeral-storage", "nvidia.com/gpu")):
            requested = container["resources"]["requests"].get(name, "0")
            number = requested.rstrip("miGM")
            value = int(number) * _UNITS[requested.removeprefix(number)]
            sums[index] += replicas * value / (2**30 if index in (1, 2) else 1)
    return sums


def test_the_readme_says_what_the_pods_request() -> None:
    rows = [
        [cell.strip() for cell in line.strip(" |").split("|")]
        for line in (K8S / "README.md").read_text().splitlines()
        if line.startswith("  | ") and "GiB" in line
    ]
    stated = [
        [float(cell.split()[0]) if cell else 0.0 for cell in (*numbers, "")[:4]]
        for _, *numbers in rows
    ]
    gpu, cpu = load_overlay("gpu"), load_overlay("cpu")
    servers = {pod.name for pod in gpu.pods() if pod.is_server}
    two = _requests(gpu, {"executor"})
    computed = [
        _requests(gpu, servers),
        _requests(gpu, {"trainer-job"}),
        [value / 2 for value in two],
        _requests(cpu, {pod.name for pod in cpu.pods() if pod.is_server}),
    ]
    for said, found in zip(stated, computed, strict=True):
        assert said == pytest.approx(found, rel=0.06), (said, found)


def _readme_yaml(before: str) -> Manifest:
    """The first indented block of the README behind these words."""
    lines = (K8S / "README.md").read_text().partition(before)[2].splitlines()
    start = next(index for index, line in enumerate(lines) if re.match(r"\s+patches:$", line))
    indent = len(lines[start]) - len(lines[start].lstrip())
    block = []
    for line in lines[start:]:
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            break
        block.append(line)
    found: Manifest = yaml.safe_load(textwrap.dedent("\n".join(block)))
    return found


def _built_with(patches: Manifest, directory: Path) -> list[Manifest]:
    gpu = os.path.relpath(K8S / "overlays" / "gpu", directory.resolve())
    (directory / "kustomization.yaml").write_text(yaml.safe_dump({"resources": [gpu], **patches}))
    return [one for one in yaml.safe_load_all(build(directory)) if one]


def test_training_jobs_are_patched_as_the_readme_has_it(tmp_path: Path) -> None:
    built = _built_with(_readme_yaml("**What a training runs as**"), tmp_path)
    (cron_job,) = [one for one in built if one["kind"] == "CronJob"]
    job = job_manifest(job_template(cron_job), "run", 1)
    pod = job["spec"]["template"]["spec"]
    assert pod["priorityClassName"] == "batch"
    (container,) = pod["containers"]
    assert {part["nvidia.com/gpu"] for part in container["resources"].values()} == {"2"}
    # The rest is as it was.
    assert container["image"].startswith("rlvf/trainer-job:")
    assert "nvidia.com/gpu.present" in pod["nodeSelector"]
    kubernetes_validate.validate(job, MINORS[-1], strict=True)


def test_benchmarks_are_mounted_as_the_readme_has_it(tmp_path: Path) -> None:
    built = _built_with(_readme_yaml("## Benchmarks"), tmp_path)
    (evaluator,) = [
        one
        for one in built
        if (one["kind"], one["metadata"]["name"]) == ("Deployment", "evaluator")
    ]
    (container,) = evaluator["spec"]["template"]["spec"]["containers"]
    environment = {one["name"]: one.get("value") for one in container["env"]}
    folders = {one["mountPath"] for one in container["volumeMounts"]}
    assert environment["RLVF_BENCHMARKS"] in folders
    # The rest is as it was.
    assert {"RLVF_LISTEN", "RLVF_AUTH_TOKEN"} <= environment.keys()
    kubernetes_validate.validate(evaluator, MINORS[-1], strict=True)


def _named_secrets(value: object) -> Iterator[str]:
    """Names of Secrets anywhere in a manifest."""
    if isinstance(value, list):
        for one in value:
            yield from _named_secrets(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "secretName":
                yield one
            elif key in ("secretRef", "secretKeyRef", "secret") and "name" in one:
                yield one["name"]
            elif key in ("imagePullSecrets", "certificateRefs"):
                yield from (each["name"] for each in one)
            else:
                yield from _named_secrets(one)


def test_the_readme_makes_every_secret_that_manifests_name(overlay: Overlay) -> None:
    text = (K8S / "README.md").read_text()
    made = set(re.findall(r"create secret (?:generic|tls|docker-registry) ([\w-]+)(?= )", text))
    loop = re.search(r"for service in ([^;]+); do\n[^;]*rlvf-storage-\$service", text)
    assert loop is not None
    made |= {f"rlvf-storage-{service}" for service in loop[1].split()}
    issued = {one["spec"]["secretName"] for one in overlay.everywhere("Certificate")}
    assert set(_named_secrets(overlay.objects)) <= made | issued


def test_namespaces_are_left_out_as_the_readme_has_it(tmp_path: Path) -> None:
    built = _built_with(_readme_yaml("Where others make namespaces"), tmp_path)
    kinds = {one["kind"] for one in built}
    assert "Namespace" not in kinds
    assert {"Deployment", "CronJob"} <= kinds


def test_an_overlay_sets_the_image_of_training_jobs_like_any_other(tmp_path: Path) -> None:
    image = {
        "name": "rlvf/trainer-job",
        "newName": "registry.example.com/rlvf/trainer-job",
        "digest": f"sha256:{'0' * 64}",
    }
    built = _built_with({"images": [image]}, tmp_path)
    (cron_job,) = [one for one in built if one["kind"] == "CronJob"]
    (container,) = job_template(cron_job)["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"{image['newName']}@{image['digest']}"


def test_a_driver_runs_what_its_overlay_says_as_the_readme_has_it(tmp_path: Path) -> None:
    readme = (K8S / "README.md").read_text()
    indented = readme.partition("say what it runs:\n\n")[2].partition("\n\nThe image")[0]
    text = textwrap.dedent(indented).replace(
        "../../../components", os.path.relpath(K8S, tmp_path) + "/components"
    )
    base = os.path.relpath(K8S / "overlays" / "cpu" / "services", tmp_path)
    (tmp_path / "kustomization.yaml").write_text(f"namespace: mine\nresources: [{base}]\n{text}\n")
    (tmp_path / "experiment.yaml").write_text("name: mine\n")
    built = [one for one in yaml.safe_load_all(build(tmp_path)) if one]
    (job,) = [one for one in built if one["kind"] == "Job" and one["metadata"]["name"] == "driver"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["run", "/experiment/experiment.yaml"]
    mounted = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}["/experiment"]
    volumes = {one["name"]: one for one in job["spec"]["template"]["spec"]["volumes"]}
    (files,) = [
        one["data"]
        for one in built
        if one["kind"] == "ConfigMap"
        and one["metadata"]["name"] == volumes[mounted]["configMap"]["name"]
    ]
    assert files == {"experiment.yaml": "name: mine\n"}
