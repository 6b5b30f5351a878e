"""The systems of the programme (``packs/systems.csv``): what each is, where it is built, how far it works. Pure but
for its two files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ecocloud.kernel.registers.pack import own_folder

WORKS, PARTIAL, PLANNED = "works", "partial", "planned"
STATES = (WORKS, PARTIAL, PLANNED)
_PACKS = "packs/"


@dataclass(frozen=True)
class System:
    """One system. ``place``: the folder it is built in (``packs/ID`` for a pack); ``test``: what shows it works."""

    id: str
    zh: str
    en: str
    section: str
    section_zh: str
    section_en: str
    place: str
    test: str
    state: str

    @property
    def pack(self) -> str:
        """The pack that brings it; '' for none."""
        return self.place.removeprefix(_PACKS) if self.place.startswith(_PACKS) else ""

    @property
    def room(self) -> str:
        """The last part of the folder of its room; ``packs`` for packs."""
        return _PACKS[:-1] if self.place.startswith("packs") else self.place.rpartition("/")[2]


@lru_cache(maxsize=1)
def systems() -> tuple[System, ...]:
    """Every system, by number."""
    words = {row["id"]: row for row in _rows(own_folder() / "systems_words.csv")}
    return tuple(
        System(
            row["id"], row["name"], words[row["id"]]["name_en"], words[row["id"]]["section"],
            words[row["id"]]["section_zh"], words[row["id"]]["section_en"], row["place"], row["test"], row["state"],
        )
        for row in _rows(own_folder() / "systems.csv")
    )  # fmt: skip


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
