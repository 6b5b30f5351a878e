"""Reminders and escalation on fixed days.

Expected days come from the calendar of 2026 by hand: 31 May is a Sunday, 1 to 5 June and 8 to 12 June are working days
(the Dragon Boat holiday is 19 to 21 June), so that feedback for May is owed by Wednesday 3 June, the first late day is
4 June, the fifth working day after the due day is Wednesday 10 June.
"""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from ecocloud.base.jobs import cancel, enqueue, job_status
from ecocloud.base.jobs import services as queue
from ecocloud.base.jobs.context import JobCancelled, JobContext, LeaseLost, WorkerStopping
from ecocloud.kernel.duties import jobs, queries, reminding
from ecocloud.kernel.duties.models import ItemEvent, Notice, RoundReport, WorkItem
from ecocloud.kernel.duties.services import cycling, escalation, rounds, shine
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.regions.models import Department, Role, RoleGrant, User

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 3)


def june(day):
    return date(2026, 6, day)


def moment(day):
    return timezone.make_aware(datetime(2026, day[0], day[1], 10))


@pytest.fixture
def monthly(make):
    """A monthly item under way since 4 May that was last reported on 30 April."""
    item = make("in_progress", cycle="monthly")
    WorkItem.objects.filter(pk=item.pk).update(started_on=date(2026, 5, 4), act_by=None)
    ItemEvent.objects.filter(item=item).update(at=moment((4, 30)))
    Notice.objects.all().delete()
    return WorkItem.objects.get(pk=item.pk)


@pytest.fixture
def bureau_head(town):
    """A leader of the government that the bureaus belong to."""
    government = Department.objects.create(code="gov", name="市政府", region=town.city)
    Department.objects.filter(pk=town.at_water.pk).update(parent=government)
    user = User.objects.create_user("mayor", name="mayor", department=government)
    RoleGrant.objects.create(user=user, role=Role.objects.get(code="leader"))
    return user


def told(kind):
    rows = Notice.objects.filter(kind=kind).order_by("pk")
    return [(row.department_id, row.user.username if row.user else "", timezone.localdate(row.at)) for row in rows]


def test_missed_cycle_reminds_then_goes_one_level_up_once(monthly, town, bureau_head):
    assert cycling.feedback_due(monthly, june(4)).due == DUE
    for day in range(1, 13):
        cycling.remind_due(SYSTEM, june(day))
    # reminded on the first late day and a week later; told above on the fifth working day, once
    assert told("feedback") == [(town.at_water.pk, "", june(4)), (town.at_water.pk, "", june(11))]
    assert told("escalate") == [(None, "mayor", june(10))]
    notice = Notice.objects.get(kind="escalate")
    assert notice.ref == monthly.ref and "2026-05" in notice.text and "2026-06-03" in notice.text
    assert list(queries.unread(bureau_head)) == [notice] and not queries.unread(town.chief).exists()
    assert Entry.objects.filter(action="duties.reminders.escalate").count() == 1


def test_without_a_leader_above_the_office_s_own_leader_is_told(monthly, town):
    assert cycling.remind_due(SYSTEM, june(10)) == {"escalate": 1}
    assert told("escalate") == [(None, "chief", june(10))]


def test_without_any_leader_the_office_is_told(monthly, town):
    User.objects.filter(pk=town.chief.pk).update(is_active=False)
    cycling.remind_due(SYSTEM, june(10))
    assert told("escalate") == [(town.at_office.pk, "", june(10))]


def test_feedback_that_came_is_neither_reminded_nor_raised(monthly, town, bureau_head):
    ItemEvent.objects.create(item=monthly, action="progress", action_zh="填报进展", from_state="in_progress",
                             to_state="in_progress", actor_id="user:1", actor_name="x", is_handling=True,
                             at=moment((5, 29)))  # fmt: skip
    for day in range(1, 13):
        cycling.remind_due(SYSTEM, june(day))
    assert Notice.objects.count() == 0


def test_escalation_after_days_without_a_running_system(monthly, town, bureau_head):
    assert cycling.remind_due(SYSTEM, june(23)) == {"escalate": 1}  # 23 June is not a day of the weekly reminder


def test_a_leader_without_the_right_any_more_is_passed_over(monthly, town, bureau_head):
    grant = RoleGrant.objects.get(user=bureau_head)
    RoleGrant.objects.filter(pk=grant.pk).update(valid_until=date(2026, 1, 1))
    cycling.remind_due(SYSTEM, june(10))
    assert told("escalate") == [(None, "chief", june(10))]


@pytest.fixture
def round_(monthly, town):
    row = rounds.open_round(town.clerk, period="2026-05", due=DUE)
    Notice.objects.all().delete()
    return row


def test_a_round_reminds_before_and_after_its_day_then_goes_up(round_, town, bureau_head):
    for day in range(1, 13):
        for _again in range(2):
            escalation.remind_rounds(SYSTEM, june(day))
    assert told("remind") == [(town.at_water.pk, "", day) for day in (june(2), june(4), june(11))]
    assert told("escalate") == [(None, "mayor", june(10))]
    notice = Notice.objects.get(kind="escalate")
    assert notice.ref == f"round:{round_.pk}" and "市水利局" in notice.text and "2026-06-03" in notice.text
    assert timezone.localdate(RoundReport.objects.get().reminded_at) == june(11)


def test_units_that_reported_and_rounds_that_are_locked_are_left_alone(round_, town):
    report = RoundReport.objects.get()
    rounds.fill(town.hydro, report, progress=50, text="完成护岸")
    assert escalation.remind_rounds(SYSTEM, june(11)) == {}
    rounds.send_back(town.clerk, RoundReport.objects.get(), "补充")
    Notice.objects.all().delete()
    assert escalation.remind_rounds(SYSTEM, june(11)) == {"remind": 1, "escalate": 1}
    rounds.lock(town.clerk, round_, even_if_owed=True)
    assert escalation.remind_rounds(SYSTEM, june(18)) == {}


def test_a_reminder_by_hand_counts_for_its_phase(round_, town):
    RoundReport.objects.update(reminded_at=moment((6, 4)))
    assert escalation.remind_rounds(SYSTEM, june(5)) == {}
    assert escalation.remind_rounds(SYSTEM, june(11)) == {"remind": 1, "escalate": 1}


@pytest.mark.parametrize(("today", "phase"), [
    (june(1), None), (june(2), june(2)), (june(3), june(2)), (june(4), june(4)), (june(10), june(4)),
    (june(11), june(11)), (june(17), june(11)), (june(18), june(18)),
])  # fmt: skip
def test_phases_of_a_round(today, phase):
    assert reminding.round_phase(DUE, today, shine.calendar()) == phase


@pytest.mark.parametrize(("today", "up"), [(june(3), False), (june(9), False), (june(10), True), (june(2), False)])
def test_escalation_starts_with_the_fifth_working_day(today, up):
    assert reminding.to_escalate(DUE, today, shine.calendar()) is up


def test_the_jobs_are_scheduled_daily():
    from ecocloud.base.jobs.registry import schedules
    from ecocloud.kernel.duties import jobs  # noqa: F401

    at = {entry.name: entry.schedule.at for entry in schedules()}
    assert {"duties.reminders", "duties.rounds.remind", "duties.lights"} <= at.keys()


@pytest.fixture
def parts(make, monkeypatch):
    """Five overdue items, read two by two; the keys of the items of every part are told."""
    late = timezone.localdate() - timedelta(days=1)
    for _n in range(5):
        make("issued", deadline=late)
    Notice.objects.all().delete()
    monkeypatch.setattr(cycling, "_CHUNK", 2)
    seen, remind_part = [], cycling._remind_part

    def told_part(actor, chunk, *more):
        seen.append([item.pk for item in chunk])
        return remind_part(actor, chunk, *more)

    monkeypatch.setattr(cycling, "_remind_part", told_part)
    return seen


def claimed(**more):
    """The queued job as a worker takes it."""
    return JobContext(queue.claim("w", timedelta(seconds=-1), ["duties.reminders"]), interval=0, **more)


def test_the_job_goes_on_where_it_was_told_to_stop_and_reminds_each_once(parts, town):
    keys = list(WorkItem.objects.order_by("pk").values_list("pk", flat=True))
    enqueue("duties.reminders", key="schedule")
    with pytest.raises(WorkerStopping):
        jobs.remind_due(claimed(stopping=lambda: True))
    assert parts == [keys[:2]] and Notice.objects.count() == 4  # the unit and the office of two items
    second = claimed()
    assert second.checkpoint["after"] == keys[1]
    # Told from the beginning: those of the first part are in it.
    assert jobs.remind_due(second) == {"overdue": 10}
    assert parts == [keys[:2], keys[2:4], keys[4:]]
    assert Notice.objects.filter(kind="overdue").count() == 10
    assert set(Notice.objects.values_list("ref", "department_id")) == {
        (f"item:{pk}", unit.pk) for pk in keys for unit in (town.at_water, town.at_office)
    }
    # Begun on another day it is begun anew; what is there already is not said twice.
    second.checkpoint = second.checkpoint | {"day": "2026-01-01"}
    assert jobs.remind_due(second) == {} and len(parts) == 6


def test_a_cancelled_job_of_reminders_stops_after_its_part(parts):
    job = enqueue("duties.reminders", key="schedule")
    context = claimed()
    assert cancel(job.pk)
    with pytest.raises(JobCancelled):
        jobs.remind_due(context)
    assert len(parts) == 1 and job_status(job.pk).done == 2


def test_a_part_whose_worker_lost_its_claim_is_not_written(parts):
    enqueue("duties.reminders", key="schedule")
    lost = claimed()
    claimed()  # another worker takes the job over
    with pytest.raises(LeaseLost):
        jobs.remind_due(lost)
    assert Notice.objects.count() == 0


def test_items_with_nothing_to_say_are_not_read(parts, make):
    make("issued", deadline=timezone.localdate() + timedelta(days=90))
    cycling.remind_due(SYSTEM)
    assert sum(len(part) for part in parts) == 5
