"""Coverage of a span of days, by object and by unit. Never by person: what is told is where patrols are missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from ecocloud.domains.chiefs import owing, queries, showing
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Finding, Office
from ecocloud.domains.chiefs.owing import Cover
from ecocloud.kernel.regions.models import Department, Region

MOST_OFFICES = 5000


@dataclass(frozen=True)
class Line:
    """One object or unit: what was owed and done, problems found and still open."""

    label: str
    unit: str
    cover: Cover
    found: int
    open: int
    office: Office | None = None

    @property
    def light(self) -> tuple[str, str]:
        """Level and word."""
        return showing.light_of(self.cover)


@dataclass(frozen=True)
class Coverage:
    """All lines of a span of days; ``rules`` are the chosen rules that are not compared with a printed text."""

    first: date
    last: date
    offices: tuple[Line, ...]
    units: tuple[Line, ...]
    total: Line
    unverified: tuple[str, ...]
    ruleless: int


def span(name: str, day: date | None = None) -> tuple[date, date]:
    """The last month or quarter that is over, or this year up to today."""
    today = day or timezone.localdate()
    if name == "year":
        return date(today.year, 1, 1), today
    before, _last = owing.period_of("quarter" if name == "quarter" else "month", today)
    return owing.period_of("quarter" if name == "quarter" else "month", before - owing._DAY)


def build(viewer: Any, first: date, last: date, *, family: str = "", region: Region | None = None) -> Coverage:
    """The coverage of the offices in sight for the periods that ended in ``[first, last]`` (seven queries)."""
    rows = queries.offices(viewer, queries.PATROLS).filter(opened_on__lte=last)
    rows = rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=first))
    if family:
        rows = rows.filter(kind__in=[one.code for one in words().kinds if one.family == family])
    if region is not None:
        begin, after = region.span
        rows = rows.filter(region_id__gte=begin, region_id__lt=after)
    offices = list(
        rows.select_related("object", "region", "department").order_by("region_id", "kind", "pk")[:MOST_OFFICES]
    )
    covers = queries.covers(offices, first, last)
    found = _findings(offices, first, last)
    lines = tuple(
        Line(showing.title(row), row.department.label, covers[row.pk], *found.get(row.pk, (0, 0)), row)
        for row in offices
    )
    chosen = queries.rules()
    return Coverage(first, last, lines, _by_unit(lines), _sum(lines, "", ""), _unverified(chosen, offices),
                    sum(not chosen.timeline(row) for row in offices))  # fmt: skip


def _findings(offices: list[Office], first: date, last: date) -> dict[int, tuple[int, int]]:
    rows = Finding.objects.filter(patrol__office__in=[row.pk for row in offices], patrol__day__gte=first,
                                  patrol__day__lte=last)  # fmt: skip
    told = rows.order_by().values_list("patrol__office").annotate(n=Count("pk"), open_=Count("pk", filter=Q(open=True)))
    return {office: (n, still) for office, n, still in told}


def _sum(lines: Any, label: str, unit: str) -> Line:
    cover = Cover()
    for line in lines:
        cover += line.cover
    return Line(label, unit, cover, sum(line.found for line in lines), sum(line.open for line in lines))


def _by_unit(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Units in the order of the organisation: no order by merit."""
    groups: dict[Department, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.office.department].append(line)
    ordered = sorted(groups, key=lambda unit: (unit.order, unit.pk))
    return tuple(_sum(groups[unit], unit.name, unit.label) for unit in ordered)


def _unverified(chosen: queries.Rules, offices: list[Office]) -> tuple[str, ...]:
    """The chosen variants whose numbers for these levels were not compared with the printed text."""
    from ecocloud.domains.chiefs.facts import variants

    found = {}
    for row in offices:
        for choice in chosen.chosen(row.region_id, words().kind(row.kind).family):
            variant = variants().get(choice.variant)
            if variant is not None and not variant.verified(row.level):
                found[variant.code] = variant.citation
    return tuple(found[code] for code in sorted(found))
