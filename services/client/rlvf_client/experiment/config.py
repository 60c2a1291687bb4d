"""Experiments as YAML: what a person writes, checked before anything starts."""

import difflib
from importlib.resources import files
from pathlib import Path
from typing import TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.recipes import claims_of, recipes_of
from rlvf_client.experiment.schema import Experiment

PRESETS = files("rlvf_client") / "presets"

SectionT = TypeVar("SectionT", bound=BaseModel)


def presets() -> list[str]:
    """Names of the presets, sorted."""
    return sorted(Path(str(file)).stem for file in PRESETS.iterdir() if file.name.endswith(".yaml"))


def load_experiment(name_or_path: str) -> Experiment:
    """Read a preset by its name, or a YAML file by its path.

    Raises:
        InvalidArgument: there is no such preset or file, it is not YAML, or a key or value in it
            is wrong; the message names the place, and the nearest name where one was mistyped.
    """
    if name_or_path.endswith((".yaml", ".yml")) or "/" in name_or_path:
        path = Path(name_or_path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidArgument(str(path), error.strerror or str(error)) from None
        except UnicodeDecodeError as error:
            raise InvalidArgument(str(path), f"is not UTF-8 text: {error}") from None
        return parse_experiment(text, where=str(path))
    if name_or_path not in presets():
        raise InvalidArgument(
            "preset",
            f"there is no preset {name_or_path!r}{_nearest(name_or_path, presets())}; "
            f"there are: {', '.join(presets())}",
        )
    text = (PRESETS / f"{name_or_path}.yaml").read_text()
    return parse_experiment(text, where=f"preset {name_or_path}")


def parse_experiment(text: str, *, where: str) -> Experiment:
    """Read the YAML of an experiment; errors as `load_experiment`."""
    try:
        record = yaml.safe_load(text)
    except RecursionError:
        raise InvalidArgument(where, "is nested too deeply") from None
    # A date or a number that cannot be is a bare ValueError.
    except (yaml.YAMLError, ValueError) as error:
        place = " ".join(str(error).split())
        raise InvalidArgument(where, f"is not YAML: {place}") from None
    if not isinstance(record, dict):
        raise InvalidArgument(where, "must be a mapping of settings, as `name: my-experiment`")
    experiment = check(Experiment, record, where=where)
    try:
        claims_of(experiment, recipes_of(experiment))
    except InvalidArgument as error:
        place = error.field.replace("hyperparameters.", "training.")
        raise InvalidArgument(f"{where}, {place}", error.message) from None
    return experiment


def check(section: type[SectionT], record: object, *, where: str) -> SectionT:
    """What `record` says, which stands at `where`; errors as `load_experiment`."""
    try:
        return section.model_validate(record)
    except InvalidArgument as error:
        raise InvalidArgument(f"{where}, {error.field}", error.message) from None
    except ValidationError as error:
        problem = error.errors()[0]
        path = [part for part in problem["loc"] if isinstance(part, str | int)]
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            known = _keys(section, path[:-1])
            message = f"there is no such key{_nearest(str(path[-1]), known)}"
        elif problem["type"] != "missing":
            message = f"{message} (got {problem['input']!r})"
        raise InvalidArgument(f"{where}, {'.'.join(map(str, path))}", message) from None


def dump_experiment(experiment: Experiment) -> str:
    """The experiment as YAML, with all defaults."""
    text: str = yaml.safe_dump(experiment.model_dump(), sort_keys=False, width=100)
    return text


def _keys(section: type[BaseModel], path: list[str | int]) -> list[str]:
    for part in path:
        if isinstance(part, int):
            continue
        annotation = section.model_fields[part].annotation
        # Of a list, what it is a list of.
        annotation = next(iter(get_args(annotation)), annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            section = annotation
    return list(section.model_fields)


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
