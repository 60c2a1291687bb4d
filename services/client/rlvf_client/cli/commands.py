"""The commands of `rlvf` that call services."""

import asyncio
import math
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument, NotFound, Unavailable
from rlvf_client.cli import reported, scoring
from rlvf_client.cli.outputs import require_folder, require_target
from rlvf_client.cli.probing import warn_of_style
from rlvf_client.experiment.calls import Calls, call, channel_to
from rlvf_client.experiment.checking import check
from rlvf_client.experiment.driver import Driver
from rlvf_client.experiment.endpoints import Endpoints, RemoteEndpoints, SharedStack
from rlvf_client.experiment.evaluations import Condition, Evaluations
from rlvf_client.experiment.progress import Reporter
from rlvf_client.experiment.schema import Experiment
from rlvf_client.experiment.sections import Benchmark, Evaluation, Sampling
from rlvf_client.experiment.subject import Subject
from rlvf_client.local_stack.memory import PeakMemory
from rlvf_client.local_stack.models import ServedModel, require_obtainable, resolve
from rlvf_client.local_stack.sharing import Ask, Known, connection
from rlvf_client.local_stack.stack import GRPC_SERVICES, LocalStack, holder
from rlvf_client.sdk.client import Evaluator
from rlvf_common.problems.contamination import MAX_OVERLAPS, parse_record
from rlvf_common.storage.artifacts import JSONL, ArtifactStore

# More than one execution can take: the maximum wall limit, the queue, the start.
_EXECUTE_SECONDS = 300.0

# A million records take some ten minutes.
_CONTAMINATION_SECONDS = 3600.0

# The services of a stack have 25 s to end.
_HOME_SECONDS = 40.0
_HOME_PAUSE_SECONDS = 0.1

_AS_THEY_STAND = scoring.Options()

_OUTCOMES = {
    number: name.removeprefix("OUTCOME_").lower() for name, number in executor_pb2.Outcome.items()
}


@asynccontextmanager
async def endpoints(
    home: Path, reporter: Reporter, *models: ServedModel
) -> AsyncIterator[Endpoints]:
    """The services that the environment names, or else those of the stack that holds `home`, which
    must serve all of the models; or else a local stack, which other commands then share, and which
    serves the first of the models until it is told to serve another one."""
    remote = RemoteEndpoints()
    if remote.given(*GRPC_SERVICES):
        yield remote
        return
    home.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as entered:
        yield await _stack_in(home, reporter, models, entered)


async def _stack_in(
    home: Path, reporter: Reporter, models: Sequence[ServedModel], entered: AsyncExitStack
) -> Endpoints:
    """The stack that holds `home`, or a new one there, until `entered` is closed."""
    for model in models:
        await asyncio.to_thread(require_obtainable, model)
    until = time.monotonic() + _HOME_SECONDS
    while True:
        ask = await entered.enter_async_context(connection(home))
        if ask is not None and (known := await _known(ask)) is not None:
            reporter.say(f"shares the stack of process {known.pid}")
            shared = SharedStack(known, ask)
            for model in models:
                await shared.serve(model)
            return shared
        stack = LocalStack(home, model=next(iter(models), None))
        stack.on_restart = lambda name: reporter.say(f"{name} died and is started again")
        stack.on_wait = lambda others: reporter.say(
            f"done; waits for {others} other command{'s' * (others > 1)} that use this stack"
        )
        try:
            return await entered.enter_async_context(stack)
        except FailedPrecondition:
            # Its holder has just begun, or is about to end.
            if holder(home) is None or time.monotonic() > until:
                raise
            await asyncio.sleep(_HOME_PAUSE_SECONDS)


async def _known(ask: Ask) -> Known | None:
    """What the holder says of its stack; None if that is about to end."""
    try:
        return await ask({})
    except Unavailable:
        return None


async def run(experiment: Experiment, home: Path, out: Path) -> Path:
    """Run or resume an experiment; return the path of its report."""
    require_folder(out)
    reporter = Reporter()
    with reporter.stage("model"):
        models = {
            name: await resolve(model, home) for name, model in experiment.named_models.items()
        }
    with PeakMemory() as memory:
        async with (
            endpoints(home, reporter, *models.values()) as services,
            Driver(experiment, models, services, reporter) as driver,
        ):
            report = await driver.run(out)
    reporter.say(f"peak memory of all processes: {memory.bytes / 2**30:.1f} GiB")
    return report


async def evaluate(
    benchmark: str,
    model_name: str,
    adapter: str | None,
    sampling: dict[str, float | int],
    prompt_style: Literal["completion", "chat"],
    out: Path,
    home: Path,
) -> str:
    """Evaluate a model, or an adapter on it, and write the result; return one line about it."""
    require_target(out)
    reporter = Reporter()
    model = await resolve(model_name, home)
    evaluation = Evaluation(
        benchmarks=[Benchmark(name=benchmark)],
        sampling=check(Sampling, sampling, before="evaluate, "),
        base_again=False,
    )
    async with endpoints(home, reporter, model) as services:
        await services.ensure("storage", "executor", "evaluator")
        store = ArtifactStore.connect(services.storage_settings())
        found = None if adapter is None else _find_adapter(store, adapter)
        with reporter.stage("version of the model"):
            subject = await asyncio.to_thread(Subject.of, "", model)
        subject = replace(subject, style=prompt_style)
        async with Calls("evaluate", services, reporter) as calls:
            evaluations = Evaluations(evaluation, calls, reporter)
            condition = Condition(model.name, model.name, subject, subject.message(found))
            listed = await evaluations.benchmarks()
            sampled = sampling_pb2.Sampling(**evaluation.sampling.model_dump())
            await warn_of_style(
                calls, services, store, reporter, condition, sampled, listed[benchmark].problems
            )
            response = await evaluations.evaluate(listed[benchmark], condition)
        out.write_bytes(store.get_bytes(response.result))
    return _summary_line(response.summary)


def _find_adapter(store: ArtifactStore, digest: str) -> artifact_pb2.ArtifactRef:
    found = store.find(digest.removeprefix("sha256:"))
    if found is None:
        raise NotFound(f"there is no adapter {digest} in object storage; give the digest of a run")
    return found


async def score(
    benchmark: str,
    samples: Path,
    out: Path,
    home: Path,
    *,
    options: scoring.Options = _AS_THEY_STAND,
    reported_flags: Path | None = None,
    condition: str | None = None,
) -> str:
    """Grade the completions of a file, and write the result; return a line about it, and remarks on
    the answers.

    With `reported_flags`, an earlier scoring is checked, and its result comes first. Errors in the
    files are raised before anything starts.
    """
    require_target(out, samples, reported_flags)
    scoring.check_samples(samples, options)
    flags = None
    if reported_flags is not None:
        flags = reported.read_flags(reported_flags, condition)
        reported.require_comparable(flags, samples)
    elif condition is not None:
        raise InvalidArgument("--condition", "selects reported flags; give --reported too")
    reporter = Reporter()
    async with endpoints(home, reporter) as services:
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
    lines = [_summary_line(scored.summary), *scoring.remarks(scored)]
    if flags is not None and record is not None:
        lines.insert(0, reported.describe(record, flags, scored.verdicts))
    return "\n".join(lines)


def _summary_line(summary: evaluator_pb2.ScoreSummary) -> str:
    return (
        f"{summary.benchmark}: {summary.passed}/{summary.samples} passed, pass@1 "
        f"{summary.pass_at_1:.1%} (95% CI {summary.ci95.low:.1%} to {summary.ci95.high:.1%}, "
        f"{_coverage(summary)}){_pass_at_k(summary)}{_published(summary)}"
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


def _coverage(summary: evaluator_pb2.ScoreSummary) -> str:
    """The number of tasks of the score; a part of a benchmark must not look like the whole."""
    whole = summary.calibration.tasks
    if summary.tasks == whole:
        return f"all {whole} tasks"
    return f"ONLY {summary.tasks} of its {whole} tasks"


async def contamination(
    training_set: Path, benchmarks: Sequence[str], home: Path
) -> tuple[str, bool]:
    """Compare a training set with benchmarks; return a sentence and the overlaps, and whether there
    are any."""
    _check_training_set(training_set)
    reporter = Reporter()
    async with endpoints(home, reporter) as services:
        await services.ensure("storage", "executor", "evaluator")
        store = ArtifactStore.connect(services.storage_settings())
        request = evaluator_pb2.CheckContaminationRequest(
            training_set=await asyncio.to_thread(store.put_file, training_set, JSONL),
            benchmarks=benchmarks,
        )
        async with channel_to(services, "evaluator") as channel:
            stub = evaluator_pb2_grpc.EvaluatorServiceStub(channel)
            response = await call(stub.CheckContamination(request, timeout=_CONTAMINATION_SECONDS))
    found = any(found.records for found in response.contaminations)
    return _contamination_text(training_set, response), found


def _check_training_set(path: Path) -> None:
    """Raise OSError or InvalidArgument, with file and line, before anything starts."""
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
        f"{found.benchmark} {found.records} ({found.tasks} tasks)"
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
    stdin: Path | None,
    cpu_seconds: float | None,
    memory_mb: int | None,
    output_kb: int | None,
    home: Path,
) -> dict[str, object]:
    """Run one program in the jail; return how it ended. Cut output is reported on stderr."""
    try:
        # Like Python itself, it accepts a byte order mark before the program.
        source = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidArgument(str(file), f"is not UTF-8: {error.reason} at {error.start}") from None
    request = executor_pb2.ExecuteRequest(
        source=source, stdin=stdin.read_bytes() if stdin is not None else b""
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
