"""Tiles moved from one raster into another: what GDAL reads is what was written, in both forms of TIFF."""

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window

from ecocloud.domains.gep.raster import joining

TILE = 16


def written(path, values, tiles, big):
    """A raster of ``values`` of which these tiles alone are written."""
    across = -(-values.shape[1] // TILE)
    with rasterio.open(path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
                       dtype=values.dtype, nodata=-9999, tiled=True, blockxsize=TILE, blockysize=TILE,
                       compress="zstd", bigtiff="YES" if big else "NO") as out:  # fmt: skip
        for tile in tiles:
            row, col = tile // across * TILE, tile % across * TILE
            part = values[row : row + TILE, col : col + TILE]
            out.write(part, 1, window=Window(col, row, part.shape[1], part.shape[0]))


def read(path):
    with rasterio.open(path) as source:
        return source.read(1)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("shape", [(40, 70), (16, 32), (200, 300)])
@pytest.mark.parametrize("constant", [False, True])  # tiles of a few bytes: GDAL keeps their lengths in two bytes
def test_three_parts_are_the_whole(tmp_path, big, shape, constant):
    values = np.random.default_rng(5).normal(size=shape).astype(np.float32)
    values[:TILE] = 7
    if constant:
        values[:] = np.arange(shape[0], dtype=np.float32)[:, None] // TILE
    count = -(-shape[0] // TILE) * -(-shape[1] // TILE)
    first, second = count // 3, 2 * count // 3
    files = [tmp_path / f"{name}.tif" for name in "abc"]
    for path, tiles in zip(files, (range(first), range(first, second), range(second, count)), strict=True):
        written(path, values, tiles, big)
    joining.join(files[0], [(files[1], first, second), (files[2], second, count)])
    assert np.array_equal(read(files[0]), values)
    with rasterio.open(files[0], "r+") as again:  # and it can be gone on with
        again.write(values[:1] + 1, 1, window=Window(0, 0, shape[1], 1))
    assert np.array_equal(read(files[0])[1:], values[1:])


def test_a_raster_of_one_tile_is_replaced(tmp_path):
    for name, value in (("a", 1), ("b", 2)):
        written(tmp_path / f"{name}.tif", np.full((9, 9), value, np.float32), [0], False)
    joining.join(tmp_path / "a.tif", [(tmp_path / "b.tif", 0, 1)])
    assert (read(tmp_path / "a.tif") == 2).all()


def test_lengths_of_two_bytes_grow(tmp_path):
    """The first raster has short tiles only; a tile of more than 65,535 bytes comes in."""
    noise = np.random.default_rng(5).integers(0, 2**31, (256, 512)).astype(np.int32)
    for name, values in (("a", np.zeros_like(noise)), ("b", noise)):
        with rasterio.open(tmp_path / f"{name}.tif", "w", driver="GTiff", height=256, width=512, count=1, dtype="int32",
                           tiled=True, blockxsize=256, blockysize=256, compress="zstd") as out:  # fmt: skip
            out.write(values, 1)
    joining.join(tmp_path / "a.tif", [(tmp_path / "b.tif", 1, 2)])
    assert np.array_equal(read(tmp_path / "a.tif"), np.hstack([np.zeros((256, 256), np.int32), noise[:, 256:]]))
