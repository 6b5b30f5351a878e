"""Workbooks of values: the import target of base/sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecocloud.base.sheets import Choice, Column, PreviewRow, SheetSpec
from ecocloud.base.sheets.registry import ImportTarget
from ecocloud.kernel.evidence import display, queries, services
from ecocloud.kernel.evidence.models import Indicator, Observation
from ecocloud.kernel.regions.models import Region

FILL = "evidence.observation.fill"


def _spec(user: Any) -> SheetSpec:
    places = display.region_choices(display.home_region(user))
    regions = tuple(Choice(region.pk, region.name) for region in places)
    indicators = tuple(Choice(row.code, row.zh) for row in Indicator.objects.exclude(status="retired"))
    return SheetSpec(
        name="evidence-values", title="指标数据",
        columns=(
            Column("indicator", "指标", kind="choice", required=True, choices=indicators, width=34,
                   synonyms=("指标名称",)),
            Column("region", "区划", kind="choice", required=True, choices=regions, synonyms=("县（市、区）", "地区")),
            Column("period", "时段", kind="period", required=True, help="如 2022-08、2022、2022Q1",
                   synonyms=("月份", "年度")),
            Column("value", "数值", kind="decimal", required=True, synonyms=("完成值", "实际值")),
            Column("denominator", "有效天数", kind="decimal", help="仅天数比率指标填写"),
            Column("note", "说明", max_len=300),
        ),
        key_columns=("indicator", "region", "period"),
        note_lines=("数值以目录单位填写；导入后为草稿，报送并复核后生效。", "已确认的数据不能用导入覆盖，请使用更正。"),
    )  # fmt: skip


def _existing(user: Any) -> Mapping[tuple, Mapping[str, Any]]:
    rows = (
        queries.observations(user).filter(qualifier="actual").exclude(status="superseded").select_related("indicator")
    )
    return {
        (row.indicator.code, row.region_id, row.period): {
            "indicator": row.indicator.code, "region": row.region_id, "period": row.period, "value": row.value,
            "denominator": row.denominator, "note": row.note or None,
        }
        for row in rows.order_by("id")
    }  # fmt: skip


def _apply(user: Any, rows: Sequence[PreviewRow]) -> Mapping[str, int]:
    """Write new and changed rows as drafts; a changed confirmed value becomes a correction for review."""
    indicators = {row.code: row for row in Indicator.objects.all()}
    regions = {region.pk: region for region in Region.objects.filter(pk__in={row.values["region"] for row in rows})}
    made = corrected = 0
    for row in rows:
        given = row.values
        indicator, region = indicators[given["indicator"]], regions[given["region"]]
        source = f"user:{user.pk}#row-{row.number}"
        key = {"indicator": indicator, "region": region, "period": given["period"], "qualifier": "actual"}
        old = Observation.objects.filter(**key, status="confirmed").select_related("indicator", "region", "department")
        standing = old.first()
        if standing is not None:
            services.correct(user, standing, value=given["value"], source=source, denominator=given.get("denominator"),
                             reason=given.get("note") or "表格导入更正")  # fmt: skip
            corrected += 1
            continue
        services.record_observation(
            user, indicator, region, given["period"], given["value"], source=source,
            denominator=given.get("denominator"), note=given.get("note") or "",
        )  # fmt: skip
        made += 1
    return {"drafts": made, "corrections": corrected}


TARGET = ImportTarget(
    key="evidence-values", title="指标数据", permission=FILL, spec=_spec, existing=_existing, apply=_apply,
    list_route="evidence:fill",
)  # fmt: skip
