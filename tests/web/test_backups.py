"""Restore drill: what was backed up while people worked comes back whole, or is refused with one sentence."""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from ecocloud.intake.monitoring.lake import keeping
from ecocloud.intake.monitoring.lake.care import verify
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.lake.problems import Damaged
from ecocloud.web import backups
from tests.intake.monitoring.lake.lake_made import NOON, Made, frame

ROOT = Path(__file__).resolve().parents[2]
UPLOAD = "工作要点".encode() * 100


def environment(home: Path, **more: str) -> dict:
    left_out = {"DATABASE_URL", "ECOCLOUD_JOURNAL_KEY", "ECOCLOUD_JOURNAL_ANCHOR", "ECOCLOUD_JOURNAL_ANCHOR_2"}
    own = {"ECOCLOUD_HOME": str(home), "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "ecocloud.web.settings"}
    return {key: value for key, value in os.environ.items() if key not in left_out} | own | more


def run(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess:
    """One ``ecocloud`` command in an installation of its own."""
    command = [sys.executable, "-m", "ecocloud.cli", *words]
    return subprocess.run(command, env=environment(home, **more), capture_output=True, text=True, timeout=120)


SETTLE = f"""
import django, hashlib; django.setup()
from ecocloud.web import installation
from ecocloud.base.files import storage
from django.conf import settings
import io, pathlib
installation.migrate()
storage.write(pathlib.Path(settings.MEDIA_ROOT), io.BytesIO({UPLOAD!r}), 10000)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A small installation with one account, one upload and a journal with an anchor."""
    folder = tmp_path_factory.mktemp("installation") / "home"
    subprocess.run([sys.executable, "-c", SETTLE], env=environment(folder), check=True)
    created = run(folder, "user", "create", "wang", "王芳", "--role", "reader")
    assert created.returncode == 0, created.stderr
    return folder


@pytest.fixture(scope="module")
def archive(home, tmp_path_factory) -> Path:
    """A backup without keys."""
    target = tmp_path_factory.mktemp("backup") / "a.tar"
    done = run(home, "backup", str(target), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["bytes"] == target.stat().st_size and told["entries"] > 0 and not told["with_keys"]
    return target


def put_key(home: Path, target: Path) -> None:
    (target / "keys").mkdir(parents=True)
    (target / "keys" / "journal.key").write_bytes((home / "keys" / "journal.key").read_bytes())


def rows(database: Path) -> dict:
    """Every table's rows of a SQLite file, read without Django (not the framework's own)."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
    names = [name for (name,) in tables if not name.startswith(("django_", "auth_", "sqlite_"))]
    found = {name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for name in names}  # noqa: S608
    connection.close()
    return found


def test_restore_drill_brings_everything_back(home, archive, tmp_path):
    target = tmp_path / "new"
    put_key(home, target)
    done = run(target, "restore", str(archive), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["consistent"] and told["entries"] > 0
    assert rows(target / "ecocloud.sqlite3") == rows(home / "ecocloud.sqlite3")
    uploads = [path for path in (target / "files").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in uploads] == [UPLOAD]
    assert (target / "anchors/journal.anchor").read_bytes() == (home / "anchors/journal.anchor").read_bytes()
    assert run(target, "user", "list").stdout.count("wang") == 1
    assert run(target, "verify-journal", "--json").returncode == 0


@pytest.fixture(scope="module")
def whole(home, tmp_path_factory) -> Path:
    """A backup with keys."""
    target = tmp_path_factory.mktemp("backup") / "whole.tar"
    assert run(home, "backup", str(target), "--with-keys").returncode == 0
    return target


def test_keys_come_only_when_asked_for(home, archive, whole, tmp_path):
    with tarfile.open(archive) as tar:
        assert not [name for name in tar.getnames() if name.startswith("keys")]
    assert archive.stat().st_mode & 0o077 == 0
    assert run(tmp_path / "new", "restore", str(whole)).returncode == 0
    for name in ("django.key", "journal.key"):
        restored = tmp_path / "new" / "keys" / name
        assert restored.read_bytes() == (home / "keys" / name).read_bytes()
        assert restored.stat().st_mode & 0o077 == 0


def test_without_the_journal_key_nothing_is_restored(archive, tmp_path):
    refused = run(tmp_path / "new", "restore", str(archive))
    assert refused.returncode == 1 and "journal.key" in refused.stderr
    assert not any((tmp_path / "new").iterdir())


def test_another_journal_key_is_refused_or_found(archive, whole, tmp_path):
    (tmp_path / "new" / "keys").mkdir(parents=True)
    (tmp_path / "new" / "keys" / "journal.key").write_text("other")
    refused = run(tmp_path / "new", "restore", str(whole))
    assert refused.returncode == 1 and "密钥" in refused.stderr
    found = run(tmp_path / "new", "restore", str(archive), "--json")
    assert found.returncode == 1 and not json.loads(found.stdout)["consistent"]


def test_a_home_that_is_not_empty_is_refused(home, archive, tmp_path):
    before = rows(home / "ecocloud.sqlite3")
    refused = run(home, "restore", str(archive))
    assert refused.returncode == 1 and "不是空的" in refused.stderr
    assert rows(home / "ecocloud.sqlite3") == before


def test_an_existing_file_is_never_overwritten(home, archive):
    before = archive.read_bytes()
    refused = run(home, "backup", str(archive))
    assert refused.returncode == 1 and "已存在" in refused.stderr
    assert archive.read_bytes() == before


def _members(archive: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(archive) as tar:
        return [(member, tar.extractfile(member).read()) for member in tar.getmembers()]


def _write(target: Path, members) -> None:
    with tarfile.open(target, "w") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def _altered(members):
    return [(m, c.replace(b"wang", b"wong") if m.name == "ecocloud.sqlite3" else c) for m, c in members]


def _missing(members):
    return [pair for pair in members if not pair[0].name.startswith("files/")]


def _escaping(members):
    return [*members, (tarfile.TarInfo("../outside"), b"x")]


def _no_manifest(members):
    return members[1:]


@pytest.mark.parametrize("change", [_altered, _missing, _escaping, _no_manifest])
def test_a_changed_archive_is_refused(home, archive, tmp_path, change):
    bad, target = tmp_path / "bad.tar", tmp_path / "new"
    _write(bad, change(_members(archive)))
    put_key(home, target)
    with pytest.raises(backups.RestoreRefused) as refusal:
        backups.restore(bad, target, journal_key=target / "keys/journal.key", anchors=target / "anchors/journal.anchor")
    assert "bad.tar" in refusal.value.sentence_zh()
    assert [path.name for path in target.iterdir()] == ["keys"]
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("size", [0, 700, 20_000])
def test_a_cut_archive_is_refused(home, archive, tmp_path, size):
    bad, target = tmp_path / "bad.tar", tmp_path / "new"
    bad.write_bytes(archive.read_bytes()[:size])
    put_key(home, target)
    with pytest.raises(backups.RestoreRefused):
        backups.restore(bad, target, journal_key=target / "keys/journal.key", anchors=target / "anchors/journal.anchor")
    assert [path.name for path in target.iterdir()] == ["keys"]


def test_an_open_write_neither_waits_nor_leaks_into_the_backup(home, tmp_path):
    writer = sqlite3.connect(home / "ecocloud.sqlite3", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE regions_user SET name = '改' WHERE username = 'wang'")
    try:
        done = run(home, "backup", str(tmp_path / "b.tar"))
    finally:
        writer.execute("ROLLBACK")
        writer.close()
    assert done.returncode == 0, done.stderr
    database = tmp_path / "copy.sqlite3"
    contents = {member.name: content for member, content in _members(tmp_path / "b.tar")}
    database.write_bytes(contents["ecocloud.sqlite3"])
    assert rows(database)["regions_user"] == rows(home / "ecocloud.sqlite3")["regions_user"]


@pytest.fixture(scope="module")
def measured(home, tmp_path_factory) -> tuple[Path, Path]:
    """The installation with measurements: six packets in the lake, four more only in the raw journal; its backup."""
    folder = tmp_path_factory.mktemp("measured") / "home"
    shutil.copytree(home, folder)
    made = Made(folder / "lake")
    made.put(*(frame(f"w01018-Rtd={n}", at=NOON + timedelta(seconds=n)) for n in range(6)))
    made.take()
    made.put(*(frame(f"w01018-Rtd={n}", at=NOON + timedelta(minutes=n + 1)) for n in range(4)))
    made.writer.close()
    target = folder.parent / "m.tar"
    done = run(folder, "backup", str(target))
    assert done.returncode == 0 and "含测量库和原始流水" in done.stdout and "口令" in done.stdout, done.stderr
    return folder, target


def _source(folder: Path) -> backups.Source:
    parts = folder / "ecocloud.sqlite3", folder / "anchors" / "journal.anchor", folder / "files"
    return backups.Source(*parts, {}, (lambda: keeping.held(folder / "lake"),))


def test_measurements_and_packets_come_back_and_what_was_not_taken_in_is_taken_in(measured, tmp_path):
    folder, archive = measured
    target = tmp_path / "new"
    put_key(folder, target)
    assert run(target, "restore", str(archive), "--json").returncode == 0
    store, raw = Store(target / "lake"), target / "lake" / "raw"
    assert store.newest() == Store(folder / "lake").newest() and store.newest().rows == 6
    ingester = Ingester(store, raw, dict)
    assert ingester.drain() == 4 and list(verify(store, ingester, raw)) == []
    for path in (folder / "lake" / "raw" / "gw1").glob("*.raw"):
        assert (raw / "gw1" / path.name).read_bytes() == path.read_bytes()
    assert not [one for one in (folder / "lake").iterdir() if one.name.startswith(".")]


def test_measurements_stay_out_when_asked(measured, tmp_path):
    folder, _archive = measured
    told = backups.write(tmp_path / "small.tar", _source(folder), with_lake=False)
    assert not told.with_lake and not [name for name in told.files if name.startswith("lake")]
    assert not [member for member, _content in _members(tmp_path / "small.tar") if member.name.startswith("lake")]


def test_a_lake_that_lacks_a_file_is_not_backed_up_as_if_it_were_whole(measured, tmp_path):
    folder, _archive = measured
    lived_on = tmp_path / "lived-on"
    shutil.copytree(folder, lived_on)
    next((lived_on / "lake" / "data").rglob("*.parquet")).unlink()
    with pytest.raises(Damaged, match="missing"):
        backups.write(tmp_path / "b.tar", _source(lived_on))
    assert not (tmp_path / "b.tar").exists()
    assert backups.write(tmp_path / "b.tar", _source(lived_on), with_lake=False).files


def test_an_anchor_kept_elsewhere_tells_what_the_backup_lacks(home, archive, tmp_path):
    """The second host's anchor file is newer than the backup: the loss is named."""
    lived_on = tmp_path / "lived-on"
    shutil.copytree(home, lived_on)
    assert run(lived_on, "user", "create", "lilei", "李雷", "--role", "reader").returncode == 0
    elsewhere = lived_on / "anchors" / "journal.anchor"
    target = tmp_path / "new"
    put_key(home, target)
    done = run(target, "restore", str(archive), "--json", ECOCLOUD_JOURNAL_ANCHOR_2=str(elsewhere))
    told = json.loads(done.stdout)
    assert done.returncode == 1 and not told["consistent"]
    assert any("cut" in finding for finding in told["findings"])


def test_postgresql_is_sent_to_its_own_tools(tmp_path):
    refused = run(tmp_path / "new", "restore", "x.tar", DATABASE_URL="postgresql://localhost/x")
    assert refused.returncode == 1 and "pg_restore" in refused.stderr
    refused = run(tmp_path / "home", "backup", "x.tar", DATABASE_URL="postgresql://localhost/x")
    assert refused.returncode == 1 and "pg_dump" in refused.stderr
