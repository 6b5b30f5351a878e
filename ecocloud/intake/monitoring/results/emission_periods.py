"""Months, quarters and years of emissions from kept days: amounts, days above a limit, capture, substitution. Exact."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.evaluation.air.hours import HOURS
from ecocloud.intake.monitoring.evaluation.emission.capture import capture, substitute
from ecocloud.intake.monitoring.evaluation.emission.totals import MILLIGRAMS
from ecocloud.intake.monitoring.evaluation.facts import Facts, facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.products import divide_big
from ecocloud.intake.monitoring.evaluation.scaled import SCALE, Amounts
from ecocloud.intake.monitoring.lake.schema import BEIJING
from ecocloud.intake.monitoring.results.emission_days import FLAG, MET, OPEN, OVER, UPKEEP
from ecocloud.intake.monitoring.results.made import Key, Made
from ecocloud.intake.monitoring.results.outlets import Outlet, items
from ecocloud.intake.monitoring.results.rules import EMISSION, Period, Span, period_of, rules

_FACT = "emission:"


@dataclass(frozen=True)
class Stored:
    """A kept result of an outlet: a day, or a month. meets, final: as of the result; body: its figures."""

    key: Key
    outcome: str
    edition: str
    meets: bool | None
    body: Mapping[str, Any]
    facts: tuple[str, ...]
    final: bool = True


def made_of(stored: Sequence[Stored]) -> list[list[str]]:
    """What a longer result is made of, as plain data."""
    return [[one.key.start.isoformat(), one.outcome] for one in stored]


def totals(span: Span, stored: Sequence[Stored], sites: Mapping[str, Outlet]) -> Iterator[Made]:
    """Amounts and exceedances of months from days, or of years from months; value: days above a limit."""
    grouped: dict[tuple[str, date], list[Stored]] = defaultdict(list)
    for one in stored:
        if one.key.subject in sites:
            grouped[one.key.subject, period_of(span, one.key.start).start].append(one)
    for (subject, start), own in sorted(grouped.items()):
        own.sort(key=lambda one: one.key)
        yield _total(Key(EMISSION, span, start, subject), sites[subject], own)


def _total(key: Key, site: Outlet, own: list[Stored]) -> Made:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    counts: Counter[str] = Counter()
    flows = []
    for one in own:
        for item, line in one.body["items"].items():
            found[item].update(_line(line))
        counts.update(_days(one))
        if one.body["flow"] is not None:
            flows.append(one.body["flow"])
    lines = {item: dict(one) | {"kg": one["kg"] if one["kg_days"] else None} for item, one in sorted(found.items())}
    over = tuple(item for item, one in lines.items() if one["over_days"])
    meets = None if not counts["judged"] else not counts["over"]
    last = own[-1].body
    body = {
        "medium": site.medium, "set": last["set"], "enterprise": last["enterprise"], "items": lines,
        "flow": sum(flows) if flows else None, "days": counts["days"], "judged_days": counts["judged"],
        "over_days": counts["over"],
    }  # fmt: skip
    editions = ",".join(dict.fromkeys(name for one in own for name in one.edition.split(",") if name))
    return Made(
        key, site.device, site.region, site.department, editions[:80], counts["over"] if counts["judged"] else None,
        OPEN if meets is None else MET if meets else OVER, over, "not_judged" if meets is None else "", body,
        {"of": made_of(own)}, None, meets, tuple(one.key for one in own),
        facts=tuple(dict.fromkeys(name for one in own for name in one.facts)),
    )  # fmt: skip


def _line(line: Mapping[str, Any]) -> Counter[str]:
    """What one result adds to the sums of an item: of a day its checks, of a longer one its sums."""
    if "checks" not in line:
        return Counter({name: value or 0 for name, value in line.items()})
    hours = sum(len(one["over"]) for one in line["checks"] if one["averaging"] != "day")
    return Counter(kg=line["kg"] or 0, kg_days=int(line["kg"] is not None), covered=line["covered"],
                   over_days=int(line["over"]), over_hours=hours)  # fmt: skip


def _days(one: Stored) -> Counter[str]:
    body = one.body
    if "over_days" in body:
        return Counter(days=body["days"], judged=body["judged_days"], over=body["over_days"])
    return Counter(days=1, judged=int(one.meets is not None), over=int(one.meets is False))


def quarter_rule(day: date, source: Facts | None = None) -> list[Any]:
    """What capture and substitution go by on a day, as plain data: part of what a quarter is made of."""
    book = InForce(source or facts("emission"), day)
    lines = book.optional("gas.substitution")
    return [book.get("gas.capture").whole(), [dict(one) for one in lines.listed()] if lines else None]


def quarter(period: Period, site: Outlet, own: Sequence[Stored], before: Sequence[Stored], last: date,
            source: Facts | None = None) -> Made:  # fmt: skip
    """Capture of each pollutant of a stack in a quarter up to ``last``, and what its invalid hours are taken for.

    own: its days in the quarter; before: days it is looked back on, for ``look_back_days``.
    """
    book = InForce(source or facts("emission"), period.start)
    begin = period.start - timedelta(days=rules().emission.look_back_days)
    grid = _Grid(site, begin, last, [*before, *own])
    first = (period.start - begin).days * HOURS
    lines: dict[str, dict[str, Any]] = {}
    known: dict[str, None] = {}
    for code in grid.codes:
        valid, emissions = grid.valid(code), grid.emissions(code)
        share = capture(valid[None, first:], grid.stopped[None, first:], book)
        stood = substitute(emissions, grid.stopped, first, book)
        measured = ~emissions.missing[first:] & ~grid.stopped[first:]
        lines[items()[code].key] = {
            "code": code, "part": int(share.shares.part[0]), "whole": int(share.shares.whole[0]),
            "units": int(share.shares.units[0]) if share.shares.whole[0] else None, "places": share.shares.decimals,
            "passes": bool(share.passes[0]), "kg": int(emissions.values[first:][measured].sum()),
            "by": int(stood.by.sum()), "with_kg": int(stood.amounts.values[~stood.amounts.missing].sum()),
            "open": int((stood.amounts.missing & ~grid.stopped[first:]).sum()),
        }  # fmt: skip
        known |= dict.fromkeys(_FACT + name for name in (*share.unverified, *stood.unverified))
    below = tuple(key for key, one in lines.items() if one["whole"] and not one["passes"])
    any_hours = any(one["whole"] for one in lines.values())
    stopped = int(grid.stopped[first:].sum())
    body = {"medium": site.medium, "items": lines, "to_date": last.isoformat(), "stopped": stopped,
            "due_hours": len(grid.stopped) - first, "rule": quarter_rule(period.start, source)}  # fmt: skip
    return Made(
        Key(EMISSION, "quarter", period.start, site.subject), site.device, site.region, site.department, "HJ 75-2017",
        min((one["units"] for one in lines.values() if one["units"] is not None), default=None),
        OPEN if not any_hours else OVER if below else MET, below, "" if any_hours else "stopped" if stopped else
        "missing", body, quarter_inputs(own, before, last, site, period, source), None,
        not below if any_hours else None, tuple(one.key for one in own), facts=tuple(known),
    )  # fmt: skip


def quarter_inputs(own: Sequence[Stored], before: Sequence[Stored], last: date, site: Outlet, period: Period,
                   source: Facts | None = None) -> dict[str, Any]:  # fmt: skip
    """What a quarter is made of; known without the figures of its days."""
    pauses = [[one.start.isoformat(), one.end.isoformat() if one.end else None] for one in site.pauses
              if _stops(one) and (one.end is None or one.end.date() >= period.start)]  # fmt: skip
    return {"of": made_of(own), "before": made_of(before), "last": last.isoformat(), "pauses": pauses,
            "rule": quarter_rule(period.start, source)}  # fmt: skip


def _stops(pause: Any) -> bool:
    return pause.kind in rules().emission.stopped_upkeep and not pause.code


class _Grid:
    """The hours of a stack's days in a row from ``begin`` to ``last``; days without a result are missing."""

    def __init__(self, site: Outlet, begin: date, last: date, stored: Sequence[Stored]) -> None:
        self.begin, self.stored, self.site = begin, stored, site
        self.length = ((last - begin).days + 1) * HOURS
        self.codes = sorted({line["code"] for one in stored for line in one.body["items"].values()
                             if items()[line["code"]].by_mass})  # fmt: skip
        self.stopped = self._stopped()

    def _place(self, one: Stored) -> slice:
        start = (one.key.start - self.begin).days * HOURS
        return slice(start, start + HOURS)

    def _stopped(self) -> np.ndarray:
        rule, found = rules().emission, np.zeros(self.length, np.bool_)
        words = {*(FLAG + one for one in rule.stopped_flags), *(UPKEEP + one for one in rule.stopped_upkeep)}
        for one in self.stored:
            hours = [row[0] for rows in one.body["off"].values() for row in rows if row[1] in words]
            found[self._place(one)][hours] = True
        for pause in filter(_stops, self.site.pauses):
            low, high = (self._hour(at, up) for at, up in ((pause.start, False), (pause.end, True)))
            found[max(0, low) : max(0, high)] = True
        return found

    def _hour(self, at: Any, up: bool) -> int:
        """The place of the hour a moment lies in; of an end the one after the last hour it touches."""
        if at is None:
            return self.length
        local = at.astimezone(BEIJING)
        days = (local.date() - self.begin).days * HOURS + local.hour
        return days + int(up and bool(local.minute or local.second))

    def _hours(self, code: str) -> Amounts:
        values, missing = np.zeros(self.length, np.int64), np.ones(self.length, np.bool_)
        for one in self.stored:
            listed = one.body["hours"].get(code)
            if listed is not None:
                inside = self._place(one)
                missing[inside] = [value is None or value < 0 for value in listed]
                values[inside] = [max(value or 0, 0) for value in listed]
        return Amounts(values, missing)

    def valid(self, code: str) -> np.ndarray:
        """Hours with a value that counts."""
        return ~self._hours(code).missing

    def emissions(self, code: str) -> Amounts:
        """Hourly emissions, millionths of kg/h: concentration times flow (HJ 212-2017 annex D, 33)."""
        concentration, flow = self._hours(code), self._hours(self.site.about.flow)
        missing = concentration.missing | flow.missing
        product = concentration.values.astype(object) * flow.values.astype(object)
        return Amounts(np.where(missing, 0, divide_big(product, SCALE * MILLIGRAMS)), missing)
