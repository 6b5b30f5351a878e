"""Values by workbook and CSV: what goes out comes in, what is wrong is named by its cell, the rest goes in."""

import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ecocloud.base.sheets import export_workbook
from ecocloud.base.sheets import services as sheets
from ecocloud.base.sheets.models import ImportBatch
from ecocloud.domains.gep import datasheet
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.models import Datum, Form
from ecocloud.domains.gep.reporting import importing
from ecocloud.domains.gep.services import reporting

pytestmark = pytest.mark.django_db
TABLE = """地区,年度,数据项,部分,数值,单位,数据来源,说明
360802,2023,年降水量,全部,1600,毫米,气象局年报,
青山县,2023,年蒸散发量,全部,800,,气象局年报,两站平均
上游镇,2023,生态系统面积,11 阔叶林,15000,亩,年度变更调查,
"""


def row(datum="area", part="11", value="10", **more):
    return {"region": "360802101", "year": 2023, "datum": datum, "part": part, "value": Decimal(value), "unit": None,
            "source": None, "note": None} | more  # fmt: skip


def staged(user, accounting, rows):
    content = export_workbook(importing.spec(accounting), rows)
    return sheets.stage(user, sheets.upload(user, importing.key_of(accounting.pk), "数据.xlsx", io.BytesIO(content)))


def outcomes(batch):
    return [line.outcome for line in batch.rows.order_by("number")]


def faults(batch):
    return [[(one.title, one.reason) for one in line.fault_list()] for line in batch.rows.order_by("number")]


def test_what_goes_out_filled_in_comes_in_and_then_nothing_changes(place, accounting):
    rows = [row(), row(part="12", value="15000", unit="亩"), row("erodibility", "全部", "0.0042", source="普查")]
    batch = staged(place.land, accounting, rows)
    assert outcomes(batch) == ["new"] * 3, faults(batch)
    sheets.commit(place.land, batch)
    assert {(one.code, one.part): str(one.value) for one in Datum.objects.all()} == {
        ("area", "11"): "10", ("area", "12"): "10", ("erodibility", ""): "0.0042"}  # fmt: skip
    there = [one for one in importing.rows_of(place.land, accounting) if one["value"] is not None]
    assert outcomes(staged(place.land, accounting, there)) == ["same"] * 3
    batch = staged(place.land, accounting, [there[0] | {"value": there[0]["value"] + 1}])
    assert outcomes(batch) == ["changed"]


def test_the_empty_workbook_of_a_unit_changes_nothing(place, accounting):
    rows = importing.rows_of(place.water, accounting)
    assert {one["datum"] for one in rows} >= {"water_domestic", "reservoir_capacity"} and len(rows) > 10
    batch = staged(place.water, accounting, rows)
    assert not [one for one in outcomes(batch) if one == "wrong"], faults(batch)
    sheets.commit(place.water, batch)
    assert not Datum.objects.exists()


@pytest.mark.parametrize(
    ("bad", "column"),
    [({"datum": "rain"}, "数据项"), ({"part": "石桥水库"}, "部分"), ({"part": "全部"}, "部分"),
     ({"unit": "吨"}, "单位"), ({"year": 2022}, "年度"), ({"region": "360803"}, "地区")],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_cell_and_the_rest_goes_in(place, accounting, bad, column):
    batch = staged(place.land, accounting, [row(part="12"), row() | bad])
    assert outcomes(batch) == ["new", "wrong"], faults(batch)
    assert any(column in named for named, _reason in faults(batch)[1]), faults(batch)
    sheets.commit(place.land, batch, skip_errors=True)
    assert Datum.objects.get().part == "12"


def test_a_form_that_was_sent_takes_no_workbook(place, accounting, fill):
    form = fill("GEP101", place.upper, {"area__11": 10})
    reporting.submit(place.office, form, note="其余没有")
    batch = staged(place.land, accounting, [row(part="12")])
    assert outcomes(batch) == ["wrong"] and "待复核" in faults(batch)[0][0][1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_goes_the_same_way(place, accounting, at, encoding):
    client = at(place.office)
    given = SimpleUploadedFile("数据.csv", TABLE.encode(encoding), "text/csv")
    answer = client.post(reverse("gep:data-csv", args=[accounting.pk]), {"file": given})
    assert answer.status_code == 302 and "/batch/" in answer.url, answer.url
    batch = ImportBatch.objects.get()
    assert outcomes(batch) == ["new"] * 3, faults(batch)
    sheets.commit(place.office, batch)
    assert str(Datum.objects.get(code="area").value) == "10"
    rain = Datum.objects.get(code="rain")
    assert (str(rain.value), rain.source, rain.form.state) == ("1600", "气象局年报", "draft")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", "地区".encode("utf-16"), b"a\x00b"])
def test_what_is_no_csv_is_refused_with_a_sentence(content):
    with pytest.raises(GepError) as refused:
        datasheet.workbook_of_csv(content)
    assert refused.value.remedy_zh


def test_only_who_fills_in_may_import(place, accounting):
    with pytest.raises(Exception, match="permission|权限"):
        staged(place.reader, accounting, [row()])
    assert outcomes(staged(place.stranger, accounting, [row()])) == ["wrong"]
    assert not Form.objects.exclude(state="owed").exists()
