"""What our settings mean for vLLM, without importing it."""

import pytest

from rlvf_common.rpc.settings import load
from rlvf_inference.launcher import launch
from rlvf_inference.settings import (
    LAUNCHED,
    InferenceSettings,
    engine_arguments,
    engine_environment,
    is_local_path,
)


def settings(**values: object) -> InferenceSettings:
    return InferenceSettings(model="some/model").model_copy(update=values)


def test_prompts_are_not_prefilled_in_chunks_on_a_cpu() -> None:
    arguments = engine_arguments(settings(max_model_len=4096), cpu=True)
    assert "--no-enable-chunked-prefill" in arguments
    assert "--max-num-batched-tokens=4096" in arguments
    assert not any("chunked" in each for each in engine_arguments(settings(), cpu=False))


def test_the_base_is_called_as_it_was_given_unless_it_has_a_name() -> None:
    assert settings().served_name == "some/model"
    assert settings(served_model_name="base").served_name == "base"


def test_sampling_is_not_changed_by_the_defaults_of_a_model() -> None:
    assert "--generation-config=vllm" in engine_arguments(settings(), cpu=True)


def test_probabilities_are_those_with_which_tokens_are_drawn() -> None:
    assert "--logprobs-mode=processed_logprobs" in engine_arguments(settings(), cpu=True)


def test_only_our_plugin_is_loaded_and_resolvers_are_asked() -> None:
    environment = engine_environment(settings(kv_cache_gib=3), cpu=True)
    assert environment["VLLM_PLUGINS"] == "rlvf_adapters"
    assert environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "1"
    assert environment["VLLM_CPU_KVCACHE_SPACE"] == "3"
    assert "VLLM_CPU_KVCACHE_SPACE" not in engine_environment(settings(), cpu=False)


@pytest.mark.parametrize("path", ["/models/x", "./x", "../x", "~/x", "a/b/c"])
def test_a_path_is_told_from_a_hugging_face_id(path: str) -> None:
    assert is_local_path(path)
    assert not is_local_path("bigcode/starcoder2-3b")
    assert not is_local_path("gpt2")


def test_a_missing_model_directory_is_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = launch(InferenceSettings(model="/there/is/no/model"))
    error = capsys.readouterr().err
    assert status == 2
    assert error.count("\n") == 1
    assert "RLVF_MODEL: there is no model in /there/is/no/model" in error


@pytest.mark.parametrize(
    ("name", "value"), [("LISTEN", "8000"), ("LISTEN", "h:99999"), ("DTYPE", "int4")]
)
def test_a_bad_setting_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RLVF_MODEL", "some/model")
    monkeypatch.setenv(f"RLVF_{name}", value)
    with pytest.raises(SystemExit) as exit_status:
        load(InferenceSettings)
    assert exit_status.value.code == 2
    assert f"RLVF_{name}" in capsys.readouterr().err


def test_our_launcher_turns_the_plugin_on() -> None:
    assert engine_environment(settings(), cpu=True)[LAUNCHED]
