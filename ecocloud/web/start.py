"""Hanging the kernel's knowledge on the base floor's hooks, once per process."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from ecocloud.base.pages import hooks as page_hooks
from ecocloud.base.rooms import all_rooms
from ecocloud.base.sheets import registry as sheets
from ecocloud.kernel.journal.refs import RefError, resolve
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions


def _source(text: str, viewer: Any) -> page_hooks.Source | None:
    try:
        found = resolve(text, viewer)
    except RefError:
        return None
    return page_hooks.Source(label=found.place or found.title, url=found.url, title=found.title)


def _kind_word(kind: str) -> str:
    for room in all_rooms():
        if kind in room.refs:
            zh, en = room.refs[kind]
            return en if (get_language() or "").startswith("en") else zh
    return ""


def _import_event(user: Any, event: str, batch: Any) -> None:
    with change(user.actor()) as tx:
        tx.log(event, f"import:{batch.pk}", after={"target": batch.target, "status": batch.status})


def _record_export(request: Any, key: str, form: str, rows: int, query: str) -> None:
    with change(request.user.actor(getattr(request, "request_id", ""))) as tx:
        tx.log("web.list.export", f"list:{key}", after={"rows": rows, "form": form, "filter": query[:300]})


def hooks() -> None:
    """Let evidence chips resolve references; give imports and exports their permission check and their journal."""
    page_hooks.set_ref_resolver(_source)
    page_hooks.set_kind_word(_kind_word)
    page_hooks.set_export_recorder(_record_export)
    sheets.set_permission_checker(permissions.allowed)
    sheets.set_event_hook(_import_event)
