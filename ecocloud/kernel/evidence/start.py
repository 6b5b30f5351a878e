"""What the room registers when a process starts: resolvers of its references, search source, import target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base import search
from ecocloud.base.sheets import registry
from ecocloud.kernel.evidence import catalogue, importing, queries, sources
from ecocloud.kernel.evidence.models import Indicator, Lock, Observation, Target
from ecocloud.kernel.evidence.rules import show
from ecocloud.kernel.journal.refs import Ref, Resolved, register_batch, register_resolver
from ecocloud.kernel.regions.permissions import allowed

VIEW = "evidence.indicator.view"


def register() -> None:
    """Register ``obs:ID``, ``target:ID``, ``ind:CODE``, ``evlock:ID``, the search source and the import target."""
    register_resolver("obs", _observation)
    register_resolver("target", _target)
    register_batch("obs", _observations)
    register_batch("ind", _indicators)
    register_resolver("ind", _indicator)
    register_resolver("evlock", _lock)
    register_resolver(sources.DEMO, _stated)
    register_resolver(sources.PUBLIC, _stated)
    search.register_source("ind", iterate=_documents, one=_document, label_zh="指标", permission=VIEW)
    registry.register_target(importing.TARGET)


def _number(ref: Ref) -> int | None:
    return int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else None


def _observations(refs: list[Ref], viewer: Any) -> dict[Ref, Resolved]:
    """Many values in two queries."""
    numbers = {ref: _number(ref) for ref in refs}
    rows = Observation.objects.select_related("indicator", "region").in_bulk([pk for pk in numbers.values() if pk])
    seen = set(queries.observations(viewer).filter(pk__in=rows).values_list("pk", flat=True)) if viewer else set()
    return {ref: _shown(ref, rows[pk], pk in seen) for ref, pk in numbers.items() if pk in rows}


def _indicators(refs: list[Ref], viewer: Any) -> dict[Ref, Resolved]:
    """Many indicators in one query."""
    rows = Indicator.objects.in_bulk([ref.key for ref in refs], field_name="code")
    may = allowed(viewer, VIEW)
    return {ref: _described(ref, rows[ref.key], may) for ref in refs if ref.key in rows}


def _observation(ref: Ref, viewer: Any) -> Resolved | None:
    row = Observation.objects.select_related("indicator", "region").filter(pk=_number(ref)).first()
    if row is None:
        return None
    return _shown(ref, row, viewer is not None and queries.observations(viewer).filter(pk=row.pk).exists())


def _shown(ref: Ref, row: Observation, may: bool) -> Resolved:
    title = f"{row.indicator.zh} {row.region.name} {row.span.label_zh()}"
    if not may:
        return Resolved(ref, title, allowed=False)
    value = show(row.value, row.unit) if row.value is not None else row.value_text
    return Resolved(ref, title, reverse("evidence:observation", args=[row.pk]), excerpt=f"{value}（{row.source}）",
                    place=row.get_status_display())  # fmt: skip


def _target(ref: Ref, viewer: Any) -> Resolved | None:
    row = Target.objects.select_related("indicator", "region").filter(pk=_number(ref)).first()
    if row is None:
        return None
    title = f"{row.indicator.zh} {row.region.name} {row.span.label_zh()}目标"
    if viewer is None or not queries.targets(viewer).filter(pk=row.pk).exists():
        return Resolved(ref, title, allowed=False)
    return Resolved(ref, title, reverse("evidence:target", args=[row.pk]), excerpt=queries.target_words(row).zh,
                    place=row.get_status_display())  # fmt: skip


def _indicator(ref: Ref, viewer: Any) -> Resolved | None:
    row = Indicator.objects.filter(code=ref.key).first()
    if row is None:
        return None
    return _described(ref, row, allowed(viewer, VIEW))


def _described(ref: Ref, row: Indicator, may: bool) -> Resolved:
    return Resolved(ref, row.zh, reverse("evidence:detail", args=[row.code]) if may else "", excerpt=row.definition,
                    place=row.group_zh, allowed=may)  # fmt: skip


def _lock(ref: Ref, viewer: Any) -> Resolved | None:
    row = Lock.objects.select_related("region").filter(pk=_number(ref)).first()
    if row is None:
        return None
    may = allowed(viewer, VIEW)
    return Resolved(ref, f"{row.region.name} {row.year} 年锁定", reverse("evidence:locks") if may else "", allowed=may)


def _stated(ref: Ref, viewer: Any) -> Resolved | None:
    """A place in the demonstration workbook or in the published report of the sample site."""
    found = sources.card(ref.kind, ref.key, ref.fragment)
    if found is None:
        return None
    may = allowed(viewer, VIEW)
    place = found.place or dict(found.facts).get(_("工作表"), "")
    return Resolved(ref, found.title, sources.url(ref) if may else "", excerpt=found.note, place=place, allowed=may)


def _doc(row: Indicator) -> search.SearchDoc:
    body = " ".join([row.code, row.en, *row.names[1:], row.definition, row.citation, row.group_zh, row.function])
    return search.SearchDoc(ref=f"ind:{row.code}", kind="ind", title=row.zh, body=body, scopes=(search.EVERYONE,))


def _documents() -> Iterator[search.SearchDoc]:
    for row in Indicator.objects.exclude(status="retired").prefetch_related("aliases"):
        yield _doc(row)


def _document(ref: str) -> search.SearchDoc | None:
    code = Ref.parse(ref).key
    row = Indicator.objects.exclude(status="retired").prefetch_related("aliases").filter(code=code).first()
    return _doc(row) if row else None


def check_catalogue() -> list[str]:
    """For ``ecocloud check``: entries of the catalogue that are not in the database, or differ."""
    there = {row.code: row for row in Indicator.objects.filter(own=False)}
    missing = [entry.code for entry in catalogue.load().entries if entry.code not in there]
    if missing:
        return [f"指标目录有 {len(missing)} 条未装入数据库（如 {missing[0]}），请运行 ecocloud setup。"]
    return []
