"""The table of newest values, references to values, the commands and jobs, on the installation's lake."""

from __future__ import annotations

import json
import signal
from datetime import timedelta
from types import SimpleNamespace

import pytest

from ecocloud.cli import main
from ecocloud.intake.monitoring.lake import commands, jobs, site
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.latest import Newest
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.lake.refs import ref_of
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import Ref, resolve, resolve_many
from tests.intake.monitoring.lake.lake_made import MN, NOON, Made, frame
from tests.intake.monitoring.stations.conftest import MN as STATION

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def take(made: Made) -> None:
    """As the command does, with a process of its own each time."""
    site.ingester(made.store).drain()


def newest(factor: str = "w01018", interval: str = "rtd") -> tuple:
    return Latest.objects.values_list("time", "text", "flag").get(factor=factor, interval=interval)


def test_newest_by_the_time_of_the_data(made):
    made.put(frame("w01018-Rtd=1.10,w01018-Flag=N", at=NOON - MINUTE), frame("w01018-Rtd=2", at=NOON - 2 * MINUTE))
    take(made)
    assert newest() == (NOON - MINUTE, "1.10", "N")
    made.put(frame("w01018-Rtd=3", at=NOON))
    take(made)
    made.put(frame("w01018-Rtd=4", at=NOON - MINUTE))
    take(made)
    assert newest() == (NOON, "3", None) and Latest.objects.get().value == 3.0


def test_backfill_and_doubtful_times_do_not_move_it(made):
    """S10, S11."""
    made.put(frame("w01018-Rtd=1"))
    made.put(frame("w01018-Rtd=2", at=NOON + MINUTE, more="RF=1;"), frame("w01018-Rtd=3", at="20990101000000"))
    made.put(frame("w01018-Rtd=--", at=NOON + 2 * MINUTE), frame("w01018-Avg=7", cn="2061", at=NOON - 60 * MINUTE))
    take(made)
    assert newest() == (NOON, "1", None) and newest(interval="hour") == (NOON - 60 * MINUTE, "7", None)
    assert len(made.rows()) == 3


def test_a_correction_of_the_newest_counts_and_the_first_value_again_does_not_undo_it(made):
    made.put(frame("w01018-Rtd=1"))
    take(made)
    made.put(frame("w01018-Rtd=2"))
    take(made)
    assert newest()[1] == "2"
    made.put(frame("w01018-Rtd=1"), frame("w01018-Rtd=--"))
    take(made)
    assert newest()[1] == "2"
    made.put(frame("w01018-Rtd=5"), frame("w01018-Rtd=1"))
    take(made)
    assert newest()[1] == "5"
    made.put(frame("w01018-Rtd=6"), frame("w01018-Rtd=5"))
    take(made)
    assert newest()[1] == "6" and [row["rtd"] for row in made.rows()] == [6.0]


def test_rebuilding_gives_the_same(made):
    for n in range(4):
        made.put(frame(f"w01018-Rtd={n};w21003-Rtd={n}", at=NOON - n * MINUTE), frame("w01018-Rtd=8"))
        made.put(frame(f"w01018-Avg={n}", cn="2051", at=NOON - n * timedelta(days=1)))
        take(made)
        made.compact()
    before = list(
        Latest.objects.order_by("interval", "factor").values_list("interval", "factor", "time", "text", "sequence")
    )
    assert Newest(made.store).rebuild() == len(before) == 3
    after = list(
        Latest.objects.order_by("interval", "factor").values_list("interval", "factor", "time", "text", "sequence")
    )
    assert after == before


def test_odd_names_of_senders_stay_in_the_lake_alone(made):
    made.put(frame("w01018-Rtd=1", mn="M" * 65), frame(f"{'f' * 41}-Rtd=1;w01018-Rtd={'9' * 70}"))
    take(made)
    assert [(one.mn, one.factor, one.text) for one in Latest.objects.all()] == []
    assert len(made.rows()) == 3


def test_texts_that_a_database_refuses_stay_in_the_lake_alone(made):
    """PostgreSQL takes no NUL and no text that is too long: one such packet must not stop the taking in for ever."""
    made.put(frame(f"w01018-Rtd=12,w01018-Flag=N\0;w21003-Rtd=3.0,w21003-Flag={'D' * 50};w\x0001-Rtd=3"))
    take(made)
    rows = {row.factor: (row.text, row.flag) for row in Latest.objects.all()}
    assert rows == {"w01018": ("12", "N\ufffd"), "w21003": ("3.0", "D" * 16)}
    assert {row["factor"]: row["flag"] for row in made.rows()} == {
        "w01018": "N\0", "w21003": "D" * 50, "w\x0001": None
    }  # fmt: skip
    made.put(frame("w01018-Rtd=5,w01018-Flag=N", at=NOON + timedelta(minutes=1)))
    take(made)
    assert Latest.objects.get(factor="w01018").text == "5"


def test_a_database_that_fails_leaves_everything_to_come_again(made, monkeypatch):
    made.put(frame("w01018-Rtd=1"))
    ingester = site.ingester(made.store)
    with monkeypatch.context() as patch:
        patch.setattr(Newest, "_write", staticmethod(lambda moved: 1 / 0))
        with pytest.raises(ZeroDivisionError):
            ingester.drain()
    assert made.rows() == []
    take(made)
    assert newest()[1] == "1" and len(made.rows()) == 1


def test_references_to_values(made, place, device):
    made.put(frame("a34004-Rtd=32.60,a34004-Flag=N", mn=STATION))
    made.put(frame("a34004-Rtd=33.0,a34004-Flag=N", mn=STATION), frame("a34004-Rtd=1", mn=MN))
    take(made)
    first, second, stranger = (ref_of(row) for row in made.rows(versions=True))
    assert str(first).startswith(f"lake:{STATION}/a34004/rtd-20260301101500@") and Ref.parse(str(first)) == first
    found = resolve(first, place.east_staff)
    assert (found.excerpt, found.place) == ("rtd 32.60，Flag N", "raw:gw1/1")
    assert found.title.startswith("东县一中") and "2026-03-01 10:15:00" in found.title
    current = Ref("lake", first.key)
    many = resolve_many([first, second, current, stranger, Ref("lake", "x/y/rtd-1")], place.east_staff)
    assert many[str(current)].excerpt == many[str(second)].excerpt == "rtd 33.0，Flag N"
    assert not many[str(stranger)].allowed and not many["lake:x/y/rtd-1"].allowed
    for viewer in (place.west_staff, None):
        assert (resolve(first, viewer).allowed, resolve(first, viewer).excerpt) == (False, "")
    gone = Ref("lake", first.key, version="5")
    assert not resolve(gone, place.east_staff).allowed


def run(*words: str) -> int:
    return main(["lake", *words])


def test_commands(made, tmp_path, capsys):
    made.put(frame("w01018-Rtd=1"), frame("w01018-Rtd=2"))
    assert run("ingest", "--once") == 0 and run("compact", "--whole") == 0 and run("check") == 0
    assert run("status") == 0 and run("status", "--json") == 0
    facts = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert facts["rows"] == 2 and facts["files"] == {"fresh": 0, "current": 1, "superseded": 1}
    assert facts["journals"] == {"gw1": {"taken": 3, "stored": 3, "behind_since": None, "refused": 0}}
    target = tmp_path / "out.csv"
    assert (
        run("export", str(target), "--interval", "rtd", "--from", "2026-03-01", "--to", "2026-03-01", "--mn", MN) == 0
    )
    assert len(target.read_text("utf-8-sig").splitlines()) == 2
    assert run("replay") == 0 and len(made.rows(versions=True)) == 2
    (made.store.data / site.store().newest().files[0].name).unlink()
    assert run("check", "--json") == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])[0]["kind"] == "missing"
    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == [
        "monitoring.lake.export", "monitoring.lake.rebuild",
    ]  # fmt: skip


def test_retention_is_off_by_default_and_journalled_when_it_deletes(made, settings, capsys):
    made.put(frame("w01018-Rtd=1"))
    take(made)
    assert (settings.LAKE_DAYS, settings.RAW_DAYS) == (0, 0)
    assert run("expire") == 0 and len(made.rows()) == 1 and not Entry.objects.exists()
    settings.LAKE_DAYS = 1
    assert run("expire", "--dry-run") == 0 and len(made.rows()) == 1
    assert run("expire") == 0 and site.store().newest().rows == 0
    entry = Entry.objects.get()
    assert (entry.action, entry.ref_kind, json.loads(entry.after)["rows"]) == ("monitoring.lake.end", "lake", 1)
    assert run("check") == 0


@pytest.fixture
def ten_seconds():
    """Waiting for a lock that is never given back fails instead of lasting for ever."""

    def over(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_jobs_beside_the_process_that_takes_in(made, settings, capsys, ten_seconds):
    """It holds its lock as long as it runs; only building again must have it stopped."""
    made.put(frame("w01018-Rtd=1"), frame("w01018-Rtd=1"))
    take(made)
    with made.store.lock("ingest"):
        jobs.compact(SimpleNamespace())
        jobs.finish(SimpleNamespace())
        jobs.retention(SimpleNamespace())
        assert [file.kind for file in site.store().newest().files] == ["current"]
        settings.LAKE_DAYS = 1
        jobs.retention(SimpleNamespace())
        assert site.store().newest().rows == 0
        assert run("replay") == 1 and "须先停止" in capsys.readouterr().err


def test_times_at_the_ends_of_the_calendar_stop_nothing(made):
    """A clock of the year 1 in Beijing is in no year of UTC; such a time is none, and what comes behind it is taken."""
    made.put(frame("w01018-Rtd=1", at="00010101000000"), frame("w01018-Rtd=2", at="0001-01-01 00:00:00"))
    made.put_values({"w01001": {"Avg": 7}}, "0001-01-01T00:00:00")
    made.put_values({"w01001": {"Avg": 7}}, "9999-12-31T23:59:59-08:00")
    made.put(frame("w01018-Rtd=3"))
    take(made)
    assert [row["time"] for row in made.rows("undated")] == [None] * 4
    assert newest() == (NOON, "3", None)


class Ending:
    """An ingester whose process is told to end while it works."""

    def __init__(self, store: Store) -> None:
        self.work = Ingester(store, site.raw_folder(), dict)

    def step(self) -> tuple[int, bool]:
        found = self.work.step()
        signal.raise_signal(signal.SIGTERM)
        return found


def test_taking_in_goes_on_after_trouble_and_ends_on_a_signal(made, monkeypatch):
    made.put(frame("w01018-Rtd=1"))
    troubles = [OSError("no database"), None]

    def ingester(store):
        if (trouble := troubles.pop(0)) is not None:
            raise trouble
        return Ending(store)

    monkeypatch.setattr(site, "ingester", ingester)
    monkeypatch.setattr(commands, "PAUSE", 0.01)
    monkeypatch.setattr(commands, "close_old_connections", lambda: None)
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert run("ingest") == 0
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    assert troubles == [] and len(made.rows()) == 1


def test_a_second_process_is_refused(made, capsys):
    with made.store.lock("ingest"), made.store.lock("compact"):
        assert run("ingest", "--once") == run("compact") == 1
    assert "另一个进程" in capsys.readouterr().err
