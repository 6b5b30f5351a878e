"""Who may open which page of the room, its lines of the menu, numbers and to-dos on the work desk."""

from __future__ import annotations

from datetime import date
from typing import Any

from ecocloud.base.rooms import ANYONE, Access, Counter, MenuEntry, Permission, PublicPanel, QuickLink, TodoSource

VIEW, EDIT, SIGN = "chiefs.office.view", "chiefs.office.edit", "chiefs.handover.sign"
RECORD, PATROLS, RULE = "chiefs.patrol.record", "chiefs.patrol.view", "chiefs.rule.edit"
_HERE, _POST, _BOTH = "ecocloud.domains.chiefs.access", ("POST",), ("GET", "POST")
_SEE = ("office", "leader", "department", "township", "reader", "field")
_GROUP = "河长制林长制"


def _first(name: str) -> dict:
    from ecocloud.domains.chiefs import models

    return {"pk": getattr(models, name).objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def office() -> dict:
    """Any office."""
    return _first("Office")


def helper() -> dict:
    """Any helper."""
    return _first("Helper")


def handover() -> dict:
    """Any handover."""
    return _first("Handover")


def patrol() -> dict:
    """Any patrol."""
    return _first("Patrol")


def photo() -> dict:
    """Any photograph."""
    return _first("PatrolPhoto")


def plan() -> dict:
    """Any plan."""
    return _first("Plan")


def thing() -> dict:
    """Any object of a register."""
    return {"pk": 1}


def token() -> dict:
    """Any sign."""
    from ecocloud.domains.chiefs.models import Office

    return {"token": Office.objects.values_list("token", flat=True).first() or "0" * 32}


def owed_count(viewer: Any, tab: str = "todo") -> int:
    """How many offices of this person still owe patrols in the period that goes on."""
    return len(_owed(viewer))


def _owed(viewer: Any) -> list[tuple[Any, Any]]:
    """Offices of this person with what they still owe; read once for each page."""
    from ecocloud.kernel.regions.scope import remembered

    return remembered(viewer, "chiefs.owed", lambda: _read_owed(viewer))


def _read_owed(viewer: Any) -> list[tuple[Any, Any]]:
    from ecocloud.domains.chiefs import queries

    rows = list(queries.own_offices(viewer).select_related("object", "region", "department")[:200])
    standings = queries.standings(rows) if rows else {}
    return [(row, standings[row.pk]) for row in rows if row.pk in standings and standings[row.pk].missing]


def owed_url(viewer: Any, tab: str = "todo") -> str:
    """The list of just these offices."""
    from django.urls import reverse

    return reverse("chiefs:mine") + "?owed=1"


def owed_rows(viewer: Any, tab: str, limit: int) -> list[dict]:
    """Patrols this person still owes, those whose period ends first."""
    from django.urls import reverse

    from ecocloud.domains.chiefs import showing

    rows = sorted(_owed(viewer), key=lambda pair: (pair[1].slot.last, pair[0].pk))[:limit]
    why = showing.whys(viewer, [row for row, _standing in rows])
    return [
        {"title": showing.title(row), "url": f"{reverse('chiefs:patrol-new')}?office={row.pk}",
         "kind": showing.patrol_word(row), "step": showing.standing_words(standing), "unit": row.department.label,
         "due": standing.slot.last, "act": showing.patrol_word(row), "light": ("none", ""), "why": why.get(row.pk, ""),
         "ref": row.ref}
        for row, standing in rows
    ]  # fmt: skip


def owed_due(viewer: Any, first: date, last: date) -> dict[date, tuple[int, str]]:
    """How many periods end on each day with patrols owed."""
    found: dict[date, int] = {}
    for _row, standing in _owed(viewer):
        if first <= standing.slot.last <= last:
            found[standing.slot.last] = found.get(standing.slot.last, 0) + 1
    return {day: (n, owed_url(viewer)) for day, n in found.items()}


PERMISSIONS = (
    Permission(VIEW, "查看河湖长、林长", "View chiefs", _SEE),
    Permission(EDIT, "维护河湖长、林长", "Keep chiefs", ("office", "department", "township")),
    Permission(SIGN, "签署交接单", "Sign handovers", ("office", "leader", "department", "township", "field")),
    Permission(PATROLS, "查看巡查记录", "View patrols", _SEE),
    Permission(RECORD, "记录巡查", "Record patrols", ("office", "leader", "department", "township", "field")),
    Permission(RULE, "选定巡查频次", "Choose patrol rules", ("office",)),
)
ACCESS = (
    Access("chiefs:offices", VIEW),
    Access("chiefs:office-new", EDIT, _BOTH),
    Access("chiefs:offices-book", EDIT),
    Access("chiefs:office", VIEW, sample=f"{_HERE}.office"),
    *(Access(f"chiefs:{name}", EDIT, _POST, f"{_HERE}.office")
      for name in ("office-edit", "office-close", "appoint", "term-end", "helper-add", "handover-new")),
    Access("chiefs:helper-end", EDIT, _POST, f"{_HERE}.helper"),
    Access("chiefs:qr", VIEW, sample=f"{_HERE}.office"),
    Access("chiefs:handover", VIEW, sample=f"{_HERE}.handover"),
    Access("chiefs:handover-renew", EDIT, _POST, f"{_HERE}.handover"),
    Access("chiefs:handover-sign", SIGN, _POST, f"{_HERE}.handover"),
    Access("chiefs:public", ANYONE),
    Access("chiefs:sign", ANYONE, sample=f"{_HERE}.token"),
    Access("chiefs:mine", RECORD),
    Access("chiefs:patrols", PATROLS),
    Access("chiefs:patrol-new", RECORD, _BOTH),
    Access("chiefs:patrol-worker", RECORD),
    Access("chiefs:patrol", PATROLS, sample=f"{_HERE}.patrol"),
    Access("chiefs:photo", PATROLS, sample=f"{_HERE}.photo"),
    Access("chiefs:coverage", PATROLS),
    Access("chiefs:report", PATROLS),
    Access("chiefs:rules", VIEW),
    Access("chiefs:rule-choose", RULE, _POST),
    Access("chiefs:file", VIEW, sample=f"{_HERE}.thing"),
    Access("chiefs:plan-new", EDIT, _POST, f"{_HERE}.thing"),
    Access("chiefs:measure-new", EDIT, _POST, f"{_HERE}.plan"),
    Access("api:chiefs-offices", VIEW),
    Access("api:chiefs-patrols", PATROLS),
    Access("api:chiefs-patrol-record", RECORD, _POST),
    Access("api:chiefs-coverage", PATROLS),
)  # fmt: skip
MENU = (
    MenuEntry("河湖长、林长", "Chiefs", "chiefs:offices", VIEW, "users", _GROUP, 350),
    MenuEntry("我的巡查", "My patrols", "chiefs:mine", RECORD, "route", _GROUP, 352, f"{_HERE}.owed_count"),
    MenuEntry("巡查记录", "Patrols", "chiefs:patrols", PATROLS, "clipboard-check", _GROUP, 354),
    MenuEntry("巡查到位", "Coverage", "chiefs:coverage", PATROLS, "chart-line", _GROUP, 356),
    MenuEntry("巡查频次", "Patrol rules", "chiefs:rules", VIEW, "calendar", _GROUP, 358),
)
COUNTERS = (
    Counter("chiefs.owed", "本期待巡查", "Patrols owed", f"{_HERE}.owed_count", f"{_HERE}.owed_url", RECORD, "route",
            75),
)  # fmt: skip
TODOS = (
    TodoSource("chiefs.owed", ("todo",), f"{_HERE}.owed_rows", f"{_HERE}.owed_count", f"{_HERE}.owed_url", RECORD,
               due=f"{_HERE}.owed_due"),
)  # fmt: skip
PUBLIC = (
    PublicPanel("chiefs", "河湖长、林长", "Chiefs", "ecocloud.domains.chiefs.views_public.panel",
                "chiefs/public_panel.html", 200),
)  # fmt: skip
QUICK = (QuickLink("记录巡查", "Record a patrol", "chiefs:patrol-new", RECORD, "route", 40),)
ACTIONS = {
    "chiefs.handover.taker": ("变更交接单接收人", "Change who takes a handover list"),
    "chiefs.office.open": ("设立河湖长、林长岗位", "Open an office of a chief"),
    "chiefs.office.edit": ("修改河湖长、林长岗位", "Change an office of a chief"),
    "chiefs.office.close": ("撤销河湖长、林长岗位", "Close an office of a chief"),
    "chiefs.term.appoint": ("任职", "Appoint"),
    "chiefs.term.end": ("离任", "End a term"),
    "chiefs.helper.add": ("增加助理或代巡", "Add a helper"),
    "chiefs.helper.end": ("结束助理或代巡", "End a helper"),
    "chiefs.handover.prepare": ("准备交接单", "Prepare a handover"),
    "chiefs.handover.renew": ("重新生成交接单", "Renew a handover"),
    "chiefs.handover.sign": ("签署交接单", "Sign a handover"),
    "chiefs.patrol.record": ("记录巡查", "Record a patrol"),
    "chiefs.rule.choose": ("选定巡查频次", "Choose a patrol rule"),
    "chiefs.plan.make": ("编制一河一策", "Make a plan"),
    "chiefs.plan.measure": ("分解治理措施", "Add a measure"),
    "chiefs.reminders": ("巡查提醒", "Remind of patrols"),
    "chiefs.report.export": ("导出巡查月报", "Export the monthly report"),
}
