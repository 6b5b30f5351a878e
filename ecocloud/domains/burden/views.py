"""The page of the list of burdens. Thin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import EXPORT_FORMS, ExportColumn, export
from ecocloud.domains.burden import services
from ecocloud.domains.burden.facts import forms
from ecocloud.kernel.regions.permissions import allowed


@dataclass(frozen=True)
class _Lines:
    """The lines as ``exports.export`` takes rows."""

    lines: tuple[services.Line, ...]
    query_text: str

    @property
    def total(self) -> int:
        return len(self.lines)

    def all_rows(self) -> Iterator[services.Line]:
        return iter(self.lines)


def burden(request: HttpRequest) -> HttpResponseBase:
    """Forms, how often and minutes by role; POST keeps the office's numbers; ``?export=xlsx`` or csv."""
    if request.method == "POST":
        try:
            services.estimate(
                request.user, request.POST.get("code", ""), a_year=request.POST.get("a_year"),
                minutes=request.POST.get("minutes"), note=request.POST.get("note", ""),
            )  # fmt: skip
            messages.success(request, _("已保存。"))
        except EcoError as error:
            messages.error(request, error.sentence_zh())
        return redirect("burden:list")
    found, form = services.burdens(), request.GET.get("export", "")
    if form in EXPORT_FORMS:
        columns = (
            ExportColumn(_("角色"), "role"), ExportColumn(_("表单"), "label"), ExportColumn(_("频次"), "often"),
            ExportColumn(_("每年次数"), "a_year"), ExportColumn(_("每次分钟"), "minutes"),
            ExportColumn(_("每年分钟"), "total"), ExportColumn(_("说明"), "note"),
        )  # fmt: skip

        def record(rows: int, query: str) -> None:
            hooks.record_export(request, "burden.list", form, rows, query)

        lines = _Lines(tuple(line for role in found for line in role.lines), request.META.get("QUERY_STRING", ""))
        return export(lines, columns, _("负担清单"), form=form, record=record)
    edited = {line.form.code: line for role in found for line in role.lines}
    context = {"roles": found, "edits": allowed(request.user, services.EDIT), "editable": list(edited.values()),
               "citation": forms().citation}  # fmt: skip
    return render(request, "burden/list.html", context)
