"""A raster brought onto the grid of a run: codes by the nearest cell, numbers between cells; of cells much finer than
the grid the commonest code and the mean.

What lies beyond the raster is not known, also when it has no nodata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rasterio
from rasterio.enums import ColorInterp, Resampling
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.layers import Grid, Layer

FINER = 0.5  # cells of at most half the grid's are put together
_WORDS = {
    Resampling.nearest: "最邻近",
    Resampling.bilinear: "双线性",
    Resampling.mode: "众数",
    Resampling.average: "平均",
}


def way(source: Any, nature: str, grid: Grid) -> Resampling:
    """How a raster of this nature (number or code) is brought onto the grid."""
    to = rasterio.crs.CRS.from_wkt(grid.crs)
    own = calculate_default_transform(source.crs, to, source.width, source.height, *source.bounds)[0]
    finer = abs(own.a) <= FINER * grid.cell_size
    if nature == "code":
        return Resampling.mode if finer else Resampling.nearest
    return Resampling.average if finer else Resampling.bilinear


def warped(source: Any, nature: str, grid: Grid) -> WarpedVRT:
    """The raster as it is read on the grid. Without nodata it gets a last band that says where it is."""
    alpha = source.nodata is None and ColorInterp.alpha not in source.colorinterp
    return WarpedVRT(
        source, crs=grid.crs, transform=grid.transform, width=grid.cols, height=grid.rows,
        resampling=way(source, nature, grid), nodata=source.nodata, add_alpha=alpha,
    )  # fmt: skip


def remark(layer: Layer, grid: Grid) -> str:
    """What was done to a layer that did not lie on the grid."""
    with rasterio.open(layer.path) as source:
        how = _WORDS[way(source, layer.fact.nature, grid)]
        own = f"{source.crs.to_string()}，像元 {source.transform.a:g}"
    return f"{layer.fact.zh}（{layer.path.name}，{own}）按{how}对齐到 {grid.cell_size:g} 米格网"
