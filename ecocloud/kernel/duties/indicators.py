"""How far a target linked to an item is, asked of the evidence room."""

from __future__ import annotations

from typing import Any

from ecocloud.kernel.evidence import display, queries
from ecocloud.kernel.evidence.models import Target
from ecocloud.kernel.journal.refs import Ref, RefError


def attainment_of(ref: str, viewer: Any) -> dict[str, Any] | None:
    """Now, target, pace and light of ``target:ID`` for the attainment bar; None where nothing can be said.

    ``ref`` is the text form of a reference; what the viewer may not see gives None.
    """
    try:
        parsed = Ref.parse(ref)
    except RefError:
        return None
    if parsed.kind != "target" or not parsed.key.isdigit():
        return None
    target = queries.targets(viewer).filter(pk=int(parsed.key)).select_related("indicator", "region").first()
    return _bar(target, viewer) if target is not None and target.end is not None else None


def _bar(target: Target, viewer: Any) -> dict[str, Any] | None:
    row = queries.rows_for(viewer, [target.indicator], [target.region], target.end.year)[0]
    found = row.reading.found
    if row.value is None or found is None or found.bounds is None:
        return None
    lower = found.bounds.lower
    return {
        "now": row.value,
        "target": lower if lower is not None else found.bounds.upper,
        "pace": row.reading.pace.expected if lower is not None and row.reading.pace else None,
        "direction": "" if lower is not None else "negative",
        "light": display.lamp(row),
        "unit": target.indicator.unit,
        "source": row.source,
    }
