"""Editions of a document: a new one follows an old one, or the file is read anew; what is the same stays decided."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ecocloud.base.files.services import open_stored
from ecocloud.intake.documents import editions
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.review_errors import WrongState
from ecocloud.intake.documents.services.deciding import decided_as, insert
from ecocloud.intake.documents.services.receiving import comparable, read_rows
from ecocloud.intake.documents.services.stack import DECIDE, Step, step
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

READ = (Document.Status.REVIEW, Document.Status.ENTERED)
# What a person chose and the words of the new edition do not touch.
_KEPT = {
    "task": ("lead_text", ("lead", "lead_name", "lead_note", "question", "cycle", "kind")),
    "figure": ("words", ("indicator", "name", "propose", "direction", "use", "region")),
}


def _items(records: list[Record]) -> list[editions.Item]:
    return [editions.item(row.pk, row.kind, row.payload) for row in records]


def _earlier(row: Record) -> dict[str, Any]:
    """The other text, as the page shows it beside the present one."""
    return {"record": row.pk, "document": row.document_id, "label": row.label, "title": row.title, "quote": row.quote,
            "state": row.state, "opinion": row.opinion, "facts": editions.facts(row.payload)}  # fmt: skip


def follow(user: User, document: Document, previous: Document) -> dict[str, int]:
    """Make ``document`` the new edition of ``previous``, as one step of ``user``.

    Records that are the same take over the decision and, where it entered the ledger, its place there, so that
    nothing enters twice. Changed ones wait with both texts and with what was chosen before; new ones wait; what is gone
    is found at the old edition. Only records nobody touched yet take anything over. Returns counts by same, changed,
    new, gone, carried.

    Raises WrongState when one of the two is not read yet, is the other, or has an edition before it already.
    """
    permissions.require(user, DECIDE)
    with step(user, document.pk, "follow", previous.title) as made:
        row = Document.objects.select_for_update().get(pk=document.pk)
        _may_follow(row, previous)
        row.previous = previous
        row.version += 1
        row.save(update_fields=["previous", "version"])
        made.tx.log("documents.document.follow", row.ref, after={"previous": previous.ref})
        old = list(Record.objects.filter(document=previous).order_by("start", "number"))
        new = list(Record.objects.filter(document=row, by_hand=False).order_by("start", "number"))
        found = editions.match(_items([r for r in old if not r.by_hand]), _items(new))
        old_by, new_by = {r.pk: r for r in old}, {r.pk: r for r in new}
        counts: Counter[str] = Counter(same=0, changed=0, new=0, gone=0, carried=0)
        for was, now in found.same:
            counts["carried"] += _take_over(made, user, old_by[was], new_by[now])
        for was, now in found.changed:
            _note_change(made, old_by[was], new_by[now])
        for key in found.new:
            _mark(made, new_by[key], "new")
        gone = len(found.gone)
        for hand in (r for r in old if r.by_hand):
            if not _again(made, user, row, hand):
                gone += 1
        counts.update(same=len(found.same), changed=len(found.changed), new=len(found.new), gone=gone)
        document.previous = previous
        return dict(counts)


def _may_follow(document: Document, previous: Document) -> None:
    wrong = ""
    if document.pk == previous.pk:
        wrong = "一份文件不能是自己的新版本。"
    elif document.status not in READ or previous.status not in READ:
        wrong = "两份文件都读取完成后才能比对版本。"
    elif document.previous_id is not None:
        wrong = "这份文件已有上一版。"
    else:
        seen, at = {document.pk}, previous
        while at is not None and at.pk not in seen:
            seen.add(at.pk)
            at = at.previous
        wrong = "这份文件是所选文件的上一版。" if at is not None else ""
    if wrong:
        raise WrongState(wrong, f"document {document.pk} cannot follow {previous.pk}", where={"文件": document.title},
                         remedy_zh="请选择另一份文件。")  # fmt: skip


def _untouched(record: Record) -> bool:
    return record.state == Record.State.PENDING and record.decision_id is None


def _mark(made: Step, record: Record, how: str) -> Record:
    made.touch(record, action="compare")
    record.change = how
    return record


def _take_over(made: Step, user: User, was: Record, now: Record) -> int:
    free = _untouched(now)
    _mark(made, now, "same")
    now.former_id, now.earlier = was.pk, _earlier(was)
    if not free or was.state == Record.State.PENDING:
        return 0
    now.decided, now.title = was.decided, was.title
    decided_as(now, was.state, user, was.opinion)
    now.result_ref = was.result_ref
    if now.kind == Record.Kind.FIGURE:
        for name, value in comparable(now.decided).items():
            setattr(now, name, value)
    return 1


def _note_change(made: Step, was: Record, now: Record) -> None:
    free = _untouched(now)
    _mark(made, now, "changed")
    now.former_id, now.earlier = was.pk, _earlier(was)
    if free and was.is_taken and now.kind in _KEPT:
        same, names = _KEPT[now.kind]
        if was.decided.get(same) == now.decided.get(same):
            now.decided = {**now.decided, **{name: was.decided[name] for name in names if name in was.decided}}


def _again(made: Step, user: User, document: Document, hand: Record) -> bool:
    """Add a record that was added by hand again, where its words stand once in the new text."""
    if document.text.count(hand.quote) != 1 or hand.state == Record.State.PENDING:
        return False
    start = document.text.index(hand.quote)
    payload = {**hand.payload, "start": start, "end": start + len(hand.quote), "rules": ["by hand", "edition"]}
    row = insert(made, document, hand.kind, payload, hand.decided, action="compare")
    row.former_id, row.earlier, row.change = hand.pk, _earlier(hand), "same"
    row.title = hand.title
    decided_as(row, hand.state, user, hand.opinion)
    row.result_ref = hand.result_ref
    return True


# -- the same file, read anew ------------------------------------------------------------------------------------------


def reread(user: User, document: Document) -> dict[str, int]:
    """Read the file again, with what the engine and the dictionary know now, as one step of ``user``.

    Records nobody touched take the new reading; decided ones stay and are marked where the reading differs. Returns
    counts by same, changed, new, gone. Raises WrongState when the text itself would be another one (its places would no
    longer fit), DocumentError when the file cannot be read. Parses outside the transaction.
    """
    permissions.require(user, DECIDE)
    if document.status not in READ:
        raise WrongState("文件尚未读完。", f"document {document.pk} is {document.status}", remedy_zh="请稍后再试。")
    with open_stored(document.file) as stream:
        reading = read_document(stream.read(), document.file.name)
    if reading.source.original != document.text:
        raise WrongState("现在读出的原文与留存的不同，出处会错位。", f"text of document {document.pk} differs",
                         where={"文件": document.title}, remedy_zh="请作为新版本导入，再与本文件比对。")  # fmt: skip
    rows = read_rows(document, reading)
    with step(user, document.pk, "reread", document.title) as made:
        Document.objects.select_for_update().only("pk").get(pk=document.pk)
        old = list(Record.objects.filter(document=document, by_hand=False).order_by("start", "number"))
        fresh = dict(enumerate(rows))
        items = [editions.item(at, row.kind, row.payload) for at, row in fresh.items()]
        found = editions.match(_items(old), items)
        by_key = {row.pk: row for row in old}
        for was, now in found.same:
            _refresh(made, by_key[was], fresh[now], "")
        for was, now in found.changed:
            _refresh(made, by_key[was], fresh[now], "changed")
        for key in found.gone:
            row = by_key[key]
            free = _untouched(row)
            _mark(made, row, "gone")
            if free:
                decided_as(row, Record.State.GONE, user, "重新读取后不再读出")
        for at in found.new:
            one = fresh[at]
            insert(made, document, one.kind, one.payload, one.decided, confidence=one.confidence).change = "new"
        return {"same": len(found.same), "changed": len(found.changed), "new": len(found.new), "gone": len(found.gone)}


def _refresh(made: Step, row: Record, now: Record, change: str) -> None:
    if not change and (row.payload == now.payload or not _untouched(row)):
        return
    free, before = _untouched(row), _earlier(row)
    _mark(made, row, change or row.change)
    if not free:
        row.earlier = {**_earlier(now), "record": None, "document": row.document_id, "label": row.label, "reads": True}
        return
    for name in ("start", "end", "place", "quote", "title", "payload", "decided", "confidence", "indicator", "region",
                 "period", "value"):  # fmt: skip
        setattr(row, name, getattr(now, name))
    if change:
        row.earlier = before
