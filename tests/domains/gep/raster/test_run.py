"""A run over files: sums against plain arithmetic, laws (zones are the whole, tiles are the whole, twice the same),
what is wrong with files found before anything is computed, a run that stops half-way."""

import json

import numpy as np
import pytest
import rasterio

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import config, layers, run, tables
from tests.domains.gep.raster import landscape

ROWS, COLS = 90, 110


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """The files of a synthetic county, and their configuration."""
    folder = tmp_path_factory.mktemp("county")
    return folder, landscape.make(folder, ROWS, COLS)


def ran(folder, given, **more):
    made = config.checked({**given, **more}, folder)
    return run.run(run.prepare(made))


def grid(folder, name, nodata=landscape.NODATA):
    with rasterio.open(folder / f"{name}.tif") as source:
        values = source.read(1)
    return np.where(values == nodata, np.nan, values.astype(float))


def cells(folder, number):
    """Which cells lie in a zone, by their centres."""
    told = json.loads((folder / "zones.geojson").read_text())["features"][number]["geometry"]["coordinates"][0]
    west, north, east, south = told[0][0], told[0][1], told[2][0], told[2][1]
    y, x = np.mgrid[0:ROWS, 0:COLS]
    x, y = 39_500_000 + (x + 0.5) * 30, 3_000_000 - (y + 0.5) * 30
    return (x > west) & (x < east) & (y < north) & (y > south)


def test_sums_of_water_and_carbon_equal_plain_arithmetic(county, tmp_path):
    folder, given = county
    made = ran(folder, given, output=str(tmp_path / "a"), write=["water_retained", "carbon"])
    rain, gone, cover = grid(folder, "precipitation"), grid(folder, "evapotranspiration"), grid(folder, "lulc", 255)
    runoff, held = np.full(rain.shape, np.nan), np.full(rain.shape, np.nan)
    for code, row in landscape.TABLE.items():
        runoff[cover == code], held[cover == code] = row[5] / 100, sum(row[6:])
    kept = rain - rain * runoff - gone
    for number in (0, 1):
        inside = cells(folder, number)
        assert made.totals("water", "retained")[number] == pytest.approx(np.nansum(kept[inside]), rel=1e-9)
        assert made.totals("carbon", "stock")[number] == pytest.approx(np.nansum(held[inside]), rel=1e-12)
        assert made.totals("water", "cells")[number] == np.isfinite(kept[inside]).sum()
    written = grid(tmp_path / "a", "water_retained")
    assert np.allclose(written[np.isfinite(kept)], kept[np.isfinite(kept)], rtol=1e-6)
    assert (np.isfinite(written) == np.isfinite(kept)).all()


def test_soil_retained_is_r_k_ls_times_what_cover_keeps(county, tmp_path):
    folder, given = county
    made = ran(folder, given, output=str(tmp_path / "a"), write=["ls", "rkls", "usle", "avoided_erosion"])
    ls, out = grid(tmp_path / "a", "ls"), grid(tmp_path / "a", "avoided_erosion")
    cover = grid(folder, "lulc", 255)
    share = np.full(ls.shape, np.nan)
    for code, row in landscape.TABLE.items():
        share[cover == code] = 1 - row[0] * row[1]
    expected = grid(folder, "erosivity") * grid(folder, "erodibility") * ls * share
    expected[~np.isfinite(grid(folder, "dem"))] = np.nan
    assert np.allclose(out[np.isfinite(expected)], expected[np.isfinite(expected)], rtol=2e-6)
    inside = cells(folder, 0)
    assert made.totals("soil", "retained")[0] == pytest.approx(np.nansum(expected[inside]), rel=1e-6)
    assert made.totals("soil", "potential") == pytest.approx(
        made.totals("soil", "actual") + made.totals("soil", "retained"), rel=1e-12
    )


def test_the_yield_and_what_evaporates_are_the_rain(county, tmp_path):
    folder, given = county
    made = ran(folder, given, output=str(tmp_path / "a"))
    total = made.totals("water_yield", "evaporated") + made.totals("water_yield", "yielded")
    assert total == pytest.approx(made.totals("water_yield", "rain"), rel=1e-6)


@pytest.mark.parametrize("mode", ["standard", "invest"])
def test_twice_the_same_bytes_whatever_the_threads_and_tiles_make_the_whole(county, tmp_path, monkeypatch, mode):
    folder, given = county
    first = ran(folder, given, mode=mode, output=str(tmp_path / "a"), threads=2)
    again = ran(folder, given, mode=mode, output=str(tmp_path / "b"), threads=1)
    assert (tmp_path / "a" / "sums.csv").read_bytes() == (tmp_path / "b" / "sums.csv").read_bytes()
    assert first.digest == again.digest
    monkeypatch.setattr(layers, "BLOCK", 32)
    monkeypatch.setattr(layers.Grid.windows, "__defaults__", (32,))
    tiled = ran(folder, given, mode=mode, output=str(tmp_path / "c"))
    for service, sums in first.sums.items():
        assert np.allclose(tiled.sums[service], sums, rtol=1e-9, atol=0)


def test_zones_are_the_whole(county, tmp_path):
    """One zone over both gives the sum of both."""
    folder, given = county
    first = ran(folder, given, output=str(tmp_path / "a"))
    told = json.loads((folder / "zones.geojson").read_text())
    left, right = (one["geometry"]["coordinates"][0] for one in told["features"])
    whole = [left[0], right[1], right[2], left[3], left[0]]
    told["features"] = [
        {"type": "Feature", "properties": {"ws_id": 9}, "geometry": {"type": "Polygon", "coordinates": [whole]}}
    ]
    (folder / "whole.geojson").write_text(json.dumps(told))
    one = ran(folder, given, watersheds="whole.geojson", output=str(tmp_path / "b"))
    for service in first.sums:
        assert one.sums[service].sum(axis=0) == pytest.approx(first.sums[service].sum(axis=0), rel=1e-9)


def small(folder, values, name, nodata=landscape.NODATA):
    landscape.write(folder / f"{name}.tif", np.array(values, np.float32), nodata)


@pytest.mark.parametrize("corner", [(0, 0), (0, 2), (2, 0), (2, 2)])
def test_three_by_three_by_hand_with_a_hole_in_each_corner(tmp_path, corner):
    """Water of nine cells of 30 m: rain 1000, α 4.65 %, 600 evaporated: 353.5 mm each; with a hole in one corner eight
    are known. Carbon of a broadleaf forest: 183 t/hm² (55 + 14 + 110 + 4)."""
    given = landscape.make(tmp_path, 12, 12, holes=False)
    rain = np.full((3, 3), 1000.0)
    rain[corner] = landscape.NODATA
    small(tmp_path, rain, "precipitation")
    small(tmp_path, np.full((3, 3), 600.0), "evapotranspiration")
    landscape.write(tmp_path / "lulc.tif", np.full((3, 3), 11, np.uint8), 255)
    told = json.loads((tmp_path / "zones.geojson").read_text())
    ring = [[39_499_000, 3_000_900], [39_500_500, 3_000_900], [39_500_500, 2_999_000], [39_499_000, 2_999_000]]
    told["features"] = told["features"][:1]
    told["features"][0]["geometry"]["coordinates"] = [[*ring, ring[0]]]
    (tmp_path / "zones.geojson").write_text(json.dumps(told))
    kept = {"precipitation", "evapotranspiration", "lulc", "biophysical_table", "carbon_pools", "watersheds", "name"}
    made = ran(tmp_path, {name: value for name, value in given.items() if name in kept}, output="out")
    assert made.totals("water", "cells").tolist() == [8]
    assert made.totals("water", "retained")[0] == pytest.approx(8 * 353.5)
    assert made.totals("carbon", "cells").tolist() == [9] and made.totals("carbon", "stock").tolist() == [9 * 183]


@pytest.fixture
def spoiled(tmp_path):
    """A fresh county of its own, to be spoiled."""
    return tmp_path, landscape.make(tmp_path, 40, 40, holes=False)


def refused(folder, given, error, *words, **more):
    with pytest.raises(error) as caught:
        ran(folder, given, **more)
    told = caught.value.sentence_zh()
    assert all(word in told for word in words), told
    assert not (folder / "out" / "result.json").exists()
    return caught.value


def again(folder, name, change=lambda values: values, nodata=landscape.NODATA, **more):
    with rasterio.open(folder / f"{name}.tif") as source:
        values = source.read(1)
    landscape.write(folder / f"{name}.tif", change(values), nodata, **more)


def test_a_wrong_coordinate_system_is_named(spoiled):
    folder, given = spoiled
    again(folder, "erosivity", crs="EPSG:4528")
    refused(folder, given, layers.LayerError, "降雨侵蚀力", "erosivity.tif", "EPSG:4528")


def test_degrees_are_not_metres(spoiled):
    folder, given = spoiled
    again(folder, "dem", crs="EPSG:4490", cell=0.0003, origin=(115.2, 27.3))
    refused(folder, given, layers.LayerError, "以度为单位", "EPSG:4547")


def test_one_raster_off_by_a_cell_and_a_half_is_named_and_aligned_on_request(spoiled):
    folder, given = spoiled
    again(folder, "erodibility", origin=(39_500_045, 3_000_000))
    refused(folder, given, layers.LayerError, "土壤可蚀性", "相差 1.50 列 0.00 行")
    made = ran(folder, given, align=True, output="aligned")
    assert made.totals("soil", "cells").sum() > 0


def test_nodata_that_is_not_set_is_named(spoiled):
    folder, given = spoiled

    def holes(values):
        values[:6] = -9999
        return values

    again(folder, "precipitation", holes, nodata=None)
    refused(folder, given, layers.LayerError, "年降水量", "没有设无数据值", "15.0%", "-9999")


def test_a_unit_a_thousand_times_too_large_is_named_with_its_factor(spoiled):
    folder, given = spoiled
    again(folder, "erodibility", lambda values: values * 1000)
    refused(folder, given, layers.LayerError, "土壤可蚀性", "100.0%", "单位差了 1000 倍")


def test_negative_rain_is_named(spoiled):
    folder, given = spoiled

    def negative(values):
        values[0, 0] = -5
        return values

    again(folder, "precipitation", negative)
    refused(folder, given, layers.LayerError, "年降水量", "有负值", "-5")


def test_an_unknown_land_cover_code_is_named_with_its_share_before_the_run(spoiled):
    folder, given = spoiled

    def strange(values):
        values[:4] = 77
        return values

    again(folder, "lulc", strange, nodata=255)
    refused(folder, given, tables.TableError, "77（占 10.00%）", "biophysical.csv")


def test_a_class_without_carbon_that_was_not_looked_at_stops_the_run_and_makes_no_sum(spoiled):
    folder, given = spoiled
    prepared = run.prepare(config.checked(given, folder))
    gone = int(grid(folder, "lulc", 255)[20, 20])
    kept = [n for n, code in enumerate(prepared.carbon.codes) if code != gone]
    columns = {name: values[kept] for name, values in prepared.carbon.columns.items()}
    prepared.carbon = tables.Classes(tuple(prepared.carbon.codes[n] for n in kept), columns, "utf-8-sig")
    with pytest.raises(GepError, match=rf"codes \[{gone}\] have no carbon"):
        run.run(prepared)
    assert not (folder / "out" / "result.json").exists()


def test_a_table_in_gb18030_is_read_and_said_so(spoiled):
    folder, given = spoiled
    text = (folder / "biophysical.csv").read_text()
    lines = [line + (",说明" if number == 0 else ",阔叶林") for number, line in enumerate(text.splitlines())]
    (folder / "biophysical.csv").write_bytes("\n".join(lines).encode("gb18030"))
    prepared = run.prepare(config.checked(given, folder))
    assert prepared.remarks == ["biophysical.csv 按 GB18030 读取"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("usle_c", "c"), ("缺少列 usle_c",)),
        (lambda text: text.replace("0.002", "很小"), ("“很小”不是数字", "行 2", "列 usle_c")),
        (lambda text: text.replace("\n12,", "\n11,"), ("代码 11 重复", "行 3")),
        (lambda text: text.splitlines()[0] + "\n", ("缺少列",)),
    ],
)
def test_a_bad_table_names_row_and_column(spoiled, change, words):
    folder, given = spoiled
    path = folder / "biophysical.csv"
    path.write_text(change(path.read_text()))
    refused(folder, given, tables.TableError, "biophysical.csv", *words)


def test_zones_elsewhere_are_named(spoiled):
    folder, given = spoiled
    text = (folder / "zones.geojson").read_text().replace("29", "19")
    (folder / "zones.geojson").write_text(text)
    refused(folder, given, tables.TableError, "没有重叠")
    refused(folder, given, tables.TableError, "没有字段 county", zone_field="county")


def test_a_missing_file_and_a_bad_configuration(spoiled):
    folder, given = spoiled
    refused(folder, given, layers.LayerError, "文件不存在", dem="nothing.tif")
    refused(folder, given, config.ConfigError, "parameters.k_param", parameters={"k_param": 0})
    refused(folder, given, config.ConfigError, "threshold", thresholds=3)
    refused(folder, given, config.ConfigError, "不能写出 yield", write=["yield"])
    with pytest.raises(config.ConfigError, match="no file"):
        config.read(folder / "none.yaml")


def test_a_run_that_is_stopped_leaves_no_result_and_the_next_one_is_whole(spoiled):
    folder, given = spoiled
    prepared = run.prepare(config.checked(given, folder))
    asked = iter([False, False, True])
    with pytest.raises(run.Stopped):
        run.run(prepared, stop=lambda: next(asked, True))
    assert not (folder / "out" / "result.json").exists() and not (folder / "out" / "sums.csv").exists()
    whole = run.run(prepared)
    assert (folder / "out" / "result.json").exists()
    assert json.loads((folder / "out" / "result.json").read_text())["digest"] == whole.digest
    assert [one.name for one in (folder / "out").iterdir() if one.name.startswith(".")] == [".state"]


def test_the_digest_changes_with_any_file_and_choice(spoiled):
    folder, given = spoiled
    first = ran(folder, given, output="a").digest
    assert ran(folder, given, output="b", parameters={"threshold_flow_accumulation": 201}).digest != first
    assert ran(folder, given, output="b", threads=1, write=["ls"]).digest == first
    again(folder, "pawc", lambda values: values + np.float32(0.001))
    assert ran(folder, given, output="b").digest != first


def test_errors_are_of_the_room():
    assert issubclass(layers.LayerError, GepError) and issubclass(run.Stopped, GepError)


def test_single_flow_is_chosen_and_named(county, tmp_path):
    folder, given = county
    parameters = {**given["parameters"], "flow": "d8"}
    single = ran(folder, given, parameters=parameters, output=str(tmp_path / "a"), write=["flow_accumulation"])
    passed = grid(tmp_path / "a", "flow_accumulation")
    assert np.array_equal(passed[np.isfinite(passed)], np.round(passed[np.isfinite(passed)]))  # whole cells only
    assert json.loads((tmp_path / "a" / "result.json").read_text())["flow"] == "d8"
    many = ran(folder, given, output=str(tmp_path / "b"))
    assert many.flow == "mfd" and many.digest != single.digest
    assert single.totals("soil", "cells").tolist() == many.totals("soil", "cells").tolist()
