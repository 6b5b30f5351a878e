"""What a document states, as the questions and comparisons read it: amounts with their precision, tasks, text. Pure.

A :class:`Stated` is made from a reading of the engine or from the records a person has decided on; both give the same
shape, with offsets in the original.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from ecocloud.base.units import UnitError, parse_unit
from ecocloud.intake.documents.records import Reading
from ecocloud.kernel.evidence import linking

SENTENCE_ENDS = "。！？!?\n"
# How far a line or sentence is followed: what stands farther apart is not compared, and time stays linear.
LONGEST_LINE, LONGEST_SENTENCE = 20_000, 4_000
_PRINTED = re.compile(r"\d[\d,，]*(?:\.\d+)?")
_PER_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Known:
    """What the catalogue knows of a name: its code, the good direction (up, down, none), its unit; ``exact`` when the
    name is one of the catalogue's own and not only like it; ``yearly`` when its periods are added up."""

    code: str
    direction: str
    unit: str
    exact: bool = False
    yearly: bool = False


Catalogue = Callable[[str, str, str], Known | None]


@dataclass(frozen=True)
class Span:
    """A place in a text: offsets in the original, the words there, what they are (合计, 分项, 目标 ...); ``doc`` names
    the document where it is another one."""

    start: int
    end: int
    quote: str
    role: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: ``holds`` tells whether the document is right.

    ``arithmetic`` is the calculation as people write it; ``facts`` fill the words of the kind.
    """

    kind: str
    spans: tuple[Span, ...]
    arithmetic: str
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)
    holds: bool = False

    @property
    def key(self) -> str:
        """What stays the same when the same document is checked again."""
        return self.kind + ":" + ",".join(f"{s.doc}{s.start}-{s.end}" for s in self.spans)


@lru_cache(maxsize=2048)
def measure(unit: str) -> tuple[str, Decimal]:
    """Dimension and scale of a printed unit; an unknown unit is a dimension of its own."""
    try:
        found = parse_unit(unit)
    except UnitError:
        return f"?{unit}", Decimal(1)
    if found.dimension == "ratio" and found.symbol == "%":
        return "%", Decimal(1)
    return found.dimension, found.scale


@dataclass(frozen=True)
class Amount:
    """A figure as a quantity.

    ``size`` is the value in the base of its ``dimension``; ``half`` half a step of its last printed digit (0 for exact
    counts); ``exact`` is False for 约, 余, 以上 and the like. ``start``/``end`` are the printed value,
    ``first``/``last`` the evidence; ``good`` is the direction in which more is better; ``yearly`` marks the work
    of a year, of which less may be left to do in the next.
    """

    key: str
    name: str
    code: str
    good: str
    region: str
    period: str
    tags: frozenset[str]
    value: Decimal
    unit: str
    dimension: str
    size: Decimal
    half: Decimal
    exact: bool
    start: int
    end: int
    first: int
    last: int
    path: str
    words: str
    named: bool
    comparison: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    yearly: bool = False

    @property
    def low(self) -> Decimal:
        """The least size the printed number can stand for."""
        return self.size - self.half

    @property
    def high(self) -> Decimal:
        """The greatest size the printed number can stand for."""
        return self.size + self.half

    @property
    def is_level(self) -> bool:
        """A level, neither change nor rank nor a value of the past."""
        off = {"change", "change_yoy", "difference", "rank", "definition", "spec", "scope_size"}
        return not off & self.tags

    @property
    def is_target(self) -> bool:
        return "target" in self.tags

    @property
    def printed(self) -> str:
        """Number and unit as people write them."""
        return f"{plain(self.value)}{self.unit}"

    def span(self, role: str) -> Span:
        """The place of the evidence."""
        return Span(self.first, self.last, self.words, role)


def plain(number: Decimal) -> str:
    """A number without exponent and needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(number: Decimal, like: Decimal = _PER_CENT) -> str:
    """A calculated number with at most two decimals (half even), without needless zeros."""
    try:
        return plain(number.quantize(like))
    except InvalidOperation:
        return plain(number)


@dataclass
class Stated:
    """A document as the checks read it: its facts, its amounts in the order of the text, tasks (payloads), the text."""

    document: Mapping[str, Any]
    amounts: list[Amount]
    tasks: Sequence[Mapping[str, Any]]
    text: str
    name: str = ""

    @property
    def title(self) -> str:
        title = self.document.get("title") or {}
        return str((title.get("text") if isinstance(title, Mapping) else title) or self.name)

    @classmethod
    def of(cls, reading: Reading, catalogue: Catalogue | None = None) -> Stated:
        """A reading of the engine; ``catalogue`` tells which indicator a name means."""
        amounts = amounts_of(reading.figures, catalogue)
        return cls(reading.document, amounts, reading.tasks, reading.source.original, reading.name)

    def between(self, start: int, stop: int) -> list[Amount]:
        """The amounts that begin between two offsets."""
        first = bisect_left(self.amounts, start, key=lambda one: one.start)
        return self.amounts[first : bisect_left(self.amounts, stop, key=lambda one: one.start)]

    def line_start(self, at: int) -> int:
        """The offset at which the line of ``at`` begins."""
        return self.text.rfind("\n", max(0, at - LONGEST_LINE), at) + 1 or max(0, at - LONGEST_LINE)

    def line_end(self, at: int) -> int:
        """The offset at which the line of ``at`` ends."""
        stop = min(len(self.text), at + LONGEST_LINE)
        found = self.text.find("\n", at, stop)
        return stop if found < 0 else found

    def sentence(self, at: int) -> tuple[int, int]:
        """Start and end of the sentence around ``at``."""
        least, most = max(0, at - LONGEST_SENTENCE), min(len(self.text), at + LONGEST_SENTENCE)
        start = max(self.text.rfind(sign, least, at) for sign in SENTENCE_ENDS) + 1
        ends = [found for found in (self.text.find(sign, at, most) for sign in SENTENCE_ENDS) if found >= 0]
        return start or least, min(ends) if ends else most


def amounts_of(figures: Iterable[Mapping[str, Any]], catalogue: Catalogue | None = None) -> list[Amount]:
    """The figures that have one number, in the order of the text."""
    made = [amount for figure in figures if (amount := amount_of(figure, catalogue)) is not None]
    return sorted(made, key=lambda one: (one.start, one.end))


def amount_of(figure: Mapping[str, Any], catalogue: Catalogue | None = None) -> Amount | None:
    """A figure (record payload of the engine) as an amount; None for words, ranges and destroyed values."""
    if figure.get("value") is None or figure.get("high") is not None:
        return None
    try:
        value = Decimal(str(figure["value"]))
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    unit, name = str(figure.get("unit") or ""), str(figure.get("indicator") or "")
    dimension, scale = measure(unit)
    tags = frozenset(figure.get("qualifier") or ())
    quote = str(figure.get("value_quote") or "")
    known = catalogue(name, unit, str(figure.get("quote") or "")) if catalogue and name else None
    direction = known.direction if known else linking.guess_direction(name)
    yearly = known.yearly if known else dimension not in ("%", "mass_concentration")
    rules = figure.get("rules") or ()
    return Amount(
        key=str(figure.get("id") or ""), name=name, code=known.code if known else "", good=direction,
        region=str(figure.get("region") or ""), period=str(figure.get("period") or ""), tags=tags, value=value,
        unit=unit, dimension=dimension, size=value * scale, half=half_step(quote, value, dimension, scale),
        exact=not tags & {"approx", "lower_bound", "upper_bound"} and not re.search("[余多约近]", quote),
        start=int(figure.get("value_start", figure["start"])), end=int(figure.get("value_end", figure["end"])),
        first=int(figure["start"]), last=int(figure["end"]), path=str(figure.get("path") or ""),
        words=str(figure.get("quote") or ""), named="name:before" in rules or not rules,
        comparison=figure.get("comparison") or {}, yearly=yearly,
    )  # fmt: skip


def half_step(quote: str, value: Decimal, dimension: str, scale: Decimal) -> Decimal:
    """Half a unit of the last printed digit, in the base unit; 0 for whole counts without a scale word (189个)."""
    found = _PRINTED.search(quote)
    digits = found.group().partition(".")[2] if found else format(value, "f").partition(".")[2]
    if not digits and scale == 1 and (dimension.startswith(("count", "?"))):
        return Decimal(0)
    return Decimal(5) * Decimal(10) ** -(len(digits) + 1) * scale


def plain_value(value: Any) -> str:
    """A value of a payload (int, float, text) as people write it; '' for none."""
    if value in (None, ""):
        return ""
    try:
        return plain(Decimal(str(value)))
    except InvalidOperation:
        return str(value)
