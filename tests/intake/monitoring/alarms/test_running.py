"""From values in the lake to incidents: what is new, late, silent, corrected; restarts; storms."""

from datetime import timedelta

import pytest

from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms import running, services, taking
from ecocloud.intake.monitoring.alarms.engine import Episode, Progress, Standing, fresh
from ecocloud.intake.monitoring.alarms.models import AlarmEvent, AlarmIncident, AlarmSignal, AlarmState, Watch
from ecocloud.intake.monitoring.alarms.taking import Finding
from ecocloud.intake.monitoring.quality import services as quality
from ecocloud.intake.monitoring.stations import services as stations
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.journal.models import Entry
from tests.intake.monitoring.alarms.conftest import HIGH, HOUR, SILENT, START, rule, station

pytestmark = pytest.mark.django_db


def told(row=None):
    row = row or AlarmIncident.objects.get()
    return [(one.kind, one.level) for one in row.events.order_by("pk")]


def test_an_exceedance_from_its_first_value_to_its_end(place, device, field):
    rule(place.office, HIGH, place.city)
    field.put([60, 80])
    field.run(2.1)
    row = AlarmIncident.objects.get()
    assert (row.state, row.level, row.first) == ("raised", 1, START + 2 * HOUR)
    (signal,) = row.signals.all()
    assert signal.because == [{"is": "limit", "op": ">", "value": "80", "bound": "75", "factor": "a34004"}]
    field.put([160], 2)
    field.run(3.1)
    field.put([90], 3)
    field.run(4.1)
    field.put([50], 4)
    field.run(5.1)
    row.refresh_from_db()
    assert (row.state, row.active, row.level, row.peak) == ("over", False, 0, 2)
    assert told() == [("raised", 1), ("up", 2), ("down", 1), ("over", 0)]
    signal.refresh_from_db()
    assert (signal.start, signal.end, signal.peak) == (START + 2 * HOUR, START + 5 * HOUR, 2)
    assert Entry.objects.filter(ref_kind="alarm").count() == 4
    field.put([90], 5)
    field.run(6.1)
    assert told()[-1] == ("again", 1) and AlarmIncident.objects.count() == 1


def test_hours_stamped_at_their_end_are_known_at_their_stamp(place, field):
    """The value stamped an hour after START is that of the hour before it: known then, and not an hour later."""
    station(place, hour_ending=True)
    rule(place.office, HIGH, place.city)
    field.put([60, 80])
    field.run(1.1)
    assert AlarmIncident.objects.get().first == START + HOUR


def test_running_again_changes_nothing(place, device, field):
    rule(place.office, HIGH, place.city)
    field.put([60, 80, 90])
    field.run(3.1)
    before = list(AlarmSignal.objects.values()), told(), Entry.objects.count()
    AlarmState.objects.all().delete()  # derived: lost, or a restart before it was kept
    Watch.objects.all().delete()
    field.run(3.2)
    field.run(3.2)
    assert (list(AlarmSignal.objects.values()), told(), Entry.objects.count()) == before


def test_only_devices_with_news_are_looked_at(place, device, field):
    rule(place.office, HIGH, place.city)
    station(place, "B" * 24, name="东县二中")
    field.put([60])
    assert field.run(1.1)["devices"] == 2  # the first time: everything
    assert field.run(1.2)["devices"] == 0
    field.put([60], 1)
    assert field.run(2.05)["devices"] == 1
    assert field.run(2.2)["devices"] == 2  # everything once an hour
    field.lake.compact(finish=True)
    assert field.run(2.3)["devices"] == 0  # what compaction made is nothing new
    field.put([60], 2)
    field.lake.compact()
    assert field.run(3.1)["devices"] == 1


def test_no_data_within_two_intervals_and_over_when_they_come(place, device, field):
    rule(place.office, SILENT, place.city)
    field.put([60, 60])
    field.run(2.1)
    field.run(3.45)
    assert not AlarmIncident.objects.exists()
    field.run(3.5)
    row = AlarmIncident.objects.get()
    assert (row.cause, row.level, row.first) == ("no_data", 1, START + 3.5 * HOUR)
    field.put([60, 60], 4)
    field.run(6.1)
    row.refresh_from_db()
    assert row.state == "over"


def test_late_values_take_back_what_was_said(place, device, field):
    rule(place.office, SILENT, place.city)
    field.put([60, 60])
    field.run(3.6)
    row = AlarmIncident.objects.get()
    field.put([60, 60, 60], 2)
    field.run(5.1)
    row.refresh_from_db()
    assert told() == [("raised", 1), ("revised", 0)]
    assert (row.state, row.signals.get().withdrawn) == ("over", True)


def test_a_device_of_which_nothing_ever_came(place, device, field):
    rule(place.office, SILENT, place.city)
    field.run(2)
    assert AlarmIncident.objects.get().first == START + 1.5 * HOUR


def test_order_of_arrival_does_not_matter(place, device, field, lake):
    """The same values in order, and in the worst order with a run after each: the same signals."""
    count = {"is": "count", "least": 2, "among": 3, "what": {"is": "limit", "op": ">", "value": 75}}
    rule(place.office, HIGH | {"grades": [{"level": 1, "when": count}]}, place.city)
    values = [80, 60, 90, 95, 50, 50, 50, 99, 99]
    for hour in (8, 0, 7, 3, 1, 2, 6, 4, 5):
        field.put([values[hour]], hour)
        field.run(9.1)
    left = list(AlarmSignal.objects.filter(withdrawn=False).order_by("start").values_list("start", "end"))
    assert left == [(START + 3 * HOUR, START + 6 * HOUR), (START + 9 * HOUR, None)]


def test_reviews_and_upkeep_count(place, device, field):
    rule(place.office, HIGH, place.city)
    field.put([80, 60])
    field.run(2.1)
    assert AlarmSignal.objects.filter(withdrawn=False).count() == 1
    quality.review(place.office, device, factor="a34004", interval="hour", first=START, last=START + HOUR, valid=False,
                   reason="门未关好")  # fmt: skip
    AlarmState.objects.update(due=START + 2.2 * HOUR)  # as if the decision had been taken then
    field.run(2.2)
    assert AlarmSignal.objects.filter(withdrawn=False).count() == 0
    stations.add_upkeep(place.office, device.pk, kind="maintenance", start=START + 2 * HOUR, end=START + 3 * HOUR)
    field.put([99], 2)
    field.run(3.1)
    assert AlarmSignal.objects.filter(withdrawn=False).count() == 0


def test_a_rule_holds_for_its_division_and_its_kinds(place, device, field):
    rule(place.office, HIGH, place.west)
    rule(place.office, HIGH | {"kinds": ["section"]}, place.city)
    rule(place.office, HIGH | {"devices": ["X"]}, place.city)
    field.put([99])
    field.run(1.1)
    assert not AlarmIncident.objects.exists()


def test_a_changed_rule_begins_anew(place, device, field):
    row = rule(place.office, HIGH, place.city)
    field.put([80])
    field.run(1.1)
    services.save_rule(place.office, row, given=HIGH | {"grades": [{"level": 1, "when": {
        "is": "limit", "op": ">", "value": 100}}]}, region=place.city)  # fmt: skip
    incident = AlarmIncident.objects.get()
    assert (incident.state, incident.signals.get().end is None) == ("over", False)
    field.put([120], 1)
    row.refresh_from_db()
    type(row).objects.update(begun=START - HOUR)
    field.run(2.1)
    incident.refresh_from_db()
    assert (incident.state, incident.raises) == ("raised", 2)
    services.switch_rule(place.office, row.pk, on=False)
    incident.refresh_from_db()
    assert incident.state == "over"
    field.put([120], 2)
    field.run(3.1)
    incident.refresh_from_db()
    assert incident.state == "over"


def test_devices_of_one_station_share_an_incident(place, device, field):
    rule(place.office, HIGH, place.city)
    rule(place.office, HIGH | {"zh": "PM2.5 很高", "grades": [{"level": 3, "when": {
        "is": "limit", "op": ">", "value": 90}}]}, place.city)  # fmt: skip
    other = station(place, "B" * 24, name="东县一中二号")
    Device.objects.update(object_ref="obj:1")
    field.put([80])
    field.put([99], mn=other.mn)
    field.run(1.1)
    row = AlarmIncident.objects.get()
    assert (row.level, row.signals.count(), row.station) == (3, 3, "obj:1")


def test_a_false_alarm_is_not_raised_again_while_it_goes_on(place, device, field):
    rule(place.office, HIGH, place.city)
    field.put([80])
    field.run(1.1)
    row = AlarmIncident.objects.get()
    services.false_alarm(place.east_staff, row.pk, reason="采样口正在清洗")
    field.put([160, 90], 1)
    field.run(3.1)
    row.refresh_from_db()
    assert (row.state, AlarmIncident.objects.count()) == ("false", 1)
    field.put([50, 80], 3)
    field.run(5.1)
    assert AlarmIncident.objects.count() == 2


def test_ten_thousand_at_once_are_one_for_each_station_and_cause(place, full_size, django_assert_max_num_queries):
    """10 000 exceedances (2 000 at small size) of two causes at 50 stations: 100 incidents, no storm of questions."""
    number = 10_000 if full_size else 2_000
    rules = [rule(place.office, HIGH, place.city), rule(place.office, HIGH | {"cause": "sudden"}, place.city)]
    read = [doc.read(one.document) for one in rules]
    devices = Device.objects.bulk_create(
        Device(mn=f"{n:024d}", name=f"站{n}", kind="air", st="22", region=place.east, department=place.bureau,
               object_ref=f"obj:{n % 50}") for n in range(100)
    )  # fmt: skip
    start = int(START.timestamp())
    found = [
        Finding(rules[n % 2], read[n % 2], devices[(n // 2) % 100], f"f{n // 200}", start - 1,
                Progress((Episode(start, 1, 1, ({"is": "limit"},)),), Standing(fresh(start)), None))
        for n in range(number)
    ]  # fmt: skip
    with django_assert_max_num_queries(number // 10):
        taking.take_in(found, START + HOUR)
    assert (AlarmIncident.objects.count(), AlarmSignal.objects.count()) == (100, number)
    assert AlarmEvent.objects.count() == 100
    taking.take_in(found, START + HOUR)
    assert (AlarmIncident.objects.count(), AlarmEvent.objects.count()) == (100, 100)


def test_only_silence_that_is_due_is_asked_about(place, device, field):
    rule(place.office, SILENT, place.city)
    field.put([60])
    field.run(1.1)
    assert running.concerned({}, START + timedelta(hours=2.4)) == set()
    assert running.concerned({}, START + timedelta(hours=2.5)) == {device.pk}
