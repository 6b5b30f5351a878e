"""Rows of the open data sets: what is public on the pages, as tables. Kept for all for some minutes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.utils import timezone

from ecocloud.base.pages.exports import safe_text
from ecocloud.portal.consulting.models import Comment
from ecocloud.portal.consulting.states import Showing, State
from ecocloud.portal.disclosure import queries
from ecocloud.portal.disclosure.facts import SetFact, open_data
from ecocloud.portal.errors import NoSuchReport
from ecocloud.portal.reports.models import Report

FORMS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class NoSuchSet(NoSuchReport):
    """There is no such set of open data."""

    code = "portal.no_set"


def set_of(code: str) -> SetFact:
    """One set; raises :class:`NoSuchSet`."""
    found = next((one for one in open_data().sets if one.code == code), None)
    if found is None:
        known = "、".join(one.code for one in open_data().sets)
        raise NoSuchSet("没有这个数据集。", f"no set {code[:20]}", value=code[:20], remedy_zh=f"可选：{known}。")
    return found


def _reports(most: int) -> list[list[Any]]:
    rows = Report.objects.select_related("region__parent", "unit").order_by("-pk")[:most]
    found = []
    for row in rows:
        region = row.region.parent if row.region.level == "village" and row.region.parent else row.region
        found.append([
            row.number, timezone.localdate(row.created_at), row.category, region.code, region.name, row.state,
            row.unit.name if row.unit else "", row.ended_on, bool(row.reply), row.rating, row.reopened, row.seen,
        ])  # fmt: skip
    return found


def _comments(most: int) -> list[list[Any]]:
    running = [State.PUBLISHED.value, State.CONCLUDED.value]
    rows = Comment.objects.filter(showing=Showing.SHOWN.value, consultation__state__in=running)
    rows = rows.select_related("consultation").order_by("-pk")[:most]
    return [
        [one.consultation_id, one.consultation.title, one.consultation.opens, one.consultation.closes, one.number,
         one.place, one.text, one.verdict, one.answer, one.change_note]
        for one in rows
    ]  # fmt: skip


def _publications(most: int) -> list[list[Any]]:
    rows = queries.public().select_related("department").order_by("-published_on", "-pk")[:most]
    return [[row.listed, row.title, row.period, row.published_on, row.department.name] for row in rows]


_ROWS: dict[str, Callable[[int], list[list[Any]]]] = {
    "reports": _reports, "comments": _comments, "publications": _publications,
}  # fmt: skip


def rows_of(one: SetFact) -> tuple[str, list[list[Any]]]:
    """When the rows were taken and the rows, the newest first."""
    key = f"portal.data:{one.code}"
    shared = caches["shared"]
    found = shared.get(key)
    if found is None:
        found = (timezone.localtime().isoformat(timespec="seconds"), _ROWS[one.code](one.most.value))
        shared.set(key, found, open_data().kept_seconds.value)
    return found


def as_file(one: SetFact, form: str) -> bytes:
    """A set as CSV (byte-order mark, formulas made harmless) or JSON (with licence and the meaning of columns)."""
    at, rows = rows_of(one)
    codes = [field.code for field in one.fields]
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(codes)
        writer.writerows([safe_text(value) for value in row] for row in rows)
        return ("\ufeff" + out.getvalue()).encode()
    licence = open_data().licence
    whole = {
        "set": one.code, "name_zh": one.zh, "name_en": one.en, "taken_at": at, "most_rows": one.most.value,
        "rows_cut": len(rows) >= one.most.value,
        "licence": {"name": licence.name, "url": licence.url, "zh": licence.zh, "en": licence.en},
        "fields": [{"code": field.code, "zh": field.zh, "en": field.en} for field in one.fields],
        "rows": [dict(zip(codes, row, strict=True)) for row in rows],
    }  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, default=str).encode()
