"""From elevation to slope, directions, what drains through each cell, streams and LS: in memory, for a whole grid at
once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ecocloud.domains.gep.raster import delivery, relief, routing, slope_length
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
    order: np.ndarray
    passed: np.ndarray  # cells, float64
    stream: np.ndarray
    ls: np.ndarray


def route(heights: np.ndarray, known: np.ndarray, cell_size: float, method: str, given: Parameters, say: Say) -> Flow:
    """Route a grid (rows, cols) of heights, m; ``known`` uint8; ``method`` of the slope length.

    The memory needed is about 60 bytes a cell at the most.
    """
    shape = Shape(*heights.shape)
    flat, valid = padded(heights.astype(np.float32, copy=False)), padded(known)
    say("填洼")
    relief.fill_pits(flat, valid, shape.width)
    say("坡度")
    slope = np.zeros(shape.size, np.float32)
    relief.slope_percent(flat, valid, shape.width, cell_size, slope)
    say("流向")
    direction = routing.directions(flat, valid, shape.width)
    del flat
    say("汇流")
    order = routing.flow_order(direction, valid, shape.width)
    passed = np.zeros(shape.size)
    routing.accumulate(direction, order, shape.width, np.empty(0, np.float32), passed)
    say("河道")
    stream = routing.streams(
        direction, passed, valid, shape.width, given.threshold_flow_accumulation, given.trace_threshold_proportion
    )
    say("坡长坡度")
    ls = slope_length.factor(method, slope, passed, valid, cell_size, given.slope_limit)
    return Flow(shape, valid, slope, direction, order, passed, stream, ls)


def deliver(flow: Flow, cover: np.ndarray, cell_size: float, given: Parameters) -> np.ndarray:
    """The share of eroded soil that each cell delivers to a stream, float32; ``cover`` factor C of each cell
    (padded).

    -1 where no stream is reached.
    """
    weight = np.maximum(cover, np.float32(0.001))
    steep = np.clip(flow.slope / np.float32(100), np.float32(0.005), np.float32(1)).astype(np.float32)
    width = flow.shape.width
    summed = np.zeros(flow.shape.size)
    cells = flow.valid.astype(bool)
    above = np.ones(flow.shape.size, np.float32)
    for factor in (weight, steep):
        routing.accumulate(flow.direction, flow.order, width, factor, summed)
        above[cells] *= (summed[cells] / flow.passed[cells]).astype(np.float32)
    above[cells] *= np.sqrt(flow.passed[cells] * cell_size**2)
    below = summed  # its memory is used again
    inverse = np.zeros(flow.shape.size, np.float32)
    inverse[cells] = 1 / (weight[cells] * steep[cells])
    delivery.distance_to_stream(flow.direction, flow.order, flow.stream, width, inverse, below)
    ratio = np.full(flow.shape.size, delivery.UNKNOWN, np.float32)
    delivery.delivery_ratio(above, below, flow.stream, given.k_param, given.ic_0_param, given.sdr_max, ratio)
    return ratio


def deposit(flow: Flow, ratio: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Soil deposited in each cell, t/(hm²·a), float32; ``actual`` soil loss of each cell (padded, -1 unknown)."""
    staying = np.where(
        flow.stream == 1, 0, np.where((actual >= 0) & (ratio >= 0), actual * (1 - ratio), delivery.UNKNOWN)
    )
    flux = np.full(flow.shape.size, delivery.UNKNOWN, np.float32)
    out = np.full(flow.shape.size, delivery.UNKNOWN, np.float32)
    delivery.deposition(flow.direction, flow.order, ratio, staying.astype(np.float32), flow.shape.width, flux, out)
    return out
