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
        rf"|(?P<cnum>[{CHINESE}]{{2,}}|[{CHINESE}](?=万|亿)|[十百千](?=余|多))(?P<cmore1>{MORE})?(?P<cscale>{SCALE})?(?P<cmore2>{MORE})?"
        rf"(?P<cunit>{unit})"
    )


@cache
def _people() -> re.Pattern[str]:
    return re.compile(rf"(?P<num>{ARABIC})(?P<unit>万)(?P<more>余|多)?(?=名?{any_of(measures().people)})")


@cache
def _window() -> re.Pattern[str]:
    return re.compile(any_of(w.removeprefix("个") for w in measures().windows))


@cache
def _rhetorical() -> re.Pattern[str]:
    return re.compile(any_of(measures().rhetorical))


JOINS = re.compile(r"\s?(?:-|–|—|~|～|至|到)\s?")
DAYS = re.compile(r"天数[^,。;、]{0,12}$")
MORE_DAYS = re.compile(r"(?:增加|减少|增长|下降|多|少)(?:了|约|近)?$")
HELD = re.compile(r"(?:举办|承办|召开|开展|组织|办|举行|进行)(?:了|过)?$")
TENTHS = re.compile(
    r"(?:超过?|近|达到?|占比?|为|约|逾|有|的|以上|不足|增长|下降)(?P<num>[一二三四五六七八九两])(?P<unit>成)(?![立员为功果就本分熟品型])"
)
INDEX = re.compile(
    r"(?:指数|系数|得分|评分|总分|分值|比值|容积率|pH值?)(?:同比)?(?:提高|提升|上升|增加|下降|降低|降|升)?"
    r"(?:分别)?(?:达到|达|为|是|到|至|稳定在|保持在|控制在|不低于|不高于|不超过|约)?(?P<num>\d+(?:\.\d+)?)(?=以上|以下|以内|左右|[,。;、)\s]|$)"
)
BEFORE_NEVER = re.compile(r"[A-Za-z0-9.+*#_＋№-]$")
BEFORE_ORDINAL = re.compile(r"(?:第|近|连续|历时|为期|前|后|过去|未来|同比|十四|十三|十五|“)$")
LATIN_UNIT = re.compile(r"[A-Za-z]$")
NOT_CHINESE_COUNT = set("届次轮大级个批类期节层道门组")


def find_quantities(text: str, start: int, end: int) -> list[Quantity]:
    """All quantities of ``text[start:end]`` (``text`` is the half-width view), in order, without overlap."""
    found: list[Quantity] = []
    for match in _pattern().finditer(text, start, end):
        quantity = _read(text, match)
        if quantity is None:
            continue
        if quantity.unit == "天" and not _counts_days(text, start, quantity, found):
            continue
        if found and (joined := _joined(text, start, found[-1], quantity)):
            found[-1] = joined
        else:
            found.append(quantity)
    extra = [m for p in (INDEX, TENTHS, _people()) for m in _bare_matches(text, start, end, p)]
    extra = [q for q in extra if not any(f.start < q.end and q.start < f.end for f in found)]
    return sorted([*found, *extra], key=lambda q: q.start) if extra else found


def _bare_matches(text: str, start: int, end: int, pattern: re.Pattern[str]) -> list[Quantity]:
    """Indices and scores (no unit is printed) and tenths in words (四成)."""
    out = []
    for match in pattern.finditer(text, start, end):
        unit = match.groupdict().get("unit") or ""
        value = parse_number(match.group("num"))
        begin, stop = match.start("num"), match.end("unit") if unit else match.end("num")
        kind = "share" if unit == "成" else "count" if unit else "index"
        if kind != "count" or not BEFORE_NEVER.search(text[max(start, begin - 3) : begin]):
            more = bool(match.groupdict().get("more"))
            out.append(Quantity(begin, stop, value, unit, kind, more, text[begin:stop]))
    return out


def _counts_days(text: str, start: int, quantity: Quantity, found: list[Quantity]) -> bool:
    """Days measure a figure only behind 天数, or as a change of such a figure; elsewhere they limit."""
    before = text[max(start, quantity.start - 30) : quantity.start]
    if DAYS.search(before):
        return True
    return bool(MORE_DAYS.search(before)) and any(f.unit == "天" for f in found)


def _joined(text: str, start: int, first: Quantity, second: Quantity) -> Quantity | None:
    """``10%~15%`` as one range; 由10%到15% stays two values."""
    between = text[first.end : second.start]
    if first.unit != second.unit or first.high is not None or not JOINS.fullmatch(between):
        return None
    if first.value is None or second.value is None or second.value <= first.value:
        return None
    if re.search(r"[由从]", text[max(start, first.start - 15) : first.start]) and between.strip() in "至到":
        return None
    words = text[first.start : second.end]
    return Quantity(first.start, second.end, None, first.unit, first.kind, second.more, words, second.value)


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
    if before.endswith("第") or (unit in ("位", "名", "强") and before.endswith(("前", "后"))):
        return None
    if LATIN_UNIT.search(unit) and end < len(text) and re.match(r"[A-Za-z0-9+]", text[end]):
        return None
    if unit in ("分", "级", "成", "升", "方", "门", "节", "里", "度", "届", "轮", "员") and not _plain_unit(
        text, unit, begin, end
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


def _plain_unit(text: str, unit: str, begin: int, end: int) -> bool:
    """Short unit words that also begin other words (分别, 方案, 级别, 度假): accept only where nothing follows on."""
    after = text[end : end + 1]
    if unit in ("届", "轮"):
        return bool(HELD.search(text[max(0, begin - 6) : begin]))
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
    more = bool(match.group("cmore1") or match.group("cmore2"))
    if value is None or (value < (10 if more else 11) and kind == "count" and not match.group("cscale")):
        return None
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
