"""URL arguments for the generated permission test: any existing record, else one that exists nowhere."""

from __future__ import annotations

from ecocloud.kernel.evidence.models import Indicator, Lock, Observation, Target


def _first(model: type) -> dict:
    return {"pk": model.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def observation() -> dict:
    """Any observation."""
    return _first(Observation)


def target() -> dict:
    """Any target."""
    return _first(Target)


def lock() -> dict:
    """Any lock."""
    return _first(Lock)


def indicator() -> dict:
    """Any indicator."""
    return {"code": Indicator.objects.order_by("order").values_list("code", flat=True).first() or "NONE"}


def source() -> dict:
    """The demonstration workbook."""
    return {"kind": "demo", "key": "values"}
