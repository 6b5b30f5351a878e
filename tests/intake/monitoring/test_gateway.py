"""A gateway over real sockets: durable before acknowledged, and every way a connection can misbehave."""

import errno
import os
import socket
import ssl
import subprocess
import threading
import time

import pytest

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.gateway.backstage import Admitted, Due, MemoryBackstage
from ecocloud.intake.monitoring.gateway.session import STRAYS, Session
from ecocloud.intake.monitoring.gateway.store import Store
from ecocloud.intake.monitoring.hj212 import building
from tests.intake.monitoring.gateway_site import DEVICE, MN, PW, Client, FaultyDisk, Site, qn, stored, until, upload

OTHER = "0000000000000000OTHER001"
FULL = OSError(errno.ENOSPC, "No space left on device")
READ_ONLY = OSError(errno.EROFS, "Read-only file system")
FSYNC = OSError(errno.EIO, "Input/output error")


@pytest.fixture
def site(tmp_path):
    with Site(tmp_path) as found:
        yield found


def test_a_packet_is_stored_then_acknowledged(site):
    with site.connect() as device:
        device.send(upload(1))
        (answer,) = device.answers(1)
        assert (answer.head.cn, answer.qn, answer.head.st, answer.head.mn) == ("9014", qn(1), "91", MN)
        assert site.stored() == [upload(1)]
    found = raw.find(site.folder, "gateway", 2)
    assert found.peer.startswith("127.0.0.1:") and found.data == upload(1)
    assert abs(found.received.timestamp() - time.time()) < 60


class SlowDisk(FaultyDisk):
    """Its sync waits for ``gate``."""

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()

    def sync(self, handle):
        self.gate.wait(20)
        super().sync(handle)


def test_no_acknowledgement_before_the_disk_says_so(tmp_path):
    """S26: what is acknowledged is durable, not merely written."""
    disk = SlowDisk()
    with Site(tmp_path, disk=disk) as site, site.connect() as device:
        disk.gate.clear()
        device.send(upload(1))
        path = next((tmp_path / "gateway").glob("*.raw"))
        assert until(lambda: upload(1) in path.read_bytes())
        device.send(upload(1))  # the device asks again meanwhile
        assert device.answers(1, 0.3) == []
        disk.gate.set()
        assert [answer.qn for answer in device.answers(2)] == [qn(1)] * 2
        assert site.stored() == [upload(1)]


def test_many_connections_share_a_commit(tmp_path):
    """Group commit: far fewer syncs than packets."""
    disk, mns = FaultyDisk(), [f"{number:024d}" for number in range(60)]
    with Site(tmp_path, MemoryBackstage(Admitted(mn, PW, "") for mn in mns), disk=disk, window=0.2) as site:
        devices = [site.connect() for _ in mns]
        for mn, device in zip(mns, devices, strict=True):
            device.send(upload(1, mn))
        for mn, device in zip(mns, devices, strict=True):
            assert [answer.head.mn for answer in device.answers(1)] == [mn]
            device.close()
        assert site.counted("groups_total") <= 5
        assert sorted(site.stored()) == sorted(upload(1, mn) for mn in mns)


def test_a_thousand_packets_in_one_write_are_answered_in_order(tmp_path):
    """S2."""
    with Site(tmp_path, limits={"recent": 1000}) as site, site.connect() as device:
        packets = [upload(number) for number in range(1000)]
        device.send(b"".join(packets))
        assert [answer.qn for answer in device.answers(1000)] == [qn(number) for number in range(1000)]
        assert site.stored() == packets


def test_cut_glued_and_bad_packets_on_one_connection(site):
    """S1, S3, S6: bytes one by one, glued without CR LF, a bad CRC between good ones; the connection stays."""
    with site.connect() as device:
        for place in range(len(upload(1))):
            device.send(upload(1)[place : place + 1])
        device.send(upload(2)[:-2] + upload(3)[:-2] + upload(4))
        device.send(upload(5)[:-6] + b"FFFF\r\n" + upload(6))
        assert [answer.qn for answer in device.answers(5)] == [qn(1), qn(2), qn(3), qn(4), qn(6)]
        device.send(upload(7)[:-2])  # no tail and silence
        assert [answer.qn for answer in device.answers(1)] == [qn(7)]
    assert site.counted("rejected_total", 'reason="crc_error"') == 1
    assert until(lambda: site.stored(raw.Kind.REJECTED) != [])


def test_half_a_packet_never_joins_another_connections(site):
    with site.connect() as first, site.connect() as second:
        first.send(upload(1)[:50])
        second.send(upload(1)[50:] + upload(2))
        assert [answer.qn for answer in second.answers(1)] == [qn(2)]
    assert until(lambda: site.counted("rejected_total", 'reason="incomplete"') == 1)
    assert site.stored() == [upload(2)]


def test_a_repeated_packet_on_a_new_connection_and_after_a_restart(tmp_path):
    """S8, S26: acknowledged again, stored once, also by a gateway that was started meanwhile."""
    for _ in range(2):
        with Site(tmp_path) as site:
            for _ in range(2):
                with site.connect() as device:
                    device.send(upload(1))
                    assert [answer.qn for answer in device.answers(1)] == [qn(1)]
    assert stored(tmp_path) == [upload(1)]


@pytest.mark.parametrize("fault", [FULL, READ_ONLY, FSYNC], ids=["full", "read-only", "fsync"])
def test_a_disk_that_refuses(tmp_path, fault):
    """S27: no acknowledgement, health and figures say so, the connection stays, and all goes on without loss."""
    disk = FaultyDisk()
    with Site(tmp_path, disk=disk) as site, site.connect() as device:
        device.send(upload(1))
        assert len(device.answers(1)) == 1 and "200 OK" in site.get("/health")
        disk.error = fault
        device.send(upload(2))
        assert device.answers(1, 0.3) == []
        assert "503" in site.get("/health") and fault.strerror in site.get("/health")
        assert 'ecocloud_gateway_storing{gateway="gateway"} 0' in site.get("/metrics")
        device.send(upload(2) + upload(3) + upload(1))  # asked again, still refused
        assert device.answers(1, 0.3) == []
        disk.error = None
        assert until(lambda: "200 OK" in site.get("/health"))
        device.send(upload(2) + upload(3))
        assert [answer.qn for answer in device.answers(2)] == [qn(2), qn(3)]
        assert site.counted("dropped_total", 'reason="disk"') >= 1
    assert stored(tmp_path) == [upload(1), upload(2), upload(3)]


def test_a_really_full_disk(tmp_path):
    """The same on a small file system of its own."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        with Site(place) as site, site.connect() as device:
            number, answered = 0, []
            while len(answered) == number and number < 400:
                number += 1
                device.send(upload(number))
                answered += device.answers(1, 0.5)
            assert 50 < number < 400 and "503" in site.get("/health")
            subprocess.run(["mount", "-o", "remount,size=1m", str(place)], check=True)
            assert until(lambda: "200 OK" in site.get("/health"))
            device.send(upload(number))
            assert [answer.qn for answer in device.answers(1)] == [qn(number)]
        assert stored(place) == [upload(one) for one in range(1, number + 1)]
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_strangers_are_kept_apart_and_reported(site):
    """S14."""
    with site.connect() as device:
        device.send(upload(1, OTHER) + upload(2))
        assert [answer.qn for answer in device.answers(1)] == [qn(2)]
        assert (site.stored(), site.stored(raw.Kind.QUARANTINED)) == ([upload(2)], [upload(1, OTHER)])
        assert until(lambda: site.backstage.strangers)
        assert [(one.mn, one.reason, one.packets) for one in site.backstage.strangers] == [(OTHER, "unknown", 1)]
        site.backstage.devices = {MN: DEVICE, OTHER: Admitted(OTHER, PW, "")}  # a person admits it
        device.send(upload(1, OTHER))
        number = 2
        while not device.answers(1, 0.1) and number < 100:
            number += 1
            device.send(upload(number, OTHER))
    assert number < 100


def test_reports_of_devices(site):
    with site.connect() as device:
        device.send(upload(1) + upload(1) + upload(2)[:-6] + b"FFFF\r\n" + upload(3))
        device.answers(3)
        assert until(lambda: any(seen.packets for seen in site.backstage.seen))
        (seen,) = site.backstage.seen
        assert (seen.mn, seen.online, seen.packets, seen.duplicates, seen.rejected) == (MN, True, 3, 1, 1)
        assert seen.peer.startswith("127.0.0.1:") and seen.last_data_time.isoformat() == "2026-03-01T02:15:00+00:00"
    assert until(lambda: not site.backstage.seen[0].online)


def test_a_database_in_trouble_stops_nothing(tmp_path):
    class Broken(MemoryBackstage):
        broken = False

        def admitted(self):
            return super().admitted() if not self.broken else self._fail()

        def report(self, *given):
            return super().report(*given) if not self.broken else self._fail()

        def due(self, *given):
            return super().due(*given) if not self.broken else self._fail()

        def _fail(self):
            raise RuntimeError("the database is gone")

    backstage = Broken([DEVICE])
    with Site(tmp_path, backstage) as site, site.connect() as device:
        device.send(upload(1))
        device.answers(1)
        backstage.broken = True
        assert until(lambda: site.counted("backstage_failures_total", 'call="admitted"') >= 2)
        device.send(upload(2))
        assert [answer.qn for answer in device.answers(1)] == [qn(2)]
        backstage.broken = False
        assert until(lambda: sum(seen.packets for seen in backstage.seen) >= 1)


def test_stray_answers_do_not_heap_up_while_the_database_is_away(tmp_path):
    class Deaf(MemoryBackstage):
        deaf = True

        def sent(self, *given):
            return self._fail() if self.deaf else super().sent(*given)

        def _fail(self):
            raise RuntimeError("the database is gone")

    stray = {"cn": "9012", "st": "91", "time": "", "values": "ExeRtn=1"}
    backstage = Deaf([DEVICE])
    with Site(tmp_path, backstage) as site, site.connect() as device:
        for start in range(0, 3 * STRAYS, STRAYS):
            device.send(b"".join(upload(start + n, **stray) for n in range(STRAYS)))
            assert until(lambda count=start + STRAYS: site.counted("records_total") > count)
            failed = site.counted("backstage_failures_total", 'call="sent"')
            assert until(lambda more=failed + 2: site.counted("backstage_failures_total", 'call="sent"') >= more)
        backstage.deaf = False
        assert until(lambda: backstage.answers)
        assert until(lambda: len(backstage.answers) == STRAYS)
        assert until(lambda: site.gateway.common.strays == STRAYS)


def test_an_error_of_one_connection_ends_it_and_not_the_looking_after_others(tmp_path, monkeypatch):
    with Site(tmp_path) as site, site.connect() as bad, site.connect() as good:
        bad.send(b"##00")
        assert until(lambda: site.gateway.partial)
        (line,) = site.gateway.partial
        monkeypatch.setattr(Session, "overdue", lambda session, _clock: "" if session is not line.session else 1 / 0)
        assert bad.closed()
        assert site.counted("closed_total", 'reason="error"') == 1
        good.send(upload(1)[:-2])  # taken once the looking after finds that its tail is missing
        assert len(good.answers(1)) == 1


def test_a_database_that_is_away_at_the_start_delays_and_then_quarantines(tmp_path):
    class Away(MemoryBackstage):
        def admitted(self):
            raise RuntimeError("not there")

    with Site(tmp_path, Away()) as site, site.connect() as device:
        device.send(upload(1))
        assert device.answers(1, 0.3) == []
        assert site.stored(raw.Kind.QUARANTINED) == [upload(1)]


def test_commands_are_recorded_sent_and_their_answers_told(site):
    """S16, S18."""
    device_of = building.Device(MN, "32", PW)
    frame = building.command("1062", device_of, qn(9), {"RtdInterval": 30})
    with site.connect() as device:
        device.send(upload(1))
        device.answers(1)
        site.backstage.outbox = [Due(5, MN, frame, qn(9)), Due(6, OTHER, frame, qn(8))]
        (command,) = device.answers(1)
        assert (command.head.cn, command.qn) == ("1062", qn(9)) and site.stored(raw.Kind.SENT) == [frame]
        device.send(upload(9, cn="9011", st="91", flag="4", time="", values="QnRtn=1"))
        device.send(upload(9, cn="9012", st="91", flag="4", time="", values="ExeRtn=1"))
        assert until(lambda: len(site.backstage.answers) == 2)
        assert [(one.cn, one.result, one.mn, one.qn) for one in site.backstage.answers] == [
            ("9011", 1, MN, qn(9)), ("9012", 1, MN, qn(9))
        ]  # fmt: skip
        reference = site.backstage.answers[0].raw_ref
        assert reference.startswith("raw:gateway/")
        assert b"QnRtn=1" in raw.find(site.folder, "gateway", int(reference.rpartition("/")[2])).data
        assert [(one.id, one.delivered) for one in site.backstage.sendings] == [(5, True)]
    assert [one.id for one in site.backstage.outbox] == [6]  # its device is not here


def test_garbage_without_end_takes_no_memory_and_is_cut_off(tmp_path):
    """S4: the gateway hangs up after its limit, whatever is still to come."""
    with Site(tmp_path, limits={"garbage": 20_000}) as site, site.connect() as device:
        with pytest.raises(OSError):
            for _ in range(2000):
                device.send(b"http://www.cmsoft.example " * 200)
        assert until(lambda: site.counted("closed_total", 'reason="garbage"') == 1)
        assert until(lambda: not site.gateway.lines) and site.gateway.bytes < 2_000_000
        assert site.stored(raw.Kind.REJECTED) == []


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [
        (b"", {"first": 0.1}, "silent"),
        (b"##9999QN=2026", {"packet": 0.1}, "slow"),
        (upload(1), {"idle": 0.1}, "idle"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", {}, "foreign"),
        (b"\x16\x03\x01\x00\xa5\x01", {}, "foreign"),
    ],
    ids=["silent", "half", "idle", "http", "tls"],
)
def test_connections_that_are_no_use_are_closed(tmp_path, data, limits, reason):
    """S5, S24, S25."""
    with Site(tmp_path, limits=limits) as site, site.connect() as device:
        device.send(data)
        assert device.closed()
        assert site.counted("closed_total", f'reason="{reason}"') == 1
        assert until(lambda: not site.gateway.lines and not site.gateway.hosts)


def test_a_device_that_went_without_a_word_is_noticed_by_the_system(site):
    """S25: probes on an idle connection, and an end to unanswered bytes."""
    with site.connect() as device:
        device.send(upload(1))
        device.answers(1)
        (line,) = site.gateway.lines
        one = line._transport.get_extra_info("socket")
        assert one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert one.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 120
        assert 0 < one.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 180_000


def test_a_dripping_connection_is_closed_and_the_others_are_served(tmp_path):
    """S5: slow-loris, a byte now and then."""
    with Site(tmp_path, limits={"packet": 0.3}) as site, site.connect() as slow, site.connect() as good:
        with pytest.raises(OSError):
            for place in range(200):
                slow.send(upload(1)[place % 100 : place % 100 + 1])
                good.send(upload(place))
                assert len(good.answers(1)) == 1
                time.sleep(0.01)
        assert site.counted("closed_total", 'reason="slow"') == 1


def test_limits_of_connections(tmp_path):
    with Site(tmp_path, limits={"per_address": 2}) as site:
        first, second, third = site.connect(), site.connect(), site.connect()
        assert third.closed() and site.counted("refused_total", 'reason="address"') == 1
        first.send(upload(1))
        assert len(first.answers(1)) == 1
        first.close()
        assert until(lambda: len(site.gateway.lines) == 1)
        again = site.connect()
        again.send(upload(2))
        assert len(again.answers(1)) == 1
        second.close(), third.close(), again.close()
    with Site(tmp_path, limits={"connections": 1}) as site, site.connect(), site.connect() as second:
        assert second.closed() and site.counted("refused_total", 'reason="connections"') == 1


def test_a_device_that_reads_no_answers_is_held_then_let_go(tmp_path):
    """Answers that nobody reads must not pile up."""
    with Site(tmp_path, limits={"unread": 1000, "packet": 0.3}) as site, site.connect() as device:
        device.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        device.send(upload(1))
        assert until(lambda: site.gateway.lines)
        (line,) = site.gateway.lines
        line._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        burst = b"".join(upload(number) for number in range(100))  # repeated ones are answered as well
        device.socket.settimeout(10)
        with pytest.raises(OSError):
            for _ in range(20_000):
                device.send(burst)
        assert until(lambda: site.counted("closed_total", 'reason="unread"') == 1)


def test_reading_waits_while_the_disk_is_behind(tmp_path):
    disk = SlowDisk()
    with Site(tmp_path, disk=disk, limits={"pending": 5000, "recent": 2000}) as site, site.connect() as device:
        disk.gate.clear()
        sender = threading.Thread(target=device.send, args=(b"".join(upload(number) for number in range(1000)),))
        sender.start()
        assert until(lambda: site.gateway.held)
        assert site.gateway.store.pending < 5000 + 2 * 256 * 1024
        disk.gate.set()
        assert len(device.answers(1000)) == 1000
        sender.join()


def test_a_stop_commits_and_acknowledges_what_was_received(tmp_path):
    disk = SlowDisk()
    with Site(tmp_path, disk=disk) as site:
        device = site.connect()
        disk.gate.clear()
        device.send(upload(1))
        path = next((tmp_path / "gateway").glob("*.raw"))
        assert until(lambda: upload(1) in path.read_bytes())
        threading.Timer(0.3, disk.gate.set).start()
    assert [answer.qn for answer in device.answers(1)] == [qn(1)] and device.closed()
    assert stored(tmp_path) == [upload(1)]
    with pytest.raises(OSError):
        Client(site.gateway.port)


def test_several_gateways_on_one_folder_but_none_twice(tmp_path):
    with Site(tmp_path) as first, Site(tmp_path, name="second") as second:
        for number, site in enumerate((first, second)):
            with site.connect() as device:
                device.send(upload(number))
                assert len(device.answers(1)) == 1
        with pytest.raises(raw.Locked):
            Site(tmp_path, name="second").__enter__()
    assert stored(tmp_path) == [upload(0)] and stored(tmp_path, gateway="second") == [upload(1)]


def test_tls(tmp_path):
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    day = datetime.datetime(2026, 1, 1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, day, day.replace(year=2090)).sign(
        key, hashes.SHA256()
    )
    pem = tmp_path / "tls.pem"
    pem.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Site(tmp_path, tls=context) as site:
        trusting = ssl.create_default_context(cafile=str(pem))
        trusting.check_hostname = False
        device = site.connect()
        device.socket = trusting.wrap_socket(device.socket)
        device.send(upload(1))
        assert [answer.qn for answer in device.answers(1)] == [qn(1)]
        device.close()
        with site.connect() as bare:
            bare.send(upload(2))
            assert bare.closed()
    assert stored(tmp_path) == [upload(1)]


def test_figures_as_prometheus_reads_them(site):
    with site.connect() as device:
        device.send(upload(1))
        device.answers(1)
        text = site.get("/metrics")
    head, _blank, body = text.partition("\r\n\r\n")
    assert "200 OK" in head and "text/plain; version=0.0.4" in head
    values = dict(line.rsplit(" ", 1) for line in body.splitlines() if not line.startswith("#"))
    assert values['ecocloud_gateway_acknowledged_total{gateway="gateway"}'] == "1"
    assert values['ecocloud_gateway_answer_seconds_bucket{gateway="gateway",le="+Inf"}'] == "1"
    assert values['ecocloud_gateway_storing{gateway="gateway"}'] == "1"
    assert int(values['ecocloud_gateway_bytes_total{gateway="gateway"}']) == len(upload(1))
    assert "404" in site.get("/") and os.path.exists(site.folder)


def test_a_clock_set_back_a_little_is_waited_for(tmp_path, monkeypatch):
    """The lake orders versions by their receipt: a correction must not come before what it corrects."""
    now = [1_800_000_000_000_000_000]
    monkeypatch.setattr("ecocloud.intake.monitoring.gateway.clock.time.time_ns", lambda: now[0])

    def received(number):
        with site.connect() as device:
            device.send(upload(number))
            assert len(device.answers(1)) == 1
        return [int(at) for block in raw.Reader(tmp_path).blocks("gateway") for at in block.times][-1]

    with Site(tmp_path) as site:
        first = received(1)
        now[0] -= 30 * 10**9
        assert received(2) == first == 1_800_000_000_000_000
    with Site(tmp_path) as site:  # and by the process after it
        assert received(3) == first
        now[0] -= 86_400 * 10**9  # a day: the clock was wrong before
        assert received(4) == now[0] // 1000
        now[0] += 40 * 10**9
        assert received(5) == now[0] // 1000


def test_data_that_were_asked_for_do_not_heap_up_while_the_database_is_away(tmp_path, monkeypatch):
    monkeypatch.setattr(Store, "MOST_TOLD", 20)

    class Deaf(MemoryBackstage):
        deaf = True

        def sent(self, *given):
            return super().sent(*given) if not self.deaf else 1 / 0

    backstage = Deaf([DEVICE])
    with Site(tmp_path, backstage, limits={"recent": 1000}) as site, site.connect() as device:
        device.send(upload(1))
        device.answers(1)
        frame = building.command("2051", building.Device(MN, "32", PW), qn(9),
                                 {"BeginTime": "20260301000000", "EndTime": "20260301100000"})  # fmt: skip
        backstage.outbox = [Due(5, MN, frame, qn(9), "2051")]
        assert device.answers(1)
        for start in range(0, 200, 20):
            for number in range(start, start + 20):
                device.send(upload(9, cn="2051", time=f"202603010{number // 60}{number % 60:02d}00"))
            assert len(device.answers(20)) == 20
        device.send(upload(9, cn="9012", st="91", flag="4", time="", values="ExeRtn=1"))
        assert until(lambda: site.counted("records_total") >= 204)
        backstage.deaf = False
        assert until(lambda: backstage.answers)
        told = [one.cn for one in backstage.answers]
        assert told.count("9012") == 1 and 20 <= told.count("2051") < 60
