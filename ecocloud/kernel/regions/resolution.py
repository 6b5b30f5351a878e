"""Which department does a wording mean? ``resolve_unit`` answers for one text, ``Directory.resolve`` for many."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from django.utils import timezone

from ecocloud.kernel.regions import codes, matching
from ecocloud.kernel.regions.facts import FunctionFact, GroupFact, functions_file
from ecocloud.kernel.regions.matching import Hit, Place, Words
from ecocloud.kernel.regions.models import Department, DepartmentAlias, DepartmentChange, Region

MATCHED, GROUP, AMBIGUOUS, UNKNOWN = "matched", "group", "ambiguous", "unknown"
_KEPT_CANDIDATES = 6


@dataclass(frozen=True)
class Candidate:
    """A department that may be meant, with its score of 0 to 1 and why."""

    department: Department
    score: float
    reason: str


@dataclass(frozen=True)
class UnitMatch:
    """The answer for one wording.

    ``status``: ``matched`` (one department), ``group`` (all ``departments``), ``ambiguous`` (a person chooses among
    ``candidates``) or ``unknown``. ``exact`` is false for groups whose members the wording does not fix (有关单位).
    ``score`` is 0 to 1; ``reason`` a Chinese phrase.
    """

    text: str
    status: str
    departments: tuple[Department, ...] = ()
    score: float = 0.0
    reason: str = ""
    candidates: tuple[Candidate, ...] = field(default=())
    exact: bool = True

    @property
    def department(self) -> Department | None:
        """The department of a ``matched`` answer, else ``None``."""
        return self.departments[0] if self.status == MATCHED else None


@cache
def words() -> Words:
    """The dictionary's generic words."""
    facts = functions_file()
    return Words(facts.rewrites, facts.noise, facts.role_words, facts.tails)


@cache
def _groups() -> tuple[tuple[tuple[str, re.Pattern[str]], ...], dict[str, GroupFact]]:
    groups = functions_file().groups
    patterns = tuple((group.code, re.compile(pattern)) for group in groups for pattern in group.patterns)
    return patterns, {group.code: group for group in groups}


@cache
def _functions() -> dict[str, FunctionFact]:
    return {fact.code: fact for fact in functions_file().functions}


def _place(region: Region) -> Place:
    return Place(region.code, region.name, region.short_name or region.name, region.level)


class Directory:
    """The names of all units a document of one division may mention; load once, resolve many wordings.

    Covers the departments of the division, of everything below it and of the divisions above it.
    """

    def __init__(self, region: Region, on_date: date | None = None) -> None:
        self.region = region
        self.on = on_date or timezone.localdate()
        first, after = codes.span(region.code)
        above_codes = codes.line(region.code)[1:]
        below = Region.objects.filter(code__gte=first, code__lt=after).exclude(level=Region.Level.VILLAGE)
        self._regions = {r.code: _place(r) for r in below}
        self._above = {r.level: _place(r) for r in Region.objects.filter(code__in=above_codes)}
        self._regions |= {place.code: place for place in self._above.values()}
        self._context = _place(region)
        self._places: dict[str, list[Place]] = defaultdict(list)
        for place in self._regions.values():
            for label in {place.name, place.short}:
                self._places[label].append(place)
        inside = Department.objects.filter(region_id__gte=first, region_id__lt=after)
        self._departments = {d.pk: d for d in inside | Department.objects.filter(region_id__in=above_codes)}
        self._load_names()

    def _load_names(self) -> None:
        aliases: dict[int, list[DepartmentAlias]] = defaultdict(list)
        for alias in DepartmentAlias.objects.order_by("id"):
            if alias.department_id in self._departments:
                aliases[alias.department_id].append(alias)
        self._heirs: dict[int, list[tuple[date, int]]] = defaultdict(list)
        kinds = (DepartmentChange.Kind.MERGE, DepartmentChange.Kind.SPLIT)
        for event in DepartmentChange.objects.filter(kind__in=kinds).order_by("on", "id"):
            self._heirs[event.department_id].append((event.on, event.successor_id))
        self._names: dict[str, dict[str, list[Hit]]] = defaultdict(lambda: defaultdict(list))
        self._governments: dict[str, list[int]] = defaultdict(list)
        for department in self._departments.values():
            place = self._regions[department.region_id]
            outer = self._outer(place)
            if department.kind in (Department.Kind.GOVERNMENT, Department.Kind.TOWNSHIP):
                self._governments[place.code].append(department.pk)
            for text, score, reason in self._labels(department, aliases[department.pk]):
                for core in matching.cores(text, place, outer):
                    names = self._names[place.code]
                    names[matching.key_of(core, words())].append(Hit(department.pk, score, reason))

    def _outer(self, place: Place) -> list[Place]:
        return [self._regions[code] for code in reversed(codes.line(place.code)[1:]) if code in self._regions]

    def _labels(self, department: Department, aliases: list[DepartmentAlias]) -> list[tuple[str, float, str]]:
        found = [(department.name, 1.0, "名称一致")]
        if department.short_name:
            found.append((department.short_name, 1.0, "简称一致"))
        weights = {"rename": (0.97, "曾用名"), "dictionary": (0.98, "通用简称"), "import": (0.98, "导入的简称")}
        for alias in aliases:
            score, reason = weights.get(alias.source, (1.0, "人工确认过"))
            if (alias.valid_to and self.on <= alias.valid_to) and alias.source == "rename":
                score, reason = 1.0, "当时名称"
            found.append((alias.text, score, reason))
        fact = _functions().get(department.function)
        if fact is not None:
            found.append((fact.name, 0.98, "通用名称"))
            found.extend((text, 0.98, "通用简称") for text in (fact.short, *fact.aliases))
            found.extend((text, 0.94, "机构改革前名称") for text in fact.former)
        return found

    # -- answering ---------------------------------------------------------------------------------------------

    def resolve(self, text: str) -> UnitMatch:
        """The answer for one wording."""
        wording = matching.clean(text, words())
        if len(wording) < 2:
            return UnitMatch(text, UNKNOWN, reason="文字太短，不是单位")
        hits = matching.best(self._exact(wording))
        if not hits:
            group = self._group(text, wording) or self._several(text, wording)
            if group is not None:
                return group
            hits = matching.best(self._fuzzy(wording))
        return self._answer(text, hits)

    def _exact(self, wording: str) -> list[Hit]:
        found: list[Hit] = []
        for reading in matching.readings(wording, self._context, self._above, self._places):
            names = self._names.get(reading.region, {})
            key = matching.key_of(reading.key, words())
            found.extend(
                Hit(hit.department, hit.score * reading.weight, hit.reason) for hit in names.get(key, ()) if key
            )
            named = reading.region != self._context.code or reading.key != wording
            if named and matching.government_key(reading.key, words()):
                found.extend(Hit(pk, reading.weight, "区划名称") for pk in self._governments.get(reading.region, ()))
        return found

    def _fuzzy(self, wording: str) -> list[Hit]:
        found: list[Hit] = []
        for reading in matching.readings(wording, self._context, self._above, self._places):
            key = matching.key_of(reading.key, words())
            if len(key) < 2:
                continue
            hits = matching.fuzzy(key, self._names.get(reading.region, {}))
            found.extend(Hit(hit.department, hit.score * reading.weight, hit.reason) for hit in hits)
        return found

    def _answer(self, text: str, hits: list[Hit]) -> UnitMatch:
        candidates = self._today(hits)
        if not candidates:
            return UnitMatch(text, UNKNOWN, reason="没有相近的单位")
        first = candidates[0]
        rivals = [c for c in candidates[1:] if first.score - c.score < matching.LEAD]
        kept = tuple(candidates[:_KEPT_CANDIDATES])
        if first.score >= matching.MATCHED_FROM and not rivals:
            if first.department.kind == Department.Kind.GROUP:
                members = tuple(first.department.members.all())
                if members:
                    return UnitMatch(text, GROUP, members, first.score, f"单位组：{first.department.name}", kept)
            return UnitMatch(text, MATCHED, (first.department,), first.score, first.reason, kept)
        reason = "有多个相近单位" if rivals else f"{first.reason}，把握不足"
        return UnitMatch(text, AMBIGUOUS, (), first.score, reason, kept)

    def _today(self, hits: list[Hit]) -> list[Candidate]:
        """Hits as departments that exist on the day: ended ones are replaced by their successors."""
        found: dict[int, Candidate] = {}
        for hit in hits:
            department = self._departments[hit.department]
            heirs = self._living(department)
            for heir in heirs:
                reason = hit.reason if heir.pk == department.pk else f"{department.name}已并入或分设为{heir.name}"
                score = hit.score if len(heirs) == 1 else hit.score * 0.8
                if heir.pk not in found or score > found[heir.pk].score:
                    found[heir.pk] = Candidate(heir, score, reason)
        return sorted(found.values(), key=lambda c: (-c.score, c.department.pk))

    def _living(self, department: Department) -> list[Department]:
        found: dict[int, Department] = {}
        waiting, seen = [department.pk], set()
        while waiting:
            pk = waiting.pop(0)
            unit = self._departments.get(pk)
            if pk in seen or unit is None:
                continue
            seen.add(pk)
            heirs = [heir for on, heir in self._heirs[pk] if on <= self.on]
            ended = unit.valid_to is not None and unit.valid_to < self.on
            if not ended or not heirs:
                if not ended:
                    found[pk] = unit
                continue
            waiting.extend(heirs)
        return list(found.values())

    def _group(self, text: str, wording: str) -> UnitMatch | None:
        patterns, facts = _groups()
        code = matching.group_of(wording, patterns)
        if code is None:
            return None
        fact = facts[code]
        members = tuple(self._members(fact.members))
        if not members:
            return UnitMatch(text, UNKNOWN, reason=f"“{fact.name}”下没有登记单位")
        reason = f"{fact.name}，共 {len(members)} 个单位" if fact.exact else "原文未点名，须由经办人圈定"
        return UnitMatch(text, GROUP, members, 1.0 if fact.exact else 0.5, reason, exact=fact.exact)

    def _several(self, text: str, wording: str) -> UnitMatch | None:
        parts = matching.parts_of(wording)
        if len(parts) < 2:
            return None
        answers = [self.resolve(part) for part in parts]
        if any(answer.status not in (MATCHED, GROUP) for answer in answers):
            return None
        units = {unit.pk: unit for answer in answers for unit in answer.departments}
        score = min(answer.score for answer in answers)
        exact = all(answer.exact for answer in answers)
        return UnitMatch(text, GROUP, tuple(units.values()), score, f"合写的 {len(parts)} 处单位", exact=exact)

    def _members(self, kind: str) -> list[Department]:
        living = [d for d in self._departments.values() if d.in_force(self.on) and self.region.contains(d.region_id)]
        if kind == "townships":
            found = [d for d in living if d.kind == Department.Kind.TOWNSHIP and d.region_id != self.region.code]
        elif kind == "departments":
            found = [d for d in living if d.kind == Department.Kind.DEPARTMENT and d.region_id == self.region.code]
        else:
            counties = kind in ("counties", "counties_and_zones")
            zones = kind in ("zones", "counties_and_zones")
            found = [
                d
                for d in living
                if d.kind == Department.Kind.GOVERNMENT
                and d.region_id != self.region.code
                and self._regions[d.region_id].level == Region.Level.COUNTY
                and ((counties and d.function != "zone") or (zones and d.function == "zone"))
            ]
            if zones:
                found += [d for d in living if d.function == "zone" and d not in found]
        return sorted(found, key=lambda d: (d.region_id, d.order, d.pk))


def resolve_unit(text: str, region: Region, on_date: date | None = None) -> UnitMatch:
    """Which department ``text`` means in a document of ``region`` dated ``on_date`` (default: today).

    Short names, prefixes (区/市/县/省), aliases, renames and mergers, slips of wording, group units. For many wordings
    of one document use one :class:`Directory`.
    """
    return Directory(region, on_date).resolve(text)
