"""The experiments that are simulated: what is planted in each, and what is counted."""

from dataclasses import replace
from functools import partial

from rlvf.reporter.v1 import reporter_pb2
from rlvf_reporter.outcomes.verification import Conclusion, judgements
from rlvf_reporter.report import Report, Rule
from tests.simulator.experiments import Arm, Curve, World
from tests.simulator.rates import Question, Scenario

__all__ = ["FACTORS", "SCENARIOS", "contrasts", "ladder", "losses", "null", "planted"]

HOME, AWAY = "home", "away"


def _claims(rule: Rule, about: str, report: Report) -> bool:
    """Whether a finding of the rule claims something, and has `about` in its text."""
    return any(
        finding.rule is rule and not finding.nothing_said and about in finding.text
        for finding in report.findings
    )


def _works(report: Report) -> bool:
    return any(
        judgement.conclusion is Conclusion.WORKS
        for benchmark in report.benchmarks
        for judgement in judgements(report, benchmark)
    )


def _any(report: Report) -> bool:
    return any(finding.rule and not finding.nothing_said for finding in report.findings)


def null(rule: Rule) -> Question:
    """Whether the rule claims anything, where nothing was planted for it."""
    return planted("", rule)


def planted(what: str, rule: Rule, about: str = "") -> Question:
    """Whether the rule claims something, where `what` was planted for it."""
    is_claimed = _works if rule is Rule.VERIFICATION else partial(_claims, rule, about)
    return Question(rule, what, is_claimed)


def ladder(*effects: float, control: float = 0.0, runs: int = 3, run_sd: float = 0.01) -> World:
    """Rungs with these effects, and a control of the last."""
    rungs = [
        Arm(f"dpo-{100 * number}", {HOME: effect}, 100 * number)
        for number, effect in enumerate(effects, start=1)
    ]
    rungs[-1] = replace(rungs[-1], control="shuffled")
    return World(
        arms=(*rungs, Arm("shuffled", {HOME: control}, rungs[-1].pairs)),
        ladder=tuple(rung.name for rung in rungs),
        runs=runs,
        run_sd=run_sd,
    )


FACTORS = {
    Rule.QUALITY: reporter_pb2.FACTOR_QUALITY,
    Rule.DIVERSITY: reporter_pb2.FACTOR_DIVERSITY,
    Rule.CURRICULUM: reporter_pb2.FACTOR_CURRICULUM,
    Rule.PRECISION: reporter_pb2.FACTOR_PRECISION,
    Rule.ROUNDS: reporter_pb2.FACTOR_ROUNDS,
}


def contrasts(effect: float, lost: float) -> World:
    """A plain arm, and one for each factor, trained once: with this effect of each factor, in turn
    for better and for worse, and with what all arms lose on another benchmark. Arms that are
    better displace likelihood."""
    arms = [Arm("plain", {AWAY: -lost})]
    for number, factor in enumerate(FACTORS.values()):
        own = effect if number % 2 == 0 else -effect
        arms.append(
            Arm(
                f"arm-{number}",
                {HOME: own, AWAY: -lost},
                plain="plain",
                factor=factor,
                curve=Curve(reward_chosen=-2 * max(own, 0.0)),
            )
        )
    return World(arms=tuple(arms), benchmarks=(HOME, AWAY), runs=1, run_sd=0.0)


def losses(effect: float) -> World:
    """Eight arms, each with a lower training loss than the one before and a higher score."""
    arms = (
        Arm(f"arm-{number}", {HOME: effect * number}, curve=Curve(margin=0.2 * number))
        for number in range(8)
    )
    return World(arms=tuple(arms), runs=1, run_sd=0.0)


_OF_LADDERS = (
    Rule.DIFFERENCE,
    Rule.VERIFICATION,
    Rule.TREND,
    Rule.SATURATION,
    Rule.DISPLACEMENT,
)
_OF_CONTRASTS = (*FACTORS, Rule.FORGETTING, Rule.LOSS, Rule.DISPLACEMENT)
_ANY = Question("any of these", "", _any)
_NULL_LADDER = ladder(0, 0, 0)
_ONE_RUN = replace(_NULL_LADDER, runs=1, run_sd=0.0)

SCENARIOS = (
    Scenario("ladder, no effect, 3 runs an arm", _NULL_LADDER, (*map(null, _OF_LADDERS), _ANY)),
    Scenario("ladder, no effect, 1 run an arm", _ONE_RUN, (*map(null, _OF_LADDERS), _ANY)),
    Scenario(
        "the same, runs that differ by 2 pp",
        replace(_ONE_RUN, run_sd=0.02),
        (null(Rule.DIFFERENCE), null(Rule.TREND)),
    ),
    Scenario(
        "ladder, +15 pp, useless control",
        ladder(0.05, 0.1, 0.15, control=0.15),
        (null(Rule.VERIFICATION),),
    ),
    Scenario(
        "ladder, +15 pp, control without effect",
        ladder(0.05, 0.1, 0.15),
        (
            planted("+15 pp over the base", Rule.DIFFERENCE),
            planted("+15 pp over base and control", Rule.VERIFICATION),
            planted("+5 pp a rung", Rule.TREND),
            null(Rule.SATURATION),
        ),
    ),
    Scenario(
        "ladder, upper part rises half as much",
        ladder(0.1, 0.2, 0.25, 0.3, runs=1, run_sd=0.0),
        (null(Rule.SATURATION),),
    ),
    Scenario(
        "ladder, upper part is flat",
        ladder(0.1, 0.2, 0.2, 0.2, runs=1, run_sd=0.0),
        (planted("+10 pp a rung, then 0", Rule.SATURATION),),
    ),
    Scenario(
        "contrasts, no effect, 1 run an arm",
        contrasts(0.0, 0.0),
        (*map(null, _OF_CONTRASTS), _ANY),
    ),
    Scenario(
        "contrasts, effects, 1 run an arm",
        contrasts(0.15, 0.15),
        (
            *(planted("+15 or −15 pp", rule) for rule in FACTORS),
            planted("−15 pp elsewhere, of all arms", Rule.FORGETTING),
            planted("reward −0.3 at the end, margin 1", Rule.DISPLACEMENT),
        ),
    ),
    Scenario("8 arms, lower losses, no effect", losses(0.0), (null(Rule.LOSS),)),
    Scenario(
        "8 arms, lower losses, higher scores",
        losses(0.03),
        (planted("+3 pp from arm to arm", Rule.LOSS),),
    ),
)
