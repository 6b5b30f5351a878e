"""Rules that ask for the emission limit an outlet is held against: from register and lake to incidents; as tried."""

from datetime import date, timedelta

import pytest

from ecocloud.intake.monitoring.alarms import document
from ecocloud.intake.monitoring.alarms.limits import own_limits
from ecocloud.intake.monitoring.alarms.models import AlarmIncident
from ecocloud.intake.monitoring.alarms.replaying import try_on
from ecocloud.intake.monitoring.alarms.wording import because_words, rule_words
from ecocloud.intake.monitoring.stations.models import Device
from tests.intake.monitoring.alarms.conftest import HOUR, START, rule, station
from tests.intake.monitoring.results.emission_site import amend, put

pytestmark = pytest.mark.django_db
MN = "KILN00000000000000000001"
RULE = {"cause": "exceed", "zh": "超过执行限值", "interval": "hour", "kinds": ["outlet_gas", "outlet_water"],
        "each": ["a21002", "w01018"],
        "grades": [{"level": 2, "when": {"is": "limit", "op": ">", "percent": 100, "of": "standard"}}]}  # fmt: skip


@pytest.fixture
def kiln(place):
    """A kiln under GB 25464: NOx 180 mg/m³ at 18 % oxygen, hourly."""
    outlet = put("outlet", "窑炉", {"limit_set": "gb25464_kiln", "medium": "gas"}, place.east)
    row = station(place, mn=MN, kind="outlet_gas", st="31", name="窑炉")
    Device.objects.filter(pk=row.pk).update(object_ref=f"obj:{outlet.pk}")
    row.refresh_from_db()
    row.outlet = outlet
    return row


def send(field, values, first=0):
    """NOx as measured and oxygen, hour by hour."""
    for n, (nox, oxygen) in enumerate(values):
        field.put([nox], first + n, code="a21002", mn=MN, st="31")
        field.put([oxygen], first + n, code="a19001", mn=MN, st="31")


def test_from_the_register_to_the_incident(place, kiln, field):
    """100 mg/m³ at 19.5 % are 200 at 18 %: above 180; 90 are exactly 180 and are not."""
    rule(place.office, RULE, place.city)
    send(field, [(100, 18), (90, 19.5)])
    field.run(2.1)
    assert not AlarmIncident.objects.exists()
    send(field, [(100, 19.5)], 2)
    field.run(3.1)
    row = AlarmIncident.objects.get()
    assert (row.level, row.first) == (2, START + 3 * HOUR)
    (signal,) = row.signals.all()
    assert (signal.because[0]["value"], signal.because[0]["bound"]) == ("200", "180")
    assert because_words(signal.because, {"a21002": ("氮氧化物", "mg/m³")}) == [
        "氮氧化物 200 mg/m³ ＞ 180 mg/m³（当日执行的排放限值，废气为折算值）"]  # fmt: skip
    send(field, [(50, 18)], 3)
    field.run(4.1)
    row.refresh_from_db()
    assert row.state == "over"


def test_a_permit_that_changes_holds_from_its_day(place, kiln, field):
    """From 3 March (Beijing) the permit says 120; values of before are judged by 180 whenever they are looked at."""
    amend(kiln.outlet, {"limit_set": "gb25464_kiln", "medium": "gas", "nox_limit": "120"}, date(2026, 3, 3))
    one = document.read(RULE)
    found = own_limits([(one, kiln.pk)], START, START + timedelta(days=2))[kiln.pk, "hour"]["a21002"]
    assert [limit.most for limit in found] == [180 * 10**6]  # of two limits of an hour the wider is sure
    amend(kiln.outlet, {"medium": "gas", "nox_limit": "120", "oxygen": "18"}, date(2026, 3, 4))
    found = own_limits([(one, kiln.pk)], START, START + timedelta(days=3))[kiln.pk, "hour"]["a21002"]
    assert [limit.most // 10**6 for limit in found] == [180, 120]
    assert found[0].end == found[1].start == int((START + timedelta(hours=40)).timestamp())  # 4 March 00:00 Beijing


def test_trying_a_rule_on_past_data(place, kiln, field):
    send(field, [(100, 18), (100, 19.5), (100, 18)])
    tried = try_on(place.office, document.read(RULE), place.city, 1, START + 6 * HOUR)
    assert [(factor, one.start) for _device, factor, one in tried.found] == [
        ("a21002", int((START + 2 * HOUR).timestamp()))]  # fmt: skip
    assert rule_words(document.read(RULE))[0]["text"].endswith("当日执行的排放限值的 100%")


def test_faults_and_rules_without_such_limits(place, kiln):
    with pytest.raises(document.RuleFaults) as caught:
        document.read(
            RULE | {"grades": [{"level": 1, "when": {"is": "limit", "op": ">", "value": 1, "of": "standard"}}]}
        )
    assert "grades.0.when.of" in caught.value.faults
    plain = document.read(RULE | {"grades": [{"level": 1, "when": {"is": "limit", "op": ">", "percent": 90}}]})
    assert own_limits([(plain, kiln.pk)], START, START + HOUR) == {}
