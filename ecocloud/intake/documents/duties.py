"""Units that running text names with a duty: minutes, decisions, notices, plans without brackets.

The text is read clause by clause. A duty is given by a word in front of the unit (由, 责成, 请) or by what the unit
at the head of a clause shall do (牵头, 要, 负责, 抓紧, a verb). Whoever reports, attends, is asked for an opinion or
receives a report has no duty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from ecocloud.intake.documents.lexicon import any_of, organisations, verbs
from ecocloud.intake.documents.unitlists import Unit

NAME_CHAR = re.compile(r"[\u4e00-\u9fffA-Za-z0-9·]")
BRACKET = re.compile(r"\([\u4e00-\u9fff、]{1,8}\)")
LONGEST_NAME = 24
LONGEST_PART = 6
LOOK_BACK = 400
LEVEL = re.compile(r"[省市县区镇乡州旗国]|各|有关|相关|属地|沿[线河湖江海岸路]")
PLACE = re.compile(r"[\u4e00-\u9fff]{1,4}(?:镇|乡|街道)$|[\u4e00-\u9fff]{2,10}(?:管委会|公司|集团|政府|办事处)$")
SHORT = re.compile(r"(?!党委|常委|纪委|全|我|要|一)[\u4e00-\u9fff]{1,6}(?:局|办|委|中心)")
GROUP = re.compile(
    r"各(?:有关|相关|级)?(?:县级?|市|区|乡镇|乡|镇|街道)(?:[市区]|街道)?(?:\([\u4e00-\u9fff、]{1,8}\))?(?:(?:人民)?政府|党委政府)?"
)
OTHERS = re.compile(r"等(?:\d+|[一二三四五六七八九十]+)?(?:个|家)?(?:有关|相关)?(?:部门|单位|乡镇)?")
HEADS = re.compile(r"(?:党政)?(?:主要|分管)?(?:负责人|负责同志|领导)")
SEPARATOR = re.compile(r"、|以及|及|和|与")
BOUNDARY = re.compile(
    r"[。;,:!?\n\t]|(?<=牵头|负责|配合|落实|协助|实施)、|[一二三四五六七八九十](?:是|要)(?=[\u4e00-\u9fff])"
)
PERSON = re.compile(r"常委|书记|主任|副|党组|[县市区乡镇局组院部站所队科处]?长|员|室")
# Roles that close a clause or are said of the unit: 乙镇具体实施。 丙镇是……的责任主体; not 乙镇落实巡查责任.
AS_GIVEN = re.compile(
    r"(?:要|应)?(?:组织|抓好|具体)?(?:落实|实施|承办)(?![\u4e00-\u9fff])|[^,。;!?\n]{0,16}?(?:责任|实施|落实)(?:主体|单位)"
)
NO_NAME = re.compile(r"的|会同|负责|牵头|配合|协助|根据|按照|关于|有无|并|召集|召开|主持|听取|通报|邀请")
WHEN = re.compile(
    r"(?:于|在)?(?:(?:20\d{2}|20\d[Xx])年|今年|明年|本年)?(?:\d{1,2}月(?:份)?(?:\d{1,2}[日号])?|年|[上下]半年|第?[一二三四]季度|汛期)?"
    r"(?:底|末|内|[上中下]旬)?(?:之前|以前|前)?|(?:于|在)?(?:\d{1,3}|[一二两三四五六七八九十]{1,3})个?(?:工作日|[日天周月])(?:之|以)?内"
)
MADE = re.compile(r"(?![是为作])[\u4e00-\u9fff]{2,6}的(?!工作|同时|基础)")
REPORTED = re.compile(
    r"(?!派员|要|应|须|需|务必|必须|将|牵头|每|定期|及时)(?:"
    r"(?:[一-鿿]{0,6}(?:负责人|负责同志|同志))?(?:等)?(?:就|对)?[一-鿿]{0,16}?(?:汇报|介绍|作了|做了|参加|列席|出席|主持|反映|认为|表示|建议|发言)"
    r"|(?:均|都)?已(?!有)|[一-鿿]{1,4}了|提出(?:的|意见)|进展|较|原(?!则))"
)
# a part of a bigger name, not what the unit in front does
PART = re.compile(
    r"(?:组织|宣传|统战|督查|协调|指导|推进|统筹|管理|执法|监督|服务|建设|规划|治理|社会工作|机关工作|研究|监测|检查|评估|考核|保护|推广)"
    r"(?:部|处|科|室|办|局|中心|[大支总]队|站|所|院|委|组|领导小组|指挥部|工作组|公司|集团)"
)
# 统筹解决资金 provides it, 统筹 alone coordinates
FUNDS = r"(?<!统筹(?=解决|安排|使用|整合|资金|各类|各级))"
PRONOUN = re.compile(
    r"该(?P<what>管委会|公司|集团|中心|街道|办公室|[局委办厅部镇乡院])|其(?=会同|牵头|负责|于|在|按|尽快|抓紧|组织|统筹)"
)
REFERS = ("上述", "以上", "该", "其他", "其余", "本次", "会议", "我")


@dataclass(frozen=True)
class Actor:
    """Names of units that stand together, the span behind them and how sure it is that they are the subject."""

    names: list[tuple[int, int]]
    end: int
    strong: bool


@cache
def _suffixes() -> re.Pattern[str]:
    return re.compile(any_of([*organisations().suffixes, "办公室"]))


@cache
def _by() -> re.Pattern[str]:
    return re.compile(rf"(?<![提报申邀聘恳经理自])(?:{any_of(organisations().charges)})")


@cache
def _lead() -> re.Pattern[str]:
    """Words in front of the unit at the head of a clause: 会议要求, 同时, a time limit."""
    return re.compile(
        rf"(?:\s|“|(?:会议|经研究)?(?:原则)?{any_of(organisations().decision_words)}|{any_of(organisations().clause_leads)})*"
    )


def _modals() -> str:
    """要, 应 and the like, but not 应急 and 需求."""
    return rf"{any_of(organisations().duty_modals)}(?![急用求])"


@cache
def _strong() -> re.Pattern[str]:
    """What shows that the unit in front is who acts: a role, a modal verb, a preposition, a time limit."""
    words = organisations()
    duties = [w for found in words.duty_verbs.values() for w in found]
    acts = any_of([*duties, *words.duty_leads, *words.duty_acts, *words.along])
    when = r"\d{1,2}(?:月|日|个)|20\d\d年|年[内底]|[一二两三四五六七八九十]周内|[上下]半年"
    return re.compile(rf"{acts}|{_modals()}|作为|[为是][^,]{{0,14}}(?:单位|主体|部门)|对(?!口)|将|就|[于在按从]|{when}")


@cache
def _weak() -> re.Pattern[str]:
    return re.compile(any_of([*verbs().action, *organisations().duty_acts]))


@cache
def _firm() -> re.Pattern[str]:
    return re.compile(r"(?:局|厅|政府|公司|集团|委员会|管委会|中心|办公室|街道|单位|部门|乡镇)$")


@cache
def _duty() -> re.Pattern[str]:
    """Role words in front of the doing: leads, then 牵头, 负责, 配合, 统筹."""
    words = organisations()
    duties = [w for found in words.duty_verbs.values() for w in found]
    leads = f"(?:{any_of(words.duty_leads)}|{_modals()})"
    return re.compile(
        rf"(?:作为|为|是)?(?:将|(?!牵头|负责(?!统筹|协调|牵头)){leads})*(?P<verb>{any_of(duties)}){FUNDS}"
    )


@cache
def _modal() -> re.Pattern[str]:
    return re.compile(_modals())


@cache
def _along() -> re.Pattern[str]:
    return re.compile(
        rf"(?:将|{_modals()}|{any_of(organisations().duty_leads)})*(?:{any_of(organisations().along)})(?!牵头|发文)"
    )


@cache
def _roles() -> dict[str, str]:
    return {word: role for role, words in organisations().duty_verbs.items() for word in words}


@cache
def _no_actor() -> re.Pattern[str]:
    return re.compile(any_of(organisations().not_actors))


def _name_end(text: str, at: int, stop: int, given: bool) -> tuple[int, bool] | None:
    """(end of the name that starts at ``at``, whether what follows is sure to be its doing); None when there is none.

    A name ends where a suffix is followed by what a subject is followed by; when a verb follows, firm suffixes (局) end
    it and others (乡 in 城乡建设局) only when no better end comes."""
    group = GROUP.match(text, at, stop)
    limit, pos = min(stop, at + LONGEST_NAME), at
    verb = other = None
    while pos < limit:
        bracket = BRACKET.match(text, pos, stop)
        if bracket and pos > at + 1:
            pos = bracket.end()
        elif NAME_CHAR.match(text, pos) and not NO_NAME.match(text, pos, stop):
            pos += 1
        else:
            break
        if pos - at < 2 or not (_ends(text, at, pos) or group and group.end() == pos):
            continue
        kind = _follower(text, pos, stop, given)
        if kind == "strong" or (kind == "verb" and _firm().search(text, at, pos)):
            return pos, kind == "strong"
        if kind == "verb" and verb is None:
            verb = pos
        if kind == "other" and verb is None and (other is None or pos - other <= LONGEST_PART):
            other = pos
    found = verb if verb is not None else other
    return (found, False) if found is not None else None


@cache
def _tail() -> re.Pattern[str]:
    return re.compile(rf"{any_of([*organisations().suffixes, '办公室'])}(?:\([\u4e00-\u9fff、]{{1,8}}\))?$")


def _ends(text: str, at: int, pos: int) -> bool:
    """Whether a suffix of units ends at ``pos`` (城乡 is a part, 常委 a person)."""
    return not text.endswith(("城乡", "常委"), at, pos) and bool(_tail().search(text[max(at, pos - 14) : pos]))


def _follower(text: str, pos: int, stop: int, given: bool) -> str:
    """What stands behind a possible name: 'strong' (a duty, another name), 'verb', 'other' (only when a word such as 由
    stands in front) or '' (the name goes on)."""
    if BRACKET.match(text, pos, stop) or PART.match(text, pos, stop):
        return ""
    others = OTHERS.match(text, pos, stop)
    pos = others.end() if others else pos
    heads = HEADS.match(text, pos, stop)
    pos = heads.end() if heads else pos
    if pos >= stop:
        return "other" if given else "verb"
    joined = SEPARATOR.match(text, pos, stop)
    if joined and (joined.group() == "、" or _begins_name(text, joined.end(), stop)):
        return "strong"
    if _strong().match(text, pos, stop):
        return "strong"
    if _weak().match(text, pos, stop):
        return "verb"
    return "other" if given and not PERSON.match(text, pos, stop) else ""


def _begins_name(text: str, at: int, stop: int) -> bool:
    """Whether a name of a unit stands at ``at``: a level and a suffix soon after (和市林业局, not 和规划局)."""
    if not (LEVEL.match(text, at, stop) or re.compile(r"[\u4e00-\u9fff]{2,3}[镇乡]").match(text, at, stop)):
        return False
    found = _suffixes().search(text, at + 1, min(stop, at + 14))
    return bool(found)


def _actor(text: str, at: int, stop: int, given: bool) -> Actor | None:
    """The units at ``at``, joined by 、 or 和; ``given`` says that 由 or the like stands in front."""
    names: list[tuple[int, int]] = []
    strong = False
    while True:
        found = _name_end(text, at, stop, given or bool(names))
        if found is None:
            return None if not names else Actor(names, names[-1][1], strong)
        end, strong = found
        names.append((at, end))
        joined = SEPARATOR.match(text, end, stop)
        if not joined or len(names) >= 12:
            break
        at = joined.end()
    end = names[-1][1]
    for pattern in (OTHERS, HEADS):
        more = pattern.match(text, end, stop)
        end = more.end() if more else end
    return Actor(names, end, strong)


def clauses(text: str, start: int, end: int) -> list[tuple[int, int, bool]]:
    """(start, end, whether it begins a sentence) of the clauses of a text."""
    out, at, fresh = [], start, True
    for match in BOUNDARY.finditer(text, start, end):
        if match.start() > at:
            out.append((at, match.start(), fresh))
        fresh = match.group() in "。;!?\n"
        at = match.end()
    if at < end:
        out.append((at, end, fresh))
    return out


class _Reader:
    """Collects the units of one task."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.units: list[Unit] = []
        self.seen: set[str] = set()

    def read(self) -> list[Unit]:
        for start, stop, _ in clauses(self.text, self.start, self.end):
            self._clause(start, stop)
        return self.units

    def _clause(self, start: int, stop: int) -> None:
        at = start
        lead = _lead().match(self.text, start, stop)
        at = lead.end() if lead else start
        if self.units and self._others(at, stop):
            return
        by = _by().search(self.text, start, stop)
        if by is None or by.start() > at:
            self._head(at, by.start() if by else stop, stop)
        while by is not None:
            when = WHEN.match(self.text, by.end(), stop)
            first = when.end() if when and when.end() > by.end() + 1 else by.end()
            self._charged(first, stop)
            by = _by().search(self.text, by.end(), stop)

    def _others(self, at: int, stop: int) -> bool:
        """``……牵头，会同乙局``: the others of the clause before."""
        along = _along().match(self.text, at, stop)
        helpers = _actor(self.text, along.end(), stop, True) if along else None
        if helpers is None or not self._named(helpers):
            return False
        if len(self.units) == 1 and self.units[0].role in ("负责", "unstated"):
            self.units[0] = replace(self.units[0], role="牵头")
        self._add(helpers.names, "配合")
        return True

    def _charged(self, at: int, stop: int) -> None:
        """Units behind 由, 责成, 请."""
        if self._pronoun(at, stop, True):
            return
        actor = _actor(self.text, at, stop, True)
        if actor is None or MADE.match(self.text, actor.end, stop) or not self._named(actor):
            return
        self._give(actor, stop, True)

    def _head(self, at: int, limit: int, stop: int) -> None:
        """Units at the head of a clause that shall act."""
        when = WHEN.match(self.text, at, limit)
        if when and when.end() > at + 1:
            at = when.end()
        if self._pronoun(at, limit, False):
            return
        actor = _actor(self.text, at, limit, False)
        if actor is None or not self._named(actor) or REPORTED.match(self.text, actor.end, limit):
            return
        if actor.end >= limit and limit == stop:
            return
        roles = _duty().match(self.text, actor.end, stop)
        if not roles:
            actor = Actor([n for n in actor.names if self._level(n, actor.strong)], actor.end, actor.strong)
        if actor.names and not MADE.match(self.text, actor.end, limit):
            self._give(actor, stop, False)

    def _named(self, actor: Actor) -> bool:
        return not any(_no_actor().match(self.text, a, b) or self.text.startswith(REFERS, a, b) for a, b in actor.names)

    def _level(self, name: tuple[int, int], strong: bool) -> bool:
        """Whether the name says its level; offices without one (项目办) count before 要 or 应 alone."""
        if LEVEL.match(self.text, *name) or (strong and PLACE.match(self.text, *name)):
            return True
        return bool(SHORT.fullmatch(self.text, *name) and _modal().match(self.text, name[1]))

    def _give(self, actor: Actor, stop: int, given: bool) -> None:
        along = _along().match(self.text, actor.end, stop)
        if along:
            helpers = _actor(self.text, along.end(), stop, True)
            if helpers is not None:
                self._add(actor.names, "牵头")
                self._add(helpers.names, "配合")
                return
        self._add(actor.names, self._role(actor, stop, given))

    def _role(self, actor: Actor, stop: int, given: bool) -> str:
        found = _duty().match(self.text, actor.end, stop)
        if found is None:
            return "负责" if AS_GIVEN.match(self.text, actor.end, stop) else "unstated"
        role = _roles()[found.group("verb")]
        mutual = role == "统筹协调" or (role == "配合" and not self.units)
        return "unstated" if mutual and _modal().match(self.text, actor.end, stop) else role

    def _add(self, names: list[tuple[int, int]], role: str) -> None:
        for a, b in names:
            raw = self.text[a:b]
            if raw not in self.seen:
                self.seen.add(raw)
                self.units.append(Unit(raw, raw, role, 1, "in_text", a, b))

    def _pronoun(self, at: int, stop: int, given: bool) -> bool:
        """Whether a pronoun stands at ``at``; it counts when one unit alone can be meant, and stands for its name."""
        match = PRONOUN.match(self.text, at, stop)
        if match is None:
            return False
        if not given and not _strong().match(self.text, match.end(), stop):
            return True
        first = max(self.start, at - LOOK_BACK)
        if match.group("what") is None:
            first = max(first, self.text.rfind("。", first, at))
        found = mentions(self.text, first, at, match.group("what") or "")
        if len({self.text[a:b] for a, b in found}) == 1:
            self._give(Actor([found[-1]], match.end(), True), stop, given)
        return True


@cache
def _mention(what: str) -> re.Pattern[str]:
    ends = re.escape(what) if what else r"(?:局|委|办|厅|部|中心|公司|集团|管委会|委员会|政府|街道|镇|乡)"
    return re.compile(
        rf"(?:[省市县区](?![级直长])|(?<=同意)[\u4e00-\u9fff]{{2}}|(?<=听取)[\u4e00-\u9fff]{{2}}|(?<=[由请])[\u4e00-\u9fff]{{2}})[\u4e00-\u9fff]{{1,14}}?{ends}"
        r"(?=[^\u4e00-\u9fff公员]|关于|提出|意见|方案|建议|请示|上报|汇报|负责|牵头|配合|要|应|的|对|在|于|报|制定|编制|拟|所|研究|就|组织|会同)"
    )


def mentions(text: str, start: int, end: int, what: str = "") -> list[tuple[int, int]]:
    """Places where units are named, with or without a duty; ``what`` is how the name must end."""
    return [m.span() for m in _mention(what).finditer(text, start, end)]


def units_in_text(text: str, start: int, end: int) -> list[Unit]:
    """Units that the running text names with a duty, in order, each once, with their roles.

    ``由甲局牵头，乙局配合``, ``甲局会同乙局``, ``责成甲局于……``, ``甲局要……``, ``甲局负责……，乙镇负责……``.
    Without a role word the role is unstated, as in a bracket; a unit at the head of a clause without one counts only
    when its name says its level (县某局, 各乡镇).
    """
    return _Reader(text, start, end).read()
