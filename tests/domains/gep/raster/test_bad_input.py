"""Everything people get wrong with files: found before a run computes anything, in one sentence that says what, where
and what to do. (Codes, tables, zones and configurations: test_run.py; layers that are prepared: test_preparing.py.)"""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pyogrio
import pytest
import rasterio

from ecocloud.domains.gep.raster import config, giving, layers, run, tables
from tests.domains.gep.raster import landscape

ROWS = COLS = 40


@pytest.fixture
def spoiled(tmp_path):
    return tmp_path, landscape.make(tmp_path, ROWS, COLS, holes=False)


def again(folder, name, change=lambda values: values, nodata=landscape.NODATA, **more):
    with rasterio.open(folder / f"{name}.tif") as source:
        values = source.read(1)
    landscape.write(folder / f"{name}.tif", change(values), nodata, **more)


def refused(folder, given, *words, **more):
    with pytest.raises(layers.LayerError) as caught:
        run.prepare(config.checked({**given, **more}, folder))
    told = caught.value.sentence_zh()
    assert all(word in told for word in words), told
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("name", "factor", "words"),
    [
        ("erodibility", 1000, ("土壤可蚀性", "100.0%", "差了 1000 倍")),
        ("erosivity", 0.001, ("降雨侵蚀力", "中位数", "差了 0.1 或 0.01 或 0.001 倍")),
        ("precipitation", 0.001, ("年降水量", "中位数 1.", "差了 0.1 或 0.01 或 0.001 倍")),
        ("precipitation", 10, ("年降水量", "100 或 10 倍")),
        ("eto", 0.1, ("年参考蒸散发量", "差了 0.1 倍")),
        ("pawc", 100, ("植物可利用含水量", "差了 1000 或 100 倍")),
        ("depth_to_root_restricting_layer", 0.001, ("根系限制层深度", "或 0.001 倍")),
        ("dem", 100, ("数字高程", "单位")),
    ],
)
def test_a_unit_that_is_wrong_is_named_with_its_factor(spoiled, name, factor, words):
    folder, given = spoiled
    again(folder, name, lambda values: (values * factor).astype(np.float32))
    refused(folder, given, f"{name}.tif", *words)


@pytest.mark.parametrize("fill", [-9999.0, -32768.0, 9999.0, 65535.0, 3.4028235e38])
def test_nodata_that_is_not_set_is_named_with_the_fill(spoiled, fill):
    folder, given = spoiled

    def holes(values):
        values[0, :3] = fill
        return values

    again(folder, "precipitation", holes, nodata=None)
    refused(folder, given, "没有设无数据值", f"请把无数据值设为 {fill:g}")


@pytest.mark.parametrize("name", ["dem", "lulc"])
def test_degrees_that_are_called_metres_are_found(spoiled, name):
    folder, given = spoiled
    kept = given if name == "dem" else {
        one: value for one, value in given.items() if one not in ("dem", "erosivity", "erodibility")
    }  # fmt: skip
    again(folder, name, cell=0.0003, origin=(115.2, 27.3), nodata=255 if name == "lulc" else landscape.NODATA)
    refused(folder, kept, "以度为单位的栅格被标成了投影坐标系", "0.0003 米")


def test_feet_and_oblong_cells_are_not_metres(spoiled):
    folder, given = spoiled
    again(folder, "dem", crs="EPSG:2263")
    refused(folder, given, "正方形", "0.3048")
    with rasterio.open(folder / "dem.tif", "r+") as source:
        source.crs, source.transform = "EPSG:4527", rasterio.Affine(30, 0, 39_500_000, 0, -25, 3_000_000)
    refused(folder, given, "30.0 × -25.0")


def test_a_raster_without_coordinates_is_named(spoiled):
    folder, given = spoiled
    again(folder, "pawc", crs=None)
    refused(folder, given, "植物可利用含水量", "没有坐标系")


def test_one_cell_less_or_a_shift_by_one_is_found(spoiled):
    folder, given = spoiled
    again(folder, "eto", lambda values: values[:-1])
    refused(folder, given, "年参考蒸散发量", "39 行 40 列", "应为像元 30，40 行 40 列")
    again(folder, "eto", lambda values: np.pad(values, ((0, 1), (0, 0)), mode="edge"), origin=(39_500_030, 3_000_000))
    refused(folder, given, "相差 1.00 列 0.00 行")


def test_a_raster_of_nothing_is_named(spoiled):
    folder, given = spoiled
    again(folder, "pawc", lambda values: np.full_like(values, landscape.NODATA))
    refused(folder, given, "植物可利用含水量", "没有一个有效值")


def test_a_raster_that_lies_elsewhere_has_nothing_when_it_is_aligned(spoiled):
    folder, given = spoiled
    again(folder, "pawc", origin=(39_700_000, 3_000_000), nodata=None)
    refused(folder, given, "没有一个有效值", align=True)


def prepared(folder, given, **more):
    return run.prepare(config.checked({**given, **more}, folder))


def test_what_is_aligned_is_not_known_beyond_its_edge_also_without_nodata(spoiled):
    folder, given = spoiled
    again(folder, "erosivity", lambda values: values[:, :20], nodata=None)
    made = prepared(folder, given, align=True)
    values, known = layers.Reader(made.layers["erosivity"], made.grid).read(next(made.grid.windows()))
    assert known[:, :20].all() and not known[:, 20:].any() and (values[:, :20] > 5000).all()
    assert any("降雨侵蚀力因子R 有值的像元只有土地覆盖的 50.0%" in one for one in made.remarks)


def test_a_raster_in_degrees_is_aligned_and_its_sums_stay(spoiled):
    """Rain given on a coarser grid in degrees: the sum over the county moves by less than a per cent."""
    folder, given = spoiled
    before = run.run(prepared(folder, given, output="before")).totals("water", "rain").sum()
    with rasterio.open(folder / "precipitation.tif") as source:
        to, width, height = rasterio.warp.calculate_default_transform(
            source.crs, "EPSG:4490", COLS, ROWS, *source.bounds, resolution=0.0006
        )
        values = np.full((height, width), landscape.NODATA, np.float32)
        rasterio.warp.reproject(rasterio.band(source, 1), values, dst_transform=to, dst_crs="EPSG:4490",
                                dst_nodata=landscape.NODATA, resampling=rasterio.enums.Resampling.average)  # fmt: skip
    with rasterio.open(folder / "precipitation.tif", "w", driver="GTiff", height=height, width=width, count=1,
                       dtype="float32", crs="EPSG:4490", transform=to, nodata=landscape.NODATA) as out:  # fmt: skip
        out.write(values, 1)
    refused(folder, given, "EPSG:4490", "align: true")
    made = prepared(folder, given, align=True, output="after")
    assert any(
        "年降水量（precipitation.tif，EPSG:4490" in one and "按双线性对齐到 30 米格网" in one for one in made.remarks
    )
    assert run.run(made).totals("water", "rain").sum() == pytest.approx(before, rel=0.01)


def test_cells_much_finer_than_the_grid_are_put_together(spoiled):
    """Land cover of 10 m: the commonest code; rain of 10 m: the mean."""
    folder, given = spoiled
    given = {name: value for name, value in given.items() if name not in ("erosivity", "erodibility", "pawc")}
    fine = np.full((3 * ROWS, 3 * COLS), 12, np.uint8)
    fine[1::3, 1::3] = 61  # the middle one of nine
    landscape.write(folder / "lulc.tif", fine, 255, cell=10)
    rain = np.full(fine.shape, 900, np.float32)
    rain[1::3, 1::3] = 1800
    landscape.write(folder / "precipitation.tif", rain, landscape.NODATA, cell=10)
    made = prepared(folder, given, align=True)
    told = {name: layers.Reader(made.layers[name], made.grid).read(next(made.grid.windows()))[0]
            for name in ("lulc", "precipitation")}  # fmt: skip
    assert (told["lulc"] == 12).all() and told["precipitation"] == pytest.approx(np.full((ROWS, COLS), 1000), rel=1e-5)


def test_a_land_cover_that_was_interpolated_is_refused(spoiled):
    folder, given = spoiled
    again(folder, "lulc", lambda values: np.where(values == values.max(), 11.5, values).astype(np.float32), nodata=255)
    refused(folder, given, "土地覆盖", "类型代码应为整数，而有 11.5")


def shapes(folder, change):
    told = json.loads((folder / "zones.geojson").read_text())
    change(told["features"])
    (folder / "zones.geojson").write_text(json.dumps(told))


def test_shapes_of_one_name_are_one_zone_and_a_shape_without_a_name_is_refused(spoiled):
    folder, given = spoiled
    apart = run.run(prepared(folder, given, output="apart"))
    shapes(folder, lambda features: [one["properties"].update(ws_id=7) for one in features])
    made = run.run(prepared(folder, given, output="one"))
    assert made.zones == ("7",)
    assert made.totals("water", "retained")[0] == pytest.approx(apart.totals("water", "retained").sum(), rel=1e-12)
    shapes(folder, lambda features: features[1]["properties"].update(ws_id=None))
    with pytest.raises(tables.TableError) as caught:
        prepared(folder, given)
    assert "第 2 个图形的字段 ws_id 为空" in caught.value.sentence_zh()


def test_zones_never_lead_the_reader_to_another_file(spoiled):
    """A GeoJSON that holds the words of OGR's virtual file is a GeoJSON, here of no shapes: nothing else is opened."""
    folder, given = spoiled
    other = folder / "zones2.geojson"
    other.write_text((folder / "zones.geojson").read_text())
    virtual = (f"<OGRVRTDataSource><OGRVRTLayer name='zones2'><SrcDataSource>{other}</SrcDataSource></OGRVRTLayer>"
               "</OGRVRTDataSource>")  # fmt: skip
    for text in (json.dumps({"type": "FeatureCollection", "features": [], "x": virtual}), virtual):
        (folder / "zones.geojson").write_text(text)
        with pytest.raises(tables.TableError):
            prepared(folder, given)


@pytest.mark.parametrize("made", [
    "CREATE VIEW inside AS SELECT fid, geom, 'secret' AS ws_id FROM z",
    "CREATE VIRTUAL TABLE inside USING VirtualText('key.txt', 'UTF-8', 0, POINT, NONE, ',')",
    "CREATE /**/ VIRTUAL TABLE inside USING VirtualText('key.txt', 'UTF-8', 0, POINT, NONE, ',')",
])  # fmt: skip
def test_a_geopackage_never_leads_the_reader_to_another_file(spoiled, made):
    """Spatialite reads any text as a table, whose lines would be the names of zones; SQLite without it knows no
    VirtualText, so that the table is put into the schema by hand."""
    folder, given = spoiled
    shapes_, values = tables.read_shapes(folder / "zones.geojson")[1:]
    pyogrio.raw.write(folder / "z.gpkg", geometry=shapes_, field_data=values, fields=["ws_id"], crs="EPSG:4527",
                      geometry_type="Polygon")  # fmt: skip
    assert prepared(folder, given, watersheds="z.gpkg").zones.names == ("1", "2")
    kind = "view" if "VIEW" in made else "table"
    with closing(sqlite3.connect(folder / "z.gpkg")) as database:
        database.execute("PRAGMA writable_schema = 1")
        database.execute("INSERT INTO sqlite_master VALUES (?, 'inside', 'inside', 0, ?)", (kind, made))
        database.commit()
    with pytest.raises(tables.TableError) as caught:
        prepared(folder, given, watersheds="z.gpkg")
    assert "z.gpkg：有视图或虚拟表 inside" in caught.value.sentence_zh()


def test_a_damaged_geopackage_is_named(spoiled):
    folder, given = spoiled
    (folder / "z.gpkg").write_bytes(b"SQLite format 3\x00" + b"GPKG" * 40)
    with pytest.raises(tables.TableError) as caught:
        prepared(folder, given, watersheds="z.gpkg")
    assert "打不开矢量文件" in caught.value.sentence_zh()


@pytest.mark.parametrize(("name", "driver"), [("z.gpkg", "GPKG"), ("z.shp", "ESRI Shapefile"), ("z.dat", "GPKG"),
                                              ("a:b/z.gpkg", "GPKG")])  # fmt: skip
def test_zones_as_geopackage_and_shapefile(spoiled, name, driver):
    folder, given = spoiled
    (folder / name).parent.mkdir(exist_ok=True)
    before = prepared(folder, given).zones
    shapes_, values = tables.read_shapes(folder / "zones.geojson")[1:]
    pyogrio.raw.write(folder / name, geometry=shapes_, field_data=values, fields=["ws_id"], crs="EPSG:4527",
                      geometry_type="Polygon", driver=driver)  # fmt: skip
    after = prepared(folder, given, watersheds=name).zones
    assert after.names == before.names and (after.cells == before.cells).all()


def test_a_grid_larger_than_allowed_is_refused_before_anything_is_laid_out(spoiled):
    """A few kilobytes of a sparse file claim a million by a million cells."""
    folder, given = spoiled
    landscape.write(folder / "dem.tif", np.zeros((1, 1), np.float32), landscape.NODATA)
    with rasterio.open(folder / "dem.tif", "w", driver="GTiff", height=1_000_000, width=1_000_000, count=1,
                       dtype="float32", crs="EPSG:4527", nodata=landscape.NODATA, sparse_ok=True, tiled=True,
                       blockxsize=8192, blockysize=8192, bigtiff="YES",
                       transform=rasterio.Affine(30, 0, 39_500_000, 0, -30, 3_000_000)):  # fmt: skip
        pass
    refused(folder, given, "数字高程", "1000000 行 1000000 列，共 1000000000000 个像元", "上限为 1000000000 个")
    landscape.make(folder, ROWS, COLS, holes=False)
    refused(folder, given, "共 1600 个像元，上限为 1599 个", most_cells=1599)
    assert prepared(folder, given, most_cells=1600).grid.rows == ROWS


def test_zones_without_a_cell_of_land_cover_are_refused(spoiled):
    folder, given = spoiled

    def nothing_in_the_zones(values):
        values[:, : COLS - 1] = 255  # the zones end before the last column
        return values

    again(folder, "lulc", nothing_in_the_zones, nodata=255)
    with pytest.raises(tables.TableError) as caught:
        prepared(folder, given)
    assert "zones.geojson：各分区内没有一个土地覆盖有值的像元" in caught.value.sentence_zh()


def test_a_zone_that_reaches_beyond_the_rasters_is_said(spoiled):
    folder, given = spoiled
    run.run(prepared(folder, given))
    assert giving.covered(giving.read(folder / "out")) == {}
    ring = [[39_499_400, 2_999_900], [39_500_600, 2_999_900], [39_500_600, 2_999_300], [39_499_400, 2_999_300]]
    shapes(folder, lambda features: features[0]["geometry"].update(coordinates=[[*ring, ring[0]]]))
    run.run(prepared(folder, given))
    # 18 of its 40 columns are on the grid and not the later zone's.
    assert giving.covered(giving.read(folder / "out"))["1", "area"] == pytest.approx(0.45)


def test_a_file_that_changes_during_the_run_is_no_input_of_a_result(spoiled):
    folder, given = spoiled
    made = prepared(folder, given)

    def say(text, share):
        if text == "沉积":
            (folder / "carbon.csv").write_text((folder / "carbon.csv").read_text().replace("110", "111"))

    with pytest.raises(run.Changed) as caught:
        run.run(made, say)
    assert "carbon.csv" in caught.value.sentence_zh() and not (folder / "out" / "result.json").exists()
    again_ = run.run(prepared(folder, given))
    fresh = run.run(prepared(folder, given, output="fresh"))
    assert again_.totals("carbon", "stock").tolist() == fresh.totals("carbon", "stock").tolist()
