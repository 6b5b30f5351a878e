"""Values, steps and places of one object, without a database."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.base.errors import Forbidden
from ecocloud.base.geo import GeoError
from ecocloud.kernel.registers import lifecycle, places, values
from ecocloud.kernel.registers.definition import GeometryRule
from ecocloud.kernel.registers.errors import NoSuchThing, StepRefused

TODAY = date(2026, 3, 1)


def test_what_people_write_becomes_typed(well):
    given_ = {"owner": " 东村 ", "depth": "1,035.50", "use": "生活饮用", "others": "饮用、灌溉", "metered": "是",
              "dug_on": "2020-02-29", "twin": "obj:12", "keeper": "d-1", "remark": ""}  # fmt: skip
    found, faults = values.clean(well, given_)
    assert faults == []
    assert found == {"owner": "东村", "depth": Decimal("1035.5"), "use": "drinking", "others": ("drinking", "farming"),
                     "metered": True, "dug_on": date(2020, 2, 29), "twin": "obj:12", "keeper": "d-1"}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "raw", "word"),
    [
        ("depth", "三米", "不是数字"), ("depth", "NaN", "不是数字"), ("depth", -1, "小于下限"),
        ("depth", "3000.01", "大于上限"),
        ("depth", "1.234", "小数位"), ("cost", "1e13", "太大"), ("cost", True, "不是数字"), ("use", "洗车", "可选"),
        ("use", "trade", "已停用"), ("others", {"a": 1}, "列表"), ("dug_on", "2020-02-30", "日历上不存在"),
        ("dug_on", "3月", "不是日期"), ("metered", "也许", "是或否"), ("twin", "doc:12", "obj:12"),
        ("twin", "x", "obj:12"),
        ("keeper", "a b", "代码"), ("owner", "长" * 21, "21 个字"), ("owner", "a\x00b", "控制字符"),
        ("volume", 1, "系统计算"),
        ("photo", "a.jpg", "上传"), ("colour", "red", "没有字段"), ("households", "1.5", "小数位"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_field_and_the_rest_is_kept(well, code, raw, word):
    found, faults = values.clean(well, {"owner": "东村", **{code: raw}} if code != "owner" else {code: raw, "cost": 1})
    assert [fault.field for fault in faults] == [code]
    assert word in faults[0].sentence_zh().replace("“", "").replace("”", "")
    assert len(found) == 1


def test_a_retired_choice_stays_while_nobody_changes_it(well):
    found, faults = values.clean(well, {"use": "trade", "cost": 2}, {"use": "trade"})
    assert (found["use"], faults) == ("trade", [])


def test_computed_fields_follow(well):
    found = values.completed(well, {"depth": Decimal(10), "diameter": Decimal(300), "volume": Decimal(7)}, TODAY)
    assert found["volume"] == Decimal("0.9")  # 10 m x 0.3 m x 0.3 m
    assert "volume" not in values.completed(well, {"depth": Decimal(10)}, TODAY)


def test_required_where_shown(well):
    assert [one.field for one in values.judge(well, {"owner": "x"}, TODAY)] == []
    assert [one.field for one in values.judge(well, {"owner": "x", "use": "drinking"}, TODAY)] == ["households"]
    assert [one.field for one in values.judge(well, {"use": "farming"}, TODAY)] == ["owner"]
    crossed = {"owner": "x", "dug_on": date(2020, 1, 1), "permit_until": date(2019, 1, 1)}
    assert [one.message_en for one in values.judge(well, crossed, TODAY)] == [
        "The permit cannot end before the well was dug."
    ]


BODIES = st.fixed_dictionaries({}, optional={
    "owner": st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
    "depth": st.decimals(0, 3000, places=2), "cost": st.decimals(-10**9, 10**9, places=2),
    "dug_on": st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    "others": st.lists(st.sampled_from(["drinking", "farming"]), max_size=2),
    "metered": st.booleans(), "households": st.integers(0, 10**9),
})  # fmt: skip


@given(BODIES)
def test_bodies_are_exact(well, given_):
    """What is stored as JSON comes back the same, and cleaning a clean value changes nothing."""
    found, faults = values.clean(well, given_)
    assert faults == []
    stored = json.loads(json.dumps(values.encode(found)))
    assert values.decode(well, stored) == found
    assert values.clean(well, found) == (found, [])


def test_steps(well):
    env = {"inspection.sealing.passed": True, "photo": Decimal(1)}

    def step(state, action, environment=env, roles=("office",)):
        return lifecycle.step(well, state, action, environment, TODAY, ["2026-01-01 登记"], roles)

    assert step("found", "start").to == "in_use"
    assert step("in_use", "seal").to == "sealed"
    with pytest.raises(NoSuchThing, match="no action"):
        step("found", "explode")
    with pytest.raises(StepRefused) as caught:
        step("sealed", "start")
    assert (caught.value.reason, caught.value.story) == ("state", ("2026-01-01 登记",))
    assert "已登记" in caught.value.remedy_zh
    with pytest.raises(Forbidden):
        step("found", "seal", roles=("reader",))
    for missing in ({}, {"inspection.sealing.passed": True}, {"inspection.sealing.passed": False, "photo": Decimal(1)}):
        with pytest.raises(StepRefused, match="photograph") as caught:
            step("found", "seal", missing)
        assert caught.value.reason == "guard"
    assert [one.action for one in lifecycle.open_steps(well, "found", ["reader"])] == ["start"]


SQUARE = [[115, 27], [115.01, 27], [115.01, 27.01], [115, 27.01], [115, 27]]


def test_places():
    point = places.read([115.5, 27.5], GeometryRule(kind="point"))
    assert (point.west, point.north, point.area) == (115.5, 27.5, None)
    assert point.as_geojson() == {"type": "Point", "coordinates": (115.5, 27.5)}
    patch = places.read({"type": "Polygon", "coordinates": [SQUARE]}, GeometryRule(kind="patch"))
    # 0.01 degree is 1107.7 m north and 992.6 m east at 27.005 N on the GRS80 ellipsoid: 1.0995 km2.
    assert abs(patch.area - Decimal(1_099_500)) < 1500
    assert places.read(patch.wkb, GeometryRule(kind="polygon")).wkb == patch.wkb
    assert places.read("LINESTRING (115 27, 116 28)", GeometryRule(kind="line")).area is None
    assert places.read(None, GeometryRule(kind="point")) is None


@pytest.mark.parametrize(
    ("given_", "kind", "word"),
    [
        (None, "point", "标出"), ([1, 2], "none", "没有位置"), ([115, 27], "line", "应为线"),
        ("POINT EMPTY", "point", "应为点"),
        ([115, 97], "point", "经纬度"), (["x", 1], "point", "读不出来"), ("nonsense", "point", "读不出来"),
        (b"\x00", "point", "读不出"),
        ({"type": "Polygon", "coordinates": [[[115, 27], [116, 28], [116, 27], [115, 28], [115, 27]]]}, "polygon",
        "自相交"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE]]}, "polygon", "应为面"),
        ({"type": "Point"}, "point", "读不出来"),
    ],
)  # fmt: skip
def test_places_that_cannot_be(given_, kind, word):
    with pytest.raises(GeoError) as caught:
        places.read(given_, GeometryRule(kind=kind, required=True))
    assert word in caught.value.sentence_zh()
