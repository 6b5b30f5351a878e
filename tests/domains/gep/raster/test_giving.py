"""A result as data of an account: the table path comes to what the raster run summed."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from ecocloud import cli
from ecocloud.domains.gep import facts, raster
from ecocloud.domains.gep.asking import Inputs, Part
from ecocloud.domains.gep.methods import function
from ecocloud.domains.gep.raster import giving, registry
from tests.domains.gep.raster import landscape

FACTS = facts.load()
# Method and item of the table path, service and column of the raster run, factor of its unit.
PAIRS = [
    ("water.balance", "retained", "water", "retained", 10),
    ("carbon.nep", "co2", "carbon_nep", "co2", 1),
    ("oxygen.nep", "o2", "carbon_nep", "o2", 1),
    ("carbon.photosynthesis", "co2", "photosynthesis", "co2", 1),
    ("oxygen.photosynthesis", "o2", "photosynthesis", "o2", 1),
    ("carbon.stock", "co2", "carbon_change", "co2", 1),
    ("carbon.rate", "co2", "carbon_rate", "co2", 1),
    ("flood.vegetation", "flood_vegetation", "flood", "held", 10),
    ("flood.marsh", "flood_marsh", "flood_marsh", "held", 10),
    ("climate.transpiration", "transpiration", "climate_plants", "energy", 1),
    ("climate.evaporation", "evaporation", "climate_water", "energy", 1),
    ("air.capacity", "dust", "air", "dust", 0.001),
    ("water_quality.capacity", "tn", "water_quality", "tn", 0.001),
]
# As in the table below: one class is a lake, one a marsh.
ECOSYSTEMS = {**landscape.ECOSYSTEMS, 41: "42", 52: "41"}


def computed(folder, given, **more):
    raster.compute(raster.check(raster.checked({**given, **more}, folder)))
    return raster.result(folder / more.get("output", "out"))


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A county without holes, of which every service of the pairs is computed."""
    folder = tmp_path_factory.mktemp("giving")
    given = landscape.make(folder, 70, 80, holes=False)
    y, x = np.mgrid[0:70, 0:80]
    landscape.write(folder / "lulc.tif", np.array(landscape.CODES, np.uint8)[(y // 5 + x // 7) % 7], 255)
    given = landscape.more(folder, given, 70, 80, holes=False)
    table = (folder / "biophysical.csv").read_text().replace("41,41,", "41,42,").replace("52,52,", "52,41,")
    (folder / "biophysical.csv").write_text(table)
    given |= {"services": [*{pair[2] for pair in PAIRS}, "soil", "sand"], "hot_days": 120}
    computed(folder, given)
    return folder, given


@pytest.fixture(scope="module")
def found(county):
    return raster.result(county[0] / "out")


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0])
def test_the_table_path_comes_to_what_the_rasters_summed(found, pair):
    method, item, service, column, factor = pair
    own = [("carbon_rate", "", 0.8), ("capacity_tn", "", 25), ("capacity_so2", "", 120)]
    own += [("runoff", ECOSYSTEMS[code], row[5]) for code, row in landscape.TABLE.items()]
    parameters = [giving.Given(code, part, Decimal(str(value))) for code, part, value in own]
    fact = FACTS.methods[method]
    for zone, given in raster.given(found).items():
        inputs = Inputs(FACTS, given, parameters)
        parts = inputs.parts(fact.over) if fact.over else [""]
        parts = [one for one in parts if not fact.parts or one.startswith(fact.parts)]
        amount = sum(function(fact.function)(Part(inputs, fact, part), item) for part in parts)
        summed = sum(one[column] for one in found.sums[service][zone].values()) * found.hectares * factor
        assert float(amount) == pytest.approx(summed, rel=1e-9) and summed


def test_soil_and_sand_are_given_in_tons_with_the_run_as_source(found):
    for given in raster.given(found).values():
        for service, datum, column in (("soil", "soil_kept", "retained"), ("sand", "sand_kept", "kept")):
            some = [one for one in given if one.datum == datum]
            assert {one.source for one in some} == {f"gep-raster:{found.digest}#{service}.{column}"}
    whole = sum(float(one.value) for given in raster.given(found).values() for one in given if one.datum == "soil_kept")
    told = sum(one.value for one in raster.totals(found) if (one.service, one.column) == ("soil", "retained"))
    assert whole == pytest.approx(told, rel=1e-12) and raster.covered(found) == {}
    cell = Decimal("0.0009")  # km²
    assert all(one.value % cell == 0 for given in raster.given(found).values() for one in given if one.datum == "area")


def test_totals_have_their_units(found):
    units = {(one.service, one.column): one.unit for one in raster.totals(found)}
    assert units["soil", "retained"] == "吨" and units["water", "retained"] == "立方米"
    assert units["air", "dust"] == "千克" and units["climate_plants", "energy"] == "kWh"
    assert units["deposition", "deposited"] == "吨" and ("climate_plants", "days") not in units


def test_what_a_hole_takes_is_said(county):
    folder, given = county
    with landscape.rasterio.open(folder / "nep.tif") as source:
        values = source.read(1)
    values[10:40, 10:60] = landscape.NODATA
    landscape.write(folder / "holes.tif", values, landscape.NODATA)
    shares = raster.covered(computed(folder, given, nep="holes.tif", output="holes", services=["carbon_nep"]))
    assert set(shares) == {("1", "carbon_nep"), ("2", "carbon_nep")} and all(0 < one < 1 for one in shares.values())


def test_two_services_that_give_the_same_are_not_mixed(county, tmp_path):
    folder, given = county
    two = computed(folder, given, output="two", services=["water", "water_budyko"])
    with pytest.raises(giving.ResultError, match="water"):
        raster.given(two)
    assert all(raster.given(two, ["area", "water_budyko"]).values())


def test_every_datum_is_given_in_the_unit_it_has(found):
    """Tons, km², mm and m³ as ``inputs.yaml`` says: the factor of each is what its unit needs."""
    needed = {("吨/公顷", "吨"): 1, ("毫米", "立方米"): 10, ("个", "平方公里"): 0.01}
    for service in registry.services().values():
        for datum, (column, how, factor) in service.gives.items():
            pair = (service.sums[column][2], FACTS.inputs[datum].unit)
            assert needed.get(pair, 1 if pair[0] == pair[1] else None) == factor and (how == "mean") == (
                pair[0] == pair[1]
            ), (service.code, datum)


def test_a_changed_table_is_no_result(county, tmp_path):
    folder, given = county
    computed(folder, given, output="changed", services=["water"])
    path = folder / "changed" / "sums.csv"
    path.write_text(path.read_text().replace("1", "2", 1))
    with pytest.raises(giving.ResultError):
        raster.result(folder / "changed")
    with pytest.raises(giving.ResultError):
        raster.result(tmp_path)


def test_the_command_writes_data_items(county, capsys):
    folder, _ = county
    assert cli.main(["gep", "table", str(folder / "out")]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {one["datum"] for one in rows} >= {"area", "rain", "soil_kept", "nep", "sand_kept"}
    assert next(one for one in rows if one["datum"] == "area")["unit"] == "平方公里"
    assert (
        cli.main(
            ["gep", "table", str(folder / "out"), "--services", "area", "--output", str(folder / "a.csv"), "--json"]
        )
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert {one["datum"] for one in told["rows"]} == {"area"}
    assert (folder / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfzone,")


def test_what_a_notebook_asks_for_is_there():
    with pytest.raises(AttributeError):
        raster.nothing  # noqa: B018


def test_the_documented_configuration_is_one(tmp_path):
    text = (Path(__file__).parents[4] / "docs" / "gep_rasters.md").read_text("utf-8")
    (tmp_path / "county.yaml").write_text(text.split("```yaml")[1].split("```")[0], "utf-8")
    found = raster.read(tmp_path / "county.yaml")
    assert found.services == ("area", "soil", "water", "carbon_nep", "climate_plants")
    notebook = text.split("```python")[1]
    assert {name for name in raster._OFFERED if f"raster.{name}(" in notebook} == {*raster._OFFERED} - {"checked"}
