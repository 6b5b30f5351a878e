"""Raw journals into the lake exactly once; quarantine, dialects, damage; manifests and their files."""

from __future__ import annotations

import os
import time
from datetime import date, timedelta

import pytest

from ecocloud.intake.monitoring.gateway.backstage import Admitted
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.lake import ingest
from ecocloud.intake.monitoring.lake import manifest as manifests
from ecocloud.intake.monitoring.lake.compact import is_over
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.manifest import File, Store
from ecocloud.intake.monitoring.lake.problems import Damaged, Held, TooSlow
from ecocloud.intake.monitoring.lake.reading import Limit, Snapshot, Wanted, clusters
from ecocloud.intake.monitoring.lake.schema import Partition
from ecocloud.intake.monitoring.raw import Kind, Writer
from tests.intake.monitoring.lake.lake_made import FIRST, LAST, MN, NOON, Made, frame
from tests.intake.monitoring.made import packet

MINUTE = timedelta(minutes=1)


@pytest.fixture
def made(tmp_path):
    one = Made(tmp_path)
    yield one
    one.writer.close()


def minutes(count: int, first: int = 0, **more: str) -> list[bytes]:
    """Packets of successive minutes, their value is the minute."""
    return [frame(f"w01018-Rtd={n}", at=NOON - timedelta(minutes=n), **more) for n in range(first, first + count)]


def test_nothing_is_taken_twice(made):
    made.put(*minutes(4))
    assert (made.take(), made.take()) == (4, 0)
    made.put(*minutes(2, 4))
    assert made.take() == 2
    assert [row["rtd"] for row in made.rows()] == [5, 4, 3, 2, 1, 0]
    assert made.store.newest().taken["gw1"].sequence == 7


def test_small_batches_and_several_gateways(made):
    """A batch ends with a block; each gateway has its own position in the same manifest."""
    other = Writer(made.raw, "gw2")
    for place, one in enumerate(minutes(6)):
        made.put(one)
        if place % 2:
            other.append(Kind.FRAME, 0, one, made.clock + timedelta(seconds=30))
            other.commit()
    assert made.take(batch_bytes=1) == 9
    assert {name: taken.sequence for name, taken in made.store.newest().taken.items()} == {"gw1": 7, "gw2": 4}
    assert len(made.rows()) == 6 and {row["gateway"] for row in made.rows()} == {"gw1"}
    other.close()


@pytest.mark.parametrize("place", ["_write", "commit", "newest"])
def test_a_take_that_fails_before_its_commit_leaves_nothing(made, monkeypatch, place):
    made.put(*minutes(3))
    broken = Ingester(made.store, made.raw, dict, newest=fail if place == "newest" else None)
    with monkeypatch.context() as patch:
        if place != "newest":
            patch.setattr(broken if place == "_write" else made.store, place, fail)
        with pytest.raises(OSError, match="no more"):
            broken.drain()
    assert made.rows() == [] and made.store.newest().number == 0
    assert made.take() == 3 and len(made.rows()) == 3


def fail(*_: object) -> None:
    raise OSError("no more")


def test_quarantined_packets_wait_for_admission(made):
    """S14. Those with another password never come in; those after the admission at once."""
    spoofed = frame("w01018-Rtd=666").replace(b"PW=123456", b"PW=654321")
    made.put(*minutes(2), spoofed, frame("w01018-Rtd=9", mn="STRANGER000002"), kind=Kind.QUARANTINED)
    made.put(frame("w01018-Rtd=7", mn="STRANGER000003"))
    assert made.take() == 1
    waiting = made.store.newest().waiting
    assert {mn: lies["gw1"].packets for mn, lies in waiting.items()} == {MN: 3, "STRANGER000002": 1}
    assert made.take() == 0
    made.devices[MN] = Admitted(MN, "123456", "32")
    made.put(minutes(1, 2)[0], spoofed, kind=Kind.QUARANTINED)
    made.put(minutes(1, 3)[0])
    assert made.take() == 4 and list(made.store.newest().waiting) == ["STRANGER000002"]
    assert [row["rtd"] for row in made.rows(devices=(MN,))] == [3, 2, 1, 0]
    assert (made.take(), made.store.newest().taken["gw1"].packets) == (0, 5)


def test_what_waited_for_months_is_taken_in_by_batches_and_over_damage(made, monkeypatch):
    """Between the packets of a device that is admitted late lie those of all others, more than fits into memory."""
    for n in range(40):
        made.put(frame(f"w01018-Rtd={n}", at=NOON - n * MINUTE), kind=Kind.QUARANTINED)
        made.put(*minutes(3, 60 + n))
    made.put(frame("w01018-Rtd=8", mn="STRANGER000002"), kind=Kind.QUARANTINED)
    made.take()
    path = next(made.raw.rglob("*.raw"))
    path.write_bytes(path.read_bytes().replace(b"w01018-Rtd=7&&", b"w01018-Rtd=6&&"))
    made.devices[MN] = Admitted(MN, "123456", "32")
    most, joined = [], ingest._joined

    def watched(gateway, blocks):
        most.append(sum(len(block.data) for block in blocks))
        return joined(gateway, blocks)

    monkeypatch.setattr(ingest, "_joined", watched)
    before = len(made.rows())
    work = Ingester(made.store, made.raw, lambda: made.devices, batch_bytes=2_000)
    rows, more = work.step()
    waiting = made.store.newest().waiting[MN]["gw1"]
    assert more and 0 < rows < 10 and waiting.first > 1 and waiting.last == 157 and waiting.packets == 40 - rows
    work.drain()
    assert max(most) < 2_000 + 4 * len(frame("w01018-Rtd=10")) and len(most) > 10
    assert list(made.store.newest().waiting) == ["STRANGER000002"]
    # Keys of the forty are those of no other; the damaged block alone is missing.
    assert len(made.rows()) - before == 39
    assert work.step() == (0, False)


def test_packets_that_name_no_system_are_those_of_their_device(made):
    """As the gateway has it: without ST, or with the ST of exchange (91), a packet is not one of another system."""
    for st, at in (("", NOON), ("91", NOON - MINUTE), ("31", NOON - 2 * MINUTE)):
        made.put(frame("w01018-Rtd=1", st=st, at=at), kind=Kind.QUARANTINED)
    made.take()
    made.devices[MN] = Admitted(MN, "123456", "32")
    assert made.take() == 2 and {row["st"] for row in made.rows()} == {"", "91"}


def test_strangers_cannot_fill_the_manifest(made, monkeypatch):
    monkeypatch.setattr("ecocloud.intake.monitoring.lake.ingest.MOST_WAITING", 2)
    made.put(*(frame("w01018-Rtd=9", mn=f"STRANGER00000{n}") for n in range(4)), kind=Kind.QUARANTINED)
    made.take()
    assert len(made.store.newest().waiting) == 2


def test_peculiar_devices_are_read_by_their_dialect(made):
    """Another checksum (accepted by the gateway for this device alone), beside devices of the standard."""
    odd = packet(frame("w01018-Rtd=5", mn="ODD00000000001")[6:-6], crc=b"FFFF")
    made.put(odd, *minutes(1), odd.replace(b"ODD", b"BAD"))
    made.devices["ODD00000000001"] = Admitted("ODD00000000001", "", "", Dialect(crc="ignore"))
    assert made.take() == 2
    assert [(row["mn"], row["rtd"]) for row in made.rows()] == [(MN, 0.0), ("ODD00000000001", 5.0)]
    taken = made.store.newest().taken["gw1"]
    assert (taken.packets, taken.refused) == (3, 1)


def test_damage_in_the_raw_journal_loses_what_is_damaged_alone(made):
    for one in minutes(3):
        made.put(one)
    path = next(made.raw.rglob("*.raw"))
    data = bytearray(path.read_bytes())
    data[data.index(b"w01018-Rtd=1;" if b"w01018-Rtd=1;" in data else b"w01018-Rtd=1")] ^= 1
    path.write_bytes(data)
    made.take()
    assert [row["rtd"] for row in made.rows()] == [2.0, 0.0]
    assert made.store.newest().taken["gw1"].sequence == 4


def test_backfill_goes_in_place(made):
    """S10: hours late, into the partition of its day; the compacted day is read together with it."""
    made.put(*minutes(3))
    made.take()
    made.compact(whole=True)
    made.put(frame("w01018-Rtd=77", at=NOON - timedelta(seconds=90), more="RF=1;"))
    made.take()
    rows = made.rows()
    assert [(row["rtd"], row["rf"]) for row in rows] == [(2, False), (77, True), (1, False), (0, False)]
    means = made.snapshot().day_means("rtd", date(2026, 3, 1)).to_pylist()
    assert means == [{"mn": MN, "factor": "w01018", "mean": 20.0, "least": 0.0, "most": 77.0, "count": 4}]


def test_day_means_by_hand(made):
    """Only normal flags or none count; a correction counts once; the day is that of Beijing."""
    made.put(*minutes(2))  # 0, 1
    made.put(
        frame("w01018-Rtd=5,w01018-Flag=N", at=NOON),
        frame("w01018-Rtd=900,w01018-Flag=D", at=NOON - timedelta(hours=1)),
    )
    made.put(frame("w01018-Rtd=3", mn="0123456789ABCDEF99999999"), frame("w01018-Rtd=8", at=NOON - timedelta(hours=11)))
    made.put(frame("w21003-Rtd=>4"), frame("w21003-Avg=6", at=NOON - timedelta(minutes=1)))
    made.take()
    expected = [(MN, "w01018", 3.0, 1.0, 5.0, 2), (MN, "w21003", 6.0, 6.0, 6.0, 1),
                ("0123456789ABCDEF99999999", "w01018", 3.0, 3.0, 3.0, 1)]  # fmt: skip
    for _ in range(2):
        means = made.snapshot().day_means("rtd", date(2026, 3, 1)).to_pylist()
        assert sorted(tuple(row.values()) for row in means) == sorted(expected)
        made.compact(whole=True, chunk_rows=1)
    assert made.snapshot().day_means("rtd", date(2026, 3, 2)).num_rows == 0


def test_station_month(made):
    made.put(*minutes(2), frame("w21003-Rtd=4"), frame("w01018-Rtd=8", at=NOON - timedelta(days=2)))
    made.put(frame("w01018-Rtd=1", mn="0123456789ABCDEF99999999"))
    made.take()
    for _ in range(2):
        found = made.snapshot().station_month(MN, "rtd", 2026, 3)
        assert sorted(found["value"].to_pylist()) == [0.0, 1.0, 4.0]
        assert made.snapshot().station_month(MN, "rtd", 2026, 2, ["w01018"])["value"].to_pylist() == [8.0]
        assert made.snapshot().station_month(MN, "rtd", 2026, 4).num_rows == 0
        made.compact(whole=True)


def test_values_with_quotes_in_names_are_data(made):
    """What senders choose (MN, code) is bound, never part of the question."""
    name = "x' OR 'a'<>'b"
    made.put(frame("w01018-Rtd=1", mn=name), *minutes(2))
    made.take()
    made.compact(whole=True)
    assert made.snapshot().station_month(name, "rtd", 2026, 3).num_rows == 1


def test_a_question_has_a_limit(made):
    made.put(*minutes(2))
    made.take()
    with pytest.raises(TooSlow):
        Snapshot(made.store, seconds=-1).day_means("rtd", date(2026, 3, 1))
    Limit(None).check()


def test_a_reader_keeps_to_its_manifest(made):
    """Compaction and cleaning leave the files of a reader alone until they are old."""
    made.put(*minutes(3))
    made.take()
    before = made.snapshot()
    made.put(*minutes(3, 3))
    made.take()
    made.compact(whole=True)
    assert made.store.clean() == 0
    assert before.current(Wanted("rtd", FIRST, LAST)).num_rows == 3 and len(made.rows()) == 6
    later = time.time() + 2 * manifests.KEPT + 60
    assert made.store.clean(later) == 2 + made.store.newest().number - 1
    assert len(made.rows()) == 6
    with pytest.raises(Damaged, match="fresh-"):
        list(before.versions(Wanted("rtd", FIRST, LAST)).to_pylist())


def test_left_over_files_are_cleaned_when_old(made):
    made.put(*minutes(1))
    made.take()
    left = made.store.data / "rtd" / "2026-03-01" / "fresh-left.parquet"
    half = made.store.manifests / "making-1"  # of a process that was killed
    for path in (left, half):
        path.write_bytes(b"half")
    assert made.store.clean() == 0
    for path in (left, half):
        os.utime(path, (1, 1))
    assert made.store.clean() == 2 and not left.exists() and not half.exists() and len(made.rows()) == 1


def test_a_damaged_manifest_is_named(made):
    made.put(*minutes(1))
    made.take()
    path = next(made.store.manifests.glob("*.json"))
    path.write_text(path.read_text().replace('"rows":1', '"rows":2'))
    with pytest.raises(Damaged, match="0000000001.json"):
        Store(made.store.folder).newest()


def test_one_process_at_a_time(made):
    with made.store.lock("compact"), pytest.raises(Held), made.store.lock("compact"):
        pass
    with made.store.lock("compact"):
        pass


def file(first: int, last: int, kind: str = "current", rows: int = 10) -> File:
    return File(f"{kind}{first}-{last}", "rtd", "2026-03-01", kind, rows, 1, "", first, last, "a", "b")


def test_clusters():
    """Settled files alone are read straight; whatever overlaps is settled together, with its superseded rows."""
    files = [
        file(0, 9),
        file(10, 19),
        file(19, 25),
        file(30, 39, "fresh"),
        file(0, 5, "superseded"),
        file(15, 17, "superseded"),
    ]
    found = clusters(files)
    assert [(len(one.files), one.straight) for one in found] == [(1, True), (3, False), (1, False)]
    assert [len(one.files) for one in clusters(files, together=True)] == [6]


def test_when_a_partition_is_over():
    midnight = NOON.replace(hour=16, minute=0)  # of Beijing, the end of 2026-03-01
    assert not is_over(Partition("rtd", "2026-03-01"), midnight + timedelta(hours=1))
    assert is_over(Partition("rtd", "2026-03-01"), midnight + timedelta(hours=2))
    assert not is_over(Partition("hour", "2026-03"), midnight + timedelta(days=3))


def test_frequent_compaction_leaves_large_files_alone(made):
    """A few late rows do not make a large file be written again; a whole compaction does."""
    made.put(*minutes(40))
    made.take()
    made.compact(whole=True)
    (large,) = made.store.newest().files
    made.put(frame("w01018-Rtd=77", at=NOON - timedelta(minutes=3)))
    made.take()
    made.compact()
    assert large in made.store.newest().files and len(made.store.newest().files) == 2
    values = [row["rtd"] for row in made.rows()]
    assert len(values) == 40 and 77 in values and 3 not in values
    assert made.compact() == made.compact(finish=True) == 0  # the day is not over
    made.clock += timedelta(days=1)
    assert (made.compact(), made.compact(finish=True)) == (0, 2)
    assert [row["rtd"] for row in made.rows()] == values
    assert sorted(one.kind for one in made.store.newest().files) == ["current", "superseded"]


def test_footers_are_kept_for_all_threads_and_not_without_end(made, monkeypatch):
    """DuckDB forgets no footer: a process that asks after every compaction would grow for ever."""
    from concurrent.futures import ThreadPoolExecutor

    from ecocloud.intake.monitoring.lake import duck, reading

    monkeypatch.setattr(reading, "_duck", duck.Duck())
    monkeypatch.setattr(duck, "MOST_GROUPS", 4)
    databases = []

    def value(_turn=0):
        (row,) = made.snapshot().current(Wanted("rtd", FIRST, LAST, (MN,))).to_pylist()
        databases.append(reading._duck._made)
        return row["rtd"]

    for turn in range(6):  # each compaction makes another file
        made.put(frame(f"w01018-Rtd={turn}"))
        made.take()
        made.compact(whole=True)
        assert value() == turn
    assert len({*map(id, databases)}) == 2  # four files by the first, the others by the second
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(value, range(12))) == [5] * 12
    assert len({*map(id, databases)}) == 2
