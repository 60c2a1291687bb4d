"""Tokens per second of the evaluator, verdicts included, beside plain `vllm.LLM.generate`.

    make bench-evaluator      # or: python -m tests.bench.evaluator --max-tokens N --tasks N

A base model and four LoRA adapters are evaluated on HumanEval, greedily: 820 completions. First by
the evaluator, as a team calls it: five `Evaluate` operations started together, one engine behind
them, every completion graded by the executor; the clock runs from the first call to the last
result. Then by vLLM alone, in a process of its own: all 820 prompts in one `LLM.generate`, with the
same adapters, stop strings and limits, and nothing graded. Both start warm, with one completion,
and the adapters are loaded while the clock runs. The benchmark is calibrated before.

Both engines have the sizes that our launcher gives a CPU's. The last line is JSON.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.sampling.v1 import sampling_pb2
from rlvf_client.local_stack import models
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.local_stack.stack import LocalStack
from rlvf_common import starter
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.problems.prompts import completion_prompt, stop_strings
from rlvf_common.rpc.channels import open_channel, wait_operation
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_evaluator.benchmarks import find_named_benchmark
from rlvf_inference.settings import InferenceSettings

ADAPTERS = 4
_BENCHMARK = "bench"
_WARM = "warm"
_CALL_SECONDS = 600.0


def make_adapters(model: ServedModel, folder: Path) -> list[Path]:
    """PEFT adapters, in a process of their own: this one holds no torch."""
    command = [sys.executable, "-m", "tests.bench.adapters", model.source, str(folder)]
    subprocess.run([*command, str(ADAPTERS)], check=True, stdout=sys.stderr)
    return [folder / str(number) for number in range(ADAPTERS)]


async def through_the_evaluator(
    model: ServedModel, adapters: Sequence[Path], problems: Sequence[Problem], max_tokens: int
) -> tuple[float, int, list[int]]:
    """Seconds, tokens, and how many answers passed for each of base and adapters."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{_BENCHMARK}.jsonl").write_bytes(dump_problems(problems))
        # Another task, so that no prompt of the measurement is in a cache.
        Path(folder, f"{_WARM}.jsonl").write_bytes(dump_problems(starter.load("train")[:1]))
        os.environ["RLVF_BENCHMARKS"] = folder
        async with LocalStack(Path(folder, "home"), model=model) as stack:
            await stack.ensure("storage", "executor", "evaluator", "inference")
            store = ArtifactStore.connect(stack.storage_settings())
            refs = [await asyncio.to_thread(store.put_directory, path) for path in adapters]
            async with open_channel(stack.address("evaluator")) as channel:
                stub = evaluator_pb2_grpc.EvaluatorServiceStub(channel)
                await stub.Calibrate(
                    evaluator_pb2.CalibrateRequest(benchmark=_BENCHMARK), timeout=_CALL_SECONDS
                )

                async def evaluate(
                    benchmark: str, adapter: artifact_pb2.ArtifactRef | None, limit: int
                ) -> evaluator_pb2.EvaluateResponse:
                    request = evaluator_pb2.EvaluateRequest(
                        benchmark=benchmark,
                        model=sampling_pb2.Model(base=model.name, adapter=adapter),
                        sampling=sampling_pb2.Sampling(max_tokens=limit),
                    )
                    started = await stub.Evaluate(request, timeout=_CALL_SECONDS)
                    done = await wait_operation(channel, started)
                    response = evaluator_pb2.EvaluateResponse()
                    done.response.Unpack(response)
                    return response

                await evaluate(_WARM, None, 1)
                begin = time.perf_counter()
                responses = await asyncio.gather(
                    *(evaluate(_BENCHMARK, adapter, max_tokens) for adapter in (None, *refs))
                )
                seconds = time.perf_counter() - begin
            tokens = sum(_tokens(store.get_bytes(one.completions)) for one in responses)
    return seconds, tokens, [one.summary.passed for one in responses]


def _tokens(completions: bytes) -> int:
    return sum(json.loads(line)["tokens"] for line in completions.splitlines())


def through_vllm(
    model: ServedModel, adapters: Sequence[Path], problems: Sequence[Problem], max_tokens: int
) -> tuple[float, int]:
    """Seconds and tokens of vLLM alone."""
    settings = InferenceSettings(model=model.source)
    job = {
        "model": model.source,
        "adapters": [str(path) for path in adapters],
        "prompts": [completion_prompt(problem) for problem in problems],
        "stop": list(stop_strings(problems[0])),
        "max_tokens": max_tokens,
        "engine": {
            "dtype": settings.dtype,
            "max_model_len": settings.max_model_len,
            "max_num_seqs": settings.max_num_seqs,
            "max_loras": settings.max_loras,
            "max_lora_rank": settings.max_lora_rank,
            "enforce_eager": settings.runs_eager(cpu=True),
            # As our launcher has it on a CPU.
            "max_num_batched_tokens": settings.max_model_len,
            "enable_chunked_prefill": False,
            "block_size": 32,
        },
    }
    environment = {
        **os.environ,
        # Empty: none of our patches.
        "VLLM_PLUGINS": "",
        "VLLM_CPU_KVCACHE_SPACE": str(settings.kv_cache_gib),
        # Else vLLM leaves a core alone, which our launcher does not either.
        "VLLM_CPU_NUM_OF_RESERVED_CPU": "0",
        "VLLM_WORKER_MULTIPROC_METHOD": "spawn",
        "VLLM_NO_USAGE_STATS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.plain_vllm"],
        input=json.dumps(job),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    answer = json.loads(done.stdout)
    return answer["seconds"], answer["tokens"]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--max-tokens", type=int, default=256, help="most tokens of a completion")
    parser.add_argument("--tasks", type=int, default=164, help="the first N tasks only")
    arguments = parser.parse_args()
    home = Path(os.environ.get("RLVF_HOME", Path(__file__).parents[2] / ".rlvf"))
    model = asyncio.run(models.resolve(models.EMBEDDED, home))
    problems = list(find_named_benchmark("humaneval").problems.values())[: arguments.tasks]
    with tempfile.TemporaryDirectory() as folder:
        adapters = make_adapters(model, Path(folder))
        job = (model, adapters, problems, arguments.max_tokens)
        ours, our_tokens, passed = asyncio.run(through_the_evaluator(*job))
        print(f"evaluator: {our_tokens} tokens in {ours:.1f} s, passed {passed}", file=sys.stderr)
        plain, plain_tokens = through_vllm(*job)
        print(f"vLLM: {plain_tokens} tokens in {plain:.1f} s", file=sys.stderr)
    figures = {
        "evaluator_tokens_per_s": round(our_tokens / ours, 1),
        "vllm_tokens_per_s": round(plain_tokens / plain, 1),
        "ratio": round(our_tokens / ours * plain / plain_tokens, 3),
        "completions": len(problems) * (1 + ADAPTERS),
        "evaluator_tokens": our_tokens,
        "vllm_tokens": plain_tokens,
        "evaluator_seconds": round(ours, 1),
        "vllm_seconds": round(plain, 1),
        "passed": passed,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
