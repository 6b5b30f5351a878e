"""Services over one block of a grid: each cell's amount, and sums by zone and class in the same pass.

Every function fills its outputs where the inputs are known and adds to ``sums``, float64 with one row for each pair
of zone and class (``zone * classes + class``) and the columns it names. Cells of no zone (-1) are computed and not
summed. ``known`` is 1 where the inputs of the service are known; ``kind`` is the place of the cell's class in the
tables.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ecocloud.domains.gep.raster.local import evaporated_share, soil_retained, water_balance

SOIL = ("cells", "potential", "actual", "retained")
WATER = ("cells", "rain", "evapotranspiration", "retained")
YIELD = ("cells", "rain", "potential", "evaporated", "yielded")


@njit(cache=True, nogil=True)
def soil(known, zone, kind, erosivity, erodibility, slope_length, cover, practice, classes, sums, potential, actual):
    """Soil loss, t/(hm²·a), potential and actual; what is retained is their difference. Columns :data:`SOIL`.

    ``cover`` and ``practice`` of each cell.
    """
    for cell in range(known.size):
        if not known[cell]:
            continue
        of = kind[cell]
        bare, lost = soil_retained(
            float(erosivity[cell]), float(erodibility[cell]), float(slope_length[cell]), cover[cell], practice[cell]
        )
        potential[cell] = bare
        actual[cell] = lost
        if zone[cell] >= 0:
            row = zone[cell] * classes + of
            sums[row, 0] += 1
            sums[row, 1] += bare
            sums[row, 2] += lost
            sums[row, 3] += bare - lost


@njit(cache=True, nogil=True)
def water(known, zone, kind, rain, evapotranspiration, runoff, classes, sums, retained):
    """Water retained, mm, from the balance. ``runoff`` a share of each cell. Columns :data:`WATER`."""
    for cell in range(known.size):
        if not known[cell]:
            continue
        of = kind[cell]
        kept = water_balance(float(rain[cell]), runoff[cell], float(evapotranspiration[cell]))
        retained[cell] = kept
        if zone[cell] >= 0:
            row = zone[cell] * classes + of
            sums[row, 0] += 1
            sums[row, 1] += rain[cell]
            sums[row, 2] += evapotranspiration[cell]
            sums[row, 3] += kept


@njit(cache=True, nogil=True, error_model="numpy")
def budyko(
    known, rain, reference, soil_depth, available, crop, root, vegetated, seasonality, nodata, evaporated, yielded
):
    """What evaporates and what does not, mm, by Budyko's curve; ``crop``, ``root`` mm and ``vegetated`` of each cell.

    ``nodata`` where not known and where no rain falls.
    """
    for cell in range(known.size):  # every cell: a branch would hinder vector instructions
        given = (known[cell] != 0) & (rain[cell] != 0)
        share = np.float32(
            evaporated_share(
                crop[cell], float(reference[cell]), float(rain[cell]), float(available[cell]), root[cell],
                float(soil_depth[cell]), vegetated[cell] != 0, seasonality,
            )
        )  # fmt: skip
        evaporated[cell] = share * rain[cell] if given else nodata
        yielded[cell] = (np.float32(1) - share) * rain[cell] if given else nodata


@njit(cache=True, nogil=True)
def water_yield(known, zone, kind, rain, reference, crop, classes, sums, evaporated, yielded):
    """Sum what :func:`budyko` found. No rain, no answer. Columns :data:`YIELD`."""
    for cell in range(known.size):
        if known[cell] and rain[cell] != 0 and zone[cell] >= 0:
            of = kind[cell]
            row = zone[cell] * classes + of
            sums[row, 0] += 1
            sums[row, 1] += float(rain[cell])
            sums[row, 2] += crop[of] * reference[cell]
            sums[row, 3] += evaporated[cell]
            sums[row, 4] += yielded[cell]


@njit(cache=True, nogil=True)
def added(known, zone, kind, values, classes, sums):
    """Add known cells to the sums: their number, and each row of ``values`` (columns x cells) to its own column."""
    for cell in range(known.size):
        if known[cell] and zone[cell] >= 0:
            row = zone[cell] * classes + kind[cell]
            sums[row, 0] += 1
            for column in range(values.shape[0]):
                sums[row, column + 1] += values[column, cell]


@njit(cache=True, nogil=True)
def gathered(known, zone, kind, values, classes, sums):
    """Add the known ``values`` of a grid to the sums: columns cells, sum."""
    for cell in range(known.size):
        if known[cell] and zone[cell] >= 0:
            row = zone[cell] * classes + kind[cell]
            sums[row, 0] += 1
            sums[row, 1] += values[cell]
