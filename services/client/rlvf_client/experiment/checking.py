"""Checks mappings that a person wrote against a pydantic model, with clear errors."""

import difflib
import re
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError

from rlvf_api.errors import InvalidArgument

__all__ = ["NAME", "check", "nearest", "nearest_name"]

NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"
"""The pattern of names of experiments and arms."""

SectionT = TypeVar("SectionT", bound=BaseModel)


def check(section: type[SectionT], record: object, *, before: str) -> SectionT:
    """The section that `record` describes.

    Raises:
        InvalidArgument: a key or value in it is wrong; names its path, after the prefix `before`,
            and the nearest key where one was mistyped.
    """
    try:
        return section.model_validate(record)
    except InvalidArgument as error:
        raise InvalidArgument(f"{before}{error.field}", error.message) from None
    except ValidationError as error:
        problem = error.errors()[0]
        path = [part for part in problem["loc"] if isinstance(part, str | int)]
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = f"there is no such key{nearest(str(path[-1]), _keys(section, path[:-1]))}"
        elif problem.get("ctx", {}).get("pattern") == NAME:
            message = _name_rule(str(problem["input"]))
        elif problem["type"] != "missing":
            message = f"{message} (got {problem['input']!r})"
        raise InvalidArgument(f"{before}{'.'.join(map(str, path))}", message) from None


def nearest(name: str, known: list[str]) -> str:
    """`; did you mean ...?` with the closest known name; empty if none is close."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def nearest_name(text: str) -> str:
    """A valid name of an experiment or an arm that is similar to `text`; empty if there is none."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:64].strip("-")


def _name_rule(name: str) -> str:
    """The rule for names, with a valid name that is similar."""
    valid = nearest_name(name)
    return (
        "must be 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit"
        f"{f', such as {valid!r}' if valid else ''} (got {name!r})"
    )


def _keys(section: type[BaseModel], path: list[str | int]) -> list[str]:
    for part in path:
        if isinstance(part, int):
            continue
        annotation = section.model_fields[part].annotation
        # The type of the elements of a list.
        annotation = next(iter(get_args(annotation)), annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            section = annotation
    return list(section.model_fields)
