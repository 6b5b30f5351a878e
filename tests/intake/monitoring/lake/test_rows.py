"""Packets to rows, each expectation worked by hand from the packet; S lines are those of the list of stream cases."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.hj212 import bulk
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.pivot import decimals_of
from ecocloud.intake.monitoring.lake.schema import Doubt, Partition
from ecocloud.intake.monitoring.raw import Kind
from tests.intake.monitoring.lake.lake_made import MN, NOON, Made, frame, stamp


@pytest.fixture(params=["compiled", "one by one"])
def made(request, tmp_path, need, monkeypatch):
    if request.param == "one by one":
        monkeypatch.setattr(bulk, "kernel", None)
    elif bulk.kernel is None:
        need("numba", "pip install ecocloud[bulk]")
    with_lake = Made(tmp_path)
    yield with_lake
    with_lake.writer.close()


def test_a_packet_becomes_a_row_for_each_factor(made):
    sequence = made.put(frame("w01018-Rtd=32.6,w01018-Flag=N;w21003-Rtd=1.840,w21003-Flag=D"))
    assert made.take() == 2
    one, two = made.rows()
    assert (one["mn"], one["st"], one["cn"], one["factor"], one["time"]) == (MN, "32", "2011", "w01018", NOON)
    assert (one["rtd"], one["flag"], two["rtd"], two["flag"]) == (32.6, "N", 1.84, "D")
    assert (one["avg"], one["sample_time"], one["text"], one["more"]) == (None, None, None, None)
    assert (one["gateway"], one["sequence"], one["version"]) == ("gw1", sequence, made.clock)
    assert (one["rf"], one["valid"], one["doubt"]) == (False, True, Doubt.NONE)
    assert [schema.sent_texts(row) for row in (one, two)] == [{"rtd": "32.6"}, {"rtd": "1.840"}]


def test_every_number_field_and_time_of_sampling(made):
    fields = {"Avg": "2.0", "Min": "1", "Max": "3.50", "Cou": "12.345", "ZsAvg": "2.2", "ZsMin": "1.1", "ZsMax": "3.9"}
    items = ",".join(f"a34004-{field}={text}" for field, text in fields.items())
    made.put(frame(f"{items},a34004-Flag=N,a34004-SampleTime=20260301101000", cn="2051"))
    made.take()
    (row,) = made.rows("minute")
    assert schema.sent_texts(row) == {schema.NUMBERS[field]: text for field, text in fields.items()}
    assert [row[name] for name in ("avg", "max", "cou", "zs_max", "rtd", "zs_rtd")] == [
        2.0,
        3.5,
        12.345,
        3.9,
        None,
        None,
    ]
    assert row["sample_time"] == NOON - timedelta(minutes=5)


# S20: text, its number, whether the row can be read
TEXTS = [
    ("3434", 3434.0, True), ("0", 0.0, True), ("-130.7116", -130.7116, True), ("1.0E-5", 1e-5, True),
    ("0.00000", 0.0, True), ("7.10", 7.1, True), ("12345678.12", 12345678.12, True), (">4", None, True),
    ("<0.01", None, True), ("--", None, False), ("", None, False), ("007.5", 7.5, True), ("-0.0", 0.0, True),
    ("123456789012345678", 123456789012345678.0, True), ("0.123456789012", 0.123456789012, True),
    ("St", None, True), ("NaN", None, False),
]  # fmt: skip


def test_number_and_its_text(made):
    for place, (text, _number, _valid) in enumerate(TEXTS):
        made.put(frame(f"w01018-Rtd={text},w01018-Flag=N;w21003-Rtd=2.5", at=NOON + timedelta(seconds=place)))
    made.take()
    rows = made.rows()
    ones, others = rows[: len(TEXTS)], rows[len(TEXTS) :]
    assert [(schema.sent_texts(one)["rtd"], one["rtd"], one["valid"]) for one in ones] == TEXTS
    assert {one["flag"] for one in ones} == {"N"} and [schema.sent_texts(one) for one in others] == [
        {"rtd": "2.5"}
    ] * 17


def test_fields_without_a_column_stay_by_their_names(made):
    """S21, S22: LA-td, a maker's flag, a code's information; a bare Flag; a group broken by a mistyped code."""
    made.put(
        frame("LA-td=3,LA-Rtd=50.1;a01006-ValidNum=12,a01006-Rtd=101.3,a01006-EFlag=A1B2;Flag=N"),
        frame("w01018-SampleTime=20260301101000,01018-Rtd=5.5,w01018-Flag=N"),
        frame("w01018-Rtd=1;w21003-Rtd=2;w01018-Flag=N", at=NOON + timedelta(minutes=1)),
    )
    made.take()
    rows = {(row["factor"], row["sequence"]): row for row in made.rows(versions=True)}
    assert json.loads(rows["LA", 1]["more"]) == {"td": "3"} and rows["LA", 1]["rtd"] == 50.1
    assert json.loads(rows["a01006", 1]["more"]) == {"EFlag": "A1B2", "ValidNum": "12"}
    assert json.loads(rows["", 1]["more"]) == {"Flag": "N"}
    assert (rows["01018", 2]["rtd"], rows["w01018", 2]["flag"]) == (5.5, "N")
    assert (rows["w01018", 3]["rtd"], rows["w01018", 3]["flag"], rows["w21003", 3]["rtd"]) == (1.0, "N", 2.0)
    assert len(rows) == 7


def test_a_factor_twice_in_a_packet_the_last_holds(made):
    """S23 (HJ 212-2017 example C.29)."""
    made.put(frame("e01001-Rtd=1.5,e01001-Flag=N;w01018-Rtd=3;e01001-Rtd=2.25,e01001-Flag=D"))
    made.take()
    one, two = made.rows()
    assert (one["factor"], one["rtd"], one["flag"], schema.sent_texts(one)) == ("e01001", 2.25, "D", {"rtd": "2.25"})
    assert two["rtd"] == 3.0


def test_parts_are_rows_as_they_come(made):
    """S15: each part has whole factors; a lost part loses only its own."""
    made.put(
        frame("w21003-Rtd=2", more="PNUM=3;PNO=3;"),
        frame("w01018-Rtd=1", more="PNUM=3;PNO=1;"),
    )
    made.take()
    assert [(row["factor"], row["rtd"], row["time"]) for row in made.rows()] == [
        ("w01018", 1.0, NOON),
        ("w21003", 2.0, NOON),
    ]


TIMES = {
    "": Doubt.MISSING, "20261399000000": Doubt.MISSING, "20990101000000": Doubt.FUTURE,
    stamp(NOON + timedelta(minutes=20)): Doubt.FUTURE, "20000101000000": Doubt.TOO_OLD,
}  # fmt: skip


def test_a_time_not_believed(made):
    """S11: kept with its bytes' reference, flagged, by the day of receipt, and no value of its interval."""
    for time in TIMES:
        made.put(frame("w01018-Rtd=32.6", at=time))
    assert made.take() == len(TIMES)
    assert made.rows() == []
    rows = sorted(made.rows("undated"), key=lambda row: row["sequence"])
    assert [row["doubt"] for row in rows] == list(TIMES.values()) and {row["rtd"] for row in rows} == {32.6}
    assert [row["time"] is None for row in rows] == [True, True, False, False, False]
    assert [row["more"] for row in rows] == [None, '{"DataTime":"20261399000000"}', None, None, None]
    assert {file.partition for file in made.store.newest().files} == {Partition("undated", "2026-03-01")}


def test_a_little_ahead_and_a_long_time_late_are_in_place(made):
    made.put(
        frame("w01018-Rtd=1", at=NOON + timedelta(minutes=14)), frame("w01018-Rtd=2", at=NOON - timedelta(days=400))
    )
    made.take()
    assert [row["rtd"] for row in made.rows(versions=True)] == [1.0] and len(made.store.newest().files) == 2


def test_what_carries_no_values_is_no_row(made):
    """Heartbeat, answers, notices, what is rejected, what was sent to a device."""
    made.put(frame("", cn="9015"), frame("QnRtn=1", cn="9011", at=""), frame("SystemTime=20260301101500", cn="1011"))
    made.put(b"##0010garbage\r\n")
    made.put(frame("w01018-Rtd=1"), kind=Kind.SENT)
    assert made.take() == 0
    taken = made.store.newest().taken["gw1"]
    assert (taken.sequence, taken.packets, taken.rows, taken.refused) == (6, 4, 0, 1)


def test_intervals_and_partitions(made):
    """HJ 212-2017 table 9; a day ends at midnight in Beijing (16:00 UTC)."""
    late = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    for cn in ("2011", "2051", "2061", "2031", "2021"):
        made.put(frame("w01018-Rtd=1", cn=cn, at=late), frame("w01018-Rtd=1", cn=cn, at=late - timedelta(seconds=1)))
    made.take()
    assert {file.partition for file in made.store.newest().files} == {
        *(Partition(name, day) for name in ("rtd", "minute") for day in ("2026-02-28", "2026-03-01")),
        *(Partition(name, month) for name in ("hour", "day", "other") for month in ("2026-02", "2026-03")),
    }


def test_values_of_a_file(made):
    """Kind 4: digits as written, a time with or without its zone, words."""
    made.put_values({"w01001": {"Avg": 7.10, "Flag": "N"}, "w01010": {"Avg": "12.30"}}, "2026-03-01T08:00:00")
    made.put_values({"w01001": {"Avg": 8, "Level": "Ⅱ类"}}, "2026-03-01T01:00:00+00:00")
    made.put(b'{"mn": "x"}', b"no json", kind=Kind.ROWS)
    made.take()
    one, two, three = made.rows("hour")
    assert (one["avg"], one["flag"], one["st"], one["time"]) == (7.1, "N", "21", datetime(2026, 3, 1, 0, tzinfo=UTC))
    assert (two["time"].hour, json.loads(two["more"])) == (1, {"Level": "Ⅱ类"})
    assert [schema.sent_texts(row) for row in (one, two, three)] == [{"avg": "7.1"}, {"avg": "8"}, {"avg": "12.30"}]
    assert made.store.newest().taken["gw1"].refused == 2


_WHOLE, _PART = st.text("0123456789", min_size=1, max_size=12), st.text("0123456789", max_size=9)
_DIGITS = st.builds(
    lambda sign, whole, part: f"{sign}{whole}{'.' if part else ''}{part}", st.sampled_from(["", "-"]), _WHOLE, _PART
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_DIGITS, min_size=1, max_size=20))
def test_decimals_give_the_text_back(texts):
    """Whatever is not marked as doubtful is written again to the letter by number and decimals."""
    data = b"DataTime=," + b",".join(text.encode() for text in texts)
    begin = np.cumsum([10, *(len(text) + 1 for text in texts[:-1])])
    found = decimals_of(data, begin, np.array([len(text) for text in texts]))
    for text, decimals in zip(texts, found.tolist(), strict=True):
        assert decimals == -1 or f"{float(text):.{decimals}f}" == text
        if len(text) <= 8 and not text.lstrip("-").startswith("0"):
            assert decimals == len(text.partition(".")[2])
