"""Writes a random StarCoder2 of two layers, with a byte-level tokenizer, to the folder argv[1].

StarCoder2 because that is the model to be trained in the end, and because it drops out, at the rate
of 0.1, in calls that switching off dropout modules does not reach.
"""

import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Starcoder2Config, Starcoder2ForCausalLM

END = "<|endoftext|>"

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
backend = Tokenizer(models.BPE({END: 0} | {byte: i + 1 for i, byte in enumerate(alphabet)}, []))
backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
backend.decoder = decoders.ByteLevel()
PreTrainedTokenizerFast(tokenizer_object=backend, eos_token=END).save_pretrained(sys.argv[1])

torch.manual_seed(0)
config = Starcoder2Config(
    vocab_size=len(alphabet) + 1,
    hidden_size=64,
    intermediate_size=128,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=512,
    initializer_range=0.1,
    attention_dropout=0.1,
    residual_dropout=0.1,
    embedding_dropout=0.1,
    bos_token_id=0,
    eos_token_id=0,
)
Starcoder2ForCausalLM(config).save_pretrained(sys.argv[1])
