"""Rasters as pictures: tiles of a web map (``z/x/y``, EPSG:3857), one picture of the whole, what its colours stand for.

Pictures are PNG with a palette: 255 colours between the ends of the ramp, and nothing where the raster says nothing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

SIZE = 256  # pixels on the side of a tile
DEEPEST = 22
_HALF = 20037508.342789244  # half the width of the world in EPSG:3857, m
_LOOKED_THROUGH = 512  # cells on the side of what ramps are taken from
_SMALLEST = 64  # an overview is no smaller
Colour = tuple[int, int, int]


def bounds_of_tile(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile, m in EPSG:3857. Raises ValueError where there is none."""
    if not (0 <= z <= DEEPEST and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise ValueError(f"no tile {z}/{x}/{y}")
    side = 2 * _HALF / (1 << z)
    west, north = x * side - _HALF, _HALF - y * side
    return west, north - side, west + side, north


def tile(path: Path, z: int, x: int, y: int, colours: Sequence[Colour], low: float, high: float) -> bytes:
    """A tile of the first band as PNG of 256 by 256 pixels, each the colour of the cell it lies in.

    Parameters
    ----------
    colours: of the ramp, at equal distances from ``low`` to ``high`` (in the unit of the raster); what lies beyond has
        the colour of the nearer end. Outside the raster and in its holes the picture is transparent.

    Raises ValueError where there is no such tile.
    """
    west, _south, _east, north = bounds_of_tile(z, x, y)
    side = 2 * _HALF / (1 << z) / SIZE
    with rasterio.open(path) as source, WarpedVRT(
        source, crs="EPSG:3857", transform=from_origin(west, north, side, side), width=SIZE, height=SIZE,
        **({} if source.nodata is not None else {"add_alpha": True}),
    ) as warped:  # fmt: skip
        # Without nodata the band added behind the others says what lies inside.
        known = warped.dataset_mask() if source.nodata is not None else warped.read(warped.count)
        return _png(_places(warped.read(1), known > 0, low, high), colours)


def picture(path: Path, longest: int, colours: Sequence[Colour], low: float, high: float) -> bytes:
    """The whole raster in its own projection as PNG, its longer side of at most ``longest`` pixels."""
    values, known = _small(path, longest)
    return _png(_places(values, known, low, high), colours)


def ramp(path: Path) -> tuple[float, float] | None:
    """The 2nd and 98th percentile of what is known, looked up in a small overview; None where nothing is."""
    values, known = _small(path, _LOOKED_THROUGH)
    known &= np.isfinite(values)
    if not known.any():
        return None
    low, high = np.percentile(values[known].astype(float), [2, 98])
    return float(low), float(high)


def bounds(path: Path) -> tuple[float, float, float, float]:
    """West, south, east, north of a raster, degrees (WGS 84, from which CGCS2000 differs by centimetres)."""
    with rasterio.open(path) as source:
        return transform_bounds(source.crs, "EPSG:4326", *source.bounds, densify_pts=21)


def overview(path: Path) -> None:
    """Write overviews of a raster beside it (``.ovr``; the raster stays as it is), so that tiles from afar are quick.

    A raster of few cells needs none.
    """
    with rasterio.open(path) as source:
        steps, step = [], 2
        while max(source.height, source.width) > _LOOKED_THROUGH and max(source.height, source.width) // step >= (
            _SMALLEST
        ):
            steps.append(step)
            step *= 2
    path.with_name(f"{path.name}.ovr").unlink(missing_ok=True)
    if steps:
        with rasterio.Env(TIFF_USE_OVR=True, COMPRESS_OVERVIEW="ZSTD"), rasterio.open(path, "r+") as source:
            source.build_overviews(steps, rasterio.enums.Resampling.nearest)


def _small(path: Path, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """The raster on at most ``longest`` cells a side, and where it is known."""
    with rasterio.open(path) as source:
        share = min(1.0, longest / max(source.height, source.width))
        shape = (max(1, round(source.height * share)), max(1, round(source.width * share)))
        return source.read(1, out_shape=shape), source.dataset_mask(out_shape=shape) > 0


def _places(values: np.ndarray, known: np.ndarray, low: float, high: float) -> np.ndarray:
    """The place of every value on a ramp, 1 to 255; 0 for what is not known. Without a width all have the middle."""
    known = known & np.isfinite(values)
    share = (values.astype(float) - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    places = 1 + np.rint(np.clip(np.where(known, share, 0), 0, 1) * 254)
    return np.where(known, places, 0).astype(np.uint8)


def palette(colours: Sequence[Colour]) -> np.ndarray:
    """The 255 colours of a ramp, between those given in equal distances; uint8, 255 x 3."""
    stops = np.linspace(0, 1, len(colours))
    at = np.linspace(0, 1, 255)
    return np.stack([np.rint(np.interp(at, stops, [one[k] for one in colours])) for k in range(3)], 1).astype(np.uint8)


def _png(places: np.ndarray, colours: Sequence[Colour]) -> bytes:
    """A picture of places on a ramp; place 0 is transparent."""
    height, width = places.shape
    lines = np.zeros((height, width + 1), np.uint8)  # each line begins with its filter: none
    lines[:, 1:] = places
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(3) + palette(colours).tobytes()),
        (b"tRNS", b"\x00"),
        (b"IDAT", zlib.compress(lines.tobytes(), 6)),
        (b"IEND", b""),
    )
    told = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)
