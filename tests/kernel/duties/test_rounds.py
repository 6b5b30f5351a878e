"""Dispatch rounds, rollover, reminders."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ecocloud.base.errors import Conflict, Forbidden
from ecocloud.kernel.duties import errors, queries, services
from ecocloud.kernel.duties.models import ItemEvent, Notice, RoundReport, WorkItem
from ecocloud.kernel.duties.services import cycling, rollover, rounds
from ecocloud.kernel.journal.services import SYSTEM

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
PERIOD = f"{TODAY:%Y-%m}"


@pytest.fixture
def started(make, town):
    rows = [make("in_progress"), make("issued"), make("registered"), make("reported"), make("closed_out")]
    forest = services.create_item(town.clerk, title="造林", lead=town.at_forest)
    rows.append(services.issue(town.clerk, forest))
    return rows, rounds.open_round(town.clerk, period=PERIOD, due=TODAY)


def test_round_owes_one_report_for_each_open_issued_item(started, town):
    rows, row = started
    assert row.state == "open" and row.period == PERIOD
    owed = set(RoundReport.objects.filter(round=row).values_list("item_id", flat=True))
    assert owed == {rows[0].pk, rows[1].pk, rows[5].pk}
    assert [(line["name"], line["owed"], line["all"]) for line in queries.who_owes(town.clerk, row)] == [
        ("市水利局", 2, 2),
        ("市林业局", 1, 1),
    ]
    assert queries.reports_owed(town.hydro).count() == 2
    assert Notice.objects.filter(kind="round", ref=f"round:{row.pk}").count() == 2
    with pytest.raises(Conflict, match="exists"):
        rounds.open_round(town.clerk, period=PERIOD, due=TODAY)
    rounds.continue_round(town.clerk, row)
    assert RoundReport.objects.filter(round=row).count() == 3
    with pytest.raises(Forbidden):
        rounds.open_round(town.hydro, period="2026-01", due=TODAY)


def test_fill_check_return_lock(started, town, exact):
    rows, row = started
    report = RoundReport.objects.get(round=row, item=rows[0])
    with pytest.raises(Forbidden):
        rounds.fill(town.ranger, report, progress=10, text="x")
    for wrong in ("-1", "100.01", "abc", None, "NaN"):
        with pytest.raises(errors.Invalid):
            rounds.fill(town.hydro, report, progress=wrong, text="x")
    with pytest.raises(errors.Invalid):
        rounds.fill(town.hydro, report, progress=1, text=" ")
    report = rounds.fill(town.hydro, report, progress="45.5", text="完成护岸 3 千米")
    with pytest.raises(rounds.WrongReportState):
        rounds.lock(town.clerk, row)
    report = rounds.send_back(town.clerk, report, "请补充数据来源")
    with pytest.raises(rounds.WrongReportState):
        rounds.check(town.clerk, report)
    report = rounds.fill(town.hydro, report, progress="45.5", text="完成护岸 3 千米，见验收单")
    report = rounds.check(town.clerk, report)
    item = WorkItem.objects.get(pk=rows[0].pk)
    assert item.progress == Decimal("45.5")
    event = ItemEvent.objects.filter(item=item).latest("id")
    assert (event.actor_name, event.is_handling) == ("hydro", True)  # whoever filled it is a handler
    with pytest.raises(rounds.WrongReportState):
        rounds.fill(town.hydro, report, progress=50, text="再填")
    with pytest.raises(rounds.WrongReportState):
        rounds.send_back(town.clerk, RoundReport.objects.get(round=row, item=rows[1]), "未报送的不能退回")
    locked = rounds.lock(town.clerk, row, even_if_owed=True)
    assert queries.round_progress(town.clerk, locked) == {
        "owed": 2,
        "submitted": 0,
        "returned": 0,
        "accepted": 0,
        "locked": 1,
    }
    with pytest.raises(rounds.WrongReportState):
        rounds.fill(town.hydro, RoundReport.objects.get(round=row, item=rows[1]), progress=1, text="x")


def test_checker_is_not_the_filler_and_stale_is_refused(started, town):
    rows, row = started
    report = RoundReport.objects.get(round=row, item=rows[0])
    filled = rounds.fill(town.clerk, report, progress=5, text="代填")  # the office fills for a unit off line
    with pytest.raises(errors.Invalid, match="checker"):
        rounds.check(town.clerk, filled)
    with pytest.raises(services.Stale):
        rounds.check(town.second, report)
    assert rounds.check(town.second, filled).state == "accepted"


def test_remind_and_reports_follow_a_transfer(started, town):
    rows, row = started
    assert rounds.remind(town.clerk, row) == 2
    assert rounds.remind(town.clerk, row, [town.at_forest.pk]) == 1
    services.transfer(town.clerk, WorkItem.objects.get(pk=rows[1].pk), town.at_east, "调整")
    assert queries.reports_owed(town.farmer).count() == 1 and queries.reports_owed(town.hydro).count() == 1


def test_rollover_carries_renews_closes_and_is_repeatable(make, town, exact):
    year = TODAY.year
    running = make("in_progress", deadline=date(year, 12, 31))
    cyclic = make("closed_out", deadline=date(year, 6, 30), cycle="monthly", targets=["target:5"])
    single, stop = make("closed_out"), make("issued")
    plans = rollover.preview(town.clerk, year, {stop.pk: "close"})
    assert {p.item.pk: p.what for p in plans} == {running.pk: "carry", cyclic.pk: "renew", stop.pk: "close"}
    assert WorkItem.objects.filter(year=year + 1).count() == 0  # a preview changes nothing
    outcome = rollover.roll_over(town.clerk, year, {stop.pk: "close"})
    assert dict(outcome.done) == {"carry": 1, "renew": 1, "close": 1} and not outcome.refused
    running.refresh_from_db()
    assert running.year == year + 1 and running.state == "in_progress"
    fresh = WorkItem.objects.get(renews=cyclic)
    assert (fresh.year, fresh.state, fresh.deadline) == (year + 1, "registered", date(year + 1, 6, 30))
    assert fresh.lead_department == cyclic.lead_department and fresh.code != cyclic.code
    assert fresh.targets.get().target_ref == "target:5" and fresh.units.count() == cyclic.units.count()
    assert WorkItem.objects.get(pk=single.pk).year == year
    assert rollover.roll_over(town.clerk, year).done == {}
    with pytest.raises(Forbidden):
        rollover.preview(town.hydro, year)
    with pytest.raises(errors.Invalid):
        rollover.preview(town.clerk, year, {1: "burn"})


def test_rollover_of_a_leap_day(make, town):
    item = make("closed_out", deadline=date(2028, 2, 29), cycle="monthly", year=2028)
    rollover.roll_over(town.clerk, 2028)
    assert WorkItem.objects.get(renews=item).deadline == date(2029, 2, 28)


def test_reminders_near_overdue_and_missed_feedback_once_a_day(make, town):
    soon = cycling.shine.calendar().add_workdays(TODAY, 3)
    near = make("in_progress", deadline=soon)
    late = make("in_progress", deadline=TODAY - timedelta(days=1))
    make("in_progress", deadline=TODAY + timedelta(days=90))
    Notice.objects.all().delete()
    first = cycling.remind_due(SYSTEM)
    assert first == {"remind": 1, "overdue": 2}  # overdue is told to the lead unit and to the office
    assert Notice.objects.get(kind="remind").ref == near.ref
    assert set(Notice.objects.filter(kind="overdue").values_list("ref", flat=True)) == {late.ref}
    assert cycling.remind_due(SYSTEM) == {}


def test_missed_feedback_is_the_last_due_period_without_a_report(make, town):
    item = make("in_progress", cycle="monthly")
    WorkItem.objects.filter(pk=item.pk).update(started_on=date(2026, 3, 1))
    item.refresh_from_db()
    # April 2026 ends on Thursday the 30th; the third working day after it is 8 May (1-5 May are a public holiday).
    assert cycling.feedback_due(item, date(2026, 5, 8)).period == "2026-03"
    assert cycling.feedback_due(item, date(2026, 5, 20)).period == "2026-04"
    ItemEvent.objects.filter(item=item).update(at=timezone.make_aware(timezone.datetime(2026, 3, 31, 12)))
    assert item.pk in cycling.missed_feedback([item], date(2026, 5, 20))
    ItemEvent.objects.filter(item=item).update(at=timezone.make_aware(timezone.datetime(2026, 4, 1, 0, 30)))
    assert item.pk not in cycling.missed_feedback([item], date(2026, 5, 20))
