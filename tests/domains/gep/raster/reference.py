"""Slow and plain versions of the kernels, written from their definitions, to compare with."""

import math

import numpy as np

AROUND = [(0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1)]


def neighbours(shape, row, col):
    """Number, row and column of every neighbour, also of those beyond the grid (None)."""
    for k, (down, right) in enumerate(AROUND):
        r, c = row + down, col + right
        yield k, ((r, c) if 0 <= r < shape[0] and 0 <= c < shape[1] else None)


def filled(heights, valid):
    """The lowest surface from which every cell drains, lowered from above until nothing changes (Planchon, Darboux)."""
    surface = np.where(valid, np.inf, np.nan)
    for row, col in zip(*np.nonzero(valid), strict=True):
        if any(to is None or not valid[to] for _, to in neighbours(heights.shape, row, col)):
            surface[row, col] = heights[row, col]
    changed = True
    while changed:
        changed = False
        for row, col in zip(*np.nonzero(valid), strict=True):
            lowest = min(
                (surface[to] for _, to in neighbours(heights.shape, row, col) if to and valid[to]), default=np.inf
            )
            best = max(heights[row, col], lowest)
            if best < surface[row, col]:
                surface[row, col] = best
                changed = True
    return surface


def fifteenths(weights):
    total = sum(weights)
    return [int(0.5 + one / total * 15) for one in weights]


def directions(heights, valid):
    """Parts of the water of each cell to each neighbour, fifteenths."""
    parts = np.zeros((*heights.shape, 8), int)
    cells = list(zip(*np.nonzero(valid), strict=True))
    for row, col in cells:
        weights = [0.0] * 8
        for k, to in neighbours(heights.shape, row, col):
            if to and valid[to] and heights[to] < heights[row, col]:
                fall = float(heights[row, col]) - float(heights[to])
                weights[k] = fall * (1 / math.sqrt(2)) if k % 2 else fall
        if sum(weights):
            parts[row, col] = fifteenths(weights)
    seen = set()
    for start in cells:
        if start in seen or parts[start].any():
            continue
        plateau, waiting = {start}, [start]
        while waiting:
            row, col = waiting.pop()
            for _, to in neighbours(heights.shape, row, col):
                if to and valid[to] and to not in plateau and heights[to] == heights[start]:
                    plateau.add(to)
                    waiting.append(to)
        seen |= plateau
        drains = {cell for cell in plateau if parts[cell].any()}
        if not drains:
            for cell in plateau:
                weights = [0.0] * 8
                for k, to in neighbours(heights.shape, *cell):
                    if to is None or not valid[to]:
                        weights[k] = 1 / math.sqrt(2) if k % 2 else 1.0
                if sum(weights):
                    parts[cell] = fifteenths(weights)
                    drains.add(cell)
        distance = {cell: 0.0 if cell in drains else math.inf for cell in plateau}
        changed = True
        while changed:
            changed = False
            for cell in plateau:
                for k, to in neighbours(heights.shape, *cell):
                    if to in plateau and distance[to] + (math.sqrt(2) if k % 2 else 1.0) < distance[cell]:
                        distance[cell] = distance[to] + (math.sqrt(2) if k % 2 else 1.0)
                        changed = True
        for cell in plateau - drains:
            weights = [0.0] * 8
            for k, to in neighbours(heights.shape, *cell):
                if to in plateau and distance[to] < distance[cell]:
                    weights[k] = 1 / math.sqrt(2) if k % 2 else 1.0
            if sum(weights):
                parts[cell] = fifteenths(weights)
    return parts


def accumulated(parts, valid, own):
    """What passes each cell, as the solution of the linear equations that say it."""
    cells = list(zip(*np.nonzero(valid), strict=True))
    number = {cell: n for n, cell in enumerate(cells)}
    matrix = np.eye(len(cells))
    for cell in cells:
        for k, to in neighbours(valid.shape, *cell):
            if to in number and parts[cell][k]:
                matrix[number[to], number[cell]] -= parts[cell][k] / parts[cell].sum()
    solved = np.linalg.solve(matrix, np.array([own[cell] for cell in cells], float))
    out = np.zeros(valid.shape)
    for cell, n in number.items():
        out[cell] = solved[n]
    return out


def slope(heights, valid, size):
    """Horn's slope in per cent of one window after the other, from what is there."""
    out = np.full(heights.shape, np.nan)

    def at(row, col):
        inside = 0 <= row < heights.shape[0] and 0 <= col < heights.shape[1]
        return float(heights[row, col]) if inside and valid[row, col] else None

    def side(first, middle, last, own):
        if first is not None and last is not None:
            return first - last, 2
        if first is not None and middle is not None:
            return first - middle, 1
        if middle is not None and last is not None:
            return middle - last, 1
        if first is not None:
            return (first - own) * 2**0.5, 1
        return ((own - last) * 2**0.5, 1) if last is not None else (0, 0)

    def middle_line(first, own, last):
        if first is not None and last is not None:
            return 2 * (first - last), 4
        if first is not None:
            return 2 * (first - own), 2
        return (2 * (own - last), 2) if last is not None else (0, 0)

    for row, col in zip(*np.nonzero(valid), strict=True):
        grid = [[at(row + down, col + right) for right in (-1, 0, 1)] for down in (-1, 0, 1)]
        own = grid[1][1]
        gradients = []
        for lines in (grid, [list(one) for one in zip(*grid, strict=True)]):
            found = [side(*lines[0], own), middle_line(*lines[1]), side(*lines[2], own)]
            weight = sum(one[1] for one in found)
            gradients.append(sum(one[0] for one in found) / (weight * size) if weight else 0.0)
        out[row, col] = 100 * math.hypot(*gradients)
    return out
