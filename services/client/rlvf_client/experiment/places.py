"""Finds the line of a setting in a YAML text, for error messages."""

import yaml

from rlvf_api.errors import InvalidArgument

__all__ = ["Places"]


class Places:
    """The lines of a YAML text."""

    def __init__(self, text: str, *, where: str) -> None:
        """`where` names the text in errors.

        Raises:
            InvalidArgument: it is not YAML, or has a key twice; with the line.
        """
        self._where = where
        try:
            self._root = yaml.compose(text, yaml.SafeLoader)
        except RecursionError:
            raise InvalidArgument(where, "is nested too deeply") from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = f"{where}, line {mark.line + 1}" if mark is not None else where
            raise InvalidArgument(place, f"is not YAML: {error.problem}") from None
        except yaml.YAMLError as error:
            raise InvalidArgument(where, f"is not YAML: {' '.join(str(error).split())}") from None
        if self._root is not None:
            self._refuse_double_keys(self._root, set())

    def of(self, field: str) -> str:
        """File, line and path of a setting such as `arms.0.name`; where the setting is missing, the
        line is that of the nearest setting above it."""
        node, line = self._root, 0
        for part in field.split("."):
            if isinstance(node, yaml.SequenceNode) and part.isdigit():
                node = node.value[int(part)] if int(part) < len(node.value) else None
                line = node.start_mark.line + 1 if node is not None else line
            elif isinstance(node, yaml.MappingNode):
                found = [pair for pair in node.value if pair[0].value == part]
                # A single source needs no list.
                if not found and part.isdigit():
                    continue
                if not found:
                    break
                key, node = found[0]
                line = key.start_mark.line + 1
            else:
                break
        return ", ".join([self._where, *([f"line {line}"] if line else []), field])

    def _refuse_double_keys(self, node: yaml.Node, above: set[int]) -> None:
        """Raise InvalidArgument for a key that occurs twice, of which YAML would take the last.
        `above` are the ids of nodes that were visited: an anchor repeats them."""
        if id(node) in above:
            return
        above.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            for one in node.value:
                self._refuse_double_keys(one, above)
        elif isinstance(node, yaml.MappingNode):
            lines: dict[object, int] = {}
            for key, value in node.value:
                name = key.value if isinstance(key, yaml.ScalarNode) else id(key)
                line = key.start_mark.line + 1
                if name in lines:
                    raise InvalidArgument(
                        f"{self._where}, line {line}",
                        f"`{name}` was already set in line {lines[name]}; leave one out",
                    )
                lines[name] = line
                self._refuse_double_keys(value, above)
