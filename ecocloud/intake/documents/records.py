"""Records in the shape that is written to JSON lines, and the reading of a whole document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ecocloud.intake.documents.text.source import SourceText

KINDS = ("task", "figure", "project", "mechanism")
MARKS = re.compile(r"[①-⑳]")


def doc_of(name: str) -> str:
    """The document key: the file stem up to the first underscore."""
    stem = re.split(r"[\\/]", name)[-1]
    stem = stem.rsplit(".", 1)[0] if "." in stem.lstrip(".") else stem
    return stem.split("_", 1)[0] or stem or "document"


@dataclass
class Reading:
    """What was read from one document. ``document`` holds title, issuer, doc_type, region, dates and years; the four
    lists hold records as plain dicts (see README); ``source`` gives texts and places."""

    name: str
    doc: str
    source: SourceText
    document: dict[str, Any]
    tasks: list[dict[str, Any]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    projects: list[dict[str, Any]] = field(default_factory=list)
    mechanisms: list[dict[str, Any]] = field(default_factory=list)

    def records(self) -> list[dict[str, Any]]:
        """All records in one list."""
        return [*self.tasks, *self.figures, *self.projects, *self.mechanisms]

    def counts(self) -> dict[str, int]:
        return {
            "tasks": len(self.tasks), "figures": len(self.figures), "projects": len(self.projects),
            "mechanisms": len(self.mechanisms),
        }  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The whole reading as data for ``--json``."""
        return {
            "document": self.document, "counts": self.counts(), "tasks": self.tasks, "figures": self.figures,
            "projects": self.projects, "mechanisms": self.mechanisms,
        }  # fmt: skip


class Recorder:
    """Turns spans of the read text into records with exact evidence in the original."""

    def __init__(self, source: SourceText, doc: str) -> None:
        self.source = source
        self.doc = doc
        self.numbers = dict.fromkeys(KINDS, 0)

    def base(self, kind: str, start: int, end: int) -> dict[str, Any]:
        """Common fields of a record: id, doc, file, kind, quote, start, end, optional, place (and quote_clean)."""
        self.numbers[kind] += 1
        quote, first, last = self.source.quote(start, end)
        record: dict[str, Any] = {
            "id": f"{self.doc}-{kind[0].upper()}{self.numbers[kind]:03d}", "doc": self.doc, "file": self.source.name,
            "kind": kind, "quote": quote, "start": first, "end": last, "optional": False,
        }  # fmt: skip
        clean = self.source.text[start:end]
        if clean != quote:
            record["quote_clean"] = clean
        place = self.source.place(first)
        if place is not None and place.kind != "line":
            record["place"] = place.label
        return record

    def span(self, prefix: str, start: int, end: int) -> dict[str, Any]:
        """``{prefix}_quote/_start/_end`` in the original."""
        quote, first, last = self.source.quote(start, end)
        return {f"{prefix}_quote": quote, f"{prefix}_start": first, f"{prefix}_end": last}

    def offsets(self, start: int, end: int) -> dict[str, int]:
        first, last = self.source.map.span(start, end)
        return {"start": first, "end": last}

    def words(self, start: int, end: int) -> str:
        """The clean words of a span without footnote marks."""
        return MARKS.sub("", self.source.text[start:end]).strip()
