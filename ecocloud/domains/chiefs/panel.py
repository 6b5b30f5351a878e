"""One river, one file (一河一档): what the room knows of an object. The panel of its page shows the newest of it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from ecocloud.domains.chiefs import queries, showing
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Finding, Office, Plan
from ecocloud.intake.monitoring.results import queries as results
from ecocloud.intake.monitoring.results.rules import WATER_SECTION
from ecocloud.kernel.regions.grids.queries import in_force
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.registers import queries as registers
from ecocloud.kernel.registers.models import RegisterObject, RegisterType
from ecocloud.kernel.registers.register import register_of

_SHOWN = 5
_SECTION, _RIVER, _WATER = "section", "river", "water"  # the registers of sections and reaches: their shared name


def fits(row: RegisterObject) -> bool:
    """Whether chiefs answer for objects of this register."""
    return any(row.type.code in one.registers for one in words().kinds)


def data(viewer: Any, row: RegisterObject) -> dict[str, Any] | None:
    """The panel of an object; None where chiefs answer for nothing of its kind."""
    if not fits(row) or not allowed(viewer, queries.VIEW):
        return None
    today = timezone.localdate()
    offices = list(queries.offices(viewer).filter(object=row).filter(queries.open_offices(today)).order_by("pk"))
    held, standings = queries.holders(offices), queries.standings(offices) if offices else {}
    for one in offices:
        one.holder, one.standing = held.get(one.pk), standings.get(one.pk)
        one.title, one.words = showing.title(one), showing.standing_words(one.standing) if one.standing else ""
    patrols = queries.patrols(viewer).filter(office__object=row).order_by("-start")[:_SHOWN]
    counts = Finding.objects.filter(patrol__office__object=row).aggregate(
        all=Count("pk"), open=Count("pk", filter=Q(open=True))
    )
    return {"row": row, "offices": offices, "patrols": list(patrols.select_related("office")), "counts": counts,
            "may": {"edit": allowed(viewer, queries.EDIT), "record": allowed(viewer, queries.RECORD)}}  # fmt: skip


def file_of(viewer: Any, row: RegisterObject) -> dict[str, Any]:
    """Everything of an object: chiefs over time, problems, patrols, sections with their newest class, plans."""
    offices = list(queries.offices(viewer).filter(object=row).select_related("department").order_by("opened_on", "pk"))
    for one in offices:
        one.title = showing.title(one)
    findings = Finding.objects.filter(patrol__in=queries.patrols(viewer).filter(office__object=row))
    shown = list(findings.select_related("patrol").order_by("-pk")[:50])
    for one in shown:
        one.word = showing.problem_word(one.kind)
    patrols = list(queries.patrols(viewer).filter(office__object=row).select_related("office", "department")[:50])
    for one in patrols:
        one.light = showing.patrol_light(one)
    plans = Plan.objects.filter(object=row).prefetch_related("measures").order_by("-valid_from")
    return {
        "offices": offices, "terms": terms_of(offices), "findings": shown, "patrols": patrols, "plans": list(plans),
        "current_plan": plans.filter(in_force(timezone.localdate())).first(), "sections": sections(viewer, row),
    }  # fmt: skip


def terms_of(offices: list[Office]) -> list[Any]:
    """Everybody who held one of these offices, the newest first."""
    from ecocloud.domains.chiefs.models import Term

    titles = {one.pk: one.title for one in offices}
    rows = list(Term.objects.filter(office__in=list(titles)).order_by("-valid_from", "-pk"))
    for row in rows:
        row.title = titles[row.office_id]
    return rows


def sections(viewer: Any, row: RegisterObject) -> list[dict[str, Any]]:
    """The sections on the same water, each with its newest class as a reference."""
    water = register_of(row.type).values(row, (_WATER,)).get(_WATER)
    type_ = RegisterType.objects.filter(code=_SECTION).first()
    if not water or type_ is None:
        return []
    register = register_of(type_)
    slot = register.slots.get(_RIVER)
    if slot is None:
        return []
    rows = list(registers.objects(viewer, register).filter(**{slot: water}).order_by("code")[:50])
    refs = {f"obj:{one.pk}": one for one in rows}
    newest: dict[str, Any] = {}
    found = results.current(viewer, WATER_SECTION, "month").filter(device__object_ref__in=list(refs))
    for one in found.select_related("device").order_by("start").defer("body"):
        newest[one.device.object_ref] = one
    return [{"ref": ref, "name": one.name, "result": newest.get(ref)} for ref, one in refs.items()]
