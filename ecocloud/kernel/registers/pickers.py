"""What a field that points at something offers while it is typed: divisions, units, objects, documents, work items.

Offered is only what the viewer may see. A field takes what stands in its box: the name of a division or unit, code and
name of an object, the reference of a document or work item.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from ecocloud.base import search
from ecocloud.kernel.journal.refs import resolve_many
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import queries
from ecocloud.kernel.registers.definition import FieldSpec
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.values import REF_KINDS

MOST = 20
_MOST_TEXT = 80
Offer = tuple[str, str]  # what the box takes, words beside it


def offers(viewer: Any, kind: str, text: str, *, own: Region | None, field: FieldSpec | None = None) -> list[Offer]:
    """At most ``MOST`` things of a kind that hold ``text``; without text the first ones, but no documents or items.

    kind: ``region``, ``department``, ``object`` (``field`` names the register), ``document`` or ``item``.
    own: the division to which divisions and units are limited, with everything below; None for all.
    """
    text = text.replace("\x00", "").strip()[:_MOST_TEXT]
    if kind == "region":
        rows = queries.within(Region.objects.order_by("code"), own, "pk")
        rows = rows.filter(Q(name__icontains=text) | Q(pk__startswith=text)) if text else rows
        return [(row.name, row.pk) for row in rows[:MOST]]
    if kind == "department":
        units = queries.within(Department.objects.order_by("region_id", "order", "pk"), own)
        units = units.filter(Q(name__icontains=text) | Q(short_name__icontains=text)) if text else units
        return [(row.name, row.short_name or "") for row in units[:MOST]]
    if kind == "object" and field is not None:
        return _objects(viewer, field.target, text)
    return _found(viewer, kind, text) if text and kind in REF_KINDS else []


def shown(code: str, name: str) -> str:
    """An object as its box shows it."""
    return f"{code} {name}"


def _objects(viewer: Any, target: str, text: str) -> list[Offer]:
    rows = queries.objects(viewer, open_register(target)).exclude(state="retired").order_by("code")
    head, _space, rest = text.partition(" ")
    wanted = Q(name__icontains=text) | Q(code__istartswith=text)
    if rest:  # an offer that was taken, brought up to date
        wanted |= Q(code=head)
    rows = rows.filter(wanted) if text else rows
    return [(shown(row.code, row.name), row.region.name) for row in rows.select_related("region")[:MOST]]


def _found(viewer: Any, kind: str, text: str) -> list[Offer]:
    """Documents or work items of the full-text search, judged once more for the viewer."""
    wanted = REF_KINDS[kind]
    if wanted not in search.kinds_for(lambda code: permissions.allowed(viewer, code)):
        return []
    hits = search.query(text, kinds=[wanted], limit=MOST * 2).hits
    known = resolve_many(dict.fromkeys(hit.ref for hit in hits), viewer)
    return [(ref, one.title) for ref, one in known.items() if one.allowed][:MOST]
