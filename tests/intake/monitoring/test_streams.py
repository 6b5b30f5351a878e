"""Streams: any cut gives the same events; the short way equals the exact one; mutated packets; bounded and linear."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.intake.monitoring.hj212 import crc
from ecocloud.intake.monitoring.hj212.crc import by_the_text
from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.hj212.framing import KEPT, Noise, Rejected
from ecocloud.intake.monitoring.hj212.judging import Judge
from ecocloud.intake.monitoring.hj212.records import of_packet, of_rejected
from tests.intake.monitoring.made import HEAD, KEY, packet, with_head, with_region
from tests.intake.monitoring.test_packets import encrypt

PACKETS = [
    packet(),
    packet(tail=b""),
    packet(tail=b"\n"),
    with_region("DataTime=20260301101500;SB1-RS=1;i11001-Info=//##0101;a=b//;w01018-Rtd=----"),
    with_head(HEAD.replace("Flag=5", "Flag=7") + "PNUM=2;PNO=1;"),
    packet("ST=32;CN=2011;PW=123456;MN=36010020260001;CP=&&DataTime=20260301101500;B01-Rtd=17.5;001-Rtd=7.1&&"),
    packet(f"{HEAD}CP=&&i11001-Info=//清洗//&&".encode("gbk")),
    encrypt("DataTime=20260301101500;w01018-Rtd=32.6,w01018-Flag=N", "plain"),
    packet(length=9999),
    b"##noise##",
    b"\r\n",
]
DIALECT = Dialect(keys=(KEY,))


def events_of(pieces: list[bytes]) -> list:
    decoder = Decoder(DIALECT)
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.end()


@given(st.lists(st.sampled_from(PACKETS) | st.binary(max_size=12), max_size=8), st.data())
def test_the_same_events_however_a_stream_is_cut(parts, data):
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole = events_of([stream])
    assert events_of(pieces) == whole
    assert events_of([stream[place : place + 1] for place in range(len(stream))]) == whole


NAMES = st.sampled_from(
    ["w01018-Rtd", "w01018-Flag", "a34013-ZsAvg", "DataTime", "SB1-RS", "LA-td", "Flag", "i1-Info", "x"]
)
TEXTS = st.one_of(
    st.sampled_from(["", "N", "20260301101500", "20261301101500", "--", "NaN", "1e9", ".5", "5."]),
    st.sampled_from(["-.5", "<1", "1_0", "a=b", "1-2", "9" * 70]),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:.4f}"),
    st.decimals(-9999, 9999, places=3).map(str),
    st.text(st.characters(codec="ascii"), max_size=6),
)  # fmt: skip


@given(st.lists(st.tuples(NAMES, TEXTS, st.sampled_from([",", ";"])), min_size=1, max_size=8))
def test_the_short_way_equals_the_exact_one(items):
    """A decoder that has met the names reads a packet as one that has not: the first always goes the exact way."""
    region = "".join(f"{name}={text}{separator}" for name, text, separator in items)[:-1]
    data = with_region(region)
    knowing = Decoder()
    knowing.feed(with_region(",".join(f"{name}=1" for name, _, _ in items)))
    assert knowing.feed(data) == Decoder().feed(data)


def mutated(chance: random.Random) -> bytes:
    """One packet with one to four changes; half of them inside a segment whose length and checksum are then right."""
    framed = chance.random() < 0.5
    data = bytearray(chance.choice(PACKETS))
    if framed:
        data = data[6:-6]
    for _ in range(chance.randint(1, 4)):
        place, other = chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)
        low, high = min(place, other), max(place, other)
        kind = chance.randrange(8)
        if kind == 0 and place < len(data):
            data[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[place:place] = bytes([chance.randrange(256)])
        elif kind == 2:
            del data[place : place + chance.randint(1, 3)]
        elif kind == 3:
            data[place:place] = data[low : low + 20]
        elif kind == 4:
            data[place:place] = chance.choice(
                [b"##", b"&&", b"\r\n", b"=", b";;", b",", b"//", b"CP=&&", b"##0101", b"\0"]
            )
        elif kind == 5:
            del data[high:]
        elif kind == 6:
            data[place:] = chance.choice(PACKETS)[other:]
        elif len(data) > 6:
            data[2:6] = b"%04d" % chance.randrange(10_000)
    return packet(bytes(data)) if framed and len(data) < 10_000 else bytes(data)


def test_mutated_packets(full_size):
    """Nothing but our own events; what is accepted has the right checksum; memory is bounded; every event is JSON."""
    chance = random.Random(212)
    decoder, seen, longest = Decoder(DIALECT), dict.fromkeys((Packet, Rejected, Noise), 0), Judge(DIALECT).most
    for number in range(1_000_000 if full_size else 6_000):
        data = mutated(chance)
        events = decoder.feed(data) + (decoder.end() if number % 3 == 0 else [])
        assert decoder.waiting <= longest
        for event in events:
            seen[type(event)] += 1
            if isinstance(event, Packet):
                record = of_packet(event)
                digits = event.raw.rstrip(b"\r\n")[-4:]
                assert (
                    event.encrypted or b"%04X" % by_the_text(event.raw[6 : 6 + int(event.raw[2:6])]) == digits.upper()
                )
            else:
                record = of_rejected(event)
                assert len(event.raw if isinstance(event, Rejected) else event.sample) <= max(KEPT, 2 * longest)
            assert json.loads(json.dumps(record))["accepted"] == isinstance(event, Packet)
    assert min(seen.values()) > 100


def test_a_thousand_packets_in_one_read():
    assert len(Decoder().feed(packet() * 1000)) == 1000


HOSTILE = [b"garbage ", b"##9999", b"##0050", b"##1000", b"#", b"##0001A=", b"\r\n", b"##9999\r\n", b"##0099CP=&&{0x"]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_hostile_streams_keep_little_and_judge_each_head_once(pattern):
    """Nothing grows with the stream, and no place is judged more often than bytes come."""
    decoder = Decoder(DIALECT)
    judge = decoder._framer._judge
    calls, at = [0], judge.at

    def counting(*args):
        calls[0] += 1
        return at(*args)

    judge.at = counting
    stream = pattern * (40_000 // len(pattern))
    for start in range(0, len(stream), 1000):
        decoder.feed(stream[start : start + 1000])
        assert decoder.waiting <= judge.most
    assert calls[0] <= len(stream) + len(stream) // 1000  # a head that waits is judged anew with each read
    assert decoder.since_packet == len(stream)


@pytest.mark.parametrize("pattern", [packet(), b"##9999", b"##1000", b"##0001A=", packet(length=9999)])
def test_work_grows_with_the_stream_alone(pattern, monkeypatch):
    """Four times the bytes: four times the places judged and bytes summed, also of the worst patterns (no clock)."""
    work = [0]
    judged, summed = Judge.at, crc.high_byte

    def judging(self, buffer, start, final):
        work[0] += 1
        return judged(self, buffer, start, final)

    def summing(segment):
        work[0] += len(segment)
        return summed(segment)

    monkeypatch.setattr(Judge, "at", judging)
    monkeypatch.setattr(crc, "high_byte", summing)
    spent = []
    for size in (40_000, 160_000):
        work[0] = 0
        decoder = Decoder()
        decoder.feed(pattern * (size // len(pattern)))
        decoder.end()
        spent.append(work[0])
    assert 0 < spent[1] <= 4.5 * spent[0], spent


def test_a_packet_without_values_is_read_the_short_way_too():
    """A heartbeat, and what follows it on the same connection: the second goes the short way with no names at all."""
    heartbeat = packet(HEAD.replace("2011", "9015") + "CP=&&&&")
    events = Decoder().feed(heartbeat * 3 + packet("QN=&&") + packet("CP=&&") + heartbeat)
    assert [type(event) for event in events] == [Packet, Packet, Packet, Rejected, Rejected, Packet]
    assert events[0].values == events[2].values == {}
