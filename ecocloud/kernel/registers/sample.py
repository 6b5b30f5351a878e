"""The room's part of the sample site: the packs that come with the product, some with the rows of their workbooks."""

from __future__ import annotations

import io
from typing import Any

from shapely.geometry import shape

from ecocloud.base.geo import boundaries
from ecocloud.base.sheets import export_workbook
from ecocloud.base.sheets import services as sheets
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack, services, workbooks
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import importing, packs

_UNIT = "ecology"
# Packs whose sample rows stand in any county; the rows of the others name places and objects of their own county, and
# are imported from their workbooks.
_FILLED = ("river-outfalls",)


def load(context: Any) -> None:
    """Load every pack, and sample rows of some as the office would import them; some objects are inspected since."""
    office = context.shared["people"]["office"]
    for name in pack.own_packs():
        made = pack.read(pack.folder_of(name))
        packs.load(CONSOLE, made)
        for sample in made.samples if name in _FILLED else ():
            context.say(made.type_by_code[sample.type].zh)
            _import(office, sample, context.shared)


def _import(office: Any, sample: pack.Sample, shared: dict[str, Any]) -> None:
    register = open_register(sample.type)
    rows = []
    for row in sample.rows:
        county = _county(row, shared)
        unit: Department | None = shared["county_departments"].get(county.code, {}).get(_UNIT)
        given = {"name": row.name, "region": county.code, "state": row.state or None, **row.values}
        given["department"] = unit.code if unit else None
        if row.geometry and register.definition.geometry.kind == "point":
            given["lon"], given["lat"] = row.geometry["coordinates"]
        rows.append(given)
    content = export_workbook(workbooks.spec(register), rows)
    batch = sheets.upload(office, f"{importing.PREFIX}{register.code}", f"{register.definition.zh}样例.xlsx",
                          io.BytesIO(content))  # fmt: skip
    sheets.commit(office, sheets.stage(office, batch))
    for kind in register.definition.inspections[:1]:
        for row in RegisterObject.objects.filter(type=register.pk).order_by("code")[:2]:
            results = {item.code: True for item in kind.items if item.kind == "pass"}
            services.inspect(office, register, row.pk, kind.code, results=results, note="演示数据")


def _county(row: pack.SampleRow, shared: dict[str, Any]) -> Region:
    """The county of the sample city whose drawn shape holds the object; else the first one."""
    counties = {one.code: one for one in shared["counties"]}
    if row.geometry:
        point = shape(row.geometry).representative_point()
        for one in boundaries("county", parent=shared["region"].code):
            if one.code in counties and one.geometry.contains(point):
                return counties[one.code]
    return next(iter(counties.values()))
