"""Parts against totals: counted lists, lists with 合计 behind them, 其中, printed additions, tables. Pure.

A sum is called wrong only where the text says that the parts make up the whole: as many parts as classes are printed
before the total, a total word behind the list, 其余, a printed ``=``, a 合计 row. 其中 alone may leave things out;
there only a part above its total, or at least three parts above it, is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache

from ecocloud.intake.documents.findings_facts import consistency_facts
from ecocloud.intake.documents.lexicon import any_of
from ecocloud.intake.documents.numbers import CHINESE, parse_number
from ecocloud.intake.documents.stated import Amount, Finding, Span, Stated, half_step, measure, plain, rounded

_EXTENSIVE = ("money", "area", "length", "mass", "volume", "energy", "count", "?", "power")
_FORMULA = re.compile(
    r"(?<![\d+＋.])\d+(?:\.\d+)?(?:\s?[+＋]\s?\d+(?:\.\d+)?){1,40}\s?[=＝]\s?(?P<total>\d+(?:\.\d+)?)"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CELL = re.compile(r"-?\d[\d,，]*(?:\.\d+)?")
_TOTAL_ROW = re.compile(r"^(?:合计|总计|共计|全部合计)$")
_SUBTOTAL_ROW = re.compile(r"^小计$")
_NO_SUM_HEAD = re.compile(r"率|%|％|比|序号|编号|年|均|位次|排名|电话|文号")
_MOST_PARTS, _LEAST_OPEN_LIST = 40, 3


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    facts = consistency_facts()
    strong = any_of(w for w in facts.total_words if len(w) > 1)
    return {
        "classes": re.compile(
            rf"(?P<n>\d{{1,2}}|[{CHINESE}]{{1,3}})个?{any_of(facts.class_words)}(?:共|共计|合计|的)?$"
        ),
        "total": re.compile(rf"(?:{strong}[^，,。；;：:、\d]{{0,6}}|共)$"),
        "not_total": re.compile(any_of(facts.not_total_after)),
        "among": re.compile(any_of(facts.among_words)),
        "rest": re.compile(any_of(facts.rest_words)),
    }


def extensive(amount: Amount) -> bool:
    """Whether amounts of this kind can be added: counts, money, areas; never shares, concentrations, ranks."""
    return amount.is_level and amount.unit != "" and amount.dimension.startswith(_EXTENSIVE)


def find_sums(stated: Stated) -> list[Finding]:
    """Every total whose parts stand beside it, right or wrong, in the order of the text."""
    rows = [amount for amount in stated.amounts if extensive(amount)]
    found: list[Finding] = []
    for index in range(len(rows)):
        made = _counted(stated, rows, index) or _behind(stated, rows, index) or _among(stated, rows, index)
        if made is not None:
            found.append(made)
    return sorted([*found, *_formulas(stated), *_tables(stated)], key=lambda one: one.spans[0].start)


def _alike(total: Amount, rows: Sequence[Amount]) -> list[Amount]:
    return [one for one in rows if one.dimension == total.dimension]


def _counted(stated: Stated, rows: Sequence[Amount], index: int) -> Finding | None:
    """“8大类189个项目。其中…11个；…44个”: as many parts as classes."""
    total = rows[index]
    match = _patterns()["classes"].search(stated.text, max(0, total.start - 10), total.start)
    if match is None or not total.exact:
        return None
    count = parse_number(match["n"])
    stop = stated.line_end(total.end)
    parts = _alike(total, [one for one in rows[index + 1 : index + 1 + _MOST_PARTS * 2] if one.end <= stop])
    if count is None or not 2 <= count <= len(parts) or not all(one.exact for one in parts[: int(count)]):
        return None
    between = stated.text[total.end : parts[0].start]
    if not (_patterns()["among"].search(between) or re.search("[：:]", between)):
        return None
    return _against(total, parts[: int(count)], [parts[:n] for n in range(2, len(parts) + 1)])


def _behind(stated: Stated, rows: Sequence[Amount], index: int) -> Finding | None:
    """“甲3个、乙5个，合计8个”: a total word directly before the last number of a list."""
    total = rows[index]
    start, _ = stated.sentence(total.start)
    before = stated.text[max(start, total.start - 12) : total.start]
    if not total.exact or not _patterns()["total"].search(before) or _patterns()["not_total"].search(before):
        return None
    parts: list[Amount] = []
    for one in reversed(rows[max(0, index - _MOST_PARTS) : index]):
        if one.start < start or one.dimension != total.dimension:
            break
        if _patterns()["total"].search(stated.text[max(start, one.start - 12) : one.start]):
            break
        parts.insert(0, one)
    if len(parts) < 2 or not all(one.exact for one in parts) or max(one.size for one in parts) > total.size:
        return None
    return _against(total, parts, [parts[n:] for n in range(len(parts) - 1)])


def _among(stated: Stated, rows: Sequence[Amount], index: int) -> Finding | None:
    """“共20个，其中甲3个、乙5个（，其余12个）”."""
    total = rows[index]
    _, stop = stated.sentence(total.end)
    among = _patterns()["among"].search(stated.text, total.end, min(stop, total.end + 40))
    if among is None or not total.exact:
        return None
    following = [one for one in rows[index + 1 : index + 1 + _MOST_PARTS] if one.end <= stop]
    if following and following[0].start < among.start():
        return None
    parts = []
    for one in following:
        if one.dimension != total.dimension or _patterns()["among"].search(stated.text, among.end(), one.start):
            break
        parts.append(one)
    if not parts or not all(one.exact for one in parts):
        return None
    if parts[0].low > total.high:
        facts = {"printed": total.printed, "found": parts[0].printed}
        spans = (total.span("总数"), parts[0].span("其中"))
        return Finding("part", spans, f"{parts[0].printed} > {total.printed}", facts)
    clause = re.split("[，,、；;]", stated.text[parts[-2].end : parts[-1].start])[-1] if len(parts) > 1 else ""
    if _patterns()["rest"].match(clause):
        return _against(total, parts, [parts])
    if len(parts) < _LEAST_OPEN_LIST:
        return None
    made = _against(total, parts, [parts[:n] for n in range(2, len(parts) + 1)])
    return made if made.holds or sum(one.low for one in parts) > total.high else None


def _against(total: Amount, parts: Sequence[Amount], chances: Sequence[Sequence[Amount]]) -> Finding:
    """The finding of a total against its parts; it holds when any of the possible lists gives the total."""
    for chance in chances:
        if _equal(total, chance):
            return _sum_finding(total, chance, True)
    return _sum_finding(total, parts, False)


def _equal(total: Amount, parts: Sequence[Amount]) -> bool:
    """Equal within the rounding of the printed numbers."""
    return sum(one.low for one in parts) <= total.high and sum(one.high for one in parts) >= total.low


def _sum_finding(total: Amount, parts: Sequence[Amount], holds: bool) -> Finding:
    scale = measure(total.unit)[1]
    size = sum((one.size for one in parts), Decimal(0))
    sizes = [rounded(one.size / scale) for one in parts]
    facts = {
        "printed": total.printed, "found": f"{rounded(size / scale)}{total.unit}",
        "gap": f"{rounded(abs(size - total.size) / scale)}{total.unit}", "name": total.name,
    }  # fmt: skip
    sign = "=" if holds else "≠"
    spans = (total.span("合计"), *(one.span("分项") for one in parts))
    if holds:
        return Finding("sum", spans, f"{' + '.join(sizes)} = {plain(total.value)}", facts, True)
    return Finding("sum", spans, f"{' + '.join(sizes)} = {rounded(size / scale)} {sign} {plain(total.value)}", facts)


# -- printed additions and tables -------------------------------------------------------------------------------------


def _formulas(stated: Stated) -> Iterator[Finding]:
    """“11+44+48=103” printed in the text."""
    for match in _FORMULA.finditer(stated.text):
        numbers = _NUMBER.findall(match.group())
        yield _numbers_finding(
            [Decimal(n) for n in numbers[:-1]],
            Decimal(numbers[-1]),
            numbers,
            (Span(*match.span(), match.group(), "算式"),),
        )


def _numbers_finding(parts: list[Decimal], total: Decimal, printed: list[str], spans: tuple[Span, ...]) -> Finding:
    halves = [
        half_step(text, Decimal(text.replace(",", "").replace("，", "")), "count", Decimal(1)) for text in printed
    ]
    size = sum(parts, Decimal(0))
    holds = abs(size - total) <= sum(halves, Decimal(0))
    words = " + ".join(plain(part) for part in parts)
    facts = {"printed": plain(total), "found": plain(size), "gap": plain(abs(size - total)), "name": ""}
    return Finding("sum", spans, f"{words} = {plain(size)}" + ("" if holds else f" ≠ {plain(total)}"), facts, holds)


def _tables(stated: Stated) -> Iterator[Finding]:
    """合计 rows of tables, column by column."""
    at, block = 0, []
    for line in [*stated.text.splitlines(keepends=True), ""]:
        if "\t" in line:
            block.append((at, line.rstrip("\r\n").split("\t")))
        elif block:
            yield from _table(stated.text, block)
            block = []
        at += len(line)


def _table(text: str, block: list[tuple[int, list[str]]]) -> Iterator[Finding]:
    width = len(block[0][1])
    if len(block) < 4 or any(len(cells) != width for _, cells in block):
        return
    heads, rows = block[0][1], block[1:]
    kinds = ["".join(cells[0].split()) or "".join(cells[1].split()) for _, cells in rows]
    totals = [n for n, kind in enumerate(kinds) if _TOTAL_ROW.match(kind)]
    if len(totals) != 1 or totals[0] not in (0, len(rows) - 1):
        return
    plain_rows = [n for n, kind in enumerate(kinds) if n != totals[0] and not _SUBTOTAL_ROW.match(kind)]
    for column in range(1, width):
        if _NO_SUM_HEAD.search(heads[column]):
            continue
        cells = [_cell(block, 1 + n, column) for n in plain_rows]
        total = _cell(block, 1 + totals[0], column)
        filled = [cell for cell in cells if cell is not None and cell[0] != ""]
        if total is None or total[0] == "" or None in cells or len(filled) < 2:
            continue
        numbers = [Decimal(cell[0]) for cell in filled]
        spans = (Span(total[1], total[2], text[total[1] : total[2]], "合计"),)
        spans += tuple(Span(a, b, text[a:b], "分项") for _, a, b in filled)
        yield _numbers_finding(numbers, Decimal(total[0]), [*(c[0] for c in filled), total[0]], spans)


def _cell(block: list[tuple[int, list[str]]], row: int, column: int) -> tuple[str, int, int] | None:
    """The number of a cell with its place, ('', ...) for an empty cell, None for words."""
    at, cells = block[row]
    start = at + sum(len(cell) + 1 for cell in cells[:column])
    words = cells[column].strip()
    if words in ("", "—", "-", "/", "－"):
        return "", start, start
    if not _CELL.fullmatch(words):
        return None
    first = start + cells[column].index(words)
    try:
        number = str(Decimal(words.replace(",", "").replace("，", "")))
    except InvalidOperation:
        return None
    return number, first, first + len(words)
