"""督办函 from an item: drafted by hand, or by the clock when the item is overdue for long. A person sends it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from ecocloud.base.errors import Conflict, EcoError
from ecocloud.kernel.duties import reminding
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.models import ItemRef, WorkItem
from ecocloud.kernel.duties.services import items, notices, shine, standing
from ecocloud.kernel.journal.services import SYSTEM, Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

KIND = "supervise"
LETTER = "letter"


def _open_letters(keys: Iterable[str]) -> set[str]:
    """The items (by reference) about which a letter is still open."""
    ended = [code for code, state in all_kinds()[LETTER].states.items() if state.terminal]
    rows = ItemRef.objects.filter(ref__in=list(keys), role=ItemRef.Role.SOURCE, item__kind=LETTER)
    return set(rows.exclude(item__state__in=ended).values_list("ref", flat=True))


def _draft(tx: Change, user: User, item: WorkItem, text: str, channel: str) -> WorkItem:
    late = f"{item.code} 应于 {item.deadline} 前完成，现处“{item.state_zh}”环节，{item.light_words}。"
    source = f"{item.code} {item.title}"[:300]
    made = items.make(
        tx, user,
        items.Draft(
            title=f"关于“{item.title}”的督办函"[:300], lead=item.lead_department, kind=LETTER, region=item.region,
            office=item.office_department, body=text or f"{late}请书面回复办理情况。",
            source_ref=item.ref, source_title=source, channel=channel,
        ),
    )  # fmt: skip
    notices.tell_unit(item.office_department_id, KIND, made.ref, made.title, "督办函已拟，待签发。")
    return made


def supervise(user: User, item: WorkItem, *, text: str = "", channel: str = "") -> WorkItem:
    """Draft a letter to the lead unit of ``item``. Raises Forbidden, NotVisible, Invalid (no unit holds it), Conflict
    (a letter about it is open)."""
    permissions.require(user, standing.MANAGE)
    with change(user.actor()) as tx:
        # Two people who ask for a letter at once wait for each other.
        item = WorkItem.objects.select_for_update().get(pk=item.pk)
        standing.require_seen(user, item)
        if item.state_row.closed or item.kind == LETTER:
            raise Invalid(
                "已结束的事项和督办函不再督办。", f"item {item.pk} is {item.state}", where={"事项": item.code}
            )
        if _open_letters([item.ref]):
            raise Conflict(
                "此事项已有未结的督办函。", f"item {item.pk} has an open letter", code="duties.letter_open",
                where={"事项": item.code}, remedy_zh="请在该函上继续办理。",
            )  # fmt: skip
        return _draft(tx, user, item, text, channel)


def supervise_overdue(rows: Iterable[WorkItem], today: date | None = None) -> int:
    """Draft letters about items that are overdue for long, in the name of whoever registered them; returns how many.

    Where that person may not any more, nothing is drafted: the office has been told by the reminders.
    """
    today = today or timezone.localdate()
    late = [
        item
        for item in rows
        if item.kind != LETTER
        and item.state_row.owner == "lead"
        and not item.paused_until(today)
        and reminding.to_supervise(item.deadline, today, shine.calendar())
    ]
    late = [
        item for item in late if item.created_by.is_active and permissions.allowed(item.created_by, standing.CREATE)
    ]
    if not late:
        return 0
    drafted = 0
    with change(SYSTEM):
        # All of them before the first running number is taken: whoever acts on an item takes it in that order, too.
        list(WorkItem.objects.select_for_update().filter(pk__in=[item.pk for item in late]).order_by("pk").only("pk"))
        there = _open_letters(item.ref for item in late)
        for item in late:
            if item.ref in there:
                continue
            try:
                with change(item.created_by.actor()) as tx:
                    _draft(tx, item.created_by, item, "", "overdue")
                drafted += 1
            except EcoError:
                continue  # a unit that is gone: the office decides
    return drafted
