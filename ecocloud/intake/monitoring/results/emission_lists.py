"""Lists of emissions: outlets on a day, days above a limit, amounts of enterprises against what is permitted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.base.pages.listing import Listing
from ecocloud.base.pages.speaking import joined
from ecocloud.intake.monitoring.evaluation.rounding import half_even
from ecocloud.intake.monitoring.evaluation.scaled import SCALE
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.results import emission_showing, queries, showing
from ecocloud.intake.monitoring.results.emission_days import MET, OPEN, OVER
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.outlets import media
from ecocloud.intake.monitoring.results.rules import EMISSION, Period, rules
from ecocloud.intake.monitoring.stations import queries as stations
from ecocloud.intake.monitoring.stations.models import Device, Upkeep
from ecocloud.kernel.registers import queries as registers

NONE = "none"
STATES = {"met": MET, "over": OVER, "open": OPEN}
_WORDS = {level: word for word, level in STATES.items()}
TONES = {"met": "green", "over": "red", "open": "yellow", NONE: "none"}
DAY_COLUMNS = (
    ExportColumn(gettext_lazy("排口"), "name"), ExportColumn(gettext_lazy("区划"), "region.name"),
    ExportColumn(gettext_lazy("日期"), "day_text"), ExportColumn(gettext_lazy("结论"), "state_word"),
    ExportColumn(gettext_lazy("超标项目（倍数）"), "over_word"), ExportColumn(gettext_lazy("说明"), "why_word"),
    ExportColumn(gettext_lazy("排放量（kg）"), "kg_word"), ExportColumn(gettext_lazy("评价结果"), "ref_word"),
)  # fmt: skip
OVER_COLUMNS = (
    ExportColumn(gettext_lazy("排口"), "name"), ExportColumn(gettext_lazy("区划"), "region.name"),
    ExportColumn(gettext_lazy("日期"), "day_text"), ExportColumn(gettext_lazy("超标项目（倍数）"), "over_word"),
    ExportColumn(gettext_lazy("超标时段"), "hours_word"), ExportColumn(gettext_lazy("评价结果"), "ref"),
)  # fmt: skip
TOTAL_COLUMNS = (
    ExportColumn(gettext_lazy("单位"), "name"), ExportColumn(gettext_lazy("项目"), "item_word"),
    ExportColumn(gettext_lazy("本月排放量（kg）"), "month_kg"), ExportColumn(gettext_lazy("本年累计（kg）"), "year_kg"),
    ExportColumn(gettext_lazy("年许可排放量（t）"), "permitted"), ExportColumn(gettext_lazy("占许可量（%）"), "share"),
    ExportColumn(gettext_lazy("排口数"), "outlets"), ExportColumn(gettext_lazy("评价结果"), "refs_word"),
)  # fmt: skip


def outlets_of(viewer: Any) -> QuerySet[Device]:
    """The outlets a person may see."""
    return stations.devices(viewer).filter(kind__in=media())


def of_day(viewer: Any, day: date) -> QuerySet[Result]:
    """The results of outlets of one day."""
    return queries.current(viewer, EMISSION, "day").filter(start=day)


def with_state(rows: QuerySet[Device], viewer: Any, day: date, state: str) -> QuerySet[Device]:
    """The outlets in one state on a day; ``none``: those of which nothing came."""
    found = of_day(viewer, day).filter(device=OuterRef("pk"))
    if state == NONE:
        return rows.filter(~Exists(found))
    return rows.filter(Exists(found.filter(level=STATES[state])))


def state_counts(viewer: Any, rows: QuerySet[Device], day: date) -> dict[str, int]:
    """How many of the outlets are in each state (one query)."""
    level = Subquery(of_day(viewer, day).filter(device=OuterRef("pk")).values("level")[:1])
    counts = dict.fromkeys((*STATES, NONE), 0)
    for found, number in rows.order_by().annotate(found=level).values_list("found").annotate(n=Count("pk")):
        counts[_WORDS.get(found, NONE)] += number
    return counts


def newest_day(viewer: Any) -> date | None:
    """The newest final day of outlets there is; else the newest one (one query)."""
    rows = queries.current(viewer, EMISSION, "day").order_by("-final", "-start")
    return rows.values_list("start", flat=True).first()


def labels(rows: Iterable[Result]) -> list[showing.Label]:
    """What results rest on that is not compared with the printed text."""
    return showing.labels(dict.fromkeys(name for row in rows for name in row.facts))


class DayListing(Listing):
    """Outlets with what came of one day."""

    viewer: Any
    day: date

    @cached_property
    def dressed(self) -> list[Device]:
        """The rows of the page as they are shown (two queries more)."""
        return dressed_days(self.viewer, list(self.rows), self.day)

    @property
    def labels(self) -> list[showing.Label]:
        """What the page's results rest on that is not compared with the printed text."""
        return labels(row.result for row in self.dressed if row.result)

    def all_rows(self) -> Iterator[Device]:
        yield from dressed_days(self.viewer, list(super().all_rows()), self.day)


def dressed_days(viewer: Any, rows: list[Device], day: date) -> list[Device]:
    """Outlets with state, multiples, amounts of a day; without a result with the upkeep of the day."""
    found = {row.device_id: row for row in of_day(viewer, day).filter(device__in=[one.pk for one in rows])}
    begin, end = schema.day_bounds(day)
    upkeep = Upkeep.objects.filter(device__in=[one.pk for one in rows if one.pk not in found],
                                   cancelled_at__isnull=True, start__lt=end)  # fmt: skip
    kinds: dict[int, list[str]] = defaultdict(list)
    for one in upkeep:
        if one.end is None or one.end > begin:
            kinds[one.device_id].append(str(one.get_kind_display()))
    for row in rows:
        result = found.get(row.pk)
        row.result, row.day_text = result, day.isoformat()
        row.state_key = _WORDS[result.level] if result else NONE
        row.light, row.badge = TONES[row.state_key], showing.colour_class(EMISSION, result.level if result else None)
        row.state_word = state_words()[row.state_key]
        row.over_word = emission_showing.over_words(result) if result else ""
        row.why_word = _why(result) if result else joined(dict.fromkeys(kinds[row.pk]))
        row.kg_word = kilograms(result) if result else ""
        row.ref_word = result.ref if result else ""
    return rows


def state_words() -> dict[str, str]:
    """The states of outlets on a day."""
    return {"met": _("达标"), "over": _("超标"), "open": _("不判定"), NONE: _("无数据")}


def _why(row: Result) -> str:
    said = [showing.unjudged_word(row.reason)] if row.reason else []
    return joined([*said, *([emission_showing.reasons(row)] if row.body["off"] else [])])


def kilograms(row: Result) -> str:
    """The amounts of a day: ``氮氧化物 36.5、颗粒物 2.1``."""
    said = [(item, emission_showing.short(line["kg"], 1)) for item, line in row.body["items"].items()]
    return joined(f"{showing.item_name(EMISSION, item)} {kg}" for item, kg in said if kg is not None)


class OverListing(Listing):
    """Days of outlets above a limit."""

    @cached_property
    def dressed(self) -> list[Result]:
        """The rows of the page as they are shown."""
        return dressed_over(list(self.rows))

    @property
    def labels(self) -> list[showing.Label]:
        """What the page's results rest on that is not compared with the printed text."""
        return labels(self.dressed)

    def all_rows(self) -> Iterator[Result]:
        yield from dressed_over(list(super().all_rows()))


def over(viewer: Any) -> QuerySet[Result]:
    """The days of outlets above a limit."""
    return queries.current(viewer, EMISSION, "day").filter(meets=False)


def dressed_over(rows: list[Result]) -> list[Result]:
    """Days above a limit with multiples and hours."""
    for row in rows:
        row.name, row.day_text = row.device.name, row.start.isoformat()
        row.over_word = emission_showing.over_words(row)
        row.hours_word = over_hours(row)
    return rows


def over_hours(row: Result) -> str:
    """When a day was above a limit: ``氮氧化物 03:00–04:00``, ``化学需氧量 日均值``."""
    said = []
    for item, line in row.body["items"].items():
        hours = sorted({at for one in line["checks"] for at, _value, _multiple in one["over"] if at is not None})
        whole = any(at is None for one in line["checks"] for at, _value, _multiple in one["over"])
        words = [*([emission_showing.averaging_word("day")] if whole else []), *_stretches(hours)]
        if words:
            said.append(f"{showing.item_name(EMISSION, item)} {' '.join(words)}")
    return joined(said)


def _stretches(hours: Sequence[int]) -> Iterator[str]:
    """Hours in a row as one: ``03:00–06:00``."""
    for place, hour in enumerate(hours):
        if place == 0 or hours[place - 1] != hour - 1:
            begin = hour
        if place + 1 == len(hours) or hours[place + 1] != hour + 1:
            yield f"{begin:02d}:00–{hour + 1:02d}:00"


@dataclass
class Total:
    """Amounts of an item of one enterprise. month, year: millionths of kg; permitted: tonnes a year, None for none;
    parts: the results of outlets they are added up of.
    """

    holder: str
    name: str
    item: str
    month: int = 0
    year: int = 0
    permitted: Decimal | None = None
    parts: list[Result] = field(default_factory=list)

    @property
    def item_word(self) -> str:
        """The name of the item."""
        return showing.item_name(EMISSION, self.item)

    @property
    def month_kg(self) -> Decimal | None:
        """Of the month, kg."""
        return emission_showing.short(self.month)

    @property
    def year_kg(self) -> Decimal | None:
        """Of the year up to the month, kg."""
        return emission_showing.short(self.year)

    @property
    def share(self) -> Decimal | None:
        """Of what the year permits, %, one place."""
        if not self.permitted:
            return None
        return half_even(Fraction(self.year, SCALE) / (Fraction(self.permitted) * 1000) * 100, 1)

    @property
    def beyond(self) -> bool:
        """Whether the year is beyond what is permitted."""
        return self.permitted is not None and Fraction(self.year, SCALE) > Fraction(self.permitted) * 1000

    @property
    def outlets(self) -> int:
        """How many outlets are in it."""
        return len({one.device_id for one in self.parts})

    @property
    def refs_word(self) -> str:
        """The results of the month it is added up of."""
        return " ".join(one.ref for one in self.parts)


@dataclass(frozen=True)
class TotalSheet:
    """Amounts as a file takes them."""

    rows: Sequence[Total]
    query_text: str

    @property
    def total(self) -> int:
        """How many rows."""
        return len(self.rows)

    def all_rows(self) -> Iterator[Total]:
        """The rows."""
        yield from self.rows


def totals(viewer: Any, period: Period) -> list[Total]:
    """Amounts of enterprises in a month, and in its year up to it, against their permit (two queries). An outlet whose
    register names no enterprise stands for itself.
    """
    rows = queries.current(viewer, EMISSION, "month").filter(start__gte=period.start.replace(month=1, day=1),
                                                             start__lte=period.start)  # fmt: skip
    found: dict[tuple[str, str], Total] = {}
    for row in rows.select_related("device").order_by("start", "subject"):
        holder = row.body["enterprise"] or row.subject
        for item, line in row.body["items"].items():
            if line["kg"] is None:
                continue
            one = found.setdefault((holder, item), Total(holder, row.device.name, item))
            one.year += line["kg"]
            if row.start == period.start:
                one.month += line["kg"]
                one.parts.append(row)
    listed = [one for one in found.values() if one.parts]
    _named(viewer, listed)
    return sorted(listed, key=lambda one: (one.name, one.holder, one.item))


def _named(viewer: Any, listed: Collection[Total]) -> None:
    """The names of the enterprises within a person's reach, and what their permit allows (one query)."""
    rule = rules().emission.permitted
    keys = {int(key) for one in listed if (key := one.holder.removeprefix("obj:")).isdecimal()}
    rows = registers.reachable(viewer).filter(pk__in=keys).values_list("pk", "type__code", "name", "body")
    about = {f"obj:{pk}": (code, name, body) for pk, code, name, body in rows}
    for one in listed:
        code, name, body = about.get(one.holder, ("", one.name, {}))
        one.name = name
        value = body.get(rule.fields.get(one.item, "")) if code == rule.of else None
        one.permitted = Decimal(str(value)) if value not in (None, "") else None


def months(viewer: Any) -> list[date]:
    """The months there are amounts of, the newest first."""
    rows = queries.current(viewer, EMISSION, "month")
    return list(rows.order_by("-start").values_list("start", flat=True).distinct()[:36])
