"""What all commands have in common: `--json`, exit statuses, examples."""

import json

import click
import pytest
from click.testing import CliRunner, Result

from rlvf_api.errors import (
    Aborted,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    Unavailable,
)
from rlvf_client.cli.group import Answer, Exit, _Group
from rlvf_client.cli.main import main

COMMANDS = sorted(main.commands.items())


def ended(outcome: Answer | BaseException, *arguments: str, **options: object) -> Result:
    """Run a command that returns or raises `outcome`."""

    @click.group(cls=_Group)
    def group() -> None:
        pass

    @group.command("work", **options)
    def work() -> Answer:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return CliRunner().invoke(group, ["work", *arguments])


def test_an_answer_is_for_people_or_one_object_for_programs() -> None:
    answer = Answer("all is well", {"good": True})
    assert ended(answer).stdout == "all is well\n"
    assert json.loads(ended(answer, "--json").stdout) == {"good": True}
    found = ended(Answer("overlaps", {"overlaps": True}, Exit.FOUND), "--json")
    assert (found.exit_code, json.loads(found.stdout)) == (3, {"overlaps": True})


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidArgument("--out", "is a folder"), 1),
        (FailedPrecondition("too few pairs"), 1),
        (NotFound("no such adapter"), 1),
        (Aborted("replaced"), 1),
        (PermissionError(13, "Permission denied", "R.json"), 1),
        (Unavailable("the evaluator is away"), 4),
        (ResourceExhausted("the quota is used up"), 4),
        (DeadlineExceeded("too late"), 4),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_error_is_one_line_with_its_exit_status(error: BaseException, status: int) -> None:
    plain = ended(error)
    assert plain.exit_code == status
    assert plain.stdout == ""
    [line] = plain.stderr.splitlines()
    assert line.startswith("rlvf: ")
    as_json = ended(error, "--json")
    assert as_json.exit_code == status
    assert json.loads(as_json.stdout) == {"error": line.removeprefix("rlvf: ")}


def test_wrong_usage_has_a_status_of_its_own() -> None:
    assert ended(Answer("", {}), "--jsn").exit_code == 2


def test_an_interrupted_command_says_how_to_continue_where_that_is_possible() -> None:
    assert ended(KeyboardInterrupt()).stderr == "rlvf: interrupted\n"
    told = ended(KeyboardInterrupt(), continues=True).stderr
    assert told.startswith("rlvf: interrupted; what is finished is kept, to continue: rlvf")


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_every_command_prints_json_and_has_an_example(name: str, command: click.Command) -> None:
    assert any("--json" in option.opts for option in command.params)
    examples = getattr(command, "examples", ())
    assert examples
    shown = CliRunner().invoke(main, [name, "--help"]).stdout
    for example in examples:
        assert example.startswith(f"rlvf {name}")
        assert f"\n  {example}\n" in shown
