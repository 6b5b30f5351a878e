"""Words of the reporting system in the language of the page: forms, data, findings, steps, the clock of a form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.domains.gep import facts, formset, steps
from ecocloud.domains.gep.checking import Finding
from ecocloud.domains.gep.facts import InputFact
from ecocloud.domains.gep.models import Form
from ecocloud.kernel.regions.models import in_language

SOON_DAYS = 7  # from when a deadline is near
STEP_WORDS = {
    "save": gettext_lazy("填报"), "submit": gettext_lazy("报送"), "recall": gettext_lazy("撤回"),
    "check": gettext_lazy("复核通过"), "return": gettext_lazy("退回"), "approve": gettext_lazy("审定"),
    "lock": gettext_lazy("锁定"),
}  # fmt: skip
TONES = {"returned": "bad", "submitted": "warn", "checked": "warn", "approved": "ok", "locked": "ok"}


def known(code: str) -> InputFact:
    """A datum by its code."""
    return {**facts.load().inputs, **facts.load().statistics}[code]


def form_title(code: str) -> str:
    """What a form is called."""
    form = formset.forms()[code]
    return in_language(form.zh, form.en)


def form_choices() -> list[tuple[str, str]]:
    """The forms with code and title."""
    return [(code, f"{code} {form_title(code)}") for code in formset.forms()]


def states(model: Any) -> list[tuple[str, str]]:
    """The states of a model with their words."""
    return [(str(code), str(word)) for code, word in model.State.choices]


def datum_word(code: str) -> str:
    """What a datum is called."""
    fact = known(code)
    return in_language(fact.zh, fact.en)


def part_word(part: str) -> str:
    """A part in words: a class of ecosystem with its code, a thing, or all."""
    if not part:
        return _("全部")
    found = facts.load().classes.get(part)
    return f"{part} {in_language(found.zh, found.en)}" if found else part


def edition_word(code: str) -> str:
    """The number of an edition."""
    found = facts.load().editions.get(code)
    return found.number if found else code


def clock(form: Form, today: date | None = None) -> tuple[str, str]:
    """Light and words of a form: what the unit still owes and how long it has."""
    days = (form.deadline - (today or timezone.localdate())).days
    if form.state in steps.DONE:
        return "green", str(form.get_state_display())
    if form.state not in steps.OPEN:
        return "none", str(form.get_state_display())
    if form.state == "returned" and days >= 0:
        return "yellow", str(form.get_state_display())
    if days < 0:
        return "red", ngettext("逾期 %(n)d 天", "逾期 %(n)d 天", -days) % {"n": -days}
    if days <= SOON_DAYS:
        return "yellow", ngettext("还有 %(n)d 天", "还有 %(n)d 天", days) % {"n": days} if days else _("今天到期")
    return "none", str(form.get_state_display())


def dress(rows: Iterable[Form]) -> list[Form]:
    """Forms with their words."""
    found = list(rows)
    today = timezone.localdate()
    for row in found:
        row.title, row.clock = form_title(row.code), clock(row, today)
        row.tone = TONES.get(row.state, "")
    return found


def finding_words(one: Finding) -> str:
    """What is found about a datum, and what it was held against."""
    fact = known(one.datum)
    unit = f" {fact.unit}"
    told = {
        "missing": lambda: _("没有填写"),
        "part": lambda: _("不能按这个部分填写"),
        "nested": lambda: _("同时填了大类和其中的小类，会重复计算"),
        "range": lambda: (
            _("超出常见范围 %(least)s 至 %(most)s，请核对数值和单位")
            % {"least": edge(one.least), "most": edge(one.most)}
        ),
        "jump": lambda: _("上年为 %(other)s，变化较大，请核对") % {"other": f"{one.other:f}{unit}"},
        "sum": lambda: _("各分区之和为 %(other)s，与此不符") % {"other": f"{one.other:f}{unit}"},
        "whole": lambda: _("大于其总额 %(other)s") % {"other": f"{one.other:f}{unit}"},
    }
    return told[one.kind]()


def edge(value: Any) -> str:
    """An end of a range."""
    return _("不限") if value is None else f"{value:f}"


def form_columns() -> tuple[ExportColumn, ...]:
    """The columns of the list of forms as a file."""
    return (
        ExportColumn(_("报表编号"), "code"), ExportColumn(_("报表"), "title"), ExportColumn(_("地区"), "region.name"),
        ExportColumn(_("年度"), "year"), ExportColumn(_("责任单位"), "department.name"),
        ExportColumn(_("期限"), "deadline"), ExportColumn(_("状态"), "get_state_display"),
        ExportColumn(_("核算"), "accounting.title"),
    )  # fmt: skip
