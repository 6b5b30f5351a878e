"""Who may open which page of the reporting system, its lines of the menu and of the work desk."""

from __future__ import annotations

from typing import Any

from ecocloud.base.rooms import Access, Counter, MenuEntry, TodoSource
from ecocloud.domains.gep.access import APPROVE, COMMENT, CONFIRM, EDIT, FILL, RUN, VIEW

_HERE, _DESK = "ecocloud.domains.gep.reporting.access", "ecocloud.domains.gep.reporting.desk"
GROUP = "生态产品总值"
_POST, _BOTH = ("POST",), ("GET", "POST")


def _first(name: str) -> dict[str, Any]:
    from ecocloud.domains.gep import models

    return {"pk": getattr(models, name).objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def accounting() -> dict[str, Any]:
    """Any accounting."""
    return _first("Accounting")


def form() -> dict[str, Any]:
    """Any form."""
    return _first("Form")


def datum() -> dict[str, Any]:
    """Any datum."""
    return _first("Datum")


def correction() -> dict[str, Any]:
    """Any correction."""
    return _first("Correction")


def run() -> dict[str, Any]:
    """Any run."""
    return _first("Run")


def comment() -> dict[str, Any]:
    """Any comment."""
    return _first("Comment")


MENU = (
    MenuEntry("核算项目", "GEP accountings", "gep:accountings", VIEW, "clipboard-list", GROUP, 342),
    MenuEntry("核算报表", "GEP forms", "gep:forms", VIEW, "square-pen", GROUP, 344, f"{_DESK}.count"),
)
ACCESS = (
    Access("gep:accountings", VIEW), Access("gep:accounting-new", EDIT, _BOTH),
    Access("gep:accounting", VIEW, sample=f"{_HERE}.accounting"),
    Access("gep:accounting-close", EDIT, _POST, f"{_HERE}.accounting"),
    Access("gep:basis", VIEW, sample=f"{_HERE}.accounting"),
    Access("gep:parameter-set", EDIT, _POST, f"{_HERE}.accounting"),
    Access("gep:price-set", EDIT, _POST, f"{_HERE}.accounting"),
    Access("gep:run-make", RUN, _POST, f"{_HERE}.accounting"),
    Access("gep:data-book", FILL, sample=f"{_HERE}.accounting"),
    Access("gep:data-csv", FILL, _POST, f"{_HERE}.accounting"),
    Access("gep:forms", VIEW), Access("gep:form-set", VIEW),
    Access("gep:form", VIEW, sample=f"{_HERE}.form"),
    Access("gep:form-save", FILL, _POST, f"{_HERE}.form"),
    # The right a step needs depends on the form's state; the service asks for it.
    Access("gep:form-step", VIEW, _POST, f"{_HERE}.form"),
    Access("gep:correct", FILL, _POST, f"{_HERE}.datum"),
    Access("gep:correction", APPROVE, _POST, f"{_HERE}.correction"),
    Access("gep:review", VIEW, sample=f"{_HERE}.run"), Access("gep:run-confirm", CONFIRM, _POST, f"{_HERE}.run"),
    Access("gep:rerun", VIEW, sample=f"{_HERE}.run"), Access("gep:comment", COMMENT, _POST, f"{_HERE}.run"),
    Access("gep:comment-resolve", COMMENT, _POST, f"{_HERE}.comment"),
    Access("api:gep-accountings", VIEW), Access("api:gep-forms", VIEW),
    Access("api:gep-form", VIEW, sample=f"{_HERE}.form"), Access("api:gep-form-fill", FILL, _POST, f"{_HERE}.form"),
)  # fmt: skip
COUNTERS = (
    Counter("gep.forms", "待办核算报表", "GEP forms to do", f"{_DESK}.count", f"{_DESK}.url", VIEW, "square-pen", 345),
)
TODOS = (
    TodoSource("gep.forms", ("todo",), f"{_DESK}.rows", f"{_DESK}.count", f"{_DESK}.url", VIEW, due=f"{_DESK}.due",
               late=f"{_DESK}.late"),
)  # fmt: skip
