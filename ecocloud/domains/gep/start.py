"""What the room registers when a process starts: its references."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ecocloud.base.sheets.registry import register_family
from ecocloud.domains.gep import queries
from ecocloud.domains.gep.models import Accounting, Datum, Form, RasterAccount, Run
from ecocloud.domains.gep.reporting import importing, showing
from ecocloud.domains.gep.results import address
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver


def register() -> None:
    """Register ``gepacc:ID``, ``gepform:ID``, ``gepdatum:ID``, ``gepraster:ID#SERVICE@DIGEST`` and
    ``gep:RUN#REGION-YEAR``, and the import of forms.
    """
    register_family(importing.PREFIX, importing.target, importing.keys)
    register_resolver("gepacc", _accounting)
    register_resolver("gepform", _form)
    register_resolver("gepdatum", _datum)
    register_resolver("gepraster", _raster)
    register_resolver("gep", _run)


def _number(ref: Ref) -> int:
    return int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else 0


def _accounting(ref: Ref, viewer: Any) -> Resolved | None:
    row = Accounting.objects.filter(pk=_number(ref)).first()
    if row is None:
        return None
    may = viewer is not None and queries.accountings(viewer).filter(pk=row.pk).exists()
    return Resolved(ref, row.title, reverse("gep:accounting", args=[row.pk]), allowed=may)


def _form(ref: Ref, viewer: Any) -> Resolved | None:
    row = Form.objects.select_related("region").filter(pk=_number(ref)).first()
    if row is None:
        return None
    may = viewer is not None and queries.forms(viewer).filter(pk=row.pk).exists()
    title = f"{row.code} {row.region.name} {row.year}"
    return Resolved(ref, title, reverse("gep:form", args=[row.pk]), excerpt=showing.form_title(row.code), allowed=may)


def _datum(ref: Ref, viewer: Any) -> Resolved | None:
    row = Datum.objects.select_related("form__region").filter(pk=_number(ref)).first()
    if row is None:
        return None
    may = viewer is not None and queries.forms(viewer).filter(pk=row.form_id).exists()
    title, unit = f"{row.form.code} {row.form.region.name} {row.form.year}", showing.known(row.code).unit
    place = f"{showing.datum_word(row.code)} {showing.part_word(row.part) if row.part else ''}".strip()
    return Resolved(ref, title, reverse("gep:form", args=[row.form_id]), excerpt=f"{row.value:f} {unit}", place=place,
                    allowed=may)  # fmt: skip


def _raster(ref: Ref, viewer: Any) -> Resolved | None:
    row = RasterAccount.objects.select_related("accounting").filter(pk=_number(ref)).first()
    if row is None:
        return None
    may = viewer is not None and queries.rasters(viewer).filter(pk=row.pk).exists()
    at = f"?service={ref.fragment}" if ref.fragment else ""
    return Resolved(ref, f"{row.accounting.title} {row.year}", f"{reverse('gep:raster-result', args=[row.pk])}{at}",
                    place=row.name, allowed=may)  # fmt: skip


def _run(ref: Ref, viewer: Any) -> Resolved | None:
    row = Run.objects.select_related("accounting").filter(pk=_number(ref)).first()
    if row is None:
        return None
    may = viewer is not None and queries.runs(viewer).filter(pk=row.pk).exists()
    place, url = address.of_run(row, ref.fragment)
    return Resolved(ref, f"{row.accounting.title} {row.number}", url, place=place, allowed=may)
