"""Has the pair generator make training data: samples, pairs and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar

from google.protobuf import any_pb2
from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf.reporter.v1 import reporter_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_client.experiment.calls import Calls, Show, counting
from rlvf_client.experiment.data_requests import (
    answers_request,
    pairs_request,
    rollouts_request,
    validation_request,
)
from rlvf_client.experiment.probe import choose_style, probe
from rlvf_client.experiment.recipes import Recipe
from rlvf_client.experiment.sources import hold_out, load_problems
from rlvf_client.experiment.subject import Subject
from rlvf_client.progress.console import Reporter, Stage
from rlvf_client.progress.live_counts import sampling_note, shortage
from rlvf_common.problems.problem import dump_problems
from rlvf_common.storage.artifacts import JSONL

__all__ = ["DataMaking"]

_SERVICE = "pair-generator"
ResponseT = TypeVar("ResponseT", bound=Message)

Rollouts = pair_generator_pb2.GenerateRolloutsResponse
Pairs = pair_generator_pb2.SelectPairsResponse
Answers = pair_generator_pb2.SelectAnswersResponse


class DataMaking:
    """Makes the data of an experiment's recipes. The same request is made once.

    All methods raise RlvfError.
    """

    def __init__(
        self,
        calls: Calls,
        reporter: Reporter,
        benchmarks: Sequence[artifact_pb2.ArtifactRef],
        *,
        credit: bool = False,
    ) -> None:
        """Training problems must not overlap `benchmarks`. `credit`: whether a recipe needs the
        credit of failing answers; then all samples have it, so that recipes share them."""
        self._calls = calls
        self._reporter = reporter
        self._benchmarks = benchmarks
        self._credit = credit
        self._made: dict[bytes, Any] = {}
        self._stored: dict[tuple[Any, ...], artifact_pb2.ArtifactRef] = {}

    async def styled(
        self,
        subject: Subject,
        recipe: Recipe,
        wanted: Literal["auto", "completion", "chat"],
        *,
        min_usable: float,
    ) -> Subject:
        """The subject with the prompt style in which it is asked, chosen by a probe on the recipe's
        problems.

        Raises:
            FailedPrecondition: the share of usable answers is below `min_usable`.
        """
        sampling = recipe.data.sampling
        probed = await probe(
            self._calls,
            load_problems(recipe.problems, seed=sampling.seed),
            subject.message(),
            sampling_pb2.Sampling(**sampling.model_dump()),
            benchmarks=self._benchmarks,
            versions=subject.version,
            title=f"probe {subject.name}".rstrip(),
        )
        choice = choose_style(probed, wanted, max_tokens=sampling.max_tokens, min_usable=min_usable)
        self._reporter.say(choice.table)
        remark = f" ({choice.remark})" if choice.remark else ""
        self._reporter.say(f"prompt style: {choice.style}{remark}")
        return replace(subject, style=choice.style, probed=probed)

    async def rollouts(
        self, recipe: Recipe, subject: Subject, model: sampling_pb2.Model, *, needed: int = 0
    ) -> Rollouts:
        """Graded samples of the recipe's problems, drawn from `model` (the subject, or an adapter
        on it) unless the recipe has another sampler. Warns early where they will hardly make
        `needed` pairs, unless failing answers may be chosen (`min_gap`)."""
        own, selection = recipe.data.sampler, recipe.data.selection
        if selection.min_gap:
            # Problems of one outcome give pairs too, so that those of both say nothing.
            needed = 0
        elsewhere = bool(own.endpoint) or own.model not in ("", subject.served.name)
        sampler = sampling_pb2.Model(base=own.model or subject.served.name) if elsewhere else model
        request = rollouts_request(
            recipe.data,
            subject.style,
            sampler,
            self._problems(recipe),
            self._benchmarks,
            credit=self._credit,
        )
        response, is_new = await self._make(
            "rollouts",
            "GenerateRollouts",
            request,
            Rollouts,
            self._show_rollouts(needed, selection.max_pairs_per_problem),
            # What another model writes does not depend on the one that is trained.
            versions={} if elsewhere else subject.version,
            needs=["inference"],
            cost_of=reporter_pb2.OperationCost(
                stage=reporter_pb2.STAGE_SAMPLING, model=subject.served.name
            ),
        )
        if is_new:
            self._reporter.say(
                f"rollouts: {response.samples_drawn} samples of {response.problems} problems, of "
                f"which {response.problems_with_both} have both outcomes"
            )
            if response.duplicates:
                self._reporter.say(
                    f"rollouts: left out {len(response.duplicates)} duplicates, problems with the "
                    f"prompt of an earlier one, as {response.duplicates[0].task_id} of "
                    f"{response.duplicates[0].duplicate_of}"
                )
        return response

    async def validate(
        self,
        title: str,
        recipe: Recipe,
        subject: Subject,
        adapter: sampling_pb2.Model,
        *,
        training: str,
    ) -> Rollouts:
        """Graded samples that an adapter draws of the problems that the recipe holds out. `title`
        names the checkpoint, and `training` is the name of its run."""
        problems = self._problems(recipe, held_out=True)
        request = validation_request(recipe, subject.style, adapter, problems, self._benchmarks)
        response, _ = await self._make(
            "validation",
            "GenerateRollouts",
            request,
            Rollouts,
            self._show_rollouts(0, 0),
            versions=subject.version,
            needs=["inference"],
            cost_of=reporter_pb2.OperationCost(
                stage=reporter_pb2.STAGE_VALIDATING, model=subject.served.name, training=training
            ),
        )
        self._reporter.say(
            f"validation of {title}: {response.passed} of {response.samples_drawn} samples pass"
        )
        return response

    async def pairs(
        self, recipe: Recipe, trained: sampling_pb2.Model, rollouts: Rollouts, sizes: Sequence[int]
    ) -> Pairs:
        """Pairs selected among samples to train `trained`, in nested sets of these ascending
        sizes."""
        request = pairs_request(recipe, trained, rollouts.rollouts, sizes)
        show = _counting_problems(pair_generator_pb2.SelectPairsMetadata)
        response, is_new = await self._make("pairs", "SelectPairs", request, Pairs, show)
        if is_new:
            last = response.steps[-1].after if response.steps else 0
            self._reporter.say(
                f"pairs: {last} from {response.problems} problems, of which "
                f"{response.problems_with_both} have both outcomes"
            )
            self._reporter.say(_audit_line(response))
        return response

    async def answers(
        self, recipe: Recipe, trained: sampling_pb2.Model, rollouts: Rollouts
    ) -> Answers:
        """Answers selected among samples to train `trained`."""
        request = answers_request(recipe, trained, rollouts.rollouts)
        show = _counting_problems(pair_generator_pb2.SelectAnswersMetadata)
        response, is_new = await self._make("answers", "SelectAnswers", request, Answers, show)
        if is_new:
            size = recipe.arm.size
            short = f"; fewer than its size, {size}" if response.count < size else ""
            self._reporter.say(
                f"answers for {recipe.name}: {response.count} to {response.problems_answered} "
                f"problems, of which {response.passed} pass{short}"
            )
        return response

    def online(
        self, recipe: Recipe
    ) -> tuple[artifact_pb2.ArtifactRef, list[artifact_pb2.ArtifactRef]]:
        """The problems that a recipe trains on online, and the benchmarks that they must not
        overlap."""
        return self._problems(recipe), list(self._benchmarks)

    def _problems(self, recipe: Recipe, *, held_out: bool = False) -> artifact_pb2.ArtifactRef:
        """The stored problems that a recipe trains on, or those that it holds out; read and stored
        once for all its runs."""
        seed, count = recipe.data.sampling.seed, recipe.training.validation.problems
        key = recipe.problems, seed, count, held_out
        if key not in self._stored:
            problems = load_problems(recipe.problems, seed=seed)
            training, validation = hold_out(problems, count, seed=seed)
            part = validation if held_out else training
            self._stored[key] = self._calls.artifacts.put_bytes(dump_problems(part), JSONL)
        return self._stored[key]

    def _show_rollouts(self, needed: int, max_per_problem: int) -> Show:
        is_told = False

        def show(stage: Stage, metadata: any_pb2.Any) -> None:
            nonlocal is_told
            progress = pair_generator_pb2.GenerateRolloutsMetadata()
            metadata.Unpack(progress)
            stage.update(
                progress.problems_done,
                progress.problems_total,
                sampling_note(progress),
                tokens=progress.tokens,
            )
            short = shortage(progress, pairs=needed, max_per_problem=max_per_problem)
            if short and not is_told:
                is_told = True
                self._reporter.say(f"warning: {short}")

        return show

    async def _make(
        self,
        title: str,
        method: str,
        request: Any,
        response: type[ResponseT],
        show: Show,
        *,
        versions: Mapping[str, str] | None = None,
        needs: Sequence[str] = (),
        cost_of: reporter_pb2.OperationCost | None = None,
    ) -> tuple[ResponseT, bool]:
        """The response to a request, and whether this is the first time. `versions` are those of
        what the request names. A selection names nothing: the manifest of its samples has all
        versions."""
        key = request.SerializeToString(deterministic=True)
        if key in self._made:
            return self._made[key], False
        stub = pair_generator_pb2_grpc.PairGeneratorServiceStub(self._calls.channel(_SERVICE))
        self._made[key] = await self._calls.operate(
            title,
            _SERVICE,
            getattr(stub, method),
            request,
            response(),
            show,
            versions or {},
            needs=needs,
            cost_of=cost_of,
        )
        return self._made[key], True


def _counting_problems(metadata: type[Message]) -> Show:
    return counting(metadata, "problems_done", "problems_total", "problems")


def _audit_line(response: Pairs) -> str:
    if not response.HasField("audit_after"):
        return "shortcut audit: too few problems to tell"
    before, after = response.audit_before, response.audit_after
    return (
        f"shortcut audit: AUC {max(before.auc, before.paired_auc):.2f} before, "
        f"{max(after.auc, after.paired_auc):.2f} after "
        f"(95% CI {after.low:.2f} to {after.high:.2f})"
    )
