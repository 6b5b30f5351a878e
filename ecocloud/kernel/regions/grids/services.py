"""The only code that writes grids: drawn, redrawn, given to an owner, ended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils import timezone

from ecocloud.base import typed
from ecocloud.base.errors import Conflict, EcoError, Forbidden
from ecocloud.base.geo import polygon_area
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import codes, scope
from ecocloud.kernel.regions.grids.facts import grid_facts
from ecocloud.kernel.regions.grids.models import Grid, GridTerm, GridVersion
from ecocloud.kernel.regions.grids.queries import EDIT
from ecocloud.kernel.regions.grids.shapes import as_text, clean
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.regions.services.console import CONSOLE, check
from ecocloud.kernel.regions.terms import DAY, Term, appended

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


class GridRefused(EcoError):
    """A grid cannot be drawn, given or ended that way."""

    code = "regions.grid"


@dataclass(frozen=True)
class Given:
    """A grid as it should be from a day on: an area or a list of divisions, and who owns it."""

    code: str
    name: str
    level: int
    region: str
    department: Department
    parent: str = ""
    shape: Any = None
    members: tuple[str, ...] = ()
    post: str = ""
    holder: str = ""
    person: User | None = None


def faults(given: Given, levels: dict[str, int]) -> list[tuple[str, str, str]]:
    """What is wrong with a grid by itself: (field, reason, remedy). ``levels``: of all grids known, by code."""
    found = []
    lowest = grid_facts().lowest
    if not _CODE.fullmatch(given.code):
        found.append(("code", "编码只能用字母、数字和短横线", "如 360827-03-001"))
    if not typed.words(given.name):
        found.append(("name", "没有填写名称", "请填写网格名称"))
    if not 1 <= given.level <= lowest:
        found.append(("level", "没有这一级", f"应为 1 至 {lowest}"))
    if levels.get(given.code, given.level) != given.level:
        found.append(("level", "网格的级别不能改变", "请结束原网格，另立编码"))
    if given.level == 1 and given.parent:
        found.append(("parent", "一级网格没有上级", "请留空"))
    if given.level > 1 and given.parent and levels.get(given.parent) != given.level - 1:
        found.append(("parent", "上级网格不存在或不是上一级", f"应为第 {given.level - 1} 级网格的编码"))
    if (given.shape is None) == (not given.members):
        found.append(("shape", "范围和区划清单应填且只填一项", "画出范围，或列出所含的乡镇、村"))
    outside = [code for code in given.members if not codes.contains(given.region, code)]
    if outside:
        found.append(("members", f"{outside[0]} 不在所属区划内", f"应在 {given.region} 之下"))
    return found


def within_reach(user: Any, given: Given, seen: scope.Reach | None = None) -> bool:
    """Whether the person may keep grids of this division or of this unit."""
    if user is CONSOLE:
        return True
    seen = seen or scope.reach(user, EDIT)
    return (
        seen.everything or given.department.pk in seen.departments or given.region in seen.regions
        or any(first <= given.region < after for first, after in seen.region_spans)
    )  # fmt: skip


def save_grids(user: Any, rows: Sequence[Given], *, on: date | None = None, basis: str = "") -> dict[str, int]:
    """Draw new grids and redraw those that differ, in force from the day ``on`` (default: today), in one transaction.

    Returns how many were ``created``, ``redrawn``, ``given`` (another owner) and ``same``. Raises GridRefused with the
    first fault, Forbidden outside the reach, Conflict where a later change is already there.
    """
    check(user, EDIT)
    rows = [replace(row, shape=clean(row.shape)) if row.shape is not None else row for row in rows]
    day, counts = on or timezone.localdate(), {"created": 0, "redrawn": 0, "given": 0, "same": 0}
    with change(user.actor()) as tx:
        known = {row.code: row for row in _locked([*(row.code for row in rows), *(row.parent for row in rows)])}
        levels = {code: row.level for code, row in known.items()} | {row.code: row.level for row in rows}
        seen = None if user is CONSOLE else scope.reach(user, EDIT)
        regions = Region.objects.in_bulk({row.region for row in rows})
        for given in sorted(rows, key=lambda one: (one.level, one.code)):
            _refuse(user, given, levels, seen, regions, known)
            row, drawn = _draw(tx, user, given, known, day, basis)
            owned = _own(tx, row, given, day)
            known[given.code] = row
            counts[drawn if drawn != "same" else "given" if owned else "same"] += 1
    return counts


def _locked(wanted: Iterable[str]) -> list[Grid]:
    return list(Grid.objects.select_for_update().filter(code__in=sorted(set(wanted) - {""})).order_by("code"))


def _refuse(
    user: Any, given: Given, levels: dict[str, int], seen: scope.Reach | None, regions: dict[str, Region],
    known: dict[str, Grid],
) -> None:  # fmt: skip
    for field, reason, remedy in faults(given, levels):
        raise GridRefused(f"{reason}。", f"{field}: {reason}", where={"网格": given.code}, remedy_zh=f"{remedy}。")
    if given.region not in regions:
        raise GridRefused(f"没有区划 {given.region}。", f"no region {given.region}", where={"网格": given.code})
    row = known.get(given.code)
    held = row is not None and seen is not None and not (
        seen.everything or row.department_id in seen.departments or row.region_id in seen.regions
        or any(first <= row.region_id < after for first, after in seen.region_spans)
    )  # fmt: skip
    if held or not within_reach(user, given, seen):
        raise Forbidden("该网格不在您的数据范围内。", f"grid {given.code} out of reach", code="regions.scope",
                        where={"网格": given.code}, remedy_zh="请由其主管单位维护。")  # fmt: skip


def _plain(row: GridVersion) -> dict[str, Any]:
    return {"name": row.name, "region": row.region_id, "parent": row.parent_id, "members": row.members,
            "area": None if row.area is None else str(row.area), "from": row.valid_from,
            "number": row.number}  # fmt: skip


def _same(old: GridVersion, given: Given, parent: Grid | None, wkb: bytes | None) -> bool:
    held = None if old.place is None else bytes(old.place)
    return (old.name, old.region_id, old.parent_id, held, list(old.members)) == (
        typed.words(given.name), given.region, parent.pk if parent else None, wkb, list(given.members),
    )  # fmt: skip


def _draw(
    tx: Change, user: Any, given: Given, known: dict[str, Grid], day: date, basis: str
) -> tuple[Grid, str]:  # fmt: skip
    parent, row = known.get(given.parent), known.get(given.code)
    wkb = None if given.shape is None else given.shape.wkb
    old = row.versions.order_by("-number").first() if row else None
    if row is not None and old is not None and row.ended_on is None and _same(old, given, parent, wkb):
        return row, "same"
    if old is not None and old.valid_from > day:
        raise Conflict(
            f"网格 {given.code} 从 {old.valid_from} 起已有变更。", f"grid changed on {old.valid_from}",
            where={"网格": given.code}, value=day, remedy_zh=f"生效日期不应早于 {old.valid_from}。",
        )  # fmt: skip
    before = _plain(old) if old else None
    if old is not None and old.valid_to is None:
        old.valid_to = day - DAY
        old.save(update_fields=["valid_to"])
    if row is None:
        row = Grid(code=given.code, level=given.level)
    row.name, row.region_id, row.parent = typed.words(given.name), given.region, parent
    row.number, row.ended_on = (old.number + 1 if old else 1), None
    row.save()
    west, south, east, north = given.shape.bounds if given.shape is not None else (None,) * 4
    made = GridVersion.objects.create(
        grid=row, number=row.number, name=row.name, region_id=given.region, parent=parent, place=wkb, west=west,
        south=south, east=east, north=north, members=list(given.members), valid_from=day, basis=basis[:200],
        area=polygon_area(given.shape).square_meter if given.shape is not None else None,
        by_id=getattr(user, "pk", None),
    )  # fmt: skip
    tx.log("regions.grid.redraw" if old else "regions.grid.create", row.ref, before, _plain(made), basis)
    return row, "redrawn" if old else "created"


def _own(tx: Change, row: Grid, given: Given, day: date) -> bool:
    """Give the grid to the owner named; whether that changed anything."""
    rows = list(row.terms.select_related("department").order_by("valid_from", "pk"))
    now = next((one for one in rows if one.valid_to is None), None)
    wanted = (given.department.pk, given.post, given.holder, given.person.pk if given.person else None)
    if now is not None and (now.department_id, now.post, now.holder, now.person_id) == wanted:
        return False
    before = None if now is None else {"unit": now.department.name, "post": now.post, "holder": now.holder}
    if now is not None and now.valid_from == day:  # corrected on the day it was written
        now.delete()
    elif rows:
        appended([Term(one.valid_from, one.valid_to) for one in rows], day)
        GridTerm.objects.filter(pk__in=[one.pk for one in rows if one.valid_to is None or one.valid_to >= day]).update(
            valid_to=day - DAY
        )
    GridTerm.objects.create(grid=row, department=given.department, post=given.post[:60], holder=given.holder[:40],
                            person=given.person, valid_from=day)  # fmt: skip
    row.department = given.department
    row.save(update_fields=["department"])
    tx.log("regions.grid.give", row.ref, before,
           {"unit": given.department.name, "post": given.post, "holder": given.holder, "from": day})  # fmt: skip
    return True


def end_grid(user: Any, code: str, *, on: date | None = None, reason: str) -> Grid:
    """A grid is no more from the day ``on``; its versions stay. Raises GridRefused while grids below it go on."""
    check(user, EDIT)
    day, reason = on or timezone.localdate(), typed.words(reason)
    if not reason:
        raise GridRefused("没有写明原因。", "no reason", where={"网格": code}, remedy_zh="请写明撤销的依据。")
    with change(user.actor()) as tx:
        row = next(iter(_locked([code])), None)
        if row is None or row.ended_on is not None:
            raise GridRefused("没有这个网格，或它已结束。", f"no grid {code}", value=code)
        if not within_reach(user, Given(row.code, row.name, row.level, row.region_id, row.department)):
            raise Forbidden("该网格不在您的数据范围内。", f"grid {code} out of reach", code="regions.scope")
        if row.children.filter(ended_on__isnull=True).exists():
            raise GridRefused("下级网格尚未结束。", f"grid {code} has children", where={"网格": code},
                              remedy_zh="请先调整或结束下级网格。")  # fmt: skip
        old = row.versions.get(valid_to__isnull=True)
        if old.valid_from > day:
            raise Conflict(f"网格从 {old.valid_from} 起才有效。", f"begins on {old.valid_from}", value=day)
        old.valid_to = day - DAY
        old.save(update_fields=["valid_to"])
        row.terms.filter(valid_to__isnull=True, valid_from__gte=day).delete()
        row.terms.filter(valid_to__isnull=True).update(valid_to=day - DAY)
        row.ended_on = day
        row.save(update_fields=["ended_on"])
        tx.log("regions.grid.end", row.ref, _plain(old), {"ended_on": day}, reason)
    return row


def text_of(row: GridVersion) -> str:
    """The area of a version as WKT, '' for a list."""
    from shapely import from_wkb

    return "" if row.place is None else as_text(from_wkb(bytes(row.place)))
