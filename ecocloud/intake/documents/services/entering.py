"""Accepted records become work items, targets and observations, each with the sentence it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.base.periods import Period
from ecocloud.intake.documents.models import Document, DocumentUnit, Record
from ecocloud.intake.documents.review_facts import review_facts
from ecocloud.intake.documents.services.deciding import complete
from ecocloud.kernel.duties.services import items as duty_items
from ecocloud.kernel.duties.services.standing import CREATE
from ecocloud.kernel.evidence import guards
from ecocloud.kernel.evidence import services as evidence
from ecocloud.kernel.evidence.linking import normalise
from ecocloud.kernel.evidence.models import Indicator, IndicatorAlias, Observation
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region, User

ENTER = "documents.document.enter"
TAKEN = Record.TAKEN


def waiting(document: Document) -> Any:
    """Accepted tasks and figures that are not in the ledger yet, figures first (tasks point at their targets)."""
    rows = Record.objects.filter(document=document, state__in=TAKEN, result_ref__isnull=True)
    return rows.filter(kind__in=("task", "figure"))


def enter(
    user: User, document: Document, *, chunk: int | None = None, at: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Enter what is accepted and not entered yet.

    Works in chunks of short transactions, each of which creates the ledger's rows and notes them on the records: after
    an interruption the next call enters only what is left, and a second call creates nothing. A record the ledger
    refuses keeps the refusal as ``problem``. ``at`` is for taking over what was entered earlier.

    Returns counts by ``items``, ``targets``, ``observations``, ``refused``.
    """
    permissions.require(user, ENTER)
    permissions.require(user, CREATE)
    size = chunk or review_facts().entering.chunk.value
    counts = dict.fromkeys(("items", "targets", "observations", "refused"), 0)
    total, done = waiting(document).count(), 0
    for kind in ("figure", "task"):
        after = -1
        while True:
            found = _enter_chunk(user, document, kind, after, size, counts, at)
            if found is None:
                break
            after, number = found
            done += number
            if progress:
                progress(done, total)
    _close(user, document)
    return counts


def _enter_chunk(
    user: User, document: Document, kind: str, after: int, size: int, counts: dict[str, int],
    at: datetime | None,
) -> tuple[int, int] | None:  # fmt: skip
    """One transaction; returns where it stopped and how many records it looked at, None when nothing was left."""
    with change(user.actor()) as tx:
        Document.objects.select_for_update().only("pk").get(pk=document.pk)
        rows = waiting(document).filter(kind=kind, number__gt=after).order_by("number")
        part = list(rows.select_for_update()[:size])
        if not part:
            return None
        if kind == "task":
            _tasks(tx, user, document, part, counts, at)
        else:
            for record in part:
                _figure(tx, user, document, record, counts)
        return part[-1].number, len(part)


def _close(user: User, document: Document) -> None:
    with change(user.actor()) as tx:
        row = Document.objects.select_for_update().get(pk=document.pk)
        left = Record.objects.filter(document=row, state=Record.State.PENDING).exists() or waiting(row).exists()
        if not left and row.status == Document.Status.REVIEW:
            row.status, row.entered_at = Document.Status.ENTERED, timezone.now()
            row.version += 1
            row.save(update_fields=["status", "entered_at", "version"])
            tx.log("documents.document.enter", row.ref, {"status": "in_review"}, {"status": row.status})


def _done(tx: Change, record: Record, ref: str) -> None:
    record.result_ref, record.problem = ref, ""
    record.version += 1
    record.save(update_fields=["result_ref", "problem", "version"])
    tx.log("documents.record.enter", record.ref, None, {"result": ref})


def _refused(tx: Change, record: Record, error: EcoError, counts: dict[str, int]) -> None:
    counts["refused"] += 1
    problem = error.sentence_zh()[:400]
    if record.problem != problem:
        record.problem = problem
        record.save(update_fields=["problem"])
        tx.log("documents.record.refused", record.ref, None, {"code": error.code, "problem": problem})


# -- tasks -----------------------------------------------------------------------------------------------------------


def _tasks(
    tx: Change, user: User, document: Document, part: list[Record], counts: dict[str, int], at: datetime | None
) -> None:
    ready, drafts = [], []
    units = _departments(part)
    targets = _targets_of(document, part)
    for record in part:
        try:
            complete(record)
            drafts.append(_draft(document, record, units, targets, at))
            ready.append(record)
        except EcoError as error:
            _refused(tx, record, error, counts)
    for record, item in zip(ready, duty_items.make_many(tx, user, drafts, at) if drafts else [], strict=True):
        _done(tx, record, item.ref)
        counts["items"] += 1
    _admit(document, drafts)


def _departments(part: Iterable[Record]) -> dict[int, Department]:
    keys: set[int] = set()
    for record in part:
        keys.update(pk for unit in record.decided.get("units", []) for pk in unit["ids"])
        if record.decided.get("lead"):
            keys.add(record.decided["lead"])
    return {unit.pk: unit for unit in Department.objects.filter(pk__in=keys).select_related("region")}


def _targets_of(document: Document, part: Iterable[Record]) -> dict[str, str]:
    """Targets that were entered from this document, by the key of their record."""
    keys = {key for record in part for key in record.payload.get("targets", [])}
    rows = Record.objects.filter(document=document, key__in=keys, result_ref__startswith="target:")
    return dict(rows.values_list("key", "result_ref"))


def _draft(
    document: Document, record: Record, units: dict[int, Department], targets: dict[str, str], at: datetime | None
) -> duty_items.Draft:
    made = record.decided
    lead = units.get(made["lead"])
    if lead is None:
        raise EcoError("牵头单位已不存在。", f"department {made['lead']} is gone", where={"记录": record.label})
    day = date.fromisoformat(made["deadline"]) if made.get("deadline") else None
    return duty_items.Draft(
        title=made["title"], lead=lead, kind=made["kind"], year=made.get("year") or (day.year if day else None),
        region=document.region, body=record.quote, deadline=day, deadline_text=made.get("deadline_text", "")[:120],
        cycle=made["cycle"], units=[_unit(unit, units) for unit in made.get("units", [])],
        targets=[targets[key] for key in record.payload.get("targets", []) if key in targets],
        source_ref=record.ref, source_title=document.title, source_place=record.place,
        started_on=timezone.localdate(at) if at else None,
    )  # fmt: skip


def _unit(unit: dict[str, Any], units: dict[int, Department]) -> Department | duty_items.Group | str:
    found = [units[pk] for pk in unit["ids"] if pk in units]
    if unit["status"] == "group":
        return duty_items.Group(unit["text"], tuple(found))
    return found[0] if found else unit["text"]


def _admit(document: Document, drafts: Iterable[duty_items.Draft]) -> None:
    """The units with a duty from this document may open it."""
    keys: set[int] = set()
    for draft in drafts:
        keys.add(draft.lead.pk)
        for unit in draft.units:
            members = unit.departments if isinstance(unit, duty_items.Group) else [unit]
            keys.update(one.pk for one in members if isinstance(one, Department))
    rows = [DocumentUnit(document=document, department_id=pk) for pk in sorted(keys)]
    DocumentUnit.objects.bulk_create(rows, ignore_conflicts=True)


# -- figures ---------------------------------------------------------------------------------------------------------


def _figure(tx: Change, user: User, document: Document, record: Record, counts: dict[str, int]) -> None:
    made = record.decided
    if made.get("use") == "none":
        _done(tx, record, str(Ref("doc", str(document.pk), f"{record.start}-{record.end}")))
        return
    try:
        complete(record)
        with change(user.actor()):
            indicator = _indicator(user, record)
            region = Region.objects.get(code=made["region"] or document.region_id)
            if made["use"] == "target":
                ref = _target(user, record, indicator, region)
                counts["targets"] += 1
            else:
                ref = _observation(user, record, indicator, region)
                counts["observations"] += 1
    except EcoError as error:
        _refused(tx, record, error, counts)
        return
    _done(tx, record, ref)


def _indicator(user: User, record: Record) -> Indicator:
    """The chosen indicator, or the proposed one; a name proposed before is used again."""
    made = record.decided
    if made.get("indicator"):
        return Indicator.objects.get(code=made["indicator"])
    key = normalise(made["name"])
    alias = IndicatorAlias.objects.select_related("indicator").filter(key=key).first()
    if alias is not None:
        return alias.indicator
    for row in Indicator.objects.filter(own=True):
        if normalise(row.zh) == key:
            return row
    return evidence.propose_indicator(
        user, made["name"], made.get("unit", ""), source=record.ref, direction=made.get("direction", "none"),
        definition=record.quote[:400],
    )  # fmt: skip


def _target(user: User, record: Record, indicator: Indicator, region: Region) -> str:
    made = record.decided
    operator, value, unit = made["operator"], made["value"], made.get("unit", "")
    if operator == "change" and unit not in ("%", "个百分点", "百分点", "个千分点", indicator.unit):
        unit = unit or indicator.unit
    row = evidence.set_target(
        user, indicator, region, made["period"], operator, value, document=record.ref, unit=unit,
        value2=made.get("high") if operator == "range" else None,
    )  # fmt: skip
    return f"target:{row.pk}"


def _observation(user: User, record: Record, indicator: Indicator, region: Region) -> str:
    made = record.decided
    span = Period.parse(made["period"])
    same = Observation.objects.filter(
        indicator=indicator, region=region, period=span.edtf, qualifier=made["qualifier"],
        status__in=Observation.STANDING,
    ).first()  # fmt: skip
    if same is not None and _same_value(same, made, indicator):
        return f"obs:{same.pk}"
    row = evidence.record_observation(
        user, indicator, region, made["period"], made["value"] or None, source=record.ref, unit=made.get("unit", ""),
        value_text=made.get("value_text", "") if not made["value"] else "", qualifier=made["qualifier"], confirmed=True,
    )  # fmt: skip
    return f"obs:{row.pk}"


def _same_value(row: Observation, made: dict[str, Any], indicator: Indicator) -> bool:
    amount = guards.number(made["value"], "数值")
    if amount is None or row.value is None:
        return bool(made.get("value_text")) and row.value_text == made["value_text"]
    if made["qualifier"] == "actual":
        amount = guards.in_unit(amount, made.get("unit", ""), indicator)[0]
    return amount == row.value
