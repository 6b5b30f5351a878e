"""Definitions from YAML: every mistake named with file, line, field, value and remedy. Pure but for the text given."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ecocloud.base.errors import EcoError
from ecocloud.base.yaml_lines import YamlFault, compose, line_of
from ecocloud.kernel.registers import places, rules, values
from ecocloud.kernel.registers.definition import Example, TypeDefinition
from ecocloud.kernel.registers.errors import DefinitionError, DefinitionFaults

_REMEDIES = {
    "missing": "请补上该字段。",
    "extra_forbidden": "没有这个字段，请检查拼写。",
    "literal_error": "只能取 {expected} 之一。",
    "string_pattern_mismatch": "应符合 {pattern}（代码用小写字母、数字和下划线；中文名含汉字；英文名用英文字符）。",
    "string_too_short": "不能空。",
    "string_too_long": "最多 {max_length} 个字。",
    "string_type": "应为文字；数字、日期和 yes、no、on、off 请加引号。",
    "too_short": "至少 {min_length} 项。",
    "too_long": "最多 {max_length} 项。",
    "tuple_type": "应为列表。",
    "dict_type": "应为键值对。",
    "model_type": "应为键值对。",
    "bool_type": "应为 true 或 false。",
    "int_type": "应为整数。",
}
# A date inside an example or a file name never depends on the day of reading.
EXAMPLE_DAY = date(2026, 1, 1)
Model = TypeVar("Model", bound=BaseModel)


class Source:
    """One YAML file: its data, and the line of every node."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        try:
            self.data, self.lines = compose(text, name)
        except YamlFault as error:
            raise DefinitionFaults([
                DefinitionError(error.message_zh, error.message_en, where=error.where, value=error.value,
                                remedy_zh=error.remedy_zh)
            ]) from error  # fmt: skip

    def fault(self, path: tuple, zh: str, en: str, value: Any = None, remedy: str = "") -> DefinitionError:
        """A mistake at ``path``."""
        dotted = ".".join(str(part) for part in path) or "全文"
        line = line_of(self.lines, path)
        where = {"文件": self.name, "行": line, "字段": dotted}
        return DefinitionError(zh, f"{self.name}:{line} {dotted}: {en}", where=where, value=value, remedy_zh=remedy)

    def model(self, kind: type[Model], data: Any = None, path: tuple = ()) -> Model:
        """The data as a checked model; raises :class:`DefinitionFaults` with every mistake."""
        try:
            return kind.model_validate(self.data if data is None else data)
        except ValidationError as error:
            raise DefinitionFaults([self._of(path, one) for one in error.errors()]) from error

    def _of(self, path: tuple, fault: Any) -> DefinitionError:
        place = (*path, *fault["loc"])
        context = {key: str(value) for key, value in fault.get("ctx", {}).items()}
        context["expected"] = context.get("expected", "").replace(" or ", "、").replace("'", "")
        kind = fault["type"]
        remedy = _REMEDIES.get(kind, "请对照说明改正。")
        remedy = remedy.format_map({"pattern": "", "max_length": "", "min_length": "", **context})
        if kind == "missing":
            return self.fault(place, f"缺少字段“{place[-1]}”。", "missing", None, remedy)
        shown = str(fault["input"])[:60]
        what = "不认识的字段" if kind == "extra_forbidden" else "值"
        return self.fault(
            place, f"“{place[-1] if place else ''}”的{what}“{shown}”不合规定。", fault["msg"], shown, remedy
        )


def read_type(text: str, name: str, icons: frozenset[str] | None = None) -> TypeDefinition:
    """A register type from the text of ``name``; raises :class:`DefinitionFaults` with every mistake found.

    icons: the names that it may give as its icon; None: not checked.
    """
    source = Source(text, name)
    definition = source.model(TypeDefinition)
    faults = [
        source.fault(one.path, one.message_zh, one.message_en, one.value, one.remedy_zh)
        for one in rules.mistakes(definition)
    ]
    if icons is not None and definition.icon not in icons:
        near = get_close_matches(definition.icon, icons, n=5, cutoff=0.3) or sorted(icons)[:5]
        faults.append(source.fault(("icon",), f"没有图标“{definition.icon}”。", "unknown icon", definition.icon,
                                   f"相近的有：{'、'.join(near)}；全部名称见图标集。"))  # fmt: skip
    if not faults:
        for position, example in enumerate(definition.examples):
            faults += _example(source, definition, position, example)
    if faults:
        raise DefinitionFaults(faults)
    return definition


def _example(source: Source, definition: TypeDefinition, position: int, example: Example) -> list[DefinitionError]:
    path = ("examples", position)
    faults = []
    if example.state and example.state not in definition.state_by_code:
        faults.append(source.fault((*path, "state"), f"没有状态“{example.state}”。", "unknown state", example.state))
    found, wrong = values.clean(definition, example.values)
    found = values.completed(definition, found, EXAMPLE_DAY)
    if not wrong:
        # Files and inspections are not part of an example: rules that need them are unknown, not false.
        wrong = values.judge(definition, {**found, "name": example.name}, EXAMPLE_DAY)
    faults += [
        source.fault((*path, "values", one.field), f"示例“{example.name}”：{one.message_zh}", one.message_en, one.value,
                     one.remedy_zh)
        for one in wrong
    ]  # fmt: skip
    try:
        places.read(example.geometry, definition.geometry)
    except EcoError as error:
        faults.append(source.fault((*path, "geometry"), f"示例“{example.name}”：{error.message_zh}", error.message_en,
                                   error.value, error.remedy_zh))  # fmt: skip
    return faults


def from_stored(stored: dict[str, Any]) -> TypeDefinition:
    """A definition as it was written down with a version (it was checked then)."""
    return TypeDefinition.model_validate(stored)
