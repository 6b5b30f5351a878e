"""The rows of a workbook judged as saving them one by one would: the same in the preview and when they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets.registry import Candidate, Problem
from ecocloud.kernel.evidence.guards import OUTSIDE, OUTSIDE_REMEDY, inside
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import places, rules, values, workbooks
from ecocloud.kernel.registers.definition import GeometryRule
from ecocloud.kernel.registers.errors import Duplicate, ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.services import guards, writing
from ecocloud.kernel.registers.services.claims import Claim, Claims, digests

_POINT = GeometryRule(kind="point")


@dataclass
class Judged:
    """A workbook row as it would be written, and what is wrong with it."""

    number: int
    given: Mapping[str, Any]
    old: Mapping[str, Any] | None
    typed: dict[str, Any]
    name: str = ""
    code: str = ""
    place: places.Place | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def region(self) -> str:
        """The division the object would lie in."""
        return str(self.given.get("region") or (self.old or {}).get("region") or "")


class RowJudge:
    """Judges rows some hundred at a time; what is asked of the database is remembered, and what earlier rows want that
    only one may have."""

    def __init__(self, user: Any, register: Register) -> None:
        permissions.require(user, guards.EDIT)
        self.register, self._seen = register, scope.reach(user, guards.EDIT)
        self.today = timezone.localdate()
        self.may_take_over = permissions.allowed(user, guards.TAKE_OVER)
        self.columns = frozenset(workbooks.spec(register).by_key)
        self.shaped = register.definition.geometry.kind not in ("none", "point")
        self.closed = guards.Closed(register)
        self.claims = Claims(register, user)
        self.regions: dict[str, Region | None] = {}
        self.units: dict[str, Department | None] = {}
        self._reached: dict[tuple, str] = {}
        self._more: dict[str, dict[str, Any]] = {}
        self._shapes: dict[str, places.Place | None] = {}

    def __call__(self, rows: Sequence[Candidate]) -> list[list[Problem]]:
        """What is wrong with each row beside its cells: rules over fields, code, state, place, reach, closed years,
        what another object or an earlier row has already."""
        codes = [row.old["code"] for row in rows if row.old]
        if codes and (self.shaped or writing.reads_beside(self.register)):
            self.know(list(RegisterObject.objects.filter(type=self.register.pk, code__in=codes)))
        looked = [self.look(*row) for row in rows]
        for one in looked:
            self.years(one, self.closed)
        wanted = [self._claim(one) for one in looked]
        found = self.claims.check(wanted, lambda at: f"第 {rows[at].number} 行", lambda at: not looked[at].problems)
        for one, faults in zip(looked, found, strict=True):
            one.problems += [problem_of(fault) for fault in faults]
        return [one.problems for one in looked]

    def know(self, rows: Sequence[RegisterObject]) -> None:
        """Learn what rules read beside the fields of these objects, and their shapes."""
        more = writing.environment(self.register, rows)
        rule = GeometryRule(kind=self.register.definition.geometry.kind)
        self._more = {row.code: more.get(row.pk, {}) for row in rows}
        if self.shaped:
            self._shapes = {row.code: places.read(row.place and bytes(row.place), rule) for row in rows}

    def look(self, number: int, row: Mapping[str, Any], old: Mapping[str, Any] | None) -> Judged:
        """A row read, completed and judged by itself; ``old``: the object it changes, as a workbook row."""
        definition, merged = self.register.definition, row if old is None else {**old, **row}
        before = workbooks.given_of(self.register, old or {})
        typed, faults = values.clean(definition, workbooks.given_of(self.register, merged), before)
        one = Judged(number, row, old, values.completed(definition, typed, self.today))
        self._header(one, merged)
        self._place(one, merged)
        more = self._more.get(old["code"], {}) if old else {}
        seen = {**more, **one.typed, "name": one.name, "code": old["code"] if old else one.code, "region": one.region,
                "state": merged.get("state") or definition.first_state, "has_place": one.place is not None,
                "year": rules.year_of(definition, one.typed)}  # fmt: skip
        if self.shaped:
            seen["area"] = one.place.area if one.place else None
        faults += values.judge(definition, seen, self.today)
        one.problems += [problem_of(fault) for fault in faults]
        return one

    def _header(self, one: Judged, merged: Mapping[str, Any]) -> None:
        row, old, problems = one.given, one.old, one.problems
        if not self.columns.issuperset(row):
            problems.append(Problem("name", merged.get("name"), "名录的定义在预览后已改变。", "请重新上传。"))
        for name, check in (("name", writing.checked_name), ("code", writing.checked_code)):
            try:
                setattr(one, name, check(merged.get(name) or ""))
            except ValuesRefused as refused:
                problems += [problem_of(fault) for fault in refused.faults]
        state = row.get("state")
        if old is not None and state and state != old["state"]:
            problems.append(Problem("state", state, "状态不能用导入改变。", "请在系统中办理流转，或删去本列。"))
        if old is None and state and state != self.register.definition.first_state and not self.may_take_over:
            problems.append(Problem("state", state, "您不能直接登记此状态。",
                                    "请留空，或由有“导入既有台账”权限的人员导入。"))  # fmt: skip
        if old is not None and row.get("code") and one.code != old["code"]:
            problems.append(Problem("code", row["code"], f"与已有对象 {old['code']} 的编码不同。", "编码不能改变。"))
        for region, department in self._pairs(one, merged):
            refusal = self._reach(region, department)
            if refusal:
                problems.append(Problem("region", region, refusal, OUTSIDE_REMEDY))
                break

    @staticmethod
    def _pairs(one: Judged, merged: Mapping[str, Any]) -> list[tuple[str, str | None]]:
        """Where the object would lie, and where it lies now."""
        now = (one.region, merged.get("department"))
        was = now if one.old is None else (one.old["region"], one.old.get("department"))
        return [now] if now == was else [now, was]

    def _reach(self, code: str, department: str | None) -> str:
        if (code, department) not in self._reached:
            region, unit = self.region(code), self.unit(department)
            if region is None or (department and unit is None):
                refusal = "区划或责任单位已不存在。"
            else:
                refusal = "" if inside(self._seen, region, unit) else OUTSIDE
            self._reached[code, department] = refusal
        return self._reached[code, department]

    def region(self, code: str) -> Region | None:
        """The division with this code."""
        if code not in self.regions:
            self.regions[code] = Region.objects.filter(pk=code).first()
        return self.regions[code]

    def unit(self, code: str | None) -> Department | None:
        """The department with this code; None without one."""
        if code and code not in self.units:
            self.units[code] = Department.objects.select_related("region").filter(code=code).first()
        return self.units[code] if code else None

    def _place(self, one: Judged, merged: Mapping[str, Any]) -> None:
        rule, old = self.register.definition.geometry, one.old
        if rule.kind == "none":
            return
        given = workbooks.place_of(rule, merged)
        if old is not None and given == workbooks.place_of(rule, old):  # what is there stays as it is
            one.place = self._shapes.get(old["code"]) if self.shaped else places.read(given, _POINT)
            return
        where = "lon" if isinstance(given, list) or not self.shaped else "geometry"
        try:
            if isinstance(given, list) and None in given:
                raise ValueFault("lon", "经度和纬度须同时填写。", "half a place", remedy_zh="请补上另一个，或都留空。")
            one.place = writing.located(given, self.register, self.region(one.region))
        except EcoError as error:
            one.problems.append(Problem(where, merged.get(where), error.message_zh, error.remedy_zh))

    def years(self, one: Judged, closed: guards.Closed) -> None:
        """Add what a closed year has against the row."""
        for code, year in self.touched(one) if closed.locks else ():
            refused = closed.refusal(code, self.today, year)
            if refused is not None:
                at = self.register.definition.year or "region"
                shown = one.given.get(at, one.typed.get(at))
                one.problems.append(Problem(at, shown, refused.message_zh, refused.remedy_zh))
                return

    def touched(self, one: Judged) -> set[tuple[str, int | None]]:
        """Division and year of the object as it would be and as it is."""
        year = rules.year_of(self.register.definition, one.typed)
        if one.old is None:
            return {(one.region, year)}
        was = rules.year_of(self.register.definition, dict(one.old))
        return {(code, each) for code in (one.region, one.old["region"]) for each in (year, was)}

    def _claim(self, one: Judged) -> Claim:
        definition, old = self.register.definition, one.old
        state = one.given.get("state") or definition.first_state
        if old is None:
            return Claim(one.name, one.code, digests(self.register, state, one.name, one.typed), one.region)
        if not definition.unique:
            return Claim(one.name, "", {}, own=old["code"])
        was = values.clean(definition, workbooks.given_of(self.register, old))[0]
        before = digests(self.register, old["state"], old["name"], values.completed(definition, was, self.today))
        now = digests(self.register, old["state"], one.name, one.typed)
        return Claim(one.name, "", {key: each for key, each in now.items() if each != before.get(key)}, own=old["code"])


def problem_of(fault: Duplicate | ValueFault) -> Problem:
    """A fault of a service as one of a workbook row."""
    return Problem(fault.field, fault.value, fault.message_zh, fault.remedy_zh)
