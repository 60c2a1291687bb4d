"""Log-probabilities with the prompt computed once, and what is done where that is not possible."""

from typing import TYPE_CHECKING

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import Precision
from rlvf_common.storage.artifacts import JSONL, ArtifactStore

from .trainer_testing import MakeRequest, TrainerProcess, pairs_jsonl

# Warnings of the training stack are its own affair.
if TYPE_CHECKING:
    from transformers import PreTrainedModel

pytestmark = pytest.mark.filterwarnings("ignore")

torch = pytest.importorskip("torch")

from rlvf_trainer.job.encoding import EncodedPair  # noqa: E402
from rlvf_trainer.job.scoring import SHARING_TOLERANCE, Scorer, sharing_problem  # noqa: E402

PAIRS = [
    EncodedPair(list(range(5, 35)), list(range(40, 52)), list(range(60, 67))),
    EncodedPair([9], [10, 11], [12]),
    EncodedPair([7, 8, 9], [10], [12, 13, 14]),
]


def load(model: str) -> "PreTrainedModel":
    from rlvf_trainer.job.model import load_base

    return load_base(model, Precision.FP32).model.eval()


def test_sharing_a_prompt_changes_no_log_probability_and_no_gradient(tiny_model: str) -> None:
    model = load(tiny_model)
    answers, gradients = [], []
    for scorer in (Scorer(shared=False), Scorer(shared=True)):
        model.zero_grad()
        logps = torch.cat([answer for pair in PAIRS for answer in scorer(model, pair)])
        (logps * torch.linspace(-1, 1, len(logps))).sum().backward()
        answers.append(logps.detach())
        gradients.append(model.model.layers[0].self_attn.k_proj.weight.grad.clone())
    assert len(answers[0]) == sum(len(p.chosen_ids) + len(p.rejected_ids) for p in PAIRS)
    torch.testing.assert_close(answers[1], answers[0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-4, atol=1e-5)


def test_sharing_is_found_sound_where_it_is(tiny_model: str) -> None:
    assert sharing_problem(load(tiny_model), PAIRS, Precision.FP32) is None


@pytest.mark.parametrize(
    ("architecture", "window"),
    [
        ("mistral", {"sliding_window": 40}),
        ("qwen2", {"sliding_window": 40, "use_sliding_window": True, "max_window_layers": 1}),
        ("gemma3_text", {"sliding_window": 40, "sliding_window_pattern": 2}),
    ],
)
def test_a_window_of_attention_shorter_than_a_pair_is_looked_up(
    architecture: str, window: dict[str, int]
) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM

    sizes = {
        "vocab_size": 257, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16,
    }  # fmt: skip
    config = AutoConfig.for_model(architecture, **sizes, **window)
    model = AutoModelForCausalLM.from_config(config)
    # One answer or the other reaches beyond the window by a token or two.
    for answers in ((12, 7), (7, 12)):
        chosen, rejected = (list(range(40, 40 + tokens)) for tokens in answers)
        pair = EncodedPair(list(range(5, 35)), chosen, rejected)
        problem = sharing_problem(model, [pair], Precision.BF16)
        assert problem == "attention sees 40 tokens and the longest prompt with an answer has 42"
    assert sharing_problem(model, PAIRS[1:], Precision.FP32) is None


def test_a_window_that_no_layer_uses_is_none(tiny_model: str) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    model.config.sliding_window = 8
    model.config.layer_types = ["sliding_attention", "full_attention"]
    assert "sees 8 tokens" in (sharing_problem(model, PAIRS, Precision.FP32) or "")
    model.config.layer_types = ["full_attention", "full_attention"]
    assert "sees 8" not in (sharing_problem(model, PAIRS, Precision.FP32) or "")


def test_a_few_tokens_that_sharing_changes_are_enough_to_give_it_up(tiny_model: str) -> None:
    from copy import copy

    from transformers import AutoModelForCausalLM

    # A window of which the configuration says nothing.
    model = AutoModelForCausalLM.from_pretrained(tiny_model, sliding_window=128)
    model.config = copy(model.config)
    model.config.sliding_window = None
    for answers in ((122, 99), (99, 122)):
        chosen, rejected = (list(range(60, 60 + tokens)) for tokens in answers)
        pair = EncodedPair(list(range(5, 13)), chosen, rejected)
        with torch.no_grad():
            shared, plain = (
                torch.cat(Scorer(shared=shared)(model, pair)) for shared in (True, False)
            )
        changed = (shared - plain).abs()
        assert changed.mean() < SHARING_TOLERANCE[Precision.FP32] < changed.max()
        problem = sharing_problem(model, [PAIRS[1], pair], Precision.FP32)
        assert "the log-probability of a token differs by" in (problem or "")


@pytest.fixture(scope="module")
def bloom(tiny_model: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A random BLOOM, whose positions follow from its mask and cannot be set."""
    from transformers import AutoTokenizer, BloomConfig, BloomForCausalLM

    folder = str(tmp_path_factory.mktemp("models") / "bloom")
    AutoTokenizer.from_pretrained(tiny_model).save_pretrained(folder)
    torch.manual_seed(0)
    config = BloomConfig(
        vocab_size=257, hidden_size=32, n_layer=2, n_head=4, eos_token_id=0, initializer_range=0.1
    )
    BloomForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.mark.slow
async def test_a_model_that_cannot_share_prompts_trains_all_the_same_and_the_run_says_so(
    bloom: str, trainer: TrainerProcess, make_request: MakeRequest
) -> None:
    request = make_request("bloom")
    request.base_model = bloom
    response = await trainer.train(request)
    assert response.summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    assert "each prompt is computed twice" in response.summary.detail
    assert response.summary.last_loss < response.summary.first_loss


def test_a_reference_is_read_where_it_is_stored_and_computed_anew_where_it_is_damaged(
    tiny_model: str, store: ArtifactStore
) -> None:
    from contextlib import nullcontext

    from rlvf_trainer.job.references import reference_logps

    model = load(tiny_model)

    def references(model: "PreTrainedModel") -> list[object]:
        return list(
            reference_logps(model, PAIRS, Scorer(shared=True), store, Precision.FP32, nullcontext)
        )

    before = set(store.list_documents("training/references/"))
    computed = references(model)
    keys = sorted(set(store.list_documents("training/references/")) - before)
    assert len(keys) == len(PAIRS)
    store.write_document(keys[0], b"cut short")
    assert references(model) == computed
    assert store.read_document(keys[0]) != b"cut short"
    # Other weights are another reference.
    with torch.no_grad():
        model.model.norm.weight.mul_(2)
    assert references(model) != computed


@pytest.mark.slow
async def test_a_further_seed_and_a_larger_rung_compute_no_reference_again(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    def count() -> int:
        return len(store.list_documents("training/references/"))

    # Pairs that no other test has.
    lines = pairs_jsonl(24).replace(b"add_", b"plus_").splitlines(keepends=True)
    rung = make_request("rung", epochs=0.5)
    rung.pairs.CopyFrom(store.put_bytes(b"".join(lines[:8]), JSONL))
    whole = make_request("whole", epochs=0.5, seed=11, learning_rate=1e-4)
    whole.pairs.CopyFrom(store.put_bytes(b"".join(lines), JSONL))
    before = count()
    await trainer.train(rung)
    assert count() == before + 8
    response = await trainer.train(whole)
    assert count() == before + len(lines)
    assert response.summary.first_loss == pytest.approx(0.6931, abs=1e-4)
