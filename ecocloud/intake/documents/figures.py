"""Figures: every number with a unit, every rank, with indicator, region, period and the way it is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache

from ecocloud.intake.documents.context import Context, Section, clean_region
from ecocloud.intake.documents.dates import find_stated, year_text
from ecocloud.intake.documents.indicators import (
    name_after,
    name_before,
    rank_name,
    split_names,
    split_rank_names,
    starts_with_verb,
    strip_marks,
    strip_verbs,
)
from ecocloud.intake.documents.lexicon import any_of, qualifiers
from ecocloud.intake.documents.marks import Marks, find_ranks, read_marks
from ecocloud.intake.documents.quantities import Quantity, bare_number, find_quantities, kind_of
from ecocloud.intake.documents.segments import lines_of

LONGEST = 1000
NAME_WINDOW = 150
JOINERS = "、和及与,，"
YEARS = re.compile(r"((?:(?:19|20)\d{2}年?(?:度)?(?:、|和|及))+(?:19|20)\d{2})年")
PLACE_LIKE = re.compile(r"(?:城区|县城|建成区|沿线|沿岸|两岸|流域|境内|一带|辖区|乡镇|村庄)$")
PROMISE = re.compile(r"力争|预计|拟(?!定)|将达|要达")


@cache
def _scope_end() -> re.Pattern[str]:
    return re.compile(any_of(qualifiers().scopes) + "$")


@dataclass
class Figure:
    """One figure, offsets in the text that is read. ``of`` is the figure that a change, difference or rank is about."""

    start: int
    end: int
    value_start: int
    value_end: int
    value: float | int | None
    unit: str
    indicator: str
    aliases: list[str]
    qualifier: list[str]
    path: str = ""
    region: str = ""
    period: str | None = None
    period_basis: str = "undetermined"
    value_text: str = ""
    high: float | int | None = None
    direction: str | None = None
    strict: bool = False
    comparison: dict | None = None
    of: Figure | None = None
    rules: list[str] = field(default_factory=list)
    confidence: float = 0.5


@dataclass
class State:
    """What earlier clauses of the same sentence said: period, region, last level figures."""

    period: str | None = None
    region: str = ""
    core: bool = False
    region_before: str = ""
    last_name: str = ""
    figures: list[Figure] = field(default_factory=list)


@dataclass
class Clause:
    start: int
    end: int
    quantities: list[Quantity]


class Reader:
    """Reads the figures of one document."""

    def __init__(self, text: str, context: Context) -> None:
        self.text = text
        self.context = context
        self.found: list[Figure] = []

    def path(self, offset: int) -> str:
        return self.context.locator.path(offset)

    # ------------------------------------------------------------ sentences and clauses
    def read(self, start: int, end: int) -> None:
        """Read one line."""
        for begin, stop in self.context.locator.stretches(start, end):
            self._stretch(begin, stop)

    def _stretch(self, start: int, end: int) -> None:
        """Read the sentences between two markers."""
        quantities = find_quantities(self.text, start, end)
        begin, at = start, 0
        for match in re.finditer(r"[。;!?]|$", self.text[start:end]):
            stop = start + match.start()
            inside = []
            while at < len(quantities) and quantities[at].start < stop:
                inside.append(quantities[at])
                at += 1
            if stop > begin:
                self._sentence(begin, stop, inside)
            begin = stop + 1

    def _sentence(self, start: int, end: int, quantities: list[Quantity]) -> None:
        state = State()
        section = self.context.section(start)
        for clause in self._clauses(start, end, quantities):
            self._clause(clause, state, section)

    def _clauses(self, start: int, end: int, quantities: list[Quantity]) -> list[Clause]:
        """Split at commas and colons outside brackets and outside numbers."""
        cuts, level, first, inside = [], 0, start, 0
        for at in range(start, end):
            char = self.text[at]
            if char in "(《":
                level += 1
            elif char in ")》":
                level = max(0, level - 1)
            while inside < len(quantities) and quantities[inside].end <= at:
                inside += 1
            if inside < len(quantities) and quantities[inside].start <= at:
                continue
            if (char in ",:" and level == 0) or at - first >= LONGEST:
                cuts.append((first, at))
                first = at + 1
        cuts.append((first, end))
        out, taken = [], 0
        for a, b in cuts:
            mine = []
            while taken < len(quantities) and quantities[taken].start < b:
                if quantities[taken].start >= a:
                    mine.append(quantities[taken])
                taken += 1
            if b > a:
                out.append(Clause(a, b, mine))
        return out

    # ------------------------------------------------------------ one clause
    def _clause(self, clause: Clause, state: State, section: Section) -> None:
        stated = find_stated(self.text, clause.start, clause.end, section.year)
        if stated:
            state.period = stated.edtf
        region, core = clause_region(self.text, clause.start, clause.end, self.context)
        if region:
            state.region, state.core = region, core
        elif state.core:
            state.region_before, state.region, state.core = state.region, "", False
        quantities = [q for q in clause.quantities if not self._excluded(q, clause)]
        spread = self._spread(clause, state, section) if "分别" in self.text[clause.start : clause.end] else []
        taken = [(f.value_start, f.value_end) for f in spread]
        for at, quantity in enumerate(quantities):
            if any(a < quantity.end and quantity.start < b for a, b in taken):
                continue
            self._one(clause, quantity, at, quantities, state, section)
        self._ranks(clause, state, section, quantities)
        self._texts(clause, state, section)

    def _excluded(self, quantity: Quantity, clause: Clause) -> bool:
        text = self.text
        near = max(clause.start, quantity.start - 80)
        left = text.rfind("“", near, quantity.start)
        if left >= 0 and text.find("”", left, quantity.start) < 0:
            right = text.find("”", quantity.end, quantity.end + 30)
            if right >= 0 and right - left <= 40:
                return True
        return text.rfind("《", near, quantity.start) > text.rfind("》", near, quantity.start)

    def _element(self, clause: Clause, quantity: Quantity, at: int, quantities: list[Quantity]) -> int:
        """Where the words of this number begin: behind the number before it, else at the start of the clause."""
        if at == 0:
            return clause.start
        before = quantities[at - 1].end
        while before < quantity.start and self.text[before] in JOINERS + " ":
            before += 1
        return before

    def _one(
        self, clause: Clause, quantity: Quantity, at: int, quantities: list[Quantity], state: State, section: Section
    ) -> None:
        text = self.text
        start = self._element(clause, quantity, at, quantities)
        marks = read_marks(text, start, quantity.start, quantity.end, clause.end, quantity.unit, quantity.more)
        following = quantities[at + 1].start if at + 1 < len(quantities) else clause.end
        lead = text[max(start, marks.cut - NAME_WINDOW) : marks.cut]
        behind = text[marks.after : min(following, marks.after + NAME_WINDOW)]
        after = name_after(behind, quantity.kind == "count")
        first = after and self._number_first(quantity, lead, behind, marks)
        names = [] if first else name_before(lead)
        rules = ["name:before"]
        stop = marks.after
        previous = next((f for f in reversed(state.figures) if not f.comparison), None)
        if marks.change == "difference":
            names, rules = self._difference_names(names, marks, state), ["name:difference"]
        elif not names and marks.change and previous is not None:
            names, rules = [previous.indicator, *previous.aliases], ["name:inherited"]
        elif not names and after:
            names, rules = after, ["name:after"]
            stop = marks.after + len(behind.rstrip(JOINERS))
        elif not names and previous is not None:
            names, rules = self._same_as(previous, lead), ["name:inherited"]
        elif names and names[0].startswith("占") and state.figures:
            of = next((f for f in reversed(state.figures) if "difference" not in f.qualifier), state.figures[-1])
            plain = next((a for a in of.aliases if "change_yoy" in of.qualifier), of.indicator)
            names = [f"{re.sub('数$', '', plain)}{names[0]}", *names]
        if not names:
            names, rules = self._fallback(clause, quantity), ["name:fallback"]
        if not names:
            return
        if "name:inherited" in rules and not state.region and previous is not None:
            state.region = previous.region if previous.region.startswith(self.context.region) else ""
        figure = self._figure(clause, quantity, marks, names, (start, stop), state, section)
        if (
            "name:after" in rules
            and quantity.kind != "count"
            and following < clause.end
            and behind
            and behind[-1] not in JOINERS
        ):
            figure.qualifier.append("spec")
        figure.rules = [*rules, *figure.rules]
        figure.confidence = _confidence(figure)
        self._relate(figure, marks, state, lead)
        if "scope_size" not in figure.qualifier:
            state.figures.append(figure)
            del state.figures[:-40]
        self.found.append(figure)

    def _number_first(self, quantity: Quantity, lead: str, behind: str, marks: Marks) -> bool:
        """Whether the words behind the number name it: 甲和3个乙; 甲、乙2个公园; but not 甲工厂3家达标."""
        if marks.change or marks.cut < quantity.start:
            return False
        plain = lead.rstrip()
        if plain.endswith(("由", "从")):
            return False
        if plain.endswith(("、", "和", "及", "与")) and plain not in ("、", "和", "及", "与"):
            return True
        if quantity.kind not in ("count", "share") and PLACE_LIKE.search(plain):
            return bool(re.match(r"[\u4e00-\u9fff“]", behind))
        if quantity.kind != "count" or not plain.strip(JOINERS):
            return False
        return bool(re.match(r"[\u4e00-\u9fff“]", behind)) and not starts_with_verb(behind)

    def _same_as(self, previous: Figure, lead: str) -> list[str]:
        plain = re.sub("数$", "", previous.indicator)
        if "新增" in lead and not plain.startswith("新增"):
            return [f"新增{plain}", previous.indicator, *previous.aliases]
        return [previous.indicator, *previous.aliases]

    def _fallback(self, clause: Clause, quantity: Quantity) -> list[str]:
        words = strip_marks(self.text[clause.start : quantity.start])
        if len(words) < 2:
            words = strip_marks(self.text[quantity.end : clause.end])
        return [words[:40]] if len(words) >= 2 else []

    def _difference_names(self, names: list[str], marks: Marks, state: State) -> list[str]:
        previous = state.figures[-1] if state.figures else None
        base = re.sub(r"^(?:全市|全省|全国|全县)?同期", "", marks.base)
        if names:
            return [f"{names[0]}高于{marks.base}", *names]
        if previous is None:
            return [f"高于{base}"]
        word = "低于" if marks.direction == "below" else "高于"
        plain = next((a for a in previous.aliases if not a.endswith(("增速", "降幅"))), previous.indicator)
        if "change_yoy" in previous.qualifier:
            return [f"{plain}增速{word}{base}", f"{previous.indicator}{word}{base}", previous.indicator]
        return [f"{previous.indicator}{word}{base}", previous.indicator, *previous.aliases]

    # ------------------------------------------------------------ one record
    def _figure(
        self, clause: Clause, quantity: Quantity, marks: Marks, names: list[str], span: tuple[int, int],
        state: State, section: Section,
    ) -> Figure:  # fmt: skip
        tags, rules = self._tags(clause, quantity, marks, section)
        indicator, aliases = _named(names, quantity, marks)
        period, basis = self._period(marks, state, section)
        value_text = quantity.value_text if quantity.value is None else ""
        start = span[0]
        while start < quantity.start and self.text[start] in " \t，,、":
            start += 1
        return Figure(
            start, max(span[1], marks.after), quantity.start, marks.after, quantity.value, quantity.unit, indicator,
            aliases, tags, self.path(quantity.start), state.region or self.context.region, period, basis, value_text,
            quantity.high, marks.direction, marks.strict, rules=rules)  # fmt: skip

    def _tags(self, clause: Clause, quantity: Quantity, marks: Marks, section: Section) -> tuple[list[str], list[str]]:
        text = self.text
        promise = section.mode == "plan" or bool(PROMISE.search(text[clause.start : quantity.start]))
        tags = ["definition"] if section.mode == "notes" else ["target"] if promise else ["actual"]
        rules = [f"section:{section.mode}"]
        behind = text[quantity.end : quantity.end + 6]
        if marks.lower:
            tags.append("lower_bound")
        if marks.upper:
            tags.append("upper_bound")
        if marks.approx:
            tags.append("approx")
        if marks.change:
            tags.append(marks.change)
        if quantity.kind == "count" and not marks.change:
            tags.append("count_of")
        if quantity.kind == "length" and re.match(r"(?:范围|以内|之内|内|外|沿线)", behind):
            tags.append("spec")
        if re.search(r"蒸吨|每小时", quantity.unit) or quantity.unit == "蒸吨/小时":
            tags.append("spec")
        before, after = text[max(clause.start, quantity.start - 8) : quantity.start], text[quantity.end : clause.end]
        among = quantity.kind == "count" and _scope_end().search(before)
        if among and re.match(r"[^,。]{1,10}中?(?:排名|名列|位居|位列|列)", after):
            tags = [t for t in tags if t != "count_of"] + ["scope_size"]
            rules.append("scope")
        return tags, rules

    def _period(self, marks: Marks | None, state: State, section: Section) -> tuple[str | None, str]:
        year = section.year
        if section.mode == "notes":
            return None, "undetermined"
        if state.period:
            if marks is not None and marks.cumulative and re.fullmatch(r"\d{3}[\dX]", state.period):
                return f"../{state.period}", "stated"
            return state.period, "stated"
        if year is None:
            return None, "undetermined"
        if marks is not None and marks.cumulative and section.mode != "plan":
            return f"../{year}", section.basis
        return year, section.basis

    def _relate(self, figure: Figure, marks: Marks, state: State, lead: str) -> None:
        """Tie a change or difference to the level before it; 由A提高到B ties the second level to the first."""
        before = next((f for f in reversed(state.figures) if not f.comparison), None)
        if marks.change == "difference":
            kind = "peer_avg" if "平均" in marks.base else "other_indicator"
            figure.comparison, figure.of = (
                {"kind": kind, "base_text": marks.base},
                state.figures[-1] if state.figures else None,
            )
        elif marks.change == "change_yoy":
            same = before if before is not None and before.indicator in (figure.indicator, *figure.aliases) else None
            figure.comparison, figure.of = {"kind": "yoy", "base_text": marks.base}, same
        elif (
            before is not None
            and not lead.strip(JOINERS + " ")
            and re.search(r"[由从]$", self.text[before.start : before.value_start])
        ):
            figure.comparison, figure.of = {"kind": "previous_value", "base_text": "由"}, before

    # ------------------------------------------------------------ 分别 lists
    def _spread(self, clause: Clause, state: State, section: Section) -> list[Figure]:
        """甲、乙分别达到1%、2%: one record for each name or year and its value; [] when the counts differ."""
        text = self.text
        at = text.find("分别", clause.start, clause.end)
        values = self._values(clause, at + 2)
        if len(values) < 2:
            return []
        head = text[clause.start : at]
        years = YEARS.search(head)
        marks = read_marks(text, at, values[0][0], values[0][1], clause.end, values[0][3], False)
        if years:
            stated = re.findall(r"(?:19|20)\d{2}", years.group())
            rest = head[years.end() :] if years.start() < len(head) - years.end() else head[: years.start()]
            names = [strip_marks(rest)] * len(stated) if len(stated) == len(values) else []
            periods: list[str | None] = [year_text(y) for y in stated]
            regions = [""] * len(names)
        else:
            names = split_names(head)
            periods = [None] * len(values)
            regions, names = self._shared_object(names, text[at + 2 : marks.cut])
        if len(names) != len(values):
            return []
        made = []
        for name, period, region, (start, end, value, unit, more) in zip(names, periods, regions, values, strict=True):
            quantity = Quantity(start, end, value, unit, kind_of(unit) if region else "other", more)
            single = read_marks(text, start, start, end, clause.end, unit, more)
            own = replace(marks, cut=start, after=single.after, lower=single.lower or marks.lower, upper=single.upper)
            figure = self._figure(clause, quantity, own, [name], (clause.start, clause.end), state, section)
            figure.region = region or figure.region
            if period:
                figure.period, figure.period_basis = period, "stated"
            if own.change == "change_yoy":
                figure.comparison = {"kind": "yoy", "base_text": marks.base}
            figure.rules = ["list:分别", *figure.rules]
            figure.confidence = 0.92
            made.append(figure)
        state.figures.extend(made)
        self.found.extend(made)
        return made

    def _shared_object(self, names: list[str], between: str) -> tuple[list[str], list[str]]:
        """(regions, names) of 甲县、乙县分别拆除锅炉4台、3台: the object stands behind 分别, places become regions."""
        objects = name_before(between)
        if not objects:
            return [""] * len(names), names
        if all(re.fullmatch(r"[\u4e00-\u9fff]{1,5}[县区市镇乡]", n) for n in names):
            city = re.match(r"[\u4e00-\u9fff]{2,4}?市", self.context.region)
            return [(city.group() if city else "") + n for n in names], [objects[0]] * len(names)
        return [""] * len(names), [f"{n}{objects[0]}" for n in names]

    def _values(self, clause: Clause, start: int) -> list[tuple[int, int, float | int | None, str, bool]]:
        """Values behind 分别: numbers with their unit, and bare numbers that share the unit of the last one."""
        stop = clause.end
        units = [q for q in clause.quantities if q.start >= start]
        if not units:
            return []
        stop = units[-1].end
        out: list[tuple[int, int, float | int | None, str, bool]] = [
            (q.start, q.end, q.value, q.unit, q.more) for q in units
        ]
        for first, last, value in bare_number(self.text, start, stop):
            inside = any(q.start <= first < q.end for q in units)
            if (
                not inside
                and self.text[last : last + 1] in ("、", "和", ",")
                and self.text[first - 1 : first] not in "年月"
            ):
                out.append((first, last, value, units[-1].unit, False))
        return sorted(out)

    # ------------------------------------------------------------ ranks and values in words
    def _ranks(self, clause: Clause, state: State, section: Section, quantities: list[Quantity]) -> None:
        text = self.text
        for rank in find_ranks(text, clause.start, clause.end):
            if any(q.start <= rank.value_start < q.end for q in quantities):
                continue
            lead = re.sub(r"(?:均|都|双双|全年|继续|分别|在)+$", "", text[clause.start : rank.start])
            lead = re.sub(r"连续[\d一二三四五六七八九十]+(?:年|个?月|次|个?季度)", "", lead)
            lead = re.sub(r"(?:均|都|双双|全年|继续|分别|在)+$", "", lead)
            among = re.match(r"^在.{2,20}?中$", lead.strip())
            counted = re.match(r"^(\d+个(?:县\(市、区\)|县\(市\)|县\(区\)|县|乡镇|城市))(.{2,})", lead)
            region = state.region
            if counted:
                lead = counted.group(2)
                state.region = (state.region or self.context.region) + counted.group(1)
            numbers = [q for q in quantities if q.end <= rank.start and not (counted and q.start == clause.start)]
            base = "" if among else strip_marks(lead)
            shared = bool(re.search(r"均|都|双双", text[clause.start : rank.value_start])) or rank.double
            of = state.figures[-1] if state.figures and not counted else None
            names = self._rank_names(base, shared, of, state, numbers)
            for name, target in names:
                self._add_rank(clause, rank, name, target, state, section)
                state.last_name = name
            state.region = region

    def _rank_names(
        self, base: str, shared: bool, of: Figure | None, state: State, numbers: list[Quantity]
    ) -> list[tuple[str, Figure | None]]:
        plain = (
            re.sub(r"^(?:数量|总量|总数|降幅|增幅|涨幅|增速|下降幅度|增长幅度)$", "", base) if of is not None else base
        )
        if plain and not (numbers and shared):
            parts = split_rank_names(plain) if shared else [rank_name(plain)]
            return [(n, None) for n in parts if len(n) >= 2]
        levels = [f for f in state.figures if not f.comparison]
        if shared and len(levels) > 1:
            return [(f.indicator, f) for f in levels[-2:]]
        if of is None:
            return [(state.last_name, None)] if state.last_name else []
        return [(of.indicator, of)]

    def _add_rank(
        self, clause: Clause, rank: object, name: str, of: Figure | None, state: State, section: Section
    ) -> None:
        tags = ["target"] if section.mode == "plan" else ["actual"]
        tags.append("rank")
        if rank.upto:  # type: ignore[attr-defined]
            tags.append("upper_bound")
        scope = rank.scope  # type: ignore[attr-defined]
        wide = next((s for s in qualifiers().scopes if scope.startswith(s)), "")
        period, basis = self._period(None, state, section)
        plain = re.sub(r"数$", "", name)
        aliases = [name, *(of.aliases if of else []), f"{plain}排名"]
        end = rank.end  # type: ignore[attr-defined]
        value = rank.value  # type: ignore[attr-defined]
        title = f"{name}{wide}排名" if not name.endswith("排名") else name.replace("排名", f"{wide}排名")
        figure = Figure(
            clause.start, end, rank.value_start, end, value, "位" if value is not None else "", title,  # type: ignore[attr-defined]
            [a for a in dict.fromkeys(aliases) if a != title], tags, self.path(clause.start),
            state.region or self.context.region, period, basis, "" if value is not None else "前列")  # fmt: skip
        figure.comparison = {"kind": "peer_rank", "base_text": scope}
        if rank.size:  # type: ignore[attr-defined]
            figure.comparison["scope_size"] = rank.size  # type: ignore[attr-defined]
        figure.of = of
        figure.rules, figure.confidence = ["rank"], 0.85 if value is not None else 0.6
        self.found.append(figure)

    def _texts(self, clause: Clause, state: State, section: Section) -> None:
        """Values in words (全覆盖, 负增长, 完成下达任务); ranks in words are handled with the ranks."""
        for words in qualifiers().text_values:
            if "rank" in words.tags:
                continue
            for match in re.finditer(words.pattern, self.text[clause.start : clause.end]):
                start = clause.start + match.start()
                names = name_before(re.sub(r"(?:实现|达到|基本|已)+$", "", self.text[clause.start : start]))
                if not names:
                    continue
                tags = ["target"] if section.mode == "plan" else ["actual"]
                period, basis = self._period(None, state, section)
                self.found.append(Figure(
                    clause.start, clause.start + match.end(), start, clause.start + match.end(), None, "", names[-1],
                    names[:-1], [*tags, *words.tags], self.path(start), state.region or self.context.region, period,
                    basis, match.group(), rules=["value:words"], confidence=0.6))  # fmt: skip


def _named(names: list[str], quantity: Quantity, marks: Marks) -> tuple[str, list[str]]:
    """(indicator, aliases) from the names in order; changes get 增速/降幅, counts 数."""
    first = names[0]
    extra = list(names[1:])
    if marks.change == "change_yoy" or (marks.change == "change" and quantity.unit == "%"):
        word = "降幅" if marks.direction == "down" else "增速" if not first.endswith("率") else "上升"
        verb = "下降" if marks.direction == "down" else "增长"
        bare = re.sub(r"(?:同比)?(?:增速|增幅|降幅)$", "", first)
        return f"{bare}{word}", [n for n in dict.fromkeys([first, f"{bare}{verb}", f"{bare}同比{word}", *extra]) if n]
    if quantity.kind == "count" and not first.endswith(("数", "数量", "次", "量")):
        return f"{first}数", list(dict.fromkeys([first, *extra]))
    return first, list(dict.fromkeys(n for n in extra if n != first))


def _confidence(figure: Figure) -> float:
    score = 0.93
    if "name:after" in figure.rules:
        score -= 0.08
    if "name:inherited" in figure.rules:
        score -= 0.1
    if "name:fallback" in figure.rules:
        score -= 0.4
    if figure.value is None:
        score -= 0.4
    if figure.period is None:
        score -= 0.1
    if len(figure.indicator) > 30:
        score -= 0.15
    return round(max(score, 0.1), 2)


CORE = re.compile(r"^(?:全市|我市|本市)?市?((?:中心城区|主城区|建成区))(?![和及、与])")
NAMED = re.compile(r"(?:^|(?<=[向在对由,]))([\u4e00-\u9fff]{2,3}[县区市])(?![级属直域场委局政])(?=[\u4e00-\u9fff“\d])")


def clause_region(text: str, start: int, end: int, context: Context) -> tuple[str, bool]:
    """(region, is_core): the region that a clause names at its start or behind 向/在/对, as a full name below the
    province; '' if none. ``is_core`` marks the town centre, which holds for its own clause only."""
    clause = text[start : min(end, start + 40)].lstrip(" 、")
    clause = re.sub(r"^(?:截至[^,]*|\d{4}年)", "", clause)
    if re.match(r"(?:全市|全县|全区|我市|我县|我区|本市)(?!中心城区)|(?:同时)?各(?:县|乡|地|市|区)", clause):
        return context.region, False
    core = CORE.match(clause) or CORE.match(strip_verbs(clause))
    if core:
        return context.region + core.group(1), True
    for match in NAMED.finditer(clause):
        name = clean_region(match.group(1))
        if name and not starts_with_verb(name) and not re.search(r"各|全|我|每|省|工业|城|社|街", name):
            base = context.region
            if base.endswith(name) or name in base:
                return base, False
            city = re.match(r"[\u4e00-\u9fff]{2,4}?市", base)
            return (city.group() if city else "") + name, False
    return "", False


def find_figures(text: str, context: Context, rows: list[tuple[int, int]]) -> list[Figure]:
    """All figures of the body and its notes, in order (half-width text). ``rows`` are table rows that were read as
    tasks; they are read like lines."""
    reader = Reader(text, context)
    for start, end in lines_of(text, *context.body):
        if _furniture(text[start:end]):
            continue
        reader.read(start, end)
    reader.found.sort(key=lambda f: (f.value_start, f.value_end))
    return reader.found


def _furniture(line: str) -> bool:
    return bool(re.match(r"(?:联系人|联系电话|电话|传真|邮编|地址|来源|发布时间|举报)", line)) and len(line) < 120
