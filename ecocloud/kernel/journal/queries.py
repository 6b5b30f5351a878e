"""What pages and commands read from the journal."""

from __future__ import annotations

from django.db.models import QuerySet

from ecocloud.kernel.journal.models import Entry, Head
from ecocloud.kernel.journal.refs import Ref


def entries_for(ref: Ref | str) -> QuerySet[Entry]:
    """The entries about one record, newest first."""
    ref = Ref.parse(ref) if isinstance(ref, str) else ref
    return Entry.objects.filter(ref_kind=ref.kind, ref_key=ref.key).order_by("-id")


def state_of_chain() -> str:
    """A text that is new after every business transaction (one query); what was counted under it is still right."""
    found = Head.objects.filter(pk=1).values_list("number", "digest").first()
    return f"{found[0]}:{found[1][-16:]}" if found else "0"


def entries() -> QuerySet[Entry]:
    """All entries, newest first."""
    return Entry.objects.order_by("-id")
