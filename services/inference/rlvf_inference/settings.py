"""Settings of the inference service, and their translation to vLLM's command line and
environment."""

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from rlvf_common.rpc.settings import StorageSettings

__all__ = [
    "CPU_NORMALIZATION",
    "LAUNCHED",
    "PLUGIN",
    "InferenceSettings",
    "engine_arguments",
    "engine_environment",
    "is_local_path",
]

PLUGIN = "rlvf_adapters"
"""Name of our entry point in vLLM's group `vllm.general_plugins`."""

LAUNCHED = "RLVF_INFERENCE_LAUNCHED"
"""Environment variable that our launcher sets. Without it the plugin does nothing: every vLLM loads
the plugins of all installed packages."""

CPU_NORMALIZATION = "rlvf_cpu"
"""Name of our kernels for RMSNorm in vLLM's option `--ir-op-priority`."""


class InferenceSettings(StorageSettings):
    """What to serve, where, and with which limits."""

    model: str = Field(description="Hugging Face id, or path of a local checkpoint directory")
    served_model_name: str = Field("", description="name in requests; empty: `model` as given")
    listen: str = Field("127.0.0.1:8000", description="host:port of the HTTP server")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: as vLLM was built")
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"
    max_model_len: int = Field(2048, ge=128, description="tokens of prompt and completion together")
    max_num_seqs: int = Field(64, ge=1, description="completions that are batched at one time")
    max_lora_rank: Literal[8, 16, 32, 64, 128, 256, 320, 512] = 16
    max_loras: int = Field(4, ge=1, description="adapters in one batch, and kept loaded")
    kv_cache_gib: int = Field(2, ge=1, description="CPU only: memory of the key-value cache")
    gpu_memory_utilization: float = Field(0.9, gt=0, le=1, description="GPU only: share of memory")
    enforce_eager: bool | None = Field(
        None, description="do not compile the model; unset: yes on a CPU, where it starts sooner"
    )
    adapter_cache_dir: Path = Field(
        Path("~/.cache/rlvf/adapters"), description="where fetched adapters are kept"
    )
    foreign_adapters: bool = Field(
        False, description="serve adapters that do not state on which base they were trained"
    )

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65_535:
            raise ValueError("must be host:port")
        return value

    @property
    def digests_file(self) -> Path:
        """Where digests of the weights are kept."""
        return self.adapter_cache_dir.expanduser() / "weights.json"

    @property
    def served_name(self) -> str:
        """Name of the base in requests."""
        return self.served_model_name or self.model

    def runs_eager(self, *, cpu: bool) -> bool:
        """Whether the model runs uncompiled; by default it does on a CPU."""
        return cpu if self.enforce_eager is None else self.enforce_eager


def is_local_path(model: str) -> bool:
    """Whether `model` is a path; a Hugging Face id has at most one slash, not at its ends."""
    return model.startswith(("/", "./", "../", "~")) or model.count("/") > 1


def engine_environment(settings: InferenceSettings, *, cpu: bool) -> dict[str, str]:
    """Environment variables that vLLM reads when it is imported, in all its processes."""
    environment = {
        LAUNCHED: "1",
        # Without vLLM's own plugins, each of which could serve unrequested adapters.
        "VLLM_PLUGINS": PLUGIN,
        # vLLM asks resolvers only if this is set.
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1",
        "VLLM_WORKER_MULTIPROC_METHOD": "spawn",
        "VLLM_NO_USAGE_STATS": "1",
    }
    if cpu:
        environment["VLLM_CPU_KVCACHE_SPACE"] = str(settings.kv_cache_gib)
        # Otherwise vLLM reserves a core for its front end, half of a small machine: with this, 433
        # tokens a second instead of 310 on two cores.
        environment["VLLM_CPU_NUM_OF_RESERVED_CPU"] = "0"
    return environment


def engine_arguments(settings: InferenceSettings, *, cpu: bool) -> list[str]:
    """The command line of vLLM's OpenAI server."""
    host, _, port = settings.listen.rpartition(":")
    arguments = {
        "model": settings.model,
        "served-model-name": settings.served_name,
        "host": host.strip("[]"),
        "port": port,
        "dtype": settings.dtype,
        "max-model-len": settings.max_model_len,
        "max-num-seqs": settings.max_num_seqs,
        "max-lora-rank": settings.max_lora_rank,
        "max-loras": settings.max_loras,
        "max-cpu-loras": settings.max_loras,
        # Only requests set sampling parameters; a model's own defaults would change results
        # unnoticed.
        "generation-config": "vllm",
        # The probability with which a token was drawn, including the temperature: online training
        # divides by it. It costs a logarithm for each token of the vocabulary.
        "logprobs-mode": "processed_logprobs",
        "middleware": "rlvf_inference.identity.VersionRoute",
    }
    flags = ["enable-lora", "enable-prefix-caching", "disable-uvicorn-access-log"]
    if settings.runs_eager(cpu=cpu):
        flags.append("enforce-eager")
        if cpu:
            kernels = {op: [CPU_NORMALIZATION] for op in ("rms_norm", "fused_add_rms_norm")}
            arguments["ir-op-priority"] = json.dumps(kernels)
    if cpu:
        # A request with its own seed kills the CPU engine when its prompt is prefilled in chunks
        # ("CPU Generator does not use offset", vllm/v1/worker/gpu_model_runner.py). Without chunks
        # the token budget of a step must hold the longest prompt.
        flags.append("no-enable-chunked-prefill")
        arguments["max-num-batched-tokens"] = max(settings.max_model_len, 2048)
        # Samples of a prompt share only whole blocks of it, and vLLM's 128 tokens on a CPU are
        # longer than most problems. 32 is the minimum for its CPU attention.
        arguments["block-size"] = 32
    else:
        arguments["gpu-memory-utilization"] = settings.gpu_memory_utilization
    return [f"--{flag}" for flag in flags] + [
        f"--{name}={value}" for name, value in arguments.items()
    ]
