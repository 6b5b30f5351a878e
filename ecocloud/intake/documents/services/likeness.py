"""Whether a document that comes in is here already under other bytes: a copy from another site, another edition."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from ecocloud.intake.documents import queries
from ecocloud.intake.documents.models import Document, DocumentBand
from ecocloud.intake.documents.text.fingerprint import Fingerprint, compare, essence, fingerprint
from ecocloud.intake.documents.text.repair import repair
from ecocloud.intake.documents.text.source import SourceText
from ecocloud.kernel.regions.models import User

LOOKED_AT = 5
ALIKE = 0.7


@dataclass(frozen=True)
class Alike:
    """What a new text is like: its fingerprint, the document it is a copy or another edition of, the share in %."""

    mark: Fingerprint | None
    other: Document | None = None
    copy: bool = False
    share: int = 0


def find(user: User, source: SourceText, own: int | None = None) -> Alike:
    """Compare a repaired text with the documents ``user`` may open; ``own`` is the document itself when it is kept.

    Reads the database, writes nothing. At most five candidates are compared word by word.
    """
    text = essence(source)
    mark = fingerprint(text)
    if mark is None:
        return Alike(None)
    votes = DocumentBand.objects.filter(band__in=mark.bands).exclude(document=own)
    best = votes.values("document").annotate(n=Count("pk")).order_by("-n", "document")[:LOOKED_AT]
    found = Alike(mark)
    rows = Document.objects.filter(status__in=(Document.Status.REVIEW, Document.Status.ENTERED)).defer("segments")
    known = rows.in_bulk([row["document"] for row in best])
    for row in best:
        other = known.get(row["document"])
        if other is None or not queries.sees(user, other):
            continue
        likeness = compare(essence(repair(SourceText.plain(other.title, "txt", other.text))), text)
        share = round(likeness.share * 100)
        if likeness.same:
            return Alike(mark, other, True, share)
        if likeness.share >= ALIKE and share > found.share:
            found = Alike(mark, other, False, share)
    return found


def link(document: Document, alike: Alike) -> None:
    """Set the fields of ``document`` that say what it is like; part of the caller's transaction, which saves it."""
    document.like, document.share = alike.other, alike.share if alike.other is not None else None
    document.relation = (
        "" if alike.other is None else Document.Relation.COPY if alike.copy else Document.Relation.EDITION
    )


def remember(document: Document, alike: Alike) -> None:
    """Keep the keys under which later copies find ``document``; part of the caller's transaction."""
    if alike.mark is not None and not alike.copy:
        rows = [DocumentBand(document=document, band=band) for band in alike.mark.bands]
        DocumentBand.objects.bulk_create(rows, ignore_conflicts=True)
