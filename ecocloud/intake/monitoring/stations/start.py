"""What the stations part registers when a process starts: its references."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.sheets import registry as sheets
from ecocloud.intake.monitoring.stations import importing, queries, records
from ecocloud.intake.monitoring.stations.models import Device, Stranger
from ecocloud.kernel.journal.refs import Ref, Resolved, register_batch, register_resolver
from ecocloud.kernel.regions.permissions import allowed


def register() -> None:
    """Register ``device:ID``, ``stranger:ID`` and ``raw:GATEWAY/SEQUENCE``, and the import targets."""
    register_resolver("device", lambda ref, viewer: _devices([ref], viewer).get(ref))
    register_batch("device", _devices)
    register_resolver("stranger", _stranger)
    register_resolver("raw", records.resolve)
    sheets.register_family(importing.PREFIX, importing.target, importing.keys)


def _number(ref: Ref) -> int:
    return int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else 0


def _devices(refs: list[Ref], viewer: Any) -> dict[Ref, Resolved]:
    numbers = {ref: _number(ref) for ref in refs}
    rows = Device.objects.in_bulk(numbers.values())
    seen = set()
    if viewer is not None and allowed(viewer, queries.VIEW):
        seen = set(queries.devices(viewer).filter(pk__in=rows).values_list("pk", flat=True))
    return {ref: _shown(ref, rows[pk], pk in seen) for ref, pk in numbers.items() if pk in rows}


def _shown(ref: Ref, row: Device, inside: bool) -> Resolved:
    if not inside:
        return Resolved(ref, _("监测设备（不在您的数据范围内）"), allowed=False)
    return Resolved(ref, row.name, reverse("monitoring:device", args=[row.pk]), place=row.mn)


def _stranger(ref: Ref, viewer: Any) -> Resolved | None:
    row = Stranger.objects.filter(pk=_number(ref)).first()
    if row is None:
        return None
    decides = viewer is not None and allowed(viewer, queries.DECIDE)
    if not decides or not queries.strangers(viewer).filter(pk=row.pk).exists():
        return Resolved(ref, _("待准入来源"), allowed=False)
    return Resolved(ref, row.mn, reverse("monitoring:stranger", args=[row.pk]), place=row.peer)
