"""The only code that writes in this room. Each function: right, change, journal, in one transaction."""

from ecocloud.intake.documents.services.bulk import accept_many, reject_many
from ecocloud.intake.documents.services.deciding import accept, add, edit, reject, reopen
from ecocloud.intake.documents.services.entering import enter
from ecocloud.intake.documents.services.receiving import (
    Outcome,
    change_facts,
    note_download,
    read,
    upload,
    upload_many,
)
from ecocloud.intake.documents.services.shaping import merge, respan, split
from ecocloud.intake.documents.services.stack import redo, undo

__all__ = [
    "Outcome",
    "accept",
    "accept_many",
    "add",
    "change_facts",
    "edit",
    "enter",
    "merge",
    "note_download",
    "read",
    "redo",
    "reject",
    "reject_many",
    "reopen",
    "respan",
    "split",
    "undo",
    "upload",
    "upload_many",
]
