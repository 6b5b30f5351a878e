"""Lists of results as pages and files show them: rows with words, change against other periods, places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.base.pages.listing import Listing
from ecocloud.intake.monitoring.evaluation.facts import facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.water.basins import change_words, section_changes
from ecocloud.intake.monitoring.results import queries, showing
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import WATER_SECTION, Period, Span, period_of

SECTION_COLUMNS = (
    ExportColumn(_("断面"), "name"), ExportColumn(_("区划"), "region.name"), ExportColumn(_("时段"), "period_text"),
    ExportColumn(_("类别"), "level_word"), ExportColumn(_("目标"), "target_word"),
    ExportColumn(_("是否达标"), "meets_word"),
    ExportColumn(_("定类项目"), "items_word"), ExportColumn(_("超标项目（倍数）"), "over_word"),
    ExportColumn(_("上一时段"), "before_word"), ExportColumn(_("去年同期"), "year_word"),
    ExportColumn(_("较去年同期"), "trend"), ExportColumn(_("评价结果"), "ref"),
)  # fmt: skip
AIR_COLUMNS = (
    ExportColumn(_("名次"), "place"), ExportColumn(_("区划"), "region.name"), ExportColumn(_("时段"), "period_text"),
    ExportColumn(_("综合指数"), "index"), ExportColumn(_("优良天数比例（%）"), "good"),
    ExportColumn(_("优良天数"), "good_days"), ExportColumn(_("有效天数"), "valid_days"),
    ExportColumn("PM2.5（μg/m³）", "pm25"), ExportColumn("PM10（μg/m³）", "pm10"),
    ExportColumn("O₃-8h-90per（μg/m³）", "o3"), ExportColumn(_("首要污染物"), "items_word"),
    ExportColumn(_("评价结果"), "ref"),
)  # fmt: skip
WATER_COLUMNS = (
    ExportColumn(_("名次"), "place"), ExportColumn(_("区划"), "region.name"), ExportColumn(_("时段"), "period_text"),
    ExportColumn(_("水质指数（自动监测项目）"), "index"), ExportColumn(_("断面数"), "sections"),
    ExportColumn(_("Ⅰ～Ⅲ类比例（%）"), "good"), ExportColumn(_("劣Ⅴ类比例（%）"), "worst"),
    ExportColumn(_("断面达标率（%）"), "attained"), ExportColumn(_("水质状况"), "level_word"),
    ExportColumn(_("主要污染指标"), "items_word"), ExportColumn(_("评价结果"), "ref"),
)  # fmt: skip

WATER_BESIDE_COLUMNS = (
    ExportColumn(_("水质指数（同期可比）"), "beside.now"), ExportColumn(_("去年同期"), "beside.before"),
    ExportColumn(_("变化（%）"), "beside.percent"),
)  # fmt: skip


def year_before(period: Period) -> Period:
    """The same month or year a year before; of 29 February the day before."""
    start = period.start
    day = min(start.day, 28) if start.month == 2 else start.day
    return Period(period.span, date(start.year - 1, start.month, day))


def before(period: Period) -> Period:
    """The day, month or year before."""
    return period_of(period.span, period.start - timedelta(days=1))


def others(viewer: Any, rows: Iterable[Result], period: Period) -> dict[str, Result]:
    """The current results of the same subjects for another period (one query)."""
    kinds = {row.kind for row in rows}
    subjects = [row.subject for row in rows]
    found = queries.results(viewer).filter(
        current=True, asked="", kind__in=kinds, span=period.span, start=period.start, subject__in=subjects
    )
    return {row.subject: row for row in found}


def periods_of(viewer: Any, kinds: tuple[str, ...], span: Span) -> list[date]:
    """The periods there are results for, the newest first."""
    rows = queries.results(viewer).filter(current=True, asked="", kind__in=kinds, span=span)
    return list(rows.order_by("-start").values_list("start", flat=True).distinct()[:60])


class SectionListing(Listing):
    """Sections of one period with their target, what decides, and the change against other periods."""

    period: Period
    viewer: Any

    @property
    def dressed(self) -> list[Result]:
        """The rows of the page as they are shown (two queries more)."""
        rows = list(self.rows)
        return dressed_sections(rows, others(self.viewer, rows, before(self.period)),
                                others(self.viewer, rows, year_before(self.period)))  # fmt: skip

    def all_rows(self) -> Iterator[Result]:
        rows = list(super().all_rows())
        yield from dressed_sections(rows, others(self.viewer, rows, before(self.period)),
                                    others(self.viewer, rows, year_before(self.period)))  # fmt: skip


def dressed_sections(rows: list[Result], previous: Mapping[str, Result], last_year: Mapping[str, Result]
                     ) -> list[Result]:  # fmt: skip
    """Sections with what a list shows."""
    if not rows:
        return rows
    book = InForce(facts("water"), max(row.start for row in rows))
    for row in rows:
        row.name = row.device.name
        row.period_text = Period(row.span, row.start).text
        row.level_word, row.badge = showing.level_word(row.kind, row.level), showing.colour_class(row.kind, row.level)
        row.target_word = showing.level_word(WATER_SECTION, row.target)
        row.meets_word = "" if row.meets is None else _("达标") if row.meets else _("未达标")
        row.items_word = showing.items_words(row.kind, row.items)
        row.over_word = over_words(row)
        row.reason_word = showing.reason_word(row.reason)
        old, ago = previous.get(row.subject), last_year.get(row.subject)
        row.before_word = showing.level_word(row.kind, old.level) if old else ""
        row.year_word = showing.level_word(row.kind, ago.level) if ago else ""
        change = section_changes([ago.level or 0 if ago else 0], [row.level or 0], book)
        row.trend = change_words(change, book, showing.is_english())[0]
    return rows


def over_words(row: Result) -> str:
    """The items that exceed the target, with their multiples: ``氨氮 (0.25)、总磷``."""
    said = []
    for item, one in row.body["items"].items():
        if one["over"]:
            multiple = showing.number(one["multiple"], 2)
            said.append(showing.item_name(row.kind, item) + (f" ({multiple})" if multiple is not None else ""))
    return showing.joined(said)


class AreaListing(Listing):
    """Counties or cities of one period in the order of their index."""

    period: Period
    viewer: Any
    places: Mapping[int, int]
    changes: Mapping[str, Any] | None = None  # of the index year on year, by region, where that was asked for

    @property
    def dressed(self) -> list[Result]:
        """The rows of the page as they are shown."""
        return dressed_areas(list(self.rows), self.places)

    def all_rows(self) -> Iterator[Result]:
        for row in dressed_areas(list(super().all_rows()), self.places):
            row.beside = (self.changes or {}).get(row.region_id)
            yield row


BY_VALUE = (F("value").asc(nulls_last=True), "pk")


@dataclass(frozen=True)
class Ranked:
    """All areas of a period. places: by result, the lowest value first, equal ones share a place, those without value
    have none; names: by region, in the order of the codes; facts: unverified facts the results rest on.
    """

    places: dict[int, int]
    names: dict[str, str]
    facts: tuple[str, ...]


def ranked(rows: QuerySet[Result]) -> Ranked:
    """The areas of a ranking (one query)."""
    found: dict[int, int] = {}
    first: dict[int, int] = {}
    names, facts = {}, {}
    ordered = rows.order_by(*BY_VALUE).values_list("pk", "value", "region_id", "region__name", "facts")
    for number, (pk, value, region, name, known) in enumerate(ordered, 1):
        if value is not None:
            found[pk] = first.setdefault(value, number)
        names[region] = name
        facts |= dict.fromkeys(known)
    return Ranked(found, dict(sorted(names.items())), tuple(facts))


def dressed_areas(rows: list[Result], at: Mapping[int, int]) -> list[Result]:
    """Areas with what a ranking shows."""
    for row in rows:
        row.place = at.get(row.pk)
        row.period_text = Period(row.span, row.start).text
        row.items_word = showing.items_words(row.kind, row.items)
        row.level_word, row.badge = showing.level_word(row.kind, row.level), showing.colour_class(row.kind, row.level)
        row.reason_word = showing.reason_word(row.reason)
        body = row.body
        row.good, row.good_part = _percent(body["good"]), body["good"]
        if showing.is_water(row.kind):
            row.index = body["short_index"]["value"]
            row.sections, row.worst, row.attained = (
                body["sections"],
                _percent(body["worst"]),
                _percent(body["attained"]),
            )
            continue
        row.index = showing.number(row.value, body["composite"]["places"])
        row.good_days, row.valid_days = body["good"]["part"], body["good"]["whole"]
        for name, key in (("pm25", "pm25.mean"), ("pm10", "pm10.mean"), ("o3", "o3.p90")):
            one = body["statistics"].get(key)
            setattr(row, name, showing.number(one["units"], one["places"]) if one else None)
    return rows


def _percent(share: Mapping[str, Any]) -> Any:
    return showing.number(share["units"], share["places"]) if share["whole"] else None
