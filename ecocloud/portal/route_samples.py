"""Arguments of routes for the generated permission tests."""

from ecocloud.portal.reports.models import Report

NOBODY = "00000000000"


def number() -> dict:
    return {"number": Report.objects.values_list("number", flat=True).first() or NOBODY}


def word() -> dict:
    return number() | {"word": "AAAAAAAAAA"}


def photo() -> dict:
    return number() | {"order": 1}


def own_photo() -> dict:
    return word() | {"order": 1}
