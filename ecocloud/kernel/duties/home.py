"""Rows and counts of the duties room on the home page. Every count equals the list its link opens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from ecocloud.kernel.duties import links, queries, showing
from ecocloud.kernel.duties.models import Notice, WorkItem
from ecocloud.kernel.duties.views import notice_word
from ecocloud.kernel.regions.models import User

_TABS = {
    "todo": queries.todo,
    "started": queries.started,
    "copied": queries.copied,
    "warning": queries.warnings,
}


def _list_url(route: str, **query: Any) -> str:
    try:
        address = reverse(route)
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(query)}" if query else address


def _light(item: WorkItem) -> tuple[str, str]:
    return showing.LEVELS[item.light], showing.light_word(item)


def _item_row(item: WorkItem, asked: dict[str, set[int]]) -> dict[str, Any]:
    return {
        "title": item.title, "url": links.item_url(item.pk), "kind": showing.kind_label(item.kind),
        "step": showing.state_label(item.kind, item.state),
        "unit": item.lead_department.label, "due": item.act_by or item.deadline, "light": _light(item),
        "words": item.light_words, "act": _next_act(item, asked), "ref": item.ref,
    }  # fmt: skip


def _next_act(item: WorkItem, asked: dict[str, set[int]]) -> str:
    for action, ids in asked.items():
        row = item.table.row(item.state, action)
        if item.pk in ids and row is not None:
            return showing.pick(row.label_zh, row.label_en)
    row = next((r for r in item.table.rows(item.state) if r.target not in ("same", item.state)), None)
    return showing.pick(row.label_zh, row.label_en) if row else ""


def _notice_row(notice: Notice) -> dict[str, Any]:
    _, _, key = notice.ref.partition(":")
    url = links.item_url(int(key)) if notice.ref.startswith("item:") and key.isdigit() else ""
    return {
        "title": notice.title, "url": url, "kind": _("待阅"), "step": notice_word(notice), "unit": "",
        "due": None, "light": (), "act": _("阅"), "at": notice.at, "id": notice.pk, "text": notice.text,
    }  # fmt: skip


def rows(viewer: User, tab: str, limit: int = 20) -> list[dict[str, Any]]:
    """The first rows of a home tab: todo, done, started, copied, urged, read, warning."""
    if tab == "done":
        return [
            {
                "title": e.item.title, "url": links.item_url(e.item_id), "kind": showing.kind_label(e.item.kind),
                "step": e.action_zh, "unit": e.department_name, "due": None, "light": _light(e.item), "act": "",
                "at": e.at,
            }
            for e in queries.done(viewer)[:limit]
        ]  # fmt: skip
    if tab in ("urged", "read"):
        source = queries.urged(viewer) if tab == "urged" else queries.unread(viewer)
        return [_notice_row(notice) for notice in source[:limit]]
    if tab not in _TABS:
        return []
    found = list(_TABS[tab](viewer).select_related("lead_department")[:limit])
    asked: dict[str, set[int]] = {}
    if tab == "todo":
        ids = [item.pk for item in found]
        asked = {
            action: {row["item_id"] for row in rows.filter(item__in=ids)}
            for action, rows in queries.answers_owed(viewer).items()
        }
    return [_item_row(item, asked) for item in found]


def count(viewer: User, tab: str) -> int:
    """How many rows a home tab has."""
    if tab == "done":
        return queries.done(viewer).count()
    if tab == "urged":
        return queries.urged(viewer).count()
    if tab == "read":
        return queries.unread(viewer).count()
    if tab == "warning":
        return warning_count(viewer)
    if tab == "copied":
        return queries.copied_count(viewer)
    return _TABS[tab](viewer).count() if tab in _TABS else 0


def url(viewer: User, tab: str) -> str:
    """The list behind a home tab."""
    return _list_url("duties:mine", tab=tab)


def todo_count(viewer: User) -> int:
    """待办."""
    return queries.todo(viewer).count()


def todo_url(viewer: User) -> str:
    """The list of 待办."""
    return url(viewer, "todo")


def unread_count(viewer: User) -> int:
    """待阅."""
    return queries.unread(viewer).count()


def unread_url(viewer: User) -> str:
    """The list of 待阅."""
    return url(viewer, "read")


def warning_count(viewer: User) -> int:
    """预警: red and yellow lights."""
    return queries.total(viewer, queries.WARNED)


def warning_url(viewer: User) -> str:
    """The list of 预警."""
    return url(viewer, "warning")


def overdue_count(viewer: User) -> int:
    """逾期."""
    return queries.overdue_count(viewer)


def overdue_url(viewer: User) -> str:
    """The list of 逾期."""
    return _list_url("duties:mine", tab="overdue")


def owed_count(viewer: User) -> int:
    """调度应报."""
    return queries.reports_owed(viewer).count()


def owed_url(viewer: User) -> str:
    """The list of reports the viewer's unit owes."""
    return _list_url("duties:owed")
