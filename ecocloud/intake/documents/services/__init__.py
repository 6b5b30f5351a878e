"""The only code that writes in this room. Each function: right, change, journal, in one transaction."""

from ecocloud.intake.documents.services import batches
from ecocloud.intake.documents.services.bulk import accept_many, reject_many
from ecocloud.intake.documents.services.deciding import accept, add, edit, reject, reopen
from ecocloud.intake.documents.services.entering import enter
from ecocloud.intake.documents.services.following import follow, reread
from ecocloud.intake.documents.services.questioning import answer, check, note_export
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
from ecocloud.intake.documents.services.teaching import (
    add_term,
    apply_term,
    export_terms,
    import_terms,
    switch_off,
    use_term,
)

__all__ = [
    "Outcome",
    "accept",
    "accept_many",
    "add",
    "add_term",
    "apply_term",
    "answer",
    "batches",
    "change_facts",
    "check",
    "edit",
    "enter",
    "export_terms",
    "follow",
    "import_terms",
    "merge",
    "note_download",
    "note_export",
    "read",
    "redo",
    "reject",
    "reject_many",
    "reopen",
    "reread",
    "respan",
    "split",
    "switch_off",
    "undo",
    "upload",
    "upload_many",
    "use_term",
]
