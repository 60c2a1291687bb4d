"""Builds one `Report` from a validated request and its artifacts."""

from collections import Counter
from dataclasses import replace

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.statistics.differences import settings_of
from rlvf_common.statistics.intervals import Interval
from rlvf_common.statistics.results import AnswerShares, EvaluationResult
from rlvf_reporter.cautions import LN_2
from rlvf_reporter.comparisons import Run, compare_all, find_trends, recipes_of
from rlvf_reporter.evidence import Evidence
from rlvf_reporter.findings import find
from rlvf_reporter.makers import stated_versions
from rlvf_reporter.report import (
    Answers,
    AuditFeature,
    Condition,
    DuplicateProblem,
    ExcludedProblem,
    Pairs,
    Published,
    Report,
    SelectionStep,
    ShortcutAudit,
    Step,
    Training,
)

_STOPPED = {
    trainer_pb2.STOPPED_BECAUSE_COMPLETED: "completed",
    trainer_pb2.STOPPED_BECAUSE_DIVERGED: "diverged",
}


def assemble(request: reporter_pb2.RenderReportRequest, evidence: Evidence) -> Report:
    """The report on `request`, which `validation` and `consistency` have accepted.

    Raises:
        InvalidArgument: compared results have different tasks, or the rungs of a trend are invalid.
    """
    pairs_of = {training.name: training.run.summary.pairs for training in request.training}
    conditions = [
        _condition(condition, pairs_of.get(condition.training, 0), result)
        for condition, result in zip(request.conditions, evidence.results, strict=True)
    ]
    runs: dict[tuple[str, str], list[Run]] = {}
    for condition, result in zip(conditions, evidence.results, strict=True):
        runs.setdefault((condition.benchmark, condition.run_of), []).append(Run(condition, result))
    models = {condition.training: condition.model for condition in request.conditions}
    trainings = tuple(
        _training(training, curve, models.get(training.name, ""))
        for training, curve in zip(request.training, evidence.curves, strict=True)
    )
    report = Report(
        experiment=request.experiment,
        conditions=tuple(conditions),
        training=trainings,
        head_to_head=compare_all(request.head_to_head, runs),
        pairs=_pairs(request.pairs) if request.HasField("pairs") else None,
        # The map's order on the wire is not defined.
        versions=dict(
            sorted((dict(request.versions) | stated_versions(conditions, trainings)).items())
        ),
        settings=request.settings,
        recipes=tuple(recipes_of(runs)),
        ladders=find_trends(request.trends, runs),
    )
    return replace(report, findings=find(report))


def _condition(
    condition: reporter_pb2.Condition, pairs: int, result: EvaluationResult
) -> Condition:
    assert result.calibration is not None, "`consistency` refuses other results"
    samples = len(result.results)
    return Condition(
        name=condition.name,
        run_of=condition.run_of or condition.name,
        benchmark=result.benchmark,
        model=condition.model,
        pairs=pairs,
        passed=result.passed,
        tasks=len(result.rates()),
        samples=samples,
        pass_at_1=result.pass_at_1,
        ci95=result.ci95,
        verdicts=dict(sorted(Counter(item.verdict for item in result.results).items())),
        answers=None if result.answers is None else _answers(result.answers, samples),
        published=_published(result),
        calibration=result.calibration,
        result_sha256=condition.result.sha256,
        completions_sha256=result.completions,
        weights_sha256=None if result.model is None else result.model.weights_sha256,
        settings=settings_of(result),
        versions=result.versions,
    )


def _published(result: EvaluationResult) -> Published | None:
    score = result.published
    if score is None:
        return None
    return Published(score.pass_at_1, score.source, result.outside_published)


def _answers(shares: AnswerShares, samples: int) -> Answers:
    """Counts, recovered from shares in percent."""

    def counted(percent: float) -> int:
        return round(percent / 100 * samples)

    return Answers(
        empty=counted(shares.empty),
        unparseable=counted(shares.unparseable),
        truncated=None if shares.truncated is None else counted(shares.truncated),
        missing_entry_point=counted(shares.missing_entry_point),
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
        # Trainers without this field had only one loss.
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
