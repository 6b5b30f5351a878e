"""Malformed and awkward packets, one by one, each whole, byte by byte, and with bytes behind it."""

import pytest

from ecocloud.intake.monitoring.hj212.crc import crc, modbus, swapped
from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet
from ecocloud.intake.monitoring.hj212.dialect import STANDARD, Dialect
from ecocloud.intake.monitoring.hj212.framing import Noise, Rejected
from tests.intake.monitoring.made import HEAD, REGION, SEGMENT, packet, with_head, with_region

# The checksum of this one has a letter: F441.
LETTERED = f"{HEAD}CP=&&w01018-Rtd=3&&"
GOOD = packet()
RAW = SEGMENT.encode()
LOWER = packet(HEAD + "CP=&&DataTime=20260301101500;w01018-Rtd=32.7&&")
WRONG = GOOD[:-3] + (b"1" if GOOD[-3:-2] != b"1" else b"2") + b"\r\n"


def read(data: bytes, dialect: Dialect = STANDARD, cut: int = 0) -> list:
    """Events of some bytes, in one piece or in pieces of ``cut`` bytes, until the end of the line."""
    decoder = Decoder(dialect)
    pieces = [data] if not cut else [data[place : place + cut] for place in range(0, len(data), cut)]
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.end()


def shape(events: list) -> list:
    """What a test says of events: the codes of the leniencies of a packet, the reason of a rejection, noise."""
    said = []
    for event in events:
        if isinstance(event, Packet):
            said.append(sorted({str(one.kind) for one in event.leniencies}))
        else:
            said.append(str(event.reason) if isinstance(event, Rejected) else "noise")
    return said


ACCEPT: list = [[]]
# case -> (bytes, what comes of them)
CASES = {
    "good": (GOOD, ACCEPT),
    "wrong CRC": (WRONG, ["crc_error"]),
    "CRC of MODBUS": (packet(crc=modbus(RAW)), ["crc_error"]),
    "CRC in lower case": (packet(LETTERED, crc=crc(LETTERED.encode()).lower()), [["crc_lower_case"]]),
    "CRC bytes swapped": (packet(crc=swapped(crc(RAW))), ["crc_error"]),
    "CRC not hex": (packet(crc=b"ZZZZ"), ["crc_not_hex"]),
    "length one too small": (packet(length=len(RAW) - 1), ["length_mismatch"]),
    "length one too large": (packet(length=len(RAW) + 1), ["length_mismatch"]),
    "length 9999": (packet(length=9999), ["length_mismatch"]),
    "length not digits": (packet(length="0A10"), ["length_not_digits"]),
    "length zero": (packet(length=0), ["length_zero"]),
    "length negative": (packet(length="-001"), ["length_not_digits"]),
    "length with a plus": (packet(length="+101"), ["length_not_digits"]),
    "length with a blank": (packet(length=" 101"), ["length_not_digits"]),
    "length with an underscore": (packet(length="1_01"), ["length_not_digits"]),
    "no CR LF": (packet(tail=b""), [["no_crlf"]]),
    "CR alone": (packet(tail=b"\r"), [["no_crlf"]]),
    "LF alone": (packet(tail=b"\n"), [["lf_only"]]),
    "something else as tail": (packet(tail=b"XY\r\n"), ["bad_tail"]),
    "no head": (GOOD[2:], ["noise"]),
    "garbage before": (b"garbage" + GOOD, [["skipped_bytes"]]),
    "a false head before": (b"##noise##" + GOOD, [["skipped_bytes"]]),
    "three signs": (b"#" + GOOD, [["skipped_bytes"]]),
    "two glued": (GOOD + GOOD, [[], []]),
    "two glued without CR LF": (packet(tail=b"") + GOOD, [["no_crlf"], []]),
    "four glued, CR LF at the end": (packet(tail=b"") * 3 + GOOD, [["no_crlf"]] * 3 + [[]]),
    "half": (GOOD[: len(GOOD) // 2], ["incomplete"]),
    "empty": (b"", []),
    "only CR LF": (b"\r\n", []),
    "CR LF between": (GOOD + b"\r\n\r\n" + GOOD, [[], []]),
    "no CP": (packet(HEAD), ["no_cp"]),
    "no closing marks": (packet(SEGMENT[:-2]), [["cp_not_closed"]]),
    "marks inside": (with_region("DataTime=20260301101500;i11001-Info=//CP=&&a&&//;w01018-Rtd=1"), [["marks_inside"]]),
    "no MN": (with_head("QN=20260301101500123;ST=32;CN=2011;PW=123456;Flag=5;"), ["no_mn"]),
    "MN empty": (with_head("QN=20260301101500123;ST=32;CN=2011;PW=123456;MN=;Flag=5;"), ["no_mn"]),
    "no CN": (with_head("QN=20260301101500123;ST=32;PW=123456;MN=0123456789ABCDEF01234567;Flag=5;"), ["no_cn"]),
    "no QN": (with_head(HEAD[21:]), [["no_qn"]]),
    "QN of 13 digits": (with_head("QN=1618213520280;" + HEAD[21:]), [["qn_form"]]),
    "ST twice": (with_head(HEAD + "ST=31;"), ["duplicate_field"]),
    "ST twice the same": (with_head(HEAD + "ST=32;"), [["head_field_repeated"]]),
    "QN twice": (with_head(HEAD + "QN=20260301101500124;"), ["duplicate_field"]),
    "value of dashes": (with_region("w01018-Rtd=----;w21003-Rtd=1.84"), [["value_missing"]]),
    "no value": (with_region("w01018-Rtd=,w01018-Flag=N;w21003-Rtd=1.84"), [["value_missing"]]),
    "NaN": (with_region("w01018-Rtd=NaN;w21003-Rtd=1.84"), [["value_missing"]]),
    "infinite": (with_region("w01018-Rtd=-inf;w21003-Rtd=1.84"), [["value_missing"]]),
    "overflow": (with_region("w01018-Rtd=1e999;w21003-Rtd=1.84"), [["value_not_number"]]),
    "underscore": (with_region("w01018-Rtd=1_000;w21003-Rtd=1.84"), [["value_not_number"]]),
    "DataTime invalid": (with_region("DataTime=20241301000000;w01018-Rtd=1"), [["datatime_invalid"]]),
    "GBK": (packet(f"{HEAD}CP=&&i11001-Info=//清洗管路//&&".encode("gbk")), [["charset_gb18030"]]),
    "UTF-8": (with_region("i11001-Info=//清洗管路//"), ACCEPT),
    "UTF-8, length in characters": (
        packet(f"{HEAD}CP=&&i11001-Info=//清洗//&&", length=len(f"{HEAD}CP=&&i11001-Info=//清洗//&&")),
        ["length_mismatch"],
    ),
    "bytes of no charset": (packet(HEAD.encode() + b"CP=&&i11001-Info=//\xff\xff//&&"), [["charset_replaced"]]),
    "NUL inside": (with_region("i11001-Info=//a\0b//"), [["control_bytes"]]),
    "comma after QN": (with_head(HEAD.replace(";ST", ",ST")), [["comma_in_head"]]),
    "no semicolon before CP": (with_head(HEAD[:-1]), [["no_semicolon_before_cp"]]),
    "semicolon before the closing marks": (with_region(REGION + ";"), [["empty_item"]]),
    "blanks": (with_region("DataTime=20260301101500; LA-Rtd=50.1;i12003-Info =0"), [["spaces"]]),
    "part without numbers": (with_head(HEAD.replace("Flag=5", "Flag=7")), [["part_without_numbers"]]),
    "PNO over PNUM": (with_head(HEAD.replace("Flag=5", "Flag=7") + "PNUM=2;PNO=3;"), ["part_number"]),
    "PNUM zero": (with_head(HEAD.replace("Flag=5", "Flag=7") + "PNUM=0;PNO=0;"), ["part_number"]),
    "part numbers without the flag": (with_head(HEAD + "PNO=0002;PNUM=0002;"), [["part_without_flag"]]),
    "longer than the text allows": (with_region(";".join(f"w{n:05d}-Rtd=1.5" for n in range(100))), [["segment_long"]]),
    "Flag 300": (with_head(HEAD.replace("Flag=5", "Flag=300")), [["flag_range"]]),
    "Flag not a number": (with_head(HEAD.replace("Flag=5", "Flag=x")), [["flag_not_number"]]),
    "no Flag": (with_head(HEAD.replace("Flag=5;", "")), [["no_flag"]]),
    # stream
    "a bad one between two good ones": (GOOD + WRONG + GOOD, [[], "crc_error", []]),
    "a head inside a value": (with_region("i11001-Info=//##0101//;w01018-Rtd=1"), ACCEPT),
    "a good one behind a false length": (packet(length=9999) + GOOD + GOOD, ["length_mismatch", [], []]),
    "garbage behind": (GOOD + b"garbage", [[], "noise"]),
    "HTTP": (b"GET /index.html?a=1 HTTP/1.1\r\nHost: x\r\n\r\n", ["noise"]),
    # data
    "Flag as a parameter": (with_region("a34001-Rtd=92;Flag=N"), [["name_unknown"]]),
    "a code twice": (with_region("e01001-Rtd=1;e01001-Rtd=2"), [["name_repeated"]]),
    "a code misprinted inside a group": (with_region("w01018-SampleTime=20260301100000,01018-Rtd=3"), ACCEPT),
    "numbers written otherwise": (with_region("w01018-Rtd=1.0E-5,w01018-Min=.5,w01018-Max=+2"), [["number_form"]]),
    "bounds": (with_region("w01018-Rtd=<0.01,w01018-Max=>4,w01018-Min=0.01L"), [["value_bound"]]),
    "fields in another case": (with_region("DATATIME=20260301101500;w01018-rtd=1"), [["name_case"]]),
    "times with fractions": (with_region("DataTime=20260301101500000;w01018-Rtd=1"), [["datatime_form"]]),
    "CP with blanks": (packet(f"{HEAD}CP = &&w01018-Rtd=1&&"), [["cp_form"]]),
    "an answer of 2005 without MN": (
        packet("ST=91;CN=9014;CP=&&QN=20260301101500123;CN=2011&&"),
        [["no_flag", "no_mn", "no_qn"]],
    ),  # fmt: skip
}


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    data, expected = CASES[case]
    events = read(data)
    assert shape(events) == expected
    for cut in (1, 2, 7):
        assert read(data, cut=cut) == events
    decoder = Decoder()
    assert len([event for event in decoder.feed(GOOD + data) if isinstance(event, Packet)]) >= 1


ACCEPTED = [case for case, (_, expected) in CASES.items() if expected and isinstance(expected[0], list)]


@pytest.mark.parametrize("case", ACCEPTED)
def test_bytes_behind_an_accepted_packet_stay_untouched(case):
    """Another packet behind it is read as by itself; the first is as it was."""
    data, expected = CASES[case]
    if data.endswith(b"garbage"):
        return
    first = read(data)
    events = read(data + LOWER)
    assert events[: len(first)] == first
    assert events[len(first) :] == read(LOWER)


def test_values_of_a_packet_with_bad_ones():
    """One bad value loses itself alone; its text stays."""
    (event,) = read(with_region("w01018-Rtd=----,w01018-Flag=D;w21003-Rtd=1.84;p99101-Rtd=St;a-Rtd=1_0"))
    assert event.values == {
        "w01018": {"Rtd": None, "Flag": "D"}, "w21003": {"Rtd": "1.84"}, "p99101": {"Rtd": "St"}, "a": {"Rtd": None},
    }  # fmt: skip
    assert event.number("w21003", "Rtd") == 1.84
    assert event.number("w01018", "Rtd") is event.number("p99101", "Rtd") is event.number("a", "Rtd") is None
    assert [(one.where, one.text) for one in event.leniencies] == [
        ("w01018-Rtd", "----"), ("p99101-Rtd", "St"), ("a-Rtd", "1_0"),
    ]  # fmt: skip


def test_dialects():
    """A device's own checksum or length is right for that device alone."""
    for rule, text in (("modbus", modbus(RAW)), ("swapped", swapped(crc(RAW))),
                       ("modbus_swapped", swapped(modbus(RAW))), ("ignore", b"ABCD")):  # fmt: skip
        device = {"0123456789ABCDEF01234567": Dialect(crc=rule)}
        other = {"012345678901234567890123": Dialect(crc=rule)}
        data = packet(crc=text)
        assert [str(one.kind) for one in Decoder(dialects=device).feed(data)[0].leniencies] == ["crc_dialect"]
        assert isinstance(Decoder(dialects=other).feed(data)[0], Rejected)
        assert shape(Decoder(dialects=device).feed(GOOD)) == ACCEPT  # the standard's own is always right
    assert shape(read(packet(SEGMENT[:-2]), Dialect(closed=True))) == ["cp_not_closed"]
    assert shape(read(GOOD, Dialect(longest=100))) == ["length_over_limit"]


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_length_in_characters(charset):
    text = f"{HEAD}CP=&&DataTime=20260301101500;i11001-Info=//清洗管路//&&"
    data = packet(text.encode(charset), length=len(text))
    for cut in (0, 1, 5):
        event, *rest = read(data + GOOD, Dialect(length="characters"), cut)
        assert "length_in_characters" in shape([event])[0]
        assert event.values == {"i11001": {"Info": "//清洗管路//"}}
        assert shape(rest) == ACCEPT


def test_noise_is_counted_and_told():
    (event,) = read(b"garbage" + GOOD)
    assert [(str(one.kind), one.text) for one in event.leniencies] == [("skipped_bytes", "7")]
    assert read(GOOD + b"abc")[1] == Noise(b"abc", 3, "no_head")
    (event,) = read(WRONG)
    assert (event.raw, event.size) == (WRONG, len(WRONG))


def test_a_packet_without_tail_counts_after_silence_and_a_half_one_waits():
    decoder = Decoder()
    assert decoder.feed(packet(tail=b"")) == []
    assert shape(decoder.quiet()) == [["no_crlf"]]
    assert decoder.feed(GOOD[:50]) == decoder.quiet() == []
    assert shape(decoder.feed(GOOD[50:])) == ACCEPT
    assert decoder.waiting == 0
