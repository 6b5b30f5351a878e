"""What pages show of recurring duties: the templates with their state, and the duties of an object or a pack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.base.pages.speaking import joined
from ecocloud.kernel.duties import queries, recurring, showing
from ecocloud.kernel.duties.models import ItemRef, TemplateDuty, TemplateUse, WorkItem
from ecocloud.kernel.duties.services import templates
from ecocloud.kernel.duties.services.standing import CREATE, VIEW
from ecocloud.kernel.duties.services.templates import Template
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.facts import functions_file
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.pack_definition import PackDefinition

_SHOWN = 20


@dataclass(frozen=True)
class Line:
    """One template as a row: its words, what was made for the period of today, who has it made by the clock.

    ``url``: its page; empty for people who may not open it.
    """

    template: Template
    url: str
    name: str
    pack: str
    cycle: str
    period: str
    function: str
    made: int
    open: int
    made_url: str
    uses: tuple[TemplateUse, ...]

    @property
    def trouble(self) -> str:
        """What the last run could not do."""
        return next((use.trouble for use in self.uses if use.trouble), "")

    @property
    def use_word(self) -> str:
        """Who has it made by the clock, in words."""
        return joined(use.office.label for use in self.uses) or _("未启用")


@dataclass(frozen=True)
class Table:
    """The templates as a list that leaves as a file; the page has no filters."""

    found: list[Line]
    query_text: str = ""

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.found)

    def all_rows(self) -> Iterator[Line]:
        """Every one of them."""
        return iter(self.found)


def columns() -> tuple[ExportColumn, ...]:
    """The columns of the file: those of the page, and the pack."""
    return (
        ExportColumn(_("专题"), "pack"), ExportColumn(_("任务"), "name"), ExportColumn(_("责任职能"), "function"),
        ExportColumn(_("周期"), "cycle"), ExportColumn(_("本期"), "period"), ExportColumn(_("本期已生成"), "made"),
        ExportColumn(_("在办"), "open"), ExportColumn(_("自动生成"), "use_word"),
        ExportColumn(_("未能生成"), "trouble"),
    )  # fmt: skip


def function_words() -> dict[str, str]:
    """Functions of units by code, as people call them, by the language of the page."""
    return {one.code: showing.pick(one.short, one.en) for one in functions_file().functions}


def lines(viewer: User, found: list[Template] | None = None) -> list[Line]:
    """Every template, or those given, with what the viewer sees of it (two queries)."""
    found = templates.templates() if found is None else found
    today = timezone.localdate()
    turns = {one.key: recurring.turn(one.task.cycle, today) for one in found}
    rows = TemplateDuty.objects.filter(period__in={turn.period for turn in turns.values()})
    if not queries.view_of(viewer).everything:
        rows = rows.filter(item__in=queries.visible(viewer).order_by().values("pk"))
    counted = rows.order_by().values_list("pack", "task", "period").annotate(
        n=Count("pk"), open=Count("pk", filter=Q(item__state__in=queries.open_states()))
    )  # fmt: skip
    counts = {(f"{pack}/{task}", period): (n, left) for pack, task, period, n, left in counted}
    uses: dict[str, list[TemplateUse]] = defaultdict(list)
    for use in templates.uses():
        uses[f"{use.pack}/{use.task}"].append(use)
    words, may = function_words(), permissions.allowed(viewer, CREATE)
    made = []
    for one in found:
        turn = turns[one.key]
        n, left = counts.get((one.key, turn.period), (0, 0))
        made.append(Line(
            one, reverse("duties:template", args=[one.pack.id, one.task.code]) if may else "",
            showing.pick(one.task.zh, one.task.en),
            showing.pick(one.pack.zh, one.pack.en), showing.pick(*recurring.CYCLES[one.task.cycle]),
            showing.pick(*turn.words), words.get(one.task.function, one.task.function), n, left,
            ledger_url(one.key, turn.period), tuple(uses.get(one.key, ())),
        ))  # fmt: skip
    return made


def ledger_url(key: str, period: str = "") -> str:
    """The ledger with the items made from a template, of one period or of all."""
    return f"{reverse('duties:ledger')}?{urlencode({'template': f'{key}@{period}' if period else key})}"


def choices(value: str) -> list[tuple[str, str]]:
    """The template of the address as the one choice of its filter; what is no template stands for itself."""
    if not value:
        return []
    key, _at, period = value.partition("@")
    known = next((one for one in templates.templates() if one.key == key), None)
    name = showing.pick(known.task.zh, known.task.en) if known else key
    return [(value, f"{name} {period}".strip())]


def by_template(rows: QuerySet[WorkItem], value: str) -> QuerySet[WorkItem]:
    """The items made from the template ``pack/task`` or ``pack/task@period``."""
    key, _at, period = value.partition("@")
    pack, _slash, task = key.partition("/")
    wanted = {"template_duty__pack": pack, "template_duty__task": task}
    return rows.filter(**wanted, **({"template_duty__period": period} if period else {}))


def object_panel(viewer: User, row: RegisterObject) -> dict[str, Any] | None:
    """The duties that point at an object, open ones first; None for people without the right to see duties."""
    if not permissions.allowed(viewer, VIEW):
        return None
    refs = ItemRef.objects.filter(ref=f"obj:{row.pk}").exclude(role=ItemRef.Role.EVIDENCE).values("item")
    rows = queries.visible(viewer).filter(pk__in=refs).select_related("lead_department")
    shown = list(rows.filter(state__in=queries.open_states()).order_by("due", "id")[:_SHOWN])
    counts = rows.order_by().aggregate(all=Count("pk"), open=Count("pk", filter=Q(state__in=queries.open_states())))
    return {"items": showing.show(shown), "open": counts["open"], "closed": counts["all"] - counts["open"],
            "more": counts["open"] - len(shown)}  # fmt: skip


def pack_panel(viewer: User, pack: PackDefinition) -> dict[str, Any] | None:
    """The task templates of a pack with their state."""
    if not permissions.allowed(viewer, VIEW):
        return None
    return {"lines": lines(viewer, [Template(pack, one) for one in pack.tasks])}
