"""How items look on pages and in papers: short light words, planned progress, steps of the loop, labels by language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.kernel.duties import lights
from ecocloud.kernel.duties.action_words import ACTIONS
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.models import LightRule, WorkItem
from ecocloud.kernel.duties.services import shine
from ecocloud.kernel.duties.transitions import Kind

# The levels of the page furniture for the codes of the light rule.
LEVELS = {
    lights.RED: "red",
    lights.YELLOW: "yellow",
    lights.GREEN: "green",
    lights.NONE: "none",
    lights.CLOSED: "done",
}
_KEEP_SECONDS = 300
_RULES_SECONDS = 30


def pick(zh: str, en: str) -> str:
    """The one of two texts that fits the language of the page."""
    return en if (get_language() or "").startswith("en") and en else zh


def said(word: str) -> str:
    """A word of the tables (state, stance, answer) in the language of the page."""
    return translation.gettext(word)


def unit_words(texts: Iterable[str]) -> dict[str, int]:
    """The wordings of cooperating units in their order, each once, with how many units it stands for.

    A group (各县（市、区）人民政府) is kept as one row for each of its units; people read it as the document says it.
    """
    return dict(Counter(texts))


def units_text(item: WorkItem) -> str:
    """The cooperating units of an item in one line; ``units`` should be prefetched for lists."""
    return "、".join(unit_words(unit.text for unit in item.units.all()))


def state_label(kind: str, state: str) -> str:
    """The name of a state in the language of the page."""
    row = all_kinds()[kind].states.get(state)
    return pick(row.label_zh, row.label_en) if row else state


def kind_label(kind: str) -> str:
    """The name of a kind in the language of the page."""
    table = all_kinds()[kind]
    return pick(table.label_zh, table.label_en)


def step_label(kind: str, action: str, said_zh: str) -> str:
    """What a step was called when it was taken; in English as the kind or the journal call it today."""
    row = next((row for row in all_kinds()[kind].transitions if row.action == action), None)
    zh, en = (row.label_zh, row.label_en) if row else ACTIONS.get(f"duties.item.{action}", ("", ""))
    return pick(said_zh or zh, en)


def state_choices() -> list[tuple[str, str]]:
    """Every state of every kind once, in the order of the tables."""
    found: dict[str, str] = {}
    for table in all_kinds().values():
        for state in table.states.values():
            found.setdefault(state.code, pick(state.label_zh, state.label_en))
    return list(found.items())


def channel_choices() -> list[tuple[str, str]]:
    """Every channel of every kind once."""
    found: dict[str, str] = {}
    for table in all_kinds().values():
        for row in table.channels:
            found.setdefault(row.code, pick(row.label_zh, row.label_en))
    return list(found.items())


def category_choices() -> list[tuple[str, str]]:
    """Every category of every kind once."""
    found: dict[str, str] = {}
    for table in all_kinds().values():
        for row in table.categories:
            found.setdefault(row.code, pick(row.label_zh, row.label_en))
    return list(found.items())


def light_filters() -> list[tuple[str, str]]:
    """The lights as names of filters."""
    return [
        (lights.RED, _("红灯")),
        (lights.YELLOW, _("黄灯")),
        (lights.GREEN, _("绿灯")),
        (lights.CLOSED, _("办结")),
        (lights.NONE, _("无期限")),
    ]


def _gap_of(kind: str, version: int) -> Decimal:
    """The yellow gap of the rule version that lit an item; versions never change, so they are kept."""
    default = lights.default_rule()
    if version <= default.version:
        return default.yellow_gap
    key = f"duties.gap:{kind}:{version}"
    gap = cache.get(key)
    if gap is None:
        row = LightRule.objects.filter(kind__in=(kind, "*"), version=version).order_by("-kind").first()
        gap = Decimal(row.yellow_gap) if row else default.yellow_gap
        cache.set(key, gap, _KEEP_SECONDS)
    return gap


def _rules() -> dict[str, lights.Rule]:
    """The rules in force, kept for a short while."""
    found = cache.get("duties.rules")
    if found is None:
        found = shine.rules()
        cache.set("duties.rules", found, _RULES_SECONDS)
    return found


def told(error: EcoError) -> str:
    """A refusal as one sentence in the language of the page."""
    english = error.message_en[:1].upper() + error.message_en[1:]
    return pick(error.sentence_zh(), english)


def planned_of(item: WorkItem, today: date | None = None) -> Decimal | None:
    """序时进度 of an item in percent on the day ``today``; None without deadline; 100 when closed."""
    if item.deadline is None:
        return None
    if item.closed_at is not None:
        return Decimal(100)
    today = today or timezone.localdate()
    return lights.planned_progress(item.runs_from, item.deadline, item.paused_until(today) or today)


def light_word(item: WorkItem) -> str:
    """The cause of the light in one or two words: 逾期 滞后 临期 偏慢 正常 挂起 办结 销号 终止 无期限."""
    if item.light == lights.CLOSED or item.paused_until(item.light_on or timezone.localdate()):
        return state_label(item.kind, item.state)
    if item.light == lights.NONE or item.deadline is None:
        return _("无期限")
    day = item.light_on or timezone.localdate()
    if item.light == lights.RED:
        return _("逾期") if day > item.deadline else _("滞后")
    if item.light == lights.YELLOW:
        gap = lights.planned_progress(item.runs_from, item.deadline, day) - Decimal(item.progress)
        return _("偏慢") if gap >= _gap_of(item.kind, item.light_rule_version) else _("临期")
    return _("正常")


def percent(value: Any) -> str:
    """A number of percent without trailing zeros: 82, 9.5; the dash for nothing."""
    return "—" if value is None else lights.plain(Decimal(value))


def days_words(item: WorkItem, today: date | None = None) -> str:
    """逾期 3 天 / 今天到期 / 剩 9 天 / 计时暂停; '' for closed items and those without deadline."""
    if item.deadline is None or not item.is_open:
        return ""
    today = today or timezone.localdate()
    if item.paused_until(today):
        return _("计时暂停")
    left = (item.deadline - today).days
    if left < 0:
        return _("逾期 %(n)s 天") % {"n": -left}
    return _("剩 %(n)s 天") % {"n": left} if left else _("今天到期")


@dataclass(frozen=True)
class Shown:
    """One item as a row shows it."""

    item: WorkItem
    today: date = field(default_factory=timezone.localdate)

    @property
    def level(self) -> str:
        """Level for the light tag."""
        return LEVELS.get(self.item.light, "none")

    @cached_property
    def word(self) -> str:
        """The light's cause in a word."""
        return light_word(self.item)

    @property
    def words(self) -> str:
        """The light's cause in a sentence; in English told afresh by the rule in force."""
        if not (get_language() or "").startswith("en"):
            return self.item.light_words
        light = shine.light_of(self.item, self.item.light_on or timezone.localdate(), _rules())
        return light.words_en or self.item.light_words

    @property
    def state(self) -> str:
        """The state's name."""
        return state_label(self.item.kind, self.item.state)

    @property
    def kind(self) -> str:
        """The kind's name."""
        return kind_label(self.item.kind)

    @property
    def days(self) -> str:
        """Days left or over."""
        return days_words(self.item, self.today)

    @property
    def deadline(self) -> str:
        """The deadline as 2022-09-30; '' without one."""
        return self.item.deadline.isoformat() if self.item.deadline else ""

    @property
    def url(self) -> str:
        """The item's page."""
        return reverse("duties:item", args=[self.item.pk])

    @cached_property
    def planned(self) -> Decimal | None:
        """序时 in percent."""
        return planned_of(self.item, self.today)

    @property
    def progress_text(self) -> str:
        """实际 in percent as text."""
        return percent(self.item.progress)

    @property
    def planned_text(self) -> str:
        """序时 in percent as text; '' without deadline."""
        return "" if self.planned is None else percent(self.planned)

    @property
    def source(self) -> str:
        """Short title and place of the source; '' for items written by hand."""
        return " ".join(part for part in (self.item.source_title, self.item.source_place) if part)


def show(rows: Iterable[WorkItem]) -> list[WorkItem]:
    """The rows, each with ``shown``."""
    found, today = list(rows), timezone.localdate()
    for row in found:
        row.shown = Shown(row, today)
    return found


@dataclass(frozen=True)
class LoopStep:
    """One step of the loop as the head of an item shows it; ``mark`` is done, now or ''."""

    code: str
    label: str
    mark: str


def _main_path(kind: Kind, visited: frozenset[str]) -> list[str]:
    """The states people expect to pass; side states only when the item has been in them."""
    order = list(kind.states)
    leads = [n for n, code in enumerate(order) if kind.states[code].owner == "lead"]
    first = leads[0] if leads else len(order)
    proven = {row.target for row in kind.transitions if row.verifies}
    shown = []
    for n, code in enumerate(order):
        side = kind.states[code].side or 0 < n < first or (kind.states[code].terminal and code not in proven)
        if not side or code in visited:
            shown.append(code)
    return shown


def loop_steps(item: WorkItem, visited: Iterable[str] = (), levels: frozenset[str] = frozenset()) -> list[LoopStep]:
    """The loop with the present step marked. ``visited`` are the states the item has been in, ``levels`` the states of
    the levels its close-out passes."""
    kind = item.table
    been = frozenset(visited) | {item.state}
    codes = _main_path(kind, frozenset({item.state}))
    codes = [code for code in codes if not kind.states[code].level or code in levels or code == item.state]
    if kind.states[item.state].terminal and kind.states[item.state].code not in {
        row.target for row in kind.transitions if row.verifies
    }:
        codes = [code for code in codes if code in been]
    at = codes.index(item.state)
    marks = ["done"] * at + ["now"] + [""] * (len(codes) - at - 1)
    return [LoopStep(code, state_label(kind.code, code), mark) for code, mark in zip(codes, marks, strict=True)]
