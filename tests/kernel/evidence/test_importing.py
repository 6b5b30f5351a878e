"""Workbooks of values: a template goes out, comes back filled, becomes drafts and corrections."""

import io

import openpyxl
import pytest

from ecocloud.base.sheets import compare, guess_workbook, read_rows, template_workbook
from ecocloud.kernel.evidence import importing
from ecocloud.kernel.evidence.models import Observation

pytestmark = pytest.mark.django_db


def test_a_filled_template_becomes_drafts_and_corrections(place, put):
    put("FOR.COVER", "2026", "67.7")
    spec = importing._spec(place.office)
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(spec)))
    sheet = book.worksheets[0]
    start = sheet.max_row + 1
    heads = {str(cell.value).rstrip("* "): cell.column for row in sheet.iter_rows() for cell in row if cell.value}
    column = {
        key: next(number for head, number in heads.items() if head.startswith(key))
        for key in ("指标", "区划", "时段", "数值")
    }
    for offset, line in enumerate([("FOR.COVER", "2026", 67.2), ("AIR.PM25.MEAN", "2026-08", 21)]):
        for key, value in zip(("指标", "时段", "数值"), line, strict=True):
            sheet.cell(start + offset, column[key], value)
        sheet.cell(start + offset, column["区划"], place.city.pk)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    mapping = guess_workbook(out, spec)
    out.seek(0)
    preview = compare(read_rows(out, spec, mapping), importing._existing(place.office), spec)
    rows = [*preview.new, *preview.changed]
    assert (len(preview.new), len(preview.changed), len(preview.wrong)) == (1, 1, 0)
    assert importing._apply(place.office, rows) == {"drafts": 1, "corrections": 1}
    assert Observation.objects.get(version=2).replaces.value == Observation.objects.get(status="confirmed").value
    assert Observation.objects.get(status="draft").source.startswith(f"user:{place.office.pk}#row-")
