"""The sample site's registers: every row of a pack goes to the county it lies in and to the department of its tasks."""

import io
from collections import Counter
from types import SimpleNamespace

import pytest
from shapely.geometry import box

from ecocloud.base.sheets import export_workbook
from ecocloud.base.sheets import services as sheets
from ecocloud.base.sheets.registry import RowsRefused
from ecocloud.kernel.journal.models import Link
from ecocloud.kernel.journal.verification import verify
from ecocloud.kernel.regions.models import Department
from ecocloud.kernel.registers import pack, queries, sample, workbooks
from ecocloud.kernel.registers.models import ObjectInspection, RegisterObject
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import importing


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


def test_rows_are_written_as_the_import_of_their_workbook_would(load, place):
    """The sample workbook of every register of the pack, read and compared with what was written: nothing differs."""
    load(["wetlands"], box(115.25, 27, 116, 28), box(115, 27, 115.25, 28))
    made = pack.read(pack.own_folder() / "wetlands")
    for one in made.samples:
        register = open_register(one.type)
        there = {row.name: row for row in queries.objects(place.office, register)}
        rows = [
            {"name": row.name, "region": there[row.name].region_id, "code": there[row.name].code,
             "department": getattr(there[row.name].department, "code", None),
             "state": row.state or register.definition.first_state,
             **workbooks.cells_of(row.values), **workbooks.cells_of_place(row.geometry)}
            for row in one.rows
        ]  # fmt: skip
        content = io.BytesIO(export_workbook(workbooks.spec(register), rows))
        batch = sheets.upload(place.office, f"{importing.PREFIX}{one.type}", "样例.xlsx", content)
        batch = sheets.stage(place.office, batch)
        found = [
            (row.number, [one for one in row.diffs if one[0] != "geometry"], row.faults) for row in batch.rows.all()
        ]
        assert found == [(number, [], []) for number, *_ in found]  # a shape is exported in other words
        assert batch.total == len(one.rows)


def test_a_whole_pack_is_one_link_of_the_journal(load):
    links = Link.objects.count()
    load(["small-hydro"], box(115.25, 27, 116, 28), box(115, 27, 115.25, 28))
    assert Link.objects.count() == links + 1  # the pack with its rows, and no pack for the cockpit
    assert verify().consistent


@pytest.mark.parametrize(("reach", "count"), [("没有的河段", 0), ("重名河段", 2)])
def test_a_name_that_is_not_there_or_not_alone_is_refused_with_its_row(load, place, reach, count):
    load(["rivers-lakes"], box(115.25, 27, 116, 28), box(115, 27, 115.25, 28))
    register = open_register("reach")
    for old in queries.objects(place.office, register)[:count]:
        RegisterObject.objects.filter(pk=old.pk).update(name="重名河段")
    given = [(1, {"name": "甲", "reach": "obj:1"}), (2, {"name": "乙", "reach": reach}), (3, {"name": "丙"})]
    known = RegisterObject.objects.filter(type=register.pk).order_by("pk").first()
    given[0][1]["reach"] = f"obj:{known.pk}"
    with pytest.raises(RowsRefused) as refused:
        importing.rows_of_codes(open_register("river_problem"), place.office, given)
    assert set(refused.value.problems) == {2}
    assert refused.value.problems[2][0].value == reach
    assert f"{count} 个" in refused.value.problems[2][0].reason
    rows = importing.rows_of_codes(open_register("river_problem"), place.office, given[::2])
    assert [row.values["reach"] for row in rows] == [f"obj:{known.pk}", None]
