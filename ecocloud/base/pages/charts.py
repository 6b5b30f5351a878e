"""A chart as data. The browser draws it; the page always carries the same numbers as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ecocloud.base.pages.figures import group_digits
from ecocloud.base.pages.speaking import unit_word, with_unit

KINDS = ("line", "bar", "scatter", "heatmap", "calendar")
MAX_SERIES = 4


@dataclass(frozen=True)
class Series:
    """One line or row of bars. ``values`` in the order of the categories; None is a gap, never zero.

    ``style``: '' plain, ``reference`` (dotted, grey: last year), ``provisional`` (outlined). ``marks`` are positions
    of single provisional values.
    """

    name: Any
    values: Sequence[Any]
    style: str = ""
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Limit:
    """A limit or target line with its name and value."""

    name: Any
    value: Any
    target: bool = False


@dataclass(frozen=True)
class Chart:
    """What a chart shows.

    Parameters
    ----------
    kind: ``line``, ``bar``, ``scatter`` (categories are x values), ``heatmap`` (series are rows) or ``calendar``
        (categories are days ``2022-09-30``, one series).
    title, unit: what is measured and in which unit. categories: labels of the x axis.
    series: at most four. limits: lines across. category_label: head of the table's first column.
    sideways: bars lie down, for long names.
    """

    kind: str
    title: Any
    categories: Sequence[Any]
    series: Sequence[Series]
    unit: Any = ""
    limits: Sequence[Limit] = ()
    category_label: Any = ""
    sideways: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"chart kind {self.kind!r}, expected one of {', '.join(KINDS)}")
        if self.kind != "heatmap" and len(self.series) > MAX_SERIES:
            raise ValueError(f"chart {self.title}: {len(self.series)} series, at most {MAX_SERIES}")
        for one in self.series:
            if len(one.values) != len(self.categories):
                raise ValueError(
                    f"chart {self.title}: series {one.name} has {len(one.values)} values "
                    f"for {len(self.categories)} categories"
                )

    @property
    def names(self) -> list[str]:
        """Names of the series."""
        return [str(one.name) for one in self.series]

    @property
    def rows(self) -> list[tuple[str, list[Any]]]:
        """The table: category and one value per series."""
        return [
            (str(category), [one.values[index] for one in self.series])
            for index, category in enumerate(self.categories)
        ]

    @property
    def json(self) -> str:
        """The chart for the browser."""
        return json.dumps(
            {
                "kind": self.kind,
                "title": str(self.title),
                "unit": unit_word(str(self.unit)),
                "categories": [str(category) for category in self.categories],
                "series": [
                    {
                        "name": str(one.name),
                        "values": [_plain(value) for value in one.values],
                        "style": one.style,
                        "marks": list(one.marks),
                    }
                    for one in self.series
                ],
                "limits": [
                    {"name": str(one.name), "value": _plain(one.value), "target": one.target} for one in self.limits
                ],
                "sideways": self.sideways,
                **self.extra,
            },
            ensure_ascii=False,
        )

    @property
    def sentence(self) -> str:
        """The chart in one sentence, for those who do not see it."""
        parts = []
        for one in self.series[:MAX_SERIES]:
            known = [(value, index) for index, value in enumerate(one.values) if value is not None]
            if not known:
                parts.append(_("%(name)s无数据") % {"name": one.name})
                continue
            low, high = min(known), max(known)
            parts.append(
                _("%(name)s：%(count)s 个值，最低 %(low)s（%(low_at)s），最高 %(high)s（%(high_at)s）")
                % {
                    "name": one.name,
                    "count": len(known),
                    "low": group_digits(low[0]),
                    "low_at": self.categories[low[1]],
                    "high": group_digits(high[0]),
                    "high_at": self.categories[high[1]],
                }
            )
        head = with_unit(str(self.title), str(self.unit))
        return _("%(title)s。%(parts)s") % {"title": head, "parts": _("；").join(parts)}


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
