"""vLLM's own `LLM.generate`, timed: reads a job (JSON) from stdin, writes one line of JSON.

The peer of `tests/bench/evaluator.py`.
"""

import json
import os
import sys
import time

from vllm import LLM, SamplingParams
from vllm.lora.request import LoRARequest


def main() -> None:
    """Run the job."""
    job = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w")
    # vLLM writes to standard output too, from several processes, some at their end.
    os.dup2(2, 1)
    engine = LLM(model=job["model"], enable_lora=True, enable_prefix_caching=True, **job["engine"])
    # Another prompt, so that none of the measurement is in a cache.
    engine.generate(["def add(a, b):"], SamplingParams(temperature=0.0, max_tokens=1))
    adapters = [None] + [
        LoRARequest(f"adapter-{number}", number, path)
        for number, path in enumerate(job["adapters"], start=1)
    ]
    prompts = [prompt for _ in adapters for prompt in job["prompts"]]
    requests = [adapter for adapter in adapters for _ in job["prompts"]]
    sampling = SamplingParams(temperature=0.0, max_tokens=job["max_tokens"], stop=job["stop"])
    begin = time.perf_counter()
    outputs = engine.generate(prompts, sampling, lora_request=requests, use_tqdm=False)
    seconds = time.perf_counter() - begin
    tokens = sum(len(output.outputs[0].token_ids) for output in outputs)
    print(json.dumps({"seconds": seconds, "tokens": tokens}), file=answers, flush=True)


if __name__ == "__main__":
    main()
