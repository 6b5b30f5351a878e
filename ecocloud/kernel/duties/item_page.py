"""What the page of one item shows: source, links, timeline, and the actions this person may do now."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.kernel.duties import case_page, indicators, queries, services, showing
from ecocloud.kernel.duties.cycles import all_cycles
from ecocloud.kernel.duties.forms import unit_names
from ecocloud.kernel.duties.models import ItemEvent, ItemFile, ItemNode, Opinion, WorkItem
from ecocloud.kernel.duties.services import standing
from ecocloud.kernel.duties.transitions import Option, Transition
from ecocloud.kernel.journal.refs import RefError, Resolved, resolve
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

# Actions that stand beside the row they are about, not in the footer.
BESIDE_ROWS = frozenset({"answer_opinion", "reply_instruction", "finish_node", "reject_objection", "uphold"})
DANGER = frozenset({"return", "terminate", "refuse_extension", "decline", "refuse", "merge"})
# Steps back: they keep their red square in the timeline.
BACK = DANGER | {"uphold"}
SHOWN_BUTTONS = 3
NEAR_NODE_DAYS = 5


@dataclass(frozen=True)
class Field:
    """A control of an action's dialog. ``kind``: date, number, unit, units, choice, files, text, item."""

    name: str
    kind: str
    label: str
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    value: str = ""


def fields_of(row: Transition, item: WorkItem) -> tuple[Field, ...]:
    """The controls an action needs, from the effects its row names."""
    found: list[Field] = []
    effects = row.effects
    if "set_lead" in effects:
        found.append(Field("lead", "unit", _("新的牵头单位"), True))
    found += _case_fields(row, item)
    if "request_extension" in effects:
        found.append(
            Field("deadline", "date", _("新的期限"), True, hint=_("应晚于现期限 %(day)s") % {"day": item.deadline})
        )
    if "ask_opinions" in effects:
        found.append(Field("units", "units", _("征求意见的部门"), True, hint=_("用顿号或换行分开")))
        found.append(Field("due", "date", _("请于何日前答复")))
    if "take_opinion" in effects:
        choices = tuple((value, showing.said(label)) for value, label in Opinion.Stance.choices)
        found.append(Field("stance", "choice", _("态度"), True, choices))
    if "write_instruction" in effects:
        found.append(Field("due", "date", _("请于何日前回复")))
    if "note_progress" in effects:
        found.append(Field("progress", "number", _("进度（%）"), value=showing.percent(item.progress)))
    if "change_fields" in effects:
        found.append(Field("deadline", "date", _("新的期限")))
    if "attach" in effects:
        must = row.evidence or row.action == "attach"
        if item.table.takes_case:
            # Any of them is proof; the services say so when there is none.
            uses = ItemFile.Use.choices if row.action == "attach" else ItemFile.Use.choices[:2]
            found += [Field(use, "files", showing.said(label)) for use, label in uses]
            must = False
        found.append(Field("files", "files", _("附件"), must))
    return tuple(found)


def _case_fields(row: Transition, item: WorkItem) -> list[Field]:
    """The controls of arbitration, category, suspension, notice, objection and merging."""
    found, effects = [], row.effects
    if "set_category" in effects:
        rows = [c for c in item.table.categories if c.code != item.category]
        choices = tuple((c.code, showing.pick(c.label_zh, c.label_en)) for c in rows)
        found.append(Field("category", "choice", _("新的类别"), True, choices))
    if "maybe_lead" in effects:
        found.append(Field("lead", "unit", _("改由哪个单位承办"), hint=_("不填则按类别确定或不变")))
    if "suspend" in effects:
        found.append(Field("until", "date", _("挂起到哪一天"), True))
    if "open_notice" in effects:
        days = item.table.notice_days
        found.append(Field("notice_until", "date", _("公示截止"), hint=_("不填为 %(n)s 天") % {"n": days}))
    if "add_objection" in effects:
        found.append(Field("objector", "text", _("提出异议的人或单位")))
    if "merge" in effects:
        found.append(Field("into", "item", _("并入哪一件（编号）"), True))
    return found


@dataclass(frozen=True)
class Act:
    """An action as a button with its dialog, or with the page it is done on."""

    code: str
    label: str
    who: str
    consequence: str
    opinion: str
    opinion_label: str
    danger: bool
    primary: bool
    blocked: str
    fields: tuple[Field, ...]
    url: str
    page: str = ""

    @property
    def dialog(self) -> str:
        """Id of the dialog."""
        return f"act-{self.code}"

    @property
    def needs_units(self) -> bool:
        """Whether unit names are offered while typing."""
        return any(field.kind in ("unit", "units") for field in self.fields)


def _opinion_label(row: Transition) -> str:
    effects = row.effects
    if "request_extension" in effects:
        return _("延期理由")
    if "write_instruction" in effects:
        return _("批示内容")
    if "reply_instruction" in effects:
        return _("回复内容")
    if "note_progress" in effects:
        return _("办理情况")
    return _("意见")


def _page_for(row: Transition, item: WorkItem) -> str:
    if row.action == "change":
        return reverse("duties:edit", args=[item.pk])
    if {"add_children", "add_nodes"}.intersection(row.effects):
        return reverse("duties:decompose", args=[item.pk])
    return ""


def _moves_on(row: Transition, item: WorkItem) -> bool:
    return row.action not in BACK and item.table.leads_on(row, item.state)


def acts(item: WorkItem, possible: Sequence[Option]) -> list[Act]:
    """The possible actions as buttons, the one that moves the item on first."""
    options = [option for option in possible if option.row.action not in BESIDE_ROWS]
    forward = [option for option in options if _moves_on(option.row, item) and not option.blocked_zh]
    first = forward[0].row.action if forward else ""
    found = [_act(option, item, option.row.action == first) for option in options]
    found = [act for act in found if not (act.blocked and _hidden(act.code))]
    return sorted(found, key=lambda act: (not act.primary, act.danger, bool(act.page), bool(act.blocked)))


def _hidden(code: str) -> bool:
    # Nothing to decide about: no request is pending, nobody was asked.
    return code in ("grant_extension", "refuse_extension", "give_opinion", "cancel_cosign")


def _act(option: Option, item: WorkItem, primary: bool) -> Act:
    row = option.row
    return Act(
        code=row.action,
        label=showing.pick(row.label_zh, row.label_en),
        who=showing.pick("、".join(option.who_zh), ", ".join(option.who_en)),
        consequence=showing.said(row.consequence_zh) if row.consequence_zh else "",
        opinion="required" if row.opinion else "optional",
        opinion_label=_opinion_label(row),
        danger=row.action in DANGER,
        primary=primary,
        blocked=showing.pick(option.blocked_zh, option.blocked_en),
        fields=fields_of(row, item),
        url=reverse("duties:act", args=[item.pk]),
        page=_page_for(row, item),
    )


def case_part(item: WorkItem) -> Any:
    """The case part of an item read with it; None where it has none."""
    return getattr(item, "case", None) if item.table.takes_case else None


def _possible(user: User, item: WorkItem, events: Sequence[ItemEvent], around: dict[str, list[Any]]) -> list[Option]:
    """What the engine allows; giving an opinion only to a unit that was asked and has not answered."""
    names = ("nodes", "opinions", "extensions", "instructions", "levels", "objections")
    known = standing.known_facts(events, **{name: around[name] for name in names}, case=case_part(item))
    asked = any(row.department_id == user.department_id and row.given_at is None for row in around["opinions"])
    return [
        option for option in services.possible(user, item, known) if asked or "take_opinion" not in option.row.effects
    ]


def source_of(user: User, item: WorkItem) -> Resolved | None:
    """The sentence an item came from, as far as this person may see it."""
    if not item.source_ref:
        return None
    try:
        return resolve(item.source_ref, user)
    except RefError:
        return None


def target_lines(user: User, refs: Sequence[str]) -> list[dict[str, Any]]:
    """Linked targets with their attainment where the evidence room can tell it."""
    lines = []
    for text in refs:
        try:
            found = resolve(text, user)
        except RefError:
            continue
        lines.append({"ref": text, "title": found.title, "excerpt": found.excerpt, "bar": _attainment(text, user)})
    return lines


def _attainment(text: str, user: User) -> dict[str, Any] | None:
    return indicators.attainment_of(text, user)


def timeline(events: Sequence[ItemEvent], current: WorkItem) -> list[dict[str, Any]]:
    """The steps newest first, with their files; returns carry their square red mark."""
    entries = []
    for event in reversed(list(events)):
        entries.append(
            {
                "title": showing.step_label(current.kind, event.action, event.action_zh),
                "who": event.actor_name,
                "unit": event.department_name,
                "at": event.at,
                "text": event.opinion,
                "detail": event.detail,
                "files": list(event.files.all()),
                "kind": "back" if event.action in BACK else "",
            }
        )
    if entries and not entries[0]["kind"]:
        entries[0]["kind"] = "now"
    return entries


def what_changed(item: WorkItem, version: int) -> list[ItemEvent]:
    """The steps others took since this person read version ``version``, oldest first."""
    missed = max(1, min(item.version - version, 10))
    return list(item.events.order_by("-id")[:missed])[::-1]


def node_light(node: ItemNode) -> tuple[str, str]:
    """Level and word of an open node."""
    if node.due is None:
        return "none", _("未完成")
    left = (node.due - timezone.localdate()).days
    if left < 0:
        return "red", _("逾期 %(n)s 天") % {"n": -left}
    return ("yellow", _("剩 %(n)s 天") % {"n": left}) if left <= NEAR_NODE_DAYS else ("none", _("未完成"))


def neighbours(keys: Sequence[int], pk: int) -> tuple[int | None, int | None]:
    """The items before and after ``pk`` on the page of the list."""
    if pk not in keys:
        return None, None
    at = list(keys).index(pk)
    return (keys[at - 1] if at else None), (keys[at + 1] if at + 1 < len(keys) else None)


def context(user: User, pk: int) -> dict[str, Any]:
    """Everything the page or drawer of item ``pk`` shows; raises NotVisible."""
    item = queries.item_for(user, pk)
    showing.show([item])
    events = list(queries.timeline(user, item))
    around = queries.around(user, item)
    options = _possible(user, item, events, around)
    possible = acts(item, options)
    nodes = around["nodes"]
    for node in nodes:
        node.level, node.word = node_light(node)
    showing.show(around["children"])
    buttons = [act for act in possible if not act.blocked]
    return around | {
        "item": item,
        "shown": item.shown,
        "steps": showing.loop_steps(
            item, (event.to_state for event in events), frozenset(row.state for row in around["levels"])
        ),
        "source": source_of(user, item),
        "targets": target_lines(user, [row.target_ref for row in around["targets"]]),
        "cycle": all_cycles()[item.cycle],
        "cycle_label": showing.pick(all_cycles()[item.cycle].label_zh, all_cycles()[item.cycle].label_en),
        "nodes_done": sum(node.done_at is not None for node in nodes),
        "entries": timeline(events, item),
        "buttons": buttons[:SHOWN_BUTTONS],
        "more_buttons": buttons[SHOWN_BUTTONS:],
        "blocked": [act for act in possible if act.blocked],
        "dialogs": [act for act in buttons if not act.page],
        "beside": BESIDE_ROWS & {option.row.action for option in options if not option.blocked_zh},
        "answers": [(value, showing.said(label)) for value, label in Opinion.Answer.choices],
        "act_url": reverse("duties:act", args=[item.pk]),
        "unit_names": unit_names() if any(act.needs_units for act in buttons) else [],
        "key": uuid.uuid4().hex,
        "papers": item.table.takes_case,
        "may_export": permissions.allowed(user, "duties.item.export"),
        "may_manage": permissions.allowed(user, standing.MANAGE),
        "case_lines": case_page.case_lines(item, case_part(item)),
        "level_lines": case_page.level_lines(item, around["levels"]),
        "likely": case_page.likely(user, item, case_part(item)),
        "units": list(showing.unit_words(unit.text for unit in around["units"]).items()),
    }
