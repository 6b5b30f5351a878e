"""The daily AQI once more, plainly: a station and a day at a time, Fraction and loops, tables as the standards print.

Shares no code with the product.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil, floor

LEVELS = (0, 50, 100, 150, 200, 300, 400, 500)
TABLE = {  # HJ 633-2012 table 1; HJ 633-2026 table 3 differs in two cells
    "so2_24h": (0, 50, 150, 475, 800, 1600, 2100, 2620), "so2_1h": (0, 150, 500, 650, 800),
    "no2_24h": (0, 40, 80, 180, 280, 565, 750, 940), "no2_1h": (0, 100, 200, 700, 1200, 2340, 3090, 3840),
    "co_24h": (0, 2, 4, 14, 24, 36, 48, 60), "co_1h": (0, 5, 10, 35, 60, 90, 120, 150),
    "o3_8h": (0, 100, 160, 215, 265, 800), "o3_1h": (0, 160, 200, 300, 400, 800, 1000, 1200),
    "pm10_24h": (0, 50, 150, 250, 350, 420, 500, 600), "pm25_24h": (0, 35, 75, 115, 150, 250, 350, 500),
}  # fmt: skip
NEW = TABLE | {"pm10_24h": (0, 50, 120, 250, 350, 420, 500, 600), "pm25_24h": (0, 35, 60, 115, 150, 250, 350, 500)}
DAILY_2012 = ("so2_24h", "no2_24h", "pm10_24h", "co_24h", "o3_1h", "o3_8h", "pm25_24h")
DAILY_2026 = ("so2_24h", "no2_24h", "co_24h", "pm10_24h", "pm25_24h", "o3_8h")
LIMITS = {  # GB 3095: 24 h means, MDA8, O3 1 h, grade 1 and 2
    "2012": {"so2_24h": (50, 150), "no2_24h": (80, 80), "pm10_24h": (50, 150), "co_24h": (4, 4), "o3_1h": (160, 200),
             "o3_8h": (100, 160), "pm25_24h": (35, 75)},
    "2026-transition": {"so2_24h": (50, 150), "no2_24h": (80, 80), "pm10_24h": (50, 120), "co_24h": (4, 4),
                        "o3_8h": (100, 160), "pm25_24h": (35, 60)},
    "2026-final": {"so2_24h": (50, 50), "no2_24h": (50, 50), "pm10_24h": (50, 100), "co_24h": (4, 4),
                   "o3_8h": (100, 160), "pm25_24h": (25, 50)},
}  # fmt: skip


def edition_of(day: date) -> str:
    """By the day of the observation."""
    if day < date(2026, 3, 1):
        return "2012"
    return "2026-transition" if day < date(2031, 1, 1) else "2026-final"


def half_even(value: Fraction, places: int) -> Fraction:
    """GB/T 8170."""
    scaled = value * 10**places
    low = floor(scaled)
    rest = scaled - low
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and low % 2):
        low += 1
    return Fraction(low, 10**places)


def rounded(item: str, value: Fraction) -> Fraction:
    """As published: CO one place, others none."""
    return half_even(value, 1 if item.startswith("co") else 0)


def iaqi(edition: str, column: str, concentration: Fraction) -> int | None:
    """Of a concentration as rounded; None where the column is not used."""
    points = (TABLE if edition == "2012" else NEW)[column]
    if concentration > points[-1]:
        if column == "so2_1h":
            return None if edition == "2012" else 200
        if column == "o3_8h":
            return None if edition == "2012" else 300
        return 500
    for n in range(1, len(points)):
        if concentration <= points[n]:
            low, high = points[n - 1], points[n]
            return ceil(Fraction(LEVELS[n] - LEVELS[n - 1], high - low) * (concentration - low) + LEVELS[n - 1])
    raise AssertionError


def aqi(edition: str, concentrations: dict[str, Fraction | None]) -> tuple[int | None, set[str], int | None]:
    """Daily AQI as published, primary pollutants, category."""
    parts = {}
    missing = False
    for item in DAILY_2012 if edition == "2012" else DAILY_2026:
        value = concentrations.get(item)
        if value is None or rounded(item, value) < 0:
            missing = True
        else:
            parts[item] = iaqi(edition, item, rounded(item, value))
    known = {item: one for item, one in parts.items() if one is not None}
    if not known:
        return None, set(), None
    top = max(known.values())
    if edition != "2012":
        if missing and top <= 100:
            return None, set(), None
        top_shown = max(top, 1)
    else:
        top_shown = top
    primary = {item.split("_")[0] for item, one in known.items() if one == top} if top > 50 else set()
    category = next(n for n, most in enumerate((50, 100, 150, 200, 300, 500), 1) if top <= most)
    return top_shown, primary, category


def over(edition: str, concentrations: dict[str, Fraction | None], grade: int) -> set[str]:
    """Items above their limit."""
    found = set()
    for item, limits in LIMITS[edition].items():
        value = concentrations.get(item)
        if value is not None and rounded(item, value) > limits[grade - 1]:
            found.add(item)
    return found


def day_of_hours(edition: str, hours: dict[str, list[Fraction | None]], grade: int) -> dict[str, Fraction | None]:
    """Items of one day from 24 hourly values of each pollutant, the first ending at 01:00."""
    found: dict[str, Fraction | None] = {}
    for pollutant, given in hours.items():
        values = [None if one is None or one < 0 else one for one in given]
        there = [one for one in values if one is not None]
        if pollutant != "o3":
            found[f"{pollutant}_24h"] = sum(there) / len(there) if len(there) >= 20 else None
            continue
        found["o3_1h"] = max(there) if len(there) >= 20 else None
        means = []
        for end in range(8, 25):
            window = [one for one in values[end - 8 : end] if one is not None]
            if len(window) >= 6:
                means.append(sum(window) / len(window))
        limit = LIMITS[edition]["o3_8h"][grade - 1]
        enough = len(means) >= 14 or (means and rounded("o3_8h", max(means)) > limit)
        found["o3_8h"] = max(means) if enough else None
    return found


def percentile(values: list[Fraction], p: int) -> Fraction:
    """k = 1 + (n - 1) p %, between neighbours in proportion (HJ 663-2013, annex A)."""
    ordered = sorted(values)
    k = 1 + (len(ordered) - 1) * Fraction(p, 100)
    s = floor(k)
    if s == len(ordered):
        return ordered[-1]
    return ordered[s - 1] + (ordered[s] - ordered[s - 1]) * (k - s)
