"""Who may open which page of raster accounts, and its line of the menu."""

from __future__ import annotations

from typing import Any

from ecocloud.base.rooms import Access, MenuEntry
from ecocloud.domains.gep.access import FILL, RUN, VIEW

_HERE = "ecocloud.domains.gep.raster_accounts.access"
GROUP = "生态产品总值"
_POST, _BOTH = ("POST",), ("GET", "POST")


def raster() -> dict[str, Any]:
    """Any raster account."""
    from ecocloud.domains.gep.models import RasterAccount

    return {"pk": RasterAccount.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def raster_file() -> dict[str, Any]:
    """The workbook of any."""
    return {**raster(), "form": "xlsx"}


def picture() -> dict[str, Any]:
    """A picture of any."""
    return {**raster(), "name": "ls"}


def tile() -> dict[str, Any]:
    """A tile of any."""
    return {**picture(), "z": 0, "x": 0, "y": 0}


MENU = (MenuEntry("栅格核算", "Raster accounts", "gep:raster-list", VIEW, "layers", GROUP, 345),)
ACCESS = (
    Access("gep:raster-list", VIEW), Access("gep:raster-new", RUN, _BOTH),
    Access("gep:raster", VIEW, sample=f"{_HERE}.raster"),
    Access("gep:raster-layers", RUN, _BOTH, f"{_HERE}.raster"),
    Access("gep:raster-check", RUN, _POST, f"{_HERE}.raster"), Access("gep:raster-run", RUN, _POST, f"{_HERE}.raster"),
    Access("gep:raster-cancel", RUN, _POST, f"{_HERE}.raster"),
    Access("gep:raster-copy", RUN, _POST, f"{_HERE}.raster"),
    Access("gep:raster-progress", VIEW, sample=f"{_HERE}.raster"),
    Access("gep:raster-result", VIEW, sample=f"{_HERE}.raster"),
    Access("gep:raster-file", VIEW, sample=f"{_HERE}.raster_file"),
    Access("gep:raster-cards", VIEW, sample=f"{_HERE}.raster"),
    Access("gep:raster-give", FILL, _BOTH, f"{_HERE}.raster"),
    Access("gep:raster-map", VIEW, sample=f"{_HERE}.raster"),
    Access("gep:raster-zones", VIEW, sample=f"{_HERE}.raster"),
    Access("gep:raster-tile", VIEW, sample=f"{_HERE}.tile"),
    Access("gep:raster-picture", VIEW, sample=f"{_HERE}.picture"),
)  # fmt: skip
