"""What other rooms and the shell get from the duties room at start: the resolver of ``item:ID`` and the search source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import NoReverseMatch, reverse

from ecocloud.kernel.duties.models import ItemFile, WorkItem
from ecocloud.kernel.duties.services.standing import sees
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver


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
    if not sees(viewer, item):
        return Resolved(ref, "督办事项（不在您的数据范围内）", allowed=False)
    return Resolved(
        ref, f"{item.code} {item.title}", item_url(item.pk), item.body[:200],
        f"{item.lead_department.label} · {item.state_zh}",
    )  # fmt: skip


def search_rows(after: int = 0, limit: int = 500) -> Iterator[dict[str, Any]]:
    """Items as texts to index, by id from ``after`` on: ref, title, text, unit, year (attachments by name)."""
    rows = WorkItem.objects.select_related("lead_department").filter(pk__gt=after).order_by("pk")[:limit]
    rows = list(rows)
    names: dict[int, list[str]] = {}
    for item_id, name in ItemFile.objects.filter(item__in=rows).values_list("item_id", "file__name"):
        names.setdefault(item_id, []).append(name)
    for item in rows:
        text = "\n".join([item.body, item.source_title, item.deadline_text, *names.get(item.pk, [])])
        yield {
            "ref": item.ref, "id": item.pk, "kind": "item", "title": f"{item.code} {item.title}", "text": text,
            "unit": item.lead_department.name, "year": item.year,
        }  # fmt: skip


def start() -> None:
    """Register the resolver; called once per process by the shell."""
    register_resolver("item", resolve_item)
