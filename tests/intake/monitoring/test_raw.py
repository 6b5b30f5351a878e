"""The raw journal: what is committed is read back whole; what is torn is cut off; what is damaged is named."""

import errno
import json
import os
import struct
import subprocess
import sys
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.raw.disk import Disk
from ecocloud.intake.monitoring.raw.layout import MARK_NAME
from ecocloud.intake.monitoring.raw.problems import BadName

AT = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
AT_US = 1772331300_000000  # date -u -d 2026-03-01T02:15 +%s


class QuickDisk(Disk):
    """Nothing is made durable: for tests that write again and again and cut no power."""

    def sync(self, handle):
        pass

    def sync_folder(self, folder):
        pass


class FaultyDisk(QuickDisk):
    """A disk that refuses on demand: ``full`` takes some bytes of a write first, as a real one does."""

    def __init__(self):
        self.full = self.sync_fails = self.read_only = False

    def create(self, path):
        if self.read_only:
            raise OSError(errno.EROFS, "Read-only file system")
        return super().create(path)

    def write(self, handle, data, offset):
        if self.read_only:
            raise OSError(errno.EROFS, "Read-only file system")
        if self.full:
            super().write(handle, data[: len(data) // 2], offset)
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(handle, data, offset)

    def sync(self, handle):
        if self.sync_fails:
            raise OSError(errno.EIO, "Input/output error")
        super().sync(handle)


def contents(folder, gateway="gw", start=1):
    """(sequence, kind, bytes) of every record from ``start``."""
    return [
        (block.first + place, int(block.kinds[place]), block.record(place))
        for block in raw.Reader(folder).blocks(gateway, start)
        for place in range(len(block))
    ]


def write(folder, *groups, gateway="gw", **options):
    """Each group committed as one block."""
    with raw.Writer(folder, gateway, disk=QuickDisk(), **options) as writer:
        for group in groups:
            for data in group:
                writer.append(raw.Kind.FRAME, 7, data, AT)
            writer.commit()


def files(folder, gateway="gw"):
    return sorted((folder / gateway).glob("*.raw"))


def test_bytes_of_a_block_by_hand(tmp_path):
    """The format as written down, byte by byte: other programs read these files for years."""
    write(tmp_path, [b"abc", b"de"])
    data = files(tmp_path)[0].read_bytes()
    assert (
        data[:8] == b"ECORAW01" and struct.unpack("<Q", data[16:24]) == (1,) and data[24:64] == b"gw".ljust(40, b"\0")
    )
    magic, size, count, first, committed, crc = struct.unpack("<4sIIQqI", data[64:96])
    assert (magic, size, count, first) == (b"BLK1", 2 * 24 + 5, 2, 1) and committed > AT_US
    assert data[96:120] == struct.pack("<qIIB7x", AT_US, 7, 3, 1)
    assert data[120:144] == struct.pack("<qIIB7x", AT_US, 7, 2, 1)
    assert data[144:] == b"abcde"
    assert crc == zlib.crc32(data[64:92] + data[96:])


def test_a_reader_gets_places_for_many_packets_at_once(tmp_path):
    write(tmp_path, [b"abc", b"", b"de"], [b"f"])
    first, second = raw.Reader(tmp_path).blocks("gw")
    assert (first.first, first.following, second.first) == (1, 4, 4)
    assert first.starts.tolist() == [0, 3, 3] and first.ends.tolist() == [3, 3, 5] and first.data == b"abcde"
    assert first.starts.dtype == "int64" and first.times.tolist() == [AT_US] * 3
    assert first.kinds.tolist() == [1, 1, 1] and first.connections.tolist() == [7, 7, 7]


@settings(max_examples=40, deadline=None)
@given(
    groups=st.lists(st.lists(st.binary(max_size=40), min_size=1, max_size=5), max_size=8),
    start=st.integers(1, 45),
    roll=st.sampled_from([64, 200, 1 << 20]),
)
def test_everything_comes_back_in_order_from_any_sequence(tmp_path_factory, groups, start, roll):
    folder = tmp_path_factory.mktemp("raw")
    write(folder, *groups, roll_bytes=roll)
    flat = [data for group in groups for data in group]
    assert contents(folder, start=start) == [(at, 1, data) for at, data in enumerate(flat, 1) if at >= start]
    assert raw.Reader(folder).following("gw") == len(flat) + 1


@settings(max_examples=20, deadline=None)
@given(sizes=st.lists(st.integers(0, 90), min_size=1, max_size=12), most=st.integers(1, 200))
def test_a_very_large_group_is_several_blocks_durable_together(tmp_path_factory, sizes, most):
    """A block that no reader takes for one would be acknowledged and lost."""
    folder = tmp_path_factory.mktemp("raw")
    items = [bytes([place]) * size for place, size in enumerate(sizes)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ecocloud.intake.monitoring.raw.writer.BLOCK_BYTES", most)
        write(folder, items, [b"next"])
    assert contents(folder) == [(at, 1, data) for at, data in enumerate([*items, b"next"], 1)]
    blocks = list(raw.Reader(folder).blocks("gw"))
    assert all(len(block) == 1 or len(block.data) <= most for block in blocks)
    assert len(blocks) > 2 or sum(sizes) + 24 * len(sizes) <= most + 24 or len(sizes) == 1


def test_the_sequence_goes_on_after_opening_again_and_over_files(tmp_path):
    for number in range(5):
        write(tmp_path, [b"%d" % number], roll_bytes=100)
    assert contents(tmp_path) == [(number + 1, 1, b"%d" % number) for number in range(5)]
    assert len(files(tmp_path)) > 1


def test_a_reader_beside_the_writer_sees_only_what_is_durable(tmp_path):
    disk = FaultyDisk()
    reader = raw.Reader(tmp_path)
    with raw.Writer(tmp_path, "gw", disk=disk) as writer:
        writer.append(raw.Kind.FRAME, 0, b"one", AT)
        assert list(reader.blocks("gw")) == []
        writer.commit()
        assert [block.data for block in reader.blocks("gw", 1)] == [b"one"]
        disk.sync_fails = True
        writer.append(raw.Kind.FRAME, 0, b"not durable", AT)
        with pytest.raises(raw.CannotStore):
            writer.commit()
        assert b"not durable" in files(tmp_path)[0].read_bytes()
        assert list(reader.blocks("gw", 2)) == [] and contents(tmp_path) == [(1, 1, b"one")]
        disk.sync_fails = False
        writer.append(raw.Kind.FRAME, 0, b"two", AT)
        writer.commit()
        assert [(block.first, block.data) for block in reader.blocks("gw", 2)] == [(2, b"two")]


def test_a_torn_last_block_is_cut_off_at_every_length(tmp_path):
    write(tmp_path, [b"good"], [b"torn"])
    path = files(tmp_path)[0]
    whole = path.read_bytes()
    good = whole.index(b"good") + 4
    for length in range(good, len(whole)):
        for filler in (b"", bytes(len(whole) - length)):  # a file may have grown before its bytes were written
            path.write_bytes(whole[:length] + filler)
            (tmp_path / "gw" / MARK_NAME).unlink(missing_ok=True)
            assert contents(tmp_path) == [(1, 1, b"good")]
            write(tmp_path, [b"next"])
            assert contents(tmp_path) == [(1, 1, b"good"), (2, 1, b"next")]


def test_a_file_torn_when_it_was_made_is_made_anew(tmp_path):
    write(tmp_path, [b"a"] * 3)
    for length in (0, 10, 63):
        (tmp_path / "gw" / "00000002.raw").write_bytes(bytes(length))
        write(tmp_path, [])
        assert [path.stat().st_size for path in files(tmp_path)][1:] == [64]
    write(tmp_path, [b"b"])
    assert [at for at, _kind, _data in contents(tmp_path)] == [1, 2, 3, 4]


def test_damage_inside_names_file_and_offset_and_can_be_passed(tmp_path):
    write(tmp_path, [b"first"], [b"second"], [b"third"])
    path = files(tmp_path)[0]
    data = path.read_bytes()
    path.write_bytes(data.replace(b"second", b"sEcond"))
    offset = data.index(b"first") + 5
    with pytest.raises(raw.Damaged) as told:
        contents(tmp_path)
    assert told.value.where == {"文件": str(path), "字节": offset} and told.value.following == 3
    assert contents(tmp_path, start=3) == [(3, 1, b"third")]
    assert next(raw.Reader(tmp_path).blocks("gw")).data == b"first"  # what stands before it is given first
    write(tmp_path, [b"fourth"])  # the gateway goes on in a new file and leaves the damaged one as it is
    assert path.read_bytes() == data.replace(b"second", b"sEcond")
    assert contents(tmp_path, start=3) == [(3, 1, b"third"), (4, 1, b"fourth")]


def test_damage_of_a_last_block_that_was_durable_is_no_torn_tail_to_a_reader(tmp_path):
    write(tmp_path, [b"first"], [b"second"])
    path = files(tmp_path)[0]
    path.write_bytes(path.read_bytes().replace(b"second", b"sEcond"))
    with pytest.raises(raw.Damaged):
        contents(tmp_path)


@pytest.mark.parametrize("harm", ["changed", "cut", "headless", "gone"])
def test_what_was_durable_and_is_no_more_is_damage_and_its_numbers_stay_its_own(tmp_path, harm):
    """A reader may have taken these records: later ones under their numbers would be passed by as taken in."""
    write(tmp_path, [b"first"])
    write(tmp_path, [b"second", b"third"])
    path = files(tmp_path)[0]
    whole = path.read_bytes()
    harmed = {"changed": whole.replace(b"second", b"sEcond"), "cut": whole[:-3], "headless": whole[1:], "gone": None}
    if harmed[harm] is None:
        path.unlink()
    else:
        path.write_bytes(harmed[harm])
    reader = raw.Reader(tmp_path)
    write(tmp_path, [b"fourth"])
    assert [(block.first, block.data) for block in reader.blocks("gw", 4)] == [(4, b"fourth")]
    if harm != "gone":
        assert path.read_bytes() == harmed[harm]  # evidence is not cut off
        with pytest.raises(raw.Damaged) as told:
            list(raw.Reader(tmp_path).blocks("gw"))
        assert told.value.following == 4
    write(tmp_path, [b"fifth"])
    assert contents(tmp_path, start=4) == [(4, 1, b"fourth"), (5, 1, b"fifth")]


@pytest.mark.parametrize("fault", ["full", "sync_fails", "read_only"])
def test_a_refusing_disk_stores_nothing_of_the_group_and_recovers(tmp_path, fault):
    disk = FaultyDisk()
    with raw.Writer(tmp_path, "gw", disk=disk) as writer:
        writer.append(raw.Kind.FRAME, 0, b"before", AT)
        writer.commit()
        setattr(disk, fault, True)
        for _ in range(3):
            writer.append(raw.Kind.FRAME, 0, b"lost", AT)
            with pytest.raises(raw.CannotStore):
                writer.commit()
            assert writer.fault is not None and writer.pending == 0
            with pytest.raises(raw.CannotStore):
                writer.recover()
        assert len(files(tmp_path)) == 1
        setattr(disk, fault, False)
        assert writer.append(raw.Kind.FRAME, 0, b"after", AT) == 2
        writer.commit()
        assert writer.fault is None
    assert contents(tmp_path) == [(1, 1, b"before"), (2, 1, b"after")]


@pytest.mark.parametrize("fault", ["full", "sync_fails", "read_only"])
def test_a_disk_that_refuses_from_the_first_commit_on_leaves_no_heap_of_files(tmp_path, fault):
    disk = FaultyDisk()
    with raw.Writer(tmp_path, "gw", disk=disk) as writer:
        setattr(disk, fault, True)
        for _ in range(3):
            writer.append(raw.Kind.FRAME, 0, b"lost", AT)
            with pytest.raises(raw.CannotStore):
                writer.commit()
        setattr(disk, fault, False)
        writer.recover()
        assert writer.fault is None
        writer.append(raw.Kind.FRAME, 0, b"after", AT)
        writer.commit()
    assert contents(tmp_path) == [(1, 1, b"after")] and len(files(tmp_path)) == 1


def test_a_file_size_limit_of_the_system_is_a_full_disk(tmp_path):
    """The same with a real refusal of the operating system (RLIMIT_FSIZE) instead of our own."""
    code = f"""
import resource, signal
from pathlib import Path
from ecocloud.intake.monitoring import raw
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = raw.Writer(Path({str(tmp_path)!r}), "gw")
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
stored = 0
for number in range(40):
    writer.append(raw.Kind.FRAME, 0, b"%d" % stored + b"x" * 1000, 0)
    try:
        writer.commit()
        stored += 1
    except raw.CannotStore:
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.append(raw.Kind.FRAME, 0, b"%d" % stored, 0)
writer.commit()
print(stored)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    stored = int(done.stdout)
    assert 0 < stored < 40
    found = [data.rstrip(b"x") for _at, _kind, data in contents(tmp_path)]
    assert found == [b"%d" % number for number in range(stored + 1)]


def test_one_writer_for_a_gateway_and_several_gateways_in_a_folder(tmp_path):
    with raw.Writer(tmp_path, "a"), raw.Writer(tmp_path, "b"):
        with pytest.raises(raw.Locked):
            raw.Writer(tmp_path, "a", patience=0.05)
        assert raw.Reader(tmp_path).gateways() == ["a", "b"]
    raw.Writer(tmp_path, "a").close()


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "网关", "x" * 41, "-a"])
def test_names_that_no_folder_should_have_are_refused(tmp_path, name):
    with pytest.raises(BadName):
        raw.Writer(tmp_path, name)


def test_one_record_with_its_peer(tmp_path):
    with raw.Writer(tmp_path, "gw") as writer:
        connection = writer.append_connection(json.dumps({"peer": "10.0.0.7:4001"}).encode(), AT_US)
        sequence = writer.append(raw.Kind.FRAME, connection, b"##", AT)
        writer.commit()
    found = raw.find(tmp_path, "gw", sequence)
    assert (found.peer, found.data, found.received, found.kind) == ("10.0.0.7:4001", b"##", AT, raw.Kind.FRAME)
    for missing in (0, 3, 99):
        with pytest.raises(raw.NotFound):
            raw.find(tmp_path, "gw", missing)
    with pytest.raises(raw.NotFound):
        raw.find(tmp_path, "none", 1)


def test_reading_on_does_not_begin_anew(tmp_path, monkeypatch):
    """A reader that comes back for what is new looks at that alone, however long the journal is."""
    reader = raw.Reader(tmp_path)
    with raw.Writer(tmp_path, "gw", disk=QuickDisk()) as writer:
        for number in range(50):
            writer.append(raw.Kind.FRAME, 0, b"%d" % number, AT)
            writer.commit()
        assert [block.data for block in reader.blocks("gw", 50)] == [b"49"]
        seen = []
        from ecocloud.intake.monitoring.raw import reader as module

        walk = module.walk
        monkeypatch.setattr(module, "walk", lambda data, start, end: seen.append(end - start) or walk(data, start, end))
        writer.append(raw.Kind.FRAME, 0, b"new", AT)
        writer.commit()
        assert [block.data for block in reader.blocks("gw", 51)] == [b"new"]
        assert seen == [32 + 24 + 3]


def test_a_killed_writer_leaves_what_it_committed(tmp_path):
    code = f"""
import os
from pathlib import Path
from ecocloud.intake.monitoring import raw
writer = raw.Writer(Path({str(tmp_path)!r}), "gw")
writer.append(raw.Kind.FRAME, 0, b"kept", 0)
writer.commit()
writer.append(raw.Kind.FRAME, 0, b"never committed", 0)
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9
    assert contents(tmp_path) == [(1, 1, b"kept")]
    write(tmp_path, [b"next"])
    assert contents(tmp_path) == [(1, 1, b"kept"), (2, 1, b"next")]


def test_names_of_new_folders_are_made_durable(tmp_path):
    """A power cut after the first commit must not take the folder away."""
    synced = []

    class Watching(QuickDisk):
        def sync_folder(self, folder):
            synced.append(folder)

    raw.Writer(tmp_path / "lake" / "raw", "gw", disk=Watching()).close()
    assert {tmp_path, tmp_path / "lake", tmp_path / "lake" / "raw", tmp_path / "lake" / "raw" / "gw"} <= set(synced)


def test_a_file_whose_retention_ends_while_it_is_looked_for(tmp_path, monkeypatch):
    write(tmp_path, *([b"%d" % number] for number in range(4)), roll_bytes=1)
    found = files(tmp_path)
    real = raw.reader.files

    def ending(folder):
        listed = real(folder)
        for path in found[:2]:
            path.unlink(missing_ok=True)
        return listed

    monkeypatch.setattr("ecocloud.intake.monitoring.raw.reader.files", ending)
    assert contents(tmp_path, start=4) == [(4, 1, b"3")]
    write(tmp_path, [b"more"], roll_bytes=1)
    with pytest.raises(raw.NotFound):
        raw.find(tmp_path, "gw", 1)


def test_files_are_not_for_everyone(tmp_path):
    write(tmp_path, [b"x"])
    assert os.stat(files(tmp_path)[0]).st_mode & 0o007 == 0
