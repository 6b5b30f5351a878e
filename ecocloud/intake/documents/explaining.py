"""Why a record reads as it does: what each rule that fired says, and what was inherited from which heading."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from ecocloud.intake.documents.lexicon import rule_words

UNKNOWN = "规则 {}"
MODE = {"report": "实绩", "plan": "目标", "problem": "现状", "notes": "定义"}
FIELD = {"period": "时间", "region": "地区", "meaning": "性质"}


@dataclass(frozen=True)
class Reason:
    """One rule that fired, in a sentence in Chinese and in English."""

    rule: str
    zh: str
    en: str


@dataclass(frozen=True)
class Inherited:
    """A value that the sentence itself does not state: ``field`` period, region or meaning, where it comes from
    (heading, title or time limit) and the span of those words in the original (None: from the words of the document
    as a whole)."""

    field: str
    value: str
    source: str
    quote: str
    start: int | None
    end: int | None

    def sentence(self) -> str:
        """One line in Chinese."""
        place = f"“{' '.join(self.quote.split())}”（{self.start}–{self.end}）" if self.start is not None else "全文"
        return f"{FIELD[self.field]} {self.value}，继承自{self.source}{place}。"


@cache
def _table() -> dict[tuple[str, str], tuple[str, str]]:
    return {(kind, rule.id): (rule.zh, rule.en) for rule in rule_words().rules for kind in rule.kinds}


def is_explained(kind: str, rule: str) -> bool:
    """Whether the registry says what ``rule`` means for records of ``kind``."""
    return (kind, rule) in _table() or (kind, _family(rule)) in _table()


def _family(rule: str) -> str:
    return rule.partition(":")[0] + ":*"


def reasons(record: dict[str, Any]) -> list[Reason]:
    """The rules of a record, explained, in the order in which they fired."""
    out = []
    for rule in record["rules"]:
        word = rule.partition(":")[2]
        found = _table().get((record["kind"], rule)) or _table().get((record["kind"], _family(rule)))
        zh, en = found or (UNKNOWN.format(rule), rule)
        out.append(Reason(rule, zh.replace("{}", word), en.replace("{}", word)))
    return out


def inherited(record: dict[str, Any], document: dict[str, Any], tasks: list[dict[str, Any]]) -> list[Inherited]:
    """What a figure or task took from its heading, from the title or from the time limit of its item.

    Parameters
    ----------
    record: a figure or task; other kinds inherit nothing.
    document: the document record of the same reading (title, region, sections with their headings).
    tasks: the tasks of the same reading.
    """
    if record["kind"] not in ("figure", "task"):
        return []
    title = document["title"]
    from_title = ("标题", title["quote"], title["start"], title["end"]) if title["quote"] else ("文件", "", None, None)
    sections = [s for s in document["sections"] if s["start"] <= record["start"] < s["end"]]
    section = min(sections, key=lambda s: s["end"] - s["start"], default=None)
    heading = section["heading"] if section else None
    from_heading = ("小标题", heading["quote"], heading["start"], heading["end"]) if heading else from_title
    out: list[Inherited] = []
    if record["kind"] == "figure":
        basis, period = record["period_basis"], record["period"]
        if period and basis.startswith("inherited"):
            source: tuple[str, str, int | None, int | None] = (
                from_heading if basis == "inherited_section" else from_title
            )
            if basis == "inherited_item":
                source = _limit_of(record, tasks) or from_title
            out.append(Inherited("period", period, *source))
        if record["region"] and "region:stated" not in record["rules"] and record["region"] == document["region"]:
            known = bool(title["quote"]) and document["region"][:2] in title["text"]
            out.append(Inherited("region", record["region"], *(from_title if known else ("", "", None, None))))
    meant = next((r.partition(":")[2] for r in record["rules"] if r.startswith("section:")), "")
    if meant and not any(r.startswith("meant:") for r in record["rules"]):
        out.append(Inherited("meaning", MODE.get(meant, meant), *from_heading))
    return out


def _limit_of(record: dict[str, Any], tasks: list[dict[str, Any]]) -> tuple[str, str, int, int] | None:
    for task in tasks:
        if task["start"] <= record["start"] < task["end"]:
            whole = [limit for limit in task["deadlines"] if not limit["applies_to"]]
            if whole:
                return "期限", whole[-1]["quote"], whole[-1]["start"], whole[-1]["end"]
    return None


def why(record: dict[str, Any], document: dict[str, Any], tasks: list[dict[str, Any]]) -> list[str]:
    """All reasons of a record as lines in Chinese, what was inherited last."""
    lines = [f"{reason.zh}（{reason.rule}）" for reason in reasons(record)]
    return lines + [item.sentence() for item in inherited(record, document, tasks)]
