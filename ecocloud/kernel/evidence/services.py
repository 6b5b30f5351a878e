"""The only code that writes observations and locks: permission, scope, lock, change and journal in one transaction."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from ecocloud.base.periods import Period
from ecocloud.kernel.evidence import guards, trusted
from ecocloud.kernel.evidence.errors import EvidenceError, WrongState
from ecocloud.kernel.evidence.indicators import (
    accept_indicator,
    install_indicators,
    load_catalogue,
    propose_indicator,
)
from ecocloud.kernel.evidence.models import Indicator, Lock, Observation
from ecocloud.kernel.evidence.targeting import revise_target, set_target, withdraw_target
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region, User

__all__ = [
    "accept_indicator", "confirm", "confirm_by_rule", "correct", "install_indicators", "load_catalogue", "lock",
    "propose_indicator", "record_observation",
    "revise_target", "send_back", "set_target", "submit", "take_back", "unlock", "withdraw_target",
]  # fmt: skip

FILL, REVIEW = "evidence.observation.fill", "evidence.observation.review"
Status = Observation.Status


def _facts(observation: Observation) -> dict[str, Any]:
    return {
        "indicator": observation.indicator.code, "region": observation.region_id, "period": observation.period,
        "value": None if observation.value is None else str(observation.value), "value_text": observation.value_text,
        "unit": observation.unit, "qualifier": observation.qualifier, "status": observation.status,
        "source": observation.source, "version": observation.version,
    }  # fmt: skip


def _ref(observation: Observation) -> Ref:
    return Ref("obs", str(observation.pk), version=str(observation.version))


def _locked_row(observation: Observation | int) -> Observation:
    key = observation if isinstance(observation, int) else observation.pk
    rows = Observation.objects.select_for_update(of=("self",)).select_related("indicator", "region", "department")
    return rows.get(pk=key)


def record_observation(
    user: User, indicator: Indicator, region: Region, period: str | Period, value: Any = None, *, source: str,
    unit: str = "", value_text: str = "", qualifier: str = "actual", department: Department | None = None,
    denominator: Any = None, note: str = "", submitted: bool = False, confirmed: bool = False,
) -> Observation:  # fmt: skip
    """Write an observation: a draft, or changed draft, of this indicator, region, period and qualifier.

    Parameters
    ----------
    value: number in ``unit`` (default: the indicator's unit; others are converted, the given words kept).
    value_text: words where there is no number (达到国家二级标准). source: ``Ref`` text, never empty.
    qualifier: actual, change_yoy, change, difference or rank. denominator: valid days of a share of days.
    department: who answers for the value; default the person's own.
    submitted: hand it in at once. confirmed: confirm at once (needs the review permission): for figures that a
        person has just checked against their source.

    Raises Forbidden, Locked, EvidenceError; WrongState when a confirmed value stands (use :func:`correct`).
    """
    department = department or user.department
    guards.within_reach(user, FILL, region, department)
    if confirmed:
        permissions.require(user, REVIEW)
    span = Period.parse(period)
    fields = _content(indicator, value, unit, value_text, qualifier, denominator)
    state = Status.CONFIRMED if confirmed else (Status.SUBMITTED if submitted else Status.DRAFT)
    with change(user.actor()) as tx:
        guards.unlocked(indicator, region, span)
        there = Observation.objects.select_for_update().filter(
            indicator=indicator, region=region, period=span.edtf, qualifier=qualifier
        )
        if there.filter(status__in=Observation.STANDING).exists():
            raise WrongState(
                "该指标本期已有确认值。", "a confirmed value stands", where={"指标": indicator.zh, "区划": region.name,
                "时段": span.label_zh()}, value=value, remedy_zh="如有误，请使用“更正”并说明理由。",
            )  # fmt: skip
        draft = there.filter(status__in=Observation.OPEN).first()
        if draft is not None and draft.status == Status.SUBMITTED:
            raise WrongState("该指标本期已报送，正待复核。", "already submitted", where={"指标": indicator.zh},
                             remedy_zh="请等待复核，或请复核人退回。")  # fmt: skip
        before = _facts(draft) if draft else None
        row = draft or Observation(indicator=indicator, region=region, period=span.edtf, qualifier=qualifier)
        for name, content in fields.items():
            setattr(row, name, content)
        row.start, row.end, row.department, row.status = span.start, span.end, department, state
        row.source, row.note, row.entered_by, row.at = guards.source_text(source), note, user, timezone.now()
        if confirmed:
            row.confirmed_by, row.confirmed_at = user, timezone.now()
        row.revision += 1
        row.save()
        tx.log("evidence.observation.record", _ref(row), before, _facts(row), note)
    return row


def _content(
    indicator: Indicator, value: Any, unit: str, value_text: str, qualifier: str, denominator: Any
) -> dict[str, Any]:
    amount = guards.number(value, "数值")
    if amount is None and not value_text.strip():
        raise EvidenceError("没有填写数值。", "neither number nor words", where={"指标": indicator.zh, "字段": "数值"},
                            remedy_zh="请填写数值；没有数字时填写文字结论。")  # fmt: skip
    given = ""
    if amount is not None and qualifier == "actual":
        amount, given = guards.in_unit(amount, unit, indicator)
        unit = indicator.unit
    guards.plausible(amount, indicator, qualifier)
    words = value_text.strip() or given
    return {"value": amount, "unit": unit or indicator.unit, "value_text": words[:60],
            "denominator": guards.number(denominator, "有效天数")}  # fmt: skip


def _step(
    user: User, observation: Observation, permission: str, allowed: tuple[str, ...], to: str, action: str, *,
    revision: int | None = None, opinion: str = "",
) -> Observation:  # fmt: skip
    guards.within_reach(user, permission, observation.region, observation.department)
    with change(user.actor()) as tx:
        row = _locked_row(observation)
        guards.fresh(row, revision)
        guards.unlocked(row.indicator, row.region, row.span)
        if row.status not in allowed:
            raise WrongState(
                f"当前状态为“{row.status_zh}”，不能{action}。", f"{row.status} cannot become {to}",
                where={"指标": row.indicator.zh, "时段": row.span.label_zh()}, value=row.status,
                remedy_zh="请刷新后查看最新状态。",
            )  # fmt: skip
        before = {"status": row.status}
        if to == Status.CONFIRMED:
            if row.entered_by_id == user.pk:
                raise EvidenceError("复核人不能是填报人本人。", "reviewer entered it",
                                    where={"指标": row.indicator.zh},
                                    remedy_zh="请由另一位有复核权限的人员确认。")  # fmt: skip
            row.confirmed_by, row.confirmed_at = user, timezone.now()
            _supersede(row, tx)
        row.status = to
        row.revision += 1
        row.save()
        tx.log(f"evidence.observation.{to}", _ref(row), before, {"status": to}, opinion)
    return row


def _supersede(row: Observation, tx: Any) -> None:
    """The confirmed value this correction replaces stays readable as 已更正."""
    if row.replaces_id:
        old = _locked_row(row.replaces_id)
        old.status = Status.SUPERSEDED
        old.revision += 1
        old.save(update_fields=["status", "revision"])
        tx.log("evidence.observation.superseded", _ref(old), None, {"status": Status.SUPERSEDED, "by": str(_ref(row))},
               row.reason)  # fmt: skip


def submit(user: User, observation: Observation, *, revision: int | None = None) -> Observation:
    """Hand a draft (or returned) observation in for review."""
    allowed = (Status.DRAFT, Status.RETURNED)
    return _step(user, observation, FILL, allowed, Status.SUBMITTED, "报送", revision=revision)


def confirm(user: User, observation: Observation, *, opinion: str = "", revision: int | None = None) -> Observation:
    """Confirm a submitted observation; the reviewer is another person than the one who entered it."""
    return _step(
        user, observation, REVIEW, (Status.SUBMITTED,), Status.CONFIRMED, "确认", revision=revision, opinion=opinion
    )


def confirm_by_rule(user: User, observation: Observation, code: str) -> Observation:
    """Confirm a submitted value by a trusted rule, in the name of ``user``, who switched the rule on for it.

    The rule acts, so the journal names the system, the rule and the person. Raises Forbidden when the person may no
    longer review the value, EvidenceError when the person entered it, when it is a correction or the rule says no.
    """
    rule = trusted.rule_of(code)
    guards.within_reach(user, REVIEW, observation.region, observation.department)
    with change(SYSTEM) as tx:
        row = _locked_row(observation)
        guards.unlocked(row.indicator, row.region, row.span)
        where = {"指标": row.indicator.zh, "时段": row.span.label_zh()}
        if row.status != Status.SUBMITTED:
            raise WrongState(f"当前状态为“{row.status_zh}”，不能确认。", f"{row.status} cannot become confirmed",
                             where=where, value=row.status)  # fmt: skip
        against = "更正由人复核" if row.replaces_id else rule.against(row)
        if row.entered_by_id == user.pk:
            against = "启用规则的人不能是填报人本人"
        if against:
            raise EvidenceError(f"规则不确认：{against}。", f"rule {code} does not vouch for the value", where=where,
                                value=row.source, remedy_zh="请由有复核权限的人员确认。")  # fmt: skip
        row.status, row.confirmed_by, row.confirmed_at = Status.CONFIRMED, user, timezone.now()
        row.confirmed_rule = code
        row.revision += 1
        row.save()
        tx.log("evidence.observation.rule", _ref(row), {"status": Status.SUBMITTED},
               {"status": row.status, "rule": code, "switched_on_by": user.pk}, rule.zh)  # fmt: skip
    return row


def send_back(user: User, observation: Observation, *, reason: str, revision: int | None = None) -> Observation:
    """Return a submitted observation to the one who filled it in; the reason is mandatory."""
    if not reason.strip():
        raise EvidenceError(
            "退回必须写明理由。", "return without a reason", where={"字段": "理由"}, remedy_zh="请说明哪里需要修改。"
        )
    return _step(
        user, observation, REVIEW, (Status.SUBMITTED,), Status.RETURNED, "退回", revision=revision, opinion=reason
    )


def take_back(user: User, observation: Observation, *, reason: str, revision: int | None = None) -> Observation:
    """Take a confirmation back, because the report the value came with is returned; the value counts no longer.

    Refused after a lock, for a corrected value and while a correction is open: then only :func:`correct` changes it.
    """
    guards.within_reach(user, REVIEW, observation.region, observation.department)
    if not reason.strip():
        raise EvidenceError("退回必须写明理由。", "taken back without a reason", where={"字段": "理由"},
                            remedy_zh="请说明哪里需要修改。")  # fmt: skip
    with change(user.actor()) as tx:
        row = _locked_row(observation)
        guards.fresh(row, revision)
        guards.unlocked(row.indicator, row.region, row.span)
        where = {"指标": row.indicator.zh, "时段": row.span.label_zh()}
        corrected = row.replaces_id is not None or row.corrections.filter(status__in=Observation.OPEN).exists()
        if row.status != Status.CONFIRMED or corrected:
            what = "已有更正" if corrected else f"当前状态为“{row.status_zh}”"
            raise WrongState(
                f"该数据{what}，不能退回。", f"{row.status} cannot be taken back", where=where, value=row.status,
                remedy_zh="如有误，请使用“更正”并说明理由。",
            )  # fmt: skip
        row.status, row.confirmed_by, row.confirmed_at = Status.RETURNED, None, None
        row.confirmed_rule = ""
        row.revision += 1
        row.save()
        tx.log("evidence.observation.returned", _ref(row), {"status": Status.CONFIRMED}, {"status": row.status}, reason)
    return row


def correct(
    user: User, observation: Observation, *, value: Any = None, value_text: str = "", unit: str = "", reason: str,
    source: str = "", denominator: Any = None, note: str = "",
) -> Observation:  # fmt: skip
    """A new version of a confirmed value, handed in for review; the old one counts until the new one is confirmed.

    reason: mandatory. source: default the source of the old version.
    """
    guards.within_reach(user, FILL, observation.region, observation.department)
    if not reason.strip():
        raise EvidenceError("更正必须写明理由。", "correction without a reason", where={"字段": "理由"},
                            remedy_zh="请说明为什么更正、依据是什么。")  # fmt: skip
    with change(user.actor()) as tx:
        old = _locked_row(observation)
        guards.unlocked(old.indicator, old.region, old.span)
        if old.status != Status.CONFIRMED:
            raise WrongState(f"当前状态为“{old.status_zh}”，不能更正。", f"{old.status} cannot be corrected",
                             value=old.status, remedy_zh="只有已确认的数据需要更正；草稿请直接修改。")  # fmt: skip
        key = {"indicator": old.indicator, "region": old.region, "period": old.period, "qualifier": old.qualifier}
        if Observation.objects.filter(**key, status__in=Observation.OPEN).exists():
            raise WrongState("已有一条更正正在处理。", "a correction is open", where={"指标": old.indicator.zh},
                             remedy_zh="请先处理该条更正。")  # fmt: skip
        new = Observation(
            **key, start=old.start, end=old.end, department=old.department, status=Status.SUBMITTED, note=note,
            source=guards.source_text(source or old.source), version=old.version + 1, replaces=old,
            reason=reason.strip(), entered_by=user, revision=1,
            **_content(old.indicator, value, unit, value_text, old.qualifier, denominator or old.denominator),
        )  # fmt: skip
        new.save()
        tx.log("evidence.observation.correct", _ref(new), _facts(old), _facts(new), reason)
    return new


def _covered(region: Region, year: int, group: str) -> QuerySet[Observation]:
    first, after = region.span
    found = Observation.objects.filter(region_id__gte=first, region_id__lt=after).filter(
        Q(end__year=year) | Q(end__isnull=True, start__year=year)
    )
    return found.filter(indicator__group=group) if group else found


def lock(user: User, region: Region, year: int, group: str = "", *, note: str = "") -> Lock:
    """Lock a region (with all below it), a year and a group of indicators ('' = all) after review.

    Refused while values of that range are still drafts, handed in or returned.
    """
    guards.within_reach(user, "evidence.period.lock", region, None)
    with change(user.actor()) as tx:
        rows = _covered(region, year, group)
        pending = rows.filter(status__in=Observation.OPEN).count()
        if pending:
            raise WrongState(f"还有 {pending} 条数据未复核完。", f"{pending} observations are open", value=pending,
                             where={"区划": region.name, "年度": year},
                             remedy_zh="请先确认或退回后处理完毕再锁定。")  # fmt: skip
        if Lock.objects.filter(region=region, year=year, group=group, unlocked_at__isnull=True).exists():
            raise WrongState("该范围已经锁定。", "already locked", where={"区划": region.name, "年度": year})
        made = Lock.objects.create(region=region, year=year, group=group, note=note, locked_by=user)
        count = rows.filter(status=Status.CONFIRMED).update(status=Status.LOCKED)
        tx.log("evidence.period.lock", Ref("evlock", str(made.pk)), None,
               {"region": region.pk, "year": year, "group": group, "rows": count}, note)  # fmt: skip
    return made


def unlock(user: User, held: Lock, *, reason: str) -> Lock:
    """Open a locked range again; needs its own permission and a reason."""
    guards.within_reach(user, "evidence.period.unlock", held.region, None)
    if not reason.strip():
        raise EvidenceError(
            "解锁必须写明理由。", "unlock without a reason", where={"字段": "理由"}, remedy_zh="请说明解锁的依据。"
        )
    with change(user.actor()) as tx:
        row = Lock.objects.select_for_update().get(pk=held.pk)
        if row.unlocked_at is not None:
            raise WrongState("该范围已经解锁。", "already unlocked")
        row.unlocked_at, row.unlocked_by, row.unlock_reason = timezone.now(), user, reason.strip()
        row.save()
        rows = _covered(row.region, row.year, row.group).filter(status=Status.LOCKED)
        others = Lock.objects.filter(year=row.year, unlocked_at__isnull=True).select_related("region")
        for other in others:
            first, after = other.region.span
            covered = Q(region_id__gte=first, region_id__lt=after)
            rows = rows.exclude(covered & Q(indicator__group=other.group) if other.group else covered)
        count = rows.update(status=Status.CONFIRMED)
        tx.log("evidence.period.unlock", Ref("evlock", str(row.pk)), None, {"rows": count}, reason)
    return row
