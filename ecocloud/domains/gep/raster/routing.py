"""Flow over a filled relief: directions, order, accumulation, streams. Kernels on padded arrays (see the package).

A direction holds for each neighbour how many fifteenths of the water go there, four bits each, the lowest for the
east (multiple flow); a cell without a direction is 0. Water is neither lost nor made: what leaves a cell is divided
by the sum of its parts.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

_DIAGONAL = 1 / math.sqrt(2.0)
# Of a set of neighbours, one bit each: how many there are, and the first of them.
_COUNT = np.array([bits.bit_count() for bits in range(256)], np.uint8)
_FIRST = np.array([0] + [(bits & -bits).bit_length() - 1 for bits in range(1, 256)], np.uint8)
STREAM_BLOCK = 256  # streams are traced from their outlets block by block, in the order other tools have


@njit(cache=True, nogil=True)
def _steps(width):
    """What to add to a cell for each of its neighbours."""
    return np.array([1, 1 - width, -width, -width - 1, -1, width - 1, width, width + 1])


@njit(cache=True, nogil=True)
def _packed(weights, total):
    """Eight weights as fifteenths of their total, four bits each."""
    direction = np.uint32(0)
    for k in range(8):
        direction |= np.uint32(int(0.5 + weights[k] / total * 15)) << np.uint32(4 * k)
    return direction


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _fall(height, near, valid, weight):
    """How steeply a cell falls to a neighbour, 0 when it does not."""
    fall = (float(height) - float(near)) * weight
    return fall if (fall > 0) & (valid != 0) else 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _part(fall, total, k):
    """The part of a direction that a neighbour has; 0 when all is 0."""
    return np.uint32(np.int32(0.5 + fall / (total if total > 0 else 1.0) * 15)) << np.uint32(4 * k)


@njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def _slopes(heights, valid, width, out):
    """The directions of cells that have a lower neighbour, in proportion to the slopes; 0 for the others."""
    for row in prange(1, heights.size // width - 1):
        for cell in range(row * width + 1, row * width + width - 1):  # no branches: they hinder vector instructions
            own, up, down = heights[cell], cell - width, cell + width
            east = _fall(own, heights[cell + 1], valid[cell + 1], 1.0)
            north_east = _fall(own, heights[up + 1], valid[up + 1], _DIAGONAL)
            north = _fall(own, heights[up], valid[up], 1.0)
            north_west = _fall(own, heights[up - 1], valid[up - 1], _DIAGONAL)
            west = _fall(own, heights[cell - 1], valid[cell - 1], 1.0)
            south_west = _fall(own, heights[down - 1], valid[down - 1], _DIAGONAL)
            south = _fall(own, heights[down], valid[down], 1.0)
            south_east = _fall(own, heights[down + 1], valid[down + 1], _DIAGONAL)
            total = east + north_east + north + north_west + west + south_west + south + south_east
            direction = _part(east, total, 0) | _part(north_east, total, 1) | _part(north, total, 2)
            direction |= _part(north_west, total, 3) | _part(west, total, 4) | _part(south_west, total, 5)
            direction |= _part(south, total, 6) | _part(south_east, total, 7)
            out[cell] = direction if valid[cell] else np.uint32(0)


@njit(cache=True, nogil=True)
def _component(heights, valid, steps, start, seen, place, cells):
    """The cells of one height around ``start``, with their places among them; how many."""
    cells[0], place[start], seen[start] = start, 0, 1
    count, first = 1, 0
    while first < count:
        cell = cells[first]
        first += 1
        for k in range(8):
            near = cell + steps[k]
            if valid[near] and not seen[near] and heights[near] == heights[start]:
                seen[near], place[near], cells[count] = 1, count, near
                count += 1
    return count


@njit(cache=True, nogil=True)
def _outward(valid, steps, cell, weights):
    """The direction of a cell that only drains over the edge of what is valid; 0 when it does not."""
    total = 0.0
    for k in range(8):
        weights[k] = 0.0
        if not valid[cell + steps[k]]:
            weights[k] = _DIAGONAL if k & 1 else 1.0
            total += weights[k]
    return _packed(weights, total) if total > 0 else np.uint32(0)


@njit(cache=True, nogil=True)
def _distances(heights, valid, steps, cells, count, place, distance, queue, waits):
    """How far each cell of a plateau is from the nearest one that drains: shortest sums of 1 and the root of 2.

    The sums are compared exactly; the least sum does not depend on the order in which cells are visited.
    """
    first = waiting = 0
    for n in range(count):
        waits[n] = 0
        if distance[n] == 0:
            queue[waiting] = n
            waiting += 1
            waits[n] = 1
    while waiting > 0:
        n = queue[first]
        first = first + 1 if first + 1 < count else 0
        waiting -= 1
        waits[n] = 0
        cell = cells[n]
        for k in range(8):
            near = cell + steps[k]
            if not valid[near] or heights[near] != heights[cell]:
                continue
            further = distance[n] + (math.sqrt(2.0) if k & 1 else 1.0)
            m = place[near]
            if further < distance[m]:
                distance[m] = further
                if not waits[m]:
                    last = first + waiting
                    queue[last if last < count else last - count] = m
                    waiting += 1
                    waits[m] = 1


@njit(cache=True, nogil=True)
def _plateaus(heights, valid, width, out):
    """The directions of cells without a lower neighbour: towards the cells of their plateau that drain, by the
    shortest way.

    A plateau no cell of which drains to a lower one drains over the edge of what is valid.
    """
    steps = _steps(width)
    count = heights.size
    seen = np.zeros(count, np.uint8)
    place, cells = np.empty(count, np.int32), np.empty(count, np.int32)
    queue, waits = np.empty(count, np.int32), np.empty(count, np.uint8)
    distance = np.empty(count, np.float64)
    weights = np.empty(8)
    for start in range(count):
        if not valid[start] or out[start] != 0 or seen[start]:
            continue
        size = _component(heights, valid, steps, start, seen, place, cells)
        drained = False
        for n in range(size):
            distance[n] = 0.0 if out[cells[n]] != 0 else math.inf
            drained = drained or distance[n] == 0
        if not drained:
            for n in range(size):
                direction = _outward(valid, steps, cells[n], weights)
                if direction != 0:
                    out[cells[n]] = direction
                    distance[n] = 0.0
        _distances(heights, valid, steps, cells, size, place, distance, queue, waits)
        for n in range(size):
            cell, own = cells[n], distance[n]
            if own == 0 or own == math.inf:
                continue
            total = 0.0
            for k in range(8):
                weights[k] = 0.0
                near = cell + steps[k]
                if valid[near] and heights[near] == heights[cell] and distance[place[near]] < own:
                    weights[k] = _DIAGONAL if k & 1 else 1.0
                    total += weights[k]
            if total > 0:
                out[cell] = _packed(weights, total)


def directions(heights, valid, width):
    """The directions of a filled relief (multiple flow): unsigned 32-bit integers, 0 where there is none."""
    out = np.zeros(heights.size, np.uint32)
    _slopes(heights, valid, width, out)
    _plateaus(heights, valid, width, out)
    return out


@njit(cache=True, nogil=True)
def parts(direction):
    """The sum of the parts of a direction."""
    pairs = (direction & np.uint32(0x0F0F0F0F)) + ((direction >> np.uint32(4)) & np.uint32(0x0F0F0F0F))
    return np.uint32(((pairs * np.uint32(0x01010101)) >> np.uint32(24)) & np.uint32(0xFF))


@njit(cache=True, nogil=True)
def _part_from(direction, k):
    """The part that a cell's ``k``-th neighbour, of this direction, gives to the cell."""
    return (direction >> np.uint32(4 * ((k + 4) & 7))) & np.uint32(15)


@njit(cache=True, nogil=True, parallel=True)
def sources(direction, width):
    """From which neighbours something flows into each cell: one bit for each, the lowest for the east."""
    out = np.zeros(direction.size, np.uint8)
    for row in prange(1, direction.size // width - 1):
        for cell in range(row * width + 1, row * width + width - 1):
            found = np.uint8(_part_from(direction[cell + 1], 0) != 0)
            found |= np.uint8(_part_from(direction[cell - width + 1], 1) != 0) << np.uint8(1)
            found |= np.uint8(_part_from(direction[cell - width], 2) != 0) << np.uint8(2)
            found |= np.uint8(_part_from(direction[cell - width - 1], 3) != 0) << np.uint8(3)
            found |= np.uint8(_part_from(direction[cell - 1], 4) != 0) << np.uint8(4)
            found |= np.uint8(_part_from(direction[cell + width - 1], 5) != 0) << np.uint8(5)
            found |= np.uint8(_part_from(direction[cell + width], 6) != 0) << np.uint8(6)
            found |= np.uint8(_part_from(direction[cell + width + 1], 7) != 0) << np.uint8(7)
            out[cell] = found
    return out


@njit(cache=True, nogil=True)
def flow_order(direction, above, valid, width):
    """The valid cells so that every cell comes after those that flow into it (``above``, see :func:`sources`).

    From every source the water is followed down as far as all of it has come: cells that lie together stand together,
    which is what makes the passes over them fast.
    """
    steps = _steps(width)
    awaited = np.empty(direction.size, np.uint8)
    cells = 0
    for cell in range(direction.size):
        awaited[cell] = _COUNT[above[cell]]
        cells += valid[cell]
    order, ready = np.empty(cells, np.int32), np.empty(direction.size, np.int32)
    last = 0
    for start in range(direction.size):
        if not valid[start] or above[start] != 0:
            continue
        ready[0], size = start, 1
        while size > 0:
            size -= 1
            cell = ready[size]
            order[last] = cell
            last += 1
            for k in range(8):
                near = cell + steps[k]
                if (direction[cell] >> np.uint32(4 * k)) & np.uint32(15) and valid[near]:
                    awaited[near] -= 1
                    if awaited[near] == 0:
                        ready[size] = near
                        size += 1
    return order


@njit(cache=True, nogil=True)
def accumulate(direction, above, order, width, own, out):
    """What passes through each cell: its own (``own``, or 1 where that is empty) and its share of what passes those
    above it.

    ``out`` is filled for the cells of ``order``. The parts are added in the order of the neighbours, so that two
    runs, and other tools, come to the same last bit.
    """
    steps = _steps(width)
    one = own.size == 0
    for n in range(order.size):
        cell = order[n]
        passed = 1.0 if one else float(own[cell])
        more = above[cell]
        while more:
            k = _FIRST[more]
            more &= more - np.uint8(1)
            near = cell + steps[k]
            passed += out[near] * int(_part_from(direction[near], k)) / float(parts(direction[near]))
        out[cell] = passed


@njit(cache=True, nogil=True)
def _trace(direction, passed, width, threshold, weaker, start, out, queue, back):
    """Everything upstream of an outlet that is a stream, or may be one (2) until a stream is found above it."""
    steps = _steps(width)
    queue[0] = start
    first, last = 0, 1
    while first < last:
        cell = queue[first]
        first += 1
        for k in range(8):
            near = cell + steps[k]
            part = (direction[near] >> np.uint32(4 * ((k + 4) & 7))) & np.uint32(15)
            if not part or out[near] == 1 or out[near] == 2:
                continue
            if passed[near] >= threshold:
                out[near] = 1
                queue[last] = near
                last += 1
                back[0] = near
                step, found = 0, 1
                while step < found:
                    lower = back[step]
                    step += 1
                    for j in range(8):
                        if (direction[lower] >> np.uint32(4 * j)) & np.uint32(15) and out[lower + steps[j]] == 2:
                            out[lower + steps[j]] = 1
                            back[found] = lower + steps[j]
                            found += 1
            elif passed[near] >= weaker:
                out[near] = 2
                queue[last] = near
                last += 1


@njit(cache=True, nogil=True)
def streams(direction, passed, valid, width, threshold, share):
    """Streams: cells through which at least ``threshold`` cells drain, followed upstream from where they leave the
    grid.

    Gaps where the water divides are closed through cells with at least ``share`` of the threshold that lead from a
    stream to a stream. 1 a stream, 0 none, 255 not valid.
    """
    steps = _steps(width)
    rows, cols = direction.size // width - 2, width - 2
    out = np.full(direction.size, 255, np.uint8)
    queue, back = np.empty(direction.size, np.int32), np.empty(direction.size, np.int32)
    weaker = share * threshold
    for top in range(0, rows, STREAM_BLOCK):
        for left in range(0, cols, STREAM_BLOCK):
            for row in range(top, min(top + STREAM_BLOCK, rows)):
                for col in range(left, min(left + STREAM_BLOCK, cols)):
                    cell = (row + 1) * width + col + 1
                    if not valid[cell] or out[cell] != 255:
                        continue
                    out[cell] = 0
                    if passed[cell] < threshold:
                        continue
                    for k in range(8):
                        if (direction[cell] >> np.uint32(4 * k)) & np.uint32(15) and not valid[cell + steps[k]]:
                            out[cell] = 1
                            _trace(direction, passed, width, threshold, weaker, cell, out, queue, back)
                            break
    for cell in range(out.size):
        if out[cell] == 2:
            out[cell] = 0
    return out
