"""What the pages of devices read of measurements: newest values, a day's course, where values came from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Newest:
    """The newest value of a factor. value: None when what came was no number."""

    at: datetime
    value: float | None
    flag: str
    ref: str


@dataclass(frozen=True)
class Point:
    """A period of a day's course; value None where nothing came."""

    at: datetime
    value: float | None
    flag: str = ""


@dataclass(frozen=True)
class Packet:
    """A packet in the raw journal that gave values."""

    at: datetime
    cn: str
    gateway: str
    sequence: int
    received: datetime


def latest(mns: Collection[str]) -> dict[str, dict[str, Newest]]:
    """The newest values of devices: MN -> factor -> value."""
    return {}


def last_day(mn: str, factor: str, step: timedelta) -> list[Point]:
    """The last 24 hours of a factor from the hour data, one point for each period of ``step``."""
    return []


def packets(mn: str, most: int) -> list[Packet]:
    """The newest packets of a device that gave values."""
    return []


def marks(mn: str, day: date) -> dict[str, list[tuple[datetime, str]]]:
    """Times and flags of the hour data of a device on a day (China), by factor."""
    return {}
