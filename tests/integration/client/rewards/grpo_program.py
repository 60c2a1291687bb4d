"""A person's training program: TRL's GRPOTrainer on a tiny model, rewarded by our evaluator.

    python grpo_program.py ADDRESS PROBLEMS.jsonl FOLDER STEPS EXAMPLE

EXAMPLE is the README's, which makes the trainer.

The model is one of two layers, which first learns to answer each problem rightly or wrongly, as a
coin falls, so that the verdicts of a group differ. What TRL took for rewards goes to
FOLDER/rewards.jsonl, one line a step. Before each step is rewarded it says `ask`, and goes on at
a line of standard input.
"""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Starcoder2Config, Starcoder2ForCausalLM

# TRL imports vLLM if it is installed. The import takes longer than this training, which does not
# use it.
sys.modules["vllm"] = None  # type: ignore[assignment]

from trl import GRPOConfig, GRPOTrainer  # noqa: E402

END = "<|endoftext|>"
WRONG = ("    return 7\n", "    return (\n")
"""A program that fails, and one that does not parse."""

address, folder, steps, example = sys.argv[1], *sys.argv[3:]
problems = Path(sys.argv[2])
records = [json.loads(line) for line in problems.read_text().splitlines()]


def tiny_model() -> tuple[Starcoder2ForCausalLM, PreTrainedTokenizerFast]:
    """A random model with a tokenizer of bytes."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {END: 0} | {byte: place + 1 for place, byte in enumerate(alphabet)}
    backend = Tokenizer(models.BPE(vocabulary, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token=END, pad_token=END, padding_side="left"
    )
    config = Starcoder2Config(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )
    return Starcoder2ForCausalLM(config), tokenizer


def teach(model: Starcoder2ForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    """Train it to answer each problem with its solution as often as with something wrong."""
    texts = [
        (prompt_of(record), answer)
        for record in records
        for answer in (record["canonical_solution"], record["canonical_solution"], *WRONG)
    ]
    rows = []
    for prompt, answer in texts:
        prompt_ids, answer_ids = tokenizer(prompt)["input_ids"], tokenizer(answer)["input_ids"]
        ids = [*prompt_ids, *answer_ids, 0]
        rows.append((ids, [-100] * len(prompt_ids) + ids[len(prompt_ids) :]))
    longest = max(len(ids) for ids, _ in rows)
    inputs = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in rows])
    labels = torch.tensor([row + [-100] * (longest - len(row)) for _, row in rows])
    mask = (torch.arange(longest) < torch.tensor([[len(ids)] for ids, _ in rows])).long()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    model.train()
    for _ in range(80):
        loss = model(input_ids=inputs, attention_mask=mask, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def prompt_of(record: dict[str, Any]) -> str:
    """A short prompt, because the model has a short context."""
    return f"# {record['entry_point']}\n"


class Recorded(GRPOTrainer):
    """Records the rewards as the trainer itself computed them."""

    def _calculate_rewards(
        self, inputs: list[dict[str, Any]], prompts: list[Any], completions: list[Any], ids: Any
    ) -> torch.Tensor:
        print("ask", flush=True)
        sys.stdin.readline()
        found: torch.Tensor = super()._calculate_rewards(inputs, prompts, completions, ids)
        record = {
            "task_ids": [one["task_id"] for one in inputs],
            "completions": completions,
            "rewards": found[:, 0].tolist(),
        }
        with (Path(folder) / "rewards.jsonl").open("a") as file:
            file.write(json.dumps(record) + "\n")
        return found


torch.set_num_threads(1)  # The model is too small for more, and cores may be busy.
torch.manual_seed(0)
model, tokenizer = tiny_model()
teach(model, tokenizer)
data = Dataset.from_list([{"prompt": prompt_of(one), "task_id": one["task_id"]} for one in records])
args = GRPOConfig(
    output_dir=folder,
    max_steps=int(steps),
    per_device_train_batch_size=8,
    num_generations=4,
    max_completion_length=32,
    learning_rate=1e-4,
    logging_steps=1,
    report_to="none",
    save_strategy="no",
    use_cpu=True,
    bf16=False,
)
names: dict[str, Any] = {
    "GRPOTrainer": partial(Recorded, processing_class=tokenizer),
    "model": model,
    "args": args,
    "data": data,
    "address": address,
    "problems": problems,
    "more": {"extract": False},
}
exec(example, names)
trainer = names["trainer"]
trainer.train()
(Path(folder) / "log.json").write_text(json.dumps(trainer.state.log_history))
