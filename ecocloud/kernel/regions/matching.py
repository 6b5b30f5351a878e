"""Reading a unit's wording: pure functions on names. No database, clock or settings.

A wording is split into the division it names (by name, by prefix 省/市/县/区, or not at all) and the *key* of the unit
inside that division. Departments are indexed under the same keys, so that the full name, the name with the prefix 市
and the usual short name meet in one entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ecocloud.kernel.regions import codes, naming

MATCHED_FROM = 0.82
CANDIDATE_FROM = 0.6
LEAD = 0.05


@dataclass(frozen=True)
class Place:
    """A division as the matcher sees it."""

    code: str
    name: str
    short: str
    level: str


@dataclass(frozen=True)
class Words:
    """The generic words of the dictionary: see ``data/functions.yaml``."""

    rewrites: tuple[tuple[str, str], ...]
    noise: tuple[str, ...]
    role_words: tuple[str, ...]
    tails: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """One way to read a wording: the division it speaks of and the key inside it."""

    region: str
    key: str
    weight: float = 1.0


@dataclass(frozen=True)
class Hit:
    """One department found, with the score of 0 to 1 and why."""

    department: int
    score: float
    reason: str


def clean(text: str, words: Words) -> str:
    """The wording without blanks, labels (责任单位：), role words in brackets (（牵头）) and a trailing 等."""
    text = naming.tidy(text)
    for word in words.noise:
        if text.startswith(word):
            text = text[len(word) :]
    roles = "|".join(map(re.escape, words.role_words))
    text = re.sub(rf"（(?:{roles})(?:单位)?）", "", text)
    text = re.sub(rf"(?:{roles})$", "", text) if len(text) > 4 else text
    text = text.strip("，。、；：（") if text.count("（") != text.count("）") else text
    return text[:-1] if text.endswith("等") and len(text) > 2 else text


def key_of(core: str, words: Words) -> str:
    """The form under which names are compared: common words abbreviated, connecting words dropped."""
    for old, new in words.rewrites:
        core = core.replace(old, new)
    return core


def government_key(rest: str, words: Words) -> bool:
    """Whether what follows a division's name says that its government (or the township itself) is meant."""
    return rest == "" or rest in words.tails


def cores(name: str, place: Place, above: Iterable[Place]) -> set[str]:
    """The names a department of ``place`` goes by inside it: without the names of divisions and without the prefix.

    ``above``: the divisions above, nearest last (province, city, county).
    """
    found = {name}
    for outer in (*above, place):
        for form in list(found):
            for label in (outer.name, outer.short):
                if len(label) >= 2 and form.startswith(label):
                    found.add(form[len(label) :])
    branch = re.compile(rf"^(.{{2,}}?)(?:{re.escape(place.short)}|{re.escape(place.name)})(?:分局|管理局|局)$")
    for form in list(found):
        match = branch.match(form)
        if match:
            found.add(match[1])
    prefixes = {naming.prefix_of(outer.name) for outer in (*above, place)}
    found |= {form[len(prefix) :] for form in list(found) for prefix in prefixes if prefix and form.startswith(prefix)}
    return {form for form in found if form}


def _levels_of_prefix(
    context: Place, above: Mapping[str, Place], below: Iterable[Place]
) -> dict[str, list[tuple[str, float]]]:
    """``{prefix: [(division, weight)]}``: which division 省, 市, 县, 区 mean in a text of ``context``.

    In a text of a city 县 and 区 mean every county below it: then there are several answers and a person chooses.
    """
    meant: dict[str, list[tuple[str, float]]] = {}

    def add(prefix: str, place: Place | None, weight: float = 1.0) -> None:
        if place is not None and prefix:
            meant.setdefault(prefix, []).append((place.code, weight))

    chain = {**above, context.level: context}
    add("省", chain.get("province"))
    county = chain.get("county")
    if county is not None:
        own = naming.prefix_of(county.name)
        add(own, county)
        for other in "县区":
            if other != own:
                add(other, county, 0.9)
    city = chain.get("city")
    add("市", city, 1.0 if county is None or naming.prefix_of(county.name) != "市" else 0.9)
    if context.level == "city":
        for place in below:
            own = naming.prefix_of(place.name)
            if own in ("县", "区"):
                add(own, place)
                add("区" if own == "县" else "县", place, 0.97)
    township = chain.get("township")
    if township is not None:
        for prefix in ("镇", "乡", "街道"):
            add(prefix, township, 1.0 if naming.prefix_of(township.name) == prefix else 0.9)
    return meant


def readings(text: str, context: Place, above: Mapping[str, Place], places: Mapping[str, list[Place]]) -> list[Reading]:
    """Every way to read ``text`` in a document of ``context``: ``key`` is still the raw rest of the wording.

    ``above``: the divisions above by level; ``places``: the divisions a text may name, by full and by short name.
    """
    found: list[Reading] = []
    counties = {place.code: place for group in places.values() for place in group if place.level == "county"}.values()
    lengths = sorted({len(label) for label in places if len(label) <= len(text)}, reverse=True)
    for size in lengths:
        for place in places.get(text[:size], ()):
            weight = 1.0 if text[:size] == place.name else 0.97
            found.append(Reading(place.code, text[size:], weight))
            inner = [p for label, group in places.items() if label and text[size:].startswith(label) for p in group]
            for under in inner:
                if under.code != place.code and codes.contains(place.code, under.code):
                    label = under.name if text[size:].startswith(under.name) else under.short
                    found.append(Reading(under.code, text[size + len(label) :], weight))
    for prefix, meant in _levels_of_prefix(context, above, counties).items():
        if text.startswith(prefix):
            found.extend(Reading(code, text[len(prefix) :], weight) for code, weight in meant)
    found.append(Reading(context.code, text))
    found.extend(_branch_readings(text, context, above, places))
    return list(dict.fromkeys(found))


def _branch_readings(
    text: str, context: Place, above: Mapping[str, Place], places: Mapping[str, list[Place]]
) -> Iterator[Reading]:
    """A branch of a department above (市某局某某分局) is the department of the division that names the branch."""
    if not text.endswith("分局"):
        return
    body = text.removesuffix("分局")
    for size in range(2, min(7, len(body) - 2)):
        for place in places.get(body[-size:], ()):
            core = body[:-size]
            yield Reading(place.code, core, 0.99)
            labels = [label for outer in above.values() for label in (outer.name, outer.short)]
            labels += [naming.prefix_of(outer.name) for outer in (*above.values(), context)]
            for label in dict.fromkeys(labels):
                if label and core.startswith(label):
                    yield Reading(place.code, core[len(label) :], 0.99)


def fuzzy(key: str, names: Mapping[str, list[Hit]]) -> list[Hit]:
    """The departments whose key resembles ``key``: slips of the pen, changed order, own abbreviations."""
    found: list[Hit] = []
    for other, hits in names.items():
        if not other or not key:
            continue
        score, reason = naming.similarity(key, other), "字面相近"
        if len(key) >= 4 and sorted(key) == sorted(other):
            score, reason = max(score, 0.9), "字序不同"
        elif score < 0.8 and (naming.is_abbreviation(key, other) or naming.is_abbreviation(other, key)):
            score, reason = max(score, 0.75), "疑为简称"
        if score >= CANDIDATE_FROM:
            found.extend(Hit(hit.department, round(min(score, 0.99) * hit.score, 4), reason) for hit in hits)
    return found


def parts_of(text: str) -> list[str]:
    """``text`` cut at 、，； outside brackets; several units written as one."""
    found, depth, start = [], 0, 0
    for place, char in enumerate(text):
        depth += (char == "（") - (char == "）")
        if char in "、，；" and depth == 0:
            found.append(text[start:place])
            start = place + 1
    return [part for part in (*found, text[start:]) if part]


def best(hits: Iterable[Hit]) -> list[Hit]:
    """One hit for each department, the best first; equal scores by department."""
    top: dict[int, Hit] = {}
    for hit in hits:
        if hit.department not in top or hit.score > top[hit.department].score:
            top[hit.department] = hit
    return sorted(top.values(), key=lambda hit: (-hit.score, hit.department))


def group_of(text: str, patterns: Iterable[tuple[str, re.Pattern[str]]]) -> str | None:
    """The code of the group wording that fits the whole text."""
    return next((code for code, pattern in patterns if pattern.fullmatch(text)), None)
