"""Rows of the list of accountability files."""

from ecocloud.domains.accountability.models import IssuedFile
from tests.web.budget.common import TODAY, other, unit


def dossiers(n, start):
    IssuedFile.objects.bulk_create(
        IssuedFile(number=f"ZR{TODAY.year}-{start + i:04d}", subject=f"dept:{unit().pk}", label=f"某局{start + i}",
                   department=unit(), first=TODAY, last=TODAY, body={"sections": []}, digest="sha256:0", by=other())
        for i in range(n)
    )  # fmt: skip


PAGES = (("accountability:files", "office", {}, "", dossiers),)
