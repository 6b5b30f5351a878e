"""A printed ratio against its two parts, a printed change against its two levels, shares of a whole. Pure.

Every printed number stands for an interval of half a unit of its last digit; a ratio is wrong only where no numbers of
the intervals give it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from ecocloud.intake.documents.findings_facts import RatioFact, consistency_facts
from ecocloud.intake.documents.stated import Amount, Finding, Stated, rounded

_HUNDRED = Decimal(100)
_CHANGE = re.compile(r"(?:增长|提高|上升|增加|下降|降低|减少|降)(?:了|率为|幅为|到)?$")
_LIST_GAP = 60


@cache
def _share_of() -> re.Pattern[str]:
    return re.compile(consistency_facts().share_of)


def find_ratios(stated: Stated) -> list[Finding]:
    """Every ratio, change and list of shares whose parts are printed too, right or wrong."""
    found = [*_named(stated), *_shares(stated), *_changes(stated), *_over(stated)]
    return sorted(found, key=lambda one: one.spans[0].start)


def _percent(amount: Amount) -> bool:
    return amount.dimension == "%" and amount.exact


def _fits(printed: Amount, low: Decimal, high: Decimal) -> bool:
    return printed.low <= high and printed.high >= low


def _ratio(name: str, printed: Amount, top: Amount, bottom: Amount) -> Finding | None:
    if bottom.low <= 0 or top.low < 0 or top.dimension != bottom.dimension:
        return None
    low, high = top.low / bottom.high * _HUNDRED, top.high / bottom.low * _HUNDRED
    found = f"{rounded(top.size / bottom.size * _HUNDRED)}%"
    holds = _fits(printed, low, high)
    sign = "" if holds else f" ≠ {printed.printed}"
    facts = {"name": name, "printed": printed.printed, "found": found}
    spans = (printed.span("比率"), top.span("分子"), bottom.span("分母"))
    return Finding("ratio", spans, f"{top.printed} ÷ {bottom.printed} = {found}{sign}", facts, holds)


def _named(stated: Stated) -> Iterator[Finding]:
    """Ratios the facts know (存贷比): both parts in the same line, for the same region and period."""
    for printed in stated.amounts:
        if not _percent(printed) or not printed.is_level:
            continue
        fact = next((one for one in consistency_facts().ratios if re.search(one.name, printed.name)), None)
        if fact is not None:
            pair = _pair(stated, printed, fact)
            made = _ratio(printed.name, printed, *pair) if pair else None
            if made is not None:
                yield made


def _pair(stated: Stated, printed: Amount, fact: RatioFact) -> tuple[Amount, Amount] | None:
    start, stop = stated.line_start(printed.start), stated.line_end(printed.end)
    sides = []
    for pattern in (fact.top, fact.bottom):
        rows = [
            one for one in stated.between(start, stop)
            if one.exact and one.is_level and one.region == printed.region
            and one.period == printed.period and one.is_target == printed.is_target and re.search(pattern, one.name)
        ]  # fmt: skip
        if not rows:
            return None
        sides.append(min(rows, key=lambda one: abs(one.start - printed.start)))
    return sides[0], sides[1]


def _shares(stated: Stated) -> Iterator[Finding]:
    """“甲12亿元，占乙（100亿元）的12%”: the whole must be printed in the same line under exactly that name."""
    for index, printed in enumerate(stated.amounts):
        if not _percent(printed) or index == 0:
            continue
        start = stated.sentence(printed.start)[0]
        match = _share_of().search(stated.text, max(start, printed.start - 40), printed.start)
        top = stated.amounts[index - 1]
        if match is None or top.start < start or not (top.exact and top.is_level) or top.end > match.start():
            continue
        begin = stated.line_start(printed.start)
        whole = [
            one for one in stated.between(begin, printed.start)
            if one.end <= printed.start and one is not top and one.exact and one.is_level
            and one.dimension == top.dimension and one.period == top.period and _named_so(one, match["whole"])
        ]  # fmt: skip
        made = _ratio(f"{top.name}占{match['whole']}的比重", printed, top, whole[-1]) if whole else None
        if made is not None:
            yield made


def _named_so(amount: Amount, whole: str) -> bool:
    """Whether the number stands directly behind exactly these words."""
    return re.search(rf"{re.escape(whole)}(?:共|总)?(?:为|达到?|有|计)?\d", amount.words) is not None


def _changes(stated: Stated) -> Iterator[Finding]:
    """“由a提高到b，提高c%（个百分点）”: the two levels the engine linked, the change next in the sentence."""
    by_key = {one.key: at for at, one in enumerate(stated.amounts)}
    for old in stated.amounts:
        link = old.comparison
        if link.get("kind") != "previous_value" or "figure" not in link or link["figure"] not in by_key:
            continue
        at = by_key[link["figure"]]
        new = stated.amounts[at]
        after = stated.amounts[at + 1] if at + 1 < len(stated.amounts) else None
        stop = stated.sentence(new.end)[1]
        if (
            after is None
            or after.start > min(stop, new.end + _LIST_GAP)
            or not (old.exact and new.exact and after.exact)
        ):
            continue
        if "difference" in after.tags or not _CHANGE.search(stated.text[new.end : after.start]):
            continue
        made = _change(old, new, after)
        if made is not None:
            yield made


def _change(old: Amount, new: Amount, printed: Amount) -> Finding | None:
    if old.dimension != new.dimension:
        return None
    if printed.unit in ("个百分点", "百分点") and old.dimension == "%":
        low, high, size = new.low - old.high, new.high - old.low, new.size - old.size
        sign, unit = "-", "个百分点"
    elif printed.dimension == "%" and old.low > 0 and old.dimension != "%":
        low, high = (new.low / old.high - 1) * _HUNDRED, (new.high / old.low - 1) * _HUNDRED
        size, sign, unit = (new.size / old.size - 1) * _HUNDRED, "÷", "%"
    else:
        return None
    if size < 0:
        low, high, size = -high, -low, -size
    found = f"{rounded(size)}{unit}"
    holds = _fits(printed, low, high)
    words = f"{new.printed} {sign} {old.printed}" + (" - 1" if sign == "÷" else "")
    facts = {"name": new.name or old.name, "printed": printed.printed, "found": found}
    spans = (printed.span("变化"), old.span("前值"), new.span("后值"))
    return Finding("growth", spans, f"{words} = {found}" + ("" if holds else f" ≠ {printed.printed}"), facts, holds)


def _over(stated: Stated) -> Iterator[Finding]:
    """Shares that cannot be above 100 %: one of them alone, or a list 甲占a%、乙占b%、丙占c% together."""
    bounded = re.compile(consistency_facts().bounded)
    for one in stated.amounts:
        if one.dimension == "%" and one.is_level and one.low > _HUNDRED and bounded.search(one.name):
            facts = {"name": f"“{one.name}”", "found": one.printed}
            yield Finding("over_whole", (one.span("占比"),), f"{one.printed} > 100%", facts)
    for parts in _share_lists(stated):
        total = sum((one.size for one in parts), Decimal(0))
        words = " + ".join(rounded(one.size) for one in parts)
        holds = sum(one.low for one in parts) <= _HUNDRED
        facts = {"name": f"{len(parts)}项占比相加", "found": f"{rounded(total)}%"}
        spans = tuple(one.span("占比") for one in parts)
        yield Finding("over_whole", spans, f"{words} = {rounded(total)}" + ("" if holds else " > 100"), facts, holds)


def _share_lists(stated: Stated) -> Iterator[Sequence[Amount]]:
    run: list[Amount] = []
    for one in stated.amounts:
        start = stated.sentence(one.start)[0]
        share = _percent(one) and re.search(r"占比?(?:为|达|约)?$", stated.text[max(start, one.start - 4) : one.start])
        if share and run and run[-1].start >= start and stated.text[run[-1].end : one.start].count("占") == 1:
            run.append(one)
            continue
        if len(run) >= 3:
            yield run
        run = [one] if share else []
    if len(run) >= 3:
        yield run
