"""Parameters as people give them: limits of HJ 212-2017 table 4 at their edges, all faults at once."""

from datetime import UTC, datetime

import pytest

from ecocloud.intake.monitoring.commanding.parameters import ParameterFaults, checked, fields_of, shown, wired
from ecocloud.intake.monitoring.commanding.table import offer_of, offers
from ecocloud.intake.monitoring.hj212.building import Device, command

NOW = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)  # 10:15 in Beijing
DEVICE = Device("0123456789ABCDEF01234567", "32", "123456")
GOOD = {
    "OverTime": "5", "ReCount": "3", "RtdInterval": "30", "MinInterval": "10", "PolId": "w01018", "InfoId": "i13004",
    "Info": "168.0", "BeginTime": "2026-02-01T00:00", "EndTime": "2026-02-02T00:00", "CstartTime": "08:30",
    "Ctime": "2",
}  # fmt: skip


def given(offer, **more):
    return {field.name: GOOD[field.name] for field in fields_of(offer)} | more


@pytest.mark.parametrize("code", [offer.code for offer in offers(2017)])
def test_every_offered_command_can_be_built_from_what_is_asked(code):
    offer = offer_of(code, 2017)
    kept = checked(offer, given(offer), NOW)
    frame = command(code, DEVICE, "20260301101500123", wired(offer, kept, NOW))
    assert f"CN={code};".encode() in frame


def test_the_clock_is_set_to_the_moment_of_sending():
    offer = offer_of("1012", 2017)
    assert [field.name for field in fields_of(offer)] == ["PolId"]
    kept = checked(offer, {}, NOW)
    assert b"SystemTime=20260301101500&&" in command("1012", DEVICE, "1", wired(offer, kept, NOW))


def test_the_value_of_a_site_information_follows_its_code():
    offer = offer_of("3021", 2017)
    frame = command("3021", DEVICE, "1", wired(offer, checked(offer, given(offer), NOW), NOW))
    assert b"PolId=w01018;InfoId=i13004;i13004-Info=168.0&&" in frame


@pytest.mark.parametrize(
    ("code", "name", "value", "fits"),
    [
        ("1062", "RtdInterval", "29", False), ("1062", "RtdInterval", "30", True),
        ("1062", "RtdInterval", "3600", True), ("1062", "RtdInterval", "3601", False),
        ("1062", "RtdInterval", "", False), ("1062", "RtdInterval", "-30", False),
        ("1062", "RtdInterval", "30.5", False), ("1062", "RtdInterval", "３０", False),
        ("1064", "MinInterval", "7", False), ("1064", "MinInterval", "30", True),
        ("1000", "OverTime", "99", True), ("1000", "OverTime", "100", False),
        ("3012", "PolId", "w01018", True), ("3012", "PolId", "011", True), ("3012", "PolId", "w99999", False),
        ("3012", "PolId", "w01018;CN=1072", False),
        ("3020", "InfoId", "i11001", True), ("3020", "InfoId", "w01018", False),
        ("3016", "CstartTime", "083000", True), ("3016", "CstartTime", "8:61", False),
        ("3016", "CstartTime", "24:00", False), ("3016", "Ctime", "24", True), ("3016", "Ctime", "25", False),
        ("2061", "BeginTime", "2026-03-01T10:15", True), ("2061", "BeginTime", "2026-03-01T10:16", False),
        ("2061", "BeginTime", "2026-02-30 08:00", False), ("2061", "BeginTime", "1999-12-31", False),
        ("2061", "EndTime", "2026-03-04T00:00", True), ("2061", "EndTime", "2026-03-04T00:01", False),
        ("2061", "EndTime", "2026-02-01T00:00", False),
        ("3021", "Info", "1;2", False), ("3021", "Info", "x" * 201, False),
        ("1061", "RtdInterval", "30", False),
    ],
)  # fmt: skip
def test_edges(code, name, value, fits):
    offer = offer_of(code, 2017)
    filled = given(offer, **{name: value})
    if name == "BeginTime" and fits:
        filled["EndTime"] = "2026-03-02T00:00"
    if fits:
        assert name in checked(offer, filled, NOW)
    else:
        with pytest.raises(ParameterFaults) as caught:
            checked(offer, filled, NOW)
        assert set(caught.value.faults) == {name}
        assert caught.value.faults[name].remedy_zh


def test_every_fault_is_said_at_once_in_chinese():
    offer = offer_of("2061", 2017)
    with pytest.raises(ParameterFaults) as caught:
        checked(offer, {"BeginTime": "yesterday"}, NOW)
    assert set(caught.value.faults) == {"BeginTime", "EndTime"}
    assert (
        "参数 开始时间：“yesterday”不是时间。如 2026-03-01 08:00；参数 结束时间：没有填写。" in caught.value.message_zh
    )


@pytest.mark.parametrize(
    ("kept", "said"),
    [("2026-02-01T00:00:00+08:00", "2026-02-01 00:00:00"), ("30", "30"), ("T", "T"), ("w01018", "w01018")],
)
def test_shown(kept, said):
    assert shown(kept) == said
