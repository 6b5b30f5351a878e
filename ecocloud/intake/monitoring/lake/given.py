"""Values of a file or of the API, as a raw journal keeps them (records of kind 4), as columns of packets. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from ecocloud.intake.monitoring.hj212.bulk import NO_TIME, Columns
from ecocloud.intake.monitoring.hj212.head import Head
from ecocloud.intake.monitoring.hj212.values import read_number, read_time
from ecocloud.intake.monitoring.lake import schema

_NAN = float("nan")


class Given(NamedTuple):
    """One record: the time as text, and the values as (code, field, text)."""

    mn: str
    st: str
    cn: str
    data_time: str
    time: int
    values: tuple[tuple[str, str, str], ...]


def read(record: bytes) -> Given | None:
    """A record ``{"mn", "st", "cn", "time", "values": {code: {field: number or text}}}``; None when it is none.

    Numbers keep the digits they were written with. A time without zone is Beijing time.
    """
    try:
        found: dict[str, Any] = json.loads(record, parse_float=str, parse_int=str)
        mn, st, cn, said = str(found["mn"]), str(found.get("st") or ""), str(found["cn"]), str(found["time"])
        values = tuple(
            (str(code), str(field), _text(value))
            for code, fields in found["values"].items()
            for field, value in fields.items()
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Given(mn, st, cn, said, _time(said), values) if mn and schema.is_data(cn) else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _time(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment, _kind = read_time(text)
    if moment is None:
        return NO_TIME
    try:
        return schema.micro((moment if moment.tzinfo else moment.replace(tzinfo=schema.BEIJING)).astimezone(UTC))
    except OverflowError:  # the ends of the calendar
        return NO_TIME


def columns_of(records: Sequence[Given]) -> Columns:
    """Records as if they were packets that were read one by one."""
    heads: dict[Head, int] = {}
    names: dict[tuple[str, str], int] = {}
    head, pool, length = [], [], 0
    rows: list[tuple[int, int, float, int, int]] = []
    for place, one in enumerate(records):
        head.append(heads.setdefault(head_of(one.mn, one.st, one.cn), len(heads)))
        for code, field, text in one.values:
            number = read_number(text).number if field in schema.NUMBERS else None
            raw = text.encode("utf-8")
            name = names.setdefault((code, field), len(names))
            rows.append((place, name, _NAN if number is None else number, length, len(raw)))
            pool.append(raw)
            length += len(raw)
    packet, name, number, begin, size = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return Columns(
        np.ones(len(records), np.bool_), np.array(head, np.int32), np.array([one.time for one in records], np.int64),
        np.array(packet, np.int64), np.array(name, np.int32), np.array(number, np.float64),
        np.array(begin, np.int64), np.array(size, np.int32), tuple(heads), tuple(names), b"".join(pool),
        dict(enumerate(records)),
    )  # fmt: skip


def head_of(mn: str, st: str, cn: str) -> Head:
    """The head of values that came without a packet."""
    return Head("", st, cn, "", mn, "", None, 0, 0, 0, False, (), ())
