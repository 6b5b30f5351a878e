"""The statistics of a register. Thin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import export
from ecocloud.base.pages.listing import EXPORT_FORMS
from ecocloud.kernel.registers import showing
from ecocloud.kernel.registers.breakdown import Breakdown, dimensions, measures
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.register_frame import filters_of, frame, page_of

_CHOICES = ("by", "by2", "sum")


def statistics(request: HttpRequest, code: str) -> HttpResponseBase:
    """Counts and sums by one or two dimensions, as a chart and a table; ``?export=xlsx`` or ``csv`` gives the table."""
    register = open_register(code)
    listing = ObjectListing(request, request.user, register, part="statistics")
    known = dimensions(register)
    first = known.get(request.GET.get("by", ""), known["state"])
    second = known.get(request.GET.get("by2", ""))
    measure = measures(register).get(request.GET.get("sum", ""))
    by = [first] if second is None or second.column == first.column else [first, second]
    made = Breakdown(listing, by, measure, lambda changes: page_of(register, "list", filters_of(listing, **changes)))
    form = request.GET.get("export", "")
    if form in EXPORT_FORMS:
        name = f"{showing.pick(register.definition)}{_('统计')}"

        def record(rows: int, query: str) -> None:
            hooks.record_export(request, listing.key, form, rows, query)

        return export(made, made.columns, name, form=form, record=record)
    context = frame(request, register, "statistics", listing) | {
        "made": made, "dimensions": known.values(), "first": first.code, "second": second.code if second else "",
        "measures": [(one.code, showing.label(one)) for one in measures(register).values()],
        "measure": measure.code if measure else "", "kept": _kept(listing),
        "exports": [(one, listing.url(export=one)) for one in EXPORT_FORMS],
    }  # fmt: skip
    return render(request, "registers/statistics.html", context)


def _kept(listing: ObjectListing) -> list[tuple[str, str]]:
    """What the form of the dimensions carries along."""
    own = {*_CHOICES, "page", "open", "export"}
    return [(name, value) for name, values in listing.params.lists() if name not in own for value in values]
