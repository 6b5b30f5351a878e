"""Projects: named works, facilities, parks, bases, pilots and counted groups of them.

A project is the object of a verb (or the subject of 获批, 开工) that ends with a head of ``data/projects.yaml``.
Members of a list that have heads of their own are projects of their own; members that share one head (甲、乙湿地公园,
甲、乙等工程) are one group. Honours, headings and names that say nothing of their own are left out; the same name is
kept once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cache

from ecocloud.intake.documents.context import Context
from ecocloud.intake.documents.figures import Figure, clause_region
from ecocloud.intake.documents.lexicon import any_of, compounded, project_words
from ecocloud.intake.documents.phrases import LOOSE, MARKS, PREAMBLE, Clause, Group, Head, HeadWords, clauses, members

LONGEST = 70
COUNTER = "台|套|口|个|座|条|家|处|项|所|片|类|村|镇"
COUNT = re.compile(rf"(\d+)[多余]?({COUNTER})(?:以上)?的?$")
COUNT_AFTER = re.compile(rf"(?:建设|项目)?(\d+)[多余]?({COUNTER})(?=$|[,、。;])")
COUNT_FIRST = re.compile(rf"(\d+)({COUNTER})")
COUNT_ETC = re.compile(rf"(?:建设)?等(\d+)({COUNTER})")
COUNT_INSIDE = re.compile(rf"等?(?:一批)?(\d+)({COUNTER})")
AND_BETWEEN = re.compile(r"[^、]{2,}(?:和|及|与)[^、]{2,}")
NUMERAL_QUOTE = re.compile(r"“[^”]*[\d一二三四五六七八九十][^”]*”")
ETC = re.compile(r"等(?:一批|\d+[个座条家处项])?[^等、]{0,24}$")
PLACE = re.compile(
    r"(?:全省|省|市)?(?!全|各|山水|城区)(?:[\u4e00-\u9fffxX]{2,4}(?:县|市|区|镇|乡|村)|[\u4e00-\u9fff]{1,3}(?:江|河|湖)|\d+国道)"
)
NUMBERED = re.compile(r"\d[万亿]?(?:亩|公里|千米|平方米|公顷|吨|万吨|立方米|千瓦|兆瓦)的?$")
TOLD = re.compile(r"[二三四五六七八九十两]个[^、]{2,4}$")


@dataclass
class Project:
    """One project, offsets in the text that is read."""

    start: int
    end: int
    name: str
    type: str
    path: str = ""
    aliases: list[str] = field(default_factory=list)
    category: str | None = None
    region: str = ""
    period: str | None = None
    status: str = "planned"
    count: int | None = None
    count_unit: str | None = None
    amount: float | int | None = None
    amount_unit: str | None = None
    rules: list[str] = field(default_factory=list)
    confidence: float = 0.5


@cache
def _heads() -> HeadWords:
    words = project_words()
    table = {**words.heads, "work": words.works, "counted": words.counted_works}
    return HeadWords.of({k: [*names, *compounded(words.compounds.get(k, ()))] for k, names in table.items()})


@cache
def _generic() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of(project_words().generic)}|[、和及与的“”]|\d+[个项条家类]?)+")


@cache
def _left_out() -> re.Pattern[str]:
    words = project_words()
    return re.compile(any_of([*words.honours, *words.not_works, *compounded(words.honour_compounds)]))


def find_projects(text: str, context: Context, figures: list[Figure]) -> list[Project]:
    """All projects of the body, in order (half-width text); each name once."""
    found: list[Project] = []
    seen: set[str] = set()
    money = [f for f in figures if f.unit.endswith("元") and f.value is not None]
    begin = context.root.children[0].start if context.plan and context.root.children else context.body[0]
    for clause in clauses(text, context):
        if clause.start < begin or clause.mode == "problem" or clause.general:
            continue
        for project in _clause(text, clause):
            key = core(project.name)
            if key in seen and project.count is None:
                continue
            seen.update(key[at:] for at in range(max(1, len(key) - 3)))
            project.path = context.locator.path(project.start)
            project.region = clause_region(text, clause.start, clause.end, context)[0] or context.region
            project.period = context.section(project.start).year
            _amount(text, project, clause, money)
            found.append(project)
    return found


def core(name: str) -> str:
    """What two mentions of the same project share."""
    name = re.sub(r"[“”《》\s]|\(.*?\)", "", name)
    name = re.sub(r"^(?:全市|全县|全区|国家级|省级|国家|省|市|县|区)+", "", name)
    return re.sub(r"(?:建设|工作|项目|创建)+$", "", name) or name


def _clause(text: str, clause: Clause) -> list[Project]:
    if PREAMBLE.match(clause.text) or (clause.title and "“" not in clause.text and not PLACE.search(clause.text)):
        return []
    out: list[Project] = []
    for group in _heads().groups(text, clause):
        if not any(v in group.verb for v in project_words().lost_verbs):
            out += _group(text, clause, group)
    return out


def _group(text: str, clause: Clause, group: Group) -> list[Project]:
    """Projects of one object: its members, or one record for the list."""
    parts = members(text, group.start, group.end)
    if len(parts) == 1:
        one = _one(text, clause, group.start, group.end, group.heads[-1], group)
        return [one] if one is not None else []
    if any(text[b - 1] in "局委办" for _, b in parts):
        return []
    words = text[group.start : group.end]
    heads = [[h for h in group.heads if a <= h.start < b] for a, b in parts]
    etc = ETC.search(words)
    if etc and etc.start() > 0:
        last = (parts[-1][0], group.start + etc.start())
        heads[-1] = [h for h in heads[-1] if h.start < last[1]]
        parts = [*parts[:-1], last] if last[1] - last[0] >= 2 else parts[:-1]
        whole = bool(re.match(r"等(?:一批)?\d", etc.group())) or "类" in etc.group()
        apart = sum(1 for h in heads[: len(parts)] if h) * 2 > len(parts) and not whole
    else:
        apart = _apart(text, group, parts, heads)
    pilots = all(h and h[-1].kind == "pilot" for h in heads)
    batch = text[group.start - 2 : group.start] == "一批"
    if apart and not pilots and not batch and len(parts) <= 5 and not TOLD.search(words):
        found = _each(text, clause, group, list(zip(parts, heads, strict=False)))
        if len(found) * 2 > len(parts):
            return found
    return _list(text, clause, group, etc)


def _apart(text: str, group: Group, parts: list[tuple[int, int]], heads: list[list[Head]]) -> bool:
    """Whether the members of a list without 等 inside stand for themselves: all have heads and are not joined by 和, or
    one has a number of its own, or 等 follows and most have heads."""
    behind = re.match(r"(?:建设|项目|工程)?等(\d)?", text[group.end : group.end + 6])
    if behind and behind.group(1):
        return False
    complete = sum(1 for h in heads if h)
    counted = any(re.match(r"\d+[个座条家处项]", text[a:b]) for a, b in parts)
    joined = AND_BETWEEN.search(text, group.start, group.end)
    if complete == len(parts) and (not joined or counted):
        return True
    return bool(behind) and complete * 2 > len(parts)


def _each(text: str, clause: Clause, group: Group, parts: list[tuple[tuple[int, int], list[Head]]]) -> list[Project]:
    out = []
    for (a, b), heads in parts:
        end = heads[-1].end if heads else b
        if text[end : end + 1] == "”":
            end += 1
        head = heads[-1] if heads else Head(b - 2, b, text[b - 2 : b], "project")
        one = _one(text, clause, a, end, head, group)
        if one is not None:
            one.rules.append("member")
            out.append(one)
    return out


def _list(text: str, clause: Clause, group: Group, etc: re.Match[str] | None) -> list[Project]:
    one = _one(text, clause, group.start, group.end, group.heads[-1], group)
    if one is None:
        return []
    one.type = "group" if one.type == "project" else one.type
    one.rules.append("list")
    one.confidence -= 0.1
    tail = re.sub(r"^等(?:一批|\d+[个座条家处项])?", "", etc.group()) if etc else ""
    if len(tail) >= 4:
        one.aliases.append(tail)
    return [one]


def _one(text: str, clause: Clause, start: int, end: int, head: Head, group: Group) -> Project | None:
    """A record for ``start``-``end`` with its head, or None when it names no project."""
    before = COUNT.search(text[max(clause.start, start - 8) : start])
    inner = COUNT_FIRST.match(text, start, end)
    if inner and inner.end() < end:
        start, before = inner.end(), before or inner
    name = MARKS.sub("", text[start:end]).strip()
    inside = COUNT_INSIDE.search(name)
    if inside and "等" in name:
        name = name.replace(inside.group(), "等" if inside.group().startswith("等") else "", 1)
    after = COUNT_AFTER.match(text, end, end + 10) or COUNT_ETC.match(text, end, end + 8)
    counted = before or inside or after
    if not _eligible(name, head, group.verb, bool(before)):
        return None
    measured = bool(NUMBERED.search(text[max(clause.start, start - 10) : start])) or text[end : end + 1].isdigit()
    if measured and not group.verb and not after:
        return None
    modifier = name[: name.rfind(head.word)] if head.word in name else name
    own = _generic().sub("", modifier)
    rules = [f"head:{head.word}"]
    if len(own) < 2:
        built = re.search("建|培育|打造", group.verb) or text.startswith("建设", end)
        batch = text[start - 2 : start] == "一批"
        if counted:
            rules.append("counted")
        elif measured:
            rules.append("measured")
        elif modifier and (batch or (len(head.word) >= 3 and built)):
            rules.append("batch" if batch else "built")
        elif len(group.subject) >= 4 and any(v in group.verb for v in project_words().city_verbs):
            name = f"{name}({re.sub(r'(?:成功|已|先后|分别|正式)+$', '', group.subject)})"
            rules.append("subject")
        else:
            return None
    kind = "project" if head.kind in ("work", "counted") else head.kind
    if kind == "project" and (counted or text[start - 2 : start] == "一批"):
        kind = "group"
    project = Project(clause.start, max(end, clause.start + 1), name, kind, rules=rules)
    if counted:
        project.count, project.count_unit = int(counted.group(1)), counted.group(2)
    _finish(project, group.verb)
    project.confidence = 0.5 + 0.1 * (len(own) >= 4) + 0.1 * bool(group.verb) + 0.15 * bool(counted)
    project.confidence += 0.1 * (head.kind == "project") - 0.15 * (head.kind in ("pilot", "work"))
    return project


def _eligible(name: str, head: Head, verb: str, counted: bool) -> bool:
    """Whether a name may be a project: no honour, no slogan, no campaign, a work only with its place or number."""
    words = project_words()
    if any(name.startswith(v) for v in words.lost_verbs):
        return False
    if not 3 <= len(name) <= LONGEST or _left_out().search(name) or LOOSE.match(name) or name.startswith("进"):
        return False
    if "“" in name and ("+" in name or (head.kind == "programme" and NUMERAL_QUOTE.search(name))):
        return False
    if any(v in verb for v in words.award_verbs) and head.kind != "work":
        return False
    if head.kind == "pilot" and any(v in verb for v in words.city_verbs):
        return False
    if head.word == "案例" or head.kind == "counted":
        return counted
    return head.kind != "work" or counted or bool(PLACE.match(name))


def _finish(project: Project, around: str) -> None:
    words = project_words()
    project.category = next((c for c, keys in words.categories.items() if any(k in project.name for k in keys)), None)
    project.status = next((s for s, keys in words.status.items() if any(k in around for k in keys)), "planned")


def _amount(text: str, project: Project, clause: Clause, money: list[Figure]) -> None:
    """Money in the clause, or in the next one when that says 投资 or 资金."""
    first = bisect_left(money, clause.start, key=lambda f: f.value_start)
    for figure in money[first : first + 3]:
        if clause.start <= figure.value_start < clause.end:
            inside = True
        else:
            gap = text[clause.end : figure.value_start]
            inside = 0 < len(gap) <= 16 and "。" not in gap and bool(re.search(r"投资|资金", gap))
        if inside:
            project.amount, project.amount_unit = figure.value, figure.unit
            project.end = max(project.end, figure.value_end)
            return
