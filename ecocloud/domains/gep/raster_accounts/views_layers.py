"""The page of the layers of a raster account: files uploaded or chosen, numbers, choices. Thin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.pages.answering import refusal
from ecocloud.base.pages.inputs import whole_number
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.models import RasterAccount, RasterFile
from ecocloud.domains.gep.raster_accounts import engine, showing
from ecocloud.domains.gep.raster_accounts.views import found
from ecocloud.domains.gep.services import rasters

_WORDS, _NUMBERS = ("slope_length", "flow"), ("years", "wind_distance")


def layers(request: HttpRequest, pk: int) -> HttpResponse:
    """The layers and choices of an account; what is refused is told beside its layer, the rest is kept."""
    row = found(request.user, pk)
    rasters.in_reach(request.user, row)
    if row.digest:  # once done it is not changed
        return redirect("gep:raster", pk=pk)
    if engine.missing():
        return render(request, "gep/raster_absent.html", {"row": row, "lacking": engine.missing()})
    wrong: dict[str, str] = {}
    if request.method == "POST":
        wrong = _taken(request, row)
        if not wrong:
            messages.success(request, _("已保存。"))
            return redirect("gep:raster" if request.POST.get("then") == "check" else "gep:raster-layers", pk=pk)
        row.refresh_from_db()
    return _page(request, row, wrong)


def _page(request: HttpRequest, row: RasterAccount, wrong: Mapping[str, str]) -> HttpResponse:
    from ecocloud.domains.gep.raster_accounts import assembling

    parameters = row.config.get("parameters", {})
    context = {
        "row": row, "groups": showing.folded(showing.layer_rows(row, wrong)), "services": showing.service_rows(row),
        "wrong": wrong.get("", ""), "steps": showing.steps(row, "layers", edits=True),
        "known_zones": bool(assembling.boundaries_of(row.accounting)), "zone_field": row.config.get("zone_field", ""),
        "align": row.config.get("align", False), "slope_length": parameters.get("slope_length", "hj1173-2021"),
        "flow": parameters.get("flow", "mfd"),
        "numbers": [(name, showing.parameter_word(name), parameters.get(name, "")) for name in _NUMBERS],
    }  # fmt: skip
    return render(request, "gep/raster_layers.html", context, status=400 if wrong else 200)


def _taken(request: HttpRequest, row: RasterAccount) -> dict[str, str]:
    """Keep what was given; what is wrong by role ('' the page as a whole)."""
    from ecocloud.domains.gep.raster_accounts.roles import roles

    revision = whole_number(request.POST.get("revision", ""))
    wrong: dict[str, str] = {}
    given: dict[str, Any] = {}
    for role in roles():
        try:
            value = _given(request, row, role)
        except EcoError as refused:
            _raise_strange(refused)
            wrong[role] = refusal(refused)
            continue
        if value is not Ellipsis:
            given[role] = value
    try:
        rasters.set_layers(request.user, row, {}, revision=revision, **_choices(row, request.POST))
    except EcoError as refused:
        _raise_strange(refused)
        return wrong | {"": refusal(refused)}
    for role, value in given.items():
        try:
            rasters.set_layers(request.user, row, {role: value})
        except EcoError as refused:
            _raise_strange(refused)
            wrong[role] = refusal(refused)
    return wrong


def _raise_strange(error: EcoError) -> None:
    if error.http_status in (403, 404):
        raise error


def _given(request: HttpRequest, row: RasterAccount, role: str) -> Any:
    """What was given for a role: a new file, one of those there, a number, None (taken out); Ellipsis: nothing new."""
    upload = request.FILES.get(f"file-{role}")
    if upload is not None:
        return rasters.add_file(request.user, row.accounting, upload.name, upload.file)
    data = request.POST
    picked, now = data.get(f"pick-{role}", ""), row.config.get("layers", {}).get(role, {})
    if picked == "none":
        return None if now else Ellipsis
    key = whole_number(picked)
    if key is not None and key != now.get("file"):
        file = RasterFile.objects.select_related("file").filter(pk=key, accounting=row.accounting_id).first()
        if file is None:
            raise GepError("没有这个文件。", f"no file {key}", value=key, remedy_zh="请重新选择。")
        return file
    number = typed.plain(data.get(f"number-{role}", ""))
    if not number:
        return None if "number" in now and f"number-{role}" in data else Ellipsis
    if number == now.get("number"):
        return Ellipsis
    return typed.number(number)


def _choices(row: RasterAccount, data: QueryDict) -> dict[str, Any]:
    """The choices of the page. Parameters that are not on it stay; services are no longer listed: what is possible is
    computed, and what is ticked.
    """
    parameters: dict[str, Any] = dict(row.config.get("parameters", {}))
    for name in (*_WORDS, *_NUMBERS):
        if name not in data:
            continue
        text = typed.plain(data[name])
        if not text:
            parameters.pop(name, None)
        else:
            parameters[name] = float(typed.number(text)) if name in _NUMBERS else text
    return {"parameters": parameters, "services": [], "also": data.getlist("also"), "align": data.get("align") == "1",
            "zone_field": typed.words(data.get("zone_field", ""))[:60]}  # fmt: skip
