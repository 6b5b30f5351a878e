"""Fitting confidence to what people found right, document by document.

Pure and deterministic. A model is a logistic regression on the marks of a record (ridge, so that rare marks weigh
little), followed by an isotonic regression from its sum to a share, made on sums that were predicted for each document
by the others. Records above the cut are called sure: the lowest cut above which the lower 95 % bound (Wilson 1927) of
the share of right ones is high enough. Where no cut exists, no record of the kind is called sure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ecocloud.intake.documents.confidence import CEILING, SURE, Model
from ecocloud.intake.documents.features import DOUBTS

BOUND = 0.95
Z = 1.959963984540054
RIDGE = 1.0
LEAST_SUPPORT = 5
LEAST_BLOCK = 12
ROUNDS = 25
ENOUGH = 1e-4


@dataclass(frozen=True)
class Row:
    """One record of an annotated document: its marks, and whether it is right."""

    doc: str
    marks: tuple[str, ...]
    right: bool


def wilson(right: int, n: int) -> float:
    """Lower end of the two-sided 95 % interval of a share (Wilson score interval); 0 for n = 0."""
    if n == 0:
        return 0.0
    share = right / n
    middle = share + Z * Z / (2 * n)
    spread = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return (middle - spread) / (1 + Z * Z / n)


@dataclass(frozen=True)
class Draft:
    """A fitted regression with the sums that the other documents predict for each record; steps are still open."""

    weights: dict[str, float]
    bias: float
    sums: tuple[tuple[float, bool], ...]

    def sure(self, bar: float) -> bool:
        """Whether any record would be called sure."""
        return cut_of(sorted(self.sums), bar) != math.inf

    def model(self, bar: float = BOUND) -> Model:
        """The model whose sure records reach the lower bound ``bar`` (above 1: none is sure)."""
        if not self.sums:
            return Model(weights={}, bias=0.0, steps=[(0.0, 0.5)])
        return Model(weights=self.weights, bias=self.bias, steps=steps_of(self.sums, bar))


def draft(rows: Sequence[Row]) -> Draft:
    """Fit the regression to annotated records, and once more without each document to predict that document's."""
    weights, bias = logistic(rows)
    sums: list[tuple[float, bool]] = []
    docs = sorted({r.doc for r in rows})
    for doc in docs:
        inner, inner_bias = logistic([r for r in rows if r.doc != doc], weights) if len(docs) > 1 else (weights, bias)
        sums += [
            (total(r, inner, inner_bias), r.right) for r in rows if r.doc == doc and DOUBTS.isdisjoint(r.marks)
        ]  # a record with a doubt is never sure: it has no say in where the cut lies
    return Draft(weights, bias, tuple(sums))


def total(row: Row, weights: dict[str, float], bias: float) -> float:
    """The sum of a row's weights."""
    return bias + sum(weights.get(m, 0.0) for m in row.marks)


def logistic(rows: Sequence[Row], start: Mapping[str, float] | None = None) -> tuple[dict[str, float], float]:
    """Weights and bias of a ridge logistic regression (Newton's method from ``start``). Marks of fewer than
    LEAST_SUPPORT records, or of all, have none."""
    support = Counter(m for r in rows for m in r.marks)
    names = sorted(m for m, n in support.items() if LEAST_SUPPORT <= n < len(rows))
    index = {m: i + 1 for i, m in enumerate(names)}
    groups = Counter(((0, *sorted(index[m] for m in r.marks if m in index)), r.right) for r in rows)
    beta = [0.0, *((start or {}).get(m, 0.0) for m in names)]
    for _ in range(ROUNDS):
        change = _newton(groups, beta)
        beta = [b + c for b, c in zip(beta, change, strict=True)]
        if max(map(abs, change)) < ENOUGH:
            break
    return {m: round(beta[i], 4) for m, i in index.items()}, round(beta[0], 4)


def _newton(groups: Mapping[tuple[tuple[int, ...], bool], int], beta: Sequence[float]) -> list[float]:
    """One step of Newton's method; ``groups`` counts equal records (indices of their marks, right or not)."""
    gradient = [-RIDGE * b if i else 0.0 for i, b in enumerate(beta)]
    matrix = [[0.0] * len(beta) for _ in beta]
    for i in range(len(beta)):
        matrix[i][i] = RIDGE if i else 1e-6
    for (at, right), n in sorted(groups.items()):
        share = 1 / (1 + math.exp(-max(-30.0, min(30.0, sum(beta[i] for i in at)))))
        weight = n * max(share * (1 - share), 1e-6)
        for i in at:
            gradient[i] += n * (right - share)
            line = matrix[i]
            for j in at:
                line[j] += weight
    return [max(-2.0, min(2.0, c)) for c in solve(matrix, gradient)]


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solution of a positive definite system (Cholesky)."""
    n = len(right)
    low = [[0.0] * n for _ in range(n)]
    for i in range(n):
        row = low[i]
        for j in range(i + 1):
            other = low[j]
            rest = matrix[i][j] - sum(row[k] * other[k] for k in range(j))
            row[j] = math.sqrt(rest) if i == j else rest / other[j]
    y = [0.0] * n
    for i in range(n):
        y[i] = (right[i] - sum(low[i][k] * y[k] for k in range(i))) / low[i][i]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (y[i] - sum(low[k][i] * x[k] for k in range(i + 1, n))) / low[i][i]
    return x


def steps_of(sums: Iterable[tuple[float, bool]], bar: float) -> list[tuple[float, float]]:
    """Steps ``(least sum, confidence)``: isotonic shares, at most CEILING below the cut and at least SURE above it."""
    ordered = sorted(sums)
    blocks = isotonic(ordered)
    cut = cut_of(ordered, bar)
    out: list[tuple[float, float]] = []
    for least, share in blocks:
        value = min(share, CEILING) if least < cut else max(share, SURE)
        out.append((round(least, 4), round(min(value, 0.99), 3)))
    if cut != math.inf and all(least != round(cut, 4) for least, _ in out):
        share = next(s for least, s in reversed(blocks) if least <= cut)
        out.append((round(cut, 4), round(max(share, SURE), 3)))
        out.sort()
    return out


def cut_of(ordered: Sequence[tuple[float, bool]], bar: float) -> float:
    """The lowest sum at and above which the lower bound of the share of right ones reaches ``bar``; inf if none."""
    cut, right = math.inf, 0
    for n, at in enumerate(reversed(range(len(ordered))), 1):
        right += ordered[at][1]
        starts = at == 0 or ordered[at - 1][0] < ordered[at][0]
        if starts and wilson(right, n) >= bar:
            cut = ordered[at][0]
    return cut


def isotonic(ordered: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Rising shares over sorted sums: (least sum, share) by pooling adjacent blocks of at least LEAST_BLOCK records; a
    share is drawn towards one half by one record on either side."""
    blocks: list[list[float]] = []
    for value, right in ordered:
        if blocks and (blocks[-1][2] < LEAST_BLOCK or blocks[-1][3] == value):
            blocks[-1][1] += right
            blocks[-1][2] += 1
            blocks[-1][3] = value
        else:
            blocks.append([value, float(right), 1.0, value])
        while len(blocks) > 1 and _share(blocks[-1]) <= _share(blocks[-2]) and blocks[-1][2] >= LEAST_BLOCK:
            _, ok, n, last = blocks.pop()
            blocks[-1][1] += ok
            blocks[-1][2] += n
            blocks[-1][3] = last
    while len(blocks) > 1 and (blocks[-1][2] < LEAST_BLOCK or _share(blocks[-1]) <= _share(blocks[-2])):
        _, ok, n, last = blocks.pop()
        blocks[-1][1] += ok
        blocks[-1][2] += n
        blocks[-1][3] = last
    return [(b[0], _share(b)) for b in blocks]


def _share(block: Sequence[float]) -> float:
    return (block[1] + 1) / (block[2] + 2)
