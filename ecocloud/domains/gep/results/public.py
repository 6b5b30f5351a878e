"""The public panel: GEP of the division the site serves and of those in it, as disclosed. No account, no script."""

from __future__ import annotations

from typing import Any

from ecocloud.base.pages.speaking import pick_words
from ecocloud.domains.gep import facts
from ecocloud.domains.gep.models import Disclosure, Run
from ecocloud.domains.gep.results import reading, showing, tables
from ecocloud.kernel.regions.models import Region

MOST = 30  # divisions


def _shown(region: Region) -> list[Disclosure]:
    """The newest disclosed year of each division, as far as its accounts still hold."""
    first, after = region.span
    rows = Disclosure.objects.filter(run__state=Run.State.CONFIRMED, run__accounts__standing=True)
    rows = rows.filter(run__accounting__region_id__gte=first, run__accounting__region_id__lt=after)
    rows = rows.select_related("run__accounting__region").order_by("run__accounting__region_id", "-year", "-pk")
    newest: dict[str, Disclosure] = {}
    for row in rows.distinct():
        newest.setdefault(row.run.accounting.region_id, row)
    return list(newest.values())[:MOST]


def panel(region: Region) -> dict[str, Any] | None:
    """GEP of each division with its ratio to GDP; of the first one the services; None where nothing is disclosed."""
    rows = _shown(region)
    if not rows:
        return None
    outcomes = [reading.outcome_of(row.run, row.year, earlier=False) for row in rows]
    words, known = showing.speech({}), facts.load()
    lines = [
        {"name": row.run.accounting.region.name, "year": row.year, "total": outcome.total,
         "ratio": outcome.ratios(outcome.total, outcome.regions, row.year).gdp}
        for row, outcome in zip(rows, outcomes, strict=True)
    ]  # fmt: skip
    edition = known.editions[rows[0].run.edition]
    open_points = tables.open_points(outcomes[0], words)
    return {
        "lines": lines, "name": lines[0]["name"], "year": rows[0].year,
        "services": showing.lines_of(tables.services(outcomes[0], words)),
        "edition": f"{edition.number} {pick_words(edition.zh, edition.en)}",
        "unverified": words.mark(edition.mark) if edition.mark != "verified" else "",
        "open": tables.listed(words, dict.fromkeys(row.cells[0] for row in open_points.rows)),
    }  # fmt: skip
