"""The rights matrix (who may do what) as a table."""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from ecocloud.base.rooms import all_rooms
from ecocloud.kernel.regions.models import PermissionCode, Role, RolePermission, in_language

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Line:
    """One right and which roles hold it, in the order of the roles."""

    room: str
    label: str
    code: str
    held: tuple[bool, ...]


@dataclass(frozen=True)
class Matrix:
    """Roles as columns, rights as lines."""

    roles: tuple[Role, ...]
    people: tuple[int, ...]
    lines: tuple[Line, ...]

    def table(self) -> list[list[Any]]:
        """The matrix as plain rows: head, data scopes, number of people, then one row for each right."""
        labels = [role.label for role in self.roles]
        rows: list[list[Any]] = [[_("功能"), _("权限"), _("代码"), *labels]]
        rows.append([_("数据范围"), "", "", *(role.get_scope_display() for role in self.roles)])
        rows.append([_("人数"), "", "", *self.people])
        for line in self.lines:
            rows.append([line.room, line.label, line.code, *("√" if held else "" for held in line.held)])
        return rows


def build() -> Matrix:
    """The matrix as it stands."""
    roles = tuple(Role.objects.annotate(holders=Count("grants")).order_by("order", "id"))
    held: dict[str, set[int]] = defaultdict(set)
    for role_id, code in RolePermission.objects.values_list("role_id", "code"):
        held[code].add(role_id)
    rooms = {room.name: in_language(room.label_zh, room.label_en) for room in all_rooms()}
    lines = tuple(
        Line(
            rooms.get(right.room, right.room),
            in_language(right.label_zh, right.label_en),
            right.code,
            tuple(role.pk in held[right.code] for role in roles),
        )
        for right in PermissionCode.objects.all()
    )
    return Matrix(roles, tuple(role.holders for role in roles), lines)


def workbook(table: list[list[Any]]) -> bytes:
    """``table`` as an xlsx file with a frozen head."""
    book = Workbook()
    sheet = book.active
    sheet.title = _("权限矩阵")[:31]
    for row in table:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, horizontal="center")
    sheet.freeze_panes = "D2"
    for column, width in {"A": 14, "B": 30, "C": 32}.items():
        sheet.column_dimensions[column].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
