"""Which comparisons and trends an experiment declares."""

from rlvf_client.experiment.analysis import compare_with_base, trends_along


def test_every_recipe_is_compared_with_the_base_on_each_benchmark() -> None:
    declared = compare_with_base(["humaneval", "mbpp"], ["base", "base-again", "dpo-8"], "base")
    assert [(one.benchmark, one.baseline, one.treatment) for one in declared] == [
        ("humaneval", "base", "base-again"),
        ("humaneval", "base", "dpo-8"),
        ("mbpp", "base", "base-again"),
        ("mbpp", "base", "dpo-8"),
    ]


def test_a_ladder_of_three_rungs_is_a_trend_and_one_of_two_is_not() -> None:
    ladders = [{"base": 0, "dpo-8": 8, "dpo-16": 16}, {"base": 0, "dpo-8-curriculum": 8}]
    (trend,) = trends_along(["humaneval"], ladders)
    assert trend.benchmark == "humaneval"
    assert [(rung.size, rung.condition) for rung in trend.rungs] == [
        (0, "base"),
        (8, "dpo-8"),
        (16, "dpo-16"),
    ]
