"""Writing targets: set, revise by version, withdraw."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ecocloud.base.periods import Period
from ecocloud.kernel.evidence import guards, rules
from ecocloud.kernel.evidence.errors import EvidenceError, WrongState
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Department, Region, User

EDIT = "evidence.target.edit"


def _facts(target: Target) -> dict[str, Any]:
    names = ("period", "operator", "value", "value2", "unit", "baseline_period", "baseline_value", "document", "status")
    facts = {name: getattr(target, name) for name in names}
    return {"indicator": target.indicator.code, "region": target.region_id} | {
        name: str(value) if isinstance(value, Decimal) else value for name, value in facts.items()
    }


def _ref(target: Target) -> Ref:
    return Ref("target", str(target.pk), version=str(target.version))


def _numbers(indicator: Indicator, operator: str, value: Any, value2: Any, unit: str) -> dict[str, Any]:
    """The checked numbers; levels are converted to the indicator's unit, changes keep theirs (% or 个百分点)."""
    low, high = guards.number(value, "目标值"), guards.number(value2, "上限")
    relative = operator == rules.Operator.CHANGE
    if not relative:
        if low is not None:
            low = guards.in_unit(low, unit, indicator)[0]
        if high is not None:
            high = guards.in_unit(high, unit, indicator)[0]
        unit = indicator.unit
    rules.check_target(rules.Target(operator, low, high, unit))
    return {"operator": operator, "value": low, "value2": high, "unit": unit}


def _curve(curve: Any) -> str:
    if not curve:
        return ""
    parts = [guards.number(part, "序时曲线") for part in (curve.split(",") if isinstance(curve, str) else curve)]
    weights = [part for part in parts if part is not None]
    rules.elapsed_share(Period.of(2001).start, Period.of(2001).end, Period.of(2001).start, weights)  # checks the twelve
    return ",".join(str(weight) for weight in weights)


def _baseline(indicator: Indicator, region: Region, period: str, value: Any) -> Decimal | None:
    given = guards.number(value, "基期值")
    if given is not None or not period:
        return given
    standing = Observation.objects.filter(
        indicator=indicator, region=region, period=Period.parse(period).edtf, qualifier="actual",
        status__in=Observation.STANDING,
    ).first()  # fmt: skip
    return standing.value if standing else None


def set_target(
    user: User, indicator: Indicator, region: Region, period: str | Period, operator: str, value: Any, *, document: str,
    value2: Any = None, unit: str = "", baseline_period: str = "", baseline_value: Any = None,
    department: Department | None = None, curve: Any = "",
) -> Target:  # fmt: skip
    """A target for one region and period from one document.

    operator: ``>=``, ``<=``, ``=``, ``change`` (signed size: -2.6 with unit % falls by 2.6 %) or ``range``.
    document: ``Ref`` text of the sentence that sets it. baseline_value: for changes; default the confirmed value of
    ``baseline_period``. curve: twelve monthly weights of the 序时 progress, default by days.
    """
    guards.within_reach(user, EDIT, region, department)
    span = Period.parse(period)
    numbers = _numbers(indicator, operator, value, value2, unit)
    source = guards.source_text(document)
    with change(user.actor()) as tx:
        guards.unlocked(indicator, region, span)
        same = Target.objects.filter(
            indicator=indicator, region=region, period=span.edtf, document=source, status="active"
        )
        if same.exists():
            raise WrongState("该文件对此指标本期的目标已登记。", "target already there", where={"指标": indicator.zh,
                             "区划": region.name}, value=source, remedy_zh="如有变化，请使用“调整目标”。")  # fmt: skip
        made = Target.objects.create(
            indicator=indicator, region=region, period=span.edtf, start=span.start, end=span.end, department=department,
            baseline_period=Period.parse(baseline_period).edtf if baseline_period else "", document=source,
            baseline_value=_baseline(indicator, region, baseline_period, baseline_value), curve=_curve(curve),
            entered_by=user, revision=1, **numbers,
        )  # fmt: skip
        tx.log("evidence.target.set", _ref(made), None, _facts(made))
    return made


def revise_target(
    user: User, target: Target, *, reason: str, value: Any = None, value2: Any = None, operator: str = "",
    unit: str = "", document: str = "", baseline_value: Any = None, revision: int | None = None,
) -> Target:  # fmt: skip
    """A new version of a target with a reason; what is not given stays as it was."""
    guards.within_reach(user, EDIT, target.region, target.department)
    if not reason.strip():
        raise EvidenceError("调整目标必须写明理由。", "revision without a reason", where={"字段": "理由"},
                            remedy_zh="请写明依据的文件和理由。")  # fmt: skip
    with change(user.actor()) as tx:
        old = _active(target, revision)
        numbers = _numbers(
            old.indicator, operator or old.operator, old.value if value in (None, "") else value,
            old.value2 if value2 in (None, "") else value2, unit or old.unit,
        )  # fmt: skip
        old.status = Target.Status.REVISED
        old.revision += 1
        old.save(update_fields=["status", "revision"])
        new = Target.objects.create(
            indicator=old.indicator, region=old.region, period=old.period, start=old.start, end=old.end,
            department=old.department, baseline_period=old.baseline_period, curve=old.curve,
            baseline_value=guards.number(baseline_value, "基期值") if baseline_value else old.baseline_value,
            document=guards.source_text(document or old.document), version=old.version + 1, replaces=old,
            reason=reason.strip(), entered_by=user, revision=1, **numbers,
        )  # fmt: skip
        tx.log("evidence.target.revise", _ref(new), _facts(old), _facts(new), reason)
    return new


def withdraw_target(user: User, target: Target, *, reason: str, revision: int | None = None) -> Target:
    """Take a target out of force, with a reason."""
    guards.within_reach(user, EDIT, target.region, target.department)
    if not reason.strip():
        raise EvidenceError("撤销目标必须写明理由。", "withdrawal without a reason", where={"字段": "理由"},
                            remedy_zh="请写明依据和理由。")  # fmt: skip
    with change(user.actor()) as tx:
        old = _active(target, revision)
        old.status, old.reason = Target.Status.WITHDRAWN, reason.strip()
        old.revision += 1
        old.save(update_fields=["status", "reason", "revision"])
        tx.log("evidence.target.withdraw", _ref(old), {"status": "active"}, {"status": "withdrawn"}, reason)
    return old


def _active(target: Target, revision: int | None) -> Target:
    rows = Target.objects.select_for_update(of=("self",)).select_related("indicator", "region", "department")
    old = rows.get(pk=target.pk)
    guards.fresh(old, revision)
    guards.unlocked(old.indicator, old.region, old.span)
    if old.status != Target.Status.ACTIVE:
        raise WrongState(f"该目标{old.status_zh}。", f"target is {old.status}", value=old.status,
                         remedy_zh="请打开最新版本。")  # fmt: skip
    return old
