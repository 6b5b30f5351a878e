"""Days of emissions: outlets of gas and waste water from the lake, each limit by its own averaging time; exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.evaluation.air.hours import HOURS, hour_grid, hours_of
from ecocloud.intake.monitoring.evaluation.emission import gas, totals, waste_water
from ecocloud.intake.monitoring.evaluation.emission.limits import Limit
from ecocloud.intake.monitoring.evaluation.emission.verdicts import Reason, Verdicts, counted
from ecocloud.intake.monitoring.evaluation.facts import Facts, facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce, spans
from ecocloud.intake.monitoring.evaluation.scaled import SCALE, Amounts
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.reading import Snapshot
from ecocloud.intake.monitoring.quality import judging
from ecocloud.intake.monitoring.results.made import Key, Made
from ecocloud.intake.monitoring.results.outlets import OWN, WATER, Outlet, held_on, items, without_flow
from ecocloud.intake.monitoring.results.reading import INTERVAL, Factor, Rows, read
from ecocloud.intake.monitoring.results.rules import EMISSION, rules

_FACT = "emission:"
PERMIT = "results:emission"  # that limits of the permit hold for hours of gas and days of water
UNDECIDED = judging.Verdicts(())
MET, OVER, OPEN = 1, 2, 3
REVIEW, FLAG, UPKEEP = "review", "flag:", "upkeep:"
_EPOCH = date(1970, 1, 1)
_HOUR_US = 3_600_000_000


def codes() -> list[str]:
    """The factor codes that are read: pollutants, flow, oxygen, temperature."""
    rule = rules().emission
    more = (rule.water.flow, rule.gas.flow, rule.gas.oxygen, rule.water.temperature)
    return list(dict.fromkeys((*items(), *more)))


def factors() -> dict[str, Factor]:
    """The factor codes with the units that amounts are brought to."""
    rule = rules().emission
    beside = {rule.water.flow: "m³/h", rule.gas.flow: "m³/h", rule.gas.oxygen: "%", rule.water.temperature: "℃"}
    return {code: Factor(number, beside.get(code) or items()[code].unit) for number, code in enumerate(codes())}


@dataclass(frozen=True)
class Hours:
    """Hours of outlets on days, by factor code (outlets, days · 24). sent: as they came; why: the place in ``words`` of
    why an hour proves nothing, 0 where it counts; came: bool (outlets, days), whether the lake has anything of the day;
    stopped: hours in which the source stood still.
    """

    first: date
    days: int
    sent: Mapping[str, Amounts]
    why: Mapping[str, np.ndarray]
    words: tuple[str, ...]
    came: np.ndarray
    stopped: np.ndarray


def read_hours(snapshot: Snapshot, sites: Sequence[Outlet], first: date, days: int,
               decided: judging.Verdicts = UNDECIDED, also: Collection[tuple[int, date]] = (),
               source: Facts | None = None) -> Hours:  # fmt: skip
    """The hours of outlets on days, with why some prove nothing: a person's decision, upkeep, the sender's flag.

    A decision that a value is valid stands over upkeep and flag. also: outlets (by their place) and days that are
    evaluated even if nothing is left of them.
    """
    rows = read(snapshot, sites, factors(), first, days, decided)
    listed = codes()
    hours, off = hours_of(rows.begins, hour_ending=False)
    place = hours - (first - _EPOCH).days * HOURS
    words, why = _flagged(rows, InForce(source or facts("emission"), first))
    shape = (len(sites), days * HOURS)
    sent, marks, sure = {}, {}, {}
    for number in np.unique(rows.item).tolist():
        own = np.flatnonzero((rows.item == number) & ~off)
        grid = hour_grid(rows.site[own], rows.begins[own], rows.sent[own], count=len(sites), first=first, days=days,
                         hour_ending=False)  # fmt: skip
        code = listed[number]
        sent[code], marks[code], sure[code] = grid.amounts, np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
        marks[code][rows.site[own], place[own]] = why[own]
        sure[code][rows.site[own], place[own]] = rows.decided[own] != judging.NONE
    came = np.zeros((len(sites), days), np.bool_)
    came[rows.site[~off], place[~off] // HOURS] = True
    for place_of, day in also:
        came[place_of, (day - first).days] = True
    stopped = _resting(sites, first, sent, marks, sure, words, days)
    return Hours(first, days, sent, marks, tuple(words), came, stopped)


def _flagged(rows: Rows, book: InForce) -> tuple[list[str], np.ndarray]:
    """Why each row proves nothing, by decision and flag: the words, and the place of each row's word."""
    words = ["", REVIEW, *(FLAG + str(one) for one in np.unique(rows.flags.astype(str)))]
    known = {word: number for number, word in enumerate(words)}
    why = np.array([known[FLAG + str(one)] for one in rows.flags], np.int64)
    why[counted(rows.flags.astype(str), book)] = 0
    why[rows.decided == judging.VALID] = 0
    why[rows.decided == judging.INVALID] = known[REVIEW]
    return words, why


def _resting(sites: Sequence[Outlet], first: date, sent: Mapping[str, Amounts], marks: dict[str, np.ndarray],
             sure: Mapping[str, np.ndarray], words: list[str], days: int) -> np.ndarray:  # fmt: skip
    """Hours that upkeep touches are marked, unless somebody decided about them. Returns where the source stood."""
    rule = rules().emission
    still = [number for number, word in enumerate(words) if word.removeprefix(FLAG) in rule.stopped_flags]
    shape = (len(sites), days * HOURS)
    stopped = np.zeros(shape, np.bool_)
    for code, one in marks.items():
        stopped |= np.isin(one, still) & ~sure[code]
    begin, _next = schema.day_bounds(first)
    for place, site in enumerate(sites):
        own = {code for code, one in sent.items() if not one.missing[place].all() or marks[code][place].any()}
        for pause in site.pauses:
            low = max(0, (schema.micro(pause.start) - schema.micro(begin)) // _HOUR_US)
            high = shape[1]
            if pause.end is not None:
                high = min(high, -((schema.micro(begin) - schema.micro(pause.end)) // _HOUR_US))
            if low >= high:
                continue
            word = UPKEEP + pause.kind
            if word not in words:
                words.append(word)
            for code in own if not pause.code else {pause.code} & own:
                inside = marks[code][place, low:high]
                inside[~sure[code][place, low:high]] = words.index(word)
            if pause.kind in rule.stopped_upkeep and not pause.code:
                stopped[place, low:high] = True
    return stopped


def evaluate(hours: Hours, sites: Sequence[Outlet], source: Facts | None = None) -> Iterator[Made]:
    """The days of outlets; days of which nothing came are left out."""
    source = source or facts("emission")
    every = np.datetime64(hours.first, "D") + np.arange(hours.days)
    span_of = np.zeros(hours.days, np.int64)
    for number, (_day, rows) in enumerate(spans(source, every)):
        span_of[rows] = number
    for place, site in enumerate(sites):
        inside = np.flatnonzero(hours.came[place]).tolist()

        def same(day: int, site: Outlet = site) -> tuple:
            return int(span_of[day]), site.terms_on(hours.first + timedelta(days=day))

        for _same, grouped in groupby(inside, key=same):
            days = list(grouped)
            yield from _Stretch(hours, place, site, days, source).made()


class _Stretch:
    """Days of one outlet under the same limits."""

    def __init__(self, hours: Hours, place: int, site: Outlet, days: list[int], source: Facts) -> None:
        self.hours, self.place, self.site, self.days = hours, place, site, days
        start = hours.first + timedelta(days=days[0])
        self.held, self.book = held_on(site, start, source), InForce(source, start)
        self.columns = (np.array(days)[:, None] * HOURS + np.arange(HOURS)).reshape(-1)
        about = site.about
        self.flow = self._counted(about.flow)
        if without_flow(site) and site.medium == WATER:
            self.flow = Amounts(np.full((1, len(self.columns)), SCALE), np.zeros((1, len(self.columns)), np.bool_))
        # A source that stands still discharges nothing: its hours are not due.
        still = hours.stopped[place : place + 1, self.columns]
        self.due = Amounts(np.where(still, 0, self.flow.values), self.flow.missing & ~still)
        self.unverified: dict[str, None] = {}

    def made(self) -> Iterator[Made]:
        """A result for each day."""
        beside = {self.site.about.flow, self.site.about.oxygen, self.site.about.temperature}
        present = [code for code in self.hours.sent if self._present(code)]
        own = [code for code in present if code not in beside]
        bodies: list[dict[str, Any]] = [{} for _day in self.days]
        for code in sorted(own):
            for body, line in zip(bodies, self._item(code), strict=True):
                body[items()[code].key] = line
        for number, day in enumerate(self.days):
            yield self._day(number, day, bodies[number], present)

    def _present(self, code: str) -> bool:
        there = ~self.hours.sent[code].missing[self.place, self.columns]
        return bool((there | (self.hours.why[code][self.place, self.columns] > 0)).any())

    def _sent(self, code: str) -> tuple[Amounts, np.ndarray]:
        """Of a factor its hours as sent, and which prove nothing; (1, hours)."""
        shape = (1, len(self.columns))
        if code not in self.hours.sent:
            return Amounts(np.zeros(shape, np.int64), np.ones(shape, np.bool_)), np.zeros(shape, np.bool_)
        amounts = self.hours.sent[code][self.place : self.place + 1, self.columns]
        return amounts, self.hours.why[code][self.place : self.place + 1, self.columns] > 0

    def _counted(self, code: str) -> Amounts:
        """Of a factor the hours that count, the others missing."""
        amounts, off = self._sent(code)
        missing = amounts.missing | off
        return Amounts(np.where(missing, 0, amounts.values), missing)

    def _item(self, code: str) -> list[dict[str, Any]]:
        """What the days say of one pollutant."""
        amounts, off = self._sent(code)
        found = [self._verdicts(amounts, off, own) for own in self._groups(code)]
        lines = []
        mass = None
        if items()[code].by_mass and not without_flow(self.site):
            sums = totals.water_totals if self.site.medium == WATER else totals.gas_totals
            mass = sums(amounts, self.flow, self.book, off)
        valid = (~amounts.missing & ~off).reshape(-1, HOURS).sum(axis=-1)
        for day in range(len(self.days)):
            checks = [_check(one, own, day, hourly) for one, own, hourly in found]
            over = [one for one in checks if one["over"]]
            multiples = [row[2] for one in over for row in one["over"] if row[2] is not None]
            lines.append({
                "code": code, "checks": checks, "over": bool(over), "multiple": max(multiples, default=None),
                "valid": int(valid[day]),
                "kg": None if mass is None or mass.kilograms.missing[0, day] else int(mass.kilograms.values[0, day]),
                "covered": 0 if mass is None else int(mass.covered[0, day]),
            })  # fmt: skip
        self.unverified |= dict.fromkeys(name for one, _own, _hourly in found for name in one.unverified)
        return lines

    def _groups(self, code: str) -> list[list[Limit]]:
        """The limits of a factor that are judged together: alone, or a pair by water temperature."""
        own = [one for one in self.held if one.code == code and one.averaging != "sampling"]
        pairs = [one for one in own if one.warmer_than is not None or one.not_warmer_than is not None]
        return ([pairs] if pairs else []) + [[one] for one in own if one not in pairs]

    def _verdicts(self, amounts: Amounts, off: np.ndarray, limits: list[Limit]
                  ) -> tuple[Verdicts, list[Limit], bool]:  # fmt: skip
        """Hours or days against limits; whether they are hours."""
        (limit, *_more), rule, book = limits, rules().emission, self.book
        kind = "ph" if limit.code == rule.ph else "concentration"
        if limit.averaging == "instant":
            return waste_water.judge_single(amounts, limit, book, off, kind), limits, True
        if self.site.medium == WATER:
            means = waste_water.day_means(amounts, self.due, book, every=self.site.every, excluded=off, kind=kind)
            return waste_water.judge_days(means, limits, book, self._counted(rule.water.temperature)), limits, False
        oxygen = self._counted(rule.gas.oxygen)
        if limit.averaging == "hour":
            return gas.judge_hours(amounts, oxygen, limit, book, off), limits, True
        return gas.judge_days(amounts, oxygen, limit, book, off), limits, False

    def _day(self, number: int, day: int, lines: dict[str, Any], present: list[str]) -> Made:
        site, start = self.site, self.hours.first + timedelta(days=day)
        inside = slice(number * HOURS, (number + 1) * HOURS)
        stopped = int(self.hours.stopped[self.place, self.columns[inside]].sum())
        used, off = self._used(present, inside)
        checks = [one for line in lines.values() for one in line["checks"]]
        over = tuple(key for key, line in lines.items() if line["over"])
        judged = any(one["judged"] for one in checks)
        multiples = [line["multiple"] for line in lines.values() if line["multiple"] is not None]
        terms = site.terms_on(start)
        flowing = self.flow.values[0, inside][~self.flow.missing[0, inside]]
        body = {
            "medium": site.medium, "set": terms.set if terms else "", "enterprise": terms.enterprise if terms else "",
            "items": lines, "hours": used, "off": off, "stopped": stopped,
            "flow": None if without_flow(site) or not len(flowing) else int(np.maximum(flowing, 0).sum()),
        }  # fmt: skip
        limits = [[one.name, one.least, one.most, one.oxygen] for one in self.held]
        inputs = {"hours": used, "off": off, "stopped": stopped, "every": site.every, "limits": limits} | site.stamped
        reason = "" if judged else _reason(checks, stopped, bool(present))
        label = any(one["limit"].startswith(OWN) for one in checks) and rules().emission.unverified
        known = (*(_FACT + one for one in dict.fromkeys((*self.unverified, *self.book.unverified))),
                 *((PERMIT,) if label else ()))  # fmt: skip
        return Made(
            Key(EMISSION, "day", start, site.subject), site.device, site.region, site.department, _editions(self.held),
            max(multiples, default=0) if judged else None, OVER if over else MET if judged else OPEN, over,
            reason, body, inputs, None, not over if judged else None, (),
            {"mn": site.mn, "interval": INTERVAL, "first": start.isoformat(), "days": 1, "ending": site.ending}, known,
        )  # fmt: skip

    def _used(self, present: list[str], inside: slice) -> tuple[dict[str, list], dict[str, list]]:
        """The day's hours that count, by factor code; and those that do not: hour, why, as sent."""
        used, off = {}, {}
        for code in sorted(present):
            amounts = self.hours.sent[code][self.place, self.columns[inside]]
            why = self.hours.why[code][self.place, self.columns[inside]].tolist()
            values = [None if gone else value for value, gone in
                      zip(amounts.values.tolist(), amounts.missing.tolist(), strict=True)]  # fmt: skip
            used[code] = [None if word else value for value, word in zip(values, why, strict=True)]
            rows = [[hour, self.hours.words[word], values[hour]] for hour, word in enumerate(why) if word]
            if rows:
                off[code] = rows
        return used, off


def _check(found: Verdicts, limits: list[Limit], day: int, hourly: bool) -> dict[str, Any]:
    """A day against a limit. over: hour (None for the day), value, multiple; value: the mean of the day, or of the
    hours the one that comes nearest to the limit or lies furthest beyond it; values: of hours that were converted.
    """
    inside = slice(day * HOURS, (day + 1) * HOURS) if hourly else slice(day, day + 1)
    judged, exceeds = found.judged[0, inside], found.exceeds[0, inside]
    values, multiples = found.values.values[0, inside], found.multiples[0, inside]
    applies = found.limit[0, inside]
    limit = limits[int(applies[judged][0])] if judged.any() else limits[0]
    ranged = limit.least is not None
    over = [[place if hourly else None, int(values[place]), None if ranged else int(multiples[place])]
            for place in np.flatnonzero(exceeds).tolist()]  # fmt: skip
    reason = "" if judged.any() else _common(found.reason[0, inside])
    one = {
        "limit": limit.name, "averaging": limit.averaging, "least": limit.least, "most": limit.most, "unit": limit.unit,
        "oxygen": limit.oxygen, "judged": int(judged.sum()), "over": over, "reason": reason,
        "value": _worst(values[judged], limit) if judged.any() else None,
    }  # fmt: skip
    if hourly and limit.oxygen is not None:
        one["values"] = [int(value) if there else None for value, there in zip(values, judged, strict=True)]
    return one


def _worst(values: np.ndarray, limit: Limit) -> int:
    if limit.least is None or limit.most is None:
        return int(values.max() if limit.most is not None else values.min())
    middle = (limit.least + limit.most) // 2
    return int(values[np.abs(values - middle).argmax()])


def _common(reasons: np.ndarray) -> str:
    """The most frequent reason; of a day of which hours are excluded that one before mere absence."""
    counts = Counter(Reason(int(one)).name.lower() for one in reasons)
    if len(counts) > 1:
        counts.pop(Reason.MISSING.name.lower(), None)
    return counts.most_common(1)[0][0]


def _reason(checks: Sequence[Mapping[str, Any]], stopped: int, came: bool) -> str:
    """Why a day is not judged. came: whether anything is left of it."""
    if stopped and (not checks or stopped == HOURS or all(one["reason"] in ("excluded", "no_flow") for one in checks)):
        return "stopped"
    if not checks:
        return "no_limit" if came else "missing"
    return Counter(str(one["reason"]) for one in checks).most_common(1)[0][0]


def _editions(held: Sequence[Limit]) -> str:
    """The editions of the limits, '' among them for the permit."""
    return ",".join(dict.fromkeys(one.edition or one.name.partition(".")[0] for one in held))[:80]
