"""What the shell shows of this room: counters, to-do rows, tiles. Counts equal the lists they open."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.kernel.evidence import cockpit, display, exporting, facts, queries
from ecocloud.kernel.evidence.models import Observation
from ecocloud.kernel.evidence.templatetags.evidence_tags import named, say
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.kept import kept
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.regions.reasons import by_role

_VIEW, _FILL, _REVIEW = "evidence.indicator.view", "evidence.observation.fill", "evidence.observation.review"
_MINE = 5
_KEEP_SECONDS = 60


def _year() -> int:
    return timezone.localdate().year


def review_count(viewer: Any) -> int:
    """Values waiting for this reviewer."""
    return queries.review_queue(viewer).count() if allowed(viewer, _REVIEW) else 0


def review_url(viewer: Any) -> str:
    """The review queue."""
    return reverse("evidence:review")


def _tracked(viewer: Any, region: Region, year: int) -> list[queries.Row]:
    """Every indicator with a target or value; read once for each request, as several parts of the desk need it. Of
    this year and the person's own region they are kept for a minute."""
    key = f"evidence.tracked:{region.pk}:{year}"

    def read() -> list[queries.Row]:
        return exporting.tracked(viewer, region, year) if queries.any_in(region, year) else []

    if year == _year() and region == display.home_region(viewer):
        return scope.remembered(viewer, key, lambda: kept(viewer, "evidence.tracked", read, _KEEP_SECONDS))
    return scope.remembered(viewer, key, read)


def _red(viewer: Any) -> list[queries.Row]:
    region = display.home_region(viewer)
    return [row for row in _tracked(viewer, region, _year()) if row.light.color == "red"]


def red_count(viewer: Any) -> int:
    """Indicators with a red light for the person's region and this year."""
    return len(_red(viewer))


def red_url(viewer: Any) -> str:
    """The list of just these indicators."""
    return f"{reverse('evidence:list')}?light=red&region={display.home_region(viewer).pk}&year={_year()}"


def values_of(viewer: Any, tab: str) -> QuerySet[Observation]:
    """The values of a tab of the desk: to review or to hand in, handed in by the viewer, confirmed by the viewer."""
    if tab == "started":
        return Observation.objects.filter(entered_by=viewer.pk, status="submitted")
    if tab == "done":
        return Observation.objects.filter(confirmed_by=viewer.pk, confirmed_rule="", status__in=Observation.STANDING)
    pending = queries.my_drafts(viewer) if allowed(viewer, _FILL) else Observation.objects.none()
    if allowed(viewer, _REVIEW):
        keys = queries.review_queue(viewer).values("pk")
        return Observation.objects.filter(pk__in=keys) | pending
    return pending


def todo_count(viewer: Any, tab: str) -> int:
    """How many rows the tab has; those of the viewer's own values are read together."""
    if tab == "todo" and allowed(viewer, _REVIEW):
        return scope.remembered(viewer, "evidence.todo", lambda: values_of(viewer, tab).count())
    if tab == "todo" and not allowed(viewer, _FILL):
        return 0
    return scope.remembered(viewer, "evidence.own", lambda: _own_counts(viewer))[tab]


def _own_counts(viewer: Any) -> dict[str, int]:
    mine, confirmed = Q(entered_by=viewer.pk), Q(confirmed_by=viewer.pk, confirmed_rule="")
    return Observation.objects.filter(mine | confirmed).aggregate(
        todo=Count("pk", filter=mine & Q(status__in=("draft", "returned"))),
        started=Count("pk", filter=mine & Q(status="submitted")),
        done=Count("pk", filter=confirmed & Q(status__in=Observation.STANDING)),
    )


def todo_url(viewer: Any, tab: str) -> str:
    """The list of just these values."""
    return f"{reverse('evidence:mine')}?tab={tab}"


def todo_rows(viewer: Any, tab: str, limit: int) -> list[dict]:
    """Values to review, own drafts and returned values."""
    steps = {"submitted": _("待复核"), "draft": _("待报送"), "returned": _("退回待改"), "confirmed": _("已确认")}
    acts = {"submitted": _("复核"), "draft": _("报送"), "returned": _("修改")}
    rows = values_of(viewer, tab).select_related("indicator", "region", "department").order_by("-at")[:limit]
    return [
        {"title": f"{named(row.indicator)} · {row.region.name} {row.span.label_zh()}",
         "url": reverse("evidence:observation", args=[row.pk]), "kind": _("数据"),
         "step": steps.get(row.status, row.get_status_display()),
         "unit": row.department.label if row.department else "",
         "due": None,
         "light": ("yellow" if row.status == "returned" else "none", steps.get(row.status, row.get_status_display())),
         "act": acts.get(row.status, _("查看")), "ref": f"obs:{row.pk}", "why": _why(viewer, row)}
        for row in rows
    ]  # fmt: skip


def _why(viewer: Any, row: Observation) -> str:
    if row.status == "submitted" and row.entered_by_id != viewer.pk:
        return by_role(viewer, _REVIEW, _("复核数据"))
    return _("由您填报") if row.entered_by_id == viewer.pk else by_role(viewer, _REVIEW, _("复核数据"))


def _warned(viewer: Any) -> list[queries.Row]:
    found = [
        row for row in _tracked(viewer, display.home_region(viewer), _year()) if row.light.color in ("red", "yellow")
    ]
    return sorted(found, key=lambda row: (row.light.color != "red", row.indicator.order))


def warning_count(viewer: Any, tab: str) -> int:
    """Indicators with a red or yellow light."""
    return len(_warned(viewer))


def warning_url(viewer: Any, tab: str) -> str:
    """The list behind the warnings."""
    return f"{reverse('evidence:list')}?light=warned&region={display.home_region(viewer).pk}&year={_year()}"


def warning_rows(viewer: Any, tab: str, limit: int) -> list[dict]:
    """Red and yellow indicators with the cause, red ones first."""
    made = []
    for row in _warned(viewer)[:limit]:
        link = f"{reverse('evidence:detail', args=[row.indicator.code])}?region={row.region.pk}&year={row.year}"
        made.append({"title": f"{named(row.indicator)} · {row.region.name}", "url": link, "kind": _("指标"),
                     "step": say(row.light.word), "unit": row.indicator.function, "due": None,
                     "light": (display.lamp(row), say(row.light.word)), "act": _("查看"),
                     "ref": f"ind:{row.indicator.code}", "why": by_role(viewer, _VIEW, _("掌握指标进展"))})  # fmt: skip
    return made


def mine_tile(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """The indicators of the viewer's department: those with a value first, the worst ones first."""
    place = region or display.home_region(viewer)
    rows = queries.my_indicators(viewer, _tracked(viewer, place, year))
    shown = [row for row in rows if row.value is not None][:_MINE] or rows[:_MINE]
    words = facts.words_of(viewer.department.function) if viewer.department else []
    return {"lines": [cockpit.line_of(row) for row in shown], "total": len(rows),
            "url": f"{reverse('evidence:list')}?region={place.pk}&year={year}", "words": "、".join(words)}  # fmt: skip
