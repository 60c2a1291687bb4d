"""Builds one `Report` from a validated request and its artifacts."""

from collections import Counter
from dataclasses import replace

from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.statistics.differences import settings_of
from rlvf_common.statistics.results import AnswerShares, EvaluationResult
from rlvf_reporter.cautions import LN_2
from rlvf_reporter.comparisons import Run, compare_all, find_trends, recipes_of
from rlvf_reporter.costs.assemble import costs_of
from rlvf_reporter.distribution.endings import find_endings
from rlvf_reporter.distribution.records import Distribution, Greedy
from rlvf_reporter.evidence import Evidence, kind_of
from rlvf_reporter.files.listing import data_files
from rlvf_reporter.findings.find import find
from rlvf_reporter.makers import stated_versions
from rlvf_reporter.report import (
    Answers,
    Condition,
    Published,
    Report,
    Step,
    Training,
    ValidatedCheckpoint,
)
from rlvf_reporter.training_data.probes import probe_record
from rlvf_reporter.training_data.records import training_data

_STOPPED = {
    trainer_pb2.STOPPED_BECAUSE_COMPLETED: "completed",
    trainer_pb2.STOPPED_BECAUSE_DIVERGED: "diverged",
    trainer_pb2.STOPPED_BECAUSE_ASKED: "best checkpoint",
}


def assemble(request: reporter_pb2.RenderReportRequest, evidence: Evidence) -> Report:
    """The report on `request`, which `validation` and `consistency` have accepted.

    Raises:
        InvalidArgument: compared results have different tasks, or the rungs of a trend are invalid.
    """
    pairs_of = {training.name: training.run.summary.pairs for training in request.training}
    conditions = [
        _condition(condition, pairs_of.get(condition.training, 0), result, greedy)
        for condition, result, greedy in zip(
            request.conditions, evidence.results, evidence.greedy, strict=True
        )
    ]
    runs: dict[tuple[str, str], list[Run]] = {}
    for condition, result in zip(conditions, evidence.results, strict=True):
        runs.setdefault((condition.benchmark, condition.run_of), []).append(Run(condition, result))
    models = {condition.training: condition.model for condition in request.conditions}
    trainings = tuple(
        _training(training, curve, models.get(training.name, ""))
        for training, curve in zip(request.training, evidence.curves, strict=True)
    )
    compared = compare_all(request, runs)
    data = tuple(training_data(each) for each in request.data)
    report = Report(
        experiment=request.experiment,
        conditions=tuple(conditions),
        training=trainings,
        head_to_head=compared,
        data=data,
        # The map's order on the wire is not defined.
        versions=dict(
            sorted((dict(request.versions) | stated_versions(conditions, trainings)).items())
        ),
        settings=request.settings,
        probes=tuple(map(probe_record, request.probes)),
        recipes=tuple(recipes_of(runs)),
        ladders=find_trends(request.trends, runs),
        endings=tuple(find_endings(compared, runs)),
        costs=costs_of(request, conditions, trainings, data),
        files=tuple(data_files(request, evidence, data)),
    )
    return replace(report, findings=find(report))


def _condition(
    condition: reporter_pb2.Condition,
    pairs: int,
    result: EvaluationResult,
    greedy: EvaluationResult | None,
) -> Condition:
    assert result.calibration is not None, "`consistency` refuses other results"
    samples = len(result.results)
    return Condition(
        name=condition.name,
        run_of=condition.run_of or condition.name,
        benchmark=result.benchmark,
        model=condition.model,
        training=condition.training,
        pairs=pairs,
        passed=result.passed,
        tasks=len(result.rates()),
        samples=samples,
        pass_at_1=result.pass_at_1,
        ci95=result.ci95,
        pass_at_k=result.pass_at_k,
        greedy=None if greedy is None else _greedy(greedy, condition.greedy.sha256),
        distribution=_distribution(result),
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


def _greedy(result: EvaluationResult, sha256: str) -> Greedy:
    return Greedy(
        pass_at_1=result.pass_at_1,
        ci95=result.ci95,
        passed=result.passed,
        tasks=len(result.rates()),
        result_sha256=sha256,
    )


def _distribution(result: EvaluationResult) -> Distribution | None:
    record = result.distribution
    if record is None:
        return None
    return Distribution(
        mean_characters=record.mean_characters,
        mean_tokens=record.mean_tokens,
        ended=record.ended,
        distinct_programs=record.distinct_programs,
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
    on_pairs = kind_of(summary.loss) == "pairs"
    on_problems = kind_of(summary.loss) == "problems"
    return Training(
        name=training.name,
        model=model,
        pairs=summary.pairs,
        steps=summary.steps,
        first_loss=summary.first_loss,
        last_loss=summary.last_loss,
        mean_loss=summary.mean_loss,
        last_margin=summary.last_margin if on_pairs else None,
        # A trainer that does not say had one loss.
        indifference=summary.indifference_loss or LN_2 if on_pairs else None,
        seconds=summary.duration.ToTimedelta().total_seconds(),
        stopped_because=_STOPPED[summary.stopped_because],
        detail=summary.detail,
        adapter_sha256=training.run.adapter.sha256,
        metrics_sha256=training.run.metrics.sha256,
        versions=dict(sorted(training.run.versions.items())),
        curve=curve,
        went_on=summary.went_on,
        entropy=(summary.first_entropy, summary.last_entropy) if summary.first_entropy else None,
        reward=(summary.first_reward, summary.last_reward) if on_problems else None,
        samples_graded=summary.samples_graded,
        validation=tuple(
            ValidatedCheckpoint(each.step, each.passed, each.samples)
            for each in training.validation
        ),
    )
