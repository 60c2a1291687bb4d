"""One `Report` out of a validated request and its artifacts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.statistics.intervals import (
    holm,
    smallest_detectable_by_interval,
    smallest_detectable_difference,
)
from rlvf_common.statistics.results import AnswerShares, EvaluationResult
from rlvf_common.statistics.runs import FEW_RUNS, pass_rate_of_runs
from rlvf_reporter.cautions import LN_2
from rlvf_reporter.evidence import Evidence
from rlvf_reporter.findings import find
from rlvf_reporter.makers import stated_versions
from rlvf_reporter.report import (
    ALPHA,
    Answers,
    AuditFeature,
    Calibration,
    Condition,
    DuplicateProblem,
    ExcludedProblem,
    HeadToHead,
    Interval,
    Pairs,
    Published,
    Recipe,
    Report,
    SelectionStep,
    ShortcutAudit,
    Step,
    Training,
    Trend,
)

_STOPPED = {
    trainer_pb2.STOPPED_BECAUSE_COMPLETED: "completed",
    trainer_pb2.STOPPED_BECAUSE_DIVERGED: "diverged",
}
_Key = tuple[str, str]
"""Benchmark and name of a condition."""


def assemble(request: reporter_pb2.RenderReportRequest, evidence: Evidence) -> Report:
    """The report on `request`, which `validation` and `consistency` have let pass."""
    conditions = [
        _condition(condition, result)
        for condition, result in zip(request.conditions, evidence.results, strict=True)
    ]
    runs: dict[_Key, list[Condition]] = {}
    results: dict[_Key, list[EvaluationResult]] = {}
    for condition, result in zip(conditions, evidence.results, strict=True):
        runs.setdefault((condition.benchmark, condition.run_of), []).append(condition)
        results.setdefault((condition.benchmark, condition.run_of), []).append(result)
    head_to_head = _comparisons(request.head_to_head, runs)
    models = {condition.name: condition.model for condition in conditions}
    trainings = tuple(
        _training(training, curve, models.get(training.name, ""))
        for training, curve in zip(request.training, evidence.curves, strict=True)
    )
    report = Report(
        experiment=request.experiment,
        conditions=tuple(
            _compared(condition, conditions, head_to_head) for condition in conditions
        ),
        training=trainings,
        head_to_head=tuple(head_to_head),
        pairs=_pairs(request.pairs) if request.HasField("pairs") else None,
        # The map's order on the wire is not defined.
        versions=dict(
            sorted((dict(request.versions) | stated_versions(conditions, trainings)).items())
        ),
        settings=request.settings,
        recipes=tuple(_recipes(runs, results)),
        trends=_trends(request.trends, runs),
    )
    return replace(report, findings=find(report))


def _condition(condition: reporter_pb2.Condition, result: EvaluationResult) -> Condition:
    evaluation = condition.evaluation
    summary = evaluation.summary
    calibration = summary.calibration
    return Condition(
        name=condition.name,
        run_of=condition.run_of or condition.name,
        benchmark=summary.benchmark,
        model=condition.model,
        pairs=condition.pairs,
        passed=summary.passed,
        tasks=summary.tasks,
        samples=summary.samples,
        pass_at_1=summary.pass_at_1,
        ci95=_interval(summary.ci95),
        verdicts=dict(sorted(Counter(item.verdict for item in result.results).items())),
        answers=None if result.answers is None else _answers(result.answers, summary.samples),
        published=_published(summary.published) if summary.HasField("published") else None,
        calibration=Calibration(
            tasks=calibration.tasks,
            reference_passed=calibration.reference_passed,
            empty_passed=calibration.empty_passed,
            stub_passed=calibration.stub_passed,
            forged_passed=calibration.forged_passed,
            benchmark_sha256=calibration.benchmark_sha256,
            executor_policy_sha256=calibration.executor_policy_sha256,
        ),
        result_sha256=evaluation.result.sha256,
        completions_sha256=evaluation.completions.sha256,
        weights_sha256=None if result.model is None else result.model.weights_sha256,
        versions=result.versions,
    )


def _published(score: evaluator_pb2.PublishedScore) -> Published:
    return Published(score.pass_at_1, score.source, score.outside_interval)


def _answers(shares: AnswerShares, samples: int) -> Answers:
    """Counts again, of shares in percent that came from counts."""

    def counted(percent: float) -> int:
        return round(percent / 100 * samples)

    return Answers(
        empty=counted(shares.empty),
        unparseable=counted(shares.unparseable),
        truncated=None if shares.truncated is None else counted(shares.truncated),
        missing_entry_point=counted(shares.missing_entry_point),
    )


def _compared(
    condition: Condition, conditions: Sequence[Condition], head_to_head: Sequence[HeadToHead]
) -> Condition:
    """`condition` with its difference from its baseline.

    Where it was compared with several conditions, the one that is listed first is the baseline. One
    run of several has no difference of its own: it is compared together with the others.
    """
    rank = {c.run_of: index for index, c in reversed(list(enumerate(conditions)))}
    own = [
        h
        for h in head_to_head
        if h.benchmark == condition.benchmark and h.treatment == condition.name
    ]
    if not own:
        return condition
    first = min(own, key=lambda h: rank[h.baseline])
    return replace(
        condition,
        baseline=first.baseline,
        delta=first.delta,
        delta_ci95=first.ci95,
        p_value=first.p_value,
        p_value_adjusted=first.p_value_adjusted,
        outcome=first.outcome,
    )


def _comparisons(
    messages: Sequence[reporter_pb2.HeadToHead], runs: Mapping[_Key, Sequence[Condition]]
) -> list[HeadToHead]:
    """The comparisons, their p-values adjusted over the family: all the claims on one benchmark.

    A base model compared with itself is a control and no member of the family.
    """
    is_control = [
        _is_noise_floor(runs[m.benchmark, m.baseline][0], runs[m.benchmark, m.treatment][0])
        for m in messages
    ]
    adjusted: dict[int, float] = {}
    family_size: dict[str, int] = {}
    for benchmark in dict.fromkeys(message.benchmark for message in messages):
        family = [
            index
            for index, message in enumerate(messages)
            if message.benchmark == benchmark and not is_control[index]
        ]
        family_size[benchmark] = len(family)
        p_values = holm([messages[index].comparison.p_value for index in family])
        adjusted.update(zip(family, p_values, strict=True))
    return [
        _head_to_head(
            message,
            runs[message.benchmark, message.treatment],
            adjusted.get(index),
            family_size[message.benchmark],
        )
        for index, message in enumerate(messages)
    ]


def _is_noise_floor(baseline: Condition, treatment: Condition) -> bool:
    return baseline.pairs == treatment.pairs == 0 and baseline.model == treatment.model


def _head_to_head(
    message: reporter_pb2.HeadToHead,
    runs: Sequence[Condition],
    p_value_adjusted: float | None,
    family_size: int,
) -> HeadToHead:
    comparison = message.comparison
    return HeadToHead(
        benchmark=message.benchmark,
        baseline=message.baseline,
        treatment=message.treatment,
        improved=tuple(comparison.improved),
        regressed=tuple(comparison.regressed),
        both_pass=comparison.both_pass,
        both_fail=comparison.both_fail,
        delta=comparison.delta,
        ci95=_interval(comparison.ci95),
        p_value=comparison.p_value,
        p_value_adjusted=p_value_adjusted,
        noise_floor=p_value_adjusted is None,
        smallest_effect=None
        if p_value_adjusted is None
        else _smallest_effect(comparison, runs, ALPHA / family_size),
        runs=tuple(run.name for run in runs),
        run_deltas=tuple(comparison.run_deltas),
    )


def _smallest_effect(
    comparison: evaluator_pb2.Comparison, runs: Sequence[Condition], alpha: float
) -> float:
    """What could have been shown with a power of 0.8 at `alpha`, the level of Holm's first step:
    what the family as a whole could have shown."""
    treatment = runs[0]
    if not comparison.run_deltas and treatment.samples == treatment.tasks:
        flipped = len(comparison.improved) + len(comparison.regressed)
        return smallest_detectable_difference(
            treatment.tasks, flipped / treatment.tasks, alpha=alpha
        )
    return smallest_detectable_by_interval(comparison.ci95.low, comparison.ci95.high, alpha=alpha)


def _recipes(
    runs: Mapping[_Key, Sequence[Condition]], results: Mapping[_Key, Sequence[EvaluationResult]]
) -> Iterator[Recipe]:
    for (benchmark, name), conditions in runs.items():
        if len(conditions) == 1:
            continue
        rates = [result.rates() for result in results[benchmark, name]]
        samples = sum(condition.samples for condition in conditions)
        ci95 = pass_rate_of_runs(
            [[float(one[task]) for task in rates[0]] for one in rates], samples
        )
        yield Recipe(
            name=name,
            benchmark=benchmark,
            pairs=conditions[0].pairs,
            runs=tuple(condition.name for condition in conditions),
            passed=sum(condition.passed for condition in conditions),
            samples=samples,
            pass_at_1=fmean(condition.pass_at_1 for condition in conditions),
            ci95=Interval(ci95.low, ci95.high),
            few=len(conditions) < FEW_RUNS,
        )


def _trends(
    messages: Sequence[reporter_pb2.Trend], runs: Mapping[_Key, Sequence[Condition]]
) -> tuple[Trend, ...]:
    adjusted = holm([message.trend.p_value for message in messages])
    return tuple(
        Trend(
            benchmark=message.benchmark,
            tasks=runs[message.benchmark, message.rungs[0].condition][0].tasks,
            sizes=tuple(rung.size for rung in message.rungs),
            pass_at_1=tuple(message.trend.pass_at_1),
            slope=message.trend.slope,
            ci95=_interval(message.trend.ci95),
            p_value=message.trend.p_value,
            p_value_adjusted=p_value,
        )
        for message, p_value in zip(messages, adjusted, strict=True)
    )


def _training(training: reporter_pb2.Training, curve: tuple[Step, ...], model: str) -> Training:
    summary = training.run.summary
    return Training(
        name=training.name,
        model=model,
        pairs=summary.pairs,
        steps=summary.steps,
        first_loss=summary.first_loss,
        last_loss=summary.last_loss,
        mean_loss=summary.mean_loss,
        last_margin=summary.last_margin,
        # A trainer that does not say had one loss.
        indifference=summary.indifference_loss or LN_2,
        seconds=summary.duration.ToTimedelta().total_seconds(),
        stopped_because=_STOPPED[summary.stopped_because],
        detail=summary.detail,
        adapter_sha256=training.run.adapter.sha256,
        metrics_sha256=training.run.metrics.sha256,
        versions=dict(sorted(training.run.versions.items())),
        curve=curve,
    )


def _pairs(pairs: pair_generator_pb2.SelectPairsResponse) -> Pairs:
    return Pairs(
        problems=pairs.problems,
        problems_with_both=pairs.problems_with_both,
        sampler=pairs.sampler,
        off_policy=pairs.off_policy,
        audit_before=_audit(pairs.audit_before) if pairs.HasField("audit_before") else None,
        audit_after=_audit(pairs.audit_after) if pairs.HasField("audit_after") else None,
        audit_of_rungs={
            str(rung.size): _audit(rung.audit) if rung.HasField("audit") else None
            for rung in pairs.ladder
        },
        steps=tuple(
            SelectionStep(step.name, step.unit, step.before, step.after) for step in pairs.steps
        ),
        excluded=tuple(
            ExcludedProblem(problem.task_id, problem.benchmark_task_id, problem.reason)
            for problem in pairs.excluded
        ),
        duplicates=tuple(
            DuplicateProblem(problem.task_id, problem.duplicate_of) for problem in pairs.duplicates
        ),
        ladder=tuple(rung.size for rung in pairs.ladder),
        samples_sha256=pairs.samples.sha256,
        pairs_sha256=pairs.pairs.sha256,
    )


def _audit(reading: pair_generator_pb2.AuditReading) -> ShortcutAudit:
    return ShortcutAudit(
        pairs=reading.pairs,
        problems=reading.problems,
        auc=reading.auc,
        paired_auc=reading.paired_auc,
        ci95=Interval(reading.low, reading.high),
        p_value=reading.p_value,
        features=tuple(
            AuditFeature(each.name, each.chosen, each.rejected, each.paired_auc)
            for each in reading.features
        ),
    )


def _interval(interval: evaluator_pb2.Interval) -> Interval:
    return Interval(interval.low, interval.high)
