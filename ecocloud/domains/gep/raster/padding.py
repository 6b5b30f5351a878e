"""Grids padded by one cell on every side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shape:
    """The shape of a grid and of its padded form."""

    rows: int
    cols: int

    @property
    def width(self) -> int:
        """Cells in a padded row."""
        return self.cols + 2

    @property
    def size(self) -> int:
        """Cells of the padded grid."""
        return (self.rows + 2) * self.width


def padded(grid: np.ndarray, fill: float = 0) -> np.ndarray:
    """A grid (rows, cols) as a flat padded array of the same type, ``fill`` around it."""
    made = np.full((grid.shape[0] + 2, grid.shape[1] + 2), fill, grid.dtype)
    made[1:-1, 1:-1] = grid
    return made.ravel()


def unpadded(flat: np.ndarray, shape: Shape) -> np.ndarray:
    """The grid (rows, cols) inside a padded array: a view, not a copy."""
    return flat.reshape(shape.rows + 2, shape.width)[1:-1, 1:-1]
