"""Options, help and work of `rlvf profiles`, `models` and `download`."""

import asyncio
from pathlib import Path
from typing import Any

import click

from rlvf_client.cli.group import Answer, home, main, wait_for
from rlvf_client.cli.outputs import require_target
from rlvf_client.cli.services import endpoints
from rlvf_client.experiment.calls import Calls
from rlvf_client.experiment.endpoints import RemoteEndpoints
from rlvf_client.experiment.profiles import LOCAL, declared, profile_in_force
from rlvf_client.local_stack.models import EMBEDDED
from rlvf_client.progress.console import Reporter
from rlvf_common.rpc.validation import require_sha256

__all__: list[str] = []


@main.command(services=True, examples=["rlvf profiles", "rlvf profiles --profile cluster"])
def profiles() -> Answer:
    """List the profiles, and which services commands use here.

    Nothing is called: `rlvf doctor` asks the services.
    """
    found, used = declared(), profile_in_force()
    lines = [f"in force: {used.title if used is not None else 'the local stack'}"]
    record: dict[str, Any] = {"in_force": None, "profiles": []}
    if used is not None:
        lines += [f"  {name:15} {address}" for name, address in used.addresses.items()]
        lines.append(f"  {'token':15} {'yes' if used.transport.auth_token else 'none'}")
        lines.append(f"  {'TLS':15} {used.transport.tls_ca or 'none'}")
        lines.append(f"  {'key of storage':15} {'yes' if used.storage is not None else 'none'}")
        record["in_force"] = {"title": used.title, "addresses": dict(used.addresses)}
    for one in found:
        lines.append(f"{one.name} ({one.file}): {', '.join(one.addresses) or 'no service'}")
        record["profiles"].append(
            {"name": one.name, "file": str(one.file), "addresses": dict(one.addresses)}
        )
    lines.append(f"{LOCAL}: the local stack in {home()}")
    return Answer("\n".join(lines), record)


@main.command(services=True, examples=["rlvf models --profile cluster"])
def models() -> Answer:
    """List the models that an experiment can name: those that the services serve now."""
    return wait_for(_models())


async def _models() -> Answer:
    profile = profile_in_force()
    if profile is None:
        text = (
            "the local stack serves the model that a command names: a Hugging Face id, a "
            f"checkpoint directory, or {EMBEDDED}, which needs no download"
        )
        return Answer(text, {"models": []})
    async with Calls("", RemoteEndpoints(profile), Reporter()) as calls:
        served = await calls.models()
    lines = [f"{one.name:40} weights {one.weights_sha256 or 'not reported'}" for one in served]
    found = [
        {"name": one.name, "weights_sha256": one.weights_sha256, "source": one.source}
        for one in served
    ]
    return Answer("\n".join(lines) or "inference serves no model", {"models": found})


@main.command(
    services=True,
    examples=[
        "rlvf download 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 "
        "hello.txt --profile cluster"
    ],
)
@click.argument("sha256")
@click.argument("path", type=click.Path(path_type=Path))
def download(sha256: str, path: Path) -> Answer:
    """Copy the file, or the folder that an adapter is, with the digest SHA256 to PATH.

    A run and its report name digests. The services give it: no key of object storage is needed.
    """
    require_sha256(sha256, "SHA256")
    return wait_for(_download(sha256, path))


async def _download(sha256: str, path: Path) -> Answer:
    require_target(path)
    reporter = Reporter()
    async with endpoints(home(), reporter) as services:
        await services.ensure("storage", "executor", "evaluator")
        async with Calls("", services, reporter) as calls:
            found = await asyncio.to_thread(calls.artifacts.require, sha256)
            await asyncio.to_thread(calls.artifacts.get, found, path)
    return Answer(str(path), {"path": str(path)})
