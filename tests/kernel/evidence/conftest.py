"""A small place: a city with two counties, three departments, five people. All names are made up."""

from types import SimpleNamespace

import pytest

from ecocloud.kernel.evidence import catalogue, indicators, services
from ecocloud.kernel.evidence.linking import normalise
from ecocloud.kernel.evidence.models import Indicator, IndicatorAlias
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.regions.services import sync_roles
from tests.people import person_of

CODES = (
    "AIR.PM25.MEAN", "AIR.GOODDAYS.RATE", "AIR.GRADE", "WAT.SURFACE.GOOD", "FOR.COVER", "FOR.STOCK", "FOR.PLANT.NEW",
    "ENE.TOTAL", "ENE.GDP.FALL", "TOU.INCOME",
)  # fmt: skip


def some_indicators():
    """A few entries of the catalogue; loading all of them in every test would take half a second each."""
    made = catalogue.load()
    groups = {group.code: group.zh for group in made.groups}
    for order, code in enumerate(CODES, 1):
        entry = made.by_code[code]
        row = Indicator.objects.create(code=code, **indicators._fields(entry, groups, order))
        IndicatorAlias.objects.bulk_create(
            IndicatorAlias(indicator=row, text=alias, key=normalise(alias)) for alias in entry.aliases
        )


@pytest.fixture
def place(db):
    """``city``, ``east``, ``west``, departments ``office``, ``ecology``, ``forestry`` and people by role."""
    sync_roles()
    some_indicators()
    province = Region.objects.create(code="990000", name="试验省", level="province")
    city = Region.objects.create(code="990100", name="试验市", short_name="试验", level="city", parent=province)
    east = Region.objects.create(code="990102", name="东县", short_name="东县", level="county", parent=city)
    west = Region.objects.create(code="990103", name="西县", short_name="西县", level="county", parent=city)

    def unit(name, function, region):
        return Department.objects.create(name=name, function=function, region=region)

    units = {
        "office": unit("试验市生态文明办", "eco-office", city),
        "ecology": unit("试验市生态环境局", "ecology", city),
        "forestry": unit("试验市林业局", "forestry", city),
        "east_ecology": unit("东县生态环境局", "ecology", east),
    }
    person = person_of(units)
    people = SimpleNamespace(
        office=person("office1", "office", "office"),
        office2=person("office2", "office", "office"),
        leader=person("leader", "leader", "office"),
        ecology=person("ecology", "department", "ecology"),
        forestry=person("forestry", "department", "forestry"),
        clerk=person("clerk", "department", "east_ecology"),
        reader=person("reader", "reader", "office"),
    )
    return SimpleNamespace(city=city, east=east, west=west, units=units, **vars(people))


@pytest.fixture
def ind(place):
    """``ind("FOR.COVER")``: an indicator of the catalogue."""
    return lambda code: Indicator.objects.get(code=code)


@pytest.fixture
def put(place, ind):
    """``put("FOR.COVER", "2026-08", 67.7)``: a confirmed value of the city (or of another region)."""

    def make(code, period, value, region=None, **more):
        return services.record_observation(
            place.office, ind(code), region or place.city, period, value, source="doc:1#1-2", confirmed=True, **more
        )

    return make
