"""The list of what runs out and what should have been inspected, and its rows on the work desk. Thin."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.regions import codes, permissions
from ecocloud.kernel.regions.kept import kept
from ecocloud.kernel.regions.reasons import by_unit
from ecocloud.kernel.registers import reminders, showing
from ecocloud.kernel.registers.models import ObjectCount, RegisterObject


class DueListing(Listing):
    """The objects that are due, within the viewer's reach."""

    def __init__(self, request: HttpRequest | QueryDict, viewer: Any) -> None:
        self.viewer, self.today, self.rules = viewer, timezone.localdate(), reminders.rules()
        super().__init__(
            request, reminders.due(viewer, self.today, self.rules), filters=self._specs(),
            sorts=(SortSpec("until", (F("until").asc(nulls_last=True), "code")), SortSpec("code", ("code",)),
                   SortSpec("region", ("region_id", "code"))),
            decorate=lambda rows: rows.select_related("type", "region", "department"),
            key="registers.due", columns=self._exported(), title=_("到期与检查"),
        )  # fmt: skip

    def _specs(self) -> tuple[FilterSpec, ...]:
        registers = {rule.register: showing.pick(rule) for rule in self.rules}
        return (
            FilterSpec("q", _("名称"), kind="text", placeholder=_("名称或编码"),
                       apply=lambda rows, text: rows.filter(Q(name__icontains=text) | Q(code__istartswith=text))),
            FilterSpec("register", _("名录"), field="type__code", choices=list(registers.items())),
            FilterSpec("why", _("事由"), choices=[(reminders.EXPIRY, _("到期")), (reminders.INSPECTION, _("检查"))],
                       apply=self._because),
            FilterSpec("region", _("区划"), kind="text", in_bar=False, apply=_in_region),
            FilterSpec("mine", _("仅本单位"), kind="bool",
                       apply=lambda rows, _yes: rows.filter(department=self.viewer.department_id)),
        )  # fmt: skip

    def _because(self, rows: QuerySet, kind: str) -> QuerySet:
        wanted = Q(pk__in=[])
        for rule in self.rules:
            if rule.kind == kind:
                wanted |= reminders.condition(rule, self.today)
        return rows.filter(wanted)

    @cached_property
    def rows(self) -> list[Any]:
        """The objects of the page, each with its ``reasons``."""
        return with_reasons(super().rows, self.today, self.rules)

    @cached_property
    def _told(self) -> reminders.Reasons:
        """The reasons of all rows, for the export."""
        return reminders.Reasons(self.queryset.order_by().values("pk"), self.today, self.rules)

    def _exported(self) -> tuple[ExportColumn, ...]:
        return (
            ExportColumn(_("名录"), lambda row: showing.pick(row.type)),
            ExportColumn(_("编码"), lambda row: row.code),
            ExportColumn(_("名称"), lambda row: row.name),
            ExportColumn(_("区划"), lambda row: row.region.name),
            ExportColumn(_("责任单位"), lambda row: row.department.name if row.department_id else ""),
            ExportColumn(_("期限"), lambda row: next((one.day for one in self._told.of(row)), None)),
            ExportColumn(_("事由"), lambda row: "；".join(one.light.word for one in self._told.of(row))),
        )


def with_reasons(rows: list[RegisterObject], today: date, rules: list[reminders.Rule]) -> list[RegisterObject]:
    """The rows, each with its ``reasons`` (one query)."""
    told = reminders.Reasons([row.pk for row in rows], today, rules)
    for row in rows:
        row.reasons = told.of(row)
    return rows


# Seconds until what colleagues did shows in the count; the list itself is always new.
KEEP_SECONDS = 600


def _in_region(rows: QuerySet, code: str) -> QuerySet:
    first, after = codes.span(code)
    return rows.filter(region_id__gte=first, region_id__lt=after)


def page(request: HttpRequest) -> HttpResponseBase:
    """What is due in the viewer's reach."""
    listing = DueListing(request, request.user)
    return list_page(request, listing, "registers/due.html", {"may": permissions.rights(request.user).permissions})


# --- the work desk ----------------------------------------------------------------------------------------------------


def _mine(viewer: Any, rules: list[reminders.Rule]) -> QuerySet[RegisterObject]:
    return reminders.due(viewer, timezone.localdate(), rules, mine=True)


def count(viewer: Any, tab: str) -> int:
    """How many objects of the viewer's own unit are due; every page asks, so it is kept for minutes."""
    if tab != "todo" or not viewer.department_id:
        return 0

    def counted() -> int:
        rules = _rules(viewer)
        return _mine(viewer, rules).count() if rules else 0

    return kept(viewer, "registers.due", counted, KEEP_SECONDS)


def _rules(viewer: Any) -> list[reminders.Rule]:
    """The rules of the registers in which the viewer's unit has objects."""
    there = ObjectCount.objects.filter(department=viewer.department_id, count__gt=0).order_by()
    types = set(there.values_list("type", flat=True).distinct()) if viewer.department_id else ()
    return [one for one in reminders.rules() if one.type in types] if types else []


def url(viewer: Any, tab: str) -> str:
    """The list of them."""
    return f"{reverse('registers:due')}?{urlencode({'mine': '1'})}"


def rows(viewer: Any, tab: str, limit: int = 20) -> list[dict[str, Any]]:
    """The most urgent of them as rows of the desk."""
    rules = _rules(viewer) if tab == "todo" else []
    if not rules:
        return []
    found = _mine(viewer, rules).select_related("type", "region", "department")
    held = list(found.order_by(F("until").asc(nulls_last=True), "code")[:limit])
    return [_desk_row(viewer, row) for row in with_reasons(held, timezone.localdate(), rules) if row.reasons]


def _desk_row(viewer: Any, row: Any) -> dict[str, Any]:
    first = row.reasons[0]
    expiry = first.rule.kind == reminders.EXPIRY
    return {
        "title": f"{row.name} {first.light.word}", "url": reverse("registers:object", args=[row.pk]),
        "kind": showing.pick(row.type), "step": _("到期") if expiry else _("待检查"),
        "unit": row.department.label if row.department_id else "", "due": first.day,
        "act": _("更新") if expiry else _("检查"), "light": (first.light.level, first.light.word),
        "ref": f"obj:{row.pk}", "why": by_unit(viewer, row.department_id, "registers.object.edit", _("更新名录")),
    }  # fmt: skip
