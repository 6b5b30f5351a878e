"""The gallery: every component with long names, empty, error and 10,000-row states, in both themes and large type.

All names and numbers on it are made up; nothing is read from the database.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from shapely.geometry import Polygon

from ecocloud.base.geo import Boundary, svg_map
from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.pages.maps import Choropleth

ROWS = 10_000
LONG_UNIT = "示例市生态环境保护综合行政执法支队水污染防治与入河排污口监督管理大队"
LONG_TASK = (
    "完成全市建成区黑臭水体排查整治、沿线乡镇农村生活污水处理设施提标改造及再生资源回收与生活垃圾分类“两网融合”"
    "三年行动计划（2024—2026 年）年度任务并按季度报送进展"
)
UNITS = ("示例县水利局", "示例区住房和城乡建设局", LONG_UNIT, "示例镇", "示例县林业局")
LIGHTS = (("red", "红灯"), ("yellow", "黄灯"), ("green", "绿灯"), ("done", "销号"))
CAUSES = {"red": "逾期", "yellow": "临期", "green": "正常", "done": "销号"}
STEPS = (("sign", "签收"), ("work", "推进"), ("report", "反馈"), ("check", "审核"))
FIRST_DAY = datetime.date(2026, 1, 1)


@dataclass(frozen=True)
class SampleRow:
    """A made-up line of a list."""

    pk: int

    @property
    def code(self) -> str:
        """Code of the line."""
        return f"YL-2026-{self.pk:05d}"

    @property
    def title(self) -> str:
        """Every seventh name is long."""
        return LONG_TASK if self.pk % 7 == 0 else f"示例任务第 {self.pk} 项：河道巡查与问题整改"

    @property
    def unit(self) -> str:
        """Accountable unit."""
        return UNITS[self.pk % len(UNITS)]

    @property
    def light(self) -> str:
        """Light level."""
        return LIGHTS[(self.pk * 7) % 11 % len(LIGHTS)][0]

    @property
    def cause(self) -> str:
        """The light's word."""
        return CAUSES[self.light]

    @property
    def step(self) -> str:
        """Step code."""
        return STEPS[self.pk % len(STEPS)][0]

    @property
    def due(self) -> datetime.date:
        """Deadline."""
        return FIRST_DAY + datetime.timedelta(days=(self.pk * 37) % 365)

    @property
    def now(self) -> int:
        """Progress in percent."""
        return (self.pk * 13) % 101

    @property
    def pace(self) -> int:
        """Expected progress in percent."""
        return (self.pk * 17) % 101


class SampleRows:
    """Stands in for a queryset: as much of its language as a Listing speaks, over rows made on the fly."""

    def __init__(self, rows: tuple[SampleRow, ...]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def __getitem__(self, part: slice) -> SampleRows:
        return SampleRows(self._rows[part])

    def _keep(self, test: Callable[[SampleRow], bool]) -> SampleRows:
        return SampleRows(tuple(row for row in self._rows if test(row)))

    def filter(self, **conditions: Any) -> SampleRows:
        """Rows that meet all conditions (exact, in, icontains, gte, lte)."""
        found = self
        for path, wanted in conditions.items():
            name, _sep, lookup = path.partition("__")
            tests = {
                "": lambda row, n=name, w=wanted: getattr(row, n) == w,
                "in": lambda row, n=name, w=frozenset(wanted if lookup == "in" else ()): getattr(row, n) in w,
                "icontains": lambda row, n=name, w=wanted: str(w).lower() in getattr(row, n).lower(),
                "gte": lambda row, n=name, w=wanted: getattr(row, n) >= w,
                "lte": lambda row, n=name, w=wanted: getattr(row, n) <= w,
            }
            found = found._keep(tests[lookup])
        return found

    def order_by(self, *fields: str) -> SampleRows:
        """Rows in order."""
        rows = list(self._rows)
        for field in reversed(fields):
            rows.sort(key=lambda row: getattr(row, field.lstrip("-")), reverse=field.startswith("-"))
        return SampleRows(tuple(rows))

    def reverse(self) -> SampleRows:
        """The other way round."""
        return SampleRows(self._rows[::-1])

    def values_list(self, name: str, flat: bool = True) -> SampleRows:
        """One attribute of each row."""
        return SampleRows(tuple(getattr(row, name) for row in self._rows))

    def count(self) -> int:
        """How many rows."""
        return len(self._rows)


@cache
def sample_rows() -> SampleRows:
    """Ten thousand made-up rows."""
    return SampleRows(tuple(SampleRow(number) for number in range(1, ROWS + 1)))


def _light_counts(rows: SampleRows) -> dict[str, int]:
    counts = dict.fromkeys((level for level, _word in LIGHTS), 0)
    for row in rows:
        counts[row.light] += 1
    return counts


def _text_filter(rows: SampleRows, text: str) -> SampleRows:
    return rows._keep(lambda row: text in row.title or text.upper() in row.code)


def sample_listing(request: HttpRequest) -> Listing:
    """The list of ten thousand rows with every kind of filter."""
    filters = (
        FilterSpec("q", _("任务"), kind="text", apply=_text_filter, placeholder=_("名称或编号")),
        FilterSpec("unit", _("牵头单位"), kind="department", choices=[(unit, unit) for unit in UNITS]),
        FilterSpec("step", _("环节"), choices=STEPS),
        FilterSpec("due", _("期限"), kind="date_range"),
        FilterSpec(
            "late",
            _("只看进度落后"),
            kind="bool",
            apply=lambda rows, _on: rows._keep(lambda row: row.now < row.pace),
        ),
        FilterSpec(
            "light",
            _("按亮灯筛选"),
            choices=LIGHTS,
            in_bar=False,
            lights={level: level for level, _word in LIGHTS},
            counts=_light_counts,
        ),
    )
    sorts = (SortSpec("due", ("due", "pk")), SortSpec("code", ("pk",)), SortSpec("now", ("now", "pk")))
    return Listing(request, sample_rows(), filters=filters, sorts=sorts, size=10)


def sample_charts() -> list[Chart]:
    """One chart of each kind."""
    months = [f"{month}月" for month in range(1, 13)]
    this_year = [37, 33, 26, 22, 19, 15, 13, 14, 16, None, None, None]
    last_year = [40, 38, 30, 25, 21, 16, 14, 15, 19, 26, 33, 38]
    days = [(FIRST_DAY + datetime.timedelta(days=day)).isoformat() for day in range(120)]
    return [
        Chart(
            "line",
            "细颗粒物月均浓度",
            months,
            [Series("今年", this_year, marks=(8,)), Series("上年", last_year, style="reference")],
            unit="μg/m³",
            limits=[Limit("年均限值", 35)],
            category_label="月份",
        ),
        Chart(
            "bar",
            "各月优良天数比例",
            months[:9],
            [Series("比例", [87, 86, 97, 97, 94, 93, 90, 97, 100])],
            unit="%",
            limits=[Limit("目标", 93.2, target=True)],
            category_label="月份",
        ),
        Chart(
            "bar",
            "各单位在办事项",
            list(UNITS),
            [Series("正常", [12, 8, 3, 1250, 6]), Series("逾期", [1, 0, 2, 30, None])],
            unit="件",
            category_label="单位",
            sideways=True,
        ),
        Chart(
            "scatter",
            "流量与总磷",
            [12, 18, 25, 33, 47],
            [Series("总磷", [0.21, 0.18, 0.15, 0.12, 0.11])],
            unit="mg/L",
            category_label="流量",
        ),
        Chart(
            "heatmap",
            "各断面各月水质综合指数",
            months[:6],
            [Series(f"断面{name}", [(i * 3 + j) % 7 for i in range(6)]) for j, name in enumerate("甲乙丙丁")],
            category_label="月份",
        ),
        Chart(
            "calendar",
            "逐日空气质量指数",
            days,
            [Series("指数", [None if day % 17 == 0 else 30 + (day * 29) % 90 for day in range(120)])],
            category_label="日期",
        ),
    ]


def sample_map() -> Choropleth:
    """A made-up place of eight areas, one without data and one with a long name."""
    names = ("甲县", "乙县", "丙区", "丁市", "戊县", "己县", "示例经济技术开发区", "辛县")
    values = dict(enumerate(("92", "93.4", "95.1", "96", "97.7", "98.5", None, "99.2")))
    shapes = []
    for number, name in enumerate(names):
        x, y = 114 + 0.6 * (number % 4), 27 - 0.5 * (number // 4)
        wave = [(x + 0.1 * step, y + 0.04 * (step % 2)) for step in range(7)]
        base = [(x + 0.1 * step, y - 0.5 + 0.04 * (step % 2)) for step in range(6, -1, -1)]
        shapes.append(Boundary(str(number), name, "county", "", Polygon([*wave, *base])))
    numbers = {str(key): Decimal(value) if value else None for key, value in values.items()}
    drawing = svg_map(shapes, numbers, limits=[Decimal(limit) for limit in ("93", "95", "97", "98.5")])
    note = _("示意图形，非实际界线。坐标系 CGCS2000，图层版本 2026-01。审图号：未取得，仅供内部演示")
    urls = {shape.code: "?#maps" for shape in shapes}
    return Choropleth(_("优良天数比例"), drawing, "%", note=note, urls=urls, current="3")


def sample_timeline() -> list[dict[str, Any]]:
    """Three entries: present, returned, past."""
    day = datetime.datetime(2026, 9, 20, 16, 42, tzinfo=datetime.UTC)
    return [
        {
            "title": "第三季度反馈",
            "who": "样例经办",
            "unit": LONG_UNIT,
            "at": day,
            "text": "已排查水体 41 处，发现疑似黑臭 2 处；余 9 处未完成。",
            "kind": "now",
        },
        {
            "title": "退回反馈",
            "who": "样例审核",
            "unit": "生态文明办",
            "at": day - datetime.timedelta(days=5),
            "text": "意见：缺排查清单和点位坐标，请补充后重报。",
            "kind": "back",
        },
        {
            "title": "签收",
            "who": "样例经办",
            "unit": "示例县水利局",
            "at": day - datetime.timedelta(days=130),
            "text": "",
            "kind": "",
        },
    ]


def gallery(request: HttpRequest) -> HttpResponse:
    """The page. ``?theme=dark`` shows the cockpit's theme, ``?type=large`` large type, ``?open=1`` the drawer."""
    if request.GET.get("toast") == "1":
        messages.success(request, _("已保存。"))
    context = {
        "dark": request.GET.get("theme") == "dark",
        "large": request.GET.get("type") == "large",
        "listing": sample_listing(request),
        "charts": sample_charts(),
        "map": sample_map(),
        "entries": sample_timeline(),
        "tabs": [
            {"label": _("待办"), "url": "?#tabs", "count": 12, "current": True},
            {"label": _("已办"), "url": "?#tabs", "count": None},
            {"label": _("催办"), "url": "?#tabs", "count": 10000},
        ],
        "long_unit": LONG_UNIT,
        "long_task": LONG_TASK,
        "opened": next((row for row in sample_rows() if str(row.pk) == request.GET.get("open")), None),
        "aqi": list(enumerate(("优", "良", "轻度", "中度", "重度", "严重"), 1)),
        "water": (("w12", "Ⅰ–Ⅱ类"), ("w3", "Ⅲ类"), ("w4", "Ⅳ类"), ("w5", "Ⅴ类"), ("w6", "劣Ⅴ类")),
    }
    return render(request, "web/gallery.html", context)
