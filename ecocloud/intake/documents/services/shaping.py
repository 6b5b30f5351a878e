"""The shape of records: one becomes several, two become one, the evidence is chosen anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecocloud.intake.documents import paragraphs
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.proposing import Proposer, deadline_of, title_of
from ecocloud.intake.documents.quantities import find_quantities
from ecocloud.intake.documents.review_errors import Incomplete, WrongState
from ecocloud.intake.documents.services.deciding import (
    LONGEST,
    chosen,
    decided_as,
    insert,
    locked,
    trim,
)
from ecocloud.intake.documents.services.receiving import comparable, proposer_for
from ecocloud.intake.documents.services.stack import DECIDE, step
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

# Two records this near (characters between them) become one stretch; farther ones keep the first one's words.
NEAR = 40


def _pending(record: Record, act: str) -> None:
    if record.state != Record.State.PENDING:
        raise WrongState(f"只有待确认的记录可以{act}。", f"record {record.pk} is {record.state}",
                         where={"记录": record.label}, remedy_zh="请先撤销处理。")  # fmt: skip


# -- one becomes several -----------------------------------------------------------------------------------------------


def cut_places(document: Document, record: Record) -> list[tuple[int, int]]:
    """The stretches into which a record can be split: clauses of a task, a figure's numbers with their words."""
    text, start, end = document.text, record.start, record.end
    edges = {stop for _from, stop in paragraphs.clauses(text, start, end)}
    if record.kind == Record.Kind.FIGURE:
        found = find_quantities(text, start, end)
        edges |= {one.end for one in found[:-1]}
    cuts = sorted({start, *(edge for edge in edges if start < edge < end), end})
    spans = [trim(text, a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
    return [(a, b) for a, b in spans if a < b]


def split(user: User, record: Record, at: Sequence[int], *, version: int | None = None) -> list[Record]:
    """Split a pending record behind the given offsets of the text, as one step.

    The parts of a task keep its units and the deadline that lies in them; the parts of a figure keep indicator, region
    and period and take the number that stands in them; other kinds keep their fields. Raises Incomplete without a place
    inside the record, WrongState, Stale, Forbidden.
    """
    with step(user, record.document_id, "split") as made:
        fresh = locked(record, version)
        _pending(fresh, "拆分")
        cuts = sorted({offset for offset in at if fresh.start < offset < fresh.end})
        edges = [fresh.start, *cuts, fresh.end]
        spans = [trim(fresh.document.text, a, b) for a, b in zip(edges, edges[1:], strict=False)]
        spans = [(a, b) for a, b in spans if a < b]
        if len(spans) < 2:
            raise Incomplete("没有选择拆分处。", "no place to split", where={"记录": fresh.label},
                             remedy_zh="请勾选在哪一处后断开。")  # fmt: skip
        original, proposer = dict(fresh.payload), proposer_for(fresh.document)
        base = dict(fresh.decided)
        made.touch(fresh)
        parts = [_content(fresh, original, base, a, b, proposer) for a, b in spans]
        _set(fresh, *parts[0], proposer)
        return [fresh, *(insert(made, fresh.document, fresh.kind, *part) for part in parts[1:])]


def _content(
    record: Record, original: dict[str, Any], base: dict[str, Any], start: int, end: int, proposer: Proposer
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Payload and decision of one part of a record that is split."""
    text = record.document.text[start:end]
    payload = {**original, "quote": text, "start": start, "end": end, "rules": [*original.get("rules", []), "split"]}
    if record.kind == Record.Kind.TASK:
        due = [row for row in original.get("deadlines", []) if start <= row["start"] < end]
        whole = original.get("title") and start <= original.get("title_start", -1) < end
        whole = whole and original.get("title_end", 0) <= end and start == record.start
        title = original["title"] if whole else " ".join(text.split()).strip("，、；。;,")[:300]
        payload |= {"deadlines": due, "title": title}
        payload |= {} if whole else {"title_start": start, "title_end": end}
        day, words = deadline_of(due)
        return payload, {**base, "title": title, "deadline": day, "deadline_text": words}
    if record.kind == Record.Kind.FIGURE:
        found = find_quantities(record.document.text, start, end)
        if found:
            one = found[0]
            payload |= {"value": one.value, "unit": one.unit, "value_text": one.value_text or None, "high": one.high,
                        "value_start": one.start, "value_end": one.end,
                        "value_quote": record.document.text[one.start : one.end]}  # fmt: skip
            fresh = proposer.figure(payload)
            kept = ("indicator", "name", "propose", "direction", "region", "period", "use")
            return payload, {**fresh, **{name: base[name] for name in kept if name in base}}
    return payload, dict(base)


def _set(record: Record, payload: dict[str, Any], decided: dict[str, Any], proposer: Proposer) -> None:
    """Give a record new evidence and content."""
    start, end = payload["start"], payload["end"]
    document = record.document
    place = paragraphs.place_of(document.text, document.segments, start, end)
    record.payload, record.decided = payload, decided
    record.start, record.end, record.place, record.quote = start, end, place.words[:60], document.text[start:end]
    record.title = decided["title"][:300] if decided.get("title") else title_of(record.kind, payload, decided)
    if record.kind == Record.Kind.FIGURE:
        for name, value in comparable(decided).items():
            setattr(record, name, value)


# -- two become one ----------------------------------------------------------------------------------------------------


def merge(user: User, record: Record, other: Record, *, version: int | None = None) -> Record:
    """Make two pending records of a kind one, as one step: for a sentence that was cut, or one thing told twice.

    The first in the text stays. When they overlap or nearly touch its evidence becomes the whole stretch, else it keeps
    its own and notes where the thing is told again. Units, deadlines and empty fields are filled from the other one.
    """
    with step(user, record.document_id, "merge") as made:
        one = locked(record, version)
        two = locked(other)
        if one.pk == two.pk or one.kind != two.kind or one.document_id != two.document_id:
            raise Incomplete("只能合并同一文件中同类的两条记录。", f"records {one.pk} and {two.pk} cannot be merged",
                             where={"记录": one.label}, remedy_zh="请选择另一条同类记录。")  # fmt: skip
        _pending(one, "合并")
        _pending(two, "合并")
        first, second = sorted((one, two), key=lambda r: (r.start, r.number))
        made.touch(first)
        made.touch(second)
        text = first.document.text
        start, end = first.start, max(first.end, second.end)
        near = second.start - first.end <= NEAR and end - start <= LONGEST
        payload = _joined(first, second) | {"start": start, "end": end if near else first.end}
        payload["quote"] = text[payload["start"] : payload["end"]]
        payload["rules"] = [*first.payload.get("rules", []), f"merged:{second.label}"]
        if not near:
            told = {"start": second.start, "end": second.end, "quote": second.quote}
            payload["also"] = [*first.payload.get("also", []), told]
        _set(first, payload, _filled(first, second), proposer_for(first.document))
        decided_as(second, Record.State.GONE, user, f"并入 {first.label}")
        return first


def _joined(first: Record, second: Record) -> dict[str, Any]:
    payload = dict(first.payload)
    for name in ("units", "deadlines", "targets", "aliases"):
        rows = [*first.payload.get(name, []), *second.payload.get(name, [])]
        if rows:
            payload[name] = [row for at, row in enumerate(rows) if row not in rows[:at]]
    return payload


def _filled(first: Record, second: Record) -> dict[str, Any]:
    """The first one's decision; what it lacks comes from the second."""
    made = dict(first.decided)
    if not made.get("lead") and second.decided.get("lead"):
        names = ("lead", "lead_name", "lead_text", "lead_note", "question")
        made |= {name: second.decided.get(name) for name in names}
    if "units" in made:
        known = {unit["text"] for unit in made["units"]} | {made.get("lead_text")}
        made["units"] = [*made["units"], *(u for u in second.decided.get("units", []) if u["text"] not in known)]
    for name, value in second.decided.items():
        if made.get(name) in (None, "", []) and name not in ("question", "lead_note", "propose", "candidates"):
            made[name] = value
    return made


# -- the evidence is chosen anew ---------------------------------------------------------------------------------------


def respan(user: User, record: Record, start: int, end: int, *, version: int | None = None) -> Record:
    """Let a selected stretch of the text be the evidence of a pending record; its fields stay as they are."""
    permissions.require(user, DECIDE)
    with step(user, record.document_id, "respan") as made:
        fresh = locked(record, version)
        _pending(fresh, "改原文")
        start, end = chosen(fresh.document, start, end)
        made.touch(fresh)
        payload = {**fresh.payload, "start": start, "end": end, "quote": fresh.document.text[start:end]}
        payload["rules"] = [*fresh.payload.get("rules", []), "span by hand"]
        title = fresh.title
        _set(fresh, payload, dict(fresh.decided), proposer_for(fresh.document))
        fresh.title = title
        return fresh
