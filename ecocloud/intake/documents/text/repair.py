"""All repairs of a text, in the order in which they build on each other.

Each repair is a list of edits, so that offsets stay exact and every one is named and counted in ``SourceText.repairs``.
Each asks for proof of damage first: a text without damage comes back as it is.
"""

from __future__ import annotations

from ecocloud.intake.documents.text.characters import (
    decode_entities,
    drop_glosses,
    drop_invisible,
    drop_mark,
    drop_spaces,
    mark_lost,
    plain_forms,
)
from ecocloud.intake.documents.text.furniture import drop_furniture, drop_page_lines, drop_teaser
from ecocloud.intake.documents.text.punctuation import restore_quotes
from ecocloud.intake.documents.text.script import simplify
from ecocloud.intake.documents.text.source import SourceText
from ecocloud.intake.documents.text.wrapping import join_lines

STEPS = (
    drop_mark,
    mark_lost,
    decode_entities,
    drop_invisible,
    plain_forms,
    drop_glosses,
    simplify,
    restore_quotes,
    drop_spaces,
    drop_page_lines,
    drop_furniture,
    drop_teaser,
    join_lines,
)


def repair(source: SourceText) -> SourceText:
    """``source`` with every repair it needs; the same object when it needs none."""
    for step in STEPS:
        source = step(source)
    return source
