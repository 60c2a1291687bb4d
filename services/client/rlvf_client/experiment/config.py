"""Experiments as YAML: what a person writes, checked before anything starts."""

from importlib.resources import files
from pathlib import Path

import yaml

from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.checking import check, nearest
from rlvf_client.experiment.recipes import claims_of, recipes_of
from rlvf_client.experiment.schema import Experiment

PRESETS = files("rlvf_client") / "presets"


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
            f"there is no preset {name_or_path!r}{nearest(name_or_path, presets())}; "
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
    experiment = check(Experiment, record, before=f"{where}, ")
    try:
        claims_of(experiment, recipes_of(experiment))
    except InvalidArgument as error:
        place = error.field.replace("hyperparameters.", "training.")
        raise InvalidArgument(f"{where}, {place}", error.message) from None
    return experiment


def dump_experiment(experiment: Experiment) -> str:
    """The experiment as YAML, with all defaults."""
    text: str = yaml.safe_dump(experiment.model_dump(), sort_keys=False, width=100)
    return text
