"""The page of the form set: which unit reports which data, in which unit, with which checks. Thin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import EXPORT_FORMS, ExportColumn, export
from ecocloud.base.pages.speaking import unit_word
from ecocloud.domains.gep import formset
from ecocloud.domains.gep.facts import InputFact
from ecocloud.domains.gep.reporting import showing
from ecocloud.kernel.regions.facts import functions_file
from ecocloud.kernel.regions.models import in_language


@dataclass(frozen=True)
class Line:
    """One datum of a form as the page shows it."""

    code: str
    title: str
    unit_of: str
    word: str
    unit: str
    scope: str
    range: str
    jump: str


def _scope(fact: InputFact) -> str:
    return {"region": _("地区"), "ecosystem": _("生态系统类型"), "object": _("名称逐项")}[fact.scope]


def _range(fact: InputFact) -> str:
    if fact.least is None and fact.most is None:
        return _("不限")
    return f"{showing.edge(fact.least)} – {showing.edge(fact.most)}"


def lines() -> list[Line]:
    """Every datum of every form, in order."""
    units = {one.code: in_language(one.name, one.en) for one in functions_file().functions}
    file, found = formset.forms_file(), []
    for form in formset.forms().values():
        title, jump = showing.form_title(form.code), f"{(form.jump or file.jump) * 100:.0f}%"
        for code in form.data:
            fact = showing.known(code)
            found.append(Line(form.code, title, units[form.function], showing.datum_word(code), unit_word(fact.unit),
                              _scope(fact), _range(fact), jump))  # fmt: skip
    return found


@dataclass(frozen=True)
class _Lines:
    """The lines as ``exports.export`` takes rows."""

    rows: list[Line]
    query_text: str

    @property
    def total(self) -> int:
        return len(self.rows)

    def all_rows(self) -> Iterator[Line]:
        return iter(self.rows)


def form_set(request: HttpRequest) -> HttpResponseBase:
    """The forms of the reporting system; ``?export=xlsx`` or csv."""
    rows, form = lines(), request.GET.get("export", "")
    if form in EXPORT_FORMS:
        columns = (
            ExportColumn(_("报表编号"), "code"), ExportColumn(_("报表"), "title"),
            ExportColumn(_("责任单位"), "unit_of"), ExportColumn(_("数据项"), "word"), ExportColumn(_("单位"), "unit"),
            ExportColumn(_("填报对象"), "scope"), ExportColumn(_("常见范围"), "range"),
            ExportColumn(_("与上年相差须说明"), "jump"),
        )  # fmt: skip

        def record(number: int, query: str) -> None:
            hooks.record_export(request, "gep.formset", form, number, query)

        return export(_Lines(rows, request.META.get("QUERY_STRING", "")), columns, _("核算报表制度"), form=form,
                      record=record)  # fmt: skip
    groups: dict[str, list[Line]] = {}
    for one in rows:
        groups.setdefault(one.code, []).append(one)
    file = formset.forms_file()
    context: dict[str, Any] = {"groups": groups.items(), "citation": file.citation}
    return render(request, "gep/form_set.html", context)
