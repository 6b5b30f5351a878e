"""The site's dictionary is taught: corrections propose entries, people take them into use, switch them off, exchange
them as YAML. An entry is never deleted; what it did is marked in the rules of the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecocloud.base.errors import EcoError
from ecocloud.intake.documents.dictionary import BACK, FRONT, HELP, LEAD, key_of, learned, scope_of
from ecocloud.intake.documents.models import Document, Record, Term
from ecocloud.intake.documents.proposing import title_of
from ecocloud.intake.documents.review_errors import Incomplete, WrongState
from ecocloud.intake.documents.services.receiving import comparable, note_uses, proposer_for
from ecocloud.intake.documents.services.stack import step
from ecocloud.kernel.evidence.models import Indicator
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region, User

DICTIONARY = "documents.dictionary.edit"
MOST = 5_000  # entries of one file
MOST_BYTES = 2_000_000


# -- corrections propose -----------------------------------------------------------------------------------------------


def learn(tx: Change, user: User, before: dict[str, Any], record: Record) -> None:
    """Propose what the correction of ``record`` teaches; ``before`` is its decision before. Part of that step."""
    for kind, text, meaning in learned(before, record):
        _propose(tx, user, kind, text, meaning, record)


def learn_rejection(tx: Change, user: User, record: Record) -> None:
    """Propose a name as no record when the same was rejected in another document, too."""
    if record.kind == Record.Kind.TASK or not 2 <= len(record.title) <= 60:
        return
    same = Record.objects.filter(kind=record.kind, title=record.title, state=Record.State.REJECTED)
    if same.exclude(document=record.document_id).exists():
        _propose(tx, user, Term.Kind.PHRASE, record.title, record.kind, record)


def _propose(tx: Change, user: User, kind: str, text: str, meaning: str, record: Record) -> None:
    scope = scope_of(kind, record.document.region_id)
    term, new = Term.objects.get_or_create(
        kind=kind, key=key_of(kind, text), region=scope,
        defaults={"text": text.strip()[:120], "meaning": meaning, "meaning_name": _named(kind, meaning), "by": user,
                  "document_id": record.document_id, "source": record.ref},
    )  # fmt: skip
    if new:
        tx.log("documents.term.propose", term.ref, after={"kind": kind, "text": term.text, "meaning": meaning})


def _named(kind: str, meaning: str) -> str:
    """What a meaning is called; '' for one that does not exist."""
    if kind == Term.Kind.UNIT:
        found = Department.objects.filter(pk=meaning).first() if meaning.isdigit() else None
        return found.name if found else ""
    if kind == Term.Kind.INDICATOR:
        return Indicator.objects.filter(code=meaning).values_list("zh", flat=True).first() or ""
    if kind == Term.Kind.REGION:
        return Region.objects.filter(code=meaning).values_list("name", flat=True).first() or ""
    allowed = {
        Term.Kind.ROLE: {LEAD: LEAD, HELP: HELP},
        Term.Kind.CUT: {FRONT: "从开头去掉", BACK: "从末尾去掉"},
        Term.Kind.PHRASE: {"": "任何类型", **{value: str(label) for value, label in Record.Kind.choices}},
    }
    return allowed[Term.Kind(kind)].get(meaning, "")


# -- people decide -----------------------------------------------------------------------------------------------------


def use_term(user: User, term: Term) -> Term:
    """Take an entry into use: the next reading follows it."""
    return _turn(user, term, Term.Standing.ACTIVE, "use")


def switch_off(user: User, term: Term) -> Term:
    """Switch an entry off (or refuse a proposal); what it did stays as it is."""
    return _turn(user, term, Term.Standing.OFF, "off")


def _turn(user: User, term: Term, standing: str, verb: str) -> Term:
    permissions.require(user, DICTIONARY)
    with change(user.actor()) as tx:
        row = Term.objects.select_for_update().get(pk=term.pk)
        if row.standing == standing:
            raise WrongState("词条已是这个状态。", f"term {row.pk} is {standing}", where={"词条": row.text},
                             remedy_zh="请刷新后再办。")  # fmt: skip
        before, row.standing = row.standing, standing
        row.turned_by, row.turned_at = user, timezone.now()
        row.save(update_fields=["standing", "turned_by", "turned_at"])
        tx.log(f"documents.term.{verb}", row.ref, {"standing": before}, {"standing": standing, "text": row.text})
        return row


def add_term(user: User, kind: str, text: str, meaning: str, *, region: str = "") -> Term:
    """Write an entry by hand; it is in use at once. ``meaning`` may be the name of a unit, indicator or division.

    Raises Incomplete for an unknown kind or meaning, WrongState when the wording has an entry already.
    """
    permissions.require(user, DICTIONARY)
    with change(user.actor()) as tx:
        row = _entry(kind, text, meaning, region)
        if Term.objects.filter(kind=row.kind, key=row.key, region=row.region).exists():
            raise WrongState("这个写法已有词条。", f"term {text!r} exists", where={"词条": text[:60]},
                             remedy_zh="请在列表中找到它，停用或采用。")  # fmt: skip
        row.by, row.standing = user, Term.Standing.ACTIVE
        row.save()
        tx.log("documents.term.add", row.ref, after={"kind": kind, "text": row.text, "meaning": row.meaning})
        return row


def _entry(kind: str, text: str, meaning: str, region: str) -> Term:
    """A checked, unsaved entry."""
    where = {"词条": text[:60]}
    text, meaning = " ".join(text.split()), meaning.strip()
    if kind not in Term.Kind.values:
        raise Incomplete("没有这类词条。", f"unknown kind {kind}", where=where, value=kind[:40])
    if not key_of(kind, text) or len(text) > 120:
        raise Incomplete("写法为空或太长。", "no wording", where=where, remedy_zh="应为 1 至 120 字。")
    meaning = _meant(kind, meaning)
    name = _named(kind, meaning)
    if not name:
        raise Incomplete("含义不存在。", f"unknown meaning {meaning!r}", where=where, value=meaning[:60],
                         remedy_zh="单位写全称，指标写编号，区划写代码或名称，用语写“牵头”或“配合”。")  # fmt: skip
    scope = scope_of(kind, region) if Region.objects.filter(code=region).exists() else ""
    return Term(kind=kind, text=text, key=key_of(kind, text), meaning=meaning, meaning_name=name, region=scope)


def _meant(kind: str, meaning: str) -> str:
    """The stored form of a meaning that people write as a name."""
    if kind == Term.Kind.UNIT and not meaning.isdigit():
        found = list(Department.objects.filter(name=meaning).values_list("pk", flat=True)[:2])
        return str(found[0]) if len(found) == 1 else ""
    if kind == Term.Kind.INDICATOR:
        return Indicator.objects.filter(zh=meaning).values_list("code", flat=True).first() or meaning
    if kind == Term.Kind.REGION and not meaning.isdigit():
        found = list(Region.objects.filter(name=meaning).values_list("code", flat=True)[:2])
        return found[0] if len(found) == 1 else ""
    sides = {"从开头去掉": FRONT, "从末尾去掉": BACK}
    return sides.get(meaning, meaning)


# -- what waits is read again ------------------------------------------------------------------------------------------


def apply_term(user: User, term: Term, documents: Iterable[Document]) -> tuple[int, int]:
    """Use an entry for records that wait untouched in ``documents``; returns (records changed, documents).

    One step in each document, so it can be undone there like any decision.
    """
    permissions.require(user, DICTIONARY)
    if term.standing != Term.Standing.ACTIVE:
        raise WrongState("词条未在使用。", f"term {term.pk} is {term.standing}", remedy_zh="请先采用。")
    changed = touched = 0
    for document in documents:
        number = _apply(user, term, document)
        changed, touched = changed + number, touched + bool(number)
    return changed, touched


def _apply(user: User, term: Term, document: Document) -> int:
    proposer, number = proposer_for(document), 0
    with step(user, document.pk, "dictionary", term.text) as made:
        rows = Record.objects.filter(document=document, state=Record.State.PENDING, decision=None, by_hand=False)
        for record in rows.select_for_update().order_by("pk"):
            payload, decided = proposer.read(record.kind, record.payload)
            if term.pk not in [one.pk for one in proposer.terms.fired] or decided == record.decided:
                continue
            made.touch(record)
            record.payload, record.decided = payload, decided
            record.title = title_of(record.kind, payload, decided)
            if record.kind == Record.Kind.FIGURE:
                for name, value in comparable(decided).items():
                    setattr(record, name, value)
            number += 1
        note_uses(Counter({term.pk: number}))
    return number


# -- YAML --------------------------------------------------------------------------------------------------------------


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TermFact(_Strict):
    """One entry of a file: the meaning is a name or code that means the same elsewhere."""

    kind: str
    text: str = Field(min_length=1, max_length=120)
    meaning: str = Field(max_length=200)
    region: str = ""


class TermFile(_Strict):
    """A dictionary as a file."""

    version: int
    terms: tuple[dict[str, Any], ...] = Field(max_length=MOST)


@dataclass
class Imported:
    """What became of a file: entries added, known before, and refused with their sentences."""

    added: int = 0
    known: int = 0
    refused: list[str] = field(default_factory=list)


def export_terms() -> str:
    """The entries in use as YAML; units by their full name, indicators and divisions by code."""
    rows = Term.objects.filter(standing=Term.Standing.ACTIVE).order_by("kind", "key", "region")
    terms = []
    for row in rows:
        meaning = row.meaning_name if row.kind == Term.Kind.UNIT else row.meaning
        terms.append(
            {"kind": row.kind, "text": row.text, "meaning": meaning} | ({"region": row.region} if row.region else {})
        )
    return yaml.safe_dump({"version": 1, "terms": terms}, allow_unicode=True, sort_keys=False, width=120)


def import_terms(user: User, data: bytes) -> Imported:
    """Take entries from a file into use; one that is wrong gets its sentence, the others are kept.

    Raises Incomplete for a file that is not a dictionary.
    """
    permissions.require(user, DICTIONARY)
    try:
        if len(data) > MOST_BYTES:
            raise ValueError(f"{len(data)} bytes")
        found = TermFile.model_validate(yaml.safe_load(data.decode("utf-8")))
        if found.version != 1:
            raise ValueError(f"version {found.version}")
    except (UnicodeDecodeError, yaml.YAMLError, ValidationError, ValueError, RecursionError) as error:
        raise Incomplete("文件不是词典。", f"not a dictionary: {str(error)[:200]}",
                         remedy_zh="请选择从“站点词典”导出的 YAML 文件（UTF-8，不超过 2 MB）。") from error  # fmt: skip
    made = Imported()
    for at, raw in enumerate(found.terms, 1):
        try:
            fact = TermFact.model_validate(raw)
            add_term(user, fact.kind, fact.text, fact.meaning, region=fact.region)
            made.added += 1
        except WrongState:
            made.known += 1
        except ValidationError:
            made.refused.append(f"第 {at} 条：字段不全或多余。应有 kind、text、meaning，可有 region。")
        except EcoError as error:
            made.refused.append(f"第 {at} 条：{error.sentence_zh()}")
    return made
