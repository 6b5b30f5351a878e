"""Bad rows never hold back good ones: every reason for which saving one object is refused, as a row of a workbook.

The preview names it with row, column, value and remedy; what changes between preview and commit becomes a refused row;
the good rows go in, directly and by the job alike.
"""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets import export_workbook, long_imports
from ecocloud.base.sheets import services as sheets
from ecocloud.base.sheets.models import ImportBatch
from ecocloud.base.sheets.registry import RowsRefused
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers import handlers, queries, services, workbooks
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.services import counts, importing, row_judge

PAST = date(2020, 1, 1)


def row(number, **more):
    """A good row: well ``number`` in the eastern county."""
    return {"name": f"井{number}", "region": "990102", "owner": f"户{number}", "dug_on": date(2021, 1, 1), **more}


def faults(batch):
    """The faults of wrong rows by number: column title, value, reason, remedy."""
    return {
        one.number: [(fault.title, fault.value, fault.reason, fault.remedy) for fault in one.fault_list()]
        for one in batch.rows.filter(outcome="wrong")
    }


@pytest.fixture(params=["direct", "job"])
def commit(request, place):
    """``commit(batch)``: written in one go, or as the job writes it, two rows at a time."""
    limits = long_imports.limits()

    def write(batch, user=None):
        user = user or place.office
        if request.param == "direct":
            return sheets.commit(user, batch, skip_errors=True)
        ImportBatch.objects.filter(pk=batch.pk).update(status="committing", skipped_errors=bool(batch.wrong))
        two = limits.commit_chunk_rows.model_copy(update={"value": 2})
        small = limits.model_copy(update={"commit_chunk_rows": two})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(long_imports, "limits", lambda: small)
            return long_imports.write_on(user, ImportBatch.objects.get(pk=batch.pk))

    return write


def written():
    return sorted(RegisterObject.objects.filter(name__startswith="井").values_list("name", flat=True))


def sound(wells):
    assert counts.differences() == {} and queries.slot_differences(wells) == {}


# Column whose cell is marked, values of the row, words of the reason, words of the remedy.
REASONS = {
    "code with a blank": ("编码", {"code": "A 1"}, "不能用", "40"),
    "code of another object": ("编码", {"code": "OLD"}, "已经使用", "换一个编码"),
    "code of an object taken out": ("编码", {"code": "GONE"}, "已经使用", "换一个编码"),
    "code of an object out of reach": ("编码", {"code": "WEST"}, "已经使用", "换一个编码"),
    "code of an earlier row": ("编码", {"code": "MINE"}, "已经使用（第 2 行）", "换一个编码"),
    "number that an earlier row is given": ("编码", {"code": "SYJ99010200001"}, "已经使用（第 3 行）", "换一个编码"),
    "key of an object out of reach": ("权属人", {"owner": "西村", "dug_on": PAST}, "以外的一个对象相同", "核对"),
    "key of an earlier row": ("权属人", {"owner": "户2", "code": "X9"}, "第 2 行重复", "只保留一行"),
    "closed year": ("成井日期", {"dug_on": date(2019, 5, 1)}, "2019 年的“水源井”已封账", "解锁"),
    "region out of reach": ("区划", {"region": "990103"}, "不在您的数据范围内", "安全管理员"),
    "no name": ("名称", {"name": ""}, "没有填写", "必填"),
    "name too long": ("名称", {"name": "长" * 121}, "121 个字", "120"),
    "name with a turned direction": ("名称", {"name": "井\u202e口"}, "控制字符（U+202E", "删去"),
    "text with a control sign": ("备注", {"remark": "一\x07二"}, "控制字符（U+0007", "删去"),
    "no owner": ("权属人", {"owner": None}, "没有填写", "必填"),
    "required where shown": ("供水户数", {"use": "drinking"}, "没有填写", "必填"),
    "rule over fields": ("许可到期", {"permit_until": date(2020, 1, 1)}, "不能早于成井日期", ""),
    "number too large": ("井深", {"depth": Decimal(9000)}, "大于上限 3000", "不大于"),
    "choice that is no longer": ("用途", {"use": "trade"}, "已停用", "另选"),
    "reference to nothing": ("相邻井", {"twin": "obj:99999"}, "字典里没有", "代码"),
    "reference out of reach": ("相邻井", {"twin": "WEST"}, "字典里没有", "代码"),
    "state without the right": ("状态", {"state": "in_use"}, "不能直接登记此状态", "导入既有台账"),
    "half a place": ("经度", {"lon": Decimal("115.1")}, "同时填写", "补上"),
    "place turned round": ("纬度", {"lon": Decimal("27.1"), "lat": Decimal("115.1")}, "大于上限 90", "不大于"),
    "place outside the country": ("经度", {"lon": Decimal("2.3"), "lat": Decimal("48.9")}, "不在中国范围内", "核对"),
}  # fmt: skip


@pytest.fixture
def others(place, wells, dig):
    """Objects that stand in the way, a closed year; the clerk of the eastern county sees none of the western ones."""
    dig("旧井", code="OLD", department=place.units["east"], owner="旧户", dug_on=PAST)
    dig("西井", code="WEST", region=place.west, department=place.units["west"], owner="西村", dug_on=PAST)
    gone = dig("废井", code="GONE", owner="废户")
    services.retire(place.office, wells, gone.pk, reason="填埋")
    services.lock_year(place.office, wells, place.east, 2019)


def test_the_preview_names_every_reason_and_the_good_rows_go_in(place, wells, others, upload, commit):
    unit = place.units["east"].code
    bad = [row(number, **more) for number, (_, more, _, _) in enumerate(REASONS.values(), 10)]
    rows = [row(2, code="MINE"), row(3), *bad, row(8), row(9, code="", remark="最后一行")]
    batch = upload([{"department": unit, **one} for one in rows], place.clerk)
    found = faults(batch)
    for number, (name, (column, _, reason, remedy)) in enumerate(REASONS.items(), 4):
        assert [one for one in found.get(number, []) if one[0].startswith(column) and reason in one[2]
                and remedy in one[3]], (name, found.get(number))  # fmt: skip
    assert sorted(found) == list(range(4, 4 + len(REASONS)))
    assert not any("WEST" in reason for one in found.values() for _, value, reason, _ in one if value != "WEST")
    done = commit(batch, place.clerk)
    assert (done.status, done.new, done.wrong, done.result) == (
        "committed", 4, len(REASONS), {"created": 4, "changed": 0})  # fmt: skip
    assert written() == ["井2", "井3", "井8", "井9"]
    sound(wells)


def test_a_row_that_changes_an_object_is_refused_for_the_same_reasons(place, wells, dig, upload, commit):
    """Closed year of what it is or would be, another's code, a key that is not the one rows are told apart by."""
    first, second, third = (dig(f"井{n}", owner=f"户{n}", dug_on=f"20{n}-01-01", code=f"W{n}") for n in (19, 20, 21))
    services.lock_year(place.office, wells, place.east, 2019)
    same = {"region": "990102", "depth": Decimal(5)}
    batch = upload([
        {**same, "name": "井19", "owner": "户19", "dug_on": date(2019, 1, 1)},
        {**same, "name": "井20", "owner": "户20", "dug_on": date(2020, 1, 1), "code": "W21"},
        {**same, "name": "井21", "owner": "户21", "dug_on": date(2021, 1, 1), "code": "W21"},
    ])  # fmt: skip
    found = faults(batch)
    assert "已封账" in found[2][0][2] and found[2][0][0] == "成井日期" and "编码不能改变" in found[3][0][3]
    assert commit(batch).result == {"created": 0, "changed": 1}
    for one in (first, second, third):
        one.refresh_from_db()
    assert [one.n1 for one in (first, second, third)] == [None, None, 5]
    unchanged = upload(None, content=importing.export(place.office, wells))
    assert (unchanged.same, unchanged.wrong) == (3, 0)  # a row that changes nothing is not wrong in a closed year


def take_code(place, wells, dig):
    dig("先来", code="C3", owner="先来")


def take_key(place, wells, dig):
    dig("先来", owner="户3", dug_on="2021-01-01", region=place.west, department=place.units["west"])


def close_year(place, wells, dig):
    services.lock_year(place.office, wells, place.east, 2022)


def lose_region(place, wells, dig):
    Region.objects.filter(pk="990102101").update(code="990102102")  # the township of the row is gone


def same_record(place, wells, dig):
    dig("先来", owner="户3", dug_on="2021-01-01")


def change_record(place, wells, dig):
    services.edit(place.office, wells, RegisterObject.objects.get(code="K").pk, given={"depth": 7})


def retire_record(place, wells, dig):
    services.retire(place.office, wells, RegisterObject.objects.get(code="K").pk, reason="填埋")


KNOWN = {"name": "井3", "region": "990102", "owner": "老户", "dug_on": date(2021, 1, 1), "depth": Decimal(3)}
MEANWHILE = [
    (take_code, row(3, code="C3"), "编码 C3 已经使用"), (take_key, row(3), "已有人录入"),
    (close_year, row(3, dug_on=date(2022, 3, 1)), "2022 年的“水源井”已封账"),
    (lose_region, row(3, region="990102101"), "已不存在"), (same_record, row(3), "已有人录入"),
    (change_record, KNOWN, "已被修改"), (retire_record, KNOWN, "已被修改"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "bad", "reason"), MEANWHILE, ids=lambda one: getattr(one, "__name__", ""))
def test_what_changes_after_the_preview_costs_its_own_row_only(
    place, wells, dig, upload, commit, change, bad, reason
):  # fmt: skip
    dig("井3", owner="老户", dug_on="2021-01-01", code="K")
    batch = upload([row(2), bad, row(4)])
    assert batch.wrong == 0
    change(place, wells, dig)
    with transaction.atomic():
        with pytest.raises(RowsRefused) as refused:  # all or nothing was chosen
            sheets.commit(place.office, batch, all_or_nothing=True)
        assert reason in refused.value.message_zh and refused.value.remedy_zh
    assert not RegisterObject.objects.filter(name__in=["井2", "井4"]).exists()
    done = commit(batch)
    assert (done.status, done.wrong, done.skipped_errors) == ("committed", 1, True)
    assert reason in faults(done)[3][0][2] and faults(done)[3][0][3]
    assert RegisterObject.objects.filter(name__in=["井2", "井4"]).count() == 2
    sound(wells)


def test_a_right_that_is_lost_after_the_preview_costs_its_own_rows_only(place, wells, upload, commit, monkeypatch):
    batch = upload([row(2), row(3, state="in_use"), row(4)])
    assert batch.wrong == 0
    allowed = row_judge.permissions.allowed
    monkeypatch.setattr(row_judge.permissions, "allowed",
                        lambda user, code: code != "registers.object.import" and allowed(user, code))  # fmt: skip
    done = commit(batch)
    assert "不能直接登记此状态" in faults(done)[3][0][2] and written() == ["井2", "井4"]


def test_what_a_room_refuses_in_its_handler_is_found_row_by_row(place, well_text, upload, commit, monkeypatch):
    """Nothing of it can be known before: halves are tried until the row is alone."""
    from ecocloud.kernel.regions.services import CONSOLE
    from ecocloud.kernel.registers import reading

    def refuse(event):
        if any(one.row.name == "井4" for one in event.moved):
            raise EcoError("此井在禁采区内。", "forbidden zone", value="井4", remedy_zh="请另选井位。")

    monkeypatch.setitem(handlers._known, "test.zone", refuse)
    text = well_text.replace("prefix: SYJ", "prefix: SYJ\non_change: [test.zone]")
    register = services.define(CONSOLE, reading.read_type(text, "well.yaml"))
    done = commit(upload([row(number) for number in range(2, 8)], register=register))
    assert faults(done) == {4: [("水源井", "井4", "此井在禁采区内。", "请另选井位。")]}
    assert written() == ["井2", "井3", "井5", "井6", "井7"]
    sound(register)


def test_numbers_are_given_in_the_order_of_rows(place, wells, dig, upload, commit):
    """A chosen code of the register's own form counts; a code of another form behind the same head does not."""
    dig("旧井", code="SYJ99010299998x", owner="旧户")
    batch = upload([row(2), row(3, code="SYJ99010200007"), row(4), row(5, code="SYJ99010299999"), row(6)])
    assert faults(batch) == {6: [("编码", "SYJ990102", "该区划的编号已用完。", "请自行填写编码。")]}
    commit(batch)
    known = RegisterObject.objects.exclude(name="旧井").order_by("code").values_list("code", "name")
    assert list(known) == [("SYJ99010200001", "井2"), ("SYJ99010200007", "井3"), ("SYJ99010200008", "井4"),
                           ("SYJ99010299999", "井5")]  # fmt: skip


KINDS = {
    "good": {}, "coded": {"code": "C{n}"}, "same code": {"code": "C"}, "bad code": {"code": "a b"},
    "closed": {"dug_on": date(2019, 1, 1)}, "deep": {"depth": Decimal(9000)}, "taken key": {"owner": "占用"},
    "rule": {"permit_until": date(2020, 1, 1)}, "half place": {"lat": Decimal(27)}, "outside": {"region": "990103"},
    "same key": {"owner": "同"}, "place": {"lon": Decimal("115.2"), "lat": Decimal("27.2")},
}  # fmt: skip
FIRST_ONLY = {"same code", "same key"}
ALWAYS = {"good", "coded", "place"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=12), late=st.booleans())
def test_of_any_mix_exactly_the_good_rows_are_stored(place, wells, dig, media, kinds, late):
    """The same by the job and directly; ``late``: what stands in the way comes after the preview."""
    rows, good = [], []
    for number, kind in enumerate(kinds):
        more = {key: each.replace("{n}", str(number)) if isinstance(each, str) else each
                for key, each in KINDS[kind].items()}  # fmt: skip
        rows.append({"department": place.units["east"].code, **row(number, **more)})
        if kind in ALWAYS or (kind in FIRST_ONLY and kind not in kinds[:number]):
            good.append(f"井{number}")

    def obstacles():
        services.lock_year(place.office, wells, place.east, 2019)
        dig("占", owner="占用", dug_on="2021-01-01", region=place.west, department=place.units["west"])

    content = io.BytesIO(export_workbook(workbooks.spec(wells), rows))
    uploaded, outcomes = sheets.upload(place.clerk, "register-well", "井.xlsx", content).pk, []
    for by_job in (False, True):
        with transaction.atomic():
            if not late:
                obstacles()
            batch = sheets.stage(place.clerk, ImportBatch.objects.get(pk=uploaded))
            if late:
                obstacles()
            if by_job and batch.new:
                ImportBatch.objects.filter(pk=batch.pk).update(status="committing")
                batch = long_imports.write_on(place.clerk, ImportBatch.objects.get(pk=batch.pk))
            elif batch.new:
                batch = sheets.commit(place.clerk, batch, skip_errors=True)
            stored = RegisterObject.objects.filter(name__startswith="井").order_by("code")
            outcomes.append((sorted(one.name for one in stored), sorted(faults(batch)), batch.new))
            assert batch.total == len(kinds)
            transaction.set_rollback(True)
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == sorted(good) and outcomes[0][2] == len(good)
    assert timezone.localdate().year > 2022  # the closed years of these tests are over
