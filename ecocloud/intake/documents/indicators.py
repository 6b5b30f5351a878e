"""Names of indicators from the words around a number, without verbs, places and fillers."""

from __future__ import annotations

import re
from functools import cache

from ecocloud.intake.documents.lexicon import any_of, indicator_words, verbs

MARKS = re.compile(r"[①-⑳]")
SUBJECTS = re.compile(
    r"^(县\(市、区\)|县\(市\)|县\(区\)|乡镇\(街道\)|乡\(镇\)|(?:县市区|县区|乡镇|乡村(?=[获被成创实完开建入的达])|行政村|自然村|村庄|村(?!集体|级)|街道|社区|县|企业|学校|林农|农民|群众|居民|村民|职工|学生|园区|"
    r"案例|城市|单位|部门|家庭|农户|景区|项目|断面|站点|点位)(?![级域城]))"
)
FIRSTS = re.compile(r"(?:全国|全省|全市|全县)?首(?:笔|个|例|批|家|张|单|份|座)")
HEAD_NOUNS = re.compile(
    r"^[^,。;、]{0,40}?(?:项目|工程|企业|设施|基地|园区|示范点|示范区|中心|案例|断面|水库|水陂|工厂|公园|车间|小镇|村庄|站点|站|厂|流域|河湖|"
    r"行政村|乡镇|家庭|机构|平台|矿山|图斑|问题|案件|水源地|排污口|岗位|人员|(?:资金|面积)(?![\u4e00-\u9fff])|任务|点位)"
)
BOUND = re.compile(
    r"^(?:业|率|量|性|化(?![工肥石学解])|者|度|费|厂|权|类|数|能力|规模|体系|机制|中心(?!城)|区(?!域)|点|额|级|期|源(?!头)|林(?!业|权|地)|站|线(?!上|下))"
)
PARTICIPLE = re.compile(r"^[^,。;]{2,10}?(?:建成|投产|投用|完工|实施|改造|运行|达产)后")
PERIOD = re.compile(
    r"^(?:截至|截止到?|到|至|自|从|在|于)?(?:(?:20|19)\d[\d_xX×*]\s?(?:、(?:20|19)\d{2})*\s?年(?:度|末|底|以来|起)?"
    r"(?:\d{1,2}月(?:份|底|末)?(?:\d{1,2}日)?)?(?:[-至~—]\d{1,2}月(?:份)?)?前?|\d{1,2}(?:[-至~—]\d{1,2})?月(?:份|底|末)?|上半年|下半年|[一二三四]季度|期间|(?:今年|去年|近年来?)(?:以来)?|年底前?|年内|截至目前|每[年月天日](?!均)|[两三四五]年(?:来|间)?(?=平均|累计|共|$)|近[一二三四五六七八九十几两\d]+年(?:来)?|“?十[一二三四五]五”?(?:期间|末)?)"
)
PLACE = re.compile(
    r"^(?:全市|全县|全区|全省|全国|我市|我县|我区|本市|本县|本区|各地|市域|县域|市县|市中心城区|中心城区|主城区|城区|县城|市本级|境内|辖区|全域|该市|该县|该区)(?:内|的)?"
)
ACTION = re.compile(
    r"(?<=..)(?:开展|进行|实行|实施|变成|成为|尚未|未能?(?=完|达|建|实)|逐一|逐个|购买|投保|参保|基本|全部(?!门)|全面|均|实现|完成|达到|启动|投入|投产|建成|通过|获(?!得感)|入选|开工(?!建设)|待)"
)
PLACE_END = re.compile(r"(?:全市|全县|全区|全省|的)$")
INVESTED = re.compile(r"(?:推进|实施|建设|谋划|推动|抓好|开工)((?:总|计划|估算|设计|建设)(?:投资|装机|库容|规模))$")
ACTOR = re.compile(r"(?:[县市区镇乡局院司]|共|已|累计|负责|牵头|成功|先后)$")
RATE_END = re.compile(r"(?<=..)(?:水质|环境|空气|质量|安全|集中|综合|平均|规范化)?[\u4e00-\u9fff]{2}(?:率|比例|比率)$")
_KINDS = re.compile(r"^(?:各类|各级|各种|各项|一批)(?=..)")
YEAR_BEFORE = re.compile(r"(?:同比|(?:较|比)(?:上年|去年)(?:同期)?)$")
BASE = re.compile(
    r"(?:比|较)(?:(?:19|20)\d{2}年(?:度|底|末)?|20\d[_Xx×*]年|“?[一二三四五六七八九十]{1,3}五”?(?:期|时期)?末?|年初|年中|上?年末|去年底|基[期准](?:年)?|上月|上季度?|目标|计划|任务)(?:的)?$"
)
HAVE = re.compile(r"^(?:共)?有(?![机色效害毒关序限])")
THAT = re.compile(r"^(?:我省|其|该|上述|这些|同期|全年|年内|年度)(?=[\u4e00-\u9fff])")
NO_COUNTY = re.compile(r"[的与及]|城市|地区|园区|示范|社区|小区|流域")
EDGES = re.compile(r"^(?:保持|力争|确保|争取)|(?:保持|累计)$")
COUNT_HEAD = re.compile(r"^(?:\d+(?:\.\d+)?[个座条项家]|等(?!级))")
AMONG = re.compile(r"等(?!级|效|方面)((?:“[^”]*”|[^、,“”]){3,}?)$")
FILLER_END = re.compile(r"(?:分别|均|都|共|总共|已|仍|仍然|将|的|连续[\d一二三四五六七八九十两]+(?:年|个月|个?季度))+$")
EACH = re.compile(
    r"^(?:争取|确保|力争)?每个?(?:县\(市、区\)|县\(市\)|县\(区\)|县|区|乡镇\(街道\)|乡镇|行政村|村|社区)(?:至少)?"
)
COUNTY = re.compile(r"^[\u4e00-\u9fff]{2,3}(?:县|区|市)(?![级属直域场级委局政])(?=[\u4e00-\u9fff“])")


@cache
def _head() -> re.Pattern[str]:
    return re.compile(rf"^{any_of([*verbs().action, *verbs().adverbs])}")


@cache
def _generic() -> re.Pattern[str]:
    words = indicator_words()
    verb = any_of([*verbs().action, *words.rate_verbs])
    return re.compile(
        rf"(?:{any_of(words.general_modifiers)}){{0,2}}{any_of(words.generic)}|{verb}{{1,2}}[率量]|{any_of(words.activities)}{{1,2}}|{verb}{{2}}"
    )


@cache
def _measured() -> re.Pattern[str]:
    return re.compile(any_of(indicator_words().measure_tails) + "$")


def is_generic(name: str) -> bool:
    """Whether a name says too little alone (总投资, 面积, 完成率)."""
    return bool(_generic().fullmatch(name))


def says_measure(name: str) -> bool:
    """Whether a name ends with what is measured (面积, 产值, 率)."""
    return bool(_measured().search(name))


@cache
def _general_end() -> re.Pattern[str]:
    return re.compile(rf"(?:合计|{any_of(indicator_words().general_modifiers)})+$")


def subject_of(name: str) -> str:
    """What a name is about: without the measuring words at its end (甲产业产值 -> 甲产业)."""
    plain = _general_end().sub("", _activity().sub("", _measured().sub("", name)))
    return "" if is_generic(name) or len(plain) < 2 else plain


@cache
def _activity() -> re.Pattern[str]:
    return re.compile(rf"(?<=.){any_of(indicator_words().activities)}$")


@cache
def _adverb() -> re.Pattern[str]:
    return re.compile(any_of(verbs().adverbs))


@cache
def _lead() -> re.Pattern[str]:
    leads = any_of(w for w in verbs().leads if w not in ("在", "对"))
    return re.compile(rf"^(?:{leads}|在(?![线建册岗校编产])|对(?![照接应标口比]))")


@cache
def _tail() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of([*verbs().action, *verbs().adverbs, *verbs().achieve])}|工作|全部|均|了|已|的)$")


@cache
def _inner() -> re.Pattern[str]:
    return re.compile(any_of(indicator_words().object_verbs))


def strip_marks(text: str) -> str:
    """``text`` without circled numbers and without punctuation or connecting words at its ends."""
    return MARKS.sub("", text).strip(" 、,;:。和及与\t")


def strip_lead(phrase: str) -> str:
    """Take periods, places and connecting words off the front of a phrase."""
    while True:
        before = phrase
        phrase = phrase.strip(" 、,:;")
        for pattern in (PERIOD, PLACE, PARTICIPLE):
            phrase = pattern.sub("", phrase, count=1)
        county = COUNTY.match(phrase)
        if county and not _head().fullmatch(county.group()[:-1]) and not NO_COUNTY.search(county.group()):
            phrase = phrase[county.end() :]
        lead = _lead().match(phrase)
        if lead and len(phrase) - lead.end() >= 2:
            phrase = phrase[lead.end() :]
        elif lead and lead.end() == len(phrase):
            phrase = ""
        phrase = EACH.sub("", HAVE.sub("", phrase))
        phrase = THAT.sub("", phrase)
        if phrase == before:
            return phrase


def strip_verbs(phrase: str) -> str:
    """Take verbs and adverbs off the front while something that can be a name is left."""
    while True:
        match = _head().match(phrase)
        if not match:
            return phrase
        rest = phrase[match.end() :].lstrip("了过的")
        joined = phrase[match.end() : match.end() + 1] not in "了过的"
        if len(rest) < 2 or (len(rest) <= 3 and is_generic(rest)) or (joined and BOUND.match(rest)):
            return phrase if rest else ""
        if match.group() in indicator_words().reducing:
            return phrase
        phrase = rest


def strip_tail(phrase: str) -> str:
    """Take verbs off the end (开工建设, 全部完成)."""
    while True:
        match = _tail().search(phrase)
        if not match or match.start() < 2:
            return phrase
        phrase = phrase[: match.start()]


def starts_with_verb(phrase: str) -> bool:
    """Whether a phrase begins with a verb or adverb that is not part of a noun (处理 but not 处理厂)."""
    match = _head().match(phrase)
    return bool(match) and not BOUND.match(phrase[match.end() :])


def only_verbs(phrase: str) -> bool:
    """Whether nothing but verbs, adverbs and fillers is left."""
    while phrase:
        match = _head().match(phrase) or _lead().match(phrase)
        if not match:
            return False
        phrase = phrase[match.end() :].lstrip("了过的")
    return True


def name_before(phrase: str) -> list[str]:
    """Names from the words in front of a number, best first; [] when they hold only verbs."""
    plain = BASE.sub("", strip_marks(phrase)).rstrip(" ,、")
    opened = max(plain.rfind("("), plain.rfind("["))
    outside = ""
    if opened >= 0 and not re.search(r"[)\]]", plain[opened:]):
        outside, plain = plain[:opened], plain[opened + 1 :]
    plain = EDGES.sub("", plain.removesuffix("由").removesuffix("从"))
    plain = COUNT_HEAD.sub("", plain)
    bare = strip_lead(plain)
    bare = PLACE_END.sub("", bare)
    if plain.endswith(("等", "等等", "了")) or not bare:
        return []
    if only_verbs(bare):
        activity = _activity().search(bare)
        return [activity.group(), bare] if activity else []
    whole = bare
    among = AMONG.search(bare) if "等" in bare else None
    if among:
        bare = among.group(1)
    bare = FILLER_END.sub("", bare)
    if not bare:
        return []
    invested = INVESTED.search(bare)
    if invested:
        bare = invested.group(1)
    first, last = FIRSTS.sub("", strip_verbs(bare)), ""
    while first != last:
        last = first
        first = _KINDS.sub("", strip_lead(first)) or first
        first = strip_verbs(first) if len(first) > 4 else first.removeprefix("实现")
    names = [first]
    inner = None
    for match in _inner().finditer(bare):
        nominal = match.group() in indicator_words().nominal and not ACTOR.search(bare[: match.start()])
        if match.start() > 0 and len(bare) - match.end() >= 2 and not nominal:
            inner = match
    if inner is not None and not re.search(r"(?:率|比例|比重|水平|指数|系数|浓度|强度)$", bare):
        after = FIRSTS.sub("", bare[inner.end() :].lstrip("了过"))
        after = _KINDS.sub("", strip_verbs(strip_lead(after))) or after
        if inner.group() in indicator_words().reducing:
            after = inner.group() + after
        if len(after) >= 2 and not is_generic(after) and not BOUND.match(after):
            names.insert(0 if len(after) > 2 else 1, after)
        names.append(inner.group() + bare[inner.end() :])
    names += [bare, whole]
    if outside and is_generic(names[0]):
        subject = (name_before(outside) or [""])[0]
        names = [f"{subject}{names[0]}", *names] if subject else names
    return _unique(names)


def name_after(phrase: str, counted: bool) -> list[str]:
    """Names from the words behind a number (``13个重大项目开工`` -> 重大项目); [] when there is nothing to name."""
    plain = strip_marks(phrase).lstrip("的以")
    plain = re.split(
        r"[,。;]|第[\d一二三四五六七八九十]+(?:位|名)|、(?=金额|面积|总|投资|资金)|并(?=[\u4e00-\u9fff])|、(?=(?:20)?\d)|(?<=..)[户人亩年]均|中(?=排|名|位|列)|作为|正在|用于",
        plain,
    )[0]
    if not counted and "、" in plain:
        plain = plain[: split_point(plain)]
    plain = re.sub(r"(?:称号|荣誉|殊荣)$", "", plain).strip(" “”")
    if len(plain) < 2 or PERIOD.match(plain):
        return []
    subject = SUBJECTS.match(plain)
    if counted and subject:
        rest = "" if plain[subject.end() :].startswith("中") else plain[subject.end() :].strip(" 的")
        return _subject_names(subject.group(), rest)
    names = []
    action = ACTION.search(plain)
    head = HEAD_NOUNS.match(plain[: action.start()] if action else plain)
    whole = plain[: action.start()] if action else plain
    core = strip_tail(whole)
    if (
        core != whole
        and not HEAD_NOUNS.fullmatch(core)
        and re.search(r"(?:修复|治理|改造|整治|保护|排放)", whole[len(core) :])
    ):
        core = re.sub(r"(?<=..)(?:工作|任务)$", "", whole)
    rate = RATE_END.search(core)
    if rate and counted:
        core = core[: rate.start()]
    names.append(core)
    if head and len(head.group()) >= 3:
        names.append(head.group())
        if head.end() < len(core) - 4:
            names.reverse()
    names.append(plain)
    return _unique(names)


def split_point(phrase: str) -> int:
    """Offset of the first 、 outside brackets and quotes, or the length."""
    level = 0
    for at, char in enumerate(phrase):
        level += (char in "(“《") - (char in ")”》")
        if char == "、" and level <= 0:
            return at
    return len(phrase)


def rank_name(phrase: str) -> str:
    """The name in front of a rank: without periods and places, verbs kept."""
    return strip_lead(strip_marks(phrase)) or strip_marks(phrase)


def _subject_names(subject: str, rest: str) -> list[str]:
    """``8个乡镇成功创建国家级卫生乡镇``: 创建国家级卫生乡镇的乡镇数, 国家级卫生乡镇, 乡镇数."""
    if len(rest) < 2:
        return [f"{subject}数"]
    action = rest
    while (match := _adverb().match(action)) and len(action) - match.end() >= 3:
        action = action[match.end() :]
    target = strip_verbs(action).strip("“” ")
    target = re.sub(r"”?(?:称号|荣誉)$", "", target)
    names = [f"{action}的{subject}数", f"{subject}数", target, f"{target}{subject}", action]
    achieved = re.match(r"(.{2,12}?)(?:位居|进入|跻身|列)(.+)$", action)
    if achieved:
        names.append(f"{achieved.group(1)}{achieved.group(2)}{subject}")
    return _unique(names)


def _unique(names: list[str]) -> list[str]:
    out: list[str] = []
    for name in names:
        clean = "".join(name.split()).strip("、,。;:“ ")
        if clean.count("“") != clean.count("”"):
            clean = clean.replace("“", "").replace("”", "")
        if 2 <= len(clean) <= 60 and clean not in out:
            out.append(clean)
    return out


ENDING = re.compile(
    r"(?:年均|平均|日均)?(?:(?:水质|空气质量|安全)?[\u4e00-\u9fff]{2}率|[\u4e00-\u9fff]{0,2}(?:比例|比重|占比|面积|总量|余额|收入|产值|增加值|浓度|强度|蓄积量|能耗)|(?:重点工程)?(?:减排|削减|排放|消费|产生|处理|处置|使用|施用|利用|回收)量|(?<!需氧)量|人次|人数|满意度|指数)$"
)
GROUP = re.compile(r"[两二三四五六七八九]大(?P<rest>[^、]{2,12})$")
INSIDE = re.compile(r"(?<=..)中[^中、]{2,10}(?:占比|比例|比重|率)$")
MEASURE_END = re.compile(
    r"(?:年均|平均)?(?:率|比例|比重|占比|面积|总量|余额|收入|产值|增加值|浓度|强度|蓄积量|能耗|量|人次|人数|指数)$"
)
SHARED_HEAD = re.compile(r"[^、]{2,24}的(?=[\u4e00-\u9fff]{2,8}$)")


def split_names(phrase: str) -> list[list[str]]:
    """Members of a list of indicators (甲、乙和丙), each with the parts that they share filled in, then as printed."""
    phrase = strip_lead(BASE.sub("", YEAR_BEFORE.sub("", strip_marks(phrase))))
    share = re.search(r"占[^、]{2,20}$", phrase)
    tail = share.group() if share else ""
    head = phrase[: share.start()] if share else phrase
    parts = [p for p in re.split(r"、|和(?!谐|平|美)|以及|(?<![普涉波])及(?!其|时)|(?<![参给])与", head) if p]
    if not parts:
        return [[phrase]]
    parts = [re.sub(r"^\d+[个座条家处]", "", p) for p in parts]
    ending = INSIDE.search(parts[-1]) or ENDING.search(parts[-1])
    if ending and ending.start() < 2:
        ending = MEASURE_END.search(parts[-1])
    group = GROUP.search(parts[-1])
    if group:
        parts[-1] = parts[-1][: group.start()] + group.group("rest")
    shared = SHARED_HEAD.match(parts[0])
    out = []
    for at, part in enumerate(parts):
        name = part
        if at and len(part) <= 4 and len(parts[0]) > len(part) and parts[0][-1] == part[-1]:
            name = parts[0][: -len(part)] + part
        if ending and at < len(parts) - 1 and not ENDING.search(part):
            name = part + (group.group("rest") if group else ending.group())
        names = [strip_verbs(name) + tail, part + tail]
        if shared and at and "的" not in part:
            names.insert(1, shared.group() + names[0])
        out.append(list(dict.fromkeys(names)))
    return out


def split_rank_names(phrase: str) -> list[str]:
    """Indicators that share one rank: 甲和乙均居第一; 国、省考断面 gives 国考断面 and 省考断面."""
    phrase = strip_lead(strip_marks(phrase))
    short = re.match(r"^([\u4e00-\u9fff]{1,2})、([\u4e00-\u9fff]+)$", phrase)
    if short:
        first, rest = short.groups()
        return [first + rest[len(first) :], rest]
    return [names[0] for names in split_names(phrase)]
