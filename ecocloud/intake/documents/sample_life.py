"""A year of life in the sample ledger: issued, signed, reported on, returned, extended, closed, dispatched, urged.

Everything goes through the services of the duties room with the time at which it would have happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from ecocloud.base.calendar import WorkCalendar
from ecocloud.intake.documents.models import Document
from ecocloud.intake.documents.sample_facts import sample_facts
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.errors import Refused
from ecocloud.kernel.duties.models import Notice, Round, RoundReport, WorkItem
from ecocloud.kernel.duties.services import rounds
from ecocloud.kernel.regions.models import Department, User
from ecocloud.kernel.regions.services import CONSOLE, grant_role

Act = Callable[[], None]
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Life:
    """The sample's actors, what will happen when, and helpers to do it."""

    context: Any
    calendar: WorkCalendar
    people: dict[int, User]
    office: User
    second: User
    leader: User
    plan: list[tuple[datetime, int, Act]] = field(default_factory=list)
    ahead: dict[int, int] = field(default_factory=dict)  # item -> percentage points before (behind) its plan
    told: int = 0  # instructions written

    def at(self, day: date, hour: int = 9, minute: int = 0) -> datetime:
        """A time of day in China, never in the future."""
        return min(datetime.combine(day, time(hour, minute), ZONE), timezone.now())

    def then(
        self, day: date, after: datetime | None, hour: int, minute: int, act: Callable[[datetime], None]
    ) -> datetime:
        """Something that happens on a working day, after what happened before; what lies after today is left out."""
        day = self.calendar.add_workdays(day - timedelta(days=1), 1)
        when = datetime.combine(day, time(hour, minute), ZONE)
        if after is not None and when <= after:
            when = after + timedelta(hours=1)
        if when <= timezone.now():
            self.plan.append((when, len(self.plan), lambda: act(when)))
        return when

    def person(self, unit: Department) -> User:
        """Somebody who works for a unit; made up where the sample has no sign-in for it."""
        if unit.pk not in self.people:
            names = sample_facts().persons
            number = len(self.people)
            user = User.objects.create_user(
                f"unit{unit.pk}", name=names[number % len(names)], department=unit, must_change_password=False
            )
            grant_role(CONSOLE, user, "department")
            user.refresh_from_db()
            self.people[unit.pk] = user
        return self.people[unit.pk]


def live(context: Any, documents: dict[str, Document], year: int) -> Life:
    """Let the items that came from the documents live from their issue until today; returns who did it."""
    people = context.shared["people"]
    able = [user for user in people.values() if user.username not in ("leader", "reader", "office2", "township")]
    by_unit = {
        user.department_id: user for user in able if user.roles.filter(code__in=("department", "office")).exists()
    }
    life = Life(context, WorkCalendar.load(), by_unit, people["office"], people["office2"], people["leader"])
    refs = [document.ref for document in documents.values()]
    items = list(WorkItem.objects.filter(source_doc__in=refs).select_related("lead_department").order_by("pk"))
    for index, item in enumerate(items):
        _plan_item(life, index, item)
    months = _round_months(context.today, min((timezone.localdate(i.created_at) for i in items), default=context.today))
    waiting = sorted(life.plan, key=lambda one: one[:2])
    for month_end, period in months:
        limit = life.at(month_end, 23, 59)
        while waiting and waiting[0][0] <= limit:
            waiting.pop(0)[2]()
        _locked_round(life, period, month_end)
    for _when, _order, act in waiting:
        act()
    _open_round(life)
    # What is older than ten days was read long ago.
    Notice.objects.filter(at__lt=timezone.now() - timedelta(days=10)).update(read_at=timezone.now() - timedelta(days=9))
    duties.refresh_lights()
    return life


def _fresh(item: WorkItem) -> WorkItem:
    return WorkItem.objects.select_related("lead_department").get(pk=item.pk)


def _progress_at(item: WorkItem, day: date, ahead: int) -> Decimal:
    """What a unit says on ``day``: its plan and how far it is ahead, never less than it said before."""
    total = max(1, (item.due - item.started_on).days) if item.deadline else 300
    share = Decimal(100 * max(0, (day - item.started_on).days)) / Decimal(total)
    reached = max(Decimal(5), min(Decimal(92 + min(0, ahead)), share + ahead)).quantize(Decimal(1))
    return max(item.progress, reached)


def _plan_item(life: Life, index: int, item: WorkItem) -> None:
    """What happens to one item; the number of the item decides which of the usual courses it takes."""
    today, facts = life.context.today, sample_facts()
    start = timezone.localdate(item.created_at) + timedelta(days=2)
    late_issue = index % 17 == 16 and item.due > today
    issued = max(start, today - timedelta(days=2)) if late_issue else start
    who: dict[str, User] = {}
    times: list[datetime] = []

    def lead() -> User:
        return who.setdefault("lead", life.person(_fresh(item).lead_department))

    def act(name: str, user: Callable[[], User], day: date, hour: int, *args: Any, **more: Any) -> None:
        beside = name in ("instruct", "reply_instruction")  # between the reports of the unit, not after them

        def run(now: datetime) -> None:
            said = [one() if callable(one) else one for one in args]
            try:
                getattr(duties, name)(user(), _fresh(item), *said, at=now, **more)
            except Refused:  # on some days of the year two courses meet; the later one gives way
                return

        when = life.then(day, times[-1] if times and not beside else None, hour, index % 60, run)
        if not beside:
            times.append(when)

    office = lambda: life.office  # noqa: E731
    if index == 22:  # still with the office, which is just dividing it up
        half = today + timedelta(days=20)
        act("decompose", office, today - timedelta(days=3), 9, nodes=[{"title": facts.node_zh, "due": half}])
        return
    act("issue", office, issued, 9)
    if late_issue:
        return
    signed = issued + timedelta(days=1 + index % 3)
    if index % 13 == 12:  # returned to the office once, then issued again
        act("return_", lead, signed, 10, facts.wrong_unit_zh)
        act("issue", office, signed + timedelta(days=3), 9)
        signed += timedelta(days=5)
    act("sign", lead, signed, 11)
    act("start", lead, signed + timedelta(days=3), 15)
    _work(life, index, item, act, lead, signed)


def _work(life: Life, index: int, item: WorkItem, act: Any, lead: Any, signed: date) -> None:
    today, facts = life.context.today, sample_facts()
    end = item.deadline or date(today.year, 12, 31)
    ahead = life.ahead[item.pk] = (6, 0, -3, -9, 4, -27, 2)[index % 7]
    done = end < today and index % 5 != 3
    last = min(end - timedelta(days=8), today) if done else min(end, today)
    first_round = _months_before(today, 3)
    day, count = signed + timedelta(days=30), 0
    while day < last:
        if day < first_round or day > today - timedelta(days=20):
            words = facts.progress_zh[(index + count) % len(facts.progress_zh)]
            act("report_progress", lead, day, 16, lambda day=day: _progress_at(_fresh(item), day, ahead), words)
        day, count = day + timedelta(days=45), count + 1
    if index % 9 == 4 and signed + timedelta(days=70) < today:
        said = signed + timedelta(days=60)
        words = facts.instructions[life.told % len(facts.instructions)]
        life.told += 1
        act("instruct", lambda: life.leader, said, 10, words, due=said + timedelta(days=14))
        if index % 2 == 0:
            act("reply_instruction", lead, said + timedelta(days=9), 15, facts.replies[0])
    if index % 11 == 7 and end > signed + timedelta(days=60):
        asked = end - timedelta(days=25)
        act("request_extension", lead, asked, 9, end + timedelta(days=61), facts.extension_zh)
        if asked + timedelta(days=4) < today - timedelta(days=3):
            act("grant_extension", lambda: life.leader, asked + timedelta(days=4), 17)
            return
    if done:
        _finish(life, index, item, act, lead, end)
    elif end < today:
        act("urge", lambda: life.office, end + timedelta(days=3), 9)
    elif index % 19 == 5:
        act(
            "report",
            lead,
            today - timedelta(days=3),
            14,
            facts.progress_zh[-1],
            progress=Decimal(100),
            refs=[item.source_ref],
        )


def _finish(life: Life, index: int, item: WorkItem, act: Any, lead: Any, end: date) -> None:
    facts = sample_facts()
    told = end - timedelta(days=6)
    proof = {"progress": Decimal(100), "refs": [item.source_ref]}
    act("report", lead, told, 10, facts.progress_zh[-1], **proof)
    act("review", lambda: life.second, told + timedelta(days=2), 9)
    if index % 4 == 1:
        act("return_", lambda: life.second, told + timedelta(days=3), 11, facts.returns[index % len(facts.returns)])
        act("report", lead, told + timedelta(days=8), 10, facts.progress_zh[-1], **proof)
        told += timedelta(days=8)
    act("accept", lambda: life.second, told + timedelta(days=4), 15)
    if index % 3:
        act("close_out", lambda: life.leader, told + timedelta(days=9), 16)


# -- dispatch rounds -------------------------------------------------------------------------------------------------


def _months_before(day: date, count: int) -> date:
    """The first day of the month ``count`` months earlier."""
    number = day.year * 12 + day.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def _round_months(today: date, begun: date) -> list[tuple[date, str]]:
    """The last three full months since the items began: (last day, period)."""
    found = []
    for back in (3, 2, 1):
        first = _months_before(today, back)
        last = _months_before(today, back - 1) - timedelta(days=1)
        if first > begun:
            found.append((last, f"{first:%Y-%m}"))
    return found


def _locked_round(life: Life, period: str, month_end: date) -> None:
    facts = sample_facts()
    due = life.calendar.add_workdays(month_end, 3)
    row = rounds.open_round(life.office, period=period, due=due)
    reports = list(RoundReport.objects.filter(round=row).select_related("item", "department", "item__lead_department"))
    for n, report in enumerate(reports):
        told = life.at(month_end - timedelta(days=n % 4), 14, n % 60)
        ahead = life.ahead.get(report.item_id, 0)
        amount = _progress_at(report.item, month_end, ahead)
        report = rounds.fill(
            life.person(report.department), report, progress=amount, text=facts.progress_zh[n % len(facts.progress_zh)],
            problem=facts.problem_zh[n % len(facts.problem_zh)] if ahead < 0 else "",
        )  # fmt: skip
        RoundReport.objects.filter(pk=report.pk).update(submitted_at=told)
        rounds.check(life.second if n % 2 or report.submitted_by_id == life.office.pk else life.office, report)
        RoundReport.objects.filter(pk=report.pk).update(checked_at=life.at(due, 10, n % 60))
    rounds.lock(life.office, row, even_if_owed=True)
    created = life.at(month_end - timedelta(days=8), 9)
    Round.objects.filter(pk=row.pk).update(created_at=created, locked_at=life.at(due, 17, 30))


def _open_round(life: Life) -> None:
    """The round of this month: some have reported, some are returned, some owe and were reminded."""
    facts, today = sample_facts(), life.context.today
    month_end = _months_before(today, -1) - timedelta(days=1)
    row = rounds.open_round(life.office, period=f"{today:%Y-%m}", due=life.calendar.add_workdays(month_end, 3))
    reports = list(RoundReport.objects.filter(round=row).select_related("item", "department", "item__lead_department"))
    for n, report in enumerate(reports):
        if n % 5 in (2, 4):
            continue
        amount = _progress_at(report.item, today, life.ahead.get(report.item_id, 0))
        told = rounds.fill(
            life.person(report.department), report, progress=amount, text=facts.progress_zh[n % len(facts.progress_zh)]
        )
        if n % 10 == 5:
            rounds.send_back(life.office, told, facts.returns[1])
        elif n % 3 == 0:
            rounds.check(life.second, told)
    if reports:
        rounds.remind(life.office, row)
