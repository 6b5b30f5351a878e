"""A document as the checks and tables read it, made from its records: what a person decided over what was read.

Reads the database, writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ecocloud.intake.documents.breakdown import TargetRow, TaskRow, bound_of, direction_words, figure_words
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.stated import Amount, Known, Stated, amount_of, plain_value
from ecocloud.kernel.evidence import linking
from ecocloud.kernel.evidence.models import Indicator

UNKNOWN = "名录中没有相近的单位"
_OPERATORS = {">=": "不低于", "<=": "不高于", "=": "达到", "range": "区间"}


def records_of(document: Document, *, taken: bool = False) -> list[Record]:
    """The records of a document that a person did not turn down (only accepted ones with ``taken``), in text order."""
    rows = Record.objects.filter(document=document, kind__in=("task", "figure"))
    rows = rows.filter(state__in=Record.TAKEN) if taken else rows.exclude(state="rejected")
    return list(rows.order_by("start", "number"))


def indicators(records: Iterable[Record]) -> dict[str, Indicator]:
    """The indicators the figures are decided to mean, by code."""
    codes = {r.decided.get("indicator") for r in records if r.kind == "figure"} - {"", None}
    return {row.code: row for row in Indicator.objects.filter(code__in=codes)}


def stated_of(document: Document, records: list[Record], known: Mapping[str, Indicator]) -> Stated:
    """The document with its records; amounts carry the code, region and period of the decision."""
    amounts = [amount for r in records if r.kind == "figure" and (amount := _amount(r, known)) is not None]
    facts = {"title": document.title, "published": document.published, "plan_year": document.plan_year,
             "report_year": document.report_year}  # fmt: skip
    tasks = [_task(r) for r in records if r.kind == "task"]
    return Stated(facts, sorted(amounts, key=lambda one: (one.start, one.end)), tasks, document.text, document.title)


def _task(record: Record) -> dict[str, Any]:
    made = record.decided
    title = made.get("title") or record.title
    return {**record.payload, "id": str(record.pk), "title": title, "quote": record.quote, "start": record.start,
            "end": record.end, "record": record.pk}  # fmt: skip


def _amount(record: Record, known: Mapping[str, Indicator]) -> Amount | None:
    made, said = record.decided, dict(record.payload)
    tags = set(said.get("qualifier") or ())
    tags = tags | {"target"} if made.get("use") == "target" else tags - {"target"}
    said |= {"id": said.get("id") or str(record.pk), "start": record.start, "end": record.end, "quote": record.quote,
             "qualifier": sorted(tags)}  # fmt: skip
    if record.state == Record.State.EDITED or record.by_hand:
        value = str(made.get("value") or "")
        said |= {"value": value.removeprefix("-") or None, "unit": made.get("unit"),
                 "high": made.get("high") or None}  # fmt: skip
    amount = amount_of(said)
    if amount is None:
        return None
    row = known.get(made.get("indicator") or "")
    if row is None:
        return replace(amount, region=made.get("region") or amount.region, period=made.get("period") or amount.period)
    return replace(
        amount, code=row.code, good=row.direction, yearly=row.aggregation == "sum",
        region=made.get("region") or amount.region, period=made.get("period") or amount.period,
    )  # fmt: skip


def catalogue_of(known: Mapping[str, Indicator], records: Iterable[Record]) -> Any:
    """What the catalogue knows of the names in this document; only names that are an indicator's own."""
    by_name: dict[str, Indicator] = {}
    for record in records:
        row = known.get(record.decided.get("indicator") or "") if record.kind == "figure" else None
        name = linking.normalise(str(record.payload.get("indicator") or ""))
        if row is not None and name == linking.normalise(row.zh):
            by_name[name] = row

    def know(name: str, unit: str, context: str) -> Known | None:
        row = by_name.get(linking.normalise(name))
        return Known(row.code, row.direction, row.unit, True, row.aggregation == "sum") if row else None

    return know


def unknown_units(records: Iterable[Record]) -> dict[str, str]:
    """Wordings of responsible units that the directory did not place and no person replaced, with the reason."""
    found: dict[str, str] = {}
    for record in records:
        if record.kind != "task":
            continue
        for unit in record.decided.get("units") or ():
            if unit.get("status") in ("unknown", "ambiguous"):
                found[unit["text"]] = unit.get("reason") or UNKNOWN
        lead = record.decided.get("lead_text")
        if lead and not record.decided.get("lead"):
            why = re.search(r"（(.+)）", record.decided.get("lead_note") or "")
            found.setdefault(lead, why.group(1) if why else UNKNOWN)
    return found


# -- rows of the tables ------------------------------------------------------------------------------------------------


def table_rows(document: Document, *, everything: bool = False) -> dict[str, list[Any]]:
    """Rows of 任务分解表 ("tasks") and 目标指标表 ("targets"): accepted records, or with ``everything`` all of them."""
    rows = Record.objects.filter(document=document, kind__in=("task", "figure"))
    rows = rows if everything else rows.filter(state__in=Record.TAKEN)
    records = list(rows.order_by("start", "number"))
    known = indicators(records)
    targets = [r for r in records if r.kind == "figure" and r.decided.get("use") == "target"]
    tasks = [r for r in records if r.kind == "task"]
    return {"tasks": [_task_row(n, r, targets) for n, r in enumerate(tasks, 1)],
            "targets": [_target_row(n, r, known) for n, r in enumerate(targets, 1)]}  # fmt: skip


def _task_row(number: int, record: Record, targets: list[Record]) -> TaskRow:
    made, said = record.decided, record.payload
    inside = [t for t in targets if record.start <= t.start and t.end <= record.end]
    helpers = "、".join(unit["name"] for unit in made.get("units") or ())
    return TaskRow(
        number, str(said.get("path") or record.label), " / ".join((said.get("heading_titles") or [])[:-1]),
        made.get("title") or record.title, made.get("lead_name") or made.get("lead_text") or "", helpers,
        made.get("deadline") or "", made.get("deadline_text") or "",
        "；".join(figure_words(t.payload) if t.payload.get("value") is not None else t.title for t in inside),
        record.quote, record.place, record.ref, str(record.get_state_display()), record.start, record.end,
    )  # fmt: skip


def _target_row(number: int, record: Record, known: Mapping[str, Indicator]) -> TargetRow:
    made, said = record.decided, record.payload
    row = known.get(made.get("indicator") or "")
    operator = made.get("operator") or "="
    bound = bound_of(("change",), said.get("direction")) if operator == "change" else _OPERATORS.get(operator, "达到")
    value = plain_value(made.get("value")) or made.get("value_text") or ""
    if operator == "change":
        value = value.removeprefix("-")
    if operator == "range" and made.get("high"):
        value = f"{value}—{plain_value(made['high'])}"
    direction = row.direction if row else made.get("direction") or "none"
    name, code = (row.zh, row.code) if row else (made.get("name") or "", "")
    return TargetRow(
        number, name, code, bound, value, made.get("unit") or "",
        direction_words(direction), made.get("period") or "", made.get("region") or "", record.quote, record.place,
        record.ref, str(record.get_state_display()), record.start, record.end,
    )  # fmt: skip
