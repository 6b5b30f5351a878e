"""What every service of the room checks before it writes: reach, locked years, fresh reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone

from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers.errors import NoSuchThing, Stale, ValueFault, ValuesRefused, YearLocked
from ecocloud.kernel.registers.models import RegisterObject, RegisterType, YearLock
from ecocloud.kernel.registers.register import Register

EDIT = "registers.object.edit"
RETIRE, LOCK, UNLOCK = "registers.object.retire", "registers.year.lock", "registers.year.unlock"
TAKE_OVER, MOVE, LOAD = "registers.object.import", "registers.division.move", "registers.pack.load"

__all__ = ["Closed", "EDIT", "LOAD", "LOCK", "MOVE", "RETIRE", "TAKE_OVER", "UNLOCK", "day_of", "fresh", "locked_row",
           "open_years", "reach_all", "within_reach"]  # fmt: skip


def day_of(on: date | None, before: date | None = None) -> date:
    """The day a change is in force from: today unless given; never in the future, never before the last change."""
    today = timezone.localdate()
    day = on or today
    if day > today or (before is not None and day < before):
        earliest = f"，不早于 {before}" if before else ""
        raise ValuesRefused([
            ValueFault("on", f"生效日期 {day} 不可用。", "day out of range", value=day,
                       remedy_zh=f"应不晚于今天{earliest}。")
        ])  # fmt: skip
    return day


def locked_row(user: Any, register: Register, pk: int, permission: str, version: int | None = None) -> RegisterObject:
    """The object's row, locked, inside the reach of ``permission``; raises NoSuchThing, Forbidden, Stale."""
    rows = RegisterObject.objects.select_for_update(of=("self",)).select_related("region", "department__region")
    row = rows.filter(pk=pk, type=register.pk).first()
    if row is None:
        raise NoSuchThing("没有这个对象。", f"no object {pk} in {register.code}", value=pk)
    within_reach(user, permission, row.region, row.department)
    fresh(row, version)
    return row


def fresh(row: RegisterObject, version: int | None) -> None:
    """Raise Stale when the caller read an older version."""
    if version is not None and version != row.version:
        raise Stale("对象已被他人修改。", f"version {version} is stale, now {row.version}", value=version,
                    where={"对象": row.code}, remedy_zh="请刷新后再操作。")  # fmt: skip


def reach_all(user: Any, permission: str, pairs: Iterable[tuple[Region, Department | None]]) -> None:
    """Raise Forbidden unless every pair of region and department lies in the reach of ``permission``."""
    for region, department in {(r.pk, d.pk if d else None): (r, d) for r, d in pairs}.values():
        within_reach(user, permission, region, department)


def open_years(register: Register, wanted: Iterable[tuple[str, date, int | None]]) -> None:
    """Raise YearLocked when one of (region code, day in force, year of the object) falls into a closed year."""
    wanted = set(wanted)
    closed = Closed.held(register, wanted)
    for each in wanted:
        refused = closed.refusal(*each)
        if refused is not None:
            raise refused


class Closed:
    """The closed years of a register, asked once."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.locks = list(YearLock.objects.filter(type=register.pk, unlocked_at__isnull=True).select_related("region"))

    @classmethod
    def held(cls, register: Register, wanted: Iterable[tuple[str, date, int | None]]) -> Closed:
        """Those that stand until the end of the transaction for what is ``wanted``.

        Where a year that is over is touched, the register's row is locked first, so that nobody closes it meanwhile.
        """
        now = timezone.localdate().year
        if any(min(day.year, year or now) < now for _, day, year in wanted):
            list(RegisterType.objects.select_for_update().filter(pk=register.pk).values_list("pk"))
        return cls(register)

    def refusal(self, code: str, day: date, year: int | None) -> YearLocked | None:
        """Why an object of region ``code`` that counts for ``year`` cannot change with ``day``; None when it can."""
        for lock in self.locks:
            if lock.region.contains(code) and (day.year <= lock.year or year == lock.year):
                return YearLocked(
                    f"{lock.region.name} {lock.year} 年的“{self.register.definition.zh}”已封账。",
                    f"year {lock.year} of {self.register.code} is locked",
                    where={"区划": lock.region.name, "年度": lock.year},
                    remedy_zh="确需修改，请先由有解锁权限的人员说明理由后解锁。",
                )  # fmt: skip
        return None
