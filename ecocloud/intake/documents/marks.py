"""Words directly before and after a number that say how it is meant: bounds, changes, levels, ranks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ecocloud.intake.documents.indicators import only_verbs
from ecocloud.intake.documents.lexicon import any_of, qualifiers
from ecocloud.intake.documents.numbers import CHINESE, parse_number


@dataclass
class Marks:
    """What the words around one number say. ``cut`` is where the name in front ends, ``after`` where the words behind
    the number end; ``base`` is what a difference is measured against."""

    cut: int
    after: int
    lower: bool = False
    upper: bool = False
    approx: bool = False
    strict: bool = False
    change: str = ""
    direction: str | None = None
    base: str = ""
    yoy: bool = False
    cumulative: bool = False
    previous: bool = False


@dataclass(frozen=True)
class Rank:
    """A rank (``value`` None for 前列): evidence span of the rank words, scope, True for 双第一 and 前 N."""

    start: int
    end: int
    value_start: int
    value: int | None
    scope: str
    double: bool = False
    upto: bool = False
    size: int | None = None


AGAINST = re.compile(r"平均|均值|同期|计划|目标|进度|水平|标准值|全[省国市县]")
AND_RANK = re.compile(
    rf"(?:和|、|及|与)(?P<ord>第)(?P<num>[{CHINESE}]{{1,3}}|\d{{1,4}})(?:位|名)?(?![批轮次届个家台期条章节季款产大代])"
)
APPROX_END = re.compile(r"(?:大?约|将?近)$")
LEAST = re.compile(r"(?:至少|最少|不少于|不低于)(?P<verb>[\u4e00-\u9fff]{2,6})$")


@cache
def _tails() -> re.Pattern[str]:
    q = qualifiers()
    return re.compile(
        rf"(?:{any_of(q.level)}|{any_of(q.lower_before)}|{any_of(q.upper_before)}|{any_of(q.approx_before)})$"
    )


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(any_of(getattr(qualifiers(), name)))


@cache
def _change() -> re.Pattern[str]:
    q = qualifiers()
    return re.compile(
        rf"(?P<base>{any_of(q.yoy)})?(?:分别)?(?<!新)(?P<verb>{any_of([*q.rise, *q.fall])})(?:了|约|近|率)?$"
        r"|(?:较|比)[^,;。]{1,8}(?P<verb2>[多少])(?:了|约|近)?$"
    )


@cache
def _difference() -> re.Pattern[str]:
    return re.compile(
        r"(?P<side>高于|高出|高过|快于|优于|超出|低于|慢于|低出)(?P<base>[^,;。、]{0,30})$"
        r"|[比较](?P<base2>(?!上年|去年|上季|上月|年初|同期|(?:19|20)\d)[^,;。、]{2,20}?)(?<![提减增降升])(?P<side2>[高低快慢多少])(?:出)?(?:了|约|近)?$"
    )


@cache
def _after() -> re.Pattern[str]:
    q = qualifiers()
    return re.compile(
        rf"(?P<low>{any_of(x for x in q.lower_after if len(x) > 1)})|(?P<up>{any_of(q.upper_after)})"
        rf"|(?P<about>{any_of(q.approx_after)})"
    )


def read_marks(text: str, start: int, begin: int, end: int, stop: int, unit: str, more: bool) -> Marks:
    """Read the marks of the number at ``begin``-``end`` inside the stretch ``start``-``stop``."""
    q = qualifiers()
    marks = Marks(cut=begin, after=end, lower=more)
    after = _after().match(text, end, stop)
    if after:
        marks.after = after.end()
        marks.lower = marks.lower or bool(after.group("low"))
        marks.upper = bool(after.group("up"))
        marks.approx = bool(after.group("about"))
    start = max(start, begin - 200)
    lead = text[start:begin]
    marks.cumulative = bool(_pattern("cumulative").search(lead))
    difference = _difference().search(lead)
    base = (difference.group("base") or difference.group("base2") or "") if difference else ""
    if difference and ("百分点" in unit or (base and (unit in ("%", "个", "位") or AGAINST.search(base)))):
        marks.base = APPROX_END.sub("", base)
        marks.approx = marks.approx or marks.base != base
        marks.change = "difference"
        side = difference.group("side") or difference.group("side2")
        marks.direction = "below" if side[0] in "低慢少" else "above"
        marks.cut = start + difference.start()
        return marks
    if _read_change(lead, start, marks, unit):
        return marks
    while True:
        found = _tails().search(text[start : marks.cut].rstrip(" :“"))
        if not found or found.end() == 0:
            break
        word = found.group()
        marks.lower = marks.lower or word in q.lower_before
        marks.upper = marks.upper or (word in q.upper_before and not (word == "控制在" and not marks.upper))
        marks.approx = marks.approx or word in q.approx_before
        marks.strict = marks.strict or word in q.strict
        marks.cumulative = marks.cumulative or word in q.cumulative
        marks.cut = start + found.start()
    while marks.cut > start and text[marks.cut - 1] in " :“":
        marks.cut -= 1
    least = LEAST.search(text[start : marks.cut])
    if least and only_verbs(least.group("verb")):
        marks.lower = True
    marks.previous = bool(re.search(r"[由从]$", text[start : marks.cut]))
    _read_change(text[start : marks.cut], start, marks, unit) if "占" not in text[marks.cut : begin] else None
    return marks


def _read_change(lead: str, start: int, marks: Marks, unit: str) -> bool:
    found = _change().search(lead)
    if not found or re.search(r"(?:到|至|为)$", lead):
        return False
    verb = {"多": "增加", "少": "减少"}.get(found.group("verb2") or "") or found.group("verb")
    yoy = found.group("base") or next(iter(_pattern("yoy").findall(lead)), "")
    since = re.search(
        r"(?:比|较)(?:(?:19|20)\d|基[期准]|“?[一二三四五六七八九十]{1,3}五|年初|年中|上月|上季|目标|计划)", lead
    )
    since = since or lead[: found.start()].endswith("累计")
    if unit in ("%", "倍") or yoy:
        marks.change = "change" if (since or "百分点" in unit) and not yoy else "change_yoy"
    elif "百分点" in unit or verb in (
        "增加",
        "减少",
        "下降",
        "降低",
        "增长",
        "上升",
        "提高",
        "削减",
        "前移",
        "后移",
        "前进",
    ):
        marks.change = "change"
    else:
        return False
    marks.direction = "down" if verb in qualifiers().fall else "up"
    marks.base = yoy or verb
    marks.yoy = bool(yoy)
    marks.cut = start + found.start()
    lead = lead[: found.start()]
    trimmed = re.sub(r"(?:[,\s]|[年月日]均|均|都|平均|分别|比上年|较上年|同比)+$", "", lead)
    marks.cut = start + len(trimmed)
    return True


@cache
def _rank() -> re.Pattern[str]:
    q = qualifiers()
    scope = rf"(?P<scope>(?:在)?{any_of(q.scopes)}[^,。;、]{{0,14}}?)"
    number = rf"(?P<num>[{CHINESE}]{{1,3}}|\d{{1,4}})"
    return re.compile(
        rf"(?:(?:均|都|双双|并列)?(?P<verb>{any_of(q.rank_verbs)})(?:在)?)?{scope}?(?:的)?(?:均|都)?(?P<verb2>{any_of(q.rank_verbs)})?"
        rf"(?:(?P<double>双)?(?P<ord>第){number}(?:位|名)?(?![批轮次届个家台期条章节二三四五季款产大代方])"
        rf"|(?P<upto>前){number.replace('num', 'num2')}(?:位|名|强)?(?![年个月次天期半])"
        rf"|(?P<front>前列))"
    )


def find_ranks(text: str, start: int, end: int) -> list[Rank]:
    """Ranks in ``text[start:end]``: a rank verb or a scope (全省 ...) must stand before the ordinal."""
    out: list[Rank] = []
    for match in _rank().finditer(text, start, end):
        if not (match.group("verb") or match.group("verb2") or match.group("scope")):
            continue
        if match.group("front"):
            value, at = None, match.start("front")
        else:
            printed = match.group("num") or match.group("num2")
            parsed = parse_number(printed)
            if not isinstance(parsed, int):
                continue
            value, at = (
                parsed,
                match.start("double")
                if match.group("double")
                else match.start("ord" if match.group("ord") else "upto"),
            )
        scope = re.sub(r"^在|中$|的$", "", match.group("scope") or "")
        size = re.search(r"(\d+)个", scope)
        out.append(Rank(
            match.start(), match.end(), at, value, scope, bool(match.group("double")), bool(match.group("upto")),
            int(size.group(1)) if size else None))  # fmt: skip
        at = match.end()
        while more := AND_RANK.match(text, at, end):
            value = parse_number(more.group("num"))
            if isinstance(value, int):
                out.append(Rank(match.start(), more.end(), more.start("ord"), value, scope))
            at = more.end()
    return out
