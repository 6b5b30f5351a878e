"""Believable series: a level, a daily course, slow weather, noise, now and then an episode. Pure: the same MN, code and
time always give the same value, so that hour and day values agree with the real-time ones they are made of.

The levels below are invented; they stand for no place and no standard.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from ecocloud.intake.monitoring.hj212.values import BEIJING

_DAY = 86400.0
_STEPS = 12  # values that make up an average


@dataclass(frozen=True)
class Course:
    """level: daily mean. swing: share by which the daily course departs from it; peak: hour of its highest value.
    noise, weather: shares. episodes: share of days with one. digits: decimal places sent. high: greatest value.
    """

    level: float
    swing: float = 0.15
    peak: float = 15.0
    noise: float = 0.03
    weather: float = 0.2
    episodes: float = 0.02
    digits: int = 2
    high: float = math.inf


_STEADY = {"weather": 0.02, "episodes": 0.0}
COURSES: dict[str, Course] = {
    # water
    "w00000": Course(42.0, 0.3, 10, 0.05, 0.1, 0.0),
    "w01001": Course(7.4, 0.02, 15, 0.004, 0.02, 0.0, 2, 14.0),
    "w01003": Course(14.0, 0.1, 9, 0.08, 0.4, 0.03, 1),
    "w01004": Course(1.6, 0.05, 12, 0.03, 0.2, 0.0, 2),
    "w01009": Course(7.6, 0.12, 16, 0.02, 0.1, 0.02, 2),
    "w01010": Course(18.5, 0.08, 16, 0.005, 0.15, 0.0, 1),
    "w01014": Course(410.0, 0.03, 12, 0.01, 0.1, 0.02, 0),
    "w01016": Course(14.0, 0.2, 15, 0.05, 0.3, 0.02, 1),
    "w01018": Course(33.0, 0.12, 11),
    "w01019": Course(3.4, 0.06, 11),
    "w21001": Course(8.6, 0.08, 11),
    "w21003": Course(0.62, 0.15, 11, digits=3),
    "w21011": Course(0.14, 0.12, 11, digits=3),
    # ambient air
    "a01001": Course(19.0, 0.25, 15, 0.01, 0.2, 0.0, 1),
    "a01002": Course(68.0, 0.2, 5, 0.02, 0.15, 0.0, 0, 100.0),
    "a01006": Course(101.2, 0.002, 10, 0.0003, 0.006, 0.0, 2),
    "a01007": Course(2.1, 0.4, 15, 0.2, 0.4, 0.0, 1),
    "a01008": Course(160.0, 0.3, 15, 0.1, 0.5, 0.0, 0, 360.0),
    "a05024": Course(78.0, 0.6, 15, 0.04, 0.3, 0.03, 0),
    "a21004": Course(23.0, 0.4, 8, 0.06, 0.3, 0.02, 0),
    "a21005": Course(0.7, 0.25, 8, 0.04, 0.3, 0.01, 2),
    "a21026": Course(8.0, 0.2, 10, 0.06, 0.3, 0.01, 0),
    "a34002": Course(48.0, 0.2, 9, 0.06, 0.45, 0.04, 0),
    "a24088": Course(0.62, 0.3, 9, 0.08, 0.3, 0.03, 2),
    "a34004": Course(27.0, 0.2, 8, 0.06, 0.45, 0.04, 0),
    # stacks
    "a00000": Course(26.0, 0.08, 14, 0.02, 0.05, 0.0, 2),
    "a01011": Course(11.5, 0.06, 14, 0.02, 0.05, 0.0),
    "a01012": Course(118.0, 0.04, 14, 0.01, 0.03, 0.0, 1),
    "a01013": Course(-0.12, 0.1, 14, 0.05, 0.05, 0.0, 3),
    "a01014": Course(9.2, 0.05, 14, 0.02, 0.05, 0.0, 1),
    "a19001": Course(9.6, 0.05, 4, 0.02, 0.05, 0.0, 1, 20.9),
    "a21002": Course(38.0, 0.1, 14, 0.06, 0.15, 0.03, 1),
    "a34013": Course(5.2, 0.1, 14, 0.08, 0.15, 0.03, 1),
    # noise
    "LA": Course(54.0, 0.14, 10, 0.03, 0.02, 0.02, 1),
    "Leq": Course(55.0, 0.14, 10, 0.02, 0.02, 0.02, 1),
}  # fmt: skip


@lru_cache(100_000)
def _chance(*key: object) -> float:
    """A number from 0 to 1 that depends on the key alone."""
    raw = hashlib.blake2b("\0".join(map(str, key)).encode(), digest_size=6).digest()
    return int.from_bytes(raw, "big") / (1 << 48)


def course_of(code: str) -> Course:
    """The course of a code; one invented from its name for codes without."""
    return COURSES.get(code) or Course(round(10 ** (2 * _chance("level", code)), 1))


def value(mn: str, code: str, at: datetime) -> float:
    """The value of a code at a device and an aware time."""
    course, seconds = course_of(code), at.timestamp()
    local = at.astimezone(BEIJING)
    hour = local.hour + local.minute / 60
    own = 0.75 + 0.5 * _chance("site", mn, code) if course.swing > 0.02 else 1.0
    daily = course.swing * math.cos(2 * math.pi * (hour - course.peak) / 24)
    slow = sum(
        math.sin(2 * math.pi * (seconds / (_DAY * days) + _chance("phase", mn[:8], code[:4], days)))
        for days in (5.3, 17.0)
    )
    rough = 2 * _chance(mn, code, int(seconds)) - 1
    factor = 1 + daily + course.weather * slow / 2 + course.noise * rough
    return min(max(course.level * own * factor * _episode(mn, code, course, local), _least(course)), course.high)


def _least(course: Course) -> float:
    return course.level * 0.02 if course.level > 0 else course.level * 3


def _episode(mn: str, code: str, course: Course, local: datetime) -> float:
    """A rise of some hours on few days."""
    day = local.date().toordinal()
    if _chance("episode", mn, code, day) >= course.episodes:
        return 1.0
    middle = 6 + 12 * _chance("middle", mn, code, day)
    distance = abs(local.hour + local.minute / 60 - middle) / 3
    return 1 + (0.6 + _chance("height", mn, code, day)) * max(0.0, 1 - distance)


def text(code: str, number: float) -> str:
    """A value as a device sends it."""
    return f"{number:.{course_of(code).digits}f}"


def flag(mn: str, at: datetime) -> str:
    """N; M during the two hours a week in which somebody looks after the device."""
    local = at.astimezone(BEIJING)
    week, place = divmod(local.date().toordinal(), 7)
    return "M" if place == int(_chance("day", mn, week) * 7) and local.hour in (9, 10) else "N"


def instant(mn: str, code: str, at: datetime) -> list[tuple[str, str]]:
    """Items of a real-time record (2011)."""
    return [(f"{code}-Rtd", text(code, value(mn, code, at))), (f"{code}-Flag", flag(mn, at))]


def period(mn: str, code: str, start: datetime, length: timedelta) -> list[tuple[str, str]]:
    """Items of a record of minutes, an hour or a day (2051, 2061, 2031) that begins at ``start``."""
    values = [value(mn, code, start + length * step / _STEPS) for step in range(_STEPS)]
    items = [("Min", min(values)), ("Avg", sum(values) / _STEPS), ("Max", max(values))]
    return [(f"{code}-{name}", text(code, number)) for name, number in items] + [(f"{code}-Flag", flag(mn, start))]
