"""Workbooks of a register: preview with rules over fields, rows that cannot be do not hold back others, round trip."""

import io
from datetime import date
from decimal import Decimal

import pytest

from ecocloud.base.errors import EcoError, Forbidden
from ecocloud.base.sheets import services as sheets
from ecocloud.base.sheets import template_workbook
from ecocloud.base.sheets.registry import UnknownTarget, target_of, targets
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers import queries, services, workbooks
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject
from ecocloud.kernel.registers.services import counts, importing

MAIN = {"name": "东井", "region": "990102", "owner": "甲", "dug_on": date(2020, 1, 1)}


def faults(batch):
    return {
        row.number: [fault.sentence_zh() for fault in row.fault_list()] for row in batch.rows.filter(outcome="wrong")
    }


def test_every_register_is_a_target(wells):
    assert target_of("register-well").title == "水源井"
    assert "register-well" in [one.key for one in targets()]
    with pytest.raises(UnknownTarget):
        target_of("register-nothing")


def test_bad_rows_do_not_hold_back_good_ones(place, wells, upload):
    batch = upload([
        {**MAIN, "depth": Decimal("3.5"), "lon": Decimal("115.1"), "lat": Decimal("27.1"),
            "others": ("drinking", "farming"),
         "metered": "true", "department": place.units["east"].code},
        {**MAIN, "owner": "乙", "use": "drinking"},
        {**MAIN, "owner": "丙", "permit_until": date(2019, 1, 1)},
        {**MAIN, "owner": "丁", "depth": Decimal(9000)},
        {**MAIN, "owner": "戊", "state": "in_use"},
    ])  # fmt: skip
    assert (batch.new, batch.wrong) == (2, 3)
    found = faults(batch)
    assert "供水户数：没有填写。" in found[3][0]
    assert "不能早于成井日期" in found[4][0]
    assert "井深" in found[5][0]
    with pytest.raises(EcoError):
        sheets.commit(place.office, batch)
    done = sheets.commit(place.office, batch, skip_errors=True)
    assert done.result == {"created": 2, "changed": 0}
    first, second = RegisterObject.objects.order_by("pk")
    assert (first.code, first.n1, first.west, first.department) == (
        "SYJ99010200001", Decimal("3.5"), 115.1, place.units["east"])  # fmt: skip
    assert wells.values(first)["others"] == ("drinking", "farming")
    assert wells.values(first)["metered"] is True
    assert (second.state, second.code) == ("in_use", "SYJ99010200002")
    assert Entry.objects.filter(action="registers.object.import").count() == 2
    assert counts.differences() == {} and queries.slot_differences(wells) == {}


def test_changed_rows_become_versions_and_the_export_imports_again(place, wells, upload, dig):
    row = dig("东井", owner="甲", dug_on="2020-01-01", depth=3, geometry=[115.5, 27.5], metered="否", use="farming")
    dig("西井", owner="乙", region=place.west, department=place.units["west"])
    other = dig("无日期", owner="丙", dug_on="2021-01-01")
    services.transition(place.office, wells, other.pk, "start")
    content = importing.export(place.office, wells, {"region": "990102"})
    assert importing.export(place.clerk, wells)  # nothing of it is the clerk's: an empty workbook
    again = upload(None, content=content)
    assert (again.same, again.total) == (2, 2)
    batch = upload([{**MAIN, "depth": Decimal(8), "lon": Decimal("115.5"), "lat": Decimal("27.5"), "metered": "false",
                     "use": "farming", "code": row.code}])  # fmt: skip
    assert (batch.changed, batch.wrong) == (1, 0)
    sheets.commit(place.office, batch)
    row.refresh_from_db()
    assert (row.n1, row.version) == (8, 2)
    assert ObjectVersion.objects.get(object=row, number=2).action == "import"
    assert Entry.objects.filter(action="registers.export").exists()


def test_a_cell_takes_an_object_by_reference_code_or_name(place, wells, upload, dig):
    """One of several objects of a name is not guessed, and a retired one is not offered."""
    twin = dig("南井", code="W-7")
    dig("双井", owner="甲")
    dig("双井", owner="乙", region=place.west)
    gone = dig("废井", code="W-9")
    services.retire(place.office, wells, gone.pk, reason="填埋")
    rows = [{**MAIN, "owner": f"户{number}", "name": f"井{number}", "twin": word}
            for number, word in enumerate((f"obj:{twin.pk}", "W-7", "南井", "双井", "废井", "北井"))]  # fmt: skip
    batch = upload(rows)
    assert sorted(faults(batch)) == [5, 6, 7]
    sheets.commit(place.office, batch, skip_errors=True)
    made = RegisterObject.objects.filter(name__startswith="井").order_by("name")
    assert [wells.values(row)["twin"] for row in made] == [f"obj:{twin.pk}"] * 3


def test_an_import_changes_neither_state_nor_code_and_stays_in_reach(place, wells, upload, dig):
    dig("东井", owner="甲", dug_on="2020-01-01")
    batch = upload([{**MAIN, "state": "in_use"}])
    assert "状态不能用导入改变" in faults(batch)[2][0]
    batch = upload([{**MAIN, "code": "X-1"}])
    assert "编码" in faults(batch)[2][0]
    unit = place.units["east"].code
    batch = upload([{**MAIN, "owner": "己", "department": unit, "state": "in_use"}], place.clerk)
    assert "不能直接登记此状态" in faults(batch)[2][0]
    batch = upload([{**MAIN, "owner": "己", "region": "990103", "department": place.units["west"].code}], place.clerk)
    assert "不在您的数据范围内" in faults(batch)[2][0]
    batch = upload([{**MAIN, "owner": "己", "department": unit}], place.clerk)
    sheets.commit(place.clerk, batch)
    assert RegisterObject.objects.filter(department=place.units["east"]).count() == 1
    with pytest.raises(Forbidden):
        upload([MAIN], place.reader)


def test_the_template_has_dictionaries_and_units(wells):
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(template_workbook(workbooks.spec(wells))))
    heads = [cell.value for cell in book.worksheets[0][1]]
    assert "井深（米）" in heads and "名称 *" in heads and "井筒容积（立方米）" not in heads
    assert workbooks.key_columns(wells) == ("owner", "dug_on")
