"""Writes a random StarCoder2 of two layers, with a byte-level tokenizer, to the folder argv[1].
With `chat` behind it, it converses in the form of Qwen2.5: turns end in a token that is not the
tokenizer's end of sequence, and a line break follows. With `served`, vLLM on a CPU can serve it:
its heads are larger, and it reads 4,096 tokens, not 512.

StarCoder2 because that is the model to be trained in the end, and because it drops out, at the rate
of 0.1, in calls that switching off dropout modules does not reach.
"""

import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Starcoder2Config, Starcoder2ForCausalLM

END = "<|endoftext|>"
TURN = ["<|im_start|>", "<|im_end|>"]
TEMPLATE = """{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
chat, served = (word in sys.argv[2:] for word in ("chat", "served"))

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
backend = Tokenizer(models.BPE({END: 0} | {byte: i + 1 for i, byte in enumerate(alphabet)}, []))
backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
backend.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token=END)
if chat:
    tokenizer.add_special_tokens({"additional_special_tokens": TURN})
    tokenizer.chat_template = TEMPLATE
tokenizer.save_pretrained(sys.argv[1])

torch.manual_seed(0)
config = Starcoder2Config(
    vocab_size=len(tokenizer),
    hidden_size=64,
    intermediate_size=128,
    num_hidden_layers=2,
    num_attention_heads=1 if served else 4,
    num_key_value_heads=1 if served else 2,
    max_position_embeddings=4096 if served else 512,
    initializer_range=0.1,
    attention_dropout=0.1,
    residual_dropout=0.1,
    embedding_dropout=0.1,
    bos_token_id=0,
    eos_token_id=0,
)
model = Starcoder2ForCausalLM(config)
if chat:
    model.generation_config.eos_token_id = [0, tokenizer.convert_tokens_to_ids(TURN[1])]
model.save_pretrained(sys.argv[1])
