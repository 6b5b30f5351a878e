"""While an item is suspended its clock stands: light, words, reminders; afterwards planned progress goes on.

Worked out by hand on 100 days from 1 January 2026 with 10 % done: on day 30 planned progress is 30 %, the gap of 20
points is red; on day 20 the gap of 10 points is yellow.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ecocloud.kernel.duties import desk, home, lights, services, showing
from ecocloud.kernel.duties.models import ItemCase, Notice, WorkItem
from ecocloud.kernel.duties.services import cases, cycling, shine
from ecocloud.kernel.journal.services import SYSTEM

FIRST = date(2026, 1, 1)
RULE = lights.Rule(0, Decimal(5), Decimal(20), Decimal(10))
TODAY = timezone.localdate()


class EveryDay:
    """A calendar without holidays."""

    def workdays_between(self, start, end):
        return (end - start).days


def light(**more):
    given = {"deadline": FIRST + timedelta(days=100), "start": FIRST, "progress": Decimal(10), "rule": RULE}
    return lights.light(**(given | {"calendar": EveryDay()} | more))


def test_a_standing_clock_neither_turns_the_light_nor_counts_days():
    assert light(today=FIRST + timedelta(days=20)).code == "yellow"
    assert light(today=FIRST + timedelta(days=30)).code == "red"
    # Suspended on day 20 for 40 days: start and deadline lie 40 days later, the clock runs again on day 60.
    moved = {"start": FIRST + timedelta(days=40), "deadline": FIRST + timedelta(days=140)}
    until = FIRST + timedelta(days=60)
    shown = {light(today=FIRST + timedelta(days=n), paused_until=until, **moved) for n in range(20, 61)}
    (one,) = shown
    assert (one.code, one.planned) == ("yellow", Decimal("20.0"))
    assert one.words == "挂起至 2026-03-02，计时暂停；恢复时距期限 80 天（80 个工作日）；实际 10%，序时 20%"
    assert light(today=until, **moved).code == "yellow"  # and goes on from there
    assert light(today=FIRST + timedelta(days=70), **moved).code == "red"


def test_what_is_closed_or_has_no_deadline_is_so_in_a_suspension_too():
    until = FIRST + timedelta(days=60)
    assert light(today=FIRST, paused_until=until, deadline=None).code == "none"
    assert light(today=FIRST, paused_until=until, closed_on=FIRST).code == "closed"


@pytest.fixture
def suspended(town):
    """A problem under way for 20 of 100 days with 10 % done, suspended for 40 days, with monthly feedback."""
    start = timezone.now() - timedelta(days=20)
    item = services.create_item(
        town.clerk, title="废渣待鉴别", kind="problem", lead=town.at_water, cycle="monthly",
        deadline=TODAY + timedelta(days=80), at=start,
    )  # fmt: skip
    item = services.issue(town.clerk, item, at=start)
    item = services.report_progress(town.hydro, services.sign(town.hydro, item, at=start), 10, "开工")
    assert item.light == "yellow"
    Notice.objects.all().delete()
    return services.act(town.clerk, item, "suspend", opinion="等鉴别报告", until=TODAY + timedelta(days=40))


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, 1, 20, 40])
def test_the_light_of_a_suspended_item_stands_and_the_desk_says_so(suspended, town, days, exact):
    shine.refresh_lights(today=TODAY + timedelta(days=days))
    item = WorkItem.objects.get(pk=suspended.pk)
    assert item.light == "yellow"
    assert item.light_words.startswith(f"挂起至 {TODAY + timedelta(days=40)}，计时暂停；")
    assert (showing.light_word(item), showing.days_words(item, TODAY + timedelta(days=days))) == ("挂起", "计时暂停")
    assert showing.planned_of(item, TODAY + timedelta(days=days)) == showing.planned_of(item, TODAY)
    (row,) = home.rows(town.hydro, "todo")
    assert row["light"] == ("yellow", "挂起") and row["words"] == item.light_words
    assert row["due"] == TODAY + timedelta(days=40) and desk.overdue_count(town.hydro) == 0


@pytest.mark.django_db
def test_nobody_is_reminded_while_the_clock_stands_and_again_afterwards(suspended, town):
    Notice.objects.all().delete()
    WorkItem.objects.filter(pk=suspended.pk).update(deadline=TODAY - timedelta(days=30), due=TODAY - timedelta(days=30))
    for n in (0, 1, 15, 40):
        assert cycling.remind_due(SYSTEM, TODAY + timedelta(days=n)) == {}
    assert cycling.remind_due(SYSTEM, TODAY + timedelta(days=41))["escalate"] == 1


@pytest.mark.django_db
def test_after_its_day_the_clock_runs_again_though_nobody_resumed(suspended):
    day = TODAY + timedelta(days=80)
    shine.refresh_lights(today=day)
    item = WorkItem.objects.get(pk=suspended.pk)
    assert item.light == "red" and showing.light_word(item) == "滞后" and showing.days_words(item, day) != "计时暂停"


@pytest.mark.django_db
@pytest.mark.parametrize(("after", "lost"), [(0, 0), (10, 10), (40, 40), (70, 40)])
def test_resuming_gives_back_the_days_that_were_lost_and_no_more(suspended, town, after, lost, exact):
    """Resumed ``after`` days: planned progress is that of the day of the suspension, and the time past the stated day
    is the unit's own."""
    case = ItemCase.objects.get(item=suspended)
    kept = case.kept_deadline
    back = timedelta(days=after)
    case.suspended_from, case.suspended_until = case.suspended_from - back, case.suspended_until - back
    case.save()
    item = services.act(town.hydro, suspended, "resume")
    assert item.paused_days == lost
    first = TODAY - back
    gone = shine.calendar().workdays_between(first, first + timedelta(days=lost))
    assert item.deadline == (cases.workday_after(kept, gone) if gone else kept)
    assert item.runs_from == item.started_on + timedelta(days=lost)
    again = services.act(town.clerk, item, "suspend", opinion="又停工", until=TODAY + timedelta(days=3))
    assert again.paused_until(TODAY) == TODAY + timedelta(days=3)
    assert services.act(town.clerk, again, "resume").paused_days == lost
