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


def length_and_steepness(method, percent, passed, size):
    """LS of one cell by the text of HJ 1173-2021, annex A, and by InVEST's user guide (3.14 and later)."""
    angle = math.atan(percent / 100)
    sine = math.sin(angle)
    beta = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    if method == "hj1173-2021":
        degrees = math.degrees(angle)
        if degrees < 5.14:
            steepness = 10.8 * sine + 0.03
        elif degrees < 10.20:
            steepness = 16.8 * sine - 0.5
        else:
            steepness = 21.9 * sine - 0.96 if degrees < 28.81 else 9.5988
        return steepness * (min(math.sqrt(passed * size**2), 300) / 22.13) ** (beta / (1 + beta))
    steps = ((1, 0.2), (3.5, 0.3), (5, 0.4), (9, 0.5))
    m = next((m for most, m in steps if percent <= most), beta / (1 + beta))
    upslope = math.sqrt((passed - 1) * size**2)
    length = ((upslope + size**2) ** (m + 1) - upslope ** (m + 1)) / (
        size ** (m + 2) * (abs(sine) + abs(math.cos(angle))) ** m * 22.13**m
    )
    return min(length, 122) * (10.8 * sine + 0.03 if percent < 9 else 16.8 * sine - 0.5)


def streams(parts, passed, valid, threshold):
    """Cells with at least ``threshold`` that lead out of what is valid through such cells alone."""
    found, changed = np.zeros(valid.shape, bool), True
    while changed:
        changed = False
        for row, col in zip(*np.nonzero(valid & (passed >= threshold) & ~found), strict=True):
            ways = [to for k, to in neighbours(valid.shape, row, col) if parts[row, col][k]]
            if any(to is None or not valid[to] or found[to] for to in ways):
                found[row, col] = changed = True
    return found


def delivered(parts, passed, valid, stream, slope, cover, size, k=2.0, ic0=0.5, most=0.8):
    """Share of eroded soil that each cell delivers to a stream; NaN where none is reached."""
    cover = np.maximum(cover, 0.001)
    steep = np.clip(slope / 100, 0.005, 1)
    above = [accumulated(parts, valid, np.where(valid, one, 0)) / passed for one in (cover, steep)]
    upslope = above[0] * above[1] * np.sqrt(passed * size**2)

    def way(cell):
        if stream[cell]:
            return 0.0
        steps = [(parts[cell][n], to, way(to)) for n, to in neighbours(valid.shape, *cell)
                 if parts[cell][n] and to and valid[to]]  # fmt: skip
        led = [(part, 1 / (cover[to] * steep[to]) + rest) for part, to, rest in steps if not math.isnan(rest)]
        return sum(part * length for part, length in led) / sum(part for part, _ in led) if led else math.nan

    found = np.full(valid.shape, np.nan)
    for cell in zip(*np.nonzero(valid), strict=True):
        if stream[cell]:
            found[cell] = 1
        elif not math.isnan(way(cell)):
            found[cell] = most / (1 + math.exp((ic0 - math.log10(upslope[cell] / way(cell))) / k))
    return found


def deposited(parts, valid, ratio, staying):
    """What settles in each cell of what flows in from above; NaN where the share delivered or what stays is."""
    fluxes, found = {}, np.full(valid.shape, np.nan)

    def flux(cell):
        if cell in fluxes:
            return fluxes[cell]
        if math.isnan(ratio[cell]) or math.isnan(staying[cell]):
            return math.nan
        arriving = 0.0
        for n, near in neighbours(valid.shape, *cell):
            back = (n + 4) % 8
            if near and valid[near] and parts[near][back] and not math.isnan(flux(near)):
                arriving += flux(near) * parts[near][back] / parts[near].sum()
        share = 1.0
        if ratio[cell] != 1:
            below = sum(
                parts[cell][n] * ratio[to] for n, to in neighbours(valid.shape, *cell)
                if parts[cell][n] and to and valid[to] and not math.isnan(ratio[to])
            )  # fmt: skip
            share = max(below / parts[cell].sum() - ratio[cell], 0) / (1 - ratio[cell])
        found[cell] = share * arriving
        fluxes[cell] = (1 - share) * arriving + staying[cell]
        return fluxes[cell]

    for cell in zip(*np.nonzero(valid), strict=True):
        flux(cell)
    return found
