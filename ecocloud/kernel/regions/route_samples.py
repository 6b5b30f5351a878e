"""URL arguments for the generated permission test: any existing record, else a number that exists nowhere."""

from __future__ import annotations

from ecocloud.kernel.regions.models import ApiKey, Department, PostHandover, UnitQuestion, User


def _first(model: type) -> dict:
    return {"pk": model.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def department() -> dict:
    """Any department."""
    return _first(Department)


def question() -> dict:
    """Any unit question."""
    return _first(UnitQuestion)


def person() -> dict:
    """Any person."""
    return _first(User)


def key() -> dict:
    """Any API key."""
    return _first(ApiKey)


def handover() -> dict:
    """Any handover of a post."""
    return _first(PostHandover)
