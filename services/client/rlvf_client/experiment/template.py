"""Writes an experiment as YAML with all keys, for `rlvf init`: those not given are comments.

    # passes over the records; above 0, at most 1,000
    #epochs: 1.0

A `#` and a space begin a remark; a `#` alone stands before a key with its default. All of it comes
from the sections' own descriptions, bounds and defaults.
"""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from rlvf_client.experiment.schema import Experiment

__all__ = ["START", "experiment_template"]

START: Mapping[str, Any] = {
    "model": "smollm2-135m-instruct",
    "problems": {"source": "starter"},
    "data": {"sampling": {"samples_per_problem": 8, "temperature": 0.8}},
    "arms": [
        {"name": "rft", "method": "rft", "control": "rft-unverified"},
        {"name": "rft-unverified", "method": "rft", "verdicts": "ignored"},
    ],
    "evaluation": {"benchmarks": ["humaneval"]},
    "primary": {"treatment": "rft", "benchmark": "humaneval"},
}
"""The experiment of `rlvf init`: training on verified answers, and its control."""

_HEAD = """\
# An experiment of RLVF; to run it: rlvf run {file}
# A key behind a `#` has its default. To change it, remove the `#`, and that of the key it is below.
"""
_WIDTH = 96
# Not shown: bounds of a number's type, and that a count is at least 0.
_LARGE = 2**31 - 1
_BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}


def experiment_template(given: Mapping[str, Any], *, file: str) -> str:
    """The YAML of an experiment with the settings `given`, as a person would write them; `file` is
    where it will be."""
    return _HEAD.format(file=file) + "\n".join(_section(Experiment, given, "", "\n")) + "\n"


def _section(
    section: type[BaseModel],
    given: Mapping[str, Any],
    indent: str,
    before: str = "",
    defaults: BaseModel | None = None,
) -> Iterator[str]:
    """The lines of a section; `defaults` has the defaults of keys that are not given, where they
    differ from the section's own."""
    for name, field in section.model_fields.items():
        remark = before + indent + "# "
        yield "\n".join(
            wrap(_about(field), _WIDTH, initial_indent=remark, subsequent_indent=f"{indent}# ")
        )
        if name in given:
            yield from _entry(name, _model_of(field), given[name], indent)
        else:
            default = field.get_default(call_default_factory=True)
            yield from _comment(name, getattr(defaults, name, default), indent)


def _entry(name: str, inner: type[BaseModel] | None, value: Any, indent: str) -> Iterator[str]:
    """A key that is given."""
    if inner is not None and isinstance(value, Mapping):
        yield f"{indent}{name}:"
        yield from _section(inner, value, f"{indent}  ")
    elif inner is not None and isinstance(value, Sequence):
        yield f"{indent}{name}:"
        for number, element in enumerate(value):
            if number or not isinstance(element, Mapping):
                yield f"{indent}  - {_inline(element)}"
            else:
                yield from _element(inner, element, f"{indent}    ")
    else:
        yield f"{indent}{name}: {_inline(value)}"


def _element(inner: type[BaseModel], given: Mapping[str, Any], indent: str) -> Iterator[str]:
    """The first element of a list, with all its keys."""
    has_dash = False
    for line in _section(inner, given, indent):
        if not has_dash and not line.lstrip().startswith("#"):
            has_dash = True
            line = f"{indent[:-2]}- {line.removeprefix(indent)}"
        yield line


def _comment(name: str, value: Any, indent: str) -> Iterator[str]:
    """A key with its default, after a `#`."""
    if isinstance(value, BaseModel):
        yield f"{indent}#{name}:"
        yield from _section(type(value), {}, f"{indent}  ", defaults=value)
    else:
        yield f"{indent}#{name}: {_inline(value)}"


def _inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, list):
        value = [one.model_dump() if isinstance(one, BaseModel) else one for one in value]
    text: str = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, width=float("inf"), allow_unicode=True
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _about(field: FieldInfo) -> str:
    """The description of a key, with its bounds or choices."""
    bounds = [
        f"{words} {getattr(bound, name):,}"
        for bound in field.metadata
        for name, words in _BOUNDS.items()
        if getattr(bound, name, _LARGE) < _LARGE and (name, getattr(bound, name)) != ("ge", 0)
    ]
    choices = [one for one in _parts(field.annotation) if isinstance(one, str)]
    said = [f"one of {', '.join(choices)}"] if choices else [", ".join(bounds)] if bounds else []
    return "; ".join([field.description or "", *said])


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section that a key holds, alone or in a list."""
    for part in _parts(field.annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation and the types in it, and the choices of a literal."""
    yield annotation
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif get_origin(annotation) is not dict:
        for part in get_args(annotation):
            yield from _parts(part)
