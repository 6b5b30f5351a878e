"""What pages show of an indicator: region and year of the page, chart, map."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.geo import boundaries, svg_map
from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.base.pages.maps import Choropleth
from ecocloud.kernel.evidence import catalogue, queries, rules, years
from ecocloud.kernel.evidence.indicators import OWN_GROUP
from ecocloud.kernel.evidence.models import Indicator, Observation
from ecocloud.kernel.regions.models import Region, in_language
from ecocloud.kernel.regions.queries import region_by_code, regions_below

OWN_GROUP_EN = "Own indicators"
LEVELS = {"green": "green", "yellow": "yellow", "red": "red", "grey": "none"}


def aims() -> dict[str, str]:
    """The operators of targets and their words in the language of the page."""
    return {key: in_language(word, rules.OPERATOR_EN[key]) for key, word in rules.OPERATOR_ZH.items()}


def group_names() -> list[tuple[str, str]]:
    """The groups of the catalogue, then that of the site's own indicators, in the language of the page."""
    own, own_zh = OWN_GROUP
    held = [(group.code, in_language(group.zh, group.en)) for group in catalogue.load().groups]
    return [*held, (own, in_language(own_zh, OWN_GROUP_EN))]


def indicator_name(indicator: Indicator) -> str:
    """An indicator's name in the language of the page."""
    return in_language(indicator.zh, indicator.en)


def page_region(request: HttpRequest) -> Region:
    """The region in the address, else that of the person's department (a township's county)."""
    code = request.GET.get("region", "")
    if code:
        try:
            return region_by_code(code)
        except EcoError:
            pass
    return home_region(request.user)


def home_region(user: Any) -> Region:
    """The region a person's pages are about without a choice."""
    unit = getattr(user, "department", None)
    region = unit.region if unit else Region.objects.filter(level="city").order_by("code").first()
    if region is None:
        region = region_by_code("360000")
    return region.parent if region.level in ("township", "village") and region.parent else region


def page_year(request: HttpRequest) -> int:
    """The year in the address, else this year."""
    text = request.GET.get("year", "")
    return int(text) if text.isdecimal() and 1990 <= int(text) <= 2100 else timezone.localdate().year


def year_choices() -> list[int]:
    """Next year, this year and four before."""
    newest = timezone.localdate().year
    return [newest + 1 - step for step in range(6)]


def region_choices(region: Region) -> list[Region]:
    """The page's region, the one above it and those below (or beside) it."""
    above = region.parent if region.level == "county" and region.parent else region
    key = f"evidence.places:{above.pk}"
    found = cache.get(key)
    if found is None:
        found = [above, *regions_below(above).filter(parent=above)]
        cache.set(key, found, 300)
    return found


def trend(viewer: Any, row: queries.Row) -> Chart | None:
    """This year, last year dotted, the target as a line; cumulative indicators as running totals; ``None`` without
    monthly values."""
    indicator, year = row.indicator, row.year
    found = queries.standing(viewer).filter(
        indicator=indicator, region=row.region, end__gte=date(year - 1, 1, 1), end__lte=date(year, 12, 31)
    )
    months: dict[int, list[Decimal | None]] = {year: [None] * 12, year - 1: [None] * 12}
    for value in found.order_by("end"):
        if value.start and value.value is not None and value.span.kind == "month":
            months[value.end.year][value.end.month - 1] = value.value
    if not any(value is not None for value in months[year] + months[year - 1]):
        return _yearly(viewer, row)
    running = indicator.aggregation == "sum"
    if running:
        months = {key: _running(values) for key, values in months.items()}
    title = _("%(name)s（逐月累计）") if running else _("%(name)s（逐月）")
    names = [_("%(month)s月") % {"month": month} for month in range(1, 13)]
    return Chart(
        "line", title % {"name": indicator_name(indicator)}, names,
        [Series(str(year), months[year]), Series(str(year - 1), months[year - 1], style="reference")],
        unit=indicator.unit, limits=_limits(row), category_label=_("月份"),
    )  # fmt: skip


def _yearly(viewer: Any, row: queries.Row) -> Chart | None:
    kind = queries.kind_of(row.indicator)
    found = list(queries.standing(viewer).filter(indicator=row.indicator, region=row.region, end__isnull=False))
    spans = sorted({one.end.year for one in found})[-8:]
    if len(spans) < 2:
        return None
    values = [years.year_value(kind, found, year).value for year in spans]
    title = _("%(name)s（历年）") % {"name": indicator_name(row.indicator)}
    return Chart("line", title, [str(year) for year in spans], [Series(row.region.name, values)],
                 unit=row.indicator.unit, limits=_limits(row), category_label=_("年份"))  # fmt: skip


def _running(values: list[Decimal | None]) -> list[Decimal | None]:
    total, made = Decimal(0), []
    for value in values:
        if value is not None:
            total += value
        made.append(total if value is not None else None)
    return made


def _limits(row: queries.Row) -> list[Limit]:
    found = row.reading.found
    limits = found.bounds if found else None
    if limits is None or row.target is None:
        return []
    ends = [value for value in (limits.lower, limits.upper) if value is not None]
    return [Limit(_("目标"), value, target=True) for value in ends]


def county_map(rows: list[queries.Row], indicator: Indicator, parent: Region, year: int) -> Choropleth | None:
    """The counties with their values; ``None`` where there are no boundaries or no values."""
    held = {row.region.pk: row for row in rows}
    if not any(row.value is not None for row in rows) or parent.level != "city":
        return None
    shapes = [shape for shape in boundaries("county", parent=parent.pk) if shape.code in held]
    if not shapes:
        return None
    link = reverse("evidence:detail", args=[indicator.code])
    drawing = svg_map(shapes, {shape.code: held[shape.code].value for shape in shapes})
    urls = {shape.code: f"{link}?region={shape.code}&year={year}" for shape in shapes}
    note = _("示意边界，未取得审图号，仅供内部演示")
    places = min(indicator.decimals + 1, 3)
    return Choropleth(indicator_name(indicator), drawing, unit=indicator.unit, note=note, urls=urls, places=places)


def lamp(row: queries.Row) -> str:
    """The light's level as the tag ``light`` knows it."""
    return LEVELS[row.light.color]


def observation_steps(row: Observation) -> list[Observation]:
    """This version and all it replaced, newest first."""
    chain, seen = [row], {row.pk}
    while chain[-1].replaces_id and chain[-1].replaces_id not in seen:
        before = Observation.objects.select_related("entered_by", "confirmed_by").get(pk=chain[-1].replaces_id)
        seen.add(before.pk)
        chain.append(before)
    return chain
