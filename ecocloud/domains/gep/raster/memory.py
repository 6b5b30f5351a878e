"""How a run keeps the memory it has: blocks of some megabytes come and go by the thousand, and every one the system
takes back is handed out again page by page, cleared.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

import rasterio

_TRIM, _MMAP = -1, -3  # glibc: from how much free memory on it is given back, from what size on it is taken by itself
_KEPT, _LARGE = 256 << 20, 32 << 20
_CACHE = 64 << 20  # bytes of decoded tiles that GDAL keeps; every tile is read once


@cache
def _kept() -> None:
    """Have freed blocks kept for the next ones, where the C library can be told so."""
    if sys.platform == "linux":
        tell = getattr(ctypes.CDLL(None), "mallopt", None)
        if tell is not None:
            tell(_TRIM, _KEPT)
            tell(_MMAP, _LARGE)


def frugal() -> rasterio.Env:
    """A context in which files are read and written without keeping what was read."""
    _kept()
    return rasterio.Env(GDAL_CACHEMAX=_CACHE)
