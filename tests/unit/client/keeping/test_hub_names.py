"""The hub's names of data sets."""

import pytest

from rlvf_client.keeping.hub_names import data_set_on_hub


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("humaneval", "openai/openai_humaneval"),
        ("livecodebench", "livecodebench/code_generation_lite"),
        ("bigcodebench", "bigcode/bigcodebench"),
        ("bigcodebench-instruct", "bigcode/bigcodebench"),
        ("livecodebench-from-2024-08-01-to-2025-01-31", "livecodebench/code_generation_lite"),
        ("ours-from-2024-08-01", None),
    ],
)
def test_window_of_a_data_set_is_of_that_data_set(name: str, found: str | None) -> None:
    assert data_set_on_hub(name) == found
