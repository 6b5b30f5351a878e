"""Year rollover: open items are carried over, closed or renewed. A preview shows what would happen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.duties.services import counts, items, loop, shine
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

ROLLOVER = "duties.year.rollover"
CARRY, CLOSE, RENEW, LEAVE = "carry", "close", "renew", "leave"
_CHUNK = 500
WORDS = {CARRY: "结转", CLOSE: "终止", RENEW: "续办", LEAVE: "不动"}


@dataclass(frozen=True)
class Plan:
    """What the rollover does with one item, and why."""

    item: WorkItem
    what: str
    why: str


@dataclass
class Outcome:
    """What was done: counts by act, and the refusals with their reasons."""

    done: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)


def proposal(item: WorkItem, year: int) -> tuple[str, str]:
    """What is proposed for an item at the end of ``year``: open duties are carried over, recurring ones
    renewed. The reason is in the language of the page."""
    if item.is_open:
        if item.deadline is not None and item.deadline <= date(year, 12, 31):
            return CARRY, _("期限 %(day)s 已在本年度内，未办结") % {"day": item.deadline}
        return CARRY, _("跨年度事项，继续办理")
    if item.state == "closed_out" and item.cycle != "none":
        return RENEW, _("已销号的周期性事项，下年度续办")
    return LEAVE, _("已办结")


def _concerned(user: User, year: int, choices: dict[int, str]) -> QuerySet[WorkItem]:
    """The items of the year for which something is proposed or chosen."""
    rows = queries.visible(user).filter(year=year, renewed_by__isnull=True)
    open_ones = Q(state__in=queries.open_states())
    recurring = Q(state="closed_out") & ~Q(cycle="none")
    return rows.filter(open_ones | recurring | Q(pk__in=list(choices)))


def proposed(user: User, year: int) -> dict[str, int]:
    """How many items would be carried over and renewed."""
    permissions.require(user, ROLLOVER)
    rows = _concerned(user, year, {}).order_by()
    counts_ = rows.aggregate(
        carry=Count("pk", filter=Q(state__in=queries.open_states())), renew=Count("pk", filter=Q(state="closed_out"))
    )
    return {CARRY: counts_["carry"], CLOSE: 0, RENEW: counts_["renew"], LEAVE: 0}


def preview(
    user: User, year: int, choices: dict[int, str] | None = None, *, limit: int | None = None, after: int = 0
) -> list[Plan]:
    """What a rollover of ``year`` would do, item by item; ``choices`` (item id to act) override the proposals.

    ``limit`` and ``after`` (an item id) give a part of it.
    """
    permissions.require(user, ROLLOVER)
    choices = choices or {}
    for what in choices.values():
        _known(what)
    plans = []
    rows = _concerned(user, year, choices).filter(pk__gt=after).select_related("lead_department").order_by("id")
    for item in rows if limit is None else rows[:limit]:
        what, why = proposal(item, year)
        if item.pk in choices and (item.is_open or choices[item.pk] != CLOSE):
            what, why = choices[item.pk], _("人工选择")
        plans.append(Plan(item, what, why))
    return plans if limit is not None else [plan for plan in plans if plan.what != LEAVE]


def _known(what: str) -> None:
    if what not in WORDS:
        raise Invalid(
            f"没有“{what}”这种结转方式。", f"unknown act {what}", value=what, remedy_zh="可选：结转、终止、续办、不动。"
        )


def roll_over(
    user: User, year: int, choices: dict[int, str] | None = None, *, opinion: str = "年度结转",
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:  # fmt: skip
    """Do it: each item in a transaction of its own, so that an interruption is continued by calling again.

    carry: the open item moves into the next year with its story; close: it is terminated with ``opinion``; renew: a new
    item for the next year with the same units, deadline one year later, linked to the old one.
    """
    permissions.require(user, ROLLOVER)
    total, done, after = _concerned(user, year, choices or {}).count(), 0, 0
    outcome = Outcome()
    while plans := preview(user, year, choices, limit=_CHUNK, after=after):
        for plan in plans:
            after, done = plan.item.pk, done + 1
            _do(user, plan, year, opinion, outcome)
            if progress:
                progress(done, total)
    return outcome


def _do(user: User, plan: Plan, year: int, opinion: str, outcome: Outcome) -> None:
    if plan.what == LEAVE:
        return
    try:
        if plan.what == CARRY:
            _carry(user, plan.item, year, opinion)
        elif plan.what == CLOSE:
            loop.act(user, plan.item, "terminate", opinion=opinion)
        else:
            _renew(user, plan.item, year)
        outcome.done[plan.what] += 1
    except (loop.Refused, loop.Conflict, Invalid) as error:
        outcome.refused.append((plan.item.pk, error.sentence_zh()))


def _carry(user: User, item: WorkItem, year: int, opinion: str) -> None:
    with change(user.actor()) as tx:
        fresh = WorkItem.objects.select_for_update().get(pk=item.pk)
        if fresh.version != item.version or fresh.year != year or not fresh.is_open:
            raise loop.Stale("事项刚刚被他人更新。", f"item {item.pk} changed", where={"事项": item.code})
        fresh.year = year + 1
        fresh.version += 1
        shine.relight(fresh, timezone.localdate())
        fresh.save()
        items.record(
            fresh,
            user,
            "carry",
            "结转",
            fresh.state,
            fresh.state,
            opinion=opinion,
            detail=f"由 {year} 年度转入 {year + 1} 年度",
        )
        counts.follow(tx, fresh)
        tx.log("duties.item.carry", fresh.ref, {"year": year}, {"year": year + 1}, note=opinion)


def _next_year(day: date | None) -> date | None:
    if day is None:
        return None
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


def _renew(user: User, item: WorkItem, year: int) -> WorkItem:
    with change(user.actor()) as tx:
        old = WorkItem.objects.select_for_update().get(pk=item.pk)
        if old.renewed_by.exists():
            raise loop.Stale("此事项已经续办。", f"item {item.pk} is renewed", where={"事项": item.code})
        units = items.units_of(old)
        draft = items.Draft(
            title=old.title, lead=old.lead_department, kind=old.kind, year=year + 1, region=old.region,
            office=old.office_department, body=old.body, deadline=_next_year(old.deadline), cycle=old.cycle,
            units=units,
            source_ref=old.source_ref, source_title=old.source_title, source_place=old.source_place, renews=old,
            targets=list(old.targets.values_list("target_ref", flat=True)),
        )  # fmt: skip
        return items.make(tx, user, draft)


def chosen(ids: Iterable[int], what: str) -> dict[int, str]:
    """``choices`` for many items at once."""
    _known(what)
    return dict.fromkeys(ids, what)
