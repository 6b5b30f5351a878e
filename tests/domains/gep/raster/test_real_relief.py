"""A catchment that exists (Youwuzhen, red-soil hills beside southern Jiangxi; 30 m relief, land use on another grid,
from the SEIMS project): the laws hold, and its main channel drains the published basin only."""

import json

import numpy as np
import pytest
import rasterio

from ecocloud.domains.gep.raster import config, routing, run, single
from ecocloud.domains.gep.raster.padding import unpadded
from tests.domains.gep.raster.reference import AROUND
from tests.domains.gep.raster.test_routing import routed, split

# Land uses of the catchment with factors C and P of no source: nothing here hangs on them.
TABLE = "lucode,usle_c,usle_p\n4,0.2,0.4\n6,0.01,1\n8,0.1,1\n18,0,1\n33,0.2,0.4\n104,0.1,1\n106,0.01,1\n"


@pytest.fixture(scope="module")
def spatial(shared_folder):
    return shared_folder / "data" / "dem_landcover" / "youwuzhen" / "spatial"


@pytest.fixture(scope="module")
def relief(spatial):
    """Heights, which of them are known, and which lie in the published basin (where its land use is known)."""
    with rasterio.open(spatial / "ywzdem30m.tif") as source:
        heights, at = source.read(1, masked=True), source.transform
    with rasterio.open(spatial / "ywzlanduse30m_upd.tif") as source:
        use, own = source.read(1, masked=True), source.transform
    basin = np.zeros(heights.shape, bool)
    left, top = round((own.c - at.c) / at.a), round((own.f - at.f) / at.e)
    basin[top : top + use.shape[0], left : left + use.shape[1]] = ~np.ma.getmaskarray(use)
    valid = (~np.ma.getmaskarray(heights)).astype(np.uint8)
    return heights.filled(0).astype(np.float32), valid, basin


@pytest.mark.parametrize("alone", [False, True], ids=["mfd", "d8"])
def test_what_leaves_a_real_relief_is_what_fell_on_it(relief, alone):
    heights, valid, _ = relief
    shape, flat, known, direction, order, _ = routed(heights, valid)
    if alone:
        single.only_steepest(flat, known, shape.width, direction)
    passed = np.zeros(shape.size)
    routing.accumulate(direction, routing.sources(direction, shape.width), order, shape.width, np.empty(0), passed)
    parts, cells = split(direction, shape), unpadded(passed, shape)
    inside = np.pad(valid == 1, 1)
    leaving = sum(
        (cells * parts[..., k] / np.maximum(parts.sum(axis=-1), 1))[
            (valid == 1) & ~inside[1 + down : inside.shape[0] - 1 + down, 1 + right : inside.shape[1] - 1 + right]
        ].sum()
        for k, (down, right) in enumerate(AROUND)
    )
    assert leaving == pytest.approx(valid.sum(), rel=1e-9)


def test_the_main_channel_drains_the_published_basin_only(relief):
    """Of the 7,310 cells delineated by others the channel at the lower end has four fifths, and none beside them."""
    heights, valid, basin = relief
    shape, flat, known, direction, order, _ = routed(heights, valid)
    single.only_steepest(flat, known, shape.width, direction)
    passed = np.zeros(shape.size)
    routing.accumulate(direction, routing.sources(direction, shape.width), order, shape.width, np.empty(0), passed)
    cells, to = unpadded(passed, shape), split(direction, shape)
    outlet = np.unravel_index(np.argmax(np.where(basin, cells, 0)), cells.shape)
    reached, waiting = {outlet}, [outlet]
    while waiting:
        row, col = waiting.pop()
        for k, (down, right) in enumerate(AROUND):
            above = (row - down, col - right)
            there = 0 <= above[0] < valid.shape[0] and 0 <= above[1] < valid.shape[1] and valid[above]
            if there and to[above][k] and above not in reached:
                reached.add(above)
                waiting.append(above)
    assert basin.sum() == 7310 and len(reached) == cells[outlet] > 0.8 * 7310
    assert all(basin[one] for one in reached)


def test_zones_are_the_whole_on_land_use_of_another_grid(spatial, tmp_path):
    """Two halves of the county against one zone of all, with the land use brought onto the relief's grid."""
    with rasterio.open(spatial / "ywzdem30m.tif") as source:
        west, south, east, north = source.bounds
    middle = west + 61 * 30

    def zones(name, *cuts):
        made = [
            {
                "type": "Feature",
                "properties": {"ws_id": number},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[a, south], [b, south], [b, north], [a, north], [a, south]]],
                },
            }
            for number, (a, b) in enumerate(cuts, 1)
        ]
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2415"}}
        (tmp_path / name).write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": made}))
        return name

    (tmp_path / "classes.csv").write_text(TABLE)
    given = {"name": "real", "dem": str(spatial / "ywzdem30m.tif"), "lulc": str(spatial / "ywzlanduse30m_upd.tif"),
             "align": True, "erosivity": 7000, "erodibility": 0.012, "biophysical_table": "classes.csv",
             "watersheds": zones("halves.geojson", (west, middle), (middle, east)), "output": "halves"}  # fmt: skip

    def totals(**more):
        made = run.run(run.prepare(config.checked({**given, **more}, tmp_path)))
        return [made.totals("soil", one).sum() for one in ("cells", "potential", "actual", "retained")]

    halves, whole = totals(), totals(watersheds=zones("whole.geojson", (west, east)), output="whole")
    assert halves == pytest.approx(whole, rel=1e-9)
    cells, potential, actual, retained = whole
    assert cells == 7310 and potential == pytest.approx(actual + retained, rel=1e-9) and 0 < actual < potential
