"""Numbers with their unit in running text: what is a quantity and what only looks like one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ecocloud.intake.documents.lexicon import any_of, measures
from ecocloud.intake.documents.numbers import ARABIC, CHINESE, parse_number

SCALE = "(?:万亿|千万|百万|十万|亿|万|千|百)"
MORE = "(?:多|余|来)"


@dataclass(frozen=True)
class Quantity:
    """A printed number with its unit. ``unit`` keeps the scale (亿元); ``value`` is None when it cannot be read.

    ``more`` is True for 余/多; ``start``/``end`` cover number and unit; ``kind`` is share, money, area, ..., count.
    """

    start: int
    end: int
    value: float | int | None
    unit: str
    kind: str
    more: bool = False
    value_text: str = ""
    high: float | int | None = None


@cache
def _kinds() -> dict[str, str]:
    table = {unit: kind for kind, units in measures().physical.items() for unit in units}
    for counter in measures().counters:
        table.setdefault(counter, "count")
    return table


@cache
def _pattern() -> re.Pattern[str]:
    unit = any_of(_kinds())
    per = any_of(measures().per)
    return re.compile(
        rf"(?P<broken>\d{{2,3}}_+)(?P<bunit>{SCALE}?{unit})"
        rf"|(?P<hundred>百分之)(?P<hvalue>[{CHINESE}点]+)"
        rf"|(?P<num>{ARABIC})(?:\s?(?:-|–|—|~|～|至|到)\s?(?P<high>{ARABIC}))?\s?"
        rf"(?P<more1>{MORE})?(?P<scale>{SCALE})?(?P<more2>{MORE})?\s?(?P<unit>{unit})"
        rf"(?P<more3>余|多)?(?:(?P<slash>/|每)(?P<per>{per}))?"
        rf"|(?P<cnum>[{CHINESE}]{{2,}}|[{CHINESE}](?=万|亿))(?P<cmore1>{MORE})?(?P<cscale>{SCALE})?(?P<cmore2>{MORE})?"
        rf"(?P<cunit>{unit})"
    )


@cache
def _window() -> re.Pattern[str]:
    return re.compile(any_of(w.removeprefix("个") for w in measures().windows))


@cache
def _rhetorical() -> re.Pattern[str]:
    return re.compile(any_of(measures().rhetorical))


BEFORE_NEVER = re.compile(r"[A-Za-z0-9.+*#_＋№-]$")
BEFORE_ORDINAL = re.compile(r"(?:第|近|连续|历时|为期|前|后|过去|未来|同比|十四|十三|十五|“)$")
LATIN_UNIT = re.compile(r"[A-Za-z]$")
NOT_CHINESE_COUNT = set("届次轮大级个批类期节层道门组")


def find_quantities(text: str, start: int, end: int) -> list[Quantity]:
    """All quantities of ``text[start:end]`` (``text`` is the half-width view), in order, without overlap."""
    found: list[Quantity] = []
    for match in _pattern().finditer(text, start, end):
        quantity = _read(text, match)
        if quantity is not None:
            found.append(quantity)
    return found


def _read(text: str, match: re.Match[str]) -> Quantity | None:
    begin = match.start()
    before = text[max(0, begin - 3) : begin]
    if match.group("broken"):
        if BEFORE_NEVER.search(before):
            return None
        unit = match.group("bunit")
        return Quantity(begin, match.end(), None, unit, kind_of(unit), value_text=match.group())
    if match.group("hundred"):
        value = parse_number(match.group("hvalue"))
        return None if value is None else Quantity(begin, match.end(), value, "%", "share", value_text=match.group())
    if match.group("num"):
        return _arabic(text, match, before)
    return _chinese(text, match, before)


def _arabic(text: str, match: re.Match[str], before: str) -> Quantity | None:
    begin, end = match.span()
    unit = match.group("unit")
    if BEFORE_NEVER.search(before) and not (before.endswith("-") and before[:-1].strip() == ""):
        return None
    if before.endswith("第"):
        return None
    if LATIN_UNIT.search(unit) and end < len(text) and re.match(r"[A-Za-z0-9+]", text[end]):
        return None
    if unit in ("分", "级", "成", "升", "方", "门", "节", "里", "度", "届", "轮", "员") and not _plain_unit(
        text, unit, end
    ):
        return None
    if unit == "个" and _window().match(text, end):
        return None
    more = bool(match.group("more1") or match.group("more2") or match.group("more3"))
    full = (match.group("scale") or "") + unit
    if match.group("per"):
        full += "/" + match.group("per") if match.group("slash") == "/" else "每" + match.group("per")
    kind = kind_of(unit)
    if kind == "count" and _rhetorical().match(text, end):
        return None
    high = match.group("high")
    value = parse_number(match.group("num"))
    if high:
        return Quantity(begin, end, None, full, kind, more, match.group(), parse_number(high))
    return Quantity(begin, end, value, full, kind, more, match.group())


def _plain_unit(text: str, unit: str, end: int) -> bool:
    """Short unit words that also begin other words (分别, 方案, 级别, 度假): accept only where nothing follows on."""
    after = text[end : end + 1]
    if unit in ("届", "轮"):
        return False
    return not after or not ("\u4e00" <= after <= "\u9fff") or after in "以左的和及与"


def _chinese(text: str, match: re.Match[str], before: str) -> Quantity | None:
    number, unit = match.group("cnum"), match.group("cunit")
    kind = kind_of(unit)
    if BEFORE_ORDINAL.search(before) or BEFORE_NEVER.search(before):
        return None
    if kind == "count" and (unit in NOT_CHINESE_COUNT and not match.group("cscale")):
        value = parse_number(number)
        if unit != "个" or value is None or value < 11:
            return None
    if re.search(r"[一二三四五六七八九][一二三四五六七八九]", number) or number in ("十百", "百千", "千百"):
        return None
    if re.match(r"年|月|日", text[match.end() : match.end() + 1]) or len(unit) == 1 and unit in "分成方里度升本":
        return None
    value = parse_number(number)
    if value is None or (value < 11 and kind == "count" and not match.group("cscale")):
        return None
    more = bool(match.group("cmore1") or match.group("cmore2"))
    return Quantity(match.start(), match.end(), value, (match.group("cscale") or "") + unit, kind, more, match.group())


def kind_of(unit: str) -> str:
    """share, money, area, volume, length, mass, energy, other or count; scale words in front are ignored."""
    bare = re.sub(rf"^{SCALE}", "", unit)
    return _kinds().get(unit) or _kinds().get(bare) or "other"


def bare_number(text: str, start: int, end: int) -> list[tuple[int, int, float | int]]:
    """Numbers without a unit in ``text[start:end]`` (for 分别 lists): (start, end, value)."""
    out = []
    for match in re.finditer(ARABIC, text[start:end]):
        value = parse_number(match.group())
        if value is not None:
            out.append((start + match.start(), start + match.end(), value))
    return out
