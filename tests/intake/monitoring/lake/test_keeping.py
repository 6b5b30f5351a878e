"""A copy of lake and raw journals while they live on: what is held is whole, whatever happens beside it."""

import shutil
from datetime import timedelta

import pytest

from ecocloud.intake.monitoring.lake.care import verify
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.keeping import held
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.lake.problems import Damaged
from ecocloud.intake.monitoring.raw import Kind, Reader, Writer
from tests.intake.monitoring.lake.lake_made import NOON, Made, frame


@pytest.fixture
def made(tmp_path):
    """A lake with some rows in several files, and its raw journal."""
    one = Made(tmp_path / "lake")
    for n in range(3):
        one.put(*(frame(f"w01018-Rtd={n}{m}", at=NOON + timedelta(minutes=m)) for m in range(4)))
        one.take()
    yield one
    one.writer.close()


def placed(members, home):
    """The members of a backup where a restore puts them; returns the lake."""
    for name, path in members:
        target = home / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return Store(home / "lake"), home / "lake" / "raw"


def ingester(store, raw):
    return Ingester(store, raw, dict)


def findings(store, raw):
    return [one.sentence_zh for one in verify(store, ingester(store, raw), raw)]


def test_it_is_the_lake_of_the_moment_whatever_goes_on(made, tmp_path):
    """Compacted, cleaned to the last and taken in beside it: the copy has the old state, and what came later as raw."""
    before, rows = made.store.newest(), made.rows()
    with held(made.store.folder) as rest:
        made.put(frame("w01018-Rtd=77", at=NOON + timedelta(hours=1)))
        made.take()
        made.compact(whole=True)
        for path in made.store.data.rglob("*.parquet"):
            if path.relative_to(made.store.data).as_posix() in {file.name for file in before.files}:
                path.unlink()  # as if they had been superseded for long
        store, raw = placed(rest(), tmp_path / "new")
    assert store.newest() == before and findings(store, raw) == []
    assert Reader(raw).following("gw1") == Reader(made.raw).following("gw1") == 14
    assert ingester(store, raw).drain() == 1 and findings(store, raw) == []
    assert store.newest().rows == before.rows + 1 and len(rows) == 4
    assert [one.name for one in made.store.folder.iterdir() if one.name.startswith(".")] == []


def test_raw_journals_are_copied_as_far_as_they_are_durable(made, tmp_path):
    """Bytes of a commit that is under way are not copied; the copy goes on with the next number."""
    path = next((made.raw / "gw1").glob("*.raw"))
    whole = path.read_bytes()
    with path.open("ab") as stream:
        stream.write(b"BLK1 half of a block")
    with held(made.store.folder) as rest:
        _store, raw = placed(rest(), tmp_path / "new")
    assert (raw / "gw1" / path.name).read_bytes() == whole
    with Writer(raw, "gw1") as writer:
        assert writer.append(Kind.FRAME, 0, b"next", NOON) == 13
        assert writer.commit() == 14


def test_a_journal_of_many_files_and_one_that_rolls_on_meanwhile(tmp_path):
    made = Made(tmp_path / "lake")
    made.writer.close()
    with Writer(made.raw, "gw1", roll_bytes=1) as writer, held(made.store.folder) as rest:
        for n in range(4):
            writer.append(Kind.FRAME, 0, frame(f"w01018-Rtd={n}"), NOON)
            writer.commit()
        members = rest()
        writer.append(Kind.FRAME, 0, frame("w01018-Rtd=9"), NOON)
        writer.commit()
        _store, raw = placed(members, tmp_path / "new")
    assert len([name for name, _path in members if name.endswith(".raw")]) == 4
    assert Reader(raw).following("gw1") == 5 and sum(len(block) for block in Reader(raw).blocks("gw1")) == 4


def test_a_journal_without_its_mark_is_copied_to_its_last_whole_block(made, tmp_path):
    (made.raw / "gw1" / "committed").unlink()
    with held(made.store.folder) as rest:
        store, raw = placed(rest(), tmp_path / "new")
    assert Reader(raw).following("gw1") == 13 and findings(store, raw) == []


def test_where_there_is_nothing_nothing_is_held(tmp_path):
    with held(tmp_path / "none") as rest:
        assert rest() == []
    (tmp_path / "lake" / "raw" / "gw1").mkdir(parents=True)
    with held(tmp_path / "lake") as rest:
        assert rest() == []


def test_a_disk_without_links_is_copied(made, tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("ecocloud.intake.monitoring.lake.keeping.os.link", refused)
    with held(made.store.folder) as rest:
        store, raw = placed(rest(), tmp_path / "new")
    assert findings(store, raw) == [] and store.newest().rows == 12


def test_a_missing_file_is_named_and_what_a_killed_backup_left_is_removed(made):
    (made.store.folder / ".backup-left").mkdir()
    lost = made.store.data / made.store.newest().files[0].name
    lost.unlink()
    with pytest.raises(Damaged, match="missing"), held(made.store.folder):
        pass
    assert [one.name for one in made.store.folder.iterdir() if one.name.startswith(".")] == []
