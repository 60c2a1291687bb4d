"""Loads the base model and its tokenizer: in the wanted precision, with all dropout off."""

from typing import NamedTuple

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_api.hyperparameters import Precision
from rlvf_trainer.job.encoding import Encoder
from rlvf_trainer.job.errors import first_line, is_network_problem, resource_problem
from rlvf_trainer.job.processes import device_index


class Base(NamedTuple):
    """A base model, in training mode, and its tokenizer."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


def load_base(base_model: str, precision: Precision) -> Base:
    """Load model and tokenizer.

    Raises:
        FailedPrecondition: they cannot be loaded.
        Unavailable: the hub that has them cannot be reached.
        ResourceExhausted: there is not enough memory for them.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(base_model)
        config = AutoConfig.from_pretrained(base_model)
        turn_dropout_off(config)
        model = AutoModelForCausalLM.from_pretrained(
            base_model,
            config=config,
            dtype=torch.float32 if precision is Precision.FP32 else torch.bfloat16,
            quantization_config=_QUANTIZED if precision is Precision.NF4 else None,
            device_map={"": device_index()} if torch.cuda.is_available() else None,
        )
    except Exception as error:  # the libraries raise every kind of exception
        kind = Unavailable if is_network_problem(error) else FailedPrecondition
        raise resource_problem(error) or kind(
            f"the base model {base_model} cannot be loaded: {first_line(error)}"
        ) from error
    # In evaluation mode bitsandbytes repacks 4-bit weights in a way that has no gradient. Training
    # mode changes no result, since the base's dropout is off.
    model.train()
    if tokenizer.pad_token_id is None:
        # Padding is masked everywhere, so any token will do.
        tokenizer.pad_token = tokenizer.eos_token
    # PEFT writes this into the adapter as its base: the name that the caller gave, not the one in
    # the checkpoint.
    model.config._name_or_path = base_model
    return Base(model, tokenizer)


def encoder(base: Base) -> Encoder:
    """An encoder of records for a model: its tokenizer, with all tokens that end its generation.

    Raises:
        FailedPrecondition: the tokenizer has no end-of-sequence token.
    """
    stops = base.model.generation_config.eos_token_id if base.model.generation_config else None
    return Encoder(base.tokenizer, [stops] if isinstance(stops, int) else stops or [])


_QUANTIZED = BitsAndBytesConfig(
    load_in_4bit=True,
    bnb_4bit_quant_type="nf4",
    bnb_4bit_use_double_quant=True,
    bnb_4bit_compute_dtype=torch.bfloat16,
)


def turn_dropout_off(config: PreTrainedConfig) -> None:
    """Set every dropout rate of a model's configuration to 0.

    Policy and reference are two passes through one model, and dropout would make them differ. TRL's
    own switch finds dropout modules only, and some architectures (StarCoder2, with rates of 0.1)
    call the function instead. It would also turn off LoRA's dropout.
    """
    for name, value in config.to_dict().items():
        if isinstance(value, float) and name.endswith(("dropout", "pdrop")):
            setattr(config, name, 0.0)
