"""Experiments that `rlvf init` writes."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment import schema, sections
from rlvf_client.experiment.config import (
    load_experiment,
    parse_experiment,
    presets,
    write_template,
)
from rlvf_client.experiment.template import START, experiment_template

_SECTIONS = [
    section
    for module in (sections, schema)
    for section in vars(module).values()
    if isinstance(section, type) and issubclass(section, BaseModel)
]


def _settings(text: str) -> dict[str, Any]:
    return parse_experiment(text, where="it").model_dump()


@pytest.mark.parametrize("preset", ["", *presets()])
def test_what_is_written_loads_as_what_it_was_made_of(tmp_path: Path, preset: str) -> None:
    file = tmp_path / "My_New Experiment.yaml"
    name = write_template(file, preset)
    assert name == "my-new-experiment"
    written = load_experiment(str(file)).model_dump()
    source = load_experiment(preset).model_dump() if preset else _settings(
        yaml.safe_dump({"name": "x", **START})
    )  # fmt: skip
    assert written == source | {"name": name}


@pytest.mark.parametrize("preset", ["", *presets()])
def test_every_key_behind_a_mark_is_valid_and_has_its_default(tmp_path: Path, preset: str) -> None:
    file = tmp_path / "mine.yaml"
    write_template(file, preset)
    text = file.read_text()
    whole = re.sub(r"^( *)#(?=\S)", r"\1", text, flags=re.MULTILINE)
    assert whole != text
    assert _settings(whole) == _settings(text)


def test_every_key_is_there_with_a_remark() -> None:
    text = experiment_template({"name": "x", **START}, file="x.yaml")
    whole = yaml.safe_load(re.sub(r"^( *)#(?=\S)", r"\1", text, flags=re.MULTILINE))
    assert whole.keys() == schema.Experiment.model_fields.keys()
    assert whole["training"].keys() == sections.Training.model_fields.keys()
    assert whole["training"]["validation"].keys() == sections.Validation.model_fields.keys()
    assert whole["data"]["selection"].keys() == sections.Selection.model_fields.keys()
    assert whole["arms"][0].keys() == schema.Arm.model_fields.keys()
    assert "# passes over the records; above 0, at most 1,000\n  #epochs: 1.0\n" in text
    assert "# number format of the frozen base weights; one of nf4, bf16, fp32\n" in text


@pytest.mark.parametrize("section", _SECTIONS)
def test_every_key_is_described(section: type[BaseModel]) -> None:
    assert [name for name, field in section.model_fields.items() if not field.description] == []


def test_a_preset_without_arms_shows_some_that_are_valid(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    write_template(file, "smoke")
    remark = schema.Experiment.model_fields["arms"].description or ""
    assert remark[:30] in file.read_text()
    arms = yaml.safe_load(remark[remark.index("[") : remark.index("]") + 1])
    found = parse_experiment(yaml.safe_dump({"name": "x", **START, "arms": arms}), where="it")
    assert [arm.control for arm in found.arms] == ["unverified", ""]


def test_no_file_is_written_over(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("kept")
    with pytest.raises(InvalidArgument, match=r"mine\.yaml: exists already; name another file"):
        write_template(file)
    assert file.read_text() == "kept"


def test_an_unknown_preset_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="did you mean 'smoke'"):
        write_template(tmp_path / "mine.yaml", "smok")
