"""The only code that writes in this room. Each function: right, change, journal, in one transaction."""

from ecocloud.intake.documents.services.deciding import (
    accept,
    accept_sure,
    add,
    edit,
    reject,
    split_task,
    undo,
    undo_last,
)
from ecocloud.intake.documents.services.entering import enter
from ecocloud.intake.documents.services.receiving import (
    Outcome,
    change_facts,
    note_download,
    read,
    upload,
    upload_many,
)

__all__ = [
    "Outcome",
    "accept",
    "accept_sure",
    "add",
    "change_facts",
    "edit",
    "enter",
    "note_download",
    "read",
    "reject",
    "split_task",
    "undo",
    "undo_last",
    "upload",
    "upload_many",
]
