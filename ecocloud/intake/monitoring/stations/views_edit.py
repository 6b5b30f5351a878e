"""Forms of devices and their upkeep. Thin: parse, call the service, go back or show what was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.inputs import whole_number
from ecocloud.intake.monitoring.hj212.tables import fields, systems
from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations import forms, kinds, queries, services, showing
from ecocloud.intake.monitoring.stations.errors import DeviceRefused
from ecocloud.intake.monitoring.stations.models import Channel, Upkeep
from ecocloud.intake.monitoring.stations.services.devices import STEPS
from ecocloud.intake.monitoring.stations.views import device_context

CRC_WORDS = ("standard", "swapped", "modbus", "modbus_swapped", "ignore")


def _form(request: HttpRequest, values: dict[str, Any], channels: list[Any], **more: Any) -> HttpResponse:
    minutes = next(one for one in fields().parameters if one.name == "MinInterval").one_of
    context = {
        "values": values, "channels": channels, "kinds": kinds.kinds().values(), "systems": systems().values(),
        "steps": STEPS, "minutes": minutes, "regions": forms.regions_for(request.user),
        "units": forms.units_for(request.user), "objects": forms.objects_for(request.user, values["kind"]),
        "crcs": _crc_words(), "spare": range(3), "english": showing.in_english(), "faults": {},
        "usual_ending": rules().stamp.hour_ending, **more,
    }  # fmt: skip
    return render(request, "monitoring/device_form.html", context, status=400 if context["faults"] else 200)


def _crc_words() -> list[tuple[str, str]]:
    words = (_("标准算法"), _("高低字节对调"), "CRC-16/MODBUS", _("MODBUS 对调"), _("不校验"))
    return list(zip(CRC_WORDS, words, strict=True))


def create(request: HttpRequest) -> HttpResponse:
    """A new device; ``?kind=`` chooses what it watches and with it the usual factors."""
    kind = request.POST.get("kind") or request.GET.get("kind") or next(iter(kinds.kinds()))
    kind = kind if kind in kinds.kinds() else next(iter(kinds.kinds()))
    if request.method != "POST":
        return _form(request, forms.blank(kind), forms.usual_channels(kind))
    try:
        given = forms.device(request.POST, request.user)
        row = services.add_device(request.user, channels=forms.channels(request.POST), **given)
    except DeviceRefused as refused:
        return _form(request, forms.kept(request.POST) | {"kind": kind}, forms.channels(request.POST),
                     faults=refused.faults)  # fmt: skip
    messages.success(request, _("已登记设备 %(name)s，网关将在数秒内接收它的报文。") % {"name": row.name})
    return redirect("monitoring:device", pk=row.pk)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a device and its channels."""
    row = queries.device_for(request.user, pk)
    there = list(row.channels.all())
    if request.method != "POST":
        return _form(request, forms.of_row(row), there, device=row)
    try:
        given = forms.device(request.POST, request.user)
        secrets = {name: given.pop(name) for name in ("password", "cipher_key")}
        services.edit_device(request.user, pk, revision=whole_number(request.POST.get("revision")), **given)
        services.set_channels(request.user, pk, forms.channels(request.POST))
        changed = {name: value for name, value in secrets.items() if value}
        if changed:
            services.set_password(request.user, pk, **changed)
    except DeviceRefused as refused:
        return _form(request, forms.kept(request.POST) | {"kind": request.POST.get("kind", row.kind)},
                     forms.channels(request.POST), device=row, faults=refused.faults)  # fmt: skip
    messages.success(request, _("已保存。"))
    return redirect("monitoring:device", pk=pk)


def _done(request: HttpRequest, pk: int, act: Callable[[], str]) -> HttpResponse:
    """Do it and go back to the device; a refusal shows the device with one sentence and what was typed."""
    try:
        messages.success(request, act())
    except EcoError as refused:
        context = device_context(request, pk) | {
            "refused": refused,
            "refused_words": showing.refusal_words(refused),
            "typed": request.POST,
        }
        return render(request, "monitoring/device.html", context, status=refused.http_status)
    return redirect("monitoring:device", pk=pk)


def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a device on or off."""
    queries.device_for(request.user, pk)
    on = request.POST.get("on") == "1"

    def act() -> str:
        services.turn_device(request.user, pk, on, request.POST.get("opinion", ""))
        return _("设备已启用。") if on else _("设备已停用，它再发来的报文进入待准入。")

    return _done(request, pk, act)


def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A new password, or none any more."""
    queries.device_for(request.user, pk)

    def act() -> str:
        services.set_password(request.user, pk, password=request.POST.get("password", ""))
        return _("口令已更换，只封存，不再显示。")

    return _done(request, pk, act)


def add_upkeep(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a time of calibration, maintenance, fault or standstill."""
    queries.device_for(request.user, pk)

    def act() -> str:
        post = request.POST
        channel = Channel.objects.filter(pk=whole_number(post.get("channel")) or 0).first()
        services.add_upkeep(
            request.user, pk, kind=post.get("kind", ""), start=forms.moment(post.get("start", ""), "start"),
            end=forms.moment(post.get("end", ""), "end", needed=False), channel=channel, note=post.get("note", ""),
        )  # fmt: skip
        return _("已登记，相关日期的数据质量将重新统计。")

    return _done(request, pk, act)


def _device_of(request: HttpRequest, pk: int) -> int:
    """The device a period belongs to; 404 outside the person's reach."""
    found = Upkeep.objects.filter(pk=pk).values_list("device_id", flat=True).first()
    return queries.device_for(request.user, found or 0).pk


def end_upkeep(request: HttpRequest, pk: int) -> HttpResponse:
    """End a period that goes on, now."""
    device = _device_of(request, pk)

    def act() -> str:
        services.end_upkeep(request.user, pk)
        return _("已结束。")

    return _done(request, device, act)


def cancel_upkeep(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a period back."""
    device = _device_of(request, pk)

    def act() -> str:
        services.cancel_upkeep(request.user, pk, request.POST.get("opinion", ""))
        return _("已撤销，记录保留。")

    return _done(request, device, act)
