"""What every service of the room checks before it writes."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from ecocloud.base import typed
from ecocloud.base.errors import Forbidden
from ecocloud.base.periods import Period
from ecocloud.base.typed import BadInput
from ecocloud.base.units import UnitError, convert, parse_unit
from ecocloud.kernel.evidence.errors import EvidenceError, Locked, Stale
from ecocloud.kernel.evidence.models import Indicator, Lock, Observation, Target
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.models import Department, Region, User

OUTSIDE = "该区划或单位不在您的数据范围内。"
OUTSIDE_REMEDY = "请由该单位填报，或联系安全管理员调整数据范围。"
MILLIONTH = Decimal("0.000001")


def within_reach(user: User, code: str, region: Region, department: Department | None) -> None:
    """Raise Forbidden unless ``user`` holds ``code`` and the row lies in the scope of a role that holds it."""
    permissions.require(user, code)
    if not inside(scope.reach(user, code), region, department):
        raise Forbidden(
            OUTSIDE, f"user {user.pk} writes outside the scope of {code}",
            code="evidence.scope", where={"区划": region.name, "单位": department.name if department else "—"},
            value=code, remedy_zh=OUTSIDE_REMEDY,
        )  # fmt: skip


def inside(seen: scope.Reach, region: Region, department: Department | None) -> bool:
    """Whether a row of this region and department may be written within the reach ``seen``."""
    if seen.everything:
        return True
    if department is not None:
        return department.pk in seen.departments and department.region.contains(region.pk)
    return region.pk in seen.regions or any(first <= region.pk < after for first, after in seen.region_spans)


def unlocked(indicator: Indicator, region: Region, period: Period) -> None:
    """Raise Locked when an active lock covers the indicator's group, the region and the period's year."""
    year = year_of(period)
    active = Lock.objects.filter(unlocked_at__isnull=True, year=year, group__in=("", indicator.group))
    for lock in active.select_related("region"):
        if lock.region.contains(region.pk):
            raise Locked(
                f"{lock.region.name} {year} 年的数据已锁定。", f"lock {lock.pk} covers the record",
                where={"区划": region.name, "年度": year, "指标": indicator.zh},
                remedy_zh="确需修改，请先由有解锁权限的人员说明理由后解锁。",
            )  # fmt: skip


def year_of(period: Period) -> int:
    """The year a period counts for: that of its last day, or of its first where the end is open."""
    day = period.end or period.start
    assert day is not None
    return day.year


def fresh(record: Observation | Target, revision: int | None) -> None:
    """Raise Stale when the caller read an older revision."""
    if revision is not None and revision != record.revision:
        raise Stale("记录已被他人修改。", f"revision {revision} is stale, now {record.revision}", value=revision,
                    remedy_zh="请刷新后再操作。")  # fmt: skip


def source_text(text: str) -> str:
    """The source as canonical ``Ref`` text; raises for an empty or unreadable one."""
    if not text.strip():
        raise EvidenceError("没有来源的数字不能入库。", "observation without a source", where={"字段": "来源"},
                            remedy_zh="请选择数据来源（文件、表格行、监测记录或人员确认）。")  # fmt: skip
    return str(Ref.parse(text.strip()))


def number(value: Any, field: str) -> Decimal | None:
    """A number as Decimal; raises with the field's name."""
    if value is None or value == "":
        return None
    try:
        found = value if isinstance(value, Decimal) else typed.number(str(value))
    except BadInput as bad:
        raise EvidenceError(bad.message_zh, f"{field}: {bad.message_en}", where={"字段": field}, value=value,
                            remedy_zh=f"{bad.remedy_zh}单位写在单位栏。") from bad  # fmt: skip
    if not found.is_finite():
        raise EvidenceError("数值应为有限数。", f"{field}: not finite", where={"字段": field}, value=value)
    return found


def in_unit(value: Decimal, unit: str, indicator: Indicator) -> tuple[Decimal, str]:
    """``value`` in the indicator's unit and, where it was converted, the words as given (``3 公顷``)."""
    if not unit or unit == indicator.unit:
        return value, ""
    try:
        if not indicator.unit:
            raise UnitError("该指标没有单位。", "indicator has no unit")
        same_counter = parse_unit(unit).dimension.startswith("count") and parse_unit(
            indicator.unit
        ).dimension.startswith("count")
        if same_counter and parse_unit(unit).scale == parse_unit(indicator.unit).scale:
            return value, f"{value} {unit}"
        changed = convert(value, unit, indicator.unit)
    except UnitError as error:
        raise EvidenceError(
            f"单位“{unit}”与指标单位“{indicator.unit or '无'}”不符。",
            f"{indicator.code}: {unit} is not {indicator.unit}",
            where={"指标": indicator.zh, "字段": "单位"}, value=unit,
            remedy_zh=f"请换算为“{indicator.unit or '无单位'}”后填写。",
        ) from error  # fmt: skip
    return changed.quantize(MILLIONTH, rounding=ROUND_HALF_EVEN).normalize() + 0, f"{value} {unit}"


def plausible(value: Decimal | None, indicator: Indicator, qualifier: str) -> None:
    """Refuse what cannot be: a share above 100 %, a negative amount."""
    if value is None or qualifier != "actual":
        return
    if indicator.is_rate and value > 100:
        raise EvidenceError("比率不应超过 100%。", f"{indicator.code}: {value} % above 100", value=value,
                            where={"指标": indicator.zh, "字段": "数值"}, remedy_zh="请核对数值和单位。")  # fmt: skip
    if value < 0 and indicator.aggregation in ("sum", "mean", "ratio"):
        raise EvidenceError("该指标不应为负数。", f"{indicator.code}: negative {value}", value=value,
                            where={"指标": indicator.zh, "字段": "数值"}, remedy_zh="变化量请选“变化”。")  # fmt: skip
