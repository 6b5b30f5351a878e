"""Pages of commands: list, one command, a new one, the table, how a device takes them. Thin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.monitoring.answering import attempt
from ecocloud.intake.monitoring.commanding import parameters, queries, services, showing
from ecocloud.intake.monitoring.commanding.models import Command, CommandSetting, CommandState
from ecocloud.intake.monitoring.commanding.table import Offer, offer_of, offers, plan_of, table
from ecocloud.intake.monitoring.hj212.tables import commands as standard_commands
from ecocloud.intake.monitoring.stations import queries as stations
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.showing import refusal_words
from ecocloud.kernel.regions.models import in_language
from ecocloud.kernel.regions.permissions import allowed

SHOWN_DEVICES, SHOWN_COMMANDS = 50, 12


class CommandListing(Listing):
    """Commands with names, lights and reasons, on pages and in files."""

    @property
    def dressed(self) -> list[Command]:
        """The rows of the page as they are shown."""
        return showing.dressed(self.rows)


def _counts(rows: QuerySet) -> dict[str, int]:
    by_state = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    return {code: sum(by_state.get(state, 0) for state in showing.states_of(code)) for code in showing.GROUPS}


def command_list(request: HttpRequest) -> HttpResponse:
    """All commands to devices in sight, the newest first."""
    viewer = request.user
    approves = allowed(viewer, queries.APPROVE)
    names = [(one.code, f"{one.code} {showing.offer_name(one)}") for one in offers(2025)]
    filters = [
        FilterSpec("q", _("设备"), kind="text", fields=("device__name", "device__mn", "qn"),
                   placeholder=_("名称、MN 号或 QN")),
        FilterSpec("cn", _("命令"), choices=names),
        FilterSpec("asked", _("提出日期"), kind="date_range", field="asked_at__date"),
        FilterSpec("state", _("状态"), choices=[(code, one[0]) for code, one in showing.GROUPS.items()], in_bar=False,
                   apply=lambda rows, group: rows.filter(state__in=showing.states_of(group)), counts=_counts,
                   lights={code: one[1] for code, one in showing.GROUPS.items()}),
    ]  # fmt: skip
    if approves:
        filters.insert(3, FilterSpec(
            "mine", _("待我审批"), kind="bool",
            apply=lambda rows, _on: rows.filter(pk__in=queries.to_approve(viewer).values("pk")),
        ))  # fmt: skip
    listing = CommandListing(
        request, queries.commands(viewer), filters=filters,
        sorts=(SortSpec("asked", ("-asked_at", "-pk")), SortSpec("device", ("device__name", "-pk")),
               SortSpec("state", ("state", "-pk"))),
        decorate=lambda rows: rows.select_related("device", "asked_by", "decided_by"),
        key="monitoring.commands", columns=showing.COLUMNS, title=_("设备指令"),
    )  # fmt: skip
    context = {"may_ask": allowed(viewer, services.ASK),
               "waiting": queries.to_approve(viewer).count() if approves else 0}  # fmt: skip
    return list_page(request, listing, "monitoring/commands.html", context)


def command_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One command: where it stands, what it said, every step with its packet, what may be done."""
    row = showing.dressed([queries.command_for(request.user, pk)])[0]
    viewer = request.user
    mine = row.asked_by_id == viewer.pk
    offer = offer_of(row.cn, row.edition)
    return render(request, "monitoring/command.html", {
        "row": row, "steps": showing.steps(row), "timeline": showing.timeline(row), "offer": offer,
        "given": showing.parameter_words(row), "plan": row.terms, "open": showing.is_open(row),
        "may_approve": row.state == CommandState.PREPARED and not mine and allowed(viewer, services.APPROVE),
        "own_waits": row.state == CommandState.PREPARED and mine,
        "may_withdraw": row.state in (CommandState.PREPARED, CommandState.READY) and not row.sends
        and allowed(viewer, services.ASK if mine else services.APPROVE),
        "may_ask": allowed(viewer, services.ASK), "may_raw": allowed(viewer, "monitoring.raw.view"),
        "more": max(0, row.data - row.events.filter(kind="data").count()),
    })  # fmt: skip


def _devices(viewer: Any, text: str) -> QuerySet[Device]:
    rows = stations.devices(viewer).filter(enabled=True)
    if text:
        rows = rows.filter(name__icontains=text) | rows.filter(mn__icontains=text)
    return rows.select_related("state").order_by("name", "pk")


def _grouped(edition: int) -> list[tuple[str, list[dict[str, Any]]]]:
    found = []
    for group in table().groups:
        rows = [{"offer": one, "name": showing.offer_name(one)} for one in offers(edition)
                if one.terms.group == group.code]  # fmt: skip
        if rows:
            found.append((in_language(group.zh, group.en), rows))
    return found


def create(request: HttpRequest) -> HttpResponse:
    """A new command in three steps on one address: which device, which command, its parameters and why."""
    data = request.POST if request.method == "POST" else request.GET
    number, text = data.get("device", ""), data.get("q", "").strip()[:60]
    device = None
    if number.isascii() and number.isdigit() and len(number) < 15:
        device = stations.device_for(request.user, int(number))
    context: dict[str, Any] = {"device": device, "q": text, "faults": {}, "problem": "", "reason": "", "values": {}}
    status = 200
    if device is None:
        rows = _devices(request.user, text)
        context |= {"devices": list(rows[:SHOWN_DEVICES]), "total": rows.count(), "shown": SHOWN_DEVICES}
        return render(request, "monitoring/command_new.html", context)
    setting = queries.setting_of(device)
    offer = offer_of(data.get("cn", ""), setting.edition)
    offer = None if offer is None or offer.terms.not_offered else offer
    context |= {"setting": setting, "groups": _grouped(setting.edition), "offer": offer}
    if offer is not None:
        given = {one.name: data.get(f"p-{one.name}", "") for one in parameters.fields_of(offer)}
        context["reason"] = data.get("reason", "")
        if request.method == "POST":
            try:
                row = services.ask(request.user, device, offer.code, given, reason=context["reason"])
            except parameters.ParameterFaults as refused:
                context["faults"] = {name: refusal_words(fault) for name, fault in refused.faults.items()}
                status = 400
            except EcoError as error:
                if error.http_status == 403:
                    raise
                context["problem"], status = refusal_words(error), 400
            else:
                messages.success(request, _asked(row))
                return redirect("monitoring:command", pk=row.pk)
        context |= _form(offer, device, setting, given, context["faults"])
    return render(request, "monitoring/command_new.html", context, status=status)


def _asked(row: Command) -> str:
    return _("已提出，等待另一人审批。") if row.approval else _("已提出，设备在线时即下发。")


def _form(
    offer: Offer, device: Device, setting: CommandSetting, given: dict[str, str], faults: dict[str, str]
) -> dict[str, Any]:
    shown = []
    for one in parameters.fields_of(offer):
        shown.append({"field": one, "label": in_language(one.zh, one.en), "value": given[one.name],
                      "fault": faults.get(one.name, ""), "hint": in_language(one.hint, one.hint_en),
                      "allowed": parameters.allowed_words(one) if one.least is not None else ""})  # fmt: skip
    return {"fields": shown, "name": showing.offer_name(offer), "plan": plan_of(offer, setting.link),
            "channels": list(device.channels.filter(in_use=True))}  # fmt: skip


def _attempt(request: HttpRequest, pk: int, act: Callable[[], Any], done: str) -> HttpResponse:
    return attempt(request, act, done, "monitoring:command", pk)


def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree as a second person."""
    opinion = request.POST.get("opinion", "")
    return _attempt(request, pk, lambda: services.approve(request.user, pk, opinion=opinion),
                    _("已同意，设备在线时即下发。"))  # fmt: skip


def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Do not agree."""
    opinion = request.POST.get("opinion", "")
    return _attempt(request, pk, lambda: services.dismiss(request.user, pk, opinion=opinion), _("已记为不同意。"))


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what has not gone out."""
    return _attempt(request, pk, lambda: services.withdraw(request.user, pk), _("已撤回，不再下发。"))


def command_table(request: HttpRequest) -> HttpResponse:
    """What may be sent, who must agree, how long is waited: each with its source."""
    lines = []
    for terms in table().commands:
        offer = Offer(command=standard_commands()[terms.code, terms.edition], terms=terms)
        lines.append({"offer": offer, "name": showing.offer_name(offer), "plan": plan_of(offer)})
    own = [(in_language(one.zh, one.en), one.value) for one in table().own.values() if one.unit == "s"]
    times = [(in_language(one.zh, one.en), one) for one in table().times]
    return render(request, "monitoring/command_table.html", {
        "lines": lines, "times": times, "rules": table().rules, "own": own})  # fmt: skip


def setting(request: HttpRequest, pk: int) -> HttpResponse:
    """How one device takes commands; its latest commands and its answers that belong to none."""
    device = stations.device_for(request.user, pk)
    row, problem = queries.setting_of(device), ""
    if request.method == "POST":
        edition = request.POST.get("edition", "")
        try:
            services.set_up(
                request.user, device, edition=int(edition) if edition.isascii() and edition.isdigit() else 0,
                link=request.POST.get("link", ""), own_qn="own_qn" in request.POST,
                auto_clock="auto_clock" in request.POST,
            )  # fmt: skip
        except EcoError as error:
            if error.http_status == 403:
                raise
            problem = refusal_words(error)
        else:
            messages.success(request, _("已保存。"))
            return redirect("monitoring:command-setting", pk=pk)
    latest = queries.commands(request.user).filter(device=device).select_related("asked_by")[:SHOWN_COMMANDS]
    links = [(one.code, in_language(one.zh, one.en)) for one in table().times]
    return render(request, "monitoring/command_setting.html", {
        "device": device, "setting": row, "problem": problem, "links": links,
        "editions": CommandSetting._meta.get_field("edition").choices, "rows": showing.dressed(latest),
        "strays": queries.strays(request.user).filter(mn=device.mn), "drift": table().own["drift_s"].value,
        "wait": table().own["drift_wait_s"].value // 3600, "may_ask": allowed(request.user, services.ASK),
    }, status=400 if problem else 200)  # fmt: skip


def stray_list(request: HttpRequest) -> HttpResponse:
    """Answers of devices that belong to no command."""
    listing = Listing(
        request, queries.strays(request.user),
        filters=(FilterSpec("q", _("MN 号"), kind="text", fields=("mn", "qn")),
                 FilterSpec("cn", _("命令"), choices=[(code, code) for code in ("9011", "9012", "9013", "9014")])),
        sorts=(SortSpec("last", ("-last", "-pk")), SortSpec("count", ("-count", "pk"))), key="monitoring.strays",
        columns=showing.STRAY_COLUMNS, title=_("对不上的应答"),
    )  # fmt: skip
    for row in listing.rows:
        row.words = showing.code_words(row.cn, row.result)
    return list_page(
        request, listing, "monitoring/strays.html", {"may_raw": allowed(request.user, "monitoring.raw.view")}
    )
