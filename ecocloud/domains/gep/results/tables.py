"""The tables of an outcome in one language: what page, report and workbook show. Pure.

Each total row is the sum of the rows above it, and each table of values has the same total: that of the accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from ecocloud.base.units import english_unit
from ecocloud.domains.gep import accounts as sums
from ecocloud.domains.gep.calculation import Gap
from ecocloud.domains.gep.facts import MONEY, Facts, Word
from ecocloud.domains.gep.results.outcome import Moved, Outcome, effects, gaps, moved, shares, total, whole

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Speech:
    """Words in one language: ``say`` turns a sentence of ours, ``regions`` are the names of divisions by code."""

    say: Callable[[str], str] = str
    english: bool = False
    regions: Mapping[str, str] = field(default_factory=dict)

    def word(self, fact: Word) -> str:
        """What a fact is called."""
        return fact.en if self.english else fact.zh

    def region(self, code: str) -> str:
        """The name of a division; its code where it is not known."""
        return self.regions.get(code, code)

    def unit(self, symbol: str) -> str:
        """A unit as it is written."""
        return english_unit(symbol) if self.english else symbol

    def part(self, facts: Facts, part: str) -> str:
        """The ecosystem or thing an amount is of; the region as a whole without one."""
        _ = self.say
        return self.word(facts.classes[part]) if part in facts.classes else part or _("全区域")

    def mark(self, mark: str) -> str:
        """What is known of a fact's printed text."""
        _ = self.say
        return {"verified": _("已核对原文"), "verified-secondary": _("据公开转述"), "from_memory": _("待核对原文"),
                "decided": _("自行确定")}.get(mark, mark)  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The head of a column; ``places`` of its numbers, None for text or for amounts as they come."""

    label: str
    unit: str = ""
    places: int | None = None


@dataclass(frozen=True)
class Row:
    """A line: cells in the order of the heads, and what it is of (codes)."""

    key: tuple[str, ...]
    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """A table; ``total`` its last row, None where nothing adds up; ``key`` names it and its sheet."""

    key: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    total: Row | None = None

    def column(self, at: int) -> list[Any]:
        """The cells of a column without the total."""
        return [row.cells[at] for row in self.rows]


def shown(amount: Decimal) -> Decimal:
    """A physical amount as a page writes it: whole above 1000, else four digits that count. The line keeps its own."""
    if not amount:
        return _ZERO
    places = 0 if abs(amount) >= 1000 else 3 - amount.adjusted()
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def _money(speech: Speech, label: str) -> Head:
    return Head(label, speech.unit(MONEY), 2)


def services(outcome: Outcome, speech: Speech) -> Table:
    """Each service accounted: value of the year, at constant prices where there are some, share."""
    _, facts = speech.say, outcome.facts
    now = {key[0]: value for key, value in sums.totals(outcome.accounts, sums.by_service).items()}
    then = {key[0]: value for key, value in sums.totals(outcome.constant, sums.by_service).items()}
    order = [code for code in facts.services if code in now]
    heads = [Head(_("服务")), Head(_("类别")), _money(speech, _("价值量（现价）"))]
    if outcome.base_year:
        heads.append(_money(speech, _("价值量（不变价）")))
    rows = []
    for code, share in zip(order, shares([now[one] for one in order]), strict=True):
        fact = facts.services[code]
        prices = (now[code], then[code]) if outcome.base_year else (now[code],)
        rows.append(Row((code,), (speech.word(fact), speech.word(facts.groups[fact.group]), *prices, share)))
    return _summed("services", _("分服务价值量"), (*heads, Head(_("占比"), "%", 2)), rows, speech)


def groups(outcome: Outcome, speech: Speech) -> Table:
    """The three groups: value of the year, at constant prices where there are some, share."""
    _, facts = speech.say, outcome.facts
    key = sums.by_group(facts)
    now, then = sums.totals(outcome.accounts, key), sums.totals(outcome.constant, key)
    values = [now.get((code,), _ZERO) for code in facts.groups]
    heads = [Head(_("类别")), _money(speech, _("价值量（现价）"))]
    if outcome.base_year:
        heads.append(_money(speech, _("价值量（不变价）")))
    rows = []
    for code, value, share in zip(facts.groups, values, shares(values), strict=True):
        prices = (value, then.get((code,), _ZERO)) if outcome.base_year else (value,)
        rows.append(Row((code,), (speech.word(facts.groups[code]), *prices, share)))
    return _summed("groups", _("分类别价值量"), (*heads, Head(_("占比"), "%", 2)), rows, speech)


def items(outcome: Outcome, speech: Speech) -> Table:
    """Each item: the amount of all regions and parts with its unit, and the value; money is no physical amount."""
    _, facts = speech.say, outcome.facts
    amounts: dict[str, Decimal] = {}
    for account in outcome.accounts:
        for line in account.lines:
            amounts[line.item] = amounts.get(line.item, _ZERO) + line.amount
    values = {key[0]: value for key, value in sums.totals(outcome.accounts, sums.by_item).items()}
    rows = []
    for code, (service, item) in facts.items.items():
        if code in values:
            amount = (None, "") if item.unit == MONEY else (amounts[code], speech.unit(item.unit))
            rows.append(Row((service.code, code), (speech.word(item), speech.word(service), *amount, values[code])))
    heads = (Head(_("科目")), Head(_("服务")), Head(_("功能量")), Head(_("单位")), _money(speech, _("价值量（现价）")))
    return _summed("items", _("分科目功能量和价值量"), heads, rows, speech)


def of_values(outcome: Outcome, speech: Speech) -> list[Table]:
    """Every table of values of an outcome in the order of a workbook, from groups of services to changes."""
    found = [make(outcome, speech) for make in (groups, services, items, ecosystems)]
    if len(outcome.accounts) > 1:
        found.append(regions(outcome, speech))
    found += [against(outcome, speech), years(outcome, speech)]
    return [*found, changes(outcome, speech, outcome.before)] if outcome.before else found


def _by_group(
    key: str, title: str, first: str, found: Mapping[tuple[str, ...], Decimal], order: Sequence[tuple[str, str]],
    outcome: Outcome, speech: Speech,
) -> Table:  # fmt: skip
    """Rows by ``order`` (code, label), a column for each group, their sum and share."""
    _, facts = speech.say, outcome.facts
    values = [[found.get((code, group), _ZERO) for group in facts.groups] for code, _label in order]
    rows = [
        Row((code,), (label, *line, sum(line, _ZERO), share))
        for (code, label), line, share in zip(order, values, shares([sum(one, _ZERO) for one in values]), strict=True)
    ]
    heads = (
        Head(first), *(_money(speech, speech.word(group)) for group in facts.groups.values()),
        _money(speech, _("合计")), Head(_("占比"), "%", 2),
    )  # fmt: skip
    return _summed(key, title, heads, rows, speech)


def region_word(outcome: Outcome, speech: Speech, code: str) -> str:
    """The name of a region accounted; what was not divided among the parts of the whole says so."""
    _ = speech.say
    name = speech.region(code)
    return _("%(region)s（未分到各地）") % {"region": name} if outcome.is_rest(code) else name


def ecosystems(outcome: Outcome, speech: Speech) -> Table:
    """Each first-level class of ecosystem by group; what is not computed by ecosystem stands in a row of its own."""
    _, facts = speech.say, outcome.facts
    found = sums.totals(outcome.accounts, sums.by_ecosystem, sums.by_group(facts))
    has = {key[0] for key in found}
    order = [(code, speech.word(fact)) for code, fact in facts.classes.items() if code in has]
    order += [("", _("不分生态系统"))] if "" in has else []
    return _by_group("ecosystems", _("分生态系统价值量"), _("生态系统"), found, order, outcome, speech)


def regions(outcome: Outcome, speech: Speech) -> Table:
    """Each region by group."""
    _ = speech.say
    found = sums.totals(outcome.accounts, sums.by_region, sums.by_group(outcome.facts))
    order = [(code, region_word(outcome, speech, code)) for code in outcome.regions]
    return _by_group("regions", _("分地区价值量"), _("地区"), found, order, outcome, speech)


def against(outcome: Outcome, speech: Speech) -> Table:
    """GEP against GDP, area and people, by region and in all."""
    _ = speech.say
    codes = ("gdp", "land", "population")

    def line(label: str, value: Decimal, codes_of: Sequence[str]) -> tuple[Any, ...]:
        given = [outcome.statistic(code, codes_of, outcome.year) for code in codes]
        found = outcome.ratios(value, codes_of, outcome.year)
        return label, value, *given, found.gdp, found.land, found.head

    rows = [
        Row((one.region,), line(speech.region(one.region), one.total, [one.region]))
        for one in outcome.accounts
        if not outcome.is_rest(one.region)
    ]
    heads = (
        Head(_("地区")), _money(speech, "GEP"), _money(speech, "GDP"), Head(_("面积"), speech.unit("平方公里")),
        Head(_("常住人口"), speech.unit("人")), Head("GEP/GDP", _("倍"), 2),
        Head(_("单位面积GEP"), speech.unit("万元/平方公里"), 2), Head(_("人均GEP"), speech.unit("元/人"), 2),
    )  # fmt: skip
    last = Row(("",), line(_("合计"), outcome.total, outcome.regions)) if len(outcome.accounts) > 1 else None
    return Table("against", _("与经济、面积、人口的关系"), heads, tuple(rows), last)


def years(outcome: Outcome, speech: Speech) -> Table:
    """Each year in which all regions were accounted: current and constant prices, change, GEP/GDP."""
    _ = speech.say
    rows, last = [], None
    for year in outcome.years:
        found = outcome.of_year(year)
        value = total(found)
        fixed = total(outcome.at_base(one) for one in found)
        change = None if last is None else sums.ratio((fixed - last) * 100, last)
        ratio = outcome.ratios(value, outcome.regions, year).gdp
        rows.append(Row((str(year),), (str(year), value, *((fixed,) if outcome.base_year else ()), change, ratio)))
        last = fixed
    heads = [Head(_("年份")), _money(speech, _("GEP（现价）"))]
    if outcome.base_year:
        heads.append(_money(speech, _("GEP（不变价）")))
    heads += [Head(_("比上一核算年"), "%", 2), Head("GEP/GDP", _("倍"), 2)]
    return Table("years", _("分年价值量"), tuple(heads), tuple(rows))


def effect_words(speech: Speech) -> dict[str, str]:
    """What the effects of a change are called."""
    _ = speech.say
    return {"area": _("面积"), "quality": _("质量"), "price": _("价格"), "scope": _("核算范围"), "change": _("总变化")}


def changes(outcome: Outcome, speech: Speech, year: int) -> Table:
    """The change from ``year`` by service, split into its effects; that of the scope only where there is one."""
    _, facts, words = speech.say, outcome.facts, effect_words(speech)
    found = moved(outcome, year)
    keys = effects(found)

    def cells(one: Moved) -> tuple[Decimal, ...]:
        return one.before, one.after, one.change, *(getattr(one, key) for key in keys)

    rows = [Row((one.service,), (speech.word(facts.services[one.service]), *cells(one))) for one in found]
    heads = (
        Head(_("服务")), _money(speech, str(year)), _money(speech, str(outcome.year)), _money(speech, _("变化")),
        *(_money(speech, words[key]) for key in keys),
    )  # fmt: skip
    last = Row(("",), (_("合计"), *cells(whole(found)))) if found else None
    return Table("changes", _("变化分解"), heads, tuple(rows), last)


def lines(outcome: Outcome, speech: Speech) -> Table:
    """Every line of every account: what all the others are sums of."""
    _, facts = speech.say, outcome.facts
    rows = []
    for account in outcome.accounts:
        for line in account.lines:
            service, item = facts.items[line.item]
            price = (line.price.value, speech.unit(facts.kinds[line.price.kind].unit), line.price.year) \
                if line.price else (None, "", None)  # fmt: skip
            rows.append(Row((account.region, line.item, line.part, line.method), (
                region_word(outcome, speech, account.region), speech.word(service), speech.word(item),
                speech.part(facts, line.part),
                speech.word(facts.methods[line.method]), line.amount, speech.unit(line.unit), *price, line.value,
            )))  # fmt: skip
    heads = (
        Head(_("地区")), Head(_("服务")), Head(_("科目")), Head(_("对象")), Head(_("方法")), Head(_("功能量")),
        Head(_("单位")), Head(_("价格")), Head(_("价格单位")), Head(_("价格年份")), _money(speech, _("价值量")),
    )  # fmt: skip
    return _summed("lines", _("核算明细"), heads, rows, speech)


def open_points(outcome: Outcome, speech: Speech) -> Table:
    """What is not accounted and why: a row for each service and reason, with its items, parts and regions."""
    _, facts = speech.say, outcome.facts
    found: dict[tuple[str, str, str, tuple[str, ...]], list[Gap]] = {}
    for gap, codes in gaps(outcome):
        found.setdefault((gap.service, gap.kind, gap.code, codes), []).append(gap)
    rows = []
    parted = [region for region in outcome.regions if not outcome.is_rest(region)]
    for (service, kind, code, codes), group in found.items():
        everywhere = len(parted) > 1 and {*parted} <= {*codes}
        where = _("全部地区") if everywhere else listed(speech, map(speech.region, codes))
        items = dict.fromkeys(speech.word(facts.items[gap.item][1]) for gap in group if gap.item)
        parts = dict.fromkeys(speech.part(facts, gap.part) for gap in group if gap.part)
        rows.append(Row((service, kind, code), (
            speech.word(facts.services[service]), listed(speech, items), listed(speech, parts),
            why(facts, group[0], speech), where,
        )))  # fmt: skip
    heads = (Head(_("服务")), Head(_("科目")), Head(_("对象")), Head(_("原因")), Head(_("地区")))
    return Table("gaps", _("未核算事项"), heads, tuple(rows))


def why(facts: Facts, gap: Gap, speech: Speech) -> str:
    """The reason of a gap in words."""
    _ = speech.say
    if gap.kind == "edition":
        return _("未见到该版本的公式")
    known: Mapping[str, Word] = {"datum": facts.inputs, "parameter": facts.parameters, "price": facts.kinds}[gap.kind]
    words = {"datum": _("缺数据：%(name)s"), "parameter": _("缺参数：%(name)s"), "price": _("缺价格：%(name)s")}
    return words[gap.kind] % {"name": speech.word(known[gap.code])}


def listed(speech: Speech, words: Iterable[str]) -> str:
    """Words as a list."""
    return (", " if speech.english else "、").join(words)


def _summed(key: str, title: str, heads: Sequence[Head], rows: Sequence[Row], speech: Speech) -> Table:
    """A table with the sums of its columns of numbers with fixed places as last row."""
    _ = speech.say
    last: list[Any] = []
    for at, head in enumerate(heads):
        known = [row.cells[at] for row in rows if row.cells[at] is not None]
        last.append(sum(known, _ZERO) if head.places is not None and known else None)
    if rows:
        last[0] = _("合计")
    return Table(key, title, tuple(heads), tuple(rows), Row(("",), tuple(last)) if rows else None)
