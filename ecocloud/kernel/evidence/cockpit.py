"""Tiles of the cockpit. Which indicators they show is data (``data/cockpit.yaml``); every figure links on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.urls import reverse
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict

from ecocloud.base.pages import drawing
from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.base.pages.figures import group_digits
from ecocloud.base.pages.maps import Choropleth, county_choropleth
from ecocloud.kernel.evidence import display, queries, years
from ecocloud.kernel.evidence.models import Indicator
from ecocloud.kernel.regions.models import Region, in_language

_YEARS_SHOWN = 6


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Part):
    """The indicators of a tile: one large, the others beside it."""

    first: str
    beside: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """All of them."""
        return (self.first, *self.beside)


class StandardLine(_Part):
    """A limit of a standard for the years in which it is in force."""

    value: Decimal
    unit: str
    zh: str
    en: str
    first_year: int
    last_year: int
    citation: str
    mark: str


class Theme(_Part):
    """A theme of the map."""

    key: str
    code: str
    zh: str
    en: str


class Name(_Part):
    """A short name."""

    zh: str
    en: str


class CockpitFile(_Part):
    """``data/cockpit.yaml``."""

    air: Group
    water: Group
    projects: Group
    key: tuple[str, ...]
    targets: tuple[str, ...]
    years: tuple[str, ...]
    trend: str
    limits: tuple[StandardLine, ...]
    map: tuple[Theme, ...]
    names: dict[str, Name] = {}

    @property
    def codes(self) -> frozenset[str]:
        """Every indicator that is named."""
        groups = (self.air.codes, self.water.codes, self.projects.codes, self.key, self.targets, self.years)
        return frozenset(code for codes in groups for code in codes) | {self.trend} | {one.code for one in self.map}


@cache
def cockpit_file() -> CockpitFile:
    """The checked data of the cockpit."""
    text = (files(__package__) / "data" / "cockpit.yaml").read_text(encoding="utf-8")
    return CockpitFile.model_validate(yaml.safe_load(text))


def name_of(indicator: Indicator) -> str:
    """An indicator's short name in the language of the page."""
    short = cockpit_file().names.get(indicator.code)
    return in_language(short.zh, short.en) if short else in_language(indicator.zh, indicator.en or indicator.zh)


def change_words(row: queries.Row) -> str:
    """同比 in a few words; '' where there is nothing to compare with."""
    found = row.reading.year_on_year
    amount = found.difference if found.percent is None else found.percent
    if amount is None:
        return ""
    if not amount:
        return _("同比持平")
    words = f"{group_digits(abs(amount), 1)}{'%' if found.percent is not None else found.unit}"
    return (_("同比上升 %(amount)s") if amount > 0 else _("同比下降 %(amount)s")) % {"amount": words}


def detail_url(code: str, place: Region, year: int) -> str:
    """The page of an indicator for a region and year."""
    return f"{reverse('evidence:detail', args=[code])}?region={place.pk}&year={year}"


def line_of(row: queries.Row) -> dict[str, Any]:
    """What a tile shows of one indicator: light, target and pace as numbers, link."""
    limits = row.reading.found.bounds if row.reading.found else None
    goal = None
    if limits:
        goal = limits.lower if limits.lower is not None else limits.upper
    return {
        "row": row, "name": name_of(row.indicator), "change": change_words(row), "level": display.lamp(row),
        "goal": goal,
        "pace": row.reading.pace.expected if row.reading.pace else None,
        "url": detail_url(row.indicator.code, row.region, row.year),
        "direction": "negative" if row.indicator.direction == "down" else "",
    }  # fmt: skip


def _rows(viewer: Any, place: Region, year: int, codes: Sequence[str]) -> list[queries.Row]:
    """The rows of ``codes`` in their order; what has neither value nor target is left out."""
    found = {one.code: one for one in Indicator.objects.filter(code__in=codes)}
    indicators = [found[code] for code in dict.fromkeys(codes) if code in found]
    rows = queries.rows_for(viewer, indicators, [place], year)
    return [row for row in rows if row.value is not None or row.target is not None]


def _group(viewer: Any, region: Region | None, year: int, group: Group) -> dict[str, Any]:
    place = region or display.home_region(viewer)
    rows = _rows(viewer, place, year, group.codes)
    first = next((row for row in rows if row.indicator.code == group.first and row.value is not None), None)
    beside = [line_of(row) for row in rows if row.indicator.code != group.first and row.value is not None]
    return {
        "place": place, "year": year, "first": line_of(first) if first else None, "beside": beside,
        "until": first.reading.year.until if first else None, "fill_url": reverse("evidence:fill"),
        "list_url": f"{reverse('evidence:list')}?region={place.pk}&year={year}",
    }  # fmt: skip


def _months(viewer: Any, row: queries.Row) -> Chart | None:
    """The months of a year as bars, with the target."""
    chart = display.trend(viewer, row)
    if chart is None or len(chart.series) < 2 or not any(value is not None for value in chart.series[0].values):
        return None
    known = max(index for index, value in enumerate(chart.series[0].values) if value is not None) + 1
    series = Series(str(row.year), tuple(chart.series[0].values[:known]))
    return replace(chart, kind="bar", categories=chart.categories[:known], series=(series,))


def air_tile(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """Share of good days with its months against the target; means of the year with the same stretch a year ago."""
    made = _group(viewer, region, year, cockpit_file().air)
    if made["first"]:
        chart = _months(viewer, made["first"]["row"])
        made["chart"] = drawing.bars(chart, 118, 0) if chart else None
    return made


def water_tile(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """Share of good sections and what stands beside it."""
    return _group(viewer, region, year, cockpit_file().water)


def projects_tile(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """Investment in projects against the year's plan."""
    return _group(viewer, region, year, cockpit_file().projects)


def key_tile(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """Four key figures with target and light."""
    place = region or display.home_region(viewer)
    return {"lines": [line_of(row) for row in _rows(viewer, place, year, cockpit_file().key)][:4], "place": place,
            "year": year}  # fmt: skip


def target_tile(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """The year's targets with attainment; counts by light over all targets, each opening its list."""
    place = region or display.home_region(viewer)
    everything = queries.attainment_list(viewer, place, year)
    held = {row.indicator.code: row for row in everything}
    base = f"{reverse('evidence:list')}?region={place.pk}&year={year}"
    levels = [display.lamp(row) for row in everything]
    counts = [
        {"level": level, "count": levels.count(level), "word": word, "url": f"{base}&light={level}"}
        for level, word in (("red", _("未达标")), ("yellow", _("偏慢")), ("green", _("达标")))
    ]
    lines = [line_of(held[code]) for code in cockpit_file().targets if code in held and held[code].value is not None]
    return {"counts": counts, "lines": lines, "url": base, "year": year, "place": place,
            "until": max((line["row"].reading.year.until for line in lines), default=None),
            "set_url": reverse("evidence:targets")}  # fmt: skip


def trend_tile(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """A year month by month, the year before dotted, with target and limit."""
    data, place = cockpit_file(), region or display.home_region(viewer)
    rows = _rows(viewer, place, year, (data.trend,))
    chart = display.trend(viewer, rows[0]) if rows else None
    made: dict[str, Any] = {"place": place, "year": year, "drawing": None, "fill_url": reverse("evidence:fill")}
    if chart is None:
        return made
    series = [replace(one, name=_("%(year)s年") % {"year": one.name}) for one in chart.series]
    chart = replace(chart, series=series, limits=(*chart.limits, *_standards(data, rows[0].indicator.unit, year)))
    made |= {"drawing": drawing.lines(chart, 168, rows[0].indicator.decimals), "line": line_of(rows[0]),
             "until": rows[0].reading.year.until, "unit": rows[0].indicator.unit}  # fmt: skip
    return made


def _standards(data: CockpitFile, unit: str, year: int) -> list[Limit]:
    return [
        Limit(in_language(one.zh, one.en), one.value) for one in data.limits
        if one.unit == unit and one.first_year <= year <= one.last_year
    ]  # fmt: skip


def years_tile(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """The first indicator of the list that has values, over the years."""
    place = region or display.home_region(viewer)
    wanted = cockpit_file().years
    found = {one.code: one for one in Indicator.objects.filter(code__in=wanted)}
    rows = list(queries.standing(viewer).filter(indicator__in=found.values(), region=place, end__year__lte=year))
    for code in wanted:
        mine = [row for row in rows if code in found and row.indicator_id == found[code].pk]
        if mine:
            return _over_years(found[code], mine, place)
    return {"place": place, "year": year, "drawing": None, "fill_url": reverse("evidence:fill")}


def _over_years(indicator: Indicator, rows: list[Any], place: Region) -> dict[str, Any]:
    kind = queries.kind_of(indicator)
    spans = sorted({row.end.year for row in rows})[-_YEARS_SHOWN:]
    values = [years.year_value(kind, rows, span) for span in spans]
    series = Series(place.name, [value.value for value in values])
    chart = Chart("bar", indicator.zh, [_("%(year)s年") % {"year": span} for span in spans], [series],
                  unit=indicator.unit, category_label=_("年份"))  # fmt: skip
    last = values[-1]
    return {
        "place": place, "indicator": indicator, "name": name_of(indicator), "year": spans[-1],
        "value": last.value, "until": last.until,
        "source": f"obs:{last.used[-1].pk}" if last.used else "", "drawing": drawing.bars(chart, 170),
        "url": detail_url(indicator.code, place, spans[-1]),
    }  # fmt: skip


def map_themes() -> list[tuple[str, str]]:
    """The themes this room can draw."""
    return [(one.key, in_language(one.zh, one.en)) for one in cockpit_file().map]


def map_tile(viewer: Any, region: Region | None, year: int, theme: str = "") -> dict[str, Any]:
    """The counties coloured by one indicator."""
    data, place = cockpit_file(), region or display.home_region(viewer)
    chosen = next((one for one in data.map if one.key == theme), data.map[0])
    parent = place.parent if place.level == "county" and place.parent else place
    indicator = Indicator.objects.filter(code=chosen.code).first()
    if indicator is None:
        return {"spec": None, "title": in_language(chosen.zh, chosen.en)}
    rows = queries.county_table(viewer, indicator, parent, year)
    name = name_of(indicator)
    until = max((row.reading.year.until for row in rows if row.reading.year.until), default=None)
    return {"spec": _drawn_map(indicator, rows, parent, place, year, name), "title": name, "unit": indicator.unit,
            "until": until, "place": parent, "url": detail_url(indicator.code, parent, year), "year": year,
            "empty": until is None, "fill_url": reverse("evidence:fill")}  # fmt: skip


def _drawn_map(
    indicator: Indicator, rows: list[queries.Row], parent: Region, place: Region, year: int, name: str
) -> Choropleth | None:
    return county_choropleth(
        parent.pk, {row.region.pk: row.value for row in rows}, title=name, unit=indicator.unit,
        urls={row.region.pk: detail_url(indicator.code, row.region, year) for row in rows},
        current=place.pk, places=min(indicator.decimals, 2),
    )  # fmt: skip
