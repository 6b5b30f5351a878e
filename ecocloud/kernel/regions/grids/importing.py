"""Grids in and out: the workbook as an import target of base/sheets, and GeoJSON files with a preview of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.base.geo import GeoError
from ecocloud.base.sheets import Choice, Column, PreviewRow, SheetSpec
from ecocloud.base.sheets.registry import Candidate, ImportTarget, Judge, Problem, RowsRefused
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.grids import queries, services, shapes
from ecocloud.kernel.regions.grids.facts import grid_facts
from ecocloud.kernel.regions.grids.models import Grid
from ecocloud.kernel.regions.models import Department, Region, User

KEY = "regions-grids"
FIELDS = ("code", "name", "level", "region", "parent", "members", "shape", "department", "post", "holder", "account")
_CELL = 32_000  # characters a cell holds


def _regions(text: str) -> list[Choice]:
    rows = Region.objects.filter(Q(code=text) | Q(name=text)).order_by("code")
    return [Choice(code, name) for code, name in rows.values_list("code", "name")[:5]]


def _units(text: str) -> list[Choice]:
    rows = Department.objects.filter(Q(code=text) | Q(name=text) | Q(short_name=text)).order_by("order", "pk")
    return [Choice(code, name) for code, name in rows.values_list("code", "name")[:5]]


def _people(text: str) -> list[Choice]:
    rows = User.objects.filter(username=text, is_active=True)
    return [Choice(code, name) for code, name in rows.values_list("username", "name")]


def spec(user: Any) -> SheetSpec:
    """The workbook of grids."""
    levels = tuple(Choice(str(one.level), one.zh, (one.about,)) for one in grid_facts().levels)
    return SheetSpec(
        name=KEY, title="网格",
        columns=(
            Column("code", "网格编码", "Code", required=True, width=20, max_len=40, one_line=True),
            Column("name", "网格名称", "Name", required=True, width=24, max_len=80, one_line=True),
            Column("level", "级别", "Level", kind="choice", required=True, choices=levels),
            Column("region", "所属区划", "Division", kind="ref", required=True, lookup=_regions, width=22,
                   synonyms=("区划", "区划代码")),
            Column("parent", "上级网格编码", "Grid above", max_len=40, one_line=True, width=20),
            Column("members", "包含的乡镇、村", "Divisions", kind="ref", multiple=True, lookup=_regions, width=30,
                   help="没有画出范围时列出区划代码，用顿号分开"),
            Column("shape", "范围", "Area", max_len=_CELL, one_line=True, width=30,
                   help="WKT：POLYGON ((经度 纬度, …))，CGCS2000 或 WGS-84 度", synonyms=("坐标", "WKT")),
            Column("department", "责任单位", "Owner unit", kind="ref", required=True, lookup=_units, width=26),
            Column("post", "责任岗位", "Post", max_len=60, one_line=True),
            Column("holder", "责任人", "Person", max_len=40, one_line=True, synonyms=("网格员", "网格长")),
            Column("account", "账号", "Account", kind="ref", lookup=_people, help="责任人的登录账号，没有可不填"),
        ),
        key_columns=("code",),
        note_lines=("范围和包含的乡镇、村填且只填一项。", "已有网格的范围改变时，原范围保留，原有事项仍归原网格。"),
    )  # fmt: skip


def rows_of(user: Any) -> list[dict[str, Any]]:
    """The grids of today in sight, as rows of the workbook."""
    rows = list(queries.grids(user).filter(ended_on__isnull=True).order_by("level", "code"))
    terms = queries.terms_today(rows)
    versions = {row.grid_id: row for row in queries.versions_on().filter(grid__in=rows).select_related("parent")}
    return [_row(row, versions[row.pk], terms.get(row.pk)) for row in rows if row.pk in versions]


def _row(row: Grid, version: Any, term: Any) -> dict[str, Any]:
    return {
        "code": row.code, "name": version.name, "level": str(row.level), "region": version.region_id,
        "parent": version.parent.code if version.parent_id else None, "members": tuple(version.members) or None,
        "shape": services.text_of(version) or None, "department": term.department.code if term else None,
        "post": (term.post if term else "") or None, "holder": (term.holder if term else "") or None,
        "account": term.person.username if term and term.person_id else None,
    }  # fmt: skip


def _existing(user: Any) -> Mapping[tuple, Mapping[str, Any]]:
    return {(row["code"],): row for row in rows_of(user)}


@dataclass
class Reader:
    """Rows to grids, with what is wrong with each; knows the rows before it, since a grid may stand in the same file.

    ``wanted``: the levels of every row of the file by code, so that order does not matter.
    """

    user: Any
    wanted: dict[str, int]
    seen: scope.Reach | None = None
    units: dict[str, Department] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    @classmethod
    def of(cls, user: Any, rows: Sequence[Mapping[str, Any]]) -> Reader:
        """A reader for these rows (three queries)."""
        names = {str(row.get(key) or "") for row in rows for key in ("code", "parent")}
        known = dict(Grid.objects.filter(code__in=names, ended_on__isnull=True).values_list("code", "level"))
        told = {str(row.get("code")): int(row["level"]) for row in rows if str(row.get("level") or "").isdecimal()}
        units = Department.objects.select_related("region").filter(code__in={row.get("department") for row in rows})
        people = User.objects.filter(username__in={row.get("account") for row in rows})
        return cls(user, told | known, scope.reach(user, queries.EDIT), {one.code: one for one in units},
                   {one.username: one for one in people})  # fmt: skip

    def read(self, row: Mapping[str, Any]) -> tuple[services.Given | None, list[Problem]]:
        """The grid of a row, or what is wrong with it."""
        shape, problems = row.get("shape") or None, []
        if isinstance(shape, str):
            try:
                shape = shapes.of_text(shape)
            except GeoError as error:
                return None, [Problem("shape", str(row["shape"])[:60], error.message_zh, error.remedy_zh)]
        unit = self.units.get(str(row.get("department") or ""))
        if unit is None:
            return None, [Problem("department", row.get("department"), "没有这个单位", "请填写单位代码或全称")]
        account = row.get("account")
        level = str(row.get("level") or "")
        given = services.Given(
            code=str(row.get("code") or ""), name=str(row.get("name") or ""),
            level=int(level) if level.isdecimal() else 0, region=str(row.get("region") or ""), department=unit,
            parent=str(row.get("parent") or ""), shape=shape, members=tuple(row.get("members") or ()),
            post=str(row.get("post") or ""), holder=str(row.get("holder") or ""), person=self.people.get(account or ""),
        )  # fmt: skip
        problems = [Problem(key, row.get(key), why, what) for key, why, what in services.faults(given, self.wanted)]
        if account and given.person is None:
            problems.append(Problem("account", account, "没有这个账号", "请填写登录账号"))
        if not services.within_reach(self.user, given, self.seen):
            problems.append(Problem("region", given.region, "不在您的数据范围内", "请由其主管单位维护"))
        return given, problems


def _judge(user: Any) -> Judge:
    kept: dict[str, int] = {}

    def judge(candidates: Sequence[Candidate]) -> list[list[Problem]]:
        reader = Reader.of(user, [one.values for one in candidates])
        reader.wanted |= {code: level for code, level in kept.items() if code not in reader.wanted}
        kept.update(reader.wanted)
        return [reader.read(one.values)[1] for one in candidates]

    return judge


def _apply(user: Any, rows: Sequence[PreviewRow]) -> Mapping[str, int]:
    reader = Reader.of(user, [row.values for row in rows])
    made, wrong = [], {}
    for row in rows:
        given, problems = reader.read(row.values)
        if problems or given is None:
            wrong[row.number] = problems
        else:
            made.append(given)
    if wrong:
        raise RowsRefused(wrong)
    return services.save_grids(user, made, basis="表格导入")


TARGET = ImportTarget(key=KEY, title="网格", permission=queries.EDIT, spec=spec, existing=_existing, apply=_apply,
                      list_route="regions:grids", check=_judge)  # fmt: skip


# --- GeoJSON ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One feature of a GeoJSON file: its number, what it would do (``new``, ``changed``, ``same``, ``error``), why
    not."""

    number: int
    code: str
    name: str
    outcome: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class FilePreview:
    """What a GeoJSON file would do."""

    lines: tuple[Line, ...]
    grids: tuple[services.Given, ...]

    def count(self, outcome: str) -> int:
        """How many lines have this outcome."""
        return sum(one.outcome == outcome for one in self.lines)

    @property
    def faulty(self) -> bool:
        """Whether a line is wrong: then nothing is written."""
        return self.count("error") > 0


def preview(user: Any, text: str, system: str = shapes.LONLAT) -> FilePreview:
    """What a GeoJSON file would do for this person. Raises ``GeoError`` when it is no collection of features."""
    rows = [_properties(found, area) for found, area in shapes.features(text, system)]
    reader = Reader.of(user, rows)
    existing = _existing(user)
    lines, grids, codes_seen = [], [], set()
    for number, row in enumerate(rows, start=1):
        problems: list[Problem] = []
        given = None
        if isinstance(row["shape"], EcoError):
            problems = [Problem("shape", None, row["shape"].message_zh, row["shape"].remedy_zh)]
        else:
            given, problems = reader.read(row)
        if row["code"] in codes_seen:
            problems.append(Problem("code", row["code"], "编码在文件中重复", "每个网格一个编码"))
        codes_seen.add(row["code"])
        outcome = "error" if problems else _outcome(existing.get((row["code"],)), row)
        lines.append(Line(number, str(row["code"] or ""), str(row["name"] or ""), outcome, tuple(problems)))
        if given is not None and not problems:
            grids.append(given)
    return FilePreview(tuple(lines), tuple(grids))


def _properties(given: Mapping[str, Any], area: Any) -> dict[str, Any]:
    """A feature's properties as a row of the workbook; names of units and divisions are looked up."""
    row = {key: given.get(key) for key in FIELDS} | {"shape": area}
    row["level"] = str(row["level"] or "")
    members = row["members"] or ()
    row["members"] = tuple(str(one) for one in (members.split("、") if isinstance(members, str) else members)) or None
    for key, find in (("department", _units), ("region", _regions)):
        text = str(row[key] or "")
        found = find(text) if text else []
        row[key] = found[0].code if len(found) == 1 else text
    return row


def _outcome(old: Mapping[str, Any] | None, row: Mapping[str, Any]) -> str:
    if old is None:
        return "new"
    told = {**row, "shape": shapes.as_text(row["shape"]) if row["shape"] is not None else None}
    same = all((told[key] or None) == (old[key] or None) for key in FIELDS)
    return "same" if same else "changed"


def commit(user: Any, found: FilePreview, *, on: date | None = None, basis: str = "") -> dict[str, int]:
    """Write the grids of a preview without faults."""
    if found.faulty:
        raise services.GridRefused("文件中还有错误，没有写入。", "the file has faults", remedy_zh="请改正后重新上传。")
    return services.save_grids(user, found.grids, on=on or timezone.localdate(), basis=basis or "GeoJSON 导入")


def as_geojson(user: Any) -> dict[str, Any]:
    """The grids of today in sight as GeoJSON, which :func:`preview` takes back without a change."""
    made = []
    for row in rows_of(user):
        area = shapes.of_text(row["shape"]) if row["shape"] else None
        told = {key: row[key] for key in FIELDS if key != "shape" and row[key] is not None}
        if row["members"]:
            told["members"] = list(row["members"])
        made.append((told | {"level": int(row["level"])}, area))
    return shapes.collection(made)
