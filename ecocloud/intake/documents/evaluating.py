"""Scores of the engine on annotated documents: as it is, with each document left out, and of its confidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecocloud.intake.documents.annotated import Annotated
from ecocloud.intake.documents.calibrating import BOUND, Row, draft, wilson
from ecocloud.intake.documents.confidence import SURE, Model
from ecocloud.intake.documents.features import marks_of
from ecocloud.intake.documents.leaving_out import only_support, read_without
from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.scoring import Count, judge, score_all
from ecocloud.intake.documents.text.loaders import load

# What a person may take without a look: for each kind the level at which a record counts as right.
RIGHT = {"figure": "strict", "task": "strict", "project": "base", "mechanism": "base"}
# Bars that are tried one after the other, and one that no share of records can reach.
BARS = (BOUND, 0.955, 0.96, 0.965, 0.97, 0.975, 0.98)
NEVER = 2.0
Records = dict[str, list[dict[str, Any]]]
Scores = dict[tuple[str, str], dict[str, Count]]


def read_plain(documents: Iterable[Annotated]) -> Records:
    """Each document and its records as the engine reads them; the document's own record comes first."""
    readings = {d.doc: read_document(d.path.read_bytes(), d.path.name) for d in documents}
    return {doc: [reading.document, *reading.records()] for doc, reading in readings.items()}


def read_left_out(documents: Sequence[Annotated], more: Iterable[Path] = ()) -> tuple[Records, dict[str, list[str]]]:
    """Records of each document read without the word-list entries that no other document supports, and these entries;
    ``more`` are further texts that may support an entry."""
    texts = {d.doc: load(d.path.read_bytes(), d.path.name).folded for d in documents}
    own = {d.path.resolve() for d in documents}
    beside = {f"+{p}": load(p.read_bytes(), p.name).folded for p in more if p.resolve() not in own}
    words = only_support({**texts, **beside})
    found = read_without([(d.path, words[d.doc]) for d in documents])
    return {d.doc: records for d, records in zip(documents, found, strict=True)}, {
        d.doc: words[d.doc] for d in documents
    }


def scores_of(documents: Sequence[Annotated], records: Records) -> Scores:
    """Counts by document and kind, and over all of them."""
    texts = {d.doc: load(d.path.read_bytes(), d.path.name).original for d in documents}
    gold = [r for d in documents for r in d.gold]
    made = [r for d in documents for r in records[d.doc]]
    return score_all(gold, made, texts, {d.doc: d.ranges for d in documents})


def rows_of(documents: Iterable[Annotated], records: Records, kind: str, level: str) -> list[Row]:
    """A row for each record of a kind that is right or wrong (borderline ones and those outside the annotated range
    are left out)."""
    out = []
    for document in documents:
        first, last = document.ranges.get(f"{kind}s", (0, 10**12))
        made = [r for r in records[document.doc] if r["kind"] == kind and first <= r["start"] < last]
        gold = [r for r in document.gold if r["kind"] == kind]
        for record, right in zip(made, judge(gold, made, kind, level), strict=True):
            if right is not None:
                out.append(Row(document.doc, tuple(marks_of(record, records[document.doc][0])), right))
    return out


@dataclass
class Sure:
    """Records with a confidence of at least SURE: how many there are, how many are right at each level."""

    n: int = 0
    right: dict[str, int] = field(default_factory=dict)
    of: int = 0

    def bound(self, level: str) -> float:
        """Lower 95 % bound of the share of right ones."""
        return wilson(self.right.get(level, 0), self.n)


def sure_of(rows: Mapping[str, Sequence[Row]], confidences: Sequence[float]) -> Sure:
    """Count the sure ones; ``rows`` by level, in the same order as ``confidences``."""
    at = [i for i, c in enumerate(confidences) if c >= SURE]
    return Sure(len(at), {level: sum(r[i].right for i in at) for level, r in rows.items()}, len(confidences))


@dataclass
class Fitted:
    """The model of one kind, the bar it was fitted with (None: no bar was enough), how it did when left out, and the
    number of records it was fitted on."""

    model: Model
    bar: float | None
    check: Sure
    rows: int


def calibrate(plain: Sequence[Row], left_out: Mapping[str, Sequence[Row]], level: str) -> Fitted:
    """Fit the confidence of one kind, and check it on documents that neither word lists nor model have seen: for each
    document a model of the others' records (``plain``) is put to its records as read with it left out (``left_out``, by
    level). The lowest bar whose check keeps the promise is taken; without one, nothing is called sure."""
    tested = left_out[level]
    drafts = {doc: draft([r for r in plain if r.doc != doc]) for doc in sorted({r.doc for r in tested})}
    whole = draft(plain)
    for bar in BARS:
        models = {doc: d.model(bar) for doc, d in drafts.items()}
        check = sure_of(left_out, [models[r.doc].confidence(r.marks) for r in tested])
        if check.n and check.bound(level) >= BOUND and whole.sure(bar):
            return Fitted(whole.model(bar), bar, check, len(plain))
    return Fitted(whole.model(NEVER), None, Sure(0, {}, len(tested)), len(plain))


def levels_of(kind: str) -> tuple[str, ...]:
    """The levels that are printed beside each other for the confidence of a kind: the one that counts first."""
    beside = {"figure": ("strict", "+indicator"), "task": ("strict", "base")}.get(kind, ("base",))
    return tuple(dict.fromkeys((RIGHT[kind], *beside)))
