"""Who may open which page of results, and its lines of the menu."""

from __future__ import annotations

from typing import Any

from ecocloud.base.rooms import Access, MenuEntry, PublicPanel, Tile
from ecocloud.domains.gep.access import CONFIRM, EDIT, VIEW

_HERE = "ecocloud.domains.gep.results.access"
GROUP = "生态产品总值"


def _first(name: str) -> int:
    from ecocloud.domains.gep import models

    return getattr(models, name).objects.order_by("pk").values_list("pk", flat=True).first() or 1


def run() -> dict[str, Any]:
    """Any run."""
    return {"pk": _first("Run")}


def run_file() -> dict[str, Any]:
    """The report of any run."""
    return {"pk": _first("Run"), "form": "docx"}


def run_year() -> dict[str, Any]:
    """A year of any run."""
    return {"pk": _first("Run"), "year": 2023}


def line() -> dict[str, Any]:
    """Any line."""
    return {"pk": _first("RunLine")}


def published() -> dict[str, Any]:
    """A year of any accounting."""
    return {"pk": _first("Accounting"), "year": 2023}


def edition() -> dict[str, Any]:
    """An edition."""
    return {"code": "hj-1173-2021"}


def method() -> dict[str, Any]:
    """A method."""
    return {"code": "water.balance"}


MENU = (
    MenuEntry("核算结果", "GEP results", "gep:result-list", VIEW, "chart-column", GROUP, 346),
    MenuEntry("核算版本和方法", "Editions and methods", "gep:editions", VIEW, "book-open", GROUP, 348),
)
ACCESS = (
    Access("gep:result-list", VIEW), Access("gep:results", VIEW, sample=f"{_HERE}.run"),
    Access("gep:lines", VIEW, sample=f"{_HERE}.run"), Access("gep:line", VIEW, sample=f"{_HERE}.line"),
    Access("gep:result-file", VIEW, sample=f"{_HERE}.run_file"),
    Access("gep:published", EDIT, ("GET", "POST"), sample=f"{_HERE}.published"), Access("gep:editions", VIEW),
    Access("gep:disclose", CONFIRM, ("POST",), f"{_HERE}.run_year"), Access("api:gep-runs", VIEW),
    Access("api:gep-results", VIEW, sample=f"{_HERE}.run"),
    Access("api:gep-lines", VIEW, sample=f"{_HERE}.run"),
    Access("gep:edition", VIEW, sample=f"{_HERE}.edition"), Access("gep:method", VIEW, sample=f"{_HERE}.method"),
)  # fmt: skip
TILES = (
    Tile("gep.account", "生态产品总值", "Gross ecosystem product", "ecocloud.domains.gep.results.cockpit.tile",
         "gep/tile.html", VIEW, "topics", 5),
)  # fmt: skip
PUBLIC = (
    PublicPanel("gep", "生态产品总值", "Gross ecosystem product", "ecocloud.domains.gep.results.public.panel",
                "gep/public_panel.html", 150),
)  # fmt: skip
