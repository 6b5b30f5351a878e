"""The room's part of the sample site: the packs that come with the product with the rows of their workbooks."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from typing import Any

from shapely.geometry import shape

from ecocloud.base.geo import boundaries
from ecocloud.base.sheets import export_workbook
from ecocloud.base.sheets import services as sheets
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack, services, workbooks
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.pack_definition import PackFolder, Sample, SampleRow
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import importing, packs, packs_in_use

# What the cockpit of the sample city shows, of the packs that are there.
_SHOWN = ("rivers-lakes", "water-sections", "drinking-sources", "river-outfalls", "inspection-problems", "green-mines")


def load(context: Any) -> None:
    """Load every pack and the rows of its sample workbooks, as the office would; some objects are inspected since.

    The counties of the sample workbooks are invented. An object goes to the county of the sample city that its place
    lies in; one without a place where most objects of its township lie. Its department is the one in that county with
    the function that the pack's tasks for its type name.
    """
    office = context.shared["people"]["office"]
    made = [pack.read(pack.folder_of(name)) for name in pack.own_packs()]
    counties = _Counties(context.shared, made)
    for one in made:
        packs.load(CONSOLE, one)
        for sample in one.samples:
            context.say(one.type_by_code[sample.type].zh)
            _import(office, one, sample, counties)
    there = {one.definition.id for one in made}
    packs_in_use.show(office, context.shared["region"], [name for name in _SHOWN if name in there])


class _Counties:
    """Which county of the sample city a row of a workbook goes to, and the departments there."""

    def __init__(self, shared: dict[str, Any], made: Iterable[PackFolder]) -> None:
        self.units = shared["county_departments"]
        self.first: Region = shared["counties"][0]
        known = {one.code: one for one in shared["counties"]}
        drawn = boundaries("county", parent=shared["region"].code)
        self.shapes = [(known[one.code], one.geometry) for one in drawn if one.code in known]
        self.by_place: dict[str, Counter[Region]] = {}
        for row in (row for one in made for sample in one.samples for row in sample.rows):
            found = self._around(row)
            if found:
                self.by_place.setdefault(row.region, Counter())[found] += 1

    def _around(self, row: SampleRow) -> Region | None:
        point = shape(row.geometry).representative_point() if row.geometry else None
        return next((county for county, drawn in self.shapes if point and drawn.contains(point)), None)

    def county(self, row: SampleRow) -> Region:
        """The county of a row."""
        there = self.by_place.get(row.region)
        return self._around(row) or (there.most_common(1)[0][0] if there else self.first)

    def unit(self, county: Region, function: str) -> str | None:
        """The code of the county's department with this function."""
        found = self.units.get(county.code, {}).get(function)
        return found.code if found else None


def _import(office: Any, made: PackFolder, sample: Sample, counties: _Counties) -> None:
    register = open_register(sample.type)
    function = next((one.function for one in made.definition.tasks if one.type == sample.type), "")
    rows = []
    for row in sample.rows:
        county = counties.county(row)
        given = {"name": row.name, "region": county.code, "state": row.state or None,
                 "department": counties.unit(county, function), **workbooks.cells_of(row.values)}  # fmt: skip
        rows.append(given | workbooks.cells_of_place(row.geometry))
    content = export_workbook(workbooks.spec(register), rows)
    batch = sheets.upload(office, f"{importing.PREFIX}{register.code}", f"{register.definition.zh}样例.xlsx",
                          io.BytesIO(content))  # fmt: skip
    sheets.commit(office, sheets.stage(office, batch))
    objects = RegisterObject.objects.filter(type=register.pk).order_by("code")
    for kind in register.definition.inspections[:1]:
        for row in objects[:2]:
            results = {item.code: True for item in kind.items if item.kind == "pass"}
            services.inspect(office, register, row.pk, kind.code, results=results, note="演示数据")
