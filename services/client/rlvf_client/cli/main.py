"""The `rlvf` command: parses arguments, calls the other modules, prints."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from rlvf_api.errors import RlvfError
from rlvf_client.cli import commands
from rlvf_client.cli.comparing import compare_files, find_trend_of_files
from rlvf_client.cli.doctor import examine
from rlvf_client.cli.scoring import Options
from rlvf_client.experiment.config import load_experiment, presets
from rlvf_client.local_stack.daemon import down, status, up

ResultT = TypeVar("ResultT")

# The executor has its own, lower bounds; these are the maximum of the request's fields.
_SIZE = click.IntRange(1, 1 << 30)
_SECONDS = click.FloatRange(0, 1e6, min_open=True)


def home() -> Path:
    """Where the local stack keeps its data: `RLVF_HOME`, or `.rlvf` in the working directory."""
    return Path(os.environ.get("RLVF_HOME", ".rlvf"))


def _await(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    return asyncio.run(work)


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


class _OneLineErrors(click.Group):
    """Prints one clear line, and no traceback, for errors that a person can correct."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RlvfError as error:
            print(f"rlvf: {error}", file=sys.stderr)
            raise SystemExit(1) from None
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            print(f"rlvf: {place}{error.strerror or error}", file=sys.stderr)
            raise SystemExit(1) from None
        except (KeyboardInterrupt, asyncio.CancelledError):
            print(
                "rlvf: interrupted; finished steps are kept, the same command continues from there",
                file=sys.stderr,
            )
            raise SystemExit(130) from None


_OVERLAPS = 3
"""Exit status of `rlvf contamination` with overlaps, so that a script can stop."""


@click.group(cls=_OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rlvf-client")
def main() -> None:
    """Make code models better by running the code, and measure whether they are.

    Commands that need services use those in RLVF_<SERVICE>_ADDRESS; if none is set, they start a
    local stack, with its data in RLVF_HOME (default: .rlvf).
    """
    # A path may not be text.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


@main.command()
@click.argument("experiment")
@click.option("--out", type=click.Path(path_type=Path), help="Default: runs/NAME.")
def run(experiment: str, out: Path | None) -> None:
    """Run or resume an EXPERIMENT: a preset's name or a YAML file."""
    loaded = load_experiment(experiment)
    report = _await(commands.run(loaded, home(), out or Path("runs", loaded.name)))
    print(f"report: {report}", flush=True)


@main.command("presets")
def list_presets() -> None:
    """List the presets."""
    for name in presets():
        print(f"{name:20} {' '.join(load_experiment(name).description.split())}")


@main.command()
@click.option("--benchmark", required=True, help="Name of the benchmark, such as humaneval.")
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
) -> None:
    """Grade existing completions.

    Each line of the samples has `task_id`, and `completion` (what follows the prompt) or
    `solution` (the whole program).
    """
    work = commands.score(
        benchmark,
        samples,
        out,
        home(),
        options=Options(ks, extract),
        reported_flags=reported_flags,
        condition=condition,
    )
    print(_await(work))


@main.command()
@click.option("--benchmark", required=True, help="Name of the benchmark, such as humaneval.")
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
) -> None:
    """Sample a model on a benchmark, and grade the completions."""
    sampling = {
        "temperature": temperature,
        "samples_per_problem": samples_per_problem,
        "max_tokens": max_tokens,
        "seed": seed,
    }
    done = commands.evaluate(benchmark, model, adapter, sampling, prompt_style, out, home())
    print(_await(done))


@main.command()
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
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def compare(
    baseline: Path,
    treatment: Path,
    more_baselines: tuple[Path, ...],
    more_treatments: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Compare two results, task by task: TREATMENT with BASELINE."""
    print(compare_files(baseline, treatment, more_baselines, more_treatments, as_json=as_json))


@main.command()
@click.option(
    "--rung", "rungs", required=True, multiple=True, help="SIZE=FILE; at least three sizes."
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def trend(rungs: tuple[str, ...], as_json: bool) -> None:
    """Test whether pass@1 rises or falls along a ladder, such as sizes of a training set.

    Files of the same size are runs of one rung.
    """
    print(find_trend_of_files(rungs, as_json=as_json))


@main.command()
@click.argument("training_set", type=click.Path(path_type=Path))
@click.option("--benchmark", "benchmarks", multiple=True, help="Default: all.")
def contamination(training_set: Path, benchmarks: tuple[str, ...]) -> None:
    """Look for records of a TRAINING_SET, JSON Lines, in the benchmarks.

    Preference pairs (`prompt`, `chosen`, `rejected`), problem records, or `text`.

    Exit status: 0 without overlaps, 3 with overlaps, 1 on an error.
    """
    text, overlaps = _await(commands.contamination(training_set, benchmarks, home()))
    print(text)
    if overlaps:
        raise SystemExit(_OVERLAPS)


@main.command("exec")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--stdin", type=click.Path(path_type=Path), help="File for its standard input.")
@click.option("--cpu-seconds", type=_SECONDS, help="CPU time limit. Default: 10.")
@click.option("--memory-mb", type=_SIZE, help="Memory limit, MiB. Default: 512.")
@click.option(
    "--output-kb", type=_SIZE, help="Kept stdout, and stderr, KiB. Default: 64; maximum: 16384."
)
def execute(
    file: Path,
    stdin: Path | None,
    cpu_seconds: float | None,
    memory_mb: int | None,
    output_kb: int | None,
) -> None:
    """Run one Python FILE in the jail; print how it ended as JSON."""
    outcome = _await(commands.execute(file, stdin, cpu_seconds, memory_mb, output_kb, home()))
    print(json.dumps(outcome))


@main.command("up")
@click.option("--model", default="smollm2-135m-instruct", show_default=True)
def start(model: str) -> None:
    """Start the local stack in the background and print its settings."""
    print(up(home(), model))


@main.command("down")
def stop() -> None:
    """Stop the local stack that `rlvf up` started."""
    print(down(home()))


@main.command("status")
def tell_status() -> None:
    """Show whether a local stack runs, and what it serves."""
    print(_await(status(home())))


@main.command()
def doctor() -> None:
    """Show what this machine can and cannot do."""
    print(_await(examine(home())))


if __name__ == "__main__":
    main()
