"""What runs out and what should have been inspected: the edges by day, the unit it belongs to, list, desk and file.

Expected values are worked by hand: the sample well reminds 60 days before its permit ends and is inspected every 12
months.
"""

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ecocloud.kernel.regions.models import User
from ecocloud.kernel.registers import due_list, reminders, services
from ecocloud.kernel.registers.models import ObjectInspection, RegisterObject

TODAY = timezone.localdate()


def names(viewer, today=TODAY, **more):
    return sorted(row.name for row in reminders.due(viewer, today, reminders.rules(), **more))


def taken_in(row, day):
    RegisterObject.objects.filter(pk=row.pk).update(
        created_at=timezone.make_aware(datetime(day.year, day.month, day.day, 9))
    )


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2025, 11, 30), -3, date(2026, 2, 28)),
    ],
)
def test_months_back_and_forth(day, months, before):
    assert reminders.months_before(day, months) == before


def test_a_permit_is_due_from_the_first_day_of_its_reminder(place, wells, dig):
    for name, days in (("第60天", 60), ("还早", 61), ("今天", 0), ("过期", -1)):
        dig(name, permit_until=TODAY + timedelta(days=days))
    dig("没有许可")
    assert names(place.office) == ["今天", "第60天", "过期"]
    closed = dig("已封", permit_until=TODAY)
    RegisterObject.objects.filter(pk=closed.pk).update(state="sealed")
    services.retire(place.office, wells, dig("已注销", permit_until=TODAY).pk, reason="登记错误")
    assert names(place.office) == ["今天", "第60天", "过期"]


def test_an_inspection_is_due_one_cycle_after_the_last_or_after_taking_in(place, wells, dig):
    year_ago = reminders.months_before(TODAY, 12)
    first, fresh, old = dig("满一年"), dig("差一天"), dig("旧井")
    taken_in(first, year_ago)
    taken_in(fresh, year_ago + timedelta(days=1))
    taken_in(old, year_ago - timedelta(days=900))
    assert names(place.office) == ["旧井", "满一年"]
    ObjectInspection.objects.create(
        object=old, kind="sealing", on=year_ago + timedelta(days=1), results={}, passed=True
    )
    assert names(place.office) == ["满一年"]
    ObjectInspection.objects.create(object=first, kind="other", on=TODAY, results={}, passed=True)
    assert names(place.office) == ["满一年"]
    services.inspect(place.office, wells, first.pk, "sealing", results={"filled": True})
    assert names(place.office) == []


def test_lead_days_of_an_inspection_come_from_the_definition(place, wells, dig, well_text):
    from ecocloud.kernel.regions.services import CONSOLE
    from ecocloud.kernel.registers.reading import read_type

    row = dig("东井")
    taken_in(row, reminders.months_before(TODAY + timedelta(days=30), 12))
    assert names(place.office) == []
    text = well_text.replace("every_months: 12", "every_months: 12\n    remind_days: 30")
    services.define(CONSOLE, read_type(text, "well.yaml"))
    assert names(place.office) == ["东井"]


def test_reasons_say_what_and_when_and_are_never_empty(place, wells, dig):
    row = dig("东井", permit_until=TODAY + timedelta(days=5))
    taken_in(row, reminders.months_before(TODAY - timedelta(days=10), 12))
    found = list(reminders.due(place.office, TODAY, reminders.rules()))
    told = reminders.Reasons([row.pk], TODAY, reminders.rules()).of(found[0])
    assert [(one.light.level, one.day) for one in told] == [
        ("red", TODAY - timedelta(days=10)), ("yellow", TODAY + timedelta(days=5))]  # fmt: skip
    assert [one.light.word for one in told] == ["封填检查超期 10 天", "许可到期还有 5 天"]
    assert found[0].until == TODAY + timedelta(days=5)


@pytest.mark.parametrize("inspected", [date(2026, 1, 31), date(2026, 2, 28), date(2025, 2, 28), date(2024, 2, 29)])
@pytest.mark.parametrize("offset", range(-2, 4))
def test_query_and_words_agree_at_the_ends_of_months(place, wells, dig, inspected, offset):
    """What the query finds always has a reason in words, whatever the lengths of the months."""
    row = dig("东井")
    taken_in(row, date(2020, 1, 1))
    ObjectInspection.objects.create(object=row, kind="sealing", on=inspected, results={}, passed=True)
    today = reminders.months_before(inspected, -12) + timedelta(days=offset)
    found = list(reminders.due(place.office, today, reminders.rules()))
    told = [reminders.Reasons([one.pk], today, reminders.rules()).of(one) for one in found]
    assert bool(found) is (offset >= 0)
    assert all(told)


def test_what_is_on_the_desk_is_what_the_list_shows(place, wells, dig, client):
    dig("东井", department=place.units["east"], permit_until=TODAY)
    dig("西井", department=place.units["west"], region=place.west, permit_until=TODAY)
    dig("无主井", permit_until=TODAY)
    assert names(place.office) == ["东井", "无主井", "西井"]
    assert names(place.clerk) == ["东井", "无主井"]
    assert names(place.clerk, mine=True) == ["东井"]
    assert due_list.count(place.clerk, "todo") == 1 and due_list.count(place.clerk, "started") == 0
    desk = due_list.rows(place.clerk, "todo")
    assert [(one["title"], one["due"], one["light"][0]) for one in desk] == [("东井 许可到期今天到期", TODAY, "yellow")]
    User.objects.filter(pk=place.clerk.pk).update(department=None)
    assert due_list.count(User.objects.get(pk=place.clerk.pk), "todo") == 0
    client.force_login(place.other)
    listing = client.get(due_list.url(place.other, "todo")).context["listing"]
    assert [row.name for row in listing.rows] == ["西井"] and listing.total == due_list.count(place.other, "todo") == 1


def test_list_filters_and_file(place, wells, dig, client):
    first = dig("许可井", permit_until=TODAY + timedelta(days=3))
    taken_in(dig("检查井"), date(2020, 1, 1))
    client.force_login(place.office)
    url = reverse("registers:due")

    def shown(query):
        return [row.name for row in client.get(f"{url}?{query}").context["listing"].rows]

    assert shown("") == ["许可井", "检查井"]
    assert shown("why=expiry") == ["许可井"] and shown("why=inspection") == ["检查井"]
    assert shown("register=well") == ["许可井", "检查井"] and shown(f"q={first.code}") == ["许可井"]
    assert shown("region=990103") == []
    file = client.get(dict(client.get(url).context["listing"].export_urls)["csv"])
    lines = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))
    assert [line[2] for line in lines[1:]] == ["许可井", "检查井"]
    assert lines[1][5] == str(TODAY + timedelta(days=3)) and "许可到期还有 3 天" in lines[1][6]


def test_desk_costs_the_same_with_many_objects(place, wells, dig):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            due_list.count(place.clerk, "todo")
            due_list.rows(place.clerk, "todo")
        return len(seen)

    dig("一号", department=place.units["east"], permit_until=TODAY)
    cost()  # definitions are read once
    few = cost()
    for number in range(15):
        dig(f"井{number}", department=place.units["east"], permit_until=TODAY)
    assert cost() == few


def test_no_rules_no_rows(place):
    assert reminders.rules() == [] and names(place.office) == [] and due_list.rows(place.office, "todo") == []
