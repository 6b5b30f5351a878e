"""Offices by workbook: what comes out goes in unchanged, what is wrong is named by its cell, the past stays."""

import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from ecocloud.base.sheets import export_workbook
from ecocloud.base.sheets import services as sheets
from ecocloud.domains.chiefs import importing
from ecocloud.domains.chiefs.models import Office, Term
from ecocloud.domains.chiefs.services import offices
from tests.domains.chiefs.conftest import BEGAN

LATER = date(2026, 4, 1)


@pytest.fixture
def row(place, reach):
    """A new office as a row of the workbook."""
    unit = place.units["water"].code
    return {
        "kind": "river", "nature": "administrative", "level": "county", "place": reach.code, "department": unit,
        "contact": place.units["town"].code, "post": "副县长", "duty": "统筹", "phone": "0796-1", "sign": "QX-02",
        "opened_on": BEGAN, "holder": "王河长", "account": "next", "since": LATER, "basis": "任免文件",
    }  # fmt: skip


@pytest.fixture(autouse=True)
def _codes(place):
    """Units have codes in a real installation."""
    for name, unit in place.units.items():
        unit.code = f"u-{name}"
        unit.save(update_fields=["code"])


def staged(user, rows):
    content = export_workbook(importing.spec(user), rows)
    return sheets.stage(user, sheets.upload(user, importing.KEY, "河长.xlsx", io.BytesIO(content)))


def outcomes(batch):
    return [line.outcome for line in batch.rows.order_by("number")]


def faults(batch):
    return [[(one.title, one.reason) for one in line.fault_list()] for line in batch.rows.order_by("number")]


def test_a_new_office_with_its_holder_and_then_nothing_changes(place, row):
    batch = staged(place.office, [row])
    assert outcomes(batch) == ["new"], faults(batch)
    sheets.commit(place.office, batch)
    made = Office.objects.get()
    assert (made.post, made.sign, made.contact, made.region) == ("副县长", "QX-02", place.units["town"], place.town)
    term = Term.objects.get()
    assert (term.name, term.person, term.valid_from, term.basis) == ("王河长", place.next, LATER, "任免文件")
    assert importing.rows_of(place.office) == [row]
    assert outcomes(staged(place.office, importing.rows_of(place.office))) == ["same"]


def test_texts_change_and_a_successor_ends_the_term_before(place, seat):
    (row,) = importing.rows_of(place.office)
    assert row["holder"] == "张河长" and row["account"] == "chief"
    given = row | {"phone": "0796-9", "holder": "李河长", "account": None, "since": LATER, "basis": "换届"}
    batch = staged(place.office, [given])
    assert outcomes(batch) == ["changed"]
    sheets.commit(place.office, batch)
    before, after = Term.objects.order_by("valid_from")
    assert (before.valid_to, after.name, after.valid_from) == (date(2026, 3, 31), "李河长", LATER)
    seat.refresh_from_db()
    assert (seat.phone, seat.duty, seat.sign) == ("0796-9", "每月巡河", "QX-01")


@pytest.mark.parametrize(
    ("more", "column"),
    [({"kind": "forest"}, "名录编号"), ({"kind": "general"}, "名录编号"), ({"place": "360802"}, "名录编号"),
     ({"since": date(2025, 12, 31)}, "任职日期"), ({"holder": None}, "姓名"), ({"sign": "QX-01"}, "公示牌编号"),
     ({"department": "u-west"}, "责任单位"), ({"place": "没有"}, "名录编号"), ({"level": "月"}, "层级"),
     ({"post": None}, "职务")],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_cell_and_the_rest_goes_in(place, seat, row, more, column):
    user = place.clerk  # the water bureau of the county: its own units only
    good = row | {"level": "village", "sign": None}
    batch = staged(user, [row | more, good])
    assert outcomes(batch) == ["wrong", "new"], faults(batch)
    assert any(column in named for named, _reason in faults(batch)[0]), faults(batch)
    with pytest.raises(sheets.ErrorsRemain):
        sheets.commit(user, batch)
    sheets.commit(user, batch, skip_errors=True)
    assert Office.objects.exclude(pk=seat.pk).get().level == "village"


@pytest.mark.parametrize(
    "more",
    [{"holder": None, "account": None, "since": None, "basis": None}, {"holder": "改名"}, {"since": date(2026, 1, 5)},
     {"account": None}, {"opened_on": date(2026, 2, 1)}],
)  # fmt: skip
def test_the_past_is_not_rewritten(place, seat, more):
    (row,) = importing.rows_of(place.office)
    if more == {"since": date(2026, 1, 5)}:  # a later day with the same name is a new term, not a correction
        assert outcomes(staged(place.office, [row | more])) == ["changed"]
        return
    assert outcomes(staged(place.office, [row | more])) == ["wrong"]


def test_two_rows_with_one_sign_and_two_offices_alike_are_refused(place, seat, row):
    batch = staged(place.office, [row, row | {"level": "village"}])
    assert outcomes(batch) == ["new", "wrong"]
    offices.open_office(place.office, kind="river", level="township", about=seat.object,
                        department=seat.department, post="镇长", opened_on=BEGAN)  # fmt: skip
    rows = importing.rows_of(place.office)
    assert len(rows) == 2 and "wrong" in outcomes(staged(place.office, [rows[0] | {"phone": "1"}]))


def test_a_general_chief_is_of_a_division(place, row):
    given = row | {"kind": "general", "place": "360802", "sign": None, "account": None}
    batch = staged(place.office, [given])
    sheets.commit(place.office, batch)
    assert Office.objects.get().region == place.east and importing.rows_of(place.office) == [given]


def test_the_pages_lead_to_template_export_and_preview(place, seat, at, reach):
    client = at(place.office)
    page = client.get(reverse("chiefs:offices")).content.decode()
    book, upload = reverse("chiefs:offices-book"), reverse("sheets:upload", args=[importing.KEY])
    assert book in page and upload in page
    template = load_workbook(
        io.BytesIO(b"".join(client.get(reverse("sheets:template", args=[importing.KEY])).streaming_content))
    )
    assert "类别" in str(template.worksheets[0][1][0].value)
    out = client.get(book)
    assert out.content[:2] == b"PK"
    file = io.BytesIO(out.content)
    file.name = "河长.xlsx"
    shown = client.post(upload, {"file": file}, follow=True).content.decode()
    assert "不变" in shown
    assert at(place.reader).get(book).status_code == 403
