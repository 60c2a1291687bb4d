"""What sampling costs is measured once, and shared where an engine is."""

from datetime import timedelta

from rlvf.cost.v1 import cost_pb2
from rlvf_common.rollouts.cost import EngineClock, Meter, Spent

from ...doubles import TWO_CORES, OperationInMemory


class Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_time_of_an_engine_is_divided_among_those_who_have_requests() -> None:
    clock = Clock()
    engine = EngineClock(clock)
    one, two = Meter(OperationInMemory()), Meter(OperationInMemory())
    with engine.request(one):
        clock.now += 4
        with engine.request(two):
            # One request each.
            clock.now += 2
            with engine.request(one):
                # Two to one.
                clock.now += 3
        clock.now += 1
    # Nobody's.
    clock.now += 1_000
    with engine.request(two):
        clock.now += 5
    assert one.spent.engine_seconds == 4 + 1 + 2 + 1
    assert two.spent.engine_seconds == 1 + 1 + 5


def test_a_request_that_fails_has_taken_its_time_and_no_more() -> None:
    clock = Clock()
    engine = EngineClock(clock)
    meter = Meter(OperationInMemory())
    try:
        with engine.request(meter):
            clock.now += 2
            raise ConnectionError
    except ConnectionError:
        clock.now += 60
    with engine.request(None), engine.request(meter):
        clock.now += 1
    assert meter.spent.engine_seconds == 3


async def test_a_meter_goes_on_from_what_every_attempt_has_saved() -> None:
    context = OperationInMemory()
    first = Meter(context)
    first.count_tokens(7)
    first.engine_seconds += 2.5
    await first.save()
    first.count_graded(1_500)
    await first.save()
    # As after a kill: never saved.
    first.count_tokens(1_000)
    second = await Meter.of(context)
    second.count_tokens(3)
    await second.save()
    await second.save()
    expected = Spent(tokens=10, engine_seconds=2.5, samples_graded=1, grading_seconds=1.5)
    assert second.spent == (await Meter.of(context)).spent == expected


def test_a_cost_names_the_devices_and_only_what_was_done() -> None:
    meter = Meter(OperationInMemory(), Spent(10, 2.5, 0, 0.0))
    cost = meter.cost(TWO_CORES)
    assert cost.sampling.devices == TWO_CORES
    assert cost.sampling.time.ToTimedelta() == timedelta(seconds=2.5)
    assert not cost.HasField("grading")
    graded = Meter(OperationInMemory(), Spent(0, 0.0, 4, 1.0)).cost(TWO_CORES)
    assert not graded.HasField("sampling")
    assert graded.grading.devices == cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_CPU, count=1)
