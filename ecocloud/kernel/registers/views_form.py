"""Registering and changing objects. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.inputs import whole_number
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import queries, services, showing
from ecocloud.kernel.registers.forms import ObjectForm
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import Register, open_register, register_of

_OFFERED = 600


def create(request: HttpRequest, code: str) -> HttpResponse:
    """A new object."""
    register = open_register(code)
    if request.method != "POST":
        return _page(request, ObjectForm.of_row(register, None, own_region(request), request.GET, request.user))
    form = ObjectForm.of_post(register, request.POST)
    return _written(request, form) or _page(request, form, 422)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an object."""
    row = queries.visible_object(request.user, pk)
    register = register_of(row.type)
    if request.method != "POST":
        return _page(request, ObjectForm.of_row(register, row, viewer=request.user))
    form = ObjectForm.of_post(register, request.POST, row)
    return _written(request, form) or _page(request, form, 422)


def own_region(request: HttpRequest) -> Region | None:
    """The division of the person's department, preferred among namesakes."""
    return request.user.department.region if request.user.department_id else None


def _written(request: HttpRequest, form: ObjectForm) -> HttpResponse | None:
    """Write what was sent; None when it was refused (the form says why) or only asked to be shown again."""
    if "refresh" in request.POST:
        form.check()
        return None
    given: dict[str, Any] = form.header(own_region(request)) | {
        "given": form.values(own_region(request)),
        "on": form.on(),
    }
    if form.faults:
        form.check(saving=True)
        return None
    given |= {"geometry": form.geometry(), "note": form.given["note"][:300]}
    try:
        if form.row is None:
            row = services.create(request.user, form.register, code=form.given["code"], **given)
        else:
            version = whole_number(request.POST.get("version"))
            row = services.edit(request.user, form.register, form.row.pk, version=version, **given)
    except EcoError as refused:
        form.refused(refused)
        return None
    messages.success(request, _("已保存：%(code)s。") % {"code": row.code})
    return redirect("registers:object", pk=row.pk)


def check(request: HttpRequest, code: str) -> HttpResponse:
    """What is wrong with the form so far, as pieces that htmx puts in their places."""
    form = ObjectForm.of_post(open_register(code), request.POST, _row(request, code))
    missing = form.check()
    controls = [control for _title, found in form.sections() for control in found]
    return render(request, "registers/_checked.html", {"form": form, "controls": controls, "missing": missing})


def _row(request: HttpRequest, code: str) -> RegisterObject | None:
    pk = whole_number(request.POST.get("pk"))
    if pk is None:
        return None
    row = queries.visible_object(request.user, pk)
    return row if row.type.code == code else None


def _page(request: HttpRequest, form: ObjectForm, status: int = 200) -> HttpResponse:
    register: Register = form.register
    context = {
        "form": form, "register": register, "row": form.row, "name": showing.pick(register.definition),
        "sections": form.sections(), **names_offered(request),
    }  # fmt: skip
    return render(request, "registers/form.html", context, status=status)


def names_offered(request: HttpRequest) -> dict[str, Any]:
    """The names of divisions and departments that a form suggests: those of the person's own division and below."""
    own = own_region(request)
    regions, units = Region.objects.order_by("code"), Department.objects.order_by("region_id", "order", "pk")
    if own is not None:
        first, after = own.span
        regions = regions.filter(pk__gte=first, pk__lt=after)
        units = units.filter(region_id__gte=first, region_id__lt=after)
    return {"region_names": regions.values_list("name", flat=True)[:_OFFERED],
            "unit_names": units.values_list("name", flat=True)[:_OFFERED]}  # fmt: skip
