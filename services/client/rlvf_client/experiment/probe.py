"""The probe before a long sampling: whether the model answers usably, and in which prompt style.

    probed = await probe(calls, problems, model, sampling, benchmarks=..., versions=...)
    choice = choose_style(probed, "auto", max_tokens=sampling.max_tokens)

`choice.table` is for people, `choice.style` for the requests that follow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf.reporter.v1 import reporter_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_client.experiment.calls import Calls, counting
from rlvf_client.experiment.sections import MIN_USABLE
from rlvf_client.experiment.sources import chance
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.problems.prompts import PromptStyle
from rlvf_common.rollouts.sampling import STYLE_NUMBERS
from rlvf_common.storage.artifacts import JSONL

__all__ = [
    "PROBLEMS",
    "StyleChoice",
    "choose_problems",
    "choose_style",
    "probe",
    "readings_table",
    "weakness",
]

Reading = pair_generator_pb2.StyleReading
Wanted: TypeAlias = Literal["auto", "completion", "chat"]

PROBLEMS = 16
"""Enough to tell a style that works from one that does not; at 170 tokens a second, and some 120 an
answer, both styles take less than half a minute."""


_NOTABLE = 0.25
"""A difference of shares that is reported; among so few answers chance explains a smaller one."""

_NAMES: dict[int, PromptStyle] = {number: style for style, number in STYLE_NUMBERS.items()}
_COLUMNS = ("parses", "entry point", "cut off", "empty", "usable", "passes")
_SHOWN_LINES, _SHOWN_WIDTH = 8, 100


@dataclass(frozen=True, slots=True)
class StyleChoice:
    """How the model is to be asked."""

    style: PromptStyle
    usable: float
    """Share of its answers in this style that are usable."""
    table: str
    """What the probe found in all styles, a line each, for people."""
    remark: str = ""
    """A warning that another style than the requested one does much better; empty if none does."""


def choose_problems(
    problems: Sequence[Problem], *, seed: int, amount: int = PROBLEMS
) -> list[Problem]:
    """`amount` of the problems, or all where there are fewer, with the same number from each source
    as far as possible. The choice depends on `seed` and the ids alone."""
    by_source: dict[str, list[Problem]] = {}
    for problem in sorted(problems, key=lambda one: chance(seed, one.task_id)):
        by_source.setdefault(problem.source, []).append(problem)
    # Take turns: the first of each source, then the second of each.
    ranked = sorted(
        (rank, source, problem)
        for source, pool in by_source.items()
        for rank, problem in enumerate(pool)
    )
    return [problem for _, _, problem in ranked[:amount]]


async def probe(
    calls: Calls,
    problems: Sequence[Problem],
    model: sampling_pb2.Model,
    sampling: sampling_pb2.Sampling,
    *,
    benchmarks: Iterable[artifact_pb2.ArtifactRef],
    versions: Mapping[str, str],
    endpoint: str = "",
    amount: int = PROBLEMS,
    title: str = "probe",
) -> pair_generator_pb2.ProbeResponse:
    """Ask the model `amount` of the problems once in each style, or find that this is done.

    `sampling` is that of the sampling to follow; its number of samples and its style are ignored.
    Problems that overlap `benchmarks` do not count. `versions` and the errors are as for
    `Calls.operate`.
    """
    chosen = choose_problems(problems, seed=sampling.seed, amount=amount)
    once = sampling_pb2.Sampling()
    once.CopyFrom(sampling)
    once.samples_per_problem = 1
    once.ClearField("prompt_style")
    return await calls.operate(
        title,
        "pair-generator",
        pair_generator_pb2_grpc.PairGeneratorServiceStub(calls.channel("pair-generator")).Probe,
        pair_generator_pb2.ProbeRequest(
            problems=calls.artifacts.put_bytes(dump_problems(chosen), JSONL),
            model=model,
            sampling=once,
            endpoint=endpoint,
            benchmarks=benchmarks,
        ),
        pair_generator_pb2.ProbeResponse(),
        counting(pair_generator_pb2.ProbeMetadata, "answers_done", "answers_total", "answers"),
        versions,
        needs=["inference"],
        cost_of=reporter_pb2.OperationCost(stage=reporter_pb2.STAGE_SAMPLING, model=model.base),
    )


def choose_style(
    probed: pair_generator_pb2.ProbeResponse,
    wanted: Wanted = "auto",
    *,
    max_tokens: int,
    min_usable: float = MIN_USABLE,
) -> StyleChoice:
    """The style to sample in: the wanted one, or the best. `max_tokens` is the limit that the
    answers had.

    Raises:
        FailedPrecondition: the model cannot be asked in that style, or the share of its usable
            answers is below `min_usable`; the message has the table, answers and what to try.
    """
    readings = {_NAMES[reading.style]: reading for reading in probed.readings}
    style = _NAMES[probed.best] if wanted == "auto" else wanted
    reading = readings[style]
    table = readings_table(probed)
    if reading.unavailable:
        raise FailedPrecondition(
            f"the model cannot be asked in the style `{style}`: {reading.unavailable}\n\n{table}"
        )
    if weak := weakness(probed, style, max_tokens=max_tokens, min_usable=min_usable):
        raise FailedPrecondition(weak)
    return StyleChoice(style, _share(reading.usable, reading), table, _remark(probed, style))


def weakness(
    probed: pair_generator_pb2.ProbeResponse,
    style: PromptStyle,
    *,
    max_tokens: int,
    min_usable: float = MIN_USABLE,
) -> str:
    """Why not to sample in an available style: the share of usable answers is below `min_usable`;
    with the table, some answers and what to try. Empty if there is no reason."""
    reading = next(one for one in probed.readings if _NAMES[one.style] == style)
    if _share(reading.usable, reading) >= min_usable:
        return ""
    tries = _what_to_try(probed, reading, max_tokens)
    shown = "\n\n".join(_shown(example, style) for example in reading.examples)
    return (
        f"only {reading.usable} of {reading.samples} answers in the style `{style}` are usable, "
        f"less than {min_usable:.0%}\n\n{readings_table(probed)}\n\n"
        f"Answers in this style:\n\n{shown}\n\nWhat to try:\n"
        + "\n".join(f"  * {one}" for one in tries)
    )


def readings_table(probed: pair_generator_pb2.ProbeResponse) -> str:
    """What the probe found: one line for each style, with shares of its answers in percent."""
    lines = [f"{'prompt style':<14}" + "".join(f"{name:>13}" for name in _COLUMNS)]
    for reading in probed.readings:
        name = f"{_NAMES[reading.style]:<14}"
        if reading.unavailable:
            lines.append(f"{name}   not available: {reading.unavailable}")
            continue
        counts = (
            reading.parseable,
            reading.with_entry_point,
            reading.truncated,
            reading.empty,
            reading.usable,
            reading.passed,
        )
        lines.append(name + "".join(f"{_share(one, reading):>13.0%}" for one in counts))
    return "\n".join(lines)


def _remark(probed: pair_generator_pb2.ProbeResponse, style: PromptStyle) -> str:
    """A warning where another style is better by more than chance explains; else empty."""
    shares = {_NAMES[one.style]: _share(one.usable, one) for one in probed.readings}
    best = _NAMES[probed.best]
    if shares[best] - shares[style] < _NOTABLE:
        return ""
    return (
        f"in the style `{best}` {shares[best]:.0%} of the answers are usable and "
        f"{shares[style]:.0%} in `{style}`, which was asked for; `auto` takes the better one"
    )


def _what_to_try(
    probed: pair_generator_pb2.ProbeResponse, reading: Reading, max_tokens: int
) -> list[str]:
    """What may help a style whose answers are not usable, the likeliest first."""
    others = [one for one in probed.readings if one.style != reading.style]
    tries = [
        f"prompt_style: {_NAMES[other.style]} (or auto), in which "
        f"{_share(other.usable, other):.0%} of the answers are usable"
        for other in others
        if not other.unavailable and _share(other.usable, other) >= MIN_USABLE
    ]
    if reading.truncated > (reading.samples - reading.usable) / 2:
        tries.append(
            f"a larger max_tokens than {max_tokens}: {reading.truncated} of {reading.samples} "
            "answers were cut off"
        )
    tries += [
        "the same model as its maker trained it for chats (often named -instruct), or a checkpoint "
        "directory with its chat template: this one cannot be asked in a chat"
        for other in others
        if other.unavailable and other.style == sampling_pb2.PROMPT_STYLE_CHAT
    ]
    missing = reading.parseable - reading.with_entry_point
    if missing > (reading.samples - reading.usable) / 2:
        tries.append(
            "problems whose prompt names the function that the test calls: "
            f"{missing} of {reading.samples} answers define another one, or none"
        )
    return [*tries, "another model: a larger one, or one for code"]


def _shown(example: pair_generator_pb2.ProbedAnswer, style: PromptStyle) -> str:
    """The beginning of an answer. A completion is shown after the last line of its prompt, which
    some models break."""
    before = example.prompt.rpartition("\n")[2] if style == "completion" else ""
    lines = (before + example.answer).strip("\n").split("\n")
    shown = [line[:_SHOWN_WIDTH] + "..." * (len(line) > _SHOWN_WIDTH) for line in lines]
    if len(lines) > _SHOWN_LINES + 1:
        shown = [*shown[:_SHOWN_LINES], f"... ({len(lines) - _SHOWN_LINES} more lines)"]
    text = "\n".join(f"    {line}".rstrip() for line in shown)
    return f"{example.task_id} ({example.flaw or example.verdict}):\n{text}"


def _share(count: int, reading: Reading) -> float:
    return count / reading.samples if reading.samples else 0.0
