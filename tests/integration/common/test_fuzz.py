"""A short run of the fuzzer: `make fuzz` is the long one."""

from ...conftest import StackThread
from ...fuzz.caller import defects, fuzz

_NAMES = ("evaluator", "executor", "pair-generator", "trainer", "reporter")


def test_random_requests_end_with_a_status_of_the_contract(stack: StackThread) -> None:
    addresses = {name: stack.address(name) for name in _NAMES}
    logs = {name: stack.stack.log(name) for name in _NAMES}
    before = {name: log.stat().st_size for name, log in logs.items()}
    findings = fuzz(addresses, seed=1, numbers=range(600))
    assert findings.defects == []
    assert [line for name in _NAMES for line in defects(logs[name], before[name])] == []
    # Requests get through to the services, and are refused for different reasons.
    assert {"OK", "INVALID_ARGUMENT", "NOT_FOUND"} <= set(findings.statuses)
