"""Makes whole experiments up, with planted effects, and reports them by the reporter's own code.

A task has a difficulty, a condition a rate of its own, a run of it a deviation from that, and a
task under a condition another; each answer then passes by chance. All in logits, but for the rates
and the deviations of runs, which are shares of the tasks. Everything is drawn from one seed.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_reporter.assemble import assemble
from rlvf_reporter.consistency import check_consistency
from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.report import Report
from rlvf_reporter.validation import validate

__all__ = ["Arm", "Curve", "World", "simulated_report"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BASE = "base"
MODEL = "model"
_DIFFICULTY_SD = 2.0
"""Logits: most tasks are almost always or almost never passed, as in HumanEval."""
_INTERACTION_SD = 0.5
"""Logits by which a condition finds a task easier or harder than its rate says."""
_PAIR = {
    "task_id": "train/0",
    "prompt": "def f():",
    "passes": 1,
    "samples": 2,
    "chosen": "    return 1",
    "rejected": "    return 2",
    "chosen_sample": 0,
    "rejected_sample": 1,
    "chosen_verdict": "passed",
    "rejected_verdict": "failed",
}
"""No rule reads the pairs themselves."""
_SHIFTS = np.linspace(-12, 12, 121)


@dataclass(frozen=True, slots=True)
class Curve:
    """What a run on pairs records of its last step; it comes there in equal steps from 0, with
    noise of one standard deviation `noise` in each step."""

    margin: float = 1.0
    reward_chosen: float = 0.0
    noise: float = 0.3
    steps: int = 60


@dataclass(frozen=True, slots=True)
class Arm:
    """A way of training, with its planted effects."""

    name: str
    effects: Mapping[str, float] = field(default_factory=dict)
    """By benchmark: the difference of its pass@1 from the base's."""
    pairs: int = 500
    control: str = ""
    """The arm that is its control."""
    plain: str = ""
    """The arm that it differs from in `factor` alone."""
    factor: reporter_pb2.Factor.ValueType = reporter_pb2.FACTOR_UNSPECIFIED
    sources: tuple[str, ...] = ("home",)
    """Of its problems; a benchmark of that name is no other source's."""
    curve: Curve = Curve()


@dataclass(frozen=True, slots=True)
class World:
    """An experiment: a base, arms, and what is compared. Every arm is compared with the base."""

    arms: tuple[Arm, ...]
    benchmarks: tuple[str, ...] = ("home",)
    ladder: tuple[str, ...] = ()
    """Names of the arms that are the rungs above the base."""
    tasks: int = 164
    base_rate: float = 0.4
    runs: int = 3
    """Of each arm; the base has one."""
    run_sd: float = 0.01
    """Standard deviation of the pass@1 of an arm's runs."""


def simulated_report(world: World, seed: int) -> Report:
    """The report on one experiment of the world, by the path of the reporter's service."""
    experiment = _Experiment(world, np.random.default_rng(seed))
    validate(experiment.request)
    evidence = load_evidence(experiment.request, experiment.read)
    check_consistency(experiment.request, evidence)
    return assemble(experiment.request, evidence)


class _Experiment:
    """A request, and the artifacts that it names."""

    def __init__(self, world: World, generator: np.random.Generator) -> None:
        self.request = reporter_pb2.RenderReportRequest(experiment="simulated")
        self._artifacts: dict[str, bytes] = {}
        self._world = world
        self._generator = generator
        for benchmark in world.benchmarks:
            self._evaluate(benchmark)
        for arm in world.arms:
            self._train(arm)
            self._select(arm)
        self._compare()

    def read(self, ref: artifact_pb2.ArtifactRef) -> bytes:
        return self._artifacts[ref.sha256]

    def _put(self, data: bytes) -> artifact_pb2.ArtifactRef:
        sha256 = hashlib.sha256(data).hexdigest()
        self._artifacts[sha256] = data
        uri = f"s3://simulated/blobs/sha256/{sha256}"
        return artifact_pb2.ArtifactRef(uri=uri, sha256=sha256, size_bytes=len(data))

    def _evaluate(self, benchmark: str) -> None:
        """The base and all runs of all arms on one benchmark, with tasks of its own."""
        world = self._world
        difficulty = self._generator.normal(0, _DIFFICULTY_SD, world.tasks)
        [base] = self._outcomes(difficulty, [world.base_rate])
        self._condition(benchmark, BASE, "", base)
        for arm in world.arms:
            rate = world.base_rate + arm.effects.get(benchmark, 0.0)
            rates = self._generator.normal(rate, world.run_sd, world.runs)
            outcomes = self._outcomes(difficulty, rates.tolist())
            for name, passed in zip(self._runs(arm), outcomes, strict=True):
                self._condition(benchmark, name, arm.name, passed)

    def _outcomes(self, difficulty: Floats, rates: Sequence[float]) -> Iterator[Flags]:
        """Which tasks each run of a condition passes, given the rate of each."""
        logits = difficulty + self._generator.normal(0, _INTERACTION_SD, len(difficulty))
        # The shift of all logits that gives these tasks, on average, the rate.
        means = _logistic(_SHIFTS[:, None] + logits).mean(axis=1)
        for rate in rates:
            chances = _logistic(np.interp(rate, means, _SHIFTS) + logits)
            yield self._generator.random(len(logits)) < chances

    def _condition(self, benchmark: str, name: str, arm: str, passed: Flags) -> None:
        result = {
            "benchmark": benchmark,
            "calibration": _calibration(benchmark, len(passed)),
            "results": [
                {"task_id": f"{task}", "sample": 0, "verdict": "passed" if flag else "failed"}
                for task, flag in enumerate(passed.tolist())
            ],
            # Two runs with the same verdicts are not one result given twice.
            "versions": {"simulated revision": name},
        }
        self.request.conditions.add(
            name=name,
            model=MODEL,
            training=name if arm else "",
            run_of=arm if self._world.runs > 1 else "",
            result=self._put(json.dumps(result).encode()),
        )

    def _runs(self, arm: Arm) -> list[str]:
        if self._world.runs == 1:
            return [arm.name]
        return [f"{arm.name}-seed-{seed}" for seed in range(self._world.runs)]

    def _train(self, arm: Arm) -> None:
        for name in self._runs(arm):
            lines = list(self._steps(arm.curve))
            losses = [line["preference_loss"] for line in lines]
            summary = trainer_pb2.TrainingSummary(
                pairs=arm.pairs,
                steps=len(lines),
                first_loss=losses[0],
                last_loss=losses[-1],
                mean_loss=math.fsum(losses) / len(losses),
                last_margin=lines[-1]["margin"],
                stopped_because=trainer_pb2.STOPPED_BECAUSE_COMPLETED,
            )
            summary.duration.FromTimedelta(timedelta(minutes=1))
            self.request.training.add(
                name=name,
                run=trainer_pb2.RunTrainingResponse(
                    adapter=self._put(f"adapter of {name}".encode()),
                    metrics=self._put("".join(json.dumps(x) + "\n" for x in lines).encode()),
                    summary=summary,
                ),
            )

    def _select(self, arm: Arm) -> None:
        """What an arm was trained on."""
        data = self.request.data.add(name=arm.name, trainings=self._runs(arm), sources=arm.sources)
        pairs = self._put((json.dumps(_PAIR) + "\n").encode())
        data.pairs.CopyFrom(
            pair_generator_pb2.SelectPairsResponse(
                samples=pairs, pairs=pairs, problems=500, problems_with_both=300, sampler=MODEL
            )
        )

    def _steps(self, curve: Curve) -> Iterator[dict[str, float]]:
        for step in range(1, curve.steps + 1):
            progress = (step - 1) / (curve.steps - 1)
            # The first step is before any update: policy and reference are the same.
            noise = self._generator.normal(0, curve.noise if step > 1 else 0.0, 2)
            margin = curve.margin * progress + noise[0]
            chosen = curve.reward_chosen * progress + noise[1]
            yield {
                "step": step,
                "preference_loss": math.log1p(math.exp(-margin)),
                "margin": margin,
                "reward_chosen": chosen,
                "reward_rejected": chosen - margin,
                "logps_chosen": -60 + chosen / 0.1,
                "logps_rejected": -60 + (chosen - margin) / 0.1,
            }

    def _compare(self) -> None:
        arms = self._world.arms
        for benchmark in self._world.benchmarks:
            for arm in arms:
                self.request.head_to_head.append(_pair(benchmark, BASE, arm.name))
            for arm in (arm for arm in arms if arm.control):
                controlled = _pair(benchmark, arm.control, arm.name)
                self.request.head_to_head.append(controlled)
                self.request.controls.append(controlled)
            for arm in (arm for arm in arms if arm.plain):
                contrast = _pair(benchmark, arm.plain, arm.name)
                self.request.head_to_head.append(contrast)
                self.request.contrasts.add(
                    comparison=contrast,
                    factor=arm.factor,
                    baseline_value="without",
                    treatment_value="with",
                )
            if self._world.ladder:
                trend = self.request.trends.add(benchmark=benchmark)
                pairs = {arm.name: arm.pairs for arm in arms}
                for name in (BASE, *self._world.ladder):
                    trend.rungs.add(size=pairs.get(name, 0), condition=name)


def _logistic(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)))


def _pair(benchmark: str, baseline: str, treatment: str) -> reporter_pb2.HeadToHead:
    return reporter_pb2.HeadToHead(benchmark=benchmark, baseline=baseline, treatment=treatment)


def _calibration(benchmark: str, tasks: int) -> dict[str, object]:
    return {
        "tasks": tasks,
        "reference_passed": tasks,
        "empty_passed": 0,
        "stub_passed": 0,
        "forged_passed": 0,
        "sound": True,
        "detail": "",
        "benchmark_sha256": hashlib.sha256(benchmark.encode()).hexdigest(),
        "executor_policy_sha256": "0" * 64,
    }
