"""Sessions without sockets: cases S of the list of awkward input, and who is answered with what."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.gateway.backstage import Admitted, MemoryBackstage
from ecocloud.intake.monitoring.gateway.frames import Frame, Frames
from ecocloud.intake.monitoring.gateway.limits import Limits
from ecocloud.intake.monitoring.gateway.metrics import Metrics
from ecocloud.intake.monitoring.gateway.roster import Roster
from ecocloud.intake.monitoring.gateway.session import REPEATED, Common, Session
from ecocloud.intake.monitoring.hj212 import building
from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.raw import Kind
from tests.intake.monitoring.gateway_site import AT, CLOCK, DEVICE, MN, PW, qn, upload
from tests.intake.monitoring.made import KEY, packet
from tests.intake.monitoring.test_streams import mutated

OTHER = "0000000000000000OTHER001"


def common(*devices, **limits):
    roster, metrics = Roster(Limits(**limits)), Metrics()
    found = Common(Limits(**limits), roster, Frames(roster), metrics)
    found.frames.admit(roster.admit({one.mn: one for one in devices or (DEVICE,)}))
    return found


def session(*devices, **limits):
    return Session(common(*devices, **limits), "10.0.0.7:4001", CLOCK, object())


def plain(entries):
    return [(entry.kind, entry.data, entry.answer) for entry in entries]


def answer(data):
    """The answer the builder makes for a packet read by the whole decoder."""
    return building.answer_to(Decoder().feed(data)[0]) or b""


FORMS = {
    "2017": {},
    "2017, no answer wanted": {"flag": "4"},
    "2025": {"flag": "9"},
    "2005": {"flag": "1"},
    "2005, no QN": {"flag": "1", "with_qn": False},
    "2017, no QN": {"with_qn": False},
    "notice": {"cn": "1013", "time": ""},
    "heartbeat": {"cn": "9015", "flag": "9", "time": "", "values": ""},
    "an acknowledgement": {"cn": "9014", "st": "91", "time": "", "values": ""},
    "result": {"cn": "9012", "st": "91", "time": "", "values": "ExeRtn=1"},
}


@pytest.mark.parametrize("form", FORMS)
def test_answers_are_those_of_the_builder_at_first_and_from_memory(form):
    """S17; S16: an answer is never answered. The second packet of a head takes the short way."""
    one = session()
    for number in range(3):
        data = upload(number, **FORMS[form])
        if form.endswith("no QN"):
            data = upload(0, **FORMS[form] | {"values": f"w01018-Rtd={number}.5"})
        assert plain(one.received(data, AT, CLOCK)) == [(Kind.FRAME, data, answer(data))]
    wanted = form not in ("2017, no answer wanted", "an acknowledgement", "result")
    assert bool(answer(data)) is wanted


def test_a_qn_of_another_form_comes_back_as_it_was():
    """S12: 13 digits, 18 digits, one."""
    for text in ("1772331300123", "202603011015001234", "1"):
        data = packet(f"QN={text};ST=32;CN=2011;PW={PW};MN={MN};Flag=5;CP=&&DataTime=20260301101500;a=1&&")
        (entry,) = session().received(data, AT, CLOCK)
        assert f"QN={text};".encode() in entry.answer and entry.answer == answer(data)


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 2000), max_size=12))
def test_however_the_stream_is_cut(cuts):
    """S1, S3, S6: four packets glued, one without CR LF, one with a bad CRC between good ones."""
    good = [upload(number) for number in range(4)]
    stream = good[0] + good[1][:-2] + good[2][:-6] + b"FFFF\r\n" + good[2] + good[3]
    one, places, entries = session(), sorted({0, len(stream), *(cut % len(stream) for cut in cuts)}), []
    for start, end in zip(places, places[1:], strict=False):
        entries += one.received(stream[start:end], AT, CLOCK)
    assert [entry.data for entry in entries if entry.kind == Kind.FRAME] == [good[0], good[1][:-2], good[2], good[3]]
    assert [entry.kind for entry in entries if entry.kind == Kind.REJECTED] == [Kind.REJECTED]
    assert not one.closing


def test_one_byte_at_a_time():
    data, one, entries = upload(1) + upload(2), session(), []
    for place in range(len(data)):
        entries += one.received(data[place : place + 1], AT, CLOCK)
    assert [entry.data for entry in entries] == [upload(1), upload(2)]


def test_a_thousand_packets_in_one_read():
    """S2: all of them, answers in order."""
    packets = [upload(number) for number in range(1000)]
    entries = session(recent=1000).received(b"".join(packets), AT, CLOCK)
    assert [entry.data for entry in entries] == packets
    assert [entry.answer for entry in entries] == [answer(data) for data in packets]


def test_a_head_inside_a_value_is_no_head():
    """S7."""
    data = upload(values="w01018-Rtd=1,w01018-Info=//##0101//")
    assert [entry.data for entry in session().received(data, AT, CLOCK)] == [data]


def test_a_repeated_packet_is_answered_again_and_stored_once():
    """S8; S9: other bytes for the same time are another version."""
    one = session()
    first, corrected = upload(1), upload(2, values="w01018-Rtd=33.0,w01018-Flag=N")
    assert plain(one.received(first, AT, CLOCK)) == [(Kind.FRAME, first, answer(first))]
    assert plain(one.received(first + corrected, AT, CLOCK)) == [
        (REPEATED, b"", answer(first)), (Kind.FRAME, corrected, answer(corrected))
    ]  # fmt: skip
    assert (device(one).packets, device(one).duplicates) == (3, 1)


@pytest.mark.parametrize("name", ["20260301101500abc", "20260301101500 12", "2026030110150\u0661123", "x" * 17])
def test_a_qn_that_is_no_time_is_stored_before_it_is_answered(name):
    data = packet(f"QN={name};ST=32;CN=2011;PW={PW};MN={MN};Flag=5;CP=&&DataTime=20260301101500;w01018-Rtd=1&&")
    assert plain(session().received(data, AT, CLOCK)) == [(Kind.FRAME, data, answer(data))]


def test_what_an_error_kept_from_the_disk_is_no_repetition(monkeypatch):
    """Whatever the error is: bytes that were not stored are not acknowledged when they come again."""
    shared = common()
    one = Session(shared, "p", CLOCK, object())
    one.received(upload(1), AT, CLOCK)
    with monkeypatch.context() as patch:
        patch.setattr(shared.frames, "time", lambda _digits: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            one.received(upload(2), AT, CLOCK)
    assert Session(shared, "q", CLOCK, object()).received(upload(2), AT, CLOCK)[0].kind == Kind.FRAME


@pytest.mark.parametrize("before", [(), (Admitted(MN, "another", ""),)], ids=["unknown", "password"])
def test_what_was_quarantined_is_stored_again_once_its_sender_is_admitted(before):
    """The lake passes by what was sent with another password: only a record of its own lets it in."""
    shared = common(*(before or (Admitted(OTHER, "", ""),)))
    one = Session(shared, "p", CLOCK, object())
    assert plain(one.received(upload(1), AT, CLOCK)) == [(Kind.QUARANTINED, upload(1), b"")]
    shared.frames.admit(shared.roster.admit({MN: DEVICE}))
    assert plain(one.received(upload(1), AT, CLOCK)) == [(Kind.FRAME, upload(1), answer(upload(1)))]
    assert plain(one.received(upload(1), AT, CLOCK)) == [(REPEATED, b"", answer(upload(1)))]


def test_each_part_of_a_record_is_stored_and_acknowledged_by_itself():
    """S15: parts in any order, one lost, one twice; each answer has the QN of its part (HJ 212-2017 table C.49)."""
    groups = [[(f"w{code:05d}-Rtd", "1.25"), (f"w{code:05d}-Flag", "N")] for code in range(120)]
    parts = building.upload(
        "2011", building.Device(MN, "32", PW), qn(), datetime(2026, 3, 1, 10, 15, tzinfo=UTC), groups
    )
    assert len(parts) > 3
    sent = [parts[2], parts[0], parts[2], parts[3]]
    entries = session().received(b"".join(sent), AT, CLOCK)
    assert [entry.kind for entry in entries] == [Kind.FRAME, Kind.FRAME, REPEATED, Kind.FRAME]
    assert [entry.answer for entry in entries] == [answer(part) for part in sent]
    assert [f"QN={qn(number)};".encode() in entries[place].answer for place, number in enumerate((2, 0, 2, 3))] == [
        True
    ] * 4


def device(one, mn=MN):
    return one._common.roster.device(mn)


def test_only_the_last_packets_of_a_device_are_remembered():
    one = session(recent=3)
    for number in range(4):
        one.received(upload(number), AT, CLOCK)
    assert one.received(upload(3), AT, CLOCK)[0].kind == REPEATED
    assert one.received(upload(0), AT, CLOCK)[0].kind == Kind.FRAME


@pytest.mark.parametrize(
    ("change", "reason", "code"),
    [({"mn": OTHER}, "unknown", 4), ({"pw": "wrong"}, "password", 3), ({"st": "31"}, "system", 5)],
)
def test_who_is_not_admitted_is_quarantined_and_hears_nothing_but_of_a_request(change, reason, code):
    """S14: HJ 212-2017 table 7 has QnRtn 4 for MN, 3 for PW, 5 for ST; there is no refusal of data."""
    one = session()
    data = upload(**change)
    assert plain(one.received(data, AT, CLOCK)) == [(Kind.QUARANTINED, data, b"")]
    request = upload(5, **change, cn="1014", flag="9", time="", values="")
    (entry,) = one.received(request, AT, CLOCK)
    assert entry.kind == Kind.QUARANTINED and b"CN=9011" in entry.answer
    assert f"QnRtn={code}".encode() in entry.answer and f"QN={qn(5)}".encode() in entry.answer
    assert plain(one.received(data, AT, CLOCK)) == [(REPEATED, b"", b"")]
    seen, (stranger,) = one._common.roster.report()
    assert (stranger.reason, stranger.packets, stranger.peer) == (reason, 3, "10.0.0.7:4001")
    assert stranger.sample == data and not any(one.packets or one.online for one in seen)


def test_admission_is_effective_for_open_connections():
    shared = common(Admitted(OTHER, "", ""))
    one = Session(shared, "p", CLOCK, object())
    assert one.received(upload(1), AT, CLOCK)[0].kind == Kind.QUARANTINED
    shared.frames.admit(shared.roster.admit({MN: DEVICE}))
    assert one.received(upload(2), AT, CLOCK)[0].kind == Kind.FRAME
    shared.frames.admit(shared.roster.admit({}))
    assert one.received(upload(3), AT, CLOCK)[0].kind == Kind.QUARANTINED


def test_strangers_cannot_fill_the_disk():
    one = session(strange=1000, strange_rate=100.0)
    size = len(upload(mn=OTHER))
    kinds = [[entry.kind for entry in one.received(upload(number, mn=OTHER), AT, CLOCK)] for number in range(10)]
    assert kinds.count([Kind.QUARANTINED]) == 1000 // size and kinds[-1] == []
    later = one.received(upload(99, mn=OTHER), AT, CLOCK + size / 100 + 1)
    assert [entry.kind for entry in later] == [Kind.QUARANTINED]


def test_strangers_cannot_fill_the_memory():
    one = session(devices=50)
    for number in range(300):
        one.received(upload(number, mn=f"STRANGER{number:016d}"), AT, CLOCK)
    roster = one._common.roster
    assert len(roster._others) <= 50 and len(roster.report()[1]) <= 50
    one = session()
    one.received(upload(1, mn="X" * 800, values="w01018-Rtd=1;" * 200 + "w01018-Rtd=1"), AT, CLOCK)
    (_seen, (stranger,)) = one._common.roster.report()
    assert (len(stranger.mn), len(stranger.sample)) == (64, 2048)


def test_answers_of_2005_that_name_no_device_belong_to_the_one_that_sends():
    one = session()
    one.received(upload(1), AT, CLOCK)
    data = packet(f"ST=91;CN=9012;PW={PW};Flag=0;CP=&&QN={qn()};ExeRtn=1&&")
    (entry,) = one.received(data, AT, CLOCK)
    assert (entry.kind, entry.device.mn, entry.answer) == (Kind.FRAME, MN, b"")


def test_two_devices_on_one_connection_and_one_device_on_two():
    """S13: both are stored, the newest connection is the one for commands."""
    shared = common(DEVICE, Admitted(OTHER, PW, ""))
    first, second = (Session(shared, f"peer{number}", CLOCK, number) for number in (1, 2))
    assert [entry.kind for entry in first.received(upload(1) + upload(2, mn=OTHER), AT, CLOCK)] == [Kind.FRAME] * 2
    assert second.received(upload(3), AT, CLOCK)[0].kind == Kind.FRAME
    assert first.received(upload(4), AT, CLOCK)[0].kind == Kind.FRAME
    assert shared.roster.device(MN).lines == [1, 2]
    assert shared.metrics.counts["several_lines_total", ""] == 1


@pytest.mark.parametrize("mn", ["88888880000001", "ABCDEFGHIJKLMNO", "a1-b_2 c", "0" * 18, "0123456789abcdef01234567"])
def test_an_mn_of_any_form_is_known_by_the_register(mn):
    """S13: 14, 15, 18, 24 characters, lower case, dashes, blanks."""
    data = upload(mn=mn)
    assert session(Admitted(mn, PW, "32")).received(data, AT, CLOCK)[0].kind == Kind.FRAME


def test_times_that_cannot_be_are_kept_and_answered_and_do_not_count_as_reported():
    """S10, S11: backfill, a clock of 2000 or 2099, an invalid time."""
    one = session()
    for number, time in enumerate(["20260301101400", "20251201000000", "20000101000000", "20991231235959",
                                   "20241301000000"]):  # fmt: skip
        data = upload(number, time=time)
        assert plain(one.received(data, AT, CLOCK)) == [(Kind.FRAME, data, answer(data))]
    assert device(one).data_time == AT - 60_000_000


def test_drift_is_the_greatest_lead_since_late_packets_only_lag():
    one = session()
    for milliseconds, late in ((0, 3_000_000), (1, 500_000), (2, 9_000_000)):
        one.received(upload(milliseconds), AT + late, CLOCK)
    (seen,), _strangers = one._common.roster.report()
    assert seen.clock_drift_s == pytest.approx(-0.499)


def test_a_device_with_a_dialect_or_a_key_is_read_by_it():
    modbus = Admitted(MN, PW, "32", Dialect(crc="modbus"))
    from ecocloud.intake.monitoring.hj212 import crc

    segment = upload(1)[6:-6]
    odd = packet(segment, crc=crc.modbus(segment))
    assert [entry.kind for entry in session().received(odd + upload(2), AT, CLOCK)] == [Kind.REJECTED, Kind.FRAME]
    assert [entry.kind for entry in session(modbus).received(odd, AT, CLOCK)] == [Kind.FRAME]
    secret = building.packet(f"QN={qn(3)};ST=32;CN=2011;PW={PW};MN={MN};Flag=9;", "DataTime=20260301101500;a=1", KEY)
    one = session(Admitted(MN, PW, "32", key=KEY))
    assert plain(one.received(secret, AT, CLOCK)) == [(Kind.FRAME, secret, one_answer(secret))]
    closed = session()
    (entry,) = closed.received(secret + upload(9), AT, CLOCK)[:1]
    assert entry.kind == Kind.REJECTED
    assert [stranger.mn for stranger in closed._common.roster.report()[1]] == [MN]  # to be seen by a person


def one_answer(secret):
    return building.answer_to(Decoder(Dialect(keys=(KEY,))).feed(secret)[0])


def test_a_packet_without_its_tail_is_taken_after_silence():
    one = session(quiet=1.0)
    data = upload(1)[:-2]
    assert one.received(data, AT, CLOCK) == [] and one.waiting
    assert one.quiet(AT, CLOCK + 0.5) == []
    assert plain(one.quiet(AT, CLOCK + 1.5)) == [(Kind.FRAME, data, answer(data + b"\r\n"))]
    assert not one.waiting


def test_half_a_packet_at_the_end_is_a_rejected_sample():
    one = session(sample=20)
    one.received(upload(1)[:60], AT, CLOCK)
    (entry,) = one.ended(AT, CLOCK)
    assert (entry.kind, entry.data, entry.answer) == (Kind.REJECTED, upload(1)[:20], b"")


def test_garbage_is_not_kept_and_closes_the_connection():
    """S4: 100 kB without a head; S5: a head and a great length that never comes."""
    one = session(garbage=50_000)
    for _ in range(100):
        assert one.received(b"http://www.cmsoft.example " * 40, AT, CLOCK) == []
        if one.closing:
            break
    assert one.closing == "garbage" and one._framer.waiting == 0


def test_overdue_by_the_monotonic_clock_alone():
    """S5, S25, S28: the time of day given plays no part."""
    one = session(first=10, packet=5, idle=100)
    assert one.overdue(CLOCK + 9) == "" and one.overdue(CLOCK + 11) == "silent"
    one.received(upload(1), 0, CLOCK + 1)
    assert one.overdue(CLOCK + 99) == "" and one.overdue(CLOCK + 102) == "idle"
    for second in range(2, 9):  # a byte each second
        one.received(b"##9999QN="[second - 2 : second - 1], AT * 3, CLOCK + second)
    assert one.overdue(CLOCK + 8) == "slow"


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"SSH-2.0-x\r\n", b"\x03\x00\x00\x13"]
)
def test_other_protocols_are_told_by_their_first_bytes(data):
    """S24."""
    one = session()
    assert one.received(data, AT, CLOCK) == [] and one.closing == "foreign"


def test_what_a_command_waits_for_is_marked():
    """S16, S18: by QN."""
    one = session()
    one._common.expected[qn(7)] = 1.0
    marked = one.received(upload(7, cn="9011", st="91", time="", values="QnRtn=1") + upload(8), AT, CLOCK)
    assert [entry.qn for entry in marked] == [qn(7), ""]


def test_the_short_way_accepts_what_the_decoder_accepts(full_size):
    """Over mutated packets: the same ones, with the same bytes, QN and answer."""
    chance, shared, known = random.Random(7), common(), Decoder()
    shared.frames.admit(shared.roster.admit(MemoryBackstage(anyone=True).admitted()))
    framer, accepted = shared.frames.framer(), 0
    for number in range(100_000 if full_size else 3_000):
        data = upload(number % 50) + mutated(chance)
        frames = [event for event in framer.feed(data) + framer.end() if isinstance(event, Frame)]
        packets = [event for event in known.feed(data) + known.end() if isinstance(event, Packet)]
        assert [(one.raw, one.qn, one.answer) for one in frames] == [
            (one.raw, one.qn.encode(), building.answer_to(one) or b"") for one in packets
        ]
        accepted += len(packets)
    assert accepted > 3_000
