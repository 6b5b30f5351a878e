"""The raster engine: kernels on plain arrays, files and windows in a thin layer outside (needs numba and rasterio).

Arrays of a grid are flat and padded by one cell on every side, so that no kernel asks whether a neighbour exists:
what lies beyond the grid, or is not known, is not valid. Neighbours are counted from the east against the clock: 0
east, 1 north-east, 2 north ... 7 south-east.

In a notebook (docs/gep_rasters.md)::

    from ecocloud.domains.gep import raster

    prepared = raster.check(raster.read("CONFIG.yaml"))
    result = raster.compute(prepared)
    data = raster.given(raster.result(prepared.config.output))
"""

from importlib import import_module
from typing import Any

from ecocloud.domains.gep.raster import compiled

compiled.use()

_OFFERED = {
    "read": ("config", "read"),
    "checked": ("config", "checked"),
    "check": ("run", "prepare"),
    "compute": ("run", "run"),
    "result": ("giving", "read"),
    "totals": ("giving", "totals"),
    "given": ("giving", "given"),
    "covered": ("giving", "covered"),
}


def __getattr__(name: str) -> Any:
    """What a notebook uses, imported when it is asked for."""
    if name not in _OFFERED:
        raise AttributeError(name)
    module, member = _OFFERED[name]
    return getattr(import_module(f"{__name__}.{module}"), member)
