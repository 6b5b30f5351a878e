"""One YAML file of a pack: its data, the line of every node, and all its mistakes, each with what follows from it left
out, so that everything else in the file and in the pack can still be checked. Pure but for the text given."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ecocloud.base.yaml_lines import YamlFault, line_of, salvage
from ecocloud.kernel.registers.errors import DefinitionError

# What is wrong in a word of pydantic: sentence and remedy in both languages; {input}, {key} and its context come in.
_SAID: dict[str, tuple[str, str, str, str]] = {
    "missing": ("缺少字段“{key}”。", "请补上该字段。", "The field {key!r} is missing.", "Add it."),
    "extra_forbidden": ("没有“{key}”这个字段。", "请检查拼写，或删去它。", "There is no field {key!r}.",
                        "Check the spelling, or take it out."),
    "literal_error": ("“{key}”不能是“{input}”。", "只能取 {expected} 之一。", "{key} cannot be {input!r}.",
                      "Use one of {expected_en}."),
    "string_too_short": ("“{key}”的字数不够。", "至少 {min_length} 个字。", "{key} has not enough characters.",
                         "At least {min_length}."),
    "string_too_long": ("“{key}”的字数过多。", "最多 {max_length} 个字。", "{key} has more characters than it may.",
                        "At most {max_length}."),
    "string_type": ("“{key}”应为文字，却是“{input}”。", "数字、日期和 yes、no、on、off 请加引号。",
                    "{key} must be text, not {input!r}.",
                    "Put numbers, dates, yes, no, on and off in quotation marks."),
    "too_short": ("“{key}”的项数不够。", "至少要有 {min_length} 项。", "{key} has not enough entries.",
                  "At least {min_length}."),
    "too_long": ("“{key}”的项数过多。", "最多 {max_length} 项。", "{key} has more entries than it may.",
                 "At most {max_length}."),
    "greater_than_equal": ("“{key}”的 {input} 小于下限。", "应不小于 {ge}。", "{key}: {input} is below the least.",
                           "At least {ge}."),
    "less_than_equal": ("“{key}”的 {input} 大于上限。", "应不大于 {le}。", "{key}: {input} is above the most.",
                        "At most {le}."),
}  # fmt: skip
_KINDS = {
    "tuple": ("列表", "a list"), "list": ("列表", "a list"), "dict": ("键值对", "a mapping"),
    "model": ("键值对", "a mapping"), "int": ("整数", "a whole number"), "decimal": ("数字", "a number"),
    "float": ("数字", "a number"), "bool": ("true 或 false", "true or false"),
    "date": ("日期（如 2026-01-31）", "a date (such as 2026-01-31)"), "string": ("文字", "text"),
}  # fmt: skip
# What a pattern asks for, told by the pattern; a code in any other case.
_PATTERNS = (
    ("一-", "须含汉字。", "It needs Chinese characters."),
    ("x20", "只能用英文字符。", "Only ASCII characters."),
    (r"\d+\.", "应为三段数字，如 1.0.0。", "Three numbers, such as 1.0.0."),
    (r"^S\d", "应为 S 加三位数字，如 S107。", "S and three digits, such as S107."),
    ("https", "应为 http:// 或 https:// 开头的网址。", "An address that begins with http:// or https://."),
    ("^[A-Z]", "用 2 至 6 个大写字母。", "2 to 6 capital letters."),
    (
        "-]{2",
        "用小写字母、数字和连字符，以字母开头，3 至 40 个。",
        "Lower-case letters, digits and hyphens, a letter first, 3 to 40.",
    ),
)
_CODE = ("代码用小写字母、数字和下划线，以字母开头。", "Lower-case letters, digits and underscores, a letter first.")
# By these keys other parts of a pack refer to an entry.
_NAMES = ("code", "id", "action", "name", "item")
_NAMED = re.compile(r"\b(?:code|id|action|name|item)\s*:\s*[\"']?([^,}\"'\n]+)")
_ROUNDS = 20


class _Gone:
    """What stands where an entry was that cannot be used."""

    def __repr__(self) -> str:
        return "gone"

    def __deepcopy__(self, memo: dict) -> _Gone:
        return self


_GONE = _Gone()
Model = TypeVar("Model", bound=BaseModel)


class Source:
    """One YAML file.

    ``faults``: its mistakes so far. ``withheld``: the codes and names of what could not be used; a mistake that only
    says that one of them is not there follows from another and is not added.
    """

    def __init__(self, text: str, name: str, withheld: set[str] | None = None) -> None:
        self.name = name
        self.withheld = set() if withheld is None else withheld
        self.faults: list[DefinitionError] = []
        self._stood_in: set[str] = set()
        self._taken: set[str] = set()
        self._kept: dict[tuple, list[int]] = {}
        found = salvage(text, name, _GONE)
        self.data, self.lines, self._lost = found.data, found.lines, found.lost
        for part in self._lost.values():
            self.withheld.update(_NAMED.findall(part))
        self.faults += [_of_yaml(one) for one in found.faults]

    def fault(
        self, path: tuple, zh: str, en: str, value: Any = None, remedy: str = "", remedy_en: str = ""
    ) -> DefinitionError:
        """A mistake at ``path`` (of the model this source gave)."""
        path = self._origin(path)
        dotted = ".".join(str(part) for part in path) or "全文"
        line = line_of(self.lines, path)
        where = {"文件": self.name, "行": line, "字段": dotted}
        return DefinitionError(zh, f"{self.name}:{line} {dotted}: {en}", where=where, value=value, remedy_zh=remedy,
                               remedy_en=remedy_en)  # fmt: skip

    def add(self, path: tuple, zh: str, en: str, value: Any = None, remedy: str = "", remedy_en: str = "") -> None:
        """Note a mistake at ``path``, unless it only follows from one that is noted already."""
        if path and path[0] in self._stood_in:
            return
        text = str(value)
        words = {text, text.partition(":")[2], *re.split(r"[.:]", text), *re.findall("“([^”]*)”", zh)}
        if not words & self.withheld:
            self.faults.append(self.fault(path, zh, en, value, remedy, remedy_en))

    @property
    def incomplete(self) -> set[str]:
        """The keys at the margin under which something could not be used."""
        return self._taken | self._stood_in | self._lost.keys()

    def usable(self, given: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
        """Values by field without those of fields that could not be used."""
        return {key: value for key, value in given.items() if key in known or key not in self.withheld}

    def model(self, kind: type[Model], stand_ins: Mapping[str, Any]) -> Model | None:
        """The data as a model of as much as is right, every mistake noted; None when there is too little.

        stand_ins: for fields at the margin that must be there, what stands there when they are missing or wrong;
        mistakes under them are not noted.
        """
        if not isinstance(self.data, dict):
            if not self.faults:
                self.add((), "文件里没有键值对。", "not a mapping", None, "请对照说明书写。", "Write keys and values.")
            return None
        data = self.data
        for attempt in range(_ROUNDS):
            self._kept = {}
            try:
                return kind.model_validate(data if not (attempt or self._lost) else self._compact(data, ()))
            except ValidationError as error:
                found = [({**one, "loc": self._origin(one["loc"])}) for one in error.errors()]
            self._kept = {}
            if not attempt:
                data = copy.deepcopy(data)
                self.faults += [
                    self._of(one) for one in found if not (len(one["loc"]) == 1 and one["loc"][0] in self._lost)
                ]
            for one in found:
                if not self._take_out(data, one["loc"], one["type"], stand_ins):
                    return None
        return None

    def _compact(self, node: Any, path: tuple) -> Any:
        """A copy without what is gone; where an entry of a list stood before is kept."""
        if isinstance(node, dict):
            return {key: self._compact(value, (*path, key)) for key, value in node.items() if value is not _GONE}
        if isinstance(node, list):
            self._kept[path] = [n for n, value in enumerate(node) if value is not _GONE]
            return [self._compact(node[n], (*path, n)) for n in self._kept[path]]
        return node

    def _origin(self, path: tuple) -> tuple:
        """A path of the model as a path of the file."""
        found: tuple = ()
        for part in path:
            kept = self._kept.get(found)
            found += (kept[part] if kept and isinstance(part, int) and part < len(kept) else part,)
        return found

    def _take_out(self, data: Any, path: tuple, kind: str, stand_ins: Mapping[str, Any]) -> bool:
        """Make ``data`` right at ``path``: what may be left out goes, else the entry of the list it belongs to, else
        something stands in. False when nothing helps."""
        if kind != "missing" and isinstance(path[-1], str) and not (len(path) == 1 and path[0] in stand_ins):
            if not any(isinstance(part, int) for part in path):
                self.withheld.add(path[0])  # a rule of the whole type, as where its objects lie
            return self._set(data, path, _GONE)
        upto = next((n for n in range(len(path), 0, -1) if isinstance(path[n - 1], int)), 0)
        if upto:
            return self._set(data, path[:upto], _GONE)
        if path[0] in stand_ins:
            data[path[0]] = stand_ins[path[0]]
            self._stood_in.add(path[0])
            return True
        return len(path) > 1 and self._set(data, path[:1], _GONE)

    def _set(self, data: Any, path: tuple, value: Any) -> bool:
        self._taken.add(path[0])
        for part in path[:-1]:
            if data is _GONE:
                return True  # the entry went with another of its mistakes
            data = data[part]
        if data is _GONE:
            return True
        old = data[path[-1]] if isinstance(data, list) else data.get(path[-1])
        if isinstance(data, list) and isinstance(old, dict):
            self.withheld |= {str(old[key]) for key in _NAMES if old.get(key)}
        data[path[-1]] = value
        return True

    def _of(self, fault: Any) -> DefinitionError:
        """A mistake that pydantic found, in words."""
        path, kind = fault["loc"], fault["type"]
        ctx = fault.get("ctx", {})
        told = {
            "key": str(path[-1]),
            "input": _short(fault["input"]),
            **{key: str(value) for key, value in ctx.items()},
        }
        told["expected_en"] = told.get("expected", "").replace("'", "")
        told["expected"] = told["expected_en"].replace(" or ", "、").replace(", ", "、")
        value = None if kind == "missing" else told["input"]
        if isinstance(path[-1], int):
            told["key"] = f"{path[-2]} 第 {path[-1] + 1} 项" if len(path) > 1 else "第一层"
        if kind == "string_pattern_mismatch":
            remedies = next((one[1:] for one in _PATTERNS if one[0] in told["pattern"]), _CODE)
            zh, en = "“{key}”不能写成“{input}”。", "{key} cannot be {input!r}."
        elif kind in _SAID:
            zh, remedy_zh, en, remedy_en = _SAID[kind]
            remedies = (remedy_zh.format_map(told), remedy_en.format_map(told))
        else:
            words = _KINDS.get(kind.partition("_")[0], ("说明中规定的值", "what the definition says"))
            zh, en = "“{key}”的值“{input}”不对。", "{key} cannot be {input!r}."
            remedies = (f"应为{words[0]}。", f"It must be {words[1]}.")
        return self.fault(path, zh.format_map(told), en.format_map(told), value, *remedies)


def _short(value: Any) -> str:
    text = str(value)
    return f"{text[:60]}…" if len(text) > 60 else text


def _of_yaml(fault: YamlFault) -> DefinitionError:
    name, line = fault.where["文件"], fault.where["行"]
    text = fault.message_en.removeprefix(f"{name}: ").replace("\n", " ")
    return DefinitionError(fault.message_zh, f"{name}:{line} {text}", where={"文件": name, "行": line, "字段": "全文"},
                           value=fault.value, remedy_zh=fault.remedy_zh,
                           remedy_en="Check indentation, quotation marks, brackets, commas and keys.")  # fmt: skip


def in_order(faults: Iterable[DefinitionError], files: list[str]) -> list[DefinitionError]:
    """Mistakes by file and line, each once."""
    rank = {name: n for n, name in enumerate(files)}
    seen: dict[tuple, DefinitionError] = {}
    for one in faults:
        seen.setdefault((one.where["文件"], one.where["字段"], one.message_zh), one)
    return sorted(seen.values(), key=lambda one: (rank.get(one.where["文件"], -1), one.where["行"]))
