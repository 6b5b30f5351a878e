"""Mechanisms: arrangements that a document sets up or uses (ledgers, lists, monitoring, assessment, plans, funds ...).

A mechanism is the object of a verb that ends with a head of ``data/mechanisms.yaml``: a strong word (机制, 台账, 平台),
a field of work that a verb puts into practice (污染治理, 垃圾分类), or a quantity that somebody observes (断面水质).
Titles of items, preambles and names that say nothing of their own are left out; the same name is kept once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from ecocloud.intake.documents.context import Context
from ecocloud.intake.documents.lexicon import any_of, compounded, mechanism_words
from ecocloud.intake.documents.phrases import LOOSE, MARKS, PREAMBLE, Clause, Group, Head, HeadWords, clauses, members

LONGEST = 60
COUNTED = re.compile(r"\d+[个家处座]、")
OBSERVED = re.compile(r"\d|第[一二三]|前[列茅]|保持|名列|下降|提升")
INTO = re.compile(r"[将把](?P<what>.{3,40}?)(?P<verb>纳入|列入|作为)(?P<into>.{3,30})")


@dataclass
class Mechanism:
    """One mechanism, offsets in the text that is read."""

    start: int
    end: int
    name: str
    type: str
    at: int
    path: str = ""
    status: str = "operating"
    rules: list[str] = field(default_factory=list)
    confidence: float = 0.45


@cache
def _heads() -> HeadWords:
    words = mechanism_words()
    layers = {
        "head": (words.heads, words.compounds),
        "practice": (words.practices, words.practice_compounds),
        "measured": (words.measured, words.measured_compounds),
    }
    table: dict[str, list[str]] = {}
    for layer, (lists, compounds) in layers.items():
        for kind in {**lists, **compounds}:
            table[f"{layer}:{kind}"] = [*lists.get(kind, ()), *compounded(compounds.get(kind, ()))]
    return HeadWords.of(table)


@cache
def _generic() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of(mechanism_words().generic)}|[、和及与的]|\d+[个项条家类]?)+")


@cache
def _acts() -> re.Pattern[str]:
    adverbs = "(?:严格|有效|依法|坚决|全面|基本|共|年底){0,2}"
    verbs = any_of(_act_types())
    return re.compile(
        rf"(?:[^,]{{0,12}}?(?:法院|检察院))?{adverbs}(?P<verb>{verbs}+)了?(?P<object>[^\d、“]{{4,30}}?)(?=$|\d)"
    )


@cache
def _act_types() -> dict[str, str]:
    return {verb: kind for kind, verbs in mechanism_words().acts.items() for verb in verbs}


def find_mechanisms(text: str, context: Context) -> list[Mechanism]:
    """All mechanisms of the body, in order (half-width text); each name once."""
    found: list[Mechanism] = []
    seen: set[str] = set()
    begin = context.root.children[0].start if context.plan and context.root.children else context.body[0]
    for clause in clauses(text, context):
        if clause.mode == "problem" or clause.general:
            continue
        for mechanism in _clause(text, clause):
            if clause.start < begin and mechanism.type not in ("work_plan", "regulation"):
                continue
            keys = _keys(mechanism)
            fresh = text[max(0, mechanism.at - 2) : mechanism.at] == "新的"
            if not fresh and (keys[0] in seen or (len(keys) > 1 and seen.issuperset(keys[1:]))):
                continue
            seen.update(keys)
            seen.update(keys[0][at:] for at in range(1, len(keys[0]) - 4))
            mechanism.path = context.locator.path(mechanism.start)
            found.append(mechanism)
    return found


def core(name: str) -> str:
    """What two mentions of the same arrangement share: no marks, levels, generic tails."""
    name = re.sub(r"[“”《》、\s]|\(.*?\)", "", name)
    name = re.sub(r"^(?:全市|全县|全区|国家级|省级|国家|[\u4e00-\u9fff]{2,3}省|省|市|县|区|[和、])+", "", name)
    return re.sub(r"(?:建设|工作|试点|示范|专项|机制|制度|体系)+$", "", name) or name


def _keys(mechanism: Mechanism) -> list[str]:
    """The core of the name, then what it quotes, each with the type (“甲” named again is the same “甲”)."""
    family = next((r for r in mechanism.rules if r.startswith("family:")), None)
    if family is not None:
        return [family]
    quotes = re.findall(r"[“《]([^”》]{2,})[”》]", mechanism.name)
    return [core(mechanism.name), *(f"{q}:{mechanism.type}" for q in quotes)]


def _clause(text: str, clause: Clause) -> list[Mechanism]:
    if PREAMBLE.match(clause.text):
        return []
    out = []
    for group in _heads().groups(text, clause, lambda head: head.word == "台账"):
        for one in _group(text, clause, group):
            between = text[out[-1].at + len(out[-1].name) : one.at] if out else ""
            if out and one.type == out[-1].type == "registry" and COUNTED.fullmatch(between):
                out[-1].name += f"、{one.name}"
            else:
                out.append(one)
    if not out and not clause.title:
        one = _into(text, clause) or _act(clause) or _quoted(text, clause)
        out = [one] if one is not None else []
    return out


def _into(text: str, clause: Clause) -> Mechanism | None:
    """将甲纳入乙: the duty that 乙 is."""
    match = INTO.search(clause.text)
    if match is None:
        return None
    kind = next((k for k, keys in mechanism_words().duties if any(w in match["into"] for w in keys)), None)
    if kind is None:
        return None
    name = MARKS.sub("", match["what"] + match["verb"] + match["into"])
    return Mechanism(clause.start, clause.end, name, kind, clause.start, rules=["into"], confidence=0.5)


def _quoted(text: str, clause: Clause) -> Mechanism | None:
    """推行“甲”: what an order quotes is an arrangement even without a head."""
    match = _orders().fullmatch(clause.text)
    if match is None:
        return None
    name = MARKS.sub("", match["name"])
    kind = next((t for t, keys in mechanism_words().topics if any(k in name for k in keys)), "mechanism")
    at = clause.start + match.start("name")
    return Mechanism(clause.start, clause.end, name, kind, at, rules=["order", "quoted"], confidence=0.45)


@cache
def _orders() -> re.Pattern[str]:
    verbs = rf"{any_of(mechanism_words().orders)}[了好]?(?:按照)?"
    name = "(?P<name>[^“”,《]{0,12}“[^”]{2,16}”[^“”,]{0,6}?)"
    return re.compile(rf".{{0,12}}?{verbs}{name}(?:工作|要求|改革|深化改革)?")


def _act(clause: Clause) -> Mechanism | None:
    """整改销号甲问题: the control of 甲."""
    match = _acts().match(clause.text)
    if match is None:
        return None
    name = MARKS.sub("", match["object"] + match["verb"])
    kind = next(k for verb, k in _act_types().items() if match["verb"].startswith(verb))
    return Mechanism(
        clause.start, clause.end, name, kind, clause.start, rules=[f"act:{match['verb']}"], confidence=0.45
    )


def _group(text: str, clause: Clause, group: Group) -> list[Mechanism]:
    """One record for a list of one type, one for each member when the members are of different types."""
    counted_off = mechanism_words().counted_off
    heads = [h for h in group.heads if not (h.word in counted_off and text[h.end : h.end + 1].isdigit())]
    if not heads:
        return []
    if heads[-1] != group.heads[-1]:
        group.end = heads[-1].end
    group.heads = heads
    kinds = {h.kind for h in group.heads}
    if len(kinds) > 1:
        own = []
        for a, b in members(text, group.start, group.end):
            inside = [h for h in group.heads if a <= h.start < b]
            if inside:
                own.append(Group(a, min(b, group.end), group.verb, group.subject, inside))
        entities = all(_entity(part.heads[-1]) for part in own[:-1])
        if entities and len(own) > 1 and "等" not in text[own[-1].start : group.end]:
            return [one for part in own if (one := _make(text, clause, part)) is not None]
    one = _make(text, clause, group)
    return [one] if one is not None else []


def _entity(head: Head) -> bool:
    layer, kind = head.kind.split(":")
    return layer == "head" and kind not in mechanism_words().activities


def _make(text: str, clause: Clause, group: Group) -> Mechanism | None:
    """A record for the object of a verb, or None when it names no arrangement."""
    words = mechanism_words()
    head = group.heads[-1]
    layer, kind = head.kind.split(":")
    name = MARKS.sub("", text[group.start : max(head.end, group.end)]).strip()
    if not 3 <= len(name) <= LONGEST or LOOSE.match(name):
        return None
    quoted = "“" in name or "《" in name
    if clause.title and not (head.word in words.bare or (quoted and kind in words.title_types)):
        return None
    if kind in ("programme", "work_plan") and any(v in group.verb for v in words.drop_verbs):
        return None
    modifier = name if quoted else name[: name.rfind(head.word)]
    vague = head.word in words.vague or kind == "work_plan"
    own = len(_generic().sub("", modifier)) if vague else len(modifier) + (2 if len(head.word) >= 4 else 0)
    if own < 2 and head.word not in words.bare:
        return None
    if not _carried(text, clause, group, layer, name):
        return None
    rules = [f"{layer}:{head.word}"]
    if layer == "measured":
        family = next((f[0] for f in words.families if any(w in name for w in f)), name)
        rules.append(f"family:{family}")
    kind = _type(name, kind, group)
    confidence = {"head": 0.55, "practice": 0.4, "measured": 0.35}[layer] + 0.1 * quoted + 0.1 * (own >= 5)
    confidence += 0.15 * any(v in group.verb for v in words.founding) - 0.1 * vague - 0.1 * (not group.verb)
    if quoted:
        rules.append("quoted")
    status = next(
        (s for s, keys in words.status.items() if any(k in group.verb for k in keys)),
        "pilot" if "试点" in name else "operating",
    )
    return Mechanism(
        clause.start, clause.end, name, kind, group.start, status=status, rules=rules, confidence=round(confidence, 2)
    )


def _carried(text: str, clause: Clause, group: Group, layer: str, name: str) -> bool:
    """Whether the words around carry the head: rectification names its problem, a practice has its verb, a quantity
    its number in a report."""
    head = group.heads[-1]
    if head.word in mechanism_words().named_only and not re.search("[“《、和与]", name):
        return False
    if head.word == "整改":
        return bool(re.search("问题|反馈|督察|披露", name))
    if layer == "practice":
        return bool(group.verb)
    if layer == "measured":
        return clause.mode == "report" and bool(OBSERVED.search(text, head.end, clause.end))
    return True


def _type(name: str, kind: str, group: Group) -> str:
    """The type that the head gives, unless it is a weak one and a word of the name says more."""
    words = mechanism_words()
    if not any(group.heads[-1].word.endswith(last) for last in words.last_decides):
        kind = group.heads[0].kind.split(":")[1]
    if "监测" in name and kind in ("assessment", "enforcement"):
        return "monitoring"
    if kind == "platform":
        return "monitoring" if "监测" in name else "market" if "交易" in name else kind
    if kind in words.weak_types:
        return next((t for t, keys in words.topics if any(k in name for k in keys)), kind)
    return kind
