"""A small county with two townships, its units and people, and an accounting of it."""

from datetime import date
from types import SimpleNamespace

import pytest


@pytest.fixture
def place(db):
    """A city, a county with two townships, another county; units, people; the catalogue of indicators."""
    from ecocloud.kernel.evidence.services import load_catalogue
    from ecocloud.kernel.regions.models import Department, Region
    from ecocloud.kernel.regions.services import sync_roles
    from tests.people import person_of

    sync_roles()
    load_catalogue()
    province = Region.objects.create(code="360000", name="试验省", level="province")
    city = Region.objects.create(code="360800", name="试验市", level="city", parent=province)
    county = Region.objects.create(code="360802", name="青山县", level="county", parent=city)
    other = Region.objects.create(code="360803", name="白水县", level="county", parent=city)
    upper = Region.objects.create(code="360802101", name="上游镇", level="township", parent=county)
    lower = Region.objects.create(code="360802102", name="下游乡", level="township", parent=county)
    unit = Department.objects.create
    government = unit(name="青山县人民政府", region=county, kind="government")
    units = {"office": unit(name="试验市生态文明办", function="eco-office", region=city)}
    for function, name in (("natural-resources", "自然资源局"), ("water", "水利局"), ("statistics", "统计局"),
                           ("forestry", "林业局"), ("ecology", "生态环境局"), ("culture", "文旅局")):  # fmt: skip
        units[function] = unit(name=f"青山县{name}", function=function, region=county, parent=government)
    units["meteorology"] = unit(name="试验市气象局", function="meteorology", region=city)
    units["other"] = unit(name="白水县水利局", function="water", region=other)
    person = person_of(units)
    people = {
        "office": person("office", "office", "office"), "second": person("second", "office", "office"),
        "land": person("land", "department", "natural-resources"),
        "chief": person("chief", "department", "natural-resources"),
        "water": person("water", "department", "water"), "stranger": person("stranger", "department", "other"),
        "reader": person("reader", "reader", "office"),
    }  # fmt: skip
    return SimpleNamespace(province=province, city=city, county=county, other=other, upper=upper, lower=lower,
                           units=units, **people)  # fmt: skip


@pytest.fixture
def accounting(place):
    """The county with its two townships, 2023 and 2024, by the trial code of 2022."""
    from ecocloud.domains.gep.services import accountings

    return accountings.open_accounting(
        place.office, title="青山县生态产品总值核算", region=place.county, parts=[place.upper, place.lower],
        years=(2023, 2024), deadline=date(2027, 3, 31), edition="ndrc-481-2022",
        methods={"carbon_fixation": ["carbon.nep"], "recreation": ["tourism.revenue"]},
    )  # fmt: skip


@pytest.fixture
def fill(place, accounting):
    """``fill(code, region, year, {datum or datum__part: value})``: the form filled in by the office."""
    from ecocloud.domains.gep.models import Form
    from ecocloud.domains.gep.services import reporting
    from ecocloud.domains.gep.services.reporting import Entered

    def filled(code, region, values, year=2023, by=None):
        form = Form.objects.get(accounting=accounting, code=code, region=region, year=year)
        entered = [
            Entered(name.partition("__")[0], name.partition("__")[2], str(value), note="已核对")
            for name, value in values.items()
        ]
        return reporting.save(by or place.office, form, entered)

    return filled


SMALL = {
    ("GEP101", "upper"): {"area__11": 10, "area__41": "0.5"},
    ("GEP101", "lower"): {"area__12": 2},
    ("GEP102", "county"): {"rain": 1600, "evapotranspiration": 800},
    ("GEP104", "upper"): {"nep__11": 3000},
    ("GEP106", "upper"): {"crops_value": 120, "timber_value": 30, "livestock_value": 80, "fishery_value": 10},
    ("GEP106", "lower"): {"crops_value": 60, "timber_value": 5, "livestock_value": 8, "fishery_value": 1},
    ("GEP106", "county"): {"gdp": 50000, "population": 12000},
    ("GEP108", "county"): {"tourism_revenue": "345.67"},
}


@pytest.fixture
def filled(place, fill):
    """All forms of 2023 filled with a few values each."""

    def made(year=2023, by=None):
        return [fill(code, getattr(place, region), values, year, by) for (code, region), values in SMALL.items()]

    return made


@pytest.fixture
def approved(place, accounting, filled):
    """The same forms sent, checked and approved by another person."""
    from ecocloud.domains.gep.services import reporting

    def made(year=2023):
        forms = filled(year)
        for form in forms:
            reporting.submit(place.office, form, note="其余本县没有")
            reporting.step(place.second, form, "check")
            reporting.step(place.second, form, "approve")
        return forms

    return made
