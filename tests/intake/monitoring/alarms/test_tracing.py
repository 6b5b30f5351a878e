"""Source hints from registers and lake: what lies upstream, against the wind, and only what the viewer may see."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecocloud.intake.monitoring.alarms.models import AlarmIncident
from ecocloud.intake.monitoring.alarms.tracing import hints_of
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.registers.models import RegisterObject, RegisterType
from tests.intake.monitoring.alarms.conftest import MN, START, station

pytestmark = pytest.mark.django_db


@pytest.fixture
def put(place):
    """``put(register, name, body, at=None, region=None)``: an object of a register."""
    types = {}

    def make(code, name, body, at=None, region=None):
        if code not in types:
            types[code] = RegisterType.objects.create(code=code, zh=code, en=code, digest="0")
        box = {"west": at[0], "east": at[0], "south": at[1], "north": at[1], "place": b"x"} if at else {}
        return RegisterObject.objects.create(
            type=types[code], code=name, name=name, region=region or place.east, state="in_use", schema=1, body=body,
            valid_from=timezone.localdate(), **box,
        )  # fmt: skip

    return make


def incident(device, ref):
    Device.objects.filter(pk=device.pk).update(object_ref=ref)
    return AlarmIncident.objects.create(
        station=ref, device=device, cause="exceed", title="超限", level=1, peak=1, acknowledge_s=60,
        first=START + timedelta(hours=6), last=START + timedelta(hours=6),
    )  # fmt: skip


def test_upstream_of_a_section(place, put, lake):
    device = station(place, kind="section", st="21")
    for name, upper, lower in (("上段", "源头", "大桥"), ("中段", "大桥", "石桥闸"), ("下段", "石桥闸", "县界")):
        put("reach", name, {"water": "青溪", "from_point": upper, "to_point": lower})
    here = put("section", "石桥闸断面", {"river": "青溪"})
    put("section", "大桥断面", {"river": "青溪"})
    put("section", "县界断面", {"river": "青溪"})  # below
    put("outfall", "某排污口", {"river": "中段"})
    put("outfall", "别处排污口", {"river": "中段"}, region=place.west)
    put("outlet", "某企业总排口", {"medium": "water"})
    put("outlet", "某企业烟囱", {"medium": "gas"})
    row = incident(device, f"obj:{here.pk}")
    found = hints_of(place.east_staff, row)
    assert [(one.name, one.steps) for one in found.found] == [("某排污口", 0), ("某企业总排口", 0), ("大桥断面", 1)]
    assert (found.stretch, found.why) == ("中段", "")
    assert "别处排污口" in {one.name for one in hints_of(place.office, row).found}


def test_against_the_wind(place, device, put, field):
    here = put("station", "东县一中", {}, at=(115.2, 27.3))
    put("enterprise", "北面的厂", {}, at=(115.2, 27.35))
    put("enterprise", "南面的厂", {}, at=(115.2, 27.25))
    row = incident(device, f"obj:{here.pk}")
    assert hints_of(place.office, row).why == "no_wind"
    device.channels.create(code="a01008", name="风向", unit="°")
    field.put([10] * 6, code="a01008", mn=MN)
    field.put([2] * 6, code="a01007", mn=MN)
    found = hints_of(place.office, row)
    assert [one.name for one in found.found] == ["北面的厂"]
    assert (round(found.wind.direction), found.wind.speed, found.wind.hours) == (10, 2, 6)


def test_without_an_object_or_with_itself_as_the_source(place, device):
    assert hints_of(place.office, incident(device, device.ref)).why == "no_object"
    outlet = station(place, "C" * 24, kind="outlet_gas", st="31", name="烟囱")
    assert hints_of(place.office, incident(outlet, "obj:9")).why == "itself"
