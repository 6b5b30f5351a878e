"""Pages of the result of a raster account: tables, cards, files, the way into the forms. Thin."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages import hooks
from ecocloud.base.pages.answering import attempt, refusal
from ecocloud.base.sheets import guard
from ecocloud.domains.gep import facts
from ecocloud.domains.gep.access import FILL
from ecocloud.domains.gep.errors import NotThere
from ecocloud.domains.gep.models import RasterAccount
from ecocloud.domains.gep.raster_accounts import engine, showing
from ecocloud.domains.gep.raster_accounts.views import found
from ecocloud.domains.gep.reporting import showing as forms
from ecocloud.domains.gep.results import showing as shown
from ecocloud.domains.gep.results import workbook
from ecocloud.domains.gep.results.tables import Table
from ecocloud.domains.gep.services import raster_data, rasters
from ecocloud.kernel.regions.permissions import allowed

_SHOWN = Context(prec=7)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def absent(request: HttpRequest, row: RasterAccount) -> HttpResponse:
    """The page that says what is missing on this server."""
    return render(request, "gep/raster_absent.html", {"row": row, "lacking": engine.missing()})


def elsewhere(request: HttpRequest, row: RasterAccount) -> HttpResponse | None:
    """Where a page of the result goes instead: what is missing on this server, the account without a result; None when
    there is one.
    """
    if engine.missing():
        return absent(request, row)
    if row.state != RasterAccount.State.DONE or not rasters.has_result(row):
        return redirect("gep:raster", pk=row.pk)
    return None


def tabs(row: RasterAccount, current: str) -> list[dict[str, Any]]:
    """The parts of a result."""
    words = {"raster-result": _("数量表"), "raster-map": _("地图"), "raster-cards": _("方法和图层")}
    return [{"label": word, "url": reverse(f"gep:{route}", args=[row.pk]), "current": route == current}
            for route, word in words.items()]  # fmt: skip


def head(viewer: Any, row: RasterAccount, current: str) -> dict[str, Any]:
    """What every page of a result shows."""
    edits = showing.may_run(viewer, row)
    return {"row": row, "tabs": tabs(row, current), "steps": showing.steps(row, "result", edits=edits), "edits": edits,
            "fills": allowed(viewer, FILL)}  # fmt: skip


def result(request: HttpRequest, pk: int) -> HttpResponse:
    """Totals by service; of one service by zone and class."""
    row = found(request.user, pk)
    instead = elsewhere(request, row)
    if instead is not None:
        return instead
    from ecocloud.domains.gep.raster_accounts import summing

    there, words = raster_data.result_of(row), showing.speech(row.accounting)
    groups = summing.grouped(summing.totals(there))
    if not groups:
        return render(request, "gep/raster_result.html", head(request.user, row, "raster-result"))
    service = request.GET.get("service", "")
    service = service if service in groups else next(iter(groups))
    here = reverse("gep:raster-result", args=[pk])

    def link(key: tuple[str, ...], at: int) -> str:
        return f"{here}?service={key[0]}#service" if at == 2 else ""

    covered = summing.covered(there, words)
    context = {
        **head(request.user, row, "raster-result"), "overview": shown.lines_of(summing.overview(groups, words), link),
        "services": [(one, summing.word(one, words)) for one in groups], "service": service,
        "zones": shown.lines_of(summing.by_zone(groups, service, words)),
        "classes": shown.lines_of(summing.by_class(groups, there, service, facts.load(), words)),
        "covered": shown.lines_of(covered) if covered.rows else None, "slope_length": there.slope_length,
        "carded": service in dict(summing.services()),
    }  # fmt: skip
    return render(request, "gep/raster_result.html", context)


def cards(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands behind the numbers of every service."""
    row = found(request.user, pk)
    instead = elsewhere(request, row)
    if instead is not None:
        return instead
    from ecocloud.domains.gep.raster_accounts import summing

    there, words = raster_data.result_of(row), showing.speech(row.accounting)
    groups, told, given = summing.grouped(summing.totals(there)), summing.told_of(there), _given_layers(row)
    made = [
        summing.card(code, groups, told, row.config, _used(given, one), facts.load(), words)
        for code, one in summing.services().items() if code in there.sums
    ]  # fmt: skip
    named = {name for one in made for name, _value in one.parameters}
    context = {**head(request.user, row, "raster-cards"), "cards": made, "common": _used(given, None),
               "parameter_words": {name: showing.parameter_word(name) for name in named}}  # fmt: skip
    return render(request, "gep/raster_cards.html", context)


def _given_layers(row: RasterAccount) -> list[showing.LayerRow]:
    return [one for group in showing.layer_rows(row).values() for one in group if one.given]


def _used(given: Sequence[showing.LayerRow], service: Any) -> list[Any]:
    """The layers a service took (None: what every service takes), each with its file and checksum or number."""
    from ecocloud.domains.gep.raster.layers import facts as layers
    from ecocloud.domains.gep.raster_accounts import roles, summing

    wanted, columns = {roles.COVER, roles.CLASSES, roles.ZONES}, {""}
    if service is not None:
        wanted, columns = {*service.layers, *((roles.POOLS,) if service.pools else ())}, {*service.table}
    known, made = layers()["layers"], []
    for one in given:
        code = one.role.of or one.role.code  # a layer may stand for a column of the table of classes
        if code in wanted or (service is not None and code in known and known[code].column in columns):
            file, number = one.file.file if one.file else None, one.number
            made.append(summing.LayerFact(
                one.word, one.unit, file.name if file else "", file.sha256 if file else "",
                Decimal(number) if number else None, one.role.of))  # fmt: skip
    return made


def result_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The tables as a workbook, or every total as CSV."""
    row = found(request.user, pk)
    engine.require()
    if form not in ("xlsx", "csv"):
        raise NotThere("没有这种文件。", f"no file {form!r}", value=form)
    from ecocloud.domains.gep.raster_accounts import summing

    there, words = raster_data.result_of(row), showing.speech(row.accounting)
    totals = summing.totals(there)
    every = summing.lines(totals, there, words)
    if form == "csv":
        content, kind = _csv(every), "text/csv; charset=utf-8"
    else:
        groups = summing.grouped(totals)
        tables = [summing.overview(groups, words), *(_titled(summing.by_zone(groups, one, words)) for one in groups),
                  summing.covered(there, words), every]  # fmt: skip
        content, kind = workbook.write(tables, _notes(row, there), words), XLSX
    hooks.record_export(request, "gep.raster", form, len(every.rows), str(pk))
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="gep-raster-{pk}.{form}"'
    return response


def _titled(table: Table) -> Table:
    """A table whose title may name a sheet."""
    return Table(table.key, table.title.replace("/", "／"), table.heads, table.rows, table.total)


def _csv(table: Table) -> bytes:
    stream = io.StringIO()
    out = csv.writer(stream)
    out.writerow([one.label for one in table.heads])
    out.writerows([guard.escape(one) if isinstance(one, str) else one for one in row.cells] for row in table.rows)
    return stream.getvalue().encode("utf-8-sig")


def _notes(row: RasterAccount, there: Any) -> Sequence[tuple[str, str]]:
    layers = [
        (one.word, f"{one.file.file.name} SHA-256 {one.file.file.sha256}" if one.file else f"{one.number} {one.unit}")
        for one in _given_layers(row)
    ]
    return [
        (_("栅格核算"), row.name), (_("核算"), f"{row.accounting.title} {row.year}"), (_("摘要"), there.digest),
        (_("坡长坡度方法"), there.slope_length), (_("像元面积"), f"{there.hectares} {_('公顷')}"),
        (_("完成时间"), f"{timezone.localtime(row.done_at):%Y-%m-%d %H:%M}" if row.done_at else ""), *layers,
    ]  # fmt: skip


def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at what would be written into the forms, and write it."""
    row = found(request.user, pk)
    instead = elsewhere(request, row)
    if instead is not None:
        return instead
    data = request.POST if request.method == "POST" else request.GET
    chosen = data.getlist("services")
    if request.method == "POST":
        number = attempt(request, lambda: raster_data.put(
            request.user, row, services=chosen, token=data.get("token", ""), note=data.get("opinion", "")),
            _("已写入报表。"))  # fmt: skip
        return redirect("gep:raster-give" if number is None else "gep:accounting",
                        pk=pk if number is None else row.accounting_id)  # fmt: skip
    try:
        proposal = raster_data.propose(request.user, row, chosen)
    except EcoError as refused:
        if refused.http_status in (403, 404):
            raise
        messages.error(request, refusal(refused))
        return redirect("gep:raster", pk=pk)
    return render(request, "gep/raster_give.html", {**head(request.user, row, ""), **_given(row, proposal)})


def _digits(value: Decimal | None) -> Decimal | None:
    """A value with the digits that are read: those behind the seventh are kept in the form, not shown."""
    return None if value is None else Decimal(f"{_SHOWN.plus(value).normalize():f}")


def _given(row: RasterAccount, proposal: raster_data.Proposal) -> dict[str, Any]:
    from ecocloud.domains.gep.raster_accounts import summing

    words = showing.speech(row.accounting)
    groups = []
    for group in proposal.forms:
        lines = [
            {"datum": forms.datum_word(one.code), "unit": forms.known(one.code).unit, "value": _digits(one.value),
             "part": forms.part_word(one.part) if one.part else "", "before": _digits(one.before),
             "changes": one.changes, "service": summing.word(one.service, words), "code": one.service,
             "findings": [forms.finding_words(each) for each in one.findings],
             "hard": any(each.hard for each in one.findings), "partial": one.partial,
             "known": raster_data.percent(one.known) if one.known < 1 else None}
            for one in group.values
        ]  # fmt: skip
        forms.dress([group.form])
        beside = [f"{forms.datum_word(one.code)} {forms.part_word(one.part)} {_digits(one.value):f} "
                  f"{words.unit(forms.known(one.code).unit)}" for one in group.beside]  # fmt: skip
        groups.append({"form": group.form, "lines": lines, "why": group.why, "due": len(group.due), "beside": beside,
                       "seen": group.seen})  # fmt: skip
    due = [one for group in proposal.forms if not group.why for one in group.due]
    services = [(one, summing.word(one, words), one in proposal.services) for one in proposal.offered]
    return {
        "groups": groups, "due": proposal.due, "token": proposal.token, "services": services,
        "strays": proposal.strays, "absent": proposal.absent,
        "unasked": [forms.datum_word(one) for one in proposal.unasked], "chosen": proposal.services,
        "doubtful": sum(1 for one in due if one.findings), "partial": sum(1 for one in due if one.partial),
    }  # fmt: skip
