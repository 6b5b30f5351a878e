"""What people do with incidents and rules: rights, reach, reasons, the work item there and back, escalation."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.intake.monitoring.alarms import facts, linking, queries, services
from ecocloud.intake.monitoring.alarms.document import RuleFaults
from ecocloud.intake.monitoring.alarms.errors import AlarmRefused, AlreadyDone, NoSuchAlarm
from ecocloud.intake.monitoring.alarms.machine import NotNow
from ecocloud.intake.monitoring.alarms.models import AlarmIncident, AlarmRule
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import Notice, WorkItem
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import Ref, resolve
from ecocloud.kernel.regions.models import Department
from tests.intake.monitoring.alarms.conftest import HIGH, START, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(place, device, field):
    rule(place.office, HIGH, place.city)
    field.put([80])
    field.run(1.1)
    return AlarmIncident.objects.get()


def steps(row):
    return [(one.kind, one.person.username if one.person else None, one.note) for one in row.events.order_by("pk")]


def test_a_life_with_people(place, incident, field):
    services.acknowledge(place.east_staff, incident.pk, note="已知悉")
    services.comment(place.office, incident.pk, note="请尽快核实")
    services.assign(place.office, incident.pk, unit=place.bureau, note="现场查看")
    services.done(place.east_staff, incident.pk, note="已停产整改")
    field.put([50], 1)
    field.run(2.1)
    incident.refresh_from_db()
    assert (incident.state, incident.acknowledged_by) == ("closed", place.east_staff)
    assert steps(incident) == [
        ("raised", None, ""), ("acknowledged", "east", "已知悉"), ("comment", "office", "请尽快核实"),
        ("assigned", "office", "东县环境局：现场查看"), ("done", "east", "已停产整改"), ("over", None, ""),
    ]  # fmt: skip
    done = Entry.objects.filter(ref_kind="alarm").order_by("pk").values_list("action", flat=True)
    assert [action.rpartition(".")[2] for action in done] == [
        "raise",
        "acknowledge",
        "comment",
        "assign",
        "done",
        "level",
    ]


def test_who_may_what(place, incident):
    for act in (
        lambda: services.acknowledge(place.reader, incident.pk),
        lambda: services.false_alarm(place.reader, incident.pk, reason="x"),
        lambda: services.save_rule(place.east_staff, None, given=HIGH, region=place.east),
        lambda: linking.make_item(place.east_staff, incident.pk, lead=place.bureau, deadline=timezone.localdate()),
    ):
        with pytest.raises(Forbidden):
            act()
    for act in (
        lambda: services.acknowledge(place.west_staff, incident.pk),
        lambda: queries.incident_for(place.west_staff, incident.pk),
    ):
        with pytest.raises(NoSuchAlarm):
            act()
    assert queries.incidents(place.reader).count() == 1
    assert queries.unseen(place.reader).count() == 0
    assert (queries.unseen(place.east_staff).count(), queries.unseen(place.west_staff).count()) == (1, 0)


def test_what_is_assigned_to_a_unit_is_seen_and_handled_by_it(place, incident):
    services.assign(place.office, incident.pk, unit=place.other)
    assert queries.incident_for(place.west_staff, incident.pk) == incident
    services.done(place.west_staff, incident.pk, note="已到场")


def test_refusals(place, incident):
    with pytest.raises(AlarmRefused):
        services.false_alarm(place.office, incident.pk, reason=" ")
    with pytest.raises(AlarmRefused):
        services.done(place.office, incident.pk, note="")
    with pytest.raises(NotNow):
        services.done(place.office, incident.pk, note="没有指派过")
    group = Department.objects.create(code="g", name="各县", region=place.city, kind="group")
    with pytest.raises(AlarmRefused):
        services.assign(place.office, incident.pk, unit=group)
    services.acknowledge(place.office, incident.pk)
    with pytest.raises(NotNow):
        services.acknowledge(place.east_staff, incident.pk)
    incident.refresh_from_db()
    assert incident.acknowledged_by == place.office


def test_one_incident_one_work_item_there_and_back(place, incident, field):
    deadline = timezone.localdate() + timedelta(days=3)
    item = linking.make_item(place.office, incident.pk, lead=place.bureau, deadline=deadline, body="请核查")
    incident.refresh_from_db()
    assert (item.source_ref, incident.item_ref, incident.state) == (incident.ref, item.ref, "assigned")
    assert (item.kind, item.source_doc, item.title) == ("problem", "", "东县一中：PM2.5 偏高")
    assert resolve(Ref.parse(incident.ref), place.office).title == "东县一中 PM2.5 偏高"
    with pytest.raises(AlreadyDone):
        linking.make_item(place.office, incident.pk, lead=place.bureau, deadline=deadline)
    assert WorkItem.objects.count() == 1
    duties.terminate(place.office, item, opinion="仪器故障，不再办理")
    incident.refresh_from_db()
    assert incident.state == "acknowledged"  # the item is over, the values are not
    duties.reopen(place.office, WorkItem.objects.get(), opinion="继续办理")
    incident.refresh_from_db()
    assert incident.state == "assigned"
    field.put([50], 1)
    field.run(2.1)
    duties.terminate(place.office, WorkItem.objects.get(), opinion="已恢复")
    incident.refresh_from_db()
    assert incident.state == "closed"
    duties.reopen(place.office, WorkItem.objects.get(), opinion="误终止")  # the incident stays ended, and tells it
    incident.refresh_from_db()
    assert (incident.state, incident.events.last().kind) == ("closed", "item_step")


def test_a_rule_makes_the_item_when_it_says_so(place, device, field):
    rule(place.office, HIGH, place.city, duty={"level": 2, "kind": "problem", "days": 5})
    field.put([80])
    field.run(1.1)
    assert linking.make_wanted(START) == 0
    field.put([160], 1)
    field.run(2.1)
    assert linking.make_wanted(START) == 1
    assert linking.make_wanted(START) == 0
    item, incident = WorkItem.objects.get(), AlarmIncident.objects.get()
    assert (item.created_by, item.lead_department, incident.item_ref) == (place.office, place.bureau, item.ref)
    assert (item.deadline - timezone.localdate(START)).days == 5


def test_where_no_item_can_be_made_the_incident_says_why(place, device, field):
    rule(place.office, HIGH, place.city, duty={"level": 1, "days": 5})
    type(device).objects.update(department=None)
    field.put([80])
    field.run(1.1)
    assert linking.make_wanted(START + timedelta(hours=2)) == 0
    last = AlarmIncident.objects.get().events.last()
    assert (last.kind, last.note) == ("item_failed", "设备没有责任单位，无法确定牵头单位。")


def test_nobody_acknowledges(place, incident):
    main = Department.objects.get(code="p-main")
    Department.objects.filter(pk=place.bureau.pk).update(parent=main)
    at = START + timedelta(hours=2.1)
    assert linking.sweep(at - timedelta(seconds=1)) == {"escalated": 0, "ended": 0}
    assert linking.sweep(at) == {"escalated": 1, "ended": 0}
    notice = Notice.objects.get()
    assert (notice.department, notice.ref) == (main, incident.ref)
    assert linking.sweep(at)["escalated"] == 0
    assert linking.sweep(at + timedelta(hours=1))["escalated"] == 1
    assert linking.sweep(at + timedelta(hours=2))["escalated"] == 1
    assert linking.sweep(at + timedelta(hours=9))["escalated"] == 0  # three times at most


def test_over_and_forgotten(place, incident, field):
    field.put([50], 1)
    field.run(2.1)
    assert linking.sweep(START + timedelta(hours=26.2)) == {"escalated": 0, "ended": 1}
    incident.refresh_from_db()
    assert (incident.state, incident.acknowledged_by) == ("closed", None)


def test_rules(place):
    assert services.install(place.office) == len(facts.given_rules())
    assert services.install(place.office) == 0
    row = AlarmRule.objects.get(given="ozone")
    assert (row.region, row.mark, row.enabled_by) == (place.city, "verified", place.office)
    with pytest.raises(RuleFaults):
        services.save_rule(place.office, row, given=row.document | {"grades": []}, region=place.city)
    services.save_rule(place.office, row, given=row.document | {"zh": "臭氧"}, region=place.city, revision=1)
    with pytest.raises(AlreadyDone):
        services.save_rule(place.office, row, given=row.document, region=place.city, revision=1)
    services.switch_rule(place.office, row.pk, on=False)
    row.refresh_from_db()
    assert (row.name, row.revision, row.enabled) == ("臭氧", 3, False)
