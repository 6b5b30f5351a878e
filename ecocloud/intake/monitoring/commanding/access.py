"""Who may open which page of commands, its lines of the menu, what waits on the work desk."""

from __future__ import annotations

from typing import Any

from ecocloud.base.rooms import Access, MenuEntry, TodoSource

VIEW, EDIT = "monitoring.device.view", "monitoring.device.edit"
ASK, APPROVE = "monitoring.command.ask", "monitoring.command.approve"
_HERE, _POST, _BOTH = "ecocloud.intake.monitoring.commanding.access", ("POST",), ("GET", "POST")
GROUP = "监测预警"


def command() -> dict:
    """Any command."""
    from ecocloud.intake.monitoring.commanding.models import Command

    return {"pk": Command.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def device() -> dict:
    """Any device."""
    from ecocloud.intake.monitoring.stations.models import Device

    return {"pk": Device.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def _waiting(viewer: Any) -> Any:
    from ecocloud.intake.monitoring.commanding import queries

    return queries.to_approve(viewer)


def todo_count(viewer: Any, tab: str) -> int:
    """How many commands wait for this person's agreement."""
    return _waiting(viewer).count()


def menu_count(viewer: Any) -> int:
    """The same, for the menu; nothing for those who agree to none."""
    from ecocloud.kernel.regions.permissions import allowed

    return todo_count(viewer, "todo") if allowed(viewer, APPROVE) else 0


def todo_url(viewer: Any, tab: str) -> str:
    """The list of just these commands."""
    from django.urls import reverse

    return reverse("monitoring:commands") + "?mine=1"


def todo_rows(viewer: Any, tab: str, limit: int) -> list[dict]:
    """Commands that wait for this person's agreement, the oldest first."""
    from django.urls import reverse
    from django.utils.timezone import localdate
    from django.utils.translation import gettext as _

    from ecocloud.intake.monitoring.commanding import showing
    from ecocloud.kernel.regions.reasons import by_role

    rows = _waiting(viewer).select_related("device", "asked_by__department").order_by("asked_at")[:limit]
    return [
        {"title": f"{showing.name_of(row.cn, row.edition)} · {row.device.name}",
         "url": reverse("monitoring:command", args=[row.pk]), "kind": _("设备指令"), "step": _("待审批"),
         "unit": row.asked_by.department.label if row.asked_by and row.asked_by.department else "",
         "due": localdate(row.deadline), "light": ("yellow", _("待审批")), "act": _("审批"),
         "ref": f"command:{row.pk}", "why": by_role(viewer, APPROVE, _("审批设备指令"))}
        for row in rows
    ]  # fmt: skip


ACCESS = (
    Access("monitoring:commands", VIEW),
    Access("monitoring:command", VIEW, sample=f"{_HERE}.command"),
    Access("monitoring:command-new", ASK, _BOTH),
    Access("monitoring:command-approve", APPROVE, _POST, f"{_HERE}.command"),
    Access("monitoring:command-dismiss", APPROVE, _POST, f"{_HERE}.command"),
    Access("monitoring:command-withdraw", VIEW, _POST, f"{_HERE}.command"),
    Access("monitoring:command-table", VIEW),
    Access("monitoring:command-setting", EDIT, _BOTH, f"{_HERE}.device"),
    Access("monitoring:strays", VIEW),
    Access("api:monitoring-commands", VIEW, _BOTH),
    Access("api:monitoring-command", VIEW, sample=f"{_HERE}.command"),
    Access("api:monitoring-command-decide", APPROVE, _POST, f"{_HERE}.command"),
    Access("api:monitoring-command-withdraw", VIEW, _POST, f"{_HERE}.command"),
)
MENU = (
    MenuEntry("设备指令", "Commands", "monitoring:commands", VIEW, "send", GROUP, 330, f"{_HERE}.menu_count"),
)  # fmt: skip
TODOS = (
    TodoSource("monitoring.commands", ("todo",), f"{_HERE}.todo_rows", f"{_HERE}.todo_count", f"{_HERE}.todo_url",
               APPROVE),
)  # fmt: skip
