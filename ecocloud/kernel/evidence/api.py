"""API of the room: indicators, observations, targets (JSON). Errors are typed; every call is limited to the caller's
data scope."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from ecocloud.kernel.evidence import display, exporting, queries, services
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.regions.permissions import require
from ecocloud.kernel.regions.queries import region_by_code

router = Router(tags=["evidence"])
MAX_ROWS = 500


class IndicatorOut(Schema):
    """An indicator."""

    code: str
    zh: str
    en: str
    unit: str
    direction: str
    nature: str
    aggregation: str
    group: str
    status: str


class ObservationOut(Schema):
    """An observation with its source."""

    id: int
    indicator: str
    region: str
    period: str
    value: Decimal | None
    value_text: str
    unit: str
    qualifier: str
    status: str
    version: int
    source: str


class ObservationIn(Schema):
    """An observation to record as a draft."""

    indicator: str
    region: str
    period: str
    value: Decimal | None = None
    value_text: str = ""
    unit: str = ""
    qualifier: str = "actual"
    denominator: Decimal | None = None
    source: str
    note: str = ""
    submit: bool = False


class TargetOut(Schema):
    """A target with its document."""

    id: int
    indicator: str
    region: str
    period: str
    operator: str
    value: Decimal
    value2: Decimal | None
    unit: str
    baseline_value: Decimal | None
    document: str
    status: str
    version: int


class AttainmentOut(Schema):
    """An indicator against its target: the arithmetic is part of the answer."""

    indicator: str
    region: str
    year: int
    value: Decimal | None
    unit: str
    until: date | None
    target: str
    verdict: str
    light: str
    light_word: str
    expected: Decimal | None
    needed: str
    arithmetic: list[str]
    source: str


def _observation(row: Observation) -> dict[str, Any]:
    return {
        "id": row.pk, "indicator": row.indicator.code, "region": row.region_id, "period": row.period,
        "value": row.value, "value_text": row.value_text, "unit": row.unit,
        "qualifier": row.qualifier, "status": row.status,
        "version": row.version, "source": row.source,
    }  # fmt: skip


@router.get("/indicators", url_name="evidence-indicators", response=list[IndicatorOut])
def indicators(request: HttpRequest, q: str = "", group: str = "") -> Any:
    """Indicators in use, by name, code, alias or group."""
    require(request.user, queries.VIEW)
    rows = Indicator.objects.exclude(status="retired")
    rows = exporting.named(rows, q) if q else rows
    return list((rows.filter(group=group) if group else rows)[:MAX_ROWS])


@router.get("/indicators/{code}/attainment", url_name="evidence-attainment", response=AttainmentOut)
def attainment(request: HttpRequest, code: str, region: str = "", year: int = 0) -> Any:
    """One indicator of a region and year against its target."""
    require(request.user, queries.VIEW)
    place = region_by_code(region) if region else display.home_region(request.user)
    row = queries.rows_for(
        request.user, [get_object_or_404(Indicator, code=code)], [place], year or display.page_year(request)
    )[0]
    reading = row.reading
    words = row.target_words
    return {
        "indicator": code, "region": place.pk, "year": row.year, "value": row.value, "unit": row.indicator.unit,
        "until": reading.year.until, "target": words.zh if words else "", "light": row.light.color,
        "verdict": reading.found.verdict if reading.found else "unknown", "light_word": row.light.word.zh,
        "expected": reading.pace.expected if reading.pace else None,
        "needed": reading.sentence.zh if reading.sentence else "", "arithmetic": [step.zh for step in reading.steps],
        "source": row.source,
    }  # fmt: skip


class ObservationFilter(Schema):
    """Which observations."""

    indicator: str = ""
    region: str = ""
    year: int | None = None
    status: str = ""
    offset: int = 0


@router.get("/observations", url_name="evidence-observations", response=list[ObservationOut])
def observations(request: HttpRequest, wanted: Query[ObservationFilter]) -> Any:
    """Observations the caller may see, newest first, at most 500."""
    require(request.user, queries.VIEW)
    rows = queries.observations(request.user).select_related("indicator")
    if wanted.indicator:
        rows = rows.filter(indicator__code=wanted.indicator)
    if wanted.region:
        rows = rows.filter(region=region_by_code(wanted.region))
    if wanted.year:
        rows = rows.filter(queries.in_year(wanted.year))
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    start = max(0, wanted.offset)
    return [_observation(row) for row in rows.order_by("-end", "-id")[start : start + MAX_ROWS]]


@router.post("/observations", url_name="evidence-observations", response=ObservationOut)
def record(request: HttpRequest, body: ObservationIn) -> Any:
    """Record a draft, or hand it in at once."""
    row = services.record_observation(
        request.user, get_object_or_404(Indicator, code=body.indicator), region_by_code(body.region), body.period,
        body.value, value_text=body.value_text, unit=body.unit, qualifier=body.qualifier, denominator=body.denominator,
        source=body.source, note=body.note, submitted=body.submit,
    )  # fmt: skip
    return _observation(row)


@router.get("/targets", url_name="evidence-targets", response=list[TargetOut])
def targets(request: HttpRequest, region: str = "", year: int | None = None) -> Any:
    """Targets in force that the caller may see, at most 500."""
    require(request.user, queries.VIEW)
    rows = queries.targets(request.user).filter(status=Target.Status.ACTIVE).select_related("indicator")
    rows = rows.filter(region=region_by_code(region)) if region else rows
    rows = rows.filter(queries.in_year(year)) if year else rows
    return [
        {"id": row.pk, "indicator": row.indicator.code, "region": row.region_id, "period": row.period,
         "operator": row.operator, "value": row.value, "value2": row.value2, "unit": row.unit,
         "baseline_value": row.baseline_value, "document": row.document, "status": row.status, "version": row.version}
        for row in rows[:MAX_ROWS]
    ]  # fmt: skip
