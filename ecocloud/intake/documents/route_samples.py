"""URL arguments for the generated permission test: any existing record, else one that exists nowhere."""

from __future__ import annotations

from ecocloud.intake.documents.models import Batch, Document, Question, Record, Term


def document() -> dict:
    """Any document."""
    return {"pk": Document.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def record() -> dict:
    """Any record with its document."""
    row = Record.objects.order_by("pk").values_list("document_id", "pk").first() or (1, 1)
    return {"pk": row[0], "record": row[1]}


def term() -> dict:
    """Any entry of the dictionary."""
    return {"pk": Term.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def form() -> dict:
    """The form of a file."""
    return {"form": "xlsx"}


def table() -> dict:
    """A table of any document."""
    return {**document(), "which": "tasks", "form": "xlsx"}


def question() -> dict:
    """Any question with its document."""
    row = Question.objects.order_by("pk").values_list("document_id", "pk").first() or (1, 1)
    return {"pk": row[0], "question": row[1]}


def batch() -> dict:
    """Any batch."""
    return {"pk": Batch.objects.order_by("pk").values_list("pk", flat=True).first() or 1}
