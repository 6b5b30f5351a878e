"""Numbers and times as devices write them. A text that is no number stays a text; nothing is guessed."""

from __future__ import annotations

import re
from datetime import MINYEAR, datetime, timedelta, timezone
from typing import NamedTuple

from ecocloud.intake.monitoring.hj212.words import Kind

# Times of HJ 212 are Beijing time.
BEIJING = timezone(timedelta(hours=8))
# "Nm.n" of the standard: digits, a point, digits; longer ones are no measurement.
_PLAIN = r"-?[0-9]{1,30}(?:\.[0-9]{1,32})?"
_IS_PLAIN = re.compile(_PLAIN + r"\Z")
# Numbers in this form, each with a comma behind it: all that needs to be known of a packet's numbers in one look. There
# is one way only to read them, so nothing is kept for a second try (the possessive ``+``).
ALL_PLAIN = re.compile(r"(?:-?+[0-9]{1,30}+(?:\.[0-9]{1,32}+)?+,)*+").fullmatch
# As devices also write it: a sign, no digit before or after the point, an exponent.
_LOOSE = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?\Z")
# Below or above what can be measured: "<0.01", ">4"; laboratories write "0.01L".
_BOUND = re.compile(r"(?:[<>≤≥]=?\s*[+-]?[0-9]*\.?[0-9]+|[0-9]*\.?[0-9]+L)\Z")
_NOTHING = re.compile(r"[\W_]*\Z")
_NO_VALUE = frozenset({"nan", "inf", "infinity", "null", "none", "nil", "na", "n/a", "undefined"})
# Longer texts are no measurement, and could overflow.
_LONGEST = 64


class Number(NamedTuple):
    """What a text says as a number.

    number: the number, or None. kept: whether the text stands as a value although it is no number (a word, a bound).
    kind: the leniency, None for a number in the standard's form.
    """

    number: float | None
    kept: bool
    kind: Kind | None


_MISSING = Number(None, False, Kind.VALUE_MISSING)
_WRONG = Number(None, False, Kind.VALUE_NOT_NUMBER)


def read_number(text: str) -> Number:
    """A text as a number.

    Refused: empty, ``--``, ``NaN``, infinities and what overflows to one, ``1_000``, ``1.2.3``. A bound (``<0.01``) and
    a word (``St``) are kept as texts without a number.
    """
    if len(text) <= _LONGEST:
        if _IS_PLAIN.match(text):
            return Number(float(text), True, None)
        if _LOOSE.match(text):
            number = float(text)
            return Number(number, True, Kind.NUMBER_FORM) if number - number == 0 else _WRONG
        if _BOUND.match(text):
            return Number(None, True, Kind.VALUE_BOUND)
    if _NOTHING.match(text) or text.lstrip("+-").lower() in _NO_VALUE:
        return _MISSING
    return Number(None, True, Kind.VALUE_NOT_NUMBER) if text[0].isalpha() and text[0] not in "eE" else _WRONG


_DATED = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})[T ]+([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?")
_NO_TIME = (None, Kind.DATATIME_INVALID)


def read_time(text: str) -> tuple[datetime | None, Kind | None]:
    """A time of the data: 14 digits by the standard; 12, 16 or 17 digits and dashed forms are let pass."""
    if text.isascii() and text.isdigit():
        return _from_digits(text)
    match = _DATED.match(text)
    if match is None:
        return _NO_TIME
    try:
        time = datetime(*(int(part or 0) for part in match.groups()), tzinfo=BEIJING)
    except ValueError:
        return _NO_TIME
    return (time, Kind.DATATIME_FORM) if time.year > MINYEAR else _NO_TIME


def _from_digits(text: str) -> tuple[datetime | None, Kind | None]:
    """Year to second; without seconds, or with two or three digits of a fraction, in another form."""
    if len(text) not in (12, 14, 16, 17) or text[8:10] > "23":  # newer Pythons would take 24:00
        return _NO_TIME
    try:
        time = datetime.fromisoformat(f"{text[:8]}T{text[8:14]}").replace(tzinfo=BEIJING)
    except ValueError:
        return _NO_TIME
    if time.year == MINYEAR:  # its beginning cannot be told in UTC
        return _NO_TIME
    if len(text) == 14:
        return time, None
    return time.replace(microsecond=int(text[14:].ljust(6, "0"))), Kind.DATATIME_FORM
