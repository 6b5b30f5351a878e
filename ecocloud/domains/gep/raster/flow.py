"""From elevation to slope, directions, what drains through each cell, streams and LS: in memory, for a whole grid at
once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ecocloud.domains.gep.raster import delivery, pits, relief, routing, single, slope_length
from ecocloud.domains.gep.raster.config import Parameters
from ecocloud.domains.gep.raster.padding import Shape, padded

Say = Callable[[str], None]


@dataclass
class Flow:
    """Routing of one grid, padded arrays: what is needed later and what can be written."""

    shape: Shape
    valid: np.ndarray
    slope: np.ndarray  # per cent, float32
    direction: np.ndarray
    above: np.ndarray  # which neighbours flow into each cell, one bit for each
    order: np.ndarray
    passed: np.ndarray  # cells, float64
    stream: np.ndarray
    ls: np.ndarray


def route(flat: np.ndarray, known: np.ndarray, cell_size: float, method: str, given: Parameters, say: Say) -> Flow:
    """Route a grid: heights, m, padded (changed); ``known`` (rows, cols) uint8; ``method`` of the slope length.

    The memory needed is about 36 bytes a cell at the most.
    """
    shape, valid = Shape(*known.shape), padded(known)
    say("填洼")
    pits.fill_pits(flat, valid, shape.width)
    say("坡度")
    slope = np.zeros(shape.size, np.float32)
    relief.slope_percent(flat, valid, shape.width, cell_size, slope)
    say("流向")
    direction = routing.directions(flat, valid, shape.width)
    if given.flow == "d8":
        single.only_steepest(flat, valid, shape.width, direction)
    del flat
    say("汇流")
    above = routing.sources(direction, shape.width)
    order = routing.flow_order(direction, above, valid, shape.width)
    passed = np.zeros(shape.size)
    routing.accumulate(direction, above, order, shape.width, np.empty(0, np.float32), passed)
    say("河道")
    stream = routing.streams(
        direction, passed, valid, shape.width, given.threshold_flow_accumulation, given.trace_threshold_proportion
    )
    say("坡长坡度")
    ls = slope_length.factor(method, slope, passed, valid, shape.width, cell_size, given.slope_limit)
    return Flow(shape, valid, slope, direction, above, order, passed, stream, ls)


def deliver(flow: Flow, cover: np.ndarray, cell_size: float, given: Parameters) -> np.ndarray:
    """The share of eroded soil that each cell delivers to a stream, float32; ``cover`` factor C of each cell (padded,
    changed: its memory is used again).

    -1 where no stream is reached.
    """
    size, width = flow.shape.size, flow.shape.width
    scratch, above = np.empty((size, 2), np.float32), np.zeros(size, np.float32)
    delivery.upslope(flow.direction, flow.above, flow.order, width, flow.passed, cover, flow.slope, cell_size, scratch,
                     above)  # fmt: skip
    delivery.resistance(cover, flow.slope, flow.valid)
    below = scratch.reshape(-1)[:size]
    below[:] = delivery.UNKNOWN
    delivery.distance_to_stream(flow.direction, flow.order, flow.stream, width, cover, below)
    delivery.delivery_ratio(above, below, flow.stream, width, given.k_param, given.ic_0_param, given.sdr_max, above)
    return above


def deposit(flow: Flow, ratio: np.ndarray, staying: np.ndarray, flux: np.ndarray) -> None:
    """Soil deposited in each cell, t/(hm²·a), in the place of ``staying``: what erodes in each cell and does not reach
    a stream (padded, -1 unknown); ``flux`` memory of the same size.
    """
    flux[:] = delivery.UNKNOWN
    delivery.deposition(flow.direction, flow.above, flow.order, ratio, staying, flow.shape.width, flux, staying)
