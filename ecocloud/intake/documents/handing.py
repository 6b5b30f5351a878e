"""What the documents room hands over with a post: documents the person brought in that are not entered yet."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from ecocloud.intake.documents.models import Document
from ecocloud.kernel.regions.handing.parts import Handing, Thing

OPEN = gettext_noop("导入的待确认文件")


def _open(person: Any) -> Any:
    S = Document.Status
    return Document.objects.filter(uploaded_by=person.pk, status__in=(S.LOADED, S.READING, S.REVIEW)).order_by("pk")


def open_things(person: Any, on: date) -> list[Thing]:
    """Documents that are being read or confirmed."""
    return [
        Thing(OPEN, f"doc:{row.pk}", row.title, reverse("documents:document", args=[row.pk])) for row in _open(person)
    ]


def hand(tx: Any, giver: Any, taker: Any, on: date, reason: str) -> None:
    """They are the successor's to bring to an end."""
    for row in _open(giver):
        tx.log("documents.document.hand", f"doc:{row.pk}", {"by": f"user:{giver.pk}"}, {"by": f"user:{taker.pk}"},
               reason)  # fmt: skip
    _open(giver).update(uploaded_by=taker)


HANDING = Handing(open_things, hand)
