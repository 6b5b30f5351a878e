"""What a field offers while it is typed. Thin."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html_join

from ecocloud.kernel.registers import pickers
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.views_form import own_region


def offers(request: HttpRequest, code: str, field: str) -> HttpResponse:
    """The options of a field's box for what stands in it: ``?v_FIELD=text``, ``?region=`` or ``?department=``."""
    register = open_register(code)
    spec = register.definition.by_code.get(field.removeprefix("v_")) if field.startswith("v_") else None
    kind = spec.kind if spec is not None else field
    if spec is None and field not in ("region", "department"):
        raise Http404(field)
    found = pickers.offers(request.user, kind, request.GET.get(field, ""), own=own_region(request), field=spec)
    return HttpResponse(format_html_join("", '<option value="{}">{}</option>', found))
