"""Tiles: the colour of a known cell by hand, transparent outside and in holes, places by another projection."""

import math

import numpy as np
import pytest

from ecocloud.base.geo import cgcs2000_zone, from_zone

rasterio = pytest.importorskip("rasterio")
from ecocloud.domains.gep.raster import tiles  # noqa: E402

NODATA = -9999.0
ZONE = cgcs2000_zone(117, width=3)  # EPSG:4527 without the number of the zone
BLACK_TO_WHITE = ((0, 0, 0), (255, 255, 255))
Z, X, Y = 14, 13500, 6800
# A tile of depth 14 is 40075016.68557849 / 2**14 m wide; 8 cells across make 32 pixels each.
SIDE = 40075016.68557849 / 2**14
WEST, NORTH = X * SIDE - 20037508.342789244, 20037508.342789244 - Y * SIDE


def written(path, values, crs, west, north, cell, nodata=NODATA):
    transform = rasterio.transform.from_origin(west, north, cell, cell)
    with rasterio.open(path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
                       dtype=values.dtype, crs=crs, transform=transform, nodata=nodata) as out:  # fmt: skip
        out.write(values, 1)
    return path


def seen(png):
    """The picture as red, green, blue, alpha, read by another program (GDAL)."""
    with rasterio.MemoryFile(png) as memory, memory.open() as source:
        colours = source.colormap(1)
        places = source.read(1)
    return np.array([colours[one] for one in range(256)], np.uint8)[places]


@pytest.fixture
def square(tmp_path):
    """8 by 8 cells that fill the tile but for its last two columns; one hole; values 0 to 100."""
    values = np.zeros((8, 6), np.float32)
    values[0, 0], values[2, 3], values[7, 5], values[4, 4], values[5, 0] = 100, 50, 250, NODATA, -30
    return written(tmp_path / "square.tif", values, "EPSG:3857", WEST, NORTH, SIDE / 8)


def pixel(picture, row, col):
    """The pixel in the middle of a cell of 32 by 32 pixels."""
    return tuple(int(one) for one in picture[row * 32 + 16, col * 32 + 16])


def test_a_cell_has_the_colour_of_its_value(square):
    picture = seen(tiles.tile(square, Z, X, Y, BLACK_TO_WHITE, 0, 100))
    assert picture.shape == (256, 256, 4)
    assert pixel(picture, 0, 0) == (255, 255, 255, 255)
    assert pixel(picture, 1, 1) == (0, 0, 0, 255)
    # 50 of 0 to 100 is place 127 of 254: 255 * 127 / 254 = 127.5, to even 128.
    assert pixel(picture, 2, 3) == (128, 128, 128, 255)
    assert pixel(picture, 7, 5) == (255, 255, 255, 255) and pixel(picture, 5, 0) == (0, 0, 0, 255)  # beyond the ends


def test_outside_and_in_holes_nothing_is_seen(square):
    picture = seen(tiles.tile(square, Z, X, Y, BLACK_TO_WHITE, 0, 100))
    assert pixel(picture, 4, 4)[3] == 0  # the hole
    assert (picture[:, 192:, 3] == 0).all()  # two of eight columns lie outside
    assert (picture[:, :192, 3] == 0).sum() == 32 * 32
    beside = seen(tiles.tile(square, Z, X + 1, Y, BLACK_TO_WHITE, 0, 100))
    assert (beside[..., 3] == 0).all()


def test_a_raster_without_nodata_is_transparent_outside_only(tmp_path):
    path = written(tmp_path / "all.tif", np.zeros((8, 6), np.float32), "EPSG:3857", WEST, NORTH, SIDE / 8, None)
    picture = seen(tiles.tile(path, Z, X, Y, BLACK_TO_WHITE, 0, 100))
    assert (picture[:, :192, 3] == 255).all() and (picture[:, 192:, 3] == 0).all()


def test_a_cell_of_a_gauss_kruger_grid_lies_where_it_should(tmp_path):
    """The place by the package's own projection (base/geo) and the formula of the web map."""
    values = np.zeros((20, 20), np.float32)
    values[13, 6] = 100
    path = written(tmp_path / "zone39.tif", values, "EPSG:4527", 39_500_000, 3_000_000, 100.0)
    lon, lat = from_zone(500_000 + 650, 3_000_000 - 1350, ZONE)  # the middle of the cell
    n = 2**16
    x, y = n * (lon + 180) / 360, n * (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    picture = seen(tiles.tile(path, 16, int(x), int(y), BLACK_TO_WHITE, 0, 100))
    row, col = int(y % 1 * 256), int(x % 1 * 256)
    assert tuple(picture[row, col]) == (255, 255, 255, 255)
    # A cell of 100 m is some 47 pixels of 2.39 m * cos(27°) wide: 60 pixels away is another one.
    assert tuple(picture[row, (col + 60) % 256])[:3] == (0, 0, 0)


def test_ramp_leaves_out_the_ends(tmp_path):
    values = np.arange(101, dtype=np.float32).reshape(1, 101)  # the 2nd percentile of 0, 1 ... 100 is 2
    assert tiles.ramp(written(tmp_path / "a.tif", values, "EPSG:4527", 39_500_000, 3_000_000, 30.0)) == (2, 98)
    values[0, :2] = np.inf, np.nan  # no numbers of a ramp, and none of JSON
    low, high = tiles.ramp(written(tmp_path / "c.tif", values, "EPSG:4527", 39_500_000, 3_000_000, 30.0))
    assert (low, high) == (pytest.approx(3.96), pytest.approx(98.04))  # 2 + 0.02 * 98, 2 + 0.98 * 98
    empty = np.full((3, 3), NODATA, np.float32)
    assert tiles.ramp(written(tmp_path / "b.tif", empty, "EPSG:4527", 39_500_000, 3_000_000, 30.0)) is None


def test_one_value_everywhere_has_the_middle_colour(tmp_path):
    values = np.full((4, 4), 7, np.float32)
    path = written(tmp_path / "a.tif", values, "EPSG:4527", 39_500_000, 3_000_000, 30.0)
    low, high = tiles.ramp(path)
    assert (seen(tiles.picture(path, 800, BLACK_TO_WHITE, low, high)) == (128, 128, 128, 255)).all()


def test_the_picture_of_the_whole_is_no_longer_than_asked(tmp_path):
    values = np.zeros((40, 100), np.float32)
    path = written(tmp_path / "a.tif", values, "EPSG:4527", 39_500_000, 3_000_000, 30.0)
    assert seen(tiles.picture(path, 50, BLACK_TO_WHITE, 0, 1)).shape == (20, 50, 4)


def test_overviews_stand_beside_the_raster(tmp_path):
    values = np.arange(1200 * 600, dtype=np.float32).reshape(1200, 600)
    path = written(tmp_path / "a.tif", values, "EPSG:4527", 39_500_000, 3_000_000, 30.0)
    before, changed, low_high = path.read_bytes(), path.stat().st_mtime_ns, tiles.ramp(path)
    tiles.overview(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, changed)
    assert (tmp_path / "a.tif.ovr").exists()
    with rasterio.open(path) as source:
        assert source.overviews(1) == [2, 4, 8, 16]
    assert tiles.ramp(path) == pytest.approx(low_high, rel=0.01)
    small = written(tmp_path / "b.tif", values[:50, :50], "EPSG:4527", 39_500_000, 3_000_000, 30.0)
    tiles.overview(small)
    assert not (tmp_path / "b.tif.ovr").exists()


def test_bounds_in_degrees(tmp_path):
    path = written(tmp_path / "a.tif", np.zeros((20, 20), np.float32), "EPSG:4527", 39_500_000, 3_000_000, 100.0)
    west, south, east, north = tiles.bounds(path)
    lon, lat = from_zone(501_000, 2_999_000, ZONE)
    assert west < lon < east and south < lat < north and east - west == pytest.approx(2000 / 99_200, rel=0.02)


@pytest.mark.parametrize(("z", "x", "y"), [(-1, 0, 0), (23, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0)])
def test_there_is_no_such_tile(square, z, x, y):
    with pytest.raises(ValueError, match="no tile"):
        tiles.tile(square, z, x, y, BLACK_TO_WHITE, 0, 1)
