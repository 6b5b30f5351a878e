"""The form of an object, made from the definition: controls in sections, what was typed, faults beside their fields.

Reading only: what is right is judged by ``values`` and the services. A form works without a script; with one, faults
and computed values are brought up to date while it is filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from shapely import from_wkb

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.geo import GeoError
from ecocloud.base.pages.inputs import whole_number
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import pickers, queries, rules, showing, values, workbooks
from ecocloud.kernel.registers.definition import NUMERIC, FieldSpec
from ecocloud.kernel.registers.errors import Duplicate, ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import Register

_CONTROLS = {"long": "area", "date": "date", "bool": "select", "choice": "select", "multichoice": "boxes",
             "region": "region", "department": "department", "object": "object", "document": "document",
             "item": "item"}  # fmt: skip
_MOST_RADIOS = 5
_POINT = ("lon", "lat")


@dataclass
class Control:
    """One control: its name and kind (text, number, area, date, select, radio, boxes, region, department, output)."""

    name: str
    label: str
    kind: str
    value: Any = ""
    unit: str = ""
    help: str = ""
    required: bool = False
    wide: bool = False
    hidden: bool = False
    conditional: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    most: int = 300
    error: str = ""

    @property
    def id(self) -> str:
        """Id of the control."""
        return f"id-{self.name}"

    @property
    def list_id(self) -> str:
        """Id of what it offers: one list of the page for divisions and one for units, one of its own for the others."""
        return {"region": "region-names", "department": "unit-names"}.get(self.kind, f"list-{self.name}")

    @property
    def own_list(self) -> bool:
        """Whether its list stands beside it."""
        return self.kind in ("object", "document", "item")

    @property
    def picks(self) -> str:
        """What to type into a box that offers what it points at; '' for every other control."""
        return {
            "region": _("输入名称或代码，从提示中选。"), "department": _("输入单位名称，从提示中选。"),
            "object": _("输入编码或名称，从提示中选。"), "document": _("输入文件名称中的字，从提示中选。"),
            "item": _("输入任务名称中的字，从提示中选。"),
        }.get(self.kind, "")  # fmt: skip


@dataclass
class ObjectForm:
    """What a person typed for an object (or what it is), and what is wrong with it."""

    register: Register
    given: dict[str, Any]
    row: RegisterObject | None = None
    faults: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)

    # -- reading -----------------------------------------------------------------------------------------------------

    @classmethod
    def of_post(cls, register: Register, post: QueryDict, row: RegisterObject | None = None) -> ObjectForm:
        """The form as it was sent."""
        own = ("name", "code", "region", "department", "on", "note", "geometry", *_POINT)
        given: dict[str, Any] = {name: post.get(name, "").strip() for name in own}
        for one in filled(register):
            name = f"v_{one.code}"
            given[name] = post.getlist(name) if one.kind == "multichoice" else post.get(name, "").strip()
        return cls(register, given, row)

    @classmethod
    def of_row(
        cls, register: Register, row: RegisterObject | None, own: Region | None = None,
        asked: Mapping[str, str] | None = None, viewer: Any = None,
    ) -> ObjectForm:  # fmt: skip
        """The form of an object as it is; for a new one empty but for the division ``own`` of the person and what the
        address asks for (``asked``, by names of controls)."""
        given: dict[str, Any] = {"region": own.name} if row is None and own is not None else {}
        for one in filled(register) if row is None and asked else ():
            text = asked.get(f"v_{one.code}", "").strip()
            if text and one.kind != "multichoice":
                given[f"v_{one.code}"] = text
        if row is not None:
            given |= {"name": row.name, "code": row.code, "region": row.region.name,
                      "department": row.department.name if row.department_id else ""}  # fmt: skip
            for code, value in register.values(row).items():
                given[f"v_{code}"] = _as_typed(value)
            if row.place is not None:
                shape = from_wkb(bytes(row.place))
                point = register.definition.geometry.kind == "point"
                given |= {"lon": f"{shape.x:.6f}", "lat": f"{shape.y:.6f}"} if point else {"geometry": shape.wkt}
            units = [one for one in register.definition.fields if one.kind in ("region", "department")]
            names = showing.Names.of(units, [register.values(row)], None)
            for one in filled(register):
                known = names.regions if one.kind == "region" else names.departments
                if one.kind in ("region", "department") and given.get(f"v_{one.code}"):
                    given[f"v_{one.code}"] = known.get(given[f"v_{one.code}"], given[f"v_{one.code}"])
        _show_objects(register, given, viewer)
        return cls(register, given, row)

    # -- what the services take ----------------------------------------------------------------------------------------

    def header(self, own: Region | None) -> dict[str, Any]:
        """Name, division and department; faults for names that cannot be found. ``own``: preferred among namesakes."""
        region = self._division("region", self.given.get("region", ""), own)
        department = self._unit("department", self.given.get("department", ""))
        if not self.given.get("name"):
            self.fault("name", _("没有填写。"))
        if region is None and "region" not in self.faults:
            self.fault("region", _("没有填写。"))
        return {"name": self.given.get("name", ""), "region": region, "department": department}

    def values(self, own: Region | None) -> dict[str, Any]:
        """The given values by field code, with names of divisions and departments turned into codes."""
        found: dict[str, Any] = {}
        for one in filled(self.register):
            raw = self.given.get(f"v_{one.code}", "")
            if one.kind == "region" and raw:
                place = self._division(f"v_{one.code}", raw, own)
                raw = place.pk if place else ""
            elif one.kind == "department" and raw:
                unit = self._unit(f"v_{one.code}", raw)
                raw = unit.code if unit else ""
            elif one.kind == "object" and raw:
                raw = self._object(f"v_{one.code}", one.target, raw)
            found[one.code] = raw
        return found

    def geometry(self) -> Any:
        """Where the object lies, as the services take it."""
        kind = self.register.definition.geometry.kind
        if kind == "point":
            pair = [self.given.get(name, "") for name in _POINT]
            return None if pair == ["", ""] else pair
        return None if kind == "none" else self.given.get("geometry", "")

    def on(self) -> date | None:
        """The day from which the change is in force; None for today."""
        text = self.given.get("on", "")
        try:
            return typed.day(text) if text else None
        except typed.BadInput:
            self.fault("on", _("“%(text)s”不是日期。") % {"text": text})
            return None

    def _division(self, name: str, text: str, own: Region | None) -> Region | None:
        found = Region.objects.in_bulk([one.code for one in workbooks.regions(text)]) if text else {}
        rows = list(found.values())
        if len(rows) > 1 and own is not None:
            rows = [one for one in rows if own.contains(one.pk)] or rows
        if text and len(rows) != 1:
            self.fault(name, _("没有“%(text)s”这个区划，请从提示的名称中选择。") % {"text": text} if not rows else
                       _("“%(text)s”有几处，请填区划代码：%(codes)s。") % {
                           "text": text, "codes": "、".join(one.pk for one in rows)})  # fmt: skip
            return None
        return rows[0] if rows else None

    def _unit(self, name: str, text: str) -> Department | None:
        found = workbooks.departments(text) if text else []
        if text and len(found) != 1:
            self.fault(name, _("没有“%(text)s”这个单位，请从提示的名称中选择。") % {"text": text})
            return None
        return Department.objects.get(code=found[0].code) if found else None

    def _object(self, name: str, target: str, text: str) -> str:
        """The reference of the object a box names by reference, code, name, or code and name."""
        found = workbooks.objects_of(target, text) or workbooks.objects_of(target, text.partition(" ")[0])
        if len(found) != 1:
            self.fault(name, _("没有“%(text)s”这个对象，请从提示中选择。") % {"text": text} if not found else
                       _("“%(text)s”有几个，请填编码。") % {"text": text})  # fmt: skip
            return ""
        return found[0].code

    # -- faults ------------------------------------------------------------------------------------------------------

    def fault(self, name: str, sentence: str) -> None:
        """Remember what is wrong with a control."""
        self.faults.setdefault(name, sentence)

    def refused(self, error: EcoError) -> None:
        """Put a refusal beside its fields; what belongs to none goes to the head of the form."""
        if isinstance(error, ValuesRefused):
            for one in error.faults:
                self._beside(one)
        elif isinstance(error, Duplicate) and error.field:
            self.fault(error.field if error.field in ("name", "code") else f"v_{error.field}", sentence(error))
        elif isinstance(error, GeoError):
            self.fault("geometry", sentence(error))
        else:
            self.general.append(sentence(error))

    def _beside(self, fault: ValueFault) -> None:
        if fault.field in self.register.definition.by_code:
            self.fault(f"v_{fault.field}", sentence(fault))
        elif fault.field in ("name", "code", "on"):
            self.fault(fault.field, sentence(fault))
        else:
            self.general.append(sentence(fault))

    def check(self, *, saving: bool = False) -> int:
        """Judge what has been typed; until the person saves, missing fields are only counted. Returns how many."""
        typed, faults = self.typed()
        for one in faults:
            self._beside(one)
        if faults:
            return 0
        missing = 0
        for one in values.judge(self.register.definition, self._environment(typed), timezone.localdate()):
            if not saving and typed.get(one.field) is None and one.message_en == "required":
                missing += 1
            else:
                self._beside(one)
        return missing

    def typed(self) -> tuple[dict[str, Any], list[ValueFault]]:
        """The typed values of what was given, with computed ones, and the faults."""
        plain = {one.code: self.given.get(f"v_{one.code}", "") for one in filled(self.register)
                 if one.kind not in ("region", "department", *showing.LINKS)}  # fmt: skip
        before = self.register.values(self.row) if self.row is not None else None
        found, faults = values.clean(self.register.definition, plain, before)
        return values.completed(self.register.definition, found, timezone.localdate()), faults

    def _environment(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        state = self.row.state if self.row is not None else self.register.definition.first_state
        return {**typed, "name": self.given.get("name", ""), "state": state, "has_place": self.geometry() is not None,
                "year": rules.year_of(self.register.definition, typed)}  # fmt: skip

    # -- showing -----------------------------------------------------------------------------------------------------

    def sections(self) -> list[tuple[str, list[Control]]]:
        """The controls in the sections of the definition."""
        definition = self.register.definition
        typed, _faults = self.typed()
        shown = values.visible(definition, self._environment(typed), timezone.localdate())
        by_section: dict[str, list[Control]] = {}
        for one in definition.fields:
            if one.deprecated or one.kind == "file":
                continue
            control = self._control(one, typed)
            control.hidden = one.code not in shown
            by_section.setdefault(one.section, []).append(control)
        found = [(showing.pick(one), by_section.pop(one.code)) for one in definition.sections
                 if one.code in by_section]  # fmt: skip
        rest = [control for controls in by_section.values() for control in controls]
        return [*found, (_("其他"), rest)] if rest else found

    def _control(self, one: FieldSpec, typed: Mapping[str, Any]) -> Control:
        name = f"v_{one.code}"
        kind = "number" if one.kind in NUMERIC else _CONTROLS.get(one.kind, "text")
        value = self.given.get(name, [] if kind == "boxes" else "")
        choices: tuple[tuple[str, str], ...] = ()
        if one.computed:
            kind, value = "output", showing.words(self.register, one, typed.get(one.code), showing.Names())
        elif one.kind == "bool":
            choices = (("true", _("是")), ("false", _("否")))
        elif one.dictionary:
            held = set(value) if isinstance(value, list) else {value}
            choices = tuple((code, showing.pick(entry)) for code, entry in
                            self.register.definition.entries_of(one).items()
                            if not entry.deprecated or code in held)  # fmt: skip
        if kind == "select" and one.required and len(choices) <= _MOST_RADIOS:
            kind = "radio"
        return Control(
            name, showing.pick(one), kind, value, one.unit, showing.help_of(one), one.required,
            one.width == "full" or kind in ("area", "boxes"), conditional=bool(one.visible_when), choices=choices,
            most=one.longest, error=self.faults.get(name, ""),
        )  # fmt: skip

    def top(self) -> list[Control]:
        """The controls every object has."""

        def make(name: str, label: str, kind: str = "text", **more: Any) -> Control:
            return Control(name, label, kind, self.given.get(name, ""), error=self.faults.get(name, ""), **more)

        words = showing.header_words()
        found = [make("name", words["name"], required=True, most=120)]
        if self.row is None:
            found.append(make("code", words["code"], most=40, help=_("不填由系统编号。")))
        found += [make("region", words["region"], "region", required=True),
                  make("department", words["department"], "department")]  # fmt: skip
        return found

    def place(self) -> list[Control]:
        """The controls of the place."""
        rule = self.register.definition.geometry
        if rule.kind == "none":
            return []
        error = self.faults.get("geometry", "")
        if rule.kind != "point":
            text = _("粘贴 GeoJSON、WKT，或逐点填写“经度 纬度; 经度 纬度; …”，坐标为 CGCS2000 经纬度。")
            return [Control("geometry", _("位置"), "area", self.given.get("geometry", ""), help=text,
                            required=rule.required, wide=True, most=200_000, error=error)]  # fmt: skip
        return [
            Control("lon", _("经度"), "number", self.given.get("lon", ""), "°", _("如 115.20340，CGCS2000。"),
                    rule.required, error=error),
            Control("lat", _("纬度"), "number", self.given.get("lat", ""), "°", required=rule.required),
        ]  # fmt: skip

    def last(self) -> list[Control]:
        """From which day the change holds and why."""
        return [
            Control("on", _("生效日期"), "date", self.given.get("on", ""), help=_("不填为今天。"),
                    error=self.faults.get("on", "")),
            Control("note", _("说明"), "text", self.given.get("note", ""),
                    help=_("为什么改、依据什么，记入变更记录。")),
        ]  # fmt: skip


def _show_objects(register: Register, given: dict[str, Any], viewer: Any) -> None:
    """References to objects within the reach of ``viewer`` as code and name (one query when there are any)."""
    names = [f"v_{one.code}" for one in filled(register) if one.kind == "object"]
    keys = {name: whole_number(str(given.get(name, "")).removeprefix("obj:")) for name in names}
    wanted = [key for key in keys.values() if key]
    known = queries.reachable(viewer).in_bulk(wanted) if wanted and viewer is not None else {}
    for name, key in keys.items():
        if key in known:
            given[name] = pickers.shown(known[key].code, known[key].name)


def filled(register: Register) -> Iterable[FieldSpec]:
    """The fields a person fills in on the form."""
    return (one for one in register.definition.fields
            if one.kind != "file" and not one.computed and not one.deprecated)  # fmt: skip


def sentence(error: EcoError) -> str:
    """What is wrong and how it would be right, in the language of the page."""
    if (get_language() or "").startswith("en"):
        return error.message_en[:1].upper() + error.message_en[1:]
    return f"{error.message_zh}{error.remedy_zh or ''}"


def _as_typed(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return list(value) if isinstance(value, tuple) else str(value)
