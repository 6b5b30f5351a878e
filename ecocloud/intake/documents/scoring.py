"""How well records were read: predicted records against annotated ones, by kind, document and level.

Pure. A level is a list of tests; at each level predictions and annotations are paired one to one so that as many pairs
as possible pass every test of the level. Annotations that are ``optional`` (borderline) neither reward nor punish.
The rules are those of the published schema of the gold set; the words are in ``data/scoring.yaml``.
"""

from __future__ import annotations

import calendar
import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ecocloud.intake.documents.lexicon import any_of, scoring_words

Record = dict[str, Any]
Test = Callable[[Record, Record], bool]
KINDS = ("figure", "task", "project", "mechanism")
ALL = "ALL"
PUNCTUATION = re.compile(r"[\s“”\"'‘’《》<>「」()（）\[\]【】、,，。.;；:：!！?？·\-—_/]+")


# --- numbers with units ----------------------------------------------------------------------------------------------


def plain(words: str | None) -> str:
    """Half-width, without spaces, one sign for micro."""
    return unicodedata.normalize("NFKC", words or "").replace("µ", "μ").replace(" ", "")


@cache
def _sizes() -> dict[str, tuple[str, float]]:
    return {word: (base, size) for base, words in scoring_words().units.items() for word, size in words.items()}


def _simple(unit: str) -> tuple[str, float]:
    """(base unit, size) of a unit without a fraction bar: at most three scales (万, 亿) are taken off in front."""
    size, sizes = 1.0, _sizes()
    for _ in range(3):
        known = sizes.get(unit) or sizes.get(unit.lower())
        if known:
            return known[0], known[1] * size
        scale = next((s for s in scoring_words().scales if unit.startswith(s)), None)
        if scale is None:
            break
        unit, size = unit[len(scale) :], size * scoring_words().scales[scale]
    return unit, size


@cache
def _unit(unit: str) -> tuple[str, float]:
    ends = scoring_words().loose_ends
    unit = re.sub(rf"^{any_of(ends['before'])}|{any_of(ends['after'])}$", "", plain(unit))
    if "/" not in unit and unit.find("每") > 0:
        unit = unit.replace("每", "/", 1)
    above, bar, below = unit.partition("/")
    if not bar or not above:
        return _simple(unit)
    (base, size), (per, per_size) = _simple(above), _simple(below)
    return f"{base}/{per}", size / (per_size if per in scoring_words().per else 1)


def amount(value: Any, unit: str | None) -> tuple[float | None, str]:
    """(value in base units or None, base unit)."""
    base, size = _unit(unit or "")
    try:
        return (None if value is None else float(str(value).replace(",", "")) * size), base
    except ValueError:
        return None, base


def close(a: float, b: float) -> bool:
    """Equal up to a millionth."""
    return abs(a - b) <= 1e-6 * max(1.0, abs(a), abs(b))


# --- names, periods, regions -----------------------------------------------------------------------------------------


@cache
def _name(words: str) -> str:
    return re.sub(rf"^{any_of(scoring_words().own_places)}", "", PUNCTUATION.sub("", plain(words)).lower())


@cache
def similarity(a: str, b: str) -> float:
    """Likeness of two names, 0 to 1: the better of common subsequences and common pairs of characters."""
    a, b = _name(a), _name(b)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    best = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
    pairs_a, pairs_b = (Counter(s[i : i + 2] for i in range(len(s) - 1)) for s in (a, b))
    if pairs_a and pairs_b:
        best = max(best, 2 * (pairs_a & pairs_b).total() / (pairs_a.total() + pairs_b.total()))
    return best


@cache
def part_similarity(a: str, b: str) -> float:
    """The same, but a name that holds the other one is at least 0.6 like it."""
    best, x, y = similarity(a, b), _name(a), _name(b)
    short, long = sorted((len(x), len(y)))
    if short >= 2 and (x in y or y in x):
        best = max(best, 0.6 + 0.4 * short / long)
    return best


def _best(gold: Record, made: Record, key: str, alike: Callable[[str, str], float]) -> float:
    lists = [[n for n in [r.get(key), *(r.get("aliases") or [])] if n] for r in (gold, made)]
    return max((alike(a, b) for a in lists[0] for b in lists[1]), default=0.0)


@cache
def period(words: str | None) -> tuple[str | None, str | None] | None:
    """First and last day of an EDTF period; 202X keeps its X; None when there is none."""
    if words is None or words in ("", "?"):
        return None
    text = plain(str(words)).replace("202_", "202X")
    for old, new in (("~", "/"), ("至", "/"), ("--", "/"), ("年末", "-12-31"), ("年底", "-12-31")):
        text = text.replace(old, new)
    first, bar, last = text.partition("/")
    return _day(first, False), _day(last if bar else first, True)


def _day(text: str, last: bool) -> str | None:
    if text in ("..", ""):
        return None
    match = re.match(r"(\d{3}[\dX])(?:[-年/.]?(\d{1,2}))?(?:[-月/.]?(\d{1,2}))?", text)
    if not match:
        return text
    year, month, day = match.groups()
    if month is None:
        return f"{year}-12-31" if last else f"{year}-01-01"
    if day is None:
        day = _month_length(year, int(month)) if last else 1
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _month_length(year: str, month: int) -> int:
    return calendar.monthrange(int(year) if year.isdigit() else 2021, month)[1] if 1 <= month <= 12 else 31


def same_period(gold: Record, made: Record) -> bool:
    """An annotation without a period takes any; ``period_alt`` holds other readings."""
    if gold.get("period") is None:
        return True
    found = period(made.get("period"))
    return found is not None and found in [period(p) for p in [gold["period"], *(gold.get("period_alt") or [])]]


def same_region(gold: Record, made: Record) -> bool:
    """Equal, or one the end of the other (甲市乙县 and 乙县)."""
    words = scoring_words()
    a, b = (re.sub(rf"^{any_of(words.province)}", "", plain(r.get("region"))) for r in (gold, made))
    if not a or not b:
        return a == b

    def bare(name: str) -> str:
        return name[:-1] if len(name) > 2 and name[-1] in words.region_endings else name

    return bare(a) == bare(b) or (len(b) >= 2 and a.endswith(b)) or (len(a) >= 2 and b.endswith(a))


# --- figures ---------------------------------------------------------------------------------------------------------


def overlap(a: Record, b: Record) -> int:
    """Characters that two records share."""
    return max(0, min(a["end"], b["end"]) - max(a["start"], b["start"]))


def share(a: Record, b: Record) -> float:
    """Shared characters by all characters of both."""
    common = overlap(a, b)
    whole = (a["end"] - a["start"]) + (b["end"] - b["start"]) - common
    return common / whole if whole else 0.0


def same_value(gold: Record, made: Record) -> bool:
    """Evidence overlaps, value and unit are equal; a printed unit that the annotation lacks is no matter."""
    if not overlap(gold, made):
        return False
    if gold.get("value") is None:
        return made.get("value") is None
    (a, unit_a), (b, unit_b) = amount(gold["value"], gold.get("unit")), amount(made.get("value"), made.get("unit"))
    tags = gold.get("qualifier") or []
    if a is None or b is None:
        return False
    if "rank" in tags:
        fits = unit_b in scoring_words().rank_units
    else:
        fits = not plain(gold.get("unit")) or unit_a == unit_b
    if set(scoring_words().change_tags) & set(tags):
        a, b = abs(a), abs(b)
    return fits and close(a, b)


def same_indicator(gold: Record, made: Record) -> bool:
    """One of the names is like one of the other's."""
    return _best(gold, made, "indicator", similarity) >= scoring_words().indicator


def _tags(record: Record) -> set[str]:
    tags = record.get("qualifier") or []
    return set(re.split(r"[,+;/|\s]+", tags) if isinstance(tags, str) else tags) & set(scoring_words().core_tags)


def same_qualifier(gold: Record, made: Record) -> bool:
    """The same core tags, and a change in the same direction (a negative value counts as a fall)."""
    words, tags = scoring_words(), _tags(gold)
    if tags != _tags(made):
        return False
    sign = {**dict.fromkeys(words.up, 1), **dict.fromkeys(words.down, -1)}
    wanted, found = sign.get(gold.get("direction") or ""), sign.get(made.get("direction") or "")
    if wanted is None or not tags & set(words.change_tags):
        return True
    if found is None and isinstance(made.get("value"), int | float) and made["value"] < 0:
        found = -1
    return found == wanted or (found is None and wanted == 1)


# --- tasks, projects, mechanisms -------------------------------------------------------------------------------------


def same_span(gold: Record, made: Record) -> bool:
    """The spans share at least half of their characters."""
    return share(gold, made) >= scoring_words().span


def _units(gold: Record, made: Record, roles: bool) -> bool:
    canonical = {}
    for unit in gold.get("units") or []:
        for key in ("name", "raw"):
            if unit.get(key):
                canonical[plain(unit[key])] = plain(unit.get("name") or unit.get("raw"))
    wanted = {(plain(u["name"]), u.get("role") if roles else None) for u in gold.get("units") or []}
    found = set()
    for unit in made.get("units") or []:
        unit = {"name": unit} if isinstance(unit, str) else unit
        name = plain(unit.get("name") or unit.get("raw"))
        found.add((canonical.get(name, name), unit.get("role") if roles else None))
    return wanted == found


def same_units(gold: Record, made: Record) -> bool:
    """The same set of units (a name as printed counts as its repaired name)."""
    return _units(gold, made, False)


def same_roles(gold: Record, made: Record) -> bool:
    """The same set of units with their roles."""
    return _units(gold, made, True)


def same_path(gold: Record, made: Record) -> bool:
    """The same place in the outline."""

    def path(record: Record) -> str:
        value = record.get("path")
        return re.sub(r"[\s()]", "", plain("/".join(value) if isinstance(value, list) else value))

    return path(gold) == path(made)


def same_deadlines(gold: Record, made: Record) -> bool:
    """The same set of dates."""
    dates = [{d.get("date") for d in r.get("deadlines") or []} for r in (gold, made)]
    return dates[0] == dates[1]


def same_name(gold: Record, made: Record) -> bool:
    """Evidence overlaps and the names are alike."""
    return overlap(gold, made) > 0 and _best(gold, made, "name", part_similarity) >= scoring_words().name


def same_count(gold: Record, made: Record) -> bool:
    """The same printed count, or none on both sides."""
    return gold.get("count") == made.get("count")


def same_amount(gold: Record, made: Record) -> bool:
    """The same sum of money, or none on both sides."""
    (a, unit_a), (b, unit_b) = (amount(r.get("amount"), r.get("amount_unit")) for r in (gold, made))
    return (a is None and b is None) if a is None or b is None else unit_a == unit_b and close(a, b)


def same_type(gold: Record, made: Record) -> bool:
    """The same type of mechanism."""
    return gold.get("type") == made.get("type")


_NAMED = (same_value, same_indicator)
LEVELS: dict[str, dict[str, tuple[Test, ...]]] = {
    "figure": {
        "base": (same_value,),
        "+indicator": _NAMED,
        "+period": (*_NAMED, same_period),
        "+region": (*_NAMED, same_region),
        "+qualifier": (*_NAMED, same_qualifier),
        "strict": (*_NAMED, same_period, same_region, same_qualifier),
    },
    "task": {
        "base": (same_span,),
        "+units": (same_span, same_units),
        "+roles": (same_span, same_roles),
        "+path": (same_span, same_path),
        "+deadlines": (same_span, same_deadlines),
        "strict": (same_span, same_roles, same_path, same_deadlines),
    },
    "project": {
        "base": (same_name,),
        "+count": (same_name, same_count),
        "+amount": (same_name, same_amount),
        "strict": (same_name, same_count, same_amount),
    },
    "mechanism": {"base": (same_name,), "+type": (same_name, same_type)},
}


# --- pairing and counting --------------------------------------------------------------------------------------------


@dataclass
class Count:
    """What one level comes to: ``right`` pairs, ``wrong`` predictions, ``missed`` annotations, ``ignored`` predictions
    (paired with a borderline annotation). ``missing`` and ``extra`` are ids."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    ignored: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        made = self.right + self.wrong
        return self.right / made if made else float(not self.missed)

    @property
    def recall(self) -> float:
        there = self.right + self.missed
        return self.right / there if there else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def add(self, other: Count) -> None:
        """Take another document's numbers in."""
        for name in ("right", "wrong", "missed", "ignored"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.missing += other.missing
        self.extra += other.extra

    def as_dict(self) -> dict[str, Any]:
        """Numbers for ``--json``."""
        return {
            "right": self.right, "wrong": self.wrong, "missed": self.missed, "ignored": self.ignored,
            "precision": round(self.precision, 4), "recall": round(self.recall, 4), "f1": round(self.f1, 4),
        }  # fmt: skip


def pair(gold: list[Record], made: list[Record], tests: tuple[Test, ...]) -> dict[int, int]:
    """Most pairs (index of the annotation -> index of the prediction) that pass all tests, one to one. Firm annotations
    are served before borderline ones, and each tries the prediction with the most common text first."""
    reach = []
    for record in gold:
        fits = [at for at, other in enumerate(made) if all(test(record, other) for test in tests)]
        reach.append(sorted(fits, key=lambda at, record=record: -share(record, made[at])))
    owner: dict[int, int] = {}
    for at in sorted(range(len(gold)), key=lambda at: bool(gold[at].get("optional"))):
        _place(at, reach, owner)
    return {g: m for m, g in owner.items()}


def _place(first: int, reach: list[list[int]], owner: dict[int, int]) -> None:
    """Find a prediction for annotation ``first``, moving others along an augmenting path (depth first)."""
    seen: set[int] = set()
    path: list[tuple[int, Any, int]] = [(first, iter(reach[first]), -1)]
    while path:
        at, rest, _ = path[-1]
        candidate = next((m for m in rest if m not in seen), None)
        if candidate is None:
            path.pop()
            continue
        seen.add(candidate)
        path[-1] = (at, rest, candidate)
        if candidate in owner:
            moved = owner[candidate]
            path.append((moved, iter(reach[moved]), -1))
            continue
        for taker, _, taken in path:
            owner[taken] = taker
        return


def score(gold: list[Record], made: list[Record], kind: str, count_optional: bool = False) -> dict[str, Count]:
    """Counts of one document and kind at every level; a prediction that only a borderline annotation explains at the
    base level stays ignored at the stricter ones."""
    gold = [{**g, "optional": bool(g.get("optional")) and not count_optional} for g in gold]
    out: dict[str, Count] = {}
    spared: set[int] | None = None
    for level, tests in LEVELS[kind].items():
        pairs = pair(gold, made, tests)
        used = set(pairs.values())
        loose = {m for g, m in pairs.items() if gold[g]["optional"]}
        spared = loose if spared is None else spared
        ignored = loose | (spared - used)
        missing = [str(g.get("id")) for at, g in enumerate(gold) if not g["optional"] and at not in pairs]
        right = len(used) - len(loose)
        extra = [str(made[m].get("id")) for m in range(len(made)) if m not in used and m not in ignored]
        out[level] = Count(right, len(made) - right - len(ignored), len(missing), len(ignored), missing, extra)
    return out


def evidence_stands(record: Record, texts: Mapping[str, str]) -> bool:
    """Whether the offsets lie in the document and the quote is the words between them."""
    text, start, end = texts.get(record.get("doc", "")), record.get("start"), record.get("end")
    if text is None or not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        return False
    return "quote" not in record or text[start:end] == record["quote"]


def score_all(
    gold: Iterable[Record],
    made: Iterable[Record],
    texts: Mapping[str, str],
    ranges: Mapping[str, Mapping[str, Any]] | None = None,
    count_optional: bool = False,
) -> dict[tuple[str, str], dict[str, Count]]:
    """Counts by (document, kind) and, under :data:`ALL`, over all documents.

    Parameters
    ----------
    gold, made: annotated and predicted records of any documents and kinds.
    texts: original text by document; a prediction whose quote is not there can match nothing and counts as wrong.
    ranges: by document and plural kind ``[start, end]`` in which annotations are complete; predictions outside are
        left out.
    """
    gold, made = list(gold), list(made)
    out: dict[tuple[str, str], dict[str, Count]] = {}
    for doc in sorted({r["doc"] for r in gold} | {r.get("doc") for r in made}):
        for kind in KINDS:
            wanted = [r for r in gold if r["doc"] == doc and r["kind"] == kind]
            found = [r for r in made if r.get("doc") == doc and r["kind"] == kind]
            first, last = ((ranges or {}).get(doc) or {}).get(f"{kind}s", (0, 10**12))
            firm = [r for r in found if evidence_stands(r, texts)]
            broken = len(found) - len(firm)
            firm = [r for r in firm if first <= r["start"] < last]
            if wanted or firm or broken:
                out[doc, kind] = score(wanted, firm, kind, count_optional)
                for count in out[doc, kind].values():
                    count.wrong += broken
    for kind in KINDS:
        of_kind = [levels for (_, k), levels in out.items() if k == kind]
        if of_kind:
            total = {level: Count() for level in LEVELS[kind]}
            for levels in of_kind:
                for level, count in levels.items():
                    total[level].add(count)
            out[ALL, kind] = total
    return out


def judge(gold: list[Record], made: list[Record], kind: str, level: str) -> list[bool | None]:
    """For every prediction whether it is right at a level; None when only a borderline annotation explains it."""
    out: list[bool | None] = [False] * len(made)
    base, wanted = next(iter(LEVELS[kind].values())), LEVELS[kind][level]
    for tests in (base, wanted):
        for g, m in pair(gold, made, tests).items():
            if gold[g].get("optional"):
                out[m] = None
            elif tests is wanted:
                out[m] = True
    return out
