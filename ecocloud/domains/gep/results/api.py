"""API of results: runs, what one came to in a year, its lines with everything they came from; by data scope."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from ecocloud.domains.gep import queries
from ecocloud.domains.gep.errors import NotThere
from ecocloud.domains.gep.models import Run, RunLine
from ecocloud.domains.gep.results import reading, showing, tables
from ecocloud.domains.gep.results.tables import Table

router = Router(tags=["gep"])
MOST = 500
MOST_LINES = 2000


class RunOut(Schema):
    """A run: what was accounted, by which edition, how it stands, GEP by year in 万元."""

    id: int
    accounting: int
    title: str
    region: str
    number: int
    state: str
    edition: str
    digest: str
    totals: dict[str, str]


class RowOut(Schema):
    """A row of a table: codes of what it is of, and its cells by head; numbers as text, to the last digit."""

    key: list[str]
    cells: dict[str, str | None]


class TableOut(Schema):
    """A table whose total is the sum of its rows."""

    key: str
    title: str
    units: dict[str, str]
    rows: list[RowOut]
    total: dict[str, str | None] | None


class ResultsOut(RunOut):
    """A run in one year: GEP, ratios (null where the statistic was not given), tables."""

    year: int
    base_year: int
    gep: str
    gep_of_gdp: str | None
    per_area: str | None
    per_head: str | None
    tables: list[TableOut]


class UsedOut(Schema):
    """An input, coefficient or price a line was computed from."""

    kind: str
    code: str
    part: str
    value: str
    unit: str
    source: str
    mark: str


class LineOut(Schema):
    """One amount with its value in 万元 and everything it came from."""

    id: int
    region: str
    year: int
    service: str
    item: str
    part: str
    method: str
    amount: str
    unit: str
    value: str
    used: list[UsedOut]


def _run(row: Run) -> dict[str, Any]:
    return {
        "id": row.pk, "accounting": row.accounting_id, "title": row.accounting.title,
        "region": row.accounting.region_id, "number": row.number, "state": row.state, "edition": row.edition,
        "digest": row.digest, "totals": {str(year): f"{total:.2f}" for year, total in queries.totals(row).items()},
    }  # fmt: skip


@router.get("/runs", response=list[RunOut], url_name="gep-runs")
def runs(request: HttpRequest, accounting: int | None = None, state: str = "") -> list[dict[str, Any]]:
    """The runs in sight, the newest first, of one accounting and state where asked; at most 500."""
    rows = queries.runs(request.user)
    rows = rows.filter(accounting=accounting) if accounting is not None else rows
    return [_run(row) for row in (rows.filter(state=state) if state else rows)[:MOST]]


def _seen(request: HttpRequest, pk: int) -> Run:
    row = queries.runs(request.user).filter(pk=pk).first()
    if row is None:
        raise NotThere("没有这次运行，或不在您的数据范围内。", f"no run {pk} in reach", value=pk)
    return row


@router.get("/runs/{int:pk}/results", response=ResultsOut, url_name="gep-results")
def results(request: HttpRequest, pk: int, year: int | None = None, base_year: int = 0) -> dict[str, Any]:
    """A run in one year (its last without ``year``); with ``base_year`` also at the prices of that year."""
    row = _seen(request, pk)
    told = _run(row)
    years = [int(one) for one in told["totals"]]
    year = years[-1] if year is None and years else year
    if year not in years:
        raise NotThere("这次运行没有核算该年。", f"run {pk} has no account of {year}", value=year)
    outcome = reading.outcome_of(row, year, base_year)
    words = showing.speech(reading.region_names(outcome))
    makers = (tables.groups, tables.services, tables.items, tables.ecosystems, tables.regions, tables.years)
    found = [make(outcome, words) for make in makers]
    if outcome.before:
        found.append(tables.changes(outcome, words, outcome.before))
    found.append(tables.open_points(outcome, words))
    ratios = outcome.ratios(outcome.total, outcome.regions, year)
    return told | {
        "year": year, "base_year": base_year, "gep": f"{outcome.total:.2f}", "gep_of_gdp": _text(ratios.gdp),
        "per_area": _text(ratios.land), "per_head": _text(ratios.head), "tables": [_table(one) for one in found],
    }  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _table(table: Table) -> dict[str, Any]:
    labels = [head.label for head in table.heads]

    def cells(values: tuple[Any, ...]) -> dict[str, str | None]:
        return dict(zip(labels, map(_text, values), strict=True))

    return {
        "key": table.key, "title": table.title, "units": {head.label: head.unit for head in table.heads if head.unit},
        "rows": [{"key": list(row.key), "cells": cells(row.cells)} for row in table.rows],
        "total": cells(table.total.cells) if table.total else None,
    }  # fmt: skip


@router.get("/runs/{int:pk}/lines", response=list[LineOut], url_name="gep-lines")
def lines(request: HttpRequest, pk: int, year: int, service: str = "", start: int = 0) -> list[dict[str, Any]]:
    """Lines of a year, of one service where asked, from number ``start`` on; at most 2000."""
    rows = RunLine.objects.filter(account__run=_seen(request, pk), account__year=year).order_by("account_id", "number")
    rows = (rows.filter(service=service) if service else rows).select_related("account")
    names = ("service", "item", "part", "method", "unit", "used")
    first = max(0, start)
    return [
        {name: getattr(row, name) for name in names}
        | {"id": row.pk, "region": row.account.region_id, "year": row.account.year, "amount": f"{row.amount:f}",
           "value": f"{row.value:.2f}"}
        for row in rows[first : first + MOST_LINES]
    ]  # fmt: skip
