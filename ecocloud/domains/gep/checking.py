"""The checks of a form: what cannot be, what is not plausible, what changed much, what does not sum, what is missing.

Pure. A finding that is ``hard`` has to be put right; of the others the form has to say why its value is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ecocloud.domains.gep.facts import Facts, InputFact
from ecocloud.domains.gep.formset import Asked, forms_file
from ecocloud.domains.gep.gathering import Control, is_amount

Kind = Literal["part", "nested", "range", "jump", "sum", "whole", "missing"]
Values = Mapping[tuple[str, str], Decimal]

ALL = ("", "全部", "All")

_WORDS = {
    "part": "部分不对",
    "nested": "同时填了大类和其中的小类",
    "range": "超出常见范围",
    "jump": "与上年相差较大",
    "sum": "与各分区之和不符",
    "whole": "大于其总额",
    "missing": "缺少必填数据",
}

# A part of an amount is no more than the amount: products from outside and the products.
_WITHIN = {f"{one}_outside": f"{one}_value" for one in ("crops", "timber", "livestock", "fishery")}


@dataclass(frozen=True)
class Finding:
    """One finding about a datum and part; ``least``, ``most``, ``other``: what it was held against."""

    kind: Kind
    datum: str
    part: str = ""
    value: Decimal | None = None
    other: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    hard: bool = field(default=False)


def check(
    facts: Facts, asked: Asked, values: Values, *, last: Values | None = None, controls: Iterable[Control] = (),
    needed: frozenset[str] | None = None,
) -> list[Finding]:  # fmt: skip
    """All findings about a form.

    Parameters
    ----------
    values: by datum and part, in the unit of the datum; last: those of the year before.
    controls: amounts told of the whole and of its parts; needed: what has to stand in this form, by default what a
        service cannot do without.
    """
    file, found = forms_file(), []
    jump = asked.form.jump or file.jump
    for fact in asked.data:
        own = {part: value for (code, part), value in values.items() if code == fact.code}
        if not own and fact.code in (asked.needed if needed is None else needed):
            found.append(Finding("missing", fact.code))
        for part, value in own.items():
            found += _of_value(facts, fact, part, value, own)
            before = (last or {}).get((fact.code, part))
            if before and abs(value - before) > jump * abs(before):
                found.append(Finding("jump", fact.code, part, value, before))
            whole = values.get((_WITHIN.get(fact.code, ""), part))
            if whole is not None and value > whole:
                found.append(Finding("whole", fact.code, part, value, whole, hard=True))
    known = {fact.code for fact in asked.data}
    for one in controls:
        if one.datum in known and abs(one.parts - one.whole) > file.tolerance * abs(one.whole):
            found.append(Finding("sum", one.datum, one.part, one.whole, one.parts))
    return found


def _of_value(facts: Facts, fact: InputFact, part: str, value: Decimal, own: Mapping[str, Decimal]) -> list[Finding]:
    found = []
    if not fits(facts, fact, part):
        found.append(Finding("part", fact.code, part, value, hard=True))
    if fact.scope == "ecosystem" and is_amount(fact):
        inner = next((one for one in own if one != part and part and one.startswith(part)), None)
        if inner is not None:
            found.append(Finding("nested", fact.code, part, value, own[inner], hard=True))
    if (fact.least is not None and value < fact.least) or (fact.most is not None and value > fact.most):
        found.append(Finding("range", fact.code, part, value, least=fact.least, most=fact.most))
    return found


def part_code(facts: Facts, fact: InputFact, text: str) -> str:
    """A part as people write it: ``11``, ``11 阔叶林`` or ``阔叶林`` are ``11``; ``全部`` and the region are ''."""
    if text in ALL or fact.scope == "region":
        return "" if text in ALL else text
    if fact.scope == "object":
        return text
    head = text.split()[0]
    if head in facts.classes:
        return head
    return next((one.code for one in facts.classes.values() if text in (one.zh, one.en)), text)


def fits(facts: Facts, fact: InputFact, part: str) -> bool:
    """Whether a datum can be told of a part: amounts of ecosystems of a class, coefficients of all too, things by name,
    the rest of the region only.
    """
    if fact.scope == "region":
        return part == ""
    if fact.scope == "object":
        return bool(part)
    return part in facts.classes or (part == "" and not is_amount(fact))


def told_zh(facts: Facts, finding: Finding) -> str:
    """A finding in Chinese for the sentence of an error."""
    known = {**facts.inputs, **facts.statistics}[finding.datum]
    part = f"（{finding.part}）" if finding.part else ""
    value = f" {finding.value} {known.unit}" if finding.value is not None else ""
    against = f"，应在 {_edge(finding.least)} 至 {_edge(finding.most)}" if finding.kind == "range" else ""
    other = f"，另一数为 {finding.other}" if finding.other is not None else ""
    return f"{known.zh}{part}{value} {_WORDS[finding.kind]}{against}{other}"


def _edge(value: Decimal | None) -> str:
    return "不限" if value is None else f"{value:f}"
