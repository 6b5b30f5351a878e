"""Pages of the reporting system: filling, checking, reviewing; whom they open for; files; the work desk."""

import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from ecocloud.domains.gep import formset
from ecocloud.domains.gep.models import Accounting, Correction, Datum, Form
from ecocloud.domains.gep.reporting import desk
from ecocloud.domains.gep.reporting.accountable import ACCOUNTABLE
from ecocloud.domains.gep.services import reporting, reviewing, runs
from ecocloud.kernel.regions.accountable import Subject

pytestmark = pytest.mark.django_db


def form_of(accounting, code, region, year=2023):
    return Form.objects.get(accounting=accounting, code=code, region=region, year=year)


def test_an_accounting_is_opened_on_the_page(place, at):
    client = at(place.office)
    page = client.get(reverse("gep:accounting-new"))
    assert page.status_code == 200 and "公式不全" in page.content.decode()
    given = {"title": "青山县核算", "region": "360802", "parts": "1", "first_year": "2023", "edition": "ndrc-481-2022",
             "deadline": "2027-03-31"}  # fmt: skip
    wrong = client.post(reverse("gep:accounting-new"), given | {"first_year": "2099"})
    assert wrong.status_code == 400 and "核算年度不合理" in wrong.content.decode()
    assert client.post(reverse("gep:accounting-new"), given).status_code == 302
    row = Accounting.objects.get()
    # Three forms are owed by the whole and both townships, six by the whole only.
    assert row.parts.count() == 2 and row.forms.count() == 3 * 3 + 6
    assert {form.department.name for form in row.forms.filter(code="GEP102")} == {"试验市气象局"}
    assert {form.department.name for form in row.forms.filter(code="GEP107")} == {"试验市生态文明办"}


def test_a_form_is_filled_in_checked_and_approved_on_its_page(place, accounting, at):
    form = form_of(accounting, "GEP101", place.upper)
    client, url = at(place.land), reverse("gep:form", args=[form.pk])
    page = client.get(url).content.decode()
    assert "生态系统面积" in page and "保存并报送" in page
    save = reverse("gep:form-save", args=[form.pk])
    lines = {"code": ["area", "area"], "part": ["11 阔叶林", "针叶林"], "value": ["120.5", "3"], "source": ["年鉴", ""],
             "note": ["", ""], "revision": "0"}  # fmt: skip
    wrong = client.post(save, lines | {"value": ["120.5", "三"]})
    assert wrong.status_code == 400 and "不是数字" in wrong.content.decode() and not Datum.objects.exists()
    assert client.post(save, lines | {"then": "submit", "opinion": "其余没有"}).status_code == 302
    form.refresh_from_db()
    assert form.state == "submitted" and set(form.data.values_list("part", flat=True)) == {"11", "12"}
    step = reverse("gep:form-step", args=[form.pk])
    client.post(step, {"action": "check", "revision": form.revision})
    form.refresh_from_db()
    assert form.state == "submitted", "nobody checks his own"
    at(place.chief).post(step, {"action": "check", "revision": form.revision})
    at(place.office).post(step, {"action": "approve"})
    form.refresh_from_db()
    assert form.state == "approved"
    page = client.get(url).content.decode()
    assert "复核通过" in page and "审定" in page and "保存并报送" not in page


def test_a_form_is_returned_with_its_reason_and_says_it(place, accounting, fill, at):
    form = fill("GEP102", place.county, {"rain": 1600, "evapotranspiration": 800})
    reporting.submit(place.office, form, note="其余没有")
    step = reverse("gep:form-step", args=[form.pk])
    client = at(place.second)
    client.post(step, {"action": "return", "opinion": " "})
    form.refresh_from_db()
    assert form.state == "submitted"
    client.post(step, {"action": "return", "opinion": "站点不全"})
    assert "站点不全" in client.get(reverse("gep:form", args=[form.pk])).content.decode()


def test_a_unit_error_is_flagged_on_the_page(place, accounting, fill, at):
    form = fill("GEP102", place.county, {"rain": 1600000})
    Datum.objects.update(note="")
    page = at(place.office).get(reverse("gep:form", args=[form.pk])).content.decode()
    assert "超出常见范围 300 至 3500" in page and "请核对数值和单位" in page


def test_a_locked_value_is_corrected_on_the_page(place, accounting, approved, at):
    form = approved()[2]
    reporting.step(place.second, form, "lock")
    datum = form.data.get(code="rain")
    client = at(place.office)
    url = reverse("gep:form", args=[form.pk])
    assert "提出更正" in client.get(url).content.decode()
    client.post(reverse("gep:correct", args=[datum.pk]), {"value": "1650", "opinion": "漏加一站"})
    row = Correction.objects.get()
    client.post(reverse("gep:correction", args=[row.pk]), {"accept": "1"})
    datum.refresh_from_db()
    assert datum.value == 1600, "nobody decides on his own"
    at(place.second).post(reverse("gep:correction", args=[row.pk]), {"accept": "1"})
    datum.refresh_from_db()
    assert datum.value == 1650 and "漏加一站" in client.get(url).content.decode()


def test_who_owes_what_and_who_sees_it(place, accounting, at):
    page = at(place.office).get(reverse("gep:accounting", args=[accounting.pk])).content.decode()
    assert "青山县水利局" in page and "运行核算" in page and "还没有运行" in page
    own = at(place.water).get(reverse("gep:accounting", args=[accounting.pk])).content.decode()
    assert "青山县水利局" in own and "青山县林业局" not in own and 'data-dialog="run"' not in own
    for name, row in (("accounting", accounting), ("form", accounting.forms.first())):
        assert at(place.stranger).get(reverse(f"gep:{name}", args=[row.pk])).status_code == 404
        assert at(place.reader).get(reverse(f"gep:{name}", args=[row.pk])).status_code == 200
    foreign = form_of(accounting, "GEP104", place.upper)
    assert at(place.water).post(reverse("gep:form-save", args=[foreign.pk]), {}).status_code == 404
    assert at(place.reader).post(reverse("gep:form-save", args=[foreign.pk]), {}).status_code == 403


def test_the_desk_counts_what_its_list_shows(place, accounting, fill, at):
    form = fill("GEP103", place.county, {"water_domestic": 100}, by=place.water)
    assert desk.count(place.water) == 2  # its form of both years
    reporting.submit(place.water, form, note="其余没有")
    assert desk.count(place.water) == 1
    assert form in desk.todo(place.office) and form not in desk.todo(place.land)
    page = at(place.office).get(desk.url(place.office))
    assert page.context["listing"].total == desk.count(place.office)
    assert [row["act"] for row in desk.rows(place.office, "todo", 50)].count("复核通过") == 1


def test_methods_coefficients_and_prices_on_the_page(place, accounting, at):
    client = at(place.office)
    url = reverse("gep:basis", args=[accounting.pk])
    price = {"kind": "reservoir", "place": "360802", "value": "8", "year": "2023", "source": "概算"}
    client.post(reverse("gep:price-set", args=[accounting.pk]), price | {"year": ""})
    assert not accounting.prices.exists() and "没有写明年份" in client.get(url).content.decode()
    client.post(reverse("gep:price-set", args=[accounting.pk]), price)
    client.post(reverse("gep:parameter-set", args=[accounting.pk]),
                {"code": "runoff", "part": "11", "value": "5", "year": "2023", "source": "实测"})  # fmt: skip
    page = client.get(url).content.decode()
    assert "概算" in page and "实测" in page and "早于核算年" in page and "没有可用的价格" in page
    assert at(place.land).post(reverse("gep:price-set", args=[accounting.pk]), price).status_code == 403


def test_a_run_is_made_reviewed_and_confirmed_on_the_pages(place, accounting, approved, at):
    approved()
    client = at(place.office)
    made = client.post(reverse("gep:run-make", args=[accounting.pk]), {})
    run = accounting.runs.get()
    assert made.url == reverse("gep:review", args=[run.pk])
    page = client.get(made.url).content.decode()
    assert "须由另一位有权限的人员确认" in page
    at(place.reader).post(reverse("gep:comment", args=[run.pk]), {"text": "水价偏低", "service": "water_retention"})
    said = run.comments.get()
    client.post(reverse("gep:comment", args=[run.pk]), {"text": "已核", "parent": said.pk})
    at(place.reader).post(reverse("gep:comment-resolve", args=[said.pk]))
    again = client.get(reverse("gep:rerun", args=[run.pk])).content.decode()
    assert "逐位相同" in again and "水价偏低" in again and "已解决" in again
    at(place.second).post(reverse("gep:run-confirm", args=[run.pk]), {"opinion": ""})
    run.refresh_from_db()
    assert run.state == "confirmed"
    assert at(place.stranger).get(made.url).status_code == 404


def test_what_is_owed_leaves_as_a_workbook(place, accounting, at):
    answer = at(place.land).get(reverse("gep:data-book", args=[accounting.pk]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:4] == ("地区", "年度", "数据项", "部分")
    assert {row[0] for row in rows[1:]} == {"360802 青山县", "360802101 上游镇", "360802102 下游乡"}
    listed = at(place.office).get(reverse("gep:forms") + "?export=csv")
    assert b"GEP101" in b"".join(listed.streaming_content)


def test_the_api_reads_and_fills(place, accounting, at):
    form = form_of(accounting, "GEP103", place.county)
    client = at(place.water)
    assert [row["id"] for row in client.get(reverse("api:gep-accountings")).json()] == [accounting.pk]
    assert {row["code"] for row in client.get(reverse("api:gep-forms")).json()} == {"GEP103"}
    url = reverse("api:gep-form-fill", args=[form.pk])
    data = {"data": [{"datum": "reservoir_capacity", "part": "石桥水库", "value": "2000000", "unit": "立方米"}]}
    answer = client.post(url, data, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["data"][0]["value"] == "200" and answer.json()["state"] == "draft"
    foreign = accounting.forms.exclude(code="GEP103").first()
    wrong = client.post(url, {"data": [{"datum": "rain", "value": "1"}]}, content_type="application/json")
    assert wrong.status_code == 400 and wrong.json()["code"] == "gep.refused"
    assert client.get(reverse("api:gep-form", args=[foreign.pk])).status_code == 404


@pytest.mark.parametrize("name", ["accountings", "forms"])
def test_empty_lists_say_what_to_do_next(place, at, name):
    page = at(place.office).get(reverse(f"gep:{name}")).content.decode()
    assert "开展核算" in page


def test_pages_in_english_have_no_chinese_but_data(place, accounting, filled, at):
    filled()
    run = runs.make_run(place.office, accounting)
    reviewing.comment(place.office, run, "check")
    client = at(place.office)
    url = reverse("gep:form", args=[form_of(accounting, "GEP101", place.upper).pk])
    page = client.get(url, {"language": "en"}).content.decode()
    assert "Save and send" in page and "Ecosystem areas" in page


def cost(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_pages_cost_the_same_whatever_their_forms_hold(place, accounting, fill, filled, at):
    client = at(place.office)
    form = fill("GEP101", place.upper, {"area__11": 10, "area__12": 4})
    filled()
    urls = [reverse("gep:accounting", args=[accounting.pk]), reverse("gep:form", args=[form.pk]),
            reverse("gep:basis", args=[accounting.pk])]  # fmt: skip
    few = [cost(client, url) for url in urls]
    for code in ("13", "14", "21", "22", "23", "31", "32", "33", "42", "43", "51", "52", "61", "62"):
        fill("GEP101", place.upper, {f"area__{code}": 3})
    for _ in range(3):
        runs.make_run(place.office, accounting)
    assert [cost(client, url) for url in urls] == few and max(few) <= 28, few


def test_the_accountability_file_of_a_unit_says_what_it_owed(place, accounting, fill):
    form = fill("GEP103", place.county, {"water_domestic": 100}, by=place.water)
    reporting.submit(place.water, form, note="其余没有")
    unit = place.units["water"]
    subject = Subject(f"dept:{unit.pk}", unit.name, unit.pk, unit.region_id)
    (section,) = ACCOUNTABLE.sections(subject, date(2027, 1, 1), date(2027, 12, 31))
    assert [(line.words[10:], bool(line.entries)) for line in section.lines] == [(" 按期报送", True), ("", False)]
    assert section.lines[1].words == "未报送"
    assert ACCOUNTABLE.sections(subject, date(2026, 1, 1), date(2026, 12, 31)) == []


def test_the_form_set_is_a_page_and_a_file(place, at):
    client = at(place.reader)
    page = client.get(reverse("gep:form-set")).content.decode()
    assert "GEP102" in page and "300 – 3500" in page and "气象局" in page
    english = client.get(reverse("gep:form-set"), {"language": "en"}).content.decode()
    assert "Meteorology" in english and "Usual range" in english
    answer = client.get(reverse("gep:form-set"), {"export": "csv", "language": "zh-hans"})
    rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + sum(len(form.data) for form in formset.forms().values())
