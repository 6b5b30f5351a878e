"""Whether the engine can be used here: its libraries come with the extra ``raster`` and may be absent."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from ecocloud.domains.gep.errors import GepError

LIBRARIES = ("numba", "rasterio", "pyogrio")


class NoEngine(GepError):
    """The libraries of the raster engine are not installed."""

    code = "gep.engine"


@cache
def missing() -> tuple[str, ...]:
    """The libraries that are not here; none when everything can be computed."""
    return tuple(name for name in LIBRARIES if find_spec(name) is None)


def require() -> None:
    """Raises :class:`NoEngine` with the remedy when libraries are not here."""
    lacking = missing()
    if lacking:
        raise NoEngine(
            "服务器没有安装栅格核算组件。", f"the raster engine needs {', '.join(lacking)}", value=list(lacking),
            remedy_zh='请系统管理员执行 pip install "ecocloud[raster]" 后重启。',
        )  # fmt: skip
