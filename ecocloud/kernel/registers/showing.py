"""How objects look on pages and in exported lists: words of values, states as lights, names of what fields point at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ecocloud.base.pages.figures import group_digits
from ecocloud.base.pages.speaking import joined, pick_words, with_unit
from ecocloud.base.pages.templatetags.pages import light as draw_light
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import queries
from ecocloud.kernel.registers.definition import NUMERIC, FieldSpec, State
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject
from ecocloud.kernel.registers.register import Register

_LEVELS = {"good": "green", "warn": "yellow", "bad": "red"}
MOST_COLUMNS = 10
LINKS = frozenset({"object", "document", "item"})


def pick(part: Any) -> str:
    """The Chinese or English name of a part of a definition, by the language of the page."""
    return pick_words(part.zh, part.en)


def help_of(part: Any) -> str:
    """What a register or a field is for, by the language of the page."""
    return pick_words(part.help, part.help_en)


def summary_of(part: Any) -> str:
    """What a pack is for, by the language of the page."""
    return pick_words(part.summary, part.summary_en)


def refusal(part: Any) -> str:
    """The sentence with which a step or a rule refuses, by the language of the page."""
    return pick_words(part.refusal_zh, part.refusal_en)


def label(field_: FieldSpec) -> str:
    """A field's name with its unit."""
    return with_unit(pick(field_), field_.unit)


@dataclass(frozen=True)
class Light:
    """A state as a light: level of the page furniture and word."""

    level: str
    word: str


def light(state: State) -> Light:
    """A state as a light; the end of the way is a diamond, plain progress a circle."""
    level = "done" if state.final and state.tone != "bad" else _LEVELS.get(state.tone, "none")
    return Light(level, pick(state))


def action_word(register: Register, action: str) -> str:
    """What was done to an object, in words."""
    step = next((one for one in register.definition.transitions if one.action == action), None)
    if step is not None:
        return pick(step)
    own = {"create": _("登记"), "edit": _("修改"), "import": _("导入"), "retire": _("注销"), "move": _("区划调整"),
           "bulk": _("批量修改")}  # fmt: skip
    return own.get(action, action)


@dataclass(frozen=True)
class Names:
    """Names of the divisions, departments and objects that fields point at, by code and reference."""

    regions: Mapping[str, str] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, fields: Iterable[FieldSpec], rows: Iterable[Mapping[str, Any]], viewer: Any) -> Names:
        """Names for the typed values ``rows`` of ``fields``: one query for each kind that occurs among the fields.

        Of objects only those that ``viewer`` may see; a reference to another stays a number.
        """
        kinds: dict[str, list[str]] = {}
        for one in fields:
            if one.kind in ("region", "department", "object"):
                kinds.setdefault(one.kind, []).append(one.code)
        rows = list(rows) if kinds else []
        wanted = {kind: {row[code] for row in rows for code in codes if row.get(code)} for kind, codes in kinds.items()}
        return cls(
            dict(Region.objects.filter(pk__in=wanted["region"]).values_list("pk", "name")) if "region" in kinds else {},
            dict(Department.objects.filter(code__in=wanted["department"]).order_by().values_list("code", "name"))
            if "department" in kinds else {},
            queries.names(viewer, pk__in={Ref.parse(one).key for one in wanted["object"]}) if "object" in kinds else {},
        )  # fmt: skip


def words(register: Register, field_: FieldSpec, value: Any, names: Names) -> str:
    """A typed value in words, without its unit; '' when there is none."""
    if value is None or value == ():
        return ""
    if field_.kind == "year":
        return str(value)
    if field_.kind in NUMERIC:
        return group_digits(value)
    if field_.kind in ("choice", "multichoice"):
        entries = register.definition.entries_of(field_)
        return joined(pick(entries[code]) for code in (value if isinstance(value, tuple) else (value,)))
    if field_.kind == "bool":
        return _("是") if value else _("否")
    if field_.kind == "region":
        return names.regions.get(value, value)
    if field_.kind == "department":
        return names.departments.get(value, value)
    if field_.kind == "object":
        return names.objects.get(value, value)
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True)
class Column:
    """A column of a list: code of a field or of a header column, its head, and the field."""

    code: str
    label: str
    field: FieldSpec | None = None

    @property
    def is_number(self) -> bool:
        """Whether its values stand at the right."""
        return self.field is not None and self.field.kind in NUMERIC

    @property
    def head(self) -> str:
        """The name with the unit."""
        return with_unit(self.label, self.unit)

    @property
    def unit(self) -> str:
        """The unit of its values."""
        return self.field.unit if self.field else ""


def header_words() -> dict[str, str]:
    """Names of the columns every object has."""
    return {"code": _("编码"), "name": _("名称"), "region": _("区划"), "department": _("责任单位"), "state": _("状态"),
            "year": _("年度")}  # fmt: skip


def columns(register: Register, chosen: Sequence[str] = ()) -> list[Column]:
    """The columns of the definition, in its order; or name, code and state with those ``chosen`` that there are."""
    own, known = header_words(), register.definition.by_code
    wanted = [code for code in dict.fromkeys(chosen) if code in offered_columns(register)]
    codes = ("code", "name", *wanted[:MOST_COLUMNS], "state") if wanted else register.definition.columns
    return [
        Column(code, own[code]) if code in own else Column(code, pick(known[code]), known[code])
        for code in codes
        if code in own or code in known
    ]


def offered_columns(register: Register) -> dict[str, str]:
    """What may be a column beside name, code and state: code -> name."""
    own = {code: word for code, word in header_words().items() if code in ("region", "department", "year")}
    fields = {one.code: label(one) for one in register.definition.fields if one.kind != "file" and not one.deprecated}
    return {code: fields.get(code, own.get(code, "")) for code in (*own, *fields)}


def header_value(row: RegisterObject | ObjectVersion, code: str) -> str:
    """A header column of an object in words, but not its state."""
    if code == "region":
        return row.region.name
    if code == "department":
        return row.department.label if row.department_id else ""
    value = getattr(row, code)
    return "" if value is None else str(value)


def changes(
    register: Register, before: ObjectVersion, after: ObjectVersion, names: Names, *, state: bool = False
) -> list[tuple[str, str, str]]:  # fmt: skip
    """What differs between two versions: name, old words, new words; ``state``: its state as well."""
    own = header_words()
    found = [
        (own[code], header_value(before, code), header_value(after, code))
        for code in ("name", "region", "department")
        if header_value(before, code) != header_value(after, code)
    ]
    if state and before.state != after.state:
        words_of = register.definition.state_by_code
        found.append((own["state"], *(pick(words_of[one.state]) for one in (before, after))))
    old, new = register.values(before), register.values(after)
    for one in register.definition.fields:
        if old.get(one.code) != new.get(one.code):
            found.append((label(one), *(words(register, one, side.get(one.code), names) for side in (old, new))))
    if before.place is not None and after.place is not None and bytes(before.place) != bytes(after.place):
        found.append((_("位置"), _("原位置"), _("新位置")))
    return found


def decorate(register: Register, rows: Sequence[RegisterObject], wanted: Sequence[Column], viewer: Any) -> None:
    """Put ``light`` and ``cells`` (pairs of column and words) on every row of a page."""
    shown = [one.code for one in wanted if one.field]
    typed = [register.values(row, shown) for row in rows]
    names = Names.of([one.field for one in wanted if one.field], typed, viewer)
    states = {code: light(state) for code, state in register.definition.state_by_code.items()}
    for row, found in zip(rows, typed, strict=True):
        row.light = states[row.state]
        row.cells = [
            (one, words(register, one.field, found.get(one.code), names) if one.field else header_value(row, one.code))
            for one in wanted
            if one.code not in ("code", "name", "state")
        ]


def drawn_rows(rows: Iterable[RegisterObject], *, to_pick: bool = False) -> SafeString:
    """The decorated ``rows`` as rows of a table, with a box to tick each when ``to_pick``; put together here because a
    template takes ten times as long over them."""
    address, drawn = reverse("registers:object", args=[0]).rsplit("0", 1), []
    lights: dict[str, str] = {}
    for row in rows:
        name = escape(row.name)
        box = f'<input type="checkbox" form="bulk" name="pk" value="{row.pk}" aria-label="{name}">'
        drawn.append(f'<tr><td class="pick">{box}</td>' if to_pick else "<tr>")
        drawn.append(
            f'<td class="full"><span class="tk"><a class="t" href="{address[0]}{row.pk}{address[1]}">{name}</a>'
            f"<small>{escape(row.code)}</small></span></td>"
        )
        for column, text in row.cells:
            if not text:
                drawn.append(f'<td class="hide{" num" if column.is_number else ""}"><span class="muted">—</span></td>')
                continue
            css = "num" if column.is_number else "date" if column.field and column.field.kind == "date" else ""
            shown = f' class="{css}"' if css else ""
            drawn.append(f'<td{shown} data-label="{escape(column.label)}">{escape(text)}</td>')
        if row.state not in lights:
            lights[row.state] = draw_light(row.light.level, row.light.word)
        drawn.append(f"<td>{lights[row.state]}</td></tr>\n")
    return mark_safe("".join(drawn))


def exported(register: Register, row: RegisterObject, column: Column, names: Names) -> Any:
    """A cell of the exported list: numbers and dates as such, everything else in words."""
    if column.field is None:
        if column.code == "state":
            return pick(register.definition.state_by_code[row.state])
        return row.year if column.code == "year" else header_value(row, column.code)
    value = register.values(row).get(column.code)
    if isinstance(value, Decimal | date):
        return value
    return words(register, column.field, value, names)
