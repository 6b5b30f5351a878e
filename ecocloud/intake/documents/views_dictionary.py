"""站点词典: what people's corrections taught, with who, when, from which sentence and how often it was used."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.documents import columns, queries, services
from ecocloud.intake.documents.models import Term
from ecocloud.intake.documents.views import _may
from ecocloud.intake.documents.views_review import _refuse


def dictionary(request: HttpRequest) -> HttpResponse:
    """The entries; by hand and from a file below them."""
    listing = Listing(
        request,
        Term.objects.select_related("by", "turned_by"),
        filters=(
            FilterSpec("q", _("词条"), kind="text", fields=("text", "meaning_name"), placeholder=_("写法或含义")),
            FilterSpec("kind", _("类别"), choices=[(c, _(w)) for c, w in Term.Kind.choices]),
            FilterSpec("standing", _("状态"), choices=[(c, _(w)) for c, w in Term.Standing.choices], in_bar=False,
                       counts=queries.term_counts),
        ),
        sorts=(SortSpec("new", ("-id",)), SortSpec("used", ("-applied", "-id")), SortSpec("text", ("key", "id"))),
        key="documents.dictionary", columns=columns.TERMS, title=_("站点词典"),
    )  # fmt: skip
    origins = {row.document_id for row in listing.rows}
    titles = dict(queries.visible(request.user).filter(pk__in=origins).values_list("pk", "title"))
    for row in listing.rows:
        row.shown = titles.get(row.document_id, "")
    context = {"kinds": Term.Kind.choices, "may": _may(request.user)}
    return list_page(request, listing, "documents/dictionary.html", context)


def turn_term(request: HttpRequest, pk: int) -> HttpResponse:
    """Use an entry, switch it off, or use it for what waits."""
    term = Term.objects.filter(pk=pk).first()
    if term is None:
        raise Http404
    act = request.POST.get("act", "")
    try:
        if act == "use":
            services.use_term(request.user, term)
            messages.success(request, _("“%(text)s”已采用，下次读取时生效；也可用于待确认记录。") % {"text": term.text})
        elif act == "off":
            services.switch_off(request.user, term)
            messages.success(request, _("“%(text)s”已停用。已处理的记录不变。") % {"text": term.text})
        elif act == "apply":
            number, touched = services.apply_term(request.user, term, queries.waiting_documents(request.user))
            words = ngettext("已用于 %(n)s 条待确认记录（%(m)s 份文件），可在该文件中撤销。",
                             "已用于 %(n)s 条待确认记录（%(m)s 份文件），可在该文件中撤销。", number)  # fmt: skip
            messages.success(request, words % {"n": number, "m": touched})
    except EcoError as error:
        _refuse(request, error)
    document = request.POST.get("document", "")
    if document.isdigit() and len(document) < 19:
        return redirect(f"{reverse('documents:review', args=[document])}?{request.POST.get('back', '')[:300]}")
    return redirect("documents:dictionary")


def add_term(request: HttpRequest) -> HttpResponse:
    """An entry by hand, or a file of entries."""
    try:
        if request.FILES.get("file"):
            found = services.import_terms(request.user, request.FILES["file"].read(services.teaching.MOST_BYTES + 1))
            messages.success(
                request, _("导入 %(added)s 条，已有 %(known)s 条。") % {"added": found.added, "known": found.known}
            )
            for line in found.refused[:20]:
                messages.warning(request, line)
        else:
            post = request.POST
            region = request.user.department.region_id if request.user.department else ""
            term = services.add_term(
                request.user, post.get("kind", ""), post.get("text", ""), post.get("meaning", ""), region=region
            )
            messages.success(request, _("“%(text)s”已加入词典。") % {"text": term.text})
    except EcoError as error:
        _refuse(request, error)
    return redirect("documents:dictionary")


def export_terms(request: HttpRequest) -> HttpResponse:
    """The entries in use as a YAML file."""
    response = HttpResponse(services.export_terms(), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="dictionary.yaml"'
    return response
