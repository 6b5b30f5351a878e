"""Who may open which page of results, and their lines of the menu."""

from __future__ import annotations

from ecocloud.base.rooms import Access, MenuEntry
from ecocloud.intake.monitoring.stations.access import GROUP, VIEW

FILL = "evidence.observation.fill"
# A group of its own beside 监测预警: devices and their values are other people's work than what is judged of them.
EVALUATION = "环境评价"
_HERE = "ecocloud.intake.monitoring.results.access"


def result() -> dict:
    """Any result."""
    from ecocloud.intake.monitoring.results.models import Result

    return {"pk": Result.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def park() -> dict:
    """Any park."""
    from ecocloud.intake.monitoring.results.rules import rules
    from ecocloud.kernel.registers.models import RegisterObject

    rows = RegisterObject.objects.filter(type__code=rules().park.of).order_by("pk")
    return {"pk": rows.values_list("pk", flat=True).first() or 1}


def bulletin() -> dict:
    """A bulletin of any month."""
    return {"at": "2026-03", "form": "docx"}


def hour() -> dict:
    """An hour of any device."""
    from ecocloud.intake.monitoring.stations.access import device

    return device() | {"hour": "2026030508"}


ACCESS = (
    Access("monitoring:evaluation", VIEW, sample="ecocloud.intake.monitoring.stations.access.device"),
    Access("monitoring:live", VIEW),
    Access("monitoring:live-objects", VIEW),
    Access("monitoring:air-hour", VIEW, sample=f"{_HERE}.hour"),
    Access("monitoring:result", VIEW, sample=f"{_HERE}.result"),
    Access("monitoring:sections", VIEW),
    Access("monitoring:lakes", VIEW),
    Access("monitoring:capacity", VIEW),
    Access("monitoring:sources", VIEW),
    Access("monitoring:air-ranking", VIEW),
    Access("monitoring:water-ranking", VIEW),
    Access("monitoring:backcasting", VIEW),
    Access("monitoring:outlet-days", VIEW),
    Access("monitoring:exceedances", VIEW),
    Access("monitoring:emission-totals", VIEW),
    Access("monitoring:parks", VIEW),
    Access("monitoring:park", VIEW, sample=f"{_HERE}.park"),
    Access("monitoring:bulletin", VIEW, sample=f"{_HERE}.bulletin"),
    Access("api:monitoring-air-hours", VIEW, sample="ecocloud.intake.monitoring.stations.access.device"),
    Access("monitoring:result-feed", FILL, ("GET", "POST")),
)
MENU = (
    MenuEntry("实时地图", "Live map", "monitoring:live", VIEW, "map-pin", GROUP, 298),
    MenuEntry("断面水质", "Sections", "monitoring:sections", VIEW, "droplets", EVALUATION, 302),
    MenuEntry("饮用水水源", "Drinking water", "monitoring:sources", VIEW, "droplets", EVALUATION, 303),
    MenuEntry("湖库营养状态", "Lakes", "monitoring:lakes", VIEW, "waves", EVALUATION, 303),
    MenuEntry("空气质量排名", "Air ranking", "monitoring:air-ranking", VIEW, "wind", EVALUATION, 304),
    MenuEntry("空气目标倒算", "Air targets", "monitoring:backcasting", VIEW, "target", EVALUATION, 305),
    MenuEntry("地表水排名", "Water ranking", "monitoring:water-ranking", VIEW, "waves", EVALUATION, 306),
    MenuEntry("排口达标", "Outlets", "monitoring:outlet-days", VIEW, "log-out", EVALUATION, 307),
    MenuEntry("园区监控", "Parks", "monitoring:parks", VIEW, "factory", GROUP, 309),
    MenuEntry("纳污能力", "Capacity of reaches", "monitoring:capacity", VIEW, "waves", EVALUATION, 307),
    MenuEntry("评价结果报送", "Results to indicators", "monitoring:result-feed", FILL, "send", EVALUATION, 308),
)
