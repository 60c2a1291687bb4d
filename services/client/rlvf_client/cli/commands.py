"""What the commands `run`, `evaluate`, `score`, `contamination` and `exec` do with services."""

import asyncio
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_api.trackers import require_packages
from rlvf_client.cli import reported, scoring
from rlvf_client.cli.elsewhere import graded_elsewhere
from rlvf_client.cli.group import Answer, Exit
from rlvf_client.cli.outputs import require_folder, require_target
from rlvf_client.cli.probing import warn_of_style
from rlvf_client.cli.services import endpoints, find_models
from rlvf_client.experiment.calls import Calls, call, channel_to
from rlvf_client.experiment.checking import check
from rlvf_client.experiment.driver import Driver, services_of
from rlvf_client.experiment.evaluations import Condition, Evaluations
from rlvf_client.experiment.profiles import profile_in_force
from rlvf_client.experiment.recipes import recipes_of
from rlvf_client.experiment.schema import Experiment
from rlvf_client.experiment.sections import Benchmark, Evaluation, Sampling
from rlvf_client.experiment.subject import Subject
from rlvf_client.keeping.known_runs import remember_run
from rlvf_client.keeping.run_record import read_record, working_on
from rlvf_client.local_stack.stack import tracking_of
from rlvf_client.progress.console import Reporter
from rlvf_client.sdk.client import Evaluator
from rlvf_common.problems.contamination import MAX_OVERLAPS, parse_record
from rlvf_common.statistics.formatting import plural
from rlvf_common.storage.artifacts import JSONL

# Longer than one execution can take, with the maximum wall limit, the queue and the start.
_EXECUTE_SECONDS = 300.0

# A million records take some ten minutes.
_CONTAMINATION_SECONDS = 3600.0

_UNCHANGED = scoring.Options()

_OUTCOMES = {
    number: name.removeprefix("OUTCOME_").lower() for name, number in executor_pb2.Outcome.items()
}


async def run(experiment: Experiment, home: Path, out: Path, reporter: Reporter) -> Path:
    """Run or resume an experiment; return the path of its report.

    Raises:
        InvalidArgument: the folder `out` cannot be written.
        FailedPrecondition: another process works on it.
        RlvfError: as `Driver.run`.
    """
    require_folder(out)
    with working_on(out, home):
        return await _run(experiment, home, out, reporter)


async def _run(experiment: Experiment, home: Path, out: Path, reporter: Reporter) -> Path:
    record = read_record(out)
    if profile_in_force() is None:
        _check_trackers(experiment, home, reporter)
        remember_run(home, out, experiment.name)
    with reporter.stage("model"):
        needed = services_of(recipes_of(experiment))
        models = await find_models(experiment.named_models, home, reporter, *needed)
    async with (
        endpoints(home, reporter, *models.values()) as services,
        Driver(experiment, models, services, reporter, record) as driver,
    ):
        report = await driver.run()
    if reporter.memory is not None:
        reporter.say(f"peak memory of all processes: {reporter.memory.peak / 2**30:.1f} GiB")
    return report


def _check_trackers(experiment: Experiment, home: Path, reporter: Reporter) -> None:
    """Say where the trackers of an experiment's trainings write; raise FailedPrecondition before
    anything starts if one is not installed."""
    recipes = recipes_of(experiment)
    trackers = sorted({one for recipe in recipes for one in recipe.training.trackers})
    require_packages(trackers)
    if trackers:
        reporter.say(f"trackers ({', '.join(trackers)}) write below {tracking_of(home)}")


async def evaluate(
    benchmark: str,
    model_name: str,
    adapter: str | None,
    sampling: dict[str, float | int],
    prompt_style: Literal["completion", "chat"],
    out: Path,
    home: Path,
    reporter: Reporter,
) -> Answer:
    """Evaluate a model, or an adapter on it, and write the result."""
    require_target(out)
    model = (await find_models({"": model_name}, home, reporter, "evaluator"))[""]
    evaluation = Evaluation(
        benchmarks=[Benchmark(name=benchmark)],
        sampling=check(Sampling, sampling, before="evaluate, "),
        base_again=False,
    )
    async with endpoints(home, reporter, model) as services:
        with reporter.stage("services"):
            await services.ensure("storage", "executor", "evaluator")
        with reporter.stage("version of the model"):
            subject = await asyncio.to_thread(Subject.of, "", model)
        subject = replace(subject, style=prompt_style)
        async with Calls("evaluate", services, reporter) as calls:
            found = None
            if adapter is not None:
                found = calls.artifacts.require(adapter.removeprefix("sha256:"))
            evaluations = Evaluations(evaluation, calls, reporter)
            condition = Condition(model.name, model.name, subject, subject.message(found))
            listed = await evaluations.benchmarks()
            sampled = sampling_pb2.Sampling(**evaluation.sampling.model_dump())
            await warn_of_style(
                calls, services, reporter, condition, sampled, listed[benchmark].problems
            )
            response = await evaluations.evaluate(listed[benchmark], condition)
            out.write_bytes(calls.artifacts.get_bytes(response.result))
    return Answer(_summary_line(response.summary), _summary_record(response.summary, out))


async def score(
    benchmark: str,
    samples: Path,
    out: Path,
    home: Path,
    reporter: Reporter,
    *,
    options: scoring.Options = _UNCHANGED,
    reported_flags: Path | None = None,
    condition: str | None = None,
) -> Answer:
    """Grade the completions of a file, and write the result; answer with a line about it, and
    remarks on the answers.

    With `reported_flags`, an earlier scoring is checked, and its result comes first. The same holds
    where the file is a result of another harness, whose answers are graded here. Errors in the
    files are raised before anything starts.
    """
    require_target(out, samples, reported_flags)
    with graded_elsewhere(samples, benchmark) as (answers, verdicts):
        return await _score(
            benchmark, answers, out, home, reporter, options, reported_flags, condition, verdicts
        )


async def _score(
    benchmark: str,
    samples: Path,
    out: Path,
    home: Path,
    reporter: Reporter,
    options: scoring.Options,
    reported_flags: Path | None,
    condition: str | None,
    flags: reported.Flags | None,
) -> Answer:
    """As `score`; `flags` are what another harness found."""
    scoring.check_samples(samples, options)
    if reported_flags is not None:
        flags = reported.read_flags(reported_flags, condition)
        reported.require_comparable(flags, samples)
    elif condition is not None:
        raise InvalidArgument("--condition", "selects reported flags; give --reported too")
    async with endpoints(home, reporter) as services:
        with reporter.stage("services"):
            await services.ensure("storage", "executor", "evaluator")
        transport = services.transport()
        with (
            Evaluator(
                services.address("evaluator"), token=transport.auth_token, ca=transport.tls_ca
            ) as client,
            reporter.stage(f"score {benchmark}") as stage,
        ):
            scored = await asyncio.to_thread(
                scoring.score, client, benchmark, samples, stage, options
            )
    record = None if flags is None else reported.check_flags(flags, scored.verdicts)
    scoring.write_result(out, scored, record)
    remarks = scoring.remarks(scored)
    lines = [_summary_line(scored.score.summary), *remarks]
    if flags is not None and record is not None:
        lines.insert(0, reported.describe(record, flags, scored.verdicts))
    found = _summary_record(scored.score.summary, out) | {
        "invalid": scored.score.invalid,
        "remarks": remarks,
    }
    if record is not None:
        found["reported"] = asdict(record)
    return Answer("\n".join(lines), found, Exit.FOUND if scored.score.invalid else Exit.DONE)


def _summary_record(summary: evaluator_pb2.ScoreSummary, out: Path) -> dict[str, Any]:
    """A summary for programs, with the path of the full result file."""
    return {
        "result": str(out),
        "benchmark": summary.benchmark,
        "tasks": summary.tasks,
        "tasks_of_benchmark": summary.calibration.tasks,
        "samples": summary.samples,
        "passed": summary.passed,
        "pass_at_1": summary.pass_at_1,
        "ci95": [summary.ci95.low, summary.ci95.high],
        "pass_at_k": {str(one.k): one.value for one in summary.pass_at_k},
    }


def _summary_line(summary: evaluator_pb2.ScoreSummary) -> str:
    return (
        f"{summary.benchmark}: {summary.passed}/{summary.samples} passed, pass@1 "
        f"{summary.pass_at_1:.1%} (95% CI {summary.ci95.low:.1%} to {summary.ci95.high:.1%}, "
        f"{_coverage(summary)}){_pass_at_k(summary)}{_published(summary)}"
        f"{_without_reference(summary)}"
    )


def _pass_at_k(summary: evaluator_pb2.ScoreSummary) -> str:
    """pass@k for the k above 1."""
    return "".join(f", pass@{one.k} {one.value:.1%}" for one in summary.pass_at_k if one.k > 1)


def _published(summary: evaluator_pb2.ScoreSummary) -> str:
    """The published score of the same model, if known."""
    if not summary.HasField("published"):
        return ""
    published = summary.published
    place = "OUTSIDE the interval" if published.outside_interval else "inside the interval"
    return f"; published: {published.pass_at_1:.1%}, {place} ({published.source})"


def _without_reference(summary: evaluator_pb2.ScoreSummary) -> str:
    count = summary.calibration.without_reference
    if not count:
        return ""
    return (
        f"; nothing shows that a right answer passes {count} of the tasks: they have no reference"
    )


def _coverage(summary: evaluator_pb2.ScoreSummary) -> str:
    """The number of tasks of the score; a part of a benchmark must not look like the whole."""
    whole = summary.calibration.tasks
    if summary.tasks == whole:
        return f"all {whole} tasks"
    return f"ONLY {summary.tasks} of its {whole} tasks"


async def contamination(training_set: Path, benchmarks: Sequence[str], home: Path) -> Answer:
    """Compare a training set with benchmarks; answer with a sentence and the overlaps."""
    _check_training_set(training_set)
    reporter = Reporter()
    async with endpoints(home, reporter) as services:
        with reporter.stage("services"):
            await services.ensure("storage", "executor", "evaluator")
        async with Calls("contamination", services, reporter) as calls:
            uploaded = await asyncio.to_thread(calls.artifacts.put_file, training_set, JSONL)
            request = evaluator_pb2.CheckContaminationRequest(
                training_set=uploaded, benchmarks=benchmarks
            )
            with reporter.stage(f"compare {training_set} with the benchmarks"):
                stub = evaluator_pb2_grpc.EvaluatorServiceStub(calls.channel("evaluator"))
                checking = stub.CheckContamination(request, timeout=_CONTAMINATION_SECONDS)
                response = await call(checking)
    overlaps = any(found.records for found in response.contaminations)
    record = {
        "training_set": str(training_set),
        "records": response.records,
        "overlaps": overlaps,
        "benchmarks": [_overlaps(found) for found in response.contaminations],
    }
    text = _contamination_text(training_set, response)
    return Answer(text, record, Exit.FOUND if overlaps else Exit.DONE)


def _overlaps(found: evaluator_pb2.Contamination) -> dict[str, Any]:
    """What overlaps one benchmark, for programs."""
    return {
        "benchmark": found.benchmark,
        "records": found.records,
        "tasks": found.tasks,
        "overlaps": [
            {"line": one.line, "task_id": one.task_id, "reason": one.reason}
            for one in found.overlaps
        ],
    }


def _check_training_set(path: Path) -> None:
    """Raise OSError or InvalidArgument, with file and line, unless the file is a training set."""
    number = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    parse_record(line, f"line {number}")
                except ValueError as error:
                    raise InvalidArgument(str(path), str(error)) from None
    if not number:
        raise InvalidArgument(str(path), "line 1: the file has no records")


def _contamination_text(
    training_set: Path, response: evaluator_pb2.CheckContaminationResponse
) -> str:
    clean = all(not found.records for found in response.contaminations)
    counts = ", ".join(
        f"{found.benchmark} {found.records} ({plural(found.tasks, 'task')})"
        for found in response.contaminations
    )
    lines = [
        f"{training_set}: {'no record' if clean else 'some'} of {response.records:,} records "
        f"overlap{'s' if clean else ''} a benchmark: {counts}."
    ]
    for found in response.contaminations:
        lines.extend(
            f"line {overlap.line}: {found.benchmark} {overlap.task_id} ({overlap.reason})"
            for overlap in found.overlaps
        )
        if len(found.overlaps) == MAX_OVERLAPS:
            lines.append(f"{found.benchmark}: the list ends at {MAX_OVERLAPS:,} overlaps")
    return "\n".join(lines)


async def execute(
    file: Path,
    environment: str,
    stdin: Path | None,
    cpu_seconds: float | None,
    memory_mb: int | None,
    output_kb: int | None,
    home: Path,
) -> dict[str, object]:
    """Run one program in the jail; return how it ended. Cut output is reported on stderr."""
    try:
        # A byte order mark before the program is accepted, as by Python itself.
        source = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidArgument(str(file), f"is not UTF-8: {error.reason} at {error.start}") from None
    request = executor_pb2.ExecuteRequest(
        source=source,
        stdin=stdin.read_bytes() if stdin is not None else b"",
        environment=environment,
    )
    if cpu_seconds is not None:
        if math.isnan(cpu_seconds):
            raise InvalidArgument("--cpu-seconds", "must be a number of seconds")
        request.limits.cpu_time.FromTimedelta(timedelta(seconds=cpu_seconds))
    if memory_mb is not None:
        request.limits.memory_bytes = memory_mb << 20
    if output_kb is not None:
        request.limits.output_bytes = output_kb << 10
    async with endpoints(home, Reporter()) as services:
        await services.ensure("executor")
        async with channel_to(services, "executor") as channel:
            stub = executor_pb2_grpc.ExecutorServiceStub(channel)
            response = await call(stub.Execute(request, timeout=_EXECUTE_SECONDS))
    usage = response.usage
    for name, kept, cut in (
        ("stdout", response.stdout, response.stdout_truncated),
        ("stderr", response.stderr, response.stderr_truncated),
    ):
        if cut:
            print(
                f"rlvf: {name} was cut after {len(kept):,} bytes; --output-kb keeps more",
                file=sys.stderr,
            )
    return {
        "outcome": _OUTCOMES[response.outcome],
        "exit_code": response.exit_code if response.HasField("exit_code") else None,
        "signal": response.signal if response.HasField("signal") else None,
        "stdout": response.stdout.decode(errors="replace"),
        "stderr": response.stderr.decode(errors="replace"),
        "stdout_truncated": response.stdout_truncated,
        "stderr_truncated": response.stderr_truncated,
        "cpu_ms": usage.cpu_time.ToMicroseconds() / 1000,
        "wall_ms": usage.wall_time.ToMicroseconds() / 1000,
        "peak_memory_bytes": usage.peak_memory_bytes,
    }
