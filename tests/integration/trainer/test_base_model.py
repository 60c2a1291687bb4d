"""A base model that cannot be loaded."""

import pytest

from rlvf_api.errors import FailedPrecondition, RlvfError, Unavailable
from rlvf_api.hyperparameters import Precision


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (ConnectionRefusedError("Connection refused"), Unavailable),
        (ValueError("unknown architecture"), FailedPrecondition),
    ],
)
def test_only_a_hub_that_is_away_is_worth_waiting_for(
    reason: Exception, kind: type[RlvfError], monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoTokenizer

    from rlvf_trainer.job import model

    def load(name: str) -> None:
        # As transformers hides it.
        raise OSError(f"{name} cannot be fetched") from reason

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", load)
    with pytest.raises(kind, match="the base model some/model cannot be loaded"):
        model.load_base("some/model", Precision.FP32)
