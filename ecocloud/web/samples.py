"""URL arguments for the generated permission test."""


def source() -> dict:
    """Any reference."""
    return {"ref": "item:1"}


def saved_view() -> dict:
    """Any saved view."""
    return {"pk": 1}


def job() -> dict:
    """Any job."""
    return {"pk": 1}
