"""Runs one experiment, for `rlvf run`: samples, training data, trainings, evaluations, a report.

The driver has no state of its own. Every step is a durable operation, whose id is derived from its
request, from the versions of the model and of the benchmark that the request names, and from the
code that carries it out. Running the same experiment again finds the steps that are done, and
continues with the others.
"""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.reporter.v1 import reporter_pb2, reporter_pb2_grpc
from rlvf_client.experiment.calls import SLOW_CALL_SECONDS, Calls, call
from rlvf_client.experiment.claims import claims_of, trends_by_records
from rlvf_client.experiment.config import dump_experiment
from rlvf_client.experiment.data_making import DataMaking
from rlvf_client.experiment.endpoints import Endpoints
from rlvf_client.experiment.evaluations import Condition, Evaluations
from rlvf_client.experiment.recipes import Recipe, condition_name, recipes_of
from rlvf_client.experiment.schema import BASE, BASE_AGAIN, Experiment
from rlvf_client.experiment.subject import Subject
from rlvf_client.experiment.trainings import Run, Trainings
from rlvf_client.experiment.versions import reported_versions
from rlvf_client.keeping.run_record import RunRecord
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.progress.console import Reporter
from rlvf_common.rollouts.sampling import STYLE_NUMBERS
from rlvf_common.rpc.version import service_version


class Driver:
    """Runs one experiment against the services of `endpoints`, and reports progress to
    `reporter`."""

    def __init__(
        self,
        experiment: Experiment,
        models: Mapping[str, ServedModel],
        endpoints: Endpoints,
        reporter: Reporter,
        record: RunRecord,
        calls: Calls | None = None,
    ) -> None:
        """`models` by their short names in the experiment. The report is written to the folder of
        `record`, which notes the operations that it is made of. `calls` replaces `Calls`, as a plan
        does."""
        self._experiment = experiment
        self._models = models
        self._endpoints = endpoints
        self._reporter = reporter
        self._record = record
        self._calls = calls or Calls(experiment.name, endpoints, reporter, record.use)
        self._evaluations = Evaluations(experiment.evaluation, self._calls, reporter)

    async def __aenter__(self) -> "Driver":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._calls.close()

    async def run(self) -> Path:
        """Run or resume the experiment; write the report, and return the path of its page.

        Raises:
            RlvfError: a step failed, or a service cannot be reached.
        """
        request = await self.carry_out()
        await self._calls.version("reporter")
        services = [service_version("client"), *self._calls.versions()]
        request.versions.update(reported_versions(services))
        return await self._report(request)

    async def carry_out(self) -> reporter_pb2.RenderReportRequest:
        """Carry out all steps but the report; return the request for it. Raises as `run`."""
        recipes = recipes_of(self._experiment)
        claims = claims_of(self._experiment, recipes)
        with self._reporter.stage("services"):
            await self._endpoints.ensure(*services_of(recipes))
        benchmarks = await self._evaluations.benchmarks()
        making = DataMaking(
            self._calls,
            self._reporter,
            [one.problems for one in benchmarks.values()],
            credit=any(recipe.data.selection.min_gap for recipe in recipes),
        )
        trainings = Trainings(self._calls, making)
        prices = self._experiment.prices
        request = reporter_pb2.RenderReportRequest(
            experiment=self._experiment.name,
            head_to_head=claims.head_to_head,
            primary=claims.primary,
            controls=claims.controls,
            contrasts=claims.contrasts,
            settings=dump_experiment(self._experiment),
            prices=None if prices is None else reporter_pb2.Prices(**prices.model_dump()),
        )
        records: dict[str, list[int]] = {}
        for name in self._models:
            subject = await self._subject(
                name, [recipe for recipe in recipes if recipe.model == name], making
            )
            request.versions.update(_model_versions(subject))
            if subject.probed is not None:
                request.probes.add(
                    model=subject.served.name,
                    style=STYLE_NUMBERS[subject.style],
                    probe=subject.probed,
                )
            runs = [
                run
                for recipe in recipes
                if recipe.model == name
                for run in await trainings.train(recipe, subject, _sizes(recipe, recipes))
            ]
            request.training.extend(
                reporter_pb2.Training(name=run.name, run=run.response, validation=run.validation)
                for run in runs
            )
            for run in runs:
                records.setdefault(run.recipe, []).append(run.response.summary.pairs)
            conditions = self._conditions(subject, runs)
            await self._evaluate(benchmarks, conditions, {run.name for run in runs}, request)
        trends, remarks = trends_by_records(claims.trends, records)
        request.trends.extend(trends)
        for remark in remarks:
            self._reporter.say(f"warning: {remark}")
        request.data.extend(trainings.data)
        request.costs.extend(self._calls.costs())
        return request

    async def _subject(self, name: str, recipes: Sequence[Recipe], making: DataMaking) -> Subject:
        """A model of the experiment with its version and prompt style; makes inference serve it."""
        served = self._models[name]
        # Once for all operations: the files may be gigabytes.
        with self._reporter.stage(f"version of the model {name}".rstrip()):
            subject = await asyncio.to_thread(Subject.of, name, served)
        await self._calls.serve(served)
        if recipes:
            return await making.styled(
                subject,
                recipes[0],
                self._experiment.prompt_style,
                min_usable=self._experiment.min_usable,
            )
        style = self._experiment.prompt_style
        return replace(subject, style="completion" if style == "auto" else style)

    def _conditions(self, subject: Subject, runs: Sequence[Run]) -> list[Condition]:
        base = condition_name(subject.name, BASE)
        conditions = [Condition(base, base, subject, subject.message())]
        if self._experiment.evaluation.base_again:
            again = condition_name(subject.name, BASE_AGAIN)
            conditions.append(Condition(again, again, subject, subject.message(), repetition=1))
        return conditions + [
            Condition(run.name, run.recipe, subject, subject.message(run.response.adapter))
            for run in runs
        ]

    async def _evaluate(
        self,
        benchmarks: Mapping[str, evaluator_pb2.Benchmark],
        conditions: Sequence[Condition],
        runs: Collection[str],
        request: reporter_pb2.RenderReportRequest,
    ) -> None:
        """Evaluate conditions on all benchmarks, and add the results to the report's request.
        `runs` are the names of the conditions that were trained."""
        wanted = [
            (benchmark, each)
            for benchmark in benchmarks.values()
            for condition in conditions
            for each in self._ways(benchmark.name, condition)
        ]
        done = await self._evaluations.evaluate_all(wanted)
        for benchmark in benchmarks.values():
            for condition in conditions:
                evaluation = done[benchmark.name, condition.name, False]
                greedy = done.get((benchmark.name, condition.name, True))
                request.conditions.append(
                    reporter_pb2.Condition(
                        name=condition.name,
                        model=condition.subject.served.name,
                        training=condition.name if condition.name in runs else "",
                        result=evaluation.result,
                        completions=evaluation.completions
                        if evaluation.HasField("completions")
                        else None,
                        run_of=condition.recipe,
                        greedy=greedy.result if greedy is not None else None,
                    )
                )
            calibration = done[benchmark.name, conditions[0].name, False].summary.calibration
            request.versions[f"benchmark {benchmark.name}"] = calibration.benchmark_sha256
            request.problems[benchmark.name].CopyFrom(benchmark.problems)

    def _ways(self, benchmark: str, condition: Condition) -> list[Condition]:
        """How a condition is evaluated on a benchmark: as the section says, and also greedily where
        it says so. A repetition is not evaluated greedily: its answers would be the same."""
        greedy = self._experiment.evaluation.greedy and not self._evaluations.is_greedy(benchmark)
        if not greedy or condition.repetition:
            return [condition]
        return [condition, replace(condition, greedy=True)]

    async def _report(self, request: reporter_pb2.RenderReportRequest) -> Path:
        out = self._record.folder
        stub = reporter_pb2_grpc.ReporterServiceStub(self._calls.channel("reporter"))
        with self._reporter.stage("report"):
            rendered = await call(stub.RenderReport(request, timeout=SLOW_CALL_SECONDS))
            files = {
                "report.json": rendered.json,
                "report.md": rendered.markdown,
                "report.html": rendered.html,
                "report.zip": rendered.site,
            }
            for name, ref in files.items():
                await asyncio.to_thread(self._calls.artifacts.get_file, ref, out / name)
            self._record.finish(request, {name: ref.sha256 for name, ref in files.items()})
        self._reporter.say(
            f"report digest: {_digest(rendered.json, rendered.markdown, rendered.html)}"
        )
        self._reporter.say(
            f"report stored: rlvf download {rendered.html.sha256} report.html; all of it: rlvf "
            f"download {rendered.site.sha256} report.zip"
        )
        return out / "report.html"


def services_of(recipes: Sequence[Recipe]) -> list[str]:
    """The services that an experiment needs, apart from inference."""
    names = ["storage", "executor", "evaluator", "reporter"]
    return [*names, "pair-generator", "trainer"] if recipes else names


def _sizes(recipe: Recipe, recipes: Sequence[Recipe]) -> list[int]:
    """The sizes of all recipes that share this one's selection; their sets are nested."""
    return sorted(
        {
            other.arm.size
            for other in recipes
            if other.arm.size
            and other.arm.method == recipe.arm.method
            and other.arm.verdicts == recipe.arm.verdicts
            and (other.model, other.problems, other.data)
            == (recipe.model, recipe.problems, recipe.data)
        }
    )


def _model_versions(subject: Subject) -> dict[str, str]:
    """The versions of a model, by the names under which the report has them."""
    found = {"model": subject.served.name, **subject.version}
    return {f"{name} of {subject.name}" if subject.name else name: found[name] for name in found}


def _digest(*refs: artifact_pb2.ArtifactRef) -> str:
    return hashlib.sha256("".join(ref.sha256 for ref in refs).encode()).hexdigest()
