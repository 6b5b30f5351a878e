"""Questions about the consistency of one document, each with its places, its arithmetic and words for a person. Pure.

``check(stated)`` gives findings: what does not agree becomes a question; what was checked and agrees is kept too, so
that a person sees what the machine looked at. Nothing is ever corrected here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from ecocloud.intake.documents import wording
from ecocloud.intake.documents.findings_facts import QuestionKind, consistency_facts
from ecocloud.intake.documents.lexicon import any_of
from ecocloud.intake.documents.ratios import find_ratios
from ecocloud.intake.documents.stated import Amount, Catalogue, Finding, Span, Stated, measure, plain
from ecocloud.intake.documents.sums import find_sums
from ecocloud.kernel.evidence import linking

_YEAR = re.compile(r"\d{4}")
_SENSE = {"up": "正向指标，越高越好", "down": "逆向指标，越低越好"}
_UP_DOWN = ("up", "down")


@dataclass(frozen=True)
class LastYear:
    """A value of the year before that is known from elsewhere: ``where`` names its source, ``ref`` is its reference."""

    value: Decimal
    unit: str
    where: str
    ref: str = ""


@dataclass(frozen=True)
class OtherTarget:
    """A target of another document: its value and unit as printed, the place there."""

    title: str
    value: Decimal
    unit: str
    span: Span


TargetKey = tuple[str, str, str]


def check(
    stated: Stated,
    *,
    last_year: Mapping[tuple[str, str], LastYear] | None = None,
    unknown_units: Mapping[str, str] | None = None,
    catalogue: Catalogue | None = None,
) -> list[Finding]:
    """All findings of one document, in the order of the text.

    Parameters
    ----------
    last_year: last year's actual values by (indicator code or name, region); those of the document itself come first.
    unknown_units: wordings of responsible units that the directory cannot place, with the reason.
    catalogue: tells which indicator a name means and its unit; amounts carry their code already.
    """
    found = [
        *find_sums(stated), *find_ratios(stated), *two_values(stated), *below_last(stated, last_year or {}),
        *early_deadlines(stated), *units_of_measure(stated, catalogue), *bodies(stated, unknown_units or {}),
        *ranks(stated), *duplicates(stated),
    ]  # fmt: skip
    unique = {finding.key: finding for finding in found}
    return sorted(unique.values(), key=lambda one: (one.spans[0].start, one.key))


def questions(findings: Iterable[Finding]) -> list[Finding]:
    """Those that do not hold, contradictions first."""
    facts = consistency_facts()
    order = {name: kind.order for name, kind in facts.severities.items()}
    return sorted((f for f in findings if not f.holds), key=lambda f: (order[kind_of(f).severity], f.spans[0].start))


def kind_of(finding: Finding) -> QuestionKind:
    """The kind of a finding: severity, labels, sentence."""
    return consistency_facts().kinds[finding.kind]


def words(kind: str, facts: Mapping[str, str], *, english: bool = False) -> str:
    """The sentence of a question."""
    known = consistency_facts().kinds[kind]
    return (known.words_en if english else known.words_zh).format_map(defaultdict(str, facts))


# -- values ------------------------------------------------------------------------------------------------------------


@cache
def _plain_name() -> re.Pattern[str]:
    return re.compile(f"(?:{any_of(consistency_facts().plain_names)}|数)*")


def telling(amount: Amount) -> bool:
    """Whether a name tells one thing: known to the catalogue, or long enough and made of more than general words."""
    if amount.code:
        return True
    name = linking.normalise(amount.name)
    return len(name) >= consistency_facts().least_name and _plain_name().fullmatch(name) is None


def identity(amount: Amount) -> str:
    """The code of the catalogue, else the name without punctuation and 全市."""
    return amount.code or linking.normalise(amount.name)


def two_values(stated: Stated) -> Iterator[Finding]:
    """The same indicator, region, period and meaning with two values that no rounding explains."""
    rows: dict[tuple, list[Amount]] = defaultdict(list)
    for one in stated.amounts:
        past = one.comparison.get("kind") == "previous_value"
        if not one.is_level or past or not one.exact or not one.period or "count_of" in one.tags:
            continue
        if one.named and telling(one) and _YEAR.match(one.period):
            key = (identity(one), one.name if one.code else "", one.region, one.period, one.is_target, one.dimension)
            rows[key].append(one)
    for same in rows.values():
        first = same[0]
        for other in same[1:]:
            if stated.sentence(other.start) == stated.sentence(first.start):
                continue  # 甲、乙两处的同名数据 in one sentence belong to different things
            if other.low > first.high or other.high < first.low:
                facts = {"name": first.name, "printed": first.printed, "found": other.printed}
                spans = (first.span("前文"), other.span("后文"))
                yield Finding("two_values", spans, f"{first.printed} ≠ {other.printed}", facts)
                break


def _worse(target: Amount, last: Decimal) -> bool:
    return target.high < last if target.good == "up" else target.low > last


def below_last(stated: Stated, last_year: Mapping[tuple[str, str], LastYear]) -> Iterator[Finding]:
    """A target that falls behind last year's actual value, by the good direction of the indicator."""
    actual: dict[tuple, Amount] = {}
    for one in stated.amounts:
        if one.is_level and not one.is_target and one.exact and telling(one):
            actual.setdefault((identity(one), one.region, one.period[:4], one.dimension), one)
    for target in stated.amounts:
        if not (target.is_target and target.is_level and target.good in _UP_DOWN and telling(target)):
            continue
        if target.yearly or target.dimension.startswith("count") or not _YEAR.match(target.period):
            continue
        before = str(int(target.period[:4]) - 1)
        facts = {"name": target.name, "printed": target.printed, "sense": _SENSE[target.good]}
        sign = "<" if target.good == "up" else ">"
        seen = actual.get((identity(target), target.region, before, target.dimension))
        if seen is not None:
            if _worse(target, seen.size):
                spans = (target.span("目标"), seen.span("上年"))
                words_ = f"{target.printed} {sign} {seen.printed}"
                yield Finding("below_last", spans, words_, {**facts, "found": f"上年实绩{seen.printed}"})
            continue
        known = last_year.get((identity(target), target.region))
        if known is not None and measure(known.unit)[0] == target.dimension:
            size = known.value * measure(known.unit)[1]
            if _worse(target, size):
                shown = f"{plain(known.value)}{known.unit}"
                found = f"{known.where or '上年数值'}{shown}"
                words_ = f"{target.printed} {sign} {shown}"
                yield Finding("below_last", (target.span("目标"),), words_, {**facts, "found": found, "ref": known.ref})


def units_of_measure(stated: Stated, catalogue: Catalogue | None) -> Iterator[Finding]:
    """Numbers without a unit, with an ambiguous one, or with one of another kind than the indicator's."""
    facts = consistency_facts()
    for one in stated.amounts:
        why = ""
        if not one.unit and one.is_level and "count_of" not in one.tags and telling(one):
            known = catalogue(one.name, "", one.words) if catalogue else None
            why = "没有写单位" if known is not None and known.exact and known.unit else ""
        elif one.unit in facts.ambiguous_units:
            why = f"单位“{one.unit}”有不同含义"
        elif catalogue and one.is_level and one.named:
            known = catalogue(one.name, "", one.words)
            # 日处理能力1500吨 says 吨/日 in other words.
            if known is not None and known.exact and known.unit and not _same_kind(one.unit, known.unit):
                why = f"单位与该指标的单位“{known.unit}”不是一类"
        if why:
            data = {"name": one.name, "printed": one.printed, "why": why}
            yield Finding("unit", (one.span("数值"),), one.printed, data)


def _same_kind(left: str, right: str) -> bool:
    return any(linking.units_fit(one, two) is not False for one in (left, left.split("/")[0])
               for two in (right, right.split("/")[0]))  # fmt: skip


def ranks(stated: Stated) -> Iterator[Finding]:
    """A rank behind the last place of its scope."""
    for one in stated.amounts:
        size = one.comparison.get("scope_size")
        if "rank" in one.tags and size and one.value > Decimal(str(size)):
            facts = {"printed": plain(one.value), "found": str(size)}
            yield Finding("rank", (one.span("位次"),), f"{plain(one.value)} > {size}", facts)


# -- tasks -------------------------------------------------------------------------------------------------------------


def early_deadlines(stated: Stated) -> Iterator[Finding]:
    """A time limit before the day of publication, or before the year the title plans."""
    published = _day(stated.document.get("published"))
    plan = re.fullmatch(r"\d{4}", str(stated.document.get("plan_year") or ""))
    for task in stated.tasks:
        for limit in task.get("deadlines") or ():
            due = _day(limit.get("date"))
            if due is None:
                continue
            span = Span(limit["start"], limit["end"], str(limit.get("quote", "")), "期限")
            if published is not None and due < published:
                facts = {"printed": due.isoformat(), "found": f"公布日期 {published.isoformat()}"}
            elif plan is not None and due.year < int(plan.group()) and f"{plan.group()}年" in stated.title:
                facts = {"printed": due.isoformat(), "found": f"计划年度 {plan.group()}"}
            else:
                continue
            yield Finding("early", (span,), f"{due.isoformat()} < {facts['found']}", facts)


def _day(text: Any) -> date | None:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def bodies(stated: Stated, unknown: Mapping[str, str]) -> Iterator[Finding]:
    """Responsible units that cannot be placed: one question for each reason with the first places of its wordings."""
    places: dict[str, list[Span]] = defaultdict(list)
    names: dict[str, list[str]] = defaultdict(list)
    for task in stated.tasks:
        for unit in task.get("units") or ():
            name = unit["name"]
            if name in unknown and name not in names[unknown[name]]:
                names[unknown[name]].append(name)
                places[unknown[name]].append(Span(unit["start"], unit["end"], str(unit.get("raw") or name), "单位"))
    for why, spans in places.items():
        facts = {"name": "、".join(names[why]), "why": why, "found": str(len(spans))}
        yield Finding("body", tuple(spans[:12]), "", facts)


def duplicates(stated: Stated) -> Iterator[Finding]:
    """Two tasks of one document that read alike in title and text."""
    least = float(consistency_facts().duplicate_least)
    titles = [wording.pairs(wording.tidy(str(task.get("title") or ""))) for task in stated.tasks]
    texts = [wording.pairs(wording.tidy(str(task.get("quote") or ""))[:600]) for task in stated.tasks]
    for at, near in enumerate(wording.candidates(titles, titles)):
        for other in near:
            if other <= at:
                continue
            one, two = stated.tasks[at], stated.tasks[other]
            apart = one["end"] <= two["start"] or two["end"] <= one["start"]
            alike = min(wording.likeness(titles[at], titles[other]), wording.likeness(texts[at], texts[other]))
            if not apart or alike < least or _other_numbers(one, two):
                continue
            spans = tuple(Span(t["start"], t["end"], str(t["quote"]), "任务") for t in (one, two))
            facts = {"name": str(one.get("title") or ""), "found": f"{alike:.0%}"}
            yield Finding("duplicate", spans, f"{alike:.0%}", facts)


def _other_numbers(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    """Whether the texts differ in their numbers: then they are two parts of a series, not one task twice."""
    return wording.numbers(str(one.get("quote"))) != wording.numbers(str(two.get("quote")))


# -- between documents -------------------------------------------------------------------------------------------------


def target_key(amount: Amount) -> TargetKey | None:
    """Under which key targets of different documents are compared: identity, region, period; None for no target."""
    if not (amount.is_target and amount.is_level and amount.period and telling(amount)):
        return None
    return identity(amount), amount.region, amount.period


def conflicts(stated: Stated, others: Mapping[TargetKey, Sequence[OtherTarget]]) -> list[Finding]:
    """Targets of this document that differ from those of other documents for the same indicator, region and period."""
    found = []
    for one in stated.amounts:
        key = target_key(one)
        for other in others.get(key, ()) if key else ():
            dimension, scale = measure(other.unit)
            if dimension == one.dimension and not one.low <= other.value * scale <= one.high:
                shown = f"{plain(other.value)}{other.unit}"
                facts = {"name": one.name, "period": one.period, "printed": one.printed, "found": shown,
                         "other": f"《{other.title}》"}  # fmt: skip
                spans = (one.span("本文件"), other.span)
                found.append(Finding("conflict", spans, f"{one.printed} ≠ {shown}", facts))
                break
    return found


def targets_of(stated: Stated, doc: str) -> dict[TargetKey, list[OtherTarget]]:
    """The targets of a document as others see them; ``doc`` names it in their spans."""
    made: dict[TargetKey, list[OtherTarget]] = defaultdict(list)
    for one in stated.amounts:
        key = target_key(one)
        if key is not None:
            span = replace(one.span("其他文件"), doc=doc)
            made[key].append(OtherTarget(stated.title, one.value, one.unit, span))
    return made
