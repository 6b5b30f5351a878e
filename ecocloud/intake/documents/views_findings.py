"""Pages of questions about the consistency of documents: over all documents, of one document, answers, files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import ExportColumn, export
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.documents import finding_queries, forms, queries, services
from ecocloud.intake.documents.findings_facts import consistency_facts
from ecocloud.intake.documents.models import Question
from ecocloud.intake.documents.views import english
from ecocloud.kernel.regions.permissions import allowed

FORMS = ("xlsx", "csv")
COLUMNS = (
    ExportColumn(gettext_lazy("文件"), "document.title"),
    ExportColumn(gettext_lazy("程度"), "grave_label"),
    ExportColumn(gettext_lazy("类别"), "label"),
    ExportColumn(gettext_lazy("问题"), "said"),
    ExportColumn(gettext_lazy("算式"), "sums"),
    ExportColumn(gettext_lazy("原文位置"), lambda q: "；".join(s["place"] or s["title"] for s in q.places)),
    ExportColumn(gettext_lazy("原文"), lambda q: "；".join(f"{s['role']}：{s['quote']}" for s in q.places)),
    ExportColumn(gettext_lazy("答复"), lambda q: str(q.get_answer_display())),
    ExportColumn(gettext_lazy("说明"), "note"),
    ExportColumn(gettext_lazy("答复人"), "answered_by.name"),
    ExportColumn(gettext_lazy("答复时间"), "answered_at"),
)


def _listing(request: HttpRequest) -> Listing:
    viewer, facts = request.user, consistency_facts()
    labels = [(name, kind.label_en if english() else kind.label_zh) for name, kind in facts.kinds.items()]
    documents = queries.visible(viewer).order_by("-uploaded_at").values_list("pk", "title")
    filters = (
        FilterSpec("q", _("问题"), kind="text", fields=("words", "document__title"), placeholder=_("问题或文件标题")),
        FilterSpec("document", _("文件"), field="document_id", choices=lambda: list(documents[:200])),
        FilterSpec("severity", _("程度"), choices=[(c, _(w)) for c, w in Question.Severity.choices]),
        FilterSpec("kind", _("类别"), choices=labels),
        FilterSpec("answer", _("答复"), choices=[(c, _(w)) for c, w in Question.Answer.choices], in_bar=False,
                   counts=_answer_counts),
    )  # fmt: skip

    def decorate(rows: QuerySet[Question]) -> QuerySet[Question]:
        rows = rows.select_related("document", "other", "answered_by")
        return rows.defer("document__text", "document__segments", "other__text", "other__segments")

    rows = finding_queries.with_order(finding_queries.questions(viewer))
    return Listing(
        request, rows, filters=filters,
        sorts=(SortSpec("grave", ("first", "grave", "-document_id", "start", "id")),
               SortSpec("document", ("document_id", "start", "id"))),
        decorate=decorate, key="documents.questions",
    )  # fmt: skip


def _answer_counts(rows: QuerySet[Question]) -> dict[str, int]:
    return dict(rows.order_by().values_list("answer").annotate(n=Count("pk")))


def question_list(request: HttpRequest) -> HttpResponse:
    """Questions over all documents the person may open."""
    listing = _listing(request)
    finding_queries.decorate(request.user, listing.rows, english())
    return render(request, "documents/questions.html", {"listing": listing, "forms": FORMS})


def question_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The list of the address as a file; taking it is recorded."""
    listing = _listing(request)
    plain = listing.all_rows

    def rows() -> Any:
        found = list(plain())
        finding_queries.decorate(request.user, found, english())
        return iter(found)

    listing.all_rows = rows

    def record(count: int, query: str) -> None:
        services.note_export(request.user, "doc:all", f"questions.{form}", count, query=query)

    return export(listing, COLUMNS, _("文件核对问题"), form=form if form in FORMS else "xlsx", record=record)


def checks(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions of one document, each with its places, sums and the form of the answer."""
    document = queries.document_for(request.user, pk, text=False)
    rows = finding_queries.of_document(document)
    finding_queries.decorate(request.user, rows, english())
    may = allowed(request.user, queries.DECIDE)
    answers = [(code, _(word)) for code, word in Question.Answer.choices if code != Question.Answer.OPEN]
    context = {
        "document": document, "may": may, "answers": answers, "counts": finding_queries.counts(document),
        "asked": [r for r in rows if r.standing and not r.holds], "held": [r for r in rows if r.standing and r.holds],
        "gone": [r for r in rows if not r.standing and r.answer != "open"],
        "suggested": finding_queries.suggested(request.user, document),
    }  # fmt: skip
    return render(request, "documents/checks.html", context)


def answer(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    """Take a person's answer to one question."""
    document = queries.document_for(request.user, pk, text=False)
    row = finding_queries.question_for(request.user, document, question)
    try:
        given = request.POST.get("answer", "")
        services.answer(request.user, row, given, request.POST.get("note", ""), version=forms.version_of(request.POST))
        messages.success(request, _("答复已保存。"))
    except EcoError as error:
        messages.error(request, forms.sentence(error, english()))
    return redirect(f"{reverse('documents:checks', args=[document.pk])}#q-{row.pk}")


def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Check a document again, after records or facts were changed."""
    document = queries.document_for(request.user, pk)
    found = services.check(request.user, document)
    messages.success(request, _("已重新核对：疑问 %(asked)s 处，核对相符 %(held)s 处。") % found)
    return redirect("documents:checks", document.pk)
