"""The indicator catalogue of the package as the checks ask it: name and unit to code, direction, unit. Pure."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from ecocloud.intake.documents.stated import Catalogue, Known
from ecocloud.kernel.evidence import linking
from ecocloud.kernel.evidence.catalogue import Entry, load


@cache
def package_catalogue() -> Catalogue:
    """A catalogue that needs no database; a name is known only when the linking is sure."""
    rows: dict[str, list[Entry]] = defaultdict(list)
    for entry in load().entries:
        for pair in {
            name[i : i + 2] for word in entry.names for name in [linking.normalise(word)] for i in range(len(name) - 1)
        }:
            rows[pair].append(entry)
    by_code = load().by_code

    @cache
    def know(name: str, unit: str, context: str) -> Known | None:
        plain = linking.normalise(name)
        near = {entry.code: entry for i in range(len(plain) - 1) for entry in rows.get(plain[i : i + 2], ())}
        found = linking.link(name, unit, context, near.values())
        if found.status != "matched" or found.variant:
            return None
        entry = by_code[found.code]
        exact = plain in map(linking.normalise, entry.names)
        return Known(entry.code, entry.direction, entry.unit, exact, entry.aggregation == "sum")

    return know
