"""Every service of single cells: nine cells by hand with a hole in each corner, and the laws that hold for all."""

import csv
import json

import numpy as np
import pytest

from ecocloud.domains.gep.raster import config, layers, registry, run, tables
from tests.domains.gep.raster import landscape

CORNERS = [(0, 0), (0, 2), (2, 0), (2, 2)]
BY_CLASS = {"capacity_cod": 100, "capacity_nh3n": 10, "capacity_tn": 20, "capacity_tp": 2, "carbon_rate": 1.5}
TABLE = {"usle_c": 0.002, "usle_p": 1, "kc": 1, "root_depth": 1000, "lulc_veg": 1, **BY_CLASS}
SOIL = {"dem": 100, "erosivity": 8000, "erodibility": 0.01}
BUDYKO = {"precipitation": 1000, "eto": 1000, "depth_to_root_restricting_layer": 2000, "pawc": 0.15}
WIND = {"wind_factor": 20, "erodible_fraction": 0.5, "crust": 0.5, "roughness": 1, "vegetation_cover": 10}
# Service, ecosystem, layers, what one cell gives. On level ground S = 0.03 and L = 1: R·K·LS = 2.4 t/hm², of which
# 0.2 % are lost. ω = 2 of Budyko: 2 − √2 of the rain evaporate (see test_local). Stocks: forest 183, grass 99 t/hm²,
# five years. Transpiration: 70.4·10⁴·120/(3600·3); evaporation: 9000 m³ · (2450/3.6 + 120) kWh. Wind on bare ground:
# the product of the factors is 5, S = 150.71·5^−0.3711 = 82.938 m, Qmax 549, Q = 100/S²·549·e^−0.36344 = 5.5491 kg/m²;
# under 10 % of grass C = e^−1.151 = 0.316320, product 1.58160, S = 127.134 m, Qmax 173.660, Q = 0.92047 kg/m².
CASES = [
    ("area", "11", {}, {}),
    ("soil", "11", SOIL, {"potential": 2.4, "actual": 0.0048, "retained": 2.3952}),
    ("soil_nutrients", "11", {**SOIL, "soil_density": 1.2, "soil_nitrogen": 0.2, "soil_phosphorus": 0.05},
     {"retained": 2.3952, "silt": 0.24 * 2.3952 / 1.2, "nitrogen": 0.0047904, "phosphorus": 0.0011976}),
    ("soil_factors", "11", SOIL, {"erosivity": 8000, "erodibility": 0.01, "slope_length": 0.03, "cover": 0.002}),
    ("water", "11", {"precipitation": 1000, "evapotranspiration": 600},
     {"rain": 1000, "evapotranspiration": 600, "retained": 353.5}),
    ("water_budyko", "11", BUDYKO, {"rain": 1000, "evapotranspiration": 585.7864, "retained": 367.7136}),
    ("water_yield", "11", BUDYKO, {"rain": 1000, "potential": 1000, "evaporated": 585.7864, "yielded": 414.2136}),
    ("flood", "33", {"storm_rain": 300, "storm_runoff": 120}, {"rain": 300, "runoff": 120, "held": 180}),
    ("flood_marsh", "41", {}, {"held": 300}),
    ("carbon", "11", {}, {"stock": 183}),
    ("carbon_change", "11", {"lulc_before": 33}, {"before": 99, "after": 183, "carbon": 16.8, "co2": 61.6}),
    ("carbon_nep", "11", {"nep": 300}, {"carbon": 3, "co2": 11, "o2": 8}),
    ("carbon_balance", "11", {"npp_carbon": 800, "respiration": 500}, {"carbon": 3, "co2": 11, "o2": 8}),
    ("photosynthesis", "11", {"npp_dry": 1000}, {"npp": 10, "co2": 16.3, "o2": 11.9}),
    ("carbon_rate", "11", {}, {"carbon": 1.5, "co2": 5.5}),
    ("climate_plants", "11", {"hot_days": 120}, {"days": 120, "energy": 7822.2222}),
    ("climate_water", "42", {"water_evaporation": 900}, {"evaporated": 900, "energy": 7_205_000}),
    ("air", "12", {}, {"so2": 215.6, "dust": 33200}),
    ("water_quality", "41", {}, {"cod": 100, "nh3n": 10, "tn": 20, "tp": 2}),
    ("sand", "33", WIND, {"potential": 55.491, "actual": 9.2047, "kept": 46.2865}),
]  # fmt: skip


def county(folder, ecosystem, values, hole=None, **columns):
    """Nine cells of one class (code 11) in one zone; what stands in ``values`` as a raster of its own, with a hole in
    the land cover and in each.
    """
    for name, value in {"lulc": 11, **values}.items():
        code = name.startswith("lulc")
        grid = np.full((3, 3), value, np.uint8 if code else np.float64)
        if hole:
            grid[hole] = 255 if code else landscape.NODATA
        landscape.write(folder / f"{name}.tif", grid, 255 if code else landscape.NODATA)
    with (folder / "table.csv").open("w", newline="") as stream:
        out = csv.writer(stream)
        row = {**TABLE, **columns}
        out.writerow(["lucode", "ecosystem", *row])
        out.writerow([11, ecosystem, *row.values()])
        out.writerow([33, ecosystem, *row.values()])
    (folder / "carbon.csv").write_text("lucode,c_above,c_below,c_soil,c_dead\n11,55,14,110,4\n33,3,5,90,1\n")
    ring = [[39_499_000, 3_000_900], [39_500_500, 3_000_900], [39_500_500, 2_999_000], [39_499_000, 2_999_000]]
    (folder / "zone.geojson").write_text(json.dumps({
        "type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4527"}},
        "features": [{"type": "Feature", "properties": {"ws_id": "甲"},
                      "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}],
    }))  # fmt: skip
    return {"name": "九格", "lulc": "lulc.tif", **{name: f"{name}.tif" for name in values},
            "watersheds": "zone.geojson", "biophysical_table": "table.csv", "carbon_pools": "carbon.csv",
            "output": "out", "parameters": {"years": 5, "wind_distance": 50}}  # fmt: skip


def ran(folder, given, **more):
    return run.run(run.prepare(config.checked({**given, **more}, folder)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
@pytest.mark.parametrize("corner", CORNERS)
def test_nine_cells_by_hand_with_a_hole_in_each_corner(tmp_path, case, corner):
    code, ecosystem, values, expected = case
    given = county(tmp_path, ecosystem, values, corner)
    rasters = list(registry.services()[code].rasters)
    made = ran(tmp_path, given, services=[code], write=rasters)
    assert made.totals(code, "cells").tolist() == [8]
    assert set(expected) | {"cells"} == set(made.columns[code])
    for column, value in expected.items():
        assert made.totals(code, column)[0] == pytest.approx(8 * value, rel=2e-5), column
    for name in rasters:
        grid = layers.rasterio.open(tmp_path / "out" / f"{name}.tif").read(1)
        assert grid[corner] == landscape.NODATA and (grid != landscape.NODATA).sum() == 8


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_hole_in_one_layer_alone_is_one_of_the_service(tmp_path, case):
    """Each layer in turn, its hole in the next corner."""
    code, ecosystem, values, expected = case
    rasters = list(registry.services()[code].rasters)
    for number, name in enumerate(["lulc", *values]):
        corner = CORNERS[number % 4]
        given = county(tmp_path, ecosystem, values)
        whole = layers.rasterio.open(tmp_path / f"{name}.tif")
        grid, nodata = whole.read(1), whole.nodata
        grid[corner] = nodata
        landscape.write(tmp_path / f"{name}.tif", grid, nodata)
        made = ran(tmp_path, given, services=[code], write=rasters)
        assert made.totals(code, "cells").tolist() == [8], name
        for column, value in expected.items():
            assert made.totals(code, column)[0] == pytest.approx(8 * value, rel=2e-5), (name, column)
        for raster in rasters:
            found = layers.rasterio.open(tmp_path / "out" / f"{raster}.tif").read(1)
            assert found[corner] == landscape.NODATA and (found != landscape.NODATA).sum() == 8, (name, raster)


def test_soil_on_a_slope_by_hand(tmp_path):
    """A plane that falls 10 % to the east: sin θ = 0.0995037, S = 16.8·sin θ − 0.5 = 1.171662, β = 1.074452, m =
    0.517945. In the west one cell drains through each; the middle cell of the west gives 6, 4 and 4 of 14 parts to the
    next column, its neighbours 9 and 6 of 15.
    """
    given = county(tmp_path, "11", {"dem": 100})
    landscape.write(tmp_path / "dem.tif", np.tile(np.float32([106, 103, 100]), (3, 1)), landscape.NODATA)
    side, middle = 1 + 9 / 15 + 4 / 14, 1 + 6 / 14 + 2 * 6 / 15
    passed = np.array([
        [1, side, 1 + side * 9 / 15 + middle * 4 / 14],
        [1, middle, 1 + middle * 6 / 14 + side * 2 * 6 / 15],
        [1, side, 1 + side * 9 / 15 + middle * 4 / 14],
    ])  # fmt: skip
    assert passed.sum(axis=0) == pytest.approx([3, 6, 9])
    ls = 1.171662 * (np.sqrt(passed) * 30 / 22.13) ** 0.517945
    made = ran(tmp_path, given, erosivity=8000, erodibility=0.01, write=["ls"])
    assert layers.rasterio.open(tmp_path / "out" / "ls.tif").read(1) == pytest.approx(ls, rel=1e-5)
    assert made.totals("soil", "retained")[0] == pytest.approx(80 * ls.sum() * 0.998, rel=1e-5)


def test_every_service_has_its_case():
    assert [case[0] for case in CASES] == list(registry.services())


@pytest.mark.parametrize(
    ("code", "ecosystem"),
    [("climate_plants", "61"), ("flood", "51"), ("flood_marsh", "42"), ("air", "33"), ("sand", "41")],
)
def test_a_class_the_method_is_not_for_gives_nothing(tmp_path, code, ecosystem):
    values = next(case[2] for case in CASES if case[0] == code)
    made = ran(tmp_path, county(tmp_path, ecosystem, values), services=[code])
    assert made.totals(code, "cells").tolist() == [0] and made.totals("area", "cells").tolist() == [9]


def test_a_number_stands_for_a_layer_and_a_layer_for_a_column(tmp_path):
    """Half the ground bare (C 0.5): half of 2.4 t/hm² stays; P = 0.5 of a layer halves what is lost again."""
    given = county(tmp_path, "11", {"dem": 100, "cover_factor": 0.5}, usle_c=0.9)
    made = ran(tmp_path, given, erosivity=8000, erodibility=0.01, write=["sed_export"])
    assert made.totals("soil", "retained")[0] == pytest.approx(9 * 1.2)
    made = ran(tmp_path, given, erosivity=8000, erodibility=0.01, practice_factor=0.5)
    assert made.totals("soil", "actual")[0] == pytest.approx(9 * 0.6)
    with pytest.raises(layers.LayerError, match="erosivity"):
        ran(tmp_path, given, erosivity=8e6, erodibility=0.01)


def test_a_class_without_a_published_coefficient_is_named_with_its_share(tmp_path):
    given = county(tmp_path, "61", {"precipitation": 1000, "evapotranspiration": 600})
    with pytest.raises(tables.TableError) as caught:
        ran(tmp_path, given)
    assert "11（占 100.00%）没有公开的系数 runoff" in caught.value.sentence_zh()


def test_what_is_taken_from_published_coefficients_is_said(tmp_path):
    given = county(tmp_path, "12", {"precipitation": 1000, "evapotranspiration": 600})
    prepared = run.prepare(config.checked(given, tmp_path))
    assert any(one.startswith("runoff 取公开系数") and "龚诗涵" in one for one in prepared.remarks)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"services": ["sand"]}, ("防风固沙", "wind_factor")),
        ({"services": ["wind"]}, ("没有服务 wind",)),
        ({"services": ["carbon_change"], "parameters": {}}, ("lulc_before", "parameters.years")),
        ({"lulc": None, "services": ["air"]}, ("lulc",)),
        ({"services": ["air"], "write": ["so2_removed", "usle"]}, ("没有一项要算的服务给出 usle", "so2_removed")),
    ],
)
def test_what_a_service_lacks_is_said_before_anything_is_opened(tmp_path, change, words):
    given = county(tmp_path, "11", {})
    with pytest.raises(config.ConfigError) as caught:
        config.checked({**given, **change}, tmp_path)
    assert all(word in caught.value.sentence_zh() for word in words), caught.value.sentence_zh()


def test_an_ecosystem_that_does_not_exist_is_named(tmp_path):
    given = county(tmp_path, "99", {"hot_days": 100})
    with pytest.raises(tables.TableError, match="ecosystem '99'"):
        ran(tmp_path, given)


def test_codes_before_must_have_rows_too(tmp_path):
    given = county(tmp_path, "11", {"lulc_before": 77})
    with pytest.raises(tables.TableError) as caught:
        ran(tmp_path, given, services=["carbon_change"])
    assert "77（占 100.00%）" in caught.value.sentence_zh()


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A county with the layers of all services, and the whole of them computed."""
    folder = tmp_path_factory.mktemp("everything")
    given = landscape.more(folder, landscape.make(folder, 90, 110), 90, 110)
    given["services"] = list(registry.services())
    return folder, given, ran(folder, given, output="whole", threads=2)


def test_tiles_of_another_size_and_other_threads_are_the_whole(everything, monkeypatch):
    folder, given, whole = everything
    monkeypatch.setattr(layers.Grid.windows, "__defaults__", (37,))
    tiled = ran(folder, given, output="tiled", threads=1)
    assert set(whole.sums) == set(registry.services()) | {"export", "deposition"}
    for service, sums in whole.sums.items():
        assert np.allclose(tiled.sums[service], sums, rtol=1e-9, atol=0), service


def test_two_zones_are_the_whole_and_twice_is_the_same_bytes(everything):
    folder, given, whole = everything
    told = json.loads((folder / "zones.geojson").read_text())
    left, right = (one["geometry"]["coordinates"][0] for one in told["features"])
    ring = [left[0], right[1], right[2], left[3], left[0]]
    told["features"] = [
        {"type": "Feature", "properties": {"ws_id": 9}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    ]
    (folder / "one.geojson").write_text(json.dumps(told))
    one = ran(folder, given, watersheds="one.geojson", output="one")
    for service, sums in whole.sums.items():
        assert one.sums[service].sum(axis=0) == pytest.approx(sums.sum(axis=0), rel=1e-9), service
    ran(folder, given, output="again", threads=1)
    assert (folder / "again" / "sums.csv").read_bytes() == (folder / "whole" / "sums.csv").read_bytes()
