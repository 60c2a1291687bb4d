"""Has the trainer train the recipes of an experiment, in further rounds on samples of the last
adapter."""

from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf import any_pb2

from rlvf.artifact.v1 import artifact_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import FailedPrecondition
from rlvf_client.experiment.calls import Calls
from rlvf_client.experiment.contrasts import source_names
from rlvf_client.experiment.data_making import Answers, DataMaking, Pairs
from rlvf_client.experiment.recipes import Recipe
from rlvf_client.experiment.subject import Subject
from rlvf_client.progress.console import Stage
from rlvf_common.rollouts.sampling import STYLE_NUMBERS

__all__ = ["Run", "Trainings", "tracking"]

_REFERENCES = {
    "base": trainer_pb2.REFERENCE_BASE,
    "start": trainer_pb2.REFERENCE_START,
}


@dataclass(frozen=True, slots=True)
class Run:
    """One adapter of a recipe, and the training that made it."""

    name: str
    recipe: str
    response: trainer_pb2.RunTrainingResponse
    """Of the last round."""
    validation: Sequence[reporter_pb2.ValidatedCheckpoint]
    """The checkpoints of the last round, where they were validated."""


class Trainings:
    """Trains recipes, and remembers what was trained on."""

    def __init__(self, calls: Calls, making: DataMaking) -> None:
        self._calls = calls
        self._making = making
        self._data: dict[tuple[str, int], reporter_pb2.TrainingData] = {}

    @property
    def data(self) -> list[reporter_pb2.TrainingData]:
        """What was trained on so far, for the report."""
        return list(self._data.values())

    async def train(self, recipe: Recipe, subject: Subject, sizes: Sequence[int]) -> list[Run]:
        """Train every run of a recipe. `sizes` are those of the nested sets of all recipes that
        share its pairs. Raises RlvfError."""
        return [
            await self._train_run(recipe, subject, sizes, name, seed)
            for name, seed in recipe.runs()
        ]

    async def _train_run(
        self, recipe: Recipe, subject: Subject, sizes: Sequence[int], name: str, seed: int
    ) -> Run:
        start: artifact_pb2.ArtifactRef | None = None
        response = trainer_pb2.RunTrainingResponse()
        validation: list[reporter_pb2.ValidatedCheckpoint] = []
        for number in range(1, recipe.training.rounds + 1):
            title = f"{name} round {number}" if recipe.training.rounds > 1 else name
            trained = subject.message(start)
            # In a further round the samples are of its own adapter, so no other recipe shares them.
            own = [recipe.arm.size] if recipe.arm.size else []
            wanted = sizes if number == 1 else own
            request = trainer_pb2.RunTrainingRequest(
                base_model=subject.served.source,
                hyperparameters=recipe.training.request(
                    recipe.arm.method, seed=seed, shuffled=recipe.arm.verdicts == "shuffled"
                ),
                adapter=start,
                tracking=tracking(recipe.training.trackers, self._calls.experiment, title),
            )
            if recipe.arm.method == "grpo":
                problems, benchmarks = self._making.online(recipe)
                request.problems.CopyFrom(problems)
                request.benchmarks.extend(benchmarks)
                request.sampling.CopyFrom(online_sampling(recipe, subject))
                response, validation = await self._train_validated(
                    title, name, recipe, subject, request
                )
                start = response.adapter
                continue
            needed = max(wanted, default=0) if recipe.arm.method == "dpo" else 0
            rollouts = await self._making.rollouts(recipe, subject, trained, needed=needed)
            if recipe.arm.method == "rft":
                answers = await self._making.answers(recipe, trained, rollouts)
                request.answers.CopyFrom(answers.answers)
                self._remember(answers, title if number > 1 else recipe.name, name, recipe)
            else:
                request.reference = _REFERENCES[recipe.training.reference]
                pairs = await self._making.pairs(recipe, trained, rollouts, wanted)
                request.pairs.CopyFrom(_of_size(pairs, recipe))
                self._remember(pairs, title if number > 1 else recipe.name, name, recipe)
            response, validation = await self._train_validated(
                title, name, recipe, subject, request
            )
            start = response.adapter
        return Run(name, recipe.name, response, validation)

    async def _train_validated(
        self,
        title: str,
        name: str,
        recipe: Recipe,
        subject: Subject,
        request: trainer_pb2.RunTrainingRequest,
    ) -> tuple[trainer_pb2.RunTrainingResponse, list[reporter_pb2.ValidatedCheckpoint]]:
        """Train the run `name`, and return it at its best checkpoint, the earliest of equal ones,
        with all checkpoints; without validation, at its end."""
        validation = recipe.training.validation
        if not validation.problems:
            return await self._train(title, name, subject, request), []
        best, best_rate = trainer_pb2.RunTrainingResponse(), -1.0
        checkpoints: list[reporter_pb2.ValidatedCheckpoint] = []
        while True:
            request.stop_after += validation.every_steps
            response = await self._train(title, name, subject, request)
            step = response.summary.steps
            found = await self._making.validate(
                f"{title} after step {step}",
                recipe,
                subject,
                subject.message(response.adapter),
                training=name,
            )
            checkpoints.append(
                reporter_pb2.ValidatedCheckpoint(
                    step=step,
                    passed=found.passed,
                    samples=found.samples_drawn,
                    rollouts=found.rollouts,
                )
            )
            rate = found.passed / found.samples_drawn
            is_worse = rate < best_rate
            if rate > best_rate:
                best, best_rate = response, rate
            if is_worse or not response.HasField("checkpoint"):
                return best, checkpoints
            request.checkpoint.CopyFrom(response.checkpoint)

    async def _train(
        self, title: str, name: str, subject: Subject, request: trainer_pb2.RunTrainingRequest
    ) -> trainer_pb2.RunTrainingResponse:
        def show(stage: Stage, metadata: any_pb2.Any) -> None:
            progress = trainer_pb2.RunTrainingMetadata()
            metadata.Unpack(progress)
            note = "steps" if progress.total_steps else ""
            if progress.step:
                note += f", loss {progress.loss:.4f}"
            if request.HasField("problems") and progress.step:
                note += f", reward {progress.reward:.3f}"
            if progress.margin:
                note += f", margin {progress.margin:+.4f}"
            if progress.waiting:
                note = f"waits to start: {progress.waiting}"
            stage.update(progress.step, progress.total_steps, note, tokens=progress.tokens)

        stub = trainer_pb2_grpc.TrainerServiceStub(self._calls.channel("trainer"))
        response = await self._calls.operate(
            f"train {title}",
            "trainer",
            stub.RunTraining,
            request,
            trainer_pb2.RunTrainingResponse(),
            show,
            subject.version,
            # Online training depends on the services that draw and grade.
            needs=["inference"] if request.HasField("problems") else [],
            cost_of=reporter_pb2.OperationCost(
                stage=reporter_pb2.STAGE_TRAINING, model=subject.served.name, training=name
            ),
        )
        subject.check_trained(title, response.base_weights_sha256)
        return response

    def _remember(
        self, selected: Pairs | Answers, name: str, training: str, recipe: Recipe
    ) -> None:
        """Remember, for the report, the data that a training run read. Recipes that differ in their
        size share their pairs; an arm and its control share none, even where they are the same."""
        if isinstance(selected, Pairs):
            uri = selected.pairs.uri
            data = reporter_pb2.TrainingData(name=name, pairs=selected)
        else:
            uri = selected.answers.uri
            data = reporter_pb2.TrainingData(name=name, answers=selected)
        data.sources.extend(source_names(recipe.problems))
        self._data.setdefault((uri, selected.verdicts), data).trainings.append(training)


def tracking(trackers: Sequence[str], experiment: str, title: str) -> trainer_pb2.Tracking | None:
    """The field `tracking` of a request; None without trackers, so that its id stays the same."""
    if not trackers:
        return None
    return trainer_pb2.Tracking(trackers=trackers, project=experiment, run=title)


def online_sampling(recipe: Recipe, subject: Subject) -> trainer_pb2.OnlineSampling:
    """How the answers of a step are drawn; their number is `group_size`."""
    sampling = sampling_pb2.Sampling(
        prompt_style=STYLE_NUMBERS[subject.style], **recipe.data.sampling.model_dump()
    )
    sampling.samples_per_problem = 0
    return trainer_pb2.OnlineSampling(served_model=subject.served.name, sampling=sampling)


def _of_size(pairs: Pairs, recipe: Recipe) -> artifact_pb2.ArtifactRef:
    """The pairs of a recipe: all, or one of the nested sets, in the order of its curriculum."""
    if not recipe.arm.size:
        if recipe.training.curriculum:
            raise FailedPrecondition(f"{recipe.name}: a curriculum needs the arm's `size`")
        return pairs.pairs
    rung = next(rung for rung in pairs.ladder if rung.size == recipe.arm.size)
    return rung.curriculum if recipe.training.curriculum else rung.pairs
