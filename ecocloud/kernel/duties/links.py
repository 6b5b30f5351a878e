"""What other rooms and the shell get from this room at start: resolvers of ``item:ID`` and ``roundreport:ID``, search
source, imports, and what it shows on the pages of objects and packs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from ecocloud.base.search import SearchDoc, register_source
from ecocloud.base.sheets.registry import register_family, register_target
from ecocloud.kernel.duties import figures, kinds, queries, template_pages
from ecocloud.kernel.duties.models import ItemBatch, ItemFile, ItemSeat, RoundReport, WorkItem
from ecocloud.kernel.duties.services import batch_books, batches, ledger
from ecocloud.kernel.duties.services.standing import VIEW, sees
from ecocloud.kernel.journal.refs import Ref, Resolved, register_batch, register_resolver
from ecocloud.kernel.registers.panels import OBJECT, PACK, register_panel

_CHUNK = 500


def item_url(pk: int) -> str:
    """The address of an item's page; '' while the shell has none."""
    try:
        return reverse("duties:item", args=[pk])
    except NoReverseMatch:
        return ""


def resolve_item(ref: Ref, viewer: Any) -> Resolved | None:
    """``item:ID``: title, place and link for those who may see it; for others only that it exists."""
    item = WorkItem.objects.select_related("lead_department").filter(pk=ref.key).first() if ref.key.isdigit() else None
    if item is None:
        return None
    return _resolved(ref, item, sees(viewer, item))


def _resolved(ref: Ref, item: WorkItem, may: bool) -> Resolved:
    if not may:
        return Resolved(ref, "督办事项（不在您的数据范围内）", allowed=False)
    return Resolved(
        ref, f"{item.code} {item.title}", item_url(item.pk), item.body[:200],
        f"{item.lead_department.label} · {item.state_zh}",
    )  # fmt: skip


def resolve_batch(ref: Ref, viewer: Any) -> Resolved | None:
    """``itembatch:ID``: its name and page, for those who see the batch."""
    batch = ItemBatch.objects.filter(pk=int(ref.key)).first() if ref.key.isdecimal() and len(ref.key) < 19 else None
    if batch is None:
        return None
    if not batches.visible(viewer).filter(pk=batch.pk).exists():
        return Resolved(ref, "批次（不在您的数据范围内）", allowed=False)
    return Resolved(ref, batch.name, reverse("duties:batch", args=[batch.pk]))


def resolve_report(ref: Ref, viewer: Any) -> Resolved | None:
    """``roundreport:ID`` (``#CODE``: one figure of it): what the unit reported, for those who see the report."""
    rows = RoundReport.objects.select_related("round", "item", "department")
    report = rows.filter(pk=int(ref.key)).first() if ref.key.isdecimal() and len(ref.key) < 19 else None
    if report is None:
        return None
    if not queries.reports(viewer, report.round).filter(pk=report.pk).exists():
        return Resolved(ref, "调度报送（不在您的数据范围内）", allowed=False)
    query = urlencode({"unit": report.department_id, "q": report.item.code})
    return Resolved(
        ref, f"{report.round.title} {report.item.code} {report.item.title}",
        f"{reverse('duties:check', args=[report.round_id])}?{query}#report-{report.pk}",
        "；".join([*_figure_words(report, ref.fragment), report.text])[:200],
        f"{report.department.label} · {report.get_state_display()}",
    )  # fmt: skip


def _figure_words(report: RoundReport, code: str) -> list[str]:
    known = figures.meanings(figures.readable(report.figures))
    return [
        f"{indicator.zh} {report.figures[text]}{indicator.unit}"
        for text, (indicator, _region) in known.items()
        if text in report.figures and code in ("", indicator.code)
    ]


def resolve_items(refs: list[Ref], viewer: Any) -> dict[Ref, Resolved]:
    """Many ``item:ID`` in two queries."""
    keys = {ref: int(ref.key) for ref in refs if ref.key.isdigit() and len(ref.key) < 19}
    rows = WorkItem.objects.select_related("lead_department").in_bulk(list(keys.values()))
    seen = set(queries.visible(viewer).filter(pk__in=rows).values_list("pk", flat=True)) if rows and viewer else set()
    return {ref: _resolved(ref, rows[key], key in seen) for ref, key in keys.items() if key in rows}


def _searchable(rows: list[WorkItem]) -> Iterator[SearchDoc]:
    """Items as texts to index; seen by the units that have a seat."""
    names: dict[int, list[str]] = defaultdict(list)
    for item_id, name in ItemFile.objects.filter(item__in=rows).values_list("item_id", "file__name"):
        names[item_id].append(name)
    scopes: dict[int, list[str]] = defaultdict(list)
    for item_id, unit in ItemSeat.objects.filter(item__in=rows).values_list("item_id", "department_id"):
        scopes[item_id].append(f"d{unit}")
    for item in rows:
        parts = [item.body, item.lead_department.name, item.source_title, item.deadline_text, *names[item.pk]]
        yield SearchDoc(
            ref=item.ref,
            kind="item",
            title=f"{item.code} {item.title}",
            body="\n".join(part for part in parts if part),
            scopes=tuple(scopes[item.pk]),
            year=item.year,
            updated=item.since,
        )


def all_searchable() -> Iterator[SearchDoc]:
    """Every item as a text to index, in chunks."""
    after = 0
    while True:
        rows = list(WorkItem.objects.select_related("lead_department").filter(pk__gt=after).order_by("pk")[:_CHUNK])
        if not rows:
            return
        yield from _searchable(rows)
        after = rows[-1].pk


def one_searchable(ref: str) -> SearchDoc | None:
    """One item as a text to index, or ``None`` when it is gone."""
    key = ref.partition(":")[2]
    rows = list(WorkItem.objects.select_related("lead_department").filter(pk=key)) if key.isdigit() else []
    return next(_searchable(rows), None)


def start() -> None:
    """Register resolver, search source and import targets; called once per process by the shell."""
    register_resolver("item", resolve_item)
    register_batch("item", resolve_items)
    register_resolver("roundreport", resolve_report)
    register_source("item", all_searchable, one_searchable, label_zh="督办事项", permission=VIEW)
    register_panel(OBJECT, "duties", "duties/object_panel.html", template_pages.object_panel)
    register_panel(PACK, "duties", "duties/pack_panel.html", template_pages.pack_panel)
    for target in ledger.targets():
        register_target(target)
    register_family(batch_books.PREFIX, batch_books.make_target, batch_books.keys)
    register_resolver("itembatch", resolve_batch)
    kinds.add_folder(Path(settings.HOME) / "kinds")
