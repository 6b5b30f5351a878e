"""Which records the review lists and in what order: state, kind, section, confidence; the same words in every link."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from ecocloud.intake.documents import paragraphs
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.review_facts import review_facts

TABS: dict[str, tuple[str, ...]] = {
    "pending": ("pending",), "taken": Record.TAKEN, "accepted": ("accepted",), "edited": ("edited",),
    "rejected": ("rejected",), "all": Record.LISTED,
}  # fmt: skip
BANDS = ("high", "middle", "low")
CHANGES = ("changed", "new", "gone", "same")
SORTS = {"text": ("start", "number"), "doubt": ("confidence", "start", "number")}


@dataclass(frozen=True)
class Choice:
    """What the list shows. ``section`` counts from 1, 0 is all; ``sure`` is one of :data:`BANDS` or ''."""

    tab: str = "pending"
    kind: str = ""
    section: int = 0
    sure: str = ""
    sort: str = "text"
    change: str = ""

    @classmethod
    def of(cls, data: QueryDict) -> Choice:
        """From the parameters of a page or of a form; what is not known counts as not asked."""
        section = data.get("section", "")
        return cls(
            tab=data["tab"] if data.get("tab") in TABS else "pending",
            kind=data["kind"] if data.get("kind") in Record.Kind.values else "",
            section=int(section) if section.isdigit() and len(section) < 5 else 0,
            sure=data["sure"] if data.get("sure") in BANDS else "",
            sort=data["sort"] if data.get("sort") in SORTS else "text",
            change=data["change"] if data.get("change") in CHANGES else "",
        )

    def query(self, **more: Any) -> str:
        """The parameters of an address with this choice; defaults are left out."""
        named = {name: getattr(self, name) for name in ("tab", "kind", "section", "sure", "sort", "change")}
        kept = {name: value for name, value in named.items() if value and value != getattr(Choice(), name)}
        return urlencode(kept | {name: value for name, value in more.items() if value})

    def but(self, **fields: Any) -> Choice:
        """The same choice with other fields."""
        return replace(self, **fields)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the state is asked for."""
        return bool(self.kind or self.section or self.sure or self.change)

    def rows(self, document: Document) -> QuerySet[Record]:
        """The records, in the order asked for."""
        rows = Record.objects.filter(document=document, state__in=TABS[self.tab])
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.change:
            rows = rows.filter(change=self.change)
        span = section_span(document, self.section)
        if span:
            rows = rows.filter(start__gte=span[0], start__lt=span[1])
        return self._by_band(rows).order_by(*SORTS[self.sort])

    def _by_band(self, rows: QuerySet[Record]) -> QuerySet[Record]:
        borders = review_facts().confidence
        if self.sure == "high":
            return rows.filter(confidence__gte=borders.high.value)
        if self.sure == "middle":
            return rows.filter(confidence__gte=borders.middle.value, confidence__lt=borders.high.value)
        return rows.filter(confidence__lt=borders.middle.value) if self.sure == "low" else rows

    def before(self, record: Record) -> Q:
        """Which records come before ``record`` in this order."""
        found, equal = Q(pk__in=[]), Q()
        for name in SORTS[self.sort]:
            value = getattr(record, name)
            found |= equal & Q(**{f"{name}__lt": value})
            equal &= Q(**{name: value})
        return found

    def after(self, record: Record, document: Document, *, pending: bool = False) -> Record | None:
        """The next record behind ``record``, else the first one there is; only pending ones where asked."""
        rows = self.rows(document).exclude(pk=record.pk)
        rows = rows.filter(state=Record.State.PENDING) if pending else rows
        return rows.exclude(self.before(record)).first() or rows.first()


def section_span(document: Document, number: int) -> tuple[int, int] | None:
    """Start and end of the part of the text under the heading ``number`` (from 1), None for none."""
    found = paragraphs.sections(document.text, document.segments)
    return found[number - 1][1:] if 0 < number <= len(found) else None


def tally(document: Document) -> dict[tuple[str, str], int]:
    """Numbers of records by (kind, state); one query."""
    rows = Record.objects.filter(document=document).order_by()
    return {(kind, state): n for kind, state, n in rows.values_list("kind", "state").annotate(n=Count("pk"))}


def section_choices(document: Document, tab: str) -> list[tuple[int, str, int]]:
    """(number, title, records of the tab in it) for every part of the text; one query."""
    found = paragraphs.sections(document.text, document.segments)
    if len(found) < 2:
        return []
    starts = Record.objects.filter(document=document, state__in=TABS[tab]).order_by().values_list("start", flat=True)
    ends = [end for _title, _start, end in found]
    inside = Counter(bisect_right(ends, start) for start in starts)
    return [(at + 1, title, inside[at]) for at, (title, _start, _end) in enumerate(found)]
