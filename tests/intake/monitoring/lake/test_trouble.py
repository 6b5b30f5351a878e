"""A disk that is full, read-only or fails to sync; damaged files; clocks that jump: nothing half, nothing left over,
clear words, and all goes on without loss."""

import contextlib
import errno
import os
import subprocess
from datetime import timedelta

import pytest

from ecocloud.intake.monitoring.lake import health, schema
from ecocloud.intake.monitoring.lake.exporting import export
from ecocloud.intake.monitoring.lake.problems import Damaged
from ecocloud.intake.monitoring.lake.reading import Wanted
from tests.intake.monitoring.lake.lake_made import FIRST, LAST, NOON, Made, frame

pytestmark = pytest.mark.django_db
ITEMS = ";".join(f"a{number:05d}-Rtd={number}.5" for number in range(1, 400))


@pytest.fixture
def small(tmp_path, settings):
    """The lake of the installation on a small file system of its own."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    settings.HOME = place
    made = Made(place / "lake")
    yield made
    made.writer.close()
    subprocess.run(["umount", str(place)], check=True)


@contextlib.contextmanager
def full(made, _monkeypatch):
    """No room but for a few bytes."""
    filler = made.store.folder / "filler"
    state = os.statvfs(made.store.folder)
    filler.write_bytes(bytes(state.f_bavail * state.f_frsize - 8192))
    yield "No space left"
    filler.unlink()


@contextlib.contextmanager
def read_only(made, _monkeypatch):
    """The file system takes no writes, as after a fault of the disk."""
    made.writer.close()
    place = str(made.store.folder.parent)
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    yield "Read-only"
    subprocess.run(["mount", "-o", "remount,rw", place], check=True)


@contextlib.contextmanager
def unsynced(_made, monkeypatch):
    """The disk does not say that it has the bytes."""

    def failing(_handle):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        yield "Input/output"


def there(made):
    """Data files on the disk, and manifests with what was left of making them."""
    data = {path.relative_to(made.store.data).as_posix() for path in made.store.data.rglob("*.parquet")}
    return data, {path.name for path in made.store.manifests.glob("*")}


@pytest.mark.parametrize("trouble", [full, read_only, unsynced])
def test_a_disk_that_refuses_taking_in_and_compaction(small, monkeypatch, trouble):
    small.put(frame(ITEMS), frame(ITEMS, at=NOON + timedelta(minutes=1)))
    small.take()
    small.put(frame(ITEMS, at=NOON + timedelta(minutes=2)), frame(ITEMS))
    before, rows = there(small), small.rows()
    monkeypatch.setattr(health, "LATE", timedelta(0))
    with trouble(small, monkeypatch) as words:
        for _ in range(3):
            with pytest.raises(OSError, match=words):
                small.take()
            with pytest.raises(OSError, match=words):
                small.compact(whole=True)
        assert there(small) == before and small.rows() == rows  # nothing half, and no heap of attempts
        said = " ".join(health.check())
        assert "没有取入测量库" in said and ("磁盘" in said.partition("。")[2] or trouble is unsynced)
    small.take()
    assert small.compact(whole=True) == 2
    assert len(small.rows()) == 3 * 399 and small.store.newest().dropped == 399
    assert "没有取入" not in " ".join(health.check())
    assert there(small)[0] >= {file.name for file in small.store.newest().files}


def test_a_disk_that_takes_the_data_and_not_the_manifest(made, monkeypatch):
    """The files of a commit that fails go with it; one that only did not hear of its success stands."""
    made.put(frame("w01018-Rtd=1"))
    made.take()
    made.put(frame("w01018-Rtd=2"))
    before = there(made)
    for name, words in (("to_text", "full"), ("sync_folder", "unheard")):
        with monkeypatch.context() as patched:

            def failing(*_given, words=words):
                raise OSError(errno.ENOSPC, words)

            patched.setattr(f"ecocloud.intake.monitoring.lake.manifest.{name}", failing)
            with pytest.raises(OSError, match=words):
                made.take()
        if name == "to_text":
            assert there(made) == before
    assert len(made.rows(versions=True)) == 2 and made.take() == 0


def test_a_file_that_went_before_its_commit_is_taken_in_again(made, monkeypatch):
    """A clock that jumps ahead makes a file just written look left over."""
    from ecocloud.intake.monitoring.lake import ingest

    made.put(frame("w01018-Rtd=1"))
    real = ingest.Ingester._write

    def written(self, parts):
        files = real(self, parts)
        made.store.clean(now=10**10)
        return files

    monkeypatch.setattr(ingest.Ingester, "_write", written)
    with pytest.raises(Damaged, match="gone"):
        made.take()
    monkeypatch.undo()
    assert made.store.newest().number == 0 and made.take() == 1 and len(made.rows()) == 1


def test_a_damaged_file_stops_the_compaction_of_its_partition_alone(made):
    for day in range(3):
        made.put(*(frame(f"w01018-Rtd={n}", at=NOON - timedelta(days=day, minutes=n)) for n in range(2)))
        made.take()
        made.put(frame("w01018-Rtd=5", at=NOON - timedelta(days=day)))
        made.take()
    broken = next(file for file in made.store.newest().files if file.period == "2026-02-27")
    path = made.store.data / broken.name
    bytes_ = path.read_bytes()
    path.write_bytes(bytes_[:4] + bytes(len(bytes_) - 4))
    left = there(made)[0]
    with pytest.raises(Damaged, match=broken.name):
        made.compact(whole=True)
    kinds = {file.period: file.kind for file in made.store.newest().files if file.kind != "superseded"}
    assert kinds == {"2026-02-27": "fresh", "2026-02-28": "current", "2026-03-01": "current"}
    assert {one for one in there(made)[0] - left if "2026-02-27" in one} == set()
    path.write_bytes(bytes_)
    assert made.compact(whole=True) and len(made.rows()) == 6


def test_files_that_are_read_for_long_are_kept(made, tmp_path):
    """An export may take longer than files stay that a compaction left out."""
    made.put(frame("w01018-Rtd=1"))
    made.take()
    snapshot, old = made.snapshot(), made.store.newest().files[0]
    later = 10**10  # seconds: everything is old by then
    with made.store.reading(snapshot.manifest):
        made.compact(whole=True)
        made.put(frame("w01018-Rtd=2"))
        made.take()
        made.store.clean(now=later)
        made.store.clean(now=later)
        assert export(snapshot, Wanted("rtd", FIRST, LAST), tmp_path / "values.csv") == 1
    made.store.clean(now=later)
    assert not (made.store.data / old.name).exists()
    assert [path.name for path in made.store.manifests.glob("*")] == [f"{made.store.newest().number:010d}.json"]
    dead = made.store.manifests / "reading-0000000001-dead"
    dead.touch()  # whoever read is gone
    made.store.clean()
    assert not dead.exists() and len(made.rows()) == 1
    with made.store.reading(type(snapshot.manifest)()):  # an empty lake has nothing to keep
        pass


def test_what_is_not_taken_in_is_said(made, capsys, monkeypatch):
    from ecocloud.cli import main

    assert health.check() == health.disk(made.store.folder)
    made.put(frame("w01018-Rtd=1"))
    (since,) = health.behind(made.store.newest(), made.raw).values()
    assert main(["lake", "status"]) == 0
    assert f"{since.astimezone(schema.BEIJING):%Y-%m-%d %H:%M:%S} 起收到的还没有取入" in capsys.readouterr().out
    assert not [one for one in health.check() if "没有取入" in one]  # not yet late
    monkeypatch.setattr(health, "timezone", type("Later", (), {"now": lambda: since + health.LATE * 1.01}))
    assert [one for one in health.check() if "gw1" in one]
    made.take()
    assert health.behind(made.store.newest(), made.raw) == {}
    monkeypatch.setattr(health, "MOST_FRESH", 0)
    assert [one for one in health.check() if "没有合并" in one]
    path = made.store.manifests / f"{made.store.newest().number:010d}.json"
    path.write_text("{}")
    type(made.store)(made.store.folder)
    assert [one for one in health.check() if "清单" in one]
