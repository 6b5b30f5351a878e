"""URL arguments for the generated permission test."""


def source() -> dict:
    """Any reference."""
    return {"ref": "item:1"}


def job() -> dict:
    """Any job or import batch."""
    return {"pk": 1}


def import_target() -> dict:
    """Any import target."""
    return {"target": "items"}
