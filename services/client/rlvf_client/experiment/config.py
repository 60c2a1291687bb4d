"""Reads, checks and writes experiments as YAML: presets and files of a person."""

from importlib.resources import files
from pathlib import Path

import yaml

from rlvf_api.errors import InvalidArgument
from rlvf_client.experiment.checking import check, nearest, nearest_name
from rlvf_client.experiment.claims import claims_of
from rlvf_client.experiment.places import Places
from rlvf_client.experiment.recipes import recipes_of
from rlvf_client.experiment.schema import Experiment
from rlvf_client.experiment.sources import check_files
from rlvf_client.experiment.template import START, experiment_template

PRESETS = files("rlvf_client") / "presets"


def presets() -> list[str]:
    """Names of the presets, sorted."""
    return sorted(Path(str(file)).stem for file in PRESETS.iterdir() if file.name.endswith(".yaml"))


def load_experiment(name_or_path: str, *, with_files: bool = False) -> Experiment:
    """Read a preset by its name, or a YAML file by its path; `with_files` checks the files that it
    names, too.

    Raises:
        InvalidArgument: there is no such preset or file; it is not YAML; or a key, a value or a
            file that it names is wrong. The message has the path, its line, and the nearest name
            where one was mistyped.
    """
    if name_or_path.endswith((".yaml", ".yml")) or "/" in name_or_path:
        path = Path(name_or_path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidArgument(str(path), error.strerror or str(error)) from None
        except UnicodeDecodeError as error:
            raise InvalidArgument(str(path), f"is not UTF-8 text: {error}") from None
        return parse_experiment(text, where=str(path), with_files=with_files)
    return parse_experiment(_preset(name_or_path), where=f"preset {name_or_path}")


def write_template(file: Path, preset: str = "") -> str:
    """Write an experiment to `file`, to be edited. It has all keys; those of `preset`, or of a
    first experiment, are set. Return its name, which is derived from that of the file.

    Raises:
        InvalidArgument: there is no such preset, or `file` exists already.
        OSError: it cannot be written.
    """
    given = yaml.safe_load(_preset(preset)) if preset else START
    name = nearest_name(file.stem) or "experiment"
    text = experiment_template({**given, "name": name}, file=str(file))
    try:
        with file.open("x", encoding="utf-8") as written:
            written.write(text)
    except FileExistsError:
        raise InvalidArgument(str(file), "exists already; name another file") from None
    return name


def _preset(name: str) -> str:
    if name not in presets():
        raise InvalidArgument(
            "preset",
            f"there is no preset {name!r}; there are: {', '.join(presets())}"
            f"{nearest(name, presets())}",
        )
    return (PRESETS / f"{name}.yaml").read_text()


def parse_experiment(text: str, *, where: str, with_files: bool = False) -> Experiment:
    """Read the YAML of an experiment; as `load_experiment`."""
    places = Places(text, where=where)
    try:
        record = yaml.safe_load(text)
    # An impossible date or number raises a bare ValueError.
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidArgument(where, f"is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(record, dict):
        raise InvalidArgument(where, "must be a mapping of settings, such as `name: my-experiment`")
    try:
        experiment = check(Experiment, record, before="")
        recipes = recipes_of(experiment)
        claims_of(experiment, recipes)
        if with_files:
            check_files(experiment, recipes)
    except InvalidArgument as error:
        field = error.field.replace("hyperparameters.", "training.")
        raise InvalidArgument(places.of(field), error.message) from None
    return experiment


def dump_experiment(experiment: Experiment) -> str:
    """The experiment as YAML, with all defaults."""
    text: str = yaml.safe_dump(experiment.model_dump(), sort_keys=False, width=100)
    return text
