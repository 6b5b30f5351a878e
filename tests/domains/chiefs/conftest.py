"""A small place with a reach, chiefs of it, and the rule of the province."""

from datetime import date
from types import SimpleNamespace

import pytest

from ecocloud.domains.chiefs.services import offices, rules
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.regions.services import CONSOLE, sync_roles
from ecocloud.kernel.registers import pack
from ecocloud.kernel.registers import services as registers
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import packs
from tests.people import person_of

BEGAN = date(2026, 1, 1)


@pytest.fixture
def place(db):
    """A province with a city, two counties and a township; units, people, the pack of rivers."""
    sync_roles()
    province = Region.objects.create(code="360000", name="试验省", level="province")
    city = Region.objects.create(code="360800", name="试验市", level="city", parent=province)
    east = Region.objects.create(code="360802", name="东县", level="county", parent=city)
    west = Region.objects.create(code="360803", name="西县", level="county", parent=city)
    town = Region.objects.create(code="360802101", name="东镇", level="township", parent=east)
    unit = Department.objects.create
    government = unit(name="东县人民政府", region=east, kind="government")
    units = {
        "office": unit(name="试验市生态文明办", function="eco-office", region=city),
        "water": unit(name="东县水利局", function="water", region=east, parent=government),
        "town": unit(name="东镇人民政府", region=town, kind="township", parent=government),
        "west": unit(name="西县水利局", function="water", region=west),
    }
    person = person_of(units)
    packs.load(CONSOLE, pack.read(pack.folder_of("rivers-lakes")))
    people = {
        "office": person("office", "office", "office"), "clerk": person("clerk", "department", "water"),
        "towner": person("towner", "township", "town"), "chief": person("chief", "field", "town"),
        "next": person("next", "field", "town"), "other": person("other", "department", "west"),
        "reader": person("reader", "reader", "office"),
    }  # fmt: skip
    return SimpleNamespace(province=province, city=city, east=east, west=west, town=town, government=government,
                           units=units, **people)  # fmt: skip


@pytest.fixture
def reach(place):
    """A stretch of river in the township."""
    return registers.create(
        place.office, open_register("reach"), name="青溪石桥段", region=place.town, department=place.units["water"],
        given={"water": "青溪", "kind": "main", "listed_on": date(2020, 1, 1), "length": "12.6", "level": "township"},
        geometry={"type": "LineString", "coordinates": [[115.0, 27.0], [115.1, 27.1]]},
    )  # fmt: skip


@pytest.fixture
def seat(place, reach):
    """The township's river chief of the reach since the first of January, patrols by the province's rule."""
    rules.choose_rule(place.office, place.province, "water", variant="jx-water", on=BEGAN)
    row = offices.open_office(place.office, kind="river", level="township", about=reach, department=place.units["town"],
                              contact=place.units["water"], opened_on=BEGAN, post="镇党委书记", sign="QX-01",
                              duty="每月巡河", phone="0796-1234567")  # fmt: skip
    offices.appoint(place.office, row.pk, name="张河长", on=BEGAN, person=place.chief)
    row.refresh_from_db()
    return row
