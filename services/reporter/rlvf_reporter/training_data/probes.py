"""Records of the probes before sampling: the prompt style of each model, and what the probe
found."""

from dataclasses import dataclass

from rlvf.reporter.v1 import reporter_pb2
from rlvf.sampling.v1 import sampling_pb2

__all__ = ["STYLES", "Probe", "StyleReading", "probe_record"]

STYLES = {
    sampling_pb2.PROMPT_STYLE_COMPLETION: "completion",
    sampling_pb2.PROMPT_STYLE_CHAT: "chat",
}


@dataclass(frozen=True, slots=True)
class StyleReading:
    """Counts of answers to a few training problems in one prompt style; all 0 where the style is
    unavailable, for the reason `unavailable`."""

    style: str
    unavailable: str
    samples: int
    usable: int
    passed: int


@dataclass(frozen=True, slots=True)
class Probe:
    """A model, the style in which it was asked, and what the probe found in each style."""

    model: str
    style: str
    readings: tuple[StyleReading, ...]


def probe_record(message: reporter_pb2.Probe) -> Probe:
    """The record of a message that `validation` has accepted."""
    return Probe(
        model=message.model,
        style=STYLES[message.style],
        readings=tuple(
            StyleReading(
                style=STYLES[reading.style],
                unavailable=reading.unavailable,
                samples=reading.samples,
                usable=reading.usable,
                passed=reading.passed,
            )
            for reading in message.probe.readings
        ),
    )
