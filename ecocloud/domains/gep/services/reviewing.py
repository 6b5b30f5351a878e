"""Comments of experts on a run, replies, and the run whose figures hold."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils import timezone

from ecocloud.base import typed
from ecocloud.domains.gep import facts, figures, queries
from ecocloud.domains.gep.access import COMMENT, CONFIRM
from ecocloud.domains.gep.errors import GepError, NotThere, OwnWork, WrongState
from ecocloud.domains.gep.models import Comment, Run, RunAccount, RunLine
from ecocloud.domains.gep.services import reporting, runs
from ecocloud.domains.gep.services.guards import accounting_in_reach
from ecocloud.kernel.evidence import services as evidence
from ecocloud.kernel.evidence.models import Indicator, Observation
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Region, User


def _seen(user: User, run: Run | int) -> Run:
    key = run if isinstance(run, int) else run.pk
    found = queries.runs(user).filter(pk=key).first()
    if found is None:
        raise NotThere("没有这次运行，或不在您的数据范围内。", f"no run {key} in reach", value=key)
    return found


def comment(
    user: User, run: Run | int, text: str, *, line: int | None = None, service: str = "", parent: int | None = None
) -> Comment:
    """Say something of a run, of a service or of one line; with ``parent`` a reply. Raises Forbidden, GepError."""
    permissions.require(user, COMMENT)
    row = _seen(user, run)
    said = typed.words(text, lines=True)
    if not said or len(said) > 2000:
        raise GepError("意见应为 1 至 2000 字。", "bad comment", where={"字段": "意见"}, remedy_zh="请写明问题和建议。")
    about = None
    if line is not None:
        about = RunLine.objects.filter(pk=line, account__run=row).first()
        if about is None:
            raise NotThere("运行中没有这一行。", f"no line {line} in run {row.pk}", value=line)
    if service and service not in facts.load().services:
        raise GepError("没有这项服务。", f"no service {service!r}", where={"字段": "服务"}, value=service)
    above = None
    if parent is not None:
        above = Comment.objects.filter(pk=parent, run=row, parent__isnull=True).first()
        if above is None:
            raise NotThere("没有要回复的意见。", f"no comment {parent} in run {row.pk}", value=parent)
    with change(user.actor()) as tx:
        made = Comment.objects.create(run=row, line=about, service=about.service if about else service, parent=above,
                                      text=said, by=user)  # fmt: skip
        after = {"comment": made.pk, "line": line, "service": made.service, "reply_to": parent}
        tx.log("gep.comment.reply" if above else "gep.comment.write", row.ref, None, after, said)
    return made


def resolve(user: User, given: Comment | int) -> Comment:
    """Take a comment as answered: by who made it, or by the office where it has a reply. Raises WrongState, OwnWork."""
    permissions.require(user, COMMENT)
    key = given if isinstance(given, int) else given.pk
    with change(user.actor()) as tx:
        row = Comment.objects.select_for_update(of=("self",)).select_related("run").get(pk=key)
        _seen(user, row.run)
        if row.parent_id or row.resolved_at:
            raise WrongState("该意见已解决，或是一条回复。", f"comment {key} cannot be resolved", value=key)
        if row.by_id != user.pk:
            accounting_in_reach(user, CONFIRM, row.run.accounting_id)
            if not row.replies.exists():
                raise GepError("请先答复意见，再标记为已解决。", "resolved without a reply", value=key)
        row.resolved_by, row.resolved_at = user, timezone.now()
        row.save(update_fields=["resolved_by", "resolved_at"])
        tx.log("gep.comment.resolve", row.run.ref, None, {"comment": row.pk})
    return row


def superseded_by(run: Run) -> list[RunAccount]:
    """The accounts of other runs that hold now for regions and years of this run."""
    keys = {(one.region_id, one.year) for one in run.accounts.all()}
    rows = RunAccount.objects.filter(standing=True, region__in={key[0] for key in keys}).exclude(run=run)
    rows = rows.select_related("run__accounting", "region")
    return [row for row in rows if (row.region_id, row.year) in keys]


def confirm(user: User, run: Run | int, *, reason: str = "") -> Run:
    """Let the figures of a run hold: they go into the indicators with a reference back, the forms are locked.

    Not by who computed it; not with values that are not approved, open comments, or data that changed since. Where an
    earlier run or another value holds for a region and year, ``reason`` says why this one takes its place: never
    silently.
    """
    key = run if isinstance(run, int) else run.pk
    reason = typed.words(reason)
    with change(user.actor()) as tx:
        row = Run.objects.select_for_update(of=("self",)).select_related("accounting__region", "made_by").get(pk=key)
        accounting_in_reach(user, CONFIRM, row.accounting_id)
        _confirmable(user, row)
        # Another run of these regions may be confirmed just now: the second waits, then meets what the first confirmed.
        places = Region.objects.filter(pk__in=row.accounts.values("region")).order_by("pk")
        list(places.select_for_update(no_key=True).values_list("pk", flat=True))
        older = superseded_by(row)
        given = _figures(row)
        there = _standing(given)
        if (older or there) and not reason:
            named = [f"{one.region.name} {one.year} 年（第 {one.run.number} 次运行）" for one in older] or [
                f"{one.region.name} {one.period} 年 {one.indicator.zh}" for one in there.values()
            ]
            raise GepError(
                f"{'、'.join(named[:4])}{'等' if len(named) > 4 else ''}已有确认结果，取代须写明理由。",
                f"{len(named)} confirmed results stand", where={"核算": row.accounting.title},
                remedy_zh="请在“理由”中说明为什么以本次运行为准。",
            )  # fmt: skip
        _supersede(tx, row, older, reason)
        row.state, row.confirmed_by, row.confirmed_at = Run.State.CONFIRMED, user, timezone.now()
        row.reason = reason[:300]
        row.save()
        row.accounts.update(standing=True)
        _give(user, row, given, there, reason)
        locked = reporting.lock_all(tx, user, list(row.accounting.forms.select_related("accounting", "region")))
        tx.log("gep.run.confirm", row.ref, {"state": "draft"}, {"state": row.state, "figures": len(given),
               "superseded": [one.ref for one in older], "locked": locked}, reason)  # fmt: skip
    return row


def _confirmable(user: User, row: Run) -> None:
    where = {"核算": row.accounting.title, "运行": row.number}
    if row.state != Run.State.DRAFT:
        raise WrongState("该运行已经确认过。", f"run is {row.state}", where=where, value=row.state)
    if row.made_by_id == user.pk:
        raise OwnWork("不能确认自己运行的结果。", f"user {user.pk} made run {row.pk}", where=where,
                      remedy_zh="请由另一位有权限的人员确认。")  # fmt: skip
    if row.unapproved:
        raise GepError(f"运行用到 {row.unapproved} 个未审定的数据。", f"{row.unapproved} values not approved",
                       where=where, remedy_zh="请审定全部报表后重新运行。")  # fmt: skip
    waiting = row.comments.filter(parent__isnull=True, resolved_at__isnull=True).count()
    if waiting:
        raise GepError(f"还有 {waiting} 条专家意见未解决。", f"{waiting} open comments", where=where,
                       remedy_zh="请答复并解决后再确认。")  # fmt: skip
    changed = runs.outdated(row)
    if changed:
        raise GepError(f"运行之后{'、'.join(changed[:4])}已变化。", f"changed since: {changed}", where=where,
                       remedy_zh="请重新运行后确认。")  # fmt: skip


Key = tuple[str, int, str]  # region, year, code of indicator


def _figures(row: Run) -> dict[Key, Any]:
    known, found = facts.load(), {}
    rows = queries.accounts_of(row)
    made = queries.accounts(rows)
    years: dict[int, list[RunAccount]] = defaultdict(list)
    for one in rows:
        years[one.year].append(one)
    whole = row.accounting.region_id
    for year, group in years.items():
        for one in group:
            accounts = [made[other.pk] for other in group] if one.whole else [made[one.pk]]
            values = figures.of_region(
                known, accounts, queries.statistic(group, "gdp", one.region_id),
                queries.statistic(group, "population", one.region_id), queries.area(group, one.region_id, whole),
            )  # fmt: skip
            found |= {(one.region_id, year, code): value for code, value in values.items()}
    return found


def _standing(given: dict[Key, Any]) -> dict[Key, Observation]:
    rows = Observation.objects.filter(
        indicator__code__in={key[2] for key in given}, region__in={key[0] for key in given}, qualifier="actual",
        period__in={str(key[1]) for key in given}, status__in=Observation.STANDING,
    ).select_related("indicator", "region")  # fmt: skip
    found = {(row.region_id, int(row.period), row.indicator.code): row for row in rows}
    return {key: row for key, row in found.items() if key in given}


def _supersede(tx: Change, row: Run, older: list[RunAccount], reason: str) -> None:
    for one in older:
        one.standing, one.superseded_by = False, row
        one.save(update_fields=["standing", "superseded_by"])
    for old in {one.run_id: one.run for one in older}.values():
        if not old.accounts.filter(standing=True).exists():
            old.state = Run.State.SUPERSEDED
            old.save(update_fields=["state"])
        tx.log("gep.run.supersede", old.ref, None, {"state": old.state, "by": row.ref}, reason)


def _give(user: User, row: Run, given: dict[Key, Any], there: dict[Key, Observation], reason: str) -> None:
    """Into the indicators: recorded by who computed the run, confirmed by who confirms it."""
    indicators = {one.code: one for one in Indicator.objects.filter(code__in={key[2] for key in given})}
    regions = Region.objects.in_bulk({key[0] for key in given})
    for key, value in given.items():
        region, year, code = key
        source = f"{row.ref}#{region}-{year}"
        if key in there:
            made = evidence.correct(row.made_by, there[key], value=value, reason=reason, source=source)
        else:
            made = evidence.record_observation(
                row.made_by, indicators[code], regions[region], str(year), value, source=source, submitted=True,
                department=row.accounting.office,
            )  # fmt: skip
        evidence.confirm(user, made)
