"""One cell of a column: from what stands in the workbook to the row's value."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from ecocloud.base.sheets import guard
from ecocloud.base.sheets.dates import WINDOWS_EPOCH, read_date, read_period
from ecocloud.base.sheets.faults import CellError
from ecocloud.base.sheets.numbers import EXACT_DIGITS, from_float, read_number, read_whole
from ecocloud.base.sheets.spec import Choice, Column
from ecocloud.base.typed import BadInput, plain, visible, words

CUT_MARK = "……（超出单元格容量，已截断）"
BLANK_MARKS = frozenset({"-", "--", "—", "——", "/", "\\", "无", "暂无", "N/A", "n/a", "NA"})
ERROR_MEANINGS = {
    "#REF!": "公式引用的单元格已被删除",
    "#N/A": "公式没有查到值",
    "#VALUE!": "公式的数据类型不对",
    "#DIV/0!": "公式除以了零",
    "#NAME?": "公式里有不认识的名称",
    "#NUM!": "公式算不出数",
    "#NULL!": "公式的区域没有交集",
}
_SEPARATORS = re.compile(r"[、，,；;\n]+")


class RawCell(NamedTuple):
    """What stands in a cell. ``is_error`` for #REF! and the like, ``percent`` when formatted as a percentage,
    ``uncached`` for a formula whose result is not stored in the file."""

    value: Any
    is_error: bool = False
    percent: bool = False
    uncached: bool = False


@dataclass
class CellReader:
    """Reads the cells of one column; lookups are remembered. ``unit`` is the unit in the file's header."""

    column: Column
    unit: str | None = None
    epoch: date = WINDOWS_EPOCH
    needed: bool = False
    lookup: Callable[[str], Sequence[Choice]] | None = None
    _known: dict[str, tuple[Any, list[str]]] = field(default_factory=dict)

    def read(self, cell: RawCell) -> tuple[Any, list[str]]:
        """The value (None when empty) and notes. Raises :class:`CellError`."""
        column = self.column
        if cell.uncached:
            raise CellError(
                "公式没有算出的结果。",
                "formula without cached value",
                remedy_zh="请用 Excel 打开并保存一次，或改填数值。",
                code="formula",
            )
        if cell.is_error:
            meaning = ERROR_MEANINGS.get(str(cell.value), "公式出错")
            raise CellError(
                f"单元格是 {cell.value}，{meaning}。",
                f"error cell {cell.value}",
                value=cell.value,
                remedy_zh="请改正公式或改填数值。",
                code="error_cell",
            )
        value = cell.value
        if isinstance(value, str):
            value = self._text(value)
        if value is None or value == "" or (column.kind != "text" and isinstance(value, str) and _is_blank(value)):
            if self.needed:
                raise CellError(
                    "没有填写。", "empty", value=cell.value, remedy_zh=f"本列必填{_hint(column)}。", code="required"
                )
            return None, []
        return self._typed(value, cell.percent)

    def _text(self, text: str) -> str:
        text = guard.unescape(text)
        text = guard.unquote(text) if guard.is_quoted(text) else text.strip()
        try:
            text = words(text) if self.column.one_line else visible(text)
        except BadInput as bad:
            raise CellError(bad.message_zh, bad.message_en, value=bad.value, remedy_zh=bad.remedy_zh,
                            code="signs") from None  # fmt: skip
        if text.endswith(CUT_MARK):
            raise CellError(
                "文字在导出时被截断，不完整。", "cut text", value=text[:30], remedy_zh="请填写完整文字。", code="cut"
            )
        return text

    def _typed(self, value: Any, percent: bool) -> tuple[Any, list[str]]:
        column = self.column
        match column.kind:
            case "text":
                return self._as_text(value)
            case "int":
                return read_whole(value, column, percent=percent, unit=self.unit)
            case "decimal" | "percent":
                return read_number(value, column, percent=percent, unit=self.unit)
            case "date":
                return read_date(value, column, self.epoch)
            case "period":
                return read_period(value, column)
            case _:
                return self._as_code(value)

    def _as_text(self, value: Any) -> tuple[str, list[str]]:
        column = self.column
        text, notes = as_text(value)
        if len(text) > column.max_len:
            raise CellError(
                f"文字有 {len(text)} 个字，超过 {column.max_len} 个。",
                f"text of {len(text)} characters",
                value=text[:30],
                remedy_zh=f"应不超过 {column.max_len} 个字。",
                code="too_long",
            )
        return text, [f"{column.title_zh}：{note}" for note in notes]

    def _as_code(self, value: Any) -> tuple[Any, list[str]]:
        text = as_text(value)[0]
        if text not in self._known:
            if not self.column.multiple:
                self._known[text] = self._one_code(text)
            else:
                whole = self.column.by_name.get("".join(text.split()), ())
                parts = [text] if len(whole) == 1 else [part for part in _SEPARATORS.split(text) if part.strip()]
                found = [self._one_code(part.strip()) for part in parts]
                codes = tuple(dict.fromkeys(code for code, _ in found))
                self._known[text] = codes, [note for _, notes in found for note in notes]
        return self._known[text]

    def _one_code(self, text: str) -> tuple[str, list[str]]:
        column = self.column
        code, label = self._by_code(text)
        if code is not None:
            if label and code.label and "".join(label.split()) not in _names(code):
                note = f"{column.title_zh}：代码 {code.code} 是“{code.label}”，表中写作“{label}”，以代码为准"
                return code.code, [note]
            return code.code, []
        found = self._by_name(text)
        if len(found) == 1:
            return found[0].code, []
        if found:
            options = "、".join(choice.text for choice in found[:5])
            raise CellError(
                f"“{text}”对应 {len(found)} 个代码。",
                f"{text!r} is ambiguous",
                value=text,
                remedy_zh=f"请写代码：{options}。",
                code="ambiguous",
            )
        raise CellError(
            f"字典里没有“{text[:30]}”。",
            f"{text!r} is not in the dictionary",
            value=text,
            remedy_zh=_options(column),
            code="unknown_code",
        )

    def _by_code(self, text: str) -> tuple[Choice | None, str]:
        """The choice whose code starts the cell, and what stands behind the code."""
        head, _, rest = text.replace("\u3000", " ").partition(" ")
        choices = self.column.by_code
        for code, label in ((text, ""), (head, rest.strip()), (plain(head), rest.strip())):
            if code in choices:
                return choices[code], label
        if self.lookup and head:
            for choice in self.lookup(head):
                if choice.code == head:
                    return choice, rest.strip()
        return None, ""

    def _by_name(self, text: str) -> Sequence[Choice]:
        name = "".join(text.split())
        if name in self.column.by_name:
            return self.column.by_name[name]
        return list(self.lookup(text)) if self.lookup else ()


def as_text(value: Any) -> tuple[str, list[str]]:
    """Any cell as text, with notes. A number of more than 15 digits is refused: Excel has already changed it."""
    if isinstance(value, str):
        return value, []
    if isinstance(value, bool):
        return ("是" if value else "否"), [f"逻辑值读作“{'是' if value else '否'}”"]
    if isinstance(value, int | float):
        if abs(value) >= 10**EXACT_DIGITS:
            raise CellError(
                "超过 15 位的数字已被 Excel 改写，末几位不可靠。",
                f"{value} has more than 15 digits",
                value=value,
                remedy_zh="请把单元格设为文本格式后重新填写。",
                code="long_number",
            )
        return format(from_float(float(value)).normalize(), "f"), []
    if isinstance(value, datetime) and (value.hour or value.minute or value.second):
        return value.isoformat(" ", "minutes"), ["日期按文字读取"]
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}", ["日期按文字读取"]
    return str(value), []


def _is_blank(text: str) -> bool:
    return text in BLANK_MARKS or plain(text) in BLANK_MARKS


def _names(choice: Choice) -> set[str]:
    return {"".join(name.split()) for name in (choice.label, *choice.aliases)}


def _options(column: Column) -> str:
    if not column.choices:
        return "请填写字典中的代码。"
    shown = "、".join(choice.text for choice in column.choices[:6])
    return f"应为 {shown}{' 等' if len(column.choices) > 6 else ''}。"


def _hint(column: Column) -> str:
    return {"date": "，如 2022-09-30", "percent": "，如 97%", "period": "，如 2022-08"}.get(column.kind, "")
