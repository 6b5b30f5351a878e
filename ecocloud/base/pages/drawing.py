"""Small charts drawn on the server as SVG: widths in percent, heights and text in px, so that text never shrinks.

A drawing takes a :class:`ecocloud.base.pages.charts.Chart`; the page shows it with ``{% drawn chart %}``. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ecocloud.base.pages.charts import Chart
from ecocloud.base.pages.figures import group_digits

TOP, BOTTOM = 20, 22
_LINE_HEIGHT = 17
_WIDEST = 22.0
_LEFT, _RIGHT = 6.0, 80.0


@dataclass(frozen=True)
class Stroke:
    """A straight line; x in percent, y in px."""

    x1: str
    y1: str
    x2: str
    y2: str
    css: str


@dataclass(frozen=True)
class Box:
    """A bar; x and width in percent, y and height in px."""

    x: str
    y: str
    width: str
    height: str
    css: str


@dataclass(frozen=True)
class Words:
    """A text; ``anchor`` start, middle or end."""

    x: str
    y: str
    text: str
    css: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Dot:
    """A point of a line."""

    x: str
    y: str
    css: str


@dataclass(frozen=True)
class Drawing:
    """All a template needs: shapes and words, height in px and the chart for its sentence and table."""

    chart: Chart
    height: int
    boxes: tuple[Box, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    dots: tuple[Dot, ...] = ()
    words: tuple[Words, ...] = ()


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _px(value: float) -> str:
    return f"{value:.1f}"


def nice_top(highest: float, steps: int = 4) -> tuple[float, float]:
    """A round upper end of an axis from 0 and the distance of its ticks, at most ``steps`` ticks above 0."""
    if highest <= 0:
        return 1.0, 1.0
    raw = highest / steps
    ten = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * ten for factor in (1, 2, 2.5, 5, 10) if factor * ten >= raw * 0.999)
    return step * math.ceil(highest / step - 1e-9), step


def _plain(step: float, value: float) -> str:
    places = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else (1 if step % 1 else 0)
    return group_digits(f"{value:.{places}f}")


def bars(chart: Chart, height: int = 128, places: int | None = None) -> Drawing:
    """Bars from zero with their values above; the first limit decides which bars are pale (not meeting it).

    A limit with ``target`` is met at or above its value. Missing values are a dash, never a bar.
    """
    values = chart.series[0].values
    known = [float(value) for value in values if value is not None]
    limits = [float(limit.value) for limit in chart.limits]
    top = max([*known, *limits, 0.0]) or 1.0
    room = height - TOP - BOTTOM
    slot = 100 / max(1, len(values))
    base = height - BOTTOM
    boxes, words = [], []
    for index, value in enumerate(values):
        middle = _percent((index + 0.5) * slot)
        words.append(Words(middle, _px(height - 6), str(chart.categories[index]), "ax-word"))
        if value is None:
            words.append(Words(middle, _px(base - 6), "—", "ax-word"))
            continue
        tall = max(0.0, float(value)) / top * room
        short = bool(chart.limits) and float(value) < limits[0]
        wide = min(0.7 * slot, _WIDEST)
        boxes.append(Box(_percent((index + 0.5) * slot - wide / 2), _px(base - tall), _percent(wide), _px(tall),
                         "bar-pale" if short else "bar-full"))  # fmt: skip
        words.append(Words(middle, _px(base - tall - 5), group_digits(value, places), "bar-word"))
    strokes = [Stroke("0%", _px(base), "100%", _px(base), "ax-line")]
    strokes += [
        Stroke("0%", _px(base - limit / top * room), "100%", _px(base - limit / top * room), "target-line")
        for limit in limits
    ]
    return Drawing(chart, height, tuple(boxes), tuple(strokes), (), tuple(words))


def steps(chart: Chart, height: int = 190, places: int | None = None) -> Drawing:
    """A waterfall: each bar of the first series starts where the one before ends, the last is their sum and starts at
    zero. More and less differ in colour and in the sign of the number.
    """
    values = [float(value) for value in chart.series[0].values]
    ends = [sum(values[: at + 1]) for at in range(len(values) - 1)] + values[-1:]
    starts = [0.0, *ends[:-2], 0.0][: len(values)]
    top, low = max([*ends, 0.0]), min([*ends, 0.0])
    room, slot = height - 2 * TOP - BOTTOM, 100 / max(1, len(values))
    wide, scale = min(0.7 * slot, _WIDEST), room / ((top - low) or 1.0)

    def down(value: float) -> float:
        return TOP + (top - value) * scale

    boxes, words = [], []
    strokes = [Stroke("0%", _px(down(0)), "100%", _px(down(0)), "ax-line")]
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        middle, value = (index + 0.5) * slot, chart.series[0].values[index]
        css = "bar-full" if index == len(values) - 1 else "bar-more" if end >= start else "bar-less"
        high, deep = down(max(start, end)), down(min(start, end))
        boxes.append(Box(_percent(middle - wide / 2), _px(high), _percent(wide), _px(deep - high), css))
        sign = "+" if end > start else ""
        said = _px(high - 5) if end >= start else _px(deep + 15)
        words.append(Words(_percent(middle), said, f"{sign}{group_digits(value, places)}", "bar-word"))
        words.append(Words(_percent(middle), _px(height - 6), str(chart.categories[index]), "ax-word"))
        if index < len(values) - 2:
            strokes.append(
                Stroke(_percent(middle), _px(down(end)), _percent(middle + slot), _px(down(end)), "grid-line")
            )
    return Drawing(chart, height, tuple(boxes), tuple(strokes), (), tuple(words))


def _apart(wanted: Sequence[tuple[float, str, str]], height: int) -> list[tuple[float, str, str]]:
    """Labels pushed apart so that none covers another; those at the bottom push the others up."""
    placed: list[tuple[float, str, str]] = []
    for y, text, css in sorted(wanted):
        low = placed[-1][0] + _LINE_HEIGHT if placed else 12.0
        placed.append((max(y, low), text, css))
    limit = float(height - BOTTOM + 4)
    for index in range(len(placed) - 1, -1, -1):
        y, text, css = placed[index]
        placed[index] = (min(y, limit), text, css)
        limit = placed[index][0] - _LINE_HEIGHT
    return placed


def lines(chart: Chart, height: int = 170, places: int | None = None) -> Drawing:
    """Lines from zero with gaps where values are missing; names, last values and limits stand at the right end."""
    known = [float(value) for one in chart.series for value in one.values if value is not None]
    top, step = nice_top(max([*known, *(float(limit.value) for limit in chart.limits), 0.0]))
    room, base = height - TOP - BOTTOM, height - BOTTOM
    count = max(2, len(chart.categories))

    def across(index: int) -> float:
        return _LEFT + 1.5 + index * (_RIGHT - _LEFT - 3) / (count - 1)

    def down(value: float) -> float:
        return base - value / top * room

    strokes, words, dots, labels = [], [], [], []
    for number in range(round(top / step) + 1):
        y = down(number * step)
        strokes.append(Stroke(_percent(_LEFT), _px(y), _percent(_RIGHT), _px(y), "grid-line"))
        words.append(Words(_percent(_LEFT - 0.8), _px(y + 4), _plain(step, number * step), "ax-word", "end"))
    for index, category in enumerate(chart.categories):
        words.append(Words(_percent(across(index)), _px(height - 5), str(category), "ax-word"))
    for limit in chart.limits:
        y, css = down(float(limit.value)), "target" if limit.target else "limit"
        strokes.append(Stroke(_percent(_LEFT), _px(y), _percent(_RIGHT), _px(y), f"{css}-line"))
        labels.append((y + 4, f"{limit.name} {group_digits(limit.value)}", f"{css}-word"))
    for one in chart.series:
        css = "ref" if one.style == "reference" else "now"
        points = [(index, float(value)) for index, value in enumerate(one.values) if value is not None]
        for (left, before), (right, after) in zip(points, points[1:], strict=False):
            if right == left + 1:
                strokes.append(Stroke(_percent(across(left)), _px(down(before)), _percent(across(right)),
                                      _px(down(after)), f"{css}-line"))  # fmt: skip
        if css == "now":
            dots += [Dot(_percent(across(index)), _px(down(value)), "now-dot") for index, value in points]
        if points:
            last = next(value for value in reversed(one.values) if value is not None)
            text = str(one.name) if css == "ref" else f"{one.name} {group_digits(last, places)}"
            labels.append((down(points[-1][1]) + 4, text, f"{css}-word"))
    words += [Words(_percent(_RIGHT + 1.2), _px(y), text, css, "start") for y, text, css in _apart(labels, height)]
    return Drawing(chart, height, (), tuple(strokes), tuple(dots), tuple(words))
