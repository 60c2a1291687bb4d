"""Estimates what a further arm, or a further rung of a ladder, would cost, by this experiment's
rates.

Assumptions: training takes the same time per record as here, and evaluating a run the same time.
Selection takes no noticeable time. The cost of samples is known only in total, so an arm with
samples of its own is assumed to need all of that again.
"""

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean
from typing import NamedTuple

from rlvf.reporter.v1 import reporter_pb2
from rlvf_reporter import formatting as fmt
from rlvf_reporter.costs.records import STAGES_OF_A_RUN, Amount, Estimate, Prices
from rlvf_reporter.report import Condition, Training
from rlvf_reporter.training_data.records import AnswerSet, PairSet

__all__ = ["estimates"]


class _Arm(NamedTuple):
    """The runs of one recipe, the records that each trained on, and the cost of all runs."""

    name: str
    trainings: frozenset[str]
    records: int
    cost: Amount

    @property
    def runs(self) -> int:
        return len(self.trainings)


_MakeEstimate = Callable[[str, str, Amount], Estimate]


def estimates(
    costs: Sequence[reporter_pb2.OperationCost],
    prices: Prices | None,
    conditions: Sequence[Condition],
    trainings: Sequence[Training],
    data: Sequence[PairSet | AnswerSet],
) -> Iterator[Estimate]:
    """Estimates for each model and kind of training that the experiment has."""

    def estimate(what: str, basis: str, amount: Amount) -> Estimate:
        return Estimate(what, basis, amount, None if prices is None else prices.money(amount))

    models = dict.fromkeys(condition.model for condition in conditions)
    for model in models:
        named = f" on {model}" if len(models) > 1 else ""
        of_model = [cost for cost in costs if cost.model == model]
        evaluating = _evaluating_a_run(of_model, conditions, model)
        sampling = Amount.total(
            Amount.of(one.cost) for one in of_model if one.stage == reporter_pb2.STAGE_SAMPLING
        )
        for kind in ("pair", "answer"):
            arms = list(_arms(of_model, conditions, trainings, model, kind))
            if evaluating is None or not arms:
                continue
            runs = max(arm.runs for arm in arms)
            records = fmean(arm.records for arm in arms)
            training = Amount.total(arm.cost for arm in arms) * (
                runs / sum(arm.runs for arm in arms)
            )
            arm_cost = training + evaluating * runs
            arm_basis = (
                f"{fmt.plural(runs, 'run')} on {fmt.plural(round(records), kind)}: the mean of "
                f"training {_named(arms)}, and of evaluating a run"
            )
            yield estimate(
                f"a further arm on {kind}s{named}, of the same samples", arm_basis, arm_cost
            )
            yield estimate(
                f"a further arm on {kind}s{named}, of samples of its own",
                f"{arm_basis}; and all the sampling and grading for{named or ' this experiment'}",
                arm_cost + sampling,
            )
            yield from _further_rung(arms, data, evaluating, sampling, kind, named, estimate)


def _further_rung(
    arms: Sequence[_Arm],
    data: Sequence[PairSet | AnswerSet],
    evaluating: Amount,
    sampling: Amount,
    kind: str,
    named: str,
    estimate: _MakeEstimate,
) -> Iterator[Estimate]:
    """The estimate for a rung of twice the largest size, where there are several sizes."""
    if len({arm.records for arm in arms}) < 2:
        return
    largest = max(arms, key=lambda arm: arm.records)
    size = 2 * largest.records
    amount = largest.cost * 2 + evaluating * largest.runs
    basis = (
        f"twice the training of {largest.name}, which has "
        f"{fmt.plural(largest.records, kind)}, and evaluating a run as often"
    )
    available = max(
        (one.records or 0 for one in data if largest.trainings.intersection(one.trainings)),
        default=0,
    )
    if 0 < available < size:
        amount += sampling * ((size - available) / available)
        basis += (
            f"; {fmt.plural(available, kind)} {'was' if available == 1 else 'were'} selected, so "
            "the rest needs more samples in proportion"
        )
    yield estimate(f"a further rung of {fmt.plural(size, kind)}{named}", basis, amount)


def _evaluating_a_run(
    costs: Sequence[reporter_pb2.OperationCost], conditions: Sequence[Condition], model: str
) -> Amount | None:
    """The mean cost of evaluating a condition of the model on all benchmarks; None if unknown."""
    evaluated = {condition.name for condition in conditions if condition.model == model}
    spent = [Amount.of(one.cost) for one in costs if one.stage == reporter_pb2.STAGE_EVALUATING]
    if not spent or not evaluated:
        return None
    return Amount.total(spent) * (1 / len(evaluated))


def _arms(
    costs: Sequence[reporter_pb2.OperationCost],
    conditions: Sequence[Condition],
    trainings: Sequence[Training],
    model: str,
    kind: str,
) -> Iterator[_Arm]:
    """The arms of a model whose runs trained on records of `kind` and have known costs."""
    recipes = {condition.training: condition.run_of for condition in conditions}
    by_recipe: dict[str, list[Training]] = {}
    for training in trainings:
        if training.model == model and training.records == kind:
            by_recipe.setdefault(recipes[training.name], []).append(training)
    for name, runs in by_recipe.items():
        names = frozenset(training.name for training in runs)
        spent = [
            Amount.of(one.cost)
            for one in costs
            if one.stage in STAGES_OF_A_RUN and one.training in names
        ]
        if spent:
            yield _Arm(name, names, runs[0].pairs, Amount.total(spent))


def _named(arms: Sequence[_Arm]) -> str:
    names = [arm.name for arm in arms]
    if len(names) > 3:
        return f"the {len(names)} arms on such records"
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
