"""A probe before `rlvf evaluate`: a warning where the model hardly answers in the prompt style."""

from rlvf.artifact.v1 import artifact_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import RlvfError
from rlvf_client.experiment.calls import Calls
from rlvf_client.experiment.endpoints import Endpoints, RemoteEndpoints
from rlvf_client.experiment.evaluations import Condition
from rlvf_client.experiment.probe import choose_style, probe
from rlvf_client.progress.console import Reporter
from rlvf_common import starter

__all__ = ["warn_of_style"]

_PROBLEMS = 8
"""In both styles a tenth of the samples of HumanEval; enough to see that almost no answer is
usable."""


async def warn_of_style(
    calls: Calls,
    services: Endpoints,
    reporter: Reporter,
    condition: Condition,
    sampling: sampling_pb2.Sampling,
    benchmark: artifact_pb2.ArtifactRef,
) -> None:
    """Warn where the condition's model writes few usable answers in its style, or many more in
    another.

    The model answers a few of the starter's training problems, none of which overlaps the
    benchmark, so nothing is chosen by what is scored. There is no probe where a profile names the
    services and no pair generator is among them. An error is reported as a warning, and stops
    nothing.
    """
    if isinstance(services, RemoteEndpoints) and (
        "pair-generator" not in services.profile.addresses
    ):
        return
    try:
        await services.ensure("pair-generator")
        probed = await probe(
            calls,
            starter.load("train"),
            condition.model,
            sampling,
            benchmarks=[benchmark],
            versions=condition.subject.version,
            amount=_PROBLEMS,
        )
        style = condition.subject.style
        warning = choose_style(probed, style, max_tokens=sampling.max_tokens).remark
    except RlvfError as error:
        warning = str(error)
    if warning:
        reporter.say(f"warning: before the evaluation: {warning}")
