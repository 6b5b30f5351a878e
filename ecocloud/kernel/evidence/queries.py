"""Read models for pages, API and exports. The number of queries does not depend on the number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from ecocloud.base.periods import Period
from ecocloud.kernel.evidence import catalogue, facts, linking, rules, years
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.queries import regions_below

VIEW = "evidence.indicator.view"


@dataclass(frozen=True)
class Row:
    """One indicator of one region and year: what lists, tiles and the API show."""

    indicator: Indicator
    region: Region
    year: int
    target: Target | None
    reading: years.Reading

    @property
    def value(self) -> Any:
        """The year's value so far."""
        return self.reading.year.value

    @property
    def source(self) -> str:
        """``Ref`` text of the newest observation behind the value."""
        used = self.reading.year.used
        return f"obs:{used[-1].pk}" if used else ""

    @property
    def light(self) -> rules.Light:
        """The light with its word."""
        return self.reading.light

    @property
    def target_words(self) -> rules.Step | None:
        """The target in words."""
        return rules.describe(self.target.rule(), self.indicator.unit) if self.target else None


def target_words(target: Target) -> rules.Step:
    """A target in words (needs its indicator loaded)."""
    return rules.describe(target.rule(), target.indicator.unit)


def kind_of(indicator: Indicator) -> years.Kind:
    """What the rules read of an indicator."""
    aggregation = "mean" if indicator.aggregation == "weighted" else indicator.aggregation
    return years.Kind(aggregation, indicator.unit, indicator.decimals, indicator.direction)


def observations(viewer: Any) -> QuerySet[Observation]:
    """The observations ``viewer`` may see."""
    return scope.limit(
        Observation.objects.all(), viewer, department_fields=["department"], region_field="region",
        owner_field="entered_by", permission=VIEW,
    )  # fmt: skip


def targets(viewer: Any) -> QuerySet[Target]:
    """The targets ``viewer`` may see."""
    return scope.limit(
        Target.objects.all(), viewer, department_fields=["department"], region_field="region", owner_field="entered_by",
        permission=VIEW,
    )  # fmt: skip


def standing(viewer: Any) -> QuerySet[Observation]:
    """Confirmed and locked level values."""
    return observations(viewer).filter(status__in=Observation.STANDING, qualifier="actual")


def latest(viewer: Any, indicator: Indicator, on: date | None = None) -> dict[str, Observation]:
    """The newest standing observation of each region, by region code (one query)."""
    rows = standing(viewer).filter(indicator=indicator, end__isnull=False)
    if on is not None:
        rows = rows.filter(end__lte=on)
    found: dict[str, Observation] = {}
    for row in rows.select_related("region").order_by("end", "-start", "id"):
        found[row.region_id] = row
    return found


def series(viewer: Any, indicator: Indicator, region: Region) -> list[Observation]:
    """All standing values of an indicator in one region, by time."""
    rows = standing(viewer).filter(indicator=indicator, region=region)
    return list(rows.select_related("entered_by", "confirmed_by").order_by("end", "start", "id"))


def in_year(year: int) -> Q:
    """Rows whose period ends in ``year``."""
    return Q(end__gte=date(year, 1, 1), end__lte=date(year, 12, 31))


def any_in(region: Region, year: int) -> bool:
    """Whether there is a target or a value at all for this region and year; spares the conditions of data scopes."""
    goals = Target.objects.filter(in_year(year), region=region)
    return Observation.objects.filter(in_year(year), region=region).exists() or goals.exists()


def governing(rows: Iterable[Target]) -> dict[tuple[int, str], Target]:
    """The target that counts for each indicator and region: the year's own before shorter ones, then the newest."""
    found: dict[tuple[int, str], Target] = {}
    for row in sorted(rows, key=lambda one: (one.start is not None and (one.end - one.start).days >= 364, one.pk)):
        found[(row.indicator_id, row.region_id)] = row
    return found


def rows_for(
    viewer: Any, indicators: Sequence[Indicator], regions: Sequence[Region], year: int, on: date | None = None
) -> list[Row]:
    """Every indicator × region with value, target, attainment, pace, 倒算 and light: three queries altogether."""
    if not indicators:
        return []
    ids, places = [one.pk for one in indicators], [one.pk for one in regions]
    goals = governing(targets(viewer).filter(in_year(year), status="active", indicator__in=ids, region__in=places))
    held: dict[tuple[int, str], list[Observation]] = defaultdict(list)
    wanted = standing(viewer).filter(
        indicator__in=ids, region__in=places, end__gte=date(year - 1, 1, 1), end__lte=date(year, 12, 31)
    )
    for row in wanted.order_by("end", "id"):
        held[(row.indicator_id, row.region_id)].append(row)
    amber = facts.amber_ratio()
    made = []
    for indicator in indicators:
        kind = kind_of(indicator)
        for region in regions:
            goal = goals.get((indicator.pk, region.pk))
            made.append(_row(kind, indicator, region, year, goal, held[(indicator.pk, region.pk)], on, amber))
    return made


def _row(
    kind: years.Kind, indicator: Indicator, region: Region, year: int, goal: Target | None, held: list[Observation],
    on: date | None, amber: Any,
) -> Row:  # fmt: skip
    now = years.year_value(kind, held, year, on)
    until = now.until
    then = years.EMPTY
    if until is not None:
        back = date(year - 1, until.month, 28 if (until.month, until.day) == (2, 29) else until.day)
        if (until.month, until.day) == (2, 28):
            back = Period.of(year - 1, 2).end
        then = years.year_value(kind, held, year - 1, back)
    span = (
        (goal.start or date(year, 1, 1), goal.end or date(year, 12, 31))
        if goal
        else (date(year, 1, 1), date(year, 12, 31))
    )
    reading = years.read(
        kind, now, then, goal.rule() if goal else None, span, curve=goal.months_curve() if goal else None, amber=amber
    )
    return Row(indicator, region, year, goal, reading)


def with_targets(viewer: Any, region: Region, year: int) -> list[Indicator]:
    """The indicators that have a target for this region and year, in catalogue order."""
    ids = targets(viewer).filter(in_year(year), status="active", region=region).values("indicator")
    return list(Indicator.objects.filter(pk__in=ids))


def attainment_list(viewer: Any, region: Region, year: int, on: date | None = None) -> list[Row]:
    """Every indicator with a target for this region and year (four queries)."""
    return rows_for(viewer, with_targets(viewer, region, year), [region], year, on)


def county_table(viewer: Any, indicator: Indicator, parent: Region, year: int, on: date | None = None) -> list[Row]:
    """The divisions one level below ``parent``, each with value, target and light (a fixed number of queries)."""
    return rows_for(viewer, [indicator], list(regions_below(parent).filter(parent=parent)), year, on)


def my_indicators(viewer: Any, rows: Iterable[Row], limit: int = 50) -> list[Row]:
    """Of ``rows`` those with a target that the viewer's department answers for, worst first; the office sees all."""
    words = facts.words_of(viewer.department.function) if getattr(viewer, "department", None) else []
    aimed = [row for row in rows if row.target is not None]
    rows = [row for row in aimed if row.indicator.function in words]
    if not rows and (not words or "生态文明办" in words):
        rows = aimed
    rank = {"red": 0, "yellow": 1, "green": 2, "grey": 3}
    return sorted(rows, key=lambda row: (rank[row.light.color], row.indicator.order))[:limit]


@dataclass(frozen=True)
class ConflictGroup:
    """Different targets for the same indicator, region and period in different documents."""

    indicator: Indicator
    region: Region
    period: str
    targets: tuple[Target, ...]


def conflicts(viewer: Any, region: Region | None = None, year: int | None = None) -> list[ConflictGroup]:
    """Targets that contradict each other between documents (F1.8); one query."""
    rows = targets(viewer).filter(status="active").select_related("indicator", "region")
    if region is not None:
        first, after = region.span
        rows = rows.filter(region_id__gte=first, region_id__lt=after)
    if year is not None:
        rows = rows.filter(in_year(year))
    groups: dict[tuple, list[Target]] = defaultdict(list)
    for row in rows.order_by("indicator__order", "region_id", "period", "id"):
        groups[(row.indicator_id, row.region_id, row.period)].append(row)
    return [
        ConflictGroup(found[0].indicator, found[0].region, found[0].period, tuple(found))
        for found in groups.values()
        if len({(one.operator, one.value, one.value2, one.unit) for one in found}) > 1
    ]


def review_queue(viewer: Any) -> QuerySet[Observation]:
    """Observations handed in, that the viewer may review."""
    rows = scope.limit(
        Observation.objects.filter(status="submitted"), viewer, department_fields=["department"], region_field="region",
        permission="evidence.observation.review",
    )  # fmt: skip
    return rows.exclude(entered_by=viewer.pk)


def my_drafts(viewer: Any) -> QuerySet[Observation]:
    """Drafts and returned observations the viewer entered."""
    return Observation.objects.filter(status__in=("draft", "returned"), entered_by=viewer.pk)


@dataclass(frozen=True)
class _Linkable:
    code: str
    zh: str
    unit: str
    names: tuple[str, ...]
    context: tuple[str, ...] = ()


def link(name: str, unit: str = "", context: str = "") -> linking.LinkResult:
    """The indicator a document means, among the catalogue and the site's own indicators (two queries at most)."""
    own = [
        _Linkable(row.code, row.zh, row.unit, tuple(row.names))
        for row in Indicator.objects.filter(own=True).exclude(status="retired").prefetch_related("aliases")
    ]
    return linking.link(name, unit, context, [*catalogue.load().entries, *own])
