"""Who may open a connection to whom, by the network policies of an overlay.

Semantics are those of networking.k8s.io/v1. Where plugins differ, the more permissive reading is
taken: an `ipBlock` also covers pods.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from tests.containers.overlays import Manifest, Overlay

POD_ADDRESS = "10.0.0.7"


class Peer(NamedTuple):
    """One end of a connection: a pod, or an address without one."""

    name: str
    namespace: str = ""
    namespace_labels: dict[str, str] | None = None
    labels: dict[str, str] | None = None
    ports: dict[str, int] | None = None
    address: str = POD_ADDRESS


def connections(
    overlay: Overlay, sources: Iterable[Peer], targets: Iterable[Peer]
) -> dict[str, set[str]]:
    """What each source may reach, as `TARGET:PORT`, over TCP."""
    policies = [(one["metadata"]["namespace"], one["spec"]) for one in _policies(overlay)]
    targets = list(targets)
    return {
        source.name: {
            f"{target.name}:{port}"
            for target in targets
            if target.name != source.name
            for port in (target.ports or {}).values()
            if _allows(policies, "Egress", source, target, port)
            and _allows(policies, "Ingress", target, source, port)
        }
        for source in sources
    }


def _policies(overlay: Overlay) -> Iterator[Manifest]:
    return (one for one in overlay.objects if one["kind"] == "NetworkPolicy")


def _allows(
    policies: list[tuple[str, Manifest]], direction: str, of: Peer, other: Peer, port: int
) -> bool:
    """Whether the policies of one end, if it has any, allow the other end."""
    restricting = [
        policy
        for namespace, policy in policies
        if namespace == of.namespace
        and direction in policy["policyTypes"]
        and selects(policy["podSelector"], of.labels or {})
    ]
    side = {"Egress": "to", "Ingress": "from"}[direction]
    named = (other if direction == "Egress" else of).ports or {}
    return not restricting or any(
        _includes(rule.get(side), of, other) and _has_port(rule.get("ports"), named, port)
        for policy in restricting
        for rule in policy.get(direction.lower(), [])
    )


def _includes(peers: list[Manifest] | None, of: Peer, other: Peer) -> bool:
    """Whether a rule's peers include `other`; without peers it includes everybody."""
    return peers is None or any(_is_peer(peer, of, other) for peer in peers)


def _is_peer(peer: Manifest, of: Peer, other: Peer) -> bool:
    if "ipBlock" in peer:
        address = ip_address(other.address)
        block = peer["ipBlock"]
        return address in ip_network(block["cidr"]) and not any(
            address in ip_network(part) for part in block.get("except", [])
        )
    if other.labels is None:
        return False
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], other.namespace_labels or {}):
            return False
    elif other.namespace != of.namespace:
        return False
    return selects(peer.get("podSelector", {}), other.labels)


def _has_port(ports: list[Manifest] | None, named: dict[str, int], port: int) -> bool:
    if ports is None:
        return True
    for one in ports:
        if one.get("protocol", "TCP") != "TCP":
            continue
        stated: int | str = one.get("port", port)
        first = named.get(stated, 0) if isinstance(stated, str) else stated
        if first <= port <= int(one.get("endPort", first)):
            return True
    return False


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector selects these labels; an empty one selects all."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for expression in selector.get("matchExpressions", []):
        inside = labels.get(expression["key"]) in expression["values"]
        if inside != {"In": True, "NotIn": False}[expression["operator"]]:
            return False
    return True
