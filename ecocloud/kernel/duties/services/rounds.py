"""Dispatch rounds (调度): open, fill, check, return, lock, remind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from ecocloud.base.errors import Conflict, Forbidden
from ecocloud.base.periods import Period
from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties.errors import Invalid, Refused
from ecocloud.kernel.duties.models import Notice, Round, RoundReport, WorkItem
from ecocloud.kernel.duties.reconstruction import BY, HANDLING
from ecocloud.kernel.duties.services import counts, items, notices, shine, standing
from ecocloud.kernel.duties.services import figures as observed
from ecocloud.kernel.duties.services.loop import Stale
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.models import User

ROUND_MANAGE = "duties.round.manage"
ROUND_FILL = "duties.round.fill"
_CHUNK = 1000
# The states in which a unit has something to report on.
_REPORTING = ("issued", "signed", "in_progress")


class WrongReportState(Refused):
    """The report or round is not in a state that allows this."""

    code = "duties.report_state"


def _round_locked(pk: int) -> Round:
    return Round.objects.select_for_update().get(pk=pk)


def open_round(
    user: User, *, period: str, due: date, title: str = "", cycle: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Round:  # fmt: skip
    """Start a round for ``period``: one owed report for each open issued item of the period's year (and earlier).

    ``cycle`` limits it to items with that feedback cycle. Reports are written in chunks of short transactions; a round
    that was interrupted stays ``opening`` and :func:`continue_round` goes on where it stopped. Units get one notice.
    """
    return continue_round(user, begin_round(user, period=period, due=due, title=title, cycle=cycle), progress=progress)


def begin_round(user: User, *, period: str, due: date, title: str = "", cycle: str | None = None) -> Round:
    """The round without its reports, ``opening``; the same one again when it was begun before and not finished."""
    permissions.require(user, ROUND_MANAGE)
    read = Period.parse(period)
    if cycle is not None:
        items.checked_cycle(cycle)
    year = (read.end or read.start).year
    title = title.strip() or f"{read.label_zh()}调度"
    try:
        with change(user.actor()) as tx:
            row = Round.objects.create(
                title=title[:200], year=year, period=read.edtf, cycle=cycle, due=due, created_by=user
            )
            tx.log("duties.round.open", f"round:{row.pk}", after={"period": row.period, "due": due, "cycle": cycle})
    except IntegrityError as error:
        begun = Round.objects.filter(period=read.edtf, title=title[:200], state=Round.State.OPENING).first()
        if begun is not None:
            return begun
        raise Conflict(
            f"“{title}”已经建立。",
            "round exists",
            code="duties.round_exists",
            value=title,
            remedy_zh="请打开已有的调度。",
        ) from error
    return row


def due_count(row: Round) -> int:
    """How many reports the round will owe."""
    return _due_items(row).count()


def _due_items(row: Round) -> Any:
    wanted = WorkItem.objects.filter(state__in=_REPORTING, year__lte=row.year)
    return wanted.filter(cycle=row.cycle) if row.cycle else wanted


def continue_round(user: User, row: Round, *, progress: Callable[[int, int], None] | None = None) -> Round:
    """Write the owed reports that are still missing; harmless when the round is open already."""
    permissions.require(user, ROUND_MANAGE)
    total = due_count(row)
    written = 0
    while True:
        with change(user.actor()) as tx:
            row = _round_locked(row.pk)
            if row.state != Round.State.OPENING:
                return row
            due = _due_items(row).filter(pk__gt=row.reached).order_by("pk")
            found = list(due.values_list("pk", "lead_department_id")[:_CHUNK])
            RoundReport.objects.bulk_create(
                [RoundReport(round=row, item_id=pk, department_id=unit) for pk, unit in found], batch_size=500
            )
            if found:
                row.reached = found[-1][0]
            else:
                row.state = Round.State.OPEN
                _tell_owing(row, "round")
                owed = RoundReport.objects.filter(round=row).count()
                tx.log("duties.round.opened", f"round:{row.pk}", after={"owed": owed})
            row.save(update_fields=["reached", "state"])
        written += len(found)
        if progress:
            progress(written, total)


def _owing(row: Round) -> Any:
    return RoundReport.objects.filter(round=row, state__in=(RoundReport.State.OWED, RoundReport.State.RETURNED))


def _tell_owing(row: Round, kind: str, departments: Iterable[int] | None = None) -> int:
    owing = _owing(row) if departments is None else _owing(row).filter(department_id__in=list(departments))
    units: dict[int, int] = {}
    for unit in owing.values_list("department_id", flat=True):
        units[unit] = units.get(unit, 0) + 1
    notices.put(
        Notice(
            department_id=unit, kind=kind, ref=f"round:{row.pk}", title=row.title,
            text=f"应报 {units[unit]} 项，{row.due:%Y-%m-%d} 前报送。",
        )
        for unit in sorted(units)
    )  # fmt: skip
    return len(units)


def remind(user: User, row: Round, departments: Iterable[int] | None = None) -> int:
    """Remind the units that still owe reports (all, or those given); returns how many units were reminded."""
    permissions.require(user, ROUND_MANAGE)
    with change(user.actor()) as tx:
        row = _round_locked(row.pk)
        _require_open(row)
        told = _tell_owing(row, "remind", departments)
        owing = _owing(row) if departments is None else _owing(row).filter(department_id__in=list(departments))
        owing.update(reminded_at=timezone.now())
        tx.log("duties.round.remind", f"round:{row.pk}", after={"units": told})
    return told


def _require_open(row: Round) -> None:
    if row.state != Round.State.OPEN:
        raise WrongReportState(
            f"“{row.title}”{row.get_state_display()}，不能填报或审核。",
            f"round {row.pk} is {row.state}",
            value=row.state,
            remedy_zh="" if row.state != Round.State.LOCKED else "数值如需更正，请在“指标与目标”中更正并说明理由。",
        )


def _report_locked(report: RoundReport, version: int | None) -> RoundReport:
    RoundReport.objects.select_for_update().only("pk").get(pk=report.pk)
    fresh = RoundReport.objects.select_related("round", "item__region", "department__region", "submitted_by").get(
        pk=report.pk
    )
    _require_open(fresh.round)
    wanted = report.version if version is None else version
    if fresh.version != wanted:
        raise Stale("此项报送已被他人更新。", f"report {fresh.pk} changed", value=wanted, remedy_zh="请刷新后再办。")
    return fresh


def require_within(user: User, report: RoundReport) -> None:
    """Raise NotVisible unless the report is in the person's data scope, by its unit or by its item."""
    if not scope.sees_department(user, report.department_id, standing.VIEW):
        standing.require_seen(user, report.item)


def answers_for(user: User, report: RoundReport) -> None:
    """Raise Forbidden unless the person's unit owes the report, or the person runs rounds and sees it (NotVisible)."""
    if standing.acts_for(user, report.department):
        return
    if not permissions.allowed(user, ROUND_MANAGE):
        raise Forbidden("这不是贵单位的报送任务。", f"report {report.pk} is of another unit", value=report.pk)
    require_within(user, report)


def _percent(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not 0 <= number <= 100:
        raise Invalid(
            f"进度“{value}”不对。",
            "progress out of range",
            where={"字段": "进度"},
            value=value,
            remedy_zh="应为 0 至 100 的数。",
        )
    return number


def fill(
    user: User, report: RoundReport, *, progress: Any, text: str, problem: str = "",
    figures: Mapping[str, Any] | None = None, version: int | None = None,
) -> RoundReport:  # fmt: skip
    """A unit's report: progress in percent, words, problems, figures (``target:ID`` or ``ind:CODE`` to number as text).

    The office may fill for a unit that does not sign in. Raises WrongReportState, Stale, Invalid, Forbidden, and what
    :func:`ecocloud.kernel.duties.services.figures.checked` raises.
    """
    permissions.require(user, ROUND_FILL)
    number = _percent(progress)
    if not text.strip():
        raise Invalid("没有填写进展情况。", "text missing", where={"字段": "进展"}, remedy_zh="请写明本期做了什么。")
    with change(user.actor()) as tx:
        fresh = _report_locked(report, version)
        answers_for(user, fresh)
        if fresh.state not in (RoundReport.State.OWED, RoundReport.State.RETURNED, RoundReport.State.SUBMITTED):
            raise WrongReportState(
                f"此项{fresh.get_state_display()}，不能再填。", f"report is {fresh.state}", value=fresh.state,
                remedy_zh="如需更正，请办公室退回。",
            )  # fmt: skip
        before = {"state": fresh.state, "progress": fresh.progress}
        fresh.state, fresh.progress = RoundReport.State.SUBMITTED, number
        fresh.text, fresh.problem = text, problem
        fresh.figures = observed.checked(fresh, figures or {}, user)
        fresh.submitted_by, fresh.submitted_at = user, timezone.now()
        fresh.version += 1
        fresh.save()
        after = {"state": fresh.state, "progress": number, "figures": fresh.figures}
        tx.log("duties.report.fill", f"item:{fresh.item_id}", before, after, note=text)
    return fresh


def check(user: User, report: RoundReport, *, remark: str = "", version: int | None = None) -> RoundReport:
    """The office accepts a report: its progress becomes the item's, its figures become confirmed observations.

    The checker is not the one who filled it. A figure that cannot be confirmed refuses the whole acceptance.
    """
    permissions.require(user, ROUND_MANAGE)
    with change(user.actor()) as tx:
        # The item before the report, as a transfer does: nobody waits in a circle.
        WorkItem.objects.select_for_update().only("pk").get(pk=report.item_id)
        fresh = _report_locked(report, version)
        require_within(user, fresh)
        _require_submitted(fresh)
        if fresh.submitted_by_id == user.pk:
            raise Invalid(
                "审核人不能是填报人。", "the checker filled this report", value=fresh.pk, remedy_zh="请由其他人员审核。"
            )
        fresh.state, fresh.checked_by, fresh.checked_at = RoundReport.State.ACCEPTED, user, timezone.now()
        fresh.remark = remark
        fresh.version += 1
        fresh.save()
        _carry_progress(tx, fresh)
        taken = [f"obs:{row.pk}" for row in observed.take_in(user, fresh)]
        after = {"round": fresh.round_id} | ({"observations": taken} if taken else {})
        tx.log("duties.report.check", f"item:{fresh.item_id}", after=after, note=remark)
    return fresh


def _require_submitted(fresh: RoundReport) -> None:
    if fresh.state != RoundReport.State.SUBMITTED:
        raise WrongReportState(
            f"此项{fresh.get_state_display()}，不能审核。", f"report is {fresh.state}", value=fresh.state,
            remedy_zh="只有已报送的可以审核。",
        )  # fmt: skip


def _carry_progress(tx: Change, report: RoundReport) -> None:
    item = WorkItem.objects.select_for_update().get(pk=report.item_id)
    if item.state in ("signed", "in_progress"):
        _write_progress(
            tx, report.submitted_by, item, report.progress, "调度填报", report.text, report.submitted_at,
            f"{report.round.title}：进度 {report.progress}%",
        )  # fmt: skip


def note_progress(user: User, item: WorkItem, progress: Any, text: str) -> WorkItem:
    """The office notes the progress a unit told it off line (import of a ledger)."""
    permissions.require(user, standing.MANAGE)
    number = item.progress if progress is None else _percent(progress)
    with change(user.actor()) as tx:
        fresh = WorkItem.objects.select_for_update().get(pk=item.pk)
        standing.require_seen(user, fresh)
        if not fresh.is_open:
            raise WrongReportState(
                f"事项已{fresh.state_zh}，不能再记进展。",
                f"item {fresh.pk} is {fresh.state}",
                where={"事项": fresh.code},
            )
        _write_progress(tx, user, fresh, number, "登记进展", text, timezone.now(), f"进度 {number}%")
    return fresh


def _write_progress(
    tx: Change, user: User, item: WorkItem, number: Decimal, word: str, text: str, at: Any, detail: str
) -> None:
    """Whoever writes it down for another unit is not thereby a handler. The journal names who did it and, where that
    is another person, whose report it is."""
    before, handling = items.snapshot(item), standing.acts_for(user, item.lead_department)
    item.progress = number
    item.version += 1
    shine.relight(item, timezone.localdate())
    item.save()
    items.record(
        item,
        user,
        "progress",
        word,
        item.state,
        item.state,
        opinion=text,
        detail=detail,
        at=at,
        handling=handling,
    )
    counts.follow(tx, item)
    after = {"progress": item.progress, "light": item.light}
    told: dict[str, Any] = {HANDLING: handling}
    if tx.actor.id != user.actor().id:
        told[BY] = user.actor().id
    tx.log("duties.item.progress", item.ref, {name: before[name] for name in after}, after | told, note=text)


def send_back(user: User, report: RoundReport, remark: str, *, version: int | None = None) -> RoundReport:
    """The office returns a report with its reason; the unit gets a notice, its figures count no longer."""
    permissions.require(user, ROUND_MANAGE)
    if not remark.strip():
        raise Invalid("退回必须写明原因。", "remark missing", where={"字段": "意见"}, remedy_zh="请填写意见。")
    with change(user.actor()) as tx:
        fresh = _report_locked(report, version)
        require_within(user, fresh)
        if fresh.state not in (RoundReport.State.SUBMITTED, RoundReport.State.ACCEPTED):
            _require_submitted(fresh)
        if fresh.state == RoundReport.State.ACCEPTED:
            observed.give_up(user, fresh, remark)
        fresh.state, fresh.remark = RoundReport.State.RETURNED, remark
        fresh.checked_by, fresh.checked_at = user, timezone.now()
        fresh.version += 1
        fresh.save()
        event = notices.event_of("return", fresh.pk, fresh.version)
        title = f"退回：{fresh.item.title}"
        notices.tell_unit(fresh.department, "return", f"round:{fresh.round_id}", title, remark, event=event)
        tx.log("duties.report.return", f"item:{fresh.item_id}", after={"round": fresh.round_id}, note=remark)
    return fresh


def lock(user: User, row: Round, *, even_if_owed: bool = False) -> Round:
    """Lock a round: nothing in it changes any more. Refused while reports are owed or unchecked, unless told to."""
    permissions.require(user, ROUND_MANAGE)
    with change(user.actor()) as tx:
        row = _round_locked(row.pk)
        _require_open(row)
        waiting = RoundReport.objects.filter(Q(round=row) & ~Q(state=RoundReport.State.ACCEPTED)).count()
        if waiting and not even_if_owed:
            raise WrongReportState(
                f"还有 {waiting} 项未报送或未审核。", f"{waiting} reports are open", value=waiting,
                remedy_zh="请催报、审核后再锁定，或选择“按现状锁定”。",
            )  # fmt: skip
        RoundReport.objects.filter(round=row, state=RoundReport.State.ACCEPTED).update(state=RoundReport.State.LOCKED)
        row.state, row.locked_at = Round.State.LOCKED, timezone.now()
        row.version += 1
        row.save()
        tx.log("duties.round.lock", f"round:{row.pk}", after={"waiting": waiting})
    return row


def who_owes(user: User, row: Round) -> list[dict[str, Any]]:
    """The units that still owe reports; see :func:`ecocloud.kernel.duties.queries.who_owes`."""
    return queries.who_owes(user, row)
