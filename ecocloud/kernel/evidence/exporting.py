"""Tracked indicators, their list as a file, and the record of who took what."""

from __future__ import annotations

import io
from typing import Any

from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecocloud.base.pages.exports import XLSX_TYPE, ExportColumn
from ecocloud.base.pages.listing import Listing
from ecocloud.base.sheets import Column, ExportMeta, SheetSpec, export_workbook
from ecocloud.kernel.evidence import queries
from ecocloud.kernel.evidence.models import Indicator, IndicatorAlias
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Region


def named(queryset: QuerySet, text: str) -> QuerySet:
    """Indicators whose name, code or alias holds ``text``."""
    by_alias = IndicatorAlias.objects.filter(text__icontains=text).values("indicator")
    return queryset.filter(Q(zh__icontains=text) | Q(code__icontains=text) | Q(pk__in=by_alias))


def tracked(viewer: Any, region: Region, year: int) -> list[queries.Row]:
    """Every indicator with a target or a value for this region and year (a fixed number of queries)."""
    goals = queries.targets(viewer).filter(queries.in_year(year), status="active", region=region).values("indicator")
    values = queries.standing(viewer).filter(queries.in_year(year), region=region).values("indicator")
    indicators = list(Indicator.objects.filter(Q(pk__in=goals) | Q(pk__in=values)))
    return queries.rows_for(viewer, indicators, [region], year)


def record(user: Any, ref: str, rows: int, form: str, query: str = "") -> None:
    """Journal an export: who took how many rows of what."""
    with change(user.actor()) as tx:
        tx.log("evidence.export", Ref.parse(ref), None, {"rows": rows, "form": form, "query": query[:300]})


SPEC = SheetSpec(
    name="evidence.attainment",
    title="指标完成情况",
    columns=(
        Column("code", "指标编码", kind="text", required=True),
        Column("name", "指标", kind="text"),
        Column("group", "领域", kind="text"),
        Column("region", "区划代码", kind="text", required=True),
        Column("year", "年度", kind="int", required=True),
        Column("value", "年初至今", kind="decimal"),
        Column("unit", "单位", kind="text"),
        Column("until", "数据截至", kind="date"),
        Column("target", "目标", kind="text"),
        Column("light", "亮灯", kind="text"),
        Column("needed", "倒算", kind="text"),
        Column("source", "来源", kind="text"),
    ),
    key_columns=("code", "region", "year"),
)


def _sheet_row(row: queries.Row) -> dict[str, Any]:
    words = row.target_words
    sentence = row.reading.sentence
    return {
        "code": row.indicator.code, "name": row.indicator.zh, "group": row.indicator.group_zh, "region": row.region.pk,
        "year": row.year, "value": row.value, "unit": row.indicator.unit or None, "until": row.reading.year.until,
        "target": words.zh if words else None, "light": row.light.word.zh, "needed": sentence.zh if sentence else None,
        "source": row.source or None,
    }  # fmt: skip


def indicators_file(request: HttpRequest, listing: Listing, state: dict[str, Any]) -> HttpResponseBase:
    """The rows of the filtered list as a workbook."""
    held = {row.indicator.pk: row for row in state["rows"]}
    region, year = state["region"], state["year"]
    rows = []
    for indicator in listing.all_rows():
        row = held.get(indicator.pk)
        if row is not None:
            rows.append(_sheet_row(row))
        else:
            rows.append({"code": indicator.code, "name": indicator.zh, "group": indicator.group_zh, "region": region.pk,
                         "year": year, "unit": indicator.unit or None})  # fmt: skip
    record(request.user, f"region:{region.pk}", len(rows), "xlsx", listing.query_text)
    meta = ExportMeta(
        by=request.user.name, at=timezone.localtime(), filters=(("区划", region.name), ("年度", str(year)))
    )
    content = export_workbook(SPEC, rows, meta)
    name = f"{region.name}{year}年指标完成情况.xlsx"
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=XLSX_TYPE)


def _words(target: Any) -> str:
    words = queries.target_words(target)
    return words.zh if words else ""


_WHAT = (
    ExportColumn(_("指标编码"), "indicator.code"),
    ExportColumn(_("指标"), "indicator.zh"),
    ExportColumn(_("区划代码"), "region_id"),
    ExportColumn(_("区划"), "region.name"),
    ExportColumn(_("时段"), "period"),
)
VALUES = (
    *_WHAT,
    ExportColumn(_("数值"), "value"),
    ExportColumn(_("计量单位"), "unit"),
    ExportColumn(_("状态"), "get_status_display"),
    ExportColumn(_("来源"), "source"),
)
TARGETS = (
    *_WHAT,
    ExportColumn(_("目标"), _words),
    ExportColumn(_("目标值"), "value"),
    ExportColumn(_("计量单位"), "unit"),
    ExportColumn(_("状态"), "get_status_display"),
    ExportColumn(_("依据"), "document"),
)
CORRECTIONS = (
    *_WHAT,
    ExportColumn(_("原值"), "replaces.value"),
    ExportColumn(_("新值"), "value"),
    ExportColumn(_("计量单位"), "unit"),
    ExportColumn(_("更正原因"), "reason"),
    ExportColumn(_("更正人"), "entered_by.name"),
    ExportColumn(_("时间"), "at"),
    ExportColumn(_("状态"), "get_status_display"),
)
LOCKS = (
    ExportColumn(_("区划"), "region.name"),
    ExportColumn(_("年度"), "year"),
    ExportColumn(_("领域"), "group"),
    ExportColumn(_("锁定人"), "locked_by.name"),
    ExportColumn(_("锁定时间"), "locked_at"),
    ExportColumn(_("解锁人"), "unlocked_by.name"),
    ExportColumn(_("解锁时间"), "unlocked_at"),
)
