"""Rows and counts of the duties room on the home page. Every count equals the list its link opens."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.kernel.duties import desk, lights, links, queries, reasons, showing
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


def _item_row(item: WorkItem, asked: dict[str, set[int]], why: str) -> dict[str, Any]:
    return {
        "title": item.title, "url": links.item_url(item.pk), "kind": showing.kind_label(item.kind),
        "step": showing.state_label(item.kind, item.state),
        "unit": item.lead_department.label, "due": item.act_by or item.deadline, "light": _light(item),
        "words": item.light_words, "act": _next_act(item, asked), "ref": item.ref,
        "why": why,
    }  # fmt: skip


def _next_act(item: WorkItem, asked: dict[str, set[int]]) -> str:
    for action, ids in asked.items():
        row = item.table.row(item.state, action)
        if item.pk in ids and row is not None:
            return showing.pick(row.label_zh, row.label_en)
    onward = [r for r in item.table.rows(item.state) if r.target not in ("same", item.state)]
    owner = "checker" if item.state_row.level else item.state_row.owner
    later = [r for r in onward if item.table.leads_on(r, item.state)]
    row = next(iter([r for r in later if owner in r.by] or later or onward), None)
    return showing.pick(row.label_zh, row.label_en) if row else ""


def _notice_row(viewer: User, notice: Notice) -> dict[str, Any]:
    _kind, _sep, key = notice.ref.partition(":")
    url = links.item_url(int(key)) if notice.ref.startswith("item:") and key.isdigit() else ""
    return {
        "title": notice.title, "url": url, "kind": _("待阅"), "step": notice_word(notice), "unit": "",
        "due": None, "light": (), "act": _("阅"), "at": notice.at, "id": notice.pk, "text": notice.text,
        "why": reasons.of_notice(viewer, notice), "ref": f"notice:{notice.pk}",
    }  # fmt: skip


def rows(viewer: User, tab: str, limit: int = 20) -> list[dict[str, Any]]:
    """The first rows of a home tab: todo, done, started, copied, urged, read, warning."""
    if tab == "done":
        return [
            {
                "title": e.item.title, "url": links.item_url(e.item_id), "kind": showing.kind_label(e.item.kind),
                "step": e.action_zh, "unit": e.department_name, "due": None, "light": _light(e.item), "act": "",
                "at": e.at, "why": _("由您办理"), "ref": e.item.ref,
            }
            for e in queries.done(viewer)[:limit]
        ]  # fmt: skip
    if tab in ("urged", "read"):
        source = queries.urged(viewer) if tab == "urged" else queries.unread(viewer)
        return [_notice_row(viewer, notice) for notice in source[:limit]]
    if tab not in _TABS:
        return []
    if tab == "warning":
        found = queries.page(viewer, queries.WARNED, limit=limit)
    else:
        # Keys first, from an index; the rows of these few afterwards.
        keys = list(_TABS[tab](viewer).values_list("pk", flat=True)[:limit])
        rows_of = WorkItem.objects.select_related("lead_department").in_bulk(keys)
        found = [rows_of[key] for key in keys if key in rows_of]
    asked: dict[str, set[int]] = {}
    if tab == "todo" and queries.asked(viewer) != []:
        ids = [item.pk for item in found]
        asked = {
            action: {row["item_id"] for row in rows.filter(item__in=ids)}
            for action, rows in queries.answers_owed(viewer).items()
        }
    why = reasons.reasons(viewer, tab, found, asked)
    return [_item_row(item, asked, why[item.pk]) for item in found]


def count(viewer: User, tab: str) -> int:
    """How many rows a home tab has."""
    if tab == "done":
        return queries.done(viewer).count()
    if tab == "urged":
        return desk.urged_count(viewer)
    if tab == "read":
        return unread_count(viewer)
    if tab == "warning":
        return warning_count(viewer)
    if tab == "copied":
        return desk.copied_count(viewer)
    if tab == "todo":
        return desk.todo_count(viewer)
    return _TABS[tab](viewer).count() if tab in _TABS else 0


def url(viewer: User, tab: str) -> str:
    """The list behind a home tab."""
    return _list_url("duties:mine", tab=tab)


def todo_count(viewer: User) -> int:
    """待办."""
    return desk.todo_count(viewer)


def todo_url(viewer: User) -> str:
    """The list of 待办."""
    return url(viewer, "todo")


def unread_count(viewer: User) -> int:
    """待阅."""
    return desk.unread_by_kind(viewer).total()


def unread_url(viewer: User) -> str:
    """The list of 待阅."""
    return url(viewer, "read")


def warning_count(viewer: User) -> int:
    """预警: red and yellow lights."""
    return sum(desk.warned(viewer).values())


def warning_url(viewer: User) -> str:
    """The list of 预警."""
    return url(viewer, "warning")


def overdue_count(viewer: User) -> int:
    """逾期."""
    return desk.overdue_count(viewer)


def overdue_url(viewer: User) -> str:
    """The list of 逾期."""
    return _list_url("duties:mine", tab="overdue")


def owed_count(viewer: User) -> int:
    """调度应报."""
    return queries.reports_owed(viewer).count()


def owed_url(viewer: User) -> str:
    """The list of reports the viewer's unit owes."""
    return _list_url("duties:owed")


def due_days(viewer: User, first: date, last: date) -> dict[date, tuple[int, str]]:
    """How many open items fall due on each day, with the list of just these."""
    found = desk.coming_by_day(viewer, first, last)
    return {day: (n, _list_url("duties:mine", tab="coming", due_from=day, due_to=day)) for day, n in found.items()}


def unread_note(viewer: User) -> str:
    """What the unread notices are about, the most frequent first."""
    words: Counter[str] = Counter()
    for kind, n in desk.unread_by_kind(viewer).items():
        words[notice_word(Notice(kind=kind))] += n
    return " · ".join(f"{word} {n}" for word, n in words.most_common(3))


def warning_note(viewer: User) -> str:
    """Warnings by light."""
    held = desk.warned(viewer)
    words = dict(showing.light_filters())
    return " · ".join(f"{words[light]} {held[light]}" for light in queries.WARNED.lights if held.get(light))


def overdue_note(viewer: User) -> str:
    """How long the oldest one is overdue."""
    first = desk.longest_overdue(viewer)
    return _("最长 %(n)s 天") % {"n": (timezone.localdate() - first).days} if first else ""


def todo_note(viewer: User) -> str:
    """How many of them are past their deadline."""
    open_ones = queries.todo(viewer).filter(state__in=queries.open_states()).exclude(light=lights.CLOSED)
    late = open_ones.filter(due__lt=timezone.localdate()).count()
    return _("其中逾期 %(n)s 件") % {"n": late} if late else _("没有逾期")
