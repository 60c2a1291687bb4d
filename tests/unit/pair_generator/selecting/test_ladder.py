"""Every set of the ladder passes the shortcut audit by itself, or is not handed out."""

import random

import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.audit import Audit, Reading, Sides, read, sides_of
from rlvf_pair_generator.selecting.candidates import Pair
from rlvf_pair_generator.selecting.ladder import Ladder, Rung, audited_ladder, balanced_prefixes
from rlvf_pair_generator.selecting.pair_selection import Selected, check_selected
from rlvf_pair_generator.selecting.rules import AuditRules, OnShortcut, Rules

WORDS = ["total", "left", "value", "items", "n", "count", "rest", "key"]


def pair(number: int, chance: random.Random, *, told: bool, longer: int = 0) -> Pair:
    """A pair of a problem of its own; a comment in the rejected side tells the sides apart where
    `told`."""
    sides: list[Rollout] = []
    for verdict in ("passed", "failed"):
        lines = "".join(
            f"    {chance.choice(WORDS)} = {chance.choice(WORDS)} + {chance.randrange(1000)}\n"
            for _ in range(chance.randint(2, 6))
        )
        comment = "    # so\n" * 3 if told and verdict == "failed" else ""
        text = f"{comment}{lines}    return {chance.choice(WORDS)}\n"
        sides.append(Rollout(f"t/{number}", len(sides), text, "stop", 9, verdict, "", 1.0))
    problem = Problem(f"t/{number}", "def f(n):\n", "f", CheckFunction(""), "", "unit", "train")
    ratio = {0: 1.0, 1: 1.5, -1: 0.5}[longer]
    chosen, rejected = sides
    return Pair(problem, chosen, rejected, "failed", 0.5, 1, 2, 0.5, ratio, 1.0)


def pairs(told: int, honest: int) -> list[Pair]:
    """First those with a shortcut, then those without."""
    chance = random.Random(5)
    return [pair(number, chance, told=number < told) for number in range(told + honest)]


# One in nine of all, and half of the first 50.
MIXED = pairs(25, 200)


def ladder_of(ordered: list[Pair], *sizes: int, on_shortcut: OnShortcut = "rebalance") -> Ladder:
    rules = Rules(audit=AuditRules(on_shortcut=on_shortcut))
    whole = read([sides_of(each) for each in ordered], seed=0)
    return audited_ladder(ordered, sizes, rules, whole=whole)


def commented(found: list[Pair]) -> int:
    return sum("#" in each.rejected.completion for each in found)


def test_a_set_that_fails_alone_exchanges_pairs_until_it_passes() -> None:
    found = ladder_of(MIXED, 50)
    (rung,) = found.rungs
    assert rung.passed
    assert rung.reading is not None
    assert rung.reading.pairs == 50
    assert rung.reading.discrimination.largest <= 0.6
    assert commented(found.pairs[:50]) < commented(MIXED[:50])
    assert sorted(found.pairs, key=MIXED.index) == MIXED


def test_a_larger_set_keeps_the_pairs_of_the_smaller_ones() -> None:
    alone, both = ladder_of(MIXED, 40), ladder_of(MIXED, 40, 90)
    assert both.pairs[:40] == alone.pairs[:40]
    assert [rung.size for rung in both.rungs] == [40, 90]
    assert all(rung.passed for rung in both.rungs)
    assert len(both.pairs) == len(MIXED)


def test_a_larger_set_exchanges_no_pair_of_a_smaller_one() -> None:
    chance = random.Random(7)
    ordered = [pair(number, chance, told=number == 5 or 20 <= number < 60) for number in range(200)]
    found = ladder_of(ordered, 20, 80)
    assert found.pairs[:20] == ordered[:20]
    assert found.pairs[:80] != ordered[:80]
    assert [rung.passed for rung in found.rungs] == [True, True]


def test_a_smaller_set_that_lost_its_balance_is_not_balanced_by_a_larger_one() -> None:
    """The pairs that it gave away are there again for the larger one."""
    chance = random.Random(6)
    ordered = []
    for number in range(60):
        told = number < 40 and number % 2 == 1
        ordered.append(pair(number, chance, told=told, longer=-1 if told else 1))
    alone, both = ladder_of(ordered, 16), ladder_of(ordered, 16, 56)
    assert alone.rungs[0].passed
    assert sum(each.longer for each in alone.pairs[:16]) > 2
    assert len(both.rungs) == 2
    assert both.pairs[:16] == alone.pairs[:16]


def test_every_reading_of_a_set_has_folds_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folds that chose what to exchange would flatter the rest."""
    seeds = []

    def remembered(sides: list[Sides], *, seed: int) -> Reading | None:
        seeds.append(seed)
        return read(sides, seed=seed)

    monkeypatch.setattr("rlvf_pair_generator.selecting.ladder.read", remembered)
    ladder_of(MIXED, 50)
    assert len(set(seeds)) == len(seeds) > 1


def test_sets_that_pass_stay_as_they_are() -> None:
    honest = pairs(0, 120)
    found = ladder_of(honest, 30, 60, 120)
    assert found.pairs == honest
    assert all(rung.passed for rung in found.rungs)


def test_the_set_of_all_pairs_has_the_audit_of_all_pairs() -> None:
    honest = pairs(0, 60)
    whole = read([sides_of(each) for each in honest], seed=3)
    (rung,) = audited_ladder(honest, [60], Rules(), whole=whole).rungs
    assert rung.reading is whole


def test_where_nothing_is_left_to_exchange_the_set_does_not_pass() -> None:
    found = ladder_of(pairs(60, 4), 20, 62)
    (rung,) = found.rungs
    assert rung.size == 20
    assert not rung.passed


def test_refuse_exchanges_nothing() -> None:
    found = ladder_of(MIXED, 50, on_shortcut="refuse")
    assert found.pairs == MIXED
    assert [rung.passed for rung in found.rungs] == [False]


def test_record_hands_the_set_out_with_what_was_found() -> None:
    found = ladder_of(MIXED, 50, 100, on_shortcut="record")
    assert found.pairs == MIXED
    assert [rung.passed for rung in found.rungs] == [True, True]
    assert found.rungs[0].reading is not None
    assert found.rungs[0].reading.fails(AuditRules())


def test_the_set_that_is_refused_is_named_with_what_tells_its_sides_apart() -> None:
    found = ladder_of(MIXED, 50, on_shortcut="refuse")
    whole = read([sides_of(each) for each in MIXED], seed=0)
    audit = Audit(MIXED, whole, whole, passed=True)
    selected = Selected(found.pairs, [], 225, audit, found.rungs)
    with pytest.raises(FailedPrecondition, match=r"set of 50 pairs: .*comment.*samples nothing"):
        check_selected(selected, [], needed=50)
    passing = [Rung(50, found.rungs[0].reading, passed=True)]
    check_selected(Selected(found.pairs, [], 225, audit, passing), [], needed=50)


def test_a_repaired_set_is_balanced_in_length() -> None:
    chance = random.Random(7)
    mixed = [
        pair(number, chance, told=number < 25, longer=1 if number % 2 else -1)
        for number in range(225)
    ]
    found = ladder_of(mixed, 50, 100)
    for rung in found.rungs:
        assert rung.passed
        assert abs(sum(each.longer for each in found.pairs[: rung.size])) <= 0.1 * rung.size


def test_sets_larger_than_a_repaired_one_are_balanced_in_length() -> None:
    """The pairs that it gave away are of one kind; the rest alone would have too many of the
    other."""
    chance = random.Random(7)
    mixed = [
        pair(number, chance, told=number % 2 == 0 and number < 40, longer=1 if number % 2 else -1)
        for number in range(100)
    ]
    found = ladder_of(mixed, 30)
    (rung,) = found.rungs
    assert rung.passed
    assert found.pairs[:30] != mixed[:30]
    for size in range(30, 101):
        assert abs(sum(each.longer for each in found.pairs[:size])) <= max(1, 0.1 * size)


def test_a_settled_set_far_out_of_balance_is_followed_by_what_restores_it() -> None:
    chance = random.Random(7)
    long = [pair(number, chance, told=False, longer=1) for number in range(8)]
    short = [pair(number, chance, told=False, longer=-1) for number in range(8, 16)]
    ordered = balanced_prefixes([*long, *short], Rules(max_length_imbalance=0.0), settled=5)
    assert ordered[:5] == long[:5]
    assert [each.longer for each in ordered[5:10]] == [-1] * 5


def test_what_is_settled_stays_though_it_is_out_of_balance() -> None:
    chance = random.Random(7)
    long = [pair(number, chance, told=False, longer=1) for number in range(4)]
    short = [pair(number, chance, told=False, longer=-1) for number in range(4, 8)]
    ordered = balanced_prefixes([*long, *short], Rules(max_length_imbalance=0.0), settled=2)
    assert ordered[:2] == long[:2]
    assert [each.longer for each in ordered[2:6]] == [-1, -1, 1, -1]
