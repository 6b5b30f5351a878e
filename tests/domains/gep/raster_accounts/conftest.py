"""A raster account of the small county: 20 by 20 cells of 100 m, its townships side by side."""

import csv
import io
import json

import numpy as np
import pytest

WEST, NORTH, CELL, SIZE = 39_500_000, 3_000_000, 100.0, 20
NODATA = -9999.0
RAIN, GONE, HOLE = 1600.0, 800.0, (slice(2, 4), slice(3, 5))


def tif(values, nodata=NODATA, crs="EPSG:4527"):
    """A GeoTIFF in memory."""
    import rasterio
    from rasterio.transform import from_origin

    with rasterio.MemoryFile() as memory:
        with memory.open(driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype=values.dtype,
                         crs=crs, transform=from_origin(WEST, NORTH, CELL, CELL), nodata=nodata) as out:  # fmt: skip
            out.write(values, 1)
        return io.BytesIO(memory.read())


def rain():
    """Annual rain, mm: everywhere the same but for a hole of four cells in the west."""
    values = np.full((SIZE, SIZE), RAIN, np.float32)
    values[HOLE] = NODATA
    return values


def cover():
    """Broad-leaved forest in the north, paddy in the south."""
    values = np.full((SIZE, SIZE), 11, np.uint8)
    values[SIZE // 2 :] = 51
    return values


def table():
    """The classes with ecosystem (HJ 1166) and runoff, %."""
    stream = io.StringIO()
    csv.writer(stream).writerows([["lucode", "ecosystem", "runoff"], [11, 11, 5], [51, 51, 25]])
    return io.BytesIO(stream.getvalue().encode())


def zones(names=("360802101", "360802102", "别处")):
    """Three zones side by side: ten columns, eight columns, two columns."""
    cuts, features = (0, 10, 18, 20), []
    for name, a, b in zip(names, cuts, cuts[1:], strict=False):
        ring = [[WEST + a * CELL, NORTH], [WEST + b * CELL, NORTH], [WEST + b * CELL, NORTH - SIZE * CELL],
                [WEST + a * CELL, NORTH - SIZE * CELL], [WEST + a * CELL, NORTH]]  # fmt: skip
        features.append({"type": "Feature", "properties": {"nr": len(features), "code": name},
                         "geometry": {"type": "Polygon", "coordinates": [ring]}})  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4527"}}
    return io.BytesIO(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}).encode())


@pytest.fixture
def engine():
    """The engine's libraries, or the test is skipped by name."""
    pytest.importorskip("numba")
    pytest.importorskip("rasterio")


@pytest.fixture
def files(settings, tmp_path, engine, place, accounting):
    """``files(name=stream)``: taken for the accounting by the office; the files of the small county by role."""
    from ecocloud.domains.gep.services import rasters

    settings.HOME, settings.MEDIA_ROOT = tmp_path / "home", tmp_path / "home" / "files"

    def take(name, stream):
        return rasters.add_file(place.office, accounting, name, stream)

    take.layers = {
        "lulc": take("lulc.tif", tif(cover(), 255)), "precipitation": take("rain.tif", tif(rain())),
        "evapotranspiration": GONE, "biophysical_table": take("classes.csv", table()),
        "watersheds": take("townships.geojson", zones()),
    }  # fmt: skip
    return take


@pytest.fixture
def raster(place, accounting, files):
    """The raster account of 2023, opened."""
    from ecocloud.domains.gep.services import rasters

    return rasters.open_raster(place.office, accounting, 2023, "青山县2023年栅格核算", files.layers)


@pytest.fixture
def work():
    """Do what waits in the queue, in this process."""
    from ecocloud.base.jobs import drain

    return drain


@pytest.fixture
def computed(place, raster, work):
    """The account, done."""
    from ecocloud.domains.gep.services import rasters

    rasters.start(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.state == "done", raster.told
    return raster


@pytest.fixture
def partial(place, accounting, files, work):
    """An account done whose land cover knows 12 of the 20 rows of the upper township: 120 of 200 cells."""
    from ecocloud.domains.gep.services import rasters

    values = cover()
    values[12:, :10] = 255
    layers = {**files.layers, "lulc": files("part.tif", tif(values, 255))}
    row = rasters.open_raster(place.office, accounting, 2023, "土地覆盖不全", layers)
    rasters.start(place.office, row)
    work()
    row.refresh_from_db()
    assert row.state == "done", row.told
    return row
