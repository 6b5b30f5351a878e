"""Pits filled to where they spill: tile by tile, then the tiles are joined over what spills from one into the other.

Each tile is flooded from its own edge by several threads (priority flood, Barnes 2014, 2016), small enough to stay in
the processor's cache; every cell is labelled with the stretch of the edge its water comes to. How high the water of
each label must rise to leave the grid follows from the lowest crossings between labels. The surface does not depend on
tiles, threads or any order: it is the lowest one, nowhere below the given, from which every cell drains without rising.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import get_num_threads, njit, prange

TILE = 512  # cells on the side of a tile
# Labels: not yet reached, of the edge and not yet reached, of what drains over the edge of what is valid, the others.
_NONE, _WAITS, _OUTSIDE, _FIRST = 0, 1, 2, 3
_RAISED = np.uint16(0x8000)  # set in the label of a cell that its tile has raised


@njit(cache=True, nogil=True)
def _push(heights, cells, size, height, cell):
    """Put a cell on the heap; the new size."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if heights[parent] <= height:
            break
        heights[place] = heights[parent]
        cells[place] = cells[parent]
        place = parent
    heights[place] = height
    cells[place] = cell
    return size + 1


@njit(cache=True, nogil=True)
def _pop(heights, cells, size):
    """Take the lowest cell off the heap, which then stands first beyond its end; the new size."""
    top_height, top_cell = heights[0], cells[0]
    size -= 1
    height, cell = heights[size], cells[size]
    place = 0
    child = 1
    while child < size:
        if child + 1 < size and heights[child + 1] < heights[child]:
            child += 1
        if heights[child] >= height:
            break
        heights[place] = heights[child]
        cells[place] = cells[child]
        place = child
        child = 2 * place + 1
    heights[place] = height
    cells[place] = cell
    heights[size] = top_height
    cells[size] = top_cell
    return size


@njit(cache=True, nogil=True)
def _steps(width):
    """What to add to a cell for each of its neighbours (modulo 2^64)."""
    return np.array([1, 1 - width, -width, -width - 1, -1, width - 1, width, width + 1]).astype(np.uint64)


@njit(cache=True, nogil=True)
def _crossing(keys, lows, one, other, height):
    """Note that two labels meet at a height, if they do not meet lower; 1 when they had not met before."""
    key = np.uint32(min(one, other)) << np.uint32(16) | np.uint32(max(one, other))
    last = keys.size - 1
    place = (int(key) * 0x9E3779B1 >> 12) & last
    while keys[place] != 0 and keys[place] != key:
        place = (place + 1) & last
    if keys[place] == 0:
        keys[place], lows[place] = key, height
        return 1
    lows[place] = min(lows[place], height)
    return 0


@njit(cache=True, nogil=True)
def _grown(keys, lows):
    """The noted crossings in tables twice as large."""
    more, found = np.zeros(2 * keys.size, keys.dtype), np.empty(2 * keys.size, lows.dtype)
    for place in range(keys.size):
        if keys[place]:
            _crossing(more, found, keys[place] >> np.uint32(16), keys[place] & np.uint32(0xFFFF), lows[place])
    return more, found


@njit(cache=True, nogil=True)
def _copied(heights, valid, width, start, rows, cols, own, label, heap_heights, heap_cells):
    """Bring a tile with its surroundings into arrays of its own and put its edge on the heap; the heap's size."""
    wide = cols + 2
    for row in range(rows + 2):
        for col in range(wide):
            near, cell = start + (row - 1) * width + col - 1, row * wide + col
            inside = 0 < row <= rows and 0 < col <= cols and valid[near] != 0
            own[cell] = heights[near] if inside else -np.inf
            label[cell] = _NONE if inside else _WAITS if valid[near] else _OUTSIDE
    steps = _steps(wide)
    size = 0
    for row in range(1, rows + 1):
        for col in range(1, cols + 1):
            cell = row * wide + col
            if label[cell] != _NONE:
                continue
            if row == 1 or row == rows or col == 1 or col == cols:
                label[cell] = _WAITS
            for k in range(8):
                if label[np.uint64(cell) + steps[k]] == _OUTSIDE and own[np.uint64(cell) + steps[k]] == -np.inf:
                    label[cell] = _OUTSIDE
            if label[cell] != _NONE:
                size = _push(heap_heights, heap_cells, size, own[cell], cell)
    return size


@njit(cache=True, nogil=True)
def _raise_pit(own, label, steps, level, mark, pit, slope, keys, lows):
    """Raise to ``level`` what lies around the cell ``pit[0]`` and is not higher, from cell to cell, and label it.

    How many higher cells around were put into ``slope``, and how many crossings were new.
    """
    first, pits, slopes, met = 0, 1, 0, 0
    while first < pits:
        cell = np.uint64(pit[first])
        first += 1
        for k in range(8):
            near = cell + steps[k]
            if label[near] == mark:
                continue
            if label[near] == _NONE:
                label[near] = mark
                if own[near] <= level:
                    own[near] = level
                    pit[pits] = near
                    pits += 1
                else:
                    slope[slopes] = near
                    slopes += 1
            elif label[near] == _WAITS:
                if own[near] >= level:  # of the edge: its water can come here
                    label[near] = mark
            else:
                met += _crossing(keys, lows, mark, label[near], max(level, own[near]))
    return slopes, met


@njit(cache=True, nogil=True)
def _climb(own, label, steps, mark, slope, slopes, heap_heights, heap_cells, size, keys, lows):
    """Follow and label what rises from the cells in ``slope``: it drains into them, whatever its height.

    A cell beside one that is not higher waits in the heap for its turn. The heap's new size, and new crossings.
    """
    first, met = 0, 0
    while first < slopes:
        cell = np.uint64(slope[first])
        first += 1
        height, waits = own[cell], False
        for k in range(8):
            near = cell + steps[k]
            if label[near] == mark:
                continue
            if label[near] == _NONE:
                if own[near] > height:
                    label[near] = mark
                    slope[slopes] = near
                    slopes += 1
                else:
                    waits = True
            elif label[near] == _WAITS:
                if own[near] >= height:
                    label[near] = mark
            else:
                met += _crossing(keys, lows, mark, label[near], max(height, own[near]))
        if waits:
            size = _push(heap_heights, heap_cells, size, height, np.uint32(cell))
    return size, met


@njit(cache=True, nogil=True)
def _flood(own, label, wide, heap_heights, heap_cells, size):
    """Flood one tile from its edge, lowest first, with pits and slopes kept out of the heap: ``own`` raised, ``label``
    filled. The number of labels and the crossings between them (tables of keys and heights).
    """
    steps = _steps(wide)
    pit, slope = np.empty(own.size, np.uint32), np.empty(own.size, np.uint32)
    keys, lows = np.zeros(1 << 13, np.uint32), np.empty(1 << 13, own.dtype)
    labels, met = _FIRST, 0
    while size > 0:
        size = _pop(heap_heights, heap_cells, size)
        start = heap_cells[size]
        if label[start] == _WAITS:
            label[start] = labels
            labels += 1
        mark = label[start]
        pit[0] = start
        slopes, more = _raise_pit(own, label, steps, heap_heights[size], mark, pit, slope, keys, lows)
        met += more
        size, more = _climb(own, label, steps, mark, slope, slopes, heap_heights, heap_cells, size, keys, lows)
        met += more
        if 2 * met > keys.size:  # one start meets fewer labels than the other half holds
            keys, lows = _grown(keys, lows)
    return labels, keys, lows


@njit(cache=True, nogil=True)
def _fill_tile(heights, valid, width, start, rows, cols, labels):
    """Fill one tile in place by itself. How many labels it has, and which of them meet at what height."""
    wide = cols + 2
    count = (rows + 2) * wide
    own, label = np.empty(count, heights.dtype), np.empty(count, np.uint16)
    heap_heights, heap_cells = np.empty(count, heights.dtype), np.empty(count, np.uint32)
    size = _copied(heights, valid, width, start, rows, cols, own, label, heap_heights, heap_cells)
    found, keys, lows = _flood(own, label, wide, heap_heights, heap_cells, size)
    for row in range(rows):
        for col in range(cols):
            cell, near = start + row * width + col, (row + 1) * wide + col + 1
            if valid[cell]:
                raised = own[near] > heights[cell]
                labels[cell] = label[near] | (_RAISED if raised else np.uint16(0))
                heights[cell] = own[near]
    used = np.flatnonzero(keys)
    return found, keys[used], lows[used]


@njit(cache=True, nogil=True)
def _node(label, tile, firsts):
    """The number of a tile's label among all; 0 for the outside."""
    own = int(label & ~_RAISED)
    return 0 if own == _OUTSIDE else firsts[tile] + own - _FIRST


@njit(cache=True, nogil=True)
def _seams(heights, valid, labels, width, tile, across, firsts):
    """Where labels of neighbouring tiles meet, and how high. ``across``: tiles side by side; ``firsts``: the number of
    each one's first label.
    """
    rows, cols = heights.size // width - 2, width - 2
    most = 3 * (rows * ((cols - 1) // tile) + cols * ((rows - 1) // tile))
    one, other, lows = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, heights.dtype)
    size = 0
    for upright in (True, False):
        length = rows if upright else cols
        for seam in range(tile, cols if upright else rows, tile):
            for place in range(length):
                row, col = (place, seam - 1) if upright else (seam - 1, place)
                cell = (row + 1) * width + col + 1
                for aside in range(max(-1, -place), min(2, length - place)):
                    r, c = (row + aside, col + 1) if upright else (row + 1, col + aside)
                    near = (r + 1) * width + c + 1
                    if valid[cell] and valid[near]:
                        one[size] = _node(labels[cell], row // tile * across + col // tile, firsts)
                        other[size] = _node(labels[near], r // tile * across + c // tile, firsts)
                        lows[size] = max(heights[cell], heights[near])
                        size += 1
    return one[:size], other[:size], lows[:size]


@njit(cache=True, nogil=True)
def _levels(one, other, lows, nodes):
    """How high the water of each label must rise to come to the outside: over the lowest of its ways the highest
    crossing.
    """
    starts = np.zeros(nodes + 1, np.int64)
    for n in range(one.size):
        starts[one[n] + 1] += 1
        starts[other[n] + 1] += 1
    starts = np.cumsum(starts)
    place, to, cost = starts[:-1].copy(), np.empty(2 * one.size, np.int32), np.empty(2 * one.size, lows.dtype)
    for n in range(one.size):
        for a, b in ((one[n], other[n]), (other[n], one[n])):
            to[place[a]], cost[place[a]] = b, lows[n]
            place[a] += 1
    found = np.full(nodes, np.inf, lows.dtype)
    heap_heights, heap_nodes = np.empty(2 * one.size + 1, lows.dtype), np.empty(2 * one.size + 1, np.int32)
    found[0] = -np.inf
    size = _push(heap_heights, heap_nodes, 0, found[0], 0)
    while size > 0:
        size = _pop(heap_heights, heap_nodes, size)
        level, node = heap_heights[size], heap_nodes[size]
        if level > found[node]:
            continue
        for n in range(starts[node], starts[node + 1]):
            higher = max(level, cost[n])
            if higher < found[to[n]]:
                found[to[n]] = higher
                size = _push(heap_heights, heap_nodes, size, higher, to[n])
    return found


@njit(cache=True, nogil=True, parallel=True)
def _raise(heights, valid, labels, width, tile, across, firsts, levels):
    """Raise every cell to the level of its label, in place; how many cells are higher than they were given."""
    raised = 0
    for row in prange(heights.size // width - 2):
        for col in range(width - 2):
            cell = (row + 1) * width + col + 1
            if valid[cell]:
                level = levels[_node(labels[cell], row // tile * across + col // tile, firsts)]
                if heights[cell] < level:
                    heights[cell] = level
                    raised += 1
                elif labels[cell] & _RAISED:
                    raised += 1
    return raised


def fill_pits(heights: np.ndarray, valid: np.ndarray, width: int, tile: int = TILE) -> int:
    """Raise every pit to the height at which it spills, in place; the number of cells raised. Cells drain over the edge
    of what is valid.

    Parameters: ``heights`` m (changed), ``valid`` 0 or 1, both padded; ``width`` of a padded row; cells on the
    side of a ``tile``.
    """
    rows, cols = heights.size // width - 2, width - 2
    across = -(-cols // tile)
    corners = [(row, col) for row in range(0, rows, tile) for col in range(0, cols, tile)]
    labels = np.zeros(heights.size, np.uint16)

    def fill(corner: tuple[int, int]) -> tuple[int, np.ndarray, np.ndarray]:
        row, col = corner
        return _fill_tile(heights, valid, width, (row + 1) * width + col + 1, min(tile, rows - row),
                          min(tile, cols - col), labels)  # fmt: skip

    with ThreadPoolExecutor(get_num_threads()) as pool:
        tiles = list(pool.map(fill, corners))
    firsts = 1 + np.cumsum([0] + [found - _FIRST for found, _, _ in tiles])
    one, other, lows = _seams(heights, valid, labels, width, tile, across, firsts)
    pairs = [np.stack([keys >> 16, keys & 0xFFFF]).astype(np.int64) for _, keys, _ in tiles]
    pairs = [np.where(pair == _OUTSIDE, 0, pair - _FIRST + firsts[n]) for n, pair in enumerate(pairs)]
    one = np.concatenate([one, *(pair[0] for pair in pairs)]).astype(np.int32)
    other = np.concatenate([other, *(pair[1] for pair in pairs)]).astype(np.int32)
    lows = np.concatenate([lows, *(found for _, _, found in tiles)])
    levels = _levels(one, other, lows, int(firsts[-1]))
    return _raise(heights, valid, labels, width, tile, across, firsts, levels)
