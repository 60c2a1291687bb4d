"""The group that all commands of `rlvf` belong to: how they print, fail and end.

A command returns an `Answer`, which is printed for people, or with `--json` for programs.
"""

import asyncio
import json
import os
import shlex
import sys
import uuid
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from rlvf_api.errors import DeadlineExceeded, ResourceExhausted, RlvfError, Unavailable
from rlvf_client.experiment.profiles import LOCAL, PROFILE_VARIABLE
from rlvf_common.rpc.context import request_id

__all__ = ["Answer", "Exit", "home", "main", "typed", "wait_for"]

ResultT = TypeVar("ResultT")


class Exit(IntEnum):
    """How a command ends; part of its interface."""

    DONE = 0
    ERROR = 1
    """Something is wrong that a person has to correct."""
    USAGE = 2
    """The command line is wrong; `click` uses it."""
    FOUND = 3
    """The command looked for problems, and found some."""
    UNAVAILABLE = 4
    """A service cannot be reached, or is full; the same command may succeed later."""
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found."""

    text: str
    """For people."""
    record: Mapping[str, Any]
    """The same for programs, as JSON."""
    exit: Exit = Exit.DONE


def home() -> Path:
    """Where the local stack keeps its data: `RLVF_HOME`, or `.rlvf` in the working directory."""
    return Path(os.environ.get("RLVF_HOME", ".rlvf"))


def typed() -> str:
    """The command line of this process, quoted for a shell."""
    return shlex.join(["rlvf", *sys.argv[1:]])


def wait_for(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """The result of a coroutine. All its calls have one id in the logs and traces of services."""
    request_id.set(uuid.uuid4().hex)
    return asyncio.run(work)


class _Command(click.Command):
    """A command with `--json` and examples, which says in one line what a person can correct."""

    def __init__(
        self,
        *arguments: Any,
        examples: Sequence[str] = (),
        continues: bool = False,
        services: bool = False,
        **options: Any,
    ) -> None:
        """`examples` are command lines that work; `continues`: whether the same command continues
        where it was interrupted; `services`: whether it uses services, and so takes `--profile`."""
        super().__init__(*arguments, **options)
        self.examples = examples
        self._continues = continues
        if services:
            self.params.append(
                click.Option(
                    ["--profile"],
                    metavar="NAME",
                    expose_value=False,
                    callback=_use_profile,
                    help=f"Services to use: of rlvf.yaml, or {LOCAL}. Default: {PROFILE_VARIABLE}.",
                )
            )
        own = [option.name for option in self.params if "--json" in option.opts]
        self._own_json = own[0] if own else None
        """Name of the `--json` parameter of a command that reads it itself; else None."""
        if not own:
            self.params.append(
                click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object.")
            )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        if self.examples:
            with formatter.section("Examples" if len(self.examples) > 1 else "Example"):
                for example in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example}\n")
        super().format_epilog(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, print its answer, and exit."""
        as_json = ctx.params[self._own_json] if self._own_json else ctx.params.pop("as_json")
        try:
            answer = super().invoke(ctx)
        except RlvfError as error:
            is_passing = isinstance(error, Unavailable | ResourceExhausted | DeadlineExceeded)
            _fail(str(error), Exit.UNAVAILABLE if is_passing else Exit.ERROR, as_json=as_json)
        except BrokenPipeError:  # whoever reads our output has ended, such as `head`
            raise
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            _fail(f"{place}{error.strerror or error}", Exit.ERROR, as_json=as_json)
        except (KeyboardInterrupt, asyncio.CancelledError):
            kept = f"; what is finished is kept, to continue: {typed()}" if self._continues else ""
            _fail(f"interrupted{kept}", Exit.INTERRUPTED, as_json=as_json)
        if isinstance(answer, Answer):
            text = json.dumps(answer.record) if as_json else answer.text
            if text:  # else it is printed already
                click.echo(text)
            if answer.exit:
                raise SystemExit(answer.exit)
        return answer


def _use_profile(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    if name is not None:
        os.environ[PROFILE_VARIABLE] = name
    return name


def _fail(message: str, status: Exit, *, as_json: bool) -> NoReturn:
    click.echo(f"rlvf: {message}", err=True)
    if as_json:
        click.echo(json.dumps({"error": message}))
    raise SystemExit(status) from None


class _Group(click.Group):
    command_class = _Command


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rlvf-client")
def main() -> None:
    """Make code models better by running the code, and measure whether they are.

    Commands that need services use those of --profile, RLVF_PROFILE, RLVF_<SERVICE>_ADDRESS or the
    default profile, in this order (`rlvf profiles` says which); where there is none they start a
    local stack, with its data in RLVF_HOME (default: .rlvf).
    """
    # A path may not be text.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
