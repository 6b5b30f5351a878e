"""The blocks of a grid by several threads, each with its own open files, taken in the order of the grid."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np
from rasterio.windows import Window

from ecocloud.domains.gep.raster.layers import Grid, Layer, Reader

Found = TypeVar("Found")


class Readers:
    """Layers read by several threads. Use it as a context."""

    def __init__(self, layers: dict[str, Layer], grid: Grid) -> None:
        self.layers, self.grid = layers, grid
        self._open: dict[tuple[int, str], Reader] = {}

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files of all threads."""
        for reader in self._open.values():
            reader.close()

    def read(self, name: str, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Values and what is known of them, one cell after the other."""
        own = (threading.get_ident(), name)
        if own not in self._open:
            self._open[own] = Reader(self.layers[name], self.grid)
        values, known = self._open[own].read(window)
        return values.ravel(), known.ravel()


def in_order(
    windows: Iterable[Window], work: Callable[[Window], Found], threads: int
) -> Iterator[tuple[Window, Found]]:
    """What ``work`` finds for each window, in their order, some computed ahead."""
    todo = iter(windows)
    with ThreadPoolExecutor(threads) as pool:
        waiting = [(one, pool.submit(work, one)) for one in islice(todo, threads * 4)]
        while waiting:
            window, future = waiting.pop(0)
            found = future.result()
            waiting += [(one, pool.submit(work, one)) for one in islice(todo, 1)]
            yield window, found
