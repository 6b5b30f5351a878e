"""How far a pass over the blocks has come, kept now and then, so that a run that is killed goes on from the last
finished group of blocks.

Sums are those of the blocks so far, added in their order: going on adds the rest in the same order and comes to the
same last bit. Rasters are closed before a mark is made and gone on with in a file of their own, which is joined to
them in the end; what a killed run wrote beyond the mark is written anew.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ecocloud.domains.gep.raster.outputs import part_of
from ecocloud.domains.gep.raster.state import HALF, TOLD, State, key

SECONDS = 30.0  # between two marks: a shorter pass makes none
Sums = dict[str, np.ndarray]


class Half:
    """The marks of one pass over the services ``due`` (their keys by code) that writes ``rasters`` into folders;
    ``keep``: make any.
    """

    def __init__(self, state: State, due: dict[str, str], rasters: Mapping[str, Path], keep: bool) -> None:
        self.state, self.due, self.rasters, self.keep = state, due, rasters, keep
        self.held = [f"service-{code}" for code in due]
        self.name = f"{HALF}{key(due, sorted(rasters))[:24]}"
        self.last = time.monotonic()

    def found(self) -> tuple[list[int], Sums]:
        """On which blocks the files of the same pass of an earlier run begin, the next one last, and the sums of the
        blocks before it; none when it made no mark.
        """
        place = self.state.folder / self.name
        if not self.keep:
            return [], {}
        try:
            parts = json.loads((place / TOLD).read_text("utf-8"))["parts"]
            sums = {code: np.load(place / f"{parts[-1]}-{code}.npy") for code in self.due}
        except (OSError, ValueError, KeyError, EOFError):  # the last: a file of nothing
            return [], {}
        made = range(len(parts) - 1)
        files = [part_of(folder, name, one) for name, folder in self.rasters.items() for one in made]
        there = all(one.is_file() for one in files) and all(self.state.begun(one).is_dir() for one in self.held)
        return (parts, sums) if there else ([], {})

    @property
    def is_due(self) -> bool:
        """Whether it is time for a mark."""
        return self.keep and time.monotonic() - self.last >= SECONDS

    def mark(self, parts: list[int], sums: Sums) -> None:
        """Keep the sums of the blocks before the last of ``parts``, whose rasters are on disk."""
        self.state.check()
        place = self.state.folder / self.name
        place.mkdir(exist_ok=True)
        for code, values in sums.items():
            np.save(place / f"{parts[-1]}-{code}.npy", values)
        new = place / f".{TOLD}"
        new.write_text(json.dumps({"parts": parts, "held": self.held}), "utf-8")
        os.replace(new, place / TOLD)
        for old in place.glob("*.npy"):
            if not old.name.startswith(f"{parts[-1]}-"):
                old.unlink()
        self.last = time.monotonic()
