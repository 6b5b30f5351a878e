"""Packets built: answers in the dialect of the question, commands within their tables, records in parts."""

import json
from datetime import UTC, datetime

import pytest

from ecocloud.intake.monitoring.hj212 import building
from ecocloud.intake.monitoring.hj212.building import BuildError, Device
from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.hj212.parts import Joiner
from tests.intake.monitoring.made import HEAD, KEY, packet, with_head

MN = "010000A8900016F000169DC0"
DEVICE = Device(MN, "32", "100000")
NEW = Device(MN, "32", "123456", 2025)
TIME = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)  # 10:15 in Beijing


def read(data: bytes) -> Packet:
    (event,) = Decoder(Dialect(keys=(KEY,))).feed(data)
    assert isinstance(event, Packet)
    return event


def test_the_printed_examples_are_built():
    """HJ 212-2017 annex A and HJ 212-2025 annex A.1, byte for byte."""
    assert building.command("1062", DEVICE, "20160801085857223", {"RtdInterval": 30}) == (
        b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
        b"1C80\r\n"
    )
    assert building.command("1011", NEW, "20240601085857223") == (
        b"##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&2200\r\n"
    )


def test_data_is_answered_with_9014_in_its_own_edition():
    head = "QN=20260301101500123;ST=91;CN=9014;PW=123456;MN=0123456789ABCDEF01234567"
    assert building.answer_to(read(packet())) == packet(f"{head};Flag=4;CP=&&&&")
    assert building.answer_to(read(with_head(HEAD.replace("=5;", "=9;")))) == packet(f"{head};Flag=8;CP=&&&&")
    assert building.answer_to(read(with_head(HEAD.replace("=5;", "=7;") + "PNUM=2;PNO=1;"))) == packet(
        f"{head};Flag=4;CP=&&&&"
    )
    assert building.answer_to(read(with_head(HEAD.replace("=5;", "=4;")))) is None


def test_an_answer_of_2005_names_what_it_answers():
    asked = read(packet("QN=20260301101500123;ST=32;CN=2011;PW=123456;MN=36010020260001;Flag=1;CP=&&001-Rtd=7.1&&"))
    assert building.answer_to(asked) == packet(
        "ST=91;CN=9014;PW=123456;MN=36010020260001;Flag=0;CP=&&QN=20260301101500123;CN=2011&&"
    )


def test_heartbeat_and_notice_are_answered_with_9013():
    heartbeat = read(packet(f"QN=20261122130100000;ST=31;CN=9015;PW=123456;MN={MN};Flag=9;CP=&&&&"))
    assert building.answer_to(heartbeat) == packet(
        f"QN=20261122130100000;ST=91;CN=9013;PW=123456;MN={MN};Flag=8;CP=&&&&"
    )
    clock = read(packet(f"QN=20261122130100000;ST=31;CN=1013;PW=123456;MN={MN};Flag=5;CP=&&PolId=w01018&&"))
    assert read(building.answer_to(clock)).head.cn == "9013"


@pytest.mark.parametrize("cn", ["9011", "9012", "9013", "9014"])
def test_an_answer_is_never_answered(cn):
    """Seen in public logs: 9014 with the bit that wants an answer; two such hosts would answer one another for ever."""
    assert building.answer_to(read(packet(HEAD.replace("2011", cn) + "CP=&&&&"))) is None


def test_request_answers_and_results():
    asked = read(packet())
    assert read(building.request_answer(asked, 9)).parameters == {"QnRtn": "9"}
    assert read(building.result(asked, 100)).parameters == {"ExeRtn": "100"}
    with pytest.raises(BuildError):
        building.request_answer(asked, 10)
    with pytest.raises(BuildError):
        building.result(asked, 7)


def test_every_command_of_the_host_can_be_read_back():
    samples = {"RtdInterval": 60, "MinInterval": 10, "OverTime": 10, "ReCount": 3, "Ctime": 2, "CstartTime": "000000",
               "PolId": "w01018", "InfoId": "i13004", "NewPW": "654321"}  # fmt: skip
    from ecocloud.intake.monitoring.hj212.tables import commands

    count = 0
    for (cn, edition), known in commands().items():
        if known.sender == "device" or edition == 2005 or known.kind == "answer":
            continue
        values = {name: samples.get(name, TIME) for name in known.parameters if name not in known.optional}
        device = Device(MN, "32", "100000", edition)
        found = read(building.command(cn, device, building.qn_of(TIME), values))
        assert (found.head.cn, found.qn, found.head.wants_answer) == (cn, "20260301101500000", True)
        assert set(found.parameters) == set(values)
        assert all(text == "20260301101500" for name, text in found.parameters.items() if name.endswith("Time") and
                   name not in ("CstartTime", "OverTime"))  # fmt: skip
        count += 1
    assert count > 25


@pytest.mark.parametrize(
    ("cn", "values", "field"),
    [
        ("1062", {}, "RtdInterval"),
        ("1062", {"RtdInterval": 29}, "RtdInterval"),
        ("1062", {"RtdInterval": 3601}, "RtdInterval"),
        ("1064", {"MinInterval": 7}, "MinInterval"),
        ("1062", {"RtdInterval": 30, "X": 1}, "X"),
        ("3016", {"PolId": "w01018;a", "CstartTime": "000000", "Ctime": 2}, "PolId"),
        ("2081", {}, "CN"),
        ("9999", {}, "CN"),
        ("3024", {}, "CN"),  # of 2025, to a device of 2017
    ],
)
def test_refusals_name_the_field(cn, values, field):
    with pytest.raises(BuildError) as caught:
        building.command(cn, DEVICE, "20260301101500000", values)
    assert caught.value.where == {"字段": field}


@pytest.mark.parametrize("interval", [30, 3600])
def test_the_limits_themselves_are_allowed(interval):
    assert read(building.command("1062", DEVICE, "", {"RtdInterval": interval})).parameters == {
        "RtdInterval": str(interval)
    }


def test_encryption_only_where_the_text_wants_it():
    """2025: commands 2000 to 2999, 1014 and 3020."""
    device = NEW._replace(key=KEY)
    asked = {"BeginTime": TIME, "EndTime": TIME}
    assert read(building.command("2061", device, "20260301101500000", asked)).encrypted
    assert not read(building.command("1062", device, "20260301101500000", {"RtdInterval": 30})).encrypted
    assert not read(building.command("2061", device._replace(edition=2017), "20260301101500000", asked)).encrypted


def groups(count: int):
    return [[(f"w{n:05d}-Avg", n + 0.5), (f"w{n:05d}-Flag", "N")] for n in range(count)]


def parts(count: int = 100, time: datetime = TIME, device: Device = DEVICE) -> list[Packet]:
    return [read(data) for data in building.upload("2061", device, building.qn_of(time), time, groups(count))]


def test_an_upload_is_split_where_a_code_ends():
    found = parts()
    assert len(found) == 4
    assert [(one.head.pno, one.head.pnum, one.head.flag) for one in found] == [(n, 4, 7) for n in (1, 2, 3, 4)]
    assert [one.qn[-3:] for one in found] == ["000", "001", "002", "003"]
    assert all(one.leniencies == () and len(one.raw) <= 1024 + 12 and one.time == TIME for one in found)
    assert len(parts(1)) == 1
    assert parts(1)[0].head.pnum == 0


def test_joined_in_any_order_and_between_others():
    first, other = parts(), parts(60, device=DEVICE._replace(mn="0" * 24))
    joiner = Joiner()
    stream = [first[3], other[1], first[0], first[0], other[0], first[2], first[1]]
    records = [record for number, part in enumerate(stream) for record in joiner.add(part, number)]
    assert [(record.key[0], len(record.parts), record.missing) for record in records] == [
        ("0" * 24, 2, ()),
        (MN, 4, ()),
    ]
    assert list(records[1].values) == [f"w{n:05d}" for n in range(100)]
    assert joiner.waiting == 0


def test_a_lost_part_loses_only_its_codes():
    first = parts()
    joiner = Joiner(patience=60)
    assert [record for part in (first[0], first[2], first[3]) for record in joiner.add(part, 0)] == []
    assert joiner.expired(59.9) == []
    (record,) = joiner.expired(60)
    assert (record.missing, len(record.parts), joiner.waiting) == ((2,), 3, 0)


def test_what_waits_is_bounded():
    joiner = Joiner(most=3)
    waiting = [parts(60, datetime(2026, 3, day, tzinfo=UTC))[0] for day in range(1, 11)]
    given_up = [record for part in waiting for record in joiner.add(part, 0)]
    assert len(given_up) == 7
    assert joiner.waiting == len(joiner.end()) == 3
    huge = read(with_head(HEAD.replace("=5;", "=7;") + "PNUM=999999999;PNO=7;"))
    (record,) = Joiner().add(huge, 0)
    assert len(record.missing) == 499
    assert Joiner().add(read(packet()), 0)[0].missing == ()


def test_published_answers(shared_folder):
    """The published answer and request packets, byte for byte."""
    path = shared_folder / "standards" / "environment" / "data" / "hj212_examples.jsonl"
    known = {
        record["id"]: record["packet"].encode() for record in map(json.loads, path.read_text("utf-8").splitlines())
    }
    assert building.answer_to(read(known["rtd_water"])) == known["ack_9014"]
    assert building.request_answer(read(known["req_history"]), 1) == known["qnrtn"]
    assert building.result(read(known["req_history"]), 1) == known["exertn"]
    assert building.answer_to(read(known["heartbeat_2025"])) == known["heartbeat_ack_2025"]
    set_time = read(known["set_time"])
    device = Device(MN, "32", "123456")
    assert (
        building.command("1012", device, set_time.qn, {"SystemTime": set_time.parameters["SystemTime"]})
        == known["set_time"]
    )
