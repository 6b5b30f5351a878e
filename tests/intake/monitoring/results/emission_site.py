"""Two outlets with their register objects, and hours for them. All made up; limits are those of the standards."""

from datetime import date, timedelta

import pytest

from ecocloud.intake.monitoring.stations import services
from ecocloud.intake.monitoring.stations.models import Channel, Device
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject, RegisterType
from tests.intake.monitoring.results.conftest import DAY

KILN_MN, WORKS_MN = "KILN00000000000000000001", "WORK00000000000000000001"
GAS = {"a00000": 10, "a19001": 18.0, "a34013": 10, "a21026": 20, "a21002": 100}
SEWAGE = {"w00000": 100, "w01001": 7.2, "w01018": 30, "w21003": 2.0, "w21011": 0.3, "w21001": 10}


def put(code, name, body, region, department=None, first=date(2020, 1, 1), box=None, place=None):
    """An object of a register with its first version."""
    kind, _new = RegisterType.objects.get_or_create(code=code, defaults={"zh": code, "en": code, "digest": "0"})
    same = {"name": name, "region": region, "department": department, "state": "online", "schema": 1, "body": body,
            "place": place}  # fmt: skip
    row = RegisterObject.objects.create(type=kind, code=name, valid_from=first, **same, **(box or {}))
    ObjectVersion.objects.create(type=kind, object=row, number=1, valid_from=first, action="create", **same)
    return row


def amend(row, body, first):
    """Another version of an object from a day on."""
    old = row.versions.order_by("-number").first()
    ObjectVersion.objects.filter(pk=old.pk).update(valid_to=first - timedelta(days=1))
    ObjectVersion.objects.create(type=row.type, object=row, number=old.number + 1, valid_from=first, action="edit",
                                 name=row.name, region=row.region, state="online", schema=1, body=body)  # fmt: skip
    RegisterObject.objects.filter(pk=row.pk).update(body=body)


@pytest.fixture
def plants(sites):
    """``sites`` with a ceramic kiln (GB 25464, built 2015) and sewage works (GB 18918, grade I-A, built 2010)."""
    place = sites.place
    sites.firm = put("enterprise", "Kiln Ltd", {"nox_permit": "1.2"}, place.east, place.bureau)
    outlet = put("outlet", "窑炉烟囱", {"enterprise": f"obj:{sites.firm.pk}", "medium": "gas", "set_on": "2015-04-01",
                 "limit_set": "gb25464_kiln", "nox_limit": "180"}, place.east, place.bureau)  # fmt: skip
    works = put("sewage_work", "Works", {"standard": "a1", "built_on": "2010-06-30"}, place.east, place.bureau)
    sites.outlet, sites.works_object = outlet, works
    sites.kiln = services.add_device(
        place.office, mn=KILN_MN, name="Kiln 1", kind="outlet_gas", region=place.east, department=place.bureau,
        object_ref=f"obj:{outlet.pk}", password="123456",
    )  # fmt: skip
    sites.works = services.add_device(
        place.office, mn=WORKS_MN, name="Works 1", kind="outlet_water", region=place.east, department=place.bureau,
        object_ref=f"obj:{works.pk}", password="123456",
    )  # fmt: skip
    Device.objects.update(created_at="2026-01-01T00:00:00Z")
    Channel.objects.create(device=sites.works, code="w01010", name="水温", unit="℃", order=9)
    plain = sites.send

    def send(name, hour, values, day=DAY, flag="N"):
        if name not in ("kiln", "works"):
            return plain(name, hour, values, day, flag)
        sites.rows[name] = getattr(sites, name)
        return plain(name, hour, values, day, flag)

    sites.send = send
    return sites


def fill(plants, name, values, day=DAY, hours=range(24), **changed):
    """A day of an outlet; changed: other values or flags by hour, ``h5={...}``, ``f5="M"``."""
    for hour in hours:
        plants.send(name, hour, values | changed.get(f"h{hour}", {}), day=day, flag=changed.get(f"f{hour}", "N"))
