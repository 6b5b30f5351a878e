"""Hours: rows to a grid of hours, hours to days with the rules of validity, MDA8, running means.

The hours of a day are 24 in a row, the first from 00:00 to 01:00, Beijing time. What a stamp means is said each time:
``hour_ending`` True where it is the end of the hour (public air data), False where it is the start (HJ 212 DataTime).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason
from ecocloud.intake.monitoring.evaluation.air.rules import Edition, Report
from ecocloud.intake.monitoring.evaluation.scaled import Amounts

HOURS = 24
_BEIJING = 8 * 3_600_000_000
_HOUR = 3_600_000_000


class TwoValues(EcoError):
    """One series has two different values for one hour; which counts is decided before, by versions."""

    code = "evaluation.two_values"


def hours_of(stamps: np.ndarray, *, hour_ending: bool) -> tuple[np.ndarray, np.ndarray]:
    """The hours that stamps mean: int64, hours from 1970-01-01 00:00 Beijing time to the start of the hour; and a mask
    of stamps that are not on the full hour, which mean none.

    stamps: datetime64 in UTC (or int64 microseconds of it), as the lake keeps them.
    """
    moments = np.asarray(stamps)
    if moments.dtype.kind == "M":
        moments = moments.astype("datetime64[us]").astype(np.int64)
    hours, rest = np.divmod(moments + _BEIJING, _HOUR)
    return hours - int(hour_ending), rest != 0


@dataclass(frozen=True)
class Grid:
    """Hours of series. amounts: (series, hours), the hours of whole days from ``first`` on; off_hour: rows whose stamp
    is not on the full hour; outside: rows of other days. Neither is placed.
    """

    first: date
    amounts: Amounts
    off_hour: int
    outside: int


def hour_grid(series: np.ndarray, stamps: np.ndarray, amounts: Amounts, *, count: int, first: date, days: int,
              hour_ending: bool) -> Grid:  # fmt: skip
    """Rows in any order to a grid of ``count`` series by the hours of ``days`` days from ``first`` on.

    series: the number of its series for each row; stamps: as of :func:`hours_of`; amounts: one for each row. A row may
    come again; raises :class:`TwoValues` when two rows of one hour differ. A missing row adds nothing.
    """
    hours, off = hours_of(stamps, hour_ending=hour_ending)
    begin = (first - date(1970, 1, 1)).days * HOURS
    places = hours - begin
    outside = ~off & ((places < 0) | (places >= days * HOURS))
    placed = ~off & ~outside & ~amounts.missing
    flat = np.asarray(series, np.int64)[placed] * (days * HOURS) + places[placed]
    given = amounts.values[placed]
    values = np.zeros(count * days * HOURS, np.int64)
    missing = np.ones(values.shape, np.bool_)
    values[flat], missing[flat] = given, False
    other = np.flatnonzero(values[flat] != given)
    if other.size:
        row = int(np.flatnonzero(placed)[other[0]])
        raise TwoValues(
            "同一序列同一小时有两个不同的值。", "two different values for one hour of a series",
            where={"序列": int(np.asarray(series)[row]), "小时": str(np.datetime64(0, "h") + int(hours[row]))},
            value=amounts.number(row), remedy_zh="请先按版本规则取现行值再评价。",
        )  # fmt: skip
    shape = (count, days * HOURS)
    return Grid(first, Amounts(values.reshape(shape), missing.reshape(shape)), int(off.sum()), int(outside.sum()))


def pollutant_grids(codes: Mapping[str, str], factors: np.ndarray, words: Sequence[str], series: np.ndarray,
                    stamps: np.ndarray, amounts: Amounts, *, count: int, first: date, days: int,
                    hour_ending: bool) -> dict[str, Grid]:  # fmt: skip
    """As :func:`hour_grid`, of rows of many factors: a grid for each pollutant (missing where it has no row).

    codes: pollutants by factor code (:meth:`Editions.codes`); factors: for each row the place of its code in ``words``,
    as columns of words in the lake have it. Rows of other factors are passed over. amounts: in the unit of the facts
    ``pollutant.*``, missing where the flag or a review says that the value does not count.
    """
    number = {pollutant: n for n, pollutant in enumerate(codes.values())}
    of_word = np.array([number.get(codes.get(word, ""), -1) for word in words] + [-1], np.int64)
    belongs = of_word[np.asarray(factors)]
    found = {}
    for pollutant, n in number.items():
        rows = np.flatnonzero(belongs == n)
        found[pollutant] = hour_grid(series[rows], stamps[rows], amounts[rows], count=count, first=first, days=days,
                                     hour_ending=hour_ending)  # fmt: skip
    return found


def valid_hours(edition: Edition, hours: Amounts) -> Amounts:
    """Hourly values as they count: below zero is missing, or 0, or as measured, by the fact ``hour.negative``."""
    if not hours.values.size or hours.values.min() >= 0:
        return hours
    rule = edition.optional("hour.negative")
    if rule is None:
        return hours
    negative = hours.values < 0
    missing = hours.missing | negative if rule.text() == "missing" else hours.missing
    return Amounts(np.where(negative, 0, hours.values), missing)


def day_means(hours: Amounts, least: int) -> Means:
    """Means of days. hours: (…, days · 24), 0 where missing; least: how many hourly values a day needs. (…, days)"""
    values, missing = _by_day(hours)
    count = HOURS - missing.sum(axis=-1, dtype=np.uint8).astype(np.int64)
    reason = _too_few(count, least, Reason.TOO_FEW_HOURS)
    sums = values.sum(axis=-1)
    return Means(np.where(reason != 0, 0, sums), np.maximum(count, 1), reason)


def day_maxima(hours: Amounts, least: int) -> Means:
    """The greatest hourly values of days; otherwise as :func:`day_means`."""
    values, missing = _by_day(hours)
    count = HOURS - missing.sum(axis=-1, dtype=np.uint8).astype(np.int64)
    reason = _too_few(count, least, Reason.TOO_FEW_HOURS)
    most = np.where(missing, np.iinfo(np.int64).min, values).max(axis=-1)
    return Means(np.where(reason != 0, 0, most), np.ones((1,) * most.ndim, np.int64), reason)


def mda8(edition: Edition, hours: Amounts, grade: np.ndarray | int = 2) -> Means:
    """The greatest running mean of 8 hours of a day (MDA8, 日最大8小时平均), of windows that end at 08:00 to 24:00.

    A window needs 6 hourly values; a day 14 windows, or a maximum that is above the limit of the grade (as rounded).
    hours: (…, days · 24); grade: 1 or 2, broadcasts over (…, days).
    """
    length, least = (edition.fact("window.eight_hours").mapping()[name] for name in ("hours", "least"))
    rule = edition.fact("window.mda8").mapping()
    values, missing = _by_day(hours)
    shape = values.shape[:-1]
    values, missing = values.reshape(-1, HOURS), missing.reshape(-1, HOURS)
    # Means of 6, 7 and 8 hours are compared over what all of these divide.
    common = int(np.lcm.reduce(np.arange(least, length + 1)))
    ends = slice(rule["first_end"] - length, rule["last_end"] - length + 1)
    best = _window_sums(values, length)[:, ends].max(axis=-1) * (common // length)
    windows = np.full(best.shape, rule["last_end"] - rule["first_end"] + 1, np.int64)
    gaps = np.flatnonzero(missing.any(axis=-1))
    if gaps.size:
        best[gaps], windows[gaps] = _with_gaps(values[gaps], missing[gaps], length, least, common, ends)
    reason = _too_few(windows, rule["least"], Reason.TOO_FEW_WINDOWS).reshape(shape)
    found = Means(best.reshape(shape), np.full((1,) * len(shape), common, np.int64), reason)
    return _without(_valid_above_limit(edition, found, windows.reshape(shape), grade))


def _with_gaps(values: np.ndarray, missing: np.ndarray, length: int, least: int, common: int, ends: slice
               ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Of days with hours missing: the greatest mean times ``common``, and how many windows are valid."""
    sums = _window_sums(values, length)[:, ends]
    counts = _window_sums((~missing).astype(np.int64), length)[:, ends]
    factors = np.array([0] + [common // n if n >= least else 0 for n in range(1, length + 1)], np.int64)
    enough = counts >= least
    means = np.where(enough, sums * factors[counts], np.iinfo(np.int64).min)
    windows = enough.sum(axis=-1)
    return np.where(windows > 0, means.max(axis=-1), 0), windows


def _valid_above_limit(edition: Edition, found: Means, windows: np.ndarray, grade: np.ndarray | int) -> Means:
    """A day with few windows stands when its maximum is above the limit."""
    short = (found.reason == Reason.TOO_FEW_WINDOWS) & (windows > 0)
    limit = edition.limit("o3_8h", 2), edition.limit("o3_8h", 1)
    if not short.any() or limit[0] is None or limit[1] is None:
        return found
    decimals = edition.decimals["o3"]
    units = found.rounded(decimals).units
    over = units > np.where(np.asarray(grade) == 1, int(limit[1] * 10**decimals), int(limit[0] * 10**decimals))
    return Means(found.tops, found.bottoms, np.where(short & over, np.uint8(0), found.reason))


def _without(means: Means) -> Means:
    """0 where there is no value."""
    return Means(np.where(means.reason != 0, 0, means.tops), means.bottoms, means.reason)


def running_means(hours: Amounts, length: int, least: int) -> Means:
    """For each hour the mean of the ``length`` hours that end with it, of which ``least`` must be there.

    hours: (…, hours in a row); what came before the first counts as missing, so give some of it.
    """
    lead = [(0, 0)] * (hours.values.ndim - 1) + [(length - 1, 0)]
    sums = _window_sums(np.pad(hours.values, lead), length)
    count = _window_sums(np.pad((~hours.missing).astype(np.int64), lead), length)
    reason = _too_few(count, least, Reason.TOO_FEW_HOURS)
    return Means(np.where(reason != 0, 0, sums), np.maximum(count, 1), reason)


def day_items(edition: Edition, hours: Mapping[str, Amounts], grade: np.ndarray | int = 2) -> dict[str, Means]:
    """The items of the daily report. hours: by pollutant, (…, days · 24), 0 where missing; grade: of the zone, for
    MDA8. Items of pollutants that are not given are left out.
    """
    found = {}
    for item in edition.items("daily"):
        pollutant, _, averaging = item.partition("_")
        if pollutant not in hours:
            continue
        valid = valid_hours(edition, hours[pollutant])
        if averaging == "8h":
            found[item] = mda8(edition, valid, grade)
        elif averaging == "1h":
            rule = edition.optional("validity.o3_1h_hours")
            found[item] = day_maxima(valid, rule.whole() if rule else 1)
        else:
            found[item] = day_means(valid, edition.fact("validity.day_hours").whole())
    return found


def hour_items(edition: Edition, hours: Mapping[str, Amounts]) -> dict[str, Means]:
    """The items of the hourly (real-time) report, and running means of SO2 that stand in above its column of one hour.

    hours: by pollutant, (…, hours in a row); those before the first wanted are needed for running means.
    """
    wanted = list(edition.items("hourly"))
    wanted += [above for item in wanted if (above := edition.column(edition.items("hourly")[item]).above)]
    found = {}
    for item in dict.fromkeys(wanted):
        pollutant, _, averaging = item.partition("_")
        if pollutant in hours:
            valid = valid_hours(edition, hours[pollutant])
            found[item] = Means.of(valid) if averaging == "1h" else _running(edition, valid, averaging)
    return found


def _running(edition: Edition, hours: Amounts, averaging: str) -> Means:
    if averaging == "8h":
        rule = edition.fact("window.eight_hours").mapping()
        return running_means(hours, rule["hours"], rule["least"])
    least = edition.optional("window.day_least")
    return running_means(hours, edition.fact("window.day").mapping()["hours"], least.whole() if least else 1)


def facts_of(edition: Edition, report: Report) -> tuple[str, ...]:
    """The unverified facts that the items of a report rest on."""
    names = ["hour.negative"]
    averagings = {item.partition("_")[2] for item in edition.items(report)}
    if report == "daily" and "1h" in averagings:
        names.append("validity.o3_1h_hours")
    if report == "hourly" and "24h" in averagings:
        names.append("window.day_least")
    return edition.unverified(*names)


def _by_day(hours: Amounts) -> tuple[np.ndarray, np.ndarray]:
    length = hours.values.shape[-1]
    if length % HOURS:
        raise ValueError(f"{length} hours are no whole days")
    shape = (*hours.values.shape[:-1], length // HOURS, HOURS)
    return hours.values.reshape(shape), hours.missing.reshape(shape)


def _too_few(count: np.ndarray, least: int, reason: Reason) -> np.ndarray:
    few = np.where(count < least, np.uint8(reason), np.uint8(0))
    return np.where(count == 0, np.uint8(Reason.MISSING), few)


def _window_sums(values: np.ndarray, length: int) -> np.ndarray:
    """Sums of every ``length`` neighbours along the last axis."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1), np.int64)
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums[..., length:] - sums[..., :-length]
