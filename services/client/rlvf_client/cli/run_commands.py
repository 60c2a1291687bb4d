"""Options and help of `rlvf run`, `view`, `init`, `presets`, `ls` and `logs`."""

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from rlvf_client.cli import commands
from rlvf_client.cli.activities import (
    activity_record,
    find_log,
    last_lines,
    listing,
    new_lines,
)
from rlvf_client.cli.group import Answer, Exit, home, main, typed, wait_for
from rlvf_client.cli.viewing import ReportServer
from rlvf_client.experiment.config import load_experiment, presets, write_template
from rlvf_client.local_stack.stack import SERVICES
from rlvf_client.progress.activity import Activity, activities, recorded
from rlvf_client.progress.console import Reporter, display

__all__ = ["complete_experiments"]

_LOGS = ("stack", *SERVICES)


def _complete_presets(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    return [CompletionItem(name) for name in presets() if name.startswith(begun)]


def complete_experiments(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Presets, then files, for a command that takes an experiment."""
    return [*_complete_presets(context, parameter, begun), CompletionItem(begun, type="file")]


def _complete_logs(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Activities, then services."""
    names = dict.fromkeys([*(activity.name for activity in activities(home())), *_LOGS])
    return [CompletionItem(name) for name in names if name.startswith(begun)]


@main.command(
    continues=True,
    services=True,
    examples=["rlvf run smoke", "rlvf run experiment.yaml --profile cluster"],
)
@click.argument("experiment", shell_complete=complete_experiments)
@click.option("--out", type=click.Path(path_type=Path), help="Default: runs/NAME.")
def run(experiment: str, out: Path | None) -> Answer:
    """Run or resume an EXPERIMENT: a preset's name or a YAML file."""
    loaded = load_experiment(experiment, with_files=True)
    out = out or Path("runs", loaded.name)
    with recorded(home(), "run", loaded.name, typed(), out) as recorder:
        report = wait_for(commands.run(loaded, home(), out, Reporter(recorder)))
        recorder.result = f"report: {report}"
    return Answer(recorder.result, {"name": loaded.name, "report": str(report)})


@main.command(examples=["rlvf view runs/smoke"])
@click.argument("run_folder", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free one.")
@click.option("--json", "as_json", is_flag=True, help="Print the address as a JSON object.")
def view(run_folder: Path, port: int, as_json: bool) -> None:
    """Serve the whole report of a run, with all answers, to a browser on this machine.

    RUN_FOLDER is where `rlvf run` wrote its report, such as runs/demo.
    """
    server = ReportServer(run_folder, port)
    found = json.dumps({"url": server.url}) if as_json else f"report: {server.url} (Ctrl-C ends)"
    click.echo(found)
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.serve()


@main.command(examples=["rlvf init", "rlvf init mine.yaml --preset demo"])
@click.argument("file", type=click.Path(path_type=Path), default="experiment.yaml")
@click.option("--preset", default="", shell_complete=_complete_presets, help="Start from a preset.")
def init(file: Path, preset: str) -> Answer:
    """Write an experiment to FILE (default: experiment.yaml), with all keys explained."""
    name = write_template(file, preset)
    command = shlex.join(["rlvf", "run", str(file)])
    return Answer(f"wrote {file}; to run it: {command}", {"name": name, "file": str(file)})


@main.command("presets", examples=["rlvf presets"])
def list_presets() -> Answer:
    """List the presets."""
    described = {name: " ".join(load_experiment(name).description.split()) for name in presets()}
    return Answer(
        "\n".join(f"{name:20} {text}" for name, text in described.items()),
        {"presets": [{"name": name, "description": text} for name, text in described.items()]},
    )


@main.command("ls", examples=["rlvf ls", "rlvf ls --all"])
@click.option("--all", "all_of_them", is_flag=True, help="All, and not only the last ten.")
def list_activities(all_of_them: bool) -> Answer:
    """List running and past experiments, evaluations and scores, the latest first.

    With the stage and progress of each, the time that the stage still takes, and where its log is.
    """
    found = activities(home())[: None if all_of_them else 10]
    text = listing(found) if found else f"nothing was run in {home()}"
    return Answer(text, {"activities": [activity_record(activity) for activity in found]})


@main.command("logs", examples=["rlvf logs executor", "rlvf logs smoke --follow"])
@click.argument("name", shell_complete=_complete_logs)
@click.option("-f", "--follow", is_flag=True, help="Go on until NAME has ended.")
@click.option("-n", "--lines", "count", default=20, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, at the end.")
def show_log(name: str, follow: bool, count: int, as_json: bool) -> Answer:
    """Show the log of NAME: an experiment, evaluation or score of `rlvf ls`, or a service.

    Services: storage, inference, executor, pair-generator, trainer, evaluator, reporter,
    http-gateway; `stack` is `rlvf up`. Exit status with --follow: 0 when NAME is done, 1 when it
    failed or was interrupted.
    """
    found = find_log(home(), name, _LOGS)
    log = Path(found.log) if isinstance(found, Activity) else found
    lines = []
    try:
        for line in _lines(found, log, count, follow=follow):
            lines.append(line)
            if not as_json:
                click.echo(line)
    except KeyboardInterrupt:
        holder = f"process {found.pid}" if isinstance(found, Activity) else "its stack"
        told = f"rlvf: {name} goes on, in {holder}; to follow it again: {typed()}"
        click.echo(told, err=True)
        raise SystemExit(Exit.INTERRUPTED) from None
    activity = Activity.read(found.path) if isinstance(found, Activity) else None
    return Answer(
        "",
        {
            "name": name,
            "log": str(log),
            "lines": lines,
            "activity": activity_record(activity) if activity is not None else None,
        },
        Exit.ERROR if follow and activity and activity.status != "done" else Exit.DONE,
    )


def _lines(found: Activity | Path, log: Path, count: int, *, follow: bool) -> Iterator[str]:
    """The last lines of a log, and with `follow` those that are added to it; on a terminal the
    stage at work is shown below them."""
    lines, place = last_lines(log, count)
    yield from lines
    if not follow:
        return
    if isinstance(found, Path):
        yield from new_lines(log, place, is_over=lambda: False)
        return
    bar = display() if sys.stdout.isatty() else None

    def is_over() -> bool:
        activity = Activity.read(found.path)
        runs = activity is not None and activity.status == "running"
        if bar is not None:
            bar.show(activity.stage if runs and activity is not None else None)
        return not runs

    try:
        yield from new_lines(log, place, is_over=is_over)
    finally:
        if bar is not None:
            bar.show(None)
