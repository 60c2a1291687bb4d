"""Options and help of `rlvf export`, `import` and `gc`."""

import sys
from functools import partial
from pathlib import Path

import click

from rlvf_client.cli import keeping
from rlvf_client.cli.group import Answer, home, main, wait_for

__all__: list[str] = []


@main.command(services=True, examples=["rlvf export smoke --out smoke-export"])
@click.argument("run", metavar="EXPERIMENT|RUN_FOLDER")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option("--license", "licence", help="What the cards state, as the hub writes it.")
def export(run: str, out: Path, licence: str | None) -> Answer:
    """Write a finished run as a folder that `datasets` and PEFT load, with cards for the hub."""
    return wait_for(keeping.export(run, home(), out, licence))


@main.command("import", services=True, examples=["rlvf import smoke-export --out runs/imported"])
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Run folder. Default: runs/NAME.")
def import_(folder: Path, out: Path | None) -> Answer:
    """Import a FOLDER of `rlvf export` into this home, after a check of all its digests."""
    return wait_for(keeping.import_(folder, home(), out))


@main.command(services=True, examples=["rlvf gc --dry-run"])
@click.option("--dry-run", is_flag=True, help="Tell what would be removed, and ask nothing.")
@click.option("--yes", is_flag=True, help="Remove it without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--keep", multiple=True, help="An experiment to keep although its folder is gone.")
def gc(dry_run: bool, yes: bool, as_json: bool, keep: tuple[str, ...]) -> Answer:
    """Remove what no run folder needs from the home's storage. Asks before it does.

    What existing run folders were made of is kept, and so is all unfinished work.
    """

    def confirm() -> bool:
        if dry_run or yes:
            return yes and not dry_run
        return sys.stdin.isatty() and click.confirm("Remove it?", err=as_json)

    tell = partial(click.echo, err=as_json)
    return wait_for(keeping.collect_garbage(home(), keep, tell, confirm))
