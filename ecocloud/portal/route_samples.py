"""Arguments of routes for the generated permission tests."""

from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.disclosure.models import Publication
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


def consultation() -> dict:
    return {"pk": Consultation.objects.values_list("pk", flat=True).first() or 0}


def comment() -> dict:
    return {"pk": Comment.objects.values_list("pk", flat=True).first() or 0}


def publication() -> dict:
    return {"pk": Publication.objects.values_list("pk", flat=True).first() or 0}


def listed() -> dict:
    return {"code": "quality"}


def data_file() -> dict:
    return {"code": "reports", "form": "csv"}
