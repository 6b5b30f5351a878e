"""Projects: named works, facilities, parks, bases, pilots and counted groups of them, found by the end of the name."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cache

from ecocloud.intake.documents.context import Context
from ecocloud.intake.documents.figures import Figure, clause_region
from ecocloud.intake.documents.lexicon import any_of, project_words
from ecocloud.intake.documents.phrases import Phrase, bare, clauses, members

MARKS = re.compile(r"[①-⑳]")
TAILS = re.compile(
    r"(?:建设|工作|前期工作|开工建设|稳步推进|平稳运行|建成投用|相继|全部完成|组建运行|等|的|任务|升级|力度|管理|进度)$"
)
COUNT = re.compile(r"(\d+)(个|座|条|家|处|项|所|片)$")
COUNT_AFTER = re.compile(r"(\d+)(个|座|条|家|处|项|所|片)(?:$|[,、])")
AMOUNT_END = re.compile(r"\d+(?:\.\d+)?[万亿]?[\u4e00-\u9fff]{1,3}$")
GAINED = re.compile(r"获批|获评|入选|纳入|列入|通过|采用|申报|(?:创建方案)?已上报|争创")
GROUPS = re.compile(r"等(?:一批)?[^等]{0,16}$")
VERB_NEEDED = re.compile(
    r"建设|推进|推动|加快|实施|启动|创建|打造|争取|争创|支持|培育|新建|完成|建成|开展|规划|谋划|获批|入选|获评|布局|抓好|引进|改造|完善|探索|新增|搭建|建立|通过|投入|开工|试点"
)


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
def _heads() -> tuple[dict[str, str], list[int]]:
    table = {word: kind for kind, words in project_words().heads.items() for word in words}
    return table, sorted({len(word) for word in table}, reverse=True)


@cache
def _not_names() -> re.Pattern[str]:
    return re.compile(rf"(?:一批|新的|等|各类|的)*{any_of(project_words().not_names)}")


def head_of(name: str) -> tuple[str, str] | None:
    """(head word, type) that a name ends with, or None."""
    plain = name.rstrip("”")
    table, sizes = _heads()
    for size in sizes:
        if len(plain) >= size and plain[-size:] in table:
            return plain[-size:], table[plain[-size:]]
    return None


def trim(words: str) -> str:
    """Take 建设, 工作 and the like off the end while a head is left."""
    words = AMOUNT_END.sub("", words)
    while True:
        match = TAILS.search(words)
        if head_of(words) or not match or match.start() < 3:
            return words
        words = words[: match.start()]


def find_projects(text: str, context: Context, figures: list[Figure]) -> list[Project]:
    """All projects of the body, in order (half-width text); the same name is kept once per section."""
    found: list[Project] = []
    seen: set[tuple[str, str]] = set()
    money = [f for f in figures if f.unit.endswith("元") and f.value is not None]
    for clause in clauses(text, context):
        if not VERB_NEEDED.search(clause.text):
            continue
        for project in _clause(text, clause):
            section = context.section(project.start)
            key = (project.name, section.path)
            if key in seen:
                continue
            seen.add(key)
            project.path = context.locator.path(project.start)
            project.region = clause_region(text, clause.start, clause.end, context)[0] or context.region
            project.period = section.year
            _amount(text, project, clause, money)
            found.append(project)
    return found


def _clause(text: str, clause: Phrase) -> list[Project]:
    """Projects of one clause: each member with a head of its own, else one group for the whole list."""
    parts = members(text, clause.start, clause.end)
    named: list[Project] = []
    for at, (a, b) in enumerate(parts):
        last = at == len(parts) - 1
        gained = GAINED.search(text, a + 4, b)
        project = _name(text, a, gained.start(), False) if gained else None
        if project is None:
            project = _name(text, gained.end() if gained else a, b, last)
        if project is not None:
            named.append(project)
    whole = bare(text, clause.start, clause.end)
    own = [p for p in named if p.start >= clause.start]
    generic = (
        len(parts) > 2 and bool(re.search(r"等[^、]{4,}$", clause.text)) and all(len(p.name) <= 4 for p in own[:-1])
    )
    if len(parts) > 1 and (len(own) <= 1 or generic):
        group = _group(text, clause, whole)
        if group is not None:
            return [group]
    return own


def _name(text: str, start: int, end: int, last: bool) -> Project | None:
    words = text[start:end]
    cut = GROUPS.search(words) if last else None
    plain_end = start + cut.start() if cut and cut.start() >= 4 and head_of(trim(words[: cut.start()])) else end
    phrase = bare(text, start, plain_end)
    name = trim(phrase.text)
    if not head_of(name):
        name = _inner_head(name)
    head = head_of(name) if name else None
    if head is None:
        return None
    counted = re.match(r"^(\d+)(个|座|条|家|处|项|所|片)", name)
    name = name[counted.end() :] if counted else name
    clean = MARKS.sub("", name)
    if len(clean) < len(head[0]) + (0 if len(head[0]) >= 4 else 2) or _not_names().fullmatch(clean) or len(clean) > 45:
        return None
    if ("的" in clean and len(clean) < 20) or (head[1] == "programme" and "“" in clean) or "领域" in clean:
        return None
    first = phrase.start + (counted.end() if counted else 0)
    project = Project(start, first + len(name), clean, head[1], rules=[f"head:{head[0]}"], confidence=0.6)
    before = counted or COUNT.search(text[max(0, first - 8) : first])
    after = COUNT_AFTER.match(text[first + len(name) : first + len(name) + 8])
    _finish(text, project, before or after, phrase.lead + text[plain_end:end])
    return project


def _inner_head(words: str) -> str:
    """The front part of a phrase up to a strong head (…项目开工, …试点建设稳步推进)."""
    best = ""
    for match in re.finditer(
        r"项目(?!库|开发)|试点|产业园(?!区)|公园|电站|示范区|工程(?!技术|研究)|处理厂|基地(?!建设)", words
    ):
        best = words[: match.end()]
    return best if len(best) >= 5 else ""


def _group(text: str, clause: Phrase, whole: Phrase) -> Project | None:
    """One record for 甲、乙、丙公园 or 甲、乙等工程."""
    name = trim(whole.text)
    head = head_of(name)
    if head is None or len(name) > 60 or len(name) < 5:
        return None
    clean = MARKS.sub("", name)
    counted = re.search(r"等(?:一批)?(\d+)(个|座|条|家|处|项)", clean)
    kind = "programme" if head[1] == "programme" else "pilot" if head[1] == "pilot" else "group"
    project = Project(clause.start, whole.start + len(name), re.sub(r"等(?:一批)?\d+[个座条家处项]", "等", clean), kind,
                      rules=[f"list:{head[0]}"], confidence=0.5)  # fmt: skip
    _finish(text, project, counted, whole.lead)
    return project


def _finish(text: str, project: Project, counted: re.Match[str] | None, around: str) -> None:
    words = project_words()
    if counted:
        project.count, project.count_unit = int(counted.group(1)), counted.group(2)
        project.type = "group" if project.type == "project" else project.type
    project.category = next((c for c, keys in words.categories.items() if any(k in project.name for k in keys)), None)
    project.status = next((s for s, keys in words.status.items() if any(k in around for k in keys)), "planned")
    if re.match(r"一批", text[project.start : project.end]) and project.type == "project":
        project.type = "group"


def _amount(text: str, project: Project, clause: Phrase, money: list[Figure]) -> None:
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
