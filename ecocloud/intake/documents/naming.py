"""The name of the indicator of one number: words before it, behind it, of the figure before, of the subject."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from ecocloud.intake.documents.context import clean_region
from ecocloud.intake.documents.indicators import (
    is_generic,
    name_after,
    name_before,
    only_verbs,
    says_measure,
    starts_with_verb,
    strip_lead,
    strip_marks,
    strip_verbs,
    subject_of,
)
from ecocloud.intake.documents.lexicon import any_of, indicator_words, verbs
from ecocloud.intake.documents.marks import Marks
from ecocloud.intake.documents.quantities import Quantity
from ecocloud.intake.documents.statements import Clause, Figure, State

NAME_WINDOW = 150
JOINERS = "、和及与,，"
MOST_ALIASES = 10
LONG_NAME = 8
PLACE_LIKE = re.compile(r"(?:城区|县城|建成区|沿线|沿岸|两岸|流域|境内|一带|辖区|乡镇|村庄)$")
PLACE_ONLY = re.compile(r"\s*(?:其中[,:]?)?(?P<place>[\u4e00-\u9fff]{1,4}(?:县|区|市|镇|乡|街道)|[市县区]本级)")
OWNER = re.compile(r"的(?P<owner>[^,。;、]{2,25}?)(?=$|[,。;、]|等|建成|投[产用]|落户|开工|纳入|列入|入选|获)")
RELATION = re.compile(
    r"占(?!比).+|(?:为|达|完成)(?:了)?(?:全?年|年度|省|市|县|上级|下达|计划)*(?:任务|计划|目标)的?|对[^,]{2,12}(?:贡献率|拉动率)"
)
WORKS = re.compile(r"(?:治理|建设|改造|整治|修复|保护|提升)*(?:项目|工程|试点)$")
SPENT = re.compile(r"^.{0,4}(?:投资|投入)$|(?:安排|拨付|下达)$")
OBJECT = re.compile(r"的(?P<name>[\u4e00-\u9fff]{2,8})(?=$|[,。;、])")
OBJECT_ONLY = re.compile(r"[\u4e00-\u9fffA-Za-z0-9“”()]{3,20}")
TIME_LIKE = re.compile(r"[近今下本上]|.*(?:[来时后前中间年月步天日]|以来|阶段)$")
TOPIC_END = re.compile(r"(?:工作|建设|治理|项目建设)$")
GOAL = re.compile(r"的(?:年度)?(?:目标|任务|要求|标准)")
COUNTED = re.compile(r"^.*\d[万亿]?[个座条项家处户]")
EVEN = re.compile(r"^[户人亩年月日]?均")
FORM = {"area": "面积", "length": "长度", "mass": "量", "volume": "量"}
THINGS = ("count", "area", "length", "mass", "volume")
SHOWN = ("area", "length")
TASK_TAIL = re.compile(r"(?:的)?(?:目标)?任务$|工作$")


@dataclass
class Naming:
    """Names (best first), the rules that gave them, where the evidence ends, the place when the name is a place."""

    names: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    stop: int = 0
    place: str = ""
    subject: str = ""


@dataclass
class Words:
    """What stands around one number: the text in front and behind, the names read from both, figures so far."""

    quantity: Quantity
    marks: Marks
    lead: str
    behind: str
    before: list[str]
    after: list[str]
    state: State
    previous: Figure | None


def find_names(
    text: str, clause: Clause, quantity: Quantity, marks: Marks, start: int, following: int, state: State,
    earlier: Figure | None = None,
) -> Naming:  # fmt: skip
    """Name the number ``quantity``; ``start`` is where its own words begin, ``following`` the next number, ``earlier``
    a figure of an earlier sentence with the same unit."""
    lead = text[max(start, marks.cut - NAME_WINDOW) : marks.cut]
    if lead.startswith("的") and "、" in lead:
        lead = lead[lead.rfind("、") + 1 :]
    behind = text[marks.after : min(following, marks.after + NAME_WINDOW)]
    after = name_after(behind, quantity.kind == "count")
    first = after and number_first(quantity, lead, behind, marks)
    before = [] if first else name_before(lead)
    words = Words(quantity, marks, lead, behind, before, after, state, state.level())
    found = next((made for rule in RULES if (made := rule(words)) is not None), Naming(before, ["name:before"]))
    if found.rules == ["name:after"] and found.names:
        found.names += _shared_tail(text, clause, quantity, after[0], following) if after else []
    found.stop = found.stop or marks.after
    if not found.names:
        found.names, found.rules = _fallback(text, clause, quantity), ["name:fallback"]
        if earlier is not None and (not found.names or only_verbs(strip_lead(found.names[0]))):
            found.names, found.rules = [earlier.indicator, *earlier.aliases], ["name:earlier"]
    elif found.rules == ["name:before"]:
        _complete(text, clause, quantity, found, behind, start, state)
    if found.names and not found.subject:
        found.subject = _subject(found.names[0], quantity)
    return found


def _subject(name: str, quantity: Quantity) -> str:
    plain = subject_of(name)
    if name.endswith("资金"):
        return ""
    if says_measure(name) or (plain != name and quantity.kind != "count"):
        return plain
    return name if quantity.kind in THINGS else ""


def _by_place(words: Words) -> Naming | None:
    """A place in front is a part of the figure before."""
    place = PLACE_ONLY.fullmatch(words.lead)
    if not place or words.previous is None or words.previous.unit != words.quantity.unit or words.marks.change:
        return None
    if place.group("place")[1:] != "本级" and not clean_region(place.group("place")):
        return None
    previous = words.previous
    return Naming([previous.indicator, *previous.aliases], ["name:place"], place=place.group("place"))


def _by_change(words: Words) -> Naming | None:
    """A difference or a change without a name is about the figure before."""
    if words.marks.change == "difference":
        return Naming(_difference_names(words.before, words.marks, words.state), ["name:difference"])
    if words.before or not words.marks.change:
        return None
    if words.previous is not None:
        return Naming([words.previous.indicator, *words.previous.aliases], ["name:inherited"])
    return Naming([words.state.last_name], ["name:inherited"]) if words.state.last_name else None


def _by_goal(words: Words) -> Naming | None:
    """超额完成省定16%的目标: the goal of the figure before."""
    if words.marks.change or not words.state.figures or not GOAL.match(words.behind):
        return None
    return Naming([f"{words.state.figures[-1].indicator}目标", *words.before], ["name:inherited"])


def _by_after(words: Words) -> Naming | None:
    """The words behind the number, when those in front name nothing."""
    if words.before or not words.after:
        return None
    names = _with_lead(words.lead, words.after, words.quantity)
    return Naming(names, ["name:after"], words.marks.after + len(words.behind.rstrip(JOINERS)))


def _by_previous(words: Words) -> Naming | None:
    """No words at all: the figure before, best one with the same unit."""
    if words.before or words.previous is None:
        return None
    same = (f for f in reversed(words.state.figures) if not f.comparison and f.unit == words.quantity.unit)
    return Naming(_same_as(next(same, words.previous), words.lead, words.quantity), ["name:inherited"])


def _by_object(words: Words) -> Naming | None:
    """给予50万元的奖补: money behind a verb is named by what follows 的."""
    what = OBJECT.match(words.behind) if words.quantity.kind == "money" else None
    if what is None or not (not words.before or starts_with_verb(words.lead) or len(words.before[0]) > LONG_NAME):
        return None
    return Naming([what.group("name"), *words.before], ["name:after"], words.marks.after + what.end())


def _by_relation(words: Words) -> Naming | None:
    """占规上工业的比重, 为年度任务的: a share of or by the figure before."""
    relation = RELATION.match(words.lead.strip(JOINERS + " "))
    if not relation or not words.before or not words.state.figures:
        return None
    of = next((f for f in reversed(words.state.figures) if "difference" not in f.qualifier), words.state.figures[-1])
    plain = next((a for a in of.aliases if "change_yoy" in of.qualifier), of.indicator)
    return Naming([*related(plain, relation.group()), *words.before], ["name:before", "name:relation"])


RULES: tuple[Callable[[Words], Naming | None], ...] = (
    _by_place, _by_change, _by_goal, _by_after, _by_previous, _by_object, _by_relation,
)  # fmt: skip


def related(name: str, relation: str) -> list[str]:
    """Names of a share of another quantity: 甲完成年度任务 (的104%) gives 甲完成年度任务 and 甲占年度任务比例."""
    subject, words = re.sub("(?<![指系])数$", "", name), strip_marks(relation).rstrip("由从的")
    plain = f"{subject}{words}"
    base = re.sub("^(?:占|为|达|完成)了?", "", words)
    if words[0] == "对" or says_measure(base):
        return [plain]
    return [plain, f"{subject}占{base}比例"] + ([] if words[0] == "占" else [f"{subject}完成{base}比例"])


def _complete(
    text: str, clause: Clause, quantity: Quantity, found: Naming, behind: str, start: int, state: State
) -> None:
    """A name that says too little alone takes the subject: behind the number, or of the sentence."""
    first = found.names[0]
    if not is_generic(first) and not (quantity.kind == "money" and SPENT.search(first)):
        return
    subject = (
        _owner(text, clause, quantity, behind, first)
        or _verb_before(text, start, first)
        or state.subject()
        or topic_of(state.words)
    )
    if subject.endswith("资金") and SPENT.search(first):
        found.names.insert(0, subject)
        found.rules.append("name:subject")
    elif subject and subject not in first and len(subject) <= 24:
        found.names.insert(0, f"{subject}{first}" if not first.startswith(subject[-2:]) else subject[:-2] + first)
        found.rules.append("name:subject")
        found.subject = subject


def topic_of(words: str) -> str:
    """What a clause without a number is about (狠抓地质环境治理 -> 地质环境); '' for times and sentences."""
    names = name_before(words) if words else []
    if not names or not OBJECT_ONLY.fullmatch(names[0]) or TIME_LIKE.match(names[0]):
        return ""
    return TOPIC_END.sub("", names[0]) if len(names[0]) > 5 else names[0]


def _owner(text: str, clause: Clause, quantity: Quantity, behind: str, name: str) -> str:
    """建筑面积1.4万平方米的某产业园, 投资2亿元实施某工程: the owner stands behind the number."""
    tail = text[clause.quantities[-1].end : clause.end] if clause.quantities else ""
    owner = OWNER.match(behind) or OWNER.match(tail)
    if owner and quantity.kind != "count":
        return strip_marks(owner.group("owner"))
    use = re.match(r"(?:专项)?用于([^,。;、]{3,20})", behind)
    if use and quantity.kind == "money":
        return strip_verbs(use.group(1)) + ("资金" if not name.endswith("资金") else "")
    if quantity.kind == "money" and re.search(r"投资|投入|资金", name) and starts_with_verb(behind):
        plain = strip_verbs(re.split(r"[,。;、]", behind)[0])
        return plain if 3 <= len(plain) <= 20 else ""
    return ""


def _verb_before(text: str, start: int, name: str) -> str:
    """治理率 behind 完成生活污水治理: the words in front of the same verb; '' when it does not stand before."""
    stem = name[:-1] if name.endswith("率") else ""
    if len(stem) < 2:
        return ""
    begin = max(text.rfind(mark, max(0, start - 120), start) for mark in "。;!?\n") + 1
    at = text.rfind(stem[:2], begin, start)
    if at <= begin:
        return ""
    left = max(text.rfind(mark, begin, at) for mark in ",、:") + 1
    names = name_before(COUNTED.sub("", text[max(begin, left) : at]))
    return names[0] if names and not re.search(r"[并而后]$", names[0]) and not only_verbs(names[0]) else ""


def number_first(quantity: Quantity, lead: str, behind: str, marks: Marks) -> bool:
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
    if EVEN.match(behind) or plain[-1:] == quantity.unit:
        return False
    return bool(re.match(r"[\u4e00-\u9fff“]", behind)) and not starts_with_verb(behind)


def _with_lead(lead: str, after: list[str], quantity: Quantity) -> list[str]:
    """Names behind the number, and with the verb or the group in front of it (列为重点的140个村)."""
    plain = strip_marks(lead)
    extra = []
    if lead.endswith("的"):
        group = strip_verbs(re.split(r"列为|作为|属于|纳入|入选|[,;:]", lead[:-1])[-1])
        extra += [group] if 3 <= len(group) <= 20 else []
    verb = _verb_end().search(plain)
    if verb and quantity.kind == "count":
        extra += [f"{verb.group()}{after[0]}" + ("" if says_measure(after[0]) else "数")]
    each = re.search(r"每个?([^,。;]{1,8}?)(?:至少|各|都|均|建设|建|有|配备|创建)", lead)
    if each:
        extra.append(f"每个{each.group(1)}{after[0]}数")
    return [*after, *extra]


def _shared_tail(text: str, clause: Clause, quantity: Quantity, name: str, following: int) -> list[str]:
    """1条中小河和2个山塘治理项目: what the second is called at its end belongs to the first too."""
    nxt = next((q for q in clause.quantities if q.start == following), None)
    if nxt is None or quantity.kind != nxt.kind or text[following - 1] not in "和及与、" or WORKS.search(name):
        return []
    works = WORKS.search((name_after(text[nxt.end : clause.end], True) or [""])[0])
    return [name + works.group()] if works else []


def _same_as(previous: Figure, lead: str, quantity: Quantity) -> list[str]:
    """Names of the figure before; what was newly added or handled (处罚14人) keeps its verb."""
    plain = re.sub("(?<![指系])数$", "", previous.indicator)
    for word in ("新增", "净增"):
        if word in lead and not plain.startswith(word):
            return [f"{word}{plain}", previous.indicator, *previous.aliases]
    verb = strip_marks(lead)
    if quantity.kind == "count" and verb in _object_verbs() and previous.unit != quantity.unit:
        return [f"{verb}{re.sub('^[万亿千百]+', '', quantity.unit)}数", f"{plain}{verb}数", *previous.aliases]
    if quantity.kind != "count" and plain != previous.indicator:
        return [plain, *(a for a in previous.aliases if a != plain)]
    return [previous.indicator, *previous.aliases]


def _fallback(text: str, clause: Clause, quantity: Quantity) -> list[str]:
    """The next counted noun (8大类189个项目), else the words of the clause."""
    nxt = next((q for q in clause.quantities if q.start >= quantity.end), None)
    if nxt is not None and nxt.start - quantity.end <= 1 and quantity.kind == nxt.kind == "count":
        names = name_after(text[nxt.end : clause.end], True)
        if names:
            return [f"{names[0]}{quantity.unit}", names[0]]
    words = strip_marks(text[clause.start : quantity.start])
    if len(words) < 2:
        words = strip_marks(text[quantity.end : clause.end])
    return [words[:40]] if len(words) >= 2 else []


def _difference_names(names: list[str], marks: Marks, state: State) -> list[str]:
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


def named(names: list[str], quantity: Quantity, marks: Marks) -> tuple[str, list[str]]:
    """(indicator, aliases) from the names in order: changes get 增速/降幅, counts 数, areas 面积, lengths 长度."""
    first = names[0]
    extra = list(names[1:])
    if marks.change == "change_yoy" or (marks.change == "change" and quantity.unit == "%"):
        points = "百分点" in quantity.unit or first.endswith("率")
        word = "降幅" if marks.direction == "down" else "上升" if points else "增速"
        verb = "下降" if marks.direction == "down" else "增长"
        bare = re.sub(r"(?:同比)?(?:增速|增幅|降幅)$", "", first)
        aliases = [first, f"{bare}{verb}", f"{bare}同比{word}", *extra]
        return f"{bare}{word}", [n for n in dict.fromkeys(aliases) if n and n != f"{bare}{word}"][:MOST_ALIASES]
    if marks.change == "change":
        points = "百分点" in quantity.unit
        word = ("降幅" if points else "减量") if marks.direction == "down" else "上升" if points else "增量"
        return f"{first}{word}", [n for n in dict.fromkeys([first, *extra]) if n][:MOST_ALIASES]
    forms = [] if marks.change else _forms(names, quantity)
    if quantity.kind == "count" and not says_measure(first):
        first = f"{first}数"
    elif quantity.kind in SHOWN and forms and not says_measure(first):
        first = forms[0]
    aliases = [names[0], *extra, *forms]
    return first, [n for n in dict.fromkeys(aliases) if n != first][:MOST_ALIASES]


def _forms(names: list[str], quantity: Quantity) -> list[str]:
    """The name with its dimension and with the verb behind it: 新造林面积, 污水管网铺设长度, 水土流失治理面积."""
    power = re.search(r"(?:千瓦|兆瓦|吉瓦|kW|MW|GW)$", quantity.unit)
    form = FORM.get(quantity.kind) or ("装机容量" if power else "数" if quantity.kind == "count" else "")
    if not form or says_measure(names[0]):
        return []
    plain = TASK_TAIL.sub("", names[0])
    if len(plain) < 2 or says_measure(plain):
        return []
    out = [f"{plain}{form}"]
    for name in names[1:4]:
        verb = name[: -len(names[0])] if name.endswith(names[0]) else ""
        if verb in _object_verbs():
            out.append(f"{plain}{verb}{form}")
    return out


@cache
def _verb_end() -> re.Pattern[str]:
    return re.compile(any_of(_object_verbs()) + "$")


@cache
def _object_verbs() -> frozenset[str]:
    return frozenset([*indicator_words().object_verbs, *verbs().action])
