"""Options and help of `rlvf plan`."""

from pathlib import Path

import click

from rlvf_client.cli.group import Answer, home, main, wait_for
from rlvf_client.cli.run_commands import complete_experiments
from rlvf_client.cli.services import endpoints, find_models
from rlvf_client.experiment.config import load_experiment
from rlvf_client.experiment.schema import Experiment
from rlvf_client.planning.make import plan as make_plan
from rlvf_client.planning.records import Plan
from rlvf_client.planning.words import plan_record, plan_text
from rlvf_client.progress.console import Quiet, Reporter

__all__: list[str] = []


@main.command(services=True, examples=["rlvf plan demo", "rlvf plan experiment.yaml"])
@click.argument("experiment", shell_complete=complete_experiments)
def plan(experiment: str) -> Answer:
    """Show what `run` would do for an EXPERIMENT, what is done, and what the rest would cost.

    Nothing is sampled or trained. Estimates are based on what earlier operations of the same model
    took, or else on stated defaults; the plan says which.
    """
    found = wait_for(_plan(load_experiment(experiment, with_files=True), home()))
    return Answer(plan_text(found), plan_record(found))


async def _plan(experiment: Experiment, home: Path) -> Plan:
    models = await find_models(experiment.named_models, home, Quiet(), "evaluator")
    async with endpoints(home, Quiet()) as services:
        with Reporter().stage("plan"):
            return await make_plan(experiment, models, services)
