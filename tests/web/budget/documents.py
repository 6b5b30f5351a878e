"""Rows of the lists of documents: documents and what is read of them."""

from django.utils import timezone

from ecocloud.base.files.models import StoredFile
from ecocloud.intake.documents.models import Batch, BatchFile, Document, Question, Record, Term
from tests.web.budget.common import office, region, unit


def documents(n, start):
    for i in range(n):
        digest = f"{start + i:064d}"
        kept = StoredFile.objects.create(
            sha256=digest, size=9, kind="txt", name="要点.txt", path=digest, uploaded_by="x"
        )
        row = Document.objects.create(
            title=f"要点{start + i}", file=kept, sha256=digest, uploaded_by=office(), department=unit(),
            region=region(),
            status="in_review", text="全文",
        )  # fmt: skip
        Record.objects.create(document=row, kind="task", number=1, start=0, end=2, title="任务", quote="全文",
                              state="accepted", result_ref=f"item:{start + i}", decided_by=office(),
                              decided_at=timezone.now())  # fmt: skip
        other = Document.objects.exclude(pk=row.pk).order_by("-pk").first()
        span = {"start": 0, "end": 2, "quote": "全文", "role": "本文件", "doc": "", "place": "第 1 段"}
        Question.objects.create(document=row, other=other, key=str(i), kind="conflict", severity="error", start=0,
                                spans=[span], words="不一致")  # fmt: skip


def terms(n, start):
    for i in range(n):
        document = Document.objects.order_by("pk").first() or documents(1, 90_000) or Document.objects.get()
        Term.objects.create(
            kind="cut", text=f"词{start + i}", key=f"词{start + i}", meaning="start", by=office(), turned_by=office(),
            turned_at=timezone.now(), document=document, source=f"doc:{document.pk}#0-2",
        )  # fmt: skip


def batches(n, start):
    kept = StoredFile.objects.get_or_create(sha256="b" * 64, defaults={
        "size": 9, "kind": "zip", "name": "要点.zip", "path": "b", "uploaded_by": "x"})[0]  # fmt: skip
    made = Batch.objects.bulk_create(
        Batch(name=f"整批{start + i}.zip", file=kept, total=1, created_by=office()) for i in range(n)
    )
    BatchFile.objects.bulk_create(BatchFile(batch=one, number=1, path="要点.txt") for one in made)


PAGES = (
    ("documents:list", "office", {}, "", documents),
    ("documents:records", "office", {}, "", documents),
    ("documents:questions", "office", {}, "", documents),
    ("documents:dictionary", "office", {}, "", terms),
    ("documents:batches", "office", {}, "", batches),
)
