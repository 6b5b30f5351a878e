"""Dates and periods as printed: deadlines, stated years, months, ranges, 累计 and 以来. Years may be anonymised."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass

from ecocloud.intake.documents.numbers import chinese_to_int

FULL = re.compile(
    r"(?<![\dA-Za-z])(?P<y>(?:19|20)\d{2}|20\d[_Xx×*])\s?年(?!度?以来)"
    r"(?:\s?(?P<m>\d{1,2})\s?月(?:份)?(?:\s?(?P<d>\d{1,2})\s?[日号])?|(?P<half>上半年|下半年)|(?P<q>第?[一二三四1-4]季度))?"
    r"(?P<tail>年?底|年?末|底|末|初|中旬|上旬|下旬)?"
)
MONTHS = re.compile(
    r"(?:(?P<y>(?:19|20)\d{2}|20\d[_Xx×*])\s?年)?\s?(?P<a>\d{1,2})\s?(?:月)?\s?(?:-|–|—|~|～|至|到)\s?(?P<b>\d{1,2})\s?月(?:份)?(?!\d{1,2}日)"
)
DAYS = re.compile(
    r"(?:(?P<y>(?:19|20)\d{2}|20\d[_Xx×*])\s?年)?\s?(?P<m1>\d{1,2})\s?月\s?(?P<d1>\d{1,2})\s?日\s?(?:-|–|—|~|～|至|到)\s?"
    r"(?:(?P<y2>(?:19|20)\d{2})\s?年)?(?:(?P<m2>\d{1,2})\s?月)?\s?(?P<d2>\d{1,2})\s?日"
)
DEADLINE = re.compile(
    r"(?:(?:力争|争取|确保)?(?:在|于|到|至|截至|截止到?)?)"
    r"(?:(?P<rel>本年|今年|当年|明年|全年|每年)|(?P<y>(?:19|20)\d{2}|20\d[_Xx×*])\s?年)?\s?"
    r"(?:(?P<m>\d{1,2})\s?月(?:份)?\s?(?:(?P<d>\d{1,2})\s?[日号])?|(?P<half>上半年|下半年)|(?P<q>第?[一二三四1-4]季度))?"
    r"(?P<tail>年底|年末|月底|月末|底|末|中旬|上旬|下旬|内)?\s?(?:下班|上班|中午)?(?P<before>之前|以前|前)?"
)
RELATIVE = re.compile(
    r"(?:今年|本年|全年)?(?P<part>上半年|下半年|前三个?季度|前[一二两]个?季度|第?[一二三四]季度|前(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,2})个月)(?![前底末])"
)
LAST_YEAR = re.compile(r"(?<![较比与同自])(?:去年|上年度?)(?!同期|底|末|以来|年)")
MONTH = re.compile(r"(?:今年|本年)?(\d{1,2})月(?:份)?(?P<tail>底|末)?(?![\d日前])")
PLAN_PERIOD = re.compile(r"“?(?P<n>[一二三四五六七八九十]{1,3})五”?(?:规划)?(?P<at>时期|期间|以来|末|期末)")
SINCE = re.compile(r"自?(?P<y>(?:19|20)\d{2}|20\d[_Xx×*])\s?年度?以来")
ACHIEVE = re.compile(
    r"(?:前|内)?(?:获|完成|建成|开工|启动|实现|投[产用运]|竣工|通过|达到|出台|印发|基本|全面|全部|落地)"
)
WITHIN_YEAR = re.compile(r"(?<![\d一二两三四五六七八九十当每])年内(?=[\u4e00-\u9fff])(?!的)")
PART_DONE = re.compile(
    r"(?<![\d\u4e00-\u9fff较比])(?:(?:今年|本年)?(?:上半年|下半年|第?[一二三四]季度)|(?:在|于)?\d{1,2}月(?:份)?)"
    r"(?=(?:要)?(?:全面|全部|基本)?(?:完成|建成|开工|启动|投产|投用|竣工|印发|出台|报送|提交))"
)
VAGUE = re.compile(
    r"(?:明年|今年)?(?:入汛|主?汛期(?:来临|到来|结束)?|入冬|供暖[季期]?(?:来临|到来|开始)?|采暖[季期]?(?:来临|到来)?|春节|国庆(?:节)?|元旦|开学"
    r"|(?:下次|下一次)(?:会议|例会|调度会)(?:召开)?)(?:之前|以前|前)"
    r"|(?:自)?(?:(?:本)?(?:纪要|通知|文件|意见|方案)?(?:印发|下发|发布)之日起|(?<!之)会后)?(?:在|于)?"
    r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3}|半)个?(?:工作日|日|天|周|星期|月)(?:之|以)?内"
    r"|(?:本周|本月|本季度|下周|下月)(?:之)?(?:内|底|末)?前?(?=[\u4e00-\u9fff,])"
)
RECURRING = re.compile(r"(?:[接收发出受]\S{0,8}后|每\S{0,4}|连续|为期|近|之日起|周期|在?其)$")
YEAR_END = re.compile(r"(?:今年|本年)?(?:年底前?|年内)")
YEARS = re.compile(r"((?:19|20)\d{2})\s?年?\s?(?:[-–—~～]{1,2}|至|到)\s?((?:19|20)\d{2})\s?年")
OWN = re.compile(r"(?P<y>(?:19|20)\d{2}|20\d[_Xx×*])\s?年(?:度|底|末)?的?$")
NOW = re.compile(r"(?:目前|现在|当前|如今|((?:去年|上年)(?:年?底|年?末|同期)?))的?$")
HALF_END = {"上半年": (6, 30), "下半年": (12, 31)}
QUARTER = {c: i for i, c in enumerate("一二三四", 1)} | {str(i): i for i in range(1, 5)}


@dataclass(frozen=True)
class Deadline:
    """A time limit: ISO ``date`` (last day allowed; '' when the words fix none), the printed words and their span."""

    date: str
    start: int
    end: int


@dataclass(frozen=True)
class StatedPeriod:
    """An EDTF period that the text states at ``start``-``end``; ``basis`` stated."""

    edtf: str
    start: int
    end: int


def year_text(printed: str) -> str:
    """``2022`` stays, an anonymised ``202_`` becomes ``202X``."""
    return printed[:3] + "X" if not printed.isdigit() else printed


def last_day(year: str, month: int) -> int:
    """Last day of a month; anonymised years count as common years."""
    return calendar.monthrange(int(year), month)[1] if year.isdigit() else calendar.monthrange(2023, month)[1]


def valid_day(year: str, month: int, day: int) -> bool:
    """Whether the calendar of ``year`` (four digits, the last may be X) has that day."""
    return 1 <= month <= 12 and 1 <= day <= last_day(year, month)


def _end_of(match: re.Match[str], year: str) -> str | None:
    month, day = match.group("m"), match.group("d")
    tail = match.group("tail") or ""
    if match.group("half"):
        m, d = HALF_END[match.group("half")]
    elif match.group("q"):
        m = QUARTER[match.group("q").replace("第", "")[0]] * 3
        d = last_day(year, m)
    elif month:
        m = int(month)
        if not 1 <= m <= 12:
            return None
        d = int(day) if day else {"上旬": 10, "中旬": 20}.get(tail, last_day(year, m))
    else:
        m, d = 12, 31
    return f"{year}-{m:02d}-{d:02d}" if valid_day(year, m, d) else None


def find_deadlines(text: str, start: int, end: int, default_year: str | None) -> list[Deadline]:
    """Time limits in ``text[start:end]``: words with 前, 底, 内 or 到...年.

    ``default_year`` (the plan year) completes limits printed without a year.
    """
    found: list[Deadline] = []
    for match in DEADLINE.finditer(text, start, end):
        aimed = (
            match.group("q") and match.group().startswith(("争取", "力争", "确保")) and ACHIEVE.match(text, match.end())
        )
        if match.end() - match.start() < 2 or not (match.group("before") or match.group("tail") or aimed):
            continue
        words = match.group()
        if not any(match.group(g) for g in ("y", "m", "half", "q", "rel")) and not words.startswith(
            ("年", "到年", "在年")
        ):
            continue
        if match.group("rel") in ("全年", "每年") or (match.start() and text[match.start() - 1] in "0123456789至-~"):
            continue
        tail = match.group("tail") or ""
        if "年" in tail and match.group("m"):
            continue
        if tail == "内" and not match.group("rel") and not match.group("y"):
            continue
        if text[match.end() : match.end() + 1] in tuple("期述款端级"):
            continue
        if (
            not match.group("before")
            and (match.group("y") or not tail.startswith(("年底", "底")))
            and not words.startswith(("到", "至", "在", "于", "力争", "确保", "争取", "年底", "今年", "本年"))
        ):
            continue
        year = year_text(match.group("y")) if match.group("y") else default_year
        if not year:
            continue
        if match.group("rel") == "明年" and year.isdigit():
            year = str(int(year) + 1)
        date = _end_of(match, year)
        if date:
            found.append(Deadline(date, match.start(), match.end()))
    return found


def find_others(text: str, start: int, end: int, year: str | None) -> list[Deadline]:
    """Time limits that :func:`find_deadlines` leaves: 上半年 and 三季度 in front of something to be done, 年内 where it
    has no number of its own (with one the bare year is its period), and limits that no calendar fixes (一周内, 汛期前,
    6月底前 in a paper that names no year).

    Standing rules (接到举报后3日内, 每10日内) are no time limits.
    """
    found: list[Deadline] = []
    for pattern in (WITHIN_YEAR, PART_DONE):
        for match in pattern.finditer(text, start, end):
            clause = re.compile(r"[,。;\n]").search(text, match.end(), end)
            rest = text[match.end() : clause.start() if clause else end]
            limit = DEADLINE.match(text, match.start(), end)
            date = f"{year}-12-31" if pattern is WITHIN_YEAR else _end_of(limit, year) if limit and year else None
            if year and date and (pattern is PART_DONE or not re.search(r"\d", rest)):
                found.append(Deadline(date, match.start(), match.end()))
    if not year:
        dated = find_deadlines(text, start, end, "2024")
        found += [Deadline("", d.start, d.end) for d in dated if not re.search(r"20\d", text[d.start : d.end])]
    for match in VAGUE.finditer(text, start, end):
        if not RECURRING.search(text, max(start, match.start() - 12), match.start()):
            found.append(Deadline("", match.start(), match.end()))
    return found


def find_stated(text: str, start: int, end: int, year: str | None = None) -> StatedPeriod | None:
    """The period that a clause states for its figures, or None. Years inside names and titles are not periods;
    ``year`` completes months that are printed without a year."""
    clause = text[start:end]
    lead = re.match(r"[\s“”,]*(?:(?:其中|截至|截止到?|至|到|自|从|在|于|力争|争取|确保|预计|计划)[:,]?)?", clause)
    offset = lead.end() if lead else 0
    several = YEARS.match(clause, offset)
    if several:
        return StatedPeriod(f"{several.group(1)}/{several.group(2)}", start + several.start(), start + several.end())
    for pattern, reader in ((DAYS, _days), (MONTHS, _months), (FULL, _full)):
        match = pattern.match(clause, offset)
        if match is None and pattern is not FULL:
            match = pattern.search(clause)
        if match is not None:
            edtf = reader(match, clause, year)
            if edtf:
                return StatedPeriod(edtf, start + match.start(), start + match.end())
    until = clause[:offset].rstrip(":,").endswith(("截至", "截止", "截止到"))
    month = MONTH.match(clause, offset)
    if month and year and 1 <= int(month.group(1)) <= 12 and (until or not month.group("tail")):
        edtf = f"{year}-{int(month.group(1)):02d}"
        edtf += f"-{last_day(year, int(month.group(1))):02d}" if until else ""
        return StatedPeriod(edtf, start + offset, start + month.end())
    if found := _named_period(clause, offset, year):
        return StatedPeriod(found[0], start + found[1], start + found[2])
    match = re.search(r"(?:截至|截止到?|到|于|在)(?=(?:19|20)\d)", clause)
    if match:
        full = FULL.match(clause, match.end())
        if full and (edtf := _full(full, clause, year)):
            return StatedPeriod(edtf, start + full.start(), start + full.end())
    return None


def part_of_year(title: str) -> str | None:
    """The half or quarter that a title speaks of (2023年上半年), as EDTF."""
    match = next((m for m in FULL.finditer(title) if m.group("half") or m.group("q")), None)
    return _full(match, title, None) if match else None


def _named_period(clause: str, offset: int, year: str | None) -> tuple[str, int, int] | None:
    """(EDTF, start, end) of 自2021年以来, "十四五"期间, 上半年, 前三季度 and 去年."""
    since = SINCE.search(clause)
    if since:
        return f"{year_text(since.group('y'))}/..", since.start(), since.end()
    plan = PLAN_PERIOD.search(clause)
    if plan and not re.search(r"[较比]$", clause[: plan.start()]) and (number := chinese_to_int(plan.group("n"))):
        first = 1951 + 5 * number
        edtf = {"末": f"{first + 4}", "期末": f"{first + 4}", "以来": f"{first}/.."}.get(plan.group("at"))
        return edtf or f"{first}/{first + 4}", plan.start(), plan.end()
    if not year:
        return None
    end = YEAR_END.match(clause, offset)
    if end:
        return year, end.start(), end.end()
    part = RELATIVE.match(clause, offset)
    if part:
        last = _last_month(part)
        first = (
            7
            if part.group("part") == "下半年"
            else last - 2
            if "前" not in part.group() and "季" in part.group()
            else 1
        )
        if 1 <= last <= 12:
            return f"{year}-{first:02d}-01/{year}-{last:02d}-{last_day(year, last):02d}", part.start(), part.end()
    before = LAST_YEAR.search(clause)
    if before and year.isdigit():
        return str(int(year) - 1), before.start(), before.end()
    return None


def _last_month(part: re.Match[str]) -> int:
    words = part.group("part")
    if part.group("n"):
        return int(part.group("n")) if part.group("n").isdigit() else chinese_to_int(part.group("n")) or 0
    if "半年" in words:
        return HALF_END[words][0]
    return 3 * (chinese_to_int(re.sub(r"[前第个季度]", "", words)) or 0)


def own_period(text: str, start: int, begin: int) -> tuple[str, int] | None:
    """(year, where it is printed) when a year stands directly before the number at ``begin`` (由2018年的5座); the year
    is '' for 目前的, 'last' for 去年底的."""
    match = OWN.search(text, max(start, begin - 12), begin)
    now = NOW.search(text, max(start, begin - 6), begin) if match is None else None
    if now:
        return "last" if now.group(1) else "", now.start()
    return (year_text(match.group("y")), match.start()) if match else None


def _days(match: re.Match[str], clause: str, default: str | None) -> str | None:
    year = match.group("y") or default
    if not year:
        return None
    first, second = year_text(year), match.group("y2") or year_text(year)
    parts = [int(match.group(g) or match.group("m1")) for g in ("m1", "d1", "m2", "d2")]
    if not (valid_day(first, parts[0], parts[1]) and valid_day(second, parts[2], parts[3])):
        return None
    return f"{first}-{parts[0]:02d}-{parts[1]:02d}/{second}-{parts[2]:02d}-{parts[3]:02d}"


def _months(match: re.Match[str], clause: str, default: str | None) -> str | None:
    a, b = int(match.group("a")), int(match.group("b"))
    year = match.group("y") or default
    if not (1 <= a <= b <= 12) or not year:
        return None
    year = year_text(year)
    return f"{year}-{a:02d}-01/{year}-{b:02d}-{last_day(year, b):02d}"


def _full(match: re.Match[str], clause: str, default: str | None) -> str | None:
    year, month, day = year_text(match.group("y")), match.group("m"), match.group("d")
    tail = match.group("tail") or ""
    before = clause[: match.start()]
    until = before.endswith(("截至", "截止", "截止到", "到"))
    if re.match(r"(?:起|开始|以来)", clause[match.end() :]):
        return f"{year}/.."
    if month and not 1 <= int(month) <= 12:
        return None
    if day:
        return f"{year}-{int(month):02d}-{int(day):02d}" if valid_day(year, int(month), int(day)) else None
    if month:
        if tail in ("底", "末") or until:
            return f"{year}-{int(month):02d}-{last_day(year, int(month)):02d}"
        return f"{year}-{int(month):02d}"
    if match.group("half"):
        return f"{year}-01-01/{year}-06-30" if match.group("half") == "上半年" else f"{year}-07-01/{year}-12-31"
    if match.group("q"):
        q = QUARTER[match.group("q").replace("第", "")[0]]
        return f"{year}-{q * 3 - 2:02d}-01/{year}-{q * 3:02d}-{last_day(year, q * 3):02d}"
    if tail in ("底", "末", "年底", "年末") and before.endswith(("截至", "截止", "截止到")):
        return f"{year}-12-31"
    return year
