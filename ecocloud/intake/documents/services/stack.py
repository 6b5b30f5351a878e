"""The stack of decisions: every step of a person is kept with what it changed, and can be undone and redone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from ecocloud.intake.documents.models import Decision, DecisionRow, Document, Record
from ecocloud.intake.documents.review_errors import Stale, WrongState
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

DECIDE = "documents.record.decide"
FIELDS = (
    "state", "start", "end", "label", "place", "quote", "title", "payload", "decided", "opinion", "problem",
    "decided_by_id", "decided_at", "indicator", "region", "period", "value", "confidence", "result_ref", "change",
    "former_id", "earlier",
)  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _typed(name: str, value: Any) -> Any:
    if value is not None and name == "decided_at":
        return datetime.fromisoformat(value)
    return Decimal(value) if value is not None and name in ("value", "confidence") else value


def _snapshot(record: Record) -> dict[str, Any]:
    made = {name: _plain(getattr(record, name)) for name in FIELDS}
    # Payload and decision are replaced, never changed in place; the copy makes sure of it.
    return json.loads(json.dumps(made))


class Step:
    """A decision in the making: name the records before changing them, :func:`step` writes the rest."""

    def __init__(self, tx: Change, user: User, document: int, action: str) -> None:
        self.tx, self.user, self.document, self.action = tx, user, document, action
        self.decision: Decision | None = None
        self._touched: list[tuple[Record, dict[str, Any], str, str]] = []

    def touch(self, record: Record, *, action: str = "", opinion: str = "") -> Record:
        """Note a record as it is; what is set on it afterwards is stored when the step closes."""
        self._touched.append((record, _snapshot(record), action or self.action, opinion))
        return record

    def created(self, record: Record, *, action: str = "") -> Record:
        """Note a record that did not stand before: undoing the step makes it go."""
        before = _snapshot(record) | {"state": Record.State.GONE, "decided_by_id": self.user.pk,
                                      "decided_at": timezone.now().isoformat()}  # fmt: skip
        self._touched.append((record, before, action or self.action, ""))
        return record

    def close(self, title: str = "") -> Decision | None:
        """Store the records, the decision and its rows, and the journal's entries; nothing when none was touched."""
        if not self._touched:
            return None
        own = Decision.objects.filter(document_id=self.document, by=self.user)
        own.filter(standing=Decision.Standing.UNDONE).update(standing=Decision.Standing.DROPPED)
        title = (title or self._touched[0][0].title)[:120]
        self.decision = Decision.objects.create(
            document_id=self.document, by=self.user, action=self.action, title=title, count=len(self._touched)
        )
        rows, changed = [], []
        for record, before, action, opinion in self._touched:
            now = _snapshot(record)
            names = [name for name in FIELDS if before[name] != now[name]]
            row = DecisionRow(
                decision=self.decision, record=record, prior_id=record.decision_id,
                before={name: before[name] for name in names}, after={name: now[name] for name in names},
            )  # fmt: skip
            rows.append(row)
            changed.append((record, row.after))
            record.decision_id = self.decision.pk
            _log(self.tx, action, record, before, now, opinion)
        DecisionRow.objects.bulk_create(rows, batch_size=200)
        _store(changed)
        for record, _before, _action, _opinion in self._touched:
            record.version += 1
        _settle(self.document)
        return self.decision


def _log(tx: Change, action: str, record: Record, before: dict, after: dict, opinion: str = "") -> None:
    names = ["state", *(name for name in ("decided", "start", "end") if before[name] != after[name])]
    told = {name: after[name] for name in names} | {"title": record.title}
    tx.log(f"documents.record.{action}", record.ref, {name: before[name] for name in names}, told, note=opinion)


def _store(changed: Iterable[tuple[Record, dict[str, Any]]]) -> None:
    """Write changed fields; records with the same change go together (a bulk decision is a few statements)."""
    groups: dict[str, list[Record]] = defaultdict(list)
    values: dict[str, dict[str, Any]] = {}
    for record, fields in changed:
        key = json.dumps([fields, record.decision_id], sort_keys=True)
        groups[key].append(record)
        values[key] = {name: _typed(name, value) for name, value in fields.items()}
    for key, records in groups.items():
        for first in range(0, len(records), 500):
            part = [record.pk for record in records[first : first + 500]]
            Record.every.filter(pk__in=part).update(
                **values[key], decision_id=records[0].decision_id, version=F("version") + 1
            )


def _settle(document: int) -> None:
    """A document with something to confirm is in review; one whose last open record went away is entered again."""
    row = Document.objects.only("status", "entered_at").get(pk=document)
    if row.status not in (Document.Status.REVIEW, Document.Status.ENTERED):
        return
    records = Record.objects.filter(document_id=document)
    open_ = records.filter(state=Record.State.PENDING).exists()
    if row.status == Document.Status.ENTERED and open_:
        Document.objects.filter(pk=document).update(status=Document.Status.REVIEW)
    elif row.status == Document.Status.REVIEW and row.entered_at and not open_:
        waits = records.filter(state__in=Record.TAKEN, result_ref__isnull=True, kind__in=("task", "figure"))
        if not waits.exists():
            Document.objects.filter(pk=document).update(status=Document.Status.ENTERED)


@contextmanager
def step(user: User, document: int, action: str, title: str = "") -> Iterator[Step]:
    """One decision of ``user`` in the document with the key ``document``: right, transaction, stack, journal."""
    permissions.require(user, DECIDE)
    with change(user.actor()) as tx:
        made = Step(tx, user, document, action)
        yield made
        made.close(title)


# -- undo and redo -----------------------------------------------------------------------------------------------------


def undo(user: User, document: Document, decision: int | None = None) -> Decision:
    """Undo one's own last step in a document, or the step ``decision``; all its records go back to what they were.

    Raises WrongState when there is none or a record of it has entered the ledger, Stale when somebody (or a later step)
    decided since: then nothing is changed.
    """
    return _turn(user, document, decision, back=True)


def redo(user: User, document: Document, decision: int | None = None) -> Decision:
    """Do again what one undid last (or the step ``decision``); possible until one's next decision in the document."""
    return _turn(user, document, decision, back=False)


def _turn(user: User, document: Document, key: int | None, *, back: bool) -> Decision:
    permissions.require(user, DECIDE)
    with change(user.actor()) as tx:
        Document.objects.select_for_update().only("pk").get(pk=document.pk)
        found = _wanted(user, document, key, back)
        rows = list(DecisionRow.objects.filter(decision=found).order_by("record_id"))
        keys = [row.record_id for row in rows]
        locked: dict[int, Record] = {}
        for first in range(0, len(keys), 500):
            part = Record.every.select_for_update().filter(pk__in=keys[first : first + 500]).order_by("pk")
            locked |= {record.pk: record for record in part}
        changed = []
        for row in rows:
            record = locked[row.record_id]
            _may_turn(record, row, found.pk if back else row.prior_id)
            before = _snapshot(record)
            fields = row.before if back else row.after
            for name, value in fields.items():
                setattr(record, name, _typed(name, value))
            record.decision_id = row.prior_id if back else found.pk
            changed.append((record, fields))
            _log(tx, "undo" if back else "redo", record, before, _snapshot(record))
        _store(changed)
        found.standing = Decision.Standing.UNDONE if back else Decision.Standing.DONE
        found.turned_at = timezone.now()
        found.save(update_fields=["standing", "turned_at"])
        _settle(document.pk)
        return found


def _wanted(user: User, document: Document, key: int | None, back: bool) -> Decision:
    standing = Decision.Standing.DONE if back else Decision.Standing.UNDONE
    own = Decision.objects.filter(document=document, by=user, standing=standing)
    if key is not None:
        own = own.filter(pk=key)
    found = own.order_by("-pk").first() if back else own.order_by("-turned_at", "pk").first()
    if found is None:
        words = "没有可以撤销的处理。" if back else "没有可以重做的处理。"
        raise WrongState(words, "nothing to undo or redo", where={"文件": document.title},
                         remedy_zh="只能撤销或重做自己的处理。")  # fmt: skip
    return found


def _may_turn(record: Record, row: DecisionRow, standing_on: int | None) -> None:
    where = {"记录": record.label}
    # A step that only compared, or took a place in the ledger over from an earlier edition, can be turned all the same.
    compared = set(row.after) <= {"change", "earlier", "former_id"}
    if record.result_ref is not None and not compared and row.after.get("result_ref") != record.result_ref:
        raise WrongState("这条记录已入台账，不能撤销。", f"record {record.pk} is entered", where=where,
                         remedy_zh="请在任务或指标页面变更；更早的处理可在“我的处理”中逐条撤销。")  # fmt: skip
    if record.decision_id == standing_on:
        return
    since = Decision.objects.select_related("by").filter(pk=record.decision_id).first()
    who = since.by.name if since else ""
    raise Stale(f"这条记录之后又有处理（{who or '他人'}），不能撤销或重做。",
                f"record {record.pk} stands on decision {record.decision_id}, not {standing_on}", where=where,
                remedy_zh="请先撤销之后的处理，或直接重新处理这条记录。")  # fmt: skip
