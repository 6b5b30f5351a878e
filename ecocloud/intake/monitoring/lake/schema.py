"""Columns of the lake and where a row belongs. Pure.

A row is one factor of one packet. Its key is (mn, st, cn, time, factor); rows of one key with other content are
versions, told apart by when they arrived (``version``) and by their record in the raw journal (``gateway``,
``sequence``).

``decimals`` keeps how a number was written: four bits for each number column in the order of :data:`NUMBERS`, one more
than the decimals of the text, 0 where the number and its decimals do not give the text back; ``text`` has it then, as
JSON by column. ``more`` has the fields without a column of their own, as JSON by the name sent.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

BEIJING = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000
EAST = 8 * 3_600_000_000
NO_TIME = np.iinfo(np.int64).min

# Field of the standard -> number column (HJ 212-2017 table 4).
NUMBERS = {
    "Rtd": "rtd", "Avg": "avg", "Min": "min", "Max": "max", "Cou": "cou",
    "ZsRtd": "zs_rtd", "ZsAvg": "zs_avg", "ZsMin": "zs_min", "ZsMax": "zs_max",
}  # fmt: skip
NUMBER_COLUMNS = tuple(NUMBERS.values())
MOST_DECIMALS = 14

_WORD = pa.dictionary(pa.int32(), pa.string())
_TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("mn", _WORD), ("st", _WORD), ("cn", _WORD), ("time", _TIME), ("factor", _WORD),
        *((name, pa.float64()) for name in NUMBER_COLUMNS),
        ("flag", _WORD), ("sample_time", _TIME), ("decimals", pa.int64()), ("text", pa.string()), ("more", pa.string()),
        ("version", _TIME), ("gateway", _WORD), ("sequence", pa.int64()),
        ("rf", pa.bool_()), ("valid", pa.bool_()), ("doubt", pa.int8()),
    ]
)  # fmt: skip
WORDS = tuple(field.name for field in SCHEMA if field.type == _WORD)
# What makes two rows of a key the same; how and when it came (rf, doubt) is no content.
CONTENT = (*NUMBER_COLUMNS, "flag", "sample_time", "decimals", "text", "more")


class Doubt(IntEnum):
    """Why a row's time is not believed."""

    NONE = 0
    MISSING = 1
    FUTURE = 2
    TOO_OLD = 3


# Commands by what a row of theirs spans (HJ 212-2017 table 9); the others are kept under the last word.
INTERVALS = {"2011": "rtd", "2051": "minute", "2061": "hour", "2031": "day"}
OTHER, UNDATED = "other", "undated"
INTERVAL_NAMES = ("rtd", "minute", "hour", "day", OTHER, UNDATED)
# Partitions of these span a day, those of the rest (few rows) a month; undated rows lie by the day of their receipt.
DAILY = frozenset({"rtd", "minute", UNDATED})


def interval_of(cn: str) -> str:
    """The interval of a command's values."""
    return INTERVALS.get(cn, OTHER)


def is_data(cn: str) -> bool:
    """Whether a command carries values (2xxx) or information of the site (3xxx); 1xxx and 9xxx are exchange."""
    return cn[:1] in ("2", "3")


class Partition(NamedTuple):
    """Rows of one interval and one period in Beijing time: ``2026-03-01`` or ``2026-03``."""

    interval: str
    period: str


def partition_of(interval: str, moment: datetime) -> Partition:
    """The partition of a moment (of its receipt for undated rows)."""
    day = moment.astimezone(BEIJING).date()
    return Partition(interval, day.isoformat() if interval in DAILY else f"{day:%Y-%m}")


def partition_numbers(interval: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Partitions of many packets as numbers. interval: places in INTERVAL_NAMES; moments: µs since 1970 UTC."""
    days = (moments + EAST) // DAY
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    daily = np.array([name in DAILY for name in INTERVAL_NAMES])[interval]
    return interval.astype(np.int64) * 10_000_000 + np.where(daily, days, months) + 1_000_000


def partition_named(number: int) -> Partition:
    """The partition behind one of :func:`partition_numbers`."""
    interval, period = INTERVAL_NAMES[number // 10_000_000], number % 10_000_000 - 1_000_000
    unit = "D" if interval in DAILY else "M"
    return Partition(interval, str(np.datetime64(period, unit)))


def periods(interval: str, first: datetime, last: datetime) -> tuple[str, str]:
    """The first and the last period (as text, comparable) that hold moments from first to last."""
    return partition_of(interval, first).period, partition_of(interval, last).period


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """A day in Beijing time: its first moment and the first of the next."""
    first = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    return first, first + timedelta(days=1)


def micro(moment: datetime) -> int:
    """A moment as microseconds since 1970 UTC."""
    return (moment - EPOCH) // MICROSECOND


def moment(micros: int) -> datetime:
    """The moment of microseconds since 1970 UTC."""
    return EPOCH + timedelta(microseconds=int(micros))


def decimals_in(text: str, number: float | None) -> int | None:
    """Decimals of a text that its number gives back to the letter; None when it does not."""
    if number is None:
        return None
    decimals = len(text) - text.index(".") - 1 if "." in text else 0
    return decimals if decimals <= MOST_DECIMALS and f"{number:.{decimals}f}" == text else None


def sent_texts(row: dict[str, Any]) -> dict[str, str]:
    """The number columns of a row as their texts were sent."""
    texts: dict[str, str] = dict(json.loads(row["text"])) if row["text"] else {}
    for place, name in enumerate(NUMBER_COLUMNS):
        digit = (row["decimals"] or 0) >> (4 * place) & 15
        if digit and row[name] is not None and name not in texts:
            texts[name] = f"{row[name]:.{digit - 1}f}"
    return texts
