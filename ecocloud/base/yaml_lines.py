"""YAML with the line of every node, so that a fault in a data file can be named by file, line and field.

Numbers with a point are ``Decimal`` (never a float), and a key written twice in one mapping is a fault.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml

from ecocloud.base.errors import EcoError

Lines = dict[tuple, int]


class YamlFault(EcoError):
    """The text is not usable YAML; ``where`` has file and line."""

    code = "yaml.fault"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """The safe loader (in C where PyYAML has it) with exact numbers."""


_Loader.add_constructor(
    "tag:yaml.org,2002:float", lambda loader, node: Decimal(loader.construct_scalar(node).replace("_", ""))
)


def compose(text: str, name: str) -> tuple[Any, Lines]:
    """The YAML document and the line (from 1) of every node by its path of keys and positions.

    name: the file's name for messages. Raises :class:`YamlFault`.
    """
    lines: Lines = {}
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            return None, lines
        _walk(root, (), lines, name)
        return loader.construct_document(root), lines
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise YamlFault(
            "文件不是有效的 YAML。", f"{name}: {error}", where={"文件": name, "行": mark.line + 1 if mark else 1},
            remedy_zh="请检查缩进、引号和逗号。",
        ) from error  # fmt: skip


def _walk(node: Any, path: tuple, lines: Lines, name: str) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise YamlFault(
                    f"“{key.value}”写了两次。", f"{name}: key {key.value!r} twice", value=key.value,
                    where={"文件": name, "行": key.start_mark.line + 1}, remedy_zh="请删去一处。",
                )  # fmt: skip
            seen.add(key.value)
            _walk(value, (*path, key.value), lines, name)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            _walk(value, (*path, position), lines, name)


def line_of(lines: Lines, path: tuple) -> int:
    """The line of the node at ``path``, or of the nearest node above it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)
