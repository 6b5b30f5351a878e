"""Right packets of the three editions, with values worked by hand; real packets that lie beside the checkout."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet, ahead
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.hj212.framing import Rejected
from ecocloud.intake.monitoring.hj212.records import of_packet
from ecocloud.intake.monitoring.hj212.sm4 import decrypted, encrypted
from ecocloud.intake.monitoring.hj212.values import BEIJING
from tests.intake.monitoring.made import HEAD, KEY, REGION, packet, with_head, with_region

# HJ 212-2017 annex A and HJ 212-2025 annex A.1, as printed.
ANNEX_2017 = (
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
    b"1C80\r\n"
)
ANNEX_2025 = b"##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&2200\r\n"
ENCRYPTING = Dialect(keys=(b"f" * 16, KEY))


def one(data: bytes, dialect: Dialect = ENCRYPTING) -> Packet:
    """The only event of some bytes, which must be a packet."""
    (event,) = Decoder(dialect).feed(data)
    assert isinstance(event, Packet), event
    return event


def test_the_examples_of_the_standards():
    found = one(ANNEX_2017)
    assert (found.qn, found.head.st, found.head.cn, found.head.pw, found.head.mn) == (
        "20160801085857223", "32", "1062", "100000", "010000A8900016F000169DC0",
    )  # fmt: skip
    assert (found.head.flag, found.head.edition, found.head.wants_answer) == (5, 2017, True)
    assert found.parameters == {"RtdInterval": "30"}
    assert (found.values, found.leniencies, found.time) == ({}, (), None)
    found = one(ANNEX_2025)
    assert (found.head.cn, found.head.edition, found.head.wants_answer, found.leniencies) == ("1011", 2025, True, ())


def test_values_keep_their_text_and_have_a_number():
    found = one(packet())
    assert found.values == {"w01018": {"Rtd": "32.6", "Flag": "N"}, "w21003": {"Rtd": "1.84", "Flag": "N"}}
    assert found.number("w01018", "Rtd") == 32.6
    assert found.time == datetime(2026, 3, 1, 10, 15, tzinfo=BEIJING)
    assert one(with_region("a-Rtd=7.10")).values == {"a": {"Rtd": "7.10"}}
    assert one(with_region("a-Rtd=-130.7116")).number("a", "Rtd") == -130.7116


@pytest.mark.parametrize(
    ("flag", "edition", "answer"),
    [(0, 2005, False), (1, 2005, True), (4, 2017, False), (5, 2017, True), (8, 2025, False), (9, 2025, True)],
)
def test_flag(flag, edition, answer):
    found = one(with_head(HEAD.replace("Flag=5", f"Flag={flag}")))
    assert (found.head.edition, found.head.wants_answer, found.leniencies) == (edition, answer, ())


@pytest.mark.parametrize(("flag", "edition"), [(3, 2005), (6, 2017), (7, 2017), (10, 2025), (11, 2025)])
def test_part(flag, edition):
    found = one(with_head(HEAD.replace("Flag=5", f"Flag={flag}") + "PNUM=4;PNO=2;"))
    assert (found.head.edition, found.head.pnum, found.head.pno, found.leniencies) == (edition, 4, 2, ())


def test_sent_again_later():
    found = one(with_head(HEAD.replace("Flag=5", "Flag=9") + "RF=1;"))
    assert found.head.again
    assert found.leniencies == ()
    assert not one(with_head(HEAD + "RF=0;")).head.again


def test_edition_of_2005():
    found = one(
        packet("ST=32;CN=2011;PW=123456;MN=36010020260001;CP=&&DataTime=20260301101500;B01-Rtd=17.5;001-Rtd=7&&")
    )
    assert (found.head.edition, found.qn, found.head.flag) == (2005, "", None)
    assert found.values == {"B01": {"Rtd": "17.5"}, "001": {"Rtd": "7"}}
    assert {str(leniency.kind) for leniency in found.leniencies} == {"no_qn", "no_flag"}


def encrypt(region: str, length: str, tail: bytes = b"\r\n") -> bytes:
    """A packet of 2025 with an encrypted region, its length that of the plain or of the sent segment."""
    head = HEAD.replace("Flag=5", "Flag=9").encode() + b"CP=&&"
    plain, sent = head + region.encode() + b"&&", head + encrypted(region.encode(), KEY) + b"&&"
    crc = packet(plain)[-6:-2]
    return b"##%04d" % len(plain if length == "plain" else sent) + sent + crc + tail


@pytest.mark.parametrize("length", ["plain", "sent"])
@pytest.mark.parametrize("tail", [b"\r\n", b"\n", b""])
def test_encrypted(length, tail):
    """Both lengths that the examples of the text use; the second of two keys fits."""
    data = encrypt(REGION, length, tail)
    decoder = Decoder(ENCRYPTING)
    events = [event for place in range(len(data)) for event in decoder.feed(data[place : place + 1])] + decoder.quiet()
    assert events == [*(whole := Decoder(ENCRYPTING)).feed(data), *whole.quiet()]
    (found,) = events
    assert found.encrypted
    assert found.values == one(packet()).values
    assert len({str(leniency.kind) for leniency in found.leniencies}) == (tail != b"\r\n")
    two = Decoder(ENCRYPTING).feed(data + packet())
    assert [event.values for event in two] == [found.values] * 2


def test_encrypted_without_the_key():
    data = encrypt(REGION, "plain")
    assert [event.reason for event in Decoder().feed(data)] == ["no_key"]
    assert [event.reason for event in Decoder(Dialect(keys=(b"f" * 16,))).feed(data)] == ["crc_error"]
    assert isinstance(Decoder(ENCRYPTING).feed(data.replace(b"}", b",}"))[0], Packet | Rejected)


def test_sm4_of_the_standard():
    """GB/T 32907-2016 annex A, example 1."""
    key, cipher = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), "681EDF34D206965E86B3E94F536E4246"
    sent = encrypted(key, key)
    assert sent == b"{" + b",".join(b"0x" + cipher[at : at + 2].encode() for at in range(0, 32, 2)) + b"}"
    assert decrypted(sent + b"tail", key) == key + b"tail"
    assert encrypted(b"short", key) == b"short"
    assert decrypted(b"{0x01}", key) is decrypted(b"plain", key) is None


def test_a_time_ahead_of_its_receipt():
    found = one(packet())
    received = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)  # 10:00 in Beijing; the packet says 10:15
    assert ahead(found, received, 15) is None
    assert ahead(found, received - timedelta(seconds=1), 15).text == "20260301101500"


def test_record_of_a_packet_is_json():
    found = json.loads(json.dumps(of_packet(one(packet()))))
    assert {"QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "DataTime", "values", "leniencies"} <= set(found)
    assert found["numbers"] == {"w01018": {"Rtd": 32.6}, "w21003": {"Rtd": 1.84}}
    assert (found["accepted"], found["PNUM"], found["Flag"], found["leniencies"]) == (True, None, 5, [])


def published(folder):
    """(id, packet, its plain segment) of the packets that lie beside the checkout."""
    for name in ("hj212_vectors.jsonl", "hj212_examples.jsonl"):
        for line in (folder / "standards" / "environment" / "data" / name).read_text("utf-8").splitlines():
            record = json.loads(line)
            data = record["packet"].encode("utf-8")
            yield record["id"], data, record.get("plain_segment", data[6:-6].decode("utf-8"))


def by_splitting(segment: str) -> dict[str, dict[str, str]]:
    """code -> field -> text by nothing but splitting: an independent reading of a regular packet."""
    values: dict[str, dict[str, str]] = {}
    for item in segment.split("CP=&&")[1].rstrip("&").replace(";", ",").split(","):
        name, _, text = item.partition("=")
        if "-" in name:
            values.setdefault(name.split("-")[0], {})[name.split("-")[1]] = text
    return values


def test_published_packets(shared_folder):
    """Every valid packet of the published lists: head and values as splitting the text gives them, cut in any way."""
    count = 0
    for name, data, segment in published(shared_folder):
        found = one(data)
        head = dict(item.split("=") for item in segment.split("CP=")[0].split(";") if item)
        said = (found.qn, found.head.st, found.head.cn, found.head.pw, found.head.mn, found.head.flag_text)
        assert said == tuple(head.get(key, "") for key in ("QN", "ST", "CN", "PW", "MN", "Flag")), name
        assert (found.head.pnum, found.head.pno) == (int(head.get("PNUM", 0)), int(head.get("PNO", 0))), name
        assert found.values == by_splitting(segment), name
        decoder = Decoder(ENCRYPTING)
        assert [event for place in range(len(data)) for event in decoder.feed(data[place : place + 1])] == [found]
        assert Decoder(ENCRYPTING).feed(data + b"##01")[0] == Decoder(ENCRYPTING).feed(data + data)[1] == found
        count += 1
    assert count >= 42
