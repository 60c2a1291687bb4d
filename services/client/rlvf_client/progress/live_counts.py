"""Live counts of a sampling that is under way, in words: verdicts so far, and a shortage of
pairs."""

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2

__all__ = ["evaluation_note", "sampling_note", "shortage"]

Progress = pair_generator_pb2.GenerateRolloutsMetadata

_MIN_PROBLEMS = 20
_MIN_SHARE = 0.1


def sampling_note(progress: Progress) -> str:
    """The unit and the counts that follow the number of problems that are done."""
    if not progress.samples_done:
        return "problems" if progress.problems_total else ""
    percent = 100 / progress.samples_done
    return (
        f"problems; {progress.samples_done} samples: {progress.passed * percent:.0f}% pass, "
        f"{progress.unparseable * percent:.0f}% do not parse, "
        f"{progress.truncated * percent:.0f}% cut off; "
        f"{progress.problems_with_both} problems with both outcomes"
    )


def evaluation_note(progress: evaluator_pb2.EvaluateMetadata) -> str:
    """The unit and the counts that follow the number of tasks that are done."""
    if not progress.samples_done:
        return "tasks" if progress.tasks_total else ""
    percent = 100 / progress.samples_done
    return (
        f"tasks; {progress.samples_done} samples: {progress.passed * percent:.0f}% pass, "
        f"{progress.truncated * percent:.0f}% cut off"
    )


def shortage(progress: Progress, *, pairs: int, max_per_problem: int) -> str:
    """A warning that a sampling will hardly give `pairs` pairs, at most `max_per_problem` from each
    problem; empty where it may, or where too little is done to tell.

    Only problems with both outcomes give pairs; it is not for a selection with `min_gap`, where
    others do too. Their share so far is assumed for all problems, and each of them is assumed to
    give the maximum, which is more than selection leaves.
    """
    done, total = progress.problems_done, progress.problems_total
    if done < max(_MIN_PROBLEMS, _MIN_SHARE * total):
        return ""
    expected = progress.problems_with_both / done * total
    if expected * max_per_problem >= pairs:
        return ""
    return (
        f"{progress.problems_with_both} of {done} problems have both a passing and a failing "
        f"answer; at this rate all {total} make at most {expected * max_per_problem:.0f} pairs, "
        f"and {pairs} are asked for. Stop here, or go on for fewer: easier or harder problems "
        f"({progress.passed / progress.samples_done:.0%} of the answers pass), more problems, more "
        "samples a problem, or a smaller ladder"
    )
