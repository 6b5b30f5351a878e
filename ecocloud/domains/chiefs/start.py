"""What the room registers when a process starts: references, search, panels, what follows its work items."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base import search
from ecocloud.base.search import SearchDoc
from ecocloud.base.sheets.registry import register_target
from ecocloud.domains.chiefs import casework, importing, panel, queries, showing
from ecocloud.domains.chiefs.models import Office, Patrol
from ecocloud.kernel.duties.following import register_follower
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.registers.panels import OBJECT, register_panel


def register() -> None:
    """Register ``chief:ID`` and ``patrol:ID``, their search, the panel of objects, and follow work items of patrols."""
    register_resolver("chief", _chief)
    register_resolver("patrol", _patrol)
    register_follower("patrol", casework.item_moved)
    register_target(importing.TARGET)
    register_panel(OBJECT, "chiefs", "chiefs/object_panel.html", panel.data)
    search.register_source("chief", iterate=_offices, one=_office_doc, label_zh="河湖长、林长", permission=queries.VIEW)
    search.register_source("patrol", iterate=_patrols, one=_patrol_doc, label_zh="巡查记录", permission=queries.PATROLS)


def _number(ref: Ref) -> int:
    return int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else 0


def _chief(ref: Ref, viewer: Any) -> Resolved | None:
    row = Office.objects.select_related("object", "region").filter(pk=_number(ref)).first()
    if row is None:
        return None
    seen = viewer is not None and allowed(viewer, queries.VIEW) and queries.offices(viewer).filter(pk=row.pk).exists()
    url = reverse("chiefs:office", args=[row.pk])
    return Resolved(ref, showing.title(row), url, place=row.post, allowed=seen)


def _patrol(ref: Ref, viewer: Any) -> Resolved | None:
    row = Patrol.objects.select_related("office__object", "office__region").filter(pk=_number(ref)).first()
    if row is None:
        return None
    may = viewer is not None and allowed(viewer, queries.PATROLS)
    if not may or not queries.patrols(viewer).filter(pk=row.pk).exists():
        return Resolved(ref, _("巡查记录（不在您的数据范围内）"), allowed=False)
    title = f"{row.day} {showing.patrol_word(row.office)} {row.office.place}"
    return Resolved(ref, title, reverse("chiefs:patrol", args=[row.pk]), excerpt=row.note)


def _doc_of_office(row: Office) -> SearchDoc:
    names = " ".join(row.terms.values_list("name", flat=True))
    return SearchDoc(row.ref, "chief", showing.title(row), f"{row.post} {names} {row.duty} {row.sign}",
                     scopes=(f"d{row.department_id}",), year=row.opened_on.year)  # fmt: skip


def _offices() -> Iterable[SearchDoc]:
    for row in Office.objects.select_related("object", "region").iterator():
        yield _doc_of_office(row)


def _office_doc(ref: str) -> SearchDoc | None:
    row = Office.objects.select_related("object", "region").filter(pk=_number(Ref.parse(ref))).first()
    return _doc_of_office(row) if row else None


def _doc_of_patrol(row: Patrol) -> SearchDoc:
    told = " ".join(one.text for one in row.findings.all())
    title = f"{row.day} {showing.patrol_word(row.office)} {row.office.place}"
    return SearchDoc(row.ref, "patrol", title, f"{row.note} {told}", scopes=(f"d{row.department_id}",),
                     year=row.day.year)  # fmt: skip


def _patrols() -> Iterable[SearchDoc]:
    rows = Patrol.objects.select_related("office__object", "office__region").prefetch_related("findings")
    for row in rows.iterator(chunk_size=500):
        yield _doc_of_patrol(row)


def _patrol_doc(ref: str) -> SearchDoc | None:
    row = Patrol.objects.select_related("office__object", "office__region").filter(pk=_number(Ref.parse(ref))).first()
    return _doc_of_patrol(row) if row else None
