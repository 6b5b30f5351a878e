"""The report of an account: an official paper (GB/T 9704) with results, change, comparison, gaps and the appendix of
methods. Written in Chinese, as papers are. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ecocloud.base.officedocs import GbDocument, Run, Source
from ecocloud.domains.gep.results import cards, tables
from ecocloud.domains.gep.results.cards import Fact, MethodCard
from ecocloud.domains.gep.results.outcome import Outcome, effects, moved, total, unlike, unpriced, whole
from ecocloud.domains.gep.results.published import Compared
from ecocloud.domains.gep.results.tables import Head, Speech, Table

_DASH = "—"


@dataclass(frozen=True)
class Cover:
    """What a report says of itself.

    Parameters
    ----------
    place: the region as a whole. issuer: the unit that signs. day: of the signature.
    state: the run's state in words; ``confirmed``: whether its figures count.
    facts: what the account was made from, in order: name and text (run, edition, code version, digests, inputs).
    source: ``(key) -> reference`` of a figure (a service's or region's code, '' for all of it), '' for none.
    """

    place: str
    issuer: str
    day: date
    state: str
    confirmed: bool
    facts: tuple[tuple[str, str], ...]
    source: Callable[[str], str] = lambda _key: ""


def title(outcome: Outcome, cover: Cover) -> str:
    """What the paper is called."""
    return f"{cover.place}{outcome.year}年生态产品总值核算报告"


def write(outcome: Outcome, cover: Cover, speech: Speech, compared: Sequence[Compared] = ()) -> bytes:
    """The report as .docx."""
    heading = title(outcome, cover)
    doc = GbDocument(heading if cover.confirmed else f"{heading}\n（{cover.state}，未确认）", author=cover.issuer)
    edition = outcome.facts.editions[outcome.accounts[0].edition]
    doc.paragraph(
        f"按照《{edition.zh}》（{edition.number}），对{cover.place}{outcome.year}年生态产品总值（GEP）进行了核算。"
        "本报告各表合计均为明细之和，数据来源和方法见附件。"
    )
    doc.heading("核算结果", 1)
    _results(doc, outcome, cover, speech)
    doc.heading("变化情况", 1)
    _change(doc, outcome, speech)
    if compared:
        doc.heading("与已公布结果比较", 1)
        _compared(doc, compared, speech)
    doc.heading("未核算事项", 1)
    _gaps(doc, outcome, speech, edition.note)
    doc.heading("核算依据", 1)
    doc.table(["事项", "内容"], [list(one) for one in cover.facts], widths=[26, 110])
    found = cards.methods(outcome.facts, outcome.accounts, speech)
    _unverified(doc, edition, found)
    doc.attachments(["核算方法、参数和价格"])
    doc.signature(cover.issuer, cover.day)
    doc.attachment_page(1, "核算方法、参数和价格")
    for one in found:
        _method(doc, one)
    return doc.to_bytes()


def _results(doc: GbDocument, outcome: Outcome, cover: Cover, speech: Speech) -> None:
    """Totals, then the tables; each figure names its place in the run."""
    groups = tables.groups(outcome, speech)
    parts = "、".join(f"{row.cells[0]}{text(row.cells[1])}万元，占{text(row.cells[-1])}%" for row in groups.rows)
    source = _source(cover, "", "核算合计")
    doc.heading("总量和构成", 2)
    doc.paragraph([
        Run(f"{outcome.year}年{cover.place}GEP为"), Run(f"{text(outcome.total)}万元", source=source),
        Run(f"（现价）。其中，{parts}。"),
    ])  # fmt: skip
    if outcome.base_year:
        constant = text(total(outcome.constant))
        doc.paragraph(f"按{outcome.base_year}年不变价计算，为{constant}万元。{_kept(outcome, speech)}")
    table(doc, tables.services(outcome, speech), cover, widths=[36, 24, 30, 30, 16])
    table(doc, tables.items(outcome, speech), widths=[36, 30, 32, 18, 30], whole_amounts=True)
    doc.heading("分生态系统", 2)
    table(doc, tables.ecosystems(outcome, speech), widths=[26, 26, 26, 26, 28, 14])
    if len(outcome.accounts) > 1:
        doc.heading("分地区", 2)
        table(doc, tables.regions(outcome, speech), cover, widths=[30, 26, 26, 26, 28, 14])
    doc.heading("与经济、面积、人口的关系", 2)
    _against(doc, outcome, cover, speech)


def _against(doc: GbDocument, outcome: Outcome, cover: Cover, speech: Speech) -> None:
    found = outcome.ratios(outcome.total, outcome.regions, outcome.year)
    words = [
        f"GEP与GDP之比为{text(found.gdp)}" if found.gdp is not None else "GDP未填报，不计算GEP与GDP之比",
        f"单位面积GEP为{text(found.land)}万元/平方公里" if found.land is not None else "面积未填报，不计算单位面积GEP",
        f"人均GEP为{text(found.head)}元" if found.head is not None else "人口未填报，不计算人均GEP",
    ]
    doc.paragraph("；".join(words) + "。")
    if len(outcome.accounts) > 1:
        table(doc, tables.against(outcome, speech), widths=[22, 24, 24, 18, 18, 14, 20, 18])


def _kept(outcome: Outcome, speech: Speech) -> str:
    """What constant prices do not change."""
    kinds = unpriced(outcome)
    words = "物质供给和文化服务等以货币计量的科目未作价格换算。"
    if kinds:
        names = "、".join(speech.word(outcome.facts.kinds[kind]) for kind in kinds)
        words += f"基年没有价格的（{names}）沿用核算所用价格。"
    return words


def _change(doc: GbDocument, outcome: Outcome, speech: Speech) -> None:
    if len(outcome.years) > 1:
        table(doc, tables.years(outcome, speech), widths=[20, 34, 34, 26, 20])
    if not outcome.before:
        doc.paragraph("没有全部地区都核算过的上一年度，不作变化分解。")
        return
    found = moved(outcome, outcome.before)
    all_of = whole(found)
    scope = f"核算范围不同影响{_signed(all_of.scope)}万元，" if "scope" in effects(found) else ""
    doc.paragraph(
        f"与{outcome.before}年相比，GEP{_more(all_of.change)}。其中，生态系统面积变化影响{_signed(all_of.area)}万元，"
        f"单位面积功能量（质量）变化影响{_signed(all_of.quality)}万元，价格变化影响{_signed(all_of.price)}万元，"
        f"{scope}各项之和等于总变化。"
    )
    table(doc, tables.changes(outcome, speech, outcome.before), widths=[24, 21, 21, 21, 17, 19, 17, 21])
    other = unlike(outcome, outcome.before)
    if other:
        names = "、".join(speech.word(outcome.facts.items[item][1]) for item in other)
        doc.paragraph(f"说明：{names}在两年中核算范围不同，其中一年没有核算的计入核算范围。")


def _compared(doc: GbDocument, compared: Sequence[Compared], speech: Speech) -> None:
    rows = [
        [
            one.label,
            text(one.published),
            text(one.own),
            _signed(one.gap),
            "；".join(one.reasons(speech)) or ("未说明" if one.gap else _DASH),
        ]
        for one in compared
    ]
    heads = ["项目", "公布（万元）", "本次（万元）", "差额（万元）", "原因"]
    doc.table(heads, rows, widths=[28, 26, 26, 24, 46])
    for told in dict.fromkeys(one.source for one in compared):
        doc.paragraph(f"公布数据来源：{told}。")


def _gaps(doc: GbDocument, outcome: Outcome, speech: Speech, note: str) -> None:
    found = tables.open_points(outcome, speech)
    if found.rows:
        doc.paragraph("下列事项没有核算，不按零计入，GEP不含其价值。")
        table(doc, found, widths=[20, 30, 30, 32, 30])
    else:
        doc.paragraph("所选版本的各项服务均已核算。")
    if note:
        doc.paragraph(f"版本说明：{note}。")


def _unverified(doc: GbDocument, edition: Any, found: Sequence[MethodCard]) -> None:
    """Which facts were not compared with their printed text."""
    told = [f"{edition.number}"] if edition.mark not in ("verified", "decided") else []
    told += [one.name for one in found if one.method.mark not in ("verified", "decided")]
    if told:
        doc.paragraph(f"说明：下列版本和方法尚未与印发文本核对：{'、'.join(told)}。")


def _method(doc: GbDocument, card: MethodCard) -> None:
    doc.heading(f"{card.service}：{card.name}", 2)
    asks = "、".join(f"{label}（{unit}）" if unit != "1" else label for label, unit in card.asks)
    doc.paragraph(f"公式：{card.method.formula}。输入：{asks}。依据：{card.method.citation}（{card.mark}）。")
    facts = [("参数", one) for one in card.parameters] + [("价格", one) for one in card.prices]
    if facts:
        heads = ["种类", "名称", "适用", "数值", "单位", "来源", "核对情况"]
        doc.table(heads, [_fact(kind, one) for kind, one in facts], widths=[12, 26, 20, 18, 20, 38, 16])


def _fact(kind: str, one: Fact) -> list[str]:
    return [kind, one.label, one.part, cards.plain(one.value), "" if one.unit == "1" else one.unit, one.source,
            one.mark]  # fmt: skip


def table(
    doc: GbDocument, found: Table, cover: Cover | None = None, *, widths: Sequence[float], whole_amounts: bool = False
) -> None:
    """A table with its total; with a ``cover`` the first value of each row names its source."""
    lines = [*found.rows, *([found.total] if found.total else [])]
    money = next((at for at, head in enumerate(found.heads) if head.places is not None), None)
    rows = []
    for row in lines:
        pairs = zip(row.cells, found.heads, strict=True)
        cells: list[Any] = [_cell(value, head, whole_amounts) for value, head in pairs]
        source = _source(cover, row.key[0], str(row.cells[0])) if cover and money else None
        if source and money and cells[money] != _DASH:
            cells[money] = Run(cells[money], source=source)
        rows.append(cells)
    heads = [f"{head.label}（{head.unit}）" if head.unit else head.label for head in found.heads]
    doc.table(heads, rows, widths=widths[: len(heads)], caption=found.title)


def _cell(value: Any, head: Head, whole_amounts: bool) -> str:
    if isinstance(value, Decimal) and head.places is None and whole_amounts:
        value = tables.shown(value)
    return _DASH if value is None or value == "" else text(value, head.places)


def text(value: Any, places: int | None = None) -> str:
    """A figure as a paper writes it, with a true minus, at which no line breaks; without ``places`` those it has."""
    if not isinstance(value, Decimal):
        return _DASH if value is None else str(value)
    return (f"{value:.{places}f}" if places is not None else f"{value:f}").replace("-", "−")


def _source(cover: Cover, key: str, label: str) -> Source | None:
    ref = cover.source(key)
    return Source("生态产品总值核算结果", label, ref) if ref else None


def _signed(value: Decimal) -> str:
    return f"{'+' if value > 0 else ''}{text(value)}"


def _more(change: Decimal) -> str:
    return f"增加{change:f}万元" if change > 0 else f"减少{-change:f}万元" if change < 0 else "持平"
