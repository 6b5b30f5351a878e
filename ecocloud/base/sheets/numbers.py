"""Numbers as people type them: thousands separators, full-width digits, 万 and 亿, units, percent signs."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal

from ecocloud.base.sheets.faults import CellError
from ecocloud.base.sheets.spec import Column
from ecocloud.base.typed import BadInput, short, split_number
from ecocloud.base.units import UnitError, convert

_MULTIPLES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_MULTIPLE = re.compile(r"[十百千万亿]+")
EXACT_DIGITS = 15


def from_float(value: float) -> Decimal:
    """The decimal a spreadsheet shows for a stored number (15 digits)."""
    return Decimal(format(value, f".{EXACT_DIGITS}g"))


def read_number(
    value: object, column: Column, *, percent: bool = False, unit: str | None = None
) -> tuple[Decimal, list[str]]:
    """A cell as a decimal in the column's unit (percent columns: in %).

    Parameters: the cell's value; the column; whether the cell is formatted as a percentage; the unit the file's
    header states, when it differs from the column's.
    Returns the number and notes about how it was read. Raises :class:`CellError`.
    """
    source = column.unit if unit is None else unit
    if isinstance(value, bool):
        raise _fault(value, "是逻辑值，不是数字。", "应填数字。")
    if isinstance(value, int | float):
        number, suffix = _from_cell(value), ""
        if column.kind == "percent":
            return _limits(*_rounded(_percent_cell(number, percent, value), column), column, value)
        if percent:
            suffix = "%"
    else:
        number, suffix = _split(str(value))
    if column.kind == "percent":
        number = _percent_text(number, suffix, value)
    elif suffix == "%" and column.unit != "%":
        raise _fault(value, "是百分数。", f"本列应填数字{f'，单位{column.unit}' if column.unit else ''}。")
    elif suffix == "%":
        number = number * 100 if isinstance(value, int | float) else number
    else:
        number = _in_unit(number, suffix, source, column, value)
    return _limits(*_rounded(number, column), column, value)


def read_whole(value: object, column: Column, *, percent: bool = False, unit: str | None = None):
    """A cell as a whole number. Like :func:`read_number`; a fraction is a fault."""
    number, notes = read_number(value, column, percent=percent, unit=unit)
    if notes or number != number.to_integral_value():
        raise _fault(value, "不是整数。", "应填整数。")
    return int(number), notes


def _from_cell(value: int | float) -> Decimal:
    if isinstance(value, int):
        return Decimal(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise _fault(value, "不是数字。", "应填数字。")
    return from_float(value)


def _split(text: str) -> tuple[Decimal, str]:
    try:
        return split_number(text)
    except BadInput as bad:
        raise _fault(text, bad.message_zh, bad.remedy_zh) from None


def _percent_cell(number: Decimal, percent: bool, value: object) -> Decimal:
    if percent:
        return number * 100
    return _plain_percent(number, value)


def _percent_text(number: Decimal, suffix: str, value: object) -> Decimal:
    if suffix == "%":
        return number
    if "百分点" in suffix:
        raise _fault(value, "是百分点，不是百分数。", "应填百分数，如 97%。")
    if suffix:
        raise _fault(value, f"“{short(value)}”不是百分数。", "应填百分数，如 97%。")
    return _plain_percent(number, value)


def _plain_percent(number: Decimal, value: object) -> Decimal:
    if number != 0 and abs(number) <= 1:
        raise _fault(
            value,
            f"“{short(value)}”没有百分号，看不出是 {number}% 还是 {(number * 100).normalize():f}%。",
            "请写上百分号。",
        )
    return number


def _in_unit(number: Decimal, suffix: str, source: str, column: Column, value: object) -> Decimal:
    """The number in the column's unit; ``suffix`` is what stands behind it in the cell."""
    if not suffix or suffix == source:
        unit = source
    elif _MULTIPLE.fullmatch(suffix):
        if source[:1] in _MULTIPLES:
            raise _fault(value, f"“{short(value)}”的“{suffix}”与本列单位“{source}”重复。", "请只写数字或写全单位。")
        for sign in suffix:
            number *= _MULTIPLES[sign]
        unit = source
    else:
        unit = suffix
    if unit == column.unit:
        return number
    try:
        return convert(number, unit, column.unit)
    except UnitError:
        wanted = f"应填数字，单位{column.unit}。" if column.unit else "应填不带单位的数字。"
        raise _fault(value, f"“{short(value)}”的单位“{unit}”与本列不符。", wanted) from None


def _rounded(number: Decimal, column: Column) -> tuple[Decimal, list[str]]:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= column.max_decimals:
        return number, []
    if number.adjusted() > 40 or exponent < -400:
        raise _fault(number, "数字过大或过小。", "应填合理的数字。")
    shorter = number.quantize(Decimal(1).scaleb(-column.max_decimals), ROUND_HALF_EVEN)
    return shorter, [] if shorter == number else [f"{column.title_zh}：{number} 按 {column.max_decimals} 位小数取舍"]


def _limits(number: Decimal, notes: list[str], column: Column, value: object) -> tuple[Decimal, list[str]]:
    if number.adjusted() > 18:
        raise _fault(value, "数字过大。", "应填合理的数字，并核对单位。")
    if column.minimum is not None and number < column.minimum:
        raise _fault(value, f"{short(value)} 小于下限 {column.minimum}。", f"应不小于 {column.minimum}。")
    if column.maximum is not None and number > column.maximum:
        raise _fault(value, f"{short(value)} 大于上限 {column.maximum}。", f"应不大于 {column.maximum}。")
    return number, notes


def _fault(value: object, message: str, remedy: str) -> CellError:
    return CellError(message, f"not a usable number: {value!r}", value=value, remedy_zh=remedy, code="number")
