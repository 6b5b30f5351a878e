"""Editions of a document: what follows what, what changed, the same file read anew."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.intake.documents import forms, queries, services, showing
from ecocloud.intake.documents.models import Record
from ecocloud.intake.documents.views import _may
from ecocloud.intake.documents.views_review import _refuse

MOST = 200


def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed against the edition (or reading) before: changed with both texts, new, gone, how many the same."""
    document = queries.document_for(request.user, pk)
    rows = Record.objects.filter(document=document).order_by("start", "number")
    changed = list(rows.filter(change="changed")[: MOST + 1])
    for row in changed:
        row.pair = showing.pair(row.earlier, row) if row.earlier else None
    gone = queries.gone_records(document)
    previous = document.previous if document.previous_id and queries.sees(request.user, document.previous) else None
    context: dict[str, Any] = {
        "document": document, "previous": previous, "changed": changed[:MOST], "more": len(changed) > MOST,
        "new": rows.filter(change="new")[:MOST], "gone": gone[:MOST] if previous or not document.previous_id else [],
        "same": rows.filter(change="same").count(), "counts": queries.counts(document), "may": _may(request.user),
    }  # fmt: skip
    return render(request, "documents/changes.html", context)


def edition(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the document follow another one, or read its file anew."""
    document = queries.document_for(request.user, pk)
    try:
        if request.POST.get("act") == "reread":
            found = services.reread(request.user, document)
            words = _("已重新读取：未变 %(same)s 条，有改动 %(changed)s 条，新增 %(new)s 条，不再读出 %(gone)s 条。")
        else:
            key = request.POST.get("previous", "")
            if not key.isdigit() or len(key) > 18:
                raise forms.none_chosen()
            found = services.follow(request.user, document, queries.document_for(request.user, int(key)))
            words = _("与上一版相比：未变 %(same)s 条（沿用处理 %(carried)s 条），有改动 %(changed)s 条，"
                      "新增 %(new)s 条，不再出现 %(gone)s 条。")  # fmt: skip
        messages.success(request, words % found)
    except EcoError as error:
        _refuse(request, error)
        return redirect("documents:document", pk)
    return redirect("documents:changes", pk)
