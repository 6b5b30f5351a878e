"""Where compiled kernels are kept, so that they are compiled once: in the site's home (``cache/kernels``), else where
numba keeps them, beside the code or in the person's cache, else, where neither can be written, in a temporary folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

_VARIABLE = "NUMBA_CACHE_DIR"


def place() -> Path | None:
    """The folder for compiled kernels; None: numba's own choice."""
    if os.environ.get(_VARIABLE):
        return Path(os.environ[_VARIABLE])
    home = os.environ.get("ECOCLOUD_HOME")
    if home:
        return Path(home).resolve() / "cache" / "kernels"
    own, person = Path(__file__).parent, Path.home() / ".cache"
    if any(os.access(one, os.W_OK) for one in (own, person if person.exists() else person.parent)):
        return None
    return Path(tempfile.gettempdir()) / f"ecocloud-kernels-{os.getuid()}"


def use() -> None:
    """Have kernels kept there; to be called before the first of them is defined."""
    found = place()
    if found is None:
        return
    found.mkdir(parents=True, exist_ok=True)
    os.environ[_VARIABLE] = str(found)
    if "numba" in sys.modules:  # it has read its environment already
        sys.modules["numba"].config.CACHE_DIR = str(found)


def first_time() -> bool:
    """Whether the kernels have not been compiled here before."""
    from ecocloud.domains.gep.raster import services

    return not any(Path(services.added.stats.cache_path).glob("services.added-*.nbi"))
