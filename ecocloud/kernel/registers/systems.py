"""The systems of the programme (``packs/systems.csv``): what each is, where it is built, how far it works, and the
items of its data. Pure but for its three files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

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
    def test_name(self) -> str:
        """The file and the case of what shows it works, without the folders."""
        return self.test.rpartition("/")[2]

    @property
    def room(self) -> str:
        """The last part of the folder of its room; ``packs`` for packs."""
        return _PACKS[:-1] if self.place.startswith("packs") else self.place.rpartition("/")[2]


@lru_cache(maxsize=1)
def systems() -> tuple[System, ...]:
    """Every system, by number."""
    words = {row["id"]: row for row in _rows("systems_words.csv")}
    return tuple(
        System(
            row["id"], row["name"], words[row["id"]]["name_en"], words[row["id"]]["section"],
            words[row["id"]]["section_zh"], words[row["id"]]["section_en"], row["place"], row["test"], row["state"],
        )
        for row in _rows("systems.csv")
    )  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One item of the data a system takes in (side ``in``) or gives out (``out``). zh: '' where nobody said it yet."""

    side: str
    en: str
    zh: str

    @property
    def words(self) -> str:
        """The item in Chinese, with its side."""
        return f"{'输入' if self.side == 'in' else '输出'}{'：' if self.zh else ''}{self.zh}"


@lru_cache(maxsize=1)
def items() -> dict[str, tuple[Item, ...]]:
    """The items of the data of every system, by the system's number, in the order of the programme."""
    found: dict[str, list[Item]] = {}
    for row in _rows("systems_items.csv"):
        found.setdefault(row["id"], []).append(Item(row["side"], row["en"], row["zh"]))
    return {code: tuple(of) for code, of in found.items()}


def _rows(name: str) -> list[dict[str, str]]:
    with (files("ecocloud") / "packs" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
