"""The room's part of the sample site: the packs that come with the product with the rows of their workbooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from shapely.geometry import shape

from ecocloud.base.geo import boundaries
from ecocloud.kernel.journal.services import change
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
        with change(office.actor()):  # one entry of the journal's chain for each pack
            packs.load(CONSOLE, one)
            for sample in one.samples:
                context.say(one.type_by_code[sample.type].zh)
                _write(office, one, sample, counties)
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


def _write(office: Any, made: PackFolder, sample: Sample, counties: _Counties) -> None:
    """Write the rows of a sample as an import of its workbook does: judged and written by the same services, together.

    Raises RowsRefused with every row that the judge of the import would refuse.
    """
    register = open_register(sample.type)
    function = next((one.function for one in made.definition.tasks if one.type == sample.type), "")
    rows = []
    for number, row in enumerate(sample.rows, 1):
        county = counties.county(row)
        given = {"code": row.code or None, "name": row.name, "region": county.code, "state": row.state or None,
                 "department": counties.unit(county, function), **workbooks.cells_of(row.values)}  # fmt: skip
        rows.append((number, given | workbooks.cells_of_place(row.geometry)))
    importing.apply(office, register, importing.rows_of_codes(register, office, rows))
    objects = RegisterObject.objects.filter(type=register.pk).order_by("code")
    kinds = [
        one for one in register.definition.inspections
        if not one.photos and all(item.kind == "pass" or not item.required for item in one.items)
    ]  # fmt: skip
    for kind in kinds[:1]:
        for row in objects[:2]:
            results = {item.code: True for item in kind.items if item.kind == "pass"}
            services.inspect(office, register, row.pk, kind.code, results=results, note="演示数据")
