"""What pages and commands read from the journal."""

from __future__ import annotations

from django.db.models import QuerySet

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import Ref


def entries_for(ref: Ref | str) -> QuerySet[Entry]:
    """The entries about one record, newest first."""
    ref = Ref.parse(ref) if isinstance(ref, str) else ref
    return Entry.objects.filter(ref_kind=ref.kind, ref_key=ref.key).order_by("-id")


def last_of(actor_id: str) -> int:
    """The number of the newest entry of one actor (``user:5``), 0 without any; from an index."""
    return Entry.objects.filter(actor_id=actor_id).order_by("-id").values_list("id", flat=True).first() or 0


def entries() -> QuerySet[Entry]:
    """All entries, newest first."""
    return Entry.objects.order_by("-id")
