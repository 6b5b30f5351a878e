"""Packs: the list, one pack, its figures with the objects behind them, its report; loading one. Thin."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.officedocs import DOCX_TYPE
from ecocloud.base.pages.exports import list_page
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.registers import pack as reading
from ecocloud.kernel.registers import pack_figures, pack_page, pack_report, queries, showing
from ecocloud.kernel.registers.errors import DefinitionFaults
from ecocloud.kernel.registers.figure_list import FigureListing
from ecocloud.kernel.registers.models import Pack, RegisterType
from ecocloud.kernel.registers.pack_page import About
from ecocloud.kernel.registers.services import packs, packs_in_use
from ecocloud.kernel.registers.work_fields import Finder, Found, field_of, words_of


def index(request: HttpRequest) -> HttpResponse:
    """Every loaded pack by field of work; whoever may chooses which ones the cockpit of the division shows."""
    about, counts = About.of(request), queries.state_counts(request.user)
    types: dict[int, list[dict[str, Any]]] = {}
    for row in RegisterType.objects.filter(pack__isnull=False).order_by("code"):
        total = sum(n for state, n in counts.get(row.pk, {}).items() if state != "retired")
        types.setdefault(row.pack_id, []).append({"row": row, "name": showing.pick(row), "total": total})
    shown = [row.pk for row in packs_in_use.shown(about.region)]
    # a few at a time: the description of a pack is large beside what the page says of it
    rows = Pack.objects.order_by("code").iterator(chunk_size=8)
    everything = [_found(row, types.get(row.pk, []), about, row.pk in shown) for row in rows]
    finder = Finder(request, everything, **{key: request.GET[key] for key in ("region", "day") if request.GET.get(key)})
    found = finder.found()
    seen = {one.card["code"] for one in found}
    return render(request, "registers/packs.html", {
        "finder": finder, "groups": finder.groups(), "total": len(found), "about": about,
        # chosen for the cockpit, but not in what the search leaves: saving must not lose them
        "others": [one.card["code"] for one in everything if one.card["shown"] and one.card["code"] not in seen],
        "may": permissions.rights(request.user).permissions,
    })  # fmt: skip


def _found(row: Pack, registers: list[dict[str, Any]], about: About, shown: bool) -> Found:
    """A pack with what a search finds it by: its names, its summary, its registers and its systems."""
    content = row.content
    summary = showing.pick_words(content["summary"], content.get("summary_en", ""))
    said = [row.code, row.zh, row.en, summary, *(f"{one['row'].zh} {one['row'].en}" for one in registers)]
    card = {
        "code": row.code, "version": row.version, "name": showing.pick(row), "registers": registers,
        "summary": summary, "shown": shown,
        "url": f"{reverse('registers:pack', args=[row.code])}?{_query(about)}",
        "counts": {key: len(content.get(key, ())) for key in ("figures", "tasks", "targets")},
    }  # fmt: skip
    return Found(field_of(content["systems"]), " ".join([*said, words_of(content["systems"])]), card)


def _query(about: About) -> str:
    return urlencode({"region": about.region.pk, "day": about.day.isoformat()})


def choose(request: HttpRequest) -> HttpResponse:
    """Which packs the cockpit of the division shows."""
    about = About.of(request)
    try:
        made = packs_in_use.show(request.user, about.region, request.POST.getlist("pack"))
        messages.success(
            request, _("%(region)s的驾驶舱展示 %(n)s 个专题。") % {"region": about.region.name, "n": len(made)}
        )
    except EcoError as error:
        messages.error(request, _said(error))
    return redirect(f"{reverse('registers:packs')}?{_query(about)}")


def _said(error: EcoError) -> str:
    return showing.pick_words(error.sentence_zh(), error.message_en)


def one(request: HttpRequest, code: str) -> HttpResponse:
    """One pack for a division and a day."""
    row = get_object_or_404(Pack, code=code)
    return render(request, "registers/pack.html", pack_page.context(request.user, row, About.of(request)))


def figure(request: HttpRequest, code: str, figure: str) -> HttpResponseBase:
    """A figure with its formula and the objects that were counted."""
    pack, about = packs.open_pack(code), About.of(request)
    wanted = next((each for each in pack.figures if each.code == figure), None)
    if wanted is None:
        raise Http404
    listing = FigureListing(request, request.user, wanted, about.region, about.day)
    source = str(Ref("pack", pack.id, wanted.source, pack.version)) if wanted.source else ""
    pack_url = f"{reverse('registers:pack', args=[code])}?{_query(about)}"
    context = {"figure": wanted, "name": showing.pick(wanted), "pack": pack, "pack_name": showing.pick(pack),
               "about": about, "source": source, "pack_url": pack_url,
               "register_name": showing.pick(listing.register.definition)}  # fmt: skip
    return list_page(request, listing, "registers/figure.html", context)


def report(request: HttpRequest, code: str) -> FileResponse:
    """The report paragraphs as a .docx; the export is journalled."""
    pack, about = packs.open_pack(code), About.of(request)
    if not pack.paragraphs:
        raise Http404
    taken = pack_figures.take(request.user, pack, [each.code for each in pack.figures], about.region, about.day)
    content = pack_report.report(request.user, pack, about, taken)
    with change(request.user.actor(getattr(request, "request_id", ""))) as tx:
        tx.log("registers.pack.report", Ref("pack", pack.id, version=pack.version), None,
               {"region": about.region.pk, "day": about.day})  # fmt: skip
    name = f"{about.region.name}{showing.pick_words(pack.zh, f' {pack.en}')}-{about.day:%Y%m%d}.docx"
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=DOCX_TYPE)


def feed(request: HttpRequest, code: str) -> HttpResponse:
    """Hand the indicators in for review, or have that done every month."""
    pack, about = packs.open_pack(code), About.of(request)
    what = request.POST.get("do", "")
    try:
        if what == "start":
            packs_in_use.start_feed(request.user, code, about.region)
            messages.success(request, _("已启用：每月自动报送。"))
        elif what == "stop":
            packs_in_use.stop_feed(request.user, code, about.region)
            messages.success(request, _("已停用自动报送。"))
        else:
            found = packs.feed(request.user, pack, about.region, about.day.year)
            done = sum(each.outcome in ("recorded", "corrected") for each in found)
            messages.success(request, _("已报送 %(n)s 项待复核，%(rest)s 项没有变化或没有数据。")
                             % {"n": done, "rest": len(found) - done})  # fmt: skip
            for each in found:
                if each.refusal is not None:
                    messages.error(request, f"{each.indicator}：{_said(each.refusal)}")
    except EcoError as error:
        messages.error(request, _said(error))
    return redirect(f"{reverse('registers:pack', args=[code])}?{_query(about)}#indicators")


def adopt(request: HttpRequest, code: str) -> HttpResponse:
    """Set the targets of the pack that the division has not."""
    pack, about = packs.open_pack(code), About.of(request)
    try:
        made = packs_in_use.adopt_missing(request.user, pack, about.region)
        messages.success(request, _("已登记 %(n)s 项目标。") % {"n": len(made)})
    except EcoError as error:
        messages.error(request, _said(error))
    return redirect(f"{reverse('registers:pack', args=[code])}?{_query(about)}#targets")


def load(request: HttpRequest) -> HttpResponse:
    """The packs that come with the product: what loading one would change, its faults, and loading it."""
    word = request.POST.get("pack", "") if request.method == "POST" else request.GET.get("pack", "")
    installed = {row.code: row for row in Pack.objects.all()}
    own = reading.own_packs()
    context: dict[str, Any] = {"chosen": word if word in own else "", "status": 200}
    if word in own:
        try:
            made = reading.read(reading.folder_of(word))
            if request.method == "POST":
                packs.load(request.user, made, replace=request.POST.get("replace") == "yes")
                messages.success(request, _("已装入 %(name)s %(version)s。") % {
                    "name": showing.pick(made.definition), "version": made.definition.version})  # fmt: skip
                return redirect(f"{reverse('registers:pack-load')}?{urlencode({'pack': word})}")
            plan = packs.diff(made)
            backwards = plan.refusal
            context |= {"made": made.definition, "summary": showing.summary_of(made.definition),
                        "name": showing.pick(made.definition), "plan": plan,
                        "lines": plan.lines(), "backwards": _said(backwards) if backwards else ""}  # fmt: skip
        except DefinitionFaults as error:
            context |= {"faults": [fault.sentence_zh() for fault in error.faults]}
        except EcoError as error:
            context |= {"refused": _said(error), "status": error.http_status}
    context["rows"] = [_own(code, installed.get(code)) for code in own]
    return render(request, "registers/pack_load.html", context, status=context["status"])


def _own(code: str, row: Pack | None) -> dict[str, Any]:
    """One pack of the product: installed as it is, in another version, or not at all."""
    digest = reading.digest_of(reading.own_folder() / code)
    state = "none" if row is None else ("same" if row.digest == digest else "differs")
    return {"code": code, "row": row, "name": showing.pick(row) if row else code, "state": state}
