"""Conversational records: the tokens that inference sees, and those of TRL."""

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_api.hyperparameters import Hyperparameters, Precision
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_trainer.job.answers import Answer
from rlvf_trainer.job.pairs import Pair, parse_pairs
from rlvf_trainer.job.records import Message

from ...conftest import StackThread
from .trainer_testing import MakeRequest, TrainerProcess, as_conversations, pairs_jsonl

if TYPE_CHECKING:
    from rlvf_trainer.job.model import Base

# Warnings of the training stack are its own affair.
pytestmark = pytest.mark.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

PAIRS = [
    *parse_pairs(as_conversations(pairs_jsonl(3))),
    Pair(
        (Message("system", "Be brief."), Message("user", "Naïve?\n")),
        (Message("assistant", "Sure:\n```python\nx = 1\n```"),),
        (Message("assistant", "x = 2"),),
    ),
]


def load(model: str) -> "Base":
    from rlvf_trainer.job.model import load_base

    return load_base(model, Precision.FP32)


def check_ids(base: "Base", scratch: Path) -> None:
    """Hold ours against those of the template, as vLLM renders a prompt, and of TRL's trainers."""
    from rlvf_trainer.job.encoding import encode_answers, encode_pairs
    from rlvf_trainer.job.model import encoder

    from .trl_defaults import trl_trainer

    pairs = encode_pairs(encoder(base), PAIRS, 1024).records
    answers = encode_answers(
        encoder(base), [Answer(pair.prompt, pair.chosen) for pair in PAIRS], 1024
    ).records
    end = base.tokenizer.convert_tokens_to_ids("<|im_end|>")
    # What the template puts behind a turn is in TRL's answers, and is never sampled.
    line_break = base.tokenizer.encode("\n", add_special_tokens=False)
    hyper = Hyperparameters(precision=Precision.FP32)
    theirs = trl_trainer(base, PAIRS, hyper, scratch / "dpo").train_dataset
    for pair, answer, record, their in zip(pairs, answers, PAIRS, theirs, strict=True):
        asked = [message._asdict() for message in record.prompt if isinstance(message, Message)]
        assert pair.prompt_ids == base.tokenizer.apply_chat_template(
            asked, add_generation_prompt=True, return_dict=False
        )
        assert pair.prompt_ids == their["prompt_ids"]
        assert [*pair.chosen_ids, *line_break] == their["chosen_ids"]
        assert [*pair.rejected_ids, *line_break] == their["rejected_ids"]
        assert pair.chosen_ids.count(end) == 1
        assert pair.chosen_ids[-1] == pair.rejected_ids[-1] == end
        assert (answer.prompt_ids, answer.answer_ids) == (pair.prompt_ids, pair.chosen_ids)


def test_the_tokens_are_those_of_the_template_and_of_trl(
    tiny_chat_model: str, tmp_path: Path
) -> None:
    base = load(tiny_chat_model)
    assert base.tokenizer.eos_token != "<|im_end|>"
    check_ids(base, tmp_path)


def test_the_tokens_of_the_embedded_model_are_those_of_its_template_and_of_trl(
    stack: StackThread, tmp_path: Path
) -> None:
    from rlvf_trainer.job.encoding import encode_answers
    from rlvf_trainer.job.model import encoder

    base = load(str(stack.model.source))
    check_ids(base, tmp_path)
    # Where this tokenizer merges the line breaks at the start of a turn, TRL takes the prompt's
    # away; a model that is sampled gets it all the same.
    asked, said = (Message("user", "f?"),), (Message("assistant", "\n    return 1"),)
    [answer] = encode_answers(encoder(base), [Answer(asked, said)], 1024).records
    assert base.tokenizer.decode(answer.prompt_ids).endswith("<|im_start|>assistant\n")
    assert base.tokenizer.decode(answer.answer_ids) == "\n    return 1<|im_end|>"


async def test_a_chat_model_learns_from_conversations(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore, tiny_chat_model: str
) -> None:
    request = make_request("conversations")
    request.base_model = tiny_chat_model
    request.pairs.CopyFrom(store.put_bytes(as_conversations(pairs_jsonl()), JSONL))
    response = await trainer.train(request)
    summary = response.summary
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    assert summary.first_loss == pytest.approx(math.log(2), abs=1e-5)
    assert summary.last_loss < summary.first_loss
    first = json.loads(store.get_bytes(response.metrics).splitlines()[0])
    # Answers of 12 or 13 bytes and the end of the turn.
    assert first["logps_chosen"] / first["token_logp_chosen"] == pytest.approx(13.5, abs=0.5)


@pytest.mark.slow
async def test_a_model_without_a_chat_template_is_refused_conversations(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    request = make_request("no-template")
    request.pairs.CopyFrom(store.put_bytes(as_conversations(pairs_jsonl(4)), JSONL))
    with pytest.raises(FailedPrecondition, match="the model has no chat template"):
        await trainer.train(request)
