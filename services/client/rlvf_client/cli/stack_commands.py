"""Options and help of `rlvf up`, `down`, `status` and `doctor`."""

from dataclasses import asdict

import click

from rlvf_client.cli.activities import activity_line, activity_record
from rlvf_client.cli.doctor import examine
from rlvf_client.cli.group import Answer, Exit, home, main, wait_for
from rlvf_client.local_stack.daemon import StackStatus, down, status, up
from rlvf_client.local_stack.stack import ON_REQUEST
from rlvf_client.progress.activity import activities

__all__: list[str] = []


@main.command("up", examples=["rlvf up", "rlvf up http-gateway"])
@click.argument("also", metavar="[http-gateway]", nargs=-1, type=click.Choice(ON_REQUEST))
@click.option("--model", default="smollm2-135m-instruct", show_default=True)
def start(also: tuple[str, ...], model: str) -> Answer:
    """Start the local stack in the background and print its settings.

    With `http-gateway`, also start the gateway for callers with HTTP and JSON; `rlvf status` shows
    its address.
    """
    environment = up(home(), model, also)
    exports = (f"export {name}={value}" for name, value in sorted(environment.items()))
    return Answer("\n".join(exports), {"environment": environment})


@main.command("down", examples=["rlvf down"])
def stop() -> Answer:
    """Stop the local stack that `rlvf up` started."""
    stopped = down(home())
    text = "stopped" if stopped else f"no stack runs in {home()}"
    return Answer(text, {"stopped": stopped})


@main.command("status", examples=["rlvf status"])
def tell_status() -> Answer:
    """Show whether a local stack runs, what it serves, and which commands are at work."""
    found = wait_for(status(home()))
    running = [activity for activity in activities(home()) if activity.status == "running"]
    lines = [f"no stack runs in {home()}"] if found is None else _status_lines(found)
    return Answer(
        "\n".join([*lines, *map(activity_line, running)]),
        {
            "stack": asdict(found) if found is not None else None,
            "activities": [activity_record(one) for one in running],
        },
    )


def _status_lines(found: StackStatus) -> list[str]:
    """The lines of a stack and of its services, with the logs of those that do not serve."""
    lines = [f"process {found.pid} serves {found.model or 'no model'}; logs: {home() / 'logs'}"]
    for service in found.services:
        see = "" if service.condition in ("serves", "not started") else f": see {service.log}"
        lines.append(f"{service.name:15} {service.address:21} {service.condition}{see}")
    return lines


@main.command(services=True, examples=["rlvf doctor", "rlvf doctor --profile cluster"])
def doctor() -> Answer:
    """Show what this machine, or the services of a profile, can and cannot do.

    For the services of a profile: whether each answers, its version, what the token may do, and the
    models.

    Exit status: 0 without problems, 3 with problems, whose lines begin with `!`.
    """
    checks = wait_for(examine(home()))
    good = all(check.good for check in checks)
    return Answer(
        "\n".join(f"{' ' if check.good else '!'} {check.text}" for check in checks),
        {"good": good, "checks": [check._asdict() for check in checks]},
        Exit.DONE if good else Exit.FOUND,
    )
