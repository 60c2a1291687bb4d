"""Loads files of experiments by their digests, as a report lists them; needs the extra `cli`.

from rlvf_client.files import fetch
rows = load_dataset("json", data_files=fetch("0f3a..."), split="train")
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from rlvf_api.errors import FailedPrecondition
from rlvf_client.cli.group import home
from rlvf_client.cli.services import endpoints
from rlvf_client.experiment.artifacts import ServedArtifacts
from rlvf_client.experiment.endpoints import RemoteEndpoints
from rlvf_client.experiment.profiles import profile_in_force
from rlvf_client.progress.console import Quiet
from rlvf_common.rpc.settings import StorageSettings, load
from rlvf_common.rpc.validation import require_sha256
from rlvf_common.storage.artifacts import ArtifactAccess, ArtifactStore

__all__ = ["fetch"]


def fetch(sha256: str) -> str:
    """Path of a copy on this machine of the file, or of the folder of an adapter, with this digest.
    The copy is made at the first call, in `files` of RLVF_HOME (default: .rlvf).

    The file is in the storage that RLVF_S3_* name, or else in that of the services of the profile
    in force, or else in that of the local stack in RLVF_HOME, which is started for it.

    Raises:
        InvalidArgument: `sha256` is not a digest.
        NotFound: the storage does not have it.
        FailedPrecondition: there is no storage.
    """
    require_sha256(sha256, "sha256")
    path = (home() / "files" / sha256).absolute()
    if not path.exists():
        # In a thread of its own: a notebook has a running event loop.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _copy(sha256, path)).result()
    return str(path)


async def _copy(sha256: str, path: Path) -> None:
    async with _storage() as artifacts:
        found = await asyncio.to_thread(artifacts.require, sha256)
        await asyncio.to_thread(artifacts.get, found, path)


@asynccontextmanager
async def _storage() -> AsyncIterator[ArtifactAccess]:
    if "s3_access_key" in load(StorageSettings).model_fields_set:
        yield ArtifactStore.connect(load(StorageSettings))
        return
    if (profile := profile_in_force()) is not None:
        yield ServedArtifacts(RemoteEndpoints(profile))
        return
    if not home().is_dir():
        raise FailedPrecondition(
            f"there is no storage in {home()}; go to the folder of the experiment, or set "
            "RLVF_HOME, RLVF_PROFILE or RLVF_S3_*"
        )
    async with endpoints(home(), Quiet()) as services:
        await services.ensure("storage")
        yield ArtifactStore.connect(services.storage_settings())
