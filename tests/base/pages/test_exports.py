"""Exports: the same rows as the list, and no cell that a spreadsheet would run."""

import csv
import datetime
import io

import openpyxl
import pytest
from django.test import RequestFactory

from ecocloud.base.pages.exports import ExportColumn, export, safe_text
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec

COLUMNS = (
    ExportColumn("编号", "pk"),
    ExportColumn("任务", "title"),
    ExportColumn("期限", "due"),
    ExportColumn("无此项", "nothing.deeper"),
    ExportColumn("加一", lambda row: row.pk + 1),
)


@pytest.fixture
def listing(lines):
    for number, title in enumerate(("=1+1", "@cmd", "正常", "坏\x07字符", "-5", "+6"), 1):
        lines.objects.create(pk=number, title=title, unit="u", light="red", due=datetime.date(2026, 1, number))
    lines.objects.create(pk=9, title="别的", unit="u", light="green", due=None)
    spec = FilterSpec("light", "亮灯", choices=[("red", "红"), ("green", "绿")])
    sorts = [SortSpec("pk", ("pk",))]
    return Listing(RequestFactory().get("/l/?light=red"), lines.objects.all(), filters=[spec], sorts=sorts)


def test_csv_quotes_what_looks_like_a_formula(listing):
    body = b"".join(export(listing, COLUMNS, "任务", form="csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[0] == ["编号", "任务", "期限", "无此项", "加一"]
    assert [row[1] for row in rows[1:]] == ["'=1+1", "'@cmd", "正常", "坏\x07字符", "'-5", "'+6"]
    assert len(rows) - 1 == listing.total


def test_workbook_has_texts_not_formulas_and_real_dates(listing):
    taken = []
    answer = export(listing, COLUMNS, "任务", record=lambda rows, query: taken.append((rows, query)))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    cells = list(sheet.iter_rows(min_row=2))
    assert [row[1].value for row in cells] == ["=1+1", "@cmd", "正常", "坏字符", "-5", "+6"]
    assert {row[1].data_type for row in cells} == {"s"}
    assert cells[0][2].value == datetime.datetime(2026, 1, 1) and cells[0][4].value == 2
    assert taken == [(6, "light=red")]


@pytest.mark.parametrize(("value", "text"), [(None, ""), (-3, "-3"), ("\t=x", "'\t=x"), ("a=b", "a=b")])
def test_only_texts_are_quoted(value, text):
    assert safe_text(value) == text


def test_times_leave_as_the_page_shows_them_to_the_second():
    at = datetime.datetime(2026, 11, 30, 22, 55, 53, 618419, tzinfo=datetime.UTC)
    assert safe_text(at) == "2026-12-01 06:55:53"  # Asia/Shanghai is eight hours ahead
    assert safe_text(datetime.date(2026, 11, 30)) == "2026-11-30"
