"""``eval:ID@VERSION``: a result of evaluation as a reference; without a version the one that counts."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.results import queries, showing
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.services import ALL
from ecocloud.kernel.journal.refs import Ref, Resolved, register_batch, register_resolver
from ecocloud.kernel.regions.permissions import allowed

KIND = "eval"
_SAME = ("subject", "kind", "span", "start", "asked")


def register() -> None:
    """Register the resolver; called once at start."""
    register_resolver(KIND, lambda ref, viewer: resolve_all([ref], viewer).get(ref))
    register_batch(KIND, resolve_all)


def resolve_all(refs: list[Ref], viewer: Any) -> dict[Ref, Resolved]:
    """Title, value and page of many results; a viewer sees those within reach."""
    may = viewer is not None and allowed(viewer, queries.VIEW)
    found = {ref: Resolved(ref, _("评价结果"), allowed=may) for ref in refs if ref.record == ALL}
    numbers = {ref: int(ref.key) for ref in refs if ref.key.isdecimal() and len(ref.key) < 19}
    rows = Result.objects.select_related("device", "region").in_bulk(set(numbers.values()))
    chosen = {ref: _version(rows[pk], ref.version) for ref, pk in numbers.items() if pk in rows}
    wanted = [row.pk for row in chosen.values() if row is not None]
    seen = set(queries.results(viewer).filter(pk__in=wanted).values_list("pk", flat=True)) if may else set()
    for ref, row in chosen.items():
        if row is not None:
            found[ref] = _shown(ref, row, row.pk in seen)
    return found


def _version(row: Result, version: str) -> Result | None:
    """The version a reference names."""
    if version == str(row.version) or (not version and row.current):
        return row
    same = Result.objects.filter(**{name: getattr(row, name) for name in _SAME}).select_related("device", "region")
    if not version:
        return same.filter(current=True).first()
    return same.filter(version=int(version)).first() if version.isdecimal() and len(version) < 10 else None


def _shown(ref: Ref, row: Result, inside: bool) -> Resolved:
    if not inside:
        return Resolved(ref, _("评价结果（不在您的数据范围内）"), allowed=False)
    said = showing.value_words(row)
    if row.items:
        said = showing.joined([said, showing.items_words(row.kind, row.items)])
    return Resolved(ref, showing.title(row), reverse("monitoring:result", args=[row.pk]), excerpt=said,
                    place=_("第 %(n)s 版") % {"n": row.version})  # fmt: skip
