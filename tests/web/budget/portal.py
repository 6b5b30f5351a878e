"""Rows of the lists of portal: reports, consultations, publications."""

from ecocloud.base.files.models import StoredFile
from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.disclosure.models import Publication
from ecocloud.portal.reports.models import Report
from tests.web.budget.common import TODAY, other, region, unit


def public_reports(n, start):
    Report.objects.bulk_create(
        Report(number=f"{start + i:011d}", salt="s", client_key=f"k{start + i}", category="water", region=region(),
               unit=unit(), state="handling")
        for i in range(n)
    )  # fmt: skip


def consultations(n, start):
    Consultation.objects.bulk_create(
        Consultation(title=f"草案{start + i}", document_ref="doc:1", opens=TODAY, closes=TODAY, state="published",
                     department=unit(), region=region(), created_by=other())
        for i in range(n)
    )  # fmt: skip


def the_consultation():
    if not Consultation.objects.exists():
        consultations(1, 0)
    return {"pk": Consultation.objects.order_by("pk").first().pk}


def comments(n, start):
    pk = the_consultation()["pk"]
    Comment.objects.bulk_create(
        Comment(consultation_id=pk, number=start + i + 1, text="意见", client_key=f"c{start + i}") for i in range(n)
    )


def publications(n, start):
    kept = StoredFile.objects.get_or_create(sha256="c" * 64, defaults={
        "size": 9, "kind": "txt", "name": "公开.txt", "path": "c", "uploaded_by": "x"})[0]  # fmt: skip
    Publication.objects.bulk_create(
        Publication(listed="quality", title=f"公开{start + i}", file=kept, published_on=TODAY, department=unit(),
                    created_by=other())
        for i in range(n)
    )  # fmt: skip


PAGES = (
    ("portal:reports", "office", {}, "", public_reports),
    ("portal:consult-list", "office", {}, "", consultations),
    ("portal:consult-page", "office", the_consultation, "", comments),
    ("portal:comments", "office", {}, "", comments),
    ("portal:publications", "office", {}, "", publications),
)
