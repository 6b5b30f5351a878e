"""Figures: every number with a unit, every rank, with indicator, region, period and the way it is meant."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from ecocloud.intake.documents.context import Context, Section, clean_region
from ecocloud.intake.documents.dates import find_stated, own_period, year_text
from ecocloud.intake.documents.indicators import starts_with_verb, strip_verbs
from ecocloud.intake.documents.lexicon import any_of, qualifiers
from ecocloud.intake.documents.marks import Marks, read_marks
from ecocloud.intake.documents.naming import JOINERS, NAME_WINDOW, find_names, named
from ecocloud.intake.documents.quantities import Quantity, find_quantities
from ecocloud.intake.documents.ranking import read_ranks, read_words
from ecocloud.intake.documents.segments import lines_of
from ecocloud.intake.documents.spreads import read_spread, shared_names
from ecocloud.intake.documents.statements import Clause, Figure, State

LONGEST = 1000
SEPARATOR = re.compile(r"[(《)》,:\t]")
NEAR = 300
FAR = 200
SPEC_NOUN = re.compile(r"的?[\u4e00-\u9fff]{2}")
BOUND_WORDS = re.compile(r"及?以[上下内]|左右|之内|余|多")
MONTHS_OF = re.compile(r"\d{3}[\dX]-\d\d-\d\d/\d{3}[\dX]-\d\d-\d\d")
RISE = re.compile(r"同比|去年同期|上年同期|(?:增长|下降)(?:了)?\d")
DONE = re.compile(r"(?:反馈|指出|发现|查出)的|已(?!经?[定有])|仍|仅|尚|目前|截至|现有|存在|[受办]理")
DUE = re.compile(r"力争|确保|争取|[底末日月]前|到(?:20\d\d)年")
AIM = re.compile(r"力争|确保|争取|[底末日月]前|以上|以下|不[低高少超]于?|达到|要|将|开展|实施|完成.*(?:任务|建设)")
PROMISE = re.compile(r"力争|预计|拟(?!定)|将达|要达|下一步|今后|[将要]力|奋力实现")
SINCE = re.compile(r"(?<![近今一几多两三五十这来去]年)(?<![近今这年])以来$")
PROBLEM_LABEL = re.compile(
    r"(?:反馈|存在|主要|具体|督察|发现)?(?:的)?问题(?:描述|表现|情况)?:|督察(?:指出|发现)|检查发现"
)
ONGOING = re.compile(r"目前|现有|具备|[年日]均|年产")
YEAR_HEAD = re.compile(r"(?:到|至)?(?P<y>(?:19|20)\d{2}|20\d[_Xx×*])年(?:度|底|末)?")


@cache
def _yoy() -> re.Pattern[str]:
    return re.compile(any_of(qualifiers().yoy))


@cache
def _scope_end() -> re.Pattern[str]:
    return re.compile(any_of(qualifiers().scopes) + "$")


class Reader:
    """Reads the figures of one document."""

    def __init__(self, text: str, context: Context) -> None:
        self.text = text
        self.context = context
        self.found: list[Figure] = []
        self.months: tuple[str, int] | None = None
        self.line_end = 0

    def path(self, offset: int) -> str:
        return self.context.locator.path(offset)

    # ------------------------------------------------------------ sentences and clauses
    def read(self, start: int, end: int) -> None:
        """Read one line."""
        self.months, self.line_end = None, end
        for begin, stop in self.context.locator.stretches(start, end):
            self._stretch(begin, stop)

    def _stretch(self, start: int, end: int) -> None:
        """Read the sentences between two markers; behind a semicolon the period goes on."""
        problem = bool(PROBLEM_LABEL.match(self.text, start, min(end, start + 30)))
        quantities = find_quantities(self.text, start, end)
        begin, at, before = start, 0, State()
        for match in re.finditer(r"[。;!?]|$", self.text[start:end]):
            stop = start + match.start()
            inside = []
            while at < len(quantities) and quantities[at].start < stop:
                inside.append(quantities[at])
                at += 1
            if stop > begin:
                state = self._sentence(begin, stop, inside, before, problem)
                before = state if match.group() == ";" else State()
            begin = stop + 1

    def _sentence(self, start: int, end: int, quantities: list[Quantity], before: State, problem: bool) -> State:
        """Read one sentence; ``before`` is the state of the part in front of a semicolon."""
        section = self.context.section(start)
        if problem and section.mode == "plan":
            section = replace(section, mode="problem")
        carried = "" if ONGOING.search(self.text, start, end) else before.carried
        state = State(period=carried or None, topic=before.subject(), words=before.words, promise=before.promise)
        state.limit = self.context.limit(start) or ""
        state.measured = bool(_yoy().search(self.text, start, end))
        if not state.period and self.months and start < self.months[1] and RISE.search(self.text, start, end):
            state.period = self.months[0]
        for clause in self._clauses(start, end, quantities):
            before_clause = len(state.figures)
            stated = self._clause(clause, state, section)
            if MONTHS_OF.fullmatch(stated) and not self.months:
                self.months = stated, self.line_end
            if stated and not before_clause:
                state.restated = before.restated or bool(before.carried)
                state.carried = "" if state.restated else stated
        if not state.carried and state.period == before.carried:
            state.carried = before.carried
        return state

    def _clauses(self, start: int, end: int, quantities: list[Quantity]) -> list[Clause]:
        """Split at commas and colons outside brackets and outside numbers; very long clauses in front of a number."""
        cuts, level, first, inside = [], 0, start, 0
        for match in SEPARATOR.finditer(self.text, start, end):
            at, char = match.start(), match.group()
            if char in "(《":
                level += 1
            elif char in ")》":
                level = max(0, level - 1)
            elif level == 0:
                while inside < len(quantities) and quantities[inside].end <= at:
                    inside += 1
                if inside == len(quantities) or quantities[inside].start > at:
                    cuts.append((first, at))
                    first = at + 1
        cuts.append((first, end))
        cuts = _shorten(cuts, quantities) if end - start > LONGEST else cuts
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
    def _clause(self, clause: Clause, state: State, section: Section) -> str:
        """Read one clause; returns the period that it states, else ''."""
        text = self.text
        words = text[clause.start : clause.end]
        stated = find_stated(text, clause.start, clause.end, section.year)
        if stated:
            state.period, state.since = stated.edtf, False
        elif SINCE.search(words):
            state.since = True
        state.promise = state.promise or bool(PROMISE.search(words)) or _later(stated, section)
        region, core = clause_region(text, clause.start, clause.end, self.context)
        if region:
            state.region, state.core = region, core
        elif state.core:
            state.region, state.core = "", False
        quantities = [q for q in clause.quantities if not self._excluded(q, clause)]
        spread = read_spread(self, clause, state, section) if "分别" in words else []
        taken = [(f.value_start, f.value_end) for f in spread]
        for at, quantity in enumerate(quantities):
            if any(a < quantity.end and quantity.start < b for a, b in taken):
                continue
            self._one(clause, quantity, at, quantities, state, section)
        read_ranks(self, clause, state, section, quantities)
        read_words(self, clause, state, section)
        if not clause.quantities and not stated:
            state.words = words
        return stated.edtf if stated else ""

    def _excluded(self, quantity: Quantity, clause: Clause) -> bool:
        """Numbers inside short quotes (names of campaigns) and inside titles are none."""
        text = self.text
        near = max(clause.start, quantity.start - 80)
        left = text.rfind("“", near, quantity.start)
        if left >= 0 and text.find("”", left, quantity.start) < 0:
            right = text.find("”", quantity.end, quantity.end + 30)
            if right >= 0 and right - left <= 40 and not re.search("[,。;!]", text[left:right]):
                return True
        return text.rfind("《", near, quantity.start) > text.rfind("》", near, quantity.start)

    def _element(self, clause: Clause, quantity: Quantity, at: int, quantities: list[Quantity]) -> int:
        """Where the words of this number begin: behind the number before it, else at the start of the clause."""
        if at == 0:
            return clause.start
        before = quantities[at - 1].end
        if bound := BOUND_WORDS.match(self.text, before, quantity.start):
            before = bound.end()
        while before < quantity.start and self.text[before] in JOINERS + " ":
            before += 1
        if (
            self.found
            and "name:after" in self.found[-1].rules
            and self.found[-1].value_start == quantities[at - 1].start
        ):
            joint = self.text.rfind("、", before, quantity.start)
            before = joint + 1 if joint >= 0 and quantity.start - joint > 3 else before
        return before

    def _one(
        self, clause: Clause, quantity: Quantity, at: int, quantities: list[Quantity], state: State, section: Section
    ) -> None:
        text = self.text
        start = self._element(clause, quantity, at, quantities)
        own = own_period(text, start, quantity.start)
        begin = own[1] if own else quantity.start
        marks = read_marks(text, start, begin, quantity.end, clause.end, quantity.unit, quantity.more)
        if own is None and at and (year := YEAR_HEAD.match(text, start, marks.cut)):
            own = year_text(year.group("y")), start
        following = quantities[at + 1].start if at + 1 < len(quantities) else clause.end
        previous = state.level()
        lead = text[max(start, marks.cut - NAME_WINDOW) : marks.cut]
        shared = shared_names(lead + "均") if re.search("均|都", text[marks.cut : quantity.start]) else []
        earlier = None
        if not state.figures:
            near = (f for f in reversed(self.found[-6:]) if f.unit == quantity.unit and start - f.end <= NEAR)
            earlier = next(near, None)
        found = find_names(text, clause, quantity, marks, start, following, state, earlier)
        if not found.names:
            return
        if "name:inherited" in found.rules and not state.region and previous is not None:
            state.region = previous.region if previous.region.startswith(self.context.region) else ""
        if not own and previous is not None and previous.period and _goes_on(previous, quantity, marks, text, start):
            marks.cumulative = True
        for names in shared if quantity.kind == "share" and not marks.change and shared else [found.names]:
            figure = self.make(clause, quantity, marks, names, (start, found.stop), state, section)
            rules = list(found.rules)
            if own:
                self._own_period(figure, own[0], section)
            if found.place:
                figure.region = _inside(self.context.region, found.place)
            behind = text[marks.after : min(following, marks.after + NAME_WINDOW)]
            if "name:after" in rules and quantity.kind != "count" and following < clause.end and behind:
                figure.qualifier += [] if behind[-1] in JOINERS else ["spec"]
            figure.subject = found.subject
            figure.rules = [*(["list:均"] if names is not found.names else rules), *figure.rules]
            figure.confidence = _confidence(figure)
            self._relate(figure, marks, state, lead)
            if "scope_size" not in figure.qualifier:
                state.figures.append(figure)
                del state.figures[:-40]
            self.found.append(figure)

    def _own_period(self, figure: Figure, year: str, section: Section) -> None:
        """The year that stands at the number itself; '' the year of the section, 'last' the one before."""
        if year == "last":
            year = str(int(section.year) - 1) if (section.year or "").isdigit() else ""
        if year or section.year:
            figure.period = year or section.year
            figure.period_basis = "stated" if year else section.basis

    # ------------------------------------------------------------ one record
    def make(
        self, clause: Clause, quantity: Quantity, marks: Marks, names: list[str], span: tuple[int, int],
        state: State, section: Section,
    ) -> Figure:  # fmt: skip
        """A figure of one quantity with its names, tags, region and period."""
        tags, rules = self._tags(clause, quantity, marks, section, state)
        indicator, aliases = named(names, quantity, marks)
        period, basis = self.period(marks, state, section)
        rules += [f"period:{basis}"] if basis == "stated" else []
        rules += ["region:stated"] if state.region and state.region != self.context.region else []
        value_text = quantity.value_text if quantity.value is None else ""
        start = span[0]
        while start < quantity.start and self.text[start] in " \t，,、":
            start += 1
        return Figure(
            start, max(span[1], marks.after), quantity.start, marks.after, quantity.value, quantity.unit, indicator,
            aliases, tags, self.path(quantity.start), state.region or self.context.region, period, basis, value_text,
            quantity.high, marks.direction, marks.strict, rules=rules)  # fmt: skip

    def _tags(
        self, clause: Clause, quantity: Quantity, marks: Marks, section: Section, state: State
    ) -> tuple[list[str], list[str]]:
        text = self.text
        rules = [f"section:{section.mode}"]
        meant = "definition" if section.mode == "notes" else "target" if section.mode == "plan" else "actual"
        near = max(clause.start, quantity.start - FAR), min(clause.end, quantity.end + FAR)
        aim, due = AIM.search(text, *near), DUE.search(text, *near)
        state.done = not aim and (state.done or bool(DONE.search(text, near[0], quantity.start)))
        if meant == "target" and not state.promise and (state.done or not due and _past(state, section, self.context)):
            meant = "actual"
            rules.append("meant:past")
        elif meant == "actual" and state.promise:
            meant = "target"
            rules.append("meant:promise")
        tags = [meant]
        for name in ("lower", "upper", "approx"):
            if getattr(marks, name):
                tags.append(name if name == "approx" else f"{name}_bound")
                rules.append(f"mark:{name}")
        if marks.change:
            tags.append(marks.change)
            rules.append(f"mark:{marks.change}")
        if quantity.kind == "count" and not marks.change:
            tags.append("count_of")
        if quantity.high is not None:
            rules.append("value:range")
        if quantity.value is None and quantity.high is None:
            rules.append("value:destroyed")
        before, after = text[max(clause.start, quantity.start - 8) : quantity.start], text[quantity.end : clause.end]
        if (
            (
                marks.after > quantity.end
                and quantity.kind not in ("count", "share", "index")
                and SPEC_NOUN.match(text, marks.after)
            )
            or quantity.kind == "length"
            and re.match(r"(?:范围|以内|之内|内|外|沿线)", after)
        ):
            tags.append("spec")
        if re.search(r"蒸吨|每小时", quantity.unit) and re.match(
            r"(?:以下|以上|及以下|及以上)?的?[\u4e00-\u9fff]", after
        ):
            tags.append("spec")
        among = quantity.kind == "count" and _scope_end().search(before)
        if among and re.match(
            r"[^,。]{1,10}(?:中?(?:排名|名列|位居|位列|列)|第[\d一二三四五六七八九十]+(?:位|名))", after
        ):
            tags = [t for t in tags if t != "count_of"] + ["scope_size"]
            rules.append("scope")
        return tags, rules

    def period(self, marks: Marks | None, state: State, section: Section) -> tuple[str | None, str]:
        """(EDTF, basis) of a record: stated by the sentence, else the year of the section or the document."""
        year, basis = section.year, section.basis
        if section.mode == "notes":
            return None, "undetermined"
        if section.mode == "plan" and state.limit:
            year, basis = state.limit, "inherited_item"
        if self.context.report_period and section.mode == "report" and not state.period:
            year = self.context.report_period
        cumulative = (marks is not None and marks.cumulative) or state.since
        if state.period:
            if cumulative and re.fullmatch(r"\d{3}[\dX]", state.period):
                return f"../{state.period}", "stated"
            return state.period, "stated"
        if year is None:
            return None, "undetermined"
        if cumulative and section.mode != "plan" and "/" not in year:
            return f"../{year}", basis
        return year, basis

    def _relate(self, figure: Figure, marks: Marks, state: State, lead: str) -> None:
        """Tie a change or difference to the level before it; 由A提高到B ties the second level to the first."""
        before = state.level()
        if marks.change == "difference":
            kind = "peer_avg" if "平均" in marks.base else "other_indicator"
            figure.comparison, figure.of = (
                {"kind": kind, "base_text": marks.base},
                state.figures[-1] if state.figures else None,
            )
        elif marks.change in ("change_yoy", "change"):
            same = before if before is not None and before.indicator in (figure.indicator, *figure.aliases) else None
            kind = "yoy" if marks.change == "change_yoy" else "previous_value"
            figure.comparison, figure.of = {"kind": kind, "base_text": marks.base}, same
        elif (
            before is not None
            and not lead.strip(JOINERS + " ")
            and re.search(r"[由从](?:20\d{2}年的?)?$", self.text[before.start : before.value_start])
        ):
            figure.comparison, figure.of = {"kind": "previous_value", "base_text": "由"}, before


def _shorten(cuts: list[tuple[int, int]], quantities: list[Quantity]) -> list[tuple[int, int]]:
    """Clauses of at most about LONGEST characters: cut in front of a number."""
    out, at = [], 0
    for first, last in cuts:
        while at < len(quantities) and quantities[at].start < last:
            if quantities[at].start - first >= LONGEST:
                out.append((first, quantities[at].start))
                first = quantities[at].start
            at += 1
        out.append((first, last))
    return out


def _later(stated: object, section: Section) -> bool:
    """A year behind that of a report section speaks of what is to come."""
    edtf = getattr(stated, "edtf", "")
    year = section.year or ""
    return section.mode == "report" and "/" not in edtf and edtf[:4].isdigit() and year.isdigit() and edtf[:4] > year


def _past(state: State, section: Section, context: Context) -> bool:
    """Inside a plan: what was measured (a year before the plan year, months that are over, a change on last year)."""
    period, year = state.period or "", context.plan_first or section.year or ""
    if not (period[:4].isdigit() and year.isdigit()):
        return False
    published = context.published
    last = period.partition("/")[2]
    over = bool(published) and len(last) == 10 and last <= str(published)
    return period[:4] < year or over or (len(last) == 10 and state.measured)


def _goes_on(previous: Figure, quantity: Quantity, marks: Marks, text: str, start: int) -> bool:
    """累计 of the number before goes on when this one has no verb and no level word of its own and the same unit."""
    if not previous.period or not previous.period.startswith("../") or previous.unit != quantity.unit:
        return False
    lead = text[start : quantity.start]
    if "其中" in lead:
        return False
    return marks.cut == quantity.start and not starts_with_verb(lead.lstrip(JOINERS + " "))


def _inside(region: str, place: str) -> str:
    """Full name of a place below the region of the document."""
    if place[1:] == "本级":
        return region + "本级"
    if region.endswith(place):
        return region
    city = re.match(r"[\u4e00-\u9fff]{2,4}?市", region)
    return (city.group() if city else region) + place


def _confidence(figure: Figure) -> float:
    score = 0.93
    if "name:after" in figure.rules:
        score -= 0.08
    if "name:inherited" in figure.rules or "name:subject" in figure.rules:
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


CORE = re.compile(
    r"^(?:全市|我市|本市|全县|我县|确保|力争)*市?((?:中心城区|主城区|建成区|(?<![市中主])城区|(?<!市)市区|县城(?=环境|空气|PM|声环境|区域环境|生活污水|污水集中|生活垃圾)))(?![和及、与])"
)
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
        return context.region + core.group(1) if context.region else "", bool(context.region)
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
    return (
        bool(
            re.match(
                r"(?:联系人|联系电话|电话|传真|邮编|地址|来源|发布时间|举报)|.*(?:浏览|点击|阅读|访问)(?:次数|量|数)?[::]|.*字体[::]",
                line,
            )
        )
        and len(line) < 120
    )
