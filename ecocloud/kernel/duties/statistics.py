"""Rates of items by category and by unit: on time, reworked. Never by person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.charts import Chart, Series
from ecocloud.kernel.duties import queries, showing
from ecocloud.kernel.duties.kinds import Kind
from ecocloud.kernel.duties.models import ItemEvent, WorkItem
from ecocloud.kernel.regions.models import Department, User

# Steps that send a reported result back to the lead unit.
_BACK = ("return", "uphold", "reopen")
# Lines a chart shows; the table beneath has them all.
_DRAWN = 12


@dataclass(frozen=True)
class Rate:
    """One line: how many items, how many are done, of these in time; reported ones and of these sent back."""

    key: str
    label: str
    total: int
    done: int
    on_time: int
    reported: int
    reworked: int
    overdue: int

    @property
    def on_time_percent(self) -> Decimal | None:
        """按期率: done in time of all done, in percent; None while nothing is done."""
        return _share(self.on_time, self.done)

    @property
    def rework_percent(self) -> Decimal | None:
        """返工率: sent back at least once of all reported, in percent; None while nothing is reported."""
        return _share(self.reworked, self.reported)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def _counted(rows: QuerySet[WorkItem], by: str) -> dict[Any, dict[str, int]]:
    """The counts of ``rows`` by a column, in one query."""
    steps = ItemEvent.objects.filter(item=OuterRef("pk"))
    rows = rows.annotate(
        was_reported=Exists(steps.filter(to_state="reported")),
        went_back=Exists(steps.filter(action__in=_BACK, to_state="in_progress")),
    )
    done = Q(closed_at__isnull=False) & ~Q(state__in=queries.void_states())
    today = timezone.localdate()
    found = rows.order_by().values_list(by).annotate(
        total=Count("pk"),
        done=Count("pk", filter=done),
        on_time=Count("pk", filter=done & (Q(deadline__isnull=True) | Q(closed_at__date__lte=F("deadline")))),
        reported=Count("pk", filter=Q(was_reported=True)),
        reworked=Count("pk", filter=Q(was_reported=True, went_back=True)),
        overdue=Count("pk", filter=Q(closed_at__isnull=True, due__lt=today, state__in=queries.open_states())),
    )  # fmt: skip
    names = ("total", "done", "on_time", "reported", "reworked", "overdue")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def rows_of(viewer: User, kind: str, year: int | None = None) -> QuerySet[WorkItem]:
    """The items that are counted: of one kind, perhaps of one year, as far as the viewer sees them."""
    rows = queries.visible(viewer).filter(kind=kind)
    return rows.filter(year=year) if year else rows


def by_category(viewer: User, kind: Kind, year: int | None = None) -> list[Rate]:
    """Rates by category, in the order of the kind's data."""
    found = _counted(rows_of(viewer, kind.code, year), "category")
    labels = {row.code: showing.pick(row.label_zh, row.label_en) for row in kind.categories}
    order = [code for code in labels if code in found] + sorted(code for code in found if code not in labels)
    return [Rate(code, labels.get(code) or _("未分类"), **found[code]) for code in order]


def by_unit(viewer: User, kind: Kind, year: int | None = None) -> list[Rate]:
    """Rates by lead unit, in the order of units: no ranking."""
    found = _counted(rows_of(viewer, kind.code, year), "lead_department_id")
    units: Mapping[int, Department] = Department.objects.in_bulk(list(found))
    order = sorted(found, key=lambda pk: (units[pk].order, pk))
    return [Rate(str(pk), units[pk].label, **found[pk]) for pk in order]


def chart_of(label: str, rows: Sequence[Rate]) -> Chart | None:
    """Total, done and overdue of the lines with most items, in the table's order (no ranking); None without any."""
    most = {row.key for row in sorted(rows, key=lambda row: -row.total)[:_DRAWN]}
    shown = [row for row in rows if row.key in most]
    if not shown:
        return None
    series = [
        Series(_("总数"), [row.total for row in shown]),
        Series(_("办结"), [row.done for row in shown]),
        Series(_("逾期未结"), [row.overdue for row in shown]),
    ]
    title = label if len(shown) == len(rows) else _("%(label)s（事项最多的 %(n)s 个）") % {"label": label, "n": _DRAWN}
    return Chart("bar", title, [row.label for row in shown], series, unit=_("项"), category_label=label, sideways=True)
