"""A register on two days: what came, went and changed, found and paged by the database.

Judged as the viewer could see it then: an object that moved out of his reach between the two days has gone for him.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.pages.charts import Chart, Series
from ecocloud.base.pages.exports import ExportColumn
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.regions import codes
from ecocloud.kernel.registers import queries, showing
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.models import ObjectVersion
from ecocloud.kernel.registers.register import Register

KINDS = ("new", "gone", "changed")
_CHUNK = 500


def days(params: Any, today: date) -> tuple[date, date, str]:
    """The two days of the address, the earlier first, and a sentence about what was not understood.

    Without them: the end of last year and today. Days to come are taken as today.
    """
    problem = ""

    def read(name: str, default: date) -> date:
        nonlocal problem
        text = params.get(name, "").strip()
        if not text:
            return default
        try:
            return typed.day(text)
        except typed.BadInput:
            problem = _("“%(value)s”不是日期，应为 2022-09-30 的形式，已忽略。") % {"value": text[:40]}
            return default

    first, second = read("from", date(today.year - 1, 12, 31)), read("to", today)
    if first > second:
        first, second = second, first
        problem = problem or _("起日晚于止日，已对调。")
    return min(first, today), min(second, today), problem


def usual_days(today: date) -> list[tuple[str, date]]:
    """Days to compare today with: ends of the last month, quarter and year, and the same day a year ago."""
    month = today.replace(day=1) - timedelta(days=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) - timedelta(days=1)
    year = date(today.year - 1, 12, 31)
    past = today.replace(year=today.year - 1, day=min(today.day, 28))
    return [(_("上月末"), month), (_("上季末"), quarter), (_("上年末"), year), (_("一年前"), past)]


class Comparison(Listing):
    """The objects that differ between two days, one row for each: the newer version, or the older of one that went."""

    def __init__(self, request: HttpRequest, viewer: Any, base: ObjectListing, first: date, second: date) -> None:
        self.viewer, self.base, self.register, self.first_day, self.second_day = (
            viewer, base, base.register, first, second)  # fmt: skip
        filters = [
            FilterSpec("q", _("名称"), kind="text", placeholder=_("名称或编码"), apply=_named),
            *(replace(base.filter(name).spec, apply=_as_it_is) for name in ("region", "department")),
            FilterSpec(
                "kind", _("变化"), choices=list(kind_words().items()), in_bar=False, apply=_as_it_is,
                counts=lambda _rows: self.counts,
            ),
        ]  # fmt: skip
        super().__init__(
            request, ObjectVersion.objects.none(), filters=filters, sorts=(SortSpec("code", ("object__code",)),),
            decorate=self._with_objects, count=self._total, columns=_exported(self.register),
            key=f"registers.{self.register.code}.compare",
            title=_("%(name)s两日对比") % {"name": showing.pick(self.register.definition)},
        )  # fmt: skip
        self.queryset = self._kind(self.values.get("kind", ""))

    # -- which objects -----------------------------------------------------------------------------------------------

    def _on(self, day: date) -> QuerySet[ObjectVersion]:
        rows = queries.as_of(self.viewer, self.register, day)
        if region := self.values.get("region"):
            start, after = codes.span(region)
            rows = rows.filter(region_id__gte=start, region_id__lt=after)
        department = whole_number(self.values.get("department"))
        return rows if department is None else rows.filter(department_id=department)

    @cached_property
    def before(self) -> QuerySet[ObjectVersion]:
        """What the objects were on the first day."""
        return self._on(self.first_day)

    @cached_property
    def after(self) -> QuerySet[ObjectVersion]:
        """What they were on the second."""
        return self._on(self.second_day)

    @property
    def _newer(self) -> QuerySet[ObjectVersion]:
        """What began between the days and was in force on the second: all that is new or changed."""
        return self.after.filter(valid_from__gt=self.first_day)

    def _kind(self, kind: str) -> QuerySet[ObjectVersion]:
        # Who leaves the reach or the division gets a new version by it, so both sides are found by their days.
        gone = self.before.filter(valid_to__lte=self.second_day).exclude(object__in=self.after.values("object"))
        was = self.before.values("object")
        if kind == "new":
            return self._newer.exclude(object__in=was)
        if kind == "gone":
            return gone
        if kind == "changed":
            return self._newer.filter(object__in=was)
        rows = ObjectVersion.objects.filter(type=self.register.pk)
        return rows.filter(Q(pk__in=self._newer.values("pk")) | Q(pk__in=gone.values("pk")))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many came, went and changed (one query beside the states): what came less what went is the difference."""
        if "q" in self.values:
            return {kind: self.filter("q").spec.narrow(self._kind(kind), self.values["q"]).count() for kind in KINDS}
        known = Exists(self.before.filter(object=OuterRef("object")))
        found = dict(self._newer.annotate(was_=known).order_by().values_list("was_").annotate(n_=Count("pk")))
        new = found.get(False, 0)
        return {"new": new, "gone": new - (self.whole[1] - self.whole[0]), "changed": found.get(True, 0)}

    def _total(self, _rows: QuerySet, given: dict[str, Any]) -> int:
        """The total from the counts by kind, so that buttons and pager never differ."""
        return self.counts[given["kind"]] if "kind" in given else sum(self.counts.values())

    # -- states ------------------------------------------------------------------------------------------------------

    @cached_property
    def states(self) -> list[dict[str, Any]]:
        """Every state that occurs, with its count on both days (two queries)."""
        found = [dict(rows.order_by().values_list("state").annotate(n_=Count("pk"))) for rows in
                 (self.before, self.after)]  # fmt: skip
        return [
            {"light": showing.light(state), "counts": (old, new), "change": new - old}
            for code, state in self.register.definition.state_by_code.items()
            for old, new in [(found[0].get(code, 0), found[1].get(code, 0))]
            if old or new
        ]

    @cached_property
    def whole(self) -> tuple[int, int]:
        """How many there were on both days."""
        return sum(one["counts"][0] for one in self.states), sum(one["counts"][1] for one in self.states)

    @property
    def chart(self) -> Chart | None:
        """Counts by state on both days as bars; None when there is nothing."""
        if not self.states:
            return None
        names = [self.first_day.isoformat(), self.second_day.isoformat()]
        series = [Series(name, [one["counts"][at] for one in self.states], "reference" if not at else "")
                  for at, name in enumerate(names)]  # fmt: skip
        words = [one["light"].word for one in self.states]
        return Chart("bar", _("各状态个数"), words, series, _("个"), category_label=showing.header_words()["state"])

    # -- rows --------------------------------------------------------------------------------------------------------

    def _with_objects(self, rows: QuerySet[ObjectVersion]) -> QuerySet[ObjectVersion]:
        seen = queries.objects(self.viewer, self.register).filter(pk=OuterRef("object"))
        return rows.select_related("object", "region", "department").annotate(open_=Exists(seen))

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of the page with what changed."""
        found = super().rows
        self._explain(found)
        return found

    def all_rows(self, chunk: int = _CHUNK) -> Iterator[Any]:
        """Every row with what changed, read in chunks."""
        rows = super().all_rows(chunk)
        while part := list(itertools.islice(rows, chunk)):
            self._explain(part)
            yield from part

    def _explain(self, rows: Sequence[Any]) -> None:
        register = self.register
        wanted = self.before.filter(object__in=[row.object_id for row in rows]).select_related("region", "department")
        old = {row.object_id: row for row in wanted}
        values = [register.values(row) for row in [*rows, *old.values()]]
        names = showing.Names.of(register.definition.fields, values, self.viewer)
        words = kind_words()
        for row in rows:
            was = old.get(row.object_id)
            row.kind = "new" if was is None else "gone" if was.pk == row.pk else "changed"
            row.kind_word = words[row.kind]
            row.light = showing.light(register.definition.state_by_code[row.state])
            row.changes = showing.changes(register, was, row, names, state=True) if row.kind == "changed" else []


def kind_words() -> dict[str, str]:
    """What became of an object between two days, in words."""
    return {"new": _("新增"), "gone": _("减少"), "changed": _("变动")}


def _named(rows: QuerySet, text: str) -> QuerySet:
    return rows.filter(Q(name__icontains=text) | Q(object__code__istartswith=text))


def _as_it_is(rows: QuerySet, _value: Any) -> QuerySet:
    return rows  # division and department narrow both days, the kind chooses the rows: see Comparison


def _exported(register: Register) -> tuple[ExportColumn, ...]:
    head = showing.header_words()

    def told(row: Any) -> str:
        return "\n".join(f"{label}：{old or '—'} → {new or '—'}" for label, old, new in row.changes)

    return (
        ExportColumn(head["code"], "object.code"), ExportColumn(head["name"], "name"),
        ExportColumn(head["region"], "region.name"), ExportColumn(head["department"], "department.label"),
        ExportColumn(_("变化"), "kind_word"), ExportColumn(head["state"], lambda row: row.light.word),
        ExportColumn(_("自哪天起"), "valid_from"), ExportColumn(_("变动内容"), told),
    )  # fmt: skip
