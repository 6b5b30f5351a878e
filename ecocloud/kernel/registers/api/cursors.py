"""Cursors: where the next page of a list begins, as text. Pure.

A cursor holds the sort key of the last row (column value and code), so that rows made or retired meanwhile neither
repeat nor hide others, and the thousandth page costs what the first costs. It says where, never what may be seen.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from ecocloud.base.errors import EcoError


class CursorRefused(EcoError):
    """The cursor is not one of this list and order."""

    code = "registers.cursor"


def write(order: str, value: Any, last: str | int) -> str:
    """The cursor after a row: the list's order, the row's value in its column (None: it has none), its tie-breaker."""
    if isinstance(value, Decimal | date):
        value = str(value)
    text = json.dumps([order, value, last], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str, order: str, kind: type) -> tuple[Any, str | int]:
    """Value and tie-breaker of a cursor; ``kind`` is the type of the column's values (str, int, Decimal, date).

    Raises :class:`CursorRefused` when it was not made for ``order``.
    """
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        made_for, value, last = found
        if made_for != order or type(last) not in (str, int):
            raise ValueError("made for another list")
        if value is None:
            return None, last
        if kind is date:
            return date.fromisoformat(value), last
        if kind is Decimal:
            return Decimal(value), last
        if type(value) is not kind:
            raise ValueError("another type")
        return value, last
    except (ValueError, TypeError, InvalidOperation, binascii.Error, UnicodeError, RecursionError) as error:
        raise CursorRefused("游标不可用。", "the cursor does not belong to this list and order", value=text[:80],
                            where={"参数": "cursor"}, remedy_zh="请去掉 cursor，从第一页读起。") from error  # fmt: skip


def number(text: str, order: str) -> int:
    """The tie-breaker of a cursor over numbered rows; raises :class:`CursorRefused`."""
    _value, last = read(text, order, str)
    if type(last) is not int or not 0 <= last < 2**63:
        raise CursorRefused("游标不可用。", "the cursor does not belong to this list", value=text[:80],
                            where={"参数": "cursor"}, remedy_zh="请去掉 cursor，从第一页读起。")  # fmt: skip
    return last
