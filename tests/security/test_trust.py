"""What `docs/trust.md` says of us: no known attack on graders passes, and none does harm."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.processes.executor import ExecutorProcess
from tests.trust.attacks import ATTACKS, Attack
from tests.trust.ours import Ours
from tests.trust.peers import SECRET
from tests.trust.problem import SOLUTION, WRONG


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    """An executor in the strongest tier of this machine, that knows a secret."""
    outside = tmp_path_factory.mktemp("outside")
    outside.chmod(0o777)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUST_SECRET", SECRET)
        with (
            ExecutorProcess(executor_slots="1") as executor,
            grpc.insecure_channel(executor.address) as channel,
        ):
            yield Ours(executor, channel, Path(outside))


def test_only_a_right_program_passes(ours: Ours) -> None:
    assert set(ours.verdicts(SOLUTION).values()) == {"passed"}
    assert "passed" not in ours.verdicts(WRONG).values()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_a_known_attack_is_refused_and_harmless(ours: Ours, attack: Attack) -> None:
    for source in attack.programs:
        assert ours.outcome(attack, source) == ("refused", ())
    assert set(ours.verdicts(SOLUTION).values()) == {"passed"}
