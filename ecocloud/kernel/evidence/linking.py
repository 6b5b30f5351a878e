"""From the words of a document to an indicator: by name, alias, unit and context. Pure.

A match is claimed only when the name is close, the unit fits and no other indicator is nearly as close; otherwise the
name is PROPOSED as a new indicator with its unit and a guess of its direction. Nothing is dropped, nothing is forced.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from ecocloud.base.units.quantity import UnitError, parse_unit

MATCH = 0.80
MARGIN = 0.04
_CONTEXT_GAIN = 0.03

_DROP = re.compile(r"[\s“”\"'‘’《》<>「」()（）\[\]【】、,，。.;；:：!！?？·\-—_/〔〕]+")
_WHOLE = re.compile(r"^(?:全市|全县|全区|全省|本市|我市|我县|我区|市域|县域)+")
_VARIANTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("rank", re.compile(r"(?:(?:位居|居|列)?全[省国市县]|同类城市)?(?:排名|排位|位次|名次)$")),
    ("difference", re.compile(r"(?:高于|低于|高出|超过).{2,16}$")),
    ("change_yoy", re.compile(r"同比(?:增速|增长率?|增幅|下降率?|降幅|变化)?$")),
    ("change", re.compile(r"(?:增速|增长率?|增幅|降幅|下降率?|降低率?|提高)$")),
)
_DOWN = re.compile(
    r"浓度|排放量?|能耗|水耗|超标|污染|漏损|劣[ⅤV5五]|案件|火灾|损失|投诉|填埋|使用量|流失面积|排名|死亡"
)
_UP = re.compile(
    r"率$|比例$|比重$|占比$|面积|覆盖|达标|优良|完成|治理|修复|造林|投资|收入|产值|余额|新增|建成|能力|规模|数$|长度"
)
_RATE_UNITS = frozenset({"%", "‰", "个百分点", "百分点"})


class Named(Protocol):
    """What :func:`link` needs of an indicator: a catalogue entry or a row of the database."""

    code: str
    zh: str
    unit: str

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def context(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Candidate:
    """An indicator that might be meant: score (1 is a full match, context adds up to 0.16) and the reason in words."""

    code: str
    zh: str
    score: float
    why_zh: str
    unit_fits: bool
    variant: str = ""


@dataclass(frozen=True)
class Proposal:
    """A new indicator as far as the words tell."""

    name: str
    unit: str
    direction: Literal["up", "down", "none"]
    decimals: int


@dataclass(frozen=True)
class LinkResult:
    """``status`` matched or proposed; ``variant`` rank, change_yoy, change or difference when the words speak of a rank
    or change of the indicator; ``candidates`` best first, at most five; ``proposal`` when nothing was matched."""

    status: Literal["matched", "proposed"]
    code: str
    variant: str
    candidates: tuple[Candidate, ...]
    proposal: Proposal | None = None


@lru_cache(maxsize=8192)
def normalise(name: str) -> str:
    """A name without punctuation, width and case differences and without a leading 全市 and the like."""
    plain = _DROP.sub("", unicodedata.normalize("NFKC", name)).lower()
    return _WHOLE.sub("", plain) or plain


@lru_cache(maxsize=8192)
def _bigrams(text: str) -> Counter[str]:
    return Counter(text[i : i + 2] for i in range(len(text) - 1)) or Counter([text])


def similarity(left: str, right: str) -> float:
    """How alike two names are, 0 to 1: shared pairs of characters, raised when one contains the other."""
    a, b = normalise(left), normalise(right)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    pairs_a, pairs_b = _bigrams(a), _bigrams(b)
    shared = sum(min(count, pairs_b[pair]) for pair, count in pairs_a.items() if pair in pairs_b)
    dice = 2 * shared / (max(1, len(a) - 1) + max(1, len(b) - 1))
    if len(min(a, b, key=len)) >= 3 and (a in b or b in a):
        dice = max(dice, 0.6 + 0.4 * min(len(a), len(b)) / max(len(a), len(b)))
    return dice


@lru_cache(maxsize=4096)
def units_fit(left: str, right: str) -> bool | None:
    """Whether two units measure the same kind of thing; ``None`` when one is not stated."""
    if not left or not right:
        return None
    if left == right:
        return True
    try:
        one, two = parse_unit(left), parse_unit(right)
    except UnitError:
        return False
    if one.dimension.startswith("count") and two.dimension.startswith("count"):
        return True  # 个, 家, 座 count the same things in different documents
    return one.dimension == two.dimension


def split_variant(name: str) -> tuple[str, str]:
    """``("绿色贷款余额", "change_yoy")`` for 绿色贷款余额同比增速; ``(name, "")`` for a plain name."""
    for variant, pattern in _VARIANTS:
        head = pattern.sub("", name.strip())
        if head != name.strip() and len(normalise(head)) >= 3:
            return head, variant
    return name, ""


@lru_cache(maxsize=8192)
def _pairs_of(names: tuple[str, ...]) -> frozenset[str]:
    """All pairs of characters in an indicator's names."""
    return frozenset(pair for name in names for pair in _bigrams(normalise(name)))


def _score(name: str, unit: str, context: str, variant: str, item: Named) -> Candidate:
    best, word = max((similarity(name, alias), alias) for alias in item.names)
    fits = units_fit(unit, item.unit)
    if variant:
        fits = None if not unit or unit in _RATE_UNITS or unit in {"位", "名"} else False
    hits = sum(1 for cue in item.context if cue in context) if context else 0
    exact = best == 1.0 and not variant
    score = best + min(hits, 2) * _CONTEXT_GAIN - (0.25 if fits is False else 0) + (0.1 if exact else 0)
    reason = f"与“{word}”相似 {best:.0%}" + (f"，上下文含 {hits} 个相关词" if hits else "")
    reason += {True: "，单位相符", False: f"，单位不符（{unit}／{item.unit or '无'}）", None: ""}[fits]
    return Candidate(item.code, item.zh, round(max(0.0, score), 4), reason, fits is not False, variant)


def guess_direction(name: str) -> Literal["up", "down", "none"]:
    """Which side of a target is likely good, from the words of the name; ``none`` when they do not tell."""
    reduced = re.search(r"(?:降幅|下降率?|降低率?|减排|削减|减少)", name)
    if reduced:
        return "up"
    if _DOWN.search(name) and not re.search(r"治理|达标|处理率|利用率|覆盖率|完成率|能力", name):
        return "down"
    return "up" if _UP.search(name) else "none"


def link(name: str, unit: str, context: str, items: Iterable[Named], limit: int = 5) -> LinkResult:
    """The indicator that ``name`` (unit ``unit``, in the sentence or heading ``context``) means.

    Parameters
    ----------
    name: the words of the document.
    unit: the unit as printed, '' when none is printed.
    context: the sentence or heading around it; words listed in an entry's ``context`` raise its score.
    items: indicators to choose from.
    """
    rows = list(items)
    head, variant = split_variant(name)
    found: dict[str, Candidate] = {}
    pairs = frozenset(_bigrams(normalise(name)))
    for item in rows:
        if pairs.isdisjoint(_pairs_of(tuple(item.names))):
            continue  # nothing in common: similarity 0
        plain = _score(name, unit, context, "", item)
        if variant:
            plain = max(plain, _score(head, unit, context, variant, item), key=lambda one: one.score)
        found[item.code] = plain
    ranked = sorted(found.values(), key=lambda one: (-one.score, one.code))[:limit]
    ranked = [one for one in ranked if one.score > 0.3]
    if ranked:
        first = ranked[0]
        second = ranked[1].score if len(ranked) > 1 else 0.0
        if first.score >= MATCH and first.unit_fits and first.score - second >= MARGIN:
            return LinkResult("matched", first.code, first.variant, tuple(ranked))
    decimals = 1 if unit in _RATE_UNITS else 2
    return LinkResult(
        "proposed", "", variant, tuple(ranked), Proposal(name.strip(), unit, guess_direction(name), decimals)
    )
