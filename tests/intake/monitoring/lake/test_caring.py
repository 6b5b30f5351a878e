"""Verification, building the lake again, retention, export: each finding by the damage that causes it."""

from __future__ import annotations

import csv
import os
import struct
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pyarrow.parquet as pq
import pytest

from ecocloud.intake.monitoring.gateway.backstage import Admitted
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.care import end, ended, replay, verify
from ecocloud.intake.monitoring.lake.exporting import HEADINGS, export
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.problems import LakeError
from ecocloud.intake.monitoring.lake.reading import Snapshot, Wanted
from ecocloud.intake.monitoring.raw import Kind, Writer
from tests.intake.monitoring.lake.lake_made import FIRST, LAST, MN, NOON, Made, frame

DAY = timedelta(days=1)


def ingester(made: Made, store=None) -> Ingester:
    return Ingester(store or made.store, made.raw, lambda: made.devices)


def findings(made: Made, **more: bool) -> list[tuple[str, str]]:
    return [(one.kind, one.place) for one in verify(made.store, ingester(made), made.raw, **more)]


def filled(made: Made) -> Made:
    """Two days, with repetitions, corrections, a doubtful time, quarantine before admission, a file's values."""
    for n in range(6):
        made.put(frame(f"w01018-Rtd={n},w01018-Flag=N;w21003-Rtd=>4", at=NOON - n * DAY / 4), frame("w01018-Rtd=1"))
    made.put(frame("w01018-Rtd=77", at="20990101000000"), frame("w01018-Rtd=5", at=""))
    made.put(frame("w01018-Rtd=9", mn="STRANGER000002"), kind=Kind.QUARANTINED)
    made.put_values({"w01001": {"Avg": 7.10}}, "2026-03-01T08:00:00")
    made.take()
    made.compact()
    made.put(frame("w01018-Rtd=2"), frame("w01018-Rtd=5", at=NOON - DAY))
    made.devices["STRANGER000002"] = Admitted("STRANGER000002", "123456", "")
    made.take()
    return made


def everything(made: Made) -> dict[str, list]:
    """All versions of all rows, to the last column."""
    snapshot = made.snapshot()
    return {
        name: sorted(map(str, snapshot.versions(Wanted(name, FIRST, LAST)).to_pylist()))
        for name in schema.INTERVAL_NAMES
    }


def test_a_whole_lake_has_no_findings(made):
    filled(made)
    assert findings(made) == []
    made.compact(whole=True)
    assert findings(made) == []


def test_each_damage_is_named(made):
    filled(made)
    one, two, three = (file.name for file in made.store.newest().files[:3])
    (made.store.data / one).unlink()
    raw = bytearray((made.store.data / two).read_bytes())
    raw[len(raw) // 2] ^= 1
    (made.store.data / two).write_bytes(raw)
    os.truncate(made.store.data / three, 10)
    assert findings(made) == [("missing", one), ("changed", two), ("changed", three)]
    path = max(made.store.manifests.glob("*.json"))
    path.write_text(path.read_text()[:-20])
    made.store._known = None
    assert findings(made) == [("manifest", path.name)]


def test_rows_that_are_not_in_the_raw_journal_are_found(made):
    filled(made)

    def change(manifest):
        taken = manifest.taken["gw1"]
        return replace(manifest, taken={"gw1": replace(taken, rows=taken.rows + 1)})

    made.store.commit(change)
    assert findings(made) == [("balance", ""), ("raw", "gw1")]
    assert findings(made, counts=False) == [("balance", "")]


def test_replay_gives_the_same_to_the_last_row(made):
    filled(made)
    before, files = everything(made), made.store.newest().files
    assert sum(map(len, before.values())) == 19 and before["hour"] and before["undated"]
    (made.store.folder / "replay").mkdir()  # left by one that died
    after = replay(made.store, made.raw, lambda store: ingester(made, store), made.clock)
    assert everything(made) == before and after.number == made.store.newest().number
    assert not {one.name for one in files} & {one.name for one in after.files}
    assert findings(made) == [] and not (made.store.folder / "replay").exists()
    made.put(frame("w01018-Rtd=3", at=NOON - timedelta(minutes=1)))
    assert made.take() == 1


def test_replay_of_an_empty_lake_brings_all_back(made):
    filled(made)
    before = everything(made)
    for path in made.store.folder.rglob("*"):
        if path.is_file() and made.raw not in path.parents:
            path.unlink()
    made.store._known = None
    assert everything(made)["rtd"] == []
    replay(made.store, made.raw, lambda store: ingester(made, store), made.clock)
    assert everything(made) == before


@pytest.fixture
def rolled(tmp_path):
    """A lake whose raw journal has a file for each of five days."""
    made = Made(tmp_path)
    made.writer.close()
    made.writer = Writer(made.raw, "gw1", roll_bytes=1)
    for n in range(5):
        made.put(frame(f"w01018-Rtd={n}", at=NOON + n * DAY), at=NOON + n * DAY)
    yield made
    made.writer.close()


def dated(path, begun, written):
    """A raw file as begun and last written at these moments."""
    data = path.read_bytes()
    path.write_bytes(data[:8] + struct.pack("<q", schema.micro(begun)) + data[16:])
    os.utime(path, (written.timestamp(), written.timestamp()))


def test_retention_keeps_all_without_days_and_what_is_not_taken_in(rolled):
    now = NOON + 100 * DAY
    assert ended(rolled.store, rolled.raw, now, 0, 0).raw == ()
    assert ended(rolled.store, rolled.raw, now, 1, 1).raw == ()  # nothing is in the lake yet
    rolled.take()
    ages = {path: n for n, path in enumerate(sorted(rolled.raw.rglob("*.raw")))}
    for path, n in ages.items():
        dated(path, NOON + n * DAY, NOON + n * DAY)
    what = ended(rolled.store, rolled.raw, NOON + 4 * DAY, 2, 2)
    assert [file.period for file in what.files] == ["2026-03-01", "2026-03-02"]
    assert [ages[path] for path in what.raw] == [0]  # the record of the second file may be as young as the third
    assert what.rows == 2
    end(rolled.store, what)
    assert [row["rtd"] for row in rolled.rows()] == [2, 3, 4]
    assert findings(rolled) == [("raw", "gw1")] and rolled.store.newest().deleted == 2
    with pytest.raises(LakeError, match="not whole"):
        replay(rolled.store, rolled.raw, lambda store: ingester(rolled, store), rolled.clock)
    assert len(rolled.rows()) == 3


def test_a_clock_that_was_wrong_ends_nothing_early(rolled):
    """A computer that starts in the year 2000 begins a raw file then: the one before it is as young as it was."""
    rolled.take()
    for n, path in enumerate(sorted(rolled.raw.rglob("*.raw"))):
        dated(path, NOON + n * DAY, NOON + n * DAY)
    now, found = NOON + 4 * DAY, sorted(rolled.raw.rglob("*.raw"))
    dated(found[3], NOON - 9000 * DAY, NOON + 3 * DAY)
    dated(found[4], NOON - 9000 * DAY, NOON + 4 * DAY)
    assert list(ended(rolled.store, rolled.raw, now, 0, 2).raw) == found[:1]
    dated(found[2], NOON + 9000 * DAY, NOON + 2 * DAY)  # a time to come says nothing, and holds up nothing for ever
    assert list(ended(rolled.store, rolled.raw, now, 0, 2).raw) == found[:2]


def test_raw_files_that_a_device_waits_for_are_kept(rolled):
    rolled.put(frame("w01018-Rtd=9", mn="STRANGER000002"), kind=Kind.QUARANTINED)
    rolled.put(frame("w01018-Rtd=1", at=NOON - DAY), frame("w01018-Rtd=1", at=NOON - DAY))
    rolled.take()
    assert len(ended(rolled.store, rolled.raw, NOON + 10_000 * DAY, 0, 1).raw) == 5
    rolled.devices["STRANGER000002"] = Admitted("STRANGER000002", "", "")
    rolled.take()
    assert len(ended(rolled.store, rolled.raw, NOON + 10_000 * DAY, 0, 1).raw) == 6


def test_export_has_numbers_as_sent(made, tmp_path):
    made.put(frame("w01018-Rtd=-7.10,w01018-Flag=N,w01018-SampleTime=20260301101000;w21003-Rtd=>4;LA-td==1+1"))
    made.put(frame("w01018-Rtd=-7.20,w01018-Flag=N"))
    made.take()
    wanted = Wanted("rtd", FIRST, LAST, (MN,))
    csv_file = tmp_path / "values.csv"
    assert export(made.snapshot(), wanted, csv_file) == 3
    rows = list(csv.DictReader(csv_file.open(encoding="utf-8-sig")))
    by_code = {row["因子编码"]: row for row in rows}
    assert (by_code["w01018"]["实时值"], by_code["w21003"]["实时值"]) == ("-7.20", ">4")
    assert by_code["w01018"]["数据时间"] == "2026-03-01 10:15:00" and by_code["w01018"]["原始报文"] == "raw:gw1/2"
    assert list(rows[0]) == list(HEADINGS.values())
    sheet = tmp_path / "values.xlsx"
    assert export(made.snapshot(), wanted, sheet, versions=True) == 4
    cells = list(openpyxl.load_workbook(sheet).active.values)
    assert cells[0] == tuple(HEADINGS.values()) and {row[5] for row in cells[1:]} == {"-7.10", "-7.20", ">4", None}
    whole = tmp_path / "values.parquet"
    assert export(made.snapshot(), Wanted("rtd", FIRST, LAST, (MN,), ("w01018",)), whole) == 1
    assert pq.read_table(whole)["rtd"].to_pylist() == [-7.2]
    with pytest.raises(LakeError, match="no export"):
        export(made.snapshot(), wanted, tmp_path / "values.doc")


def test_a_worksheet_that_would_be_too_long_is_refused_and_leaves_nothing(made, tmp_path, monkeypatch):
    monkeypatch.setattr("ecocloud.intake.monitoring.lake.exporting.SHEET_ROWS", 2)
    made.put(frame("w01018-Rtd=1;w21003-Rtd=2;w21011-Rtd=3"))
    made.take()
    with pytest.raises(LakeError, match="too many rows"):
        export(Snapshot(made.store), Wanted("rtd", FIRST, LAST), tmp_path / "a.xlsx")
    assert not list(tmp_path.glob("a.xlsx*"))
