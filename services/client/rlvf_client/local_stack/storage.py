"""The object storage of a local stack: SeaweedFS, set up to require credentials on every port.

Its components talk to each other over ports of their own, where anyone on the machine could read
and write all artifacts. So each shows a certificate (gRPC) or a signed token (HTTP) that is new at
each start.
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path
from shutil import which

import httpx
import trustme

from rlvf_api.errors import FailedPrecondition
from rlvf_client.local_stack.ports import PortReservations
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import is_full

__all__ = ["StorageServer", "disk_usage", "give_back"]

_BLOCK_BYTES = 512
"""Unit of `st_blocks`."""
_VACUUM_SECONDS = 600.0
_VACUUM_ATTEMPTS = 15
_LEAST_GARBAGE = 0.01
"""Minimum share of garbage in a volume for which it is rewritten."""
_MOST_OF_IT = 0.9
_TOKENS = ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")
_PARTS = ("ADMIN", "CLIENT", "FILER", "MASTER", "S3", "VOLUME", "WORKER")


class StorageServer:
    """The command and environment of the storage of a stack's home at a port; makes its folder and
    certificates."""

    def __init__(
        self, home: Path, port: int, settings: StorageSettings, reservations: PortReservations
    ) -> None:
        """Raises FailedPrecondition where SeaweedFS is not installed, or the disk is full."""
        weed = which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        if weed is None:
            raise FailedPrecondition("the command `weed` is missing; run `make setup`")
        directory = home / "storage"
        directory.mkdir(exist_ok=True)
        if is_full(directory):
            raise FailedPrecondition(
                f"the disk of {home} is full, so object storage takes nothing; make room, or set "
                "RLVF_HOME to another directory"
            )
        ports = {
            flag: reservations.reserve()
            for component in ("master", "filer", "volume")
            for flag in (f"{component}.port", f"{component}.port.grpc")
        }
        self.master = f"127.0.0.1:{ports['master.port']}"
        """Address of SeaweedFS's master, which knows the volumes."""
        # SeaweedFS demands this distance.
        admin = reservations.reserve(10_000)
        ports |= {"admin.port": admin, "admin.port.grpc": admin + 10_000}
        ports |= {"s3.port": port, "s3.port.grpc": reservations.reserve()}
        ports |= {"s3.port.iceberg": 0, "s3.port.lance": 0, "metricsPort": reservations.reserve()}
        self.command = [
            weed,
            "mini",
            f"-dir={directory}",
            # Without -ip, multi-part uploads fail.
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-webdav=false",
            "-admin.ui=false",
            "-master.telemetry=false",
            *(f"-{flag}={number}" for flag, number in ports.items()),
        ]
        self.environment = {
            "AWS_ACCESS_KEY_ID": settings.s3_access_key,
            "AWS_SECRET_ACCESS_KEY": settings.s3_secret_key,
            "S3_BUCKET": settings.s3_bucket,
            **_inner_credentials(home / "storage-certificates"),
        }
        # The paths of its sockets are fixed.
        self.leaves = [
            Path(f"/tmp/seaweedfs-{part}-{number}.sock")
            for part, number in (
                ("admin-grpc", ports["admin.port.grpc"]),
                ("s3", ports["s3.port"]),
                ("s3-grpc", ports["s3.port.grpc"]),
            )
        ]


def disk_usage(folder: Path) -> int:
    """Bytes on the disk of all files below a folder."""
    return sum(
        path.lstat().st_blocks * _BLOCK_BYTES for path in folder.rglob("*") if path.is_file()
    )


async def give_back(master: str, folder: Path, removed: int) -> int:
    """Make the storage with this master release the disk space of `removed` deleted bytes in
    `folder`; return the bytes that were released, 0 where too small a share of a volume is
    garbage."""
    before = disk_usage(folder)
    async with httpx.AsyncClient(base_url=f"http://{master}", timeout=_VACUUM_SECONDS) as client:
        # Objects are deleted some seconds after the request.
        for _ in range(_VACUUM_ATTEMPTS):
            await client.get("/vol/vacuum", params={"garbageThreshold": _LEAST_GARBAGE})
            freed = before - disk_usage(folder)
            if freed > _MOST_OF_IT * removed:
                break
            await asyncio.sleep(1)
    return max(0, freed)


def _inner_credentials(directory: Path) -> dict[str, str]:
    """New credentials between the components, as environment variables for SeaweedFS's
    `security.toml`."""
    directory.mkdir(mode=0o700, exist_ok=True)
    authority, certificate, key = (
        directory / name for name in ("authority.pem", "certificate.pem", "key.pem")
    )
    issuer = trustme.CA()
    issued = issuer.issue_cert("127.0.0.1", "localhost")
    issuer.cert_pem.write_to_path(str(authority))
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    token = secrets.token_urlsafe(24)
    return {
        "WEED_GRPC_CA": str(authority),
        **{f"WEED_GRPC_{part}_CERT": str(certificate) for part in _PARTS},
        **{f"WEED_GRPC_{part}_KEY": str(key) for part in _PARTS},
        **{f"WEED_JWT_{name}_KEY": token for name in _TOKENS},
    }
