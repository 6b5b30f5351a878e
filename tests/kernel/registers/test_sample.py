"""The sample site's registers: every row of a pack goes to the county it lies in and to the department of its tasks."""

from collections import Counter
from types import SimpleNamespace

import pytest
from shapely.geometry import box

from ecocloud.kernel.regions.models import Department
from ecocloud.kernel.registers import pack, queries, sample
from ecocloud.kernel.registers.models import ObjectInspection
from ecocloud.kernel.registers.register import open_register


@pytest.fixture
def load(place, monkeypatch, settings, tmp_path):
    """``load(packs, parts)``: the sample of these packs, with the eastern and western county drawn as ``parts``."""
    settings.MEDIA_ROOT = tmp_path / "media"

    def make(packs, east, west):
        drawn = [SimpleNamespace(code=place.east.pk, geometry=east), SimpleNamespace(code=place.west.pk, geometry=west)]
        monkeypatch.setattr(sample, "boundaries", lambda level, parent: drawn)
        monkeypatch.setattr(pack, "own_packs", lambda: packs)
        units = {one.pk: {} for one in (place.east, place.west)}
        for county in (place.east, place.west):
            units[county.pk]["water"] = Department.objects.create(name=f"{county.name}水利局", function="water",
                                                                  region=county, code=f"{county.pk}-water")  # fmt: skip
        shared = {"people": {"office": place.office}, "counties": [place.west, place.east], "region": place.city,
                  "county_departments": units}  # fmt: skip
        sample.load(SimpleNamespace(shared=shared, say=lambda text: None))

    return make


def test_rows_find_their_county_department_and_the_rows_they_refer_to(load, place):
    """Points east of 115.25 degrees lie in the eastern county. A reach has no place: it goes where most objects of its
    township lie."""
    load(["rivers-lakes"], box(115.25, 27, 116, 28), box(115, 27, 115.25, 28))
    problems = queries.objects(place.office, open_register("river_problem"))
    made = pack.read(pack.own_folder() / "rivers-lakes")
    rows = {one.type: one.rows for one in made.samples}
    there = {row.name: row.geometry["coordinates"][0] > 115.25 for row in rows["river_problem"] if row.geometry}
    assert {one.name: one.region_id == place.east.pk for one in problems if one.name in there} == there
    assert set(there.values()) == {True, False}
    around = {}
    for row in (row for one in made.samples for row in one.rows if row.geometry):
        around.setdefault(row.region, Counter())[row.geometry["coordinates"][0] > 115.25] += 1
    reaches = {one.name: one for one in queries.objects(place.office, open_register("reach"))}
    for row in rows["reach"]:
        where = around.get(row.region)
        east = bool(where) and where.most_common(1)[0][0]
        assert reaches[row.name].region_id == (place.east.pk if east else place.west.pk)
    assert {one.department.name for one in reaches.values()} == {"东县水利局", "西县水利局"}
    references = {one.body["reach"] for one in problems}
    assert references <= {f"obj:{one.pk}" for one in reaches.values()}
    assert ObjectInspection.objects.filter(object__type__code="reach").count() == 2
