"""Numbers, lights and bars as people read them: pure functions, no Django."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

THIN_SPACE = "\u2009"
LIGHT_CLASSES = {
    "green": "g",
    "yellow": "y",
    "amber": "y",
    "red": "r",
    "done": "d",
    "none": "n",
    "g": "g",
    "y": "y",
    "r": "r",
    "d": "d",
    "n": "n",
}


def group_digits(value: object, places: int | None = None) -> str:
    """``value`` with thin-space grouping from four digits (GB/T 15835-2011, 5.1.4) and a true minus sign.

    Parameters
    ----------
    value: int, float, Decimal or numeric text; None and '' give the dash ``—``.
    places: fixed decimal places; None keeps the places the value has.

    Returns text; what is not a number comes back unchanged.
    """
    if value is None or value == "":
        return "—"
    if isinstance(value, float) and not math.isfinite(value):
        return "—"
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return "—"
    text = f"{number:.{places}f}" if places is not None else f"{number:f}"
    sign, text = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, point, fraction = text.partition(".")
    if len(whole) >= 4:
        head = len(whole) % 3
        groups = ([whole[:head]] if head else []) + [whole[i : i + 3] for i in range(head, len(whole), 3)]
        whole = THIN_SPACE.join(groups)
    return sign + whole + point + fraction


def decimals(value: object) -> int:
    """How many decimal places the number has as it is written; 0 for what is no finite number."""
    try:
        exponent = Decimal(str(value)).as_tuple().exponent
    except InvalidOperation:
        return 0
    return max(-exponent, 0) if isinstance(exponent, int) else 0


@dataclass(frozen=True)
class Attainment:
    """Positions of an attainment bar, all in percent of its width (0 to 100)."""

    now: float | None
    target: float | None
    pace: float | None
    tone: str


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def attainment_bar(now: object, target: object, pace: object = None, light: str = "") -> Attainment:
    """Where bar, target stroke and pace caret stand.

    The full width is 8 % more than the largest of the values, so that a stroke at the end stays visible; a target of
    exactly 100 with smaller values takes 108 the same way. Negative values stand at 0.
    """
    values = [_number(now), _number(target), _number(pace)]
    top = max([v for v in values if v is not None and v > 0], default=0.0) * 1.08

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        return round(min(100.0, max(0.0, value / top * 100)), 2) if top else 0.0

    tone = {"y": "y", "r": "r"}.get(LIGHT_CLASSES.get(light, ""), "")
    return Attainment(place(values[0]), place(values[1]), place(values[2]), tone)
