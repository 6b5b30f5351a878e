"""Ranks (位居全省第一, 双第一, 前十) and values in words (全覆盖, 完成下达任务) as figures."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ecocloud.intake.documents.context import Section
from ecocloud.intake.documents.indicators import (
    name_before,
    rank_name,
    split_rank_names,
    starts_with_verb,
    strip_marks,
)
from ecocloud.intake.documents.lexicon import qualifiers
from ecocloud.intake.documents.marks import Rank, find_ranks
from ecocloud.intake.documents.quantities import Quantity
from ecocloud.intake.documents.statements import Clause, Figure, State

if TYPE_CHECKING:
    from ecocloud.intake.documents.figures import Reader

EDGE = re.compile(r"(?:均|都|双双|全年|继续|分别|在)+$")
STREAK = re.compile(r"连续[\d一二三四五六七八九十]+(?:年|个?月|次|个?季度)")
CONTEST = re.compile(r"^在(?:(?:19|20)\d{2}年度?)?(?P<name>[^,]{2,24}?(?:考核|评估|评价|测评|考评|评比|检查|督查))中$")
CONTEST_SCOPE = re.compile(r"全[省市国县](?P<name>[^,]{2,20}?(?:考核|评估|评价|测评|考评|评比))(?:中)?$")
SELF = re.compile(r"我[市县区省]|全[市县区]|本[市县区]|该[市县区]")
CONTEST_BEFORE = re.compile(r"^在(?:全[省市国县])?(?P<name>[^,]{2,20}?)(?:排名|排位)?中$")
COUNTED = re.compile(r"^(\d+个(?:县\(市、区\)|县\(市\)|县\(区\)|县|乡镇|城市))(.{2,})")
LONGEST_SUBJECT = 24
LONGEST_LEAD = 200


def read_ranks(reader: Reader, clause: Clause, state: State, section: Section, quantities: list[Quantity]) -> None:
    """Add the ranks of one clause; a rank for two indicators (均, 双) gives two records."""
    text = reader.text
    ranks = find_ranks(text, clause.start, clause.end)
    levels = [f for f in state.figures if not f.comparison]
    if len(ranks) > 1 and "分别" in text[clause.start : clause.end] and len(levels) >= len(ranks):
        for rank, of in zip(ranks, levels[-len(ranks) :], strict=True):
            _add(reader, clause, rank, of.indicator, of, state, section)
        return
    for rank in ranks:
        if any(q.start <= rank.value_start < q.end for q in quantities):
            continue
        begin = max(clause.start, rank.start - LONGEST_LEAD)
        lead = STREAK.sub("", EDGE.sub("", text[begin : rank.start]))
        lead = EDGE.sub("", lead)
        contest = CONTEST.match(lead.strip())
        if contest:
            lead = contest.group("name")
        elif CONTEST_SCOPE.search(rank.scope) and re.fullmatch(r"在?(?:(?:19|20)\d{2}年度?)?", lead.strip()):
            lead = CONTEST_SCOPE.search(rank.scope).group("name")  # type: ignore[union-attr]
        among = re.match(r"^在.{2,20}?中$", lead.strip())
        counted = COUNTED.match(lead)
        region = state.region
        if counted:
            lead = counted.group(2)
            state.region = (state.region or reader.context.region) + counted.group(1)
        numbers = [q for q in quantities if q.end <= rank.start and not (counted and q.start == clause.start)]
        base = "" if among else strip_marks(lead)
        shared = bool(re.search(r"均|都|双双", text[begin : rank.value_start])) or rank.double
        if SELF.fullmatch(base):
            contest = CONTEST_BEFORE.match(state.words.strip())
            base = contest.group("name") if contest else ""
        of = next((f for f in reversed(state.figures) if "difference" not in f.qualifier), None)
        of = None if counted else of
        for name, target in _rank_names(base, shared, of, state, numbers):
            _add(reader, clause, rank, name, target, state, section)
            state.last_name = name
        state.region = region


def _rank_names(
    base: str, shared: bool, of: Figure | None, state: State, numbers: list[Quantity]
) -> list[tuple[str, Figure | None]]:
    plain = base
    if of is not None:
        plain = re.sub(r"^(?:数量|总量|总数|降幅|增幅|涨幅|增速|下降幅度|增长幅度)$", "", base)
    if plain and not (numbers and shared):
        parts = split_rank_names(plain) if shared else [rank_name(plain)]
        return [(n, None) for n in parts if len(n) >= 2]
    levels = [f for f in state.figures if not f.comparison]
    if shared and len(levels) > 1:
        return [(f.indicator, f) for f in levels[-2:]]
    if of is None:
        return [(state.last_name, None)] if state.last_name else []
    return [(of.indicator, of)]


def _add(
    reader: Reader, clause: Clause, rank: Rank, name: str, of: Figure | None, state: State, section: Section
) -> None:
    tags = ["target" if section.mode == "plan" or state.promise else "actual", "rank"]
    if rank.upto:
        tags.append("upper_bound")
    wide = next((s for s in qualifiers().scopes if rank.scope.startswith(s)), "")
    period, basis = reader.period(None, state, section)
    plain = re.sub(r"(?<![指系])数$", "", name)
    aliases = [name, *(of.aliases if of else []), f"{plain}排名"]
    title = f"{name}{wide}排名" if not name.endswith("排名") else name.replace("排名", f"{wide}排名")
    start = max(clause.start, rank.start - LONGEST_LEAD)
    figure = Figure(
        start, rank.end, rank.value_start, rank.end, rank.value, "位" if rank.value is not None else "", title,
        [a for a in dict.fromkeys(aliases) if a != title], tags, reader.path(clause.start),
        state.region or reader.context.region, period, basis, "" if rank.value is not None else "前列")  # fmt: skip
    figure.comparison = {"kind": "peer_rank", "base_text": rank.scope}
    if rank.size:
        figure.comparison["scope_size"] = rank.size
    figure.of = of
    figure.rules, figure.confidence = ["rank", f"section:{section.mode}"], 0.85 if rank.value is not None else 0.6
    if state.period:
        figure.rules.append("period:stated")
    reader.found.append(figure)


@cache
def _text_values() -> list[tuple[re.Pattern[str], list[str]]]:
    return [(re.compile(w.pattern), w.tags) for w in qualifiers().text_values if "rank" not in w.tags]


def read_words(reader: Reader, clause: Clause, state: State, section: Section) -> None:
    """Add values in words; a subject that is a list or a sentence of its own gives none."""
    for pattern, own in _text_values():
        for match in pattern.finditer(reader.text, clause.start, clause.end):
            begin = max(clause.start, match.start() - LONGEST_LEAD)
            lead = re.sub(r"(?:实现|达到|基本|已)+$", "", reader.text[begin : match.start()])
            names = name_before(lead)
            if not names or len(names[0]) > LONGEST_SUBJECT or names[0].count("、") > 1 or starts_with_verb(names[0]):
                continue
            tags = ["target" if section.mode == "plan" or state.promise else "actual", *own]
            period, basis = reader.period(None, state, section)
            reader.found.append(Figure(
                begin, match.end(), match.start(), match.end(), None, "", names[0], names[1:], tags,
                reader.path(match.start()), state.region or reader.context.region, period, basis, match.group(),
                rules=["value:words", f"section:{section.mode}"], confidence=0.6))  # fmt: skip
