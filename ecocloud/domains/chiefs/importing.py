"""Offices with who holds them as a workbook: template, import with preview, export that comes back unchanged.

A row is one office: kind, nature, level, its object or division and its unit say which. What a row may change is the
office's texts and who holds it from a new day on; the past is not rewritten, an office is ended on its page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets import Choice, Column, PreviewRow, SheetSpec
from ecocloud.base.sheets.registry import Candidate, ImportTarget, Judge, Problem, RowsRefused
from ecocloud.domains.chiefs import queries
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Office, Term
from ecocloud.domains.chiefs.services import offices as services
from ecocloud.kernel.evidence.guards import inside
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.registers import queries as registers
from ecocloud.kernel.registers.models import RegisterObject

KEY = "chiefs-offices"
KEYS = ("kind", "nature", "level", "place", "department")
TEXTS = ("post", "duty", "phone", "sign")
_TERM = ("holder", "account", "since", "basis")
_FEW = 5


def _choices(rows: Sequence[Any]) -> tuple[Choice, ...]:
    return tuple(Choice(one.code, one.zh, (one.en,)) for one in rows)


def _objects_of(user: Any) -> Any:
    kinds = {code for one in words().kinds for code in one.registers}
    return registers.reachable(user).filter(type__code__in=kinds)


def spec(user: Any) -> SheetSpec:
    """The workbook of offices for this person: objects are those in reach."""

    def places(text: str) -> list[Choice]:
        named = Q(code=text) | Q(name=text)
        found = dict(_objects_of(user).filter(named).order_by("code").values_list("code", "name")[:_FEW])
        found |= dict(Region.objects.filter(named).order_by("code").values_list("code", "name")[:_FEW])
        return [Choice(code, name) for code, name in found.items()]

    def units(text: str) -> list[Choice]:
        rows = Department.objects.filter(Q(code=text) | Q(name=text) | Q(short_name=text)).order_by("order", "pk")
        return [Choice(code, name) for code, name in rows.values_list("code", "name")[:_FEW]]

    def people(text: str) -> list[Choice]:
        rows = User.objects.filter(username=text, is_active=True)
        return [Choice(code, name) for code, name in rows.values_list("username", "name")]

    facts = words()
    return SheetSpec(
        name=KEY, title="河湖长、林长",
        columns=(
            Column("kind", "类别", "Kind", kind="choice", required=True, choices=_choices(facts.kinds)),
            Column("nature", "性质", "Nature", kind="choice", required=True, choices=_choices(facts.natures)),
            Column("level", "层级", "Level", kind="choice", required=True, choices=_choices(facts.levels)),
            Column("place", "名录编号或区划", "Object or division", kind="ref", required=True, lookup=places, width=24,
                   help="河长、湖长填河段或湖泊，林长填林地的名录编号；总河长、总林长填区划代码",
                   synonyms=("名录编号", "河段", "湖泊", "林地", "对象", "区划")),
            Column("department", "责任单位", "Unit", kind="ref", required=True, lookup=units, width=26),
            Column("contact", "联系单位", "Contact unit", kind="ref", lookup=units, width=26),
            Column("post", "职务", "Post", required=True, width=26, max_len=services.TEXTS["post"], one_line=True),
            Column("duty", "职责", "Duty", width=30, max_len=services.TEXTS["duty"]),
            Column("phone", "办公电话", "Office phone", max_len=services.TEXTS["phone"], one_line=True),
            Column("sign", "公示牌编号", "Sign", max_len=services.TEXTS["sign"], one_line=True),
            Column("opened_on", "设立日期", "Opened on", kind="date", vague="refuse"),
            Column("holder", "姓名", "Holder", max_len=40, one_line=True, synonyms=("任职人", "河长", "林长")),
            Column("account", "账号", "Account", kind="ref", lookup=people, help="登录账号，没有可不填"),
            Column("since", "任职日期", "Since", kind="date", vague="refuse"),
            Column("basis", "任职依据", "Basis", width=26, max_len=200, one_line=True),
        ),
        key_columns=KEYS,
        note_lines=(
            "换人时填写新的姓名和任职日期，前任至前一日止。",
            "离任未接任、撤销岗位请在页面上办理，须写明原因。",
        ),
    )  # fmt: skip


def rows_of(user: Any) -> list[dict[str, Any]]:
    """The offices in sight that this person may keep, as rows of the workbook (three queries)."""
    rows = queries.offices(user, queries.EDIT).filter(queries.open_offices())
    rows = rows.select_related("object", "region", "department", "contact").order_by("region_id", "kind", "pk")
    offices = list(rows)
    held = queries.holders(offices)
    return [_row(row, held.get(row.pk)) for row in offices]


def _row(row: Office, term: Term | None) -> dict[str, Any]:
    return {
        "kind": row.kind, "nature": row.nature, "level": row.level,
        "place": row.object.code if row.object_id else row.region_id,
        "department": row.department.code, "contact": row.contact.code if row.contact_id else None,
        **{name: getattr(row, name) or None for name in TEXTS}, "opened_on": row.opened_on,
        "holder": term.name if term else None,
        "account": term.person.username if term and term.person_id else None,
        "since": term.valid_from if term else None, "basis": (term.basis if term else "") or None,
    }  # fmt: skip


def _key(row: Mapping[str, Any]) -> tuple:
    return tuple(row.get(name) for name in KEYS)


def _existing(user: Any) -> Mapping[tuple, Mapping[str, Any]]:
    return {_key(row): row for row in rows_of(user)}


@dataclass
class Reader:
    """Rows to what the services take, with what is wrong with each. Reads in a fixed number of queries for a batch."""

    user: Any
    seen: scope.Reach
    objects: dict[tuple[str, str], RegisterObject] = field(default_factory=dict)
    units: dict[str, Department] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    offices: dict[tuple, list[Office]] = field(default_factory=dict)
    signs: dict[str, tuple] = field(default_factory=dict)

    @classmethod
    def of(cls, user: Any, rows: Sequence[Mapping[str, Any]]) -> Reader:
        """A reader for these rows."""
        made = cls(user, scope.reach(user, queries.EDIT))

        def told(*names: str) -> set[str]:
            return {str(row[name]) for row in rows for name in names if row.get(name)}

        found = _objects_of(user).filter(code__in=told("place")).select_related("type", "region")
        made.objects = {(one.type.code, one.code): one for one in found}
        units = Department.objects.select_related("region").filter(code__in=told("department", "contact"))
        made.units = {one.code: one for one in units}
        made.regions = {one.pk: one for one in Region.objects.filter(pk__in=told("place"))}
        made.people = {one.username: one for one in User.objects.filter(username__in=told("account"), is_active=True)}
        held = Office.objects.filter(queries.open_offices(), department__code__in=told("department"))
        for one in held.select_related("object", "department", "region"):
            made.offices.setdefault(_key(_row(one, None)), []).append(one)
        signs = Office.objects.filter(sign__in=told("sign")).select_related("object", "department")
        made.signs = {one.sign: _key(_row(one, None)) for one in signs}
        return made

    def about(self, row: Mapping[str, Any]) -> RegisterObject | None:
        """The object of a row, of a register that fits its kind; None for a chief of a whole division."""
        fact = words().kind(row["kind"])
        found = (self.objects.get((code, str(row["place"]))) for code in fact.registers)
        return next((one for one in found if one is not None), None)

    def region(self, row: Mapping[str, Any]) -> Region | None:
        """The division of a row: that of its object, or the one it names; None where there is none."""
        about = self.about(row)
        if about is not None:
            return about.region
        whole = words().kind(row["kind"]).of == "region"
        return self.regions.get(str(row["place"])) if whole else None

    def read(self, row: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[Problem]:
        """What is wrong with a row; ``old``: the office as the workbook shows it, None for a new one."""
        fact, region, unit = words().kind(row["kind"]), self.region(row), self.units.get(str(row["department"]))
        if region is None:
            wanted = "请填写区划代码" if fact.of == "region" else "请填写名录编号"
            return [Problem("place", row["place"], f"不是{fact.zh}负责的对象", wanted)]
        if unit is None:
            return [Problem("department", row["department"], "没有这个单位", "请填写单位代码或全称")]
        problems = []
        if not inside(self.seen, region, unit):
            problems.append(Problem("department", row["department"], "不在您的数据范围内", "请由其主管单位维护"))
        if len(self.offices.get(_key(row), ())) > 1:
            problems.append(Problem("kind", row["kind"], "该对象有多个同类岗位", "请在页面上修改"))
        taken = self.signs.setdefault(str(row["sign"]), _key(row)) if row.get("sign") else _key(row)
        if taken != _key(row):
            problems.append(Problem("sign", row["sign"], "公示牌编号已被使用", "请换一个编号"))
        return problems + _term_faults(row, old)


def _term_faults(row: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[Problem]:
    holder, since, today = row.get("holder"), row.get("since"), timezone.localdate()
    opened = (old or row).get("opened_on") or today
    if not isinstance(opened, date) or not isinstance(since or today, date):
        return []  # the cell itself is already named
    if old is not None and row.get("opened_on") not in (None, old["opened_on"]):
        return [Problem("opened_on", row["opened_on"], "设立日期不能改写", f"应为 {old['opened_on']}")]
    if not holder:
        if old is not None and old["holder"]:
            return [Problem("holder", None, "离任须写明原因", "请在岗位页面上办理离任")]
        return [Problem("holder", None, "没有填写姓名", "填写姓名，或清空账号、任职日期和依据")
                for name in ("account", "since", "basis") if row.get(name)][:1]  # fmt: skip
    before = {name: (old or {}).get(name) for name in _TERM}
    if {name: row.get(name) for name in _TERM} == before:
        return []
    day = since or opened
    if day < opened:
        return [Problem("since", since, "任职日期早于设立日期", f"不早于 {opened}")]
    if before["since"] is not None and day <= before["since"]:
        return [Problem("since", since, "任职记录不能改写", f"换人时填写晚于 {before['since']} 的任职日期")]
    return []


def _judge(user: Any) -> Judge:
    signs: dict[str, tuple] = {}

    def judge(candidates: Sequence[Candidate]) -> list[list[Problem]]:
        reader = Reader.of(user, [one.values for one in candidates])
        reader.signs = signs | reader.signs
        told = [reader.read(one.values, one.old) for one in candidates]
        signs.update(reader.signs)
        return told

    return judge


def _apply(user: Any, rows: Sequence[PreviewRow]) -> Mapping[str, int]:
    reader, old = Reader.of(user, [row.values for row in rows]), _existing(user)
    wrong, counts = {}, {"created": 0, "changed": 0, "appointed": 0}
    for row in rows:
        before = old.get(_key(row.values))
        problems = reader.read(row.values, before)
        if not problems:
            try:
                _write(user, reader, row.values, before, counts)
            except EcoError as error:
                problems = [Problem("kind", row.values["kind"], error.message_zh.rstrip("。"), error.remedy_zh)]
        if problems:
            wrong[row.number] = problems
    if wrong:
        raise RowsRefused(wrong)
    return counts


def _write(
    user: Any, reader: Reader, row: Mapping[str, Any], before: Mapping[str, Any] | None, counts: dict[str, int]
) -> None:  # fmt: skip
    texts = {name: row.get(name) or "" for name in TEXTS}
    contact = reader.units.get(str(row.get("contact") or ""))
    if before is None:
        office = services.open_office(
            user, kind=row["kind"], nature=row["nature"], level=row["level"], about=reader.about(row),
            region=reader.region(row), department=reader.units[str(row["department"])],
            contact=contact, opened_on=row.get("opened_on"), **texts,
        )  # fmt: skip
        counts["created"] += 1
    else:
        office = reader.offices[_key(row)][0]
        if any((row.get(name) or None) != before[name] for name in (*TEXTS, "contact")):
            services.edit_office(user, office.pk, contact=contact, **texts)
            counts["changed"] += 1
    now = {name: row.get(name) for name in _TERM}
    if row.get("holder") and now != {name: (before or {}).get(name) for name in _TERM}:
        person = reader.people.get(str(row.get("account") or ""))
        on = row.get("since") or office.opened_on
        services.appoint(user, office.pk, name=row["holder"], on=on, person=person, basis=row.get("basis") or "")
        counts["appointed"] += 1


TARGET = ImportTarget(key=KEY, title="河湖长、林长", permission=queries.EDIT, spec=spec, existing=_existing,
                      apply=_apply, list_route="chiefs:offices", check=_judge, in_chunks=True)  # fmt: skip
