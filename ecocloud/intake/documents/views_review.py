"""The review: document beside records, linked both ways; every decision is one post."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecocloud.base import jobs
from ecocloud.base.errors import EcoError, Forbidden
from ecocloud.intake.documents import choosing, forms, queries, services, showing
from ecocloud.intake.documents.choosing import Choice
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.review_facts import review_facts
from ecocloud.intake.documents.services import bulk as bulk_service
from ecocloud.intake.documents.views import _may, english, page_number
from ecocloud.kernel.regions.models import Department


def _current(request: HttpRequest, document: Document, choice: Choice) -> Record | None:
    asked = request.GET.get("record", "")
    if asked.isdigit() and len(asked) < 19:
        found = Record.objects.select_related("decided_by").filter(document=document, pk=asked).first()
        if found is not None:
            return found
    if page_number(request) or _list_page(request):
        return None
    return choice.rows(document).select_related("decided_by").first()


def _list_page(request: HttpRequest) -> int:
    text = request.GET.get("p", "")
    return int(text) if text.isdigit() and len(text) < 7 else 0


def _listed(request: HttpRequest, document: Document, choice: Choice, current: Record | None) -> dict[str, Any]:
    """The page of the list that holds the current record (or the one asked for), with its neighbours."""
    rows, size = choice.rows(document), review_facts().reading.list_records.value
    total = rows.count()
    at = rows.filter(choice.before(current)).count() if current is not None else 0
    pages = max(1, -(-total // size))
    number = min(pages, _list_page(request) or at // size + 1)
    # One more at each end, so that the step over the border of a page is known.
    first = max(0, (number - 1) * size - 1)
    window = list(rows.select_related("decided_by")[first : number * size + 1])
    shown = window[(number - 1) * size - first :][:size]
    keys = [row.pk for row in window]
    beside: dict[str, Record | None] = {"previous": None, "next": shown[0] if shown else None}
    if current is not None and current.pk in keys:
        place = keys.index(current.pk)
        current = window[place]
        beside = {"previous": window[place - 1] if place else None,
                  "next": window[place + 1] if place + 1 < len(window) else None}  # fmt: skip
    elif current is not None:
        shown = [current, *shown]
    return {"records": shown, "current": current, "beside": beside, "found": total, "list_page": number,
            "list_pages": pages}  # fmt: skip


def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The original left, the records of the list's page right; the number of queries does not grow with either."""
    document = queries.document_for(request.user, pk)
    choice = Choice.of(request.GET)
    current = _current(request, document, choice)
    context: dict[str, Any] = _listed(request, document, choice, current)
    current, shown = context["current"], context["records"]
    number = page_number(request) or (showing.page_at(document, current.start) if current else 1)
    _first, _last, start, end, _pages = showing.bounds(document, number)
    found = queries.records_between(document, start, end + 1)
    spans, pins = showing.marks(found, current)
    showing.decorate(document, shown, current, choice)
    table = choosing.tally(document)
    tally = queries.counts(document, table)
    steps = queries.own_steps(request.user, document)
    context |= {
        "document": document, "text": showing.text_page(document, number, spans, pins), "choice": choice,
        "by_key": {r.pk: r for r in found}, "counts": tally, "may": _may(request.user), "kinds": Record.Kind.choices,
        "tabs": _tabs(document, choice, tally), "matrix": showing.matrix(document, table), "back": choice.query(),
        "shares": _shares(tally), "steps": steps, "page_keys": showing.review_keys(),
        "can_undo": any(s.standing == "done" for s in steps), "can_redo": any(s.standing == "undone" for s in steps),
        "sections": choosing.section_choices(document, choice.tab), "bands": showing.band_words(),
        "sweep": review_facts().confidence.sweep.value, "changes": showing.change_words(),
        "terms": queries.proposed_terms(document),
    }  # fmt: skip
    if current is not None:
        context["reject_url"] = reverse("documents:decide", args=[pk, current.pk])
        context |= showing.form_context(document, current)
        if current.kind == "task":
            names = Department.objects.filter(region=document.region).values_list("name", flat=True)
            context["unit_names"] = names[:200]
    return render(request, "documents/review.html", context)


def _tabs(document: Document, choice: Choice, tally: dict[str, int]) -> list[dict[str, Any]]:
    base = reverse("documents:review", args=[document.pk])
    rows = (("pending", _("待确认"), tally["pending"]), ("taken", _("已接受"), tally["taken"]),
            ("rejected", _("不采纳"), tally["rejected"]), ("all", _("全部"), tally["total"]))  # fmt: skip
    return [{"url": f"{base}?{Choice(tab=key, sort=choice.sort).query()}", "label": word, "count": n,
             "current": key == choice.tab} for key, word, n in rows]  # fmt: skip


def _shares(tally: dict[str, int]) -> list[tuple[str, int]]:
    total = max(1, tally["total"])
    return [(state, round(100 * tally[state] / total)) for state in ("accepted", "edited", "rejected")]


def _choice(request: HttpRequest) -> Choice:
    """The list the person had before him when he pressed a button."""
    return Choice.of(QueryDict(request.POST.get("back", "")[:300]))


def _back(document: Document, record: Record | None, choice: Choice) -> HttpResponse:
    query = choice.query(record=record.pk if record else 0)
    url = reverse("documents:review", args=[document.pk])
    return redirect(f"{url}?{query}" if query else url)


def _refuse(request: HttpRequest, error: EcoError) -> None:
    """A refusal beside the records; missing rights stay what they are."""
    if isinstance(error, Forbidden):
        raise error
    messages.error(request, forms.sentence(error, english()))


def decide(request: HttpRequest, pk: int, record: int) -> HttpResponse:
    """Accept, keep, reject, reopen, split, merge one record or choose its evidence anew."""
    document = queries.document_for(request.user, pk)
    row = queries.record_for(request.user, document, record)
    choice = _choice(request)
    act, version = request.POST.get("act", ""), forms.version_of(request.POST)
    following = choice.after(row, document, pending=True) if act in ("accept", "reject") else None
    try:
        row = _do(request, document, row, act, version)
    except EcoError as error:
        _refuse(request, error)
        return _back(document, row, choice)
    return _back(document, following if act in ("accept", "reject") else row, choice)


def _do(request: HttpRequest, document: Document, row: Record, act: str, version: int | None) -> Record:
    user, post = request.user, request.POST
    if act == "accept":
        return services.accept(user, row, changes=forms.changes_of(post, document, row), version=version)
    if act == "edit":
        changes = forms.changes_of(post, document, row)
        messages.success(request, _("已保存修改。") if changes else _("没有修改。"))
        return services.edit(user, row, changes, version=version)
    if act == "reject":
        return services.reject(user, row, post.get("opinion", ""), version=version)
    if act == "split":
        cuts = [int(text) for text in post.getlist("cut") if text.isdigit()]
        parts = services.split(user, row, cuts, version=version)
        messages.success(request, _("已拆成 %(n)s 条。") % {"n": len(parts)})
        return parts[0]
    if act == "merge":
        other = queries.record_for(user, document, int(post["other"]) if post.get("other", "").isdigit() else 0)
        made = services.merge(user, row, other, version=version)
        messages.success(request, _("已合并为 %(label)s。") % {"label": made.label})
        return made
    if act == "respan":
        return services.respan(user, row, *forms.span_of(post, document), version=version)
    if act == "reopen":
        return services.reopen(user, row, version=version)
    messages.error(request, _("没有选择怎样处理。"))
    return row


def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a record by selecting a stretch of the text, or make the stretch the evidence of the record ``record``."""
    document = queries.document_for(request.user, pk)
    choice, record = _choice(request), request.POST.get("record", "")
    try:
        start, end = forms.span_of(request.POST, document)
        if record.isdigit() and not request.POST.get("kind"):
            old = queries.record_for(request.user, document, int(record))
            row = services.respan(request.user, old, start, end, version=forms.version_of(request.POST))
        else:
            row = services.add(request.user, document, request.POST.get("kind", ""), start, end)
    except EcoError as error:
        _refuse(request, error)
        return _back(document, None, choice)
    return _back(document, row, choice)


def _sweep(data: QueryDict, document: Document) -> bulk_service.Sweep:
    """The bulk form as the records it means; a confidence that is no number is refused."""
    text = data.get("least", "").strip()
    try:
        least = Decimal(text) if text else Decimal(0)
        if not Decimal(0) <= least <= Decimal(1):
            raise InvalidOperation
    except InvalidOperation as error:
        raise forms.not_a_share(text) from error
    section = data.get("section", "")
    return bulk_service.Sweep(
        least=least,
        kinds=tuple(kind for kind in data.getlist("kind") if kind in Record.Kind.values),
        span=choosing.section_span(document, int(section)) if section.isdigit() and len(section) < 5 else None,
        records=_chosen(data) if data.get("chosen") else None,
    )  # fmt: skip


def _chosen(data: QueryDict) -> tuple[int, ...]:
    """The records that were ticked; none is refused, so that a selection never means everything."""
    keys = tuple(int(key) for key in data.getlist("record") if key.isdigit() and len(key) < 19)[:2000]
    if not keys:
        raise forms.none_chosen()
    return keys


def bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """Many at once: first what it would do, in numbers by kind and with names; then one step that can be undone."""
    document = queries.document_for(request.user, pk)
    data = request.POST if request.method == "POST" else request.GET
    asked: dict[str, Any] = {"least": data.get("least", ""), "kinds": data.getlist("kind"),
                             "section": data.get("section", ""), "records": data.getlist("record"),
                             "chosen": data.get("chosen", "")}  # fmt: skip
    if not data:
        asked["least"] = str(review_facts().confidence.sweep.value)
        data = QueryDict(f"least={asked['least']}")
    status, sweep = 200, None
    try:
        sweep = _sweep(data, document)
        if request.method == "POST" and data.get("act") in ("accept", "reject"):
            return _bulk(request, document, sweep)
        if request.method == "POST" and data.get("act") == "merge":
            return _merge_chosen(request, document, sweep)
    except EcoError as error:
        _refuse(request, error)
        status = error.http_status
    found = bulk_service.preview(document, sweep) if sweep else bulk_service.Preview()
    words = dict(Record.Kind.choices)
    context = {
        "document": document, "asked": asked, "kinds": Record.Kind.choices, "found": found,
        "table": [(words[kind], ready, left) for kind, ready, left in found.by_kind()],
        "ready": len(found.ready), "all": len(found.ready) + len(found.left), "back": data.get("back", ""),
        "sections": choosing.section_choices(document, "pending"),
    }  # fmt: skip
    return render(request, "documents/bulk.html", context, status=status)


def _bulk(request: HttpRequest, document: Document, sweep: bulk_service.Sweep) -> HttpResponse:
    expected = request.POST.get("expected", "")
    seen = int(expected) if expected.isdigit() and len(expected) < 9 else None
    if request.POST["act"] == "accept":
        done, left = services.accept_many(request.user, document, sweep, expected=seen)
        words = ngettext("已接受 %(done)s 条，还有 %(left)s 条待确认。按“撤销”可整批退回。",
                         "已接受 %(done)s 条，还有 %(left)s 条待确认。按“撤销”可整批退回。", done)  # fmt: skip
    else:
        done, left = services.reject_many(
            request.user, document, sweep, request.POST.get("opinion", ""), expected=seen
        )  # fmt: skip
        words = ngettext("%(done)s 条记为不采纳，还有 %(left)s 条待确认。按“撤销”可整批退回。",
                         "%(done)s 条记为不采纳，还有 %(left)s 条待确认。按“撤销”可整批退回。", done)  # fmt: skip
    messages.success(request, words % {"done": done, "left": left})
    return _back(document, None, _choice(request))


def _merge_chosen(request: HttpRequest, document: Document, sweep: bulk_service.Sweep) -> HttpResponse:
    chosen = list(sweep.rows(document)[:3])
    if len(chosen) != 2:
        raise forms.not_two(len(sweep.records or ()))
    row = services.merge(request.user, *chosen)
    messages.success(request, _("已合并为 %(label)s。") % {"label": row.label})
    return _back(document, row, _choice(request))


def turn(request: HttpRequest, pk: int, way: str) -> HttpResponse:
    """Undo or redo one's own last step, or the step named."""
    document = queries.document_for(request.user, pk, text=False)
    key, choice = request.POST.get("decision", ""), _choice(request)
    wanted = int(key) if key.isdigit() and len(key) < 19 else None
    try:
        made = (services.undo if way == "undo" else services.redo)(request.user, document, wanted)
    except EcoError as error:
        _refuse(request, error)
        return _back(document, None, choice)
    told = _("已撤销：%(act)s %(title)s") if way == "undo" else _("已重做：%(act)s %(title)s")
    messages.success(request, told % {"act": showing.step_words(made), "title": made.title})
    row = Record.objects.filter(steps__decision=made).order_by("start", "number").first()
    return _back(document, row, choice)


def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what is accepted; many records by a job."""
    document = queries.document_for(request.user, pk, text=False)
    if queries.counts(document)["ready"] > review_facts().entering.at_once.value:
        jobs.enqueue("documents.enter", {"document": pk}, key=f"doc:{pk}", created_by=request.user.actor().id)
        messages.success(request, _("记录较多，正在后台入台账，完成后可在任务清单查看。"))
        return redirect("documents:document", pk)
    found = services.enter(request.user, document)
    words = _("入台账完成：任务 %(items)s 项，目标 %(targets)s 个，数值 %(observations)s 个。") % found
    messages.success(request, words)
    if found["refused"]:
        messages.warning(request, _("有 %(refused)s 条未能入台账，原因写在记录旁。") % found)
        return _back(document, None, Choice(tab="taken"))
    return redirect("documents:document", pk)
