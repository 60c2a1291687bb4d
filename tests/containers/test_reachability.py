"""The network policies against k8s/reachability.yaml, for every overlay and variant."""

from collections import defaultdict
from collections.abc import Iterator

import yaml

from tests.containers.overlays import K8S, Overlay
from tests.containers.reachability import Peer, connections

RIGHTS = (
    "evaluator", "pair-generator", "trainer", "reporter", "http-gateway", "storage", "metrics",
)  # fmt: skip
LABEL = "access.rlvf.dev/"
WEB = {"https": 443, "http": 80}


def _pods(overlay: Overlay) -> Iterator[Peer]:
    for pod in overlay.pods():
        labels = overlay.namespace_labels(pod.namespace)
        yield Peer(pod.name, pod.namespace, labels, pod.labels, pod.ports())


def _outsiders(overlay: Overlay) -> Iterator[Peer]:
    """Pods that are not ours, in the services' namespace and in others, with each of the rights."""
    here = overlay.namespace_labels(overlay.services)
    yield Peer("pod", overlay.services, here, {})
    yield Peer("elsewhere", "other", {}, {})
    # Only a namespace is trusted with its labels, where its pods are not ours.
    yield Peer("elsewhere-labelled-pod", "other", {}, {f"{LABEL}{one}": "true" for one in RIGHTS})
    for right in RIGHTS:
        label = {f"{LABEL}{right}": "true"}
        yield Peer(f"pod-with-{right}", overlay.services, here, label)
        yield Peer(f"namespace-with-{right}", "other", label, {})


def _addresses(overlay: Overlay) -> Iterator[Peer]:
    system = {"kubernetes.io/metadata.name": "kube-system"}
    yield Peer("dns", "kube-system", system, {"k8s-app": "kube-dns"}, {"dns": 53, "metrics": 9153})
    # As Cilium redirects to it, and as it is without Cilium.
    local = {"k8s-app": "node-local-dns"}
    yield Peer("node-local-dns", "kube-system", system, local, {"dns": 53, "metrics": 9253})
    ports = {"otlp": 4318, "other": 80}
    yield Peer("collector", "observability", {f"{LABEL}collector": "true"}, {}, ports)
    yield Peer("node", ports={"dns": 53, "kubelet": 10250}, address="169.254.20.10")
    yield Peer("metadata", ports=WEB, address="169.254.169.254")
    storage = int(overlay.settings()["RLVF_S3_ENDPOINT"].partition(":")[2])
    ports = {**WEB, "api": 6443, "s3": storage, "proxy": 3128}
    yield Peer("public", ports=ports, address="93.184.216.34")
    yield Peer("private", ports=ports, address="10.1.2.3")


def _stated(overlay: Overlay, names: set[str]) -> dict[str, set[str]]:
    """The rows of the matrix that are about this overlay."""
    matrix = yaml.safe_load((K8S / "reachability.yaml").read_text())
    stated: dict[str, set[str]] = defaultdict(set)
    for section, rows in matrix.items():
        if section == "always" or section in overlay.components:
            for source, targets in rows.items():
                if source in names:
                    stated[source].update(
                        target for target in targets if target.rpartition(":")[0] in names
                    )
    return stated


def test_the_policies_allow_what_the_matrix_states_and_nothing_else(overlay: Overlay) -> None:
    pods, outsiders = [*_pods(overlay)], [*_outsiders(overlay)]
    addresses = [*_addresses(overlay)]
    computed = connections(overlay, [*pods, *outsiders], [*pods, *addresses])
    # Nobody's policies but ours are known.
    for outsider in outsiders:
        if outsider.namespace != overlay.services:
            computed[outsider.name] -= {
                f"{one.name}:{port}" for one in addresses for port in (one.ports or {}).values()
            }
    stated = _stated(overlay, {one.name for one in [*pods, *outsiders, *addresses]})
    different = {
        source: {"not stated": targets - stated[source], "not allowed": stated[source] - targets}
        for source, targets in computed.items()
        if targets != stated[source]
    }
    assert not different


def test_names_are_resolved_over_udp_too(overlay: Overlay) -> None:
    (rule,) = overlay.of_kind("NetworkPolicy")["dns"]["spec"]["egress"]
    assert {port["protocol"] for port in rule["ports"]} == {"UDP", "TCP"}
