"""What the page of one object shows: sections of the definition, place, steps, inspections, files, history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from shapely import from_wkb

from ecocloud.base.errors import EcoError
from ecocloud.base.geo import boundaries
from ecocloud.base.pages.figures import group_digits
from ecocloud.base.pages.maps import Locator, Mark, close_up, locator
from ecocloud.kernel.regions import codes, permissions
from ecocloud.kernel.registers import lifecycle, panels, queries, related, services, showing, values
from ecocloud.kernel.registers.definition import FieldSpec
from ecocloud.kernel.registers.models import Attachment, ObjectInspection, ObjectVersion, RegisterObject
from ecocloud.kernel.registers.register import Register, register_of
from ecocloud.kernel.registers.services import guards

_MOST_VERSIONS = 60
_MOST_STEPS = 8
_MOST_FIGURES = 4
_SPECK = 60  # units of a drawing 640 wide; a shape smaller than this is a dot on the map of its city


@dataclass(frozen=True)
class Line:
    """One field of a section: its name, words, unit, the reference it holds, whether it takes the whole width."""

    label: str
    text: str
    unit: str = ""
    ref: str = ""
    computed: bool = False
    long: bool = False
    files: tuple[Attachment, ...] = ()
    is_file: bool = False


@dataclass(frozen=True)
class Section:
    """A section of the definition with its fields."""

    title: str
    lines: tuple[Line, ...]

    @property
    def filled(self) -> list[Line]:
        """The fields with a value."""
        return [one for one in self.lines if one.text or one.ref or one.files]

    @property
    def empty(self) -> list[str]:
        """Names of the fields without one."""
        return [one.label for one in self.lines if not (one.text or one.ref or one.files)]


@dataclass(frozen=True)
class Figure:
    """A key figure of an object: its name, value in words, unit, and a note."""

    label: str
    text: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Step:
    """A step as a button; ``blocked`` says why its guard refuses it now."""

    action: str
    label: str
    target: str
    opinion: bool
    blocked: str = ""

    @property
    def dialog(self) -> str:
        """Id of its dialog."""
        return f"step-{self.action}"


def context(viewer: Any, pk: int, on: date | None = None) -> dict[str, Any]:
    """Everything the page needs; ``on``: the object as it was on that day. Raises NoSuchThing outside the reach."""
    row = queries.visible_object(viewer, pk)
    register = register_of(row.type)
    versions = list(
        queries.visible_versions(viewer, row.pk).select_related("by", "region", "department").order_by("-number")
        [:_MOST_VERSIONS]
    )  # fmt: skip
    shown: RegisterObject | ObjectVersion = row
    missing = False
    if on is not None:
        past = next((one for one in versions if one.valid_from <= on and (not one.valid_to or one.valid_to > on)), None)
        shown, missing = (past, False) if past is not None else (row, True)
    typed = register.values(shown)
    definition = register.definition
    attachments = list(
        Attachment.objects.filter(object=row.pk, removed_at__isnull=True).select_related("file", "by", "inspection")
    )
    names = showing.Names.of(definition.fields, [typed, *(register.values(one) for one in versions)], viewer)
    found = {
        "row": row, "shown": shown, "register": register, "definition": definition,
        "type_name": showing.pick(definition), "light": showing.light(definition.state_by_code[shown.state]),
        "sections": sections(register, shown, typed, names, attachments), "on": on, "missing": missing,
        "place": place_of(row, shown), "inspections": inspections(register, row, attachments),
        "entries": entries(register, versions, names), "steps_row": steps_row(register, shown, versions),
        "attachments": len(attachments), "expiry": expiry(register, row, typed) if on is None else None,
        "figures": figures(register, typed),
        "related": related.referring(viewer, row) if on is None else [],
        "held": held(register, attachments),
        "today": timezone.localdate(), "panels": panels.panels(panels.OBJECT, viewer, row) if on is None else [],
    }  # fmt: skip
    return found | rights(viewer, register, row, past=on is not None)


def held(register: Register, attachments: list[Attachment]) -> list[tuple[Attachment, str]]:
    """Every file and photograph with where it belongs in words: a field, or an inspection."""
    known = register.definition.by_code
    found = []
    for one in attachments:
        rule = register.definition.inspection(one.inspection.kind) if one.inspection_id else None
        where = showing.pick(rule) if rule else showing.pick(known[one.field]) if one.field in known else one.field
        found.append((one, where))
    return found


def rights(viewer: Any, register: Register, row: RegisterObject, *, past: bool) -> dict[str, Any]:
    """What the person may do with the object now: nothing with a past or retired one."""
    may = permissions.rights(viewer).permissions
    if past or row.state == "retired" or not _reaches(viewer, row):
        return {"may_edit": False, "steps": [], "blocked": [], "may_retire": False, "checks": [], "file_fields": []}
    steps = [
        Step(one.action, showing.pick(one), showing.pick(register.definition.state_by_code[one.to]), one.opinion,
             showing.refusal(one) if refused is not None else "")
        for one, refused in services.possible(viewer, register, row)
    ]  # fmt: skip
    return {
        "may_edit": True,
        "steps": [one for one in steps if not one.blocked],
        "blocked": [one for one in steps if one.blocked],
        "may_retire": guards.RETIRE in may,
        "retire_fields": {"version": row.version},
        "checks": [(one, showing.pick(one), [(item, showing.pick(item)) for item in one.items])
                   for one in register.definition.inspections],
        "file_fields": [(one.code, showing.pick(one)) for one in register.definition.fields
                        if one.kind == "file" and not one.deprecated],
    }  # fmt: skip


def _reaches(viewer: Any, row: RegisterObject) -> bool:
    try:
        guards.within_reach(viewer, guards.EDIT, row.region, row.department)
    except EcoError:
        return False
    return True


def sections(
    register: Register, row: RegisterObject | ObjectVersion, typed: dict[str, Any], names: showing.Names,
    attachments: list[Attachment],
) -> list[Section]:  # fmt: skip
    """The sections in the order of the definition; fields hidden by their condition are left out."""
    definition = register.definition
    files: dict[str, list[Attachment]] = defaultdict(list)
    for one in attachments:
        if one.field:
            files[one.field].append(one)
    seen = {**typed, **{code: len(found) for code, found in files.items()}, "state": row.state, "name": row.name,
            "region": row.region_id, "has_place": row.place is not None, "year": row.year}  # fmt: skip
    shown = values.visible(definition, seen, timezone.localdate())
    by_section: dict[str, list[Line]] = defaultdict(list)
    for field in definition.fields:
        if field.code in shown or typed.get(field.code) is not None:
            by_section[field.section].append(_line(register, field, typed.get(field.code), names, files))
    found = [Section(showing.pick(one), tuple(by_section.pop(one.code))) for one in definition.sections
             if by_section.get(one.code)]  # fmt: skip
    rest = tuple(line for lines in by_section.values() for line in lines)
    return [*found, Section(_("其他"), rest)] if rest else found


def figures(register: Register, typed: dict[str, Any]) -> list[Figure]:
    """The key figures of an object: numbers that its register adds up or filters by, the totalled ones first.

    None when there are fewer than two: a single number stands well enough in its section.
    """
    definition = register.definition
    fields = [one for one in definition.fields
              if one.kind in ("number", "integer", "money") and one.code in register.slots
              and typed.get(one.code) is not None]  # fmt: skip
    fields.sort(key=lambda one: (not one.total, one.code not in definition.columns))
    found = [Figure(showing.pick(one), showing.words(register, one, typed[one.code], showing.Names()), one.unit,
                    _("由其他字段算出") if one.computed else "")
             for one in fields[:_MOST_FIGURES]]  # fmt: skip
    return found if len(found) > 1 else []


def _line(
    register: Register, field: FieldSpec, value: Any, names: showing.Names, files: dict[str, list[Attachment]]
) -> Line:
    return Line(
        showing.pick(field), showing.words(register, field, value, names), field.unit if value is not None else "",
        str(value) if field.kind in showing.LINKS and value else "", bool(field.computed),
        field.kind == "long" or field.width == "full", tuple(files.get(field.code, ())), field.kind == "file",
    )  # fmt: skip


def steps_row(
    register: Register, row: RegisterObject | ObjectVersion, versions: Sequence[ObjectVersion]
) -> list[dict[str, str]]:
    """The way of an object as a row of steps: its main path and the side states it has been in.

    versions: its history, newest first; what came after ``row`` does not count. None for a retired object, for a single
    step and for a row too long to be read.
    """
    if row.state == "retired":
        return []
    last = row.number if isinstance(row, ObjectVersion) else row.version
    before, after = lifecycle.steps_of(
        register.definition, row.state, {one.state for one in versions if one.number <= last}
    )
    states = register.definition.state_by_code
    shown = [*((code, "done") for code in before), (row.state, "now"), *((code, "") for code in after)]
    if not 2 <= len(shown) <= _MOST_STEPS:
        return []
    return [{"label": showing.pick(states[code]), "mark": mark} for code, mark in shown]


@dataclass(frozen=True)
class Lies:
    """Where an object lies: words of its coordinates, a map where there are boundaries, its form where the map shows
    no more than a speck."""

    words: str
    map: Locator | None
    form: Locator | None = None


def place_of(row: RegisterObject, shown: RegisterObject | ObjectVersion) -> Lies | None:
    """The place of an object, drawn on its city: a dot, a line or an area."""
    if shown.place is None:
        return None
    geometry = from_wkb(bytes(shown.place))
    point = geometry.representative_point()
    words = _("东经 %(lon)s°，北纬 %(lat)s°") % {"lon": f"{point.x:.5f}", "lat": f"{point.y:.5f}"}
    city, county = codes.normalise(shown.region_id[:4]), codes.normalise(shown.region_id[:6])
    near = any(_holds(one.geometry, point) for one in boundaries("county", parent=city))
    outlines = [] if geometry.geom_type == "Point" else [geometry]
    drawn = locator(city, [Mark(point.x, point.y, f"{row.code} {shown.name}")], title=_("所在位置"), current=county,
                    outlines=outlines) if near else None  # fmt: skip
    if drawn is not None and outlines and drawn.drawing.outlines[0].extent >= _SPECK:
        return Lies(words, replace(drawn, marks=()))
    return Lies(words, drawn, close_up(geometry, title=_("形状")) if outlines else None)


def _holds(geometry: Any, point: Any) -> bool:
    west, south, east, north = geometry.bounds
    return west <= point.x <= east and south <= point.y <= north


def inspections(register: Register, row: RegisterObject, attachments: list[Attachment]) -> list[dict[str, Any]]:
    """The filled check lists, newest first, with their items in words and their photographs."""
    photos: dict[int, list[Attachment]] = defaultdict(list)
    for one in attachments:
        if one.inspection_id:
            photos[one.inspection_id].append(one)
    found = []
    for one in ObjectInspection.objects.filter(object=row.pk).select_related("by"):
        rule = register.definition.inspection(one.kind)
        items = [(showing.pick(item), _item_words(one.results[item.code]), item.unit, one.results[item.code] is False)
                 for item in (rule.items if rule else ()) if item.code in one.results]  # fmt: skip
        found.append({"row": one, "title": showing.pick(rule) if rule else one.kind, "items": items,
                      "photos": photos.get(one.pk, [])})  # fmt: skip
    return found


def _item_words(value: Any) -> str:
    if isinstance(value, bool):
        return _("合格") if value else _("不合格")
    return str(value)


def entries(register: Register, versions: list[ObjectVersion], names: showing.Names) -> list[dict[str, Any]]:
    """The history, newest first: what was done, by whom, from which day, and what changed from the version before."""
    found = []
    for number, one in enumerate(versions):
        before = versions[number + 1] if number + 1 < len(versions) else None
        found.append({
            "title": showing.action_word(register, one.action), "who": one.by.name if one.by_id else _("系统"),
            "at": one.at, "from": one.valid_from, "note": one.note, "number": one.number,
            "light": showing.light(register.definition.state_by_code[one.state]),
            "changes": showing.changes(register, before, one, names) if before is not None else [],
        })  # fmt: skip
    return found


def expiry(register: Register, row: RegisterObject, typed: dict[str, Any]) -> showing.Light | None:
    """The light of an object that must be renewed: amber within the reminder, red when overdue; None otherwise."""
    rule = register.definition.expiry
    until = typed.get(rule.field) if rule else None
    if until is None or register.definition.state_by_code[row.state].code == "retired":
        return None
    days = (until - timezone.localdate()).days
    name = showing.pick(register.definition.by_code[rule.field])
    if days < 0:
        return showing.Light("red", _("%(name)s已过 %(days)s 天") % {"name": name, "days": group_digits(-days)})
    if days <= rule.remind_days:
        return showing.Light("yellow", _("%(name)s还有 %(days)s 天") % {"name": name, "days": days})
    return None
