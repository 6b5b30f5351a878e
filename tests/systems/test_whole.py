"""Systems that only all rooms together deliver."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.intake.monitoring.alarms import linking
from ecocloud.intake.monitoring.alarms.models import AlarmIncident
from ecocloud.intake.monitoring.stations import services as stations
from ecocloud.kernel.evidence import catalogue, indicators
from ecocloud.kernel.evidence import services as evidence
from ecocloud.kernel.evidence.models import Indicator, Observation
from ecocloud.kernel.regions.models import Department, Role, RoleGrant, User
from tests.kernel.evidence.conftest import ind, place
from tests.systems.proving import proved

__all__ = ["ind", "place"]
pytestmark = pytest.mark.django_db
# Which department states which figure of the year before: those the cockpit shows.
GIVEN = (
    ("农业农村局", "SOL.FARM.SAFE", "93.2"), ("林业局", "FOR.COVER", "67.43"), ("水利局", "WAT.DRINK.ATTAIN", "98.6"),
    ("自然资源局", "MIN.RESTORE.AREA", "473"), ("生态环境局", "WAT.SURFACE.GOOD", "91.7"),
    ("住建局", "INF.SEWAGE.PIPE.TOTAL", "58.3"), ("农村工作办", "FIN.GEP.GDP", "2.318"),
    ("发展改革委", "INF.PROJECT.INVEST", "12.8"),
)  # fmt: skip


def test_s223_from_eight_departments_and_live_data_to_one_screen_alarms_tickets_and_counts(place, ind, settings):
    """S223 “生态云”: data of eight departments, live monitoring -> one screen, alerts, tickets, statistics."""
    today = timezone.localdate()
    year = today.year - 1
    known = catalogue.load()
    groups = {group.code: group.zh for group in known.groups}
    for order, (_name, code, _value) in enumerate(GIVEN, 100):
        fields = indicators._fields(known.by_code[code], groups, order)
        Indicator.objects.get_or_create(code=code, defaults=fields)
    for name, code, value in GIVEN:
        unit = Department.objects.create(name=f"试验市{name}", region=place.city)
        who = User.objects.create_user(name, name=name, department=unit)
        RoleGrant.objects.create(user=who, role=Role.objects.get(code="department"))
        who.refresh_from_db()
        row = evidence.record_observation(who, ind(code), place.city, str(year), value, source="doc:1#1-2")
        evidence.submit(who, row)
        with pytest.raises(Forbidden) as own:  # nobody confirms what his unit states
            evidence.confirm(who, row)
        evidence.confirm(place.office, row)
    values = list(Observation.objects.filter(status="confirmed"))
    assert len({one.department_id for one in values}) == 8
    device = stations.add_device(place.office, mn="LIVE00000000000000000001", name="城东空气站", kind="air",
                                 region=place.east, department=place.units["ecology"], password="123456")  # fmt: skip
    now = timezone.now()
    alarm = AlarmIncident.objects.create(station=device.ref, device=device, cause="exceed", title="PM2.5 偏高", level=2,
                                         peak=2, acknowledge_s=60, first=now, last=now)  # fmt: skip
    ticket = linking.make_item(place.office, alarm.pk, lead=place.units["ecology"], deadline=today + timedelta(days=2),
                               body="请核查")  # fmt: skip
    client = Client()
    client.force_login(place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])

    def page(name, **asked):
        return client.get(reverse(name), asked).content.decode()

    screen = page("web:cockpit", year=year, region=place.city.pk)
    seen = [value for _name, _code, value in GIVEN if value in screen.partition("<main")[2]]
    assert "PM2.5 偏高" in screen and "城东空气站" in page("monitoring:live")
    proved(
        "S223",
        given={"Data of eight departments": values, "live monitoring": device},
        refused=own.value,
        came_out={"One screen": ([value for _name, _code, value in GIVEN], seen),
                  "alerts": ("PM2.5 偏高", page("monitoring:alarms")),
                  "tickets": (ticket.code, page("duties:ledger")),
                  "statistics": ("试验市生态环境局", page("duties:statistics", kind="problem"))},
    )  # fmt: skip
