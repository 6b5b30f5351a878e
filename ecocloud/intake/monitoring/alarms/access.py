"""Who may open which page of alarms, their lines of the menu, numbers and to-dos on the work desk."""

from __future__ import annotations

from typing import Any

from ecocloud.base.rooms import Access, Counter, MenuEntry, TodoSource

VIEW, HANDLE, RULE = "monitoring.alarm.view", "monitoring.alarm.handle", "monitoring.alarm.rule"
DEVICES = "monitoring.device.view"
_HERE, _POST, _BOTH = "ecocloud.intake.monitoring.alarms.access", ("POST",), ("GET", "POST")
GROUP = "监测预警"


def alarm() -> dict:
    """Any incident."""
    from ecocloud.intake.monitoring.alarms.models import AlarmIncident

    return {"pk": AlarmIncident.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def rule() -> dict:
    """Any rule."""
    from ecocloud.intake.monitoring.alarms.models import AlarmRule

    return {"pk": AlarmRule.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def going(viewer: Any) -> int:
    """How many incidents in sight go on."""
    from ecocloud.intake.monitoring.alarms import queries

    return queries.going(viewer).count()


def going_url(viewer: Any) -> str:
    """The list of just these incidents."""
    from django.urls import reverse

    return reverse("monitoring:alarms") + "?open=1"


def menu_count(viewer: Any) -> int:
    """How many wait for this person, for the menu; nothing for those who acknowledge none."""
    from ecocloud.kernel.regions.permissions import allowed

    return todo_count(viewer, "todo") if allowed(viewer, HANDLE) else 0


def todo_count(viewer: Any, tab: str) -> int:
    """How many incidents wait for somebody here to acknowledge them."""
    from ecocloud.intake.monitoring.alarms import queries

    return queries.unseen(viewer).filter(state="raised").count()


def todo_url(viewer: Any, tab: str) -> str:
    """The list of just these incidents."""
    from django.urls import reverse

    return reverse("monitoring:alarms") + "?state=raised"


def todo_rows(viewer: Any, tab: str, limit: int) -> list[dict]:
    """Incidents that wait to be acknowledged, those whose time runs out first."""
    from django.urls import reverse
    from django.utils.timezone import localdate
    from django.utils.translation import gettext as _

    from ecocloud.intake.monitoring.alarms import queries, wording
    from ecocloud.kernel.regions.reasons import by_unit

    rows = queries.unseen(viewer).filter(state="raised").select_related("device__department").order_by("deadline", "pk")
    return [
        {"title": f"{row.device.name} · {row.title}", "url": reverse("monitoring:alarm", args=[row.pk]),
         "kind": _("报警"), "step": _("待确认"), "unit": row.device.department.label if row.device.department else "",
         "due": localdate(row.deadline) if row.deadline else None,
         "light": (queries.light(row), wording.level_word(row.level)), "act": _("确认"), "ref": row.ref,
         "why": by_unit(viewer, row.device.department_id, HANDLE, _("确认报警"))}
        for row in rows[:limit]
    ]  # fmt: skip


ACCESS = (
    Access("monitoring:alarms", VIEW),
    Access("monitoring:alarm", VIEW, sample=f"{_HERE}.alarm"),
    Access("monitoring:alarm-acknowledge", HANDLE, _POST, f"{_HERE}.alarm"),
    Access("monitoring:alarm-assign", HANDLE, _POST, f"{_HERE}.alarm"),
    Access("monitoring:alarm-done", HANDLE, _POST, f"{_HERE}.alarm"),
    Access("monitoring:alarm-false", HANDLE, _POST, f"{_HERE}.alarm"),
    Access("monitoring:alarm-comment", HANDLE, _POST, f"{_HERE}.alarm"),
    Access("monitoring:alarm-item", HANDLE, _POST, f"{_HERE}.alarm"),
    Access("monitoring:alarm-rules", VIEW),
    Access("monitoring:alarm-rule", VIEW, sample=f"{_HERE}.rule"),
    Access("monitoring:alarm-rule-new", RULE, _BOTH),
    Access("monitoring:alarm-rules-install", RULE, _POST),
    Access("monitoring:alarm-rule-edit", RULE, _BOTH, f"{_HERE}.rule"),
    Access("monitoring:alarm-rule-switch", RULE, _POST, f"{_HERE}.rule"),
    Access("monitoring:offline", DEVICES),
    Access("api:monitoring-alarms", VIEW),
    Access("api:monitoring-alarm", VIEW, sample=f"{_HERE}.alarm"),
    Access("api:monitoring-alarm-step", HANDLE, _POST, f"{_HERE}.alarm"),
    Access("api:monitoring-alarm-rules", VIEW),
    Access("api:monitoring-alarm-try", RULE, _POST),
)
MENU = (
    MenuEntry("报警", "Alarms", "monitoring:alarms", VIEW, "triangle-alert", GROUP, 290, f"{_HERE}.menu_count"),
    MenuEntry("报警规则", "Alarm rules", "monitoring:alarm-rules", VIEW, "settings", GROUP, 340),
    MenuEntry("站点离线清单", "Stations off-line", "monitoring:offline", DEVICES, "wifi-off", GROUP, 305),
)
COUNTERS = (
    Counter("monitoring.alarms", "未结束报警", "Open alarms", f"{_HERE}.going", f"{_HERE}.going_url", VIEW,
            "triangle-alert", 65, "warn"),
)  # fmt: skip
TODOS = (
    TodoSource("monitoring.alarms", ("todo",), f"{_HERE}.todo_rows", f"{_HERE}.todo_count", f"{_HERE}.todo_url",
               HANDLE),
)  # fmt: skip
