"""What a run leaves in storage about itself."""

from rlvf_trainer.runs import Run

from ..doubles import StoreInMemory


def test_the_time_of_every_job_counts_also_of_two_at_one_attempt() -> None:
    store = StoreInMemory()
    assert Run(store, "r").seconds() == 0
    times: list[float] = []
    for attempt in (1, 1, 2):
        # Another process each time; this one began before it.
        job = Run(store, "r")
        job.begin(attempt)
        job.write_time()
        before = Run(store, "r").seconds() - sum(times)
        assert before > 0
        job.write_time()
        times.append(Run(store, "r").seconds() - sum(times))
        # What is said last counts, once.
        assert times[-1] >= before
    assert Run(store, "another").seconds() == 0
    assert len(store.list_documents("training/r/times/")) == 3
