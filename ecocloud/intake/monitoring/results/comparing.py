"""Areas year on year: as published, and both periods under the edition of the one and of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from ecocloud.intake.monitoring.evaluation.air.comparing import Change, change
from ecocloud.intake.monitoring.evaluation.air.rules import editions
from ecocloud.intake.monitoring.results import air_periods, showing
from ecocloud.intake.monitoring.results.lists import year_before
from ecocloud.intake.monitoring.results.made import Key
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import AIR_AREA, Period


@dataclass(frozen=True)
class Beside:
    """One way to compare. edition: of both periods, '' for that of each day; by region the changes of figures:
    ``composite``, ``good`` (percentage points), ``pm25``.
    """

    edition: str
    changes: dict[str, dict[str, Change]]


def air_year_on_year(period: Period, regions: Sequence[str]) -> list[Beside]:
    """A period beside the same a year before, in up to three ways; nothing without days a year before.

    Made of the kept days of areas (one query); the days of a running year are held against the same days then.
    """
    ago = year_before(period)
    days = _days((period, ago), regions)
    now = [one for one in days if one.key.start >= period.start]
    then = [one for one in days if one.key.start < ago.after]
    if not now or not then:
        return []
    last = max(one.key.start for one in now)
    then = [one for one in then if (one.key.start.month, one.key.start.day) <= (last.month, last.day)]
    book, ways = editions(), [""]
    for end in (last, max((one.key.start for one in then), default=last)):
        ways.append(book.on(end).id)
    found = []
    for way in dict.fromkeys(ways):
        figures = [_figures(each, days, way) for each, days in ((period, now), (ago, then))]
        found.append(Beside(way, {code: _changes(figures[0].get(code, {}), figures[1].get(code, {}))
                                  for code in regions}))  # fmt: skip
    return found


def _days(periods: Sequence[Period], regions: Sequence[str]) -> list[air_periods.Stored]:
    within = [Q(start__gte=one.start, start__lt=one.after) for one in periods]
    rows = Result.objects.filter(reduce(or_, within), kind=AIR_AREA, span="day", asked="", current=True,
                                 region__in=regions)  # fmt: skip
    return [
        air_periods.Stored(Key(AIR_AREA, "day", start, subject), None, region, None, outcome,
                           {item: (one["mean"], one["reason"]) for item, one in body["items"].items()})
        for start, subject, region, outcome, body in rows.order_by("subject", "start").values_list(
            "start", "subject", "region_id", "outcome", "body"
        )
    ]  # fmt: skip


def _figures(period: Period, days: Sequence[air_periods.Stored], under: str) -> dict[str, dict[str, Decimal | None]]:
    made = air_periods.periods(period, days, editions(), over=False, under=under)
    return {one.region: _of(one.body) for one in made}


def _of(body: Any) -> dict[str, Decimal | None]:
    mean = body["statistics"].get("pm25.mean", {"units": None, "places": 0})
    good, index = body["good"], body["composite"]
    return {"composite": showing.number(index["units"], index["places"]),
            "good": showing.number(good["units"], good["places"]) if good["whole"] else None,
            "pm25": showing.number(mean["units"], mean["places"])}  # fmt: skip


def _changes(now: dict[str, Decimal | None], then: dict[str, Decimal | None]) -> dict[str, Change]:
    return {name: change(now.get(name), then.get(name)) for name in ("composite", "good", "pm25")}
