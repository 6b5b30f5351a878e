"""Columns of many packets against the readable decoder, packet by packet and value by value."""

import math
import random
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.intake.monitoring.hj212 import bulk
from ecocloud.intake.monitoring.hj212.bulk import NO_TIME, Bulk, Columns
from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from tests.intake.monitoring.made import HEAD, KEY, packet, with_head, with_region
from tests.intake.monitoring.test_malformed import CASES
from tests.intake.monitoring.test_streams import NAMES, PACKETS, TEXTS, mutated

DIALECT = Dialect(keys=(KEY,))


@pytest.fixture(params=["compiled", "one by one"])
def way(request, need, monkeypatch):
    """Both ways lead to the same columns; the compiled one needs the extra ``bulk``."""
    if request.param == "one by one":
        monkeypatch.setattr(bulk, "kernel", None)
    elif bulk.kernel is None:
        need("numba", "pip install ecocloud[bulk]")
    return request.param


def columns(packets: list[bytes], using: Bulk | None = None) -> Columns:
    lengths = np.array([len(one) for one in packets], np.int64)
    ends = np.cumsum(lengths)
    return (using or Bulk(DIALECT)).decode(b"".join(packets), ends - lengths, ends)


def compare(packets: list[bytes], found: Columns) -> None:
    """Every packet as the readable decoder says, every value in its order, with text and number to the last bit."""
    rows: dict[int, list[tuple]] = {}
    for row, number in enumerate(found.packet.tolist()):
        rows.setdefault(number, []).append((found.names[found.name[row]], found.text(row), float(found.number[row])))
    assert found.packet.tolist() == sorted(found.packet.tolist())
    decoder = Decoder(DIALECT)
    for number, raw in enumerate(packets):
        events = decoder.feed(raw) + decoder.end()
        expected = next((event for event in events if isinstance(event, Packet)), None)
        assert bool(found.accepted[number]) == (expected is not None), raw
        if expected is None:
            assert number not in rows
            continue
        head, time = found.heads[found.head[number]], int(found.time[number])
        assert head._replace(qn="", notes=()) == expected.head._replace(qn="", notes=())
        since = None if expected.time is None else (expected.time - bulk._EPOCH) // timedelta(microseconds=1)
        assert time == (NO_TIME if since is None else since), raw
        numbers = dict(zip(expected.layout.numeric, expected.numbers, strict=True))
        said = [
            (slot, text, math.nan if numbers.get(place) is None else numbers[place])
            for place, (slot, text) in enumerate(zip(expected.layout.slots, expected.texts, strict=True))
        ]
        assert repr(rows.get(number, [])) == repr(said), raw


def test_every_case_and_every_kind_of_packet(way):
    packets = [*PACKETS, *(data for data, _ in CASES.values() if data)] * 2
    compare(packets, columns(packets))


def test_mutated_packets(way, full_size):
    chance, using = random.Random(213), Bulk(DIALECT)
    for _ in range(50 if full_size else 3):
        packets = [mutated(chance) for _ in range(700)]
        packets = [one for one in packets if one]
        compare(packets, columns(packets, using))


@given(st.lists(st.tuples(NAMES, TEXTS, st.sampled_from([",", ";"])), max_size=9))
def test_any_items(items):
    """Three regions of a few items each, the same names twice over in one block."""
    regions = [items[start::3] for start in range(3)]
    packets = [with_region("".join(f"{n}={t}{s}" for n, t, s in region)[:-1]) for region in regions]
    compare(packets * 2, columns(packets * 2))


NUMBERS = [
    "0",
    "-0",
    "-0.0",
    "00.10",
    "9007199254740992",
    "9007199254740993",
    "0.1",
    "123456789.987654321",
    "235.292750833832",
    "5.",
    ".5",
    "-",
    "1-2",
    "1.2.3",
    "0.1234567890123456789",
    "-130.7116",
    "4503599627370497.5",
]
NUMBERS += ["1" * 30, "1" * 31, "0." + "1" * 32, "0." + "1" * 33, "0." + "0" * 22 + "1"]


def test_numbers_are_rounded_as_float_does(way):
    """The edges of what one division rounds right, of the longest plain number, and of what is no plain number."""
    packets = [with_region(f"w01018-Rtd={text}") for text in NUMBERS] * 2
    compare(packets, columns(packets))


TIMES = [
    "19700101000000",
    "19710101000000",
    "20000229000000",
    "20010229000000",
    "21000229000000",
    "20240229235959",
    "20240230000000",
    "20261301000000",
    "20260100000000",
    "20260101240000",
    "20260101236000",
    "20260101000060",
    "20260431000000",
    "2026010100000",
    "202601010000000",
    "20991231235959",
    "00010101000000",
]


def test_times(way):
    packets = [with_region(f"DataTime={text};w01018-Rtd=1") for text in TIMES] * 2
    compare(packets, columns(packets))


def test_what_is_regular_is_compiled(need):
    """Only the odd packets are read one by one."""
    if bulk.kernel is None:
        need("numba", "pip install ecocloud[bulk]")
    packets = [packet(), with_region("w01018-Rtd=NaN"), with_region("w01018-Rtd=2"), packet(crc=b"0000")]
    found = columns(packets)
    assert sorted(found.event) == [1, 3]
    assert found.accepted.tolist() == [True, True, True, False]


def test_names_and_heads_without_end_do_not_fill_the_memory(way, monkeypatch):
    monkeypatch.setattr(bulk, "_MOST_KNOWN", 100)
    using = Bulk()
    for block in range(6):
        packets = [with_head(HEAD.replace("ST=32", f"ST={block}{n:03d}"), f"x{block}{n}-Rtd={n}") for n in range(40)]
        compare(packets, columns(packets, using))
        assert len(using._heads.ids) <= 140
        assert len(using._names.ids) <= 140


@pytest.mark.parametrize(("starts", "ends"), [([-1], [10]), ([0], [999]), ([0, 5], [10, 20]), ([10], [5])])
def test_ranges_that_are_none(starts, ends):
    with pytest.raises(ValueError, match="ranges"):
        Bulk().decode(packet(), np.array(starts), np.array(ends))


def test_nothing(way):
    found = Bulk().decode(b"", np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert len(found.accepted) == len(found.packet) == 0
