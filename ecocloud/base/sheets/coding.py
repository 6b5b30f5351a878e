"""Row values as JSON and back, exactly: decimals, dates and lists of codes keep their types."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any


def pack(value: Any) -> Any:
    """A value as JSON."""
    if isinstance(value, Decimal):
        return {"n": str(value)}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, tuple | list):
        return {"l": [pack(item) for item in value]}
    return value


def unpack(value: Any) -> Any:
    """The value that :func:`pack` was given (lists come back as tuples)."""
    if isinstance(value, dict):
        if "n" in value:
            return Decimal(value["n"])
        if "d" in value:
            return date.fromisoformat(value["d"])
        return tuple(unpack(item) for item in value["l"])
    return value


def pack_row(values: dict[str, Any]) -> dict[str, Any]:
    """All values of a row."""
    return {key: pack(value) for key, value in values.items()}


def unpack_row(values: dict[str, Any]) -> dict[str, Any]:
    """All values of a row, read back."""
    return {key: unpack(value) for key, value in values.items()}


def equal(left: Any, right: Any) -> bool:
    """Whether two values mean the same: empty in any form, numbers by value, code lists in their order, texts with any
    kind of line ends (text areas of browsers send CR LF, cells have LF)."""
    left, right = _plain(left), _plain(right)
    return left == right


def digest(values: dict[str, Any], keys: list[str]) -> str:
    """A short fingerprint of some values of a row, the same for values that are :func:`equal`."""
    plain = [[key, _text(_plain(values.get(key)))] for key in keys]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if value is None or value == "" or value == () or value == []:
        return None
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, float):
        return Decimal(format(value, ".15g"))
    if isinstance(value, str) and "\r" in value:
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return value


def _text(value: Any) -> Any:
    if isinstance(value, int | Decimal):
        return ["n", format(Decimal(value).normalize(), "f")]
    if isinstance(value, tuple):
        return [_text(item) for item in value]
    return None if value is None else str(value)
